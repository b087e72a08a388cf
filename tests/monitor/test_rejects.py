"""Rejects by cause, with what to do; and that a fixed parser heals exactly the days that had them."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from dailypapers.ingest.monitor.rejects import Cause, causes, remedy
from dailypapers.ingest.monitor.status import too_many
from dailypapers.ingest.sources.model import SourceSeries
from dailypapers.ingest.sources.registry import SOURCES
from dailypapers.parsers.hf import item as hf_item
from dailypapers.parsers.model import ItemError
from dailypapers.parsers.versions import MODULES, version
from dailypapers.snapshots.certificate import certificate_bytes, with_checksum
from dailypapers.snapshots.errors import StoreError
from dailypapers.snapshots.rejects import healed, read_rejects
from tests.papersite import PaperSite, switches
from tests.product import DAY, NOW, SERIES, Product
from tests.support.changed_parsers import set_fields, set_version

ROOT = Path(__file__).parents[2]
FIRST, LAST = DAY - timedelta(days=2), DAY + timedelta(days=2)
RANGE = ("--since", f"{FIRST}", "--until", f"{LAST}")


def breaks(monkeypatch: pytest.MonkeyPatch, bad: set[str]) -> None:
    """A parser that cannot read some papers, as if the site wrote them in a new way."""

    def fields(item: Any) -> dict[str, object]:
        if item["paper"]["id"] in bad:
            raise ItemError("paper.authors.3.name", f"is '{item['paper']['title']}' of 2026 in a new form")
        return hf_item.fields(item)

    for parser in ("hf_api", "hf_html"):
        set_fields(monkeypatch, parser, fields)


def fix_parser(monkeypatch: pytest.MonkeyPatch) -> None:
    for parser in ("hf_api", "hf_html"):
        set_fields(monkeypatch, parser, hf_item.fields)
    set_version(monkeypatch, "hf_item", version("hf_item") + 1)


def ids(site: PaperSite, day: date, number: int) -> list[str]:
    """Some papers that the site lists on a day."""
    return [item["paper"]["id"] for item in site.papers(day)][:number]


def test_a_mended_parser_heals_exactly_the_days_that_had_rejects(
    product: Product, site: PaperSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = {*ids(site, DAY, 3), *ids(site, LAST, 1)}
    breaks(monkeypatch, bad)
    result = product("run", *RANGE)
    assert result.status == 1
    kept = product.files()
    said = product("rejects", "hf-daily")
    assert said.status == 0
    assert said.out.startswith("hf-daily: rejects with 1 cause\n\n  paper.authors.*.name: is '")
    assert f"4 items on 2 days, {DAY} to {LAST}; hf_api version {version('hf_api')}; seen in api\n" in said.out
    assert f"then: dailypapers build hf-daily --since {DAY} --until {LAST}. It rebuilds these days" in said.out

    fix_parser(monkeypatch)
    assert (
        f"built with another parser version than the current one: dailypapers build hf-daily --since {DAY}"
        in product("rejects").out
    )
    result = product("build")
    assert result.status == 0
    assert f"hf-daily: 4 rejected items healed on 2 days: {DAY}, {LAST}" in result.err
    assert [line.split(": ")[0] for line in result.out.splitlines() if "healed" in line] == [
        f"hf-daily {DAY}",
        f"hf-daily {LAST}",
    ]
    days = {name for name, content in product.files().items() if kept.get(name) != content and is_day_file(name)}
    assert days == {f"snapshots/hf-daily/2025/{day}.jsonl" for day in (DAY, LAST)}
    assert not [name for name in product.files() if name.endswith(".rejects.jsonl")]
    assert product("rejects").out == f"no rejected items in {product.store.root}\n"
    assert "healed" not in product("build", "--all").err


def is_day_file(name: str) -> bool:
    return name.startswith("snapshots/") and name.count(".") == 1


def test_a_cause_of_old_and_new_days_is_stale_and_the_advice_names_the_parsers_of_the_others(
    product: Product, site: PaperSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    breaks(monkeypatch, {*ids(site, DAY, 1), *ids(site, LAST, 1)})
    product("run", *RANGE)
    path = product.store.certificate(SERIES, DAY)
    certificate = json.loads(path.read_bytes())
    certificate["parsers"]["hf_api"] -= 1
    path.write_bytes(certificate_bytes(with_checksum(certificate)))
    found = causes(product.store, SourceSeries(SOURCES["hf-daily"], SERIES))
    assert {(cause.parser, cause.stale) for cause in found} == {("hf_api", True)}
    fresh = replace(found[0], parser="hf_html", stale=False)
    advice = remedy(SERIES, [*found, fresh])
    assert "fix parsers/hf/html.py or the modules" in advice
    assert f"dailypapers build hf-daily --since {DAY} --until {LAST}. It rebuilds" in advice
    assert remedy(SERIES, found).startswith("These days were built with another parser version")


def test_the_advice_names_a_file_that_there_is() -> None:
    for parser, module in MODULES.items():
        if module.is_parser:
            cause = Cause("title", "missing", parser, module.version, days={DAY})
            (file,) = re.findall(r"fix (\S+) or", remedy(SERIES, [cause]))
            assert (ROOT / file).is_file()
    assert "fix of_old_days or" in remedy(SERIES, [Cause("title", "missing", "of_old_days", 1, days={DAY})])


def test_causes_for_programs_with_the_item_as_it_was_served(product: Product, site: PaperSite) -> None:
    for where in ("/api/", "/papers"):
        site.switches += [switches.bad_item(where, 0), switches.lone_surrogate(where, 3)]
    product("run", "--day", f"{DAY}")
    found = json.loads(product("rejects", "hf-daily", "--json").out)
    assert found["version"] == 1
    by_cause = {(cause["path"], cause["parser"]): cause for cause in found["causes"]}
    authors = by_cause["authors", "hf_api"]
    assert (authors["items"], authors["days"], authors["views"]) == (1, [f"{DAY}"], ["api"])
    assert (authors["message"], authors["example"]["position"]) == ("Input should be a valid list", 1)
    assert authors["example"]["raw"]["paper"]["authors"] == "et al."
    assert authors["built_by_another_parser"] is False
    assert by_cause["", "hf_api"]["example"]["raw"]["paper"]["title"].endswith("\ud83d")


def test_since_leaves_out_what_is_older(product: Product, site: PaperSite) -> None:
    site.switches.append(switches.bad_item("/api/"))
    product("run", *RANGE)
    found = json.loads(product("rejects", "--since", f"{LAST}", "--json").out)
    assert {day for cause in found["causes"] for day in cause["days"]} == {f"{LAST}"}


def test_where_nothing_is_there_is_nothing_to_show(product: Product) -> None:
    (product.store.root / "runs").mkdir(parents=True)
    result = product("rejects", "hf-daily")
    assert (result.status, result.out) == (0, f"no rejected items in {product.store.root}\n")
    assert json.loads(product("rejects", "--json").out) == {"version": 1, "causes": []}
    assert product("rejects", "hf-dayly").status == 2


def test_a_damaged_file_is_named_with_what_makes_it_anew(product: Product, site: PaperSite) -> None:
    site.switches.append(switches.bad_item("/api/"))
    product("run", "--day", f"{DAY}")
    path = product.store.rejects(SERIES, DAY)
    whole = path.read_bytes()
    for content in (whole[:-30], b"[]\n", b'{"raw": 1}\n'):
        path.write_bytes(content)
        result = product("rejects")
        assert (result.status, f"{path}: damaged" in result.err) == (3, True)
        with pytest.raises(StoreError):
            read_rejects(path)
    assert product("build", "--all").status == 0
    assert path.read_bytes() == whole


def test_rejects_over_the_source_s_share_of_a_run_turn_it_into_attention(product: Product, site: PaperSite) -> None:
    """One bad item a day is no matter of a day; three of less than a hundred are one of the run."""
    site.switches.append(switches.bad_item("/api/"))
    result = product("run", "--since", f"{DAY}", "--until", f"{LAST}")
    assert result.status == 1
    assert "items were rejected, more than 2%; see dailypapers rejects hf-daily" in result.err
    assert product("run", "--day", f"{DAY}", now=NOW + timedelta(hours=2)).status == 0


@pytest.mark.parametrize(
    ("rejects", "items", "much"),
    [(1, 1, False), (1, 12, False), (2, 12, True), (2, 100, False), (2, 99, True), (3, 100, True), (0, 0, False)],
)
def test_a_single_reject_is_never_too_many(rejects: int, items: int, much: bool) -> None:
    assert too_many(rejects, items, 0.02) is much


def test_an_item_is_healed_when_no_view_refuses_it_any_more() -> None:
    def line(raw: object, message: str) -> bytes:
        return json.dumps({"raw": raw, "errors": [message]}).encode()

    api, page, other = line({"paper": {"id": 1}}, "a"), line({"paper": {"id": 1}, "b": 2}, "b"), line("<article>", "c")
    assert healed([api, page, other], []) == 2
    assert healed([api, other], [page]) == 1
    assert healed([b'{"raw": ', b"7", b"{}"], []) == 0
