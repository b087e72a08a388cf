"""Text of a site or of a file name in our output: without the user's token, and harmless to a terminal."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import orjson
import pytest

from dailypapers.cli.json_output import print_json
from dailypapers.ingest.log_lines import json_line, plain_lines, visible
from tests.papersite import Answer, PaperSite, switches
from tests.papersite.answers import Request
from tests.product import DAY, NOW, SERIES, Product

TOKEN = "hf_" + "Abc123" * 5
OTHER_TOKEN = "s3cr3t-of-a-mirror"
CONTROL = "\x1b]0;owned\x07\x1b[31m\x7f\x9b2J\u202e\u2066\u2028"
SHOWN = r"\x1b]0;owned\x07\x1b[31m\x7f\x9b2J\u202e\u2066\u2028"


def echo_token(site: PaperSite, where: str, status: int = 403) -> None:
    """Make the site repeat the token of the request in the title and the text of an error page."""

    def answer(request: Request, _: Answer) -> Answer:
        token = (request.header("authorization") or "").removeprefix("Bearer ")
        page = f"<!doctype html><html><head><title>{token} is invalid</title></head><body>{token}</body></html>"
        return Answer(status, [("Content-Type", "text/html"), ("ETag", token)], page.encode())

    site.switches.append(switches.when(where, answer))


@pytest.mark.parametrize("form", ["human", "json"])
@pytest.mark.parametrize("status", [403, 200])
@pytest.mark.parametrize("where", ["/api/", "/papers", "/"])
def test_a_token_that_the_site_repeats_is_in_no_output(
    product: Product, site: PaperSite, monkeypatch: pytest.MonkeyPatch, where: str, status: int, form: str
) -> None:
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    monkeypatch.setenv("DAILYPAPERS_LOG_FORMAT", form)
    echo_token(site, where, status)
    results = [
        product("run", "--verbose", "--day", f"{DAY}"),
        product("run", "--json", "--day", f"{DAY}", now=NOW + timedelta(hours=1)),
    ]
    monkeypatch.delenv("HF_TOKEN")
    results += [
        product(*words) for words in (["build", "--all"], ["status"], ["status", "--json"], ["runs", "show", "last"])
    ]
    to = product.store.root / "fixtures"
    view = "html" if where == "/papers" else "api"
    results.append(product("capture", "hf-daily", "--day", f"{DAY}", "--view", view, "--case", "a", "--to", to))
    assert results[-1].status == 0
    files = [path for path in product.store.root.rglob("*") if path.is_file() and not path.name.endswith(".warc.gz")]
    texts = [text for result in results for text in (result.out, result.err)]
    texts += [path.read_bytes().decode() for path in files]
    assert not [text for text in texts if TOKEN in text or TOKEN[3:] in text]
    # A page that should be a listing is reported without its title.
    assert (where, status) == ("/papers", 200) or any("hf_*** is invalid" in text for text in texts)


def test_a_token_of_another_form_is_in_no_output_of_the_run(
    product: Product, site: PaperSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", OTHER_TOKEN)
    echo_token(site, "/")
    results = [product("run", "--day", f"{DAY}"), product("run", "--json", "--day", f"{DAY}")]
    to = product.store.root / "fixtures"
    results.append(product("capture", "hf-daily", "--day", f"{DAY}", "--case", "a", "--to", to))
    texts = [text for result in results for text in (result.out, result.err)]
    texts += [
        path.read_bytes().decode()
        for folder in ("runs", "fixtures")
        for path in (product.store.root / folder).rglob("*.*")
    ]
    assert not [text for text in texts if OTHER_TOKEN in text]
    assert any("*** is invalid" in text for text in texts)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (CONTROL, SHOWN),
        ("".join(map(chr, range(0x20))), "".join(ascii(chr(code))[1:-1] for code in range(0x20))),
        ("a\nb\tc", r"a\nb\tc"),
        ("\u202a\u202b\u202c\u202d\u2067\u2068\u2069\u2029", r"\u202a\u202b\u202c\u202d\u2067\u2068\u2069\u2029"),
        ("\udcff\ud800", r"\udcff\ud800"),
        ("Größe, 日本語 \\x1b ~\xa0 עברית 🤗", "Größe, 日本語 \\x1b ~\xa0 עברית 🤗"),
    ],
)
def test_control_characters_are_made_visible(text: str, shown: str) -> None:
    assert visible(text) == shown
    row = orjson.dumps({"time": "now", "message": text.encode("utf-8", "replace").decode()})
    assert plain_lines(row + b"\n").decode() == visible(text.encode("utf-8", "replace").decode()) + "\n"


def is_harmless(text: str) -> bool:
    """Whether text can be printed on a terminal, line by line."""
    return all(visible(line) == line for line in text.split("\n"))


@pytest.fixture
def hostile(product: Product, site: PaperSite) -> Product:
    """A store of a site that writes control characters wherever it can."""

    def edit(items: switches.Items) -> switches.Items:
        items[0]["paper"]["title"] = f"title {CONTROL}"
        items[1]["paper"]["authors"] = f"authors {CONTROL}"
        items[2][f"field {CONTROL}"] = CONTROL
        items[3]["paper"]["id"] = f"id {CONTROL}"
        return items

    site.switches.append(switches.items(lambda request: "papers" in request.target, edit))
    result = product("run", "--since", "2025-12-09", "--until", f"{DAY}")
    assert result.out, result.err
    return product


def test_no_command_writes_control_characters_of_the_site(hostile: Product, site: PaperSite, tmp_path: Path) -> None:
    site.switches.append(
        switches.when("/papers", lambda _, answer: Answer(403, [], f"<title>no {CONTROL}</title>".encode()))
    )
    saved = tmp_path / f"{DAY} {CONTROL}\nforged line.json"
    saved.write_bytes(b'{"error": "' + CONTROL.encode() + b'"}')
    commands: list[list[str | Path]] = [
        ["run", "--verbose", "--day", f"{DAY}"],
        ["backfill", "hf-daily", "--since", "2025-12-08", "--until", "2025-12-08"],
        ["import", "hf-daily", tmp_path],
        ["parse", saved, "--as", "hf-daily"],
        ["build", "--diff", "--all"],
        ["history", hostile.papers()[0]["key"]],
        ["history", f"title:{CONTROL}"],
        ["rejects"],
        ["drift"],
        ["status"],
        ["runs"],
        ["runs", "show", "last"],
        ["run", f"source {CONTROL}"],
        ["run", f"--option-{CONTROL}"],
        ["parse", f"{CONTROL}", "--as", "hf-daily"],
        ["--store", tmp_path / CONTROL, "status"],
        ["capture", "hf-daily", "--day", f"{DAY}", "--case", "a", "--to", tmp_path / CONTROL],
    ]
    outputs = {str(words[:3]): hostile(*words) for words in commands}
    texts = {name: result.out + result.err for name, result in outputs.items()}
    assert [name for name, text in texts.items() if not is_harmless(text)] == []
    whole = "\n".join(texts.values())
    assert f"no {SHOWN[:-6]}" in whole
    assert "\nforged line" not in whole
    assert whole.count(SHOWN) > 5


def test_json_output_is_not_changed(hostile: Product) -> None:
    paper = next(paper for paper in hostile.papers() if paper["title"].startswith("title \x1b]0;owned"))
    histories = json.loads(hostile("history", paper["key"], "--json").out)
    assert paper["title"] in {history["title"] for history in histories}


@pytest.mark.parametrize("words", [["schema", CONTROL], ["run", "--nothing" + CONTROL], ["nothing" + CONTROL]])
def test_what_was_typed_is_shown_without_control_characters(product: Product, words: list[str]) -> None:
    result = product(*words)
    assert result.status == 2
    assert not [character for character in result.err if character < " " and character != "\n"]


@pytest.mark.parametrize(
    "edit",
    [
        {"rejects": "3"},
        {"papers": None},
        {"state": 1},
        {"as_of": 7},
        {"files": {"papers": {"file": "x", "bytes": 1, "sha256": None}}},
        {"files": {"papers": {"file": "x", "bytes": "1", "sha256": ""}}},
    ],
)
def test_a_certificate_with_values_of_another_type_is_built_anew(
    product: Product, site: PaperSite, edit: dict[str, object]
) -> None:
    product("run", "--day", f"{DAY}")
    path = product.store.certificate(SERIES, DAY)
    whole = path.read_bytes()
    path.write_bytes(orjson.dumps(orjson.loads(whole) | edit))
    assert product("status").status in {0, 1}
    assert product("status", "--json").status in {0, 1}
    assert product("build").status == 0
    assert path.read_bytes() == whole


def test_json_holds_a_file_name_that_is_not_unicode(capsys: pytest.CaptureFixture[str]) -> None:
    print_json({"folder": "caf\udce9", "at": NOW, "days": [DAY, (1, None)]})
    printed = json.loads(capsys.readouterr().out)
    assert printed == {"folder": "caf\udce9", "at": "2025-12-19T12:00:00Z", "days": [f"{DAY}", [1, None]]}


def test_a_line_of_the_log_has_no_token_in_its_message_or_its_facts() -> None:
    facts = {"reason": f"no {OTHER_TOKEN}", "papers": 7, "other": f"{TOKEN}", "none": None}
    line = json_line(NOW, "warning", f"refused: {OTHER_TOKEN}", facts, OTHER_TOKEN)
    assert line == (
        '{"time":"2025-12-19T12:00:00Z","level":"warning","message":"refused: ***","reason":"no ***","papers":7,'
        '"other":"hf_***","none":null}'
    )
    assert json.loads(json_line(NOW, "info", f"{OTHER_TOKEN}", {}, None))["message"] == OTHER_TOKEN
