"""`dailypapers cron`: the jobs of cron.yaml. All subcommands but `run`, which is in `run.py`."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from datetime import datetime
from heapq import merge
from importlib.metadata import version
from itertools import islice, repeat
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Final

import click
import orjson

from dailypapers.cli.invocation import Invocation, pass_invocation, pass_settings
from dailypapers.cli.lazy_group import LazyGroup
from dailypapers.cli.log import Log
from dailypapers.cli.options import global_options
from dailypapers.cli.output import print_line
from dailypapers.cli.settings import Settings
from dailypapers.ingest.errors import ATTENTION, DONE, UsageError
from dailypapers.snapshots.store.atomic import write_whole

from .jobs_file import file_option, jobs_path, read_jobs, read_jobs_with_lines

if TYPE_CHECKING:
    from .export_program import Call
    from .jobs import Job


@click.command()
@file_option
@global_options
@pass_invocation
def check_command(invocation: Invocation) -> int:
    """Report everything that is wrong in the file, and jobs at hours that a clock change skips or repeats.

    Exit status 1 if there is anything to report.
    """
    from .diagnostics import JobsFileError
    from .export_program import dst_warnings

    path = jobs_path()
    try:
        jobs, document = read_jobs_with_lines()
        lines = [
            f"{path}:{line}: {message}"
            for line, message in dst_warnings(jobs, document, invocation.settings.clock.now())
        ]
    except JobsFileError as error:
        lines = error.lines
    if invocation.settings.json:
        click.echo(orjson.dumps(lines))
    elif lines:
        for line in lines:
            print_line(line)
    else:
        invocation.log.info(f"{path}: no problems found")
    return ATTENTION if lines else DONE


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


NEXT_SLOTS = 3


@click.command("list")
@file_option
@global_options
@pass_settings
def list_command(settings: Settings) -> None:
    """List the jobs and their next times."""
    now = settings.clock.now()
    jobs = read_jobs().jobs
    if settings.json:
        rows = [_row(job, now) for job in jobs]
        click.echo(orjson.dumps(rows, option=orjson.OPT_INDENT_2 | orjson.OPT_UTC_Z))
        return
    for job in jobs:
        print_line(f"{job.name}: dailypapers {job.run}")
        print_line(f"  {job.times.describe()} ({job.schedule}){_describe_limits(job)}")
        print_line(f"  next: {', '.join(job.times.in_zone(slot) for slot in _next_slots(job, now))}")


def _row(job: Job, now: datetime) -> dict[str, object]:
    # Without env and on, which may hold secrets.
    row = job.model_dump(mode="json", exclude_none=True, exclude={"env", "on"})
    return row | {"words": job.times.describe(), "next": _next_slots(job, now)}


def _next_slots(job: Job, now: datetime) -> list[datetime]:
    return list(islice(job.times.slots(now), NEXT_SLOTS))


def _describe_limits(job: Job) -> str:
    from .jobs import format_duration

    limits = {"timeout": job.timeout, "jitter": job.jitter, "catch up": job.catch_up}
    return "".join(f", {name} {format_duration(limit)}" for name, limit in limits.items() if limit)


@click.command("next")
@click.option(
    "-n", "count", type=click.IntRange(1, 10_000), default=5, metavar="N", show_default=True, help="Runs to list."
)
@file_option
@global_options
@pass_settings
def next_command(settings: Settings, count: int) -> None:
    """List the next runs of all jobs in order of time, without jitter."""
    jobs, now = read_jobs().jobs, settings.clock.now()
    runs = merge(*(zip(job.times.slots(now), repeat(number)) for number, job in enumerate(jobs)))
    for slot, number in islice(runs, count):
        job = jobs[number]
        if settings.json:
            row = {"job": job.name, "slot": slot, "run": job.run}
            click.echo(orjson.dumps(row, option=orjson.OPT_UTC_Z))
        else:
            print_line(f"{job.times.in_zone(slot)}  {job.name}: dailypapers {job.run}")


@click.command()
@global_options
def schema_command() -> None:
    """Print the JSON Schema of cron.yaml.

    Save it, and begin cron.yaml with `# yaml-language-server: $schema=cron.schema.json`: an editor then completes and
    checks while you type.
    """
    from .jobs import Jobs

    schema = Jobs.model_json_schema() | {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    click.echo(json.dumps(schema, indent=2))


SUBCOMMANDS: Final = {
    "list": ("cron.commands:list_command", "List the jobs and their next times."),
    "next": ("cron.commands:next_command", "List the next runs of all jobs."),
    "check": ("cron.commands:check_command", "Report everything that is wrong in the file."),
    "run": ("cron.run:command", "Run one job now; without a name, run all jobs when they are due."),
    "export": ("cron.commands:export_command", "Print the jobs for a crontab, systemd or Kubernetes."),
    "schema": ("cron.commands:schema_command", "Print the JSON Schema of the file, for editors."),
}


class _Subcommands(LazyGroup):
    sections: ClassVar = {"Commands": SUBCOMMANDS}


@click.group(cls=_Subcommands)
@file_option
@global_options
def cron_group() -> None:
    """Run commands on the schedules in cron.yaml.

    The file is the one named by --file, else ./cron.yaml, else the default: one job, `run`, every hour.
    """
