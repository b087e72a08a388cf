"""The Dockerfile: what it says, and that its steps make something that runs without a writable root."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deploying.image import MAX_LENGTH, ROOT, USER, Image, can_be_apart, instructions
from tests.papersite import PaperSite
from tests.product import NOW


def words_of(name: str) -> list[str]:
    """The words of all instructions of a name."""
    return [rest for one, rest in instructions() if one == name]


def test_it_runs_the_scheduler_as_nobody_special_with_two_volumes() -> None:
    last = dict(instructions())
    assert last["USER"] == f"{USER}:{USER}"
    assert json.loads(last["VOLUME"]) == ["/store", "/state"]
    assert json.loads(last["CMD"]) == ["cron", "run"]
    assert list(dict.fromkeys(words_of("FROM"))) == ["python:3.11-slim AS build", "python:3.11-slim"]


def test_what_is_installed_has_its_hash_in_the_lock() -> None:
    installs = [run for run in words_of("RUN") if re.search(r"\bpip .*\b(install|wheel|download)\b", run)]
    assert len(installs) == 4
    for run in installs:
        assert ("--require-hashes" in run) != ("--no-index" in run)
    assert "://" not in (ROOT / "Dockerfile").read_text()


def test_what_it_copies_is_sent_to_the_engine_and_nothing_else() -> None:
    copied = {word for copy in words_of("COPY") if "--from" not in copy for word in shlex.split(copy)[:-1]}
    sent = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    assert copied == sent
    assert "*" in (ROOT / ".dockerignore").read_text().splitlines()
    assert all((ROOT / name).exists() for name in copied)


def _offline(run: str) -> str | None:
    """A step without the network: the packages of the tests stand for the locked wheels."""
    if "--requirement" in run or "hatchling" in run:
        return None
    return run.replace("/build/bin/pip", "pip").replace(
        '"dailypapers[metrics]"', "--no-deps --ignore-installed dailypapers"
    )


def _built(*, whole: bool) -> Iterator[Image]:
    if not can_be_apart():
        pytest.skip("no mount namespace can be made here: that takes root on Linux")
    # Not below pytest's own folder, which only its owner can enter.
    root = Path(tempfile.mkdtemp(prefix="dailypapers-image-"))
    root.chmod(0o755)
    image = Image(root, packages=not whole)
    try:
        image.build(str if whole else _offline)
        yield image
    finally:
        shutil.rmtree(root)


@pytest.fixture(
    scope="module",
    params=[pytest.param(False, id="offline"), pytest.param(True, id="whole", marks=pytest.mark.slow)],
)
def image(request: pytest.FixtureRequest) -> Iterator[Image]:
    """The image: with the packages of the tests, or whole, from the locked wheels as the Dockerfile says."""
    yield from _built(whole=request.param)


def test_its_root_is_read_only(image: Image) -> None:
    with PaperSite(seed=1, now=NOW, sizes={}) as site:
        status, _, errors = image.run(
            "--store", "/elsewhere", "--now", NOW.isoformat(), "run", "hf-daily", HF_ENDPOINT=site.url
        )
    assert (status, "Read-only file system" in errors) == (3, True), errors


def test_its_help_and_its_check_of_the_shipped_jobs(image: Image) -> None:
    assert image.run("--help")[0] == 0
    assert image.run("cron", "--help")[0] == 0
    status, _, errors = image.run("cron", "check")
    assert (status, "no problems found" in errors) == (0, True), errors


def test_a_run_writes_into_the_volumes_alone(image: Image) -> None:
    with PaperSite(seed=1, now=NOW, sizes={}) as site:
        # At the site's time of day: in the first hour of a day nothing is due.
        status, _, errors = image.run(
            "--now", NOW.isoformat(), "run", "hf-daily", HF_ENDPOINT=site.url, DAILYPAPERS_CONTACT="me@example.org"
        )
    assert status == 0, errors
    # In a container the log is JSON.
    assert json.loads(errors.splitlines()[0])["source"] == "hf-daily"
    made = [path for part in ("store", "state") for path in (image.root / part).rglob("*")]
    assert {path.stat().st_uid for path in made} == {int(USER)}
    assert [path for path in made if path.suffix == ".gz"]


def test_its_command_is_a_scheduler_that_ends_when_told(image: Image) -> None:
    with PaperSite(seed=1, now=NOW, sizes={}) as site:
        process = image.start(HF_ENDPOINT=site.url)
        assert process.stderr is not None
        said = process.stderr.readline()
        process.send_signal(signal.SIGTERM)
        output, errors = process.communicate(timeout=MAX_LENGTH)
    assert process.returncode == 0, (said, output, errors)
