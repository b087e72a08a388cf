"""Answers of OAI-PMH in its three formats, in the form of the base of 2025."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from email.utils import format_datetime
from html import escape as escaped

from tests.papersite.arxiv.papers import ArxivPaper

_ENVELOPE = (
    "<?xml version='1.0' encoding='UTF-8'?>\n"
    '<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
    'xsi:schemaLocation="http://www.openarchives.org/OAI/2.0/ http://www.openarchives.org/OAI/2.0/OAI-PMH.xsd">\n'
)


def answer(now: datetime, request: Mapping[str, str], body: str) -> str:
    attributes = "".join(f' {name}="{escaped(value)}"' for name, value in request.items())
    return (
        f"{_ENVELOPE}  <responseDate>{now.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}</responseDate>\n"
        f"  <request{attributes}>http://oaipmh.arxiv.org/oai</request>\n{body}</OAI-PMH>\n"
    )


def error(code: str, words: str) -> str:
    return f'  <error code="{code}">{escaped(words)}</error>\n'


def records(found: Iterable[str], token: str | None = None, verb: str = "ListRecords") -> str:
    """A list of records; the token of its last page is empty, a list of one page has none."""
    more = "" if token is None else f"    <resumptionToken>{escaped(token)}</resumptionToken>\n"
    return f"  <{verb}>\n{''.join(found)}{more}  </{verb}>\n"


def record(paper: ArxivPaper, datestamp: date, form: str = "arXiv") -> str:
    metadata = {"arXiv": _arxiv, "arXivRaw": _raw, "oai_dc": _dublin_core}[form](paper)
    return f"    <record>\n{_header(paper, datestamp)}      <metadata>\n{metadata}      </metadata>\n    </record>\n"


def deleted(paper: ArxivPaper, datestamp: date) -> str:
    header = _header(paper, datestamp, ' status="deleted"')
    return f"    <record>\n{header}    </record>\n"


def _header(paper: ArxivPaper, datestamp: date, status: str = "") -> str:
    sets = "".join(f"        <setSpec>{set_of(name)}</setSpec>\n" for name in paper.categories)
    return (
        f"      <header{status}>\n        <identifier>oai:arXiv.org:{paper.id}</identifier>\n"
        f"        <datestamp>{datestamp}</datestamp>\n{sets}      </header>\n"
    )


def set_of(category: str) -> str:
    archive, _, subject = category.partition(".")
    group = archive if archive in {"cs", "econ", "eess", "math", "q-bio", "q-fin", "stat"} else "physics"
    return f"{group}:{archive}:{subject}" if subject else f"{group}:{archive}"


def _element(name: str, value: str, indent: int = 10) -> str:
    return f"{' ' * indent}<{name}>{_text(value)}</{name}>\n" if value else ""


def _text(value: str) -> str:
    return escaped(value, quote=False).replace("'", "&#39;")


def _classes(paper: ArxivPaper) -> tuple[str, str]:
    return (paper.classes[0], paper.classes[1]) if paper.classes else ("", "")


def _arxiv(paper: ArxivPaper) -> str:
    authors = "".join(
        "            <author>\n"
        + _element("keyname", author.keyname, 14)
        + _element("forenames", author.forenames, 14)
        + _element("suffix", author.suffix, 14)
        + "".join(_element("affiliation", place, 14) for place in author.affiliations)
        + "            </author>\n"
        for author in paper.authors
    )
    msc, acm = _classes(paper)
    return (
        '        <arXiv xmlns="http://arxiv.org/OAI/arXiv/" xsi:schemaLocation="http://arxiv.org/OAI/arXiv/ '
        'http://arxiv.org/OAI/arXiv.xsd">\n'
        + _element("id", paper.id)
        + _element("created", f"{paper.published:%Y-%m-%d}")
        + (_element("updated", f"{paper.updated:%Y-%m-%d}") if paper.version > 1 else "")
        + f"          <authors>\n{authors}          </authors>\n"
        + _element("title", paper.title)
        + _element("categories", " ".join(paper.categories))
        + _element("comments", paper.comment)
        + _element("msc-class", msc)
        + _element("acm-class", acm)
        + _element("report-no", paper.report)
        + _element("journal-ref", paper.journal_ref)
        + _element("doi", paper.doi)
        + _element("license", paper.license)
        + _element("abstract", paper.abstract)
        + "        </arXiv>\n"
    )


def _raw(paper: ArxivPaper) -> str:
    versions = "".join(
        f'          <version version="v{number}">\n            <date>{_mail_date(version.at)}</date>\n'
        f"            <size>{version.kilobytes}kb</size>\n            <source_type>"
        f"{'I' if version.kilobytes == 0 else 'D'}</source_type>\n          </version>\n"
        for number, version in enumerate(paper.versions, 1)
    )
    return (
        '        <arXivRaw xmlns="http://arxiv.org/OAI/arXivRaw/" xsi:schemaLocation="http://arxiv.org/OAI/arXivRaw/ '
        'http://arxiv.org/OAI/arXivRaw.xsd">\n'
        + _element("id", paper.id)
        + _element("submitter", paper.submitter)
        + versions
        + _element("title", paper.title)
        + _element("authors", _raw_authors(paper))
        + _element("categories", " ".join(paper.categories))
        + _element("comments", paper.comment)
        + _element("journal-ref", paper.journal_ref)
        + _element("doi", paper.doi)
        + _element("license", paper.license)
        + f"          <abstract>  {_text(paper.abstract)}\n</abstract>\n        </arXivRaw>\n"
    )


def _raw_authors(paper: ArxivPaper) -> str:
    names = [
        author.tex.replace(" Jr.", ", Jr.") + "".join(f" ({place})" for place in author.affiliations)
        for author in paper.authors
    ]
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def _mail_date(at: datetime) -> str:
    return format_datetime(at.astimezone(UTC), usegmt=True)


def _dublin_core(paper: ArxivPaper) -> str:
    def many(name: str, values: Iterable[str]) -> str:
        return "".join(_element(f"dc:{name}", value) for value in values)

    dates = [f"{paper.published:%Y-%m-%d}", *([f"{paper.updated:%Y-%m-%d}"] if paper.version > 1 else [])]
    return (
        '        <oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/">\n'
        + many("title", [paper.title])
        + many("creator", [_turned(author.keyname, author.forenames, author.suffix) for author in paper.authors])
        + many("description", [f"  {paper.abstract}\n", f"Comment: {paper.comment}" if paper.comment else ""])
        + many("date", dates)
        + many("type", ["text"])
        + many("identifier", [f"http://arxiv.org/abs/{paper.id}", paper.journal_ref, paper.doi and f"doi:{paper.doi}"])
        + "        </oai_dc:dc>\n"
    )


def _turned(*parts: str) -> str:
    return ", ".join(filter(None, parts))
