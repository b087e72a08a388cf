"""The environment variables that the program reads: once, here. Everything below the command line is handed values."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Final, Literal

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
