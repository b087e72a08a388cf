"""Which file the jobs are read from."""

from __future__ import annotations

from pathlib import Path

from dailypapers import ingest

FILE_NAME = "cron.yaml"


def jobs_file(named: Path | None = None) -> Path:
    """The file that was named, else ./cron.yaml, else the default file of the package."""
    if named is not None:
        return named
    here = Path(FILE_NAME)
    return here if here.exists() else default_file()


def default_file() -> Path:
    """The file that comes with the package: inside it once installed, at the top of a source tree."""
    package = Path(ingest.__file__).parent
    inside = package / FILE_NAME
    return inside if inside.exists() else package.parent / FILE_NAME
