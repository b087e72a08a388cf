"""What the tests of schedules share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cron.bench import Bench


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    """A scheduler's folder, with a clock of the test's own."""
    made = Bench(tmp_path)
    yield made
    for process in made.started:
        process.kill()
        process.communicate()
