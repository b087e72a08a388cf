"""The checks of kills and power cuts detect failures; nothing here starts the product."""

from pathlib import Path
from random import Random

from tests.torture.crash.bench import unlike
from tests.torture.crash.disk_states import History, State
from tests.torture.crash.points import synced_again
from tests.torture.crash.powercut import forgotten, promised
from tests.torture.crash.shim import Call, calls

DISK = Path("/disk")
Items = frozenset[tuple[str, bytes | None]]


def call(kind: str, name: str, other: str = "", data: bytes = b"", *, offset: int = 0, result: int = 0) -> Call:
    return Call(kind, result, offset, f"{DISK / name}", f"{DISK / other}" if other else "", data)


WRITTEN = [call("c", "a.tmp"), call("w", "a.tmp", data=b"x" * 1000), call("f", "a.tmp"), call("r", "a.tmp", "a")]
NEW = b"x" * 1000


def left(before: Path, *done: Call, cut: int) -> set[Items]:
    """What a cut before that call may leave."""
    return {frozenset(one.tree.items()) for one in History(before, DISK, done).states([cut], Random(1), 2)}


def tree(**files: bytes | None) -> Items:
    return frozenset((name.replace("_", "."), content) for name, content in files.items())


def test_a_file_may_be_empty_or_torn_until_it_is_synced(tmp_path: Path) -> None:
    torn = [b"", b"x" * 500, b"x" * 500 + b"\0" * 500, b"x" * 512, b"x" * 512 + b"\0" * 488, NEW]
    assert left(tmp_path, *WRITTEN, cut=2) == {tree()} | {tree(a_tmp=content) for content in torn}
    assert left(tmp_path, *WRITTEN, cut=3) == {tree(), tree(a_tmp=NEW)}


def test_a_rename_is_old_or_new_until_the_folder_is_synced(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"old")
    assert left(tmp_path, *WRITTEN, cut=4) == {tree(a=b"old"), tree(a=b"old", a_tmp=NEW), tree(a=NEW)}
    assert left(tmp_path, *WRITTEN, call("f", "."), cut=5) == {tree(a=NEW)}


def test_a_name_without_its_bytes_is_what_a_missing_sync_leaves(tmp_path: Path) -> None:
    unsynced = [one for one in WRITTEN if one.kind != "f"]
    assert tree(a=b"") in left(tmp_path, *unsynced, cut=3)
    assert tree(a=b"") in {
        frozenset(one.tree.items())
        for one in History(tmp_path, DISK, WRITTEN, frozenset([2])).states([4], Random(1), 0)
    }


def test_a_new_folder_is_lost_with_its_entry(tmp_path: Path) -> None:
    made = [call("m", "in"), call("c", "in/a"), call("f", "in/a"), call("f", "in")]
    assert left(tmp_path, *made, cut=4) == {tree(), frozenset({("in", None), ("in/a", b"")})}
    assert left(tmp_path, *made, call("f", "."), cut=5) == {frozenset({("in", None), ("in/a", b"")})}


def test_any_of_several_writes_may_be_lost(tmp_path: Path) -> None:
    writes = [call("c", "a"), call("f", "."), call("w", "a", data=b"1"), call("w", "a", data=b"2", offset=1)]
    contents = {dict(one)["a"] for one in left(tmp_path, *writes, cut=4)}
    assert contents == {b"", b"1", b"\x002", b"12"}
    cut_down = left(tmp_path, *writes, call("f", "a"), call("s", "a", offset=1), cut=6)
    assert cut_down == {tree(a=b"12"), tree(a=b"1")}


def test_what_was_removed_may_come_back_until_the_folder_is_synced(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"old")
    assert left(tmp_path, call("u", "a"), cut=1) == {tree(), tree(a=b"old")}
    assert left(tmp_path, call("u", "a", result=-1), cut=1) == {tree(a=b"old")}


def test_a_printed_day_has_to_be_there() -> None:
    name = "store/snapshots/hf-daily/2025/2025-12-10.jsonl"
    said = "hf-daily 2025-12-10: 5 papers (5 new); api 5; html 5; open\n"
    assert promised(State(1, {}, "", frozenset(), is_end=False), {name: b"1"}) == []
    assert promised(State(1, {name: b"1"}, said, frozenset(), is_end=False), {name: b"1"}) == []
    for wrong in ({}, {name: b""}):
        assert len(promised(State(1, wrong, said, frozenset(), is_end=False), {name: b"1"})) == 1


def test_what_was_synced_has_to_be_there_and_reports_have_to_be_whole() -> None:
    archive, report = "store/pages/hf-daily/2025/2025-12-10/1.warc.gz", "store/runs/2025-12-19/20251219T120000Z-1.json"
    kept = frozenset([archive, report, "store/snapshots/hf-daily/2025/2025-12-10.day.json"])
    stored = {archive: b"1", report: b'{"exit": 0}\n'}
    wanted = {archive: b"1"}
    assert promised(State(1, {**stored}, "", kept, is_end=True), wanted) == []
    assert len(promised(State(1, {}, "", kept, is_end=False), wanted)) == 2
    assert len(promised(State(1, {**stored, report: b'{"exit"'}, "", kept, is_end=False), wanted)) == 1
    assert len(promised(State(1, {**stored, report: b'{"exit": null}\n'}, "", kept, is_end=True), wanted)) == 1


def test_a_failed_sync_is_not_tried_again_on_the_same_file() -> None:
    failed = call("f", "store/a", result=-1)
    assert synced_again([failed, call("f", "store/a")]) != []
    assert synced_again([failed, call("u", "store/a"), call("c", "store/a"), call("f", "store/a")]) == []
    assert synced_again([failed, call("f", "store/b")]) == []
    folder = call("f", "store/b", result=-1)
    assert synced_again([folder, call("u", "store/b/c"), call("f", "store/b")]) == []


def test_files_that_are_missing_different_or_too_many_are_named(tmp_path: Path) -> None:
    store = tmp_path / "store"
    (store / "runs").mkdir(parents=True)
    for name in ("same", "other", "more.tmp", ".lock", "runs/report.json"):
        (store / name).write_bytes(b"1")
    (tmp_path / "state").mkdir()
    for name in ("budget.sqlite", "cron-1.json", "cron-1.lock"):
        (tmp_path / "state" / name).write_bytes(b"1")
    found = unlike(tmp_path, {"store/same": b"1", "store/other": b"2", "store/missing": b"1"})
    names = ["state/cron-1.json", "store/missing", "store/more.tmp", "store/other"]
    assert [what.partition(" ")[0] for what in found] == names


def test_a_printed_case_has_to_be_there() -> None:
    name = "fixtures/hf-daily/crash/meta.json"
    printed = "/dev/shm/crash-1/disk-2/disk/fixtures/hf-daily/crash: 3 of 5 items, 900 bytes\n"
    assert promised(State(1, {}, "", frozenset(), is_end=False), {name: b"1"}) == []
    assert promised(State(1, {name: b"1"}, printed, frozenset(), is_end=False), {name: b"1"}) == []
    assert len(promised(State(1, {}, printed, frozenset(), is_end=False), {name: b"1"})) == 1


def test_the_scheduler_s_state_is_the_version_printed_last_or_a_later_one() -> None:
    first, second = '{ "jobs": 1 }\n', '{ "jobs": 2 }\n'

    def wrong(content: bytes | None, printed: str) -> int:
        tree = {} if content is None else {"state/cron-1.json": content}
        return len(forgotten(State(1, tree, printed, frozenset(), is_end=False), first + second))

    assert [wrong(None, ""), wrong(b'{\n "jobs": 1\n}\n', first), wrong(second.encode(), first)] == [0, 0, 0]
    assert [wrong(None, first), wrong(first.encode(), first + second), wrong(b"", "")] == [1, 1, 1]


def test_the_log_is_read_back(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_bytes(b"w 3 7 2 0 3\n/a1\n2r 0 0 2 2 0\n/a/bp 1 0 0 0 1\n\n")
    assert list(calls(log)) == [
        Call("w", 3, 7, "/a", "", b"1\n2"),
        Call("r", 0, 0, "/a", "/b", b""),
        Call("p", 1, 0, "", "", b"\n"),
    ]
