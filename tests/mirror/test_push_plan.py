"""What is sent of a day, and in which order, for each way in which a mirror may differ from the store."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from dailypapers.ingest.plan.inventory import StoredDay, load_day
from dailypapers.ingest.sources.model import SourceSeries
from dailypapers.ingest.sources.registry import SOURCES
from dailypapers.mirror.mirror import Mirror, RemoteFile
from dailypapers.mirror.names import MirrorDay
from dailypapers.mirror.push import OTHER_ARCHIVES, push_day
from dailypapers.snapshots.certificate import certificate_bytes, sha256
from dailypapers.snapshots.store.layout import Series, Store
from tests.feeds.stores import fetch
from tests.support.written_days import DAILY, DAY, paper, write_day

SOURCE_DAY = SourceSeries(SOURCES["hf-daily"], DAILY).on(DAY)
FETCHES = [fetch(datetime(2025, 12, 10, hour, tzinfo=UTC), 1) for hour in (8, 20)]
ARCHIVES = [each["file"] for each in FETCHES]
FOLDER = f"pages/hf-daily/2025/{DAY}"
DERIVED = f"snapshots/hf-daily/2025/{DAY}"
CERTIFICATE = f"{DERIVED}.day.json"


class Recorded(Mirror):
    """A mirror in a dictionary, which notes what it is asked for."""

    def __init__(self, contents: dict[str, bytes], *, has_digests: bool) -> None:
        super().__init__("memory://recorded/mirror")
        self.contents, self.has_digests = contents, has_digests
        self.steps: list[str] = []

    def files(self, *folders: str) -> dict[str, RemoteFile]:
        found = {name: content for name, content in self.contents.items() if name.startswith(folders)}
        md5 = (lambda content: hashlib.md5(content).hexdigest()) if self.has_digests else (lambda _: None)
        return {name: RemoteFile(len(content), md5(content)) for name, content in found.items()}

    def read(self, name: str) -> bytes | None:
        self.steps.append(f"read {name}")
        return self.contents.get(name)

    def create(self, name: str, content: bytes) -> bool:
        self.steps.append(name)
        return self.contents.setdefault(name, content) == content

    def write(self, name: str, content: bytes, **_: Any) -> None:
        self.steps.append(name)
        self.contents[name] = content

    def remove(self, name: str) -> None:
        self.steps.append(f"remove {name}")
        del self.contents[name]


@dataclass
class Day:
    """A day of a store with two archives, and what a mirror has of it: everything, until a test changes that."""

    store: Store
    mirrored: dict[str, bytes] = field(default_factory=dict)
    has_digests: bool = True

    @property
    def stored(self) -> StoredDay:
        return load_day(self.store, SOURCE_DAY)

    def push(self, meanwhile: Callable[[], object] = lambda: None) -> tuple[list[str], str | None]:
        """What was done, in order, and the problem; `meanwhile` comes after the mirror was listed."""
        mirror = Recorded(self.mirrored, has_digests=self.has_digests)
        stored, there = self.stored, MirrorDay("hf-daily", DAY, mirror.files(""))
        meanwhile()
        pushed = push_day(mirror, stored, there)
        sent = [step for step in mirror.steps if " " not in step]
        assert pushed.certificate == CERTIFICATE
        assert pushed.problems or pushed.files == len(sent)
        assert pushed.problems or pushed.size == sum(len(self.mirrored[name]) for name in sent)
        problem = pushed.problems[0].removeprefix(f"hf-daily {DAY}: ") if pushed.problems else None
        return mirror.steps, problem

    def forge(self, **changes: Any) -> None:
        """The certificate of the mirror, with changes."""
        changed: Any = dict(self.stored.certificate or {}) | changes
        self.mirrored[CERTIFICATE] = certificate_bytes(changed)


@pytest.fixture
def day(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Day:
    # The archives are read as what they are not, and the certificate names another content of them.
    monkeypatch.setattr("dailypapers.mirror.push.archive_identity", lambda *_: (Series("hf-daily"), DAY))
    fetches = [{**each, "sha256": sha256(b"x")} for each in FETCHES]
    made = Day(Store(tmp_path / "store"))
    write_day(made.store, [paper()], fetches=fetches)
    folder = made.store.root / FOLDER
    folder.mkdir(parents=True)
    for name in ARCHIVES:
        (folder / name).write_bytes(b"x")
    files = (path for path in made.store.root.rglob("*") if path.is_file() and path.suffix != ".lock")
    made.mirrored = {path.relative_to(made.store.root).as_posix(): path.read_bytes() for path in files}
    return made


@pytest.mark.parametrize(("has_digests", "steps"), [(True, []), (False, [f"read {CERTIFICATE}"])])
def test_of_a_day_that_the_mirror_has_nothing_is_sent(day: Day, has_digests: bool, steps: list[str]) -> None:
    day.has_digests = has_digests
    assert day.push() == (steps, None)


def test_a_day_that_the_mirror_does_not_have_is_sent_whole_and_the_certificate_last(day: Day) -> None:
    day.mirrored = {}
    archives = [f"{FOLDER}/{name}" for name in ARCHIVES]
    assert day.push() == ([*archives, f"{DERIVED}.jsonl", f"{DERIVED}.metrics.jsonl", CERTIFICATE], None)


@pytest.mark.parametrize(
    ("missing", "sent"),
    [
        (f"{FOLDER}/{ARCHIVES[1]}", [f"{FOLDER}/{ARCHIVES[1]}"]),
        (f"{DERIVED}.jsonl", [f"{DERIVED}.jsonl", CERTIFICATE]),
        (f"{DERIVED}.metrics.jsonl", [f"{DERIVED}.metrics.jsonl", CERTIFICATE]),
        # Without the certificate nothing tells which derived files are there.
        (CERTIFICATE, [f"{DERIVED}.jsonl", f"{DERIVED}.metrics.jsonl", CERTIFICATE]),
    ],
)
def test_only_what_is_missing_is_sent(day: Day, missing: str, sent: list[str]) -> None:
    del day.mirrored[missing]
    assert day.push() == (sent, None)


@pytest.mark.parametrize("content", [b"x", b""])
def test_a_derived_file_of_another_size_is_sent_again(day: Day, content: bytes) -> None:
    day.mirrored[f"{DERIVED}.jsonl"] = content
    assert day.push() == ([f"{DERIVED}.jsonl", CERTIFICATE], None)


def test_a_derived_file_that_another_certificate_names_is_sent_again(day: Day) -> None:
    fetches = [{**each, "sha256": sha256(b"x")} for each in FETCHES]
    write_day(day.store, [paper()], fetches=fetches, reason="rebuilt")
    assert day.push() == ([f"read {CERTIFICATE}", CERTIFICATE], None)
    day.store.certificate(DAILY, DAY).unlink()
    write_day(day.store, [paper(title="Another")], fetches=fetches)
    assert day.push() == ([f"read {CERTIFICATE}", f"{DERIVED}.jsonl", CERTIFICATE], None)


@pytest.mark.parametrize("content", [b"", b"{}", b"\xff"])
def test_a_damaged_certificate_of_the_mirror_is_replaced_with_all_that_it_named(day: Day, content: bytes) -> None:
    day.mirrored[CERTIFICATE] = content
    steps, problem = day.push()
    assert steps[1:] == [f"{DERIVED}.jsonl", f"{DERIVED}.metrics.jsonl", CERTIFICATE]
    assert problem is None


def test_a_derived_file_that_the_day_no_longer_has_is_removed_last(day: Day) -> None:
    day.mirrored[f"{DERIVED}.rejects.jsonl"] = b"{}"
    assert day.push() == ([f"remove {DERIVED}.rejects.jsonl"], None)
    day.mirrored |= {f"{DERIVED}.rejects.jsonl": b"{}", f"{DERIVED}.jsonl": b""}
    assert day.push() == ([f"{DERIVED}.jsonl", CERTIFICATE, f"remove {DERIVED}.rejects.jsonl"], None)


def missing_archive(day: Day) -> None:
    (day.store.root / FOLDER / ARCHIVES[0]).unlink()
    del day.mirrored[f"{FOLDER}/{ARCHIVES[0]}"]


def changed_certificate(day: Day) -> None:
    path = day.store.certificate(DAILY, DAY)
    path.write_bytes(path.read_bytes().replace(b'"gone": 0', b'"gone": 1'))


def unreadable_certificate(day: Day) -> None:
    day.store.certificate(DAILY, DAY).write_bytes(b"{")


def other_digest(day: Day) -> None:
    certificate = day.stored.certificate
    assert certificate is not None
    first, second = certificate["fetches"]
    day.forge(fetches=[first, {**second, "sha256": sha256(b"other")}])


NEWER = "the mirror has it as a newer version of dailypapers built it; upgrade, or push from there"
PROBLEMS: dict[str, tuple[Callable[[Day], object], str]] = {
    "another size": (
        lambda day: day.mirrored.update({f"{FOLDER}/{ARCHIVES[0]}": b"other"}),
        f"the mirror has another {ARCHIVES[0]} of 5 bytes; neither is replaced, remove the wrong one",
    ),
    "another fetch": (
        lambda day: day.mirrored.update({f"{FOLDER}/20251210T230000Z-0123abcd.warc.gz": b"x"}),
        OTHER_ARCHIVES,
    ),
    "a lost archive": (missing_archive, f"its archive {ARCHIVES[0]} is missing; run dailypapers build --check"),
    "damaged": (changed_certificate, "its certificate is damaged; run dailypapers build, then push"),
    "unreadable": (unreadable_certificate, "its certificate is damaged; run dailypapers build, then push"),
    "a newer parser": (lambda day: day.forge(parsers={"hf_api": 2}), NEWER),
    "an unknown parser": (lambda day: day.forge(parsers={"hf_api": 1, "hf_new": 1}), NEWER),
    "another digest": (
        other_digest,
        f"the mirror has another {ARCHIVES[1]}; neither is replaced, remove the wrong one",
    ),
}


@pytest.mark.parametrize("name", PROBLEMS)
def test_of_a_day_with_a_problem_nothing_derived_is_sent(day: Day, name: str) -> None:
    change, problem = PROBLEMS[name]
    change(day)
    # Something to send, if nothing spoke against it.
    day.mirrored[f"{DERIVED}.jsonl"] = b"old"
    day.mirrored[f"{DERIVED}.rejects.jsonl"] = b"stray"
    steps, said = day.push()
    assert said == problem
    assert set(steps) <= {f"read {CERTIFICATE}"}


def test_what_another_pusher_did_in_the_meantime_is_seen_before_anything_derived_is_sent(day: Day) -> None:
    del day.mirrored[f"{DERIVED}.jsonl"]
    other = f"{FOLDER}/20251210T230000Z-0123abcd.warc.gz"
    assert day.push(lambda: day.mirrored.update({other: b"x"})) == ([], OTHER_ARCHIVES)
    del day.mirrored[other]
    removed = "an archive was removed from the mirror in the meantime; push again"
    assert day.push(lambda: day.mirrored.pop(f"{FOLDER}/{ARCHIVES[0]}")) == ([], removed)


def test_an_archive_that_another_pusher_created_is_not_replaced(day: Day) -> None:
    name = f"{FOLDER}/{ARCHIVES[0]}"
    del day.mirrored[name]
    steps, problem = day.push(lambda: day.mirrored.update({name: b"y"}))
    assert (steps, problem) == ([name], f"the mirror has another {name}; neither is replaced")
    assert day.mirrored[name] == b"y"


def test_what_was_built_in_the_meantime_is_left_to_the_next_push(day: Day) -> None:
    del day.mirrored[f"{DERIVED}.jsonl"]

    def build() -> None:
        write_day(day.store, [paper(title="Another")], fetches=FETCHES)

    steps, problem = day.push(build)
    assert steps == []
    assert (problem or "").endswith(
        ".jsonl is not the file that its certificate names; it was built in the meantime; push again"
    )


@pytest.mark.parametrize("parsers", [{"hf_api": 1}, {"hf_api": 0}, {}])
def test_a_certificate_of_the_same_or_an_older_version_is_replaced(day: Day, parsers: dict[str, int]) -> None:
    day.forge(parsers=parsers, reason="older")
    assert day.push() == ([f"read {CERTIFICATE}", CERTIFICATE], None)


def test_fetches_that_only_the_certificate_of_the_mirror_names_are_no_conflict(day: Day) -> None:
    certificate = day.stored.certificate
    assert certificate is not None
    day.forge(fetches=[*certificate["fetches"], fetch(datetime(2025, 12, 10, 23, tzinfo=UTC), 0)])
    assert day.push() == ([f"read {CERTIFICATE}", CERTIFICATE], None)


def test_archives_without_a_certificate_are_sent_alone(day: Day) -> None:
    for path in (day.store.root / "snapshots").rglob("*.*"):
        path.unlink()
    day.mirrored = {}
    assert day.push() == ([f"{FOLDER}/{name}" for name in ARCHIVES], None)
    day.mirrored |= {CERTIFICATE: b"{}"}
    assert day.push() == ([], None)
