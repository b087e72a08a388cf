"""`python -m tests.fuzz.command --minutes N`: exit status 0 if nothing was found, 1 if something was."""

from __future__ import annotations

import argparse
import shutil
import sys
import time
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from random import SystemRandom
from tempfile import mkdtemp

import dailypapers
from dailypapers import ingest, parsers, snapshots
from tests.fuzz.command.case import Case, make_case
from tests.fuzz.command.execution import Execution, execute, listen
from tests.fuzz.command.template import Template, make_template
from tests.fuzz.command.verdict import leaks, problems


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command line (default: sys.argv); returns its exit status."""
    options = _options().parse_args(arguments)
    folder = Path(mkdtemp(prefix="fuzz-command-"))
    try:
        template = make_template(folder / "template")
        _load_all()
        if options.seed is not None:
            return _repeat(options.seed, template, folder)
        return _fuzz(options, template, folder)
    finally:
        shutil.rmtree(folder)


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.command", description="The whole command, judged.")
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--cases", type=int, default=10**9, help="end after this number of cases")
    parser.add_argument("--first", type=int, help="the first seed; each case has the next one (default: at random)")
    parser.add_argument("--seed", type=int, help="repeat the case of this seed alone, and show it")
    return parser


def _load_all() -> None:
    """Import every module once, instead of in each forked process."""
    for package in (dailypapers, ingest, parsers, snapshots):
        for module in walk_packages(package.__path__, f"{package.__name__}."):
            if not module.name.endswith("__main__"):
                import_module(module.name)


def _fuzz(options: argparse.Namespace, template: Template, folder: Path) -> int:
    first = SystemRandom().randrange(2**32) if options.first is None else options.first
    start = time.monotonic()
    cases = executions = 0
    slowest, causes = 0.0, dict[str, int]()
    while cases < options.cases and time.monotonic() - start < options.minutes * 60:
        seed = first + cases
        _, ran, found = _run(seed, template, folder)
        cases, executions = cases + 1, executions + len(ran)
        slowest = max(slowest, *(execution.seconds for execution in ran))
        for line in found:
            if line not in causes:
                print(f"--seed {seed}: {line}", flush=True)
            causes[line] = causes.get(line, 0) + 1
    minutes = (time.monotonic() - start) / 60
    print(
        f"first seed {first}, {cases:,} cases, {executions:,} executions, "
        f"{minutes:.1f} minutes, slowest {slowest:.1f} s"
    )
    print(f"found: {len(causes)}; a case is repeated by: python -m tests.fuzz.command --seed SEED")
    return 1 if causes else 0


def _repeat(seed: int, template: Template, folder: Path) -> int:
    case, ran, found = _run(seed, template, folder)
    print(*case.shown, sep="\n")
    for execution in ran:
        print(
            f"exit {execution.status} after {execution.seconds:.1f} s",
            *map(repr, execution.out[-3000:].decode("utf-8", "replace").splitlines()),
            sep="\n",
        )
        print(
            "stderr:",
            *map(repr, execution.err[-3000:].decode("utf-8", "replace").splitlines()),
            execution.crash,
            sep="\n",
        )
    print(*found, f"found: {len(found)}", sep="\n")
    return 1 if found else 0


def _run(seed: int, template: Template, folder: Path) -> tuple[Case, list[Execution], list[str]]:
    work = folder / "case"
    with listen() as listener:
        case = make_case(seed, template, work, f"http://127.0.0.1:{listener.getsockname()[1]}")
        ran = execute(case, work, listener)
    found = [line for execution in ran for line in problems(case, execution)]
    found += leaks(work)
    shutil.rmtree(work)
    return case, ran, found


if __name__ == "__main__":
    sys.exit(main())
