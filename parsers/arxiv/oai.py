"""Answers of OAI-PMH (https://info.arxiv.org/help/oa/index.html) in the formats arXiv, arXivRaw and oai_dc.

A list goes on under a resumption token, which expires each day. `datestamp` is the day of a record's last change, not
of its announcement. Elements are found by their names alone: old answers lack some of the namespaces.
"""

from collections.abc import Callable
from datetime import date
from email.utils import parsedate_to_datetime
from typing import Any, Final
from urllib.parse import quote, urlsplit
from xml.etree.ElementTree import Element

from dailypapers.parsers.model import Claims, ItemError, NotAListing, Page, ParseError
from dailypapers.parsers.protocol import Document, Parser
from dailypapers.parsers.text import squeeze
from dailypapers.parsers.tolerant_json import describe

from . import item as arxiv_item
from .author_names import decode_accents, turned, with_affiliations
from .xml_page import XmlDocument, load_xml, local_name, text_of

_HEADER: Final = frozenset({"identifier", "datestamp", "setSpec", "status", "format", "metadata"})
_COMMON: Final = frozenset({
    "id", "title", "authors", "categories", "comments", "msc-class", "acm-class", "report-no", "journal-ref", "doi",
    "license", "abstract", "proxy",
})  # fmt: skip
_KNOWN: Final = {
    "arXiv": _COMMON | {"created", "updated"},
    "arXivRaw": _COMMON | {"submitter", "version"},
    "dc": frozenset({
        "title", "creator", "subject", "description", "date", "type", "identifier", "rights", "language",
        "contributor", "publisher",
    }),
}  # fmt: skip
_CLASSES: Final = ("msc-class", "acm-class", "report-no")


def unknown(record: dict[str, Any]) -> list[str]:
    """Elements of a record that its format did not have before."""
    known = _KNOWN.get(record.get("format", ""), frozenset())
    return [*(record.keys() - _HEADER), *(record.get("metadata", {}).keys() - known)]


def fields(record: dict[str, Any]) -> dict[str, object]:
    """One record by the names of `Paper`; raises ItemError for one without metadata in a known format."""
    found = record.get("format")
    if found not in _FIELDS:
        raise ItemError("metadata", f"expected the format arXiv, arXivRaw or dc, found {describe(found)}")
    values = _FIELDS[found](record["metadata"])
    extra = {**arxiv_item.scalars(datestamp=record.get("datestamp")), **_extra(record["metadata"])}
    return {**arxiv_item.identity(record.get("identifier")), **values, "extra": extra}


def _texts(element: Element) -> dict[str, Any]:
    """The elements of the format arXiv, with its authors as their parts."""
    values: dict[str, Any] = {}
    for child in element:
        name = local_name(child)
        values.setdefault(name, [*map(_author_parts, child)] if name == "authors" else text_of(child))
    return values


def _author_parts(element: Element) -> dict[str, Any]:
    parts: dict[str, Any] = {}
    for child in element:
        name = local_name(child)
        if name == "affiliation":
            parts.setdefault(name, []).append(text_of(child))
        else:
            # Where an element stands twice, the first counts.
            parts.setdefault(name, text_of(child))
    return parts


def _raw(element: Element) -> dict[str, Any]:
    """The elements of arXivRaw, with its versions as their parts."""
    values: dict[str, Any] = {}
    for child in element:
        if local_name(child) == "version":
            parts = {local_name(part): text_of(part) for part in child}
            values.setdefault("version", []).append({"version": child.get("version"), **parts})
        else:
            values.setdefault(local_name(child), text_of(child))
    return values


def _lists(element: Element) -> dict[str, Any]:
    """The elements of Dublin Core, each of which may come several times."""
    values: dict[str, Any] = {}
    for child in element:
        values.setdefault(local_name(child), []).append(text_of(child))
    return values


READERS: Final[dict[str, Callable[[Element], dict[str, Any]]]] = {"arXiv": _texts, "arXivRaw": _raw, "dc": _lists}
"""Plain values of a record's metadata, by the name of their format."""


def _extra(metadata: dict[str, Any]) -> dict[str, object]:
    return {name: squeeze(metadata[name]) for name in _CLASSES if metadata.get(name)}


def _common(metadata: dict[str, Any], text: Callable[[str | None], str | None]) -> dict[str, object]:
    get = metadata.get
    return {
        **arxiv_item.prose(text(get("title")), text(get("abstract")), text(get("comments"))),
        "categories": arxiv_item.categories((get("categories") or "").split())[0],
        "journal_ref": arxiv_item.squeezed(text(get("journal-ref"))),
        "doi": arxiv_item.squeezed(get("doi")),
        "license": arxiv_item.squeezed(get("license")),
    }


def _arxiv(metadata: dict[str, Any]) -> dict[str, object]:
    """The format arXiv: text as served, names joined in their usual order."""
    authors = [(_full_name(author), author.get("affiliation", ())) for author in metadata.get("authors") or []]
    return {
        **_common(metadata, lambda text: text),
        **arxiv_item.authors(authors),
        "published": arxiv_item.day(metadata.get("created")),
        "updated": arxiv_item.day(metadata.get("updated")),
    }


def _full_name(author: dict[str, Any]) -> str:
    return " ".join(filter(None, (author.get(name) for name in ("forenames", "keyname", "suffix"))))


def _arxiv_raw(metadata: dict[str, Any]) -> dict[str, object]:
    """The format arXivRaw: TeX in all text, the authors as one text, all versions."""
    versions = metadata.get("version") or [{}]
    authors = with_affiliations(_decoded(metadata.get("authors")) or "")
    values = _common(metadata, _decoded)
    number = (versions[-1].get("version") or "").removeprefix("v")
    return {
        **values,
        "arxiv_version": int(number) if number.isdecimal() and len(number) < 10 else None,
        **arxiv_item.authors(authors),
        "published": _mail_day(versions[0].get("date")),
        "updated": _mail_day(versions[-1].get("date")),
        "submitter": arxiv_item.squeezed(_decoded(metadata.get("submitter"))),
        "withdrawn": values["withdrawn"] or _is_withdrawn(versions[-1]),
    }


def _decoded(text: str | None) -> str | None:
    return decode_accents(text) if text else text


def _is_withdrawn(version: dict[str, Any]) -> bool:
    """Whether a version has no files: its size is 0, or its flags have the I of ignored ones."""
    return (version.get("size") or "").strip() in {"0kb", "0"} or "I" in (version.get("source_type") or "")


def _mail_day(stamp: str | None) -> object:
    """The date of `Mon, 2 Apr 2007 19:18:42 GMT`; anything else is passed on to validation."""
    try:
        return parsedate_to_datetime(stamp).date() if stamp else None
    except (ValueError, TypeError, IndexError, OverflowError):
        return stamp


def _dublin_core(metadata: dict[str, Any]) -> dict[str, object]:
    """Dublin Core: no category codes; comment, journal reference and DOI stand among other values."""
    get = metadata.get
    names = [turned(squeeze(name)) for name in get("creator") or []]
    descriptions = get("description") or []
    comments = [text for text in descriptions if squeeze(text).startswith("Comment:")]
    dates = sorted(map(squeeze, get("date") or []))
    references = [squeeze(text) for text in get("identifier") or []]
    others = [text for text in references if not text.startswith(("http://", "https://", "doi:"))]
    return {
        **arxiv_item.prose(
            next(iter(get("title") or []), None),
            next((text for text in descriptions if text not in comments), None),
            squeeze(comments[0]).removeprefix("Comment:") if comments else None,
        ),
        **arxiv_item.authors([(name, ()) for name in names]),
        "published": arxiv_item.day(dates[0]) if dates else None,
        "updated": arxiv_item.day(dates[-1]) if len(dates) > 1 else None,
        "journal_ref": others[0] if others else None,
        "doi": next((text.removeprefix("doi:") for text in references if text.startswith("doi:")), None),
        "license": next(iter(get("rights") or []), None),
    }


_FIELDS: Final[dict[str | None, Callable[[dict[str, Any]], dict[str, object]]]] = {
    "arXiv": _arxiv,
    "arXivRaw": _arxiv_raw,
    "dc": _dublin_core,
}


_LISTS: Final = frozenset({"ListRecords", "GetRecord"})


def load(page: Page, _day: date | None = None) -> Document[dict[str, Any]]:
    """Decode the answer; raises ParseError, which says what was found instead, or which error was answered.

    An answer `noRecordsMatch` is a list without records. A deleted record has no metadata: it is not an item, and a
    note names it.
    """
    document = load_xml(page)
    parts = {local_name(child): child for child in document.root}
    if local_name(document.root) == "record":
        return _document(page, document, [document.root], parts)
    if local_name(document.root) != "OAI-PMH":
        raise ParseError(page.url, f"expected an answer of OAI-PMH, found <{document.root.tag}>")
    if "error" in parts:
        return _error(page, parts["error"])
    found = next((parts[name] for name in _LISTS if name in parts), None)
    if found is None:
        raise ParseError(page.url, f"expected records of OAI-PMH, found {', '.join(parts)[:200] or 'nothing'}")
    return _document(page, document, [*found], parts)


PARSER: Final = Parser(load, fields, unknown)


def _error(page: Page, error: Element) -> Document[dict[str, Any]]:
    code, words = error.get("code", ""), squeeze(text_of(error))
    if code == "noRecordsMatch":
        claims = Claims(notes=("noRecordsMatch: the site says that there are no records",))
        return Document("oai", claims, [], states_empty=True)
    raise NotAListing(page.url, f"the site answers with the error {code[:50]!a}: {words[:200]!a}")


def _document(
    page: Page, document: XmlDocument, elements: list[Element], parts: dict[str, Element]
) -> Document[dict[str, Any]]:
    records = [_record(element) for element in elements if local_name(element) == "record"]
    token = next((element for element in elements if local_name(element) == "resumptionToken"), None)
    deleted = [record.get("identifier", "") for record in records if record.get("status") == "deleted"]
    items = [record for record in records if record.get("status") != "deleted"]
    size = token.get("completeListSize", "") if token is not None else ""
    claims = Claims(
        day=_day(parts.get("request")),
        promised=int(size) - len(deleted) if size.isdecimal() and len(size) < 19 else None,
        next_url=_next_url(page.url, text_of(token).strip() if token is not None else ""),
        notes=tuple([f"deleted: {squeeze(identifier)[:100]!a}" for identifier in deleted]),
    )
    return Document("oai", claims, document.items(items))


def _record(element: Element) -> dict[str, Any]:
    """A record as plain values: its header, and its metadata in their format."""
    record: dict[str, Any] = {"setSpec": []}
    for part in element:
        name = local_name(part)
        if name == "header":
            record["status"] = part.get("status")
            for child in part:
                if local_name(child) == "setSpec":
                    record["setSpec"].append(text_of(child))
                else:
                    record[local_name(child)] = text_of(child)
        elif name == "metadata" and len(part):
            record["format"] = local_name(part[0])
            reader = READERS.get(record["format"])
            record["metadata"] = reader(part[0]) if reader else {}
    return record


def _day(request: Element | None) -> date | None:
    """The day of a request for the records of one day."""
    bounds = {request.get("from"), request.get("until")} if request is not None else set()
    if len(bounds) != 1:
        return None
    try:
        return date.fromisoformat(next(iter(bounds)) or "")
    except ValueError:
        return None


def _next_url(url: str, token: str) -> str | None:
    if not token:
        return None
    parts = urlsplit(url)
    return parts._replace(query=f"verb=ListRecords&resumptionToken={quote(token, safe='')}", fragment="").geturl()
