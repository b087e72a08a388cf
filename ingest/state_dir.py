"""The folder for the state of the machine that belongs to no store: requests counted, cached robots.txt, scheduler."""

from __future__ import annotations

from pathlib import Path


def state_folder(path: str | None, xdg_state_home: str | None) -> Path:
    """`path` (DAILYPAPERS_STATE), else `dailypapers` in `xdg_state_home` (XDG_STATE_HOME), else in `~/.local/state`.

    https://specifications.freedesktop.org/basedir-spec/latest/ defines XDG_STATE_HOME.
    """
    return Path(path) if path else Path(xdg_state_home or Path.home() / ".local" / "state") / "dailypapers"
