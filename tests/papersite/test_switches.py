"""Each ready-made trouble does what its name says."""

import json
import socket
from datetime import timedelta

import httpx
import pytest
from selectolax.lexbor import LexborHTMLParser

from tests.papersite import Answer, PaperSite, Request, Switch, switches
from tests.papersite.reading import BLOB, MONDAY, blob, get

API, PAGE = f"/api/daily_papers?date={MONDAY}", f"/papers/date/{MONDAY}"


def switched(target: str, *chosen: Switch) -> httpx.Response:
    with PaperSite(switches=chosen) as site:
        return get(site, target)


def test_one_view_down() -> None:
    with PaperSite(switches=[switches.down("/papers")]) as site:
        assert (get(site, PAGE).status_code, get(site, API).status_code) == (500, 200)
        site.switches[:] = [switches.down("/api/", 503)]
        assert (get(site, PAGE).status_code, get(site, API).json().keys()) == (200, {"error"})


def test_error_page_challenge_and_redirect() -> None:
    page = switched(API, switches.error_page("/api/"))
    assert (page.status_code, page.text[:15]) == (200, "<!doctype html>")
    assert "captcha" in switched(PAGE, switches.challenge("/papers")).text
    page = switched(PAGE, switches.redirect("/papers", "/papers/date/2025-12-12"))
    assert page.headers["Location"] == "/papers/date/2025-12-12"


def test_cut_blob_and_no_blob_leave_the_cards() -> None:
    page = switched(PAGE, switches.cut_blob())
    with pytest.raises(json.JSONDecodeError):
        blob(page)
    assert page.text.endswith("</html>")
    page = switched(PAGE, switches.no_blob())
    assert BLOB.search(page.text) is None
    assert LexborHTMLParser(page.text).css("article h3")


def test_shapes_and_items() -> None:
    assert switched(API, switches.shape("/api/", {"papers": []})).json() == {"papers": []}
    assert blob(switched(PAGE, switches.shape("/papers", {"a": 1}))) == {"a": 1}
    three = switches.items("/", lambda found: found[:3])
    assert len(switched(API, three).json()) == 3
    assert len(blob(switched(PAGE, three))["dailyPapers"]) == 3


def test_one_bad_item() -> None:
    items = switched(API, switches.bad_item("/api/", 1)).json()
    assert ["title" in item["paper"] for item in items[:3]] == [True, False, True]
    items = switched(API, switches.id_as_number("/api/", 1)).json()
    assert [type(item["paper"]["id"]) for item in items[:3]] == [str, float, str]


@pytest.mark.parametrize("target", [API, PAGE])
def test_text_that_is_no_text(target: str) -> None:
    page = switched(target, switches.invalid_utf8("/"))
    with pytest.raises(UnicodeDecodeError):
        page.content.decode()
    page = switched(target, switches.lone_surrogate("/"))
    items = blob(page)["dailyPapers"] if target == PAGE else page.json()
    assert items[0]["paper"]["title"].endswith("\ud83d")


def test_times_and_during() -> None:
    with PaperSite(switches=[switches.times(2, "/api/", switches.down("/"))]) as site:
        assert [get(site, API).status_code for _ in range(3)] == [500, 500, 200]
        later = site.now + timedelta(hours=1)
        site.switches[:] = [switches.during(later, later + timedelta(hours=1), switches.down("/"))]
        statuses = []
        for _ in range(3):
            statuses.append(get(site, API).status_code)
            site.now += timedelta(hours=1)
        assert statuses == [200, 500, 200]


def test_headers_cuts_and_line_ends() -> None:
    twice = [switches.header("/", "X-Twice", "1"), switches.header("/", "X-Twice", "2")]
    assert switched("/papers", *twice).headers.get_list("X-Twice") == ["1", "2"]
    with pytest.raises(json.JSONDecodeError):
        switched(API, switches.cut("/api/")).json()
    page = switched(PAGE, switches.crlf())
    assert page.content.count(b"\n") == page.content.count(b"\r\n") > 0


def test_a_fault_of_the_wire() -> None:
    def half(line: socket.socket, whole: bytes) -> None:
        line.sendall(whole[: len(whole) // 2])

    def broken(_: Request, answer: Answer) -> Answer:
        answer.deliver = half
        return answer

    with pytest.raises(httpx.RemoteProtocolError):
        switched(PAGE, broken)
