"""Row 15: how long `dailypapers mcp` takes until it answers an assistant's first message."""

import json
import subprocess
import sys
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from dailypapers.snapshots.store.layout import Store
from tests.benchmarks.table import Figure, Table, Target, figures
from tests.benchmarks.turns import Contender, NotMeasuredError, take_turns
from tests.support.written_days import paper, write_day

ROW: Final = 15
TURNS: Final = 10
MAX_MS: Final = 1500.0
OURS: Final = "dailypapers mcp"
FLOOR: Final = "python -c 'import mcp.server.lowlevel'"
LIMIT: Final = "limit"
INITIALIZE: Final = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "bench", "version": "1"}},
}


def measure() -> list[Table]:
    with TemporaryDirectory() as name:
        write_day(Store(Path(name)), [paper(1)])
        words = [f"{Path(sys.executable).with_name('dailypapers')}", "--store", name, "mcp"]
        contenders = [
            Contender("ours", OURS, partial(_first_answer, words)),
            Contender("floor", FLOOR, partial(_run, [sys.executable, "-c", "import mcp.server.lowlevel"])),
        ]
        found = figures(contenders, take_turns(contenders, TURNS))
    limit = Figure("limit", LIMIT, (MAX_MS,) * TURNS)
    return [Table(ROW, "start of the server, until its first answer", (*found, limit), (Target(LIMIT, 1.0),))]


def _first_answer(words: list[str]) -> None:
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as server:
        if server.stdin is None or server.stdout is None:
            raise NotMeasuredError(f"row {ROW}: no pipes")
        server.stdin.write(json.dumps(INITIALIZE).encode() + b"\n")
        server.stdin.flush()
        if b'"id":1' not in server.stdout.readline():
            raise NotMeasuredError(f"row {ROW}: {words[0]} does not answer")
        server.kill()


def _run(words: list[str]) -> None:
    subprocess.run(words, check=True)
