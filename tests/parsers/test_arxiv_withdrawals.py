"""The comments and abstracts that say that a paper of arXiv is withdrawn."""

from __future__ import annotations

import pytest

from dailypapers.parsers.arxiv.item import is_withdrawal


@pytest.mark.parametrize(
    "text",
    [
        "Withdrawn",
        "withdrawn: Lemma 2 is wrong",
        "WITHDRAWN by the authors",
        "This paper has been WITHDRAWN",
        "The manuscript is now withdrawn, see [2]",
        "This preliminary version was withdrawn by arXiv",
    ],
)
def test_a_text_that_begins_with_the_withdrawal_says_so(text: str) -> None:
    assert is_withdrawal(text)


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "12 pages; an earlier version was withdrawn",
        "This paper has been accepted, and the other one withdrawn",
        "Withdrawnness of lamps",
        "This paper is about withdrawn lamps",
    ],
)
def test_another_text_does_not(text: str | None) -> None:
    assert not is_withdrawal(text)
