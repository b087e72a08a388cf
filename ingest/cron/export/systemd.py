"""Jobs as systemd timers and services: https://www.freedesktop.org/software/systemd/man/latest/systemd.timer.html,
times as in https://www.freedesktop.org/software/systemd/man/latest/systemd.time.html.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Final

from ingest.cron.config import durations
from ingest.cron.config.dst import is_touched
from ingest.cron.config.jobs import Job, Jobs
from ingest.cron.schedule.expression import Expression

from .call import Call, Inexpressible, command, comments, is_set, runs, title

WEEKDAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
EVERY: Final = {"minutes": 60, "hours": 24, "days": 31, "months": 12, "weekdays": 7}

UNSAFE: Final = set("\"'\\")
"""What systemd takes nowhere in the path of a program (string_is_safe in its source)."""


def units(jobs: Jobs, call: Call, now: datetime) -> dict[str, str]:
    """The text of each unit, by its file name: a service and a timer for each job. Raises Inexpressible."""
    if set(str(call.program)) & UNSAFE:
        raise Inexpressible(
            [f"systemd starts no program whose path has a quote or a backslash: {call.program}; move it"]
        )
    found: dict[str, str] = {}
    for job in jobs.jobs:
        found[f"dailypapers-{job.name}.service"] = "\n".join(_service(job, call))
        found[f"dailypapers-{job.name}.timer"] = "\n".join(_timer(job, now))
    return found


def calendar(expression: Expression, zone: str) -> list[str]:
    """The values of OnCalendar: one line where both day fields must match, two where either does."""
    weekdays = _weekdays(expression.weekdays)
    days = _numbers(expression.days, EVERY["days"])
    if expression.both_days:
        chosen = [(weekdays, days)]
    elif not weekdays or days == "*":
        chosen = [("", "*")]
    else:
        chosen = [(weekdays, "*"), ("", days)]
    return [_line(expression, weekday, day, zone) for weekday, day in chosen]


def _line(expression: Expression, weekdays: str, days: str, zone: str) -> str:
    months = _numbers(expression.months, EVERY["months"])
    hours, minutes = _numbers(expression.hours, EVERY["hours"]), _numbers(expression.minutes, EVERY["minutes"])
    return f"{weekdays} *-{months}-{days} {hours}:{minutes}:00 {zone}".strip()


def _weekdays(numbers: Iterable[int]) -> str:
    """As systemd writes them, whose week begins on Monday; none where it is every day."""
    places = runs((number - 1) % 7 for number in numbers)
    if places == [(0, EVERY["weekdays"] - 1)]:
        return ""
    return ",".join(_range(WEEKDAYS[first], WEEKDAYS[last]) for first, last in places)


def _numbers(numbers: frozenset[int], every: int) -> str:
    if len(numbers) == every:
        return "*"
    return ",".join(_range(f"{first:02}", f"{last:02}") for first, last in runs(numbers))


def _range(first: str, last: str) -> str:
    return first if first == last else f"{first}..{last}"


def _service(job: Job, call: Call) -> Iterator[str]:
    yield from comments([f"Written by `dailypapers cron export systemd`; {title(job)}"])
    yield from ("[Unit]", f"Description=dailypapers {job.name}: {_plain(command(job))}")
    yield from ("Wants=network-online.target", "After=network-online.target", "", "[Service]", "Type=oneshot")
    if call.state:
        yield f"Environment={_word(f'DAILYPAPERS_STATE={call.state}')}"
    program, *words = call.words(job)
    # In the program's own path systemd replaces no variable, so that a $ there is not doubled.
    yield " ".join([f"ExecStart={_word(program)}", *(_word(word).replace("$", "$$") for word in words)])
    yield from comments(["The run ends its processes itself: TERM, and KILL after 20 s."])
    yield from ("TimeoutStopSec=30", "")


def _timer(job: Job, now: datetime) -> Iterator[str]:
    yield from comments([f"Written by `dailypapers cron export systemd`; {title(job)}"])
    if is_touched(job, now):
        yield "# Across a clock change systemd runs nothing of the skipped hour, and one of two like hours only."
    yield from ("[Unit]", f"Description=When dailypapers {job.name} runs", "", "[Timer]")
    yield from (f"OnCalendar={line}" for line in calendar(job.times.expression, job.timezone))
    yield "AccuracySec=1s"
    if is_set(job, "catch_up") and job.catch_up:
        yield f"# catch_up {durations.words(job.catch_up)}: systemd makes up for a missed time however late it is."
        yield "Persistent=true"
    yield from ("", "[Install]", "WantedBy=timers.target", "")


def _word(word: str) -> str:
    """A word of a command line: quoted, with systemd's specifiers escaped."""
    escaped = word.replace("\\", "\\\\").replace('"', '\\"')
    return _plain(f'"{escaped}"' if escaped != word or not word or set(word) & set(" \t';") else word)


def _plain(text: str) -> str:
    return text.replace("%", "%%")
