"""One case: command lines taken from click's own tables, an environment, and the encoding of the streams."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Final

import click

from dailypapers.cli.main import cli
from dailypapers.cli.options import Count, Seconds
from dailypapers.ingest.sources.registry import SOURCES
from tests.fuzz.command.damage import INCOMING, damage, write_incoming
from tests.fuzz.command.mutation import mutated, odd_text
from tests.fuzz.command.template import Template

SECRET: Final = "hf_fuzzS3cretT0ken9"
"""The value of every token and password of a case, in the form of real ones; no output may contain it."""
_DAYS: Final = (
    "2025-12-08",
    "2025-12-09",
    "2025-12-10",
    "2025-12-10",
    "2025-12-11",
    "2025-12-12",
    "2025-W50",
    "2025-12",
    "today",
    "yesterday",
)
_TIMES: Final = (
    "2025-12-12T12:00:00Z",
    "2025-12-14T09:30:00+02:00",
    "2025-12-10",
    "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59Z",
)
_PATHS: Final = (
    INCOMING,
    "store",
    "store/hf-daily",
    "new/deep",
    "cron.yaml",
    "metrics.prom",
    "x.prom",
    "missing",
    ".",
    "",
    "\x1b]0;x\x07",
    "store\x00",
    "/dev/null",
    "/dev/full/x",
    "caf\udce9",
    "-",
)
_TEXTS: Final = {
    "DAY": _DAYS,
    "TIME": _TIMES,
    "NAME=URL": (
        "hf={origin}",
        "arxiv={origin}",
        "hf-daily={origin}",
        "x=y",
        "hf=http://a:99999",
        "hf=http://u:{secret}@h/",
    ),
    "SITE": ("{origin}", "huggingface.co", "all", "hf-daily"),
    "ID": ("last", "1", "2025", "../x"),
    "VIEW": ("api", "html", "cards"),
    "ITEMS": ("3", "2,5-7", "0", "9" * 30, "5-2", "2512.00001", "1-99999999999"),
    "NAME": ("api-2025-x", "../x", "2025", "\x1b"),
    "IMAGE": ("img:1", "bad image\n"),
    "TEXT": ("lamps", "caf\xe9", "\x1b[31m", "x" * 3000, "#fragment&a=b"),
}
_NUMBERS: Final = ("0", "1", "1", "1", "2", "3", "100", "nan", "inf", "1e9")
_WORDS: Final = ("one", "2512.00001", "https://huggingface.co/papers/2512.00001", "2512.00001v9", "arXiv:1")
_JOBS: Final = """jobs:
  - name: one
    schedule: "{schedule}"
    timezone: {timezone}
    run: {run}
    timeout: {length}
    jitter: {length}
    catch_up: {length}
    env:
      HF_ENDPOINT: {origin}
    on:
      failure: {hook}
      attention: {hook}
"""


@dataclass(frozen=True, slots=True)
class Case:
    """What one seed stands for. Command lines run one after the other, against a server with the same seed."""

    seed: int
    commands: tuple[tuple[str, ...], ...]
    environment: dict[str, str]
    encoding: tuple[str, str]
    """Encoding and error handler of stdout."""
    has_user: bool
    """Whether the user has an entry in the password database."""
    stop: tuple[float, int] | None
    """After how many seconds which signal is sent."""

    @property
    def shown(self) -> Iterator[str]:
        """Environment and command lines as one would type them."""
        yield " ".join(f"{name}={shlex.quote(value)!a}" for name, value in self.environment.items())
        yield from (f"dailypapers {shlex.join(words)!a}" for words in self.commands)


def is_scheduler(words: tuple[str, ...]) -> bool:
    """Whether a command line may start jobs, and would run until it is stopped."""
    return "cron" in words and "run" in words


def runs_until_stopped(words: tuple[str, ...]) -> bool:
    """Whether a command line would run until it is stopped."""
    return is_scheduler(words) or "serve" in words or "mcp" in words


def make_case(seed: int, template: Template, folder: Path, origin: str) -> Case:
    """Draw a case and write its files into a new folder, which becomes the working directory."""
    rng = Random(seed)
    folder.mkdir(parents=True)
    if rng.random() < 0.75:
        template.copy(folder)
        damage(rng, folder)
    write_incoming(rng, template, folder)
    commands = tuple(_command_line(rng, origin) for _ in range(rng.choice((1, 1, 2, 3))))
    starts_jobs = any(map(is_scheduler, commands))
    jobs = _jobs(rng, origin).encode("utf-8", "replace")
    # A changed hook could be any command, so a file whose jobs may be started has the hooks above.
    (folder / "cron.yaml").write_bytes(jobs if starts_jobs or rng.random() < 0.5 else mutated(rng, jobs))
    stop = (rng.uniform(0.0, 0.6), rng.choice((1, 2, 15))) if rng.random() < 0.04 else None
    encoding = rng.choice(
        (("utf-8", "strict"),) * 4 + (("ascii", "surrogateescape"), ("latin-1", "strict"), ("ascii", "strict"))
    )
    environment = _environment(rng, folder, origin)
    if starts_jobs:
        environment |= {"HF_ENDPOINT": origin, "DAILYPAPERS_STATE": str(folder / "state")}
        environment.pop("HF_TOKEN", None)
    return Case(seed, commands, environment, encoding, rng.random() < 0.5, stop)


def _command_line(rng: Random, origin: str) -> tuple[str, ...]:
    context = click.Context(cli, info_name="dailypapers")
    command, names = _drawn(rng, cli, context)
    words = [word for parameter in command.params for word in _words(rng, parameter, origin)]
    if "--store" not in words and rng.random() < 0.9:
        names = ["--store", "store", *names]
    if "--now" not in words and rng.random() < 0.95:
        names = ["--now", rng.choice(_TIMES[:2]), *names]
    if rng.random() < 0.03:
        words.insert(
            rng.randrange(len(words) + 1), rng.choice(("--help", "--version", "--unknown", "--", odd_text(rng)))
        )
    filled = [word.replace("{origin}", origin).replace("{secret}", SECRET) for word in (*names, *words)]
    # No argument of a process holds a NUL, and one that is not Unicode comes as the bytes of a lone surrogate.
    return tuple(word.replace("\0", "").replace("\ud800", "\udced") for word in filled)


def _drawn(rng: Random, command: click.Command, context: click.Context) -> tuple[click.Command, list[str]]:
    """A command without subcommands, or a group that is called without one, and the names that lead to it."""
    names: list[str] = []
    while isinstance(command, click.Group) and (not names or rng.random() < 0.9):
        name = rng.choice([*command.list_commands(context), *(["run", "import"] if not names else [])])
        found = command.get_command(context, name)
        if found is None:
            raise LookupError(name)
        command, names = found, [*names, name]
    return command, names


def _words(rng: Random, parameter: click.Parameter, origin: str) -> list[str]:
    share = 0.93 if parameter.required else 0.5 if isinstance(parameter, click.Argument) else 0.2
    if rng.random() >= share:
        return []
    if isinstance(parameter, click.Option) and (parameter.is_flag or parameter.count):
        return [rng.choice(parameter.opts)]
    values = [_value(rng, parameter) for _ in range(rng.randint(1, 3) if parameter.nargs == -1 else 1)]
    return [rng.choice(parameter.opts), *values] if isinstance(parameter, click.Option) else values


def _value(rng: Random, parameter: click.Parameter) -> str:
    if rng.random() >= 0.08:
        return rng.choice(_values(parameter))
    text = odd_text(rng)
    # A path stays in the working directory: `import /` would read the machine.
    return text.lstrip("/") if isinstance(parameter.type, click.Path | click.File) else text


def _values(parameter: click.Parameter) -> Sequence[str]:
    kind, metavar = parameter.type, parameter.metavar or ""
    if isinstance(kind, click.Choice):
        return [str(choice) for choice in kind.choices]
    if isinstance(kind, click.IntRange | click.FloatRange | Count | Seconds):
        return _NUMBERS
    if isinstance(kind, click.Path | click.File):
        return ("store", "store", *_PATHS) if parameter.name == "store" else (INCOMING, INCOMING, *_PATHS)
    if "source" in (parameter.name or ""):
        return ("hf-daily", "hf-daily", *SOURCES)
    return _TEXTS.get(metavar, _WORDS)


def _jobs(rng: Random, origin: str) -> str:
    values = {
        "schedule": rng.choice(
            ("* * * * *", "17 * * * *", "@daily", "0 0 31 2 *", "1-99/0 * * * *", odd_text(rng)[:99])
        ),
        "timezone": rng.choice(("UTC", "Europe/Berlin", "../../etc/passwd", "Nowhere/X", odd_text(rng)[:99])),
        "run": rng.choice(("run hf-daily --max-wait 0", "status", "build --jobs 1", "runs", "x", "run --day", "'run")),
        "length": rng.choice(("5s", "10m", "0s", "-1s", "1e9d", odd_text(rng)[:99])),
        "hook": rng.choice(("true", "exit 3", "echo $DAILYPAPERS_STATUS", "printf '\\033]0;x\\007'", "kill -9 $$")),
    }
    return _JOBS.format(origin=origin, **{name: value.replace("\n", " ") for name, value in values.items()})


def _environment(rng: Random, folder: Path, origin: str) -> dict[str, str]:
    drawn: dict[str, Sequence[str | None]] = {
        "PATH": ["/usr/bin:/bin"],
        "HOME": [str(folder / "home"), "", None],
        "HF_ENDPOINT": [origin] * 12
        + [None, "", f"http://u:{SECRET}@127.0.0.1:1", "http://[bad", "ftp://x", "http://caf\xe9\x1b"],
        "HF_TOKEN": [None, SECRET, SECRET, f" {SECRET}\n", f"{SECRET}\xe9", f"{SECRET}\x1b\r\nX: y"],
        "DAILYPAPERS_STATE": [str(folder / "state")] * 6
        + [None, "", "cron.yaml", "store", "/dev/null/x", "st\udce9te"],
        "DAILYPAPERS_STORE": [None, None, "store", "cron.yaml", "\x1b[31m"],
        "DAILYPAPERS_BUDGET": [None] * 6
        + ["hf-api=1/1", "hf-api=0/0", "hf-pages=1/1e9", "x=1/1", "hf-api=9/9,", "\x1b=\xb2/1"],
        "DAILYPAPERS_CONTACT": [None] * 4 + ["you@example.org", "caf\xe9\r\nX: y", f"http://u:{SECRET}@h/"],
        "DAILYPAPERS_LOG_FORMAT": ["human", "human", "human", None, "json", "x\x1b"],
        "DAILYPAPERS_METRICS_FILE": [None] * 8 + ["m.prom", "missing/m.prom", "m.txt", "\x1b.prom"],
        "XDG_STATE_HOME": [None, None, str(folder / "xdg"), "relative"],
        "TERM": [None, "dumb", "xterm-256color", "\x1b"],
        "COLUMNS": [None, None, "0", "-1", "x", "10", "9" * 30],
        "NO_COLOR": [None, "1", ""],
        "LANG": ["C", "en_US.UTF-8", "xx\x1b", None],
        "TZ": [None, None, "UTC", "Asia/Kathmandu", "nowhere\xe9"],
        "HTTP_PROXY": [None] * 12 + [f"http://u:{SECRET}@127.0.0.1:1", "x://", "http://[bad"],
        "SSL_CERT_FILE": [None] * 20 + ["missing.pem", "cron.yaml"],
    }
    chosen = {name: rng.choice(values) for name, values in drawn.items()}
    return {name: value for name, value in chosen.items() if value is not None}
