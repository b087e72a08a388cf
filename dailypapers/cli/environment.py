"""The environment variables that configure requests to sites, read here and handed on as arguments.

Variables that are defaults of options are read where the option is declared, those of the state folder in
`ingest/state_dir.py`.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ingest.fetch.budgets import Budget


def custom_budgets() -> dict[str, Budget]:
    """The budgets of DAILYPAPERS_BUDGET. Raises UsageError if it cannot be read."""
    from ingest.fetch.budgets import budgets_from_env

    return budgets_from_env(os.environ.get("DAILYPAPERS_BUDGET"))


def contact() -> str | None:
    """The mail address or URL of DAILYPAPERS_CONTACT."""
    return os.environ.get("DAILYPAPERS_CONTACT")


def token() -> str | None:
    """The value of HF_TOKEN, unchecked; None if it is blank."""
    return os.environ.get("HF_TOKEN", "").strip() or None
