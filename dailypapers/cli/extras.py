"""Libraries that only some commands need, each installed with an extra of the package."""

from __future__ import annotations

import shlex
import sys
from importlib.util import find_spec

from dailypapers.ingest.errors import UsageError


def require_extra(extra: str, module: str, command: str) -> None:
    """Raises UsageError, with the line that installs the extra, if its module is not there."""
    if find_spec(module) is None:
        # By the interpreter's own name: under pipx, a plain `pip` installs elsewhere.
        install = f"{shlex.quote(sys.executable)} -m pip install 'dailypapers[{extra}]'"
        raise UsageError(f"{command} needs {module}; install it with: {install}")
