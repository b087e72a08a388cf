"""Row 6: the start of the command line, as processes of this interpreter."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.benchmarks.table import Table, Target, figures
from tests.benchmarks.turns import INSTALL, Contender, NotMeasuredError, take_turns
from tests.papersite import PaperSite
from tests.support.large_store import PAPERS, fill

TURNS = 20
NOW = datetime(2025, 12, 18, 12, tzinfo=UTC)
FIRST, LAST = "2025-11-17", "2025-12-17"
MONTH = ("--since", FIRST, "--until", LAST)
STATUS = ("status", "--now", NOW.isoformat())
FLOOR = "python -c pass"
TARGETS = (Target(FLOOR, 7),)
SEARCH = (Target(FLOOR, 20),)
"""A quarter of a second, where bare Python takes 12 ms."""
DAYS = 250
# The first example application of each library's manual.
HELLO = {
    "click": "import click\n@click.command()\n@click.argument('name')\ndef hello(name): click.echo(name)\nhello()",
    "typer": "import typer\ndef hello(name: str): print(name)\ntyper.run(hello)",
    "cyclopts": "import cyclopts\ndef hello(name: str): print(name)\ncyclopts.run(hello)",
}


def measure() -> list[Table]:
    with TemporaryDirectory() as name:
        folder, environment = Path(name), _environment(Path(name))
        _month(folder, environment)
        ours = [_ours(["--help"], folder, environment), _ours(STATUS, folder, environment)]
        others = [Contender(role, said, partial(_run, words, environment)) for role, said, words in _others()]
        search = _ours(_search(folder), folder, environment)
        seconds = take_turns([*ours, search, *others], TURNS)
    tables = zip(ours, ("its help", "its status, a month of days in the store"), strict=True)
    return [
        *(
            Table(6, f"start of the command line: {work}", figures([one, *others], seconds), TARGETS)
            for one, work in tables
        ),
        Table(
            6, f"a search among {PAPERS * DAYS:,} papers, start included", figures([search, others[0]], seconds), SEARCH
        ),
    ]


def _ours(words: Sequence[str], folder: Path, environment: Mapping[str, str]) -> Contender:
    command = [_program("dailypapers"), *words]
    return Contender("ours", f"dailypapers {' '.join(words)}", partial(_run, command, environment, folder))


def _others() -> list[tuple[str, str, list[str]]]:
    hello = [("peer", f"{name} hello --help", [sys.executable, "-c", app, "--help"]) for name, app in HELLO.items()]
    programs = [("peer", f"{name} --help", [_program(name), "--help"]) for name in ("scrapy", "hf")]
    return [("floor", FLOOR, [sys.executable, "-c", "pass"]), *hello, *programs]


def _environment(folder: Path) -> dict[str, str]:
    """Compiled modules are cached, as after any installation, but outside the tree; no checks for new versions."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "HF_", "DAILYPAPERS_"))}
    kept |= {"PYTHONPYCACHEPREFIX": str(folder / "compiled"), "HF_HUB_DISABLE_UPDATE_CHECK": "1"}
    return kept | {"HF_HOME": str(folder / "hub"), "DAILYPAPERS_STATE": str(folder / "state")}


def _month(folder: Path, environment: Mapping[str, str]) -> None:
    """A store of 31 days, fetched from the paper site."""
    command = [_program("dailypapers"), "run", "hf-daily", *MONTH, "--now", NOW.isoformat()]
    with PaperSite(seed=1, now=NOW) as site:
        _run(command, {**environment, "HF_ENDPOINT": site.url}, folder)
    shown = _run([_program("dailypapers"), *STATUS, "--json"], environment, folder).decode()
    if FIRST not in shown or LAST not in shown:
        raise NotMeasuredError(f"status does not show the month that was fetched: {shown}")


def _search(folder: Path) -> list[str]:
    """A search in a store of its own, whose catalog is there already."""
    store = folder / "papers"
    fill(store, DAYS, None)
    words = ["search", "--store", str(store), "reward", "shaping"]
    if not _run([_program("dailypapers"), *words], os.environ, folder):
        raise NotMeasuredError("the search finds nothing")
    return words


def _program(name: str) -> str:
    path = Path(sys.executable).with_name(name)
    if not path.exists():
        raise NotMeasuredError(f"there is no {path}; {INSTALL}")
    return str(path)


def _run(command: Sequence[str], environment: Mapping[str, str], folder: Path | None = None) -> bytes:
    """The output of a command that must succeed."""
    done = subprocess.run(command, env=environment, cwd=folder, check=False, capture_output=True)
    if done.returncode != 0:
        said = done.stderr.decode(errors="replace")[-1000:]
        raise NotMeasuredError(f"{' '.join(command)}: exit status {done.returncode}: {said}")
    return done.stdout
