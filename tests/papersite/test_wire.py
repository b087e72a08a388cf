"""Headers, encodings, connections and the log."""

import gzip
import socket
import time
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from tests.papersite import Meter, PaperSite
from tests.papersite.reading import BUSY, MONDAY, TLS, get


def test_gzip_where_asked_and_always_the_same_bytes(site: PaperSite) -> None:
    target = f"/papers/date/{MONDAY}"
    bodies = []
    for _ in range(2):
        with httpx.stream(
            "GET", site.url + target, headers={"Accept-Encoding": "gzip"}, verify=TLS, trust_env=False
        ) as answer:
            bodies.append(b"".join(answer.iter_raw()))
        assert answer.headers["Content-Encoding"] == "gzip"
    assert bodies[0] == bodies[1]
    plain = get(site, target, Accept_Encoding="identity")
    assert "Content-Encoding" not in plain.headers
    assert gzip.decompress(bodies[0]) == plain.content


def test_the_date_header_is_the_sites_clock() -> None:
    with PaperSite(now=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)) as site:
        assert get(site, "/papers").headers["Date"] == "Fri, 02 Jan 2026 03:04:05 GMT"
        assert get(site, "/api/daily_papers?date=2026-01-05").status_code == 400
        site.now += timedelta(days=3)
        answer = get(site, "/api/daily_papers?date=2026-01-05")
        assert (answer.status_code, answer.headers["Date"]) == (200, "Mon, 05 Jan 2026 03:04:05 GMT")
        with pytest.raises(ValueError, match="zone"):
            site.now = datetime(2026, 1, 1)


def test_rate_headers(site: PaperSite) -> None:
    headers = get(site, f"/api/daily_papers?date={MONDAY}").headers
    assert headers["RateLimit"] == '"api";r=499;t=300'
    assert headers["RateLimit-Policy"] == '"fixed window";"api";q=500;w=300'
    assert get(site, "/papers").headers["RateLimit-Policy"] == '"fixed window";"pages";q=100;w=300'


def test_a_counting_meter_refuses_until_its_window_ends() -> None:
    clock = [1000.0]
    meter = Meter({"api": (2, 10), "pages": (1, 10)}, timer=lambda: clock[0])
    with PaperSite(meter=meter) as site:
        answers = [get(site, "/api/papers/2512.00001") for _ in range(3)]
        assert [answer.status_code for answer in answers] == [404, 404, 429]
        assert [answer.headers["RateLimit"][-8:] for answer in answers] == ["r=1;t=10", "r=0;t=10", "r=0;t=10"]
        assert get(site, "/papers").status_code == 302
        clock[0] += 10
        assert get(site, "/api/papers/2512.00001").status_code == 404


def test_etag_is_an_option(site: PaperSite) -> None:
    target = f"/papers/date/{MONDAY}"
    assert "ETag" not in get(site, target).headers
    with PaperSite(etag=True) as tagging:
        tag = get(tagging, target).headers["ETag"]
        again = get(tagging, target, If_None_Match=tag)
        assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", tag)
        assert get(tagging, target, If_None_Match='W/"other"').status_code == 200


def test_chunks_are_an_option(site: PaperSite) -> None:
    target = f"/papers/date/{MONDAY}"
    with PaperSite(sizes={BUSY: 130}, chunked=True) as chunking:
        answer = get(chunking, target)
        assert answer.headers["Transfer-Encoding"] == "chunked"
        assert answer.content == get(site, target).content


def test_connections_are_kept_and_heads_have_no_body(site: PaperSite) -> None:
    address = ("127.0.0.1", int(site.url.rsplit(":", 1)[1]))
    with socket.create_connection(address, timeout=120) as line:
        line.sendall(b"HEAD /robots.txt HTTP/1.1\r\nHost: x\r\n\r\n")
        assert line.recv(4096).endswith(b"\r\n\r\n")
        line.sendall(b"GET /robots.txt HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        received = b"".join(iter(lambda: line.recv(4096), b""))
        assert received.endswith(b"Allow: /\n")


def test_the_log() -> None:
    with PaperSite() as site:
        get(site, "/papers?date=2025-12-15&x=%20y", User_Agent="me/1")
        (entry,) = site.log
        assert (entry.method, entry.target, entry.status) == ("GET", "/papers?date=2025-12-15&x=%20y", 200)
        assert (entry.path, entry.header("user-agent"), entry.at) == ("/papers", "me/1", site.now)


def test_it_ends_at_once_though_connections_are_open() -> None:
    with httpx.Client(verify=TLS, trust_env=False) as client:
        with PaperSite() as site:
            url = site.url
            assert client.get(f"{url}/robots.txt").status_code == 200
            started = time.monotonic()
        assert time.monotonic() - started < 20
        with pytest.raises(httpx.ConnectError):
            client.get(f"{url}/robots.txt")
    with pytest.raises(RuntimeError, match="not up"):
        _ = site.url
