"""Each elementwise primitive over vectors: `RULES` by primitive's name.

A rule gets the lanes of the kind it computes in, its operands' names in that kind, and the primitive's
parameters. Comparisons give truth. What is not here has no native code yet.
"""

from collections.abc import Callable
from typing import Any, Final

from . import math
from .layout import unsupported
from .text import Lanes

Rule = Callable[..., str]


def convert(lanes: Lanes, value: str, kind: str) -> str:
    """Lanes of another kind, as NumPy's `astype` gives them."""
    own = lanes.kind
    if own == kind:
        return value
    if kind == "i1":
        return lanes.compare("une" if lanes.is_float else "ne", value, lanes.const(0))
    if own[0] == "f" and kind[0] == "f":
        return lanes.cast("fpext" if kind == "f64" else "fptrunc", value, kind)
    if own[0] == "f":
        raise unsupported("convert", f"{own} to {kind}")
    unsigned = own == "i1" or own[0] == "u"
    if kind[0] == "f":
        return lanes.cast("uitofp" if unsigned else "sitofp", value, kind)
    before, after = 1 if own == "i1" else int(own[1:]), int(kind[1:])
    if before == after:
        return value
    return lanes.cast("trunc" if after < before else "zext" if unsigned else "sext", value, kind)


# --- arithmetic ----------------------------------------------------------------------------------


def _numeric(lanes: Lanes, name: str) -> None:
    if lanes.kind == "i1":
        raise unsupported(name, "truth values")


def _arithmetic(name: str) -> Rule:
    def rule(lanes: Lanes, *args: str) -> str:
        _numeric(lanes, name)
        return getattr(lanes, {"add": "add", "subtract": "sub", "multiply": "mul"}[name])(*args)

    return rule


def _floating(name: str, rule: Rule) -> Rule:
    def checked(lanes: Lanes, *args: str, **params: Any) -> str:
        if not lanes.is_float:
            raise unsupported(name, f"operands of kind {lanes.kind}")
        return rule(lanes, *args, **params)

    return checked


def scale(lanes: Lanes, p: str, t: str) -> str:
    """A product that is zero where a factor is exactly zero: only where it is NaN can that matter."""
    product = lanes.mul(p, t)
    truth, zero = lanes.of("i1"), lanes.const(0.0)
    either = truth.binary("or", lanes.compare("oeq", p, zero), lanes.compare("oeq", t, zero))
    lost = truth.binary("and", either, lanes.compare("uno", product, product))
    return lanes.select(lost, zero, product)


def _integer_power(lanes: Lanes, x: str, n: int) -> str:
    if n == 0:
        return lanes.const(1.0)
    if abs(n) > 4:
        return math.call(lanes, "power", x, lanes.const(float(n)))
    found = x
    if abs(n) > 1:
        square = lanes.mul(x, x)
        found = {2: lambda: square, 3: lambda: lanes.mul(square, x), 4: lambda: lanes.mul(square, square)}[
            abs(n)
        ]()
    return lanes.div(lanes.const(1.0), found) if n < 0 else found


def _power_slope(lanes: Lanes, x: str, y: str) -> str:
    """Y x**(y-1); -0. counts as 0."""
    lower = lanes.sub(y, lanes.const(1.0), exact=True)
    return scale(lanes, y, math.call(lanes, "power", lanes.add(x, lanes.const(0.0), exact=True), lower))


def _absolute(lanes: Lanes, x: str) -> str:
    if lanes.is_float:
        return lanes.fabs(x)
    if lanes.kind[0] == "u":
        return x
    return lanes.select(lanes.compare("slt", x, lanes.const(0)), lanes.neg(x), x)


def _sign(lanes: Lanes, x: str) -> str:
    if not lanes.is_float:
        raise unsupported("sign", lanes.kind)
    zero = lanes.const(0.0)
    sized = lanes.copysign(lanes.const(1.0), x)
    away = lanes.compare("one", x, zero)
    return lanes.select(away, sized, lanes.add(x, zero, exact=True))


def _divided(name: str) -> Rule:
    """`floor_divide` and `remainder` of whole numbers, which have the sign of the divisor; by zero they are
    0.
    """

    def rule(lanes: Lanes, x: str, y: str) -> str:
        if lanes.is_float or lanes.kind[0] == "u":
            raise unsupported(name, lanes.kind)
        zero, one, truth = lanes.const(0), lanes.const(1), lanes.of("i1")
        by_zero = lanes.compare("eq", y, zero)
        minus = lanes.compare("eq", y, lanes.const(-1))
        safe = lanes.select(truth.binary("or", by_zero, minus), one, y)
        quotient, rest = lanes.binary("sdiv", x, safe), lanes.binary("srem", x, safe)
        apart = lanes.compare("slt", lanes.binary("xor", rest, safe), zero)
        lower = truth.binary("and", apart, lanes.compare("ne", rest, zero))
        if name == "remainder":
            return lanes.select(lower, lanes.add(rest, safe), rest)
        quotient = lanes.select(minus, lanes.neg(x), lanes.select(lower, lanes.sub(quotient, one), quotient))
        return lanes.select(by_zero, zero, quotient)

    return rule


# --- comparing -----------------------------------------------------------------------------------


def _compare(ordered: str, whole: str) -> Rule:
    def rule(lanes: Lanes, x: str, y: str) -> str:
        if lanes.is_float:
            return lanes.compare(ordered, x, y)
        unsigned = lanes.kind == "i1" or lanes.kind[0] == "u"
        return lanes.compare(f"u{whole[1:]}" if unsigned and whole[0] == "s" else whole, x, y)

    return rule


def extreme(lanes: Lanes, x: str, y: str, largest: bool) -> str:
    """The larger or smaller; a NaN if either is."""
    if not lanes.is_float:
        unsigned = lanes.kind == "i1" or lanes.kind[0] == "u"
        predicate = ("u" if unsigned else "s") + ("gt" if largest else "lt")
        return lanes.select(lanes.compare(predicate, x, y), x, y)
    first = lanes.compare("oge" if largest else "ole", x, y)
    keep = lanes.of("i1").binary("or", first, lanes.compare("uno", x, x))
    return lanes.select(keep, x, y)


def _passing(lanes: Lanes, x: str, y: str, largest: bool) -> str:
    """The larger or smaller; NaN only if both are."""
    if not lanes.is_float:
        return extreme(lanes, x, y, largest)
    first = lanes.compare("oge" if largest else "ole", x, y)
    keep = lanes.of("i1").binary("or", first, lanes.compare("uno", y, y))
    return lanes.select(keep, x, y)


def _larger(lanes: Lanes, x: str, y: str) -> str:
    """1, .5 where equal, 0; NaN beside a NaN."""
    won = lanes.select(lanes.compare("ogt", x, y), lanes.const(1.0), lanes.const(0.0))
    tied = lanes.select(lanes.compare("oeq", x, y), lanes.const(0.5), won)
    return lanes.select(lanes.compare("uno", x, y), lanes.const(math.NAN), tied)


def _truth(operation: str) -> Rule:
    def rule(lanes: Lanes, *args: str) -> str:
        masks = [convert(lanes, a, "i1") for a in args]
        truth = lanes.of("i1")
        return (
            truth.binary("xor", masks[0], truth.const(1))
            if operation == "not"
            else truth.binary(operation, *masks)
        )

    return rule


def _size_test(predicate: str) -> Rule:
    def rule(lanes: Lanes, x: str) -> str:
        if not lanes.is_float:
            raise unsupported("tests of finiteness", lanes.kind)
        return lanes.compare(predicate, lanes.fabs(x), lanes.const(math.INF))

    return rule


def _signbit(lanes: Lanes, x: str) -> str:
    whole = lanes.of("i64" if lanes.kind == "f64" else "i32")
    return whole.compare("slt", lanes.bits(x), whole.const(0))


def _relu(lanes: Lanes, x: str) -> str:
    return extreme(lanes, x, lanes.const(0.0), True)


def _exp_square(lanes: Lanes, x: str, rate: float) -> str:
    return math.call(lanes, "exp_square", x, rate=rate)


def _exact_reciprocal(lanes: Lanes, x: str) -> str:
    return lanes.div(lanes.const(1.0), x)


def _under_circle(lanes: Lanes, x: str) -> str:
    one = lanes.const(1.0)
    return lanes.mul(lanes.sub(one, x, exact=True), lanes.add(one, x, exact=True))


def _called(name: str) -> Rule:
    return lambda lanes, *args: math.call(lanes, name, *args)


def _intrinsic(name: str) -> Rule:
    return lambda lanes, *args: lanes.intrinsic(name, *args)


_FLOATING: Final[dict[str, Rule]] = {
    "divide": Lanes.div,
    "reciprocal": _exact_reciprocal,
    "scale": scale,
    "sqrt": _intrinsic("sqrt"),
    "floor": _intrinsic("floor"),
    "ceil": _intrinsic("ceil"),
    "trunc": _intrinsic("trunc"),
    "rint": _intrinsic("rint"),
    "copysign": Lanes.copysign,
    "integer_power": _integer_power,
    "power_slope": _power_slope,
    "under_circle": _under_circle,
    "exp_square": _exp_square,
    "larger": _larger,
    "relu": _relu,
    "signbit": _signbit,
    "isnan": lambda lanes, x: lanes.compare("uno", x, x),
    "isinf": _size_test("oeq"),
    "isfinite": _size_test("olt"),
    **{name: _called(name) for name in math.FUNCTIONS if name != "exp_square"},
    **{name: _called(name) for name in math.LIBRARY},
}

RULES: Final[dict[str, Rule]] = {
    **{name: _arithmetic(name) for name in ("add", "subtract", "multiply")},
    "negative": lambda lanes, x: lanes.neg(x),
    "square": lambda lanes, x: lanes.mul(x, x),
    "absolute": _absolute,
    "sign": _sign,
    "floor_divide": _divided("floor_divide"),
    "remainder": _divided("remainder"),
    "stop_gradient": lambda lanes, x: x,
    "less": _compare("olt", "slt"),
    "less_equal": _compare("ole", "sle"),
    "greater": _compare("ogt", "sgt"),
    "greater_equal": _compare("oge", "sge"),
    "equal": _compare("oeq", "eq"),
    "not_equal": _compare("une", "ne"),
    "logical_and": _truth("and"),
    "logical_or": _truth("or"),
    "logical_xor": _truth("xor"),
    "logical_not": _truth("not"),
    "maximum": lambda lanes, x, y: extreme(lanes, x, y, True),
    "minimum": lambda lanes, x, y: extreme(lanes, x, y, False),
    "fmax": lambda lanes, x, y: _passing(lanes, x, y, True),
    "fmin": lambda lanes, x, y: _passing(lanes, x, y, False),
    **{name: _floating(name, rule) for name, rule in _FLOATING.items()},
}
"""By primitive's name; `select` and `convert` stand in `kernels`, which knows their operands' kinds."""
