"""One paper on one day's list: when it is shown, and how its numbers grow."""

import math
from bisect import bisect_right
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cached_property, lru_cache
from random import Random

from tests.papersite.papers import Paper
from tests.papersite.periods import ONE_DAY, midnight

MEDIAN_VOTES, SPREAD = 19, 0.95  # final votes, log-normal
# After h hours a paper has the share 1 - exp(-(h/18.6)^0.56) of its final votes: 0.41, 0.7 and 0.86 after
# 6, 26 and 60 hours.
SCALE, SHAPE = 18.6, 0.56
MAX_LENGTH = 45 * ONE_DAY  # no votes after this
TAKEN_BACK = 1 / 40  # share of papers with one vote withdrawn
STAR_DAYS = 30  # stars are counted once a day for this many days

Moments = tuple[datetime, ...]
Counts = tuple[int, int, int | None]


@dataclass(frozen=True)
class Fate:
    """What happens to a day's paper: `moves_to` is the day that shows it from `leaves` on, or None."""

    appears: datetime
    leaves: datetime | None = None
    moves_to: date | None = None

    def __post_init__(self) -> None:
        if self.leaves is not None and self.leaves <= self.appears:
            raise ValueError(f"a paper that appears at {self.appears} cannot leave at {self.leaves}")
        if self.moves_to and self.leaves is None:
            raise ValueError(f"a paper that moves to {self.moves_to} must leave")
        if self.moves_to and self.leaves and self.leaves < midnight(self.moves_to):
            raise ValueError(f"a paper cannot move to {self.moves_to} at {self.leaves}, before that day")


@dataclass(frozen=True, eq=False)
class Course:
    """`base` is the paper with its final number of stars; the times are sorted."""

    base: Paper
    fate: Fate
    votes: Moments
    taken: Moments
    comments: Moments

    @cached_property
    def changes(self) -> list[datetime]:
        """The times at which a list that shows the paper changes."""
        starred = [self.fate.appears + n * ONE_DAY for n in range(1, STAR_DAYS + 1)] if self._all_stars else []
        inside = {*self.votes, *self.taken, *self.comments, *starred}
        end = [self.fate.leaves] if self.fate.leaves else []
        return [self.fate.appears, *filter(self.shown, inside), *end]

    def shown(self, instant: datetime) -> bool:
        return self.fate.appears <= instant and (self.fate.leaves is None or instant < self.fate.leaves)

    def at(self, instant: datetime) -> Paper:
        """The paper with its numbers; the same object as before if no number changed."""
        votes = bisect_right(self.votes, instant) - bisect_right(self.taken, instant)
        return _counted(self, (votes, bisect_right(self.comments, instant), self._stars(instant)))

    @property
    def _all_stars(self) -> int | None:
        stars: int | None = self.base.item["paper"].get("githubStars")
        return stars

    def _stars(self, instant: datetime) -> int | None:
        """Half of the stars are there from the start."""
        days = min((instant - self.fate.appears).days, STAR_DAYS)
        return self._all_stars and round(self._all_stars * (1 - math.exp(-days / 10) / 2))


def course(base: Paper, fate: Fate, day: date) -> Course:
    """The votes and comments that a paper gets on one day's list; they differ between days."""
    rng = Random(f"course/{base.id}/{day}")
    number = min(300, int(rng.lognormvariate(math.log(MEDIAN_VOTES), SPREAD)))
    votes = _moments(rng, fate.appears, number)
    taken = (votes[-1] + timedelta(hours=30),) if votes and rng.random() < TAKEN_BACK else ()
    comments = _moments(rng, fate.appears, base.item["numComments"])
    return Course(_dated(base, fate, day), fate, votes, taken, comments)


def _moments(rng: Random, since: datetime, number: int) -> Moments:
    hours = (SCALE * (-math.log(1 - rng.random())) ** (1 / SHAPE) for _ in range(number))
    return tuple(sorted(since + min(timedelta(seconds=int(h * 3600)), MAX_LENGTH) for h in hours))


def _dated(base: Paper, fate: Fate, day: date) -> Paper:
    """The list says when a paper was put on it, however late it is shown."""
    return replace(base, arrival=min(fate.appears, midnight(day) + ONE_DAY - timedelta(seconds=1)))


@lru_cache(maxsize=4096)
def _counted(course: Course, counts: Counts) -> Paper:
    votes, comments, stars = counts
    paper = course.base.item["paper"] | {"upvotes": votes}
    if stars is not None:
        paper["githubStars"] = stars
    return replace(course.base, item=course.base.item | {"paper": paper, "numComments": comments})
