"""One stored input, repeated in a fresh process: `python -m tests.fuzz.repeat_input TARGET FILE FOLDER`.

Prints the result and exits with 0 if it ended correctly, within a second and 200 MiB; otherwise with 1.
"""

import sys
import time
from pathlib import Path

from tests.fuzz.judge import MEMORY, SLOW, bounded, forget_peak, peak
from tests.fuzz.targets import targets


def main() -> int:
    bounded()
    name, path, folder = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    target, data = targets(folder)[name], path.read_bytes()
    # The first execution loads everything that is loaded once.
    target.run(target.seeds[0])
    forget_peak()
    begun = time.process_time()
    found = target.run(data)
    spent, most = time.process_time() - begun, peak()
    target.holds(found)
    print(f"{spent:.2f} s, {most:.0f} MiB")
    return 1 if spent > SLOW or most > MEMORY else 0


if __name__ == "__main__":
    sys.exit(main())
