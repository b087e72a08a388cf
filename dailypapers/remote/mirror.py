"""The files of a mirror, below a URL of S3, Google Cloud Storage, a local folder or memory. Only this file uses fsspec.

A file appears whole or not at all: a PUT of an object store is atomic, and in a local folder a file is renamed.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeVar
from urllib.parse import urlsplit

from dailypapers.store_url import check_url
from ingest.errors import IngestError
from snapshots.store.atomic import TEMPORARY_SUFFIX, write_whole
from snapshots.store.layout import Store
from snapshots.store.locks import building

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


class Mirror:
    """The files below a URL; names are relative, with slashes. Raises IngestError where the mirror cannot be used."""

    def __init__(self, url: str) -> None:
        """Raises UsageError if it is not the URL of a mirror. No request is sent."""
        self.url = check_url(url)
        self._scheme = urlsplit(url).scheme
        from fsspec.core import url_to_fs  # noqa: PLC0415 - only these commands need it

        with self._errors():
            self._files, self._root = url_to_fs(self.url, use_listings_cache=False, skip_instance_cache=True)
        self._local = Path(self._root) if self._scheme == "file" else None

    @contextmanager
    def pushing(self) -> Iterator[None]:
        """One pusher at a time in a local folder; what a killed one left there is removed."""
        with building(Store(self._local)) if self._local else nullcontext():
            self._remove_temporaries()
            yield

    def names(self, folder: str = "") -> list[str]:
        """The names of files and folders directly in a folder; none if there is no such folder."""
        with self._errors():
            try:
                paths = self._files.ls(self._path(folder), detail=False)
            except FileNotFoundError:
                return []
        return sorted({path.rstrip("/").rpartition("/")[2] for path in paths} - {""})

    def files(self, folder: str) -> dict[str, RemoteFile]:
        """All files below a folder, by their names relative to the URL."""
        with self._errors():
            try:
                found = self._files.find(self._path(folder), detail=True)
            except FileNotFoundError:
                # So says S3 of a missing bucket; one that is there gives an empty list.
                found = {}
        prefix = self._path("").rstrip("/") + "/"
        entries = ((path.removeprefix(prefix), info) for path, info in found.items() if path.startswith(prefix))
        return {name: RemoteFile(int(info["size"]), self._md5(info)) for name, info in entries if name[-1:] != "/"}

    def all_files(self, folders: Iterable[str]) -> dict[str, RemoteFile]:
        """All files below several folders."""
        return {name: file for files in self._each(self.files, folders) for name, file in files.items()}

    def read(self, names: Iterable[str]) -> dict[str, bytes]:
        """The content of files; those that are not there are left out."""
        names = list(names)
        contents = zip(names, self._each(self._read, names), strict=True)
        return {name: content for name, content in contents if content is not None}

    def write(self, contents: Mapping[str, bytes]) -> None:
        """Write or replace files, in no order."""
        self._each(lambda item: self._write(*item), contents.items())

    def create(self, contents: Mapping[str, bytes]) -> list[str]:
        """Write files that are not there yet; returns the names of those that are there with another content."""
        created = self._each(lambda item: self._create(*item), contents.items())
        return [name for name, is_ours in zip(contents, created, strict=True) if not is_ours]

    def replace(self, name: str, content: bytes, tag: str | None) -> bool:
        """Replace the version of a file that has a tag, or create it if that is None; False if another one is there.

        Only S3 compares and writes in one step.
        """
        condition: dict[str, Any] = {}
        if self._scheme == "s3":
            condition = {"mode": "create"} if tag is None else {"IfMatch": tag}
        try:
            self._write(name, content, **condition)
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
        content = self._read(name)
        return content or b"", tag if content is not None else None

    def remove(self, names: Iterable[str]) -> None:
        """Remove files; those that are not there are no error."""
        self._each(self._remove, names)

    def _each(self, work: Callable[[Item], Result], items: Iterable[Item]) -> list[Result]:
        with ThreadPoolExecutor(_REQUESTS) as pool:
            return list(pool.map(work, items))

    def _read(self, name: str) -> bytes | None:
        with self._errors():
            try:
                return bytes(self._files.cat_file(self._path(name)))
            except FileNotFoundError:
                return None

    def _write(self, name: str, content: bytes, **condition: Any) -> None:  # noqa: ANN401 - what S3 is sent
        with self._errors():
            if self._local is not None:
                path = self._local / name
                aside = path.with_name(f"{path.name}.{secrets.token_hex(8)}{TEMPORARY_SUFFIX}")
                write_whole(path, content, temporary=aside)
            else:
                self._put(name, content, **condition)

    def _put(self, name: str, content: bytes, **condition: Any) -> None:  # noqa: ANN401 - what S3 is sent
        try:
            self._files.pipe_file(self._path(name), content, **condition)
        except OSError as error:
            if "IfMatch" in condition and _error_code(error) in _OTHER_VERSION:
                raise FileExistsError(name) from error
            raise

    def _create(self, name: str, content: bytes) -> bool:
        if self._scheme == "s3":
            try:
                self._write(name, content, mode="create")
            except FileExistsError:
                return self._read(name) == content
            return True
        there = self._read(name)
        if there is None:
            self._write(name, content)
        return there in {None, content}

    def _remove(self, name: str) -> None:
        with self._errors(), suppress(FileNotFoundError):
            self._files.rm_file(self._path(name))

    def _remove_temporaries(self) -> None:
        for path in self._local.rglob(f"*{TEMPORARY_SUFFIX}") if self._local else ():
            # Not the `.fetch.tmp` of a run, where the folder is a store in use.
            if _TEMPORARY.fullmatch(path.name):
                path.unlink(missing_ok=True)

    def _path(self, name: str) -> str:
        return f"{self._root.rstrip('/')}/{name}".rstrip("/")

    def _md5(self, info: Mapping[str, Any]) -> str | None:
        # Of an upload in parts, or with some kinds of encryption, the ETag is no MD5: then it equals none.
        tag = str(info.get("ETag", "")).strip('"') if self._scheme == "s3" else ""
        return tag if len(tag) == 32 else None

    @contextmanager
    def _errors(self) -> Iterator[None]:
        """Turn what a file system raises into IngestError. Only calls of fsspec stand in it: each has its own types."""
        try:
            yield
        except (FileExistsError, IngestError):
            raise
        except PermissionError as error:
            raise IngestError(f"{self.url}: access denied ({error}); check the credentials and the bucket") from error
        except FileNotFoundError as error:
            raise IngestError(f"{self.url}: not found ({error}); check the name of the bucket") from error
        except Exception as error:
            kind = type(error).__name__
            raise IngestError(
                f"{self.url}: {kind}: {error}; nothing was lost, fix it and run the same command again"
            ) from error


def _error_code(error: OSError) -> str | None:
    """The code of S3, of which s3fs makes an error of Python that does not tell."""
    code: str | None = getattr(error.__cause__, "response", {}).get("Error", {}).get("Code")
    return code
