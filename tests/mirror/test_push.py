"""Push sends what is new, never a certificate before its archives, and hides nothing that another store found."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from dailypapers.ingest.plan.inventory import StoredDay
from dailypapers.mirror import push as pushing
from dailypapers.mirror.mirror import Mirror
from dailypapers.mirror.names import MirrorDay
from dailypapers.snapshots.store.layout import Series, Store
from tests.mirror.conftest import Disk
from tests.papersite import PaperSite
from tests.product import DAY, NOW, SERIES, Product
from tests.support.killed_push import files_to_mirror, trials, unbacked
from tests.support.s3_server import SECRET, S3Server

SEARCH = Series("hf-search", "diffusion models")


def fetch_again(product: Product, hours: float, papers: int = 3) -> None:
    """One more fetch of a day."""
    with PaperSite(seed=1, now=NOW, sizes={DAY: papers}) as site, pytest.MonkeyPatch.context() as patch:
        patch.setenv("HF_ENDPOINT", site.url)
        assert product("run", "hf-daily", "--day", f"{DAY}", now=NOW + timedelta(hours=hours)).status == 0


def test_a_mirror_holds_the_store_and_a_second_push_sends_nothing(
    filled: Product, s3: S3Server, url: str, prefix: str
) -> None:
    filled.store.waived.write_text("hf-daily\t2025-12-01\t2025-12-02\tthe disk was full\n")
    whole = files_to_mirror(filled.store.root)
    sent = filled("--json", "push", url)
    assert sent.status == 0
    report = json.loads(sent.out)
    assert (report["files"], report["days"], report["problems"]) == (len(whole), 5, [])
    assert s3.objects(f"{prefix}/") == whole
    assert filled("push", url).out == f"{url}: up to date\n"
    assert s3.objects(f"{prefix}/") == whole


@pytest.mark.parametrize("scheme", ["file", "memory"])
def test_a_folder_or_memory_serves_as_well(filled: Product, empty: Product, tmp_path: Path, scheme: str) -> None:
    url = f"{scheme}://{tmp_path}/mirror"
    assert filled("push", url).status == 0
    assert filled("push", url).out.endswith(": up to date\n")
    assert empty("pull", url).status == 0
    assert files_to_mirror(empty.store.root) == files_to_mirror(filled.store.root)
    if scheme == "file":
        assert files_to_mirror(tmp_path / "mirror") == files_to_mirror(filled.store.root)
        # A mirror in a folder is a store.
        assert empty("--store", tmp_path / "mirror", "build", "--check").out == ""


def test_only_what_changed_is_sent(filled: Product, s3: S3Server, url: str, prefix: str) -> None:
    filled("push", url)
    fetch_again(filled, 20, papers=4)
    sent = json.loads(filled("--json", "push", url).out)
    # One archive, and the day's papers, metrics and certificate.
    assert (sent["days"], sent["files"]) == (1, 4)
    assert s3.objects(f"{prefix}/") == files_to_mirror(filled.store.root)


def test_a_derived_file_that_the_day_no_longer_has_is_removed(
    filled: Product, disk: Disk, disk_url: str, prefix: str
) -> None:
    filled("push", disk_url)
    disk.put(f"{prefix}/snapshots/hf-daily/2025/{DAY}.rejects.jsonl", b"{}\n")
    assert filled("push", disk_url).status == 0
    assert disk.objects(f"{prefix}/") == files_to_mirror(filled.store.root)


def test_derived_files_that_are_damaged_in_the_mirror_are_sent_again(
    filled: Product, disk: Disk, disk_url: str, prefix: str
) -> None:
    filled("push", disk_url)
    name = f"{prefix}/snapshots/hf-daily/2025/{DAY}.day.json"
    content = filled.store.certificate(SERIES, DAY).read_bytes()
    disk.put(name, content[:100] + b"\0" + content[101:])
    assert filled("push", disk_url).status == 0
    assert disk.objects(f"{prefix}/") == files_to_mirror(filled.store.root)


def test_a_day_of_which_the_mirror_has_other_fetches_is_pulled_first(
    filled: Product, empty: Product, disk: Disk, disk_url: str, prefix: str
) -> None:
    shutil.copytree(filled.store.root, empty.store.root)
    fetch_again(filled, 20, papers=4)
    fetch_again(empty, 21, papers=5)
    assert filled("push", disk_url).status == 0
    certificate = disk.objects(f"{prefix}/")[f"snapshots/hf-daily/2025/{DAY}.day.json"]
    second = empty("push", disk_url)
    assert second.status == 1
    assert f"hf-daily {DAY}: the mirror has fetches of it that this store does not have; run dailypapers pull" in (
        second.err
    )
    objects = disk.objects(f"{prefix}/")
    # Its archive is safe there all the same, and the day is as the first store sees it.
    assert objects[f"snapshots/hf-daily/2025/{DAY}.day.json"] == certificate
    assert len([name for name in objects if f"/{DAY}/" in name and "hf-daily" in name]) == 4
    assert not unbacked(objects)
    assert empty("pull", disk_url).status == 0
    assert empty("push", disk_url).status == 0
    assert disk.objects(f"{prefix}/") == files_to_mirror(empty.store.root)
    assert filled("pull", disk_url).status == 0
    assert files_to_mirror(filled.store.root) == files_to_mirror(empty.store.root)


def test_two_pushers_at_once_leave_a_day_to_one_of_them(
    filled: Product, empty: Product, s3: S3Server, url: str, prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(filled.store.root, empty.store.root)
    filled("push", url)
    fetch_again(filled, 20, papers=4)
    fetch_again(empty, 21, papers=5)
    create = Mirror.create
    others: list[str] = []

    def create_then_other(mirror: Mirror, name: str, content: bytes) -> bool:
        is_ours = create(mirror, name, content)
        if not others:
            others.append("")
            others[:] = [problem for day in pushing.push(empty.store, Mirror(url)) for problem in day.problems]
        return is_ours

    monkeypatch.setattr(Mirror, "create", create_then_other)
    ours = filled("push", url)
    # The second one listed the archive of the first, so both leave the day to a pull.
    assert (ours.status, others) == (1, [f"hf-daily {DAY}: {pushing.OTHER_ARCHIVES}"])
    assert "the mirror has fetches of it" in ours.err
    monkeypatch.undo()
    assert not unbacked(s3.objects(f"{prefix}/"))
    for each in (filled, empty):
        for name, value in s3.environment.items():
            monkeypatch.setenv(name, value)
        assert each("pull", url).status == 0
        assert each("push", url).status == 0
    assert s3.objects(f"{prefix}/") == files_to_mirror(empty.store.root) == files_to_mirror(filled.store.root)


def test_an_archive_in_the_mirror_is_never_replaced(filled: Product, disk: Disk, disk_url: str, prefix: str) -> None:
    (archive, *_) = filled.archives()
    name = archive.relative_to(filled.store.root).as_posix()
    disk.put(f"{prefix}/{name}", b"another")
    result = filled("push", disk_url)
    assert result.status == 1
    assert f"hf-daily {DAY}: the mirror has another {archive.name} of 7 bytes; neither is replaced" in result.err
    objects = disk.objects(f"{prefix}/")
    assert objects[name] == b"another"
    assert f"snapshots/hf-daily/2025/{DAY}.day.json" not in objects
    assert "snapshots/hf-daily/2025/2025-12-09.day.json" in objects


def damage_archive(store: Store) -> None:
    path = store.archives(SERIES, DAY)[0]
    path.write_bytes(path.read_bytes()[:-1])


def remove_archive(store: Store) -> None:
    store.archives(SERIES, DAY)[0].unlink()


def change_papers(store: Store) -> None:
    path = store.papers(SERIES, DAY)
    path.write_bytes(path.read_bytes().replace(b"upvotes", b"Upvotes"))


def change_certificate(store: Store) -> None:
    path = store.certificate(SERIES, DAY)
    path.write_bytes(path.read_bytes().replace(b'"gone": 0', b'"gone": 1'))


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (damage_archive, "damaged archive"),
        (remove_archive, "is missing; run dailypapers build --check"),
        (change_papers, "is not the file that its certificate names; run dailypapers build, then push"),
        (change_certificate, "its certificate is damaged; run dailypapers build, then push"),
    ],
)
def test_what_is_damaged_here_is_not_sent(
    filled: Product, disk: Disk, disk_url: str, prefix: str, damage: Callable[[Store], None], said: str
) -> None:
    damage(filled.store)
    result = filled("push", disk_url)
    assert result.status == 1
    assert said in result.err
    objects = disk.objects(f"{prefix}/")
    assert f"snapshots/hf-daily/2025/{DAY}.day.json" not in objects
    assert "snapshots/hf-daily/2025/2025-12-09.day.json" in objects
    assert not unbacked(objects)


def test_a_mirror_of_a_newer_version_is_left_alone(
    filled: Product, disk: Disk, disk_url: str, prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dailypapers.ingest.build.staleness.RULES", 99)
    assert filled("build").status == 0
    filled("push", disk_url)
    newer = disk.objects(f"{prefix}/")
    monkeypatch.setattr("dailypapers.ingest.build.staleness.RULES", 1)
    assert filled("build").status == 0
    result = filled("push", disk_url)
    assert result.status == 1
    assert "a newer version of dailypapers built it" in result.err
    assert disk.objects(f"{prefix}/") == newer


def test_lines_of_humans_are_merged_and_none_is_lost(
    filled: Product, empty: Product, disk: Disk, disk_url: str, prefix: str
) -> None:
    filled.store.waived.write_text("# ours\nhf-daily\t2025-12-01\t2025-12-01\ta\n")
    (empty.store.root).mkdir()
    empty.store.waived.write_text("hf-daily\t2025-12-02\t2025-12-02\tb")
    filled("push", disk_url)
    assert empty("pull", disk_url).status == 0
    both = "# ours\nhf-daily\t2025-12-01\t2025-12-01\ta\nhf-daily\t2025-12-02\t2025-12-02\tb\n"
    assert empty.store.waived.read_text() == both
    empty("push", disk_url)
    filled("pull", disk_url)
    assert filled.store.waived.read_text() == both
    assert disk.objects(f"{prefix}/")["waived.txt"].decode() == both


def test_a_line_written_by_another_pusher_in_between_is_kept(
    filled: Product, s3: S3Server, url: str, prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled.store.waived.write_text("ours\n")
    replace = Mirror.replace

    def later(mirror: Mirror, name: str, content: bytes, tag: str | None) -> bool:
        if name == "waived.txt" and name not in s3.objects(f"{prefix}/"):
            s3.put(f"{prefix}/{name}", b"theirs\n")
        return replace(mirror, name, content, tag)

    monkeypatch.setattr(Mirror, "replace", later)
    assert filled("push", url).status == 0
    assert s3.objects(f"{prefix}/")["waived.txt"] == b"theirs\nours\n"


def test_what_belongs_to_a_machine_is_not_sent(filled: Product, disk: Disk, disk_url: str, prefix: str) -> None:
    (filled.store.root / "catalog").mkdir()
    (filled.store.root / "catalog" / "catalog.sqlite").touch()
    (filled.store.root / "attempts" / "hf-daily").mkdir(parents=True)
    (filled.store.root / "snapshots" / "hf-daily" / "2025" / f"{DAY}.jsonl.tmp").touch()
    filled("push", disk_url)
    names = disk.objects(f"{prefix}/")
    assert {name.partition("/")[0] for name in names} == {"pages", "snapshots"}
    assert not [name for name in names if name.endswith((".tmp", ".lock"))]


def test_no_secret_is_shown(filled: Product, s3: S3Server, monkeypatch: pytest.MonkeyPatch) -> None:
    outputs = [filled("push", "s3://invented-key:topsecret@bucket/papers")]
    outputs.append(filled("--verbose", "push", "s3://no-such-bucket/papers"))
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://user:topsecret@127.0.0.1:1")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    outputs.append(filled("--verbose", "push", "s3://bucket/papers"))
    assert [output.status for output in outputs] == [2, 3, 3]
    for output in outputs:
        assert "topsecret" not in output.out + output.err
        assert SECRET not in output.out + output.err
        assert "Traceback" not in output.err
    assert "credentials do not belong in a URL" in outputs[0].err
    assert "s3://no-such-bucket/papers: not found" in outputs[1].err


def test_what_a_killed_push_left_in_a_folder_is_removed(
    filled: Product, disk: Disk, disk_url: str, prefix: str
) -> None:
    filled("push", disk_url)
    day = f"{prefix}/pages/hf-daily/2025/{DAY}"
    disk.put(f"{day}/20251219T120000Z-0123abcd.warc.gz.0123456789abcdef.tmp", b"half")
    disk.put(f"{day}/.fetch.tmp", b"of a run on that folder")
    assert filled("push", disk_url).status == 0
    left = [name for name in disk.objects(f"{prefix}/") if name.endswith(".tmp")]
    assert left == [f"pages/hf-daily/2025/{DAY}/.fetch.tmp"]


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("papers", "not the URL of a mirror"),
        ("ftp://host/papers", "not the URL of a mirror"),
        ("s3://[bucket", "not the URL of a mirror (Invalid IPv6 URL)"),
        ("s3:///papers", "name a bucket"),
        ("s3://bucket/a/../b", "has no ?, # and .."),
        ("s3://bucket/papers?versionId=1", "has no ?, # and .."),
        ("file://host/papers", "write a folder as file:///"),
        ("gs://bucket/papers", "pip install gcsfs"),
    ],
)
def test_a_wrong_url_is_refused(filled: Product, url: str, said: str) -> None:
    for command in ("push", "pull", "verify"):
        result = filled(command, url) if "://" in url or command != "verify" else filled("push", url)
        assert result.status == 2
        assert said in result.err


def test_a_missing_extra_is_named(filled: Product, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dailypapers.cli.extras.find_spec", lambda _: None)
    for command in ("push", "pull", "verify"):
        result = filled(command, "s3://bucket/papers")
        assert result.status == 2
        assert "pip install 'dailypapers[remote]'\n" in result.err


def test_a_store_named_by_a_url_is_refused(product: Product) -> None:
    result = product("--store", "s3://bucket/papers", "status")
    assert result.status == 2
    assert "pull URL" in result.err


def test_no_kill_leaves_a_certificate_without_its_archives(filled: Product, s3: S3Server) -> None:
    requests = len(files_to_mirror(filled.store.root))
    sample = [1 + number * (requests - 1) // 7 for number in range(8)]
    done = list(trials(s3, filled.store.root, sample, complete_every=3))
    assert [trial.status for trial in done] == [-9] * 8
    assert [trial.wrong for trial in done] == [()] * 8
    # They were killed in different states: sixteen requests are under way at a time.
    assert len({trial.objects for trial in done}) >= 4


def test_certificates_sent_first_would_be_noticed(
    filled: Product, disk: Disk, disk_url: str, prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def certificate_first(mirror: Mirror, stored: StoredDay, there: MirrorDay) -> None:
        mirror.write(there.certificate, stored.certificate_content)
        raise KeyboardInterrupt

    monkeypatch.setattr(pushing, "push_day", certificate_first)
    filled("push", disk_url)
    assert unbacked(disk.objects(f"{prefix}/"))
