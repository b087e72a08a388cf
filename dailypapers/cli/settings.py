"""The settings of one command line: what its options and the environment say."""

from __future__ import annotations

import errno
import os
import stat
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, Literal

from dailypapers.ingest.clock import Clock, parse_instant
from dailypapers.ingest.errors import UsageError
from dailypapers.ingest.state_dir import state_folder

from .output import ColorChoice, use_color

LogFormat = Literal["human", "json"]
LOG_FORMATS: Final[tuple[LogFormat, ...]] = ("human", "json")
LOG_FORMAT_VARIABLE: Final = "DAILYPAPERS_LOG_FORMAT"
METRICS_FILE_VARIABLE: Final = "DAILYPAPERS_METRICS_FILE"


class Environment:
    """The values of the variables; None for a variable that is empty or not set."""

    # Not a dataclass, nor is what is built from it: each would cost every command a third of a millisecond.
    def __init__(self, variables: Mapping[str, str] = os.environ) -> None:
        """Reads the environment of this process, unless others are given."""
        get = variables.get
        self.store = get("DAILYPAPERS_STORE") or None
        """The folder of the store."""
        self.state = get("DAILYPAPERS_STATE") or None
        """The folder for rate limits and robots.txt."""
        self.xdg_state_home = get("XDG_STATE_HOME") or None
        """The parent of that folder, where DAILYPAPERS_STATE is not set."""
        self.budget = get("DAILYPAPERS_BUDGET") or None
        """Request budgets, e.g. `hf-api=500/300`."""
        self.contact = get("DAILYPAPERS_CONTACT") or None
        """A mail address or URL for the User-Agent header."""
        self.hf_endpoint = get("HF_ENDPOINT") or None
        """The origin to send Hugging Face requests to."""
        self.hf_token = (get("HF_TOKEN") or "").strip() or None
        """The access token for Hugging Face."""
        self.smtp_password = get("DAILYPAPERS_SMTP_PASSWORD") or None
        """The password for the relay that mails are handed to."""
        self.no_color = get("NO_COLOR") or None
        """If set, nothing is coloured unless --color always (https://no-color.org)."""
        self.term = get("TERM") or None
        """The kind of terminal; `dumb` shows neither colours nor a progress bar."""
        self.log_format = next((name for name in LOG_FORMATS if name == get(LOG_FORMAT_VARIABLE)), None)
        """None also for an unknown format, which the `--log-format` option rejects."""


_SCHEMES = ("s3:", "gs:", "gcs:", "file:", "memory:")
"""First folders of what was meant as a URL."""


class Settings:
    """The values of the global options, filled in while click parses them, and the environment."""

    store: Path | None = None
    json: bool = False
    quiet: bool = False
    verbose: bool = False
    now: str | None = None
    metrics_file: Path | None = None
    color: ColorChoice = "auto"

    def __init__(self, environment: Environment, arguments: Sequence[str]) -> None:
        """`arguments` is the command line as typed."""
        self.environment = environment
        self.arguments = arguments
        self.log_format: LogFormat | None = environment.log_format
        self.endpoints: Mapping[str, str] = {}
        """Origins to use instead of the real ones, by the name of a source or of its site."""

    @property
    def root(self) -> Path:
        """The folder of the store: `--store`, else DAILYPAPERS_STORE, else ./data.

        Raises UsageError for a file, for a link that leads nowhere, and for a path that cannot exist.
        """
        root = self.store or Path(self.environment.store or "data")
        if root.parts[:1] and root.parts[0] in _SCHEMES and not root.exists():
            raise UsageError(f"the store {root} is a URL, not a folder; fetch it: dailypapers --store DIR pull URL")
        problem = _why_not_a_folder(root)
        if problem is not None:
            raise UsageError(f"the store {root} is {problem}; name one with --store or DAILYPAPERS_STORE")
        return root

    @property
    def state_folder(self) -> Path:
        """The folder for rate limits, robots.txt and the state of the scheduler. Raises UsageError if none is known."""
        try:
            return state_folder(self.environment.state, self.environment.xdg_state_home)
        except RuntimeError as error:  # no HOME, and a user without an entry in /etc/passwd
            raise UsageError("this user has no home folder; set DAILYPAPERS_STATE to a folder for the state") from error

    @property
    def clock(self) -> Clock:
        """The clock, fixed by `--now`. Raises UsageError if that is not a time."""
        return Clock(parse_instant(self.now) if self.now else None)

    @property
    def is_dumb(self) -> bool:
        """Whether the terminal can only append text (TERM=dumb)."""
        return self.environment.term == "dumb"

    @property
    def colors_stdout(self) -> bool:
        """Whether to colour stdout."""
        no_color = self.environment.no_color is not None
        return use_color(self.color, sys.stdout, no_color=no_color, is_dumb=self.is_dumb)


def _why_not_a_folder(path: Path) -> str | None:
    """Why a path cannot be a folder; None if it is one, or can be made."""
    try:
        return None if stat.S_ISDIR(path.stat().st_mode) else "not a folder"
    except FileNotFoundError:
        return "a link that leads nowhere" if path.is_symlink() else None
    except OSError as error:
        if error.errno not in {errno.ELOOP, errno.ENAMETOOLONG, errno.ENOTDIR}:
            raise
        return f"not a folder ({os.strerror(error.errno)})"
