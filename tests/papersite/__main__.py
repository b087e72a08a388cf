"""`python -m tests.papersite`: runs a paper site until SIGINT or SIGTERM."""

import argparse
import signal
import sys
import threading
from datetime import UTC, date, datetime
from pathlib import Path

from tests.papersite.eras import NAMED
from tests.papersite.moving import Moving
from tests.papersite.script import Still
from tests.papersite.site import NOON, PaperSite


def main(arguments: list[str] | None = None) -> int:
    options = _options().parse_args(arguments)
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    try:
        site = _site(options)
        with site:
            print(
                f"{site.url} serves {_what(options, site)}; its clock says {site.now:%Y-%m-%dT%H:%M:%SZ}",
                flush=True,
            )
            ended.wait()
    except OSError as error:
        print(f"papersite: {error}", file=sys.stderr)
        return 3
    return 0


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.papersite", description="Serve invented papers.")
    add = parser.add_argument
    add("--port", type=int, default=0, help="default: any free one")
    add("--seed", type=int, default=1, help="another number gives other papers")
    add("--now", type=_moment, default=NOON, help="the site's clock, such as 2025-12-19T12:00:00Z")
    add("--era", type=_era, default=2026, help="2024, 2026 or a date: how pages and items looked then")
    add("--size", type=_size, action="append", metavar="[DAY=]N", help="papers of a day, or of every working day")
    add("--moving", action="store_true", help="days fill and papers move over time, up to --now")
    add("--captures", type=Path, metavar="DIR", help="serve these captured answers instead of invented ones")
    add("--remembered", type=int, default=128, help="finished pages to keep in memory (default: 128)")
    return parser


def _site(options: argparse.Namespace) -> PaperSite:
    given: list[tuple[date | None, int]] = options.size or []
    usual = [number for day, number in given if day is None]
    sizes = usual[-1] if usual else {day: number for day, number in given if day}
    return PaperSite(
        script=(Moving if options.moving else Still)(options.seed, sizes),
        era=options.era,
        captures=options.captures,
        now=options.now,
        port=options.port,
        remembered=options.remembered,
    )


def _what(options: argparse.Namespace, site: PaperSite) -> str:
    if options.captures:
        return f"{site.content} of {options.captures}"
    return f"invented papers of seed {options.seed}, era {options.era}"


def _moment(text: str) -> datetime:
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a time such as 2025-12-19T12:00:00Z") from None
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a date such as 2025-12-08") from None


def _era(text: str) -> int | date:
    return int(text) if text.isdigit() and int(text) in NAMED else _day(text)


def _size(text: str) -> tuple[date | None, int]:
    day, _, number = text.rpartition("=")
    if not number.isdigit():
        raise argparse.ArgumentTypeError(f"{text!r} is neither N nor DAY=N")
    return _day(day) if day else None, int(number)


if __name__ == "__main__":
    sys.exit(main())
