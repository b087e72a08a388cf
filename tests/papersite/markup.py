"""The page around a list: the hydration blob and the rendered cards, in the structure and the class names
of the site.

Both are written from the same items, as the service writes them: server-rendered Svelte, whose escaping is
repeated here (`escape` of svelte/internal: quotes and ampersands in attributes, `<` too since 4.2.19;
ampersands and `<` in text). The templates are our own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from string import Template
from typing import Any

import orjson

from tests.papersite.days import LIVE
from tests.papersite.entries import Entry, Item
from tests.papersite.eras import NEW_MARKUP
from tests.papersite.periods import Period, midnight, stamp

TEMPLATES = Path(__file__).parent / "templates"
AVATARS = 5
MOVING = (".mp4", ".webm", ".qt")
EMPTY_LIST = "&quot;dailyPapers&quot;:[]"
ICON = (TEMPLATES / "icon.html").read_text("utf-8").rstrip("\n")
PLAIN = Template((TEMPLATES / "plain.html").read_text("utf-8"))


@dataclass(frozen=True)
class Heading:
    """What a page says besides its items: its period, if it has one, and the targets of its arrows."""

    period: Period | None = None
    before: Period | None = None
    after: Period | None = None
    query: str = ""
    trending: bool = False


def text(value: str) -> str:
    return value.replace("&", "&amp;").replace("<", "&lt;")


class Markup:
    """The pages of one era."""

    def __init__(self, era: date) -> None:
        self.new = era >= NEW_MARKUP
        self._year = "2026" if self.new else "2024"
        self._card = lru_cache(maxsize=LIVE)(lambda entry: self._drawn(entry.item))
        self._written = lru_cache(maxsize=LIVE)(self._in_blob)

    def page(self, heading: Heading, entries: Sequence[Entry], curator: dict[str, Any]) -> str:
        return self._fill(
            "page",
            blob=self._blob(heading, entries, curator),
            curator=text(curator["user"]),
            dates=self._dates(heading),
            cards="\n\t\t\t\t".join(map(self._card, entries)),
            buttons=self._buttons(heading),
        )

    def around(self, title: str, target: str, props: dict[str, Any], content: str) -> str:
        """Another page of the site: one blob with the HTML that it hydrates."""
        blob = self.attribute(orjson.dumps(props).decode())
        return PLAIN.substitute(title=text(title), target=target, blob=blob, content=content)

    def attribute(self, value: str) -> str:
        value = value.replace("&", "&amp;").replace('"', "&quot;")
        return value.replace("<", "&lt;") if self.new else value

    def href(self, period: Period) -> str:
        """The URL of a period's page; in 2024 the day was a query parameter of /papers."""
        if period.kind == "day":
            return f"/papers/date/{period.name}" if self.new else f"/papers?date={period.name}"
        return f"/papers/{period.kind}/{period.name}"

    def _blob(self, heading: Heading, entries: Sequence[Entry], curator: dict[str, Any]) -> str:
        """The same result as serialising everything at once, but each item is serialised only when it changes."""
        props = self.attribute(orjson.dumps(self._props(heading, curator)).decode())
        return props.replace(EMPTY_LIST, EMPTY_LIST[:-1] + ",".join(map(self._written, entries)) + "]", 1)

    def _in_blob(self, entry: Entry) -> str:
        return self.attribute(orjson.dumps(_upvoted(entry.item)).decode())

    def _props(self, heading: Heading, curator: dict[str, Any]) -> dict[str, Any]:
        props: dict[str, Any] = {"canSubmit": False}
        if heading.period:
            new = {"dateString": heading.period.name}
            props |= new if self.new else {"date": stamp(midnight(heading.period.first))}
        props["dailyPapers"] = []
        props |= {"nextDate": heading.after.name} if heading.after else {}
        props |= {"prevDate": heading.before.name} if heading.before else {}
        if self.new or heading.query or heading.trending or (heading.period and heading.period.kind != "day"):
            props["periodType"] = heading.period.kind if heading.period else "day"
            props |= {"query": heading.query, "isTrending": heading.trending}
        return props | {"publisher": curator}

    def _dates(self, heading: Heading) -> str:
        period = heading.period
        if period is None:
            return ""
        upper, lower = (f"{period.first:%b}", str(period.first.day)) if period.kind == "day" else ("", period.name)
        before = self._arrow(heading.before, "-mr-2", "rounded-l-lg")
        after = self._arrow(heading.after, "-ml-2", "rounded-r-lg")
        datetime = stamp(midnight(period.first))
        return self._fill("dates", before=before, after=after, upper=upper, lower=lower, datetime=datetime)

    def _arrow(self, period: Period | None, margin: str, rounded: str) -> str:
        if period is None:
            return ""
        return self._fill("arrow", href=self.href(period), margin=margin, round=rounded)

    def _buttons(self, heading: Heading) -> str:
        back = heading.before and f'<a class="btn gap-2" href="{self.href(heading.before)}">{ICON}Previous</a>'
        on = heading.after and f'<a class="btn ml-auto gap-2" href="{self.href(heading.after)}">Next{ICON}</a>'
        return "\n\t\t\t\t".join(button for button in (back, on) if button)

    def _drawn(self, item: Item) -> str:
        paper = item["paper"]
        media, dark = self._media(item)
        return self._fill(
            "card",
            id=paper["id"],
            media=media,
            dark=dark,
            badge=self._badge(item),
            upvotes=str(paper["upvotes"]),
            title=text(item["title"]),
            authors=self._avatars(paper["authors"]),
            number=str(len(paper["authors"])),
            comments=self._count("comments", paper["id"], item.get("numComments") or None),
            stars=self._count("stars", paper["id"], paper.get("githubStars")) if self.new else "",
            chip=self._chip(item.get("organization")) if self.new else "",
        )

    def _media(self, item: Item) -> tuple[str, str]:
        """The uploaded image or video if there is one, else the thumbnail; only the thumbnail has a dark mode."""
        thumbnail = item.get("thumbnail") or item["mediaUrl"]
        source = item.get("mediaUrls", [thumbnail])[0]
        if source.endswith(MOVING):
            kind = "pointer-events-none h-full w-full object-cover object-center"
            return f'<video src="{source}" loop muted playsinline class="{kind}"></video>', ""
        night = " opacity-80 dark:opacity-70 dark:invert" if source == thumbnail else ""
        image = f'<img src="{source}" alt="" class="h-full w-full object-cover object-top{night}">'
        return image, " dark:border-gray-700" if source == thumbnail else ""

    def _badge(self, item: Item) -> str:
        user = item.get("submittedBy")
        return self._fill("badge", avatar=user["avatarUrl"], user=text(user["name"])) if user else ""

    def _avatars(self, authors: list[dict[str, Any]]) -> str:
        """At most five, those with an account first, in reverse: the style sheet reverses the row."""
        users = [author for author in authors if "user" in author]
        shown = [*users, *(author for author in authors if "user" not in author)][:AVATARS]
        return "".join(self._avatar(author) for author in reversed(shown))

    def _avatar(self, author: dict[str, Any]) -> str:
        user = author.get("user")
        image = f'<img class="overflow-hidden rounded-full" alt="" src="{user["avatarUrl"]}">' if user else ""
        return self._fill("author", title=self.attribute(user["user"] if user else author["name"]), image=image)

    def _chip(self, organization: dict[str, Any] | None) -> str:
        if organization is None:
            return ""
        avatar = organization.get("avatar")
        image = f'<img alt="" class="size-3 rounded-sm" src="{avatar}">' if avatar else ""
        return self._fill(
            "chip", name=organization["name"], fullname=self.attribute(organization["fullname"]), image=image
        )

    def _count(self, template: str, identifier: str, number: int | None) -> str:
        return "" if number is None else self._fill(template, id=identifier, number=str(number))

    def _fill(self, template: str, **values: str) -> str:
        return _template(self._year, template).substitute(values, icon=ICON)


@lru_cache(maxsize=32)
def _template(year: str, name: str) -> Template:
    return Template((TEMPLATES / year / f"{name}.html").read_text("utf-8").rstrip("\n"))


def _upvoted(item: Item) -> Item:
    """The item as in the blob: with `upvoted` after `numComments`, which is false when not logged in."""
    shown: Item = {}
    for key, value in item.items():
        shown[key] = value
        if key == "numComments":
            shown["upvoted"] = False
    return shown
