"""The folder for the state of the machine that belongs to no store: requests counted, cached robots.txt, scheduler."""

from __future__ import annotations

import os
from pathlib import Path


def state_folder() -> Path:
    """`$DAILYPAPERS_STATE`, else `$XDG_STATE_HOME/dailypapers`, else `~/.local/state/dailypapers`.

    https://specifications.freedesktop.org/basedir-spec/latest/ says what a state folder is.
    """
    path = os.environ.get("DAILYPAPERS_STATE")
    if path:
        return Path(path)
    home = os.environ.get("XDG_STATE_HOME")
    return (Path(home) if home else Path.home() / ".local" / "state") / "dailypapers"
