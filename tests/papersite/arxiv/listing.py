"""The listing pages of arxiv.org, in the structure, class names and odd spellings of 2026; the texts are our own."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from html import escape as escaped
from urllib.parse import quote

from tests.papersite.arxiv.announcements import Listed
from tests.papersite.arxiv.papers import CATEGORIES, ArxivPaper

_URL = re.compile(r"https?://[^\s<>&]*[^\s<>&.,;:)]")
_HEADINGS = {"new": "New submissions", "cross": "Cross submissions", "replace": "Replacement submissions"}


class Section:
    """Consecutive entries under one heading; `total` counts those that other pages show, too."""

    def __init__(self, heading: str, entries: Sequence[Listed], total: int, words: str = "") -> None:
        self.heading, self.entries, self.total, self.words = heading, entries, total, words

    def markup(self, first: int, *, abstracts: bool) -> str:
        shown = f"<h3>{self.heading} ({self.words} {len(self.entries)} of {self.total} entries{self._blank})</h3>\n"
        heading = shown if self.heading else ""
        items = "".join(entry(listed, first + place, abstracts=abstracts) for place, listed in enumerate(self.entries))
        return f"<dl id='articles'>\n  {heading}{items}</dl>\n"

    @property
    def _blank(self) -> str:
        # Headings of days have a blank before the parenthesis, those of sections have none.
        return " " if self.heading[3:4] == "," else ""


def page(name: str, heading: str, sections: Sequence[Section], *, total: int, first: int = 1, abstracts: bool) -> str:
    """A page with its counts; `heading` is the markup above the entries, `first` the number of the first entry."""
    paging = f"<div class='paging'>Total of {total} entries\n    </div>\n" if total else ""
    body = ""
    for section in sections:
        body += section.markup(first, abstracts=abstracts)
        first += len(section.entries)
    if not sections:
        body = "    <p>No updates today.</p>\n"
    return (
        f'<!DOCTYPE html>\n<html lang="en">\n<head>  <title>{escaped(name)}</title>\n</head>\n<body>\n'
        f"<div id='content-inner'>\n<div id='dlpage'>\n  <h1>{escaped(name)}</h1>\n{heading}{paging}{body}{paging}"
        "</div>\n</div>\n</body>\n</html>\n"
    )


def new_page(category: str, day: date, listed: Sequence[Listed], *, skip: int = 0, show: int = 2000) -> str:
    """`/list/CATEGORY/new`."""
    heading = f"<h3>Showing new listings for {day:%A}, {day.day} {day:%B %Y}</h3>\n"
    sections = announced(listed, skip, show)
    return page(
        CATEGORIES.get(category, category), heading, sections, total=len(listed), first=skip + 1, abstracts=True
    )


def catchup_page(category: str, day: date, listed: Sequence[Listed], *, abstracts: bool) -> str:
    """`/catchup/CATEGORY/DAY`, whose counts stand in no `div.paging`."""
    name = f"{CATEGORIES.get(category, category)} ({category})"
    shown = page(
        f"Catchup results for {name} on {day:%a, %d %b %Y}",
        "",
        announced(listed, 0, 2000),
        total=0,
        abstracts=abstracts,
    )
    counts = f"    <div>\n      Total of {len(listed)} entries \n    </div>\n"
    return shown.replace("</h1>\n", f"</h1>\n{counts}", 1)


def recent_page(category: str, days: Sequence[tuple[date, Sequence[Listed]]], *, skip: int = 0, show: int = 50) -> str:
    """`/list/CATEGORY/recent`: the last five announcement days."""
    sections, at = [], 0
    for day, listed in days:
        shown = listed[max(0, skip - at) : max(0, skip + show - at)]
        words = "showing" if len(shown) == len(listed) else "showing first" if skip <= at else "continued, showing last"
        if shown:
            sections.append(Section(f"{day:%a}, {day.day} {day:%b %Y}", shown, len(listed), words))
        at += len(listed)
    heading = "  <h2>Authors and titles for recent submissions</h2>\n"
    return page(CATEGORIES.get(category, category), heading, sections, total=at, first=skip + 1, abstracts=False)


def period_page(category: str, title: str, listed: Sequence[Listed], *, skip: int = 0, show: int = 50) -> str:
    """`/list/CATEGORY/2026-08` and `/list/CATEGORY/2026`; `title` is `August 2026` or `2026`."""
    shown = listed[skip : skip + show]
    heading = f"<h2>Authors and titles for {title} </h2>\n"
    sections = [Section("", shown, len(listed))]
    name = CATEGORIES.get(category, category)
    return page(name, heading, sections, total=len(listed), first=skip + 1, abstracts=False)


def announced(listed: Sequence[Listed], skip: int, show: int) -> list[Section]:
    """The sections of an announcement that a page with these bounds shows."""
    sections, at = [], 0
    for name, heading in _HEADINGS.items():
        entries = [each for each in listed if each.section == name]
        shown = entries[max(0, skip - at) : max(0, skip + show - at)]
        words = (
            "showing" if len(shown) == len(entries) else "showing first" if skip <= at else "continued, showing last"
        )
        if shown:
            sections.append(Section(heading, shown, len(entries), words))
        at += len(entries)
    return sections


def entry(listed: Listed, number: int, *, abstracts: bool) -> str:
    paper = listed.paper
    mark = {"cross": f"(cross-list from {paper.categories[0]})", "replace": "(replaced)"}.get(listed.section, "")
    comments = (
        f"""
        <div class='list-comments mathjax'><span class='descriptor'>Comments:</span>
          {linked(paper.comment)}
        </div>
"""
        if paper.comment
        else ""
    )
    journal = (
        f"""
        <div class='list-journal-ref'><span class='descriptor'>Journal-ref:</span>
          {text(paper.journal_ref)}
        </div>
"""
        if paper.journal_ref
        else ""
    )
    abstract = (
        f"""
        <p class='mathjax'>
          {linked(paper.abstract)}
        </p>
"""
        if abstracts
        else ""
    )
    return f"""<dt>
      <a name='item{number}'>[{number}]</a>
      <a href ="/abs/{paper.id}" title="Abstract" id="{paper.id}">
        arXiv:{paper.id}
      </a>
      {mark}
        {_links(paper)}
    </dt>
    <dd>
      <div class='meta'>
        <div class='list-title mathjax'><span class='descriptor'>Title:</span>
          {text(paper.title)}
        </div>
        <div class='list-authors'>{", ".join(author_link(author.name) for author in paper.authors)}</div>
{comments}{journal}
        <div class='list-subjects'><span class='descriptor'>Subjects:</span>
          {subjects(paper)}
        </div>
{abstract}      </div>
    </dd>
"""


def subjects(paper: ArxivPaper) -> str:
    primary, *others = (f"{CATEGORIES[name]} ({name})" for name in paper.categories)
    return "; ".join([f'<span class="primary-subject">{primary}</span>', *others])


def author_link(name: str) -> str:
    query = quote(name.replace(" ", "+"), safe="+,")
    return f'<a href="https://arxiv.org/search/cs?searchtype=author&amp;query={query}">{text(name)}</a>'


def text(value: str) -> str:
    """Escaped as the site's templates do: quotes as numbers."""
    return escaped(value, quote=False).replace('"', "&#34;").replace("'", "&#39;")


def linked(value: str) -> str:
    """The text with each URL as a link that shows `this https URL`."""
    parts, at = [], 0
    for match in _URL.finditer(value):
        scheme = match[0].partition(":")[0]
        parts.append(text(value[at : match.start()]))
        parts.append(
            f'<a href="{escaped(match[0])}" rel="external noopener nofollow" class="link-external link-{scheme}">'
            f"this {scheme} URL</a>"
        )
        at = match.end()
    return "".join([*parts, text(value[at:])])


def _links(paper: ArxivPaper) -> str:
    links = [_link(f"/pdf/{paper.id}", "Download PDF", "pdf", paper)]
    if has_html(paper):
        address = f"https://arxiv.org/html/{paper.id}v{paper.version}"
        links.append(_link(address, "View HTML", "html", paper, ' rel="noopener noreferrer" target="_blank"'))
    return f"[{', '.join([*links, _link(f'/format/{paper.id}', 'Other formats', 'oth', paper)])}]"


def _link(address: str, title: str, kind: str, paper: ArxivPaper, more: str = "") -> str:
    identity = f"{kind}-{paper.id}"
    words = "other" if kind == "oth" else kind
    return f'<a href="{address}" title="{title}" id="{identity}" aria-labelledby="{identity}"{more}>{words}</a>'


def has_html(paper: ArxivPaper) -> bool:
    """Some papers have no HTML, and then the page does not say their version."""
    return not paper.withdrawn and int(paper.id[-1]) != 6
