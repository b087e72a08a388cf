"""Invented histories of a listing, 27 months long: its fields over time, with variations that are not changes.

Shares scatter from day to day more than chance, some climb or fall slowly, days are quiet, days are missing, whole
stretches are missing, some fields stay rare. The real changes are known, and the output of `drift` is compared with
them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any, Final

from dailypapers.ingest.sources.calendars import hugging_face
from dailypapers.snapshots.drift.detect import Change, changes
from dailypapers.snapshots.drift.facts import ProfiledDay, ViewProfile
from dailypapers.snapshots.drift.profile import profile

BEGIN, END = date(2024, 3, 12), date(2026, 8, 21)
ALWAYS, STILL = date.min, date.max
MONDAY: Final = date(2025, 9, 1)
TEXT: Final = "a study of many small things and their larger relations in deep nets " * 20


@dataclass(frozen=True)
class Key:
    """A field: from when, until when, and in which share of the items at the start and at the end of that time."""

    path: str
    since: date = ALWAYS
    until: date = STILL
    shares: tuple[float, float] = (1.0, 1.0)
    steady: float = 25
    """How little the share varies between days."""


ITEM: Final = (
    Key("summary", date(2025, 3, 11)),
    Key("mediaUrl", until=date(2024, 6, 11)),
    Key("thumbnail", date(2024, 6, 12)),
    Key("mediaUrls", date(2024, 6, 12), shares=(0.18, 0.22)),
    Key("submittedBy", date(2024, 6, 13)),
    Key("isAuthorParticipating", date(2024, 12, 19)),
    Key("submitterOrganization", date(2025, 9, 29), date(2025, 10, 2), (0.55, 0.55)),
    Key("organization", date(2025, 10, 3), shares=(0.5, 0.66)),
    Key("submittedBy.followerCount", date(2024, 10, 24), shares=(0.75, 0.85)),
    Key("submittedBy._id", date(2024, 12, 3)),
    Key("submittedBy.isHfAdmin", date(2025, 3, 21)),
    Key("submittedBy.isUserFollowing", date(2026, 1, 7)),
    Key("organization.avatar", shares=(0.93, 0.95)),
    Key("paper.discussionId", date(2024, 8, 2)),
    Key("paper.projectPage", date(2025, 3, 4), shares=(0.3, 0.49)),
    Key("paper.githubRepo", date(2025, 3, 4), shares=(0.35, 0.6)),
    Key("paper.githubStars", date(2025, 6, 25), shares=(0.4, 0.58)),
    Key("paper.githubRepoAddedBy", date(2025, 12, 11), shares=(0.55, 0.6)),
    Key("paper.ai_keywords", date(2025, 3, 11), shares=(0.97, 0.97)),
    Key("paper.ai_summary", date(2025, 5, 22), shares=(0.98, 0.98)),
    Key("paper.ai_summary_model", date(2026, 6, 3), shares=(0.6, 0.6)),
    Key("paper.submittedOnDailyAt", date(2025, 3, 17)),
    Key("paper.submittedOnDailyBy", date(2025, 3, 17)),
    Key("paper.submittedOnDailyBy.name", date(2026, 3, 12)),
    Key("paper.mediaUrls", date(2025, 3, 17), shares=(0.2, 0.22)),
    Key("paper.organization", date(2025, 10, 3), shares=(0.5, 0.66)),
    # On some days nearly all items have it, on others nearly none, as if it were added hours later.
    Key("paper.enriched", shares=(0.6, 0.6), steady=1.5),
    # Always rare: neither its first item nor its last is a change.
    Key("paper.retracted", shares=(0.004, 0.004)),
)
HIDDEN: Final = (date(2025, 3, 11), date(2025, 3, 14))
"""submittedBy was missing for four days."""
OUTER_MOVED, TITLES_SQUEEZED = date(2025, 3, 11), date(2025, 11, 13)
PUBLISHED_LOST, LISTED_LOST = date(2026, 4, 3), date(2026, 5, 14)
LATER: Final = (date(2026, 6, 10), timedelta(days=50))
"""From then on ai_summary came later, less of it each day."""


@dataclass
class History:
    """Certificates, as far as drift reads them, and what changed between which of their days."""

    certificates: list[ProfiledDay] = field(default_factory=list)
    days: list[date] = field(default_factory=list)

    def found(self) -> list[Change]:
        """What drift says."""
        stored = set(self.days)

        def gap(last: date, first: date) -> int:
            between = (last + timedelta(days=number) for number in range(1, (first - last).days))
            return sum(1 for day in between if day not in stored and not hugging_face(day))

        return changes(self.certificates, gap)


def weekdays(number: int, first: date = MONDAY) -> list[date]:
    """So many days on which papers are listed."""
    days = (first + timedelta(days=days) for days in range(number * 2))
    return [day for day in days if not hugging_face(day)][:number]


def no_gap(_last: date, _first: date) -> int:
    """No day was missed."""
    return 0


def truths() -> Iterator[tuple[str, str, date]]:
    """Field, kind and day of every change."""
    for key in ITEM:
        if key.since != ALWAYS:
            yield key.path, "new", key.since
        if key.until != STILL:
            yield key.path, "gone", key.until + timedelta(days=1)
    yield "submittedBy", "gone", HIDDEN[0]
    yield "submittedBy", "back", HIDDEN[1] + timedelta(days=1)
    yield from (("title", "shape", OUTER_MOVED), ("publishedAt", "meaning", OUTER_MOVED))
    yield from ((path, "shape", TITLES_SQUEEZED) for path in ("title", "summary", "paper.title", "paper.summary"))
    yield from ((path, "meaning", PUBLISHED_LOST) for path in ("publishedAt", "paper.publishedAt"))
    yield "paper.submittedOnDailyAt", "meaning", LISTED_LOST


def history(seed: int, begin: date = BEGIN, end: date = END, *, stretches: int = 3) -> History:
    """A history with some missing days, and a number of missing stretches of weeks."""
    random = Random(seed)
    gaps = [(begin + timedelta(days=random.randrange(60, 800)), random.randrange(10, 60)) for _ in range(stretches)]
    made = History()
    for number in range((end - begin).days + 1):
        day = begin + timedelta(days=number)
        missing = any(start <= day < start + timedelta(days=length) for start, length in gaps)
        if hugging_face(day) or missing or random.random() < 0.02:
            continue
        shares = [(key, _share(random, key, day)) for key in ITEM]
        items = [_item(random, day, shares) for _ in range(_size(random, day))]
        made.days.append(day)
        made.certificates.append(certificate(day, items))
    return made


def certificate(day: date, items: Sequence[dict[str, Any]], *, state: str = "open", known: bool = False) -> ProfiledDay:
    """As much of a certificate as drift reads, of a day seen through one view."""
    at = datetime(day.year, day.month, day.day, tzinfo=UTC).isoformat()
    view: ViewProfile = {
        "file": "",
        "at": at,
        "at_known": known,
        "timely": True,
        "reading": "api",
        "items": len(items),
        "keys": "",
        "matched": {},
        "fields": profile(items, day),
    }
    return {
        "day": f"{day}",
        "state": state,
        "agreement": {},
        "profiles": {"api": view},
    }


def _size(random: Random, day: date) -> int:
    if random.random() < 0.05:
        return random.randint(1, 5)
    usual = 10 + (day - BEGIN).days // 50
    return max(1, min(50, round(random.gauss(usual * (1.2 if day.weekday() == 0 else 1), usual / 3))))


def _share(random: Random, key: Key, day: date) -> float:
    """What share of that day's items has the field: it climbs slowly, and days have moods."""
    if not key.since <= day <= key.until:
        return 0.0
    begin, end = max(key.since, BEGIN), min(key.until, END)
    share = key.shares[0] + (key.shares[1] - key.shares[0]) * (day - begin).days / ((end - begin).days or 1)
    if key.path == "paper.ai_summary" and day > LATER[0]:
        share -= 0.6 * min(1.0, (day - LATER[0]) / LATER[1])
    if not 0.01 < share < 0.99:
        return share
    mood = random.betavariate(share * key.steady, (1 - share) * key.steady)
    return mood * (0.85 if day.weekday() == 0 and key.path == "paper.githubRepo" else 1)


def _item(random: Random, day: date, shares: Sequence[tuple[Key, float]]) -> dict[str, Any]:
    text, title = TEXT[: random.randint(400, 1300)], TEXT[: random.randint(20, 110)]
    squeezed, moved = day >= TITLES_SQUEEZED, day >= OUTER_MOVED
    before = random.choice([1, 1, 1, 2, 2, 3, 4, 5, 9, 14])
    published = _moment(
        random, day - timedelta(days=before), 1000, lost=day >= PUBLISHED_LOST and random.random() > 0.05
    )
    listed = _written(_moment(random, day, 1, lost=day >= LISTED_LOST))
    winter = published.month in {11, 12, 1, 2} or (published.month, published.day) < (3, 9)
    inner = title if squeezed or len(title) < 50 else title.replace(" ", "\n  ", 1)
    summary = text if squeezed and random.random() > 0.03 else text.replace(" ", "\n", 1)
    paper: dict[str, Any] = {
        "id": f"{random.randint(1000, 9999)}.{random.randint(10000, 99999)}",
        "title": inner,
        "summary": summary,
        "publishedAt": _written(published),
        "upvotes": random.randint(0, 250),
        "authors": [{"name": "A"}] * random.choice([1, 2, 3, 4, 5, 5, 6, 8, 12, 40]),
    }
    shifted = _written(published - timedelta(hours=5 if winter else 4))
    item = {"paper": paper, "title": inner if moved else title, "publishedAt": shifted if moved else listed}
    for key, share in shares:
        if random.random() < share:
            _put(random, item, key.path, {"summary": summary, "submittedOnDailyAt": listed})
    if HIDDEN[0] <= day <= HIDDEN[1]:
        item.pop("submittedBy", None)
    return item


def _put(random: Random, item: dict[str, Any], path: str, known: Mapping[str, str]) -> None:
    *owners, name = path.split(".")
    owner = item
    for one in owners:
        if one not in owner:
            return
        owner = owner[one]
    owner[name] = known[name] if name in known else _value(random, name)


def _value(random: Random, name: str) -> object:
    made = VALUES.get(name)
    return made(random) if made else "https://site.example/" + "x" * random.randint(3, 60)


def _digits(random: Random) -> str:
    return f"{random.getrandbits(96):024x}"


def _flag(random: Random) -> bool:
    return random.random() < 0.25


VALUES: Final[Mapping[str, Callable[[Random], object]]] = {
    "submittedBy": lambda _: {"user": "u", "isPro": False},
    "submittedOnDailyBy": lambda _: {"user": "u", "isPro": False},
    "organization": lambda _: {"name": "acme", "fullname": "ACME"},
    "submitterOrganization": lambda _: {"name": "acme", "fullname": "ACME"},
    "mediaUrls": lambda random: ["x"] * random.choice([1, 1, 1, 1, 2]),
    "ai_keywords": lambda random: ["x"] * random.randint(4, 14),
    "followerCount": lambda random: random.randint(0, 999),
    "githubStars": lambda random: random.randint(0, 999),
    "isAuthorParticipating": _flag,
    "isHfAdmin": _flag,
    "isUserFollowing": _flag,
    "retracted": _flag,
    "githubRepoAddedBy": lambda random: "user" if random.random() < 0.99 else random.choice(["admin", "auto"]),
    "_id": _digits,
    "discussionId": _digits,
    "ai_summary_model": lambda _: "maker/model-of-texts",
}


def _moment(random: Random, day: date, step: int, *, lost: bool) -> datetime:
    """A time of that day, in steps of some milliseconds; midnight if its time of day is lost."""
    begin = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return begin if lost else begin + timedelta(milliseconds=random.randrange(0, 86_400_000, step))


def _written(instant: datetime) -> str:
    return instant.isoformat(timespec="milliseconds").replace("+00:00", "Z")
