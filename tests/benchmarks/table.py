"""The result of a row: figures, targets, and whether they are met; as a table and as JSON."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import median, quantiles
from typing import Any

from tests.benchmarks.turns import Contender


@dataclass(frozen=True)
class Figure:
    """The figures of one contender in each turn, in any unit."""

    role: str
    name: str
    turns: tuple[float, ...]
    unit: str = "ms"

    @property
    def median(self) -> float:
        return median(self.turns)

    @property
    def middle(self) -> tuple[float, float]:
        """The quartiles: far apart on a busy machine."""
        if len(self.turns) == 1:
            return self.turns[0], self.turns[0]
        low, _, high = quantiles(self.turns, n=4, method="inclusive")
        return low, high


@dataclass(frozen=True)
class Target:
    """Ours is at most `most` times the figure of that name; with `below`, less than that."""

    against: str
    most: float
    below: bool = False

    def holds(self, ratio: float) -> bool:
        return ratio < self.most if self.below else ratio <= self.most

    def __str__(self) -> str:
        return f"{'<' if self.below else '<='} {factor(self.most)}"


@dataclass(frozen=True)
class Table:
    """One task: ours first, then the floor and the peers, each with its own name.

    A row with figures of two kinds (time, memory) gives two tables.
    """

    row: int
    work: str
    figures: tuple[Figure, ...]
    targets: tuple[Target, ...]
    remarks: tuple[str, ...] = ()

    @property
    def ours(self) -> Figure:
        return next(figure for figure in self.figures if figure.role == "ours")

    def ratio(self, name: str) -> float:
        """Ours as a multiple of the figure of that name, the median of all turns: a slow turn slows both.

        Raises KeyError for an unknown name.
        """
        other = {figure.name: figure for figure in self.figures}[name]
        return median(mine / theirs for mine, theirs in zip(self.ours.turns, other.turns, strict=True))

    def met(self, target: Target) -> bool:
        return target.holds(self.ratio(target.against))

    @property
    def missed(self) -> list[Target]:
        return [target for target in self.targets if not self.met(target)]


def figures(contenders: Sequence[Contender], seconds: Mapping[str, Sequence[float]]) -> tuple[Figure, ...]:
    """The results of turns, in milliseconds, in the order of the contenders."""
    return tuple(Figure(one.role, one.name, tuple(1e3 * taken for taken in seconds[one.name])) for one in contenders)


def factor(ratio: float) -> str:
    """`7.5x`, or `1/2.5` for values below one."""
    return f"{ratio:.3g}x" if ratio >= 1 else f"1/{1 / ratio:.3g}"


def printed(tables: Iterable[Table]) -> Iterator[Table]:
    """The tables, each printed when it comes: a row may take long."""
    for table in tables:
        print("", *lines(table), sep="\n", flush=True)
        yield table


def lines(table: Table) -> Iterator[str]:
    """The table as text."""
    width = max(len(figure.name) for figure in table.figures)
    yield f"Row {table.row}: {table.work}"
    yield f"  {'':<5}  {_turns(table):<{width}}  {'median':>12}  {'middle half':>15}  {'ours is':>8}  target"
    for figure in table.figures:
        yield f"  {figure.role:<5}  {figure.name:<{width}}  {_measured(figure)}{_judged(table, figure)}"
    yield from (f"  note   {remark}" for remark in table.remarks)


def _turns(table: Table) -> str:
    return f"{len(table.ours.turns)} turns"


def _measured(figure: Figure) -> str:
    low, high = figure.middle
    return f"{figure.median:>8.2f} {figure.unit:<3}  {f'{low:.2f}..{high:.2f}':>15}"


def _judged(table: Table, figure: Figure) -> str:
    if figure is table.ours:
        return ""
    said = [f"{target}  {verdict(table, target)}" for target in table.targets if target.against == figure.name]
    return f"  {factor(table.ratio(figure.name)):>8}  {', '.join(said)}".rstrip()


def verdict(table: Table, target: Target) -> str:
    return "met" if table.met(target) else "NOT MET"


def plain(table: Table) -> dict[str, Any]:
    """The table as plain values: medians and all turns, each target with its ratio."""
    return asdict(table) | {
        "figures": [asdict(figure) | {"median": figure.median} for figure in table.figures],
        "targets": [
            asdict(target) | {"ratio": table.ratio(target.against), "met": table.met(target)}
            for target in table.targets
        ],
    }
