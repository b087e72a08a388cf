"""An exported crontab in Debian's own cron, which runs the job on the real clock against the paper site."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from dailypapers.cli.main import main
from tests.deploying.image import MAX_LENGTH, can_be_apart
from tests.papersite import PaperSite
from tests.product import NOW

PID_FILE = Path("/run/crond.pid")
JOBS = """
jobs:
  - name: minutely
    schedule: "* * * * *"
    run: run hf-daily
    timeout: 1m
    env:
      HF_ENDPOINT: {url}
    on:
      success: echo "$DAILYPAPERS_JOB $DAILYPAPERS_STATUS" > '{marker}'
"""

PRIVATE = """
mount -t tmpfs tmpfs /run
mount -t tmpfs tmpfs /var/spool/cron/crontabs
mount -t tmpfs tmpfs /etc/cron.d
mount --bind /dev/null /etc/crontab
echo '# was here' | crontab -
"""
"""Where mount namespaces can be made the machine's own crontabs are out of reach."""

DAEMON = """
crontab -l > before 2> /dev/null || true
crontab exported
cron -f &
daemon=$!
read -r _ || true
kill "$daemon"
wait "$daemon" || true
if [ -s before ]; then crontab before; else crontab -r; fi
crontab -l > after 2> /dev/null || true
"""
"""Until its input ends, also where the test was killed."""


def _reason() -> str | None:
    """Why no daemon can be started here."""
    if os.geteuid():
        return "only root can start a cron daemon"
    if not (shutil.which("cron") and shutil.which("crontab")):
        return "cron is not installed: apt-get install --no-install-recommends cron"
    return None


def _is_running() -> bool:
    """Whether a daemon of the machine holds its lock."""
    if not PID_FILE.exists():
        return False
    with PID_FILE.open("r+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


@contextmanager
def cron(folder: Path) -> Iterator[None]:
    """A cron daemon with the crontab `exported` of a folder; the crontab found before is put back."""
    apart = can_be_apart()
    if not apart and _is_running():
        pytest.skip("a cron daemon is running here, and no mount namespace can be made for another one")
    script = f"set -e\n{PRIVATE if apart else ''}{DAEMON}"
    words = [*(["unshare", "--mount"] if apart else []), "sh", "-c", script]
    with subprocess.Popen(words, cwd=folder, stdin=subprocess.PIPE) as process:
        yield
    assert process.returncode == 0
    assert (folder / "after").read_text() == (folder / "before").read_text()
    assert not apart or (folder / "after").read_text() == "# was here\n"


def wait_for(what: Callable[[], object]) -> None:
    """Wait for an event, for long."""
    end = time.monotonic() + MAX_LENGTH
    while not what():
        assert time.monotonic() < end, f"nothing came in {MAX_LENGTH} s"
        time.sleep(0.2)


@pytest.mark.slow
@pytest.mark.skipif(_reason() is not None, reason=_reason() or "")
def test_debians_cron_runs_the_exported_job(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DAILYPAPERS_STATE", str(tmp_path / "the state"))
    store, marker = tmp_path / r"100 % \\ papers", tmp_path / "marker"
    with PaperSite(seed=1, now=NOW, sizes={}) as site:
        (tmp_path / "cron.yaml").write_text(JOBS.format(url=site.url, marker=marker))
        file = str(tmp_path / "cron.yaml")
        assert main(["--store", str(store), "cron", "--file", file, "export", "crontab"]) == 0
        exported = capsys.readouterr().out
        assert r"100 \% \\\\ papers" in exported
        (tmp_path / "exported").write_text(exported)
        with cron(tmp_path):
            wait_for(lambda: marker.exists() and marker.read_text())
    assert marker.read_text() == "minutely success\n"
    assert list(store.glob("snapshots/hf-daily/*/*.day.json"))
    assert (tmp_path / "the state").is_dir()
