"""Where each page of the site is, as a name relative to its folder. No name is made of foreign text but by a digest."""

from __future__ import annotations

from datetime import date
from typing import Final

from dailypapers.outputs.links import file_name

PAGE_SIZE: Final = 100
"""Papers on one page of a listing."""


def listing_page(folder: str, day: date | str, number: int = 1) -> str:
    """A page of a listing, counted from 1."""
    return f"{folder}/{day}.html" if number == 1 else f"{folder}/{day}-{number}.html"


def newest_page(folder: str) -> str:
    """The newest listing of a series."""
    return f"{folder}/index.html"


def paper_page(key: str) -> str:
    """The page of a paper."""
    return f"paper/{file_name(key)}.html"


def day_file(folder: str, day: date | str) -> str:
    """The copy of a day file."""
    return f"data/{folder}/{day}.jsonl"


def certificate_file(folder: str, day: date | str) -> str:
    """The copy of a certificate."""
    return f"data/{folder}/{day}.day.json"


def changes_file(folder: str, quarter: str) -> str:
    """What changed at the site of a series in a quarter."""
    return f"data/{folder}/{quarter}.changes.json"


def year_page(year: int) -> str:
    """The calendar of a year."""
    return f"calendar/{year}.html"


def quarter_of(day: date) -> str:
    """The quarter of a day: `2025q4`."""
    return f"{day.year}q{(day.month + 2) // 3}"


def root_of(name: str) -> str:
    """The way from a page to the folder of the site: `../` for each folder of its name."""
    return "../" * name.count("/")
