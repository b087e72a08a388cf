"""What the tests of schedules share."""

from pathlib import Path

import pytest

from tests.cron.bench import Bench


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    """A scheduler's folder, with a clock of the test's own."""
    return Bench(tmp_path)
