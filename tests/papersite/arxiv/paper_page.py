"""The page of a paper on arxiv.org: its head with `citation_*` tags and the parts of its body that hold facts."""

from __future__ import annotations

from html import escape as escaped

from tests.papersite.arxiv.listing import author_link, linked, subjects, text
from tests.papersite.arxiv.papers import ArxivPaper


def paper_page(paper: ArxivPaper, version: int | None = None) -> str:
    """The page of a version, the newest by default."""
    shown = version or paper.version
    at = paper.versions[shown - 1].at
    authors = [
        (f"{author.keyname}, {author.forenames}" + f", {author.suffix}" * bool(author.suffix))
        for author in paper.authors
    ]
    names = ", ".join(author_link(author.name) for author in paper.authors)
    tags = [
        ("citation_title", paper.title),
        *(("citation_author", author) for author in authors),
        *([("citation_doi", paper.doi)] if paper.doi else []),
        ("citation_date", f"{paper.published:%Y/%m/%d}"),
        ("citation_online_date", f"{at:%Y/%m/%d}"),
        ("citation_pdf_url", f"https://arxiv.org/pdf/{paper.id}"),
        ("citation_arxiv_id", paper.id),
        ("citation_abstract", paper.abstract),
    ]
    head = "".join(f'<meta name="{name}" content="{escaped(value)}" />' for name, value in tags)
    gone = (
        f'<span class="error">This paper has been withdrawn by {text(paper.submitter)}</span>'
        if paper.withdrawn
        else ""
    )
    return f"""<!DOCTYPE html>
<html lang="en">
<head>  <title>[{paper.id}] {text(paper.title)}</title>
  {head}
</head>
<body>
<div class="dateline">
  [Submitted on {paper.published.day} {paper.published:%b %Y}]</div>
    <h1 class="title mathjax"><span class="descriptor">Title:</span>{text(paper.title)}</h1>
    <div class="authors"><span class="descriptor">Authors:</span>{names}</div>
    {gone}
    <blockquote class="abstract mathjax">
            <span class="descriptor">Abstract:</span>{linked(paper.abstract)}
    </blockquote>
    <div class="metatable">
      <table summary="Additional metadata">{_rows(paper, shown)}</table>
    </div>
    <div class="submission-history">
      <h2>Submission history</h2> From: {text(paper.submitter)} [<a href="/show-email/0/{paper.id}">view email</a>]<br/>
{_history(paper, shown)}</div>
    <div class="abs-license"><a href="{paper.license}" title="Rights to this article">view license</a></div>
</body>
</html>
"""


def _rows(paper: ArxivPaper, shown: int) -> str:
    msc, acm = (paper.classes[0], paper.classes[1]) if paper.classes else ("", "")
    rows = [
        ("Comments:", "comments mathjax", linked(paper.comment)),
        ("Subjects:", "subjects", f"\n            {subjects(paper)}"),
        ("MSC classes:", "msc-classes", msc),
        ("ACM classes:", "acm-classes", acm),
        ("Report number:", "jref", text(paper.report)),
        (
            "Cite as:",
            "arxivid",
            f'<span class="arxivid"><a href="https://arxiv.org/abs/{paper.id}">arXiv:{paper.id}</a></span>',
        ),
        (
            "&nbsp;",
            "arxividv",
            f'(or <span class="arxivid"><a href="https://arxiv.org/abs/{paper.id}v{shown}">arXiv:{paper.id}v{shown}</a>'
            "</span> for this version)",
        ),
        ("Journal reference:", "jref", text(paper.journal_ref)),
    ]
    return "".join(
        f'        <tr>\n          <td class="tablecell label">{label}</td>\n'
        f'          <td class="tablecell {kind}">{value}</td>\n        </tr>\n'
        for label, kind, value in rows
        if value
    )


def _history(paper: ArxivPaper, shown: int) -> str:
    lines = ""
    for number, version in enumerate(paper.versions, 1):
        link = f'<a href="/abs/{paper.id}v{number}" rel="nofollow">[v{number}]</a>'
        name = f"[v{number}]" if number == shown else link
        size = f"({version.kilobytes:,} KB)" if version.kilobytes else "(1 KB) <em>(withdrawn)</em>"
        at = f"{version.at:%a}, {version.at.day} {version.at:%b %Y %H:%M:%S} UTC"
        lines += f"    <strong>{name}</strong>\n        {at} {size}<br/>\n"
    return lines
