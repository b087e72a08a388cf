"""Exit statuses of the command line."""

from __future__ import annotations

from typing import Final

DONE: Final = 0
ATTENTION: Final = 1
"""Done, but something needs attention."""
USAGE: Final = 2
"""Wrong usage."""
FAILED: Final = 3
"""It could not be done."""
CRASHED: Final = 70
"""A bug of this program stopped it, or its work on a day; the number is EX_SOFTWARE of sysexits.h."""
