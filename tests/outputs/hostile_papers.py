"""Papers whose every text tries to be more than text."""

from __future__ import annotations

from datetime import date
from typing import Final

from dailypapers.parsers.model import Paper
from dailypapers.snapshots.store.layout import Store
from tests.support.written_days import DAY, paper, write_day

TRAP: Final = "trapped"
"""The name of the global variable that exists once a script of a paper has run."""

TEXTS: Final = (
    f"</title><script>{TRAP} = 1</script>",
    f"]]><script>{TRAP} = 1</script><![CDATA[",
    f'"><img src=x onerror="{TRAP} = 1">',
    f"' autofocus onfocus='{TRAP} = 1' x='",
    f"<svg onload={TRAP}=1>--><!-- </textarea></noscript><style>*{{display:none}}",
    f"{{{{ {TRAP} }}}} {{% include 'x' %}} ${{{TRAP} = 1}}",
    "a\x00b\x1b[31mc\x7f\x9bd\ufffe",
    # JSON has escapes of their own for these two, which look like the beginning of a name in TeX.
    "back\x08space \\beta form\x0cfeed \\frac",
    "right \u202e to \u2066 left \u200f",
    "שלום עולם العربية 日本語 Łukasz 🦉",
    "x" * 1_000_000,
)
LINKS: Final = (
    f"javascript:{TRAP}=1",
    f"JavaScript\n:{TRAP}=1",
    f"data:text/html,<script>{TRAP}=1</script>",
    "//evil.example/",
    "https://user@evil.example/",
    f'https://example.org/"onclick="{TRAP}=1',
)
KEYS: Final = ("doi:10.1000/../../x<y>", "doi:/etc/passwd", "title:..", "title:CON")


def hostile_paper(number: int, text: str) -> Paper:
    """A record with the text and a hostile link in every field that takes one."""
    link = LINKS[number % len(LINKS)]
    people = [{"name": text, "user": text, "hidden": False, "affiliation": text}]
    return paper(
        number,
        key=KEYS[number] if number < len(KEYS) else f"arxiv:2512.{number:05}",
        title=text,
        abstract=text,
        authors=people,
        organization={"name": text, "fullname": text},
        submitter=text,
        doi=KEYS[0],
        categories=[text],
        keywords=[text],
        ai_summary=text,
        url=link,
        pdf_url=link,
        code_url=link,
        project_url=link,
        thumbnail_url=link,
        media_urls=list(LINKS),
        upvotes=2**63 - 1,
        extra={text[:100]: text},
    )


def write_hostile_day(store: Store, day: date = DAY) -> list[Paper]:
    """A day with a paper for each text; the reason of its certificate is hostile too."""
    papers = [hostile_paper(number, text) for number, text in enumerate(TEXTS)]
    write_day(store, papers, day=day, reason=TEXTS[0])
    return papers
