"""What is left to send of a day, for each way in which a mirror may differ from the store."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from dailypapers.remote.mirror import RemoteFile
from dailypapers.remote.names import MirrorDay
from dailypapers.remote.push_plan import OTHER_ARCHIVES, DayPlan, lists_our_certificate, plan_day
from ingest.plan.inventory import StoredDay, load_day
from ingest.sources.model import SourceSeries
from ingest.sources.registry import SOURCES
from snapshots.certificate import Certificate, certificate_bytes, sha256
from snapshots.store.layout import Store
from tests.publish.feeds.stores import fetch
from tests.support.written_days import DAILY, DAY, paper, write_day

SOURCE_DAY = SourceSeries(SOURCES["hf-daily"], DAILY).on(DAY)
FETCHES = [fetch(datetime(2025, 12, 10, hour, tzinfo=UTC), 1) for hour in (8, 20)]
ARCHIVES = [each["file"] for each in FETCHES]
FOLDER = f"pages/hf-daily/2025/{DAY}"
DERIVED = f"snapshots/hf-daily/2025/{DAY}"


@dataclass
class Day:
    """A day of a store with two archives, and what a mirror has of it: everything, until a test changes that."""

    store: Store
    mirrored: dict[str, bytes] = field(default_factory=dict)
    is_s3: bool = True

    @property
    def stored(self) -> StoredDay:
        return load_day(self.store, SOURCE_DAY)

    @property
    def there(self) -> MirrorDay:
        md5 = (lambda content: hashlib.md5(content).hexdigest()) if self.is_s3 else (lambda _: None)
        files = {name: RemoteFile(len(content), md5(content)) for name, content in self.mirrored.items()}
        return MirrorDay("hf-daily", DAY, files)

    def write(self, **changes: Any) -> Certificate:
        certificate: Any = {"fetches": FETCHES} | changes
        return write_day(self.store, [paper()], **certificate)

    def plan(self) -> DayPlan:
        certificates = {
            f"{DERIVED}.day.json": content for name, content in self.mirrored.items() if name.endswith(".day.json")
        }
        is_same = lists_our_certificate(self.stored, self.there)
        return plan_day(self.stored, self.there, {} if is_same else certificates)

    def forge(self, **changes: Any) -> None:
        """The certificate of the mirror, with changes."""
        changed: Any = dict(self.stored.certificate or {}) | changes
        self.mirrored[f"{DERIVED}.day.json"] = certificate_bytes(changed)


@pytest.fixture
def day(tmp_path: Path) -> Day:
    made = Day(Store(tmp_path / "store"))
    made.write()
    folder = made.store.root / FOLDER
    folder.mkdir(parents=True)
    for name in ARCHIVES:
        (folder / name).write_bytes(b"x")
    files = (path for path in made.store.root.rglob("*") if path.is_file() and path.suffix != ".lock")
    made.mirrored = {path.relative_to(made.store.root).as_posix(): path.read_bytes() for path in files}
    return made


def derived_names(plan: DayPlan) -> list[str]:
    return sorted(name.removeprefix(DERIVED) for name in plan.derived)


@pytest.mark.parametrize("is_s3", [True, False])
def test_a_day_that_the_mirror_has_is_done(day: Day, is_s3: bool) -> None:
    day.is_s3 = is_s3
    plan = day.plan()
    assert plan.is_done
    assert (plan.archives, plan.derived, plan.certificate, plan.strays, plan.size) == ([], {}, None, [], 0)
    assert (plan.result.series, plan.result.day, plan.result.problem) == (DAILY, DAY, None)
    assert lists_our_certificate(day.stored, day.there) is is_s3


def test_a_day_that_the_mirror_does_not_have_is_sent_whole(day: Day) -> None:
    day.mirrored = {}
    plan = day.plan()
    assert [path.name for path in plan.archives] == ARCHIVES
    assert derived_names(plan) == [".jsonl", ".metrics.jsonl"]
    assert plan.certificate == f"{DERIVED}.day.json"
    size = sum(path.stat().st_size for path in plan.derived.values())
    assert (plan.size, plan.is_done) == (2 + size, False)
    assert {name: path.name for name, path in plan.derived.items()} == {
        f"{DERIVED}.jsonl": f"{DAY}.jsonl",
        f"{DERIVED}.metrics.jsonl": f"{DAY}.metrics.jsonl",
    }


@pytest.mark.parametrize(
    ("missing", "archives", "derived", "certificate"),
    [
        (f"{FOLDER}/{ARCHIVES[1]}", [ARCHIVES[1]], [], False),
        (f"{DERIVED}.jsonl", [], [".jsonl"], True),
        (f"{DERIVED}.metrics.jsonl", [], [".metrics.jsonl"], True),
        # Without the certificate nothing tells which derived files are there.
        (f"{DERIVED}.day.json", [], [".jsonl", ".metrics.jsonl"], True),
    ],
)
def test_only_what_is_missing_is_sent(
    day: Day, missing: str, archives: list[str], derived: list[str], certificate: bool
) -> None:
    del day.mirrored[missing]
    plan = day.plan()
    assert [path.name for path in plan.archives] == archives
    assert (derived_names(plan), plan.certificate is not None) == (derived, certificate)
    assert not plan.is_done


@pytest.mark.parametrize("content", [b"x", b""])
def test_a_derived_file_of_another_size_is_sent_again(day: Day, content: bytes) -> None:
    day.mirrored[f"{DERIVED}.jsonl"] = content
    assert derived_names(day.plan()) == [".jsonl"]


def test_a_derived_file_that_another_certificate_names_is_sent_again(day: Day) -> None:
    day.write(reason="rebuilt")
    plan = day.plan()
    assert (derived_names(plan), plan.certificate) == ([], f"{DERIVED}.day.json")
    day.store.certificate(DAILY, DAY).unlink()
    write_day(day.store, [paper(title="Another")], fetches=FETCHES)
    assert derived_names(day.plan()) == [".jsonl"]


@pytest.mark.parametrize("content", [b"", b"{}", b"\xff"])
def test_a_damaged_certificate_of_the_mirror_is_replaced_with_all_that_it_named(day: Day, content: bytes) -> None:
    day.mirrored[f"{DERIVED}.day.json"] = content
    plan = day.plan()
    assert (derived_names(plan), plan.certificate is not None) == ([".jsonl", ".metrics.jsonl"], True)
    assert plan.result.problem is None


def test_a_derived_file_that_the_day_no_longer_has_is_a_stray(day: Day) -> None:
    day.mirrored[f"{DERIVED}.rejects.jsonl"] = b"{}"
    plan = day.plan()
    assert (plan.strays, plan.is_done, plan.certificate) == ([f"{DERIVED}.rejects.jsonl"], False, None)


def missing_archive(day: Day) -> None:
    (day.store.root / FOLDER / ARCHIVES[0]).unlink()
    del day.mirrored[f"{FOLDER}/{ARCHIVES[0]}"]


def changed_certificate(day: Day) -> None:
    path = day.store.certificate(DAILY, DAY)
    path.write_bytes(path.read_bytes().replace(b'"gone": 0', b'"gone": 1'))


def unreadable_certificate(day: Day) -> None:
    day.store.certificate(DAILY, DAY).write_bytes(b"{")


def other_digest(day: Day) -> None:
    day.forge(fetches=[FETCHES[0], {**FETCHES[1], "sha256": sha256(b"other")}])


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
    plan = day.plan()
    assert plan.result.problem == problem
    assert (plan.derived, plan.certificate, plan.strays) == ({}, None, [])


@pytest.mark.parametrize("parsers", [{"hf_api": 1}, {"hf_api": 0}, {}])
def test_a_certificate_of_the_same_or_an_older_version_is_replaced(day: Day, parsers: dict[str, int]) -> None:
    day.forge(parsers=parsers, reason="older")
    plan = day.plan()
    assert (plan.result.problem, plan.certificate) == (None, f"{DERIVED}.day.json")


def test_fetches_that_only_the_certificate_of_the_mirror_names_are_no_conflict(day: Day) -> None:
    day.forge(fetches=[*FETCHES, fetch(datetime(2025, 12, 10, 23, tzinfo=UTC), 0)])
    assert day.plan().result.problem is None


def test_archives_without_a_certificate_are_sent_alone(day: Day) -> None:
    for path in (day.store.root / "snapshots").rglob("*.*"):
        path.unlink()
    day.mirrored = {}
    plan = day.plan()
    assert ([path.name for path in plan.archives], plan.derived, plan.certificate) == (ARCHIVES, {}, None)
    assert plan.result.problem is None
    day.mirrored = {f"{DERIVED}.day.json": b"{}"}
    assert day.plan().strays == []
