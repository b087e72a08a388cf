"""The setting of the crash trials: a paper site, forked children, folders on a memory file system."""

import os
import shutil
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

from dailypapers.ingest.errors import FAILED
from dailypapers.snapshots.reader import read_range
from dailypapers.snapshots.store.layout import Series, Store
from tests.digest.sink import Sink, running
from tests.importer.repositories import new_repository
from tests.papersite import PaperSite, Request
from tests.papersite.arxiv.papers import ArxivPaper
from tests.papersite.arxiv.site import ArxivSite
from tests.papersite.site import NOON
from tests.papersite.switches import bad_item, items
from tests.torture.crash.disk_states import CRON_FILE
from tests.torture.crash.fork_server import NOWHERE, At, ForkServer, ProcessResult, order_for
from tests.torture.crash.mailbox import Mails, mails_of, records_of, wrong_mails
from tests.torture.crash.scheduler_state import WORD
from tests.torture.crash.shim import Call, built, calls

MEMORY = Path("/dev/shm")
SAVED = {
    "json": f"/api/daily_papers?date={NOON.date()}&limit=100",
    "html": f"/papers/date/{NOON.date()}",
}
"""The pages to import, by the suffix of their file."""
SERIES = Series("hf-daily")
OUTPUTS = ("store/", "fixtures/", "out/", CRON_FILE)
"""What a command line writes for others to read; the rest of the state folder is a cache of rate limits."""
UNCOMPARED = ("store/runs", "store/catalog", "out/.made.json")
"""Run reports differ between runs, the catalog follows the store when it is opened, and what outputs remember has times
of files; so do locks, which are empty."""


@dataclass(frozen=True)
class Scenario:
    """A command line whose every call is disturbed, and the content of the store before it."""

    name: str
    words: Sequence[str]
    """`{disk}` stands for the disk, `{saved}` for a folder of pages saved from the site, `{repository}` for a git
    repository with three versions of them, `{arxiv}` for a site that serves arXiv, `{mail}` for a file that names a
    relay."""
    looked_before: bool = False
    """It was run three hours before, on fewer papers."""
    after_run: bool = False
    """The day was fetched before."""
    made_before: bool = False
    """It was run three hours before, on a store with fewer papers, which has those of a later run now."""
    prepared: Sequence[Sequence[str]] = ()
    """More command lines, run before it, three hours before."""
    refuses: str | None = None
    """How it refuses to be run again where it was completed."""
    writes_state: bool = False
    """What it writes is in the state folder."""
    syncs_all_twice: bool = False
    """Its end syncs everything once more, so that no earlier sync is needed for what it promises."""
    sends_mail: bool = False
    """What it writes are a database of mails and the mails themselves."""
    is_derived: bool = False
    """What it writes can be made again at any time."""
    disturbed_every: int = 1
    """One of so many of its calls is disturbed, where it makes very many that are alike."""
    cut_every: int = 1
    """Power is cut before every so many of its calls: files that are synced together may be lost in many ways."""

    @property
    def needs_each_sync(self) -> bool:
        """Whether each sync is needed for what it promises; those of a database are SQLite's."""
        return not (self.syncs_all_twice or self.sends_mail or self.is_derived)


SCENARIOS = (
    Scenario("run", ["run"]),
    Scenario("run, second look", ["run"], looked_before=True),
    Scenario(
        "backfill of three days",
        ["backfill", "hf-daily", "--since", "2025-12-09", "--until", "2025-12-11"],
    ),
    Scenario(
        "harvest of two days, page by page",
        ["backfill", "arxiv-oai", "--since", "2025-12-10", "--until", "2025-12-11", "--endpoint", "arxiv={arxiv}"],
    ),
    Scenario("import", ["import", "hf-daily", "{saved}", "--fetched-at", f"{NOON:%Y-%m-%dT%H:%M:%SZ}"]),
    Scenario("import of a git repository", ["import", "hf-daily", "--git", "{repository}"]),
    Scenario("import after a run", ["import", "hf-daily", "{saved}"], after_run=True),
    Scenario(
        "capture",
        [
            "capture",
            "hf-daily",
            "--day",
            f"{NOON.date()}",
            "--case",
            "crash",
            "--items",
            "3",
            "--to",
            "{disk}/fixtures",
        ],
        after_run=True,
        refuses="this case exists already",
    ),
    Scenario(
        "feed",
        ["feed", "--format", "all", "--out", "{disk}/out"],
        after_run=True,
        prepared=[["papers"]],
        cut_every=4,
    ),
    Scenario("feed, second time", ["feed", "--out", "{disk}/out"], made_before=True),
    Scenario("export", ["export", "--out", "{disk}/out"], after_run=True, cut_every=4),
    Scenario("export, second time", ["export", "--out", "{disk}/out"], made_before=True, cut_every=4),
    Scenario(
        "site with its feeds",
        ["site", "--no-search", "--out", "{disk}/out"],
        after_run=True,
        syncs_all_twice=True,
        cut_every=40,
    ),
    Scenario("search", ["search", "paper"], after_run=True, is_derived=True, disturbed_every=2, cut_every=8),
    Scenario(
        "site with its search",
        ["site", "--out", "{disk}/out"],
        after_run=True,
        syncs_all_twice=True,
        disturbed_every=3,
        cut_every=80,
    ),
    Scenario(
        "site with its search, second time",
        ["site", "--out", "{disk}/out"],
        made_before=True,
        syncs_all_twice=True,
        disturbed_every=3,
        cut_every=80,
    ),
    Scenario(
        "mail",
        ["mail", "--file", "{mail}", "send"],
        after_run=True,
        prepared=[
            ["mail", "--file", "{mail}", "subscribe", f"{name}@example.org", "--at", "10:00"] for name in ("one", "two")
        ],
        sends_mail=True,
        disturbed_every=2,
        cut_every=4,
    ),
    Scenario("the scheduler's state", [WORD], after_run=True, writes_state=True),
)


class FewRecords(ArxivSite):
    """A site whose days of OAI-PMH have four pages."""

    def changed(self, day: date) -> list[ArxivPaper]:
        return super().changed(day)[: 4 * self.records_per_page - 1]


@dataclass
class Undisturbed:
    """An undisturbed scenario: its calls, and the files of the store before and after."""

    before: Path
    disk: Path
    calls: list[Call]
    ended: ProcessResult
    files: dict[str, bytes]
    outputs_before: dict[str, bytes]
    """Every file in the folder of an output before the scenario, with its manifest."""
    mails: Mails
    """What the relay was given."""


@dataclass
class Bench:
    """A site, a fork server and a folder for their files. Use it as a context manager."""

    papers: int = 6
    """Papers of each day."""
    bad_items: bool = True
    folder: Path = field(init=False)
    site: PaperSite = field(init=False)
    arxiv: ArxivSite = field(init=False)
    relay: Sink = field(init=False)
    _stack: ExitStack = field(default_factory=ExitStack)
    _undisturbed: dict[str, Undisturbed] = field(default_factory=dict)
    _disks: int = 0

    def __enter__(self) -> Self:
        self.folder = Path(tempfile.mkdtemp(prefix="crash-", dir=MEMORY if os.access(MEMORY, os.W_OK) else None))
        self._stack.callback(shutil.rmtree, self.folder)
        switches = [bad_item(_has_a_bad_item, 2)] if self.bad_items else []
        self.site = self._stack.enter_context(PaperSite(seed=1, now=NOON, sizes=self.papers, switches=switches))
        self.arxiv = self._stack.enter_context(FewRecords(now=NOON, records_per_page=3))
        self.relay = self._stack.enter_context(running())
        lines = [
            "from: papers@lists.example",
            "base_url: https://papers.example",
            f"relay: smtp://127.0.0.1:{self.relay.port}",
        ]
        (self.folder / "mail.yaml").write_text("\n".join(lines))
        server = ForkServer(built(self.folder), self.folder, {"HF_ENDPOINT": self.site.url})
        self._fork_server = self._stack.enter_context(server)
        (self.folder / "saved").mkdir()
        for suffix, address in SAVED.items():
            page = httpx.get(f"{self.site.url}{address}").content
            (self.folder / "saved" / f"{NOON.date()}.{suffix}").write_bytes(page)
        repository = new_repository(self.folder / "repository")
        for hours, suffix in ((2, "html"), (1, "json"), (0, "html")):
            page = (self.folder / "saved" / f"{NOON.date()}.{suffix}").read_bytes()
            repository.commit({f"{NOON.date()}.{suffix}": page + b"\n" * hours}, NOON - timedelta(hours=hours))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.__exit__(kind, error, trace)

    def disk(self, like: Path | None = None) -> Path:
        """A new folder for store and state folder, copied from another one."""
        self._disks += 1
        new = self.folder / f"disk-{self._disks}" / "disk"
        if like is None:
            new.mkdir(parents=True)
        else:
            shutil.copytree(like, new)
        return new

    def run(
        self, disk: Path, words: Sequence[str], at: At = NOWHERE, log: Path | None = None, now: datetime = NOON
    ) -> ProcessResult:
        """A command line with its store and state folder on that disk."""
        return self._fork_server.run(disk, self._words(disk, now, words), at, log)

    def command(self, disk: Path, words: Sequence[str], log: Path) -> tuple[list[str], dict[str, str]]:
        """The same as a separate command with its environment, for a tool that starts it."""
        order = order_for(disk, self._words(disk, NOON, words), self.folder, log=log)
        return [sys.executable, "-m", "tests.torture.crash.fork_server", order], self._fork_server.environment

    def undisturbed(self, scenario: Scenario) -> Undisturbed:
        """The undisturbed scenario, run once."""
        if scenario.name not in self._undisturbed:
            self._undisturbed[scenario.name] = self._try(scenario)
        return self._undisturbed[scenario.name]

    def _try(self, scenario: Scenario) -> Undisturbed:
        before, log = self.disk(), self.folder / f"{scenario.name}.log"
        if scenario.looked_before or scenario.made_before:
            self.site.switches.append(items(_lists, _earlier))
            for words in [["run"], scenario.words] if scenario.made_before else [scenario.words]:
                self.run(before, words, now=NOON - timedelta(hours=3))
            self.site.switches.pop()
        if scenario.made_before:
            self.run(before, ["run"])
        if scenario.after_run:
            self.run(before, ["run"], now=NOON - timedelta(hours=3))
        for words in scenario.prepared:
            self.run(before, words, now=NOON - timedelta(hours=3))
        disk = self.disk(before)
        self.relay.received.clear()
        ended = self.run(disk, scenario.words, log=log)
        if ended.status != 0:
            raise RuntimeError(f"{scenario.name}: undisturbed it ends with {ended.status}: {ended.err}")
        mails = mails_of(self.relay.received)
        return Undisturbed(before, disk, list(calls(log)), ended, files(disk), outputs(before), mails)

    def _words(self, disk: Path, now: datetime, words: Sequence[str]) -> list[str]:
        places = {name: self.folder / name for name in ("saved", "repository")}
        places["mail"] = self.folder / "mail.yaml"
        named = [word.format(disk=disk, arxiv=self.arxiv.url, **places) for word in words]
        return ["--store", f"{disk / 'store'}", "--now", now.isoformat(), *named]


def files(disk: Path) -> dict[str, bytes]:
    """Every output that must not depend on the disturbance, by its name on the disk."""
    found = (path for path in disk.rglob("*") if path.is_file() and not path.name.endswith(".lock"))
    named = {f"{path.relative_to(disk)}": path for path in found}
    compared = (name for name in named if name.startswith(OUTPUTS) and not name.startswith(UNCOMPARED))
    return {name: named[name].read_bytes() for name in compared} | records_of(disk)


def outputs(disk: Path) -> dict[str, bytes]:
    """Every file in the folder of an output, by its name on the disk."""
    return {f"{path.relative_to(disk)}": path.read_bytes() for path in (disk / "out").rglob("*") if path.is_file()}


def unreadable(bench: Bench, disk: Path) -> list[str]:
    """What is wrong when the store is read: the reader and `status` must accept it."""
    found = []
    try:
        list(read_range(Store(disk / "store"), SERIES))
    except Exception as error:
        found.append(f"the reader fails: {error!r}")
    ended = bench.run(disk, ["status"])
    if (ended.status not in {0, 1} or ended.err) and not (ended.status == FAILED and _is_empty(disk / "store")):
        found.append(f"status ends with {ended.status}: {ended.err}")
    return found


def _is_empty(store: Path) -> bool:
    """Whether there is no day, so that `status` has nothing to show: it says so and fails."""
    return not any(store.glob("pages/*/*/*/*.warc.gz")) and not any(store.glob("snapshots/*/*/*.day.json"))


def unsent(bench: Bench, scenario: Scenario, recorded: Sequence[str] = ()) -> list[str]:
    """What is wrong with the mails that the relay was given since the trial began.

    `recorded` are those whose sending a power cut left recorded: they must not come again.
    """
    if not scenario.sends_mail:
        return []
    return wrong_mails(bench.undisturbed(scenario).mails, bench.relay.received, recorded)


def unlike(disk: Path, wanted: dict[str, bytes]) -> list[str]:
    """The files that are missing, different or unexpected."""
    present = files(disk)
    return [
        f"{name} is not as it was to be" for name in sorted(present | wanted) if present.get(name) != wanted.get(name)
    ]


def _lists(request: Request) -> bool:
    return "papers" in request.path


def _has_a_bad_item(request: Request) -> bool:
    """One day of each scenario has rejects, but too few to need attention."""
    return "2025-12-10" in request.target or f"{NOON.date()}" in request.target


def _earlier(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    for item in found:
        item["paper"]["upvotes"] = 1
    return found[:-1]
