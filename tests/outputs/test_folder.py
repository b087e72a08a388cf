"""The manifest of an output folder: what is made again, and what a killed or failed build leaves."""

from __future__ import annotations

import json
import os
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from dailypapers.cli.main import main
from dailypapers.outputs.folder import MANIFEST, UNFINISHED, open_output
from dailypapers.snapshots.certificate import read_certificate
from dailypapers.snapshots.errors import StoreError
from dailypapers.snapshots.store.atomic import write_whole
from dailypapers.snapshots.store.layout import Series, Store
from tests.papersite import PaperSite

DAILY = Series("hf-daily")
DAYS = (date(2025, 12, 8), date(2025, 12, 9))
NOW = datetime(2025, 12, 20, tzinfo=UTC)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    root = tmp_path_factory.mktemp("store")
    with PaperSite(seed=1, sizes=3, now=NOW) as site, pytest.MonkeyPatch.context() as patch:
        patch.setenv("HF_ENDPOINT", site.url)
        patch.setenv("DAILYPAPERS_STATE", f"{root}/state")
        words = ["--store", f"{root}", "--now", NOW.isoformat(), "--quiet", "backfill", "hf-daily"]
        assert main([*words, "--since", f"{DAYS[0]}", "--until", f"{DAYS[1]}"]) == 0
    return Store(root)


def test_days_have_the_digests_of_their_certificates(store: Store, tmp_path: Path) -> None:
    with open_output(tmp_path, "pages", "1") as output:
        days = output.days(store, DAILY)
    assert tuple(days) == DAYS
    for day, version in days.items():
        certificate = read_certificate(store.certificate(DAILY, day))
        assert certificate is not None
        assert (version.certificate, version.papers) == (
            certificate["checksum"],
            certificate["files"]["papers"]["sha256"],
        )


def test_a_certificate_that_did_not_change_is_not_opened(store: Store, tmp_path: Path) -> None:
    with open_output(tmp_path, "pages", "1") as output:
        before = output.days(store, DAILY)
    path, stat = store.certificate(DAILY, DAYS[0]), store.certificate(DAILY, DAYS[0]).stat()
    content = path.read_bytes()
    try:
        path.write_bytes(b"x" * len(content))
        os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
        with open_output(tmp_path, "pages", "1") as output:
            assert output.days(store, DAILY) == before
        os.utime(path)
        with open_output(tmp_path, "pages", "1") as output, pytest.raises(StoreError, match="not JSON"):
            output.days(store, DAILY)
    finally:
        path.write_bytes(content)


def test_a_file_is_made_of_its_inputs_alone(tmp_path: Path) -> None:
    with open_output(tmp_path, "pages", "1") as output:
        assert not output.is_made("a/b.html", {"day": "1"})
        assert output.write("a/b.html", b"one")
        output.record("a/b.html", {"day": "1"})
    with open_output(tmp_path, "pages", "1") as output:
        assert not output.is_made("a/b.html", {"day": "2"})
        assert output.is_made("a/b.html", {"day": "1"})
        assert output.made_before() == {"a/b.html": {"day": "1"}}
        assert not output.write("a/b.html", b"one")
    with open_output(tmp_path, "pages", "2") as output:
        assert not output.is_made("a/b.html", {"day": "1"})


def test_a_missing_file_is_made_again(tmp_path: Path) -> None:
    with open_output(tmp_path, "pages", "1") as output:
        output.write("a", b"one")
        output.record("a", {"day": "1"})
    (tmp_path / "a").unlink()
    with open_output(tmp_path, "pages", "1") as output:
        assert not output.is_made("a", {"day": "1"})


def test_outputs_share_a_folder(tmp_path: Path) -> None:
    for name in ("pages", "feeds"):
        with open_output(tmp_path, name, "1") as output:
            output.write(name, b"x")
            output.record(name, {"day": "1"})
    for name in ("pages", "feeds"):
        with open_output(tmp_path, name, "1") as output:
            assert output.is_made(name, {"day": "1"})


def fail(folder: Path, output: str = "pages", version: str = "1", **files: bytes) -> None:
    """A run that writes these files and does not end."""

    def run() -> None:
        with open_output(folder, output, version) as opened:
            for name, content in files.items():
                opened.write(name, content)
                opened.record(name, {"day": "2"})
            raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        run()


def make(folder: Path, output: str, **files: bytes) -> None:
    with open_output(folder, output, "1") as opened:
        for name, content in files.items():
            opened.write(name, content)
            opened.record(name, {"day": "1"})


def test_a_failed_build_records_nothing(tmp_path: Path) -> None:
    fail(tmp_path, a=b"one")
    assert (tmp_path / "a").read_bytes() == b"one"
    with open_output(tmp_path, "pages", "1") as output:
        assert output.is_repeated
        assert not output.made_before()


def test_after_a_failed_build_no_file_of_the_output_counts_as_made(tmp_path: Path) -> None:
    make(tmp_path, "pages", a=b"one", b=b"one")
    make(tmp_path, "feeds", c=b"one")
    fail(tmp_path, a=b"two")
    with open_output(tmp_path, "pages", "1") as output:
        assert set(output.made_before()) == {"a", "b"}
        assert not output.is_made("a", {"day": "1"})
        assert not output.is_made("b", {"day": "1"})
        output.write("a", b"one")
        output.record("a", {"day": "1"})
        # Kept by a run that does not make it, as the feeds of another series are.
        output.record("b", output.made_before()["b"])
    with open_output(tmp_path, "pages", "1") as output:
        assert not output.is_repeated
        assert output.is_made("a", {"day": "1"})
        assert not output.is_made("b", output.made_before()["b"])
    with open_output(tmp_path, "feeds", "1") as output:
        assert output.is_made("c", {"day": "1"})


def test_a_failed_build_of_another_version_is_one_as_well(store: Store, tmp_path: Path) -> None:
    with open_output(tmp_path, "pages", "1") as output:
        output.days(store, DAILY)
    make(tmp_path, "pages", a=b"one")
    fail(tmp_path, version="2", a=b"two")
    with open_output(tmp_path, "pages", "1") as output:
        assert output.is_repeated
        assert not output.is_made("a", {"day": "1"})


def test_a_failed_build_keeps_the_series_of_the_one_before(store: Store, tmp_path: Path) -> None:
    with open_output(tmp_path, "pages", "1") as output:
        output.days(store, DAILY)
    fail(tmp_path, version="2", a=b"two")
    with open_output(tmp_path, "pages", "2") as output:
        assert output.series_before == {"hf-daily"}


def test_a_failed_build_that_changed_nothing_leaves_the_manifest(tmp_path: Path) -> None:
    make(tmp_path, "pages", a=b"one")
    before = (tmp_path / MANIFEST).read_bytes()
    fail(tmp_path, a=b"one")
    assert (tmp_path / MANIFEST).read_bytes() == before


def test_a_removed_file_marks_the_output_as_a_written_one_does(tmp_path: Path) -> None:
    make(tmp_path, "pages", a=b"one")

    def remove() -> None:
        with open_output(tmp_path, "pages", "1") as output:
            output.remove("a")
            raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        remove()
    with open_output(tmp_path, "pages", "1") as output:
        assert output.is_repeated


def test_the_mark_is_written_before_the_first_change_and_no_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(tmp_path, "pages", a=b"one", b=b"one")
    written: list[tuple[bytes, bool]] = []

    def write(path: Path, content: bytes) -> bool:
        written.append(((tmp_path / "a").read_bytes(), UNFINISHED.encode() in content))
        return write_whole(path, content)

    monkeypatch.setattr("dailypapers.outputs.folder.write_whole", write)
    make(tmp_path, "pages", a=b"two", b=b"two")
    assert written == [(b"one", True), (b"two", False)]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b'{"pages": 1}',
        b'{"pages": {"version": "1", "files": [], "days": {}}}',
        b'{"pages": {"version": "1", "files": {"a": 1}, "days": {}}}',
        b'{"pages": {"version": "1", "files": {}, "days": {"hf-daily": {"2025-12-08": ["1"]}}}}',
    ],
)
def test_a_damaged_manifest_counts_as_none(store: Store, tmp_path: Path, content: bytes) -> None:
    (tmp_path / MANIFEST).write_bytes(content)
    with open_output(tmp_path, "pages", "1") as output:
        assert not output.made_before()
        assert len(output.days(store, DAILY)) == 2
    assert json.loads((tmp_path / MANIFEST).read_bytes())["pages"]["version"] == "1"


@pytest.mark.parametrize("name", ["../a", "/a", "a/../../b", ""])
def test_no_file_is_written_outside(tmp_path: Path, name: str) -> None:
    with open_output(tmp_path / "out", "pages", "1") as output, pytest.raises(ValueError, match="not a name inside"):
        output.write(name, b"x")


def test_a_file_that_went_is_removed(tmp_path: Path) -> None:
    with open_output(tmp_path, "pages", "1") as output:
        output.write("a", b"one")
        output.remove("a")
        output.remove("a")
    assert not (tmp_path / "a").exists()


def test_a_sweep_removes_what_was_not_written_at_any_depth_and_nothing_beside(tmp_path: Path) -> None:
    for name in ("data/old", "data/deep/er/old", "data/deep/new", "other/old", "page", "kept"):
        write_whole(tmp_path / name, b"before")
    with open_output(tmp_path, "pages", "1") as output:
        output.write("data/deep/new", b"now")
        output.sweep(["data", "page", "not there"])
    files = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()}
    assert files - {".made.json", ".made.lock"} == {"data/deep/new", "other/old", "kept"}


def test_what_nothing_makes_any_more_is_listed(tmp_path: Path) -> None:
    with open_output(tmp_path, "pages", "1") as output:
        for name in ("b", "a", "still", "again"):
            output.write(name, b"x")
            output.record(name, {"of": "1"})
    with open_output(tmp_path, "pages", "1") as output:
        assert output.is_made("still", {"of": "1"})
        output.record("again", {"of": "2"})
        output.record("new", {"of": "2"})
        assert output.unrecorded() == ["a", "b"]


def test_checksums_are_of_the_files_that_were_written_or_kept(tmp_path: Path) -> None:
    def run(*made: str) -> list[str]:
        with open_output(tmp_path, "tables", "1", has_checksums=True) as output:
            for name in made:
                if not output.is_made(name, {"day": "1"}):
                    output.write(name, name.encode())
                    output.record(name, {"day": "1"})
            output.write_checksums()
        return [line.split()[1] for line in (tmp_path / "SHA256SUMS").read_text().splitlines()]

    assert run("a", "b", "c") == ["a", "b", "c"]
    before = (tmp_path / "SHA256SUMS").read_text().splitlines()
    (tmp_path / "b").write_bytes(b"changed by another program")
    assert run("a", "b") == ["a", "b"]
    assert (tmp_path / "SHA256SUMS").read_text().splitlines() == before[:2]
    (tmp_path / "SHA256SUMS").write_text(before[0] + "\n")
    assert run("a", "b") == ["a", "b"]
    assert (tmp_path / "b").read_bytes() == b"b"
