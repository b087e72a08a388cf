"""What the fetches of a day add up to, remembered for the build after the next fetch, which then parses only that one.

A checkpoint is a file of the state folder that may be deleted at any time. It counts only if it was made by the same
versions of parsers and rules, and if the archive begins with the very files that it was made from.
"""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress
from pathlib import Path
from typing import Final

import orjson

from dailypapers import ingest
from dailypapers.ingest.archive.reader import ArchiveFolder
from dailypapers.ingest.sources.model import SourceDay, SourceSeries
from dailypapers.parsers.versions import SCHEMA
from dailypapers.snapshots.store.layout import Store

from .accumulation import Accumulation, AccumulationState, Totals
from .staleness import parser_versions
from .up_to_date import read_disposable, write_disposable

FORMAT: Final = 1
MIN_FETCHES: Final = 3
"""A day of fewer fetches is built from scratch as fast."""
MAX_PAPERS: Final = 10_000
"""A day of more papers is always built from its pages: its checkpoint would take more memory than the build."""
MAX_DAYS: Final = 64
"""Checkpoints of a series, the newest days; a run looks at the last 35."""


class Checkpoints:
    """The checkpoints of one series."""

    def __init__(self, state_folder: Path, store: Store, source_series: SourceSeries) -> None:
        """`state_folder` is outside of the store."""
        place = f"{store.root.resolve()}\n{source_series.series}"
        self.folder = state_folder / "checkpoints" / hashlib.sha256(os.fsencode(place)).hexdigest()[:16]
        versions = sorted(parser_versions(source_series.source).items())
        self.header = repr((FORMAT, ingest.__version__, place, SCHEMA, versions))

    def of(self, source_day: SourceDay) -> Checkpoint:
        """The checkpoint of a day."""
        return Checkpoint(self, self.folder / f"{source_day.day}.json")

    def remove_oldest(self) -> None:
        """Remove the checkpoints of all but the newest days."""
        for path in sorted(self.folder.glob("*.json"))[:-MAX_DAYS]:
            path.unlink(missing_ok=True)


class Checkpoint:
    """The checkpoint of one day."""

    def __init__(self, checkpoints: Checkpoints, path: Path) -> None:
        """There need not be a file at `path`."""
        self._checkpoints, self.path = checkpoints, path

    def load(self, folder: ArchiveFolder) -> AccumulationState | None:
        """What the first of the fetches add up to; None if that is not known."""
        content = read_disposable(self.path)
        saved = orjson.loads(content) if content is not None else None
        if saved is None or saved["header"] != ascii(self._checkpoints.header):
            return None
        totals = Totals(**saved["totals"])
        if not _begins_with(folder, totals, saved["originals"]):
            return None
        return AccumulationState(totals=totals, judge=saved["judge"], merge=saved["merge"])

    def save(self, folder: ArchiveFolder, accumulation: Accumulation) -> None:
        """Remember what all fetches add up to, unless it would be of no use or too much."""
        # A page that is found later would change how an earlier fetch reads.
        if len(folder.fetches) < MIN_FETCHES or folder.has_lost_originals or accumulation.size > MAX_PAPERS:
            return
        state = accumulation.state
        header, originals = ascii(self._checkpoints.header), _originals(folder)
        is_new = not self.path.exists()
        with suppress(orjson.JSONEncodeError):  # text that is not UTF-8, of a site
            write_disposable(self.path, orjson.dumps({"header": header, "originals": originals, **state}))
        if is_new:
            self._checkpoints.remove_oldest()


def _begins_with(folder: ArchiveFolder, totals: Totals, originals: list[str]) -> bool:
    files = [[archived.path.name, archived.sha256] for archived in folder.fetches[: len(totals.files)]]
    # A later file with the page of an earlier one would replace it.
    return files == totals.files and set(originals) <= set(_originals(folder))


def _originals(folder: ArchiveFolder) -> list[str]:
    return [original.record_id for original in folder.originals.values()]
