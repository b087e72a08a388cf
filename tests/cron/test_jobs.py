"""Reading `cron.yaml`: every mistake is reported with its line and what to write instead."""

from __future__ import annotations

import re
from datetime import UTC, timedelta
from itertools import pairwise
from pathlib import Path
from tempfile import NamedTemporaryFile
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dailypapers.cron.diagnostics import JobsFileError
from dailypapers.cron.expression import ConfigError
from dailypapers.cron.jobs import format_duration, load, parse_duration
from dailypapers.ingest.sources.registry import SOURCES
from tests.cron.jobs import CHECK, messages, written
from tests.support.hypothesis_examples import examples

BROKEN = Path(__file__).with_name("broken.yaml")
PIECES = [
    *(
        b"jobs:",
        b"\n  - name: a",
        b"\n    schedule: ",
        b"'@daily'",
        b"5/2 * * * *",
        b"\n    run: ",
        b"run",
        b"'",
        b'"',
        b"on:",
    ),
    *(
        b"\n    timeout: 1h",
        b"\n    env: {A: b}",
        b"\n    env: ",
        b" &x",
        b" *x",
        b"<<: ",
        b"? ",
        b"[",
        b"]",
        b"{",
        b"}",
        b": ",
    ),
    *(
        b"\n      success: x",
        b"\n",
        b"\t",
        b"\0",
        b"\xff",
        b"!!python/name:os.system",
        b"---",
        b"- ",
        b"#",
        b"|\n",
        b"\\ud800",
    ),
]
MESSAGES = """
3: name: 'HF Daily' is not a job name; write lower case letters, digits and hyphens, 52 at most, such as hf-daily
3: 'schedule' is missing; write schedule: "17 * * * *"
4: unknown key 'shedule'; did you mean 'schedule'?
7: schedule: minute '5/2': a step is allowed only after * or a range; write 5-59/2
8: run: 'dailypapers run hf-daily' begins with dailypapers; write run hf-daily
9: timeout: '10' is not a duration; write 10s for seconds, 10m for minutes or 10h for hours
11: schedule: hour 22-2 ends before it begins and would never run; write 22-23,0-2
12: timezone: unknown time zone 'Europe/Berln'; write Europe/Berlin
13: run: no source 'hf-dayly'; there are: @SOURCES; did you mean hf-daily?
15: unknown key 'sucess'; did you mean 'success'?
16: the job in line 10 is called 'night' too; write another name
18: the key 'schedule' is also in line 17; write it once
19: run: unknown command 'runn'; write run
20: jitter: '10 min' is not a duration; write a duration such as 90s, 15m, 1h30m or 2d
22: schedule: day of the week fri-mon ends before it begins and would never run; write fri-sat,sun-mon
23: run: No such option '--dya'. Did you mean '--day'?; see `dailypapers run --help`
25: env: 'HF-TOKEN' is not a variable name; write letters, digits and _, such as HF_TOKEN
26: LEVEL must be one line of text
28: schedule: it has 6 fields; Debian's cron has no seconds and no years; write 17 * * * *
29: run: Missing option '--since'; see `dailypapers backfill --help`
31: failure: no command; write one for `sh -c`, or leave the key out
33: schedule: day of the month 'L': Debian's cron does not support the last day; write 1 (the day after), or 28
34: run: a job cannot be `cron` itself; write the command to run, such as: run: run
36: schedule: minute '1~5': Debian's cron does not support random times; write one number, and `jitter: 10m` in the job
37: run: 'import hf-text "my list.txt --day 2025-12-08': no closing quotation; write each quote twice, one at each end
38: a job must be keys with values
39: unknown key 'job'; did you mean 'jobs'?
""".replace("@SOURCES", ", ".join(SOURCES))


def test_every_mistake_is_reported_at_once_with_its_line_and_what_to_write() -> None:
    assert messages(BROKEN) == MESSAGES.strip().splitlines()


@examples(60)
@given(st.one_of(st.binary(), st.text().map(str.encode), st.lists(st.sampled_from(PIECES)).map(b"".join)))
def test_any_content_is_read_or_reported(content: bytes) -> None:
    with NamedTemporaryFile() as file:
        Path(file.name).write_bytes(content)
        lines = diagnostics(Path(file.name))
        assert all(re.match(rf"{re.escape(file.name)}:[1-9][0-9]*: .", line) for line in lines)


def diagnostics(path: Path) -> list[str]:
    try:
        load(path, CHECK)
    except JobsFileError as broken:
        return broken.lines or ["no message"]
    return []


def test_endless_nesting_is_reported(tmp_path: Path) -> None:
    aliases = [f"- &{name} [{','.join([f'*{before}'] * 10)}]" for before, name in pairwise("abcdefgh")]
    many = messages(written(tmp_path, "\n".join(["- &a [x]", *aliases])))
    assert [line for line in many if "over 10000 values, aliases included; write the jobs" in line] != []
    assert messages(written(tmp_path, "[" * 1500)) == ["1: nested too deep; write the jobs as in the default cron.yaml"]


def test_booleans_numbers_and_dates_of_yaml_are_text(tmp_path: Path) -> None:
    text = """
jobs:
  - name: no
    schedule: 17 * * * *
    run: run
    env: {YES: yes, DAY: 2025-12-08, TIME: 1:30, NONE: , NUMBER: 010}
    on:
      success: true
"""
    (job,) = load(written(tmp_path, text), CHECK).jobs
    assert (job.name, job.on.success) == ("no", "true")
    assert job.env == {"YES": "yes", "DAY": "2025-12-08", "TIME": "1:30", "NONE": "", "NUMBER": "010"}


def test_a_job_with_every_key(tmp_path: Path) -> None:
    text = """
jobs:
  - name: weekly
    schedule: "30 6 * * MON"
    timezone: Europe/Berlin
    run: --quiet run hf-search --query "diffusion models" --store elsewhere
    timeout: 1h30m
    jitter: 10m
    catch_up: 1d
"""
    jobs = load(written(tmp_path, text), CHECK)
    job = jobs.get("weekly")
    assert job is not None
    assert jobs.get("monthly") is None
    assert job.arguments == ("--quiet", "run", "hf-search", "--query", "diffusion models", "--store", "elsewhere")
    assert job.times.zone == ZoneInfo("Europe/Berlin")
    assert job.times.expression.hours == {6}
    assert (job.timeout, job.jitter, job.catch_up) == tuple(timedelta(minutes=m) for m in (90, 10, 1440))


def test_a_job_with_only_the_required_keys(tmp_path: Path) -> None:
    # A path that does not exist now may exist when the job runs.
    (job,) = load(written(tmp_path, "jobs: [{name: a, schedule: '@daily', run: import hf-text inbox/}]"), CHECK).jobs
    assert (job.times.zone, job.timeout, job.jitter, job.catch_up) == (UTC, None, timedelta(), timedelta(seconds=60))


@pytest.mark.parametrize(("text", "seconds"), [("90s", 90), ("15m", 900), ("1h30m", 5400), ("2d", 172800), ("0s", 0)])
def test_durations(text: str, seconds: int) -> None:
    assert parse_duration(text) == timedelta(seconds=seconds)
    assert parse_duration(format_duration(timedelta(seconds=seconds))) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "10", "1.5h", "-5m", "5m 1h", "1m1h", "h", "10000d", "1:30", "٣m"])
def test_invalid_durations(text: str) -> None:
    with pytest.raises(ConfigError, match="is not a duration; write"):
        parse_duration(text)


def test_a_machine_without_zones_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dailypapers.cron.jobs.available_timezones", set)
    text = "jobs: [{name: a, schedule: '@daily', run: run, timezone: Nowhere/City}]"
    assert messages(written(tmp_path, text)) == [
        "1: timezone: this machine has no time zones, 'Nowhere/City' included; write UTC, or install tzdata"
    ]
