"""`dailypapers cron export`: the jobs for another scheduler."""

from __future__ import annotations

import os
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dailypapers.cli.invocation import Invocation, pass_invocation
from dailypapers.cli.log import Log
from dailypapers.cli.options import global_options
from dailypapers.cli.settings import Settings
from dailypapers.ingest.errors import UsageError
from dailypapers.snapshots.store.atomic import write_whole

from .jobs_file import file_option, jobs_path, read_jobs

if TYPE_CHECKING:
    from .export_program import Call


@click.command("export")
@click.argument("target", type=click.Choice(["crontab", "systemd", "kubernetes"]))
@click.option(
    "--to",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Folder for systemd's units.  [default: print them]",
)
@click.option("--image", metavar="IMAGE", help="Image for Kubernetes.  [default: dailypapers:VERSION]")
@file_option
@global_options
@pass_invocation
def export_command(invocation: Invocation, target: str, folder: Path | None, image: str | None) -> None:
    """Print the jobs for a crontab, as systemd timers and services, or as Kubernetes CronJobs.

    What the target cannot express is an error or a comment. Crontab and systemd call `dailypapers cron run JOB`, with
    this store and this file.
    """
    from . import export_crontab as crontab
    from . import export_kubernetes as kubernetes
    from . import export_systemd as systemd
    from .export_program import missing_variables

    if folder is not None and target != "systemd":
        raise UsageError("--to is for systemd, whose units are files; redirect the output of the others: > FILE")
    if image is not None and target != "kubernetes":
        raise UsageError("--image is for kubernetes; the others call the program that is installed here")
    log, now, jobs = invocation.log, invocation.settings.clock.now(), read_jobs()
    names = missing_variables(jobs, os.environ)
    if names:
        log.info(f"set here, but not for the jobs: {', '.join(names)}; add those they need to `env:` of each job")
    if target == "kubernetes":
        image = image or f"dailypapers:{version('dailypapers')}"
        click.echo(kubernetes.manifests(jobs, image, now), nl=False)
    elif target == "crontab":
        click.echo(crontab.crontab(jobs, _call(invocation.settings), now), nl=False)
    else:
        units = systemd.units(jobs, _call(invocation.settings), now)
        if folder is not None:
            _write(log, units, folder)
        else:
            click.echo("\n".join(f"# {name}\n{text}" for name, text in units.items()), nl=False)


def _call(settings: Settings) -> Call:
    from .export_program import Call, program

    has_own_state = settings.environment.state or settings.environment.xdg_state_home
    state = settings.state_folder.absolute() if has_own_state else None
    return Call(program(), settings.root.absolute(), jobs_path().absolute(), state)


def _write(log: Log, units: Mapping[str, str], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in units.items():
        write_whole(folder / name, text.encode())
        click.echo(folder / name)
    timers = " ".join(name for name in units if name.endswith(".timer"))
    log.info(f"next: systemctl daemon-reload && systemctl enable --now {timers} (with --user for your own units)")
    present = {path.name for path in folder.glob("dailypapers-*.*") if path.suffix in {".service", ".timer"}}
    old = sorted(present - units.keys())
    if old:
        log.info(f"from an earlier export, and no longer jobs: {', '.join(old)}; disable and remove them")
