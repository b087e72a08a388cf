"""Cron expressions at random: most of them valid."""

from __future__ import annotations

import random
from typing import Final

from dailypapers.cron.expression import FIELDS, Field


def expression(dice: random.Random) -> str:
    """Five fields; day fields and months are often `*`, as in practice."""
    return " ".join("*" if dice.random() < _STARS[field.name] else _items(dice, field) for field in FIELDS)


_STARS: Final = {"minute": 0.1, "hour": 0.3, "day of the month": 0.5, "month": 0.6, "day of the week": 0.5}


def _items(dice: random.Random, field: Field) -> str:
    return ",".join(_item(dice, field) for _ in range(dice.choice([1, 1, 1, 2, 3])))


def _item(dice: random.Random, field: Field) -> str:
    step = f"/{dice.randint(1, 6)}" if dice.random() < 0.4 else ""
    if dice.random() < 0.2:
        return f"*{step}"
    first, last = sorted(dice.choices(range(field.low, field.high + 1), k=2))
    if field.names and dice.random() < 0.5 and last - field.low < len(field.names):
        names = field.names[first - field.low], field.names[last - field.low]
        return f"{names[0]}-{names[1]}" if step or dice.random() < 0.3 else names[0].capitalize()
    return f"{first}-{last}{step}" if step or dice.random() < 0.3 else str(first)
