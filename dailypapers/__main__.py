"""The program: `dailypapers`, which is also `python -m dailypapers`."""

from __future__ import annotations

import gc
import os
import signal
import sys
from types import FrameType


def main() -> int:
    """Run the command line; gives its exit status."""
    # Loading modules makes hardly anything that could be freed, and looking for it is a twentieth of the start.
    gc.set_threshold(50_000, 20, 50)
    handler = signal.getsignal(signal.SIGINT)
    if handler is signal.default_int_handler:
        # While modules are loaded, there is nothing to clean up, and a KeyboardInterrupt would be a traceback.
        signal.signal(signal.SIGINT, _quit)
    try:
        from dailypapers.cli.main import main as run  # noqa: PLC0415 - after the lines before
    except Exception as error:  # as in an incomplete installation: Python's own status for it, 1, means "attention"
        sys.stderr.write(f"dailypapers: its modules cannot be loaded ({error}); install it again\n")
        return os.EX_SOFTWARE
    try:
        signal.signal(signal.SIGINT, handler)
        status = run()
    except KeyboardInterrupt:  # before the command line takes it, or after
        return 128 + signal.SIGINT
    # Nothing is left to clean up, and an exception of a handler would be a traceback.
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, signal.SIG_DFL)
    return status


def _quit(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 - signal's signature
    os._exit(128 + number)


if __name__ == "__main__":
    sys.exit(main())
