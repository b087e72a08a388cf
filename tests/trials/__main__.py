"""`python -m tests.trials rules --months 1000`: the trial that a change of the rules of completeness has to pass."""

from __future__ import annotations

import argparse
import sys
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from itertools import chain

from .months import healthy_month, sick_month
from .rules import Outcome, try_month


def main() -> int:
    """Try the rules on that many months, one in four of them healthy; exit status 1 if anything came out wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.trials", description=main.__doc__)
    parser.add_argument("trial", choices=["rules"])
    parser.add_argument("--months", type=int, default=1000)
    parser.add_argument("--first", type=int, default=0, help="the number of the first month")
    parser.add_argument("--jobs", type=int, default=2)
    arguments = parser.parse_args()
    numbers = range(arguments.first, arguments.first + arguments.months)
    total = {"healthy": Outcome(), "sick": Outcome()}
    with ProcessPoolExecutor(arguments.jobs) as pool:
        healthy = pool.map(partial(try_month, healthy_month), numbers[: len(numbers) // 4], chunksize=4)
        sick = pool.map(partial(try_month, sick_month), numbers[len(numbers) // 4 :], chunksize=4)
        for name, outcome in chain((("healthy", one) for one in healthy), (("sick", one) for one in sick)):
            total[name].add(outcome)
    for name, outcome in total.items():
        print(f"{name}:", ", ".join(f"{count:,} {what}" for what, count in outcome.counts.items()))
        print(f"  {len(outcome.wrong)} wrong")
        for what in outcome.wrong[:20]:
            print(f"  {what}")
    return int(any(outcome.wrong for outcome in total.values()))


if __name__ == "__main__":
    sys.exit(main())
