"""Parsers as if their code had changed: another version in the table, other fields of an item."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from typing import Any

import pytest

from dailypapers.parsers.protocol import Parser
from dailypapers.parsers.versions import MODULES


def set_version(monkeypatch: pytest.MonkeyPatch, name: str, version: int) -> None:
    monkeypatch.setitem(MODULES, name, MODULES[name]._replace(version=version))


def fields_of(name: str) -> Callable[[Any], dict[str, object]]:
    parser: Parser[Any] = import_module(MODULES[name].path).PARSER
    return parser.fields


def set_fields(monkeypatch: pytest.MonkeyPatch, name: str, fields: Callable[[Any], dict[str, object]]) -> None:
    module = import_module(MODULES[name].path)
    monkeypatch.setattr(module, "PARSER", replace(module.PARSER, fields=fields))
