"""Pages in, papers out: no network, no files, no clock, no environment.

The names are loaded when they are first used, so that the import costs nothing (pydantic takes 200 ms).
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .driver import parse
    from .model import Claims, NotAListing, Page, Paper, Parsed, ParseError, Reject

__all__ = ["Claims", "NotAListing", "Page", "Paper", "ParseError", "Parsed", "Reject", "parse"]


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = import_module("dailypapers.parsers.driver" if name == "parse" else "dailypapers.parsers.model")
    value = getattr(module, name)
    globals()[name] = value
    return value
