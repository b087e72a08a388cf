"""The search index: one Pagefind bundle for each quarter, made by its program (https://pagefind.app) of paper pages.

A bundle is made again only where a text of its quarter changed. The browser joins the bundles.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, NamedTuple

import orjson

from dailypapers.outputs.folder import OutputFolder
from dailypapers.snapshots.store.atomic import read_whole, split_lines

from .catalog_papers import CatalogPapers
from .listing import Row
from .names import day_file, paper_page, quarter_of
from .paper_pages import PaperPages

FOLDER: Final = "search"
_TEMPORARY: Final = ".search-"
"""How the folder begins that Pagefind's program writes to."""
_UNUSED: Final = ("pagefind-ui", "pagefind-modular-ui", "pagefind-component-ui", "pagefind-highlight")
"""What begins so belongs to Pagefind's own pages."""


class SearchError(Exception):
    """Pagefind's program is missing or failed."""


class SearchPage(NamedTuple):
    """What the template shows."""

    quarters: Sequence[str]
    """Those that have a bundle."""


def bundle_of(quarter: str) -> str:
    """The script of a bundle, with which a browser opens it."""
    return f"{FOLDER}/{quarter}/pagefind.js"


def remove_left_over(folder: Path) -> None:
    """Remove the temporary folders of a run that was killed; nobody else may make a bundle meanwhile."""
    for path in folder.glob(f"{_TEMPORARY}*"):
        shutil.rmtree(path)


class SearchIndex:
    """The bundles of a site."""

    def __init__(self, output: OutputFolder, index: CatalogPapers, pages: PaperPages, changed: Collection[str]) -> None:
        """`changed` are the quarters of which a paper changed."""
        self._output = output
        self._index = index
        self._pages = pages
        self._changed = changed

    def make(self, quarter: str, day_files: Iterable[str]) -> bool:
        """Make the bundle of a quarter unless the texts of its papers are as before; whether it has any.

        `day_files` are those of its days in the folder of the site. Raises SearchError if the program fails.
        """
        name, before = bundle_of(quarter), self._output.made_before()
        if quarter not in self._changed and name in before and self._output.is_made(name, before[name]):
            return True
        papers = self._papers_of(quarter, day_files)
        lines = "\n".join(f"{key} {papers[key]}" for key in sorted(papers))
        inputs = {"texts": hashlib.sha256(lines.encode()).hexdigest()}
        if papers and not self._output.is_made(name, inputs):
            _make_bundle(self._output, quarter, papers)
            self._output.record(name, inputs)
        return bool(papers)

    def _papers_of(self, quarter: str, day_files: Iterable[str]) -> dict[str, str]:
        """What the search shows of each paper that was first listed in a quarter, by key."""
        keys = {main for name in day_files for main in self._mains_of(name)}
        listed = {key: self._index.appearances(key) for key in keys}
        first = {key: self._pages.listed_on(appearances) for key, appearances in listed.items()}
        found = {key: self._pages.primary(each) for key, each in listed.items() if quarter_of(first[key]) == quarter}
        days: defaultdict[str, dict[str, str]] = defaultdict(dict)
        for key, primary in found.items():
            days[day_file(primary.folder, primary.day)][primary.key] = key
        texts = {
            mains[row["key"]]: _text_digest(row)
            for name, mains in days.items()
            for row in self._rows(name)
            if row["key"] in mains
        }
        return {key: f"{first[key]} {texts[key]}" for key in found}

    def _mains_of(self, name: str) -> Iterator[str]:
        day = name.removeprefix("data/").removesuffix(".jsonl")
        joined = self._index.joined.get(day, {})
        keys: Iterator[str] = (row["key"] for row in self._rows(name))
        return (joined.get(key, key) for key in keys)

    def _rows(self, name: str) -> Iterator[Row]:
        path = self._output.folder / name
        return map(orjson.loads, split_lines(read_whole(path)) if path.exists() else ())


def _text_digest(row: Row) -> str:
    names = "\n".join(author["name"] for author in row["authors"])
    texts = (row["title"], row["abstract"], names, row["ai_summary"], "\n".join(row["keywords"] or ()))
    return hashlib.sha256("\0".join(text or "" for text in texts).encode()).hexdigest()[:16]


def _make_bundle(output: OutputFolder, quarter: str, keys: Iterable[str]) -> None:
    with TemporaryDirectory(dir=output.folder.resolve(), prefix=_TEMPORARY) as temporary:
        pages, bundle = Path(temporary, "pages"), Path(temporary, "bundle")
        _link_pages(output.folder, pages, keys)
        _run(pages, bundle)
        _put(output, bundle, f"{FOLDER}/{quarter}")


def _link_pages(folder: Path, pages: Path, keys: Iterable[str]) -> None:
    """The pages of these papers under their names, as links to the same files."""
    (pages / "paper").mkdir(parents=True)
    for name in map(paper_page, keys):
        (pages / name).hardlink_to(folder / name)


def _run(pages: Path, bundle: Path) -> None:
    try:
        from pagefind_bin import get_executable
    except ImportError as error:
        raise SearchError(
            "the search index needs Pagefind; install it with: pip install 'dailypapers[site]'"
        ) from error
    # In a folder of its own, so that no configuration file of the working folder is read.
    words = [get_executable(), "--site", pages, "--output-path", bundle, "--force-language", "en", "--silent"]
    done = subprocess.run(list(map(str, words)), capture_output=True, text=True, check=False, cwd=pages)  # noqa: S603 - our own words
    if done.returncode != 0:
        raise SearchError(f"Pagefind failed with exit status {done.returncode}: {(done.stderr or done.stdout).strip()}")


def _put(output: OutputFolder, bundle: Path, folder: str) -> None:
    """Write the files of a bundle, and remove those that the one before had beside them."""
    made = {
        path.relative_to(bundle).as_posix(): path
        for path in sorted(bundle.rglob("*"))
        if path.is_file() and not path.name.startswith(_UNUSED)
    }
    before = {path.relative_to(output.folder / folder).as_posix() for path in (output.folder / folder).rglob("*.*")}
    for name, path in made.items():
        output.write(f"{folder}/{name}", read_whole(path))
    for name in before - made.keys():
        output.remove(f"{folder}/{name}")
