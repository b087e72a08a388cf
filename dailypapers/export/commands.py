"""`dailypapers export`: the store as Parquet files, a dataset for `datasets`, DuckDB, pandas and polars."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from dailypapers.cli.extras import open_workers, require_extra, workers_options
from dailypapers.cli.invocation import Invocation, pass_invocation
from dailypapers.cli.json_output import print_json
from dailypapers.cli.options import global_options, sources_argument
from dailypapers.cli.output import format_count, no_days, print_line, require_store
from dailypapers.cli.output_folder import require_output_folder
from dailypapers.cli.selection import named_or_stored_series, open_as_of
from dailypapers.ingest.errors import ATTENTION, DONE, FAILED, IngestError, UsageError
from dailypapers.snapshots.store.layout import Series, Store

if TYPE_CHECKING:
    from .export import ExportResult

Task = TypeVar("Task")
Made = TypeVar("Made")


@click.command()
@sources_argument
@click.option("--query", metavar="TEXT", help="Only the search with this query.")
@click.option(
    "--out",
    "folder",
    type=click.Path(path_type=Path),
    metavar="DIR",
    required=True,
    help="Folder of the export: a new one, or an earlier export.",
)
@click.option("--as-of", metavar="TIME", help="The days as they were at this time, e.g. 2025-12-08T10:00:00Z.")
@workers_options
@global_options
@pass_invocation
def command(
    invocation: Invocation,
    sources: tuple[str, ...],
    query: str | None,
    folder: Path,
    as_of: str | None,
    jobs: int | None,
    dask: str | None,
) -> int:
    """Write papers, certificates and metrics as Parquet files, with a dataset card and views for DuckDB.

    The folder then holds the sources named (default: all that are stored) and no others. Files of which no day changed
    are not written again.
    """
    require_extra("parquet", "pyarrow", "export")
    if as_of is not None and dask is not None:
        raise UsageError(
            "--as-of makes its store on this machine, where no worker of --dask finds it: use one of the two"
        )
    store = Store(invocation.settings.root)
    require_store(store)
    require_output_folder(folder, store, "export")
    selected = named_or_stored_series(store, sources, query)
    with open_as_of(invocation, store, selected, as_of) as opened:
        all_series = [source_series.series for source_series in selected]
        if not any(opened.store.days_with_snapshots(series) for series in all_series):
            raise no_days(store) if as_of is None else IngestError(f"no day in {store.root} was fetched before {as_of}")
        status = _export(invocation, opened.store, all_series, folder, jobs, dask)
        return status if status != DONE or not opened.missing else ATTENTION


def _export(
    invocation: Invocation, store: Store, all_series: list[Series], folder: Path, jobs: int | None, dask: str | None
) -> int:
    from dailypapers.ingest.build.workers import in_order

    from .export import export

    def run(work: Callable[[Task], Made], tasks: Sequence[Task]) -> Generator[Made, None, None]:
        with open_workers(len(tasks), jobs, dask) as workers, closing(in_order(work, tasks, workers)) as results:
            yield from results

    result = export(store, all_series, folder, run, on_cluster=dask is not None)
    for problem in result.failed:
        invocation.log.warning(f"{problem}; the files of its month are as the export before left them")
    _show(invocation, result, folder)
    if result.failed and not result.tables:
        return invocation.log.fail("no day could be exported", FAILED)
    return ATTENTION if result.failed else DONE


def _show(invocation: Invocation, result: ExportResult, folder: Path) -> None:
    settings = invocation.settings
    if settings.json:
        print_json({"folder": str(folder), "files": result.files, "written": result.written, "failed": result.failed})
    elif not settings.quiet:
        print_line(f"{folder}: {format_count(result.files, 'file')}, {result.written} of them written")
