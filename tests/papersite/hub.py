"""The site's routes: JSON under /api, pages under /papers, all read-only."""

from datetime import date, datetime

from tests.papersite.answers import Answer, Request, html_error, json_error
from tests.papersite.api import Api
from tests.papersite.days import Days
from tests.papersite.entries import Item
from tests.papersite.listings import Listings
from tests.papersite.pages import Pages

ROBOTS = b"User-agent: *\nAllow: /\n"


class Hub:
    """The listings of some days in the form of an era; `remembered` answers of each kind are cached.

    An answer depends only on the request, which includes the time. Unchanged answers are not made again, however
    much time has passed.
    """

    def __init__(self, days: Days, era: date, remembered: int) -> None:
        self._listings = Listings(days)
        self._api, self._pages = Api(era, remembered), Pages(era, remembered)

    def answer(self, request: Request) -> Answer:
        if request.method == "POST":
            return _refused(request)
        if request.path == "/robots.txt":
            return Answer(200, [("Content-Type", "text/plain; charset=utf-8")], ROBOTS)
        listings = self._listings.hiding(request.hidden) if request.hidden else self._listings
        if request.path.startswith("/api/"):
            return self._api.answer(request, listings)
        if request.path == "/papers" or request.path.startswith("/papers/"):
            return self._pages.answer(request, listings)
        return html_error(404, "404 - Hugging Face")

    def papers(self, day: date, now: datetime) -> list[Item]:
        return self._listings.truth(day, now)


def _refused(request: Request) -> Answer:
    """Writing needs a token, and this site accepts none."""
    match request.path.split("/")[1:]:
        case ["api", "papers", "index"] | ["api", "papers", _, "links"] | ["api", "settings", "papers", "claim"]:
            if request.header("Authorization"):
                return json_error(403, "This site cannot be written to")
            return json_error(401, "Invalid username or password.")
    return json_error(404, "Not found")
