"""The vocabulary of the invented papers, read from `vocabulary.toml` beside it."""

import tomllib
from pathlib import Path

_WORDS = tomllib.loads((Path(__file__).parent / "vocabulary.toml").read_text("utf-8"))


def _many(name: str) -> tuple[str, ...]:
    return tuple(str(word) for word in _WORDS[name])


GIVEN, FAMILY, COMPANIES = _many("given"), _many("family"), _many("companies")
SYLLABLES, ADJECTIVES, METHODS = _many("syllables"), _many("adjectives"), _many("methods")
TASKS, DATASETS, KEYWORDS = _many("tasks"), _many("datasets"), _many("keywords")
TITLES, ODD_TITLES = _many("titles"), _many("odd_titles")
OPENINGS, SENTENCES, CLOSINGS = _many("openings"), _many("sentences"), _many("closings")
CODE_CLOSING, AI_SUMMARY = str(_WORDS["code_closing"]), str(_WORDS["ai_summary"])
