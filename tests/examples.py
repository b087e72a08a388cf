"""How many examples a property test takes."""

import os

MUTANT = "MUTANT_UNDER_TEST"
"""Set by mutmut in the processes that run the tests (`make mutants`)."""


def examples(usual: int) -> int:
    """`usual`; a few where the test is run once for each of thousands of mutants."""
    return min(usual, 15) if MUTANT in os.environ else usual
