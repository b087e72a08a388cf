"""What the tools answer: what is known, how complete it is, and what is not known."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest

from dailypapers.mcp.answers import ToolError, sent_bytes
from dailypapers.mcp.days import Context
from dailypapers.mcp.server import TOOLS, call, resource
from dailypapers.snapshots.catalog.catalog import open_catalog
from dailypapers.snapshots.catalog.schema import catalog_file
from dailypapers.snapshots.history import Metric
from dailypapers.snapshots.store.layout import Series, Store
from tests.support.written_days import DAILY, DAY, HOSTILE, START, paper, write_day

NOW = datetime(2025, 12, 20, 12, tzinfo=UTC)
SEARCH = Series("hf-search", "diffusion")
NEXT = DAY + timedelta(days=1)


def fetch(hours: float, **changes: Any) -> dict[str, Any]:
    """The evidence of a fetch, by hours after START."""
    at = (START + timedelta(hours=hours)).isoformat().replace("+00:00", "Z")
    return {
        "file": "a.warc.gz", "bytes": 1, "sha256": "", "at": at, "at_known": True, "kind": "fetch", "whole": True,
        "doubt": None, "reason": None, "papers": 0, "new": 0, "left": 0, "elsewhere": False, "views": [],
    } | changes  # fmt: skip


def asking(store: Store) -> Callable[..., dict[str, Any]]:
    """Call a tool as a client does; gives its answer as JSON."""
    context = Context(store, lambda: NOW)

    def ask(tool: str, **values: Any) -> dict[str, Any]:
        answer = call(context, tool, values)
        assert sent_bytes(answer) < 100_000
        answered: dict[str, Any] = orjson.loads(answer.model_dump_json())
        return answered

    return ask


Ask = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """A closed day, an empty one, a doubtful one, and a search, with a catalog."""
    written = Store(tmp_path_factory.mktemp("store"))
    papers = [
        paper(number, title=f"Sparse lamps {number}", rank=20 - number, upvotes=number) for number in range(1, 13)
    ]
    write_day(written, papers, fetches=[fetch(20, papers=12, new=12), fetch(40, papers=12)])
    empty = [fetch(40, elsewhere=True), fetch(60, elsewhere=True)]
    write_day(written, [], day=NEXT, state="empty", fetches=empty)
    doubt = fetch(80, papers=1, new=1, whole=False, doubt="failed", reason="html: 503")
    later = paper(30, title="Late lamps", first_seen=START + timedelta(hours=80))
    write_day(written, [later], day=DAY + timedelta(days=2), state="partial", fetches=[doubt])
    write_day(written, papers[:2], series=SEARCH, fetches=[fetch(1, papers=2, new=2)])
    with open_catalog(written):
        return written


@pytest.fixture(scope="module")
def ask(store: Store) -> Ask:
    return asking(store)


def states(answer: dict[str, Any]) -> list[tuple[str, str]]:
    return [(day["day"], day["state"]) for day in answer["days"]]


def test_a_day_has_its_papers_by_rank_and_its_state(ask: Ask) -> None:
    answer = ask("list_day", day=f"{DAY}")
    assert [entry["key"][-2:] for entry in answer["papers"]] == [f"{number:02}" for number in range(12, 0, -1)]
    assert states(answer) == [(f"{DAY}", "closed")]
    assert (answer["total"], answer["cursor"]) == (12, None)
    assert answer["papers"][0] | {"abstract": None} == {
        "key": "arxiv:2512.00012",
        "title": "Sparse lamps 12",
        "abstract": None,
        "authors": [],
        "author_count": None,
        "organization": None,
        "published": None,
        "upvotes": 12,
        "url": None,
        "code_url": None,
        "first_seen": "2025-12-10T08:00:00Z",
        "listed": [{"source": "hf-daily", "query": None, "day": "2025-12-10"}],
    }


def test_none_and_not_looked_at_differ(ask: Ask) -> None:
    empty, unknown = ask("list_day", day=f"{NEXT}"), ask("list_day", day="2025-12-15")
    assert (empty["papers"], unknown["papers"]) == ([], [])
    assert states(empty) == [(f"{NEXT}", "empty")]
    assert states(unknown) == [("2025-12-15", "not_fetched")]
    assert unknown["days"][0]["reason"] == "it was not fetched, so nothing is known about its papers"
    assert unknown["days"][0]["advice"].endswith("run hf-daily --day 2025-12-15")
    assert ask("list_day", day="2026-01-15")["days"][0]["reason"] == "it is in the future"
    assert ask("list_day", day="2026-01-15")["days"][0]["advice"] is None


def test_a_state_is_that_of_now(store: Store) -> None:
    context = Context(store, lambda: datetime(2025, 12, 10, 9, tzinfo=UTC))
    (day,) = call(context, "list_day", {"day": "2025-12-13"}).model_dump()["days"]
    assert (day["state"], day["reason"]) == ("not_fetched", "it is in the future")


def test_pages_have_every_paper_once(ask: Ask) -> None:
    cursor, keys = None, []
    for _ in range(5):
        answer = ask("list_day", day=f"{DAY}", limit=3, cursor=cursor)
        keys += [entry["key"] for entry in answer["papers"]]
        cursor = answer["cursor"]
        if cursor is None:
            break
    assert len(keys) == len(set(keys)) == 12
    assert ask("list_day", day=f"{DAY}", cursor="99")["papers"] == []


def test_a_search_is_a_listing_with_its_query(ask: Ask) -> None:
    answer = ask("list_day", source="hf-search", query="diffusion", day=f"{DAY}")
    assert (len(answer["papers"]), answer["days"][0]["query"]) == (2, "diffusion")


def test_any_day_of_a_week_names_its_listing(ask: Ask) -> None:
    assert states(ask("list_day", source="hf-weekly", day="2025-12-10")) == [("2025-12-08", "not_fetched")]


def test_a_certificate_has_the_evidence(ask: Ask) -> None:
    answer = ask("day_certificate", day=f"{DAY + timedelta(days=2)}")
    assert answer["fetches"] == [
        {
            "at": "2025-12-13T16:00:00Z",
            "kind": "fetch",
            "whole": False,
            "doubt": "failed",
            "reason": "html: 503",
            "papers": 1,
            "new": 1,
            "failed_views": [],
        }
    ]
    assert states(answer) == [("2025-12-12", "partial")]
    assert answer["days"][0]["advice"].endswith("run hf-daily --day 2025-12-12")
    assert (answer["papers"], answer["gone"], answer["rejects"], len(answer["papers_sha256"])) == (1, 0, 0, 64)
    missing = ask("day_certificate", day="2025-12-15")
    assert (missing["papers"], missing["fetches"], missing["papers_sha256"]) == (None, [], None)


def test_a_search_finds_papers_and_says_what_was_searched(ask: Ask) -> None:
    answer = ask("search_papers", text="late lamps")
    assert [entry["title"] for entry in answer["papers"]] == ["Late lamps"]
    assert states(answer) == [("2025-12-12", "partial")]
    nothing = ask("search_papers", text="nothing of the kind", source="hf-daily")
    assert (nothing["papers"], nothing["total"], nothing["days"]) == ([], 0, [])
    assert nothing["coverage"] == [
        {
            "source": "hf-daily",
            "query": None,
            "first_day": "2025-12-10",
            "last_day": "2025-12-12",
            "days": 3,
            "complete": 2,
            "incomplete_days": ["2025-12-12"],
            "not_fetched": 8,
            "not_fetched_days": [f"2025-12-{day}" for day in range(14, 21)],
        }
    ]
    assert [each["query"] for each in ask("search_papers", text="lamps")["coverage"]] == [None, "diffusion"]


def test_a_search_goes_on_page_by_page(ask: Ask) -> None:
    first = ask("search_papers", text="sparse lamps", limit=7)
    second = ask("search_papers", text="sparse lamps", limit=7, cursor=first["cursor"])
    keys = [entry["key"] for entry in (*first["papers"], *second["papers"])]
    assert (len(keys), len(set(keys)), first["total"], second["cursor"]) == (12, 12, 12, None)
    assert ask("search_papers", text="?!")["remarks"] == ["the text has no word to search for; give one or more words"]


@pytest.mark.parametrize("key", ["arxiv:2512.00001", "2512.00001v3"])
def test_a_paper_is_its_record_and_its_listings(ask: Ask, key: str) -> None:
    answer = ask("get_paper", key=key)
    assert (answer["paper"]["title"], answer["paper"]["upvotes"]) == ("Sparse lamps 1", 1)
    listings = [(each["source"], each["query"], each["day"]) for each in answer["listings"]]
    assert listings == [("hf-daily", None, "2025-12-10"), ("hf-search", "diffusion", "2025-12-10")]
    assert [day["state"] for day in answer["days"]] == ["closed", "closed"]
    assert (answer["remarks"], answer["coverage"]) == ([], [])


def test_a_paper_that_no_day_lists_comes_with_the_days_that_were_looked_at(ask: Ask) -> None:
    for tool in ("get_paper", "paper_history"):
        answer = ask(tool, key="arxiv:2512.99999")
        assert answer["remarks"] == [
            "no stored day lists arxiv:2512.99999; find keys with search_papers, and see coverage for missing days"
        ]
        assert len(answer["coverage"]) == 2
    assert ask("get_paper", key="arxiv:2512.99999")["paper"] is None


def test_as_of_a_time_before_it_was_seen_a_paper_is_not_known(ask: Ask) -> None:
    at = "2025-12-12T00:00:00Z"
    answer = ask("get_paper", key="2512.00030", as_of=at)
    assert answer["paper"] is None
    assert answer["remarks"] == [f"arxiv:2512.00030 was not known at {at}; it was first seen at 2025-12-13T16:00:00Z"]
    assert ask("search_papers", text="late lamps", as_of=at)["papers"] == []
    assert [entry["upvotes"] for entry in ask("search_papers", text="sparse", as_of=at, limit=1)["papers"]] == [None]
    assert ask("paper_history", key="2512.00030", as_of=at)["history"] == []
    assert ask("new_since", since="2025-12-13", as_of="2025-12-13T12:00:00Z")["papers"] == []


def test_as_of_a_time_before_a_source_listed_it_a_paper_is_not_one_of_the_source(tmp_path: Path) -> None:
    store = Store(tmp_path)
    write_day(store, [paper(1)], series=SEARCH, fetches=[fetch(0, papers=1, new=1)])
    write_day(store, [paper(1, first_seen=START + timedelta(hours=30))], fetches=[fetch(30, papers=1, new=1)])
    with open_catalog(store):
        ask = asking(store)
    for hours, count in ((20, 0), (40, 1)):
        at = (START + timedelta(hours=hours)).isoformat()
        found = [
            ask("search_papers", text="paper", source="hf-daily", as_of=at),
            ask("new_since", since="2025-12-01", source="hf-daily", as_of=at),
        ]
        assert [len(answer["papers"]) for answer in found] == [count, count]
        assert [answer["cursor"] for answer in found] == [None, None]
        assert len(ask("new_since", since="2025-12-01", source="hf-search", query="diffusion", as_of=at)["papers"]) == 1


def test_history_is_the_metrics_of_the_days_that_list_it(tmp_path: Path) -> None:
    store = Store(tmp_path)
    metrics = [Metric(START + timedelta(hours=hour), "arxiv:2512.00001", hour, None, 0) for hour in (1, 5)]
    write_day(store, [paper(1, upvotes=5)], metrics=metrics, fetches=[fetch(1, papers=1, new=1), fetch(5, papers=1)])
    with open_catalog(store):
        ask = asking(store)
    points = [
        {"at": f"2025-12-10T{8 + hour:02}:00:00Z", "upvotes": hour, "comments": None, "github_stars": 0}
        for hour in (1, 5)
    ]
    answer = ask("paper_history", key="2512.00001")
    assert answer["history"] == [{"source": "hf-daily", "query": None, "day": "2025-12-10", "points": points}]
    assert (answer["key"], answer["title"]) == ("arxiv:2512.00001", "Paper 1")
    with pytest.raises(ToolError, match=f"hf-daily {DAY}: its archive is not here; ask without as_of"):
        ask("paper_history", key="2512.00001", as_of="2025-12-10T10:00:00Z")


def new_papers(store: Store) -> tuple[Ask, Callable[[int], None]]:
    """A tool on a store, and a function that adds a paper to its day."""

    def add(number: int) -> None:
        papers = [paper(each, first_seen=START + timedelta(minutes=each)) for each in range(1, number + 1)]
        write_day(store, papers, fetches=[fetch(number / 60, papers=number, new=number)])
        with open_catalog(store):
            pass

    return asking(store), add


def test_what_is_new_comes_once(tmp_path: Path) -> None:
    ask, add = new_papers(Store(tmp_path))
    add(5)
    first = ask("new_since", since="2025-12-10", limit=2)
    second = ask("new_since", since=first["cursor"], limit=2)
    third = ask("new_since", since=second["cursor"], limit=2)
    pages = [[entry["key"][-1] for entry in answer["papers"]] for answer in (first, second, third)]
    assert pages == [["5", "4"], ["3", "2"], ["1"]]
    assert [answer["more"] for answer in (first, second, third)] == [True, True, False]
    assert ask("new_since", since=third["cursor"])["papers"] == []
    add(8)
    later = ask("new_since", since=third["cursor"], limit=2)
    rest = ask("new_since", since=later["cursor"], limit=2)
    assert [entry["key"][-1] for entry in (*later["papers"], *rest["papers"])] == ["6", "7", "8"]
    assert (later["more"], rest["more"], rest["repeated"]) == (True, False, False)
    assert states(later) == [(f"{DAY}", "settling")]


def test_what_is_new_while_pages_are_read_is_not_missed(tmp_path: Path) -> None:
    ask, add = new_papers(Store(tmp_path))
    add(3)
    answers = [ask("new_since", since="2025-12-10", limit=2)]
    add(6)
    while answers[-1]["more"]:
        answers.append(ask("new_since", since=answers[-1]["cursor"], limit=2))
    answers.append(ask("new_since", since=answers[-1]["cursor"]))
    assert {entry["key"][-1] for answer in answers for entry in answer["papers"]} == set("123456")


def test_a_cursor_of_a_catalog_that_was_lost_gives_everything_again(tmp_path: Path) -> None:
    ask, add = new_papers(Store(tmp_path))
    add(2)
    cursor = ask("new_since", since="2025-12-10")["cursor"]
    catalog_file(Store(tmp_path)).unlink()
    add(3)
    answer = ask("new_since", since=cursor)
    assert answer["repeated"]
    assert {entry["key"][-1] for entry in answer["papers"]} == set("123")


def test_by_default_the_last_day_is_new(ask: Ask) -> None:
    assert ask("new_since")["papers"] == []
    context_of_that_day = ask("new_since", as_of="2025-12-13T17:00:00Z")
    assert [entry["key"] for entry in context_of_that_day["papers"]] == ["arxiv:2512.00030"]
    assert context_of_that_day["cursor"] is None


def test_new_papers_of_one_source(ask: Ask) -> None:
    answer = ask("new_since", since="2025-12-01", source="hf-search", query="diffusion")
    assert {entry["key"] for entry in answer["papers"]} == {"arxiv:2512.00001", "arxiv:2512.00002"}


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """A day with many papers whose texts are long and hostile, and one that is far too long."""
    written = Store(tmp_path_factory.mktemp("large"))
    text = "".join(HOSTILE) * 8
    author = {"name": text, "user": text, "hidden": None, "affiliation": text}
    papers = [
        paper(
            number,
            title=f"word {text}",
            abstract=text,
            authors=[author] * 20,
            organization={"name": text, "fullname": text},
        )
        for number in range(1, 61)
    ]
    papers.append(
        paper(900, title="giant " + text, abstract='"\\\x01' * 30_000, authors=[author] * 200, extra={text: text})
    )
    write_day(
        written, papers, notes=[text] * 50, lost=[text] * 50, fetches=[fetch(n / 60, reason=text) for n in range(90)]
    )
    with open_catalog(written):
        return written


@pytest.mark.parametrize(
    ("tool", "values"),
    [("list_day", {"day": f"{DAY}"}), ("search_papers", {"text": "word", "limit": 50})],
)
def test_an_answer_has_at_most_50_papers_and_100_kb_and_pages_have_all(
    large: Store, tool: str, values: dict[str, Any]
) -> None:
    ask, keys, cursor = asking(large), [], None
    while True:
        answer = ask(tool, **values, cursor=cursor)
        assert 0 < len(answer["papers"]) <= 50
        keys += [entry["key"] for entry in answer["papers"]]
        cursor = answer["cursor"]
        if cursor is None:
            break
    assert len(keys) == len(set(keys)) == answer["total"] >= 60


def test_new_papers_fit_too(large: Store) -> None:
    ask, keys, since = asking(large), [], "2025-12-01"
    while since:
        answer = ask("new_since", since=since)
        keys += [entry["key"] for entry in answer["papers"]]
        since = answer["cursor"] if answer["more"] else ""
    assert len(keys) == len(set(keys)) == 61


def test_papers_that_arrived_fit_too(tmp_path: Path) -> None:
    ask, add = new_papers(Store(tmp_path))
    add(1)
    cursor, keys = ask("new_since", since="2025-12-10")["cursor"], []
    text = "".join(HOSTILE) * 8
    arrived = [paper(number, title=f"word {text}", abstract=text) for number in range(2, 62)]
    write_day(Store(tmp_path), [paper(1), *arrived], fetches=[fetch(1, papers=61, new=61)])
    with open_catalog(Store(tmp_path)):
        pass
    while (answer := ask("new_since", since=cursor))["papers"]:
        assert answer["cursor"] != cursor
        keys += [entry["key"] for entry in answer["papers"]]
        cursor = answer["cursor"]
    assert len(keys) == len(set(keys)) == 60


def test_evidence_fits_too(large: Store) -> None:
    ask = asking(large)
    first = ask("day_certificate", day=f"{DAY}")
    assert (first["total"], first["cursor"]) == (90, f"{len(first['fetches'])}")
    rest = ask("day_certificate", day=f"{DAY}", cursor=first["cursor"])
    assert rest["fetches"][0]["at"] > first["fetches"][-1]["at"]


def test_a_record_that_is_too_large_is_cut_and_says_so(large: Store) -> None:
    answer = asking(large)("get_paper", key="2512.00900")
    assert answer["remarks"] == ["long texts and lists of the record are cut"]
    assert answer["paper"]["key"] == "arxiv:2512.00900"
    assert answer["paper"]["abstract"].endswith("…")


@pytest.mark.parametrize(
    ("tool", "values", "message"),
    [
        ("list_day", {"day": "2025-13-01"}, "'2025-13-01' is not a day; write it like 2025-12-08"),
        ("list_day", {"day": "../../etc/passwd"}, "'../../etc/passwd' is not a day; write it like 2025-12-08"),
        ("list_day", {"day": f"{DAY}", "source": "../.."}, "no source '../..'; there are: hf-daily, "),
        ("day_certificate", {"day": f"{DAY}", "source": "hf-dayly"}, "no source 'hf-dayly'; there are: hf-daily, "),
        ("list_day", {"day": f"{DAY}", "source": "hf-search"}, "hf-search needs query"),
        ("list_day", {"day": f"{DAY}", "query": "x"}, "hf-daily takes no query"),
        ("list_day", {"day": f"{DAY}", "cursor": "x"}, "'x' is not a cursor; give the `cursor` of the answer before"),
        ("list_day", {"day": f"{DAY}", "limit": 51}, "limit: Input should be less than or equal to 50"),
        ("list_day", {}, "day: Field required; its arguments are: as_of, day, source, query, limit, cursor"),
        ("list_day", {"day": f"{DAY}", "as_of": "then"}, "'then' is not a time; write it like 2025-12-08T10:00:00Z"),
        ("list_day", {"day": f"{DAY}", "as_of": "2999-01-01"}, "2999-01-01 is not a time of the past; leave it out"),
        ("search_papers", {"text": "a", "source": "x"}, "no source 'x'; there are: hf-daily, "),
        ("new_since", {"since": "then"}, "since 'then' is neither the `cursor` of an answer nor a time such as"),
        ("new_since", {"since": "2025-12-10T00:00:00Z+1@x"}, "'2025-12-10T00:00:00Z+1@x' is not a cursor; give"),
        ("get_paper", {"key": 1}, "key: Input should be a valid string"),
        ("get_papers", {}, "no tool 'get_papers'; there are: search_papers, get_paper, "),
    ],
)
def test_a_mistake_is_an_error_that_says_what_to_do(ask: Ask, tool: str, values: dict[str, Any], message: str) -> None:
    with pytest.raises(ToolError) as raised:
        ask(tool, **values)
    assert message in str(raised.value)


def test_a_cursor_about_now_is_not_one_about_the_past(ask: Ask) -> None:
    cursor = ask("new_since")["cursor"]
    with pytest.raises(ToolError, match="as_of goes with a time in `since`"):
        ask("new_since", since=cursor, as_of=f"{DAY}")


def every_call(ask: Ask) -> None:
    ask("search_papers", text="lamps")
    ask("get_paper", key="2512.00001")
    ask("list_day", day=f"{DAY}")
    ask("day_certificate", day=f"{DAY}")
    ask("paper_history", key="2512.00001")
    ask("new_since")


def test_resources_are_the_files_of_a_day(store: Store) -> None:
    context = Context(store, lambda: NOW)
    uri = f"papers://hf-daily/{DAY}"
    assert resource(context, uri)[0].encode() == store.papers(DAILY, DAY).read_bytes()
    text, kind = resource(context, f"{uri}/certificate")
    assert (text.encode(), kind) == (store.certificate(DAILY, DAY).read_bytes(), "application/json")


@pytest.mark.parametrize(
    ("uri", "message"),
    [
        (
            "papers://hf-daily/2025-12-15",
            "nothing is known about its papers; a human can fetch it: dailypapers --store",
        ),
        ("papers://hf-daily/yesterday", "'yesterday' is not a day; write it like 2025-12-08"),
        ("papers://hf-daily/..", "'..' is not a day; write it like 2025-12-08"),
        ("papers://hf-daily/%2e%2e%2fetc", "'%2e%2e%2fetc' is not a day; write it like 2025-12-08"),
        ("papers://../2025-12-10", "no source '..'; there are: hf-daily, "),
        ("papers://hf-search/2025-12-10", "hf-search needs query"),
        (
            "papers://hf-daily/2025-12-10/rejects",
            "there are: papers://{source}/{day}, papers://{source}/{day}/certificate",
        ),
        ("file:///etc/passwd", "there are: papers://{source}/{day}, papers://{source}/{day}/certificate"),
    ],
)
def test_other_resources_are_errors_that_say_what_to_do(store: Store, uri: str, message: str) -> None:
    with pytest.raises(ToolError) as raised:
        resource(Context(store, lambda: NOW), uri)
    assert message in str(raised.value)


def content(store: Store) -> dict[str, tuple[bytes, int]]:
    """All files; but in `-shm` SQLite's readers note their locks, and it appears where it is missing."""
    files = (path for path in store.root.rglob("*") if path.is_file() and path.suffix != ".sqlite-shm")
    return {f"{path}": (path.read_bytes(), path.stat().st_mtime_ns) for path in files}


def test_nothing_is_written(store: Store, ask: Ask) -> None:
    before = content(store)
    every_call(ask)
    assert content(store) == before


def test_without_a_catalog_days_can_be_read_and_papers_say_what_to_do(tmp_path: Path) -> None:
    store = Store(tmp_path)
    write_day(store, [paper(1)], fetches=[fetch(1, papers=1, new=1)])
    ask = asking(store)
    assert len(ask("list_day", day=f"{DAY}")["papers"]) == 1
    for tool, values in (("search_papers", {"text": "a"}), ("get_paper", {"key": "a"}), ("new_since", {})):
        with pytest.raises(
            ToolError, match=rf"no catalog, .*; a human can build it: dailypapers --store {tmp_path} papers"
        ):
            ask(tool, **values)
    assert not catalog_file(store).exists()


def test_a_catalog_that_is_behind_says_so(tmp_path: Path) -> None:
    store = Store(tmp_path)
    write_day(store, [paper(1)], fetches=[fetch(1, papers=1, new=1)])
    with open_catalog(store):
        write_day(store, [paper(2)], day=NEXT, fetches=[fetch(25, papers=1, new=1)])
    answer = asking(store)("search_papers", text="paper")
    assert answer["total"] == 1
    (remark,) = answer["remarks"]
    assert remark.startswith(
        "the catalog is older than the store, so new papers may be missing; update it: dailypapers"
    )


def test_a_damaged_catalog_stays_as_it_is(tmp_path: Path) -> None:
    store = Store(tmp_path)
    write_day(store, [paper(1)], fetches=[fetch(1, papers=1, new=1)])
    with open_catalog(store):
        pass
    path = catalog_file(store)
    damaged = path.read_bytes()[:8192] + b"\0" * 8192 + path.read_bytes()[16384:]
    path.write_bytes(damaged)
    with pytest.raises(ToolError, match="a human can build it"):
        every_call(asking(store))
    assert path.read_bytes() == damaged


def test_a_damaged_day_is_named(tmp_path: Path) -> None:
    store = Store(tmp_path)
    write_day(store, [paper(1)], fetches=[fetch(1, papers=1, new=1)])
    store.papers(DAILY, DAY).write_bytes(b"{}")
    with pytest.raises(ToolError, match=f"{DAY}.jsonl: not the file that its certificate names; run dailypapers build"):
        asking(store)("list_day", day=f"{DAY}")


def test_a_day_of_the_past_needs_its_archive(ask: Ask) -> None:
    with pytest.raises(ToolError, match=f"hf-daily {DAY}: its archive is not here; ask without as_of"):
        ask("list_day", day=f"{DAY}", as_of="2025-12-11T12:00:00Z")


def test_a_bug_is_said_to_be_one(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> Any:
        raise ZeroDivisionError("lamps")

    monkeypatch.setitem(TOOLS, "get_paper", TOOLS["get_paper"]._replace(run=broken))
    with pytest.raises(ToolError, match=r"ZeroDivisionError.*this is a bug of dailypapers: report it to a human"):
        asking(store)("get_paper", key="a")
