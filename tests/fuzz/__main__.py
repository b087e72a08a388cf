"""`python -m tests.fuzz --minutes N`: exit status 0 if nothing was found, 1 if something was."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import mkdtemp

from tests.fuzz.fuzzer_process import HALVES, fuzz
from tests.fuzz.targets import NAMES
from tests.fuzz.verdicts import closing, tried_again


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command line (sys.argv unless given); give its exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description="What no site should serve, judged.")
    parser.add_argument("--minutes", type=float, default=60, help="in total, half by bytes, half by structure")
    parser.add_argument("--half", choices=HALVES, help="only this fuzzer")
    parser.add_argument("--target", choices=NAMES, help="only this target")
    parser.add_argument("--folder", type=Path, help="where corpus and findings go (default: a new one)")
    said = parser.parse_args(arguments)
    folder = said.folder or Path(mkdtemp(prefix="fuzz-"))
    halves, names = [said.half] if said.half else HALVES, [said.target] if said.target else NAMES
    seconds = said.minutes * 60 / len(halves) / len(names)
    ran = [fuzz(half, name, seconds, folder) for half in halves for name in names]
    print(*closing(ran), sep="\n")
    found = [tried_again(path, folder) for path in sorted((folder / "found").iterdir())]
    print(*(one.line for one in found), f"found: {sum(one.bad for one in found)}, in {folder / 'found'}", sep="\n")
    return 1 if any(one.bad for one in found) else 0


if __name__ == "__main__":
    sys.exit(main())
