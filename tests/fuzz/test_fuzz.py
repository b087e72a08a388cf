"""The fuzzer's checks report bad executions; earlier findings stay fixed; each target runs."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from dailypapers.ingest.archive.content_encoding import content
from dailypapers.ingest.archive.reader import ArchiveFolder
from dailypapers.parsers import Page, ParseError, parse
from dailypapers.parsers.driver import MAX_ERRORS, names
from dailypapers.parsers.hf.text_entries import MAX_PARTS
from tests.fuzz.__main__ import main
from tests.fuzz.judge import Judge
from tests.fuzz.resealing import opened, sealed, small_archive
from tests.fuzz.structure import CODERS, strategy
from tests.fuzz.targets import NAMES, Target, targets
from tests.fuzz.verdicts import tried_again


def refuse(data: bytes) -> object:
    if data == b"crash":
        raise ZeroDivisionError
    if data == b"slow":
        until = time.process_time() + 0.1
        while time.process_time() < until:
            pass
    return bytearray(b"x") * (300 * 2**20) if data == b"large" else None


def holds(found: object) -> None:
    assert found is None or isinstance(found, bytearray)


@pytest.mark.parametrize("coder", CODERS)
def test_bodies_that_the_fuzzer_encodes_can_be_decoded(coder: str) -> None:
    body, headers = CODERS[coder](b"text" * 999), (("Content-Encoding", coder.replace("bare", "deflate")),)
    page = Page("https://huggingface.co/papers", 200, headers, body, datetime(2025, 12, 10, tzinfo=UTC))
    assert content(page).body == b"text" * 999


@pytest.fixture
def judge(tmp_path: Path) -> Judge:
    return Judge(Target("nobody", refuse, holds, []), tmp_path / "found", tmp_path / "figures.json")


@pytest.mark.parametrize("kind", ["crash", "slow", "large"])
def test_what_is_bad_is_kept_once(judge: Judge, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.fuzz.judge.SLOW", 0.05 if kind == "slow" else 60)
    for _ in range(2 if kind == "crash" else 1):
        judge(kind.encode())
    (kept,) = judge.folder.iterdir()
    assert kept.name.startswith(f"{kind}-nobody-")
    assert kept.read_bytes() == kind.encode()


def test_what_is_good_is_counted(judge: Judge) -> None:
    judge(b"good")
    judge.tell()
    figures = json.loads(judge.report.read_text())
    assert (figures["executions"], figures["largest"]) == (1, 4)
    assert figures["peak"] > 0
    assert not judge.folder.exists()


def test_every_parser_of_hugging_face_and_arxiv_is_a_target() -> None:
    assert {name for name in names() if name.startswith(("hf_", "arxiv_"))} <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_few_of_each(name: str, tmp_path: Path) -> None:
    target = targets(tmp_path)[name]
    for seed in target.seeds:
        target.holds(target.run(seed))

    @settings(max_examples=8, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(strategy(target))
    def few(data: bytes) -> None:
        target.holds(target.run(data))

    few()


def test_a_seal_fits(tmp_path: Path) -> None:
    archive = small_archive(tmp_path)
    target = targets(tmp_path)["archive"]
    changed = opened(archive).replace(b"hello", b"howdy")
    for data, fetches in ((sealed(opened(archive)), 1), (sealed(changed), 1), (sealed(changed)[:-1], 0)):
        found = target.run(data)
        assert isinstance(found, ArchiveFolder)
        assert len(found.fetches) == fetches


def test_the_command_closes_with_its_figures(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--minutes", "0.02", "--half", "structure", "--target", "archive", "--folder", f"{tmp_path}"]
    assert main(words) == 0
    out = capsys.readouterr().out
    assert "structure archive: exit 0, executions " in out
    assert "found: 0" in out


def test_a_finding_counts_only_if_it_repeats_alone(tmp_path: Path) -> None:
    kept = tmp_path / "slow-hf_text-0"
    kept.write_bytes(b"no listing")
    assert not tried_again(kept, tmp_path).bad


HOSTILE = [
    ("hf_api", b"<title" * 2**17, "an HTML page came"),
    ("hf_cards", b"<article><a href=/papers/1>" * 2**15, "elements that are open at once"),
    ("hf_cards", b"<h1><div>" * 2**16, "elements that are open at once"),
    ("hf_cards", b"<article><a href=/papers/1></a>" + b"<time datetime=x>" * 2**15, "elements that are open at once"),
    ("hf_html", b"<p" + b" a" * 2**19 + b">", "attributes"),
    ("hf_html", b"<p" + b" a" * 2**19 + b' data-target="DailyPapers" data-props="[]">', "attributes"),
    (
        "hf_cards",
        b"<p>" + b"".join(b"<b a%d>" % n for n in range(300)) + b"</p>" + b"<p>x</p>" * 2**17,
        "formatting elements",
    ),
    ("hf_cards", b"<p" + b"".join(b" a%d<" % n for n in range(2**16)) + b">", "attributes"),
    ("hf_cards", b"<i></i>" * 2**17, "tags; no listing"),
    ("hf_text", b"6 authors\n\n" + b"a\n\n" * 2**18, f"more than {MAX_PARTS} blocks"),
]


@pytest.mark.parametrize(("parser", "body", "reason"), HOSTILE, ids=range(len(HOSTILE)))
def test_a_megabyte_of_what_took_minutes_or_gigabytes_is_refused(parser: str, body: bytes, reason: str) -> None:
    with pytest.raises(ParseError, match=reason):
        parse(Page("", 200, (), body, None), parser, source="hf-daily")


def test_errors_are_counted_where_nobody_would_read_them() -> None:
    body = b'[%s{"paper":{}}]' % (b'{"paper":{"authors":[%s1]}},' % (b"1," * 50) * 250)
    rejects = parse(Page("", 200, (), body, None), "hf_api", source="hf-daily").rejects
    assert len(rejects) == 251
    assert len(rejects[0].errors) > 50
    assert [str(error) for error in rejects[-1].errors] == [f"3 errors, on a page that has more than {MAX_ERRORS}"]
    assert sum(len(reject.errors) for reject in rejects) < MAX_ERRORS + 251


def test_a_megabyte_of_unfinished_headings_is_looked_through_once() -> None:
    item = b'[{"paper":{"id":"2408.00118","title":"Lamps"}}]'.replace(b'"', b"&quot;")
    body = b'<div data-target="DailyPapers" data-props="{&quot;dailyPapers&quot;:%s}">' % item + b"<article>" * 25
    parsed = parse(Page("", 200, (), body + b"<h3" * 2**18, None), "hf_html", source="hf-daily")
    assert [paper.title for paper in parsed.papers] == ["Lamps"]
    assert parsed.structure().matched["article"] == 25
