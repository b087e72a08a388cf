"""How often a run opens the files of a day: counted by an audit hook, so that no way of opening escapes."""

from __future__ import annotations

import os
import shutil
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
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
    """The files of days that two runs of this day have found up to date."""
    product("run", "--day", f"{NOW.date()}")
    assert product("backfill", "hf-daily", "--since", f"{OLD[0]}", "--until", f"{OLD[-1]}").status == 0
    for _ in range(2):
        product("run", now=LATER)
    store = product.store
    return [path for day in OLD for path in (*store.derived(SERIES, day).values(), store.certificate(SERIES, day))]


def opened(product: Product, now: datetime = LATER) -> set[date]:
    """The old days of which a run opens the certificate."""
    with opens() as files:
        product("run", now=now)
    return {day for day in OLD if files[product.store.certificate(SERIES, day)]}


def test_a_run_opens_no_file_of_days_that_did_not_change(product: Product, old_days: list[Path]) -> None:
    with opens() as files:
        product("run", now=LATER)
    assert not any(files[path] for path in (*old_days, *(path for day in OLD for path in product.archives(day))))


def test_a_run_opens_a_day_once_any_of_its_files_changes(product: Product, old_days: list[Path]) -> None:
    first, second, third, _ = OLD
    certificate, papers = product.store.certificate(SERIES, first), product.store.papers(SERIES, second)
    certificate.write_bytes(certificate.read_bytes())
    os.utime(certificate, ns=(1, 1))
    papers.unlink()
    (archive,) = product.archives(third)
    shutil.copy(archive, archive.with_name(f"copy-{archive.name}"))
    before = product.certificate(third)
    assert opened(product) == {first, second, third}
    assert papers.exists()
    assert len(product.certificate(third)["fetches"]) == len(before["fetches"]) + 1


def test_an_archive_that_was_cut_where_it_is_is_found_by_the_first_run_of_the_next_day(
    product: Product, old_days: list[Path]
) -> None:
    (archive,) = product.archives(OLD[0])
    os.truncate(archive, 100)
    assert "damaged archive" in product("run", now=NOW + timedelta(days=1)).err


@pytest.mark.parametrize("content", [None, b"", b"rubbish\nrubbish\n", "flip"])
def test_what_is_remembered_may_be_lost_or_damaged(
    product: Product, old_days: list[Path], content: bytes | str | None
) -> None:
    (path,) = state_files()
    remembered = path.read_bytes()
    if content is None:
        path.unlink()
    else:
        path.write_bytes(content if isinstance(content, bytes) else remembered[:-1] + b"x")
    assert opened(product) == set(OLD)
    assert path.read_bytes() == remembered
    assert opened(product) == set()


def test_what_is_remembered_may_not_be_writable(product: Product, old_days: list[Path]) -> None:
    (path,) = state_files()
    path.unlink()
    path.mkdir()
    (path / "in it").touch()
    result = product("run", now=LATER)
    assert (result.status, "the next run takes longer" in result.err) == (0, True)


def state_files() -> list[Path]:
    return list(Path(os.environ["DAILYPAPERS_STATE"], "days").iterdir())
