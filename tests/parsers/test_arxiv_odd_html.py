"""The HTML pages of arXiv at their edges: parts that are absent, doubled or in another form than usual."""

from __future__ import annotations

from datetime import date

import pytest

from dailypapers.parsers import Claims
from tests.parsers.test_arxiv_odd_xml import only
from tests.parsers.test_arxiv_refusals import read

HEAD = "<meta name='citation_arxiv_id' content='2608.00001'><meta name='citation_title' content='Lamps'>"


def page(*, head: str = "", rows: dict[str, str] | None = None, body: str = "") -> str:
    table = "".join(
        f"<tr><td class='label'>{label}</td><td class='x'>{cell}</td></tr>" for label, cell in (rows or {}).items()
    )
    return (
        f"<html><head>{HEAD}{head}</head><body>{body}<div class='metatable'><table>{table}</table></div></body></html>"
    )


def test_the_page_of_a_paper_with_a_title_alone() -> None:
    paper = only(page(), "arxiv_abs")
    empty = {
        "abstract", "arxiv_version", "published", "updated", "submitter", "doi", "journal_ref", "license",
        "author_comment", "author_count",
    }  # fmt: skip
    assert {name: getattr(paper, name) for name in empty} == dict.fromkeys(empty)
    assert (paper.title, paper.withdrawn, paper.categories, paper.extra, paper.authors) == ("Lamps", False, [], {}, [])


def test_the_page_of_a_paper_with_everything_in_its_table() -> None:
    rows = {
        "Comments:": "5 pages, see <a href='https://lamps.example/a'>this https URL</a><br>and more",
        "Subjects:": "<span>Computation (cs.CL)</span>; Lamps (cs.LG)",
        "MSC classes:": "68T50",
        "ACM classes:": "I.2.7",
        "Report number:": "L-1",
        "Journal reference:": "Lamps 7",
        "Related DOI:": "10.1/x",
        "Cite as:": "arXiv:2608.00001",
    }
    head = (
        "<meta name='citation_author' content='Wick, Ada'><meta name='citation_author' content='Guild'>"
        "<meta name='citation_date' content='2026/08/11'><meta name='citation_online_date' content='2026/08/12'>"
    )
    history = (
        "<td class='tablecell arxividv'></td><table><tr><td class='arxividv'></td><td class='arxivid'></td>"
        "<td class='arxividv'><a href='/abs/x'>x</a></td><td class='arxividv'></td></tr></table>"
        "<div class='abs-license'><a href='http://l.example/by'>l</a></div>"
        "<div class='submission-history'>From: Ada Wick [view email] [v1] Tue (5 KB) [v2] Wed (6 KB)</div>"
    )
    paper = only(page(head=head, rows=rows, body=history), "arxiv_abs")
    assert paper.author_comment == "5 pages, see https://lamps.example/a and more"
    assert (paper.categories, paper.journal_ref, paper.doi) == (["cs.CL", "cs.LG"], "Lamps 7", "10.1/x")
    assert paper.extra == {"acm-class": "I.2.7", "msc-class": "68T50", "report-no": "L-1"}
    assert [author["name"] for author in paper.authors] == ["Ada Wick", "Guild"]
    assert (paper.published, paper.updated) == (date(2026, 8, 11), date(2026, 8, 12))
    assert (paper.license, paper.submitter, paper.arxiv_version) == ("http://l.example/by", "Ada Wick", None)


def test_the_head_of_a_paper_counts_where_the_table_has_nothing() -> None:
    head = "<meta name='citation_doi' content='10.1/head'><meta name='citation_journal_title' content='Lamps 9'>"
    paper = only(page(head=head, rows={"Related DOI:": "10.1/row"}), "arxiv_abs")
    assert (paper.doi, paper.journal_ref) == ("10.1/head", "Lamps 9")
    assert only(page(head=head, rows={"Journal reference:": "Lamps 7"}), "arxiv_abs").journal_ref == "Lamps 7"


@pytest.mark.parametrize(
    ("shown", "history", "error", "expected"),
    [
        ("v2", "[v1] Tue (5 KB) [v2] Wed (withdrawn)", "", (2, True)),
        ("v1", "[v1] Tue (5 KB) [v2] Wed (withdrawn)", "", (1, False)),
        ("v12", "[v1] Tue (withdrawn) [v12] Wed (5 KB)", "", (12, False)),
        ("", "[v1] Tue (withdrawn)", "", (None, False)),
        ("v1", "", "This paper has been withdrawn by Ada Wick", (1, True)),
        ("v1", "", "There is a newer version", (1, False)),
    ],
)
def test_whether_the_shown_version_is_withdrawn(
    shown: str, history: str, error: str, expected: tuple[int | None, bool]
) -> None:
    body = (
        f"<table><tr><td class='arxividv'><a href='/abs/2608.00001{shown}'>x</a></td></tr></table>"
        f"<div class='submission-history'>{history}</div>" + (f"<span class='error'>{error}</span>" if error else "")
    )
    paper = only(page(body=body), "arxiv_abs")
    assert (paper.arxiv_version, paper.withdrawn) == expected


def entry(dt: str, dd: str = "<div class='list-title'><span class='descriptor'>Title:</span> Lamps</div>") -> str:
    return f"<dl><dt>{dt}</dt><dd>{dd}</dd></dl>"


LINK = "<a href='/abs/2608.00001' title='Abstract'>arXiv:2608.00001</a>"


@pytest.mark.parametrize(
    ("heading", "claims"),
    [
        ("Showing new listings for Wednesday, 12 August 2026", Claims(date(2026, 8, 12), "day")),
        ("Catchup results for Lamps on Wed, 12 Aug 2026", Claims(date(2026, 8, 12), "day")),
        ("Authors and titles for August 2026", Claims(date(2026, 8, 1), "month")),
        ("Authors and titles for 2026", Claims(date(2026, 1, 1), "year")),
        ("Authors and titles for recent submissions", Claims(period="mixed")),
        ("Showing new listings for Wednesday, 32 August 2026", Claims(None, "day")),
    ],
)
def test_the_heading_of_a_listing(heading: str, claims: Claims) -> None:
    parsed = read(f"<h1>Lamps</h1><h3>{heading}</h3>", "arxiv_list")
    assert (parsed.claims, parsed.items, parsed.states_empty) == (claims, 0, True)
    assert read(f"<h3>{heading}</h3>{entry(LINK)}", "arxiv_list").states_empty is False


@pytest.mark.parametrize(
    ("page", "promised", "notes"),
    [
        ("<h3>New submissions (showing 1 of 7 entries)</h3>", 7, ()),
        ("<h3>New submissions (showing first 1 of 7 entries)</h3>", 7, ()),
        ("<h3>Wed, 12 Aug 2026 (continued, showing last 1 of 7 entries )</h3>", 7, ()),
        (
            "<h3>Cross submissions (showing 2 of 7 entries)</h3>",
            7,
            ("Cross submissions: the heading promises 2 entries, the page shows 1",),
        ),
        ("<h3>New submissions</h3>", None, ()),
        ("<div class='paging'>Total of 9 entries : 1-1</div><h3>New submissions (showing 1 of 7 entries)</h3>", 9, ()),
        ("<div class='paging'>Total of 9 entries</div><div class='paging'>Total of 8 entries</div>", 9, ()),
        ("<div class='paging'>Page</div><div class='paging'>total of 8 entries</div>", 8, ()),
    ],
)
def test_what_a_listing_promises(page: str, promised: int | None, notes: tuple[str, ...]) -> None:
    claims = read(page + entry(LINK), "arxiv_list").claims
    assert claims == Claims(period="mixed", promised=promised, notes=notes)


@pytest.mark.parametrize(
    ("heading", "mark", "kind", "listed"),
    [
        ("New submissions", "", "new", None),
        ("Cross submissions", "", "cross", None),
        ("Replacement submissions", "", "replace", None),
        ("New submissions", "(replaced)", "new", None),
        ("Wed, 12 Aug 2026", "", None, date(2026, 8, 12)),
        ("Wed, 12 Aug 2026", "(cross-list from cs.LG)", "cross", date(2026, 8, 12)),
        ("Wed, 12 Aug 2026", "(replaced)", "replace", date(2026, 8, 12)),
        ("Wed, 32 Aug 2026", "", None, None),
        ("Other", "(cross-list from cs.LG)", "cross", None),
    ],
)
def test_how_an_entry_is_listed(heading: str, mark: str, kind: str | None, listed: date | None) -> None:
    paper = only(f"<h3>{heading}</h3>{entry(f'[1] {LINK} {mark}')}", "arxiv_list")
    assert (paper.announce_type, paper.listed, paper.arxiv_version) == (kind, listed, None)


@pytest.mark.parametrize(
    ("dt", "arxiv_id", "version"),
    [
        (LINK, "2608.00001", None),
        ("<a href='/abs/hep-th/9901001'>x</a>", "hep-th/9901001", None),
        ("<a title='Abstract' href='https://arxiv.org/abs/2608.00002'>x</a>", "2608.00002", None),
        ("<span class='list-identifier'><a href='/abs/2608.00003'>x</a></span>", "2608.00003", None),
        ("<span class='list-identifier'><a href='arXiv:2608.00004'>x</a></span>", "2608.00004", None),
        (f"{LINK}<a title='View HTML' href='https://arxiv.org/html/2608.00001v3'>html</a>", "2608.00001", 3),
        (f"{LINK}<a title='View HTML' href='/html/other'>html</a>", "2608.00001", None),
        (f"{LINK}<a title='View HTML'>html</a>", "2608.00001", None),
        ("arXiv:2608.00005", "2608.00005", None),
    ],
)
def test_the_id_and_version_of_an_entry(dt: str, arxiv_id: str, version: int | None) -> None:
    paper = only(entry(dt), "arxiv_list")
    assert (paper.arxiv_id, paper.arxiv_version) == (arxiv_id, version)


def test_the_details_of_an_entry() -> None:
    details = (
        "<div class='list-title'><span class='descriptor'>Title:</span> Lamps</div>"
        "<div class='list-authors'><a href='x'>Ada Wick</a>, <a class='link-external'>et al.</a></div>"
        "<div class='list-comments'><span class='descriptor'>Comments:</span> See"
        " <a href='https://lamps.example'>this https URL</a></div>"
        "<div class='list-journal-ref'><span class='descriptor'>Journal-ref:</span> Lamps 7</div>"
        "<div class='list-subjects'><span class='descriptor'>Subjects:</span> Language (cs.CL); Lamps (cs.LG)</div>"
        "<p class='mathjax'>A lamp<br>that sleeps</p>"
    )
    parsed = read(entry(LINK, details), "arxiv_list")
    (paper,) = parsed.papers
    assert (paper.title, [author["name"] for author in paper.authors]) == ("Lamps", ["Ada Wick"])
    assert (paper.author_comment, paper.journal_ref) == ("See https://lamps.example", "Lamps 7")
    assert (paper.categories, paper.abstract) == (["cs.CL", "cs.LG"], "A lamp that sleeps")
    parts = ("dt", "title", "authors", "subjects", "abstract", "comments", "journal_ref")
    assert parsed.structure().matched == dict.fromkeys(parts, 1) | {"version": 0}
    bare = read(entry(f"{LINK}<a title='View HTML' href='/html/2608.00001v3'>h</a>"), "arxiv_list").structure()
    assert bare.matched == {"dt": 1, "title": 1, "version": 1} | dict.fromkeys(parts[2:], 0)


def test_details_before_any_entry_are_of_no_entry() -> None:
    assert read(f"<dl><dd>Lost</dd></dl>{entry(LINK)}", "arxiv_list").items == 1
