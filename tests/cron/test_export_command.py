"""`dailypapers cron export` from the command line."""

from __future__ import annotations

import os
import subprocess
import sysconfig
from importlib.metadata import version
from pathlib import Path

import pytest
import yaml

from dailypapers.cron.export_program import program
from dailypapers.ingest.errors import UsageError
from tests.product import Product

PROGRAM = Path(sysconfig.get_path("scripts")) / "dailypapers"
JOBS = """
jobs:
  - name: hourly
    schedule: "17 * * * *"
    run: run
  - name: weekly
    schedule: "40 6 */2 * mon"
    timezone: Pacific/Chatham
    run: run hf-weekly
"""


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cron.yaml in a folder of its own, and an environment without our variables."""
    for name in os.environ:
        if name.startswith(("DAILYPAPERS_", "HF_", "SSL_", "XDG_")) or name.upper().endswith("_PROXY"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "cron.yaml"
    path.write_text(JOBS.partition("  - name: weekly")[0])
    return path


def test_a_crontab_calls_this_program_with_this_store_and_this_file(product: Product, file: Path) -> None:
    shown = product("cron", "export", "crontab")
    assert (shown.status, shown.err) == (0, "")
    call = f"{PROGRAM} --store {product.store.root} cron --file {file} run hourly"
    assert shown.out.splitlines()[-1] == f"17 * * * * {call}"
    assert "DAILYPAPERS_STATE" not in shown.out


@pytest.mark.parametrize("target", ["crontab", "systemd"])
def test_a_custom_state_folder_is_exported(
    target: str, product: Product, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", "/var/state")
    assert "DAILYPAPERS_STATE=" in product("cron", "export", target).out
    assert "/var/state/dailypapers" in product("cron", "export", target).out


def test_variables_missing_from_the_jobs_are_named_without_their_values(
    product: Product, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    shown = product("cron", "export", "kubernetes")
    assert "not for the jobs: HF_TOKEN" in shown.err
    assert "hf_secret" not in shown.out + shown.err
    file.write_text(file.read_text() + "    env: {HF_TOKEN: hf_other}\n")
    assert product("cron", "export", "kubernetes").err == ""


def test_units_are_written_into_a_folder_and_old_ones_are_named(product: Product, file: Path, tmp_path: Path) -> None:
    folder = tmp_path / "units"
    folder.mkdir()
    (folder / "dailypapers-gone.timer").touch()
    shown = product("cron", "export", "systemd", "--to", folder)
    names = ["dailypapers-hourly.service", "dailypapers-hourly.timer"]
    assert shown.out.splitlines() == [str(folder / name) for name in names]
    assert "no longer jobs: dailypapers-gone.timer" in shown.err
    assert "enable --now dailypapers-hourly.timer " in shown.err
    text = product("cron", "export", "systemd").out
    assert text == "\n".join(f"# {name}\n{(folder / name).read_text()}" for name in names)


def test_the_image_for_kubernetes(product: Product, file: Path) -> None:
    container = ["spec", "jobTemplate", "spec", "template", "spec", "containers"]
    for words, image in (
        ([], f"dailypapers:{version('dailypapers')}"),
        (["--image", "example.org/papers:2"], "example.org/papers:2"),
    ):
        value = yaml.safe_load(product("cron", "export", "kubernetes", *words).out)
        for key in container:
            value = value[key]
        assert value[0]["image"] == image


@pytest.mark.parametrize(
    ("target", "messages"),
    [
        ("crontab", ["job weekly: its times are in Pacific/Chatham"]),
        ("kubernetes", ["job weekly: '40 6 */2 * mon' runs when both day fields match"]),
    ],
)
def test_jobs_that_a_target_cannot_express_export_nothing(
    target: str, messages: list[str], product: Product, file: Path
) -> None:
    file.write_text(JOBS)
    shown = product("cron", "export", target)
    assert (shown.status, shown.out) == (2, "")
    assert "nothing was exported" in shown.err
    assert all(message in shown.err for message in messages)


@pytest.mark.parametrize("words", [["crontab", "--to", "x"], ["systemd", "--image", "x"], ["anacron"]])
def test_options_of_another_target(words: list[str], product: Product, file: Path) -> None:
    assert product("cron", "export", *words).status == 2


def test_an_exported_line_runs_from_an_empty_environment(product: Product, file: Path, tmp_path: Path) -> None:
    file.write_text(file.read_text().replace("run: run", "run: sources"))
    line = product("cron", "export", "crontab").out.splitlines()[-1].split(maxsplit=5)[5]
    environment = {"HOME": str(tmp_path), "PATH": "/nowhere"}
    done = subprocess.run(
        ["/bin/sh", "-c", line],
        cwd="/",
        env=environment,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "hf-daily" in done.stdout


def test_the_program_is_the_one_of_this_python_then_the_one_of_the_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own, other = tmp_path / "own" / "dailypapers", tmp_path / "path" / "dailypapers"
    monkeypatch.setattr(sysconfig, "get_path", lambda name: str(own.parent) if name == "scripts" else "")
    monkeypatch.setenv("PATH", str(other.parent))
    with pytest.raises(UsageError) as raised:
        program()
    assert str(raised.value) == f"no program dailypapers at {own}; install it (pipx install .) and export again"
    for path in (other, own):
        path.parent.mkdir()
        path.write_text("#!/bin/sh\n")
        path.chmod(0o755)
        assert program() == path
