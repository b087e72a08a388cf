"""The command line, and a folder of captures in place of invented papers."""

import json
import os
import signal
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from selectolax.lexbor import LexborHTMLParser

from tests.papersite import PaperSite, Request
from tests.papersite.__main__ import main
from tests.papersite.reading import BUSY, MONDAY, TLS, blob, get, ids

ROOT = Path(__file__).parents[2]
CAPTURES = os.environ.get("DAILYPAPERS_CAPTURES")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_prints_its_address_and_ends_on_a_signal(number: signal.Signals) -> None:
    command = [sys.executable, "-m", "tests.papersite", "--seed", "7", "--era", "2024", "--size", f"{BUSY}=3"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        line = process.stdout.readline()
        url = line.split()[0]
        assert "seed 7" in line
        assert len(blob(httpx.get(f"{url}/papers?date={BUSY}", verify=TLS, trust_env=False))["dailyPapers"]) == 3
        process.send_signal(number)
        assert process.wait(120) == 0


def test_a_folder_without_captures_is_refused(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.papersite", "--captures", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stdout) == (3, "")
    assert str(tmp_path) in done.stderr


def votes(item: dict[str, Any]) -> int:
    return int(item["paper"]["upvotes"])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    invented = PaperSite(era=2024, sizes={BUSY: 60, MONDAY: 4})
    for day in (BUSY, MONDAY):
        (tmp_path / f"{day}.json").write_text(json.dumps(invented.papers(day), indent=4), "utf-8")
    (tmp_path / f"{MONDAY}_trimmed.json").write_text("[]")
    (tmp_path / "2025-12-10.json").write_text("1")
    (tmp_path / "page").mkdir()
    page = invented.answer(Request("GET", f"/papers?date={MONDAY}"))
    (tmp_path / "page" / "saved.html").write_bytes(page.body)
    return tmp_path


def test_files_are_served_as_they_are(folder: Path) -> None:
    with PaperSite(captures=folder) as site:
        monday = get(site, f"/api/daily_papers?date={MONDAY}&limit=100")
        assert monday.content == (folder / f"{MONDAY}.json").read_bytes()
        assert site.papers(MONDAY) == monday.json()
        busy = [get(site, f"/api/daily_papers?date={BUSY}&p={page}").json() for page in range(3)]
        assert [len(page) for page in busy] == [50, 10, 0]
        assert get(site, "/api/daily_papers?date=2025-12-10").json() == []
        assert get(site, "/api/daily_papers?date=nonsense").status_code == 400
        for target in (f"/papers?date={MONDAY}", f"/papers/date/{MONDAY}"):
            assert get(site, target).content == (folder / "page" / "saved.html").read_bytes()
        for target in (f"/papers/date/{BUSY}", "/papers/2512.00001", "/api/papers/2512.00001", "/robots.txt"):
            assert get(site, target).status_code == 404


def test_periods_are_the_union_of_their_captured_days(folder: Path) -> None:
    again = PaperSite(captures=folder).papers(MONDAY)
    again[0]["paper"]["upvotes"] = 1000
    (folder / "2025-12-16.json").write_text(json.dumps(again[:1]), "utf-8")
    with PaperSite(captures=folder, now=datetime(2025, 12, 1, tzinfo=UTC)) as site:
        days = {day: ids(site.papers(day)) for day in (BUSY, MONDAY)}
        month = get(site, "/api/daily_papers?month=2025-12&limit=100").json()
        assert sorted(ids(month)) == sorted(days[BUSY] + days[MONDAY])
        assert [item["paper"]["upvotes"] for item in month] == sorted((votes(item) for item in month), reverse=True)
        assert month[0] == again[0]
        page = blob(get(site, "/papers/month/2025-12"))
        assert (ids(page["dailyPapers"]), page["periodType"], page["dateString"]) == (ids(month), "month", "2025-12")
        week = get(site, "/api/daily_papers?week=2025-W50&limit=100").json()
        assert sorted(ids(week)) == sorted(days[BUSY])
        assert ids(blob(get(site, "/papers/week/2025-W50"))["dailyPapers"]) == ids(week)
        assert get(site, "/api/daily_papers?week=2025-W47").json() == []


def test_trending_and_search_among_captured_papers(folder: Path) -> None:
    with PaperSite(captures=folder) as site:
        newest = site.papers(MONDAY)
        assert get(site, "/api/daily_papers?sort=trending").json() == newest
        assert ids(blob(get(site, "/papers/trending"))["dailyPapers"]) == ids(newest)
        word = newest[2]["paper"]["title"].split()[0].strip(":")
        found = get(site, f"/api/papers/search?q={quote(word)}&limit=120").json()
        assert ids(newest[2:3])[0] in ids(found)
        assert all(word.casefold() in (item["title"] + item["paper"]["summary"]).casefold() for item in found)
        for path in ("/papers", "/papers/trending"):
            page = get(site, f"{path}?q={quote(word)}")
            assert ids(blob(page)["dailyPapers"]) == ids(found)
        assert get(site, f"/api/papers/{ids(newest)[0]}").json() == newest[0]["paper"]


@pytest.mark.skipif(CAPTURES is None, reason="DAILYPAPERS_CAPTURES names no folder of real captures")
def test_the_real_captures() -> None:
    folder = Path(str(CAPTURES))
    with PaperSite(captures=folder) as site:
        page = get(site, "/papers?date=2024-08-01")
        assert len(blob(page)["dailyPapers"]) == 13
        assert get(site, "/api/daily_papers?date=2025-01-01").json() == []
        path = next(folder.rglob("2026-05-12.json"))
        assert get(site, "/api/daily_papers?date=2026-05-12&limit=100").content == path.read_bytes()


@pytest.mark.skipif(CAPTURES is None, reason="DAILYPAPERS_CAPTURES names no folder of real captures")
@pytest.mark.parametrize("month", ["2024-03", "2024-06", "2025-03", "2025-09", "2026-04", "2026-05"])
def test_months_of_real_captures(month: str) -> None:
    with PaperSite(captures=Path(str(CAPTURES))) as site:
        listed = ids(blob(get(site, f"/papers/month/{month}"))["dailyPapers"])
        days = [date.fromisoformat(f"{month}-01") + timedelta(days=n) for n in range(31)]
        expected = {name for day in days if f"{day}"[:7] == month for name in ids(site.papers(day))}
        assert (len(listed), set(listed)) == (len(expected), expected)
        assert [f"/papers/{name}" for name in listed] == [
            link.attributes["href"]
            for link in LexborHTMLParser(get(site, f"/papers/month/{month}").text).css("article h3 a")
        ]


@pytest.mark.parametrize("option", ["--era=2023", "--size=many", "--size=2025-13-01=4", "--now=noon"])
def test_a_wrong_option_is_named(option: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main([option])
    name, _, value = option.partition("=")
    message = capsys.readouterr().err
    assert f"argument {name}: '{value.split('=')[0]}" in message
