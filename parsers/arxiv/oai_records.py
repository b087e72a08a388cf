"""The records of OAI-PMH in their formats (http://arxiv.org/OAI/arXiv.xsd, arXivRaw.xsd, Dublin Core)."""

from collections.abc import Callable
from email.utils import parsedate_to_datetime
from typing import Any, Final
from xml.etree.ElementTree import Element

from dailypapers.parsers.model import ItemError
from dailypapers.parsers.text import squeeze
from dailypapers.parsers.tolerant_json import describe

from . import item as arxiv_item
from .author_names import turned, with_affiliations
from .tex_accents import decode_accents
from .xml_page import local_name, text_of

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
