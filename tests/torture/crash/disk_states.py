"""The possible states of a disk after a power cut: a log of calls replayed under the rules of POSIX.

For a file, any subset of the writes since its last fsync may be present, the last of them torn; for a folder, any
prefix of its changes since its last fsync, where a rename is one change. A new folder is lost with its entry.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from tests.torture.crash.shim import Call

SECTOR = 512
STATE = "state"
"""The folder of the budget file, which SQLite writes, and of the scheduler's state."""
CRON_FILE = f"{STATE}/cron-"
CATALOG = "store/catalog"
"""Of SQLite too."""
SECRET = f"{STATE}/mail.secret"
TEMPORARY = ".search-"
"""How the folder begins in which the search index is made of links to the pages: nothing in it is needed later."""


@dataclass(frozen=True)
class Op:
    """One change of a file (bytes at an offset, a new size) or of a folder (a name that comes, goes or moves)."""

    at: int
    offset: int = 0
    data: bytes | None = None
    comes: tuple[str, Node] | None = None
    goes: str | None = None


@dataclass(eq=False)
class Node:
    """A file or folder: its first name and content, its changes, and the calls that synced it."""

    name: str
    bytes_: bytes = b""
    entries: dict[str, Node] | None = None
    ops: list[Op] = field(default_factory=list)
    syncs: list[int] = field(default_factory=list)

    def volatile(self, cut: int) -> list[Op]:
        """The changes that a cut before that call may lose."""
        synced = max((number for number in self.syncs if number < cut), default=-1)
        return [op for op in self.ops if synced < op.at < cut]

    def durable(self, cut: int) -> list[Op]:
        """The changes that it cannot lose."""
        synced = max((number for number in self.syncs if number < cut), default=-1)
        return [op for op in self.ops if op.at < synced]


Choice = Mapping[Node, Sequence[Op]]
"""Which of the changes that may be lost are present, if not all of them."""
Tree = dict[str, bytes | None]
"""Content of files by name; None is a folder."""


@dataclass(frozen=True)
class State:
    """The state after a cut: the files, what had been printed, and the files whose folder had been synced."""

    cut: int
    tree: Mapping[str, bytes | None]
    printed: str
    kept: frozenset[str]
    is_end: bool
    """The command had finished."""


class History:
    """The changes of a disk, as logged by the shim."""

    def __init__(
        self,
        before: Path,
        disk: Path,
        calls: Iterable[Call],
        without: frozenset[int] = frozenset(),
        passed_over: str = "",
    ) -> None:
        """`calls` were made on `disk`, a copy of `before`; the syncs whose numbers are in `without` are left out.

        Everything below the folder `passed_over` is left out too.
        """
        self._root = _loaded(before, "")
        self._live = _view(self._root)
        self.nodes = list(_all(self._root))
        self.syncs: dict[int, str] = {}
        """The numbers of the syncs, with what they sync."""
        self._printed: list[tuple[int, bytes]] = []
        self._kept: list[tuple[int, str]] = []
        self.length = 0
        for call in calls:
            is_passed_over = bool(passed_over) and call.path.startswith(f"{disk / passed_over}")
            if call.result >= 0 and not is_passed_over and f"/{TEMPORARY}" not in f"{call.path} {call.other}":
                self._take(call, Path(call.path), disk, without)
            self.length += 1

    def states(self, cuts: Iterable[int], rng: Random, mixtures: int) -> Iterator[State]:
        """States after a cut before each of those calls: each loss alone, each thing kept alone, some mixtures.

        SQLite's files are only mixed.
        """
        for cut in cuts:
            for choice in _choices([node for node in self.nodes if node.volatile(cut)], cut, rng, mixtures):
                yield self.state(cut, choice)

    def state(self, cut: int, choice: Choice) -> State:
        """The state after a cut before that call, with a choice of what may be lost."""
        printed = b"".join(text for number, text in self._printed if number < cut)
        tree: Tree = {}
        _grow(tree, "", self._root, cut, choice)
        kept = frozenset(name for number, name in self._kept if number < cut)
        return State(cut, tree, printed.decode(), kept, cut == self.length)

    def _take(self, call: Call, path: Path, disk: Path, without: frozenset[int]) -> None:
        number = self.length
        if call.kind == "p":
            self._printed.append((number, call.data))
        elif call.kind == "y":
            self._sync_all(number, is_left_out=number in without)
        elif call.kind in "fd":
            node, name = self._found(path, disk), f"{path.relative_to(disk)}"
            self.syncs[number] = name
            self._kept += [(number, f"{name}/{one}") for one in self._live.get(node, ())]
            if number not in without:
                node.syncs.append(number)
        elif call.kind in "wst":
            data = call.data if call.kind == "w" else None
            self._found(path, disk).ops.append(Op(number, call.offset, data))
        elif call.kind != "o":
            self._change(call, path, disk)

    def _sync_all(self, number: int, *, is_left_out: bool) -> None:
        self.syncs[number] = "everything"
        if not is_left_out:
            for node in self.nodes:
                node.syncs.append(number)

    def _change(self, call: Call, path: Path, disk: Path) -> None:
        folder = self._found(path.parent, disk)
        live = self._live[folder]
        comes, goes = None, None if call.kind in "cml" else path.name
        if call.kind in "cm":
            comes = (path.name, self._new(f"{path.relative_to(disk)}", is_folder=call.kind == "m"))
        elif call.kind in "rl":
            other = Path(call.other)
            if other.parent != path.parent:
                raise ValueError(f"{path} leaves its folder for {other}: that would be two changes")
            comes = (other.name, live[path.name])
        folder.ops.append(Op(self.length, comes=comes, goes=goes))
        _apply(live, folder.ops[-1])

    def _new(self, name: str, *, is_folder: bool) -> Node:
        node = Node(name, entries={} if is_folder else None)
        self.nodes.append(node)
        if is_folder:
            self._live[node] = {}
        return node

    def _found(self, path: Path, disk: Path) -> Node:
        node = self._root
        for name in path.relative_to(disk).parts:
            node = self._live[node][name]
        return node


def laid_out(tree: Mapping[str, bytes | None], disk: Path) -> None:
    """Write files and folders to a disk."""
    for name, content in tree.items():
        path = disk / name
        if content is None:
            path.mkdir()
        else:
            path.write_bytes(content)


def _choices(nodes: Sequence[Node], cut: int, rng: Random, mixtures: int) -> Iterator[Choice]:
    yield {}
    none: Choice = dict.fromkeys(nodes, ())
    yield none
    for node in nodes:
        for kept in _kept(node, cut) if not _is_sqlite(node.name) else ():
            yield {node: kept}
            yield {**none, node: kept}
    for _ in range(mixtures if nodes else 0):
        yield {node: rng.choice(_kept(node, cut)) for node in nodes}


def _is_sqlite(name: str) -> bool:
    return name.startswith((STATE, CATALOG)) and not name.startswith((CRON_FILE, SECRET))


def _kept(node: Node, cut: int) -> list[Sequence[Op]]:
    """The subsets of the changes of one file or folder that may survive; of many writes only some subsets."""
    ops = node.volatile(cut)
    firsts: list[Sequence[Op]] = [ops[:number] for number in range(len(ops) + 1)]
    if node.entries is not None:
        return firsts
    without_one = [ops[:number] + ops[number + 1 :] for number in range(len(ops))]
    torn = [[*first[:-1], tear] for first in firsts if first for tear in _torn(first[-1])]
    return firsts + without_one + torn


def _torn(op: Op) -> Iterator[Op]:
    """A write that ends early, and one with the full size but not all of its bytes."""
    if not op.data or len(op.data) < 2:
        return
    for length in {len(op.data) // 2, (len(op.data) - 1) // SECTOR * SECTOR}:
        yield Op(op.at, op.offset, op.data[:length])
        yield Op(op.at, op.offset, op.data[:length].ljust(len(op.data), b"\0"))


def _grow(tree: Tree, name: str, node: Node, cut: int, choice: Choice) -> None:
    ops = [*node.durable(cut), *choice.get(node, node.volatile(cut))]
    if node.entries is None:
        tree[name] = _content(node.bytes_, ops)
        return
    if name:
        tree[name] = None
    entries = dict(node.entries)
    for op in ops:
        _apply(entries, op)
    for inside, child in entries.items():
        _grow(tree, f"{name}/{inside}" if name else inside, child, cut, choice)


def _content(first: bytes, ops: Iterable[Op]) -> bytes:
    content = bytearray(first)
    for op in ops:
        if op.data is None:
            content = content[: op.offset].ljust(op.offset, b"\0")
        else:
            content = content.ljust(op.offset, b"\0")
            content[op.offset : op.offset + len(op.data)] = op.data
    return bytes(content)


def _apply(entries: dict[str, Node], op: Op) -> None:
    if op.goes is not None:
        entries.pop(op.goes, None)
    if op.comes is not None:
        entries[op.comes[0]] = op.comes[1]


def _loaded(path: Path, name: str) -> Node:
    if path.is_dir():
        return Node(name, entries={one.name: _loaded(one, f"{name}/{one.name}"[not name :]) for one in path.iterdir()})
    return Node(name, path.read_bytes())


def _all(node: Node) -> Iterator[Node]:
    yield node
    for child in (node.entries or {}).values():
        yield from _all(child)


def _view(root: Node) -> dict[Node, dict[str, Node]]:
    return {node: dict(node.entries) for node in _all(root) if node.entries is not None}
