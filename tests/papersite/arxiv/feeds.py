"""The announcements of a day as RSS 2.0 and Atom, as rss.arxiv.org serves them since 2024."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from email.utils import format_datetime
from xml.sax.saxutils import escape

from tests.papersite.arxiv.announcements import NEW_YORK, Listed
from tests.papersite.arxiv.papers import ArxivPaper

_NAMESPACES = (
    'xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns:dc="http://purl.org/dc/elements/1.1/" '
    'xmlns:content="http://purl.org/rss/1.0/modules/content/"'
)


def rss(category: str, listed: Sequence[Listed], midnight: datetime, built: datetime) -> str:
    """The feed of a category; `midnight` is that of the announcement in New York, `built` when it was made."""
    day, home = format_datetime(midnight), f"http://rss.arxiv.org/rss/{category}"
    head = (
        f"<title>{category} updates on arXiv.org</title>\n    <link>{home}</link>\n"
        f"    <description>{category} updates on the arXiv.org e-print archive.</description>\n"
        f'    <atom:link href="{home}" rel="self" type="application/rss+xml"/>\n'
        "    <docs>http://www.rssboard.org/rss-specification</docs>\n    <language>en-us</language>\n"
        f"    <lastBuildDate>{format_datetime(built)}</lastBuildDate>\n"
        f"    <managingEditor>rss-help@arxiv.org</managingEditor>\n    <pubDate>{day}</pubDate>\n"
        "    <skipDays>\n      <day>Saturday</day>\n      <day>Sunday</day>\n    </skipDays>\n"
    )
    items = "".join(_rss_item(each, day) for each in listed)
    return (
        f"<?xml version='1.0' encoding='UTF-8'?>\n<rss {_NAMESPACES} xmlns:atom=\"http://www.w3.org/2005/Atom\" "
        f'version="2.0">\n  <channel>\n    {head}{items}  </channel>\n</rss>\n'
    )


def atom(category: str, listed: Sequence[Listed], midnight: datetime, built: datetime) -> str:
    """The same as Atom."""
    home, stamp = f"http://rss.arxiv.org/atom/{category}", built.astimezone(NEW_YORK).isoformat()
    entries = "".join(_atom_entry(each, midnight.isoformat(), stamp) for each in listed)
    return (
        f"<?xml version='1.0' encoding='UTF-8'?>\n<feed {_NAMESPACES} xmlns=\"http://www.w3.org/2005/Atom\" "
        f'xml:lang="en-us">\n  <id>{home}</id>\n  <title>{category} updates on arXiv.org</title>\n'
        f'  <updated>{stamp}</updated>\n  <link href="{home}" rel="self" type="application/atom+xml"/>\n'
        f"  <subtitle>{category} updates on the arXiv.org e-print archive.</subtitle>\n{entries}</feed>\n"
    )


def error(query: str, reason: str, built: datetime) -> str:
    """The feed that says what is wrong with its address."""
    return (
        f"<?xml version='1.0' encoding='UTF-8'?>\n<rss {_NAMESPACES} version=\"2.0\">\n  <channel>\n"
        f"    <title>Feed error for query: {escape(query)}</title>\n    <link>http://rss.arxiv.org/</link>\n"
        f"    <description>{escape(reason)}</description>\n"
        f"    <lastBuildDate>{format_datetime(built)}</lastBuildDate>\n  </channel>\n</rss>\n"
    )


def _description(paper: ArxivPaper, announce_type: str) -> str:
    return f"arXiv:{paper.id}v{paper.version} Announce Type: {announce_type} \nAbstract: {escape(paper.abstract)}"


def _facts(paper: ArxivPaper, announce_type: str) -> str:
    facts = f"      <arxiv:announce_type>{announce_type}</arxiv:announce_type>\n"
    facts += f"      <dc:rights>{paper.license}</dc:rights>\n"
    facts += f"      <arxiv:DOI>{escape(paper.doi)}</arxiv:DOI>\n" if paper.doi else ""
    if paper.journal_ref:
        facts += f"      <arxiv:journal_reference>{escape(paper.journal_ref)}</arxiv:journal_reference>\n"
    return f"{facts}      <dc:creator>{escape(', '.join(author.tex for author in paper.authors))}</dc:creator>\n"


def _rss_item(listed: Listed, day: str) -> str:
    paper = listed.paper
    categories = "".join(f"      <category>{name}</category>\n" for name in paper.categories)
    return (
        f"    <item>\n      <title>{escape(paper.title)}</title>\n      <link>https://arxiv.org/abs/{paper.id}</link>\n"
        f"      <description>{_description(paper, listed.announce_type)}</description>\n"
        f'      <guid isPermaLink="false">oai:arXiv.org:{paper.id}v{paper.version}</guid>\n{categories}'
        f"      <pubDate>{day}</pubDate>\n{_facts(paper, listed.announce_type)}    </item>\n"
    )


def _atom_entry(listed: Listed, day: str, built: str) -> str:
    paper = listed.paper
    categories = "".join(f'    <category term="{name}"/>\n' for name in paper.categories)
    return (
        f"  <entry>\n    <id>oai:arXiv.org:{paper.id}v{paper.version}</id>\n    <title>{escape(paper.title)}</title>\n"
        f'    <updated>{built}</updated>\n    <link href="https://arxiv.org/abs/{paper.id}" rel="alternate" '
        f'type="text/html"/>\n    <summary>{_description(paper, listed.announce_type)}</summary>\n{categories}'
        f"    <published>{day}</published>\n{_facts(paper, listed.announce_type)}  </entry>\n"
    )
