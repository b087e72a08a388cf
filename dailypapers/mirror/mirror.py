"""The files of a mirror, below a URL of S3, Google Cloud Storage, a local folder or memory. Only this file uses fsspec.

A file appears whole or not at all: a PUT of an object store is atomic, and in a local folder a file is renamed. The
files of decisions (`joins.txt`, `waived.txt`) are merged, line by line.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeVar
from urllib.parse import urlsplit

from dailypapers.ingest.errors import IngestError
from dailypapers.snapshots.store.atomic import TEMPORARY_SUFFIX, read_whole, write_whole
from dailypapers.snapshots.store.layout import Store
from dailypapers.snapshots.store.locks import building
from dailypapers.url_store import check_url, faults_of

Item = TypeVar("Item")
Result = TypeVar("Result")

_TEMPORARY: Final = re.compile(rf".+\.[0-9a-f]{{16}}{re.escape(TEMPORARY_SUFFIX)}")

_OTHER_VERSION: Final = {"PreconditionFailed", "ConditionalRequestConflict"}
"""Codes of S3 for a file that has another tag than the one that is to be replaced, or is being replaced by somebody:
https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html."""

_REQUESTS: Final = 16
"""Requests at a time."""


class RemoteFile(NamedTuple):
    """A file as a listing has it."""

    size: int
    md5: str | None
    """Its digest in hex, where the listing has one: https://docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html."""


@dataclass(slots=True)
class Transferred:
    """What a push or a pull did with a day, or with what is none."""

    certificate: str | None = None
    """Its name tells the day; None for anything else: a name that is refused, a file of decisions."""
    files: int = 0
    size: int = 0
    """Bytes of the files."""
    problems: list[str] = field(default_factory=list)
    """What was left out, and why."""

    def add(self, content: bytes) -> None:
        """Count a file."""
        self.files += 1
        self.size += len(content)


class Mirror:
    """The files below a URL; names are relative, with slashes. Raises IngestError where the mirror cannot be used."""

    def __init__(self, url: str) -> None:
        """Raises UsageError if it is not the URL of a mirror. No request is sent."""
        self.url = check_url(url)
        self._scheme = urlsplit(url).scheme
        from fsspec.core import url_to_fs

        with self._errors():
            self._files, self._root = url_to_fs(self.url, use_listings_cache=False, skip_instance_cache=True)
        self._local = Path(self._root) if self._scheme == "file" else None

    @contextmanager
    def pushing(self) -> Iterator[None]:
        """One pusher at a time in a local folder; what a killed one left there is removed."""
        with building(Store(self._local)) if self._local else nullcontext():
            for path in self._local.rglob(f"*{TEMPORARY_SUFFIX}") if self._local else ():
                # Not the `.fetch.tmp` of a run, where the folder is a store in use.
                if _TEMPORARY.fullmatch(path.name):
                    path.unlink(missing_ok=True)
            yield

    def names(self) -> list[str]:
        """The names of the files and folders at the top; none if there is nothing."""
        with self._errors():
            try:
                paths = self._files.ls(self._path(""), detail=False)
            except FileNotFoundError:
                return []
        return sorted({path.rstrip("/").rpartition("/")[2] for path in paths} - {""})

    def files(self, *folders: str) -> dict[str, RemoteFile]:
        """All files below folders, by their names relative to the URL."""
        found: dict[str, Any] = {}
        for folder in folders:
            # S3 says of a missing bucket that it is not found; one that is there gives an empty list.
            with self._errors(), suppress(FileNotFoundError):
                found |= self._files.find(self._path(folder), detail=True)
        prefix = self._path("").rstrip("/") + "/"
        entries = ((path.removeprefix(prefix), info) for path, info in found.items() if path.startswith(prefix))
        return {name: RemoteFile(int(info["size"]), self._md5(info)) for name, info in entries if name[-1:] != "/"}

    def read(self, name: str) -> bytes | None:
        """The content of a file; None if it is not there."""
        with self._errors():
            try:
                return bytes(self._files.cat_file(self._path(name)))
            except FileNotFoundError:
                return None

    def write(self, name: str, content: bytes, **condition: Any) -> None:  # noqa: ANN401 - what S3 is sent
        """Write or replace a file. Raises FileExistsError where a condition does not hold."""
        with self._errors():
            if self._local is not None:
                path = self._local / name
                aside = path.with_name(f"{path.name}.{secrets.token_hex(8)}{TEMPORARY_SUFFIX}")
                write_whole(path, content, temporary=aside)
                return
            try:
                self._files.pipe_file(self._path(name), content, **condition)
            except OSError as error:
                if "IfMatch" in condition and _error_code(error) in _OTHER_VERSION:
                    raise FileExistsError(name) from error
                raise

    def create(self, name: str, content: bytes) -> bool:
        """Write a file that is not there yet; False if it is there with another content."""
        there = None if self._scheme == "s3" else self.read(name)
        if there is None and self.replace(name, content, None):
            return True
        return (there if there is not None else self.read(name)) == content

    def replace(self, name: str, content: bytes, tag: str | None) -> bool:
        """Replace the version of a file that has a tag, or create it if that is None; False if another one is there.

        Only S3 compares and writes in one step.
        """
        condition: dict[str, Any] = {}
        if self._scheme == "s3":
            condition = {"mode": "create"} if tag is None else {"IfMatch": tag}
        try:
            self.write(name, content, **condition)
        except FileExistsError:
            return False
        return True

    def tagged(self, name: str) -> tuple[bytes, str | None]:
        """A small file and the tag of its version; nothing and None if there is none."""
        with self._errors():
            try:
                tag = str(self._files.info(self._path(name)).get("ETag", ""))
            except FileNotFoundError:
                return b"", None
        content = self.read(name)
        return content or b"", tag if content is not None else None

    def remove(self, name: str) -> None:
        """Remove a file; one that is not there is no error."""
        with self._errors(), suppress(FileNotFoundError):
            self._files.rm_file(self._path(name))

    def _path(self, name: str) -> str:
        return f"{self._root.rstrip('/')}/{name}".rstrip("/")

    def _md5(self, info: Mapping[str, Any]) -> str | None:
        # Of an upload in parts, or with some kinds of encryption, the ETag is no MD5: then it equals none.
        tag = str(info.get("ETag", "")).strip('"') if self._scheme == "s3" else ""
        return tag if len(tag) == 32 else None

    @contextmanager
    def _errors(self) -> Iterator[None]:
        """Turn what a file system raises into IngestError. Only calls of fsspec stand in it."""
        try:
            yield
        except FileExistsError:
            raise
        except PermissionError as error:
            raise IngestError(f"{self.url}: access denied ({error}); check the credentials and the bucket") from error
        except FileNotFoundError as error:
            raise IngestError(f"{self.url}: not found ({error}); check the name of the bucket") from error
        except faults_of(self.url) as error:
            kind = type(error).__name__
            raise IngestError(
                f"{self.url}: {kind}: {error}; nothing was lost, fix it and run the same command again"
            ) from error


def at_once(work: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
    """Work on several items at a time; gives the results in their order."""
    with ThreadPoolExecutor(_REQUESTS) as pool:
        yield from pool.map(work, items)


def _error_code(error: OSError) -> str | None:
    """The code of S3, of which s3fs makes an error of Python that does not tell."""
    code: str | None = getattr(error.__cause__, "response", {}).get("Error", {}).get("Code")
    return code


_ATTEMPTS: Final = 5


def merged(mirror: bytes, local: bytes) -> bytes:
    """A file that has all lines of both, each in their order; where they differ, those of the mirror come first.

    So the files of all stores become the same, and of two decisions about the same keys the one that was pushed later
    counts. A file that has all lines of the other one in order is the result itself.
    """
    theirs, ours = _lines(mirror), _lines(local)
    if _has_in_order(theirs, ours):
        return mirror
    if _has_in_order(ours, theirs):
        return local
    lines: list[bytes] = []
    for tag, first, last, begin, end in SequenceMatcher(None, theirs, ours, autojunk=False).get_opcodes():
        lines += theirs[first:last] + (ours[begin:end] if tag != "equal" else [])
    return b"".join(line + b"\n" for line in lines)


def push_decisions(store: Store, mirror: Mirror, name: str) -> bool:
    """Add to a file of the mirror the lines that only the store has; returns whether there were any.

    Another pusher may write at the same time: on S3 its version is never overwritten unread; elsewhere its lines may be
    missing until its next push, since they are still in its store. Raises IngestError if it wrote each time.
    """
    path = store.root / name
    ours = read_whole(path) if path.exists() else b""
    for _ in range(_ATTEMPTS):
        theirs, tag = mirror.tagged(name)
        both = merged(theirs, ours)
        if both == theirs:
            return False
        if mirror.replace(name, both, tag):
            return True
    raise IngestError(f"{mirror.url}: others write {name} all the time; run the same command again")


def pull_decisions(store: Store, mirror: Mirror, name: str) -> bool:
    """Add to a file of the store the lines that only the mirror has; returns whether there were any."""
    theirs, _ = mirror.tagged(name)
    path = store.root / name
    if not theirs:
        return False
    with building(store):
        return write_whole(path, merged(theirs, read_whole(path) if path.exists() else b""))


def _has_in_order(lines: Sequence[bytes], some: Iterable[bytes]) -> bool:
    left = iter(lines)
    return all(line in left for line in some)


def _lines(content: bytes) -> list[bytes]:
    lines = [line.rstrip(b"\r") for line in content.split(b"\n")]
    return lines if lines[-1] else lines[:-1]
