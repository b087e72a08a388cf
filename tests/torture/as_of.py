"""A month on the paper site with all its problems, copied after each run: every copy is made again as of its time."""

import tempfile
from datetime import timedelta
from pathlib import Path

from tests.support.exported_files import differing_exports
from tests.support.hourly_copies import copies_of_a_run, differing_days, differing_papers, files
from tests.support.scripted_month import run_command, script
from tests.torture.verdict import Verdict, none_of

HOURS = 24 * 31
WHOLE = 48
"""Each of so many copies is also made by the command, and asked for papers."""


def month_as_of(hours: int = HOURS) -> list[Verdict]:
    """The verdicts on a number of hours."""
    with tempfile.TemporaryDirectory() as folder:
        root, out = Path(folder, "store"), Path(folder, "out")
        copies = list(copies_of_a_run(Path(folder), script(6), hours))
        days = list(differing_days(root, copies))
        chosen = copies[WHOLE // 2 :: WHOLE] or copies[-1:]
        stores, answers = [], list[str | None]()
        for copy in chosen:
            at, now = copy.at.isoformat(), copies[-1].at + timedelta(days=1)
            run_command(root, now, "build", "--as-of", at, "--out", f"{out}")
            stores.append(None if files(out) == files(copy.root) else f"the store as of {at}")
            answers += differing_papers(root, copy)
        exports = list(differing_exports(root, copies, 1, Path(folder)))
    return [
        none_of(f"Of {len(days):,} days that changed in {len(copies):,} copies, differ", _only(days)),
        none_of(f"Of {len(stores):,} stores made by the command, differ", _only(stores)),
        none_of(f"Of {len(exports):,} exports as of a time, differ", _only(exports)),
        none_of(f"Of {len(answers):,} answers of papers, show and history, differ", _only(answers)),
    ]


def _only(found: list[str | None]) -> list[str]:
    return [each for each in found if each is not None]
