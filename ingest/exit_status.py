"""Exit statuses of the command line."""

from __future__ import annotations

from typing import Final

DONE: Final = 0
"""Exit status: done."""


ATTENTION: Final = 1
"""Exit status: done, but something needs attention."""


USAGE: Final = 2
"""Exit status: wrong usage."""


FAILED: Final = 3
"""Exit status: could not do it."""
