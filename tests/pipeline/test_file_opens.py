"""How often a run opens the files of a day: counted by an audit hook, so that no way of opening escapes."""

from __future__ import annotations

import os
import shutil
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

import pytest

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


OLD = [date(2025, 10, number) for number in range(6, 10)]
"""Days that no run fetches any more."""
LATER = NOW + timedelta(hours=1)


@pytest.fixture
def old_days(product: Product, site: PaperSite) -> list[Path]:
    """The files of days that are up to date."""
    product("run", "--day", f"{NOW.date()}")
    assert product("backfill", "hf-daily", "--since", f"{OLD[0]}", "--until", f"{OLD[-1]}").status == 0
    product("run", now=LATER)
    store = product.store
    return [path for day in OLD for path in (*store.derived(SERIES, day).values(), store.certificate(SERIES, day))]


def test_a_run_opens_only_the_certificates_of_days_that_did_not_change(product: Product, old_days: list[Path]) -> None:
    with opens() as files:
        product("run", now=LATER)
    certificates = {product.store.certificate(SERIES, day) for day in OLD}
    read = {path for path in (*old_days, *(path for day in OLD for path in product.archives(day))) if files[path]}
    assert read == certificates
    assert all(files[path] == 1 for path in certificates)


def test_a_run_builds_a_day_once_any_of_its_files_changes(product: Product, old_days: list[Path]) -> None:
    first, second, third, _ = OLD
    certificate, papers = product.store.certificate(SERIES, first), product.store.papers(SERIES, second)
    certificate.unlink()
    papers.unlink()
    (archive,) = product.archives(third)
    shutil.copy(archive, archive.with_name(f"copy-{archive.name}"))
    before = product.certificate(third)
    product("run", now=LATER)
    assert certificate.exists()
    assert papers.exists()
    assert len(product.certificate(third)["fetches"]) == len(before["fetches"]) + 1


def test_an_archive_that_was_cut_where_it_is_is_found_by_the_next_run(product: Product, old_days: list[Path]) -> None:
    (archive,) = product.archives(OLD[0])
    os.truncate(archive, 100)
    assert "damaged archive" in product("run", now=LATER).err
