"""`dailypapers parse`: print the papers in saved pages, without a store."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import IO, TYPE_CHECKING

import click

from dailypapers.cli.invocation import Invocation, pass_invocation
from dailypapers.cli.log import Log
from dailypapers.cli.options import global_options
from dailypapers.cli.selection import day_of
from dailypapers.ingest.errors import ATTENTION, DONE, FAILED, RefusedFile
from dailypapers.ingest.monitor.status import MAX_REJECTS_SHARE, too_many
from dailypapers.ingest.sources.model import SourceSeries
from dailypapers.ingest.sources.registry import readable
from dailypapers.snapshots.store.layout import Series

if TYPE_CHECKING:
    from dailypapers.parsers import Parsed


_PATH = click.Path(exists=True, allow_dash=True, path_type=Path)
_STDIN = "standard input"


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=_PATH)
@click.option("--as", "source", required=True, metavar="SOURCE", help="Source that the pages come from.")
@click.option("--day", metavar="DAY", help="Day of the listing, for pages that do not say it.")
@click.option("--rejects", metavar="FILE", type=click.File("wb", lazy=False), help="Write rejected items to this file.")
@global_options
@pass_invocation
def command(
    invocation: Invocation, files: tuple[Path, ...], source: str, day: str | None, rejects: IO[bytes] | None
) -> int:
    """Print the papers in saved pages as JSON lines; FILE may be - for standard input. Nothing is stored."""
    from dailypapers.ingest.importer.scan import parsed_pages

    listing = readable(source)
    source_series = SourceSeries(
        listing, Series(listing.name), listing.endpoint(invocation.settings.environment.hf_endpoint)
    )
    page_day = day_of(day, invocation.settings.clock.today()) if day else None
    refused: list[RefusedFile] = []
    unreadable = rejected = items = 0
    for path in files:
        with _as_file(path) as file:
            refuse = partial(_refuse, invocation.log, file, refused)
            try:
                pages = parsed_pages(source_series, file, page_day, refuse)
                counts = _print_file(invocation.log, pages, file, rejects)
            except RefusedFile as error:
                refuse(error)
                unreadable += 1
            else:
                items, rejected = items + counts[0], rejected + counts[1]
    if unreadable == len(files):
        return FAILED
    return ATTENTION if refused or too_many(rejected, items, MAX_REJECTS_SHARE) else DONE


@contextmanager
def _as_file(path: Path) -> Iterator[Path]:
    """The file, or a copy of standard input: a WARC is read more than once."""
    if str(path) != "-":
        yield path
        return
    from shutil import copyfileobj
    from tempfile import TemporaryDirectory

    with TemporaryDirectory(prefix="dailypapers-") as folder:
        copy = Path(folder, _STDIN)
        with copy.open("wb") as file:
            copyfileobj(sys.stdin.buffer, file)
        yield copy


def _refuse(log: Log, file: Path, refused: list[RefusedFile], error: RefusedFile) -> None:
    refused.append(error)
    log.warning(f"refused: {_renamed(str(error), file)}")


def _renamed(name: str, file: Path) -> str:
    """The name of a page, without the path of the copy of standard input."""
    return name.replace(str(file), _STDIN) if file.name == _STDIN else name


def _print_file(
    log: Log, pages: Iterator[tuple[str, Parsed]], path: Path, rejects: IO[bytes] | None
) -> tuple[int, int]:
    """Print a file's papers; returns the numbers of its items and rejects."""
    from dailypapers.parsers.model import line

    items = rejected = 0
    for name, parsed in pages:
        for paper in parsed.papers:
            sys.stdout.buffer.write(line(paper) + b"\n")
        items, rejected = items + parsed.items, rejected + len(parsed.rejects)
        _log_problems(log, _renamed(name, path), parsed, rejects)
    sys.stdout.buffer.flush()
    return items, rejected


def _log_problems(log: Log, name: str, parsed: Parsed, rejects: IO[bytes] | None) -> None:
    from dailypapers.parsers.model import reject_line

    for note in parsed.claims.notes:
        log.info(f"{name}: {note}")
    for reject in parsed.rejects:
        if rejects is not None:
            rejects.write(reject_line(reject) + b"\n")
        log.info(f"{name}: item {reject.position} is not a valid paper: {'; '.join(map(str, reject.errors))}")
