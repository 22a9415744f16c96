"""Python as people write it: every way to define and to call a function is followed, and stays itself."""

import abc
import asyncio
import contextlib
import dataclasses
import fractions
import functools
import itertools
import math
import operator
import sys
import threading
import traceback
import types
from collections import namedtuple
from typing import Any

import numpy as np
import pytest

import adjoint as ad
from adjoint.api.following import followed
from adjoint.errors import TraceError

SCALE = 2.0


def sine(x: float) -> float:
    return math.sin(x)


def scaled(x: float, /, factor: float = 3.0, *rest: float, power: int = 1, **named: float) -> float:
    return math.pow(x, power) * factor * SCALE + sum(rest) + sum(named.values())


def recursive(x: float, depth: int = 5) -> float:
    return math.sin(x) if depth == 0 else math.cos(recursive(x, depth - 1))


def counted(x: float) -> float:
    total, count = 0.0, 0

    def add(value: float) -> None:
        nonlocal total, count
        total, count = total + math.exp(value), count + 1

    for k in range(3):
        add(x * k)
    return total * count


def generated(x: float) -> float:
    def powers() -> Any:
        received = yield math.sin(x)
        yield from (math.pow(x, k) * received for k in range(3))

    steps = powers()
    return next(steps) + steps.send(2.0) + sum(steps)


def traced_call(function: Any) -> Any:
    @functools.wraps(function)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        return function(*args, **kwargs) * 2.0

    return wrapper


@traced_call
@traced_call
def decorated(x: float) -> float:
    return math.sin(x)


class Doubling:
    def __init__(self, function: Any) -> None:
        self.function = function

    def __call__(self, x: float) -> float:
        return 2.0 * self.function(x)


@Doubling
def decorated_by_class(x: float) -> float:
    return math.sin(x)


class Shape(abc.ABC):
    def __init__(self, side: float) -> None:
        self.side = float(side)

    @property
    def root(self) -> float:
        return math.sqrt(self.side)

    @functools.cached_property
    def cube(self) -> float:
        return math.pow(self.side, 3)

    @abc.abstractmethod
    def area(self) -> float: ...

    @classmethod
    def of(cls, side: float) -> "Shape":
        return cls(math.exp(side))

    @staticmethod
    def half(x: float) -> float:
        return math.fabs(x) / 2.0


class Square(Shape):
    def __init__(self, side: float) -> None:
        super().__init__(side)
        self.name = "square"

    def area(self) -> float:
        return self.side**2 + super().half(self.side)

    def __call__(self, x: float) -> float:
        return self.area() * math.sin(x)


class Fixed:
    def __new__(cls, value: float) -> "Fixed":
        made = super().__new__(cls)
        made.value = math.exp(value)
        return made


@dataclasses.dataclass
class Pair:
    first: float
    second: float = dataclasses.field(default_factory=lambda: 1.0)
    total: float = 0.0

    def __post_init__(self) -> None:
        self.total = math.exp(self.first) + self.second


Point = namedtuple("Point", "x y")


@functools.lru_cache
def remembered(x: float) -> float:
    return math.sin(x)


@contextlib.contextmanager
def doubled(x: float) -> Any:
    yield math.sin(x) * 2.0


def managed(x: float) -> float:
    with doubled(x) as value, contextlib.suppress(ZeroDivisionError):
        total = value
        raise ZeroDivisionError
    return total


def matched(x: float) -> float:
    match [x, "sine"]:
        case [value, "sine"] if value > 0.0:
            return math.sin(value)
        case _:
            return 0.0


def handled(x: float) -> float:
    try:
        math.sqrt(x - 10.0)
    except ValueError:
        return math.sin(x)
    finally:
        x = 0.0
    return 0.0


def awaited(x: float) -> float:
    async def inner(value: float) -> float:
        await asyncio.sleep(0)
        return math.sin(value)

    async def outer() -> float:
        return await inner(x) * 2.0

    return asyncio.run(outer())


def picked(x: float) -> float:
    table = {"sin": math.sin, "half": lambda v: math.sqrt(v) / 2.0, "sine": sine}
    return sum(table[name](x) for name in ("sin", "half", "sine"))


def called_by_python(x: float) -> float:
    found = list(map(math.sin, [x, 2.0 * x])) + sorted([x, -x], key=math.fabs)
    return functools.reduce(operator.mul, found) + sum(
        itertools.accumulate([x, x], lambda a, b: math.pow(a, 2) + b)
    )


def keyworded(x: float) -> float:
    more = {"a": x, "b": math.sin(x)}
    return scaled(x, 1.5, *[x, x], power=2, **more) + scaled(*(x,), power=3)


def compared(x: float) -> float:
    return math.sin(x) if (lambda v: v)(1 < math.exp(x) < 3 or (x and math.cos(x))) else math.cos(x)


FUNCTIONS: dict[str, Any] = {
    "function": sine,
    "arguments": lambda x: scaled(x, 2.0, x, power=2, more=x),
    "keywords": keyworded,
    "recursive": recursive,
    "deep": lambda x: recursive(x, 200),
    "nonlocal": counted,
    "generator": generated,
    "decorated": decorated,
    "decorated by class": decorated_by_class,
    "method": lambda x: Square(x).area(),
    "class method": lambda x: Square.of(x).area() + Shape.half(x),
    "property": lambda x: Square(x).root + Square(x).cube,
    "callable": lambda x: Square(x)(x),
    "bound": lambda x: (lambda area: area())(Square(x).area),
    "new": lambda x: Fixed(x).value,
    "dataclass": lambda x: Pair(x).total + dataclasses.replace(Pair(x), first=2.0 * x).total,
    "named tuple": lambda x: (lambda p: p.x * math.sin(p.y))(Point(x, y=x)),
    "partial": lambda x: functools.partial(scaled, x, power=2)(2.0),
    "cached": lambda x: remembered(x) * remembered(x),
    "context": managed,
    "match": matched,
    "handled": handled,
    "async": awaited,
    "picked": picked,
    "called by Python": called_by_python,
    "compared": compared,
    "comprehensions": lambda x: (
        sum([math.sin(x * k) for k in range(3)]) + sum({k: math.exp(x) for k in "ab"}.values())
    ),
    "exec": eval("lambda x: math.sin(x) * float(x)", {"math": math}),
    "walrus": lambda x: (y := math.sin(x)) * y,
    "default": lambda x, f=math.sin: f(x),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_value_and_slope(name: str) -> None:
    function, x = FUNCTIONS[name], 0.7
    h = 1e-3
    wanted = (8 * (function(x + h) - function(x - h)) - (function(x + 2 * h) - function(x - 2 * h))) / (
        12 * h
    )
    value, found = ad.value_and_grad(function)(x)
    assert value == pytest.approx(function(x), rel=1e-14)
    assert found == pytest.approx(wanted, rel=1e-8)
    assert ad.jvp(function, (x,), (1.0,))[1] == pytest.approx(wanted, rel=1e-8)


def test_methods_and_objects_are_differentiated() -> None:
    square = Square(2.0)
    assert ad.grad(square)(0.0) == pytest.approx(5.0)
    assert ad.grad(functools.partial(scaled, power=2))(2.0) == pytest.approx(24.0)
    assert ad.grad(Square.of(0.0).__call__)(0.0) == pytest.approx(1.5)


def test_copies_share_everything() -> None:
    cell = [1.0]

    def function(x: Any, kept: Any = cell, *, more: Any = cell) -> Any:
        return math.sin(x) * kept[0]

    copy = followed(function)
    assert copy is not function
    assert copy.__globals__ is function.__globals__
    assert copy.__closure__ is function.__closure__
    assert copy.__defaults__ is function.__defaults__
    assert copy.__kwdefaults__ is function.__kwdefaults__
    assert copy.__code__.co_filename == __file__
    assert copy.__code__.co_firstlineno == function.__code__.co_firstlineno
    assert followed(function).__code__ is copy.__code__
    assert followed(copy) is copy
    function.__defaults__ = ([3.0],)
    assert ad.grad(function)(0.0) == 3.0


def test_what_needs_no_copy_is_itself() -> None:
    def nothing_called(x: Any) -> Any:
        return (x, 1.0) if x else None

    for function in (nothing_called, ad.grad, np.sin, len, operator.add, print, Exception, dict):
        found = followed(function)
        assert found is function or isinstance(function, np.ufunc)
    assert followed(fractions.Fraction) is fractions.Fraction


def test_one_code_object_two_closures() -> None:
    def powered(exponent: float) -> Any:
        return lambda x: math.pow(x, exponent)

    square, cube = powered(2.0), powered(3.0)
    assert square.__code__ is cube.__code__
    assert (ad.grad(square)(2.0), ad.grad(cube)(2.0)) == (4.0, 12.0)


def test_class_attributes_and_module_state() -> None:
    class Counter:
        count = 0

        def step(self, x: Any) -> Any:
            Counter.count += 1
            return math.sin(x)

    assert ad.grad(lambda x: Counter().step(x))(0.0) == 1.0
    assert Counter.count == 1
    assert not any(name.startswith("adjoint") for name in vars(sys.modules[__name__]) if name != "adjoint")


def test_a_property_changed_later() -> None:
    class Box:
        def __init__(self, x: Any) -> None:
            self.x = x

        @property
        def value(self) -> Any:
            return math.sin(self.x)

    assert ad.grad(lambda x: Box(x).value)(0.0) == 1.0
    Box.value = property(lambda self: math.exp(self.x) * 2.0)
    assert ad.grad(lambda x: Box(x).value)(0.0) == 2.0
    Box.value = 5.0
    assert ad.grad(lambda x: Box(x).value * x)(0.0) == 5.0


def test_a_cached_property_does_not_keep_a_traced_value() -> None:
    square = Square(2.0)
    assert ad.grad(lambda x: square.cube * x)(1.0) == 8.0
    assert square.__dict__["cube"] == 8.0

    def function(x: Any) -> Any:
        square.side = x
        del square.__dict__["cube"]
        return square.cube

    assert ad.grad(function)(2.0) == 12.0
    assert "cube" not in square.__dict__


def test_the_cache_of_a_function_keeps_no_traced_value() -> None:
    remembered.cache_clear()
    ad.grad(remembered)(0.5)
    assert remembered.cache_info().currsize == 0


def test_tracebacks_show_the_users_lines() -> None:
    def inner(x: Any) -> Any:
        y = math.sin(x)
        return [y][3]

    def function(x: Any) -> Any:
        return inner(
            x,
        )

    with pytest.raises(IndexError) as raised:
        ad.grad(function)(1.0)
    first = function.__code__.co_firstlineno
    frames = [f for f in traceback.extract_tb(raised.value.__traceback__) if f.filename == __file__]
    assert [(f.name, f.lineno) for f in frames[1:]] == [("function", first + 1), ("inner", first - 2)]
    assert (frames[-1].colno, frames[-1].end_colno) == (15, 21)


def test_errors_name_the_users_line() -> None:
    plain = np.zeros(3)

    def function(x: Any) -> Any:
        plain[0] = x
        return plain

    with pytest.raises(TraceError, match=rf"{__file__}:{function.__code__.co_firstlineno + 1}"):
        ad.grad(function)(1.0)


def test_a_debugger_sees_the_users_lines() -> None:
    seen: list[int] = []

    def watch(frame: types.FrameType, event: str, arg: Any) -> Any:
        if frame.f_code.co_filename == __file__ and event == "line":
            seen.append(frame.f_lineno)
        return watch

    def function(x: Any) -> Any:
        y = math.sin(x)
        for _ in range(2):
            y = y * math.cos(x)
        return y

    before = sys.gettrace()
    sys.settrace(watch)
    try:
        function(1.0)
        plain, seen[:] = list(seen), []
        ad.grad(function)(1.0)
    finally:
        sys.settrace(before)
    first = function.__code__.co_firstlineno
    assert [line for line in seen if first <= line < first + 6] == plain


def test_threads() -> None:
    results: dict[int, float] = {}

    def work(k: int) -> None:
        results[k] = ad.grad(lambda x: sum(math.sin(x * j) for j in range(k + 1)))(0.3)

    threads = [threading.Thread(target=work, args=(k,)) for k in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for k in range(4):
        assert results[k] == pytest.approx(sum(j * math.cos(0.3 * j) for j in range(k + 1)))


def test_nested_transforms() -> None:
    def function(x: float) -> float:
        inner = ad.grad(lambda y: math.sin(y) * float(x))
        return inner(x) + ad.grad(sine)(float(np.array([x, 2.0])[0]))

    x = 0.6
    assert ad.grad(function)(x) == pytest.approx(2.0 * -math.sin(x) + math.cos(x) - (x - 1) * math.sin(x))


def test_custom_rules_are_followed() -> None:
    @ad.custom_jvp
    def rule(x: Any) -> Any:
        return math.sin(x)

    @rule.defjvp
    def pushed(primals: Any, tangents: Any) -> Any:
        return math.sin(primals[0]), 7.0 * float(tangents[0])

    assert ad.grad(lambda x: rule(x))(1.0) == 7.0


def test_a_value_that_escaped_raises() -> None:
    kept: list[Any] = []

    def function(x: Any) -> Any:
        kept.append(np.array([x, x]))
        return x

    ad.grad(function)(1.0)
    with pytest.raises(TraceError):
        kept[0] * 2.0
