"""`python -m tests.picture`: the README's picture, an SVG of a terminal with what the commands of the demo print.

The page that embeds it may be light or dark, so the picture has its own background; it needs no font from elsewhere.
"""

from __future__ import annotations

import io
import os
import pty
import re
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console, RenderableType
from rich.terminal_theme import TerminalTheme
from rich.text import Text

import dailypapers
from tests import demo

ROOT = Path(__file__).parent.parent
PICTURE = ROOT / "docs" / "terminal.svg"
WIDTH = 120
COMMENTS = (
    "the API is throttled and answers with an empty list for the 9th",
    "the API works again",
    "a second whole fetch without a new paper closes a day",
)
OPTIONS = ("", "", " --quiet")
# Contrast with the background is at least 5:1 for each of the colours that the command line uses.
THEME = TerminalTheme(
    (22, 27, 34),
    (230, 237, 243),
    [
        (110, 118, 129),
        (255, 123, 114),
        (86, 211, 100),
        (227, 179, 65),
        (121, 192, 255),
        (210, 168, 255),
        (86, 212, 221),
        (230, 237, 243),
    ],
    [
        (139, 148, 158),
        (255, 161, 152),
        (126, 231, 135),
        (242, 204, 96),
        (165, 214, 255),
        (226, 197, 255),
        (179, 240, 255),
        (255, 255, 255),
    ],
)
FORMAT = """\
<svg viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg" role="img" aria-labelledby="picture-title">
<title id="picture-title">Three runs of dailypapers in a terminal: a day that is partial heals and is closed</title>
<style>
.{unique_id}-matrix {{
font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", "Liberation Mono", monospace;
font-size: {char_height}px;
line-height: {line_height}px;
}}
.{unique_id}-title {{ font: bold 18px system-ui, sans-serif; }}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal">
<rect x="0" y="0" width="{terminal_width}" height="{terminal_height}"/>
</clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix" xml:space="preserve">
{matrix}
</g>
</g>
</svg>
"""


def picture() -> str:
    """The SVG."""
    console = Console(record=True, width=WIDTH, file=io.StringIO(), highlight=False)
    for line in lines():
        console.print(line)
    svg = console.export_svg(
        title="dailypapers", theme=THEME, code_format=FORMAT, unique_id="t", font_aspect_ratio=0.61
    )
    return re.sub("<text [^>]*>\n</text>", "\n", svg)  # line ends are no text


def lines() -> Iterator[RenderableType]:
    """What a terminal shows of the three runs of the demo, and the states of the week after each."""
    states = []
    with tempfile.TemporaryDirectory() as folder, demo.week() as site:
        for fetch, comment, options in zip(demo.FETCHES, COMMENTS, OPTIONS, strict=True):
            site.now, site.switches[:] = fetch.now, list(fetch.faults)
            yield Text(f"# {fetch.now:%A %d %B, %H:%M}: {comment}", style="bright_black")
            yield Text.assemble(("$ ", "bold green"), (f"dailypapers run --since {demo.MONDAY}{options}", "bold"))
            yield from _printed(Path(folder), fetch, f"run{options}")
            yield Text()
            days = dailypapers.open(folder, now=fetch.now).days("hf-daily")
            states.append({day.day: day.state for day in days})
        yield Text.assemble(("$ ", "bold green"), (f"dailypapers status --since {demo.MONDAY}", "bold"))
        yield from _printed(Path(folder), demo.FETCHES[-1], "status")
    yield Text("\n# the week, as each run left it", style="bright_black")
    yield demo.table_of_states(states)


def _printed(folder: Path, fetch: demo.Fetch, command: str) -> Iterator[Text]:
    words = ["--store", f"{folder}", "--now", fetch.now.isoformat(), *command.split()]
    terminal = {"DAILYPAPERS_STATE": f"{folder}/state", "TERM": "xterm-256color", "COLUMNS": f"{WIDTH}"}
    environment = {name: value for name, value in os.environ.items() if name != "NO_COLOR"} | terminal
    command_line = [sys.executable, "-m", "dailypapers", *words, "--since", f"{demo.MONDAY}"]
    for line in terminal_output(command_line, environment).splitlines():
        yield Text.from_ansi(line)


def terminal_output(command: list[str], environment: dict[str, str]) -> str:
    """What a command prints when its standard output and standard error are a terminal."""
    parent, child = pty.openpty()
    chunks: list[bytes] = []
    reader = threading.Thread(target=_read, args=(parent, chunks))
    reader.start()
    try:
        subprocess.run(command, env=environment, cwd=ROOT, stdin=child, stdout=child, stderr=child, check=True)
    finally:
        os.close(child)
        reader.join()
        os.close(parent)
    return b"".join(chunks).decode()


def _read(terminal: int, chunks: list[bytes]) -> None:
    try:
        while chunk := os.read(terminal, 65536):
            chunks.append(chunk)
    except OSError:  # the last process on the terminal ended
        return


if __name__ == "__main__":
    PICTURE.write_text(picture(), "utf-8")
