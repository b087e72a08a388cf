"""A paper site on loopback: the Daily Papers pages and JSON of Hugging Face for invented papers, for tests
and demos."""

from tests.papersite.answers import Answer, Request, Served, Switch
from tests.papersite.moving import Moving, Stay
from tests.papersite.paper_timeline import Fate
from tests.papersite.rate import Meter
from tests.papersite.script import Script, Still
from tests.papersite.site import PaperSite

__all__ = [
    "Answer",
    "Fate",
    "Meter",
    "Moving",
    "PaperSite",
    "Request",
    "Script",
    "Served",
    "Stay",
    "Still",
    "Switch",
]
