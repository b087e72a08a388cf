"""strace as a second witness: it must count the same calls that change files as the shim."""

import re
import shutil
import subprocess
from collections import Counter

from tests.torture.crash.bench import Bench, Scenario
from tests.torture.crash.fork_server import ROOT
from tests.torture.crash.shim import calls

KINDS = {
    **dict.fromkeys(("open", "openat", "openat2", "creat"), "open"),
    **dict.fromkeys(("write", "pwrite64", "writev", "pwritev", "pwritev2"), "write"),
    **dict.fromkeys(("rename", "renameat", "renameat2"), "rename"),
    **dict.fromkeys(("link", "linkat"), "link"),
    **dict.fromkeys(("unlink", "unlinkat", "rmdir"), "remove"),
    **dict.fromkeys(("mkdir", "mkdirat"), "mkdir"),
    **{name: name for name in ("fsync", "fdatasync", "ftruncate")},
    # The shim does not know these: any of them would make the counts differ.
    **{
        name: name
        for name in ("truncate", "fallocate", "copy_file_range", "sendfile", "splice", "symlink", "symlinkat")
    },
}
OURS = {
    **dict.fromkeys("cto", "open"),
    **dict.fromkeys("ux", "remove"),
    "w": "write",
    "f": "fsync",
    "d": "fdatasync",
    "s": "ftruncate",
    "r": "rename",
    "l": "link",
    "m": "mkdir",
}
LINE = re.compile(r"\d+ +(?P<call>\w+)\((?P<rest>.*)")
CREATES = ("open", "openat", "openat2")


def unable() -> str | None:
    """The reason why strace cannot be used here."""
    if shutil.which("strace") is None:
        return "there is no strace"
    tried = subprocess.run(["strace", "-qq", "-o", "/dev/null", "true"], capture_output=True, text=True, check=False)
    return tried.stderr.strip() or None


def counts(bench: Bench, scenario: Scenario) -> tuple[Counter[str], Counter[str]]:
    """Calls by kind in the same run, counted by the shim and by strace."""
    disk = bench.disk(bench.undisturbed(scenario).before)
    log, trace = disk.parent.with_suffix(".log"), disk.parent.with_suffix(".strace")
    command, environment = bench.command(disk, scenario.words, log)
    traced = ["strace", "-f", "-y", "-qq", "-s", "0", "-o", f"{trace}", "-e", f"trace={','.join(KINDS)}"]
    # strace itself runs without the shim.
    preload = f"LD_PRELOAD={environment['LD_PRELOAD']}"
    plain = {name: value for name, value in environment.items() if name != "LD_PRELOAD"}
    subprocess.run([*traced, "-E", preload, *command], env=plain, cwd=ROOT, check=True)
    # The shim leaves out what syncs a whole file system.
    shim = Counter(OURS[call.kind] for call in calls(log) if call.kind not in "py")
    return shim, Counter(filter(None, (_kind(line, f"{disk.parent}/") for line in trace.read_text().splitlines())))


def _kind(line: str, below: str) -> str | None:
    """The kind of call in a line of strace, `12 fsync(5</disk/file>) = 0`; a resumed call was counted before."""
    found = LINE.match(line)
    if found is None or below not in found["rest"]:
        return None
    rest = found["rest"]
    if found["call"] in CREATES and not ("O_CREAT" in rest or "O_TRUNC" in rest):
        return None
    return KINDS[found["call"]]
