"""A run that is stopped in the middle of writing an output."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from dailypapers.snapshots.store.atomic import TEMPORARY_SUFFIX, replace_unsynced
from tests.site.site_store import tree


class StoppedError(BaseException):
    """Ends a run where it stands, as a signal does."""


@contextmanager
def stopped_after(changed: int) -> Iterator[None]:
    """Stop what runs inside when it has given so many files new content and is half through the next one.

    Fails if it ends before.
    """
    left = changed

    def write(name: Path | str, content: bytes) -> bool:
        nonlocal left
        path = Path(name)
        if path.is_file() and path.read_bytes() == content:
            return False
        if left == 0:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.with_name(path.name + TEMPORARY_SUFFIX).write_bytes(content[: len(content) // 2])
            raise StoppedError
        left -= 1
        return replace_unsynced(path, content)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("dailypapers.outputs.folder.replace_unsynced", write)
        with pytest.raises(StoppedError):
            yield


def whole_files(folder: Path) -> dict[str, bytes]:
    """Every file by name, without the lock and what a stopped run has half written."""
    return {name: content for name, content in tree(folder).items() if not name.endswith(TEMPORARY_SUFFIX)}
