"""Libraries that only some commands need, each installed with an extra; the options that choose the workers."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, TypeVar

import click

from dailypapers.ingest.errors import UsageError

if TYPE_CHECKING:
    from dailypapers.ingest.build.workers import Workers


def require_extra(extra: str, module: str, command: str) -> None:
    """Raises UsageError, with the line that installs the extra, if its module is not there."""
    if find_spec(module) is None:
        # By the interpreter's own name: under pipx, a plain `pip` installs elsewhere.
        import shlex

        install = f"{shlex.quote(sys.executable)} -m pip install 'dailypapers[{extra}]'"
        raise UsageError(f"{command} needs {module}; install it with: {install}")


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
