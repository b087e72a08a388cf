"""Tables of text: columns aligned also under wide characters, and on a terminal cut to its width."""

from __future__ import annotations

import os
import sys
from collections.abc import Collection, Iterator, Sequence
from typing import Final

from dailypapers.ingest.log_lines import visible

from .output import is_terminal

GAP: Final = "  "
MIN_LAST: Final = 20
"""Columns that the last cell keeps, even on a narrow terminal."""


def terminal_width() -> int | None:
    """The columns of the terminal that stdout is; None if it is none, so that nothing has to be cut."""
    if sys.stdout is None or not is_terminal(sys.stdout):
        return None
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns or None
    except OSError:
        return None


def table(rows: Sequence[Sequence[str]], *, right: Collection[int] = (), width: int | None = None) -> Iterator[str]:
    """The rows as lines; the columns with the numbers in `right` are aligned to the right.

    With a width the last column is cut to fit, and no other one is wider than half of it. Control characters are made
    visible.
    """
    from rich.cells import cell_len

    cells = [[visible(cell) for cell in row] for row in rows]
    if width is not None:
        most = max(width // 2, MIN_LAST)
        cells = [[*(shortened(cell, most) for cell in row[:-1]), row[-1]] for row in cells]
    if not cells:
        return
    lengths = [[cell_len(cell) for cell in row] for row in cells]
    widths = [max(column) for column in zip(*lengths, strict=True)]
    room = None if width is None else max(width - sum(widths[:-1]) - len(GAP) * (len(widths) - 1), MIN_LAST)
    for row, sizes in zip(cells, lengths, strict=True):
        padded = [
            _padded(cell, widths[number] - sizes[number], to_right=number in right)
            for number, cell in enumerate(row[:-1])
        ]
        last = row[-1] if len(row) - 1 not in right else _padded(row[-1], widths[-1] - sizes[-1], to_right=True)
        yield GAP.join([*padded, last if room is None else shortened(last, room)]).rstrip()


def shortened(text: str, width: int) -> str:
    """The text, cut to a number of columns; an ellipsis says that something is missing."""
    from rich.cells import cell_len, set_cell_size

    return text if cell_len(text) <= width else set_cell_size(text, width - 1).rstrip() + "…"


def wrapped(text: str, width: int) -> list[str]:
    """The text in lines of at most that many columns; a longer word is cut. Control characters are made visible."""
    from rich.cells import cell_len, chop_cells

    lines: list[str] = []
    for word in visible(text).split():
        for piece in [word] if cell_len(word) <= width else chop_cells(word, width):
            if lines and cell_len(lines[-1]) + 1 + cell_len(piece) <= width:
                lines[-1] += f" {piece}"
            else:
                lines.append(piece)
    return lines


def _padded(cell: str, missing: int, *, to_right: bool) -> str:
    return " " * missing + cell if to_right else cell + " " * missing
