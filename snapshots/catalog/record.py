"""Records as the catalog reads, merges and gives them: JSON values, without the record model, which is slow to load."""

from __future__ import annotations

from typing import Any, TypeAlias

Record: TypeAlias = dict[str, Any]
"""A line of a day file: by field a value of the type that docs/record.md gives, with dates and times as text."""

Row: TypeAlias = tuple[Any, ...]
"""A row of a table of the catalog, in the order of its columns."""

Value: TypeAlias = str | int | float | bytes | None
"""What a column of an SQL query can hold."""
