"""The command line, and a folder of captures in place of invented papers."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.papersite import PaperSite, Request
from tests.papersite.__main__ import main
from tests.papersite.reading import BUSY, MONDAY, TLS, blob, get

ROOT = Path(__file__).parents[2]
CAPTURES = os.environ.get("DAILYPAPERS_CAPTURES")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_prints_its_address_and_ends_on_a_signal(number: signal.Signals) -> None:
    command = [sys.executable, "-m", "tests.papersite", "--seed", "7", "--era", "2024", "--size", f"{BUSY}=3"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        line = process.stdout.readline()
        url = line.split()[0]
        assert "seed 7" in line
        assert len(blob(httpx.get(f"{url}/papers?date={BUSY}", verify=TLS, trust_env=False))["dailyPapers"]) == 3
        process.send_signal(number)
        assert process.wait(5) == 0


def test_a_folder_without_captures_is_refused(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.papersite", "--captures", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=10, check=False)
    assert (done.returncode, done.stdout) == (3, "")
    assert str(tmp_path) in done.stderr


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    invented = PaperSite(era=2024, sizes={BUSY: 60, MONDAY: 4})
    for day in (BUSY, MONDAY):
        (tmp_path / f"{day}.json").write_text(json.dumps(invented.papers(day), indent=4), "utf-8")
    (tmp_path / f"{MONDAY}_trimmed.json").write_text("[]")
    (tmp_path / "2025-12-10.json").write_text("1")
    (tmp_path / "page").mkdir()
    page = invented.answer(Request("GET", f"/papers?date={MONDAY}"))
    (tmp_path / "page" / "saved.html").write_bytes(page.body)
    return tmp_path


def test_files_are_served_as_they_are(folder: Path) -> None:
    with PaperSite(captures=folder) as site:
        monday = get(site, f"/api/daily_papers?date={MONDAY}&limit=100")
        assert monday.content == (folder / f"{MONDAY}.json").read_bytes()
        assert site.papers(MONDAY) == monday.json()
        busy = [get(site, f"/api/daily_papers?date={BUSY}&p={page}").json() for page in range(3)]
        assert [len(page) for page in busy] == [50, 10, 0]
        assert get(site, "/api/daily_papers?date=2025-12-10").json() == []
        assert get(site, "/api/daily_papers?date=nonsense").status_code == 400
        for target in (f"/papers?date={MONDAY}", f"/papers/date/{MONDAY}"):
            assert get(site, target).content == (folder / "page" / "saved.html").read_bytes()
        for target in (f"/papers/date/{BUSY}", "/papers/week/2025-W50", "/api/papers/2512.00001", "/robots.txt"):
            assert get(site, target).status_code == 404


@pytest.mark.skipif(CAPTURES is None, reason="DAILYPAPERS_CAPTURES names no folder of real captures")
def test_the_real_captures() -> None:
    folder = Path(str(CAPTURES))
    with PaperSite(captures=folder) as site:
        page = get(site, "/papers?date=2024-08-01")
        assert len(blob(page)["dailyPapers"]) == 13
        assert get(site, "/api/daily_papers?date=2025-01-01").json() == []
        path = next(folder.rglob("2026-05-12.json"))
        assert get(site, "/api/daily_papers?date=2026-05-12&limit=100").content == path.read_bytes()


@pytest.mark.parametrize("option", ["--era=2023", "--size=many", "--size=2025-13-01=4", "--now=noon"])
def test_a_wrong_option_is_named(option: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main([option])
    name, _, value = option.partition("=")
    message = capsys.readouterr().err
    assert f"argument {name}: '{value.split('=')[0]}" in message
