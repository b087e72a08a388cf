"""Power cuts: each possible state is read, run again and compared; also with each fsync switched off."""

import json
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from random import Random

from dailypapers.outputs.folder import UNFINISHED
from dailypapers.snapshots.store.layout import ARCHIVE_SUFFIX
from tests.torture.crash.bench import UNCOMPARED, Bench, Scenario, Undisturbed, unlike, unreadable, unsent
from tests.torture.crash.disk_states import CATALOG, CRON_FILE, STATE, History, State, laid_out
from tests.torture.crash.mailbox import lacks_secret, recorded_as_sent
from tests.torture.crash.points import not_repeated
from tests.torture.crash.scheduler_state import version

MANIFEST = "out/.made.json"
REPORT = re.compile(r"store/runs/[^/]*/[^/.]*\.json")
KEPT = ("store/pages", "store/runs")
"""Archives and reports must be there once their folder was synced, printed or not."""
LAST_CALLS = 8
CASE_LINE = re.compile(r"^\S*/(fixtures/\S+): \d+ of \d+ items", re.MULTILINE)
DAY_LINE = re.compile(r"^(?:hf-daily|arxiv-oai) (\d{4}-\d\d-\d\d): \d+ papers", re.MULTILINE)


@dataclass(frozen=True)
class Cut:
    """A state that a power cut may leave in a scenario."""

    scenario: Scenario
    state: State

    def __str__(self) -> str:
        return f"{self.scenario.name}, cut before call {self.state.cut}"


def history(bench: Bench, scenario: Scenario, without: frozenset[int] = frozenset(), passed_over: str = "") -> History:
    """What an undisturbed scenario does to its disk."""
    calm = bench.undisturbed(scenario)
    return History(calm.before, calm.disk, calm.calls, without, passed_over)


def cuts(bench: Bench, scenario: Scenario, mixtures: int = 4) -> list[Cut]:
    """Different states after a cut before each call of a scenario, and after its last call."""
    past, found = history(bench, scenario), {}
    # The last calls are those of the manifest of an output, after all else was synced.
    chosen = [cut for cut in range(past.length + 1) if cut % scenario.cut_every == 0 or past.length - cut < LAST_CALLS]
    for state in past.states(chosen, Random(scenario.name), mixtures):
        found[frozenset(state.tree.items()), state.printed] = Cut(scenario, state)
    return list(found.values())


def survived(bench: Bench, cut: Cut) -> list[str]:
    """What is wrong after a cut: a printed day is missing, the store cannot be read or cannot be completed."""
    calm = bench.undisturbed(cut.scenario)
    wrong = promised(cut.state, calm.files, calm.outputs_before) + forgotten(cut.state, calm.ended.out)
    disk = bench.disk()
    laid_out(cut.state.tree, disk)
    wrong += unreadable(bench, disk)
    recorded = recorded_as_sent(disk) if cut.scenario.sends_mail else []
    if cut.scenario.sends_mail and lacks_secret(disk):
        wrong.append("there are mails, and the secret of their links is lost")
    bench.relay.received.clear()
    again = bench.run(disk, cut.scenario.words)
    wrong += not_repeated(cut.scenario, again)
    wrong += unlike(disk, calm.files)
    wrong += unsent(bench, cut.scenario, recorded)
    shutil.rmtree(disk.parent)
    return wrong


def promised(state: State, files: dict[str, bytes], outputs_before: Mapping[str, bytes] = {}) -> list[str]:
    """What is missing: files of days whose line was printed, archives and reports that were synced."""
    days = DAY_LINE.findall(state.printed)
    cases = tuple(CASE_LINE.findall(state.printed)) or ("no case",)
    wanted = {name for name in files if any(day in name for day in days) or name.startswith(cases)}
    wanted |= {name for name in state.kept if name.endswith((ARCHIVE_SUFFIX, ".json")) and name.startswith(KEPT)}
    reports = {name: state.tree[name] or b"" for name in state.tree if REPORT.fullmatch(name)}
    wrong = [
        f"{name} is not there, or not whole" for name in wanted if not _is_right(state.tree.get(name), name, files)
    ]
    wrong += [f"{name} is not whole" for name, report in reports.items() if not report.endswith(b"}\n")]
    wrong += unwritten(state, files, outputs_before)
    # A report is written when the work starts and again at the end.
    newest = max((name.rpartition("-")[0] for name in reports), default="-")
    if state.is_end and all(b'"exit": null' in reports[name] for name in reports if name.startswith(newest)):
        wrong.append("no report tells the end")
    return wrong


def unwritten(state: State, files: dict[str, bytes], before: Mapping[str, bytes]) -> list[str]:
    """The files of an output that are not what its manifest says, and at the end all that are missing or not whole.

    The manifest of the run before says that the files are what they were before.
    """
    manifest = state.tree.get(MANIFEST) or b""
    right = before if manifest == before.get(MANIFEST) and not state.is_end else files
    try:
        sections = json.loads(manifest)
    except ValueError:
        sections = {}
    finished = [section for section in sections.values() if UNFINISHED not in section]
    made = {f"out/{name}" for section in finished for name in section["files"]}
    wanted = {name for name in made if not name.startswith(UNCOMPARED)}
    if state.is_end:
        wanted |= {name for name in files if name.startswith("out/")}
    wrong = [f"{name} is not there, or not whole" for name in wanted if state.tree.get(name) != right[name]]
    is_lost = bool(before) and not sections
    is_unfinished = state.is_end and wanted and (not finished or len(finished) < len(sections))
    return [*wrong, "the manifest is not whole"] if is_lost or is_unfinished else wrong


def _is_right(content: bytes | None, name: str, files: dict[str, bytes]) -> bool:
    return content is not None if REPORT.fullmatch(name) else content == files[name]


def forgotten(state: State, printed: str) -> list[str]:
    """What is wrong with the scheduler's state: it must be the version printed last, or a later one."""
    versions = [line for line in printed.splitlines() if line.startswith("{")]
    reached = sum(line.startswith("{") for line in state.printed.splitlines())
    contents = [content or b"" for name, content in state.tree.items() if _is_cron_file(name)]
    allowed = versions[max(0, reached - 1) :]
    if not contents:
        return [f"the scheduler's state is not there, {reached} changes were printed"] if reached else []
    return [f"the scheduler's state is {content!r}" for content in contents if version(content) not in allowed]


def _is_cron_file(name: str) -> bool:
    return name.startswith(CRON_FILE) and name.endswith(".json")


def ours(bench: Bench, scenario: Scenario) -> dict[int, str]:
    """The syncs that are not SQLite's: those of the outputs and of their parent folders."""
    syncs = history(bench, scenario).syncs.items()
    ours = {number: name for number, name in syncs if not name.startswith(CATALOG)}
    return {number: name for number, name in ours.items() if scenario.writes_state or not name.startswith(STATE)}


def needless(bench: Bench, scenario: Scenario) -> list[str]:
    """The syncs that no state needs: with one of them switched off, every guarantee still holds after any cut."""
    calm, passed_over = bench.undisturbed(scenario), "" if scenario.writes_state else STATE
    return [
        f"{scenario.name}, call {number}: sync of {name}"
        for number, name in ours(bench, scenario).items()
        if not _bites(history(bench, scenario, frozenset([number]), passed_over), number, calm)
    ]


def _bites(past: History, number: int, calm: Undisturbed) -> bool:
    states = past.states(range(number, past.length + 1), Random(1), 0)
    return any(promised(state, calm.files, calm.outputs_before) or forgotten(state, calm.ended.out) for state in states)
