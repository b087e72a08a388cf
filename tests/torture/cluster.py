"""A build by a Dask cluster of a long store, one worker of which is killed, against a local build."""

import os
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from dailypapers.cli.main import main as dailypapers
from tests.support.dask_cluster import counting_proxy, dask_cluster, killing_hook
from tests.support.large_store import fill
from tests.torture.verdict import Verdict, at_most, exactly

DAYS: Final = 400
BYTES_PER_DAY: Final = 6_000


def built_by_a_cluster(days: int = DAYS) -> list[Verdict]:
    """Build `days` days by two workers, first undisturbed, then with one of them killed in the middle."""
    with TemporaryDirectory(prefix="cluster-") as name:
        store, hooks, marker = Path(name, "store"), Path(name, "hooks"), Path(name, "killed")
        fill(store, days, None)
        local = _derived(store)
        killed = sorted(store.glob("snapshots/hf-daily/*/*.day.json"))[days // 2].name[:10]
        marker.touch()
        killing_hook(hooks, killed, marker)
        with dask_cluster(2, {**os.environ, "PYTHONPATH": str(hooks)}) as cluster:
            with counting_proxy(cluster.address) as proxy:
                undisturbed = _built(store, f"tcp://127.0.0.1:{proxy.port}")
            first = cluster.count()
            marker.unlink()
            disturbed = _built(store, cluster.address)
            second = cluster.count()
    size = sum(map(len, local.values())) / days
    return [
        exactly(f"files of {days} days that differ from those of a local build", _differing(local, undisturbed), 0),
        exactly("tasks", first.tasks, days),
        at_most(f"bytes a day through the scheduler, of {size:,.0f} bytes a day", proxy.bytes / days, BYTES_PER_DAY),
        exactly("workers killed", second.lost_workers - first.lost_workers, 1),
        exactly("files that differ then", _differing(local, disturbed), 0),
    ]


def _built(store: Path, address: str) -> dict[str, bytes]:
    shutil.rmtree(store / "snapshots")
    status = dailypapers(["--store", str(store), "--quiet", "build", "--all", "--dask", address])
    if status != 0:
        raise RuntimeError(f"the build gave exit status {status}")
    return _derived(store)


def _derived(store: Path) -> dict[str, bytes]:
    files = (path for path in (store / "snapshots").rglob("*") if path.is_file())
    return {str(path.relative_to(store)): path.read_bytes() for path in files}


def _differing(one: dict[str, bytes], other: dict[str, bytes]) -> int:
    return sum(one.get(name) != other.get(name) for name in one.keys() | other.keys())
