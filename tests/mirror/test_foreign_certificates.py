"""A certificate in a mirror is foreign data: whatever it holds, it is named or used, and nothing breaks."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dailypapers.mirror.check import check_day, parse_foreign
from dailypapers.mirror.mirror import RemoteFile
from dailypapers.mirror.names import MirrorDay
from dailypapers.snapshots.certificate import sha256
from dailypapers.snapshots.errors import CertificateError
from tests.product import DAY
from tests.support.killed_push import files_to_mirror

VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-1, 3),
    st.text(max_size=3),
    st.just([]),
    st.just({}),
    st.just([[]]),
    st.just(1.5),
)


@pytest.fixture(scope="module")
def day_files(prepared: Path) -> dict[str, bytes]:
    files = files_to_mirror(prepared)
    return {name: content for name, content in files.items() if f"{DAY}" in name and "hf-daily" in name}


def places(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Every place in a JSON value, four levels deep at most."""
    items = (
        list(value.items()) if isinstance(value, dict) else list(enumerate(value)) if isinstance(value, list) else []
    )
    below = [place for key, item in items for place in places(item, (*path, key))] if len(path) < 4 else []
    return [*([path] if path else []), *below]


def forged(content: bytes, change: Callable[[Any], object]) -> bytes:
    """The certificate with a change and a checksum that fits."""
    value = orjson.loads(content)
    change(value)
    value.pop("checksum", None)
    before = orjson.dumps(value, option=orjson.OPT_INDENT_2).removesuffix(b"\n}")
    return before + b',\n  "checksum": "' + sha256(before).encode() + b'"\n}\n'


def checked(files: dict[str, bytes]) -> list[str]:
    listed = {name: RemoteFile(len(content), None) for name, content in files.items()}
    day = MirrorDay("hf-daily", date(DAY.year, DAY.month, DAY.day), listed)
    return [str(finding) for finding in check_day(day, files).findings]


def test_the_day_itself_is_whole(day_files: dict[str, bytes]) -> None:
    assert checked(day_files) == []


@given(data=st.data())
def test_a_forged_certificate_breaks_nothing(day_files: dict[str, bytes], data: st.DataObject) -> None:
    name = f"snapshots/hf-daily/{DAY:%Y}/{DAY}.day.json"
    place = data.draw(st.sampled_from(places(orjson.loads(day_files[name]))))
    value = data.draw(VALUES)

    def change(certificate: Any) -> None:
        for key in place[:-1]:
            certificate = certificate[key]
        certificate[place[-1]] = value

    content = forged(day_files[name], change)
    findings = checked({**day_files, name: content})
    assert all("../" not in finding.partition(":")[0] for finding in findings)
    try:
        certificate = parse_foreign(content)
    except CertificateError:
        assert f"{name}: not a certificate of this version" in findings
    else:
        assert all(isinstance(fetch["file"], str) for fetch in certificate["fetches"])


WRONG: dict[str, Callable[[Any], object]] = {
    "an unknown source": lambda value: value.update(source="hf-nightly"),
    "a list as source": lambda value: value.update(source=["hf-daily"]),
    "a query where none is taken": lambda value: value.update(query="x"),
    "no query where one is needed": lambda value: value.update(source="hf-search", query=None),
    "a number as query": lambda value: value.update(source="hf-search", query=1),
    "a list of parsers": lambda value: value.update(parsers=[["hf_api", 1]]),
    "a parser without a number": lambda value: value["parsers"].update(hf_api="1"),
    "the name of an archive": lambda value: value["fetches"][-1].update(file=1),
    "the digest of an archive": lambda value: value["fetches"][-1].update(sha256=None),
    "the name of a file": lambda value: value["files"]["metrics"].update(file=None),
    "the digest of a file": lambda value: value["files"]["metrics"].update(sha256=1),
    "the size of a file": lambda value: value["files"]["metrics"].update(bytes="1"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_certificate_with_a_wrong_type_is_refused(day_files: dict[str, bytes], name: str) -> None:
    file = f"snapshots/hf-daily/{DAY:%Y}/{DAY}.day.json"
    with pytest.raises(CertificateError):
        parse_foreign(forged(day_files[file], WRONG[name]))
    assert f"{file}: not a certificate of this version" in checked(
        {**day_files, file: forged(day_files[file], WRONG[name])}
    )


@pytest.mark.parametrize(
    ("source", "query"), [("hf-daily", None), ("hf-search", "words"), ("arxiv-oai", None), ("arxiv-oai", "cs")]
)
def test_a_series_with_or_without_a_query_is_taken(day_files: dict[str, bytes], source: str, query: str | None) -> None:
    content = day_files[f"snapshots/hf-daily/{DAY:%Y}/{DAY}.day.json"]
    certificate = parse_foreign(forged(content, lambda value: value.update(source=source, query=query)))
    assert (certificate["source"], certificate["query"]) == (source, query)
