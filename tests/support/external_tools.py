"""Programs that some tests need and that are no Python packages: without one, its tests are skipped.

With DAILYPAPERS_REQUIRE_TOOLS they fail instead: `.ci/run` installs the programs and sets it.
"""

from __future__ import annotations

import os
import shutil

import pytest


def external_tool(name: str, install: str) -> str:
    """The path of a program; `install` is the command that installs it."""
    path = shutil.which(name)
    if path is not None:
        return path
    message = f"{name} is not installed: {install}"
    if os.environ.get("DAILYPAPERS_REQUIRE_TOOLS"):
        pytest.fail(message)
    pytest.skip(message)
