"""Which papers a subscription or a preview has: the options of both commands."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from dailypapers.cli.options import complete_sources, query_option

Decorated = TypeVar("Decorated", bound=Callable[..., Any])


def papers_options(function: Decorated) -> Decorated:
    """Adds --series (as `source`), --query and --search."""
    function = click.option(
        "--search", metavar="TEXT", help="Only the papers that `dailypapers search TEXT` finds.  [default: all]"
    )(function)
    return click.option(
        "--series",
        "source",
        default="hf-daily",
        show_default=True,
        metavar="SOURCE",
        shell_complete=complete_sources,
        help="The listing.",
    )(query_option(function))
