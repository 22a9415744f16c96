"""How a rule says that it calls functions: those that it is handed, such as the integrand of a quadrature, or
methods of an object.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


class Handed:
    """A rule that is handed functions: followed ones, and also where no argument is traced.

    What such a function closes over may be traced without any argument showing it.
    """

    __slots__ = ("__name__", "rule")

    def __init__(self, rule: Callable[..., Any]) -> None:
        self.rule = rule
        self.__name__ = rule.__name__

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the rule."""
        return self.rule(*args, **kwargs)


@dataclass(frozen=True, slots=True)
class Following:
    """A rule `function(follow, *args, **kwargs)` for calls with a traced argument.

    `follow(callee)` is what is called in place of a callee.
    """

    function: Callable[..., Any]


def not_following(function: Callable[..., Any]) -> Following:
    """A rule for a method, for calls with a traced argument, that follows nothing."""
    return Following(lambda follow, *args, **kwargs: function(*args, **kwargs))
