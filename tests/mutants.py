"""`python -m tests.mutants [PART ...]`: how many deliberate mistakes in the code do the tests find?

mutmut makes the mistakes (https://mutmut.readthedocs.io), part by part (`tests.mutant_parts`); the score of a part is
killed / (total - skipped) of its `export-cicd-stats`. Exit status 0 if every part reaches its share, else 1. Each part
has its own copy of the project, `mutants/PART`; there, `mutmut show NAME` shows a survivor.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

from tests.mutant_parts import PARTS, ROOT, Part

WORK: Final = ROOT / "mutants"
MAX_LEFT_OUT: Final = 0.02
"""Share of the lines of a part that may have `# pragma: no mutate`."""

_PRAGMA: Final = re.compile(r"# pragma: no mutate(.*)")
_SETTINGS: Final = "[tool.mutmut]\n"
_NOT_COPIED: Final = shutil.ignore_patterns("__pycache__", ".*", "mutants", "demo-data", "dist", "*.egg-info")


def score(stats: Mapping[str, int]) -> float:
    """Share of the mutants that were killed, of all that were tried."""
    return stats["killed"] / (stats["total"] - stats["skipped"])


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


def measure(name: str) -> bool:
    """Mutate a part, test it, print the survivors and the score; gives whether it is good enough."""
    part, begun = PARTS[name], time.monotonic()
    folder = prepare(name)
    try:
        _mutmut(folder, "run")
    except subprocess.CalledProcessError as error:
        print(f"{name}: not measured, its tests fail without a mistake ({error})", flush=True)
        return False
    _mutmut(folder, "export-cicd-stats")
    stats = json.loads((folder / "mutants" / "mutmut-cicd-stats.json").read_text("utf-8"))
    share, bare = left_out(part.files)
    print(_mutmut(folder, "results"))
    print(json.dumps(stats))
    print(
        f"{name}: {score(stats):.1%} of {stats['total']} killed (at least {part.least:.0%}); {share:.1%} of the lines "
        f"left out ({MAX_LEFT_OUT:.0%}); {(time.monotonic() - begun) / 60:.0f} min",
        flush=True,
    )
    return score(stats) >= part.least and share <= MAX_LEFT_OUT and not bare


def main(words: Sequence[str] | None = None) -> int:
    """Measure the parts named, by default all; gives the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description="Mutation tests, part by part.")
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"default: all of {', '.join(PARTS)}")
    names = parser.parse_args(words).parts or list(PARTS)
    if unknown := [name for name in names if name not in PARTS]:
        parser.error(f"no part {', '.join(unknown)}; there are: {', '.join(PARTS)}")
    good = [measure(name) for name in names]
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
