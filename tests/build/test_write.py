"""What becomes of each day that is built and written: as it was built ahead, built again, or why not."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from dailypapers.ingest.build import write
from dailypapers.ingest.build.day import build_day
from dailypapers.ingest.build.parallel import build_and_write_all
from dailypapers.ingest.build.staleness import damaged_files, is_stale, warn_if_damaged
from dailypapers.ingest.build.workers import local_workers
from dailypapers.ingest.build.write import BuiltDay, DayResult, build_ahead, build_and_write, isolated, write_days
from dailypapers.ingest.errors import IngestError
from dailypapers.ingest.plan.inventory import StoredDay, load_day
from dailypapers.ingest.sources.model import SourceDay
from dailypapers.ingest.sources.registry import SOURCES
from dailypapers.snapshots.store.layout import Store
from dailypapers.snapshots.writer import Snapshot
from tests.papersite import PaperSite, switches
from tests.product import BUSY, DAY, NOW, SERIES
from tests.support.changed_parsers import set_version
from tests.support.scripted_month import pointed_at, run_command

SOURCE_DAY = SourceDay(SOURCES["hf-daily"], SERIES, DAY)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with a day of two fetches and a reject."""
    folder = tmp_path_factory.mktemp("written")
    bad = switches.bad_item(f"/api/daily_papers?date={DAY}")
    with PaperSite(seed=1, now=NOW, sizes={DAY: 12}, switches=[bad]) as site, pointed_at(site, folder):
        for hours in (0, 2):
            run_command(folder / "store", NOW + timedelta(hours=hours), "run", "--day", f"{DAY}")
    return folder / "store"


@pytest.fixture
def store(written: Path, tmp_path: Path) -> Store:
    """A copy of it."""
    shutil.copytree(written, tmp_path / "store")
    return Store(tmp_path / "store")


def load(store: Store) -> StoredDay:
    return load_day(store, SOURCE_DAY)


def built(store: Store) -> Snapshot:
    snapshot = build_day(load(store))
    assert snapshot is not None
    return snapshot


def archives(store: Store) -> list[Path]:
    return store.archives(SERIES, DAY)


@pytest.fixture
def builds(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """The options of each build, in order."""
    noted: list[dict[str, Any]] = []

    def build(stored: StoredDay, **options: Any) -> Snapshot | None:
        noted.append({name: value for name, value in options.items() if value})
        return build_day(stored, **options)

    monkeypatch.setattr(write, "build_day", build)
    return noted


def test_no_days_are_no_work(tmp_path: Path) -> None:
    assert write_days(Store(tmp_path / "store"), []) == []
    assert not (tmp_path / "store").exists()


def test_a_day_that_was_built_ahead_is_written_as_it_was_built(store: Store, builds: list[dict[str, Any]]) -> None:
    content = store.papers(SERIES, DAY).read_bytes()
    shutil.rmtree(store.root / "snapshots")
    ahead = build_ahead(load(store))
    assert (ahead.source_day, ahead.files, ahead.synced, ahead.prepared) == (SOURCE_DAY, load(store).files, False, None)
    (result,) = write_days(store, [ahead])
    assert (len(builds), result.built, result.failed, result.skipped) == (1, ahead.snapshot, None, None)
    assert result.report is not None
    assert (result.report.new, result.report.total) == (12, 12)
    assert store.papers(SERIES, DAY).read_bytes() == content


def test_a_day_whose_files_changed_meanwhile_is_built_again(store: Store, builds: list[dict[str, Any]]) -> None:
    ahead = build_ahead(load(store))
    content = archives(store)[1].read_bytes()
    archives(store)[1].unlink()
    archives(store)[0].with_name("20251219T150000Z-00000000.warc.gz").write_bytes(content)
    store.certificate(SERIES, DAY).unlink()
    (result,) = write_days(store, [ahead])
    assert len(builds) == 2
    assert result.built is not None
    assert [fetch["file"][:16] for fetch in result.built.certificate["fetches"]] == [
        "20251219T120000Z", "20251219T150000Z"
    ]  # fmt: skip


@pytest.mark.parametrize("accept_loss", [False, True])
def test_a_damaged_archive_fails_its_day_unless_the_loss_is_accepted(
    store: Store, builds: list[dict[str, Any]], accept_loss: bool
) -> None:
    lost = archives(store)[1]
    lost.write_bytes(b"rubbish")
    (result,) = write_days(store, [BuiltDay(SOURCE_DAY)], accept_loss=accept_loss)
    assert builds == [{"accept_loss": True}] if accept_loss else [{}]
    if accept_loss:
        assert result.built is not None
        assert result.built.certificate["lost"] == [lost.name]
    else:
        assert (result.built, result.report) == (None, None)
        assert (result.failed or "").startswith(f"{lost}: damaged archive (")
        assert (result.failed or "").endswith(", or build without it: dailypapers build --accept-loss")


def test_an_accepted_loss_is_built_once(store: Store, builds: list[dict[str, Any]]) -> None:
    """A day that could not be built ahead would be built a second time under the lock."""
    archives(store)[1].write_bytes(b"rubbish")
    with local_workers(1) as workers:
        (result,) = build_and_write_all(store, [SOURCE_DAY], workers, accept_loss=True)
    assert result.built is not None
    assert builds == [{"accept_loss": True}]


def test_a_day_without_any_whole_archive_says_how_to_begin_again(store: Store) -> None:
    for path in archives(store):
        path.write_bytes(b"rubbish")
    result = build_and_write(store, SOURCE_DAY)
    certificate = store.certificate(SERIES, DAY)
    assert (result.failed or "").startswith(f"{archives(store)[0]}: damaged archive (")
    assert (result.failed or "").endswith(
        f"; else remove it and {certificate}, and dailypapers run hf-daily --day {DAY} fetches the day again, if the "
        "site still has it"
    )


def test_a_missing_archive_is_named_with_the_certificate_that_names_it(store: Store) -> None:
    path = archives(store)[0]
    path.unlink()
    named = f"{path}: missing archive, named by the certificate of {DAY}"
    assert (build_and_write(store, SOURCE_DAY).failed or "").startswith(f"{named}; restore it from a copy")
    certificate = store.certificate(SERIES, DAY)
    certificate.write_bytes(certificate.read_bytes() + b" ")
    assert (build_and_write(store, SOURCE_DAY).failed or "").startswith(
        f"{named}, which was changed after it was written: {certificate}; restore one of them from a copy"
    )


def test_a_day_that_was_never_fetched_fails(store: Store) -> None:
    never = SourceDay(SOURCES["hf-daily"], SERIES, BUSY)
    assert build_and_write(store, never) == DayResult(SERIES, BUSY, failed="nothing was ever fetched of it")
    assert build_ahead(load_day(store, never)).snapshot is None


def test_a_bug_fails_its_day_and_what_ends_a_command_is_raised() -> None:
    def bug() -> None:
        raise KeyError("x")

    result = isolated(SOURCE_DAY, bug)
    assert result is not None
    assert (result.series, result.day, result.failed) == (SERIES, DAY, "a bug in dailypapers (KeyError: 'x')")
    assert result.crash is not None
    assert "in bug" in result.crash.traceback
    for error in (OSError("full"), IngestError("wrong")):

        def end(error: Exception = error) -> None:
            raise error

        with pytest.raises(type(error)):
            isolated(SOURCE_DAY, end)


def test_a_day_is_fruitless_that_brought_nothing(store: Store) -> None:
    assert DayResult(SERIES, DAY, failed="refused").fruitless
    assert not DayResult(SERIES, DAY, skipped="another process").fruitless
    snapshot = built(store)
    fetches = snapshot.certificate["fetches"]

    def result(*views: dict[str, Any]) -> DayResult:
        newest: Any = fetches[-1] | {"views": [fetches[-1]["views"][0] | view for view in views]}
        certificate: Any = snapshot.certificate | {"fetches": [*fetches[:-1], newest]}
        return DayResult(SERIES, DAY, replace(snapshot, certificate=certificate))

    failed, partly, fine = {"failed": "404", "papers": 0}, {"failed": "404", "papers": 3}, {"failed": None, "papers": 0}
    assert [result(*views).fruitless for views in ((failed, failed), (failed, partly), (failed, fine), (partly,))] == [
        True, False, False, False
    ]  # fmt: skip


def test_a_day_that_is_as_it_was_built_is_neither_stale_nor_damaged(store: Store) -> None:
    stored = load(store)
    assert not is_stale(stored)
    assert damaged_files(stored) == []
    assert not warn_if_damaged(stored)


@pytest.mark.parametrize("kind", ["papers", "rejects", "metrics"])
def test_a_derived_file_of_another_size_is_stale_and_one_of_other_bytes_is_damaged(
    store: Store, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    path = store.derived(SERIES, DAY)[kind]
    content = path.read_bytes()
    path.write_bytes(content[:-2] + b"?\n")
    assert not is_stale(load(store))
    assert damaged_files(load(store)) == [path]
    assert warn_if_damaged(load(store))
    assert caplog.messages == [f"{path} is not the file that was built; it is rebuilt"]
    path.write_bytes(content + b"\n")
    assert is_stale(load(store))
    path.unlink()
    assert is_stale(load(store))
    assert damaged_files(load(store)) == [path]


def test_a_day_is_stale_whose_archives_parsers_or_certificate_are_others(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate, archive = store.certificate(SERIES, DAY), archives(store)[1]
    content, whole = certificate.read_bytes(), archive.read_bytes()
    certificate.write_bytes(content.replace(b'"papers": 12', b'"papers": 13'))
    assert damaged_files(load(store)) == [certificate]
    certificate.unlink()
    assert (is_stale(load(store)), damaged_files(load(store))) == (True, [])
    certificate.write_bytes(content)
    for change in (archive.unlink, lambda: archive.write_bytes(whole + b"\0")):
        change()
        store.papers(SERIES, DAY).write_bytes(b"")
        assert (is_stale(load(store)), damaged_files(load(store))) == (True, [])
    archive.write_bytes(whole)
    set_version(monkeypatch, "hf_html", 99)
    assert (is_stale(load(store)), damaged_files(load(store))) == (True, [])


def test_a_lost_archive_that_is_back_makes_its_day_stale(store: Store) -> None:
    lost = archives(store)[1]
    content = lost.read_bytes()
    lost.write_bytes(b"rubbish")
    write_days(store, [BuiltDay(SOURCE_DAY)], accept_loss=True)
    assert not is_stale(load(store))
    lost.write_bytes(b"other rubbish")
    assert not is_stale(load(store))
    lost.write_bytes(content)
    assert is_stale(load(store))
