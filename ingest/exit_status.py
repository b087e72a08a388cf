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
