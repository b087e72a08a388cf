"""What all tests share: the switch that rewrites expectations, and the folder of real pages."""

import gc
import os
import signal
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import certifi
import pytest

from tests.product import pauses, person, product, site, state  # noqa: F401 - fixtures for every test
from tests.support.hypothesis_examples import use_profile

REVIEW = "written: look at the diff (git diff) and run again without --update-snapshots"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-snapshots",
        action="store_true",
        help="rewrite what tests hold equal to files (fixtures, digests, docs/record.md) and fail the run",
    )


def pytest_configure() -> None:
    """Let signals be tested where they are ignored, which is inherited: in a shell's background, or under nohup.

    And let property tests depend on nothing but their code.
    """
    use_profile()
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
        signal.signal(signal.SIGHUP, signal.SIG_DFL)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """Look for garbage among the objects of the tests only: the modules and tests live as long as the process."""
    gc.disable()
    yield
    gc.freeze()
    gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Examples by the hundred come last, so that a mistake is found by the cheapest test that finds it."""
    items.sort(key=lambda item: item.get_closest_marker("hypothesis") is not None)


def pytest_sessionfinish(session: pytest.Session) -> None:
    if session.config.getoption("--update-snapshots"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if config.getoption("--update-snapshots"):
        terminalreporter.write_line(REVIEW, red=True)


@pytest.fixture(scope="session", autouse=True)
def no_authorities() -> Iterator[None]:
    """Load none of the authorities of the web, which takes httpx 20 ms for each client: all servers are on loopback."""
    real, bundles = ssl.create_default_context, {certifi.where(), os.environ.get("SSL_CERT_FILE")} - {None}

    def context(*args: Any, cafile: str | None = None, **options: Any) -> ssl.SSLContext:
        if cafile in bundles:
            return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        return real(*args, cafile=cafile, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ssl, "create_default_context", context)
        yield


@pytest.fixture(scope="session", autouse=True)
def no_waits_for_the_disk() -> Iterator[None]:
    """Wait for no disk, which takes longer than all else a test does: no test of this process cuts the power.

    What is synced, and in which order, is tested where `os.fsync` is replaced; processes that are started call it.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda _: None)
        yield


@pytest.fixture(scope="session")
def update_snapshots(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--update-snapshots"))


@pytest.fixture(scope="session")
def captures() -> Path:
    """The folder of real pages, which are not ours to publish."""
    folder = os.environ.get("DAILYPAPERS_CAPTURES")
    if not folder:
        pytest.skip("DAILYPAPERS_CAPTURES names no folder of captured pages")
    return Path(folder)
