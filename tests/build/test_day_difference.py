"""What a build would change of one day, as a value."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from dailypapers.ingest.build import diff
from dailypapers.ingest.build.day import build_day
from dailypapers.ingest.build.diff import DayDifference, day_difference
from dailypapers.ingest.plan.inventory import StoredDay
from dailypapers.ingest.sources.model import SourceDay
from dailypapers.ingest.sources.registry import SOURCES
from dailypapers.snapshots.store.layout import Store
from tests.papersite import PaperSite, switches
from tests.product import BUSY, DAY, SERIES, Product
from tests.support.changed_parsers import fields_of, set_fields, set_version

SOURCE_DAY = SourceDay(SOURCES["hf-daily"], SERIES, DAY)


@pytest.fixture
def store(product: Product, site: PaperSite) -> Store:
    """A store with a day of twelve papers and a reject."""
    site.switches.append(switches.bad_item(f"/api/daily_papers?date={DAY}"))
    product("run", "--day", f"{DAY}")
    return product.store


def difference(store: Store) -> DayDifference:
    return day_difference(store, SOURCE_DAY)


def _without_upvotes(fields: Callable[[Any], dict[str, object]]) -> Callable[[Any], dict[str, object]]:
    return lambda item: fields(item) | {"upvotes": None}


def no_upvotes(monkeypatch: pytest.MonkeyPatch) -> None:
    for parser in ("hf_api", "hf_html"):
        set_fields(monkeypatch, parser, _without_upvotes(fields_of(parser)))


def test_a_day_that_stays_has_no_files_that_change(store: Store) -> None:
    found = difference(store)
    assert (found.series, found.day, found.papers.same) == (SERIES, DAY, 12)
    assert (found.failed, found.files, found.rejects, found.certificate, found.damaged) == (None, (), (0, 0), (), ())
    assert (found.is_new, found.unnoticed, found.crash) == (False, False, None)


def test_a_day_that_was_never_fetched_has_nothing(store: Store) -> None:
    never = SourceDay(SOURCES["hf-daily"], SERIES, BUSY)
    assert day_difference(store, never) == DayDifference(SERIES, BUSY)


def test_a_change_of_a_parser_without_a_version_is_unnoticed(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    no_upvotes(monkeypatch)
    found = difference(store)
    assert found.files == (f"{DAY}.jsonl", f"{DAY}.metrics.jsonl", f"{DAY}.day.json")
    assert (found.papers.changed, found.papers.same, found.unnoticed, found.is_new) == (12, 0, True, False)
    assert "coverage" in found.certificate
    assert not {"files", "checksum"} & {*found.certificate}
    set_version(monkeypatch, "hf_api", 99)
    assert (difference(store).unnoticed, "parsers" in difference(store).certificate) == (False, True)


def test_a_day_without_a_certificate_is_new(store: Store) -> None:
    store.certificate(SERIES, DAY).unlink()
    found = difference(store)
    assert (found.files, found.is_new, found.certificate, found.unnoticed) == ((f"{DAY}.day.json",), True, (), False)
    for path in store.derived(SERIES, DAY).values():
        path.unlink()
    found = difference(store)
    assert (len(found.papers.gained), found.rejects) == (12, (1, 0))


def test_a_damaged_file_is_named_and_is_no_change_of_a_parser(store: Store) -> None:
    path = store.papers(SERIES, DAY)
    path.write_bytes(path.read_bytes().replace(b'"upvotes":', b'"upvotes":1', 1))
    found = difference(store)
    assert (found.files, found.damaged, found.unnoticed) == ((path.name,), (path.name,), False)


def test_rejects_are_compared_without_the_version_of_their_parser(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_version(monkeypatch, "hf_api", 99)
    assert difference(store).rejects == (0, 0)
    path = store.rejects(SERIES, DAY)
    path.write_bytes(path.read_bytes() * 2 + b"not JSON\n[]\n")
    assert difference(store).rejects == (0, 3)
    path.unlink()
    assert difference(store).rejects == (1, 0)


def test_a_damaged_archive_and_a_bug_are_failures_of_the_day(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    (archive,) = store.archives(SERIES, DAY)
    whole = archive.read_bytes()
    archive.write_bytes(whole[:-1])
    found = difference(store)
    assert (found.series, found.day, found.crash) == (SERIES, DAY, None)
    assert (found.failed or "").startswith(f"{archive}: damaged archive (")
    archive.write_bytes(whole)

    def bug(stored: StoredDay) -> Any:
        raise KeyError(stored.source_day.day)

    monkeypatch.setattr(diff, "build_day", bug)
    found = difference(store)
    assert (found.series, found.day) == (SERIES, DAY)
    assert (found.failed or "").startswith("a bug in dailypapers (KeyError: ")
    assert found.crash is not None
    monkeypatch.setattr(diff, "build_day", lambda _: open(archive / "x"))  # noqa: PTH123, SIM115
    with pytest.raises(OSError, match="Not a directory"):
        difference(store)


def test_an_archive_with_other_bytes_that_can_be_read_is_a_failure(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    (archive,) = store.archives(SERIES, DAY)

    def build(stored: StoredDay) -> Any:
        snapshot = build_day(stored)
        assert snapshot is not None
        snapshot.certificate["fetches"][0]["sha256"] = "0" * 64
        return snapshot

    monkeypatch.setattr(diff, "build_day", build)
    assert difference(store).failed == (
        f"{archive}: not the bytes that the certificate names, though every record can be read; restore it from a copy"
    )
    store.certificate(SERIES, DAY).unlink()
    assert difference(store).failed is None
