"""Reads the files given to `import`: saved pages, and WARC files of any crawler."""

from __future__ import annotations

import gzip
import stat
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from dailypapers.ingest.archive.content_encoding import CONTENT_CAP, inflate
from dailypapers.ingest.errors import BodyError, RefusedFile
from dailypapers.parsers.model import Page

from .warc import GZIP, FilePage, Refuse, broken_gzip, warc_pages

_WARC = b"WARC/"


def files_in(paths: Iterable[Path], refuse: Refuse) -> Iterator[Path]:
    """The files given and those in the folders given, in the order of their names; links are followed.

    Hidden files in folders are skipped. Whatever cannot be listed, or is not a regular file, goes to `refuse`.
    """
    # A stack, since folders may be nested deeper than calls can be; with each path, the folders above it.
    left = [(path, frozenset[tuple[int, int]]()) for path in reversed(list(paths))]
    while left:
        path, above = left.pop()
        try:
            status = path.stat()
            entries = sorted(path.iterdir(), key=lambda entry: entry.name) if stat.S_ISDIR(status.st_mode) else []
        except OSError as error:
            refuse(RefusedFile(f"{path}: cannot be read ({error.strerror or error})"))
            continue
        folder = (status.st_dev, status.st_ino)
        if stat.S_ISREG(status.st_mode) and not status.st_size:
            # Not opened: files of /proc have no size, and some of them no end.
            refuse(RefusedFile(f"{path}: the file is empty"))
        elif stat.S_ISREG(status.st_mode):
            yield path
        elif not stat.S_ISDIR(status.st_mode):
            refuse(RefusedFile(f"{path}: not a regular file"))
        elif folder not in above:
            # A link may lead back to a folder above.
            left += [(entry, above | {folder}) for entry in reversed(entries) if not entry.name.startswith(".")]


def pages_in(path: Path, wanted: Callable[[str], bool], refuse: Refuse) -> Iterator[tuple[FilePage, Page] | None]:
    """The pages of a file: the file itself, or the records of a WARC: None for those whose address is not `wanted`.

    A record that cannot be used goes to `refuse`. Raises RefusedFile for an empty or broken file, OSError for one that
    cannot be read.
    """
    head = _head(path)
    if head.startswith(_WARC):
        yield from warc_pages(path, wanted, refuse)
    elif not head.strip():
        raise RefusedFile(f"{path}: the file is empty")
    else:

        def load() -> Page:
            return _file_page(path)

        yield FilePage(str(path), path, (0, path.name), None, is_plain_file=True, is_resource=True, load=load), load()


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        head = file.read(2)
        file.seek(0)
        if head != GZIP:
            return file.read(64)
        with broken_gzip(path), gzip.GzipFile(fileobj=file) as stream:
            return stream.read(64)


def _file_page(path: Path) -> Page:
    with path.open("rb") as file:
        # Read to the limit, whatever size the file has by its status.
        body = file.read(CONTENT_CAP + 1)
    if len(body) > CONTENT_CAP:
        raise RefusedFile(f"{path}: larger than {CONTENT_CAP} bytes")
    return page_in(str(path), body)


def page_in(name: str, body: bytes) -> Page:
    """The page in the content of a plain file, which may be gzipped. Raises RefusedFile if that is broken."""
    if body.startswith(GZIP):
        try:
            body = inflate(name, body, 31, CONTENT_CAP)
        except BodyError as error:
            raise RefusedFile(str(error)) from error
    return Page("", 200, (), body, None)
