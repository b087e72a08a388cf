"""Fixtures for the tests of schedules."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cron.bench import Bench


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    """A scheduler's folder, with a clock that the test sets."""
    made = Bench(tmp_path)
    yield made
    for process in made.started:
        process.kill()
        process.communicate()
