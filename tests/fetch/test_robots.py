"""robots.txt: the rules of our group, whatever the length, the encoding or the order of the file."""

from __future__ import annotations

import gzip
from pathlib import Path

import protego
import pytest

from dailypapers.ingest.fetch.headers import MAX_RETRY_AFTER
from dailypapers.ingest.fetch.robots import MAX_BYTES, Robots
from dailypapers.parsers.model import Page
from tests.papersite import Answer, PaperSite, switches
from tests.papersite.answers import Switch
from tests.product import DAY, NOW, Product

ORIGIN = "https://site.example"
PAPERS = f"{ORIGIN}/papers/date/2025-12-10"
FORBIDDEN = b"User-agent: *\nDisallow: /papers\n"


def robots_of(body: bytes, status: int = 200, **headers: str) -> Robots:
    """The robots.txt in an answer with this body."""
    pairs = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return Robots.from_page(Page(f"{ORIGIN}/robots.txt", status, pairs, body, NOW))


@pytest.mark.parametrize(
    ("robots", "allows", "delay"),
    [
        (Robots(404, ""), True, 0),
        (Robots(200, ""), True, 0),
        (Robots(200, "User-agent: *\nDisallow: /papers"), False, 0),
        (Robots(200, "User-agent: *\nDisallow: /api\nCrawl-delay: 2"), True, 2),
        (Robots(200, "User-agent: dailypapers\nAllow: /\n\nUser-agent: *\nDisallow: /"), True, 0),
        (Robots(403, "User-agent: *\nDisallow: /"), True, 0),
        (Robots(400, "User-agent: *\nDisallow: /\nCrawl-delay: 2"), True, 0),
        (Robots(200, "\x00\xff rubbish"), True, 0),
    ],
)
def test_robots(robots: Robots, allows: bool, delay: float) -> None:
    assert robots.allows(PAPERS) is allows
    assert robots.delay() == delay


@pytest.mark.parametrize(
    ("text", "allows"),
    [
        ("User-agent: DailyPapers/1.0\nDisallow: /papers", False),
        ("User-agent: other\nUser-agent: dailypapers\nDisallow: /papers", False),
        ("User-agent: other\nDisallow: /papers\n\nUser-agent: *\nAllow: /", True),
        ("User-agent: daily\nDisallow: /papers", True),
        ("User-agent: dailypapers\nAllow: /x\n\nUser-agent: dailypapers\nDisallow: /papers", False),
        ("User-agent: *\nAllow: /x\n\nUser-agent: *\nDisallow: /papers", False),
        ("User-agent: dailypapers\nDisallow:\n\nUser-agent: *\nDisallow: /", True),
        ("User-agent: *\nDisallow: /\n\nUser-agent: dailypapers", True),
        # RFC 9309, 2.2.4: other lines do not end a group.
        ("User-agent: dailypapers\nSitemap: /x\nUser-agent: other\nDisallow: /papers", False),
        ("user agent dailypapers\ndissalow /papers", False),
        ("# User-agent: *\n  user-agent:*  # all\n  disallow: /papers # no", False),
        ("\ufeffUser-agent: *\nDisallow: /papers", False),
        ("User-agent: *\rDisallow: /papers\r", False),
        ("Disallow: /papers", True),
    ],
)
def test_our_group_counts_and_else_that_of_everybody(text: str, allows: bool) -> None:
    assert robots_of(text.encode()).allows(PAPERS) is allows


@pytest.mark.parametrize("position", [500_001, MAX_BYTES - len(FORBIDDEN)])
def test_a_long_robots_txt_is_parsed_to_the_limit_of_rfc_9309(position: int) -> None:
    body = b"#\n".rjust(position) + FORBIDDEN
    assert not robots_of(body.ljust(MAX_BYTES) + b"Allow: /papers/date\n" * 100_000).allows(PAPERS)


@pytest.mark.parametrize("end", [b"\n", b"\r", b"\r\n"])
def test_a_robots_txt_that_is_too_long_is_cut_at_the_end_of_a_line(end: bytes) -> None:
    line = b"User-agent: *" + end
    filler = b"#" * (MAX_BYTES - len(line) - len(end) - len("Disallow: /p")) + end
    # Cut within the rule it would be another one: Disallow: /p.
    body = line + filler + b"Disallow: /private" + end + b"#" * 100
    assert body[:MAX_BYTES].endswith(b"Disallow: /p")
    assert robots_of(body).allows(PAPERS)
    assert robots_of(b"#" * (MAX_BYTES + 1)).allows(PAPERS)
    assert not robots_of((line + b"Disallow: /papers" + end).rjust(MAX_BYTES)).allows(PAPERS)
    assert not robots_of((line + b"Disallow: /papers").rjust(MAX_BYTES)).allows(PAPERS)


@pytest.mark.parametrize(
    ("body", "encoding"),
    [(gzip.compress(FORBIDDEN, mtime=0)[:-4], "gzip"), (FORBIDDEN, "gzip"), (FORBIDDEN, "unknown"), (b"\x00", "br")],
)
def test_a_robots_txt_that_cannot_be_decoded_is_unavailable(body: bytes, encoding: str) -> None:
    robots = robots_of(body, Content_Encoding=encoding)
    assert robots.unavailable is not None
    assert robots.unavailable.startswith("cannot be read")
    # Of a site without the file, the body of the error page does not matter.
    assert robots_of(body, 404, Content_Encoding=encoding).unavailable is None


@pytest.mark.parametrize(
    ("status", "unavailable"), [(200, False), (404, False), (403, False), (429, True), (500, True), (503, True)]
)
def test_a_site_that_fails_to_send_its_robots_txt(status: int, unavailable: bool) -> None:
    assert (robots_of(b"", status).unavailable is not None) is unavailable


def test_only_the_rules_of_our_group_are_given_to_the_parser(monkeypatch: pytest.MonkeyPatch) -> None:
    """Thousands of agents with thousands of rules would take minutes and gigabytes, and again for each address."""
    given: list[str] = []
    parse = protego.Protego.parse

    def noted(text: str) -> protego.Protego:
        given.append(text)
        return parse(text)

    monkeypatch.setattr(protego.Protego, "parse", noted)
    agents = "".join(f"User-agent: agent{number}\n" for number in range(3000))
    rules = "".join(f"Disallow: /{number}*$\n" for number in range(3000))
    robots = robots_of(f"{agents}{rules}\nUser-agent: *\nDisallow: /papers\nCrawl-delay: 2\n".encode())
    for number in range(50):
        assert robots.allows(f"{ORIGIN}/{number}")
        assert robots.delay() == 2
    assert not Robots(200, robots.text).allows(PAPERS)
    assert given == ["User-agent: *\nDisallow: /papers\nCrawl-delay: 2"]


@pytest.mark.parametrize(
    ("text", "seconds"), [("1e308", MAX_RETRY_AFTER), ("86401", MAX_RETRY_AFTER), ("inf", 0), ("-1", 0), ("nan", 0)]
)
def test_crawl_delay_is_limited_to_a_day(text: str, seconds: float) -> None:
    assert robots_of(f"User-agent: *\nCrawl-delay: {text}".encode()).delay() == seconds


def test_a_crawl_delay_without_end_ends_the_run_with_the_time(product: Product, site: PaperSite) -> None:
    body = b"User-agent: *\nCrawl-delay: 1e308\n"
    site.switches.append(switches.when("/robots.txt", lambda _, answer: Answer(200, [], body)))
    result = product("run", "--day", f"{DAY}")
    assert "no request to " in result.err
    assert "its robots.txt wants 86400 s between requests" in result.err


@pytest.mark.parametrize(
    "fault", [switches.header("/robots.txt", "Content-Encoding", "unknown"), switches.down("/robots.txt")]
)
def test_nothing_is_requested_while_robots_txt_is_unavailable(product: Product, site: PaperSite, fault: Switch) -> None:
    site.switches.append(fault)
    result = product("run", "--day", f"{DAY}")
    assert result.status == 3
    assert "so nothing is requested now" in result.err
    assert {entry.target for entry in site.log} == {"/robots.txt"}
    site.switches.clear()
    assert product("run", "--day", f"{DAY}").status == 0


def test_a_token_that_robots_txt_repeats_is_not_remembered(
    product: Product, site: PaperSite, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = "repeated-by-the-site"
    monkeypatch.setenv("HF_TOKEN", token)
    body = f"# for {token}\nUser-agent: *\nDisallow: /never\n".encode()
    site.switches.append(switches.when("/robots.txt", lambda _, answer: Answer(200, [], body)))
    assert product("run", "--day", f"{DAY}").status == 0
    files = [path.read_bytes() for path in state.rglob("*") if path.is_file()]
    assert any(b"Disallow: /never" in content for content in files)
    assert not [content for content in files if token.encode() in content]


def test_only_rules_for_us_are_remembered(product: Product, site: PaperSite, state: Path) -> None:
    body = b'{"error":"hf_tokenOfSomebody"}\n# hf_tokenOfSomebody\nUser-agent: other\nDisallow: /hf_tokenOfSomebody\n'
    body += b"User-agent: *\nCrawl-delay: 2\nDisallow: /never\n"
    site.switches.append(switches.when("/robots.txt", lambda _, answer: Answer(200, [], body)))
    assert product("run", "--day", f"{DAY}").status == 0
    files = [path.read_bytes() for path in state.rglob("*") if path.is_file()]
    assert not [content for content in files if b"hf_tokenOfSomebody" in content]
    whole = Robots(200, body.decode())
    remembered = Robots(200, whole.own_text)
    assert (remembered.delay(), remembered.own_text) == (2.0, whole.own_text)
    for path in ("/never", "/hf_tokenOfSomebody", "/papers"):
        assert remembered.allows(f"{site.url}{path}") == whole.allows(f"{site.url}{path}")
    assert Robots(400, body.decode()).own_text == ""
    assert (Robots(404, body.decode()).own_text, Robots(200, " \n").own_text) == ("", "")


def test_a_robots_txt_that_is_not_utf_8_is_read_as_far_as_it_is() -> None:
    robots = robots_of(b"# caf\xe9\nUser-agent: *\nDisallow: /papers")
    assert robots == Robots(200, "# caf\ufffd\nUser-agent: *\nDisallow: /papers")
    assert not robots.allows(PAPERS)


def test_why_nothing_may_be_requested_now() -> None:
    assert robots_of(b"", 429).unavailable == "answers HTTP 429"
    assert robots_of(b"", 500).unavailable == "answers HTTP 500"
    assert robots_of(b"", 499).unavailable is None
    broken = robots_of(b"", 399, Content_Encoding="unknown")
    assert (broken.status, broken.text, broken.unavailable) == (399, "", broken.failure)
    assert robots_of(b"x", 400, Content_Encoding="unknown") == Robots(400, "")
