"""Makes sure that the catalog is there, whole, and as the store is now, before it is read.

The catalog has one writer, which holds the store's lock. A reader does not wait for one: if another process holds the
lock, it reads what there is.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from datetime import date
from pathlib import Path

from dailypapers.snapshots.errors import StoreError
from dailypapers.snapshots.store.atomic import make_folder
from dailypapers.snapshots.store.layout import Series, Store
from dailypapers.snapshots.store.locks import building, file_lock

from .joins import joins_text
from .scan import find_changes, has_changes
from .schema import (
    DamagedCatalogError,
    catalog_file,
    connect_for_reading,
    is_begun,
    is_damage,
    problem_of,
    saved_log,
    set_aside,
)

log = logging.getLogger(__name__)


def bring_up_to_date(store: Store) -> Path:
    """Build, repair or update the catalog as the store needs it; gives its file.

    Raises StoreError if there is no store, for joins.txt, and for a store of a newer version; OSError and sqlite3.Error
    if the file cannot be written.
    """
    path = catalog_file(store)
    if not store.root.is_dir():
        raise StoreError(f"no store at {store.root}")
    if not is_filled(path):
        with building(store):
            _update(path, store)
    elif not _is_current(path, store):
        with file_lock(store.lock, wait=False) as handle:
            if handle is not None:
                _update(path, store)
    return path


def update_days(store: Store, days: Iterable[tuple[Series, date]]) -> None:
    """Take in days that were just written, if there is a catalog. The caller holds the store's lock.

    Where that fails, a warning says so, and the next reader of the catalog brings it up to date.
    """
    path = catalog_file(store)
    if not path.exists():
        return
    from .update import update_some  # noqa: PLC0415 - most stores have no catalog

    try:
        if problem_of(path) is None:
            update_some(path, store, days)
    except Exception as error:
        # Even a bug: what is derived must not stop the writing of days.
        reason = str(error) or type(error).__name__
        log.warning("%s is not up to date (%s); the next command that reads it repairs it", path, reason)


def rebuild(store: Store) -> None:
    """Build the catalog again from the day files; its arrivals and its generation stay if they can be read.

    Raises as `bring_up_to_date` does.
    """
    path = catalog_file(store)
    with building(store):
        _start_again(path, store)


def repair(store: Store, error: Exception) -> None:
    """Build the catalog again after an error that says that it is damaged; other errors are raised."""
    if not is_damage(error):
        raise error
    path = catalog_file(store)
    with building(store):
        log.warning("%s is damaged (%s) and is built again", path, error)
        _start_again(path, store)


def is_filled(path: Path) -> bool:
    """Whether there is a whole catalog."""
    if not path.exists() or problem_of(path) is not None:
        return False
    with closing(connect_for_reading(path)) as connection:
        row = connection.execute("SELECT value FROM meta WHERE name = 'filled'").fetchone()
    return row is not None and row[0] == 1


def _is_current(path: Path, store: Store) -> bool:
    """Whether nothing has to be taken in. Of a damaged file that is not known: the update finds the damage again."""
    try:
        with closing(connect_for_reading(path)) as connection:
            joins = connection.execute("SELECT value FROM meta WHERE name = 'joins'").fetchone()[0]
            return not has_changes(connection, store) and joins == joins_text(store)
    except sqlite3.DatabaseError as error:
        if not is_damage(error):
            raise
        return False


def is_behind(store: Store) -> bool:
    """Whether the store has days, or decisions in joins.txt, that its catalog does not have yet. Nothing is written."""
    with closing(connect_for_reading(catalog_file(store))) as connection:
        joins = connection.execute("SELECT value FROM meta WHERE name = 'joins'").fetchone()[0]
        return joins != joins_text(store) or (has_changes(connection, store) and bool(find_changes(connection, store)))


def _update(path: Path, store: Store) -> None:
    """Bring the file up to date, or build it again if it is damaged."""
    from .update import update_all  # noqa: PLC0415 - it loads the record model

    problem = problem_of(path) if path.exists() and is_begun(path) else None
    if problem is not None:
        log.warning("%s is set aside as .damaged and built again: %s", path, problem)
        _start_again(path, store)
        return
    make_folder(path.parent)
    try:
        update_all(path, store)
    except (sqlite3.DatabaseError, DamagedCatalogError) as error:
        if not is_damage(error):
            raise
        log.warning("%s is set aside as .damaged and built again: %s", path, error)
        _start_again(path, store)


def _start_again(path: Path, store: Store) -> None:
    from .update import update_all  # noqa: PLC0415 - it loads the record model

    saved = saved_log(set_aside(path)) if path.exists() else None
    make_folder(path.parent)
    update_all(path, store, saved)
