"""Archives truncated at every byte, or with a flipped bit: refused by name or read unchanged; the day stays."""

from __future__ import annotations

import gzip
import io
import random
from argparse import Namespace
from collections.abc import Iterator, Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from warcio.checker import Checker

from dailypapers.cli.main import main
from dailypapers.ingest.archive.content_encoding import members
from dailypapers.ingest.archive.model import Fault, Fetch, Served, ViewPass, served, unchanged
from dailypapers.ingest.archive.reader import read_archives
from dailypapers.ingest.archive.writer import write_fetch
from dailypapers.parsers.model import Page
from dailypapers.snapshots.store.layout import Series, Store
from tests.torture.verdict import Verdict, exactly, none_of

SERIES: Final = Series("hf-daily")
DAY: Final = date(2026, 8, 19)
FLIPS: Final = 10_000
BUILT: Final = 60
"""How many of the truncations and of the flips are also built, and checked, by a command."""
_FIRST: Final = datetime(2026, 8, 20, 3, tzinfo=UTC)
_CASES: Final = Path(__file__).parents[1] / "fixtures" / "hf-daily"
_CAP: Final = 2**26


@dataclass(frozen=True)
class StoredDay:
    """A store with a built day of two archives; the second one, to be damaged, has records of every kind."""

    store: Store

    @classmethod
    def at(cls, root: Path) -> StoredDay:
        """Write it."""
        stored = cls(Store(root))
        known = {page.page.url: page for page in (_api(), _html())}
        first = ViewPass("api", (known[_api().page.url],)), ViewPass("html", (known[_html().page.url],))
        write_fetch(stored.store, Fetch(SERIES, DAY, _FIRST, first), {})
        folder = read_archives(stored.store.archives(SERIES, DAY), SERIES, DAY)
        write_fetch(stored.store, Fetch(SERIES, DAY, _FIRST + timedelta(hours=2), _later()), folder.originals)
        stored.run("build")
        return stored

    @property
    def victim(self) -> Path:
        return self.store.archives(SERIES, DAY)[1]

    def read(self) -> tuple[Fetch, list[bytes]] | str:
        """The second fetch and all its records as bytes, or the reason why it is refused."""
        folder = read_archives(self.store.archives(SERIES, DAY), SERIES, DAY)
        if folder.damaged:
            return str(folder.damaged[0])
        content = self.victim.read_bytes()
        return folder.fetches[1].fetch, [record for _, record in members("", content, _CAP)]

    def run(self, *words: str) -> tuple[int, str]:
        """Run a command line: its exit status and all its output."""
        said = io.StringIO()
        with redirect_stdout(said), redirect_stderr(said):
            status = main(["--store", f"{self.store.root}", *words])
        return status, said.getvalue()

    def snapshots(self) -> dict[str, bytes]:
        """The built files, by name."""
        return {path.name: path.read_bytes() for path in (self.store.root / "snapshots").rglob("*.json*")}


def damaged(flips: int = FLIPS, built: int = BUILT, *, step: int = 1) -> list[Verdict]:
    """Every truncation (or each `step`-th) and some flips of one archive."""
    with TemporaryDirectory() as folder:
        stored = StoredDay.at(Path(folder))
        return [*cut(stored, built, step), *flipped(stored, flips, built)]


def cut(stored: StoredDay, built: int, step: int) -> Iterator[Verdict]:
    """Each truncation is refused by name and the day stays as it was; also what warcio says about it."""
    path, whole, before = stored.victim, stored.victim.read_bytes(), stored.snapshots()
    lengths = range(0, len(whole), step)
    passed, accepted, changed = 0, [], []
    for number, length in enumerate(lengths):
        path.write_bytes(whole[:length])
        accepted += [f"cut at {length}"] * (path.name not in _refusal(stored))
        passed += _warcio_passes(path)
        if number % max(1, len(lengths) // built) == 0:
            changed += _wrong(stored, ["build"], before, f"cut at {length}")
    path.write_bytes(whole)
    share = f"{passed / len(lengths):.0%} of these cuts"
    yield none_of(f"cuts of {len(whole):,} bytes that are not refused by name, of {len(lengths):,}", accepted)
    yield none_of("  builds after a cut that do not name it, or touch the day", changed)
    yield Verdict("  what `warcio check` passes", share, "", passed=True)


def flipped(stored: StoredDay, flips: int, built: int) -> Iterator[Verdict]:
    """Each flip is refused by name or changes no record; `build --check` names even those."""
    path, whole, before, was = stored.victim, stored.victim.read_bytes(), stored.snapshots(), stored.read()
    chance, unseen, wrong, changed = random.Random(3), 0, [], []
    for number in range(flips):
        bit = chance.randrange(8 * len(whole))
        path.write_bytes(flip(whole, bit))
        found = stored.read()
        unseen += not isinstance(found, str)
        wrong += [f"bit {bit}"] * (path.name not in found if isinstance(found, str) else found != was)
        if not isinstance(found, str) or number % max(1, flips // built) == 0:
            changed += _wrong(stored, ["build", "--check"], before, f"bit {bit}")
    path.write_bytes(whole)
    yield none_of(f"flipped bits that change a record and are not refused, of {flips:,}", wrong)
    yield none_of(f"  flips that `build --check` does not name, {unseen} that change no record among them", changed)
    yield exactly("  exit status of `build --check` when the file is whole again", stored.run("build", "--check")[0], 0)


def flip(content: bytes, bit: int) -> bytes:
    """The bytes with that bit flipped."""
    changed = bytearray(content)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def _wrong(stored: StoredDay, words: Sequence[str], before: dict[str, bytes], what: str) -> list[str]:
    status, said = stored.run(*words)
    if status == 1 and stored.victim.name in said and stored.snapshots() == before:
        return []
    return [f"{what}: exit {status}, {'the day' if stored.snapshots() != before else 'the file'}: {said[-200:]!a}"]


def _refusal(stored: StoredDay) -> str:
    found = stored.read()
    return found if isinstance(found, str) else ""


def _warcio_passes(path: Path) -> bool:
    checker = Checker(Namespace(inputs=[f"{path}"], verbose=False))
    with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
        try:
            return bool(checker.process_all() == 0)
        except AttributeError:
            # A record truncated within its headers has no URL: warcio ends with a traceback.
            return False


def _api() -> Served:
    url = f"https://huggingface.co/api/daily_papers?date={DAY}&limit=100"
    return _page(url, _CASES / "api-2026-every-field" / "page.json", "application/json; charset=utf-8", _FIRST)


def _html() -> Served:
    url = f"https://huggingface.co/papers/date/{DAY}"
    return _page(url, _CASES / "html-2026-day" / "page.html", "text/html; charset=utf-8", _FIRST)


def _page(url: str, path: Path, kind: str, at: datetime) -> Served:
    headers = (("Content-Type", kind), ("Content-Encoding", "gzip"), ("ETag", '"x"'))
    return served(Page(url, 200, headers, gzip.compress(path.read_bytes(), 1, mtime=0), at))


def _later() -> tuple[ViewPass, ViewPass]:
    """No answer, an error, another answer; a 304, and an unchanged page."""
    at = _FIRST + timedelta(hours=2)
    api, html = _api(), _html()
    other = _page(api.page.url, _CASES / "api-unknown-fields" / "page.json", "application/json", at)
    error = served(Page(html.page.url, 503, (("Content-Type", "text/html"),), b"<title>503</title>", at))
    same = unchanged(html, Page(html.page.url, 304, (("ETag", '"x"'),), b"", at))
    again = served(Page(html.page.url, 200, html.page.headers, html.page.body, at))
    return ViewPass("api", (Fault(api.page.url, "refused"), other)), ViewPass("html", (error, same, again))
