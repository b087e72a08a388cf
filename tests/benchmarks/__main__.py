"""`python -m tests.benchmarks [ROW...] [--json FILE]`: measures the rows, and checks whether targets are met.

Exit status: 0 all met; 1 some not met; 2 wrong usage; 3 could not be measured.
"""

import argparse
import platform
import sys
from collections.abc import Iterable, Sequence
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Final

import orjson

from tests.benchmarks.table import Table, plain, printed
from tests.benchmarks.turns import INSTALL, NotMeasuredError

ROWS: Final = {
    1: "hf_page",
    2: "hf_answer",
    3: "arxiv_feed",
    4: "catalog",
    5: "backfill",
    6: "start",
    8: "month",
    9: "replay",
    10: "profile",
    11: "growth",
    13: "arxiv_oai",
    14: "export",
    15: "mcp_start",
    16: "feeds",
    17: "cluster",
    18: "site",
}
"""The rows and their modules, each with a `measure()`; a row is called by its number or by its module."""
_NAMED: Final = ", ".join(f"{row} or {name}" for row, name in ROWS.items())


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command line (sys.argv unless given); give its exit status."""
    asked = _parser().parse_args(arguments)
    print(_machine())
    try:
        tables = [table for row in asked.rows or ROWS for table in printed(measure(row))]
    except NotMeasuredError as error:
        print(f"not measured: {error}", file=sys.stderr)
        return 3
    if asked.json:
        asked.json.write_bytes(orjson.dumps(_plain(tables), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
    missed = sum(len(table.missed) for table in tables)
    print(f"\n{sum(len(table.targets) for table in tables)} targets, {missed} NOT MET")
    return 1 if missed else 0


def measure(row: int) -> Iterable[Table]:
    """The tables of a row, each when it is measured.

    Raises NotMeasuredError if a peer is not installed or writes different records.
    """
    try:
        module = import_module(f"tests.benchmarks.{ROWS[row]}")
    except ModuleNotFoundError as error:
        raise NotMeasuredError(f"row {row} needs {error.name}; {INSTALL}") from error
    found: Iterable[Table] = module.measure()
    return found


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description="Ours beside peers and floors.")
    parser.add_argument("rows", nargs="*", type=_row, metavar="ROW", help=f"of {_NAMED} (default: all)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write everything there")
    return parser


def _row(text: str) -> int:
    for row, name in ROWS.items():
        if text in {str(row), name}:
            return row
    raise argparse.ArgumentTypeError(f"no row {text!r}; there are {_NAMED}")


def _machine() -> str:
    return f"Python {platform.python_version()} on {platform.system()} {platform.machine()}, {_versions()}"


def _versions() -> str:
    return ", ".join(f"{name} {version(name)}" for name in ("orjson", "pydantic", "selectolax", "click"))


def _plain(tables: list[Table]) -> dict[str, object]:
    return {"machine": _machine(), "tables": [plain(table) for table in tables]}


if __name__ == "__main__":
    sys.exit(main())
