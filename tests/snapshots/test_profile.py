"""What a certificate holds of the raw fields, of the page, and of how far views agree."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import orjson
import pytest

from dailypapers.parsers import parse
from dailypapers.parsers.model import Page
from dailypapers.snapshots.drift.facts import FieldFacts
from dailypapers.snapshots.drift.profile import MAX_DATES, MAX_PATHS, presence, profile
from tests.papersite import PaperSite, switches
from tests.product import DAY, SERIES, Product

ON = date(2025, 3, 11)


def of(values: list[Any], day: date = ON) -> FieldFacts:
    """The facts of a field with these values."""
    return profile([{"it": value} for value in values], day)["it"]


@pytest.mark.parametrize(
    ("values", "facts"),
    [
        ([1, 2, 3], {"types": {"int": 3}}),
        ([1, None, 2.5], {"types": {"int": 1, "null": 1, "float": 1}}),
        ([True, False, True], {"types": {"bool": 3}, "values": {"no": 1, "yes": 2}}),
        ([[1], [1, 2], [1, 2, 3, 4]], {"types": {"list": 3}, "length": [1, 2, 4]}),
        (["a\nb", "ab", "abcd"], {"types": {"text": 3}, "length": [2, 3, 4], "broken": 1}),
        (["x", "x", "y", "x"], {"types": {"text": 4}, "length": [1, 1, 1], "values": {"x": 3, "y": 1}}),
        (["ab", None, "a\n", 7], {"types": {"text": 2, "null": 1, "int": 1}, "length": [2, 2, 2], "broken": 1}),
        (["ab", [1, 2, 3]], {"types": {"text": 1, "list": 1}, "length": [2, 2, 2]}),
        ([[1], None], {"types": {"list": 1, "null": 1}, "length": [1, 1, 1]}),
        ([True, None], {"types": {"bool": 1, "null": 1}, "values": {"yes": 1}}),
        (list("aabbccdd"), {"types": {"text": 8}, "length": [1] * 3, "values": dict.fromkeys("abcd", 2)}),
        (list("aabbccddee"), {"types": {"text": 10}, "length": [1] * 3}),
        (list("aba"), {"types": {"text": 3}, "length": [1] * 3}),
        (["a" * 64] * 2, {"types": {"text": 2}, "length": [64] * 3, "values": {"a" * 64: 2}}),
        (["a" * 65] * 2, {"types": {"text": 2}, "length": [65] * 3}),
    ],
    ids=[
        "numbers",
        "nothing",
        "flags",
        "lists",
        "texts",
        "few values",
        "some texts",
        "texts first",
        "some lists",
        "some flags",
        "four values",
        "five values",
        "mostly different",
        "long values",
        "too long values",
    ],
)
def test_the_facts_of_a_field(values: list[Any], facts: dict[str, Any]) -> None:
    assert of(values) == {"in": len(values), "of": len(values)} | facts


def test_dates_by_distance_and_time_of_day() -> None:
    found = of(
        ["2025-03-11T00:00:00.000Z", "2025-03-10T20:00:00Z", "2025-03-09T20:00:00Z", "2025-03-01 07:30:12+02:00"]
    )
    assert found["dates"] == {"of": 4, "clock": 1, "days": [-10, -1, 0]}
    assert "values" not in found
    assert "dates" not in of(["20250311", "20250312", "20250313"])


@pytest.mark.parametrize(
    ("values", "is_counted"),
    [
        (["2025-01-01"] * 2, True),
        (["2025-01-01T00:00:00." + "0" * 44] * 2, True),
        (["2025-01-01T00:00:00." + "0" * 45] * 2, False),
        (["2025-1-01", "2025-01-01"], False),
        (["2025-01-01", "in January"], False),
        (["2025-01-01", "2025-01-02", "in January"], True),
        (["2025-01-01", "2025-01-02", "2025-13-01", "2025-14-01"], False),
        (["2025-01-01", None, None], False),
        (["2025-01-01", "2025-01-02", None], True),
    ],
)
def test_a_field_holds_dates_if_most_of_its_values_are_dates(values: list[Any], is_counted: bool) -> None:
    facts = of(values)
    assert ("dates" in facts) is is_counted
    assert not (is_counted and "values" in facts)


def test_dates_that_lie_equally_far_apart() -> None:
    rows = [
        {"outer": f"2025-03-{day:02}T{hour - 4:02}:15:00Z", "paper": {"inner": f"2025-03-{day:02}T{hour:02}:15:00Z"}}
        for day, hour in ((1, 7), (2, 9), (3, 14))
    ]
    assert profile(rows, ON)["outer"]["offsets"] == {"paper.inner": (3, 3, [-14400.0])}
    rows[0]["outer"] = "2025-03-01T00:00:00Z"
    rows[1]["outer"] = "2025-03-02T01:02:03Z"
    assert profile(rows, ON)["outer"]["offsets"] == {"paper.inner": (2, 0, [])}


def test_of_objects_inside_only_presence_is_counted() -> None:
    rows = [
        {"by": {"name": "a"}, "paper": {"org": {"name": "a", "logo": "b"}}},
        {"by": {}, "paper": {"org": {"name": "c"}}},
    ]
    assert profile(rows, ON) == {
        "by": {"in": 2, "of": 2, "types": {"object": 2}},
        "by.name": {"in": 1, "of": 2},
        "paper": {"in": 2, "of": 2, "types": {"object": 2}},
        "paper.org": {"in": 2, "of": 2, "types": {"object": 2}},
        "paper.org.logo": {"in": 1, "of": 2},
        "paper.org.name": {"in": 2, "of": 2},
    }
    assert presence(rows) == {
        "by": {"in": 2, "of": 2},
        "paper": {"in": 2, "of": 2},
        "paper.org": {"in": 2, "of": 2},
    }


def test_an_attack_makes_no_large_certificate() -> None:
    rows = [{f"name{number}\ud800" * 50: 1 for number in range(5000)}, {"a.b": 1}, "no object", None]
    found = profile(rows, ON)
    assert len(found) == MAX_PATHS
    assert max(map(len, found)) < 200
    assert "'a\\x2eb'" in found
    assert orjson.loads(orjson.dumps(found)) == found


def test_dates_in_more_fields_than_any_site_has_are_not_all_compared() -> None:
    rows = [{f"at{field:02}": f"2025-03-0{row}T0{row}:{field:02}:09Z" for field in range(60)} for row in range(1, 5)]
    found = profile(rows, ON)
    assert len(found) == 60
    assert [path for path, facts in found.items() if "offsets" in facts] == [f"at{n:02}" for n in range(MAX_DATES - 1)]
    assert len(found["at00"]["offsets"]) == MAX_DATES - 1


def test_names_beside_the_items_that_utf_8_has_not_are_escaped(product: Product, tmp_path: Path) -> None:
    page = (Path(__file__).parents[1] / "fixtures" / "hf-daily" / "html-2026-day" / "page.html").read_text()
    odd = page.replace('"DailyPapers" data-props="{', '"DailyPapers" data-props="{&quot;\\ud800 a&quot;:1,')
    assert odd != page
    (tmp_path / "page.html").write_text(odd)
    assert product("import", "hf-daily", tmp_path / "page.html", "--day", "2026-08-19", now=None).status == 0
    keys = product.certificate(date(2026, 8, 19))["profiles"]["html"]["keys"].split()
    assert "'\\ud800\\x20a'" in keys
    assert "dailyPapers" in keys


def test_a_certificate_reads_a_field_a_line(product: Product, site: PaperSite) -> None:
    product("run", "--day", f"{DAY}")
    written = product.store.certificate(SERIES, DAY).read_bytes()
    assert b'        "paper.title": {"in":12,"of":12,"types":{"text":12},"length":[' in written
    assert len(written) < 13_000
    profiles = product.certificate()["profiles"]
    assert profiles["api"]["fields"].keys() >= profiles["html"]["fields"].keys() - {"upvoted"}
    html = profiles["html"]
    assert (html["reading"], html["items"], html["matched"]["article"]) == ("blob", 12, 12)
    assert set(html["matched"].values()) - {html["matched"]["comments"]} == {12}
    assert "dailyPapers" in html["keys"].split()


def test_a_profile_stays_that_of_the_day_itself_after_late_looks(product: Product, site: PaperSite) -> None:
    product("run", "--day", f"{DAY}", now=site.now.replace(day=DAY.day, hour=20))
    before = product.certificate()["profiles"]
    site.switches.append(switches.items("/", lambda found: [{**item, "mood": "fine"} for item in found]))
    product("run", "--day", f"{DAY}")
    assert len(product.certificate()["fetches"]) == 2
    assert product.certificate()["profiles"] == before


@pytest.mark.parametrize(
    ("card", "matched"),
    [
        ('<article><h3><a href="/papers/2501.00001">A &amp; B\n  C</a></h3>', {"key": 1, "title": 1}),
        ('<article><label><div class="leading-none">1,234</div></label>', {"upvotes": 1}),
        ('<article><label><div class="leading-none">-</div></label>', {}),
        ("<article><div>·</div>\n 5 authors\n", {"author_count": 1}),
        ('<article><a href="/papers/2501.00001#community"><svg></svg>\n 7\n</a>', {"comments": 1}),
        ('<article><a href="/papers/2501.00001#community">', {}),
        ("<section>", None),
    ],
)
def test_what_a_glance_finds_on_a_card(card: str, matched: dict[str, int] | None) -> None:
    blob = '<div data-target="DailyPapers" data-props="{&quot;dailyPapers&quot;:[]}">'
    parsed = parse(Page("", 200, (), (blob + card).encode(), None), "hf_html", source="hf-daily")
    none = dict.fromkeys(("key", "title", "upvotes", "author_count", "comments"), 0)
    assert parsed.structure().matched == ({"article": 0} if matched is None else {"article": 1} | none | matched)
