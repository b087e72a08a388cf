"""Twenty papers of one listing, with titles in several scripts."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Final

from dailypapers.parsers.model import Paper
from tests.papersite.script import Still
from tests.support.written_days import paper

DAY: Final = date(2025, 12, 3)
_AT: Final = datetime(2024, 6, 1, tzinfo=UTC)
_OTHER_SCRIPTS: Final = (
    "Łódka: Żeglowanie po Ważonych Grafach",
    "Обучение Разреженных Карт Без Разметки",
    "تعلم الخرائط المتفرقة دون تسميات",
    "Ökologische Übersetzung ähnlicher Sätze",
)


def copied_papers() -> list[Paper]:
    invented = [each.item["paper"] for each in Still(seed=7, sizes=16).listing(date(2024, 5, 6), _AT)]
    texts = [(each["title"], each["summary"]) for each in invented] + [(title, title) for title in _OTHER_SCRIPTS]
    return [
        paper(number, title=_squeezed(title), abstract=_squeezed(abstract), day=DAY, rank=number, upvotes=40 - number)
        for number, (title, abstract) in enumerate(texts, 1)
    ]


def _squeezed(text: str) -> str:
    return " ".join(text.split())
