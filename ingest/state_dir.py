"""The folder for what belongs to the machine and not to a store: budgets, rests, robots.txt."""

from __future__ import annotations

import os
from pathlib import Path


def state_folder() -> Path:
    """`$DAILYPAPERS_STATE`, else `$XDG_STATE_HOME/dailypapers`, else `~/.local/state/dailypapers`.

    https://specifications.freedesktop.org/basedir-spec/latest/ says what a state folder is.
    """
    named = os.environ.get("DAILYPAPERS_STATE")
    if named:
        return Path(named)
    home = os.environ.get("XDG_STATE_HOME")
    return (Path(home) if home else Path.home() / ".local" / "state") / "dailypapers"
