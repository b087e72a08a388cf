"""How often a run opens the files of a day: counted by an audit hook, so that no way of opening escapes."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from tests.papersite import PaperSite
from tests.product import DAY, NOW, SERIES, Product

_counters: list[Counter[Path]] = []


def _count(event: str, arguments: tuple[object, ...]) -> None:
    if event == "open" and _counters and isinstance(arguments[0], str | bytes | os.PathLike):
        _counters[-1][Path(os.fsdecode(arguments[0]))] += 1


# A hook cannot be removed; without a counter it does nothing.
sys.addaudithook(_count)


@contextmanager
def opens() -> Iterator[Counter[Path]]:
    """Counts how often each file is opened, also for writing."""
    _counters.append(Counter())
    try:
        yield _counters[-1]
    finally:
        _counters.pop()


def test_a_run_opens_the_certificate_of_its_day_twice(product: Product, site: PaperSite) -> None:
    product("run", "--day", f"{DAY}")
    certificate, (archive,) = product.store.certificate(SERIES, DAY), product.archives()
    with opens() as files:
        assert product("run", "--day", f"{DAY}", now=NOW + timedelta(hours=2)).status == 0
    assert len(product.certificate()["fetches"]) == 2
    # For the plan, and again under the lock of the day.
    assert files[certificate] == 2
    # For what the fetch may refer to; the build reads neither it nor the new one again.
    assert files[archive] == 1
    assert sum(count for path, count in files.items() if path.suffix == ".gz") == 1


def test_a_run_that_is_due_opens_it_as_often(product: Product, site: PaperSite) -> None:
    product("run", "--day", f"{NOW.date()}")
    with opens() as files:
        assert product("run", now=NOW + timedelta(hours=4)).status == 0
    assert files[product.store.certificate(SERIES, NOW.date())] == 2


def test_a_first_run_opens_no_certificate_that_is_not_there_twice(product: Product, site: PaperSite) -> None:
    with opens() as files:
        product("run", "--day", f"{DAY}")
    assert files[product.store.certificate(SERIES, DAY)] == 1
