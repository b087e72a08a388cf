"""The program: `dailypapers`, which is also `python -m dailypapers`."""

from __future__ import annotations

import gc
import sys


def main() -> int:
    """Run the command line; gives its exit status."""
    # Loading modules makes hardly anything that could be freed, and looking for it is a twentieth of the start.
    gc.set_threshold(50_000, 20, 50)
    from dailypapers.cli.main import main as run  # noqa: PLC0415 - after the line before

    return run()


if __name__ == "__main__":
    sys.exit(main())
