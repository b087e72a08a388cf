"""`python -m tests.mutants`: how many deliberate mistakes in the parsers do their tests find?

mutmut makes the mistakes (https://mutmut.readthedocs.io); the score is killed / (total - skipped) of its
`export-cicd-stats`. Exit status 0 at 90 % or more, 1 below. The survivors are listed; `mutmut show NAME` shows one.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]
MIN: Final = 0.9
"""Share of the mutants that the tests must kill."""
MAX_LEFT_OUT: Final = 0.02
"""Share of the parsers' lines that may have `# pragma: no mutate`."""

_PRAGMA: Final = re.compile(r"# pragma: no mutate(.*)")


def score(stats: Mapping[str, int]) -> float:
    """Share of the mutants that were killed, of all that were tried."""
    return stats["killed"] / (stats["total"] - stats["skipped"])


def left_out(parsers: Path) -> tuple[float, list[str]]:
    """The share of lines excluded from mutation, and those among them without a reason (`- because ...`)."""
    lines = [
        (f"{path.relative_to(parsers)}:{number}", line)
        for path in sorted(parsers.rglob("*.py"))
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
    ]
    marked = [(place, found[1]) for place, line in lines if (found := _PRAGMA.search(line))]
    return len(marked) / len(lines), [place for place, reason in marked if not re.match(r" - \w", reason)]


def _mutmut(*words: str) -> str | None:
    """The output of a mutmut command; None for `run`, which shows its progress."""
    command = [str(Path(sys.executable).with_name("mutmut")), *words]
    # The same result everywhere: without the real pages that only some machines have.
    surroundings = {name: value for name, value in os.environ.items() if name != "DAILYPAPERS_CAPTURES"}
    pipe = None if words[0] == "run" else subprocess.PIPE
    return subprocess.run(command, cwd=ROOT, env=surroundings, stdout=pipe, text=True, check=True).stdout


def main() -> int:
    """Mutate, test, compute the score; gives the exit status."""
    # mutmut's cache of an earlier run ignores that tests changed.
    shutil.rmtree(ROOT / "mutants", ignore_errors=True)
    _mutmut("run")
    _mutmut("export-cicd-stats")
    stats = json.loads((ROOT / "mutants" / "mutmut-cicd-stats.json").read_text("utf-8"))
    share, bare = left_out(ROOT / "parsers")
    print(_mutmut("results"))
    print(json.dumps(stats))
    print(f"{score(stats):.1%} killed (at least {MIN:.0%}); {share:.1%} of the lines left out ({MAX_LEFT_OUT:.0%})")
    return 0 if score(stats) >= MIN and share <= MAX_LEFT_OUT and not bare else 1


if __name__ == "__main__":
    sys.exit(main())
