"""The sites that the tests in this folder share."""

from collections.abc import Iterator

import pytest

from tests.papersite.reading import BUSY
from tests.papersite.site import PaperSite


@pytest.fixture(scope="package")
def site() -> Iterator[PaperSite]:
    with PaperSite(seed=1, sizes={BUSY: 130}) as running:
        yield running


@pytest.fixture(scope="package")
def old() -> Iterator[PaperSite]:
    with PaperSite(seed=1, era=2024) as running:
        yield running
