"""Each fault of a body or its label is on the wire as it says."""

import gzip
import zlib

import httpx
import pytest

from tests.papersite import PaperSite, Switch
from tests.papersite import faults_body as body
from tests.papersite.raw_socket import Received, ask, dial, receive
from tests.papersite.reading import MONDAY, get

API, PAGE = f"/api/daily_papers?date={MONDAY}", f"/papers/date/{MONDAY}"


def through(switch: Switch, target: str = API, **headers: str) -> Received:
    with PaperSite(switches=[switch]) as site:
        return receive(site, target, **headers)


def right(target: str = API) -> Received:
    with PaperSite() as site:
        return receive(site, target)


def test_a_length_too_small_leaves_the_rest_on_the_connection() -> None:
    with PaperSite(switches=[body.short_length("/", 10)], chunked=True) as site, dial(site) as line:
        ask(line, "/robots.txt")
        ask(line, "/robots.txt", Connection="close")
        whole = b"".join(iter(lambda: line.recv(4096), b""))
    assert whole.count(b"Content-Length: 13\r\n") == whole.count(b"User-agent: *\nAllow: /\n") == 2


def test_utf_16_under_the_label_of_utf_8() -> None:
    answer = through(body.charset("/", "utf-16"))
    assert answer.all("Content-Type") == ["application/json; charset=utf-8"]
    assert answer.body.decode("utf-16") == right().body.decode()
    said = through(body.charset("/", "utf-16", "utf-16"))
    assert said.all("Content-Type") == ["application/json; charset=utf-16"]


@pytest.mark.parametrize("target", [API, PAGE])
def test_latin_1_is_no_utf_8_and_loses_nothing(target: str) -> None:
    answer = through(body.charset("/", "latin-1"), target)
    assert answer.all("Content-Type")[0].endswith("charset=utf-8")
    with pytest.raises(UnicodeDecodeError):
        answer.body.decode()
    assert b"\xe9" in answer.body
    assert (b"&#22810;" if target == PAGE else b"\\u591a") in answer.body
    assert b"?" * 3 not in answer.body


def test_utf_8_under_another_label_or_with_a_mark() -> None:
    answer = through(body.charset("/", label="iso-8859-1"))
    assert (answer.all("Content-Type"), answer.body) == (["application/json; charset=iso-8859-1"], right().body)
    assert through(body.charset("/", "utf-8-sig")).body == b"\xef\xbb\xbf" + right().body


def test_charsets_within_gzip() -> None:
    answer = through(body.charset("/", "utf-16"), Accept_Encoding="gzip")
    assert gzip.decompress(answer.body).decode("utf-16") == right().body.decode()


@pytest.mark.parametrize("asked", ["gzip", "identity"])
def test_gzip_that_is_cut(asked: str) -> None:
    for kept in (0.5, 1):
        answer = through(body.gzip_cut("/", kept), Accept_Encoding=asked)
        assert answer.all("Content-Encoding") == ["gzip"]
        assert answer.all("Content-Length") == [str(len(answer.body))]
        with pytest.raises(EOFError):
            gzip.decompress(answer.body)
    assert zlib.decompressobj(wbits=31).decompress(answer.body) == right().body


def test_gzip_with_noise_or_a_wrong_checksum() -> None:
    with pytest.raises(zlib.error, match="block type"):
        gzip.decompress(through(body.gzip_garbage("/")).body)
    inside = through(body.gzip_garbage("/", 0.5)).body
    assert zlib.decompressobj(wbits=31).decompress(inside)[:5000] == right().body[:5000]
    with pytest.raises((EOFError, zlib.error, gzip.BadGzipFile)):
        gzip.decompress(inside)
    wrong = through(body.gzip_checksum("/")).body
    with pytest.raises(gzip.BadGzipFile, match="CRC"):
        gzip.decompress(wrong)
    assert zlib.decompress(wrong[10:-8], wbits=-15) == right().body


def test_gzip_with_something_behind_it() -> None:
    unpacker = zlib.decompressobj(wbits=31)
    assert unpacker.decompress(through(body.gzip_trailing("/", b"\0more")).body) == right().body
    assert unpacker.unused_data == b"\0more"


@pytest.mark.parametrize("coding", ["gzip", "br"])
def test_plain_text_under_a_coding(coding: str) -> None:
    answer = through(body.mislabelled("/", coding), Accept_Encoding="gzip")
    assert (answer.all("Content-Encoding"), answer.body) == ([coding], right().body)


def test_bombs() -> None:
    zipped, deflated = through(body.bomb("/", megabytes=3)), through(body.bomb("/", "deflate", 3))
    assert (zipped.all("Content-Encoding"), deflated.all("Content-Encoding")) == (["gzip"], ["deflate"])
    assert gzip.decompress(zipped.body) == zlib.decompress(deflated.body) == bytes(3 * 2**20)
    assert len(zipped.body) < 5000 > len(deflated.body)
    nested, hidden = through(body.bomb("/", "nested", 3)), through(body.bomb("/", "hidden", 3))
    assert (nested.all("Content-Encoding"), hidden.all("Content-Encoding")) == (["gzip, gzip"], ["gzip"])
    assert gzip.decompress(nested.body) == gzip.decompress(hidden.body) == zipped.body


def test_faults_of_the_body_keep_the_etag_of_the_text() -> None:
    with PaperSite(etag=True) as site:
        tag = get(site, API).headers["ETag"]
        site.switches = [body.gzip_cut("/"), body.charset("/robots", "utf-16")]
        assert receive(site, API).all("ETag") == [tag]
        site.switches = [body.bomb("/")]
        assert receive(site, API, If_None_Match=tag).status == 304


def test_types_wrong_and_missing() -> None:
    assert through(body.content_type("/", "text/plain")).all("Content-Type") == ["text/plain"]
    assert through(body.content_type("/", None)).all("Content-Type") == []


def test_a_page_for_json_and_json_for_a_page() -> None:
    page, data = right(PAGE), right()
    for switch, types in (
        (body.swapped("/"), (page, data)),
        (body.swapped("/", relabelled=True), (data, page)),
    ):
        given = through(switch, API), through(switch, PAGE)
        assert [answer.body for answer in given] == [page.body, data.body]
        assert [answer.all("Content-Type") for answer in given] == [kind.all("Content-Type") for kind in types]
    assert through(body.swapped("/"), "/robots.txt").body == right("/robots.txt").body
    week = "/api/daily_papers?week=2025-W50"
    assert through(body.swapped("/"), "/papers/week/2025-W50").body == right(week).body


def test_where_and_whole_answers_only() -> None:
    with PaperSite(switches=[body.bomb("/papers")]) as site:
        assert receive(site, API).body == right().body
        site.switches = [body.mislabelled("/api/")]
        with pytest.raises(httpx.DecodingError):
            get(site, API)
