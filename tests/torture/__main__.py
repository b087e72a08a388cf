"""`python -m tests.torture [--days N] [--minutes N] [--only TEXT]`: exit status 0 if all holds, else 1."""

import argparse
import sys
import time
from collections.abc import Sequence

from tests.torture.as_of import month_as_of
from tests.torture.backfill import PROCESSES, REST_DAYS, five_at_once, one_alone, rested, thirteen_years
from tests.torture.catalog_kills import killed_at_every_step
from tests.torture.cluster import DAYS as CLUSTER_DAYS
from tests.torture.cluster import built_by_a_cluster
from tests.torture.concurrent_runs import DAYS as DAYS_AT_ONCE
from tests.torture.concurrent_runs import PROCESSES as AT_ONCE
from tests.torture.concurrent_runs import ROUNDS, crowded
from tests.torture.crash.trial import Trial
from tests.torture.crash.trial import trials as trials_of_crashes
from tests.torture.damage import FLIPS, damaged
from tests.torture.false_clock import at_all_times
from tests.torture.harvest import DAYS as DAYS_OF_ARXIV
from tests.torture.harvest import KILLS as KILLED_HARVESTS
from tests.torture.harvest import RECORDS, harvested
from tests.torture.mail import KILLS as KILLED_SENDS
from tests.torture.mail import SUBSCRIBERS, killed_sends
from tests.torture.mirror import KILLS, killed_pushes
from tests.torture.scheduled import scheduled, weeks
from tests.torture.verdict import lines

DAYS = 1200
MINUTES = 10


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command line (sys.argv unless given); give its exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.torture",
        description="Trials that take minutes: long backfills, kills, damage, power cuts.",
    )
    parser.add_argument(
        "--days",
        type=int,
        default=DAYS,
        help=f"days of the backfills, one of them four times as many (default: {DAYS})",
    )
    parser.add_argument("--minutes", type=float, default=MINUTES, help=f"minutes of the scheduler (default: {MINUTES})")
    parser.add_argument("--only", default="", help="only the trials whose title holds this text")
    given = parser.parse_args(arguments)
    days = given.days
    trials: dict[str, Trial] = {
        f"Backfill of {days:,} days, limits and time scaled 1:50": lambda: one_alone(days),
        f"Backfill of {4 * days:,} days without limits: its memory": lambda: thirteen_years(4 * days),
        f"{days:,} days by {PROCESSES} processes at once, one store, one budget": lambda: five_at_once(days),
        f"{PROCESSES} processes at once, {REST_DAYS} days, Retry-After obeyed by all": rested,
        f"{given.minutes:g} minutes of the scheduler with minutely jobs, under faults": lambda: scheduled(
            given.minutes
        ),
        "The scheduler's loop, second by second through the weeks that Debian's cron was recorded in": weeks,
        f"{AT_ONCE} at once run and build {DAYS_AT_ONCE} days of one store, {ROUNDS} rounds, some killed": crowded,
        "A writer of the catalog, killed at every step of SQLite": killed_at_every_step,
        f"An archive cut at every byte, and {FLIPS:,} flips of a bit": damaged,
        "A month copied after each run: every copy made again by build, papers, show and export --as-of": month_as_of,
        "The tests with a false clock: first and last hour of a day, 29 February, end of a year": at_all_times,
        f"{KILLED_SENDS} kills of `mail send`, {SUBSCRIBERS} subscribers, a relay that fails": killed_sends,
        f"A harvest of {RECORDS:,} records over {DAYS_OF_ARXIV} days, {KILLED_HARVESTS} kills": harvested,
        f"{KILLS} pushes to an S3 server killed, each then completed": killed_pushes,
        f"{CLUSTER_DAYS} days built by a Dask cluster, a worker of which is killed": built_by_a_cluster,
        **trials_of_crashes(),
    }
    broken = 0
    for title, trial in ((title, trial) for title, trial in trials.items() if given.only in title):
        begun = time.monotonic()
        verdicts = trial()
        print("", *lines(f"{title} ({time.monotonic() - begun:.0f} s)", verdicts), sep="\n", flush=True)
        broken += sum(not one.passed for one in verdicts)
    print(f"\n{broken} failed" if broken else "\nAll passed")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
