"""What other packages and users import of parsers is typed: without Any, and marked as typed."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any, get_args

import pytest

from dailypapers import parsers
from dailypapers.parsers import driver, model, protocol, versions


def annotated(value: object, name: str) -> Iterator[tuple[str, object]]:
    """The annotations of a function, or of a class and the functions in it."""
    for key, annotation in inspect.get_annotations(value, eval_str=True).items():  # type: ignore[arg-type]
        yield f"{name}.{key}", annotation
    for key, member in vars(value).items() if inspect.isclass(value) else ():
        function = member.fget if isinstance(member, property) else getattr(member, "__func__", member)
        if inspect.isfunction(function) and function.__module__ == value.__module__:
            yield from annotated(function, f"{name}.{key}")


def public(module: ModuleType) -> Iterator[tuple[str, object]]:
    for name, value in vars(module).items():
        if not name.startswith("_") and getattr(value, "__module__", None) == module.__name__ and callable(value):
            yield from annotated(value, name)


def has_any(annotation: object) -> bool:
    arguments = annotation if isinstance(annotation, list) else get_args(annotation)
    return annotation is Any or any(map(has_any, arguments))


@pytest.mark.parametrize("module", [model, protocol, driver, versions], ids=lambda module: module.__name__)
def test_no_public_annotation_holds_any(module: ModuleType) -> None:
    found = dict(public(module))
    assert len(found) > 5
    assert [name for name, annotation in found.items() if has_any(annotation)] == []


def test_the_package_offers_names_of_these_modules_only() -> None:
    offered = {getattr(parsers, name).__module__ for name in parsers.__all__}
    assert offered == {"dailypapers.parsers.model", "dailypapers.parsers.driver"}
    assert not any(has_any(annotation) for _, annotation in annotated(parsers.__getattr__, "__getattr__"))


def test_any_would_be_found() -> None:
    class Bag:
        def __init__(self, values: dict[str, list[Any] | None]) -> None:
            self.values = values

    assert [name for name, annotation in annotated(Bag, "Bag") if has_any(annotation)] == ["Bag.__init__.values"]


@pytest.mark.parametrize("package", ["dailypapers", "ingest", "parsers", "snapshots"])
def test_a_package_is_marked_as_typed(package: str) -> None:
    module = import_module(package)
    assert Path(str(module.__file__)).with_name("py.typed").read_bytes() == b""
