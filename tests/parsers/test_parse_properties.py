"""What holds of every page: the parsers give papers, rejects or ParseError, and lose no item."""

import copy
import json
import string
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dailypapers.parsers import Page, Paper, Parsed, ParseError, parse
from dailypapers.parsers.keys import key
from dailypapers.parsers.model import line, reject_line
from dailypapers.parsers.text import squeeze
from tests.support.hypothesis_examples import examples

CASES = Path(__file__).parents[1] / "fixtures" / "hf-daily"
ITEMS = json.loads((CASES / "api-2026-every-field" / "page.json").read_bytes())
HTML = [(CASES / case / "page.html").read_bytes() for case in ("html-2024-day", "html-2026-day", "html-blob-gone-2026")]
JSON = [(CASES / case / "page.json").read_bytes() for case in ("api-2026-every-field", "api-unknown-fields")]
fast = examples(150)

texts = st.text(st.characters(codec=None), max_size=12)  # lone surrogates included
scalars = st.one_of(
    st.none(), st.booleans(), st.integers(), st.integers(-(10**30), 10**30), st.floats(), texts,
    st.sampled_from(["2608.99010", "hep-th/9901001v2", "2026-08-19T00:00:00.000Z", "https://github.com/a/b", "", " "]),
)  # fmt: skip
values = st.recursive(scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3))


def check(parsed: Parsed) -> None:
    assert len(parsed.papers) + len(parsed.rejects) == parsed.items
    for paper in parsed.papers:
        assert Paper.model_validate_json(line(paper)) == paper
        assert b"\n" not in line(paper)
    for reject in parsed.rejects:
        assert reject.errors
        assert json.loads(reject_line(reject))["position"] == reject.position
    json.dumps([*parsed.unknown, *parsed.claims.notes], ensure_ascii=False).encode("utf-8")


def survives(body: bytes, parser: str) -> Parsed | None:
    """The page's papers and rejects, or None where it was refused as a whole."""
    try:
        parsed = parse(Page("", 200, (), body, None), parser, source="hf-daily")
    except ParseError:
        return None
    check(parsed)
    return parsed


def places(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for name, one in inner for place in places(one, (*path, name)))]


@st.composite
def mutated(draw: st.DrawFn) -> Any:
    """Two good items in which some values, anywhere, are replaced, removed or added."""
    items = copy.deepcopy(ITEMS)
    for _ in range(draw(st.integers(0, 3))):
        place = draw(st.sampled_from(places(items)[1:]))
        holder = items
        for step in place[:-1]:
            holder = holder[step]
        change = draw(st.sampled_from(["replace", "remove", "add"]))
        if change == "replace":
            holder[place[-1]] = draw(values)
        elif change == "remove" and place[:-1]:
            del holder[place[-1]]
        elif isinstance(holder, dict):
            holder[draw(texts)] = draw(values)
    return items


def written(items: Any, ascii_only: bool) -> bytes:
    return json.dumps(items, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")


def blob(items: Any, ascii_only: bool) -> bytes:
    props = written({"dateString": "2026-08-19", "periodType": "day", "dailyPapers": items}, ascii_only)
    escaped = props.replace(b"&", b"&amp;").replace(b'"', b"&quot;")
    return b'<html><div data-target="DailyPapers" data-props="' + escaped + b'"></div></html>'


@fast
@given(mutated(), st.booleans())
def test_spoilt_items_cost_themselves_alone(items: list[Any], ascii_only: bool) -> None:
    parsed = survives(written(items, ascii_only), "hf_api")
    good = [json.dumps(item) for item in ITEMS]  # as text, since False == 0
    untouched = {item["paper"]["id"] for item in items if json.dumps(item) in good}
    if untouched:
        assert parsed is not None
        assert untouched <= {paper.arxiv_id for paper in parsed.papers}


@fast
@given(mutated(), st.booleans())
def test_the_blob_reads_as_the_api_does(items: list[Any], ascii_only: bool) -> None:
    api, html = survives(written(items, ascii_only), "hf_api"), survives(blob(items, ascii_only), "hf_html")
    if api is None or html is None:
        assert api is html
        return
    bare = {"rank": None, "day": None}
    assert [paper.model_copy(update=bare) for paper in html.papers] == [p.model_copy(update=bare) for p in api.papers]
    assert [(r.position, r.errors) for r in html.rejects] == [(r.position, r.errors) for r in api.rejects]
    assert html.unknown == api.unknown


@fast
@given(values)
def test_any_json_is_papers_rejects_or_a_parse_error(value: Any) -> None:
    survives(written(value, True), "hf_api")
    survives(written([value, *ITEMS], False), "hf_api")
    survives(blob(value, True), "hf_html")


@fast
@given(st.binary(max_size=60), st.sampled_from(["hf_api", "hf_html", "hf_cards"]))
def test_any_bytes_are_refused_or_read(body: bytes, parser: str) -> None:
    survives(body, parser)


@fast
@given(st.data(), st.sampled_from([*((page, "hf_html") for page in HTML), *((page, "hf_api") for page in JSON)]))
def test_pages_cut_anywhere(data: st.DataObject, page: tuple[bytes, str]) -> None:
    body, parser = page
    cut = body[: data.draw(st.integers(0, len(body) - 1))]
    parsed = survives(cut, parser)
    assert parsed is None or parser == "hf_html"
    survives(cut, "hf_cards")


@fast
@given(st.data(), st.sampled_from(HTML), st.binary(max_size=4))
def test_pages_with_bytes_written_over(data: st.DataObject, page: bytes, scrap: bytes) -> None:
    at = data.draw(st.integers(0, len(page)))
    spoilt = page[:at] + scrap + page[at + len(scrap) :]
    survives(spoilt, "hf_html")
    survives(spoilt, "hf_cards")


@pytest.mark.parametrize("depth", [100, 254, 900, 1024, 5000, 100_000])
def test_nesting_never_overflows(depth: int) -> None:
    nest = b"[" * depth + b"]" * depth
    survives(nest, "hf_api")
    survives(JSON[0].replace(b'"upvotes":29', b'"upvotes":' + nest), "hf_api")
    survives(JSON[0].replace(b'"title":"Lamps', b'"other":' + nest + b',"title":"\\ud800'), "hf_api")


@fast
@given(st.text())
def test_squeezing_is_splitting_and_joining_and_done_once(text: str) -> None:
    assert squeeze(text) == " ".join(text.split()) == squeeze(squeeze(text))


@fast
@given(st.text(st.sampled_from("ab \t\n\r\v\f\x1c\x1f\x85\xa0"), max_size=12))
def test_squeezing_finds_every_blank(text: str) -> None:
    assert squeeze(text) == " ".join(text.split())


titles = st.text(string.ascii_letters + string.digits + " éÜß中", min_size=1).filter(str.strip)


@fast
@given(titles, st.text(string.punctuation + " \t\n", max_size=5))
def test_the_title_key_does_not_see_case_punctuation_or_form(title: str, noise: str) -> None:
    plain = key(title=title)
    assert plain == key(title=title.upper()) == key(title=title.casefold())
    assert plain == key(title=noise.join(title)) == key(title=noise + title)
    assert plain == key(title=unicodedata.normalize("NFKD", title))


@fast
@given(st.text(min_size=1).filter(lambda title: any(map(str.isalnum, title))))
def test_the_title_key_is_the_same_for_all_forms_of_a_title(title: str) -> None:
    assert key(title=title) == key(title=unicodedata.normalize("NFKC", title))
    assert key(title=title).startswith("title:")
