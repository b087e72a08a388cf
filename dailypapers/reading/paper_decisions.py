"""`papers join` and `papers split`: decisions about which keys are one paper."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from dailypapers.cli.invocation import Invocation
from dailypapers.cli.json_output import print_json
from dailypapers.cli.messages import format_count, refuse_as_of
from dailypapers.cli.output import print_line
from dailypapers.cli.paper_store import open_paper_store
from dailypapers.cli.settings import Settings
from dailypapers.ingest.exit_status import DONE
from dailypapers.snapshots.store.layout import Store

if TYPE_CHECKING:
    from dailypapers.snapshots.catalog.model import CatalogPaper


def decide(invocation: Invocation, verb: Literal["join", "split"], key: str, other: str) -> int:
    """Write to joins.txt that two keys are one paper (join) or two (split), and print what they are now.

    Raises PaperNotFound for an unknown key, UsageError for a store that is read only.
    """
    settings = invocation.settings
    store = open_paper_store(invocation)
    refuse_as_of(Store(settings.root))
    # Not a mistyped key: there must be a paper, now, behind both.
    store.paper(key)
    store.paper(other)
    decide = store.join if verb == "join" else store.split
    decide(key, other)
    papers = [store.paper(key), store.paper(other)]
    _print_decision(settings, verb, papers)
    return DONE


def _print_decision(settings: Settings, verb: str, papers: Sequence[CatalogPaper]) -> None:
    keys = list(dict.fromkeys(paper.key for paper in papers))
    if settings.json:
        print_json({"decision": verb, "papers": keys})
        return
    count = "one paper" if len(keys) == 1 else format_count(len(keys), "paper")
    print_line(f"{verb}: the two keys are {count} now, as {Store(settings.root).joins} says")
    for paper in {paper.key: paper for paper in papers}.values():
        print_line(f"  {paper.key}  {paper.fields['title']}")
        for alias in paper.aliases:
            if alias.key != paper.key:
                print_line(f"    also {alias.key} ({alias.evidence})")
