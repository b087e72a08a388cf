"""Each mistake in `cron.yaml` by itself: its line, what is wrong, and what to write instead."""

from __future__ import annotations

from itertools import count
from pathlib import Path

import pytest

from dailypapers.cron.jobs import load
from dailypapers.outputs.yaml_file import MAX_BYTES, MAX_DEPTH
from tests.cron.jobs import CHECK, messages, written

JOB_LIST = "; write jobs:, and below it a list that begins with - name: hf-daily"
NO_FILE = f"1: the file must be keys with values{JOB_LIST}"
NO_JOBS = f"1: jobs must be a list whose entries begin with -{JOB_LIST}"
LIKE_THE_DEFAULT = "; write the jobs as in the default cron.yaml"
NESTED = f"nested too deep{LIKE_THE_DEFAULT}"
INDENT = "; indent with two spaces, and put values with special characters in quotes"
COLON = "one colon too many, or a wrong indent"
QUOTES = "; put a value with a colon in quotes"
NO_COMMAND = "a character that no command can take (NUL, or half of a surrogate pair); write it without"
NO_DURATION = "is not a duration; write a duration such as 90s, 15m, 1h30m or 2d"
NO_NAME = "is not a job name; write lower case letters, digits and hyphens, 52 at most, such as hf-daily"
NO_VARIABLE = "is not a variable name; write letters, digits and _, such as HF_TOKEN"
ENV = "2: env must be keys with values; write env:, and below it lines such as HF_TOKEN: hf_..."
ON = "2: on must be keys with values; write on:, and below it success:, failure: or attention:"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", NO_FILE),
        ("- name: x", NO_FILE),
        ("jobs:", NO_JOBS),
        ("jobs: x", NO_JOBS),
        ("jobs: {a: b}", NO_JOBS),
        ("\ufeffjobs:", NO_JOBS),
        ("jobs: []", "1: jobs: the list is empty; write at least one job, beginning with - name: hf-daily"),
        ("jobs:\n\t- name: x", "2: a tab; indent with spaces"),
        ("jobs:\n  - name: x\n  \trun: y", "3: a tab; indent with spaces"),
        ("jobs:\r\n\t- name: *x", "2: a tab; indent with spaces"),
        (
            "jobs:\n  - schedule: */5 * * * *",
            "2: a value that starts with '*' needs quotes in YAML; write schedule: \"*/5 * * * *\"",
        ),
        ("a:\n  b: @daily", "2: a value that starts with '@' needs quotes in YAML; write b: \"@daily\""),
        ("a:\n  b: %x: y", "2: a value that starts with '%' needs quotes in YAML; write b: \"%x: y\""),
        ("a: `x`", f"1: found character '`' that cannot start any token ('a: `x`'){INDENT}"),
        ("jobs:\n  - name: a: b", f"2: {COLON} ('- name: a: b'){QUOTES}"),
        ("jobs:\n  - name: x\n     run: y", f"3: {COLON} ('run: y'){QUOTES}"),
        (
            "jobs:\n  - name: x\n   run: y",
            f"3: expected <block end>, but found '<block mapping start>' ('run: y'){INDENT}",
        ),
        ("a: 'x\n\nb", f"3: found unexpected end of stream ('b'){INDENT}"),
        ("a: 'x\n\ty", f"2: found unexpected end of stream ('y'){INDENT}"),
        ("jobs: [a", f"1: expected ',' or ']', but got '<stream end>' ('jobs: [a'){INDENT}"),
        ("jobs: [a\n\n", f"3: expected ',' or ']', but got '<stream end>' (''){INDENT}"),
        ("jobs: 1\n---\njobs: 2", f"2: but found another document ('---'){INDENT}"),
        (b"jobs:\n  - name: \xff", "2: byte 0xff is not UTF-8; save the file as UTF-8"),
        (b"\n\xff", "2: byte 0xff is not UTF-8; save the file as UTF-8"),
        (b"jobs:\n\n - \xc3", "3: byte 0xc3 is not UTF-8; save the file as UTF-8"),
        ("a\0b", "1: the character U+0000 cannot be in YAML; remove it"),
        ("jobs:\n  - name: x\n    run: y\x1b[1m\n", "3: the character U+001B cannot be in YAML; remove it"),
        ("x" * (MAX_BYTES + 1), f"1: the file has more than {MAX_BYTES} bytes{LIKE_THE_DEFAULT}"),
        ("x" * MAX_BYTES, NO_FILE),
    ],
    ids=map(str, count()),
)
def test_a_file_that_is_not_yaml_or_holds_no_jobs(tmp_path: Path, text: str | bytes, message: str) -> None:
    assert messages(written(tmp_path, text)) == [message]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("? [a]\n: b", [f"1: a key that is a list, or has keys itself{LIKE_THE_DEFAULT}"]),
        (
            "jobs:\n  - {name: x, schedule: '@daily', run: run}\n\n{a: b}: c",
            [f"4: a key that is a list, or has keys itself{LIKE_THE_DEFAULT}"],
        ),
        # What comes after a mistake is read as well.
        (
            "? [a]\n: b\njobs: x",
            [f"1: a key that is a list, or has keys itself{LIKE_THE_DEFAULT}", NO_JOBS.replace("1", "3", 1)],
        ),
        (
            "jobs: x\njobs: y\nz: 1",
            [NO_JOBS, "2: the key 'jobs' is also in line 1; write it once", "3: unknown key 'z'; known are jobs"],
        ),
        ("jobs:\n  - &a [*a]", [f"2: {NESTED}", "2: a job must be keys with values"]),
        ("- " * MAX_DEPTH + "a", [NO_FILE]),
        # Once for the whole file.
        ("\n".join(["- " * (MAX_DEPTH + 1) + "a"] * 2), [f"1: {NESTED}", NO_FILE]),
        (
            "a: 1\njobs: 2\na: 2",
            [
                "1: unknown key 'a'; known are jobs",
                NO_JOBS.replace("1", "2", 1),
                "3: the key 'a' is also in line 1; write it once",
            ],
        ),
        (
            "jobs:\n  - 1\n  - [a]\n  - {}",
            [
                "2: a job must be keys with values",
                "3: a job must be keys with values",
                "4: 'name' is missing; write name: hf-daily",
                "4: 'schedule' is missing; write schedule: \"17 * * * *\"",
                "4: 'run' is missing; write run: run",
            ],
        ),
    ],
    ids=map(str, count()),
)
def test_a_file_with_several_mistakes(tmp_path: Path, text: str, lines: list[str]) -> None:
    assert messages(written(tmp_path, text)) == lines


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ("zone: UTC", "2: unknown key 'zone'; did you mean 'timezone'?"),
        (
            "tz: UTC",
            "2: unknown key 'tz'; known are name, schedule, timezone, run, timeout, jitter, catch_up, env, on",
        ),
        ("on: {qq: x}", "2: unknown key 'qq'; known are success, failure, attention"),
        ("on: x", ON),
        ("on: [x]", ON),
        ("on: {failure: ' '}", "2: failure: no command; write one for `sh -c`, or leave the key out"),
        ('on: {failure: "a\\0b"}', f"2: failure: {NO_COMMAND}"),
        ('run: "run \\0"', f"2: run: {NO_COMMAND}"),
        ('run: "run \\ud800"', f"2: run: {NO_COMMAND}"),
        ("run: dailypapers", "2: run: 'dailypapers' begins with dailypapers; write run"),
        (
            "run: dailypapers   run  hf-daily",
            "2: run: 'dailypapers   run  hf-daily' begins with dailypapers; write run hf-daily",
        ),
        (
            "run: sources please",
            "2: run: Got unexpected argument (please); see `dailypapers sources --help`",
        ),
        (
            "run: run --max-wait soon",
            "2: run: Invalid value for '--max-wait': 'soon' is not a valid number of seconds; "
            "see `dailypapers run --help`",
        ),
        ("run: import", "2: run: Missing argument 'SOURCE'; see `dailypapers import --help`"),
        ("timezone: ''", "2: timezone: unknown time zone ''; write a name such as Europe/Berlin"),
        ("timezone: ../../etc", "2: timezone: unknown time zone '../../etc'; write a name such as Europe/Berlin"),
        ("timezone: Europe/Pariss", "2: timezone: unknown time zone 'Europe/Pariss'; write Europe/Paris"),
        ("jitter: ", f"2: jitter: '' {NO_DURATION}"),
        ("jitter: 5 m", f"2: jitter: '5 m' {NO_DURATION}"),
        ("timeout: [1]", f"2: timeout: ['1'] {NO_DURATION}"),
        ("env: x", ENV),
        ("env: []", ENV),
        ('env: {A: "\\0"}', f"2: A: {NO_COMMAND}"),
        ("env: {A: [1]}", "2: A must be one line of text"),
        ("env: {'': b}", f"2: env: '' {NO_VARIABLE}"),
        (f"name: {'a' * 53}", f"2: name: '{'a' * 53}' {NO_NAME}"),
        ("name: a-", f"2: name: 'a-' {NO_NAME}"),
        ("name: [a]", "2: name must be one line of text; write name: hf-daily"),
    ],
    ids=map(str, count()),
)
def test_a_wrong_value(tmp_path: Path, keys: str, message: str) -> None:
    job = {"name": "x", "schedule": "'@daily'", "run": "run"} | dict([keys.split(": ", 1)])
    content = ", ".join(f"{key}: {value}" for key, value in job.items())
    assert messages(written(tmp_path, f"jobs:\n  - {{{content}}}")) == [message]


def test_two_jobs_of_one_name_in_one_line_are_a_mistake(tmp_path: Path) -> None:
    job = "{name: x, schedule: '@daily', run: run}"
    again = "the job in line 1 is called 'x' too; write another name"
    assert messages(written(tmp_path, f"jobs: [{job}, {job}]")) == [f"1: {again}"]
    assert messages(written(tmp_path, f"jobs: [&x {job},\n  *x, *x]")) == [f"1: {again}"] * 2


def test_the_line_of_a_name_that_is_used_twice(tmp_path: Path) -> None:
    job = "\n- run: run\n  schedule: '@daily'\n  name: x"
    assert messages(written(tmp_path, f"jobs:{job}{job}{job}")) == [
        "7: the job in line 4 is called 'x' too; write another name",
        "10: the job in line 4 is called 'x' too; write another name",
    ]


def test_names_that_are_used_twice_are_found_beside_jobs_without_one(tmp_path: Path) -> None:
    jobs = "\n- ".join(["", "[a]", "{name: [x]}", "{}", *["{name: x, schedule: '@daily', run: run}"] * 2])
    assert messages(written(tmp_path, f"jobs:{jobs}"))[-1] == (
        "6: the job in line 5 is called 'x' too; write another name"
    )


def test_text_that_is_not_ascii_is_taken_where_a_command_can_take_it(tmp_path: Path) -> None:
    keys = "run: run hf-search --query Łukasz, env: {A: 強化}, on: {failure: echo ä}"
    text = f"jobs: [{{name: x, schedule: '@daily', {keys}}}]"
    (job,) = load(written(tmp_path, text), CHECK).jobs
    assert (job.arguments[-1], job.env, job.on.failure) == ("Łukasz", {"A": "強化"}, "echo ä")


def test_a_job_that_is_repeated_by_an_alias_with_another_name(tmp_path: Path) -> None:
    text = f"jobs: [{{name: {'a' * 52}, schedule: &at '@daily', run: run}}, {{name: b, schedule: *at, run: run}}]"
    assert [job.schedule for job in load(written(tmp_path, text), CHECK).jobs] == ["@daily", "@daily"]
