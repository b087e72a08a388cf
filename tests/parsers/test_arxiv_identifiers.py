"""arXiv identifiers: every form that a site writes is the same paper, and nothing else is one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dailypapers.parsers.arxiv.item import Identifier, parse_identifier
from dailypapers.parsers.keys import key, split_arxiv
from tests.support.hypothesis_examples import examples

ARCHIVES = ["hep-th", "math", "astro-ph", "cond-mat", "quant-ph", "q-bio", "cs", "acc-phys"]

months = st.integers(1, 12)
new_ids = st.one_of(
    st.builds(lambda y, m, n: f"{y:02}{m:02}.{n:04}", st.integers(7, 14), months, st.integers(1, 9999)),
    st.builds(lambda y, m, n: f"{y:02}{m:02}.{n:05}", st.integers(15, 99), months, st.integers(1, 99999)),
)
numbers = st.builds(lambda y, m, n: f"{y:02}{m:02}{n:03}", st.integers(0, 99), months, st.integers(1, 999))
old_ids = st.builds(lambda archive, number: f"{archive}/{number}", st.sampled_from(ARCHIVES), numbers)
ids = st.one_of(new_ids, old_ids)
versions = st.one_of(st.none(), st.integers(1, 40))
identifiers = st.builds(Identifier, ids, versions)
classes = st.sampled_from(["GT", "CL", "AG", "SE"])

FORMS = [
    "{}",
    " {}\n",
    "arXiv:{}",
    "arxiv:{}",
    "arXiv: {} [cs.CL]",
    "{} [hep-th]",
    "oai:arXiv.org:{}",
    "10.48550/arXiv.{}",
    "doi:10.48550/arxiv.{}",
    "https://doi.org/10.48550/arXiv.{}",
    "http://dx.doi.org/10.48550/ARXIV.{}",
    "http://arxiv.org/abs/{}",
    "https://www.arxiv.org/abs/{}/",
    "https://arxiv.org/pdf/{}",
    "https://arxiv.org/pdf/{}.pdf",
    "https://export.arxiv.org/abs/{}?context=cs",
    "https://rss.arxiv.org/abs/{}",
    "//arxiv.org/html/{}#S1",
    "https://arxiv.org/format/{}",
    "http://xxx.lanl.gov/ps/{}.ps.gz",
    "https://arxiv.org/e-print/{}",
    "https://ar5iv.labs.arxiv.org/html/{}",
    "https://huggingface.co/papers/{}",
    "/abs/{}",
    "/pdf/{}",
]


@examples(60)
@given(identifiers)
def test_every_form_of_an_identifier_is_that_identifier(identifier: Identifier) -> None:
    assert [parse_identifier(form.format(identifier)) for form in FORMS] == [identifier] * len(FORMS)


@examples(100)
@given(identifiers)
def test_what_an_identifier_is_written_as_is_read_back(identifier: Identifier) -> None:
    of_all_versions = Identifier(identifier.id)
    assert parse_identifier(str(identifier)) == identifier
    assert parse_identifier(identifier.abs_url) == parse_identifier(identifier.pdf_url) == identifier
    assert parse_identifier(identifier.oai) == parse_identifier(identifier.doi) == of_all_versions


@examples(60)
@given(st.sampled_from(ARCHIVES), classes, numbers, versions)
def test_a_subject_class_makes_no_other_paper(archive: str, subject: str, number: str, version: int | None) -> None:
    full = f"{archive}.{subject}/{number}" + (f"v{version}" if version else "")
    assert parse_identifier(full) == Identifier(f"{archive}/{number}", version)
    assert split_arxiv(full) == (f"{archive}/{number}", version)
    assert key(title="", arxiv_id=f"{archive}.{subject}/{number}") == f"arxiv:{archive}/{number}"


@examples(100)
@given(identifiers)
def test_an_identifier_has_the_key_of_its_paper_in_all_sources(identifier: Identifier) -> None:
    assert split_arxiv(str(identifier)) == tuple(identifier)
    assert key(title="Any", arxiv_id=identifier.id) == f"arxiv:{identifier.id}"
    assert key(title="Any", doi=identifier.doi) == f"arxiv:{identifier.id}"


@pytest.mark.parametrize(
    ("text", "identifier"),
    [
        ("https://arxiv.org/abs/math.GT/0309136v2", Identifier("math/0309136", 2)),
        ("10.48550/ARXIV.HEP-TH/9901001", Identifier("hep-th/9901001")),
        ("arXiv:cond-mat.str-el/0001001", Identifier("cond-mat/0001001")),
        ("oai:arXiv.org:2608.99001v12", Identifier("2608.99001", 12)),
        ("2608.99010", Identifier("2608.99010")),
        ("2608.99010v0", Identifier("2608.99010")),
        ("2608.99010V3", Identifier("2608.99010", 3)),
    ],
)
def test_identifiers_in_their_odd_forms(text: str, identifier: Identifier) -> None:
    assert parse_identifier(text) == identifier


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2608.990011",
        "260.99001",
        "hep-th/990100",
        "hep-th/99010011",
        "2608.99001 and 2608.99002",
        "https://arxiv.org/list/cs.CL/new",
        "https://arxiv.org/abs/",
        "https://arxiv.org.evil.example/abs/2608.99001",
        "https://evil.example/abs/2608.99001",
        "https://notarxiv.org/abs/2608.99001",
        "https://arxiv.org/abs/2608.99001v" + "1" * 10,
        "http://arxiv.org/abs/2608.99001v" + "1" * 5000,
        "10.5555/arXiv.2608.99001",
        "oai:arXiv.org:",
        "٢٦٠٨.99001",
        "2608.99001v",
    ],
)
def test_what_is_no_identifier(text: str) -> None:
    assert parse_identifier(text) is None


@examples(200)
@given(st.text(st.characters(codec=None), max_size=40))
def test_any_text_is_an_identifier_or_none_and_never_an_error(text: str) -> None:
    found = parse_identifier(text)
    assert found is None or parse_identifier(str(found)) == found
