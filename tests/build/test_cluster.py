"""A build by a Dask cluster of separate worker processes gives the bytes of a local one, whatever dies."""

from __future__ import annotations

import os
import pickle
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex

import pytest

from dailypapers.cli.main import main
from dailypapers.ingest.build.cluster_task import BuildTask, build_task, run_task
from dailypapers.ingest.build.dask_pool import dask_workers
from dailypapers.ingest.build.parallel import build_and_write_all
from dailypapers.ingest.build.workers import Workers, local_workers
from dailypapers.ingest.errors import IngestError
from dailypapers.ingest.plan.inventory import all_stored_series
from dailypapers.ingest.sources.model import SourceDay
from dailypapers.snapshots.store.layout import Store
from tests.support.dask_cluster import DaskCluster, counting_proxy, dask_cluster, killing_hook
from tests.support.large_store import fill

DAYS = 40
KILLED = "2023-07-20"
"""The day at which a worker is killed."""
BYTES_PER_DAY = 6_000
"""Sent and received by the client of the scheduler; a day of this store has 120,000 bytes of files."""


@dataclass(frozen=True)
class Built:
    """A store with what a local build made of it."""

    store: Store
    days: list[SourceDay]
    files: dict[str, bytes]

    def now(self) -> dict[str, bytes]:
        return derived(self.store)

    def forget(self) -> None:
        shutil.rmtree(self.store.root / "snapshots")


def derived(store: Store) -> dict[str, bytes]:
    paths = (path for path in (store.root / "snapshots").rglob("*") if path.is_file())
    return {str(path.relative_to(store.root)): path.read_bytes() for path in paths}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    folder = tmp_path_factory.mktemp("cluster")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DAILYPAPERS_STATE", str(folder / "state"))
        fill(folder / "store", DAYS, None)
    store = Store(folder / "store")
    (series,) = all_stored_series(store)
    return Built(store, [series.on(day) for day in store.stored_days(series.series)], derived(store))


@pytest.fixture(scope="module")
def marker(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("marker") / "killed"
    path.touch()
    return path


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory, marker: Path) -> Iterator[DaskCluster]:
    hooks = tmp_path_factory.mktemp("hooks")
    killing_hook(hooks, KILLED, marker)
    with dask_cluster(2, {**os.environ, "PYTHONPATH": str(hooks)}) as running:
        yield running


def build(built: Built, *words: str) -> int:
    return main(["--store", str(built.store.root), "--quiet", "build", *words])


def test_a_cluster_gives_the_bytes_of_a_local_build_by_one_task_a_day(
    built: Built, cluster: DaskCluster, capsys: pytest.CaptureFixture[str]
) -> None:
    built.forget()
    before = cluster.count()
    with counting_proxy(cluster.address) as proxy:
        assert build(built, "--all", "--dask", f"tcp://127.0.0.1:{proxy.port}") == 0
    assert built.now() == built.files
    assert cluster.count().tasks - before.tasks == DAYS
    assert len(b"".join(built.files.values())) > 100_000 * DAYS
    assert proxy.bytes < BYTES_PER_DAY * DAYS
    assert capsys.readouterr().err == ""


def test_a_killed_worker_s_days_are_done_by_another(built: Built, cluster: DaskCluster, marker: Path) -> None:
    built.forget()
    marker.unlink()
    before = cluster.count()
    assert build(built, "--all", "--dask", cluster.address) == 0
    assert marker.exists()
    assert cluster.count().lost_workers == before.lost_workers + 1
    # Also without what the killed one left.
    assert built.now() == built.files


def test_a_check_by_a_cluster_finds_what_a_local_one_does(
    built: Built, cluster: DaskCluster, capsys: pytest.CaptureFixture[str]
) -> None:
    day = built.store.papers(built.days[3].series, built.days[3].day)
    content = day.read_bytes()
    day.write_bytes(content.replace(b'"upvotes":', b'"upvotes":1', 1))
    results = []
    for words in (["--jobs", "1"], ["--dask", cluster.address]):
        status = build(built, "--check", *words)
        results.append((status, *capsys.readouterr()))
    day.write_bytes(content)
    assert results[0] == results[1]
    assert results[0][0] == 1


def test_a_task_is_run_each_time_and_has_its_result_or_its_error(cluster: DaskCluster) -> None:
    with dask_workers(cluster.address) as workers:
        assert (workers.ahead, workers.on_cluster) == (64, True)
        submit = workers.executor.submit
        assert submit(int, "11", base=2).result(120) == 3
        assert submit(token_hex).result(120) != submit(token_hex).result(120)
        with pytest.raises(ValueError, match="invalid literal"):
            submit(int, "x").result(120)


def test_a_cluster_listens_on_loopback_only(cluster: DaskCluster) -> None:
    listening = {line.split()[1] for line in sockets(cluster.process.pid)}
    assert listening
    assert {address.partition(":")[0] for address in listening} == {"0100007F"}


def sockets(parent: int) -> Iterator[str]:
    """The listening TCP sockets of a process and its children, as Linux lists them."""
    if not Path("/proc/net/tcp").exists():
        pytest.skip("this system has no /proc/net/tcp")
    inodes = {inode for pid in family(parent) for inode in socket_inodes(pid)}
    for name in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{name}").read_text().splitlines()[1:]:
            if line.split()[3] == "0A" and line.split()[9] in inodes:
                yield line


def family(parent: int) -> Iterator[int]:
    yield parent
    for path in Path(f"/proc/{parent}/task").glob("*/children"):
        for child in path.read_text().split():
            yield from family(int(child))


def socket_inodes(pid: int) -> Iterator[str]:
    for path in Path(f"/proc/{pid}/fd").iterdir():
        try:
            target = str(path.readlink())
        except OSError:
            continue
        if target.startswith("socket:["):
            yield target.removeprefix("socket:[").rstrip("]")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--dask", "tcp://127.0.0.1:1", "--jobs", "2"], "use one of the two"),
        (["--dask", "nonsense://x"], "not an address"),
    ],
)
def test_wrong_options_are_refused(
    built: Built, words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert build(built, "--all", *words) == 2
    assert said in capsys.readouterr().err


IMPATIENT = """
import sys
import dailypapers.ingest.build.dask_pool
from dailypapers.cli.main import main
dailypapers.ingest.build.dask_pool.CONNECT_SECONDS = 0.5
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.parametrize("is_silent", [True, False])
def test_a_scheduler_that_does_not_answer_is_named(built: Built, is_silent: bool) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"tcp://127.0.0.1:{server.getsockname()[1]}"
        if not is_silent:
            server.close()
        words = ["--store", str(built.store.root), "build", "--all", "--dask", address]
        done = subprocess.run([sys.executable, "-c", IMPATIENT, *words], capture_output=True, text=True, check=False)
    assert done.returncode == 3
    assert f"dailypapers: no Dask scheduler answers at {address}" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert built.now() == built.files


def test_a_missing_extra_is_named(
    built: Built, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("dailypapers.cli.extras.find_spec", lambda _: None)
    assert build(built, "--all", "--dask", "tcp://127.0.0.1:1") == 2
    assert "pip install 'dailypapers[dask]'\n" in capsys.readouterr().err


def test_only_names_and_digests_are_handed_over(built: Built) -> None:
    task = build_task(built.store, built.days[0], accept_loss=False)
    built.forget()
    prepared = run_task(task)
    assert len(pickle.dumps(task)) + len(pickle.dumps(prepared)) < 2_000
    # Nothing has its place yet.
    assert built.now()
    assert all(name.endswith(".tmp") for name in built.now())
    # A worker that was believed dead and wrote the same day late is in nobody's way, and the next build cleans up.
    late = run_task(task)
    assert {file.temporary for file in late.files}.isdisjoint({file.temporary for file in prepared.files})
    rebuild(built)
    assert built.now() == built.files


def rebuild(built: Built) -> None:
    with local_workers(DAYS, 1) as workers:
        assert len(list(build_and_write_all(built.store, built.days, workers))) == DAYS


def by_cluster(built: Built, workers: Workers) -> list[bool]:
    on_cluster = Workers(workers.executor, workers.ahead, on_cluster=True)
    results = build_and_write_all(built.store, built.days[:3], on_cluster)
    return [result.built is not None for result in results]


@pytest.mark.parametrize("damage", ["changed", "gone"])
def test_a_file_that_is_not_as_handed_over_is_built_again(
    built: Built, damage: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    built.forget()

    def run_and_damage(task: BuildTask) -> object:
        prepared = run_task(task)
        (path,) = (
            built.store.root.glob(f"snapshots/*/*/{built.days[1].day}.jsonl.*.tmp")
            if task.day == (built.days[1].day)
            else (None,)
        )
        if path is not None:
            path.write_bytes(path.read_bytes()[:-9]) if damage == "changed" else path.unlink()
        return prepared

    monkeypatch.setattr("dailypapers.ingest.build.parallel.run_task", run_and_damage)
    with local_workers(3, 1) as workers:
        assert by_cluster(built, workers) == [True] * 3
    assert f"what a worker prepared for hf-daily {built.days[1].day} cannot be used" in caplog.text
    assert caplog.text.count("cannot be used") == 1
    monkeypatch.undo()
    rebuild(built)
    assert built.now() == built.files


def test_a_worker_without_the_store_or_with_another_version_refuses(built: Built, tmp_path: Path) -> None:
    task = build_task(built.store, built.days[0], accept_loss=False)
    with pytest.raises(IngestError, match="sees no store at"):
        run_task(task._replace(root=str(tmp_path / "elsewhere")))
    with pytest.raises(IngestError, match="install the same version"):
        run_task(task._replace(version="0.0.1"))


def test_what_cannot_be_built_is_reported_by_who_holds_the_lock(built: Built) -> None:
    (archive, *_) = built.store.archives(built.days[0].series, built.days[0].day)
    content = archive.read_bytes()
    archive.write_bytes(content[:-1])
    try:
        with local_workers(3, 1) as workers:
            assert by_cluster(built, workers) == [False, True, True]
    finally:
        archive.write_bytes(content)
    assert built.now() == built.files
