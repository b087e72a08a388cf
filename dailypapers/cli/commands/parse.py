"""`dailypapers parse`: records on stdout, no store."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import IO, TYPE_CHECKING

import click

from dailypapers.cli.invocation import Invocation, pass_invocation
from dailypapers.cli.log import Log
from dailypapers.cli.options import global_options
from ingest.clock import parse_day
from ingest.errors import RefusedFile
from ingest.exit_status import ATTENTION, DONE, FAILED
from ingest.monitor.rejects import REJECTS_SHARE, too_many
from ingest.sources.model import SourceSeries
from ingest.sources.registry import readable
from snapshots.store.layout import Series

if TYPE_CHECKING:
    from parsers import Parsed


_PATH = click.Path(exists=True, allow_dash=True, path_type=Path)
_STDIN = "standard input"


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=_PATH)
@click.option("--as", "source", required=True, metavar="SOURCE", help="The source that the pages come from.")
@click.option("--day", metavar="DAY", help="The day that they list, where they do not say it.")
@click.option(
    "--rejects", metavar="FILE", type=click.File("wb", lazy=False), help="Write items that are no valid papers here."
)
@global_options
@pass_invocation
def command(
    invocation: Invocation, files: tuple[Path, ...], source: str, day: str | None, rejects: IO[bytes] | None
) -> int:
    """Read saved pages and print their papers as JSON lines; FILE may be - for standard input. Nothing is stored."""
    listing = readable(source)
    source_series = SourceSeries(
        listing, Series(listing.name), listing.endpoint(invocation.settings.environment.hf_endpoint)
    )
    said = parse_day(day) if day else None
    refused = rejected = items = 0
    for path in files:
        try:
            with _on_disk(path) as file:
                found = _print_file(invocation.log, source_series, file, said, rejects)
        except RefusedFile as error:
            refused += 1
            invocation.log.warning(f"refused: {error}")
        else:
            items, rejected = items + found[0], rejected + found[1]
    if refused == len(files):
        return FAILED
    return ATTENTION if refused or too_many(rejected, items, REJECTS_SHARE) else DONE


@contextmanager
def _on_disk(path: Path) -> Iterator[Path]:
    """The file, or what comes on standard input as one: a WARC is read more than once."""
    if str(path) != "-":
        yield path
        return
    from shutil import copyfileobj
    from tempfile import TemporaryDirectory

    with TemporaryDirectory(prefix="dailypapers-") as folder:
        copy = Path(folder, _STDIN)
        with copy.open("wb") as file:
            copyfileobj(sys.stdin.buffer, file)
        try:
            yield copy
        except RefusedFile as error:
            raise RefusedFile(str(error).replace(str(copy), _STDIN)) from error


def _print_file(
    log: Log, source_series: SourceSeries, path: Path, day: date | None, rejects: IO[bytes] | None
) -> tuple[int, int]:
    """Print a file's papers; give the numbers of its items and rejects."""
    from ingest.importer.scan import parsed_pages
    from parsers.model import line

    items = rejected = 0
    for name, parsed in parsed_pages(source_series, path, day):
        for paper in parsed.papers:
            sys.stdout.buffer.write(line(paper) + b"\n")
        items, rejected = items + parsed.items, rejected + len(parsed.rejects)
        _report(log, name.replace(str(path), _STDIN) if path.name == _STDIN else name, parsed, rejects)
    sys.stdout.buffer.flush()
    return items, rejected


def _report(log: Log, name: str, parsed: Parsed, rejects: IO[bytes] | None) -> None:
    from parsers.model import reject_line

    for note in parsed.claims.notes:
        log.info(f"{name}: {note}")
    for reject in parsed.rejects:
        if rejects is not None:
            rejects.write(reject_line(reject) + b"\n")
        said = "; ".join(map(str, reject.errors))
        log.info(f"{name}: item {reject.position} is no valid paper: {said}")
