"""What a row gives: figures, targets, and whether they are met; as a table and as JSON."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from tests.benchmarks.turns import Contender, Timing


@dataclass(frozen=True)
class Figure:
    """One contender's measurement, any unit; `low` and `high` hold the middle half of the turns."""

    role: str
    name: str
    value: float
    low: float
    high: float
    unit: str = "ms"


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
    """One work: ours first, then the floor and the peers, each under a name of its own.

    `taken` says how the figures were taken. A row whose work has figures of two kinds (time, memory) gives two tables.
    """

    row: int
    work: str
    taken: str
    figures: tuple[Figure, ...]
    targets: tuple[Target, ...]
    remarks: tuple[str, ...] = ()

    @property
    def ours(self) -> Figure:
        return next(figure for figure in self.figures if figure.role == "ours")

    def ratio(self, name: str) -> float:
        """Ours as a multiple of the figure of that name. Raises KeyError where there is none."""
        return self.ours.value / {figure.name: figure.value for figure in self.figures}[name]

    def met(self, target: Target) -> bool:
        return target.holds(self.ratio(target.against))

    @property
    def missed(self) -> list[Target]:
        return [target for target in self.targets if not self.met(target)]


def figures(contenders: Sequence[Contender], timings: Mapping[str, Timing]) -> tuple[Figure, ...]:
    """The timings in milliseconds, in the order of the contenders."""
    return tuple(_figure(one, timings[one.name]) for one in contenders)


def _figure(one: Contender, timing: Timing) -> Figure:
    return Figure(one.role, one.name, timing.median * 1e3, timing.low * 1e3, timing.high * 1e3)


def factor(ratio: float) -> str:
    """`7.5x`, or `1/2.5` for what is smaller than one."""
    return f"{ratio:.3g}x" if ratio >= 1 else f"1/{1 / ratio:.3g}"


def lines(table: Table) -> Iterator[str]:
    """The table as text."""
    width = max(len(figure.name) for figure in table.figures)
    yield f"Row {table.row}: {table.work}"
    yield f"  {'':<5}  {table.taken:<{width}}  {'median':>11}  {'middle half':>15}  {'ours is':>8}  target"
    for figure in table.figures:
        yield f"  {figure.role:<5}  {figure.name:<{width}}  {_measured(figure)}{_judged(table, figure)}"
    yield from (f"  note   {remark}" for remark in table.remarks)


def _measured(figure: Figure) -> str:
    return f"{figure.value:>8.2f} {figure.unit:<2}  {f'{figure.low:.2f}..{figure.high:.2f}':>15}"


def _judged(table: Table, figure: Figure) -> str:
    if figure is table.ours:
        return ""
    said = [f"{target}  {verdict(table, target)}" for target in table.targets if target.against == figure.name]
    return f"  {factor(table.ratio(figure.name)):>8}  {', '.join(said)}".rstrip()


def verdict(table: Table, target: Target) -> str:
    return "met" if table.met(target) else "NOT MET"


def plain(table: Table) -> dict[str, Any]:
    """The table as plain values, each target with its ratio."""
    judged = [
        asdict(target) | {"ratio": table.ratio(target.against), "met": table.met(target)} for target in table.targets
    ]
    return asdict(table) | {"targets": judged}
