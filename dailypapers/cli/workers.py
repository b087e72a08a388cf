"""Who does the work of a command that many days share: processes of this machine, or a cluster."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import click

from dailypapers.ingest.errors import UsageError

from .extras import require_extra

if TYPE_CHECKING:
    from dailypapers.ingest.build.workers import Workers

Decorated = TypeVar("Decorated", bound=Callable[..., Any])


def workers_options(function: Decorated) -> Decorated:
    """Adds --jobs and --dask, the parameters `jobs` and `dask`."""
    function = click.option(
        "--dask", metavar="ADDRESS", help="Use the workers of this Dask scheduler, which share the store."
    )(function)
    return click.option(
        "--jobs", type=click.IntRange(1, 256), metavar="N", help="Number of processes.  [default: one per core]"
    )(function)


@contextmanager
def open_workers(items: int, jobs: int | None, dask: str | None) -> Iterator[Workers]:
    """The workers for a number of items, as the options say.

    Raises UsageError if Dask is not installed, or both options are given.
    """
    if dask is not None and jobs is not None:
        raise UsageError("--jobs is for processes of this machine and --dask for a cluster: use one of the two")
    if dask is not None:
        require_extra("dask", "distributed", "--dask")
    if dask is None or not items:
        from dailypapers.ingest.build.workers import local_workers

        with local_workers(items, jobs) as workers:
            yield workers
        return
    from dailypapers.ingest.build.dask_pool import dask_workers

    with dask_workers(dask) as workers:
        yield workers
