"""The settings of one command line: what its options and the environment say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ingest.clock import Clock, parse_instant
from ingest.errors import UsageError
from ingest.state_dir import state_folder

from .environment import Environment, LogFormat


@dataclass(slots=True)
class Settings:
    """The values of the global options, filled in while click parses them, and the environment."""

    environment: Environment
    arguments: Sequence[str] = ()
    """The command line as typed."""
    store: Path | None = None
    json: bool = False
    quiet: bool = False
    verbose: bool = False
    now: str | None = None
    log_format: LogFormat | None = None
    metrics_file: Path | None = None
    endpoints: Mapping[str, str] = field(default_factory=dict)
    """Origins to use instead of the real ones, by the name of a source or of its site."""

    @property
    def root(self) -> Path:
        """The folder of the store: `--store`, else DAILYPAPERS_STORE, else ./data. Raises UsageError for a file."""
        root = self.store or Path(self.environment.store or "data")
        if root.exists() and not root.is_dir():
            raise UsageError(f"the store {root} is not a folder; name one with --store or DAILYPAPERS_STORE")
        return root

    @property
    def state_folder(self) -> Path:
        """The folder for rate limits, robots.txt and the state of the scheduler."""
        return state_folder(self.environment.state, self.environment.xdg_state_home)

    @property
    def clock(self) -> Clock:
        """The clock, fixed by `--now`. Raises UsageError if that is not a time."""
        return Clock(parse_instant(self.now) if self.now else None)
