"""Row 2: from an answer of Hugging Face's API to validated JSON lines."""

import json
from dataclasses import asdict
from functools import partial

import orjson
from huggingface_hub.hf_api import PaperInfo

from dailypapers.parsers import parse
from dailypapers.parsers.model import Page
from dailypapers.snapshots.writer import day_bytes
from tests.benchmarks.mapping import record
from tests.benchmarks.same import check
from tests.benchmarks.served import DAY, SOURCE, served, size
from tests.benchmarks.table import Table, Target, figures
from tests.benchmarks.turns import Contender, take_turns

TURNS = 30
FLOOR, DICTS, HUB = "orjson loads + dumps", "json + dicts, not validated", "huggingface_hub PaperInfo + asdict, json"
TARGETS = (Target(FLOOR, 5.5), Target(DICTS, 1, below=True))
REMARK = "PaperInfo has other fields and cannot give ours; it is shown as what that library's users wait for"


def measure() -> list[Table]:
    answer = served().answer
    check(written(answer), mapped(answer.body), DICTS)
    contenders = [
        Contender("ours", "parsers.parse + day file, validated", partial(written, answer)),
        Contender("floor", FLOOR, lambda: orjson.dumps(orjson.loads(answer.body))),
        Contender("peer", DICTS, partial(mapped, answer.body)),
        Contender("peer", HUB, partial(by_hub, answer.body)),
    ]
    work = f"Hugging Face API answer ({size(answer)}) -> JSON lines"
    seconds = take_turns(contenders, TURNS)
    return [Table(2, work, figures(contenders, seconds), TARGETS, (REMARK,))]


def written(answer: Page) -> bytes:
    """Ours."""
    return day_bytes(parse(answer, "hf_api", source=SOURCE, day=DAY).papers)


def mapped(body: bytes) -> bytes:
    records = (record(item, DAY.isoformat(), rank) for rank, item in enumerate(json.loads(body), 1))
    return "\n".join(json.dumps(one, ensure_ascii=False) for one in records).encode()


def by_hub(body: bytes) -> bytes:
    """As `HfApi.list_daily_papers` makes them from an answer."""
    papers = (asdict(PaperInfo(**item)) for item in json.loads(body))
    return "\n".join(json.dumps(one, ensure_ascii=False, default=str) for one in papers).encode()
