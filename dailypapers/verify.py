"""`dailypapers verify`: check an export, the data of a site or a mirror against its digests and against the store."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from dailypapers.cli.extras import require_extra
from dailypapers.cli.invocation import pass_settings
from dailypapers.cli.json_output import print_json
from dailypapers.cli.options import global_options
from dailypapers.cli.output import format_count, print_line, require_store
from dailypapers.cli.settings import Settings
from dailypapers.ingest.errors import ATTENTION, DONE, IngestError, UsageError
from dailypapers.ingest.plan.inventory import all_stored_series
from dailypapers.snapshots.store.layout import Store

if TYPE_CHECKING:
    from dailypapers.mirror.check import Finding
    from dailypapers.outputs.verify import Difference


_REMEDY: Final = "delete the files named and make the folder again with the command that wrote it"
_INTACT: Final = "every file has the digest that it should have"
_REMEDY_OF_MIRROR: Final = "remove the files named from it, and push again from a store that has them"


@click.command()
@click.argument("where", metavar="DIR|URL")
@click.option("--against-store", is_flag=True, help="Also name the days that are different in the store.")
@global_options
@pass_settings
def command(settings: Settings, where: str, against_store: bool) -> int:
    """Check an export, the data of a site, or a mirror at a URL against its own digests; exit 1 if anything differs.

    Each paper of an export is converted back to its line of the day file; the sha256 of the lines must be that of the
    certificate.
    """
    if "://" in where:
        if against_store:
            raise UsageError("--against-store is for folders; dailypapers push says what a mirror does not have")
        return _show(settings, where, list(_of_mirror(where)), _REMEDY_OF_MIRROR)
    store = Store(settings.root) if against_store else None
    if store is not None:
        require_store(store)
    right = _INTACT + (", and every day is the same in the store" if against_store else "")
    return _show(settings, where, list(_differences(Path(where), store)), _REMEDY, right)


def _show(
    settings: Settings,
    where: str,
    differences: Sequence[Difference | Finding],
    remedy: str,
    right: str = _INTACT,
) -> int:
    if settings.json:
        print_json([difference._asdict() for difference in differences])
    else:
        for difference in differences:
            print_line(f"{difference}")
        if differences:
            print_line(f"{where}: {format_count(len(differences), 'difference')}; {remedy}")
        elif not settings.quiet:
            print_line(f"{where}: {right}")
    return ATTENTION if differences else DONE


def _of_mirror(url: str) -> Iterator[Finding]:
    require_extra("remote", "fsspec", "verify")
    from dailypapers.mirror.check import verify
    from dailypapers.mirror.mirror import Mirror

    yield from verify(Mirror(url))


def _differences(folder: Path, store: Store | None) -> Iterator[Difference]:
    """Each file or day once, with the first thing that is wrong with it. Raises IngestError for any other folder."""
    from dailypapers.outputs.folder import CHECKSUMS
    from dailypapers.outputs.verify import site_days

    if not folder.is_dir():
        raise IngestError(f"there is no folder {folder}")
    is_export, is_site = (folder / CHECKSUMS).is_file(), bool(site_days(folder))
    if not is_export and not is_site:
        raise IngestError(
            f"{folder} has no {CHECKSUMS} and no certificates in data/: it is not an export or a site, or it was not"
            f" finished; make an export: dailypapers export --out {folder}"
        )
    export = _of_export(folder, store) if is_export else iter(())
    site = _of_site(folder, store) if is_site else iter(())
    seen: set[str] = set()
    for difference in chain(export, site):
        if difference.name not in seen:
            seen.add(difference.name)
            yield difference


def _of_export(folder: Path, store: Store | None) -> Iterator[Difference]:
    require_extra("parquet", "pyarrow", "verify")
    from dailypapers.export.verify import against_store, wrong_rows
    from dailypapers.outputs.verify import changed_files

    yield from changed_files(folder)
    yield from wrong_rows(folder)
    if store is not None:
        yield from against_store(folder, store, [stored.series for stored in all_stored_series(store)])


def _of_site(folder: Path, store: Store | None) -> Iterator[Difference]:
    from dailypapers.outputs.verify import changed_days, site_against_store

    yield from changed_days(folder)
    if store is not None:
        yield from site_against_store(folder, store, [stored.series for stored in all_stored_series(store)])
