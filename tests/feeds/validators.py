"""Independent judges of feed documents."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import feedparser
import jsonschema
import orjson

from tests.support.external_tools import external_tool

FOLDER = Path(__file__).parent
ATOM = "{http://www.w3.org/2005/Atom}"
JSON_FEED = jsonschema.Draft202012Validator(
    orjson.loads((FOLDER / "json_feed.schema.json").read_bytes()), format_checker=jsonschema.FormatChecker()
)


def atom_errors(paths: Iterable[Path]) -> list[str]:
    """What jing finds wrong in Atom documents, by the schema beside this file."""
    jing = external_tool("jing", "apt-get install jing default-jre-headless")
    words = [jing, "-c", str(FOLDER / "atom.rnc"), *map(str, paths)]
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=600)
    errors = [line for line in done.stdout.splitlines() if line]
    assert done.returncode == (1 if errors else 0), done.stderr
    return errors


def parsed(content: bytes) -> Any:
    """An Atom or RSS document as feedparser reads it."""
    feed = feedparser.parse(content)
    assert not feed.bozo, feed.bozo_exception
    return feed


def json_feed(content: bytes) -> Any:
    """A JSON Feed that is valid."""
    feed = orjson.loads(content)
    assert [error.message for error in JSON_FEED.iter_errors(feed)] == []
    return feed
