"""What foreign text may become in an output: links, file names, characters."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dailypapers.outputs.links import clean, file_name, http_link

SAFE = (
    "https://example.org",
    "http://example.org:8080/a?b=c#d",
    "HTTPS://EXAMPLE.ORG/",
    "https://[::1]/",
    "https://example.org/Łukasz/東京",
)
UNSAFE = (
    None,
    "",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "\tjavascript:alert(1)",
    "java\nscript:alert(1)",
    "data:text/html,<script>",
    "vbscript:x",
    "//example.org/",
    "/papers/1",
    "https:",
    "https:///path",
    "https://user@example.org/",
    "https://user:secret@example.org/",
    "https://example.org\\@evil.example/",
    "https://exa mple.org/",
    "https://example.org/\u202egpj.exe",
    "https://example.org/\ud800",
    "https://example.org:port/",
    "https://[::1",
    'https://example.org/"onmouseover="alert(1)',
    "https://example.org/\x00",
)


@pytest.mark.parametrize("url", SAFE)
def test_a_link_to_a_host_is_a_link(url: str) -> None:
    assert http_link(url) == url


@pytest.mark.parametrize("url", UNSAFE)
def test_anything_else_is_no_link(url: str | None) -> None:
    assert http_link(url) is None


@given(st.text(st.characters()))
def test_no_link_has_another_scheme(text: str) -> None:
    link = http_link(text)
    assert link is None or re.match(r"https?://[^/]", link, re.IGNORECASE)


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("arxiv:2408.00118", "2408.00118"),
        ("arxiv:hep-th/9901001", "hep-th-9901001"),
        ("arxiv:math.GT/0309136", "math.GT-0309136"),
        ("doi:10.1000/../../x<y>", "610c74731963a684"),
        ("arxiv:../2408.00118", "43dce278b86eaade"),
    ],
)
def test_a_key_becomes_a_file_name(key: str, name: str) -> None:
    assert file_name(key) == name


@given(st.lists(st.text(st.characters()), unique=True))
def test_every_key_has_a_name_of_its_own_without_separators(keys: list[str]) -> None:
    names = [file_name(f"arxiv:{key}") for key in keys]
    assert len({*names}) == len(keys)
    assert all(re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9.-]*", name) for name in names)


@given(st.text(st.characters()))
def test_clean_text_is_legal_in_xml_and_clean_text_stays(text: str) -> None:
    cleaned = clean(text)
    element = ET.Element("title")
    element.text = cleaned
    parsed = ET.fromstring(ET.tostring(element, "utf-8")).text or ""
    assert parsed == re.sub("\r\n?", "\n", cleaned)
    assert len(cleaned) == len(text)
    assert clean(cleaned) == cleaned


def test_controls_and_halves_of_characters_are_replaced() -> None:
    assert clean("a\x00b\x1bc\ud800d\uffffe\x9f") == "a\ufffdb\ufffdc\ufffdd\ufffde\ufffd"
    assert clean("Łukasz 東京 \u202e𝔘 \t\n") == "Łukasz 東京 \u202e𝔘 \t\n"
