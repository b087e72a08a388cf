"""The settings that requests are made of: the origin, the contact, the token, and the file of the rate limits."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from dailypapers.ingest import __version__
from dailypapers.ingest.errors import UsageError
from dailypapers.ingest.fetch import budgets as budget_file
from dailypapers.ingest.fetch.budgets import BudgetFile, budgets_from_env
from dailypapers.ingest.fetch.client import Site, SiteClient
from dailypapers.ingest.fetch.rate_limiter import RateLimiter
from dailypapers.ingest.fetch.request_headers import check_token, user_agent
from dailypapers.ingest.fetch.robots import check_endpoint
from dailypapers.ingest.fetch.traffic import Traffic


@pytest.mark.parametrize(
    ("endpoint", "origin"),
    [
        ("https://huggingface.co", "https://huggingface.co"),
        ("https://huggingface.co/", "https://huggingface.co"),
        ("https://HuggingFace.CO//", "https://huggingface.co"),
        ("https://papers.XX", "https://papers.xx"),
        ("https://huggingface.co:443", "https://huggingface.co"),
        ("http://huggingface.co:80", "http://huggingface.co"),
        ("https://huggingface.co:80", "https://huggingface.co:80"),
        ("http://huggingface.co:443", "http://huggingface.co:443"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("http://[::1]:8080", "http://[::1]:8080"),
        ("http://[::1]", "http://[::1]"),
    ],
)
def test_an_origin_has_one_form(endpoint: str, origin: str) -> None:
    assert check_endpoint(endpoint) == origin


@pytest.mark.parametrize(
    "endpoint",
    [
        "",
        "huggingface.co",
        "ftp://huggingface.co",
        "https://",
        "https://:443",
        "https://huggingface.co/api",
        "https://huggingface.co?x=1",
        "https://huggingface.co#x",
        "https://user:secret@huggingface.co",
        "https://huggingface.co:0",
        "https://huggingface.co:65536",
        "https://huggingface.co:x",
        "http://[::1",
        "https://" + "x" * 64 + ".co",
        "https://a..b",
    ],
)
def test_what_is_not_an_origin_is_refused_with_the_name_of_the_setting(endpoint: str) -> None:
    with pytest.raises(UsageError) as raised:
        check_endpoint(endpoint)
    assert str(raised.value) == f"HF_ENDPOINT is {endpoint!r}; it must read like https://huggingface.co"
    with pytest.raises(UsageError, match=r"^--endpoint arxiv is "):
        check_endpoint(endpoint, "--endpoint arxiv")


def test_the_user_agent_names_the_program_and_a_contact() -> None:
    project = "https://github.com/dailypapers/dailypapers"
    for contact in (None, ""):
        assert user_agent(contact) == f"dailypapers/{__version__} (+{project}; {project}/issues)"
    assert user_agent("mailto:a@example.org") == f"dailypapers/{__version__} (+{project}; mailto:a@example.org)"
    for wrong in ("é", "a\r\nb", "\x7f"):
        with pytest.raises(UsageError, match=r"DAILYPAPERS_CONTACT is .* a header takes printable ASCII only"):
            user_agent(wrong)


def test_a_token_without_its_blanks_or_none() -> None:
    assert [check_token(text) for text in (None, "", "  ", " hf_abc\n")] == [None, None, None, "hf_abc"]
    for wrong in ("hf_a b", "hf_a\nb", "hf_é"):
        with pytest.raises(UsageError) as raised:
            check_token(wrong)
        assert str(raised.value) == "HF_TOKEN must not contain spaces, line breaks or non-ASCII characters"


def tables(file: BudgetFile) -> set[str]:
    with file.transaction() as connection:
        return {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}


@pytest.fixture
def file(tmp_path: Path) -> Iterator[BudgetFile]:
    with closing(BudgetFile(tmp_path)) as file:
        yield file


def path_of(folder: Path) -> Path:
    return folder / "budget.sqlite"


def test_a_damaged_file_of_rate_limits_is_made_again(file: BudgetFile, tmp_path: Path) -> None:
    expected = tables(file)
    file.close()
    path = path_of(tmp_path)
    whole = path.read_bytes()
    for content in (b"rubbish" * 1000, whole[:100] + b"x" * (len(whole) - 100)):
        path.write_bytes(content)
        assert tables(file) == expected
        file.close()


def test_a_file_that_cannot_be_used_is_an_error_that_names_it(file: BudgetFile, tmp_path: Path) -> None:
    tables(file)
    file.close()
    path = path_of(tmp_path)
    path.unlink()
    path.mkdir()
    with pytest.raises(OSError, match="the budget file cannot be used") as raised:
        tables(file)
    assert raised.value.filename == str(path)
    assert "unable to open database file" in f"{raised.value.strerror}"


def test_another_process_that_writes_is_waited_for(
    file: BudgetFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = tables(file)
    with closing(sqlite3.connect(path_of(tmp_path), isolation_level=None, check_same_thread=False)) as other:
        other.execute("BEGIN IMMEDIATE")
        timer = threading.Timer(1.5, other.execute, ["COMMIT"])
        timer.start()
        # Longer than SQLite itself waits.
        assert tables(file) == expected
        timer.join()
        monkeypatch.setattr(budget_file, "LOCKED_SECONDS", 0)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(OSError, match="database is locked"):
            tables(file)
        other.execute("ROLLBACK")
    assert tables(file) == expected


@pytest.mark.parametrize(
    ("name", "value"), [("HTTPS_PROXY", "gopher://proxy.example"), ("SSL_CERT_FILE", "/nowhere/cacert.pem")]
)
def test_settings_with_which_no_request_can_be_made_are_wrong_usage(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with closing(RateLimiter(tmp_path, 0)) as limiter, pytest.raises(UsageError) as raised:
        SiteClient(Site("https://papers.example", {}, "tests"), limiter, Traffic("papers"))
    assert str(raised.value).startswith(
        "no requests can be made with the proxy or certificate settings of the environment: "
    )


def test_counts_of_requests_are_sorted_and_seconds_rounded_in_a_report() -> None:
    traffic = Traffic("papers")
    for outcome, size in (("fault", 0), ("200", 5), ("200", 7), ("100", 1)):
        traffic.add(outcome, size)
    traffic.waited, traffic.retries = 1.23456, 2
    report = traffic.as_json()
    assert report == {
        "site": "papers",
        "requests": {"100": 1, "200": 2, "fault": 1},
        "bytes": 13,
        "retries": 2,
        "waited_seconds": 1.235,
    }
    assert [*report["requests"]] == ["100", "200", "fault"]  # type: ignore[misc]


@pytest.mark.parametrize("part", ["hf-api", "hf-api=0/300", "hf-api=5/0", "other=1/3", "hf-api=5/3s"])
def test_a_budget_that_is_none_is_named_with_the_names_that_there_are(part: str) -> None:
    with pytest.raises(UsageError) as raised:
        budgets_from_env(f"arxiv=1/3, {part} ,")
    assert str(raised.value) == (
        f"DAILYPAPERS_BUDGET holds {part!r}; write NAME=REQUESTS/SECONDS with a name of hf-api, hf-pages, site, arxiv"
    )


def test_the_folder_of_the_file_is_made_with_those_above_it(tmp_path: Path) -> None:
    with closing(BudgetFile(tmp_path / "a" / "b")) as file:
        assert not file.exists
        assert not (tmp_path / "a").exists()
        assert tables(file) == {"sent", "rest", "quota", "robots"}
        assert file.exists


def test_nothing_of_a_damaged_file_is_left(file: BudgetFile, tmp_path: Path) -> None:
    names = ["budget.sqlite", "budget.sqlite-shm", "budget.sqlite-wal"]
    for name in names:
        (tmp_path / name).write_bytes(b"rubbish" * 1000)
    file._remove_if_damaged()
    assert [path.name for path in tmp_path.iterdir()] == ["budget.lock"]
    # Another process has made a new one in the meantime.
    with closing(BudgetFile(tmp_path)) as other:
        tables(other)
        file._remove_if_damaged()
        assert sorted(path.name for path in tmp_path.iterdir()) == ["budget.lock", *names]


def test_a_file_without_room_or_permission_is_not_removed(
    file: BudgetFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tables(file)
    file.close()

    def full(_: Path) -> sqlite3.Connection:
        error = sqlite3.OperationalError("database or disk is full")
        error.sqlite_errorcode = sqlite3.SQLITE_FULL
        raise error

    monkeypatch.setattr(budget_file, "_connect", full)
    with pytest.raises(OSError, match="database or disk is full") as raised:
        tables(file)
    assert type(raised.value) is OSError
    with pytest.raises(sqlite3.OperationalError):
        file._remove_if_damaged()
    assert path_of(tmp_path).exists()


def insert_and_fail(file: BudgetFile, insert: str) -> None:
    with file.transaction() as connection:
        connection.execute(insert)
        raise ZeroDivisionError


def test_a_transaction_that_fails_changes_nothing(file: BudgetFile) -> None:
    insert = "INSERT INTO robots VALUES ('https://site.example', 0, 200, '')"
    with pytest.raises(ZeroDivisionError):
        insert_and_fail(file, insert)
    with file.transaction() as connection:
        assert connection.execute("SELECT count(*) FROM robots").fetchone() == (0,)
        connection.execute(insert)
    file.close()
    with file.transaction() as connection:
        assert connection.execute("SELECT count(*) FROM robots").fetchone() == (1,)
