"""YAML as plain values with line numbers. All scalars are text: `on` is not a boolean, `1:30` not a number."""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeAlias

import yaml
from yaml.reader import ReaderError

from dailypapers.ingest.errors import FileErrors

KeyPath: TypeAlias = tuple[str | int, ...]
Plain: TypeAlias = "str | list[Plain] | dict[str, Plain]"
MAX_DEPTH = 8
MAX_BYTES = 2**17
"""A thousand jobs; a megabyte takes YAML and shlex ten seconds and more."""
MAX_VALUES = 10_000
"""Each alias counts as the values it stands for: aliases of aliases would be millions."""
_DESCRIPTOR: Final = re.compile(r"/dev/(?:stdin|fd/\d+)|/proc/(?:self|\d+)/fd/\d+")
EXAMPLE = "write the jobs as in the default cron.yaml"


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """Something that is wrong in a file, and its line."""

    line: int
    message: str


@dataclass(slots=True)
class Document:
    """The value of a file, the line of each value in it, and what is wrong with it as YAML."""

    value: Plain = ""
    lines: dict[KeyPath, int] = field(default_factory=dict)
    diagnostics: list[Diagnostic] = field(default_factory=list)
    values: int = 0
    example: str = EXAMPLE
    """What to write instead of a file that is far too large or deep."""

    def line(self, path: KeyPath) -> int:
        """The line of a value, or of the innermost one around it that has a line."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)

    def add(self, line: int, message: str) -> None:
        """Add a diagnostic."""
        self.diagnostics.append(Diagnostic(line, message))

    def add_once(self, line: int, message: str) -> None:
        """Add a diagnostic, unless there is one with this message in an earlier line."""
        if all(diagnostic.message != message for diagnostic in self.diagnostics):
            self.add(line, message)


class YamlFileError(FileErrors):
    """A file that is not as it should be, with everything that is wrong in it."""

    def __init__(self, path: Path, diagnostics: Iterable[Diagnostic]) -> None:
        ordered = sorted(diagnostics, key=lambda diagnostic: diagnostic.line)
        super().__init__(f"{path}:{diagnostic.line}: {diagnostic.message}" for diagnostic in ordered)


def read_file(path: Path, example: str = EXAMPLE) -> Document:
    """Read a YAML file as `read` does. Raises OSError, also for a pipe with a name of its own.

    Whoever opens such a pipe waits for its writer. One that is open, as /dev/stdin or a shell's <(...) may be, is read.
    """
    if path.is_fifo() and not _DESCRIPTOR.fullmatch(os.path.abspath(path)):  # noqa: PTH100 - the link itself
        raise OSError(errno.EINVAL, "Not a regular file", str(path))
    with path.open("rb") as file:
        # A device such as /dev/zero has no end.
        return read(file.read(MAX_BYTES + 1), example)


def read(content: bytes, example: str = EXAMPLE) -> Document:
    """Read YAML; syntax errors and duplicate keys become diagnostics. `example` says what the file should hold."""
    document = Document(example=example)
    if len(content) > MAX_BYTES:
        document.add(1, f"the file has more than {MAX_BYTES} bytes; {example}")
        return document
    try:
        text = content.decode("utf-8-sig")
        node = yaml.compose(text, Loader=yaml.BaseLoader)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        document.add(line, f"byte {content[error.start]:#x} is not UTF-8; save the file as UTF-8")
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        document.add(mark.line + 1 if mark else 1, _describe(error, text))
    except RecursionError:
        document.add(1, f"nested too deep; {example}")
    except ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        document.add(line, f"the character U+{error.character:04X} cannot be in YAML; remove it")
    else:
        if node is not None:
            document.value = _plain(node, (), document)
    return document


def _plain(node: yaml.Node, path: KeyPath, document: Document) -> Plain:
    line = node.start_mark.line + 1
    document.lines.setdefault(path, line)
    document.values += 1
    if document.values > MAX_VALUES:
        document.add_once(line, f"over {MAX_VALUES} values, aliases included; {document.example}")
        return ""
    if len(path) > MAX_DEPTH:
        document.add_once(line, f"nested too deep; {document.example}")
        return ""
    if isinstance(node, yaml.SequenceNode):
        return [_plain(item, (*path, number), document) for number, item in enumerate(node.value)]
    return _mapping(node, path, document) if isinstance(node, yaml.MappingNode) else str(node.value)


def _mapping(node: yaml.MappingNode, path: KeyPath, document: Document) -> Plain:
    mapping: dict[str, Plain] = {}
    for key, value in node.value:
        line = key.start_mark.line + 1
        if not isinstance(key, yaml.ScalarNode):
            document.add(line, f"a key that is a list, or has keys itself; {document.example}")
            continue
        name = str(key.value)
        if name in mapping:
            document.add(line, f"the key {name!r} is also in line {document.lines[(*path, name)]}; write it once")
            continue
        document.lines[(*path, name)] = line
        mapping[name] = _plain(value, (*path, name), document)
    return mapping


def _describe(error: yaml.MarkedYAMLError, text: str) -> str:
    problem = error.problem or "not YAML"
    mark = error.problem_mark
    lines = text.splitlines()
    line = lines[mark.line].strip() if mark and mark.line < len(lines) else ""
    if "'\\t'" in problem:
        return "a tab; indent with spaces"
    if line and (": *" in line or ": @" in line or ": %" in line):
        key, _, value = line.removeprefix("- ").partition(": ")
        return f'a value that starts with {value[0]!r} needs quotes in YAML; write {key}: "{value}"'
    if "mapping values are not allowed" in problem:
        return f"one colon too many, or a wrong indent ({line!r}); put a value with a colon in quotes"
    return f"{problem} ({line!r}); indent with two spaces, and put values with special characters in quotes"
