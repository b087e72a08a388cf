"""`python -m tests.replay [--base REVISION]`: what the current parsers change in the records of another revision.

The pages (those of DAILYPAPERS_CAPTURES, else some days of the paper site) are imported into a temporary store by the
code of the base, by default where this branch left main; then `build --diff` of the code at hand says what changes.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.support.large_store import NOW, invented

ROOT = Path(__file__).parent.parent
DAYS = 20
"""Days of the paper site, if there are no captured pages."""
MAIN = ("origin/main", "main")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run it; gives the exit status of `build --diff`, or 3 if it is not reached."""
    asked = _parser().parse_args(arguments)
    base = asked.base or _merge_base()
    if base is None:
        return _failed(f"no revision to compare with: neither {' nor '.join(MAIN)} is there; say one with --base")
    with TemporaryDirectory() as name:
        tree, store, pages = Path(name, "base"), Path(name, "store"), Path(name, "pages")
        taken = _git("archive", "--format=tar", base)
        if taken is None:
            return _failed(f"git knows no revision {base!r}")
        tree.mkdir()
        # Python's own reader of zip files writes links as files.
        subprocess.run(["tar", "-x"], input=taken, cwd=tree, check=True)
        done = _command(tree, store, "--quiet", "import", "hf-daily", *_pages(pages), output=subprocess.DEVNULL)
        # Some captured files are not lists and are refused.
        if done not in {0, 1}:
            return _failed(f"the import by {base} gave exit status {done}")
        print(f"What the code at hand changes in the records of {base[:12]}:", flush=True)
        return _command(ROOT, store, "build", "--diff", *asked.options)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.replay", description=(__doc__ or "").partition("\n\n")[2])
    parser.add_argument("--base", metavar="REVISION", help="default: where this branch left main")
    parser.add_argument("options", nargs="*", help="options of `dailypapers build`, after --")
    return parser


def _merge_base() -> str | None:
    found = (_git("merge-base", "HEAD", name) for name in MAIN)
    return next((base.decode().strip() for base in found if base), None)


def _git(*words: str) -> bytes | None:
    done = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, check=False)
    return done.stdout if done.returncode == 0 else None


def _pages(folder: Path) -> list[str]:
    if captures := os.environ.get("DAILYPAPERS_CAPTURES"):
        return [str(Path(captures, name)) for name in ("hf-daily-api", "hf-day-html")]
    folder.mkdir()
    for name, body in invented(DAYS):
        (folder / name).write_bytes(body)
    return [str(folder)]


def _command(tree: Path, store: Path, *words: str, output: int | None = None) -> int:
    """A command line of the code in `tree`; Python runs modules of that folder before installed packages."""
    command = [sys.executable, "-m", "dailypapers", "--store", str(store), "--now", NOW.isoformat(), *words]
    return subprocess.run(command, cwd=tree, stdout=output, stderr=output, check=False).returncode


def _failed(reason: str) -> int:
    print(reason, file=sys.stderr)
    return 3


if __name__ == "__main__":
    sys.exit(main())
