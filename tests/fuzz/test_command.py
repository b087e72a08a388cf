"""The fuzzer of the whole command: its verdicts report bad executions, a seed repeats its case, and a sample runs."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from tests.fuzz.command.case import SECRET, Case, make_case
from tests.fuzz.command.execution import Execution
from tests.fuzz.command.mutation import mutated_json
from tests.fuzz.command.template import Template
from tests.fuzz.command.verdict import leaks, problems

ROOT = Path(__file__).parents[2]
CASE = Case(1, (("status",),), {}, ("utf-8", "strict"), True, None)
GOOD = Execution(("status",), 0, b"hf-daily\n", "caf\xe9\tat \\x1b\n".encode(), "", 0.1)


def test_a_file_of_more_brackets_than_can_be_read_is_changed_as_bytes() -> None:
    brackets = b"[" * 100_000
    assert any(mutated_json(Random(seed), brackets) != brackets for seed in range(10))


@pytest.mark.parametrize("status", [0, 1, 2, 3, 129, 130, 143])
def test_documented_ends_are_good(status: int) -> None:
    assert not [*problems(CASE, replace(GOOD, status=status))]


@pytest.mark.parametrize(
    ("bad", "problem"),
    [
        (replace(GOOD, status=None), "no end: "),
        (replace(GOOD, status=-signal.SIGXCPU), "no end: "),
        (replace(GOOD, status=70, crash='File "/a/b/c.py", line 3\nOops: x'), "exit 70: Oops: x b/c.py:3"),
        (replace(GOOD, status=120), "exit 120"),
        (replace(GOOD, status=-signal.SIGTERM), "exit -15"),
        (replace(GOOD, err=b"Traceback (most recent call last):\nOops: x"), "on stderr: Oops: x"),
        (replace(GOOD, err=b"/a/b.py:3: DeprecationWarning: old"), "DeprecationWarning on stderr"),
        (replace(GOOD, out=f"title {SECRET}".encode()), "a secret on stdout"),
        (replace(GOOD, out=b"\x1b]0;x\x07"), "a control character on stdout"),
        (replace(GOOD, err="\x9b31m".encode()), "a control character on stderr"),
    ],
)
def test_other_ends_and_outputs_are_findings(bad: Execution, problem: str) -> None:
    (found,) = problems(CASE, bad)
    assert problem in found


def test_a_signal_that_was_sent_before_the_command_began_may_end_it() -> None:
    assert not [*problems(replace(CASE, stop=(0.0, signal.SIGTERM)), replace(GOOD, status=-signal.SIGTERM))]


def test_a_secret_in_a_derived_file_is_a_finding(tmp_path: Path) -> None:
    for name in ("incoming/page.html", "store/2025/x.warc.gz", "store/2025/2025-12-10.day.json"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(f"a {SECRET}")
    assert len([*leaks(tmp_path)]) == 1


def test_a_seed_is_a_case(tmp_path: Path) -> None:
    for name in ("store", "state"):
        (tmp_path / name).mkdir()
    (tmp_path / "store" / "x.warc.gz").write_bytes(b"")
    template = Template(tmp_path, (b"[{}]",))
    folder, written = tmp_path / "case", []
    for _ in range(2):
        case = make_case(5, template, folder, "http://127.0.0.1:1")
        written.append((case, {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}))
        folder.rename(tmp_path / f"{len(written)}")
    assert written[0] == written[1]
    assert make_case(6, template, folder, "http://127.0.0.1:1") != written[0][0]


def test_a_sample_of_cases_finds_nothing() -> None:
    words = ["-m", "tests.fuzz.command", "--cases", "20", "--first", "1"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("DAILYPAPERS_", "HF_"))}
    ran = subprocess.run(
        [sys.executable, *words], cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=600
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "20 cases, " in ran.stdout
