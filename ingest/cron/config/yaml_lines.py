"""YAML as plain values, with the line of each; all scalars are text: `on` is no boolean and `1:30` no number."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

import yaml

Place: TypeAlias = tuple[str | int, ...]
Plain: TypeAlias = "str | list[Plain] | dict[str, Plain]"
MAX_DEPTH = 8
MAX = 10_000
"""Values, counted wherever they stand: aliases of aliases would be millions."""
SHIPPED = "write the jobs as the one that is shipped"
TOO_DEEP = f"nested too deep; {SHIPPED}"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong, and the line that it stands in."""

    line: int
    message: str


@dataclass(slots=True)
class Document:
    """What a file says, the line of each value, and what is wrong with it as YAML."""

    value: Plain = ""
    lines: dict[Place, int] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    values: int = 0

    def line(self, place: Place) -> int:
        """The line of a value, or of the nearest one around it."""
        while place and place not in self.lines:
            place = place[:-1]
        return self.lines.get(place, 1)


def read(content: bytes) -> Document:
    """Read YAML. What is no YAML is a finding; so is a key that stands twice."""
    document = Document()
    try:
        text = content.decode("utf-8-sig")
        node = yaml.compose(text, Loader=yaml.BaseLoader)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        document.findings.append(Finding(line, f"byte {content[error.start]:#x} is no UTF-8; save the file as UTF-8"))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        document.findings.append(Finding(mark.line + 1 if mark else 1, _syntax(error, text)))
    except RecursionError:
        document.findings.append(Finding(1, TOO_DEEP))
    except yaml.YAMLError as error:
        document.findings.append(Finding(1, f"no YAML: {error}; write plain text"))
    else:
        if node is not None:
            document.value = _plain(node, (), document)
    return document


def _plain(node: yaml.Node, place: Place, document: Document) -> Plain:
    document.lines.setdefault(place, node.start_mark.line + 1)
    document.values += 1
    if document.values > MAX:
        if document.values == MAX + 1:
            document.findings.append(
                Finding(node.start_mark.line + 1, f"over {MAX} values, aliases included; {SHIPPED}")
            )
        return ""
    if len(place) > MAX_DEPTH:
        document.findings.append(Finding(node.start_mark.line + 1, TOO_DEEP))
        return ""
    if isinstance(node, yaml.SequenceNode):
        return [_plain(one, (*place, number), document) for number, one in enumerate(node.value)]
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, place, document)
    return str(node.value)


def _mapping(node: yaml.MappingNode, place: Place, document: Document) -> Plain:
    found: dict[str, Plain] = {}
    for key, value in node.value:
        name, line = str(key.value), key.start_mark.line + 1
        if name in found:
            first = document.lines[(*place, name)]
            document.findings.append(Finding(line, f"the key {name!r} stands here and in line {first}; write it once"))
            continue
        document.lines[(*place, name)] = line
        found[name] = _plain(value, (*place, name), document)
    return found


def _syntax(error: yaml.MarkedYAMLError, text: str) -> str:
    problem = error.problem or "no YAML"
    mark = error.problem_mark
    lines = text.splitlines()
    line = lines[mark.line].strip() if mark and mark.line < len(lines) else ""
    if "'\\t'" in problem or "\t" in (lines[mark.line][: mark.column + 1] if line and mark else ""):
        return "a tab; indent with blanks"
    if line and (": *" in line or ": @" in line or ": %" in line):
        key, _, value = line.removeprefix("- ").partition(": ")
        return f'YAML reads {value[0]!r} at the start of a value as a sign of its own; write {key}: "{value}"'
    if "mapping values are not allowed" in problem:
        return f"a colon too many, or an indent that is off ({line!r}); put a value with a colon in quotes"
    return f"{problem} ({line!r}); indent with two blanks, and put values with signs in quotes"
