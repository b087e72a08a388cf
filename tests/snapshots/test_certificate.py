"""The file of a certificate: what is read from it, what is refused, and with which words."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from dailypapers.snapshots.certificate import (
    Certificate,
    FetchEvidence,
    ViewEvidence,
    certificate_bytes,
    is_intact,
    parse_certificate,
    read_certificate,
    schema_of,
    with_checksum,
)
from dailypapers.snapshots.errors import CertificateError
from dailypapers.snapshots.store.layout import Store
from tests.support.fetch_evidence import FETCH, PROFILE, WITNESS
from tests.support.written_days import DAILY, DAY, paper, write_day

PATH = Path("day.json")
LATER = {"agreement", "profiles", "files", "checksum"}
"""Entries that the first version of certificates did not have."""


@pytest.fixture
def certificate(tmp_path: Path) -> Certificate:
    """A certificate with each kind of entry."""
    agreement = {"api/html": {"title": [2, 2], "upvotes": [1, 2]}}
    return write_day(
        Store(tmp_path),
        [paper(1), paper(2)],
        fetches=[{**FETCH, "witness": WITNESS}],
        profiles={"api": PROFILE},
        agreement=agreement,
        lost=["20251211T080000Z-fetch.warc.gz"],
    )


def without(value: Any, *path: str | int) -> Any:
    """A copy of a certificate without an entry."""
    copied = part = json.loads(json.dumps(value))
    for key in path[:-1]:
        part = part[key]
    del part[path[-1]]
    return copied


def replaced(value: Any, new: object, *path: str | int) -> Any:
    """A copy of a certificate with another value of an entry."""
    copied = part = json.loads(json.dumps(value))
    for key in path[:-1]:
        part = part[key]
    part[path[-1]] = new
    return copied


def assert_refused(value: object) -> None:
    with pytest.raises(CertificateError) as error:
        parse_certificate(PATH, json.dumps(value).encode())
    assert f"{error.value}" == f"{PATH}: not a certificate of this version; run dailypapers build"


def test_a_certificate_is_read_as_it_was_written(certificate: Certificate, tmp_path: Path) -> None:
    content = certificate_bytes(certificate)
    assert parse_certificate(PATH, content) == certificate == json.loads(content)
    path = Store(tmp_path).certificate(DAILY, DAY)
    assert (path.read_bytes(), read_certificate(path)) == (content, certificate)
    assert list(certificate) == list(Certificate.__annotations__)


def test_a_file_is_indented_and_has_each_field_of_a_profile_on_one_line(certificate: Certificate) -> None:
    content = certificate_bytes(certificate)
    lines = content.decode().splitlines()
    assert lines[:2] == ["{", '  "schema": 1,']
    assert '        "title": {"in":2,"of":2,"types":{"text":2}},' in lines
    assert '      "upvotes": [1,2]' in lines
    assert lines[-2:] == [f'  "checksum": "{certificate["checksum"]}"', "}"]
    assert is_intact(content)


def test_the_checksum_is_of_the_other_entries(certificate: Certificate) -> None:
    assert with_checksum({**certificate, "checksum": "other"}) == certificate
    other = with_checksum({**certificate, "papers": 3})
    assert (other["checksum"] != certificate["checksum"], is_intact(certificate_bytes(other))) == (True, True)


@pytest.mark.parametrize("name", sorted(Certificate.__required_keys__ - LATER))
def test_a_certificate_without_an_entry_is_refused(certificate: Certificate, name: str) -> None:
    assert_refused(without(certificate, name))


@pytest.mark.parametrize(("name", "empty"), [("agreement", {}), ("profiles", {}), ("files", {}), ("checksum", "")])
def test_an_entry_that_came_later_is_read_as_empty(certificate: Certificate, name: str, empty: object) -> None:
    content = json.dumps(without(certificate, name)).encode()
    assert parse_certificate(PATH, content) == {**certificate, name: empty}


@pytest.mark.parametrize("name", sorted(FetchEvidence.__required_keys__))
def test_a_fetch_without_an_entry_is_refused(certificate: Certificate, name: str) -> None:
    assert_refused(without(certificate, "fetches", 0, name))


@pytest.mark.parametrize("name", sorted(ViewEvidence.__required_keys__))
def test_a_view_without_an_entry_is_refused(certificate: Certificate, name: str) -> None:
    assert_refused(without(certificate, "fetches", 0, "views", 0, name))


@pytest.mark.parametrize("name", sorted(WITNESS))
def test_a_witness_without_an_entry_or_with_another_type_is_refused(certificate: Certificate, name: str) -> None:
    place = ("fetches", 0, "witness")
    assert_refused(without(certificate, *place, name))
    assert_refused(replaced(certificate, 1, *place, name))
    assert_refused(replaced(certificate, "x", *place, "other"))
    assert parse_certificate(PATH, json.dumps(without(certificate, *place)).encode())


@pytest.mark.parametrize(
    ("place", "values"),
    [
        *(((name,), ["1", None, 1.5]) for name in ("schema", "papers", "gone", "rejects")),
        *(((name,), [1, None, []]) for name in ("source", "state", "reason", "as_of")),
        (("query",), [1, []]),
        (("day",), [None, 20251210, "soon", "2025-12-32"]),
        (("lost",), [None, {}, "x", [1], ["x", None]]),
        (("profiles",), [None, [], {"api": None}, {"api": {}}, {"api": {"at": 1}}, {"api": {"at": "2025-12-12"}}]),
        (("profiles", "api", "at"), ["2025-12-12T08:00:00+00:00", "2025-12-12T08:61:00Z", "Z"]),
        (("fetches",), [None, {}, "x", [None], [[]], [{}]]),
        (("fetches", 0, "at"), [None, 1, "2025-12-12T08:00:00", "soonZ"]),
        (("fetches", 0, "views"), [None, {}, "", [None], [{}]]),
        (("fetches", 0, "witness"), ["git", [], {}]),
        *((("fetches", 0, name), ["1", None]) for name in ("bytes", "papers", "new", "left")),
        *((("fetches", 0, name), [1, None]) for name in ("file", "sha256", "kind")),
        *((("fetches", 0, "views", 0, name), [1, None]) for name in ("view", "parser")),
        *((("fetches", 0, "views", 0, name), ["1", None]) for name in ("version", "pages", "items", "papers")),
        (("fetches", 0, "views", 0, "rejects"), ["1", None]),
        (("files",), [None, [], "x", {"papers": None}, {"papers": {}}, {"papers": []}]),
        *((("files", "papers", name), [1, None]) for name in ("file", "sha256")),
        (("files", "papers", "bytes"), ["1", None]),
    ],
    ids=lambda value: ".".join(map(str, value)) if isinstance(value, tuple) else "",
)
def test_a_value_of_another_type_is_refused(
    certificate: Certificate, place: tuple[str | int, ...], values: list[object]
) -> None:
    for value in values:
        assert_refused(replaced(certificate, value, *place))


@pytest.mark.parametrize(
    ("content", "reason"), [(b"[]", "not a certificate"), (b"1", "not a certificate"), (b"{", "not JSON (")]
)
def test_what_is_no_json_object_is_refused(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "day.json"
    path.write_bytes(content)
    for read in (read_certificate, schema_of):
        with pytest.raises(CertificateError) as error:
            read(path)
        assert f"{error.value}".startswith(f"{path}: {reason}")
        assert f"{error.value}".endswith("; run dailypapers build")


def test_the_schema_is_read_from_a_certificate_of_any_version(tmp_path: Path) -> None:
    path = tmp_path / "day.json"
    assert (schema_of(path), read_certificate(path)) == (None, None)
    for content, schema in ((b'{"schema": 7}', 7), (b'{"schema": "7"}', None), (b"{}", None)):
        path.write_bytes(content)
        assert schema_of(path) == schema
