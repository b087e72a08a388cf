"""Where the jobs stand: the file that was named, else ./cron.yaml, else the one that is shipped."""

from __future__ import annotations

from pathlib import Path

import ingest

NAME = "cron.yaml"


def jobs_file(named: Path | None = None) -> Path:
    """The file to read the jobs from."""
    if named is not None:
        return named
    here = Path(NAME)
    return here if here.exists() else shipped()


def shipped() -> Path:
    """The file as shipped: in the package where it is installed, at the top where it is the source."""
    package = Path(ingest.__file__).parent
    inside = package / NAME
    return inside if inside.exists() else package.parent / NAME
