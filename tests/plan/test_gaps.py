"""Days that no run fetches again: gaps of `status`, the command that closes them, waived ones; and outages."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest

from dailypapers.snapshots.store.layout import Series
from tests.papersite import PaperSite, switches
from tests.papersite.periods import is_quiet
from tests.product import Product, Result

DAILY = Series("hf-daily")
STOP = date(2026, 1, 14)
BEGIN = datetime(2026, 1, 12, 0, 30, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def history(monkeypatch: pytest.MonkeyPatch) -> Iterator[PaperSite]:
    """A site with six papers on each working day."""
    days = [date(2025, 12, 1) + timedelta(days=number) for number in range(140)]
    with PaperSite(seed=1, now=BEGIN + 130 * DAY, sizes={day: 6 for day in days if not is_quiet(day)}) as served:
        monkeypatch.setenv("HF_ENDPOINT", served.url)
        yield served


def run_until(product: Product, site: PaperSite, stop: datetime) -> datetime:
    """Run now and then from the begin, and a last time at `stop`."""
    for now in (BEGIN + 12 * HOUR, BEGIN + 36 * HOUR, BEGIN + 49 * HOUR, stop):
        site.now = now
        assert product("run", now=now).status == 0
    return stop


def status(product: Product, now: datetime, *words: str) -> Result:
    return product("status", *words, now=now)


def gaps_of(product: Product, now: datetime) -> list[dict[str, object]]:
    rows = json.loads(status(product, now, "--json").out)["problems"]
    return [row for row in rows if row["kind"] == "gap"]


def states(product: Product, now: datetime) -> dict[str, str | None]:
    return {row["day"]: row["state"] for row in json.loads(status(product, now, "--json").out)["days"]}


@pytest.mark.parametrize("away", [35, 36, 41, 60])
def test_a_pause_is_a_problem_until_the_printed_command_was_run(
    product: Product, history: PaperSite, away: int
) -> None:
    stopped = run_until(product, history, BEGIN + 2 * DAY + 8 * HOUR)
    history.now = back = stopped + away * DAY
    said = product("run", now=back)
    edge = back.date() - 36 * DAY
    first = STOP - DAY
    assert said.status == 1
    assert f"hf-daily {first}" in said.err
    # It is said once a day, and by `status` at any time.
    history.now = back + HOUR
    assert product("run", now=back + HOUR).status == 0
    shown = status(product, back + HOUR)
    assert shown.status == 1
    (line,) = [line for line in shown.out.splitlines() if ": gap: " in line]
    assert (f"hf-daily {first} to {edge}" if edge > first else f"hf-daily {first}: ") in line
    assert "!" in shown.out.partition("closed")[0]
    command = shlex.split(re.search(r"run: dailypapers (.*)", line)[1])  # type: ignore[index]
    assert command[:2] == ["--store", str(product.store.root)]
    result = product(*command[2:], now=back + 2 * HOUR)
    assert result.status == 0
    found = states(product, back + 2 * HOUR)
    days = [first + timedelta(days=number) for number in range((edge - first).days + 1)]
    assert {found[f"{day}"] for day in days} <= {"closed", "empty"}
    assert gaps_of(product, back + 2 * HOUR) == []
    assert status(product, back + 2 * HOUR).status == 0


def test_a_hole_is_a_problem_of_one_line_whatever_its_days_are(product: Product, history: PaperSite) -> None:
    now = BEGIN + 100 * DAY
    for day in ("2026-01-05", "2026-01-09"):
        product("backfill", "hf-daily", "--since", day, "--until", day, now=now)
    history.switches.append(switches.down("/papers", 404))
    product("backfill", "hf-daily", "--since", "2026-01-07", "--until", "2026-01-07", now=now)
    history.switches.clear()
    product("backfill", "hf-daily", "--since", "2026-01-10", "--until", f"{now.date()}", now=now)
    (gap,) = gaps_of(product, now + HOUR)
    assert (gap["day"], gap["until"]) == ("2026-01-06", "2026-01-08")
    assert gap["reason"] == "3 days are not closed (2 never fetched, 1 partial) and out of reach of run"
    assert [*gap["command"]][-4:] == ["--since", "2026-01-06", "--until", "2026-01-08"]  # type: ignore[misc]


def test_an_import_begins_nothing_and_hides_no_hole(product: Product, history: PaperSite) -> None:
    now = BEGIN + 100 * DAY
    for day in ("2025-12-03", "2026-01-07"):
        page = product.store.root.parent / f"{day}.json"
        page.write_bytes(json.dumps(history.papers(date.fromisoformat(day))).encode())
        product("import", "hf-daily", page, "--day", day, now=now)
    assert gaps_of(product, now) == []
    product("backfill", "hf-daily", "--since", "2026-01-06", "--until", "2026-01-06", now=now)
    product("backfill", "hf-daily", "--since", "2026-01-08", "--until", f"{now.date()}", now=now)
    (gap,) = gaps_of(product, now)
    assert (gap["day"], gap["until"]) == ("2026-01-07", "2026-01-07")
    assert gap["reason"] == "the day is not closed (1 settling) and out of reach of run"


def test_what_is_waived_is_no_problem_any_more(product: Product, history: PaperSite) -> None:
    now = BEGIN + 100 * DAY
    product("backfill", "hf-daily", "--since", "2026-01-05", "--until", "2026-01-05", now=now)
    product("run", now=now)
    assert status(product, now).status == 1
    (gap,) = gaps_of(product, now)
    words = (
        "waive",
        "hf-daily",
        "--since",
        "2026-01-01",
        "--until",
        str(gap["until"]),
        "--reason",
        "the disk\twas full",
    )
    waived = {"series": "hf-daily", "since": "2026-01-01", "until": gap["until"], "is_new": True}
    assert json.loads(product(*words, "--json", now=now).out) == waived
    assert product.store.waived.read_text() == f"hf-daily\t2026-01-01\t{gap['until']}\tthe disk was full\n"
    assert (product(*words, now=now).status, len(product.store.waived.read_text().splitlines())) == (0, 1)
    shown = status(product, now)
    assert (shown.status, "waived" in shown.out, "w" * 8 in shown.out) == (0, True, True)


def test_a_line_that_is_no_range_waives_nothing_and_status_and_run_say_so(product: Product, history: PaperSite) -> None:
    now = BEGIN + 100 * DAY
    product("backfill", "hf-daily", "--since", "2026-01-05", "--until", "2026-01-05", now=now)
    product.store.waived.write_text("# by hand\n\nhf-daily 2026-01-01\n")
    assert len(gaps_of(product, now)) == 1
    warning = f"{product.store.waived}:3: not waived: expected source, since, until, reason with tabs between\n"
    shown = status(product, now)
    assert (shown.status, shown.err) == (1, warning)
    assert product("run", now=now).err.count(warning) == 1


@pytest.mark.parametrize(
    "words",
    [
        ("hf-trending", "--since", "2026-01-01", "--until", "2026-01-02", "--reason", "x"),
        ("hf-daily", "--since", "2026-01-02", "--until", "2026-01-01", "--reason", "x"),
        ("hf-daily", "--since", "2026-01-02", "--until", "2027-01-01", "--reason", "x"),
        ("hf-daily", "--since", "2026-01-02", "--until", "2026-01-02", "--reason", " "),
        ("hf-daily", "--since", "2026-01-02", "--until", "2026-01-02"),
    ],
)
def test_what_cannot_be_waived_is_refused(product: Product, words: tuple[str, ...]) -> None:
    assert product("waive", *words, now=BEGIN + DAY).status == 2


def test_a_backfill_names_the_next_look_at_what_it_could_not_close(product: Product, history: PaperSite) -> None:
    now = BEGIN + 100 * DAY
    history.switches.append(switches.down("/papers", 404))
    words = ("backfill", "hf-daily", "--since", "2026-01-07", "--until", "2026-01-07")
    said = product(*words, now=now).err
    assert f"the next look is due {now + HOUR:%Y-%m-%d %H:%M} UTC" in said
    assert "run: dailypapers --store" in said
    history.switches.clear()
    assert "next look" not in product(*words, now=now + HOUR).err
    assert states(product, now + HOUR)["2026-01-07"] == "closed"


def test_an_outage_rests_and_becomes_a_problem(
    product: Product, history: PaperSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    asked = []
    for hours in range(24):
        now = BEGIN + HOUR + hours * HOUR
        asked.append(product("run", now=now).status == 3)
        shown = status(product, now)
        assert "start with" not in shown.out
        assert (shown.status, "hf-daily: unanswered: no answer since" in shown.out) == (1, True)
    assert [number for number, is_asked in enumerate(asked) if is_asked] == [0, 1, 3, 7, 15]
    monkeypatch.setenv("HF_ENDPOINT", history.url)
    history.now = BEGIN + 2 * DAY
    assert product("run", now=BEGIN + 2 * DAY).status == 0
    assert not list(product.store.root.glob("attempts/*/*.json"))
    # The days that began while nobody answered are not lost.
    assert list(states(product, BEGIN + 2 * DAY)) == ["2026-01-12", "2026-01-13", "2026-01-14"]


def test_an_outage_of_a_known_site_is_a_problem_after_three_hours(
    product: Product, history: PaperSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    last = run_until(product, history, BEGIN + 3 * DAY)
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    found = []
    for hours in range(1, 9):
        product("run", now=last + hours * HOUR)
        found.append(status(product, last + hours * HOUR))
    assert [result.status for result in found] == sorted(result.status for result in found)
    assert (found[0].status, found[-1].status) == (0, 1)
    assert found[-1].out.count(": unanswered: ") == 1


def test_an_outage_of_a_search_is_remembered_by_its_words(product: Product, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    assert product("run", "hf-search", "--query", "tiny models", now=BEGIN + HOUR).status == 3
    (path,) = product.store.root.glob("attempts/hf-search/*/*.json")
    assert path.name == "2026-01-12.json"
    assert 'hf-search "tiny models": unanswered' in status(product, BEGIN + HOUR).out
