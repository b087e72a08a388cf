"""One target, tested by hypothesis for some seconds: `python -m tests.fuzz.by_structure TARGET SECONDS FOLDER`.

The current input is in a file, so that it is not lost if it ends the process or never ends.
"""

import faulthandler
import random
import sys
import time
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, seed, settings

from tests.fuzz.judge import Judge, bounded
from tests.fuzz.structure import strategy
from tests.fuzz.targets import targets

HANGS = 30  # seconds until an execution is killed with its process
ROUND = 200  # examples between two looks at the clock
_LOOSE = settings(
    max_examples=ROUND, deadline=None, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
)


def main() -> None:
    bounded()
    name, seconds, folder = sys.argv[1], float(sys.argv[2]), Path(sys.argv[3])
    found, work = folder / "found", folder / "structure" / name
    for one in (found, work):
        one.mkdir(parents=True, exist_ok=True)
    target = targets(work)[name]
    judge, until = Judge(target, found, work / "figures.json"), time.monotonic() + seconds
    last = work / "last"

    def once(data: bytes) -> None:
        if time.monotonic() < until:
            last.write_bytes(data)
            faulthandler.dump_traceback_later(HANGS, exit=True)
            judge(data)
            faulthandler.cancel_dump_traceback_later()

    while time.monotonic() < until:
        seed(random.getrandbits(64))(_LOOSE(given(strategy(target))(once)))()
    judge.tell()
    last.unlink(missing_ok=True)  # on a slow machine the time may be over before the first input


if __name__ == "__main__":
    main()
