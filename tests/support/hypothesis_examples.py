"""How many examples a property test tries."""

import os

from hypothesis import Phase, settings

MUTANT = "MUTANT_UNDER_TEST"
"""Set by mutmut in the processes that run the tests (`make mutants`)."""


def examples(usual: int) -> settings:
    """The same `usual` examples in each run; for mutation tests only a few, without shrinking."""
    if MUTANT in os.environ:
        return settings(
            deadline=None, derandomize=True, max_examples=min(usual, 15), phases=[Phase.explicit, Phase.generate]
        )
    return settings(deadline=None, derandomize=True, max_examples=usual)
