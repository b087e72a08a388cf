"""`python -m tests.mutants [--sample N] [PART ...]`: how many deliberate mistakes in the code do the tests find?

mutmut makes the mistakes (https://mutmut.readthedocs.io), part by part (`tests.mutant_parts`); the score of a part is
the share of its mutants, or of a sample of them, that were killed. Exit status 0 if every part reaches its share, else
1. Each part has its own copy of the project, `mutants/PART`; there, `mutmut show NAME` shows a survivor.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.mutant_parts import PARTS, ROOT, Part
from tests.mutant_sample import drawn, mutant_names, wilson

WORK: Final = ROOT / "mutants"
MAX_LEFT_OUT: Final = 0.02
"""Share of the lines of a part that may have `# pragma: no mutate`."""

MORE_TIME: Final = 4
"""Times as long may a mutant take that was too slow, when it is tried again."""

_TIMEOUT: Final = re.compile(r"^(timeout_multiplier = )(\d+)$", re.MULTILINE)
_PRAGMA: Final = re.compile(r"# pragma: no mutate(.*)")
_SETTINGS: Final = "[tool.mutmut]\n"
_NOT_COPIED: Final = shutil.ignore_patterns("__pycache__", ".*", "mutants", "demo-data", "dist", "*.egg-info")


def score(results: Counter[str]) -> float:
    """Share of the mutants that were killed, of all that were tried."""
    return results["killed"] / results.total()


def left_out(files: Iterable[Path]) -> tuple[float, list[str]]:
    """The share of lines excluded from mutation, and those among them without a reason (`- because ...`)."""
    lines = [
        (f"{path}:{number}", line)
        for path in files
        for number, line in enumerate((ROOT / path).read_text("utf-8").splitlines(), 1)
    ]
    marked = [(place, found[1]) for place, line in lines if (found := _PRAGMA.search(line))]
    return len(marked) / len(lines), [place for place, reason in marked if not re.match(r" - \w", reason)]


def settings_for(part: Part, pyproject: str) -> str:
    """The project's settings with those of the part added to the table of mutmut."""
    before, table, after = pyproject.partition(_SETTINGS)
    if not table:
        raise ValueError(f"pyproject.toml has no table {_SETTINGS.strip()}")
    files = json.dumps([path.as_posix() for path in part.files])
    tests = json.dumps([f"tests/{name}" for name in part.tests])
    return f"{before}{table}only_mutate = {files}\npytest_add_cli_args_test_selection = {tests}\n{after}"


def prepare(name: str) -> Path:
    """A copy of the project with the settings of a part; that of an earlier run, whose cache is old, is removed."""
    folder = WORK / name
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(ROOT, folder, ignore=_NOT_COPIED)
    settings = folder / "pyproject.toml"
    settings.write_text(settings_for(PARTS[name], settings.read_text("utf-8")), "utf-8")
    return folder


def _mutmut(folder: Path, *words: str) -> str | None:
    """The output of a mutmut command; None for `run`, which shows its progress."""
    command = [str(Path(sys.executable).with_name("mutmut")), *words]
    # The same result everywhere: without the real pages that only some machines have.
    surroundings = {name: value for name, value in os.environ.items() if name != "DAILYPAPERS_CAPTURES"}
    pipe = None if words[0] == "run" else subprocess.PIPE
    return subprocess.run(command, cwd=folder, env=surroundings, stdout=pipe, text=True, check=True).stdout


@dataclass(frozen=True, slots=True)
class Sampling:
    """How many mutants of each part are tried."""

    size: int | None = None
    """All if None."""
    seed: int = 1
    processes: int | None = None
    """As many as the machine has cores if None."""


def measure(name: str, sampling: Sampling) -> bool:
    """Mutate a part, test it, print the survivors and the score; gives whether it is good enough."""
    part, begun = PARTS[name], time.monotonic()
    folder, names = prepare(name), mutant_names(PARTS[name].files, ROOT)
    chosen = names if sampling.size is None else drawn(names, sampling.size, sampling.seed)
    children = [] if sampling.processes is None else ["--max-children", str(sampling.processes)]
    try:
        _mutmut(folder, "run", *children, *(chosen if len(chosen) < len(names) else ()))
        statuses = _results(folder, chosen)
        if slow := [mutant for mutant, status in statuses.items() if status == "timeout"]:
            allow_more_time(folder / "pyproject.toml")
            _mutmut(folder, "run", *children, *slow)
            statuses = _results(folder, chosen)
    except subprocess.CalledProcessError as error:
        print(f"{name}: not measured, its tests fail without a mistake ({error})", flush=True)
        return False
    share, bare = left_out(part.files)
    print(*(f"{mutant}: {status}" for mutant, status in statuses.items() if status != "killed"), sep="\n")
    results = Counter(statuses.values())
    print(
        f"{name}: {in_words(results, len(names), sampling.seed)} (at least {part.least:.0%}); {share:.1%} of the "
        f"lines left out ({MAX_LEFT_OUT:.0%}); {(time.monotonic() - begun) / 60:.0f} min",
        flush=True,
    )
    return score(results) >= part.least and share <= MAX_LEFT_OUT and not bare


def _results(folder: Path, chosen: Sequence[str]) -> dict[str, str]:
    return read_results(_mutmut(folder, "results", "--all", "true") or "", chosen)


def allow_more_time(settings: Path) -> None:
    """Multiply the time that the tests of a mutant may take: on a busy machine it is not always enough.

    Raises ValueError if the settings have no `timeout_multiplier`.
    """
    changed, count = _TIMEOUT.subn(lambda found: f"{found[1]}{int(found[2]) * MORE_TIME}", settings.read_text("utf-8"))
    if count != 1:
        raise ValueError(f"{settings} has {count} lines with timeout_multiplier")
    settings.write_text(changed, "utf-8")


def read_results(printed: str, chosen: Sequence[str]) -> dict[str, str]:
    """The status of each chosen mutant, from the lines of `mutmut results`, without those that were skipped.

    Raises ValueError if one was not tried.
    """
    lines = (line.strip().rpartition(": ") for line in printed.splitlines())
    statuses = {name: status for name, _, status in lines}
    tried = {name: statuses.get(name, "not checked") for name in chosen}
    if missing := [name for name, status in tried.items() if status == "not checked"]:
        raise ValueError(f"{len(missing)} mutants were not tried, among them {missing[0]}")
    return {name: status for name, status in tried.items() if status != "skipped"}


def in_words(results: Counter[str], of: int, seed: int) -> str:
    """The score of a part that has so many mutants; that of a sample with its interval."""
    others = ", ".join(f"{count} {status}" for status, count in sorted(results.items()) if status != "killed")
    counts = f"{score(results):.1%} killed ({others or 'no survivor'})"
    if results.total() >= of:
        return f"{counts} of {of:,} mutants"
    low, high = wilson(results["killed"], results.total())
    return (
        f"{counts} of a sample of {results.total():,} of {of:,} mutants, seed {seed}: 95 % interval {low:.1%} to "
        f"{high:.1%}"
    )


def _count(word: str) -> int:
    if (number := int(word)) < 1:
        raise argparse.ArgumentTypeError(f"{word} is less than 1")
    return number


def main(words: Sequence[str] | None = None) -> int:
    """Measure the parts named, by default all; gives the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description="Mutation tests, part by part.")
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"default: all of {', '.join(PARTS)}")
    parser.add_argument("--sample", type=_count, metavar="N", help="try only N mutants of each part")
    parser.add_argument("--seed", type=int, default=1, help="of the sample (default: 1)")
    parser.add_argument("--processes", type=_count, metavar="N", help="default: one per core")
    given = parser.parse_args(words)
    names = given.parts or list(PARTS)
    if unknown := [name for name in names if name not in PARTS]:
        parser.error(f"no part {', '.join(unknown)}; there are: {', '.join(PARTS)}")
    sampling = Sampling(given.sample, given.seed, given.processes)
    good = [measure(name, sampling) for name in names]
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
