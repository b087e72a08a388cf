"""`import dailypapers`: what a Python program reads from a store."""

from __future__ import annotations

import subprocess
import sys
import tracemalloc
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

import dailypapers
from dailypapers.ingest import __version__
from tests.interface import program
from tests.papersite import PaperSite
from tests.product import BUSY, DAY, NOW, Product

WORDS = "diffusion models"


@pytest.fixture
def store(product: Product, site: PaperSite) -> dailypapers.PaperStore:
    """A store with three days and a search."""
    assert product("run", "hf-daily", "--since", f"{BUSY}", "--until", f"{DAY}").status == 0
    assert product("run", "hf-search", "--query", WORDS).status == 0
    return dailypapers.open(product.store.root)


def test_import_loads_nothing_but_the_standard_library_and_itself() -> None:
    code = "import sys; bare = set(sys.modules); import dailypapers; print(*(set(sys.modules) - bare))"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert {name for name in out.split() if name.split(".")[0] not in sys.stdlib_module_names} == {
        "dailypapers",
        "dailypapers.ingest",
    }


def test_a_script_may_have_modules_of_the_names_of_our_folders(tmp_path: Path) -> None:
    for name in ("ingest", "parsers", "snapshots"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('this is the script's own module')\n")
    script = tmp_path / "script.py"
    script.write_text("import dailypapers\nprint(dailypapers.PaperStore, dailypapers.Paper, dailypapers.open)\n")
    ended = subprocess.run([sys.executable, script], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert "dailypapers.parsers.model.Paper" in ended.stdout


def test_the_version_is_that_of_the_package() -> None:
    assert dailypapers.__version__ == __version__


def test_the_surface_is_what_it_names() -> None:
    for name in vars(dailypapers)["__all__"]:
        assert getattr(dailypapers, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        dailypapers.nothing  # type: ignore[attr-defined]  # noqa: B018


def test_series_are_the_sources_and_searches_of_the_store(store: dailypapers.PaperStore) -> None:
    assert [str(series) for series in store.series()] == ["hf-daily", f'hf-search "{WORDS}"']


@pytest.mark.parametrize("written", [lambda day: day, str], ids=["date", "text"])
def test_days_and_papers_of_a_range(store: dailypapers.PaperStore, written: Callable[[date], date | str]) -> None:
    middle = BUSY + timedelta(days=1)
    days = [day.day for day in store.days("hf-daily", since=written(middle), until=written(DAY))]
    assert days == [middle, DAY]
    papers = [paper.day for paper in store.papers("hf-daily", since=written(middle), until=written(DAY))]
    assert sorted(set(papers), key=str) == days
    assert [day.day for day in store.days("hf-daily")] == [BUSY, middle, DAY]


def test_papers_of_many_days_take_the_memory_of_one(store: dailypapers.PaperStore, product: Product) -> None:
    series, files = store.day("hf-daily", BUSY).series, product.store
    for number in range(1, 20):
        copy = BUSY - timedelta(days=number)
        for name in (files.papers, files.certificate):
            name(series, copy).parent.mkdir(parents=True, exist_ok=True)
            name(series, copy).write_bytes(name(series, BUSY).read_bytes())

    def peak(since: date) -> int:
        tracemalloc.start()
        count = sum(1 for _ in store.papers("hf-daily", since=since, until=BUSY))
        assert count == 130 * ((BUSY - since).days + 1)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    peak(BUSY)  # what is loaded once
    assert peak(BUSY - timedelta(days=19)) < 2 * peak(BUSY)


def test_papers_of_a_day_are_those_of_its_file(store: dailypapers.PaperStore, product: Product) -> None:
    day = store.day("hf-daily", f"{DAY}")
    assert [paper.model_dump(mode="json") for paper in day.papers()] == product.papers(DAY)
    assert (day.day, day.state, day.certificate["papers"]) == (DAY, "settling", 12)
    assert day.reason == product.certificate(DAY)["reason"]
    assert {metric.key for metric in day.metrics()} == {paper.key for paper in day.papers()}
    assert "certificate" not in repr(day)


def test_a_state_is_that_of_now(product: Product, site: PaperSite) -> None:
    product("run", "hf-daily", "--day", f"{NOW.date()}")
    states = [
        dailypapers.open(product.store.root, now=now).day("hf-daily", NOW.date()).state
        for now in (NOW, NOW + timedelta(days=1))
    ]
    assert states == ["open", "settling"]


def test_a_search_is_named_by_its_query(store: dailypapers.PaperStore) -> None:
    (day,) = store.days("hf-search", query=WORDS)
    assert (day.series.query, day.day) == (WORDS, NOW.date())
    assert list(store.papers("hf-search", query=WORDS)) == list(day.papers())
    assert list(store.papers("hf-search", query="never searched for")) == []


def test_any_day_of_a_week_names_its_listing(product: Product, site: PaperSite) -> None:
    product("run", "hf-weekly", "--day", f"{DAY}")
    assert dailypapers.open(product.store.root).day("hf-weekly", DAY).day == date(2025, 12, 8)


def test_the_history_of_a_paper_is_every_listing_of_it(store: dailypapers.PaperStore) -> None:
    paper = next(store.papers("hf-daily", since=DAY))
    (entry, *_) = [entry for entry in store.history(paper.key) if entry.series.source == "hf-daily"]
    assert (entry.day, entry.title) == (DAY, paper.title)
    assert (entry.metrics[-1].upvotes, entry.metrics[-1].at) == (paper.upvotes, NOW)
    with pytest.raises(dailypapers.PaperNotFound, match=r"no paper 'arxiv:0000\.00000' in the store"):
        next(store.history("arxiv:0000.00000"))


def test_errors_say_what_to_do(store: dailypapers.PaperStore, tmp_path: Path) -> None:
    with pytest.raises(dailypapers.StoreNotFound, match=r"no store at .*; make one: dailypapers --store"):
        dailypapers.open(tmp_path / "nowhere")
    with pytest.raises(dailypapers.UnknownSource, match=r"no source 'hf-dayly'; there are: hf-daily, "):
        store.days("hf-dayly")
    with pytest.raises(dailypapers.InvalidQuery, match="hf-search needs query"):
        store.papers("hf-search")
    with pytest.raises(dailypapers.InvalidQuery, match="hf-daily takes no query"):
        store.papers("hf-daily", query="x")
    with pytest.raises(dailypapers.DayNotBuilt, match="run hf-daily --day 2025-01-01"):
        store.day("hf-daily", "2025-01-01")


@pytest.mark.parametrize(
    ("since", "until"),
    [
        ("8 December", None),
        (None, "2025-13-01"),
        ("2025-12-09", "2025-12-08"),
        (datetime(2025, 12, 8, tzinfo=UTC), None),
    ],
)
def test_what_is_no_day_is_refused_at_once(tmp_path: Path, since: date | str | None, until: date | str | None) -> None:
    (tmp_path / "snapshots").mkdir()
    with pytest.raises(dailypapers.InvalidDay):
        dailypapers.open(tmp_path).papers("hf-daily", since=since, until=until)


def test_damage_is_told_by_the_file_that_has_it(store: dailypapers.PaperStore, product: Product) -> None:
    files = product.store
    series = store.day("hf-daily", DAY).series
    files.metrics(series, DAY).write_bytes(b'{"key": 1}\n')
    with pytest.raises(dailypapers.StoreError, match=f"{DAY}.metrics.jsonl: damaged"):
        list(store.day("hf-daily", DAY).metrics())
    files.papers(series, DAY).write_bytes(b"{}\n")
    with pytest.raises(dailypapers.StoreError, match=f"{DAY}.jsonl:1: not a record"):
        list(store.papers("hf-daily", since=DAY))
    files.certificate(series, DAY).write_bytes(b"[]")
    with pytest.raises(dailypapers.CertificateError, match=f"{DAY}.day.json: not a certificate"):
        store.day("hf-daily", DAY)


def test_the_program_of_a_user_runs(store: dailypapers.PaperStore, capsys: pytest.CaptureFixture[str]) -> None:
    program.main(str(store.path), f"{DAY}")
    lines = capsys.readouterr().out.splitlines()
    assert lines[:2] == [f'hf-daily, hf-search "{WORDS}"', f"{DAY}"]
    assert lines[3] == "settling 12 12 12"


def test_no_paper_is_found_by_what_is_not_unicode(store: dailypapers.PaperStore) -> None:
    with pytest.raises(dailypapers.PaperNotFound):
        next(store.history("arxiv:\udce9"))
    assert store.find(organization="\udce9", keyword="\udce9") == []
