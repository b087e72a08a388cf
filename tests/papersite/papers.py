"""Invented papers: the n-th paper of a day is a pure function of (seed, day, n), so no day needs a stored
state.

A paper is made once with every field that any era of the site has; `eras` selects those of one era.
Shares and sizes follow what the service served in 2026: 64 % with an organisation, 58 % with a
repository, 70 % with a generated summary, about 5.7 kB of JSON per paper.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from tests.papersite import people, vocabulary
from tests.papersite.periods import midnight, stamp

PLACES = 1500  # ids per day: the five digits of a month have room for 64 days
MONTH_SHIFT = 32
MODELS = ("Qwen/Qwen2.5-Coder-32B-Instruct", "thinkingmachines/Inkling-Small")
MEDIA = ("png", "mp4", "png", "jpeg", "gif", "webm", "qt", "webp")


@dataclass(frozen=True, eq=False)
class Paper:
    """An item with all its fields, their times, and whether every era breaks its lines.

    Papers compare by identity: a script returns the same object while nothing about the paper has changed.
    """

    item: dict[str, Any]
    published: datetime
    arrival: datetime
    broken: bool

    @property
    def id(self) -> str:
        return str(self.item["paper"]["id"])


def paper_id(day: date, published: date, place: int) -> str:
    """The id says which day lists it: 1,500 numbers a day of the month, shifted when the id's month is the one before.

    Raises ValueError for a position beyond the available ids.
    """
    if not 0 <= place < PLACES:
        raise ValueError(f"a day has at most {PLACES} papers, not {place + 1}")
    shift = MONTH_SHIFT * (published.month != day.month)
    number = (day.day + shift) * PLACES + (place * 379 + day.toordinal() * 17) % PLACES
    return f"{published:%y%m}.{number:05d}"


def day_of(identifier: str) -> date | None:
    """The day that lists the paper with this id, None if no paper of this site can have it."""
    month, _, number = identifier.partition(".")
    if not (identifier.isascii() and month.isdigit() and number.isdigit() and (len(month), len(number)) == (4, 5)):
        return None
    shift, day = divmod(int(number) // PLACES, MONTH_SHIFT)
    try:
        first = date(2000 + int(month[:2]), int(month[2:]), 1)
        return (first + timedelta(days=31 * shift)).replace(day=day)
    except ValueError:
        return None


def invent(seed: int, day: date, place: int) -> Paper:
    rng = Random(f"paper/{seed}/{day}/{place}")
    arrival = midnight(day) + timedelta(seconds=rng.triangular(0, 16 * 3600, 3600))
    published = _published(rng, day)
    slots = _slots(rng)
    curator = 0 if rng.random() < 1 / 4 else rng.randrange(people.CURATORS)
    paper = _paper(rng, slots, place) | {"id": paper_id(day, published.date(), place)}
    paper["submittedOnDailyBy"] = people.profile(curator)
    paper["authors"] = people.authors(rng, _crowd(rng), stamp(arrival + timedelta(hours=5)))
    item = _item(rng, paper, people.submitter(curator))
    return Paper(item, published, arrival, rng.random() < 1 / 24)


def _published(rng: Random, day: date) -> datetime:
    lag = 1 if rng.random() < 0.46 else rng.randrange(1, 15)  # older papers cannot be put on the list
    return midnight(day - timedelta(days=lag)) + timedelta(seconds=rng.randrange(86400))


def _crowd(rng: Random) -> int:
    if rng.random() < 1 / 80:
        return rng.randrange(150, 660)
    return min(30, 2 + int(rng.expovariate(1 / 6)))


def _slots(rng: Random) -> dict[str, str]:
    name = "".join(rng.sample(vocabulary.SYLLABLES, 3)).capitalize()
    slots = {
        "name": name,
        "repo": name.lower(),
        "handle": people.account(rng.randrange(people.ACCOUNTS))["user"].replace("_", "-"),
    }
    slots |= {"adjective": rng.choice(vocabulary.ADJECTIVES), "method": rng.choice(vocabulary.METHODS)}
    slots |= {"task": rng.choice(vocabulary.TASKS), "data": rng.choice(vocabulary.DATASETS)}
    return slots | {
        "small": str(rng.randrange(11, 48)),
        "large": str(rng.randrange(510, 940)),
        "digit": str(rng.randrange(2, 9)),
    }


def _title(rng: Random, slots: dict[str, str], place: int) -> str:
    kind, rest = divmod(place % (3 * len(vocabulary.ODD_TITLES)), 3)
    return (vocabulary.ODD_TITLES[kind] if rest == 1 else rng.choice(vocabulary.TITLES)).format_map(slots)


def _summary(rng: Random, slots: dict[str, str], closing: str) -> str:
    """1,000 to 1,900 characters: sentences are at most 200 long, and the closing one is always present."""
    text, target = rng.choice(vocabulary.OPENINGS).format_map(slots), rng.randrange(1000, 1600)
    for sentence in rng.sample(vocabulary.SENTENCES, len(vocabulary.SENTENCES)):
        if len(text) + len(closing) >= target:
            break
        text = f"{text} {sentence.format_map(slots)}"
    return f"{text} {closing}"


def _paper(rng: Random, slots: dict[str, str], place: int) -> dict[str, Any]:
    has_repo = rng.random() < 0.58
    in_text = not has_repo and rng.random() < 0.2
    closing = (vocabulary.CODE_CLOSING if in_text else rng.choice(vocabulary.CLOSINGS)).format_map(slots)
    paper: dict[str, Any] = {"title": _title(rng, slots, place), "summary": _summary(rng, slots, closing)}
    paper |= {"upvotes": min(300, int(rng.expovariate(1 / 15))), "discussionId": people.object_id(rng)}
    paper |= _links(rng, slots, place) if has_repo else {}
    if rng.random() < 0.49:
        home = f"https://{slots['handle'].lower()}.github.io/{slots['repo']}"
        paper["projectPage"] = f"https://github.com/{slots['handle']}/{slots['repo']}" if place % 20 == 9 else home
    if rng.random() < 0.64:
        paper["organization"] = people.organization(rng.randrange(len(vocabulary.COMPANIES)))
    return paper | _machine(rng, slots)


def _links(rng: Random, slots: dict[str, str], place: int) -> dict[str, Any]:
    tail = {7: "/", 13: "/tree/main/train", 17: ".git"}.get(place % 20, "")
    links: dict[str, Any] = {"githubRepo": f"https://github.com/{slots['handle']}/{slots['repo']}{tail}"}
    links["githubRepoAddedBy"] = rng.choices(("user", "admin", "auto"), (97, 2, 1))[0]
    return links if rng.random() < 0.02 else links | {"githubStars": int(rng.expovariate(1 / 90))}


def _machine(rng: Random, slots: dict[str, str]) -> dict[str, Any]:
    if rng.random() >= 0.7:
        return {}
    made: dict[str, Any] = {"ai_summary": vocabulary.AI_SUMMARY.format_map(slots)}
    if rng.random() < 0.86:
        made["ai_summary_model"] = rng.choice(MODELS)
    terms = rng.sample(vocabulary.KEYWORDS, rng.randrange(3, 13))
    return made | {"ai_keywords": [slots["method"].lower(), slots["task"].lower(), *terms]}


def _item(rng: Random, paper: dict[str, Any], submitter: dict[str, Any]) -> dict[str, Any]:
    item = {"paper": paper, "title": paper["title"], "summary": paper["summary"]}
    item["thumbnail"] = f"https://cdn-thumbnails.huggingface.co/social-thumbnails/papers/{paper['id']}.png"
    if rng.random() < 0.22:
        home = f"https://cdn-uploads.huggingface.co/production/uploads/{submitter['_id']}"
        shown = 2 if rng.random() < 0.1 else 1
        item["mediaUrls"] = [f"{home}/{people.token(rng)}.{rng.choice(MEDIA)}" for _ in range(shown)]
    item["numComments"] = 0 if rng.random() < 0.06 else 1 + int(rng.expovariate(1 / 1.5))
    item["submittedBy"] = submitter
    return item | {"isAuthorParticipating": rng.random() < 0.2}
