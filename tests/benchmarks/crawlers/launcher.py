"""`python -I launcher.py COMMAND...`: run a command; prints its seconds, peak memory and output as JSON.

Linux counts the memory of the parent towards a new process (`ru_maxrss` of getrusage(2) survives execve(2)), so the
command is started from this small process.
"""

import json
import resource
import subprocess
import sys
from time import perf_counter


def main() -> None:
    begun = perf_counter()
    done = subprocess.run(sys.argv[1:], check=False, capture_output=True, stdin=subprocess.DEVNULL)
    seconds = perf_counter() - begun
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    mebibytes, cpu = usage.ru_maxrss / 1024, usage.ru_utime + usage.ru_stime
    said = done.stderr.decode(errors="replace")[-2000:]
    took = {"seconds": seconds, "cpu": cpu, "mebibytes": mebibytes}
    json.dump({**took, "status": done.returncode, "said": said}, sys.stdout)


if __name__ == "__main__":
    main()
