"""Jobs as systemd timers and services.

Units: https://www.freedesktop.org/software/systemd/man/latest/systemd.timer.html
Times: https://www.freedesktop.org/software/systemd/man/latest/systemd.time.html
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Final

from .export_program import Call, ExportError, crosses_clock_change, format_numbers, one_line, sets_catch_up, title
from .expression import Expression
from .jobs import Job, Jobs, format_duration

WEEKDAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
UNSAFE: Final = set("\"'\\")
"""What systemd refuses in the path of a program (string_is_safe in its source)."""


def units(jobs: Jobs, call: Call, now: datetime) -> dict[str, str]:
    """A service and a timer for each job: file names and texts. Raises ExportError."""
    if set(str(call.program)) & UNSAFE:
        raise ExportError(
            [f"systemd starts no program with a quote or a backslash in its path: {call.program}; move it"]
        )
    texts: dict[str, str] = {}
    for job in jobs.jobs:
        texts[f"dailypapers-{job.name}.service"] = "\n".join(_service(job, call))
        texts[f"dailypapers-{job.name}.timer"] = "\n".join(_timer(job, now))
    return texts


def calendar(expression: Expression, zone: str) -> list[str]:
    """The values of OnCalendar: one line where both day fields must match, two where either is enough."""
    weekdays = _weekdays(expression.weekdays)
    days = _numbers(expression.days, 31)
    if expression.both_days:
        chosen = [(weekdays, days)]
    elif not weekdays or days == "*":
        chosen = [("", "*")]
    else:
        chosen = [(weekdays, "*"), ("", days)]
    return [_line(expression, weekday, day, zone) for weekday, day in chosen]


def _line(expression: Expression, weekdays: str, days: str, zone: str) -> str:
    months, hours = _numbers(expression.months, 12), _numbers(expression.hours, 24)
    return f"{weekdays} *-{months}-{days} {hours}:{_numbers(expression.minutes, 60)}:00 {zone}".strip()


def _weekdays(numbers: Collection[int]) -> str:
    """As systemd writes them, with weeks that begin on Monday; empty for every day."""
    places = [(number - 1) % 7 for number in numbers]
    return "" if len(places) == 7 else format_numbers(places, "..", WEEKDAYS.__getitem__)


def _numbers(numbers: Collection[int], every: int) -> str:
    return "*" if len(numbers) == every else format_numbers(numbers, "..", "{:02}".format)


def _service(job: Job, call: Call) -> Iterator[str]:
    yield f"# Written by `dailypapers cron export systemd`; {title(job)}"
    yield from ("[Unit]", f"Description=dailypapers {job.name}: {_escape(one_line(job))}")
    yield from ("Wants=network-online.target", "After=network-online.target", "", "[Service]", "Type=oneshot")
    if call.state:
        yield f"Environment={_word(f'DAILYPAPERS_STATE={call.state}')}"
    program, *words = call.command_line(job)
    # systemd expands no variables in the path of the program, so a $ there is not doubled.
    yield " ".join([f"ExecStart={_word(program)}", *(_word(word).replace("$", "$$") for word in words)])
    yield "# The run ends its processes itself: SIGTERM, and SIGKILL after 20 s."
    yield from ("TimeoutStopSec=30", "")


def _timer(job: Job, now: datetime) -> Iterator[str]:
    yield f"# Written by `dailypapers cron export systemd`; {title(job)}"
    if crosses_clock_change(job, now):
        yield "# At a clock change, systemd runs nothing in the skipped hour, and runs only once in the repeated hour."
    yield from ("[Unit]", f"Description=When dailypapers {job.name} runs", "", "[Timer]")
    yield from (f"OnCalendar={line}" for line in calendar(job.times.expression, job.timezone))
    yield "AccuracySec=1s"
    if sets_catch_up(job) and job.catch_up:
        yield f"# catch_up {format_duration(job.catch_up)}: systemd makes up for a missed time however late it is."
        yield "Persistent=true"
    yield from ("", "[Install]", "WantedBy=timers.target", "")


def _word(word: str) -> str:
    """A word of a command line, quoted where needed, with systemd's specifiers escaped."""
    escaped = word.replace("\\", "\\\\").replace('"', '\\"')
    return _escape(f'"{escaped}"' if escaped != word or not word or set(word) & set(" \t';") else word)


def _escape(text: str) -> str:
    return text.replace("%", "%%")
