"""Invented papers of arXiv: the n-th paper of a day is a pure function of (day, n), as those of Hugging Face are.

A share of them has what makes parsing hard: several versions, old ids, accents, affiliations, DOIs, a withdrawal.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from random import Random

from tests.papersite import vocabulary

PER_DAY = 3000  # ids per day: a month has room for 33 days
CATEGORIES = {
    "cs.AI": "Artificial Intelligence",
    "cs.CL": "Computation and Language",
    "cs.CV": "Computer Vision and Pattern Recognition",
    "cs.LG": "Machine Learning",
    "cs.HC": "Human-Computer Interaction",
    "stat.ML": "Machine Learning",
    "math.GT": "Geometric Topology",
    "physics.bio-ph": "Biological Physics",
    "hep-th": "High Energy Physics - Theory",
    "quant-ph": "Quantum Physics",
}
LICENSES = (
    "http://creativecommons.org/licenses/by/4.0/",
    "http://arxiv.org/licenses/nonexclusive-distrib/1.0/",
    "http://creativecommons.org/publicdomain/zero/1.0/",
)
# A family name in Unicode and in TeX.
ACCENTED = {
    "Ölberg": r"\"Olberg",
    "Søgaard": r"S{\o}gaard",
    "Kovačević": r"Kova\v{c}evi\'c",
    "Łuczak": r"\L{}uczak",
    "Roldán": r"Rold\'an",
}


@dataclass(frozen=True)
class Author:
    forenames: str
    keyname: str
    suffix: str = ""
    affiliations: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return " ".join(filter(None, (self.forenames, self.keyname, self.suffix)))

    @property
    def tex(self) -> str:
        return " ".join(filter(None, (self.forenames, ACCENTED.get(self.keyname, self.keyname), self.suffix)))


@dataclass(frozen=True)
class Version:
    at: datetime
    kilobytes: int


@dataclass(frozen=True)
class ArxivPaper:
    """A paper with all its versions; `categories` has the primary one first."""

    id: str
    versions: tuple[Version, ...]
    title: str
    authors: tuple[Author, ...]
    categories: tuple[str, ...]
    abstract: str
    license: str
    submitter: str
    comment: str = ""
    journal_ref: str = ""
    doi: str = ""
    report: str = ""
    classes: tuple[str, ...] = field(default=())

    @property
    def version(self) -> int:
        return len(self.versions)

    @property
    def published(self) -> datetime:
        return self.versions[0].at

    @property
    def updated(self) -> datetime:
        return self.versions[-1].at

    @property
    def withdrawn(self) -> bool:
        return self.versions[-1].kilobytes == 0


@lru_cache(maxsize=8192)
def invent(day: date, place: int, primary: str = "cs.CL", also: tuple[str, ...] = (), versions: int = 1) -> ArxivPaper:
    """The paper that is announced on a day as the n-th; with several versions, the last was announced then."""
    rng = Random(f"arxiv/{day}/{place}")
    cut_off = datetime(day.year, day.month, day.day, 14, tzinfo=UTC) - timedelta(days=1)
    submitted = cut_off - timedelta(seconds=rng.randrange(80_000))
    # Papers with several versions are ten years old: their ids are no new paper's.
    first = submitted - timedelta(days=3650 * (versions > 1))
    withdrawn = versions > 1 and place % 40 == 7
    name = "".join(rng.sample(vocabulary.SYLLABLES, 3)).capitalize()
    authors = _authors(rng, place)
    return ArxivPaper(
        id=f"{first:%y%m}.{day.day * PER_DAY + place % PER_DAY:05d}",
        versions=tuple(
            Version(
                first + (submitted - first) * number / max(1, versions - 1),
                0 if withdrawn and number == versions - 1 else rng.randrange(20, 9000),
            )
            for number in range(versions)
        ),
        title=_title(rng, name, place),
        authors=authors,
        categories=(primary, *also),
        abstract=_abstract(rng, name, place),
        license=rng.choice(LICENSES),
        submitter=authors[0].name,
        comment="This paper has been withdrawn due to an error in Lemma 2" if withdrawn else _comment(rng, name, place),
        journal_ref=f"J. Lamp. {rng.randrange(3, 40)} (2026) {rng.randrange(1, 900)}-{rng.randrange(901, 999)}"
        if place % 9 == 4
        else "",
        doi=f"10.5555/lamp.{day:%Y%m%d}.{place}" if place % 7 == 3 else "",
        report=f"LAMP-{day:%y}-{place:03d}" if place % 23 == 5 else "",
        classes=("68T50", "I.2.7") if place % 11 == 2 else (),
    )


def _title(rng: Random, name: str, place: int) -> str:
    task, method = rng.choice(vocabulary.TASKS), rng.choice(vocabulary.METHODS)
    if place % 13 == 6:
        return f'"{name}": $\\ell_{{{rng.randrange(1, 9)}}}$ Bounds & <Other> {method}\'s Limits'
    return f"{name}: {rng.choice(vocabulary.ADJECTIVES)} {method} for {task}"


def _abstract(rng: Random, name: str, place: int) -> str:
    slots = {"name": name, "repo": name.lower(), "handle": "lamp-lab", "adjective": "novel"}
    slots |= {"method": rng.choice(vocabulary.METHODS), "task": rng.choice(vocabulary.TASKS)}
    slots |= {"data": rng.choice(vocabulary.DATASETS), "small": "12", "large": "640", "digit": "3"}
    text = " ".join(sentence.format_map(slots) for sentence in rng.sample(vocabulary.SENTENCES, 7))
    return f"{text} Code is at https://github.com/lamp-lab/{name.lower()}." if place % 5 == 1 else text


def _comment(rng: Random, name: str, place: int) -> str:
    pages = f"{rng.randrange(6, 40)} pages, {rng.randrange(1, 9)} figures"
    return (
        "",
        pages,
        f"{pages}. Project page: https://{name.lower()}.example/home",
        "Accepted at LampConf & WickWorks",
    )[place % 4]


def _authors(rng: Random, place: int) -> tuple[Author, ...]:
    count = 40 if place % 97 == 50 else rng.randrange(1, 8)
    return tuple(_author(rng, place + number) for number in range(count))


def _author(rng: Random, number: int) -> Author:
    family = rng.choice([*ACCENTED]) if number % 6 == 1 else rng.choice(vocabulary.FAMILY)
    places: Sequence[str] = ("Lantern Lab, Oil City", "University of Wicks") if number % 8 == 3 else ()
    return Author(
        rng.choice(vocabulary.GIVEN), family, "Jr." if number % 31 == 11 else "", tuple(places[: 1 + number % 2])
    )
