"""`dailypapers mail`: wrong configuration and wrong usage, and no address where none belongs."""

from __future__ import annotations

import json
import os
import sqlite3
import stat
from pathlib import Path

import orjson
import pytest

from dailypapers.digest.database import NAME, opened
from dailypapers.digest.model import DigestError
from dailypapers.digest.tokens import load_secret
from tests.digest.conftest import SUBSCRIBED, Mailing, at, listed

GOOD = "from: Papers <papers@lists.example>\nbase_url: https://papers.example\nrelay: smtps://mail.example\n"

WRONG = {
    "from: papers\n": "mail.yaml:1: from: 'papers' holds no mail address; write from: Daily Papers <NAME@DOMAIN>",
    "from: Pâpers <p@x.org>\n": "mail.yaml:1: from: it may hold printable ASCII only",
    "from: [a]\n": "mail.yaml:1: from: it must be one line of text",
    "from: p@host\n": "the domain of 'p@host' has no dot",
    "from: '=?utf-8?q?x?= <p@x.org>'\n": "the name is plain text, not an encoded word",
    "base_url: http://papers.example\n": "mail.yaml:2: base_url: 'http://papers.example' is not https",
    "base_url: https://u:p@papers.example\n": "is not a plain URL with a host",
    "base_url: https://papers.example/?x\n": "is not a plain URL with a host",
    "base_url: https://[x\n": "is not a URL",
    "relay: mail.example\n": "mail.yaml:3: relay: 'mail.example' is not smtps://HOST",
    "relay: smtps://user:secret@mail.example\n": "the password to DAILYPAPERS_SMTP_PASSWORD",
    "relay: smtp://mail.example\n": "without TLS, mail goes to this machine only",
    "relay: smtps://mail.example:99999\n": "is not a URL",
    "relay: smtps://mail.example/inbox\n": "has something after the port",
    "relays: x\n": "mail.yaml:4: unknown key 'relays'; did you mean relay?",
    "signup: [hf-search]\n": "mail.yaml:4: signup: it must be a list of sources without a search",
}


def configured(change: str) -> str:
    """The good file with a line replaced or added."""
    key = change.partition(":")[0] + ":"
    lines = [change if line.startswith(key) else line for line in GOOD.splitlines(keepends=True)]
    return "".join(lines if change in lines else [*lines, change])


@pytest.mark.parametrize("change", WRONG)
def test_a_wrong_file_is_an_error_with_its_line(mailing: Mailing, change: str) -> None:
    (mailing.folder / "mail.yaml").write_text(configured(change))
    result = mailing("send")
    assert (result.status, WRONG[change] in result.err) == (2, True), result.err
    assert "secret" not in result.err


def test_every_mistake_is_named_at_once(mailing: Mailing) -> None:
    (mailing.folder / "mail.yaml").write_text("relay: x\nrelay: y\nform: z\n")
    err = mailing("send").err
    assert [
        part for part in ("'from' is missing", "'base_url' is missing", "unknown key 'form'") if part not in err
    ] == []
    assert "mail.yaml:2: the key 'relay' is also in line 1" in err
    assert [line.startswith(f"dailypapers: {mailing.folder}/mail.yaml:") for line in err.splitlines()] == [True] * 5


@pytest.mark.parametrize("content", ["", "x", "- a\n", "\x00", "a: [", "[" * 100, "? [a]\n: b\n"])
def test_a_file_that_is_no_configuration(mailing: Mailing, content: str) -> None:
    (mailing.folder / "mail.yaml").write_text(content)
    result = mailing("send")
    assert (result.status, "mail.yaml:1: " in result.err) == (2, True)
    assert "cron.yaml" not in result.err
    assert "Node(" not in result.err


def test_a_value_that_contains_itself_is_one_mistake(mailing: Mailing) -> None:
    (mailing.folder / "mail.yaml").write_text(f"{GOOD}signup: &all [*all, *all, *all]\n")
    assert mailing("send").err.count("nested too deep") == 1


def test_a_damaged_subscription_is_named(mailing: Mailing, state: Path) -> None:
    mailing.subscribe()
    with opened(state) as connection:
        connection.execute("UPDATE subscription SET at = 'soon'")
    result = mailing("list")
    assert (result.status, "subscription 1 in mail.sqlite is damaged" in result.err) == (3, True)


def test_without_a_file_it_says_what_to_write(mailing: Mailing) -> None:
    (mailing.folder / "mail.yaml").unlink()
    result = mailing("send")
    assert (result.status, "there is no" in result.err, "relay: smtps://mail.example.org:465" in result.err) == (
        2,
        True,
        True,
    )


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["subscribe", "ann"], "this is not a mail address in ASCII"),
        (["subscribe", "ann@example.org", "--series", "hf-dialy"], "did you mean hf-daily?"),
        (["subscribe", "ann@example.org", "--series", "hf-search"], "--query"),
        (["subscribe", "ann@example.org", "--at", "7"], "write it like 07:00"),
        (["subscribe", "ann@example.org", "--tz", "Berlin"], "Europe/Berlin"),
        (["outbox", "--retry", "--drop"], "choose one"),
        (["outbox", "3"], "say what to do"),
    ],
)
def test_wrong_usage(mailing: Mailing, words: list[str], message: str) -> None:
    result = mailing(*words)
    assert (result.status, message in result.err) == (2, True)


def test_subscribing_again_changes_the_time_and_sends_nothing_twice(mailing: Mailing) -> None:
    mailing.list_papers(listed(1, at(10, 5)))
    mailing.subscribe()
    mailing("send", now=at(10, 7))
    mailing.subscribe("Ann@example.org", "--at", "09:00")
    (row,) = orjson.loads(mailing("list", "--json").out)
    assert (row["at"], row["number"]) == ("09:00", 1)
    mailing("send", now=at(10, 9))
    assert len(mailing.sink.received) == 1


def test_forget_deletes_every_byte_of_an_address(mailing: Mailing) -> None:
    mailing.list_papers(listed(1, at(10, 5)))
    mailing.sink.data_answer = lambda _: "451 later"
    for words in ((), ("--series", "hf-weekly"), ("--search", "x")):
        mailing.subscribe("ann@example.org", *words)
    mailing("send", now=at(10, 7))
    assert b"ann@example.org" in (mailing.folder / "state" / NAME).read_bytes()
    assert "3 subscriptions deleted" in mailing("forget", "ANN@example.org").err
    assert places_of(b"ann@example.org", mailing.folder / "state") == []
    assert mailing("forget", "ann@example.org").status == 1


def places_of(text: bytes, folder: Path) -> list[str]:
    """The files that hold a text, in any case."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return [path.name for path in files if text.lower() in path.read_bytes().lower()]


def test_no_address_in_the_store_the_reports_and_the_logs(mailing: Mailing, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a send, a refusal, a failure and the end of a subscription."""
    monkeypatch.setenv("DAILYPAPERS_LOG_FORMAT", "json")
    addresses = ["ann@example.org", "bob@example.org", "carl@example.org"]
    answers = {
        "bob@example.org": "550 <bob@example.org> unknown",
        "carl@example.org": "451 carl@example.org: greylisted",
    }
    mailing.sink.recipient_answer = lambda address: answers.get(address, "250 OK")
    mailing.list_papers(listed(1, at(10, 5)))
    written = [mailing("subscribe", address).err for address in addresses]
    for words, now in ((("send",), at(10, 7)), (("--verbose", "send"), at(11, 8)), (("outbox",), at(11, 9))):
        result = mailing(*words, now=now)
        written += [result.out, result.err]
    written += [mailing("forget", address).err for address in addresses]
    written += [mailing("subscribe", "ann@example.org,x").err]
    assert "refused" in "".join(written)
    for address in addresses:
        assert [text for text in written if address in text] == []
        assert places_of(address.encode(), mailing.product.store.root) == []


def test_only_the_owner_can_read_the_state(mailing: Mailing) -> None:
    os.umask(0o022)
    mailing.list_papers(listed(1, at(10, 5)))
    mailing.subscribe()
    mailing("send", now=at(10, 7))
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (mailing.folder / "state").glob("mail.*")}
    assert modes["mail.sqlite"] == modes["mail.secret"] == 0o600


def test_half_written_secrets_of_killed_processes_are_removed(mailing: Mailing) -> None:
    state = mailing.folder / "state"
    state.mkdir()
    for number in (1, 2):
        (state / f"mail.secret.{number}.tmp").write_text("half")
    secret = load_secret(state / "mail.secret")
    assert [path.name for path in state.iterdir()] == ["mail.secret"]
    (state / "mail.secret.3.tmp").write_text(secret.hex())
    assert load_secret(state / "mail.secret") == secret
    assert [path.name for path in state.iterdir()] == ["mail.secret"]


def test_a_damaged_database_is_an_error_and_stays(mailing: Mailing) -> None:
    content = b"no database, but long enough to be one" * 100
    path = mailing.folder / "state" / NAME
    path.parent.mkdir()
    path.write_bytes(content)
    result = mailing("list")
    assert (result.status, f"{path}: " in result.err) == (3, True)
    assert path.read_bytes() == content


def test_a_database_of_another_program_or_of_a_newer_version(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / NAME) as other:
        other.execute("CREATE TABLE x(y)")
    other.close()
    with pytest.raises(DigestError, match="not the mail database"), opened(tmp_path):
        pass
    with sqlite3.connect(tmp_path / NAME) as other:
        other.execute("PRAGMA application_id=5")
    other.close()
    with pytest.raises(DigestError, match="not the mail database"), opened(tmp_path):
        pass
    (tmp_path / NAME).unlink()
    with opened(tmp_path) as connection:
        connection.execute("PRAGMA user_version=99")
    with pytest.raises(DigestError, match="a newer dailypapers wrote it"), opened(tmp_path):
        pass


def test_a_damaged_secret_is_an_error(mailing: Mailing) -> None:
    (mailing.folder / "state").mkdir()
    (mailing.folder / "state" / "mail.secret").write_text("short")
    mailing.list_papers(listed(1, at(10, 5)))
    mailing.subscribe()
    result = mailing("send", now=at(10, 7))
    assert (result.status, "mail.secret: not a secret" in result.err) == (1, True)
    assert mailing("list", now=SUBSCRIBED).out.endswith("no issue yet\n")


def test_json_is_on_stdout_alone(mailing: Mailing) -> None:
    mailing.list_papers(listed(1, at(10, 5)))
    subscribed = json.loads(mailing("subscribe", "ann@example.org", "--json").out)
    assert subscribed == {"subscription": 1, "series": "hf-daily", "at": "07:00", "zone": "UTC"}
    preview = json.loads(mailing("preview", "--out", mailing.folder / "out", "--json", now=at(10, 7)).out)
    assert preview["subject"] == "Hugging Face Daily Papers 2025-12-10: 1 new"
    assert (mailing.folder / "out" / "digest.txt").read_text() == preview["text"]
    assert json.loads(mailing("forget", "ann@example.org", "--json").out) == {"deleted": 1}
    assert json.loads(mailing("forget", "ann@example.org", "--json").out) == {"deleted": 0}


def test_a_preview_of_no_store(mailing: Mailing) -> None:
    result = mailing("preview", "--out", mailing.folder / "out")
    assert (result.status, "there is no store" in result.err) == (3, True)
