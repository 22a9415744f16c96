"""Operators, subscripts, loops, `with`, attributes of the user's own classes: their methods are followed."""

import math
import sys
from collections.abc import Callable, Iterator
from types import FunctionType
from typing import Any

import numpy as np
import pytest

import adjoint as ad
from adjoint.follow import rewrite, source
from adjoint.follow.converter import CONVERTER

from .test_obstacles import slopes

X = np.array([0.5, 0.8, 1.3])


class Pair:
    """Two numbers in a plain array, so that no method serves traced values unless it is followed."""

    def __init__(self, values: Any) -> None:
        self.values = np.array(values)

    def __add__(self, other: Any) -> Any:
        if not isinstance(other, Pair):
            return NotImplemented
        return Pair([a + math.sin(b) for a, b in zip(self.values, other.values, strict=True)])

    def __mul__(self, other: Any) -> Any:
        return Pair([a * math.exp(other) for a in self.values])

    def __rmul__(self, other: Any) -> Any:
        return Pair([float(a) * float(other) ** 2 for a in self.values])

    def __iadd__(self, other: Any) -> Any:
        self.values = np.array([a + math.cos(other) for a in self.values])
        return self

    def __pow__(self, other: Any) -> Any:
        return Pair([math.pow(a, other) for a in self.values])

    def __matmul__(self, other: Any) -> Any:
        return math.fsum(a * b for a, b in zip(self.values, other.values, strict=True))

    def __neg__(self) -> Any:
        return Pair([-math.tan(a) for a in self.values])

    def __abs__(self) -> Any:
        return math.hypot(*self.values)

    def __getitem__(self, index: int) -> Any:
        return math.sqrt(self.values[index])

    def __setitem__(self, index: int, value: Any) -> None:
        self.values = np.array([*self.values[:index], math.log(value), *self.values[index + 1 :]])

    def __delitem__(self, index: int) -> None:
        self.values = np.array([math.sin(v) for i, v in enumerate(self.values) if i != index])

    def __lt__(self, other: Any) -> bool:
        return bool(math.fsum(self.values) < math.fsum(other.values))

    def __contains__(self, value: Any) -> bool:
        return any(math.fabs(v - value) < 1e-9 for v in self.values)

    def __iter__(self) -> Iterator[Any]:
        for value in self.values:
            yield math.sinh(value)


class Heir(Pair):
    """A subclass whose mirrored method goes first."""

    def __radd__(self, other: Any) -> Any:
        return Pair([a * math.exp(b) for a, b in zip(self.values, other.values, strict=True)])


class Countdown:
    """An iterator, with `__next__`."""

    def __init__(self, start: Any) -> None:
        self.left = [start, start * 2.0, start * 3.0]

    def __iter__(self) -> Any:
        return self

    def __next__(self) -> Any:
        if not self.left:
            raise StopIteration
        return math.sin(self.left.pop())


class Sequence:
    """What is gone over by its subscripts."""

    def __init__(self, x: Any) -> None:
        self.x = x

    def __getitem__(self, index: int) -> Any:
        if index > 2:
            raise IndexError(index)
        return math.exp(self.x * index)


class Scope:
    """A context manager that makes a value, and keeps one at the end."""

    def __init__(self, x: Any) -> None:
        self.x, self.kept = x, 0.0

    def __enter__(self) -> Any:
        return math.sin(self.x)

    def __exit__(self, kind: Any, *rest: Any) -> bool:
        self.kept = math.cos(self.x)
        return kind is KeyError


class Checked:
    """Attributes set by functions."""

    @property
    def length(self) -> Any:
        return self._length

    @length.setter
    def length(self, value: Any) -> None:
        self._length = float(np.array(value, dtype=float))


class Frozen:
    """Attributes set by `__setattr__`."""

    def __setattr__(self, name: str, value: Any) -> None:
        object.__setattr__(self, name, math.log(value))


def total(pair: Any) -> Any:
    return pair.values[0] + 2.0 * pair.values[1]


def made(x: Any) -> Pair:
    return Pair([x[0], x[1]])


def in_place(x: Any) -> Any:
    pair = made(x)
    pair += x[2]
    return total(pair)


def written(x: Any) -> Any:
    pair = made(x)
    pair[1] = x[2]
    return total(pair)


def deleted(x: Any) -> Any:
    pair = Pair([x[0], x[1], x[2]])
    del pair[0]
    return total(pair)


def looped(x: Any) -> Any:
    found = 0.0
    for value in made(x):
        found = found * 2.0 + value
    return found


def managed(x: Any) -> Any:
    scope = Scope(x[0])
    with scope as value:
        found = value * x[1]
        raise KeyError(found)
    return found + scope.kept


def set_by_property(x: Any) -> Any:
    thing = Checked()
    thing.length = x[0] * 2.0
    return thing.length**2


def set_by_hook(x: Any) -> Any:
    thing = Frozen()
    thing.a = x[0]
    thing.b = x[1]  # type: ignore[attr-defined]
    return thing.a * thing.b  # type: ignore[attr-defined]


def unpacked(x: Any) -> Any:
    first, second = made(x)
    head, *tail = Sequence(x[2])
    return first * second + head + tail[1] + max([*made(x)])


def nexts(x: Any) -> Any:
    steps = Countdown(x[0])
    return next(steps) * next(steps) + next(iter([x[1]])) + next(iter([]), 0.0)


def compared(x: Any) -> Any:
    a, b = made(x), Pair([x[1], x[2]])
    return total(a) if a < b and b > a and x[2] in b and x[0] not in b else total(b)


FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "a + b": lambda x: total(made(x) + Pair([x[1], x[2]])),
    "a * number": lambda x: total(made(x) * x[2]),
    "number * a": lambda x: total(x[2] * made(x)),
    "2.0 * a": lambda x: total(2.0 * made(x)),
    "a ** b": lambda x: total(made(x) ** x[2]),
    "a @ b": lambda x: made(x) @ Pair([x[1], x[2]]),
    "-a": lambda x: total(-made(x)),
    "abs(a)": lambda x: abs(made(x)),
    "a[i]": lambda x: made(x)[1] * x[0],
    "sum": lambda x: total(sum([made(x), made(x * 2.0)], Pair([x[2], x[0]]))),
    "a subclass first": lambda x: total(made(x) + Heir([x[1], x[2]])),
    "a += number": in_place,
    "a[i] = v": written,
    "del a[i]": deleted,
    "for": looped,
    "comprehension": lambda x: sum([v * v for v in made(x)]),
    "generator expression": lambda x: sum(v * v for v in Countdown(x[0])),
    "list": lambda x: list(made(x))[1] + tuple(Sequence(x[0]))[2],
    "zip": lambda x: sum(a * b for a, b in zip(made(x), Sequence(x[2]), strict=False)),
    "enumerate": lambda x: sum(i * v for i, v in enumerate(Sequence(x[2]))),
    "with": managed,
    "property set": set_by_property,
    "__setattr__": set_by_hook,
    "unpacking": unpacked,
    "next": nexts,
    "comparison": compared,
    "np.r_": lambda x: np.sum(np.r_[x[0], 2.0, x[1:]] ** 2),
    "np.c_": lambda x: np.sum(np.c_[x, x**2] * np.array([1.0, 3.0])),
    "np.poly1d": lambda x: (np.poly1d(x) * np.poly1d([1.0, 2.0]) + 3.0)(0.5),
    "np.polynomial": lambda x: (np.polynomial.Polynomial(x) ** 2 - 1.0)(0.5),
    "getattr": lambda x: getattr(made(x), "values")[0] * getattr(x, "missing", 2.0),  # noqa: B009
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_gradient(name: str) -> None:
    function = FUNCTIONS[name]
    wanted = slopes(function, X)
    value, found = ad.value_and_grad(function)(X)
    np.testing.assert_allclose(value, function(X), rtol=1e-13)
    np.testing.assert_allclose(found, wanted, rtol=1e-7, atol=1e-8 * np.max(np.abs(wanted)))
    tangent = ad.jvp(function, (X,), (X[::-1].copy(),))[1]
    np.testing.assert_allclose(tangent, found @ X[::-1], rtol=1e-9)


REWRITERS = [*([rewrite] if sys.version_info[:2] in rewrite.VERSIONS else []), source]


@pytest.mark.parametrize("rewriter", REWRITERS)
@pytest.mark.parametrize("name", FUNCTIONS)
def test_rewritten_code_gives_the_same(name: str, rewriter: Any) -> None:
    function: Any = FUNCTIONS[name]
    code = rewriter.rewritten(function.__code__, CONVERTER)
    copy = FunctionType(code, function.__globals__, None, None, function.__closure__)
    np.testing.assert_allclose(copy(X), function(X), rtol=1e-13)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_gradient_from_source_text(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a Python whose instructions are not known."""
    wanted = ad.grad(FUNCTIONS[name])(X)
    monkeypatch.setattr(rewrite, "VERSIONS", ())
    monkeypatch.setattr(CONVERTER.copies, "codes", {})
    np.testing.assert_allclose(ad.grad(FUNCTIONS[name])(X), wanted, rtol=1e-12)


def test_errors_are_pythons_own() -> None:
    class Bare:
        def __add__(self, other: Any) -> Any:
            return NotImplemented

    def ask(function: Callable[[Any], Any]) -> str:
        with pytest.raises(TypeError) as raised:
            function(1.0)
        return str(raised.value)

    for wrong in (
        lambda x: Bare() + x * 0.0,
        lambda x: Bare() < x * 0.0,
        lambda x: -Bare(),
        lambda x: Bare()[0],
        lambda x: [*Bare()],
    ):
        assert ask(ad.grad(wrong)).replace("Traced", "float") == ask(wrong)


def test_an_array_of_ones_own_class_is_left_to_numpy() -> None:
    class Meters(np.ndarray):
        def __add__(self, other: Any) -> Any:
            return np.ndarray.__add__(self, other)

    length = np.arange(3.0).view(Meters)
    assert ad.grad(lambda x: np.sum(x * np.asarray(length + length)))(2.0) == 6.0


def test_what_is_met_unfollowed_stays_as_it_was() -> None:
    before = dict(vars(Pair))
    ad.grad(FUNCTIONS["a + b"])(X)
    assert dict(vars(Pair)) == before
    assert type(made(X) + made(X)) is Pair
