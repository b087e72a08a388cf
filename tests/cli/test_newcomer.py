"""What a newcomer meets: colours, completion, hints for typing errors, days by name, short output for many days."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from datetime import timedelta

import pytest

from dailypapers.cli.main import main
from tests.papersite import PaperSite, switches
from tests.product import DAY, NOW, SERIES, Product

ESCAPE = "\x1b["


def status_on_a_terminal(product: Product, monkeypatch: pytest.MonkeyPatch, *words: str) -> str:
    ours, theirs = pty.openpty()
    with os.fdopen(theirs, "w") as terminal, os.fdopen(ours, "rb", buffering=0) as screen:
        monkeypatch.setattr("sys.stdout", terminal)
        assert main(["--store", str(product.store.root), "--now", NOW.isoformat(), *words, "status"]) == 0
        shown = b""
        while b"waived" not in shown:  # the last word of the legend, which is the last line
            shown += screen.read(100_000)
        return shown.decode()


@pytest.mark.parametrize(
    ("variables", "words", "coloured"),
    [
        ({"TERM": "xterm"}, [], True),
        ({"TERM": "dumb"}, [], False),
        ({"TERM": "xterm", "NO_COLOR": "1"}, [], False),
        ({"TERM": "xterm", "NO_COLOR": ""}, [], True),
        ({"TERM": "xterm"}, ["--color", "never"], False),
        ({"TERM": "dumb", "NO_COLOR": "1"}, ["--color", "always"], True),
    ],
)
def test_colour_on_a_terminal(
    product: Product,
    site: PaperSite,
    monkeypatch: pytest.MonkeyPatch,
    variables: dict[str, str],
    words: list[str],
    coloured: bool,
) -> None:
    product("run")
    monkeypatch.delenv("NO_COLOR", raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert (ESCAPE in status_on_a_terminal(product, monkeypatch, *words)) == coloured


def test_a_pipe_has_colour_only_on_request(product: Product, site: PaperSite) -> None:
    product("run")
    assert ESCAPE not in product("status").out
    assert ESCAPE in product("status", "--color", "always").out


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_of_each_shell(shell: str) -> None:
    script = complete(f"{shell}_source")
    assert "_DAILYPAPERS_COMPLETE" in script
    assert f"{shell}_complete" in script


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("dailypapers back", {"backfill"}),
        ("dailypapers run hf-we", {"hf-weekly"}),
        ("dailypapers backfill hf-s", {"hf-search"}),
        ("dailypapers status hf-da", {"hf-daily"}),
        ("dailypapers run --max", {"--max-wait"}),
    ],
)
def test_commands_options_and_sources_are_completed(line: str, words: set[str]) -> None:
    values = {"COMP_WORDS": line, "COMP_CWORD": str(len(line.split()) - 1)}
    assert {row.partition(",")[2] for row in complete("bash_complete", **values).splitlines()} == words


def complete(instruction: str, **variables: str) -> str:
    environment = {**os.environ, "_DAILYPAPERS_COMPLETE": instruction, **variables}
    command = [sys.executable, "-m", "dailypapers"]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False).stdout


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        (["stauts"], "did you mean status?"),
        (["run", "hf-dialy"], "did you mean hf-daily?"),
        (["run", "--max-wiat", "3"], "--max-wait"),
        (["cron", "chekc"], "did you mean check?"),
    ],
)
def test_a_typing_error_is_answered_with_what_was_meant(product: Product, words: list[str], meant: str) -> None:
    result = product(*words)
    assert (result.status, meant in result.err) == (2, True)


def test_a_word_like_nothing_gets_no_guess(product: Product) -> None:
    assert "did you mean" not in product("xyzzy").err


def test_days_by_name(product: Product, site: PaperSite) -> None:
    assert product("run", "--day", "yesterday").out.startswith("hf-daily 2025-12-18: ")
    assert product("run", "--day", "today").out.startswith("hf-daily 2025-12-19: ")
    lines = product("run", "--since", "yesterday", "--until", "today").out.splitlines()
    assert [line[9:19] for line in lines] == ["2025-12-18", "2025-12-19"]


def test_a_backfill_without_a_source_is_of_the_daily_listing(product: Product, site: PaperSite) -> None:
    assert product("backfill", "--since", f"{DAY}", "--until", f"{DAY}").out.startswith(f"hf-daily {DAY}: 12 papers")


def test_one_paper_is_no_plural(product: Product, site: PaperSite) -> None:
    site.switches.append(switches.items(lambda request: "papers" in request.target, lambda found: found[:1]))
    assert "1 paper (1 new)" in product("run", "--day", f"{DAY}").out


def many_days(product: Product) -> None:
    since = NOW.date() - timedelta(days=50)
    product("backfill", "--since", f"{since}", "--until", f"{NOW.date()}")


def test_a_run_of_many_days_is_explained_in_few_lines(product: Product, site: PaperSite) -> None:
    many_days(product)
    lines = product("runs", "show", "last").out.splitlines()
    assert len(lines) < 12
    assert "51 more days; --json lists all of them" in "\n".join(lines)


def test_accept_loss_prints_the_days_that_it_changed(product: Product, site: PaperSite) -> None:
    many_days(product)
    (archive,) = product.store.archives(SERIES, DAY)
    product("run", "--day", f"{DAY}", now=NOW + timedelta(hours=2))
    archive.unlink()
    result = product("build", "--accept-loss")
    assert result.out.splitlines()[0].startswith(f"hf-daily {DAY}: ")
    assert len(result.out.splitlines()) == 1
    assert "51 days: " in result.err
