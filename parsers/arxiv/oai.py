"""Answers of OAI-PMH (https://info.arxiv.org/help/oa/index.html) in the formats arXiv, arXivRaw and oai_dc.

A list goes on under a resumption token, which expires each day. `datestamp` is the day of a record's last change, not
of its announcement. Elements are found by their names alone: old answers lack some of the namespaces.
"""

from datetime import date
from typing import Any, Final
from urllib.parse import quote, urlsplit
from xml.etree.ElementTree import Element

from dailypapers.parsers.model import Claims, NotAListing, Page, ParseError
from dailypapers.parsers.protocol import Document, Parser
from dailypapers.parsers.text import squeeze

from .oai_records import READERS, fields, unknown
from .xml_page import XmlDocument, load_xml, local_name, text_of

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
