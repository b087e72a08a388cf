"""What is wrong with the files of a day in a mirror, in words, and which of its archives are used all the same."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from threading import current_thread
from typing import Any

import pytest

from dailypapers.mirror import check
from dailypapers.mirror.check import CheckedDay, check_day, each_day, read_day, verify
from dailypapers.mirror.mirror import Mirror, RemoteFile
from dailypapers.mirror.names import MirrorDay
from dailypapers.snapshots.store.layout import Series
from tests.mirror.test_foreign_certificates import forged
from tests.product import DAY
from tests.support.killed_push import files_to_mirror

FOLDER = f"pages/hf-daily/2025/{DAY}/"
DERIVED = f"snapshots/hf-daily/2025/{DAY}"
CERTIFICATE = f"{DERIVED}.day.json"
Files = dict[str, bytes]


@pytest.fixture
def files(prepared: Path) -> Files:
    every = files_to_mirror(prepared)
    return {name: every[name] for name in sorted(every) if name.startswith((FOLDER, f"{DERIVED}."))}


def archives(files: Files) -> list[str]:
    return [name for name in files if name.startswith(FOLDER)]


def checked(files: Files) -> CheckedDay:
    listed = {name: RemoteFile(len(content), None) for name, content in files.items()}
    return check_day(MirrorDay("hf-daily", DAY, listed), files)


def findings(files: Files) -> list[str]:
    return [str(finding) for finding in checked(files).findings]


def test_a_whole_day_has_its_certificate_and_its_archives(files: Files) -> None:
    day = checked(files)
    assert day.findings == []
    assert day.certificate is not None
    assert day.certificate["day"] == f"{DAY}"
    assert day.series == Series("hf-daily")
    assert day.archives == {name: files[name] for name in archives(files)}
    assert len(day.archives) == 2


def flipped(content: bytes) -> bytes:
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]


def change(name: str, value: Callable[[Any], None]) -> Callable[[Files], None]:
    def apply(files: Files) -> None:
        files[name] = forged(files[name], value)

    return apply


CHANGES: dict[str, tuple[Callable[[Files], object], list[str]]] = {
    "no certificate": (lambda files: files.pop(CERTIFICATE), []),
    "another file": (
        lambda files: files.update({CERTIFICATE: b"{}"}),
        [f"{CERTIFICATE}: not a certificate of this version"],
    ),
    "another reason": (
        lambda files: files.update({CERTIFICATE: files[CERTIFICATE].replace(b'"gone": 0', b'"gone": 1')}),
        [f"{CERTIFICATE}: changed since it was written: its checksum does not match"],
    ),
    "of another day": (
        change(CERTIFICATE, lambda value: value.update(day="2025-12-24")),
        [f"{CERTIFICATE}: the certificate of hf-daily 2025-12-24"],
    ),
    "of another series": (
        change(CERTIFICATE, lambda value: value.update(source="hf-weekly")),
        [f"{CERTIFICATE}: the certificate of hf-weekly {DAY}"],
    ),
    "no day file": (
        lambda files: files.pop(f"{DERIVED}.jsonl"),
        [f"{CERTIFICATE}: names {DAY}.jsonl, which is not there"],
    ),
    "another day file": (
        lambda files: files.update({f"{DERIVED}.jsonl": b"{}\n"}),
        [f"{DERIVED}.jsonl: not the file that its certificate names"],
    ),
    "other metrics": (
        lambda files: files.update({f"{DERIVED}.metrics.jsonl": b""}),
        [f"{DERIVED}.metrics.jsonl: not the file that its certificate names"],
    ),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_derived_file_that_is_wrong_is_named_and_the_archives_are_used(files: Files, name: str) -> None:
    apply, words = CHANGES[name]
    apply(files)
    day = checked(files)
    assert [str(finding) for finding in day.findings] == words
    assert len(day.archives) == 2
    assert (day.certificate is not None) == (name in {"no day file", "another day file", "other metrics"})


def test_an_archive_that_is_wrong_is_named_and_the_others_are_used(files: Files) -> None:
    first, second = archives(files)
    files[first] = flipped(files[first])
    assert findings(files) == [f"{first}: not the archive that the certificate names"]
    assert list(checked(files).archives) == [second]
    del files[CERTIFICATE]
    (damage,) = findings(files)
    assert damage.startswith(f"{first}: damaged archive (compressed body is ")
    files[second] = flipped(files[second])
    assert checked(files).series is None


def test_an_archive_that_is_missing_is_named(files: Files) -> None:
    first, second = archives(files)
    del files[first]
    assert findings(files) == [f"{CERTIFICATE}: names the archive {first.removeprefix(FOLDER)}, which is not there"]
    assert list(checked(files).archives) == [second]


def test_an_archive_of_another_day_is_not_used(files: Files, prepared: Path) -> None:
    (other,) = [name for name in files_to_mirror(prepared) if name.startswith("pages/hf-search/")][:1]
    added = f"{FOLDER}{other.rpartition('/')[2]}"
    files[added] = files_to_mirror(prepared)[other]
    (finding,) = findings(files)
    assert finding.startswith(f"{added}: the archive of hf-search")
    assert len(checked(files).archives) == 2


def test_a_file_that_is_too_large_is_named_and_not_read(files: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = archives(files)
    monkeypatch.setattr(check, "MAX_FILE", max(map(len, files.values())))
    listed = {name: RemoteFile(len(content), None) for name, content in files.items()}
    listed[first] = RemoteFile(check.MAX_FILE + 1, None)
    day = MirrorDay("hf-daily", DAY, listed)
    read = {name: content for name, content in files.items() if name != first}
    assert [str(each) for each in check_day(day, read).findings] == [f"{first}: larger than any file of a store"]
    asked: list[str] = []

    class Reads(Mirror):
        def read(self, name: str) -> None:
            asked.append(name)

    assert read_day(Reads("memory://x/y"), day, without={second}) == {}
    assert sorted(asked) == sorted(set(files) - {first, second})


def test_a_large_day_is_read_alone_after_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check, "LARGE", 10)
    days = [
        MirrorDay(f"hf-{place}", DAY, {f"{number}": RemoteFile(size, None) for number, size in enumerate(sizes)})
        for place, sizes in enumerate(([4, 7], [1], [10], [101, 9], []))
    ]
    threads = {day.folder: thread for day, thread in each_day(lambda day: (day, current_thread()), days)}
    assert list(threads) == ["hf-1", "hf-2", "hf-4", "hf-0", "hf-3"]
    assert [folder for folder, thread in threads.items() if thread is current_thread()] == ["hf-0", "hf-3"]


def test_verify_finds_everything_that_is_wrong_in_a_mirror(prepared: Path, tmp_path: Path) -> None:
    mirror = Mirror(f"file://{tmp_path}/mirror")
    every = files_to_mirror(prepared)
    for name, content in every.items():
        mirror.write(name, content)
    assert list(verify(mirror)) == []
    for name in ("README.md", f"{FOLDER}notes.txt", f"{DERIVED}.jsonl"):
        mirror.write(name, b"x")
    unknown = "not the name of a file of a store; it is left alone"
    assert [str(finding) for finding in verify(mirror)] == [
        f"README.md: {unknown}",
        f"{FOLDER}notes.txt: {unknown}",
        f"{DERIVED}.jsonl: not the file that its certificate names",
    ]
