"""How hard a property test tries."""

import os

from hypothesis import Phase, settings

MUTANT = "MUTANT_UNDER_TEST"
"""Set by mutmut in the processes that run the tests (`make mutants`)."""


def examples(usual: int) -> settings:
    """The same `usual` examples each time. A few, none made smaller, where thousands of mutants are tried."""
    if MUTANT in os.environ:
        return settings(
            deadline=None, derandomize=True, max_examples=min(usual, 15), phases=[Phase.explicit, Phase.generate]
        )
    return settings(deadline=None, derandomize=True, max_examples=usual)
