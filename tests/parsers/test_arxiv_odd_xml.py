"""The XML of arXiv at its edges: values that are absent, doubled or in another form than usual."""

from __future__ import annotations

from datetime import date

import pytest

from dailypapers.parsers import Claims, Paper
from dailypapers.parsers.arxiv.item import MAX_AUTHORS
from tests.parsers.test_arxiv_refusals import feed, read

ENTRY = "<id>http://arxiv.org/abs/2608.00001v2</id><title>Lamps</title>"


def only(text: str, parser: str) -> Paper:
    """The one paper of a page."""
    parsed = read(text, parser)
    assert parsed.rejects == []
    (paper,) = parsed.papers
    return paper


def errors(text: str, parser: str) -> list[str]:
    """What is wrong with the one item of a page."""
    parsed = read(text, parser)
    (reject,) = parsed.rejects
    assert parsed.papers == []
    return [f"{error}" for error in reject.errors]


def record(metadata: str = "", *, form: str = "arXiv", header: str = "", around: str = "") -> str:
    return (
        f"<OAI-PMH><GetRecord><record><header><identifier>oai:arXiv.org:2608.00001</identifier>{header}</header>"
        f"<metadata><{form}><title>Lamps</title>{metadata}</{form}></metadata>{around}</record></GetRecord></OAI-PMH>"
    )


def dublin(elements: str) -> str:
    return record(elements, form="dc")


def raw(elements: str) -> str:
    return record(elements, form="arXivRaw")


@pytest.mark.parametrize(
    ("total", "promised"),
    [
        ("0", 0),
        (" 7 ", 7),
        ("", None),
        ("-1", None),
        ("7.5", None),
        ("many", None),
        ("9" * 18, 10**18 - 1),
        ("9" * 19, None),
        ("\u0663", 3),
    ],
)
def test_the_promised_number_of_the_query_api(total: str, promised: int | None) -> None:
    claims = read(feed(total=f"<s:totalResults>{total}</s:totalResults>"), "arxiv_atom").claims
    assert claims == Claims(promised=promised)


def test_an_entry_of_the_query_api_with_everything_doubled_and_nested() -> None:
    entry = (
        f"{ENTRY}<title>Another</title><summary>A <b>bold</b> lamp</summary>"
        "<category/><category term='cs.CL'/><category term='cs.CL'/><category term='68T50'/>"
        "<arxiv:primary_category term='cs.LG'/><link href='x'/>"
        "<author><name>Ada  Wick</name><arxiv:affiliation>Lantern </arxiv:affiliation>"
        "<arxiv:affiliation>Oil</arxiv:affiliation><email>a@b.example</email></author>"
        "<author><name>Bo Lind</name></author>"
    )
    paper = only(feed(entry), "arxiv_atom")
    assert (paper.title, paper.abstract, paper.arxiv_version) == ("Lamps", "A bold lamp", 2)
    assert (paper.categories, paper.extra) == (["cs.LG", "cs.CL"], {"classes": "; 68T50"})
    authors = [(author["name"], author["affiliation"]) for author in paper.authors]
    assert authors == [("Ada Wick", "Lantern; Oil"), ("Bo Lind", None)]


def test_an_author_without_a_name_and_a_wrong_date_are_errors() -> None:
    entry = f"{ENTRY}<published>soon</published><author><arxiv:affiliation>Oil</arxiv:affiliation></author>"
    found = errors(feed(entry), "arxiv_atom")
    assert [error.partition(":")[0] for error in found] == ["authors.0.name", "published"]


def test_more_authors_than_any_paper_has_are_one_error() -> None:
    author = "<author><name>A</name></author>"
    assert only(feed(ENTRY + author * MAX_AUTHORS), "arxiv_atom").author_count == MAX_AUTHORS
    message = f"authors: a list of {MAX_AUTHORS + 1}; no paper has more than {MAX_AUTHORS}"
    assert errors(feed(ENTRY + author * (MAX_AUTHORS + 1)), "arxiv_atom") == [message]


def test_an_entry_without_an_id_is_an_error() -> None:
    assert errors(feed("<title>Lamps</title>"), "arxiv_atom") == ["arxiv_id: is missing"]
    assert errors(feed("<id>http://arxiv.org/abs/x</id><title>Lamps</title>"), "arxiv_atom") == [
        "arxiv_id: 'http://arxiv.org/abs/x' is no arXiv id like 2408.00118 or hep-th/9901001"
    ]


@pytest.mark.parametrize(
    ("parser", "text", "unknown"),
    [
        ("arxiv_atom", feed(f"{ENTRY}<arxiv:price>1</arxiv:price>"), {"{http://arxiv.org/schemas/atom}price": 1}),
        (
            "arxiv_rss",
            "<rss><channel><item><guid>oai:arXiv.org:2608.00001</guid><title>L</title><x/></item></channel></rss>",
            {"x": 1},
        ),
        ("arxiv_oai", record("<orcid>1</orcid>", around="<about/>"), {"orcid": 1}),
        ("arxiv_oai", record(header="<owner>me</owner>"), {"owner": 1}),
        ("arxiv_oai", raw("<created>2026-08-12</created>"), {"created": 1}),
        ("arxiv_oai", dublin("<rating>1</rating>"), {"rating": 1}),
        ("arxiv_oai", record("<proxy>x</proxy><created>2026-08-12</created><updated>2026-08-13</updated>"), {}),
    ],
)
def test_elements_that_a_format_did_not_have_are_counted(parser: str, text: str, unknown: dict[str, int]) -> None:
    assert read(text, parser).unknown == unknown


@pytest.mark.parametrize(
    ("token", "promised", "more"),
    [
        ("<resumptionToken completeListSize='12'> a|b </resumptionToken>", 11, "a%7Cb"),
        ("<resumptionToken completeListSize='12'/>", 11, None),
        ("<resumptionToken completeListSize='many'>t</resumptionToken>", None, "t"),
        (f"<resumptionToken completeListSize='{'9' * 18}'>t</resumptionToken>", 10**18 - 2, "t"),
        (f"<resumptionToken completeListSize='{'9' * 19}'>t</resumptionToken>", None, "t"),
        ("<resumptionToken>a/b&amp;c</resumptionToken>", None, "a%2Fb%26c"),
        ("", None, None),
    ],
)
def test_what_a_resumption_token_says(token: str, promised: int | None, more: str | None) -> None:
    deleted = "<record><header status='deleted'><identifier>  oai:arXiv.org:x\n y</identifier></header></record>"
    page = f"<OAI-PMH><ListRecords>{deleted}{token}</ListRecords></OAI-PMH>"
    parsed = read(page, "arxiv_oai", "https://oai.example/oai?verb=ListRecords&from=2026-08-12#x")
    url = f"https://oai.example/oai?verb=ListRecords&resumptionToken={more}" if more else None
    assert parsed.claims == Claims(promised=promised, next_url=url, notes=("deleted: 'oai:arXiv.org:x y'",))
    assert (parsed.items, parsed.states_empty) == (0, False)


def test_a_deleted_record_is_named_by_at_most_a_hundred_characters() -> None:
    deleted = f"<record><header status='deleted'><identifier>{'x' * 200}</identifier></header></record>"
    bare = "<record><header status='deleted'/></record>"
    notes = read(f"<OAI-PMH><ListRecords>{deleted}{bare}</ListRecords></OAI-PMH>", "arxiv_oai").claims.notes
    assert notes == (f"deleted: '{'x' * 100}'", "deleted: ''")


@pytest.mark.parametrize(
    ("bounds", "day"),
    [
        ("from='2026-08-12' until='2026-08-12'", date(2026, 8, 12)),
        ("from='2026-08-12' until='2026-08-13'", None),
        ("from='2026-08-12'", None),
        ("from='today' until='today'", None),
        ("", None),
    ],
)
def test_the_day_of_a_harvest_is_that_of_its_request(bounds: str, day: date | None) -> None:
    page = f"<OAI-PMH><request {bounds}>x</request><ListRecords/></OAI-PMH>"
    assert read(page, "arxiv_oai").claims == Claims(day=day)


def test_no_records_match_states_that_the_day_is_empty() -> None:
    assert read("<OAI-PMH><error code='noRecordsMatch'/></OAI-PMH>", "arxiv_oai").states_empty is True


def test_a_record_alone_is_read() -> None:
    text = record("<created>2026-08-12</created>").removeprefix("<OAI-PMH><GetRecord>")
    assert only(text.removesuffix("</GetRecord></OAI-PMH>"), "arxiv_oai").published == date(2026, 8, 12)


@pytest.mark.parametrize(
    ("metadata", "found"),
    [
        ("<metadata><marc/></metadata>", "the text 'marc'"),
        ("<metadata/>", "the value null"),
        ("", "the value null"),
    ],
)
def test_a_record_in_no_known_format_is_an_error(metadata: str, found: str) -> None:
    text = f"<record><header><identifier>oai:arXiv.org:2608.00001</identifier></header>{metadata}</record>"
    assert errors(text, "arxiv_oai") == [f"metadata: expected the format arXiv, arXivRaw or dc, found {found}"]


def test_the_format_arxiv_with_doubled_and_absent_parts() -> None:
    authors = (
        "<authors><author><keyname>Wick</keyname><keyname>Not</keyname><forenames>Ada</forenames><suffix>Jr.</suffix>"
        "<affiliation>Lantern</affiliation><affiliation>Oil</affiliation></author>"
        "<author><keyname>Guild</keyname></author></authors>"
    )
    paper = only(
        record(
            f"<title>Not this</title>{authors}<categories> cs.CL  cs.LG cs.CL</categories>"
            "<msc-class>68  T50</msc-class><acm-class></acm-class><report-no>L-1</report-no>"
            "<license> </license><doi> 10.1/x </doi><updated>2026-08-13</updated>",
            header="<datestamp>2026-08-14</datestamp><setSpec>cs</setSpec><setSpec>math</setSpec>",
        ),
        "arxiv_oai",
    )
    assert (paper.title, paper.license, paper.doi, paper.updated) == ("Lamps", None, "10.1/x", date(2026, 8, 13))
    assert [(author["name"], author["affiliation"]) for author in paper.authors] == [
        ("Ada Wick Jr.", "Lantern; Oil"),
        ("Guild", None),
    ]
    assert paper.categories == ["cs.CL", "cs.LG"]
    assert paper.extra == {"datestamp": "2026-08-14", "msc-class": "68 T50", "report-no": "L-1"}


@pytest.mark.parametrize(
    ("parts", "withdrawn"),
    [
        ("<size>0kb</size>", True),
        ("<size> 0 </size>", True),
        ("<size>10kb</size>", False),
        ("<size>900kb</size><source_type>I</source_type>", True),
        ("<source_type>DI</source_type>", True),
        ("<source_type>D</source_type>", False),
        ("", False),
    ],
)
def test_a_version_without_files_is_a_withdrawal(parts: str, withdrawn: bool) -> None:
    earlier = "<version version='v1'><size>0kb</size></version>"
    assert only(raw(f"{earlier}<version version='v2'>{parts}</version>"), "arxiv_oai").withdrawn is withdrawn


@pytest.mark.parametrize(
    ("version", "number"),
    [
        ("version='v12'", 12),
        ("version='3'", 3),
        ("", None),
        ("version='vx'", None),
        ("version='v123456789'", 123456789),
        ("version='v1234567890'", None),
    ],
)
def test_the_number_of_the_newest_version(version: str, number: int | None) -> None:
    assert only(raw(f"<version version='v1'/><version {version}/>"), "arxiv_oai").arxiv_version == number


def test_arxiv_raw_without_versions_authors_and_text() -> None:
    paper = only(raw(""), "arxiv_oai")
    assert (paper.arxiv_version, paper.published, paper.updated, paper.submitter, paper.authors) == (
        None, None, None, None, [],
    )  # fmt: skip
    assert (paper.withdrawn, paper.author_count, paper.abstract) == (False, None, None)


def test_arxiv_raw_has_dates_of_mails_and_tex() -> None:
    date_of = "<version version='v{}'><date>{}</date></version>"
    versions = date_of.format(1, "Mon, 2 Apr 2007 19:18:42 GMT") + date_of.format(2, "Tue, 24 Jul 2007 20:10:27 GMT")
    text = r"<authors>J\"org S{\o}gaard (1), Bo Lind ((1) Lantern)</authors><submitter>J\"org  S</submitter>"
    paper = only(raw(versions + text), "arxiv_oai")
    assert (paper.published, paper.updated, paper.submitter) == (date(2007, 4, 2), date(2007, 7, 24), "Jörg S")
    assert [(author["name"], author["affiliation"]) for author in paper.authors] == [
        ("Jörg Søgaard", "Lantern"),
        ("Bo Lind", None),
    ]
    wrong = date_of.format(1, "some day")
    assert [error.partition(":")[0] for error in errors(raw(wrong), "arxiv_oai")] == ["published", "updated"]


def test_dublin_core_has_comment_reference_and_doi_among_other_values() -> None:
    paper = only(
        dublin(
            "<title>Second</title><creator>Wick, Ada</creator><creator>Lind,  Bo, Jr.</creator>"
            "<description>Comment:  5 pages</description><description>An abstract.</description>"
            "<description>Comment: 6 pages</description><date>2026-08-13</date><date> 2026-08-12 </date>"
            "<date>2026-08-14</date><identifier>http://arxiv.org/abs/2608.00001</identifier>"
            "<identifier>https://arxiv.org/abs/2608.00001</identifier><identifier>doi:10.1/x</identifier>"
            "<identifier>Lamps 7, 1-5</identifier><identifier>Lamps 8</identifier><rights>http://l.example/by</rights>"
        ),
        "arxiv_oai",
    )
    assert (paper.title, paper.abstract, paper.author_comment) == ("Lamps", "An abstract.", "5 pages")
    assert [author["name"] for author in paper.authors] == ["Ada Wick", "Bo Lind Jr."]
    assert (paper.published, paper.updated) == (date(2026, 8, 12), date(2026, 8, 14))
    assert (paper.journal_ref, paper.doi, paper.license) == ("Lamps 7, 1-5", "10.1/x", "http://l.example/by")


def test_dublin_core_with_a_title_alone() -> None:
    paper = only(dublin("<date>2026-08-12</date>"), "arxiv_oai")
    assert (paper.published, paper.updated) == (date(2026, 8, 12), None)
    bare = only(dublin(""), "arxiv_oai")
    values = (bare.published, bare.updated, bare.abstract, bare.author_comment, bare.journal_ref, bare.doi)
    assert (*values, bare.license, bare.authors) == (None,) * 7 + ([],)


def channel(item: str, *, before: str = "") -> str:
    head = "<guid>oai:arXiv.org:2608.00001v1</guid><title>L</title>"
    return f"<rss><channel>{before}<item>{head}{item}</item></channel></rss>"


@pytest.mark.parametrize(
    ("item", "abstract", "kind"),
    [
        ("<description>arXiv:2608.00001v1 Announce Type: cross \nAbstract: A lamp.</description>", "A lamp.", "cross"),
        (
            "<description>arXiv:2608.00001v1 Announce Type: cross Abstract: A\nlamp.</description>"
            "<announce_type>new</announce_type>",
            "A lamp.",
            "new",
        ),
        ("<description>A lamp.</description>", "A lamp.", None),
        ("<summary>A lamp.</summary>", "A lamp.", None),
        ("", None, None),
    ],
)
def test_the_description_of_a_feed(item: str, abstract: str | None, kind: str | None) -> None:
    paper = only(channel(item), "arxiv_rss")
    assert (paper.abstract, paper.announce_type, paper.withdrawn) == (abstract, kind, False)


def test_the_categories_names_and_rights_of_a_feed() -> None:
    item = (
        "<category> cs.CL </category><category term='cs.LG'/><category>68T50</category><link href='x'/>"
        r"<creator>J\"org Wick, Bo Lind, Jr.</creator><rights> http://l.example/by </rights><DOI>10.1/x</DOI>"
        "<journal_reference>Lamps 7</journal_reference>"
    )
    paper = only(channel(item), "arxiv_rss")
    assert (paper.categories, paper.extra) == (["cs.CL", "cs.LG"], {"classes": "68T50"})
    assert [author["name"] for author in paper.authors] == ["Jörg Wick", "Bo Lind Jr."]
    assert (paper.license, paper.doi, paper.journal_ref) == ("http://l.example/by", "10.1/x", "Lamps 7")
    assert (paper.arxiv_version, paper.authors[0]["affiliation"]) == (1, None)


@pytest.mark.parametrize(
    ("before", "item", "day"),
    [
        ("<pubDate>Wed, 12 Aug 2026 00:00:00 -0400</pubDate>", "", date(2026, 8, 12)),
        ("", "<pubDate>Wed, 12 Aug 2026 00:00:00 -0400</pubDate>", date(2026, 8, 12)),
        ("", "<published>2026-08-12T00:00:00-04:00</published>", date(2026, 8, 12)),
        ("<pubDate>one day</pubDate>", "", None),
        ("", "", None),
    ],
)
def test_the_day_of_a_feed(before: str, item: str, day: date | None) -> None:
    parsed = read(channel(item, before=before), "arxiv_rss")
    assert (parsed.reading, parsed.claims) == ("rss", Claims(day, "day") if day else Claims())
    assert [paper.listed for paper in parsed.papers] == [day if item else None]
