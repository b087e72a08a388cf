"""Workers of a Dask cluster that shares the store; the one place that imports Dask.

A task whose worker died is run again by another one (https://distributed.dask.org/en/stable/resilience.html).
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Executor, Future
from contextlib import contextmanager
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any, Final, TypeVar

from distributed import Client, KilledWorker

from dailypapers.ingest.errors import IngestError, UsageError, WorkerDied

from .workers import Workers

Result = TypeVar("Result")

_DISTRIBUTION: Final = "dailypapers"

CONNECT_SECONDS: Final = 10
WORKER_SECONDS: Final = 30
"""How long to wait for the first worker of a cluster that has none yet."""

_AHEAD: Final = 4
"""Tasks submitted per thread of the cluster before the first result is taken, ..."""
_MIN_AHEAD: Final = 64
"""... and at least this many, for workers that join later."""


@contextmanager
def dask_workers(address: str) -> Iterator[Workers]:
    """The workers of the cluster whose scheduler listens at an address such as `tcp://10.0.0.1:8786`.

    Raises UsageError for what is not an address, IngestError if the scheduler does not answer, has no worker or has one
    with another version of this program, and WorkerDied if a task killed several workers or the scheduler was lost.
    """
    with _connected(address) as client:
        _check_workers(client, address)
        executor = _Tasks(client)
        try:
            yield Workers(executor, max(_MIN_AHEAD, _AHEAD * sum(client.nthreads().values())), on_cluster=True)
        except KilledWorker as error:
            raise WorkerDied(f"{error}; the logs of the workers say why, often for want of memory") from error
        except CancelledError as error:
            message = f"the scheduler at {address} was lost; run the same command again to continue"
            raise WorkerDied(message) from error
        finally:
            executor.shutdown(wait=False, cancel_futures=True)


@contextmanager
def _connected(address: str) -> Iterator[Client]:
    # Dask prints its warnings to stderr itself; here they go to the log of the command.
    logger = logging.getLogger("distributed")
    logger.handlers.clear()
    logger.setLevel(logging.NOTSET)
    logger.propagate = True
    try:
        # Versions are compared by `_check_workers`, in words.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            client = _client(address)
    except ValueError as error:
        raise UsageError(f"--dask {address}: not an address such as tcp://10.0.0.1:8786 ({error})") from error
    except OSError as error:
        raise IngestError(f"no Dask scheduler answers at {address} ({error}); start one: dask scheduler") from error
    try:
        yield client
    finally:
        client.close()


def _client(address: str) -> Client:
    """Raises OSError also where something accepts the connection and stays silent, for which Dask waits for ever."""
    outcomes: SimpleQueue[Client | Exception] = SimpleQueue()

    def connect() -> None:
        try:
            outcomes.put(Client(address, timeout=CONNECT_SECONDS, set_as_default=False))
        except Exception as error:
            outcomes.put(error)

    Thread(target=connect, daemon=True).start()
    try:
        outcome = outcomes.get(timeout=2 * CONNECT_SECONDS)
    except Empty:
        raise TimeoutError("it accepts connections, but is not a scheduler") from None
    if isinstance(outcome, Exception):
        raise outcome
    return outcome


def _check_workers(client: Client, address: str) -> None:
    try:
        client.wait_for_workers(1, timeout=WORKER_SECONDS)
    except TimeoutError as error:
        raise IngestError(f"the cluster at {address} has no worker; start one: dask worker {address}") from error
    versions: Any = client.get_versions(packages=[_DISTRIBUTION])
    ours = versions["client"]["packages"][_DISTRIBUTION]
    for worker, facts in versions["workers"].items():
        theirs = facts["packages"][_DISTRIBUTION]
        if theirs != ours:
            # Another version may build other bytes.
            has = f"has {_DISTRIBUTION} {theirs}" if theirs else f"does not have {_DISTRIBUTION}"
            wrong = f"the Dask worker {worker} {has}, and this machine {ours}"
            raise IngestError(f"{wrong}; install the same version on every machine")


class _Tasks(Executor):
    """Submits to the cluster; a task is run again each time, though it is equal to an earlier one."""

    def __init__(self, client: Client) -> None:
        self._executor = client.get_executor(pure=False)

    def submit(self, fn: Callable[..., Result], /, *args: Any, **kwargs: Any) -> Future[Result]:  # noqa: ANN401
        future: Future[Result] = self._executor.submit(fn, *args, **kwargs)
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: FBT001, FBT002
        """Dask's own executor cancels if it does not wait."""
        self._executor.shutdown(wait=wait and not cancel_futures)
