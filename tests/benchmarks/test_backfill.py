"""What row 5 takes for granted; nothing here is timed."""

import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from tests.benchmarks import backfill
from tests.benchmarks.backfill import ANSWERS, OURS, SCRAPY, TURNS, Crawler, Run, in_turns, launch, same_papers
from tests.benchmarks.crawlers import answers, unread
from tests.benchmarks.crawlers.site import ReadySite, clock, days_from
from tests.benchmarks.mapping import record
from tests.benchmarks.turns import NotMeasuredError
from tests.papersite import PaperSite

DAYS = days_from(date(2025, 10, 3), 2)
SIZES = dict.fromkeys(DAYS, 3)


def crawler(name: str, papers: Sequence[dict[str, Any]] = (), code: str = "", role: str = "peer") -> Crawler:
    return Crawler(role, name, lambda folder: [sys.executable, "-c", code, f"{folder}"], lambda _: list(papers))


def test_a_ready_site_answers_as_any_other_and_crawlers_read_it(tmp_path: Path) -> None:
    ready = ReadySite(seed=1, sizes=SIZES, now=clock(DAYS))
    ready.warm(DAYS)
    with ready, PaperSite(seed=1, sizes=SIZES, now=clock(DAYS)) as plain:
        for path in (f"/papers/date/{DAYS[0]}", f"/api/daily_papers?date={DAYS[1]}&limit=100"):
            once, again, other = (httpx.get(f"{site.url}{path}") for site in (ready, ready, plain))
            assert once.content == again.content == other.content
            assert once.headers == again.headers == other.headers
        answers.main(ready.url, f"{DAYS[0]}", "2", f"{tmp_path / 'papers'}")
        unread.main(ready.url, f"{DAYS[0]}", "2", f"{tmp_path / 'size'}")
    rows = [orjson.loads(line) for line in (tmp_path / "papers").read_bytes().splitlines()]
    assert rows == [record(item, f"{day}", rank) for day in DAYS for rank, item in enumerate(plain.papers(day), 1)]
    assert int((tmp_path / "size").read_text()) > 4 * 10_000


def test_a_process_is_measured_as_it_is() -> None:
    found: list[str] = []
    code = "import os, pathlib, sys; x = bytearray(60 << 20); pathlib.Path(sys.argv[1], os.environ['A']).touch()"
    run = launch(
        crawler("x", code=code), {"A": "b"}, lambda folder: found.extend(path.name for path in folder.iterdir())
    )
    assert found == ["b"]
    assert run.seconds > 0
    assert 60 < run.mebibytes < 60 + 40
    with pytest.raises(NotMeasuredError, match=r"x: exit status 3: .*no luck"):
        launch(crawler("x", code="import sys; print('no luck', file=sys.stderr); sys.exit(3)"), {})


def test_others_must_have_found_the_same_papers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backfill, "DAYS", 1)
    monkeypatch.setattr(backfill, "PAPERS", 2)
    papers = [{"day": "d", "key": key, "title": "t", "rank": 1, "first_seen": 1, "last_seen": None} for key in "ab"]
    unranked = [{**one, "rank": None, "first_seen": None} for one in reversed(papers)]
    ours, html, api = crawler(OURS, papers), crawler(SCRAPY, unranked), crawler(ANSWERS, papers[::-1])
    floor = crawler("floor", code="raise SystemExit('is not run')", role="floor")
    same_papers([ours, floor, html, api], {})
    with pytest.raises(NotMeasuredError, match=r"httpx.*rank: ours 1, theirs None"):
        same_papers([ours, crawler(ANSWERS, unranked)], {})
    with pytest.raises(NotMeasuredError, match=r"Scrapy.* 1 lines, ours 2"):
        same_papers([ours, crawler(SCRAPY, unranked[:1])], {})
    with pytest.raises(NotMeasuredError, match="has 2 papers, and all found 1"):
        same_papers([crawler(OURS, papers[:1]), crawler(SCRAPY, unranked[1:])], {})


def test_each_turn_begins_with_another() -> None:
    ran: list[str] = []

    def run(one: Crawler) -> Run:
        ran.append(one.name)
        return Run(len(ran), 0)

    runs = in_turns([crawler(name) for name in "abc"], run)
    assert "".join(ran) == "abcbcacababcbca"[: 3 * TURNS]
    assert [one.seconds for one in runs["a"]] == [1, 6, 8, 10, 15]
