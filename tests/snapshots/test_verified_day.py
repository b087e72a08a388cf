"""The files of a day that its certificate vouches for, while a builder writes and after damage."""

from __future__ import annotations

import threading
from datetime import timedelta
from pathlib import Path

import pytest

from dailypapers.parsers.model import line
from dailypapers.snapshots.certificate import BuiltFile
from dailypapers.snapshots.errors import CertificateError, StoreError
from dailypapers.snapshots.reader import read_day, read_range, verified_day
from dailypapers.snapshots.store.layout import Store
from dailypapers.snapshots.store.locks import building
from tests.support.written_days import DAILY, DAY, paper, write_day


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """A store with one day."""
    written = Store(tmp_path)
    write_day(written, [paper(1), paper(2)])
    return written


def test_a_day_is_its_files(store: Store) -> None:
    verified = verified_day(store, DAILY, DAY)
    assert verified is not None
    assert verified.text == store.certificate(DAILY, DAY).read_bytes()
    assert verified.papers == store.papers(DAILY, DAY).read_bytes()
    assert verified.metrics == store.metrics(DAILY, DAY).read_bytes()
    assert verified.certificate["day"] == f"{DAY}"


def test_a_day_that_was_never_built_is_none(tmp_path: Path) -> None:
    assert verified_day(Store(tmp_path), DAILY, DAY) is None


def test_a_day_without_metrics_has_none(tmp_path: Path) -> None:
    write_day(Store(tmp_path), [paper(1)], metrics=[])
    verified = verified_day(Store(tmp_path), DAILY, DAY)
    assert verified is not None
    assert verified.metrics == b""


@pytest.mark.parametrize("kind", ["papers", "metrics"])
@pytest.mark.parametrize("content", [b"", b"{}\n", None])
def test_a_file_that_is_not_as_it_was_built_is_named(store: Store, kind: str, content: bytes | None) -> None:
    path = store.derived(DAILY, DAY)[kind]
    if content is None:
        path.unlink()
    else:
        path.write_bytes(content)
    with pytest.raises(
        StoreError, match=f"{path.name}: not the file that its certificate names; run dailypapers build"
    ):
        verified_day(store, DAILY, DAY)


def test_a_certificate_that_was_changed_is_refused(store: Store) -> None:
    path = store.certificate(DAILY, DAY)
    path.write_bytes(path.read_bytes().replace(b'"closed"', b'"partial"'))
    with pytest.raises(CertificateError, match=r"day.json: not as it was written; run dailypapers build"):
        verified_day(store, DAILY, DAY)


def test_a_certificate_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    write_day(Store(tmp_path), [paper(1)], schema=2)
    with pytest.raises(CertificateError, match="schema 2 is newer than this program's 1; upgrade dailypapers"):
        verified_day(Store(tmp_path), DAILY, DAY)


def test_a_certificate_that_names_no_day_file_is_refused(store: Store) -> None:
    write_day(store, [paper(1)], files={})
    with pytest.raises(CertificateError, match=r"day.json: not as it was written; run dailypapers build"):
        verified_day(store, DAILY, DAY)


def test_rejects_are_not_among_the_files_that_are_verified(store: Store) -> None:
    verified = verified_day(store, DAILY, DAY)
    assert verified is not None
    files = {**verified.certificate["files"], "rejects": BuiltFile(file="lost", bytes=1, sha256="")}
    write_day(store, [paper(1), paper(2)], files=files)
    again = verified_day(store, DAILY, DAY)
    assert again is not None
    assert (again.papers, again.metrics) == (verified.papers, verified.metrics)


def test_a_day_without_a_certificate_is_read_as_one_of_this_version(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    store.certificate(DAILY, DAY).unlink()
    assert [each.key for each in read_day(store, DAILY, DAY)] == [paper(1).key, paper(2).key]
    assert caplog.records == []


def test_days_of_an_older_version_are_named_once(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    older = DAY - timedelta(days=3)
    for day in (older, older + timedelta(days=1)):
        write_day(store, [paper(3)], day=day, schema=0)
    assert [each.day for each in read_range(store, DAILY)] == [older, older + timedelta(days=1), DAY, DAY]
    (record,) = caplog.records
    path = store.certificate(DAILY, older)
    assert record.message == f"{path} has schema 0, older than 1: new columns are null; run dailypapers build"
    caplog.clear()
    assert len(list(read_range(store, DAILY, DAY))) == 2
    assert caplog.records == []


@pytest.mark.parametrize(
    ("line_of_file", "reason"),
    [
        (b"{", "Invalid JSON"),
        (b'{"key":"arxiv:2512.00002","source":"hf-daily","title":7}', "title: Input should be a valid string"),
        (
            b'{"key":"arxiv:2512.00002","source":"hf-daily","title":"A","authors":[{"name":1}]}',
            "authors.0.name: Input should be a valid string",
        ),
    ],
)
def test_a_line_that_is_not_a_record_is_named_with_its_first_error(
    store: Store, line_of_file: bytes, reason: str
) -> None:
    path = store.papers(DAILY, DAY)
    path.write_bytes(path.read_bytes() + line_of_file + b"\n")
    with pytest.raises(StoreError) as error:
        list(read_day(store, DAILY, DAY))
    assert f"{error.value}".startswith(f"{path}:3: not a record (")
    assert reason in f"{error.value}"
    assert f"{error.value}".endswith("); run dailypapers build")


def test_papers_of_an_older_version_have_the_lines_of_this_one(tmp_path: Path) -> None:
    store = Store(tmp_path)
    write_day(store, [paper(1, extra={})], schema=0)
    verified = verified_day(store, DAILY, DAY)
    assert verified is not None
    assert verified.papers == b"".join(line(each) + b"\n" for each in read_day(store, DAILY, DAY))


def test_a_day_that_is_being_built_is_waited_for(store: Store) -> None:
    """A builder renames the day file, then the certificate: in between, the two do not agree."""
    new = Store(store.root / "new")
    write_day(new, [paper(3)])
    expected = verified_day(new, DAILY, DAY)
    with building(store):
        for kind, path in new.derived(DAILY, DAY).items():
            if path.exists():
                store.derived(DAILY, DAY)[kind].write_bytes(path.read_bytes())
        found = []
        reader = threading.Thread(target=lambda: found.append(verified_day(store, DAILY, DAY)))
        reader.start()
        reader.join(0.2)
        assert reader.is_alive()
        new.certificate(DAILY, DAY).rename(store.certificate(DAILY, DAY))
    reader.join(120)
    assert found == [expected]
