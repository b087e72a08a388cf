"""The README's picture shows what the commands print today, and needs nothing from elsewhere."""

from __future__ import annotations

import re
from xml.etree import ElementTree

from tests.picture import PICTURE, picture


def test_the_picture_shows_what_the_commands_print(update_snapshots: bool) -> None:
    svg = picture()
    if update_snapshots:
        PICTURE.write_text(svg, "utf-8")
    assert PICTURE.read_text("utf-8") == svg, "pytest --update-snapshots tests/test_picture.py draws it anew"


def test_the_picture_is_complete_in_itself() -> None:
    svg = PICTURE.read_text("utf-8")
    words = " ".join(ElementTree.fromstring(svg).itertext()).replace("\xa0", " ")
    assert "html 18; partial: the views differ by 18 of 18 papers" in words
    assert set(re.findall(r"\w+://[^\"']+", svg)) == {"http://www.w3.org/2000/svg"}
    assert not re.search(r"@font-face|@import|<image|<script|href", svg)
