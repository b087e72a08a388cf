"""`dailypapers run` against a real server: the whole path of a day."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from datetime import timedelta

import httpx
import pytest

from dailypapers.ingest.archive.model import Served
from dailypapers.ingest.archive.reader import read_archives
from tests.papersite import PaperSite, Switch, switches
from tests.product import BUSY, DAY, NOW, SATURDAY, SERIES, Product


def test_busy_day_is_complete_and_each_paper_is_there_once(product: Product, site: PaperSite) -> None:
    assert product("run", "hf-daily", "--day", f"{BUSY}").status == 0
    truth = site.papers(BUSY)
    papers = product.papers(BUSY)
    assert len(truth) == 130
    assert sorted(paper["arxiv_id"] for paper in papers) == sorted(item["paper"]["id"] for item in truth)
    assert [paper["key"] for paper in papers] == sorted(paper["key"] for paper in papers)
    asked = [entry.target for entry in site.log]
    assert any(target.startswith("/api/") for target in asked)
    assert any(target.startswith("/papers") for target in asked)


def test_rank_counts_over_all_pages_of_the_api(product: Product, site: PaperSite) -> None:
    product("run", "--day", f"{BUSY}")
    ranks = {paper["arxiv_id"]: paper["rank"] for paper in product.papers(BUSY)}
    assert ranks == {item["paper"]["id"]: place for place, item in enumerate(site.papers(BUSY), 1)}


def test_second_run_changes_no_byte_of_the_day_and_keeps_no_page_twice(product: Product, site: PaperSite) -> None:
    product("run", "--day", f"{BUSY}")
    first = product.store.papers(SERIES, BUSY).read_bytes()
    product("run", "--day", f"{BUSY}", now=NOW + timedelta(hours=2))
    assert product.store.papers(SERIES, BUSY).read_bytes() == first
    whole, again = product.archives(BUSY)
    with gzip.open(again) as records:
        kinds = [row.split()[-1] for row in records.read().splitlines() if row.startswith(b"WARC-Type:")]
    assert kinds == [b"revisit", b"revisit", b"revisit", b"metadata"]
    assert again.stat().st_size < whole.stat().st_size / 10


def test_payload_is_what_the_server_sent(product: Product, site: PaperSite) -> None:
    product("run", "--day", f"{DAY}")
    folder = read_archives(product.archives(), SERIES, DAY)
    assert folder.damaged == []
    for view in folder.fetches[0].fetch.views:
        for entry in view.entries:
            assert isinstance(entry, Served)
            with httpx.stream("GET", entry.page.url, headers={"Accept-Encoding": "gzip"}) as answer:
                assert entry.page.body == b"".join(answer.iter_raw())
            assert entry.page.header("content-encoding") == "gzip"


def test_weekend_is_empty_though_the_page_shows_friday(product: Product, site: PaperSite) -> None:
    result = product("run", "--day", f"{SATURDAY}")
    assert result.status == 0
    assert product.papers(SATURDAY) == []
    assert "answered with the page of the day 2025-12-05" in result.out
    assert product.certificate(SATURDAY)["fetches"][0]["whole"] is True


def test_range_is_run_day_by_day(product: Product, site: PaperSite) -> None:
    result = product("run", "--since", "2025-12-08", "--until", "2025-12-10")
    assert result.status == 0
    assert [row.split(":")[0] for row in result.out.splitlines()] == [
        f"hf-daily 2025-12-{number:02}" for number in (8, 9, 10)
    ]
    assert "3 days:" in result.err


@pytest.mark.parametrize(("where", "view"), [("/api/", "api"), ("/papers", "html")])
@pytest.mark.parametrize("status", [404, 500])
def test_one_view_down_costs_that_view_alone(
    product: Product, site: PaperSite, where: str, view: str, status: int
) -> None:
    site.switches.append(switches.down(where, status))
    result = product("run", "--day", f"{DAY}")
    assert result.status == 0
    assert len(product.papers()) == 12
    assert f"{view} FAILED" in result.out
    assert f"HTTP {status}" in result.out
    fetch = product.certificate()["fetches"][0]
    assert fetch["whole"] is False
    assert [one["view"] for one in fetch["views"] if one["failed"]] == [view]


def test_server_errors_are_tried_again_and_others_are_not(
    product: Product, site: PaperSite, pauses: list[float]
) -> None:
    site.switches += [switches.down("/api/", 503), switches.down("/papers", 404)]
    product("run", "--day", f"{DAY}")
    asked = [entry.target for entry in site.log if entry.target != "/robots.txt"]
    assert [target.startswith("/api/") for target in asked] == [True] * 4 + [False]
    assert len(pauses) >= 3


def test_a_passing_fault_leaves_no_trace(product: Product, site: PaperSite) -> None:
    site.switches.append(switches.times(2, "/api/", switches.down("/api/")))
    assert product("run", "--day", f"{DAY}").status == 0
    assert product.certificate()["fetches"][0]["whole"] is True


@pytest.mark.parametrize(
    ("switch", "said"),
    [
        (switches.down(lambda request: request.target != "/robots.txt", 500), "HTTP 500"),
        (switches.error_page("/"), "Something went wrong"),
        (switches.challenge("/"), "Just a moment"),
        (switches.shape("/", {"papers": []}), "papers"),
    ],
)
def test_no_answer_that_can_be_read_is_a_failure_and_is_kept(
    product: Product, site: PaperSite, switch: Switch, said: str
) -> None:
    if said == "papers":
        site.switches.append(switches.no_blob("/papers"))
        site.switches.append(switches.body("/papers", lambda page: page.replace(b"<article", b"<section")))
    site.switches.append(switch)
    result = product("run", "--day", f"{DAY}")
    assert result.status == 3
    assert said in result.out + result.err
    assert len(product.archives()) == 1
    assert product.papers() == []


def test_no_network_stores_nothing(product: Product, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    result = product("run", "--day", f"{DAY}")
    assert result.status == 3
    assert "refused" in result.err
    assert list(product.files()) == [f"attempts/hf-daily/{DAY}.json"]


def test_bad_days_do_not_stop_the_others(product: Product, site: PaperSite) -> None:
    site.switches.append(switches.down(lambda request: "2025-12-09" in request.target))
    result = product("run", "--since", "2025-12-08", "--until", "2025-12-10")
    assert result.status == 1
    assert len(product.papers(BUSY)) == 130
    assert len(product.papers(DAY)) == 12


def test_a_broken_blob_is_read_from_the_cards(product: Product, site: PaperSite) -> None:
    site.switches.append(switches.cut_blob())
    assert product("run", "--day", f"{DAY}").status == 0
    html = product.certificate()["fetches"][0]["views"][1]
    assert (html["reading"], html["papers"]) == ("cards", 12)


@pytest.mark.parametrize("spoil", [switches.bad_item, switches.id_as_number, switches.lone_surrogate])
def test_one_bad_item_is_one_reject(product: Product, site: PaperSite, spoil: Callable[[str], Switch]) -> None:
    site.switches.append(spoil("/api/"))
    result = product("run", "--day", f"{DAY}")
    assert result.status == 0
    rejects = product.store.rejects(SERIES, DAY).read_bytes().decode("ascii").splitlines()
    assert len(rejects) == 1
    assert "1 rejected" in result.out
    # The page still shows the paper whose API item is bad: nothing is lost.
    assert len(product.papers()) == 12


def test_many_rejects_need_attention(product: Product, site: PaperSite) -> None:
    site.switches += [switches.bad_item(where, place) for where in ("/api/", "/papers") for place in (0, 1)]
    result = product("run", "--day", f"{DAY}")
    assert result.status == 1
    assert "rejected" in result.out
    assert len(product.papers()) == 10


def test_a_redirect_to_another_day_stores_nothing_of_it(product: Product, site: PaperSite) -> None:
    site.switches.append(switches.redirect(f"/papers/date/{DAY}", "/papers/date/2025-12-09"))
    assert product("run", "--day", f"{DAY}").status == 0
    assert {paper["arxiv_id"] for paper in product.papers()} == {item["paper"]["id"] for item in site.papers(DAY)}
    assert product.certificate()["fetches"][0]["views"][1]["served"] == "2025-12-09"


@pytest.mark.parametrize(
    ("to", "said"),
    [
        ("https://elsewhere.example/papers", "off the site"),
        (f"/papers/date/{DAY}", "in a circle"),
        ("/papers/date/2025-12-11", "more than 5 times"),
    ],
)
def test_bad_redirects_fail_the_view(product: Product, site: PaperSite, to: str, said: str) -> None:
    site.switches.append(switches.redirect(f"/papers/date/{DAY}", to))
    for number in range(11, 18):
        site.switches.append(switches.redirect(f"/papers/date/2025-12-{number}", f"/papers/date/2025-12-{number + 1}"))
    result = product("run", "--day", f"{DAY}")
    assert said in result.out
    assert len(product.papers()) == 12


def test_an_answer_of_another_day_is_no_answer(product: Product, site: PaperSite) -> None:
    site.switches.append(
        switches.redirect(f"/api/daily_papers?date={DAY}", "/api/daily_papers?date=2025-12-09&limit=100")
    )
    result = product("run", "--day", f"{DAY}")
    assert "the answer is for the day 2025-12-09, not for the day 2025-12-10" in result.out
    assert len(product.papers()) == 12


def test_papers_that_left_stay_and_are_marked(product: Product, site: PaperSite) -> None:
    product("run", "--day", f"{DAY}")
    left = site.papers(DAY)[3]["paper"]["id"]
    site.switches.append(switches.items("/", lambda found: [item for item in found if item["paper"]["id"] != left]))
    for hours in (2, 4):
        result = product("run", "--day", f"{DAY}", now=NOW + timedelta(hours=hours))
    marked = {paper["arxiv_id"]: paper["last_seen"] for paper in product.papers() if paper["last_seen"]}
    assert marked == {left: "2025-12-19T12:00:00Z"}
    assert "1 gone" in result.out
    site.switches.clear()
    product("run", "--day", f"{DAY}", now=NOW + timedelta(hours=5))
    assert all(paper["last_seen"] is None for paper in product.papers())


def test_an_interrupted_command_says_how_to_go_on(
    product: Product, site: PaperSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("dailypapers.ingest.fetch.client.SiteClient.get", interrupt)
    result = product("run", "--day", f"{DAY}")
    assert result.status == 130
    assert "run the same command again" in result.err


def test_a_backfill_says_which_command_looks_at_doubtful_days_again(product: Product, site: PaperSite) -> None:
    site.switches.append(switches.down("/papers", 404))
    words = ("backfill", "hf-daily", "--since", f"{DAY}", "--until", f"{DAY}")
    said = "1 not closed yet; later runs will fetch them again, the first at 2025-12-19 13:00 UTC"
    assert said in product(*words).err
    site.switches.clear()
    assert said not in product(*words, now=NOW + timedelta(hours=2)).err
    assert product.certificate(DAY)["fetches"][-1]["whole"]
