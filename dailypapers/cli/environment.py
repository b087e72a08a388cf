"""The environment variables that the program reads: once, here. Everything below the command line is handed values."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Final, Literal, NamedTuple

LogFormat = Literal["human", "json"]
LOG_FORMATS: Final[tuple[LogFormat, ...]] = ("human", "json")
LOG_FORMAT_VARIABLE: Final = "DAILYPAPERS_LOG_FORMAT"
METRICS_FILE_VARIABLE: Final = "DAILYPAPERS_METRICS_FILE"


class Environment(NamedTuple):
    """The values of the variables; None for a variable that is empty or not set."""

    store: str | None = None
    """DAILYPAPERS_STORE: the folder of the store."""
    state: str | None = None
    """DAILYPAPERS_STATE: the folder for rate limits and robots.txt."""
    xdg_state_home: str | None = None
    """XDG_STATE_HOME: the parent of that folder, where DAILYPAPERS_STATE is not set."""
    budget: str | None = None
    """DAILYPAPERS_BUDGET: request budgets, e.g. `hf-api=500/300`."""
    contact: str | None = None
    """DAILYPAPERS_CONTACT: a mail address or URL for the User-Agent header."""
    hf_endpoint: str | None = None
    """HF_ENDPOINT: the origin to send Hugging Face requests to."""
    hf_token: str | None = None
    """HF_TOKEN: the access token for Hugging Face."""
    log_format: LogFormat | None = None
    """DAILYPAPERS_LOG_FORMAT; None also for an unknown format, which the `--log-format` option rejects."""


def read_environment(variables: Mapping[str, str] = os.environ) -> Environment:
    """The environment of this process."""
    log_format = variables.get(LOG_FORMAT_VARIABLE)
    return Environment(
        store=variables.get("DAILYPAPERS_STORE") or None,
        state=variables.get("DAILYPAPERS_STATE") or None,
        xdg_state_home=variables.get("XDG_STATE_HOME") or None,
        budget=variables.get("DAILYPAPERS_BUDGET") or None,
        contact=variables.get("DAILYPAPERS_CONTACT") or None,
        hf_endpoint=variables.get("HF_ENDPOINT") or None,
        hf_token=(variables.get("HF_TOKEN") or "").strip() or None,
        log_format=next((name for name in LOG_FORMATS if name == log_format), None),
    )
