"""The catalog after any history is the one that is built from the day files at its end."""

from __future__ import annotations

import shutil
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given
from hypothesis import strategies as st

from dailypapers.parsers.model import Paper
from dailypapers.snapshots.catalog.catalog import open_catalog
from dailypapers.snapshots.catalog.freshness import update_days
from dailypapers.snapshots.catalog.joins import Decision, DecisionError, Verb, joins_file, resolve_decisions
from dailypapers.snapshots.catalog.schema import catalog_file
from dailypapers.snapshots.store.layout import Series, Store
from dailypapers.snapshots.store.locks import building
from tests.support.catalog_days import DAILY, NEW, OAI, TEXT, at, paper, remove_day, tables, write_day
from tests.support.hypothesis_examples import examples

FIRST = date(2025, 12, 8)
SERIES = (DAILY, TEXT, OAI, NEW, Series("hf-monthly"))
TITLES = (
    "Attention over graphs of molecules",
    "Attention over graphs of molecules!",
    "Editorial",
    "Sparse łattices, part 1",
)
AUTHORS = (("Ada Łoń", "Bo Cen"), ("A. Łoń", "Bo Cen"), ("Dee Eff",), ())
IDS = ("2512.00001", "2512.00002", "2512.00003")
DOIS = ("10.1000/x1", "10.1000/x2", "10.48550/arXiv.2512.00001")


@st.composite
def records(draw: st.DrawFn, series: Series, day: date) -> list[Paper]:
    """Records that often, but not always, are of the same papers."""
    found = {}
    for _ in range(draw(st.integers(0, 4))):
        made = paper(
            draw(st.sampled_from(TITLES)),
            source=series.source,
            day=day,
            arxiv_id=draw(st.sampled_from(IDS)) if series != TEXT and draw(st.booleans()) else None,
            doi=draw(st.sampled_from(DOIS)) if series != TEXT and draw(st.integers(0, 2)) else None,
            authors=draw(st.sampled_from(AUTHORS)),
            published=draw(st.sampled_from([None, FIRST])),
            upvotes=draw(st.sampled_from([None, 0, 7])),
            withdrawn=draw(st.booleans()),
            keywords=draw(st.sampled_from([[], ["graphs"]])),
            abstract=draw(st.sampled_from([None, "short", "生成模型 of graphs"])),
            first_seen=at(day, draw(st.integers(0, 23))),
        )
        found[made.key] = made
    return list(found.values())


@st.composite
def steps(draw: st.DrawFn) -> list[tuple[str, object]]:
    """What happens to a store: days are built, built again, removed; decisions come and go; the catalog follows."""
    found: list[tuple[str, object]] = []
    for _ in range(draw(st.integers(1, 8))):
        series, day = draw(st.sampled_from(SERIES)), FIRST + timedelta(days=draw(st.integers(0, 2)))
        kind = draw(st.sampled_from(["write", "write", "write", "build", "build", "remove", "decide", "open"]))
        if kind in {"write", "build"}:
            found.append((kind, (series, day, draw(records(series, day)), draw(st.integers(0, 23)))))
        elif kind == "decide":
            found.append((kind, draw(decisions())))
        else:
            found.append((kind, (series, day)))
    return found


@st.composite
def decisions(draw: st.DrawFn) -> str:
    """The content of joins.txt, up to the first line that contradicts those before."""
    keys = [*(f"arxiv:{each}" for each in IDS), *(f"doi:{each}" for each in DOIS[:2])]
    keys += [paper(title, day=FIRST).key for title in TITLES]
    made: list[Decision] = []
    for _ in range(draw(st.integers(0, 3))):
        verb: Verb = draw(st.sampled_from(["join", "split"]))
        pair = draw(st.lists(st.sampled_from(sorted(set(keys))), min_size=2, max_size=2, unique=True))
        try:
            resolve_decisions([*made, Decision(verb, *pair)])
        except DecisionError:
            break
        made.append(Decision(verb, *pair))
    return "".join(f"{decision}\n" for decision in made)


def follow(store: Store, kind: str, what: object) -> None:
    match kind, what:
        case (("write" | "build"), (Series() as series, date() as day, list() as papers, int() as hour)):
            with building(store):
                write_day(store, series, day, papers, at(FIRST + timedelta(days=3), hour))
                if kind == "build":
                    update_days(store, [(series, day)])
        case "remove", (Series() as series, date() as day):
            if store.papers(series, day).exists():
                remove_day(store, series, day)
        case "decide", str() as content:
            joins_file(store).write_text(content)
        case _:
            open_catalog(store).close()


@given(steps())
@examples(60)
def test_any_history_gives_the_rebuilt_catalog(history: list[tuple[str, object]]) -> None:
    with TemporaryDirectory() as folder:
        store = Store(Path(folder, "store"))
        store.root.mkdir()
        for kind, what in history:
            follow(store, kind, what)
        open_catalog(store).close()
        incremental = tables(store)
        shutil.rmtree(catalog_file(store).parent)
        open_catalog(store).close()
        assert incremental == tables(store)
