"""Runs command lines on a store, and notes what they print and write as text that is the same on every machine."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

import click
import pyarrow.parquet
import pytest

from dailypapers.cli.main import cli, main

MACHINE = {
    re.compile(r"http://127\.0\.0\.1:\d+"): "SITE",
    re.compile(r"\S+/dailypapers(?= --store)|\S+ -m dailypapers(?= --store)"): "PROGRAM",
    re.compile(r"(?<=machine whose zone is )[^:]+"): "ZONE",
    # A cursor has the time and number of its catalog.
    re.compile(r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\.[0-9a-f]{8}\."): "CATALOG.",
    # The name of an archive depends on the Python that wrote it.
    re.compile(r"(?<=\d{6}Z-)[0-9a-f]{8}(?=\.warc)"): "RUN",
    re.compile(r"(_run_(?:duration|waited|peak_memory)\w+\{[^}]*\}) \S+"): r"\1 MEASURED",
}
# Archives and rejects hold the port of their site.
WITH_PORT = re.compile(r'("file": "[^"]+\.(?:warc\.gz|rejects\.jsonl)",\s+"bytes": )\d+(,\s+"sha256": ")\w{64}')
CHECKSUM, DIGEST = re.compile(r'(?<="checksum": ")\w{64}'), re.compile(r"\b[0-9a-f]{64}\b")
MAIL = "from: papers@example.org\nrelay: smtp://127.0.0.1:25\nbase_url: https://papers.example.org\n"
CRON = """\
jobs:
  - {name: often, schedule: "*/15 * * * *", run: run, timeout: 1h, jitter: 10m, env: {DAILYPAPERS_CONTACT: a@b.example}}
"""
ZONED = """\
  - {name: weekly, schedule: "40 6 * * mon", timezone: Europe/Berlin, run: run hf-weekly, catch_up: 1d}
"""


class Outputs:
    """The outputs of one store by name; `folder` is that of the store, and the parent of what commands write."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder, self._capsys = folder, capsys
        self.store = folder / "store"
        self.texts: dict[str, str] = {}

    def run(self, now: datetime, *words: str | Path, name: str = "") -> str:
        """Run a command line and note its exit status, stdout and stderr; returns stdout."""
        self._capsys.readouterr()
        status = main(["--store", str(self.store), "--now", f"{now:%Y-%m-%dT%H:%M:%SZ}", *map(str, words)])
        out, err = self._capsys.readouterr()
        self.note(f"answers/{name or _file_name(words)}", f"exit status {status}\n{out}--- stderr\n{err}")
        return out

    def note(self, name: str, text: str) -> None:
        """Note a text without the ports, paths and release of this machine."""
        assert name not in self.texts, f"{name} is noted twice"
        text = text.replace(str(self.folder), "FOLDER").replace(version("dailypapers"), "RELEASE")
        for found, shown in MACHINE.items():
            text = found.sub(shown, text)
        self.texts[name] = text

    def files(self, group: str, folder: Path, *patterns: str) -> None:
        """Note the files that a pattern finds, but not what an output keeps for its next time (`.made.json`)."""
        paths = sorted({path for pattern in patterns or ("**/*",) for path in folder.glob(pattern) if path.is_file()})
        assert paths, f"{folder} has no files"
        for path in (path.relative_to(folder) for path in paths):
            if not any(part.startswith(".") for part in path.parts):
                text = CHECKSUM.sub("CHECKSUM", WITH_PORT.sub(r"\1N\2DIGEST", _text(folder / path)))
                self.note(f"{group}/{path}", DIGEST.sub("DIGEST", text) if group == "export" else text)

    def helps(self) -> None:
        """Note the `--help` of every command."""
        for words in _commands(cli):
            main([*words, "--help"])
            self.note("help/" + "_".join(("dailypapers", *words)), self._capsys.readouterr().out)


def _commands(command: click.Command, *words: str) -> Iterator[tuple[str, ...]]:
    yield words
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            child = command.get_command(context, name)
            assert child is not None
            yield from _commands(child, *words, name)


def _text(path: Path) -> str:
    """The text of a file; the schema and rows of Parquet, whose bytes depend on its library."""
    if path.suffix != ".parquet":
        return path.read_bytes().decode("utf-8", "backslashreplace")
    table = pyarrow.parquet.read_table(path)
    cells = (f"{name}: {_cell(value)}" for row in table.to_pylist() for name, value in row.items())
    return "\n".join([table.schema.to_string(show_schema_metadata=True), *cells])


def _cell(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, default=str, ensure_ascii=False)


def _file_name(words: tuple[str | Path, ...]) -> str:
    return re.sub(r"[^\w.=-]+", "_", " ".join(str(word) for word in words if not isinstance(word, Path))).strip("_")
