"""The log: messages for people, JSON lines where they are asked for, no secrets in either."""

from __future__ import annotations

import gzip
import json
import logging
import os
import pty
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from dailypapers.cli.main import main
from dailypapers.ingest.log_lines import plain_lines, redacted
from tests.papersite import PaperSite, switches
from tests.product import DAY, NOW, SERIES, Product, Result

TOKEN = "hf_" + "Abc123" * 5


@pytest.fixture(autouse=True)
def no_format(monkeypatch: pytest.MonkeyPatch, person: None) -> None:
    """No format is asked for."""
    monkeypatch.delenv("DAILYPAPERS_LOG_FORMAT")


def rows(result: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.err.splitlines()]


def test_a_pipe_gets_lines_for_people(product: Product, site: PaperSite) -> None:
    result = product("run", "--since", "2025-12-09", "--until", f"{DAY}")
    assert result.out.splitlines()[1].startswith(f"hf-daily {DAY}: 12 papers (12 new)")
    assert result.err == "2 days: 30 new, 0 changed papers\n"


def test_json_has_a_line_for_each_day_and_message(product: Product, site: PaperSite) -> None:
    result = product("run", "--since", "2025-12-09", "--until", f"{DAY}", "--log-format", "json")
    first, second, summary = rows(result)
    assert (first["level"], first["time"], first["source"]) == ("info", "2025-12-19T12:00:00Z", "hf-daily")
    assert [(row["day"], row["papers"], row["state"]) for row in (first, second)] == [
        ("2025-12-09", 18, "settling"),
        ("2025-12-10", 12, "settling"),
    ]
    assert summary["message"].startswith("2 days: 30 new")
    assert result.out == ""


@pytest.mark.parametrize(
    ("form", "said"),
    [(None, "hf-daily 2025-12-10: 12 papers"), ("json", "{"), ("human", "hf-daily 2025-12-10: 12 papers")],
)
def test_days_are_said_once_where_both_streams_end_at_one_place(
    product: Product, site: PaperSite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str | None, said: str
) -> None:
    log = tmp_path / "log"
    words = ["--store", str(product.store.root), *(["--log-format", form] if form else [])]
    with log.open("a") as out, log.open("a") as err:
        monkeypatch.setattr("sys.stdout", out)
        monkeypatch.setattr("sys.stderr", err)
        assert main([*words, "--now", NOW.isoformat(), "run", "--day", f"{DAY}"]) == 0
    (line,) = log.read_text().splitlines()
    assert line.startswith(said)


def shown_on_a_terminal(monkeypatch: pytest.MonkeyPatch, *words: str) -> str:
    """What a command that ends with 0 writes to a terminal, which is read while it runs: it holds few kilobytes."""
    ours, theirs = pty.openpty()
    pieces: list[bytes] = []

    def read() -> None:
        # At the end Linux reports an error instead of an empty read.
        with suppress(OSError):
            while piece := os.read(ours, 65536):
                pieces.append(piece)

    reader = threading.Thread(target=read)
    reader.start()
    with os.fdopen(theirs, "w") as terminal, monkeypatch.context() as patch:
        patch.setattr("sys.stdout", terminal)
        patch.setattr("sys.stderr", terminal)
        assert main(list(words)) == 0
    reader.join()
    os.close(ours)
    return b"".join(pieces).decode()


def test_a_terminal_has_lines_for_people(product: Product, site: PaperSite, monkeypatch: pytest.MonkeyPatch) -> None:
    words = ["--store", str(product.store.root), "--now", NOW.isoformat(), "run", "--day", f"{DAY}"]
    said = shown_on_a_terminal(monkeypatch, *words)
    assert said.startswith(f"hf-daily {DAY}: 12 papers (12 new); api 12; html 12; settling")


def test_a_backfill_on_a_terminal_shows_a_bar(
    product: Product, site: PaperSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "xterm")
    words = ["backfill", "hf-daily", "--since", "2025-12-09", "--until", f"{DAY}"]
    text = shown_on_a_terminal(monkeypatch, "--store", str(product.store.root), "--now", NOW.isoformat(), *words)
    assert f"hf-daily {DAY}: 12 papers (12 new); api 12; html 12; settling" in text
    assert "2 of 2 days, " in text
    assert " per minute, 0:00:00 left" in text


@pytest.mark.parametrize("way", ["before", "after", "environment"])
def test_json_lines_on_request(product: Product, site: PaperSite, monkeypatch: pytest.MonkeyPatch, way: str) -> None:
    asked = ["--log-format", "json"]
    if way == "environment":
        monkeypatch.setenv("DAILYPAPERS_LOG_FORMAT", "json")
        result = product("run")
    else:
        result = product(*(asked if way == "before" else []), "run", *(asked if way == "after" else []))
    assert (result.out, [row["day"] for row in rows(result)]) == ("", ["2025-12-19"])


def test_what_is_said_before_the_name_counts_more_than_the_environment(
    product: Product, site: PaperSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DAILYPAPERS_LOG_FORMAT", "json")
    assert product("--log-format", "human", "run").out.startswith("hf-daily 2025-12-19:")
    monkeypatch.setenv("DAILYPAPERS_LOG_FORMAT", "xml")
    assert product("run").status == 2


@pytest.mark.parametrize("closed", ["sys.stdout", "sys.stderr"])
def test_a_stream_that_the_shell_closed_costs_its_lines_alone(
    product: Product, site: PaperSite, monkeypatch: pytest.MonkeyPatch, closed: str
) -> None:
    monkeypatch.setattr(closed, None)
    words = ["--store", str(product.store.root), "--now", NOW.isoformat()]
    assert main([*words, "run", "--day", f"{DAY}"]) == 0
    assert main([*words, "backfill", "hf-daily", "--since", f"{DAY}"]) == 0
    assert product.certificate()["papers"] == 12


def test_a_log_on_a_full_disk_does_not_stop_the_work(
    product: Product, site: PaperSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    # It says so when it is closed, too.
    with suppress(OSError), Path("/dev/full").open("w", buffering=1) as full:
        monkeypatch.setattr("sys.stderr", full)
        assert main(["--store", str(product.store.root), "--now", NOW.isoformat(), "run", "--day", f"{DAY}"]) == 0
    assert product.certificate()["papers"] == 12


@pytest.mark.parametrize("words", [["run", "\udcff"], ["run", "hf-search", "--query", "\udcff"]])
def test_bytes_that_are_no_text_are_wrong_usage(product: Product, words: list[str]) -> None:
    (row,) = rows(product(*words, "--log-format", "json"))
    assert (row["exit"], "\\udcff" in row["message"]) == (2, True)


def test_whoever_is_called_after_a_job_has_its_messages_in_words(product: Product, site: PaperSite) -> None:
    result = product("run", "--since", "2025-12-09", "--until", f"{DAY}", "--log-format", "json")
    lines = plain_lines(result.err.encode()).decode().splitlines()
    assert lines[1].startswith(f"hf-daily {DAY}: 12 papers (12 new)")
    assert lines[2].startswith("2 days: 30 new")
    for other in (b"as it is\n", b'{"time": cut off', b'{"time":"now"}\n', b"\xff\n", b""):
        assert plain_lines(other) == other


def test_errors_are_json_lines_too(product: Product, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DAILYPAPERS_LOG_FORMAT", "json")
    (row,) = rows(product("run", "nothing"))
    assert (row["level"], row["exit"]) == ("error", 2)
    assert row["message"].startswith("dailypapers: no source 'nothing'")
    (row,) = rows(product("run", "--nothing"))
    assert ("--nothing" in row["message"], row["exit"]) == (True, 2)


def test_json_output_stays_alone_on_stdout(product: Product, site: PaperSite) -> None:
    result = product("run", "--json")
    assert (json.loads(result.out)["papers"], result.err) == (len(site.papers(NOW.date())), "")


def test_quiet_prints_nothing_where_all_is_well(product: Product, site: PaperSite) -> None:
    for words in (["run", "--day", f"{DAY}"], ["run"], ["run"], ["build", "--all"], ["backfill", "hf-daily"]):
        since = ["--since", "2025-12-09"] if words[0] == "backfill" else []
        assert product("--quiet", *words, *since) == Result(0, "", "")


@pytest.mark.parametrize("form", ["human", "json"])
def test_quiet_says_what_needs_attention(product: Product, site: PaperSite, form: str) -> None:
    site.switches.append(switches.down(lambda request: f"{DAY}" in request.target))
    result = product("--quiet", "--log-format", form, "run", "--since", "2025-12-09", "--until", f"{DAY}")
    (line,) = (result.out + result.err).splitlines()
    assert (result.status, "HTTP 500" in line, "2025-12-09" in line) == (1, True, False)
    if form == "json":
        assert json.loads(line)["level"] == "error"


def test_quiet_says_which_alarm_is_raised(product: Product, site: PaperSite) -> None:
    site.switches.append(switches.down("/api/"))
    for hours in (0, 2):
        assert product("--quiet", "run", now=NOW + timedelta(hours=hours)) == Result(0, "", "")
    result = product("--quiet", "--log-format", "human", "run", now=NOW + timedelta(hours=4))
    assert result.status == 1
    assert "needs attention: 3 fetches in a row are doubtful" in result.err


def test_what_modules_log_goes_the_same_way(product: Product, site: PaperSite, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DAILYPAPERS_LOG_FORMAT", "json")
    product("run", "--day", f"{DAY}")
    product.store.certificate(SERIES, DAY).write_bytes(b"{")
    logged = [row for row in rows(product("build")) if row["level"] == "warning"]
    assert "it is rebuilt" in logged[0]["message"]
    asked = [row["message"] for row in rows(product("run", "--verbose", "--day", f"{DAY}"))]
    assert any("/api/daily_papers" in message for message in asked)
    assert logging.getLogger("ingest").level == logging.DEBUG


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("proxy http://ada:pa55@proxy:3128/ refused", "proxy http://***@proxy:3128/ refused"),
        ("http://ada:p%40ss@proxy and socks5://x@y", "http://***@proxy and socks5://***@y"),
        ("GET https://x.org/a?p=1&access_token=abc&q=2", "GET https://x.org/a?p=1&access_token=***&q=2"),
        ("https://cdn/a?X-Amz-Signature=0af3&X-Amz-Date=1", "https://cdn/a?X-Amz-Signature=***&X-Amz-Date=1"),
        (
            "https://x.org/a?token=abc: 404, https://x.org/a?key=a:b:",
            "https://x.org/a?token=***: 404, https://x.org/a?key=***:",
        ),
        (
            "https://x.org/a?token=a:&key=b:c&sig=: d 'https://x.org/a?sig=e:'",
            "https://x.org/a?token=***&key=***&sig=*** d 'https://x.org/a?sig=***'",
        ),
        ("Authorization: Bearer abcdef.ghij", "Authorization: Bearer ***"),
        (f"is {TOKEN} right", "is hf_*** right"),
        ("HF_ENDPOINT is set, and so is HF_TOKENNAME", "HF_ENDPOINT is set, and so is HF_TOKENNAME"),
        ("hf_oauth_eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiIxIn0.abc-DEF_123 is expired", "hf_oauth_*** is expired"),
        ("not 'eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiIxIn0.abc-DEF_123'", "not '***'"),
        ("hf_oauth_flow and eyJ.eyJ.x", "hf_oauth_flow and eyJ.eyJ.x"),
        ("the bearer of news, hf_daily and hf-daily", "the bearer of news, hf_daily and hf-daily"),
        (
            "https://huggingface.co/papers?date=2025-12-10&limit=50",
            "https://huggingface.co/papers?date=2025-12-10&limit=50",
        ),
        ("mail ada@example.org", "mail ***"),
    ],
)
def test_secrets_are_taken_out(text: str, left: str) -> None:
    assert redacted(text) == left


@pytest.mark.parametrize(
    "text",
    ["x" * 300_000, "/" + "-" * 300_000 + "@", "?" + "token" * 60_000, "?" + "token" * 60_000 + "=", "!." * 150_000],
)
def test_a_long_word_is_no_work(text: str) -> None:
    """Each took minutes: with patterns that try every start of a word up to its end."""
    assert redacted(text) == text


def _redirected(product: Product, site: PaperSite, monkeypatch: pytest.MonkeyPatch) -> Result:
    for where, to in (("/api/", "https://cdn.example.org/x?token=s3cr3t-1"), ("/papers", "/papers?token=s3cr3t-2")):
        site.switches.append(switches.redirect(where, to))
    return product("run", "--verbose")


def _bad_proxy(product: Product, site: PaperSite, monkeypatch: pytest.MonkeyPatch) -> Result:
    monkeypatch.setenv("HTTP_PROXY", "http://ada:s3cr3t-3@127.0.0.1:9")
    monkeypatch.setenv("HF_ENDPOINT", "http://papers.invalid")
    return product("run", "--verbose")


def _no_proxy_at_all(product: Product, site: PaperSite, monkeypatch: pytest.MonkeyPatch) -> Result:
    monkeypatch.setenv("ALL_PROXY", "gopher://ada:s3cr3t-4@127.0.0.1:9")
    return product("run", "--verbose")


def _bad_endpoint(product: Product, site: PaperSite, monkeypatch: pytest.MonkeyPatch) -> Result:
    monkeypatch.setenv("HF_ENDPOINT", "https://ada:s3cr3t-5@huggingface.co")
    return product("run")


@pytest.mark.parametrize("provoke", [_redirected, _bad_proxy, _no_proxy_at_all, _bad_endpoint])
@pytest.mark.parametrize("form", ["human", "json"])
def test_no_secret_is_said_or_kept(
    product: Product,
    site: PaperSite,
    monkeypatch: pytest.MonkeyPatch,
    provoke: Callable[[Product, PaperSite, pytest.MonkeyPatch], Result],
    form: str,
) -> None:
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    monkeypatch.setenv("DAILYPAPERS_LOG_FORMAT", form)
    result = provoke(product, site, monkeypatch)
    kept = [path.read_bytes() for path in product.store.root.rglob("*.json")]
    archives = [gzip.decompress(path.read_bytes()) for path in product.store.root.rglob("*.warc.gz")]
    faults = [line for archive in archives for line in archive.split(b"WARC/1.1") if b"fault+json" in line]
    for text in [result.out.encode(), result.err.encode(), *kept, *faults]:
        assert b"s3cr3t" not in text
        assert TOKEN.encode() not in text
    # httpx itself does not name the proxy; else the place of the secret is marked.
    assert provoke is _bad_proxy or "***" in result.err + b"".join(kept).decode()
