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
from ingest.errors import UsageError
from snapshots.store.atomic import write_whole

from .jobs_file import file_option, jobs_path, read_jobs

if TYPE_CHECKING:
    from ingest.cron.config.jobs import Jobs
    from ingest.cron.export.call import Call


@click.command("export")
@click.argument("target", type=click.Choice(["crontab", "systemd", "kubernetes"]))
@click.option(
    "--to",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Write systemd's units here.",
)
@click.option("--image", metavar="IMAGE", help="The image for Kubernetes; default: dailypapers:VERSION.")
@file_option
@global_options
@pass_invocation
def command(invocation: Invocation, target: str, folder: Path | None, image: str | None) -> None:
    """Print the jobs for a crontab, as systemd timers and services, or as Kubernetes CronJobs.

    What the target cannot express is an error or a comment. Crontab and systemd call `dailypapers cron run JOB`, with
    this store and this file.
    """
    if folder is not None and target != "systemd":
        raise UsageError("--to is for systemd, whose units are files; redirect the output of the others: > FILE")
    if image is not None and target != "kubernetes":
        raise UsageError("--image is for kubernetes; the others call the program that is installed here")
    settings, log = invocation.settings, invocation.log
    jobs = read_jobs()
    _report_missing_variables(log, jobs)
    if folder is not None:
        _write(log, _units(settings, jobs), folder)
    else:
        click.echo(_text(settings, jobs, target, image), nl=False)


def _text(settings: Settings, jobs: Jobs, target: str, image: str | None) -> str:
    from ingest.cron.export.crontab import crontab
    from ingest.cron.export.kubernetes import manifests

    now = settings.clock.now()
    if target == "crontab":
        return crontab(jobs, _call(settings), now)
    if target == "kubernetes":
        return manifests(jobs, image or f"dailypapers:{version('dailypapers')}", now)
    return "\n".join(f"# {name}\n{text}" for name, text in _units(settings, jobs).items())


def _units(settings: Settings, jobs: Jobs) -> Mapping[str, str]:
    from ingest.cron.export.systemd import units

    return units(jobs, _call(settings), settings.clock.now())


def _call(settings: Settings) -> Call:
    from ingest.cron.export.call import Call, program

    has_own_state = settings.environment.state or settings.environment.xdg_state_home
    state = settings.state_folder.absolute() if has_own_state else None
    return Call(program(), settings.root.absolute(), jobs_path().absolute(), state)


def _report_missing_variables(log: Log, jobs: Jobs) -> None:
    from ingest.cron.export.call import missing_variables

    names = missing_variables(jobs, os.environ)
    if names:
        log.info(f"set here, but not for the jobs: {', '.join(names)}; add those they need to `env:` of each job")


def _write(log: Log, units: Mapping[str, str], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in units.items():
        write_whole(folder / name, text.encode())
        click.echo(folder / name)
    timers = " ".join(name for name in units if name.endswith(".timer"))
    log.info(f"next: systemctl daemon-reload && systemctl enable --now {timers} (with --user for your own units)")
    written = {path.name for path in folder.glob("dailypapers-*.*") if path.suffix in {".service", ".timer"}}
    old = sorted(written - units.keys())
    if old:
        log.info(f"from an earlier export, and no longer jobs: {', '.join(old)}; disable and remove them")
