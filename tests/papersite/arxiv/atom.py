"""The query API's Atom feed, in the elements and their order of 2026."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from xml.sax.saxutils import escape, quoteattr

from tests.papersite.arxiv.papers import ArxivPaper, Author

_HEAD = """<?xml version='1.0' encoding='UTF-8'?>
<feed xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/" xmlns:arxiv="http://arxiv.org/schemas/atom" \
xmlns="http://www.w3.org/2005/Atom">
"""


def feed(papers: Sequence[ArxivPaper], query: str, *, total: int, start: int, size: int, now: datetime) -> str:
    """One page of an answer; `query` is the query string as the title shows it."""
    return "".join(
        [
            _HEAD,
            f"  <id>https://arxiv.org/api/{sha256(query.encode()).hexdigest()[:27]}</id>\n",
            f"  <title>arXiv Query: {escape(query)}</title>\n",
            f"  <updated>{now:%Y-%m-%dT%H:%M:%SZ}</updated>\n",
            f'  <link href={quoteattr(f"https://arxiv.org/api/query?{query}")} type="application/atom+xml"/>\n',
            *_counts(size, total, start),
            *map(entry, papers),
            "</feed>\n",
        ]
    )


def error(reason: str, now: datetime) -> str:
    """The feed of one entry that says what is wrong with a request."""
    address = f"https://arxiv.org/api/errors#{reason.replace(' ', '_')}"
    return "".join(
        [
            _HEAD,
            "  <id>https://arxiv.org/</id>\n  <title>arXiv Search Results</title>\n",
            f"  <updated>{now:%Y-%m-%dT%H:%M:%SZ}</updated>\n",
            *_counts(1, 1, 0),
            f"  <entry>\n    <id>{escape(address)}</id>\n    <title>Error</title>\n",
            f"    <updated>{now:%Y-%m-%dT%H:%M:%SZ}</updated>\n",
            f'    <link href={quoteattr(address)} rel="alternate" type="text/html"/>\n',
            f"    <summary>{escape(reason)}</summary>\n",
            "    <author>\n      <name>arXiv api core</name>\n    </author>\n  </entry>\n</feed>\n",
        ]
    )


def entry(paper: ArxivPaper) -> str:
    where = f"arxiv.org/abs/{paper.id}v{paper.version}"
    parts = [
        f"    <id>http://{where}</id>\n    <title>{escape(paper.title)}</title>\n",
        f"    <updated>{paper.updated:%Y-%m-%dT%H:%M:%SZ}</updated>\n",
        f'    <link href="https://{where}" rel="alternate" type="text/html"/>\n',
        f'    <link href="https://arxiv.org/pdf/{paper.id}v{paper.version}" rel="related" type="application/pdf" '
        'title="pdf"/>\n',
        f'    <link rel="related" href="https://doi.org/{escape(paper.doi)}" title="doi"/>\n' if paper.doi else "",
        f"    <summary>{escape(paper.abstract)}</summary>\n",
        *(
            f'    <category term={quoteattr(term)} scheme="http://arxiv.org/schemas/atom"/>\n'
            for term in (*paper.categories, *paper.classes)
        ),
        f"    <published>{paper.published:%Y-%m-%dT%H:%M:%SZ}</published>\n",
        f"    <arxiv:comment>{escape(paper.comment)}</arxiv:comment>\n" if paper.comment else "",
        f'    <arxiv:primary_category term="{paper.categories[0]}"/>\n',
        f"    <arxiv:journal_ref>{escape(paper.journal_ref)}</arxiv:journal_ref>\n" if paper.journal_ref else "",
        f"    <arxiv:doi>{escape(paper.doi)}</arxiv:doi>\n" if paper.doi else "",
        *map(_author, paper.authors),
    ]
    return f"  <entry>\n{''.join(parts)}  </entry>\n"


def _author(author: Author) -> str:
    places = author.affiliations
    affiliations = "".join(f"      <arxiv:affiliation>{escape(place)}</arxiv:affiliation>\n" for place in places)
    return f"    <author>\n      <name>{escape(author.name)}</name>\n{affiliations}    </author>\n"


def _counts(size: int, total: int, start: int) -> list[str]:
    names = {"itemsPerPage": size, "totalResults": total, "startIndex": start}
    return [f"  <opensearch:{name}>{value}</opensearch:{name}>\n" for name, value in names.items()]
