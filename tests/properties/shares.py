"""How many examples each property draws: its share of 300, or of 10 000 with `--hypothesis-profile=long`.

Both numbers are exact: Hypothesis counts only examples that were carried through.
"""

from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, Phase, settings

USUAL, LONG = 300, 10_000

SHARES = {
    # in percent
    "test_first_derivatives": 14,
    "test_other_traces": 10,
    "test_second_derivatives": 8,
    "test_single_precision": 6,
    "test_reading": 9,
    "test_writing": 9,
    "test_updating": 6,
    "test_errors_of_indices": 2,
    "test_promotion": 8,
    "test_promotion_of_three": 4,
    "test_writes_first_order": 12,
    "test_writes_in_other_traces": 7,
    "test_writes_second_order": 5,
}


def chosen_total() -> int:
    """How many examples all properties draw together, under the profile that is loaded."""
    return LONG if settings.get_current_profile_name() == "long" else USUAL


def examples(test: Callable[..., Any]) -> Callable[..., Any]:
    """Give a property its share of the examples."""
    count, rest = divmod(SHARES[test.__name__] * chosen_total(), 100)
    assert not rest
    return settings(
        max_examples=count,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
        deadline=None,
    )(test)
