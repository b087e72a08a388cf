"""Each kind of secret that a fixture must not contain, and what only looks like one."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dailypapers.ingest.fixtures.scrub import KEPT_HEADERS, describe_counts, scrubbed, scrubbed_headers


def _name(value: object) -> str:
    """The letters of a text: pytest does not find a test again by a name with `::`."""
    return re.sub(r"\W+", "-", value.decode("ascii") if isinstance(value, bytes) else f"{value}")[:20]


@pytest.mark.parametrize(
    ("text", "masked", "kind"),
    [
        (b"x hf_" + b"Ab3" * 7, b"x xx_" + b"xx0" * 7, "token"),
        (b"ghp_" + b"a1" * 15, b"xxx_" + b"x0" * 15, "token"),
        (b"github_pat_" + b"a_1" * 7, b"xxxxxx_xxx_" + b"x_0" * 7, "token"),
        (b"AKIA" + b"Z9" * 8, b"xxxx" + b"x0" * 8, "token"),
        (b"sk-" + b"a-_1" * 5, b"xx-" + b"x-_0" * 5, "token"),
        (b"pk_live_" + b"a1" * 5, b"xx_xxxx_" + b"x0" * 5, "token"),
        (b"rk_test_" + b"a1" * 5, b"xx_xxxx_" + b"x0" * 5, "token"),
        (b"eyJ" + b"a" * 8 + b"." + b"b" * 8 + b".c-9_", b"x" * 11 + b"." + b"x" * 8 + b".x-0_", "token"),
        (b"BEARER  abcd.123~+/-", b"BEARER  xxxx.000~+/-", "token"),
        (b'"csrfToken":"ab12"', b'"csrfToken":"xx00"', "named secret"),
        (b"x-xsrf-token = 'ab12'", b"x-xsrf-token = 'xx00'", "named secret"),
        (b"PASSWORD: 'ab12'", b"PASSWORD: 'xx00'", "named secret"),
        (rb"session_id=\"ab12\"", rb"session_id=\"xx00\"", "named secret"),
        (b'"clientIp":"ab12"', b'"clientIp":"xx00"', "named secret"),
        (b"my-search-key='ab12'", b"my-search-key='xx00'", "named secret"),
        (b"&#34;nonce&#34;:&#34;ab12&#34;", b"&#34;nonce&#34;:&#34;xx00&#34;", "named secret"),
        (b"<input value='ab12' NAME=nonce>", b"<input value='xx00' NAME=nonce>", "named secret"),
        (b'<meta name="api-key" content="ab12">', b'<meta name="api-key" content="xx00">', "named secret"),
        (b"?sig=ab12&b=1", b"?sig=xx00&b=1", "signed address"),
        (b"&amp;api_key=ab12", b"&amp;api_key=xx00", "signed address"),
        (b"?Key-Pair-Id=ab12", b"?Key-Pair-Id=xx00", "signed address"),
        (b"mail a.b+c@d.example now", b"mail x.x+x@x.xxxxxxx now", "e-mail address"),
        (b"from 10.0.0.1, b", b"from 00.0.0.0, b", "network address"),
        (b"from fe80::1:2 b", b"from xx00::0:0 b", "network address"),
    ],
    ids=_name,
)
def test_each_secret_is_masked_letter_by_letter(text: bytes, masked: bytes, kind: str) -> None:
    assert scrubbed(text) == (masked, Counter({kind: 1}))
    assert scrubbed(b"a " + text + b" b") == (b"a " + masked + b" b", Counter({kind: 1}))


@pytest.mark.parametrize(
    "text",
    [
        b"hf_" + b"a" * 19,
        b"xhf_" + b"a" * 20,
        b"ghp_" + b"a" * 29,
        b"AKIA" + b"A" * 15,
        b"sk-" + b"a" * 19,
        b"pk_live_" + b"a" * 9,
        b"bearer ab12345",
        b'"nonce":"abc"',
        b"my-password-x: abcd",
        b"?sig=abc",
        b"<input name=q value=ab12>",
        b"<meta content=abcd><p name=nonce>",
        b"a@b.png, a@b.jpeg, a@b.jpg, a@b.svg",
        b"password: ab12 and nonce=ab12",
        b"256.0.0.1 and 1.2.3.4a",
        b"::1:2:3:4:5:6:7:8:9",
        b"abc::def a",
        b"dead:beef",
    ],
    ids=_name,
)
def test_what_is_shorter_or_has_another_name_stays(text: bytes) -> None:
    assert scrubbed(text) == (text, Counter())


@given(st.lists(st.sampled_from([*"a1.:@?=&-_ \"'<>", "nonce", "sig", "bearer ", "hf_", "::"]), max_size=40))
def test_the_length_stays_and_a_second_time_changes_nothing(parts: list[str]) -> None:
    content = "".join(parts).encode()
    masked, counts = scrubbed(content + b" a@b.example ?sig=ab12")
    assert len(masked) == len(content) + 22
    assert counts.total() >= 2
    assert scrubbed(masked)[0] == masked


def test_the_token_of_the_user_is_masked_as_it_is_written() -> None:
    assert scrubbed(b"a t.k+n1 tXk+n1 t.k+n1", "t.k+n1") == (b"a x.x+x0 tXk+n1 x.x+x0", Counter(token=2))
    assert scrubbed(b"t.k+n1") == scrubbed(b"t.k+n1", "") == (b"t.k+n1", Counter())


def test_headers_about_the_page_are_kept_and_masked() -> None:
    given_headers = [(name.title(), "a@b.example") for name in sorted(KEPT_HEADERS)]
    kept, removed, counts = scrubbed_headers(given_headers)
    assert kept == [(name, "x@x.xxxxxxx") for name, _ in given_headers]
    assert (removed, counts) == ([], Counter({"e-mail address": len(KEPT_HEADERS)}))


def test_other_headers_are_named_once_in_alphabetical_order() -> None:
    headers = [("Set-Cookie", "a=1"), ("etag", '"1"'), ("date", "b"), ("Set-Cookie", "c=2"), ("X-Served-By", "d")]
    kept, removed, counts = scrubbed_headers(headers)
    assert (kept, removed, counts) == ([("etag", '"1"')], ["date", "Set-Cookie", "X-Served-By"], Counter())


def test_a_header_may_have_any_character() -> None:
    kept, _, counts = scrubbed_headers([("Link", "Jörg \u2028 t0k"), ("ETag", "é t0k")], "t0k")
    assert kept == [("Link", "Jörg ? x0x"), ("ETag", "é x0x")]
    assert counts == Counter(token=2)


@pytest.mark.parametrize(
    ("counts", "lines"),
    [
        (Counter(), []),
        (Counter({"token": 1, "e-mail address": 1}), ["1 token", "1 e-mail address"]),
        (
            Counter({"token": 2, "e-mail address": 3, "named secret": 12}),
            ["2 tokens", "3 e-mail addresses", "12 named secrets"],
        ),
    ],
)
def test_counts_are_said_in_words(counts: Counter[str], lines: list[str]) -> None:
    assert describe_counts(counts) == lines
