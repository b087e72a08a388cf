"""Odd machines and command lines: no home folder, old encodings, full devices, times at the ends of the calendar."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

import orjson
import pytest

from dailypapers.cli.main import main
from tests.papersite import PaperSite
from tests.product import DAY, NOW, SERIES, Product

ROOT = Path(__file__).parents[2]


def test_a_user_without_a_home_is_told_what_to_set(
    product: Product, site: PaperSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HOME", "DAILYPAPERS_STATE", "XDG_STATE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("os.getuid", lambda: 54_321)
    result = product("run")
    assert (result.status, "this user has no home folder; set DAILYPAPERS_STATE" in result.err) == (2, True)


@pytest.mark.parametrize("now", ["0001-01-01", "9999-12-31", "9999-12-31T23:59:59Z"])
@pytest.mark.parametrize("words", ["run", "runs", "cron next", "status"])
def test_a_time_at_the_end_of_the_calendar_is_wrong_usage(product: Product, now: str, words: str) -> None:
    result = product("--now", now, *words.split(), now=None)
    assert (result.status, f"--now {now}: use a time from 1970 to 2199" in result.err) == (2, True)


@pytest.mark.parametrize("now", ["1970-01-01", "2199-12-31T23:59:59Z"])
@pytest.mark.parametrize("words", ["runs", "cron next", "cron list", "build", "drift", "sources"])
def test_all_other_times_can_be_counted_with(product: Product, now: str, words: str) -> None:
    assert product("--now", now, *words.split(), now=None).status in {0, 3}  # 3: there is no store


def test_a_page_served_before_the_list_existed_is_wrong_usage(product: Product, tmp_path: Path) -> None:
    (tmp_path / f"{DAY}.json").write_bytes(b"[]")
    result = product("import", "hf-daily", tmp_path, "--fetched-at", "0001-01-01")
    assert (result.status, "is before 2023-05-04, the first day of hf-daily" in result.err) == (2, True)


@pytest.mark.parametrize("words", ["run", "status", "build", "cron run", "runs"])
@pytest.mark.parametrize(
    ("path", "problem"), [("loop", "Too many levels"), ("loop/below", "Too many levels"), ("gone", "leads nowhere")]
)
def test_a_store_that_is_a_link_to_nothing_is_wrong_usage(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: str, path: str, problem: str
) -> None:
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "gone").symlink_to("nowhere")
    assert main(["--store", str(tmp_path / path), *words.split()]) == 2
    assert problem in capsys.readouterr().err


@pytest.mark.parametrize("at", ["yesterday", "2025-12-10T10:00:00", None, 7])
@pytest.mark.parametrize("words", ["status", "drift", "rejects", "history 2512.00001", "run"])
def test_a_certificate_whose_time_is_none_is_made_anew(
    product: Product, site: PaperSite, at: str | int | None, words: str
) -> None:
    product("run", "--day", f"{DAY}")
    whole = product.certificate()
    broken = whole | {"fetches": [fetch | {"at": at} for fetch in whole["fetches"]]}
    product.store.certificate(SERIES, DAY).write_bytes(orjson.dumps(broken))
    assert product(*words.split()).status in {0, 1, 3}
    product("build")
    assert product.certificate() == whole


@pytest.mark.parametrize("encoding", ["latin-1", "cp437"])
def test_characters_that_stdout_does_not_have_are_escaped(
    product: Product, site: PaperSite, monkeypatch: pytest.MonkeyPatch, encoding: str
) -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding, write_through=True)
    monkeypatch.setattr("sys.stdout", stream)
    words = ["--store", str(product.store.root), "--now", NOW.isoformat()]
    assert main([*words, "run", "hf-search", "--query", "learning 日本 é"]) == 0
    text = stream.buffer.getvalue().decode(encoding)
    assert text.startswith('hf-search "learning \\u65e5\\u672c ')
    assert main([*words, "run", "hf-search", "--query", "learning 日本 é", "--json", "--day", "2025-12-19"]) == 0
    line = stream.buffer.getvalue().splitlines()[-1]
    assert orjson.loads(line)["query"] == "learning 日本 é"


@pytest.mark.parametrize(
    ("words", "full", "status"),
    [("--bogus", "stderr", 2), ("run --day soon", "stderr", 2), ("sources", "stderr", 0), ("sources", "stdout", 3)],
)
def test_a_full_device_does_not_change_the_exit_status(tmp_path: Path, words: str, full: str, status: int) -> None:
    command = [sys.executable, "-m", "dailypapers", "--store", str(tmp_path / "store"), *words.split()]
    environment = os.environ | {"DAILYPAPERS_LOG_FORMAT": "human"}
    with Path("/dev/full").open("w") as device:
        streams = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, full: device}
        done = subprocess.run(command, cwd=ROOT, env=environment, check=False, **streams)  # type: ignore[call-overload]
    assert done.returncode == status


@pytest.mark.parametrize("run", ["x " * 2_500_000, "'" + "x" * 5_000_000 + "'"])
def test_a_huge_jobs_file_is_refused_before_it_is_read(product: Product, tmp_path: Path, run: str) -> None:
    (tmp_path / "cron.yaml").write_text(f"jobs:\n- name: a\n  schedule: '@daily'\n  run: {run}\n")
    result = product("cron", "check", "--file", tmp_path / "cron.yaml")
    assert (result.status, len(result.out.splitlines())) == (1, 1)
    assert "more than 131072" in result.out
    assert len(result.out) < 500


def test_a_store_whose_name_is_no_text_is_built_and_remembered(
    site: PaperSite, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--store", f"{tmp_path}/caf\udce9", "--now", NOW.isoformat(), "run", "--day", f"{DAY}"]
    assert [main(words) for _ in range(2)] == [0, 0], capsys.readouterr().err
