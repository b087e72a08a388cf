"""`make demo`: three fetches of one week from the paper site, a fault that heals, one paper as a card, and the site."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from rich.console import Console, Group
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

import dailypapers
from dailypapers.cli.main import main as command_line
from dailypapers.commands.status import LETTERS
from dailypapers.parsers.model import Paper
from tests.papersite import Moving, PaperSite, Switch, switches

MONDAY = date(2025, 12, 8)
FAULTY = date(2025, 12, 9)
COLOURS = {name: colour for name, (_, colour) in LETTERS.items()}
SITE = "site"
"""The folder of the site in the folder of the demo."""
MARKER = ".dailypapers-demo"
"""The file that says that a folder was made by the demo and may be recreated."""


@dataclass(frozen=True)
class Fetch:
    """A time at which the week is fetched, what is to be seen then, and what the site does wrong."""

    now: datetime
    what: str
    faults: Sequence[Switch] = ()


EMPTY_LIST = switches.shape(f"/api/daily_papers?date={FAULTY}", [])
FETCHES = (
    Fetch(
        datetime(2025, 12, 10, 18, tzinfo=UTC),
        "The site's API is throttled: for Tuesday it answers 200 with an empty list. The HTML page still lists the "
        "papers, so they are stored, and the day is not believed to be complete.",
        [EMPTY_LIST],
    ),
    Fetch(
        datetime(2025, 12, 15, 9, tzinfo=UTC),
        "The API works again. Tuesday heals without any command of its own, and papers that were added after the "
        "first fetch come in.",
    ),
    Fetch(
        datetime(2025, 12, 16, 9, tzinfo=UTC),
        "A second whole fetch without a new paper is the proof that a day is complete: the week is closed.",
    ),
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the demo and return the first exit status that is not 0."""
    folder: Path = _options().parse_args(arguments).folder
    console = Console(highlight=False)
    began = time.monotonic()
    try:
        _recreate(folder)
    except OSError as error:
        print(f"demo: {error}", file=sys.stderr)
        return 3
    status, states = 0, []
    with week() as site:
        console.print(f"A paper site with invented papers answers at {site.url}.", style="dim")
        for fetch in FETCHES:
            console.rule(f"[bold]{fetch.now:%A %d %B %Y, %H:%M} UTC", align="left", style="cyan")
            console.print(fetch.what + "\n", style="italic")
            status = status or fetch_and_show(site, fetch, folder)
            states.append({day.day: day.state for day in dailypapers.open(folder, now=fetch.now).days("hf-daily")})
    console.rule("[bold]The week, as each of the three fetches left it", align="left", style="cyan")
    console.print(table_of_states(states), "")
    store = dailypapers.open(folder, now=FETCHES[-1].now)
    paper = max(store.papers("hf-daily"), key=lambda paper: paper.upvotes or 0)
    console.rule("[bold]One paper of that week", align="left", style="cyan")
    console.print(card(paper, upvotes(store, paper)))
    console.rule("[bold]The same as a site made of files", align="left", style="cyan")
    status = status or _command(folder, FETCHES[-1].now, "site", "--out", f"{folder / SITE}")
    console.rule("[bold]Try next", align="left", style="cyan")
    console.print(_next_steps(folder, paper))
    console.print(f"This took {time.monotonic() - began:.1f} s.", style="dim")
    return status


def fetch_and_show(site: PaperSite, fetch: Fetch, folder: Path) -> int:
    """Run `dailypapers run` and `dailypapers status` at a time; gives the exit status of the first one that fails."""
    site.now, site.switches[:] = fetch.now, list(fetch.faults)
    since = ("hf-daily", "--since", f"{MONDAY}")
    return _command(folder, fetch.now, "run", *since) or _command(folder, fetch.now, "status", *since)


@contextmanager
def week() -> Iterator[PaperSite]:
    """A site whose days fill over hours; the command line uses it and its clock."""
    with PaperSite(script=Moving(seed=1, late=0.05, sizes={MONDAY: 62}), now=FETCHES[0].now) as site:
        os.environ["HF_ENDPOINT"] = site.url
        os.environ.setdefault("DAILYPAPERS_LOG_FORMAT", "human")
        yield site


def table_of_states(states: Sequence[Mapping[date, str]]) -> Table:
    """The state of each day of the week, with a row for each fetch; a day that was not fetched yet is empty."""
    days = [MONDAY + timedelta(days=number) for number in range(7)]
    table = Table("fetched", *(f"{day:%a} {day.day}" for day in days), box=None, padding=(0, 2, 0, 0))
    for fetch, row in zip(FETCHES, states, strict=True):
        names = [row.get(day, "") for day in days]
        table.add_row(f"{fetch.now:%a %d, %H:%M}", *(Text(name, COLOURS[name] if name else "") for name in names))
    return table


def upvotes(store: dailypapers.PaperStore, paper: Paper) -> list[tuple[datetime, int]]:
    """The upvotes of a paper at each fetch that changed them."""
    (listing,) = store.history(paper.key)
    return [(metric.at, metric.upvotes) for metric in listing.metrics if metric.upvotes is not None]


def card(paper: Paper, votes: Sequence[tuple[datetime, int]]) -> Panel:
    """A paper as a panel: what the record has, and the upvotes over time."""
    facts = Table.grid(padding=(0, 2))
    facts.add_column(style="cyan", justify="right")
    facts.add_column()
    names = [author["name"] for author in paper.authors]
    facts.add_row("authors", ", ".join(names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else ""))
    facts.add_row("listed", f"{paper.day:%A %d %B %Y}, rank {paper.rank}, submitted by {paper.submitter}")
    facts.add_row("upvotes", _bars(votes))
    facts.add_row("code", paper.code_url or "none")
    facts.add_row("keywords", ", ".join(paper.keywords[:5]) or "none")
    facts.add_row("first seen", f"{paper.first_seen:%Y-%m-%d %H:%M} UTC")
    facts.add_row("key", paper.key)
    summary = paper.ai_summary or paper.abstract or ""
    text = Text(summary[:320].rpartition(" ")[0] + " ..." if len(summary) > 320 else summary)
    return Panel(Group(text, "", facts), title=f"[bold]{paper.title}", border_style="green", padding=(1, 2))


def _bars(votes: Sequence[tuple[datetime, int]]) -> Text:
    most = max((number for _, number in votes), default=0) or 1
    text = Text()
    for seen, number in votes:
        text.append("▁▂▃▄▅▆▇█"[number * 7 // most], style="green")
        text.append(f" {number} ({seen:%a %H:%M})  ")
    return text


def _next_steps(folder: Path, paper: Paper) -> Text:
    program = Path(sys.executable).with_name("dailypapers")
    program = program.relative_to(Path.cwd()) if program.is_relative_to(Path.cwd()) else program
    day = f"{folder}/snapshots/hf-daily/2025/{paper.day}"
    steps = {
        "the site, at http://localhost:8000": f"python3 -m http.server --directory {folder / SITE}",
        "its upvotes over time": f"{program} --store {folder} history {paper.key}",
        "the last run in words": f"{program} --store {folder} runs show last",
        "all days built again from their pages: nothing changes": f"{program} --store {folder} build --check",
        "the record as it is stored": f"head -n 1 {day}.jsonl",
        "the evidence for the state of its day": f"less {day}.day.json",
        "today's papers, from huggingface.co into ./data": f"{program} run",
    }
    text = Text()
    for what, command in steps.items():
        text.append(f"# {what}\n", style="dim").append(f"{command}\n", style="green")
    return text


def _command(folder: Path, now: datetime, *arguments: str) -> int:
    print(f"$ dailypapers --store {folder} {' '.join(arguments)}", flush=True)
    os.environ["DAILYPAPERS_STATE"] = str(folder / "state")
    status = command_line(["--store", str(folder), "--now", f"{now:%Y-%m-%dT%H:%M:%SZ}", *arguments])
    print(flush=True)
    return status


def _recreate(folder: Path) -> None:
    """Make the folder anew. Raises OSError for a folder that holds anything but an earlier demo."""
    if folder.exists() and not (folder / MARKER).exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise FileExistsError(f"{folder} was not made by the demo and is left as it is; name another folder")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / MARKER).touch()


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.demo", description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", default=Path("demo-data"), help="default: demo-data")
    return parser


if __name__ == "__main__":
    sys.exit(main())
