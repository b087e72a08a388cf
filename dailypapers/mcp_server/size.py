"""Answers of limited size: how many entries fit into one, where the next one begins, and how much of a text."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

from pydantic import BaseModel

from .errors import ToolError

MAX_BYTES: Final = 98_000
"""Of an answer as it is sent, so that the whole message has less than 100 kB."""
_LENGTHS: Final = (20_000, 4_000, 500, 100)

AnswerModel = TypeVar("AnswerModel", bound=BaseModel)


def sent_bytes(answer: BaseModel) -> int:
    """The bytes of an answer in its message: it is sent as JSON and, for clients that read text only, in a string."""
    text = answer.model_dump_json()
    return len(text.encode()) + len(json.dumps(text, ensure_ascii=False).encode())


def fit(make: Callable[[int], AnswerModel], count: int) -> AnswerModel:
    """The answer with as many entries as fit, `count` at most; `make` gives that with some number of entries."""
    while True:
        answer = make(count)
        size = sent_bytes(answer)
        if size <= MAX_BYTES or count <= 1:
            return answer
        count = max(1, min(count - 1, count * MAX_BYTES // size))


def offset(cursor: str | None) -> int:
    """The number of entries before a page. Raises ToolError for what is not the cursor of one."""
    if cursor is None:
        return 0
    if not cursor.isascii() or not cursor.isdigit() or len(cursor) > 9:
        raise ToolError(f"{cursor[:50]!r} is not a cursor; give the `cursor` of the answer before, or none")
    return int(cursor)


def next_page(start: int, count: int, total: int) -> str | None:
    """The cursor after a page of `count` entries, of `total`; None after the last one, and after a page without any."""
    return f"{start + count}" if count and start + count < total else None


def short(text: str, length: int) -> str:
    """The text, or its beginning."""
    return text if len(text) <= length else text[: length - 1] + "…"


def short_record(record: Mapping[str, Any], fits: Callable[[dict[str, Any]], bool]) -> tuple[dict[str, Any], bool]:
    """A record whose texts and lists are cut until it fits, and whether anything was cut."""
    for length in _LENGTHS:
        cut = {name: _cut(value, length) for name, value in record.items()}
        if fits(cut):
            break
    return cut, cut != record


def _cut(value: Any, length: int) -> Any:  # noqa: ANN401 - any JSON value
    if isinstance(value, str):
        return short(value, length)
    if isinstance(value, list):
        return [_cut(each, length) for each in value[: length // 20]]
    if isinstance(value, dict):
        return {short(name, length): _cut(each, length) for name, each in list(value.items())[: length // 20]}
    return value
