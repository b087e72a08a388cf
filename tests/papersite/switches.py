"""Ready-made faults, each a switch: `site.switches.append(down("/api/"))`.

`where` is a prefix of the target (path with query), or a predicate of the request. Faults of items change the
JSON of the API and the hydration blob of a page; cards stay as they are.
"""

import html
import json
import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

import orjson

from tests.papersite.answers import Answer, Request, Switch, html_answer, html_error, json_error
from tests.papersite.answers import redirect as moved

Where = str | Callable[[Request], bool]
Items = list[dict[str, Any]]
Edit = Callable[[Items], object]

BLOB = re.compile(rb'(data-target="DailyPapers" data-props=")([^"]*)(")')
CHALLENGE = (
    '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>Just a moment</title></head>'
    '<body><script src="/challenge.js" defer></script><noscript>Please enable JavaScript to go on.'
    '</noscript><div id="challenge-container"></div><form class="captcha"></form></body></html>\n'
)
MARK = "\ue000"  # marks the place where the bytes of a text are broken


def when(where: Where, switch: Switch) -> Switch:
    """The switch, applied only to those requests."""

    def chosen(request: Request, answer: Answer) -> Answer:
        meant = request.target.startswith(where) if isinstance(where, str) else where(request)
        return switch(request, answer) if meant else answer

    return chosen


def times(number: int, where: Where, switch: Switch) -> Switch:
    """The switch, applied only to the first `number` of those requests."""
    left = [number]

    def counted(request: Request, answer: Answer) -> Answer:
        left[0] -= 1
        return switch(request, answer) if left[0] >= 0 else answer

    return when(where, counted)


def during(since: datetime, until: datetime, switch: Switch) -> Switch:
    """The switch, applied while the site's clock is in [since, until)."""
    return when(lambda request: request.at is not None and since <= request.at < until, switch)


def down(where: Where, status: int = 500) -> Switch:
    """Every such request fails: the API with JSON, pages with HTML."""

    def failed(request: Request, _: Answer) -> Answer:
        if request.path.startswith("/api/"):
            return json_error(status, "Internal error")
        return html_error(status, f"{status} - Hugging Face")

    return when(where, failed)


def error_page(where: Where) -> Switch:
    """An HTML error page with status 200."""
    return when(where, lambda _request, _answer: html_answer(html_error(500, "Something went wrong").body.decode()))


def challenge(where: Where, status: int = 200) -> Switch:
    """A captcha page."""
    return when(where, lambda _request, _answer: html_answer(CHALLENGE, status))


def redirect(where: Where, to: str, status: int = 302) -> Switch:
    """A redirect to another URL, such as the page of another day."""
    return when(where, lambda _request, _answer: moved(to, status))


def header(where: Where, name: str, value: str) -> Switch:
    """Adds a header; used twice, it is there twice."""

    def added(_: Request, answer: Answer) -> Answer:
        answer.headers.append((name, value))
        return answer

    return when(where, added)


def body(where: Where, change: Callable[[bytes], bytes]) -> Switch:
    """Another body for answers that have status 200."""

    def changed(_: Request, answer: Answer) -> Answer:
        answer.body = change(answer.body) if answer.status == 200 else answer.body
        return answer

    return when(where, changed)


def cut(where: Where, kept: float = 0.5) -> Switch:
    """The body ends early, with a matching Content-Length."""
    return body(where, lambda whole: whole[: int(len(whole) * kept)])


def crlf(where: Where = "/papers") -> Switch:
    """Line ends are CR LF."""
    return body(where, lambda whole: whole.replace(b"\n", b"\r\n"))


def cut_blob(where: Where = "/papers", kept: float = 0.5) -> Switch:
    """The JSON of the blob ends in the middle; the page around it is complete."""
    return body(where, lambda page: BLOB.sub(lambda found: _blob(found, found[2][: int(len(found[2]) * kept)]), page))


def no_blob(where: Where = "/papers") -> Switch:
    """The page is a new design without the blob: cards only."""
    return body(where, lambda page: BLOB.sub(rb'data-target="PaperGrid"', page))


def renamed_blob(where: Where = "/papers", target: str = "PaperGrid") -> Switch:
    """The page is a new design with a renamed blob."""
    return body(where, lambda page: page.replace(b'data-target="DailyPapers"', f'data-target="{target}"'.encode()))


def renamed_cards(where: Where = "/papers", tag: str = "section") -> Switch:
    """The page is a new design with other elements as cards."""
    return body(where, lambda page: re.sub(rb"(</?)article\b", rb"\1" + tag.encode(), page))


def shape(where: Where, value: object) -> Switch:
    """JSON of another shape, as the answer of the API or the blob of a page."""
    written = orjson.dumps(value)
    return body(where, lambda whole: _rewrite(whole, lambda _: written))


def items(where: Where, edit: Edit) -> Switch:
    """The list after `edit`, which may change it in place and returns the replacement."""
    return body(where, lambda whole: _rewrite(whole, lambda found: _edited(found, edit)))


def bad_item(where: Where, place: int = 0) -> Switch:
    """One item whose paper has no title and a string as its author list."""

    def spoil(paper: dict[str, Any]) -> None:
        paper["authors"] = "et al."
        del paper["title"]

    return items(where, lambda found: _with_paper(found, place, spoil))


def id_as_number(where: Where, place: int = 0) -> Switch:
    """One id as a JSON number, which loses a trailing zero."""
    return items(where, lambda found: _with_paper(found, place, lambda paper: paper.update(id=float(paper["id"]))))


def lone_surrogate(where: Where, place: int = 0) -> Switch:
    """One title with an escaped lone surrogate, which JSON allows and UTF-8 does not."""
    return _marked(where, place, b"\\ud83d")


def invalid_utf8(where: Where, place: int = 0) -> Switch:
    """One title with a byte that is invalid in UTF-8."""
    return _marked(where, place, b"\xff")


def _marked(where: Where, place: int, broken: bytes) -> Switch:
    def mark(paper: dict[str, Any]) -> None:
        paper["title"] += MARK

    marking = items(where, lambda found: _with_paper(found, place, mark))
    breaking = body(where, lambda whole: whole.replace(MARK.encode(), broken))
    return lambda request, answer: breaking(request, marking(request, answer))


def _with_paper(found: Items, place: int, change: Callable[[dict[str, Any]], object]) -> Items:
    if place < len(found):
        change(found[place]["paper"])
    return found


def _rewrite(whole: bytes, change: Callable[[bytes], bytes]) -> bytes:
    """Change the JSON of an answer or of a page's blob; a page without a blob stays as it is."""
    if not whole.lstrip().startswith(b"<"):
        return change(whole)

    def again(found: re.Match[bytes]) -> bytes:
        plain = html.unescape(found[2].decode()).encode()
        return _blob(found, html.escape(change(plain).decode(), quote=False).replace('"', "&quot;").encode())

    return BLOB.sub(again, whole)


def _edited(written: bytes, edit: Edit) -> bytes:
    value = json.loads(written)
    if isinstance(value, dict):
        value["dailyPapers"] = edit(value["dailyPapers"])
    else:
        value = edit(value)
    return orjson.dumps(value)


def _blob(found: re.Match[bytes], inside: bytes) -> bytes:
    return found[1] + inside + found[3]
