"""How many examples a property test tries, and that it depends on neither chance nor the load of the machine."""

import os

from hypothesis import HealthCheck, Phase, settings

MUTANT = "MUTANT_UNDER_TEST"
"""Set by mutmut in the processes that run the tests (`make mutants`)."""
PROFILE = "tests"


def use_profile() -> None:
    """Make every property test try the same examples in each run, however long they take.

    By default an example that takes 200 ms, or a machine that is slow to make examples, fails the test.
    """
    settings.register_profile(
        PROFILE, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow], database=None
    )
    settings.load_profile(PROFILE)


def examples(usual: int) -> settings:
    """The number of examples, `usual`; for mutation tests only a few, without shrinking."""
    if MUTANT in os.environ:
        return settings(max_examples=min(usual, 15), phases=[Phase.explicit, Phase.generate])
    return settings(max_examples=usual)
