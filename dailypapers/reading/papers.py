"""`dailypapers papers`: list papers, or decide which keys are one paper (`join`, `split`); `dailypapers search`: find
papers by words."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from datetime import date, datetime
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

import click

from dailypapers.cli.invocation import Invocation, open_paper_store, pass_invocation
from dailypapers.cli.json_output import print_json
from dailypapers.cli.options import FROM_THE_START, Count, as_of_option, complete_sources, global_options, query_option
from dailypapers.cli.output import format_count, print_line, refuse_as_of
from dailypapers.cli.selection import as_of_instant, day_of, named_or_stored_series
from dailypapers.cli.settings import Settings
from dailypapers.ingest.clock import parse_instant
from dailypapers.ingest.errors import DONE, UsageError
from dailypapers.ingest.plan.due import check_day
from dailypapers.ingest.sources.calendars import Period
from dailypapers.ingest.sources.registry import series_named, source_named
from dailypapers.snapshots.store.layout import Series, Store

from .cards import print_papers

if TYPE_CHECKING:
    from dailypapers.snapshots.catalog.model import Arrivals, CatalogPaper, SearchResult, Sort
    from dailypapers.store import PaperStore


@click.command()
@click.argument("text", nargs=-1, required=True, metavar="TEXT...")
@click.option("--source", metavar="SOURCE", shell_complete=complete_sources, help="Only papers of this source.")
@click.option("--limit", type=Count(), default=20, show_default=True, metavar="N", help="Papers to list at most.")
@as_of_option
@global_options
@pass_invocation
def search_command(
    invocation: Invocation, text: tuple[str, ...], source: str | None, limit: int, as_of: str | None
) -> int:
    """List the papers whose title, abstract or authors have all the words, the best first.

    '"words in quotes"' are a phrase, and 'prefix*' is the beginning of a word; everything else separates words. With
    --as-of, papers that were known at that time are searched, by the text that they have today.
    """
    settings = invocation.settings
    if source is not None:
        source_named(source)
    instant = as_of_instant(as_of, settings.clock) if as_of is not None else None
    result = open_paper_store(invocation).search(" ".join(text), source=source, limit=limit, as_of=instant)
    facts = {"total": result.total, "ranked_newest": result.ranked_newest, "cut": result.cut, "words": result.words}
    print_papers(result.hits, settings, **facts, as_of=instant)
    if not settings.json:
        _say_ranking(invocation, result, as_of)
    return DONE


def _say_ranking(invocation: Invocation, result: SearchResult, as_of: str | None) -> None:
    log = invocation.log
    if result.cut:
        log.warning("the text is too long: what follows the first 32 words or 4,000 characters was ignored")
    if not result.words:
        log.info("no word to search for; give words of the title, the abstract or the authors")
    elif not result.hits:
        log.info(f"no paper has all of: {' '.join(result.words)}")
    else:
        ranked = " (ranked the newest 20,000 of more)" if result.ranked_newest else ""
        shown = f"the best {len(result.hits)} of " if len(result.hits) < result.total else ""
        log.info(f"{shown}{format_count(result.total, 'paper')}{ranked}")
    if as_of is not None:
        log.info(f"papers known at {as_of}, searched by the text that they have today")


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


LIMIT: Final = 20
_CURSOR = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\.\w+\.\d+", re.ASCII)


@click.group("papers", invoke_without_command=True)
@click.option(
    "--since",
    metavar="TIME",
    help="Only papers first seen after this time or day, or learned of after a cursor (`start`: all, in that order).",
)
@click.option("--day", metavar="DAY", help="Only papers on the lists of this day.")
@click.option("--source", metavar="SOURCE", shell_complete=complete_sources, help="Only papers of this source.")
@query_option
@click.option("--org", metavar="NAME", help="Only papers of this organization, by its handle or name.")
@click.option("--keyword", metavar="WORD", help="Only papers with this keyword.")
@click.option("--min-upvotes", type=Count(0), metavar="N", help="Only papers with at least this many upvotes.")
@click.option(
    "--sort",
    type=click.Choice(["new", "upvotes", "rising"]),
    help="The order: newest first, most upvotes, or most upvotes a day lately.  [default: new]",
)
@click.option(
    "--limit",
    type=Count(),
    metavar="N",
    help=f"Papers to list at most.  [default: {LIMIT}; after a cursor all]",
)
@as_of_option
@global_options
@pass_invocation
@click.pass_context
def papers_command(
    ctx: click.Context,
    /,
    invocation: Invocation,
    since: str | None,
    day: str | None,
    source: str | None,
    query: str | None,
    org: str | None,
    keyword: str | None,
    min_upvotes: int | None,
    sort: Sort | None,
    limit: int | None,
    as_of: str | None,
) -> int:
    """List papers, each once over all sources and days; `papers join` and `papers split` correct what is one paper.

    At the end a cursor is printed. `papers --since CURSOR` lists what the store learned of after it, each paper exactly
    once, `papers --since start` everything; if the catalog was lost meanwhile, it says so: then a paper may come again,
    and none is missing.
    """
    if ctx.invoked_subcommand is not None:
        return DONE
    if query is not None and source is None:
        raise UsageError("--query needs --source, the source that was searched")
    if source is not None:
        _check_source(source, query)
    store = open_paper_store(invocation)
    conditions = Conditions(source, query, day, org, keyword, min_upvotes, sort)
    if since is None or (since != FROM_THE_START and not _CURSOR.fullmatch(since)):
        return _list(invocation, store, since, conditions, limit or LIMIT, as_of)
    if as_of is not None:
        raise UsageError("--as-of goes with a time, not with a cursor: a cursor is about what this store learned")
    return _list_arrivals(invocation, store, since, conditions, limit)


def _check_source(name: str, query: str | None) -> None:
    source = source_named(name)
    if query is not None:
        series_named(source, query)


class Conditions(NamedTuple):
    """The options that say which papers, and in which order."""

    source: str | None
    query: str | None
    day: str | None
    org: str | None
    keyword: str | None
    min_upvotes: int | None
    sort: Sort | None


def _list(
    invocation: Invocation, store: PaperStore, since: str | None, conditions: Conditions, limit: int, as_of: str | None
) -> int:
    settings, log = invocation.settings, invocation.log
    today = settings.clock.today()
    instant = as_of_instant(as_of, settings.clock) if as_of is not None else None
    day = None if conditions.day is None else _listing_day(conditions.day, conditions.source, today)
    # Before the papers are read: one that comes in between is given twice rather than never.
    cursor = None if instant is not None else str(store.cursor())
    papers = store.find(
        source=conditions.source,
        query=conditions.query,
        since=None if since is None else _first_seen_after(since, today),
        day=day,
        organization=conditions.org,
        keyword=conditions.keyword,
        min_upvotes=conditions.min_upvotes,
        sort=conditions.sort or "new",
        limit=limit,
        as_of=instant,
    )
    states = [] if day is None else [*_states(store, _lists_of(settings, day, conditions), instant)]
    print_papers(papers, settings, cursor=cursor, resync=False, more=False, days=states, as_of=instant)
    for state in states if not settings.json else ():
        name = state["state"] or ("missing" if instant is not None else None)
        log.info(f"{state['source']} {state['day']} is {name}: {state['reason']}" if name else f"{state['reason']}")
    if not settings.json:
        _say(invocation, len(papers), limit, cursor, conditions)
    return DONE


def _listing_day(text: str, source: str | None, today: date) -> date:
    """The day of --day. Raises UsageError for one in the future, and for one before the first of the source."""
    day = day_of(text, today)
    if source is not None:
        check_day(source_named(source), day, today)
    elif day > today:
        raise UsageError(f"{day} is in the future; today is {today} (UTC)")
    return day


def _first_seen_after(text: str, today: date) -> datetime | date:
    if "T" in text:
        return parse_instant(text)
    try:
        return day_of(text, today)
    except UsageError as error:
        raise UsageError(f"--since {error}, a time, a cursor, or {FROM_THE_START}") from error


def _say(invocation: Invocation, count: int, limit: int, cursor: str | None, conditions: Conditions) -> None:
    if count == 0:
        invocation.log.info("no paper matches")
    elif count == limit:
        invocation.log.info(f"the first {limit}; --limit N lists more")
    if cursor is not None:
        _say_cursor(invocation, cursor, conditions)


def _list_arrivals(
    invocation: Invocation, store: PaperStore, since: str, conditions: Conditions, limit: int | None
) -> int:
    from dailypapers.errors import InvalidCursor, InvalidQuery

    if any(value is not None for value in conditions[2:]):
        raise UsageError("a cursor goes with --source, --query and --limit only, so that no paper is passed over")
    if conditions.source is not None:
        series_named(source_named(conditions.source), conditions.query)
    cursor = None if since == FROM_THE_START else since
    try:
        arrivals = store.arrivals(cursor, source=conditions.source, query=conditions.query, limit=limit)
    except (InvalidCursor, InvalidQuery) as error:
        raise UsageError(str(error)) from error
    papers = [entry.paper for entry in arrivals.entries]
    settings = invocation.settings
    print_papers(papers, settings, cursor=str(arrivals.cursor), resync=arrivals.resync, more=arrivals.more)
    if not settings.json:
        _say_arrivals(invocation, arrivals, conditions)
    return DONE


def _say_arrivals(invocation: Invocation, arrivals: Arrivals, conditions: Conditions) -> None:
    if arrivals.resync:
        invocation.log.warning(
            "resync: the catalog was rebuilt since this cursor: papers that you have may come again, none is missing"
        )
    if not arrivals.entries:
        invocation.log.info("nothing new")
    elif arrivals.more:
        invocation.log.info("there is more: continue with the cursor")
    _say_cursor(invocation, str(arrivals.cursor), conditions)


def _say_cursor(invocation: Invocation, cursor: str, conditions: Conditions) -> None:
    """The command that lists what comes after the cursor, in the same source; there is none for all its searches."""
    if conditions.source and conditions.query is None and source_named(conditions.source).takes_query:
        return
    store = invocation.settings.store
    where = ["--store", f"{store}"] if store else []
    source = ["--source", conditions.source] if conditions.source else []
    query = ["--query", conditions.query] if conditions.query else []
    words = ["dailypapers", *where, "papers", "--since", cursor, *source, *query]
    invocation.log.info(f"next time, to list only what is new: {shlex.join(words)}")


def _lists_of(settings: Settings, day: date, conditions: Conditions) -> list[tuple[Series, date]]:
    """The lists of a day: of the source, or of all stored sources that have one for the day alone."""
    source = conditions.source
    selected = named_or_stored_series(Store(settings.root), [source] if source else [], conditions.query)
    return [
        (listing.series, listing.source.period.first_day(day))
        for listing in selected
        if source or (listing.source.period in {Period.DAY, Period.NOW} and listing.source.first_day <= day)
    ]


def _states(
    store: PaperStore, lists: Sequence[tuple[Series, date]], instant: datetime | None
) -> Iterator[dict[str, object]]:
    """What is known of these lists, so that none is taken for a quiet one because it was not fetched."""
    from dailypapers.errors import DayNotBuilt

    with store.as_of(instant, days=lists) if instant is not None else nullcontext(store) as then:
        for series, day in lists:
            try:
                known = then.day(series.source, day, query=series.query)
                state, reason = known.state, known.reason
            except DayNotBuilt as error:
                state, reason = None, str(error) if instant is None else "it had not been fetched by then"
            yield {"source": series.source, "query": series.query, "day": day, "state": state, "reason": reason}


@papers_command.command("join", short_help="Note that two keys are one paper.")
@click.argument("key")
@click.argument("other", metavar="KEY")
@global_options
@pass_invocation
def join(invocation: Invocation, key: str, other: str) -> int:
    """Note in joins.txt of the store that two keys are one paper; the day files stay as they are."""
    return decide(invocation, "join", key, other)


@papers_command.command("split", short_help="Note that two keys are two papers.")
@click.argument("key")
@click.argument("other", metavar="KEY")
@global_options
@pass_invocation
def split(invocation: Invocation, key: str, other: str) -> int:
    """Note in joins.txt of the store that two keys are two papers; the day files stay as they are."""
    return decide(invocation, "split", key, other)
