"""Vector functions: exp, log, sin and their kin over all lanes at once, without branches.

Each stands in the module once for every kind and width that calls it. Of float64 the greatest errors,
measured against exact values, in units in the last place:

    exp, log, log1p, power 1    erf 1.1    expm1, logistic 2    sin, cos, tanh 2.5    tan 3    sech2 5

Those of float32 are the float64 functions rounded once: 0.501.

NaN, infinities, signed zeros and subnormals come out as NumPy's do. Sines and their kin of arguments beyond
2³⁰, and the functions of `LIBRARY`, go to the C library lane by lane.
"""

from collections.abc import Callable
from typing import Final

from . import coefficients as table
from .text import Function, Lanes, Module, vector

INF: Final = float("inf")
NAN: Final = float("nan")
_MAGIC: Final = 1.5 * 2.0**52  # added to a number below 2⁵¹ it rounds to a whole one, in the lowest bits
_HALF_ROOT: Final = 0x3FE6A09E667F3BCD  # the bits of sqrt(1/2)


# --- pieces --------------------------------------------------------------------------------------


def _clamped(d: Lanes, x: str, low: float, high: float) -> str:
    """X between bounds; a NaN stays."""
    x = d.select(d.compare("olt", x, d.const(low)), d.const(low), x)
    return d.select(d.compare("ogt", x, d.const(high)), d.const(high), x)


def _whole(d: Lanes, t: str) -> str:
    """The whole number in the lowest bits of a number to which `_MAGIC` was added."""
    i = d.of("i64")
    return i.binary("ashr", i.binary("shl", d.bits(t), i.const(13)), i.const(13))


def _power_of_two(d: Lanes, n: str) -> str:
    """2^n for -1022 <= n <= 1023."""
    i = d.of("i64")
    return i.cast("bitcast", i.binary("shl", i.add(n, i.const(1023)), i.const(52)), "f64")


def _times_power(d: Lanes, y: str, n: str) -> str:
    """Y 2^n, by two factors, so that it may overflow or fall below the normal numbers."""
    i = d.of("i64")
    half = i.binary("ashr", n, i.const(1))
    y = d.mul(y, _power_of_two(d, half), exact=True)
    return d.mul(y, _power_of_two(d, i.sub(n, half)), exact=True)


def _exp_parts(d: Lanes, x: str, low: str | None = None) -> tuple[str, str]:
    """N and p with exp(x + low) = 2^n (1 + p), |p| < 0.42."""
    t = d.fma(x, d.const(table.LOG2E), d.const(_MAGIC))
    n = d.sub(t, d.const(_MAGIC), exact=True)
    r = d.exact_fma(n, d.const(-table.LN2[0]), x)
    r = d.exact_fma(n, d.const(-table.LN2[1]), r)
    if low is not None:
        r = d.add(r, low, exact=True)
    q = d.polynomial(r, table.EXP)
    return _whole(d, t), d.fma(d.mul(r, r, exact=True), q, r)


def _split(d: Lanes, x: str) -> tuple[str, str]:
    """K as a number, and m from sqrt(1/2) to sqrt(2), with x = 2^k m, for positive x."""
    i = d.of("i64")
    small = d.compare("olt", x, d.const(2.0**-1022))
    bits = d.bits(d.select(small, d.mul(x, d.const(2.0**54), exact=True), x))
    k = i.binary("ashr", i.sub(bits, i.const(_HALF_ROOT)), i.const(52))
    m = i.cast("bitcast", i.sub(bits, i.binary("shl", k, i.const(52))), "f64")
    number = i.cast("sitofp", k, "f64")
    return d.sub(number, d.select(small, d.const(54.0), d.const(0.0)), exact=True), m


def _log_tail(d: Lanes, k: str, f: str, low: str | None = None) -> str:
    """K log(2) + log(1 + f) + low."""
    s = d.div(f, d.add(f, d.const(2.0), exact=True))
    z = d.mul(s, s, exact=True)
    tail = d.mul(z, d.polynomial(z, table.LOG), exact=True)
    half = d.mul(d.mul(f, f, exact=True), d.const(0.5), exact=True)
    rest = d.mul(k, d.const(table.LN2[1]), exact=True)
    if low is not None:
        rest = d.add(rest, low, exact=True)
    t = d.fma(s, d.add(half, tail, exact=True), rest)
    y = d.sub(f, d.sub(half, t, exact=True), exact=True)
    return d.fma(k, d.const(table.LN2[0]), y)


def _log_edges(d: Lanes, x: str, y: str, zero: float = 0.0) -> str:
    """The logarithm at infinity and NaN, at its pole `zero`, and NaN below it."""
    y = d.select(d.compare("olt", x, d.const(INF)), y, d.add(x, x, exact=True))
    y = d.select(d.compare("oeq", x, d.const(zero)), d.const(-INF), y)
    return d.select(d.compare("olt", x, d.const(zero)), d.const(NAN), y)


# --- exponentials and logarithms -----------------------------------------------------------------


def exp(d: Lanes, x: str) -> str:
    """The exponential."""
    n, p = _exp_parts(d, _clamped(d, x, -746.0, 710.0))
    return _times_power(d, d.add(p, d.const(1.0), exact=True), n)


def expm1(d: Lanes, x: str) -> str:
    """exp(x) - 1: half of it as p s + (s - 1/2) with s = 2^(n-1), so that s never overflows."""
    i = d.of("i64")
    n, p = _exp_parts(d, _clamped(d, x, -60.0, 710.0))
    s = _power_of_two(d, i.sub(n, i.const(1)))
    half = d.fma(p, s, d.sub(s, d.const(0.5), exact=True))
    tiny = d.compare("olt", d.fabs(x), d.const(2.0**-54))
    return d.select(tiny, x, d.add(half, half, exact=True))


def log(d: Lanes, x: str) -> str:
    """The natural logarithm."""
    k, m = _split(d, x)
    return _log_edges(d, x, _log_tail(d, k, d.sub(m, d.const(1.0), exact=True)))


def log1p(d: Lanes, x: str) -> str:
    """log(1 + x), with what 1 + x loses to rounding."""
    one = d.const(1.0)
    u = d.add(x, one, exact=True)
    k, m = _split(d, u)
    above = d.sub(one, d.sub(u, x, exact=True), exact=True)
    below = d.sub(x, d.sub(u, one, exact=True), exact=True)
    lost = d.div(d.select(d.compare("ogt", u, d.const(2.0)), above, below), u)
    near = d.compare("oeq", k, d.const(0.0))
    f = d.select(near, x, d.sub(m, one, exact=True))
    y = _log_tail(d, k, f, d.select(near, d.const(0.0), lost))
    y = d.select(d.compare("olt", d.fabs(x), d.const(2.0**-54)), x, y)
    return _log_edges(d, x, y, -1.0)


# --- trigonometric -------------------------------------------------------------------------------


def _half_turns(d: Lanes, x: str, offset: float) -> str:
    """The sine of x + offset pi, for offset 0 or 1/2."""
    i = d.of("i64")
    u = d.mul(x, d.const(table.INV_PI), exact=True)
    if offset:
        u = d.sub(u, d.const(0.5), exact=True)
    t = d.add(u, d.const(_MAGIC), exact=True)
    q = d.sub(t, d.const(_MAGIC), exact=True)
    turns = d.add(q, d.const(0.5), exact=True) if offset else q
    r = x
    for part in table.PI:
        r = d.exact_fma(turns, d.const(-part), r)
    z = d.mul(r, r, exact=True)
    y = d.fma(d.mul(r, z, exact=True), d.polynomial(z, table.SIN), r)
    odd = d.bits(t)
    if offset:
        odd = i.binary("xor", odd, i.const(1))
    sign = i.binary("shl", odd, i.const(63))
    y = i.cast("bitcast", i.binary("xor", d.bits(y), sign), "f64")
    return y if offset else d.select(d.compare("oeq", x, d.const(0.0)), x, y)


def _tangent(d: Lanes, x: str) -> str:
    i = d.of("i64")
    t = d.fma(x, d.const(table.TWO_OVER_PI), d.const(_MAGIC))
    q = d.sub(t, d.const(_MAGIC), exact=True)
    r = x
    for part in table.HALF_PI:
        r = d.exact_fma(q, d.const(-part), r)
    z = d.mul(r, r, exact=True)
    s = d.fma(d.mul(r, z, exact=True), d.polynomial(z, table.SIN_QUARTER), r)
    c = d.fma(
        d.mul(z, z, exact=True), d.polynomial(z, table.COS_QUARTER), d.fma(z, d.const(-0.5), d.const(1.0))
    )
    odd = i.compare("ne", i.binary("and", d.bits(t), i.const(1)), i.const(0))
    y = d.div(d.select(odd, d.neg(c), s), d.select(odd, s, c))
    return d.select(d.compare("oeq", x, d.const(0.0)), x, y)


def _lane_by_lane(d: Lanes, name: str, *args: str) -> str:
    """A function of the C library for each lane."""
    f = d.f
    f.module.declare(f"declare double @{name}({', '.join(['double'] * len(args))}) nounwind")

    def call(values: list[str]) -> str:
        return f.value(f"call double @{name}({', '.join(f'double {v}' for v in values)})")

    if d.width == 1:
        return call(list(args))
    whole = "poison"
    for lane in range(d.width):
        one = call([f.value(f"extractelement {d.type} {a}, i32 {lane}") for a in args])
        whole = f.value(f"insertelement {d.type} {whole}, double {one}, i32 {lane}")
    return whole


def _far(quick: Callable[[Lanes, str], str], name: str) -> Callable[[Lanes, str], str]:
    """The quick way for |x| <= 2³⁰; where any lane is beyond, such lanes by the C library."""

    def both(d: Lanes, x: str) -> str:
        f = d.f
        y = quick(d, x)
        far = d.compare("ogt", d.fabs(x), d.const(2.0**30))
        any_far = far
        if d.width > 1:
            bits = f.value(f"bitcast {vector('i1', d.width)} {far} to i{d.width}")
            any_far = f.value(f"icmp ne i{d.width} {bits}, 0")
        before, slow, done = f.block, f.label("far"), f.label("done")
        f.branch(any_far, slow, done)
        f.begin(slow)
        exact = d.select(far, _lane_by_lane(d, name, x), y)
        f.jump(done)
        f.begin(done)
        return f.value(f"phi {d.type} [ {y}, %{before} ], [ {exact}, %{slow} ]")

    return both


# --- hyperbolic and of statistics ----------------------------------------------------------------


def _tanh_parts(d: Lanes, x: str) -> tuple[str, str, str]:
    """N and p of exp(-2|x|), and 1 / (1 + exp(-2|x|)) = 1 / (2 + m) with m = expm1(-2|x|)."""
    a = d.mul(d.fabs(x), d.const(-2.0), exact=True)
    return (*_exp_parts(d, _clamped(d, a, -746.0, 0.0)), a)


def _expm1_of(d: Lanes, n: str, p: str) -> str:
    i = d.of("i64")
    least = i.select(i.compare("slt", n, i.const(-1000)), i.const(-1000), n)
    s = _power_of_two(d, least)
    return d.fma(p, s, d.sub(s, d.const(1.0), exact=True))


def tanh(d: Lanes, x: str) -> str:
    """-m / (2 + m) with m = expm1(-2|x|)."""
    n, p, _ = _tanh_parts(d, x)
    m = _expm1_of(d, n, p)
    y = d.div(m, d.add(m, d.const(2.0), exact=True))
    y = d.copysign(y, x)
    return d.select(d.compare("olt", d.fabs(x), d.const(2.0**-28)), x, y)


def sech2(d: Lanes, x: str) -> str:
    """1 / cosh² = 4 e / (2 + m)² with e = exp(-2|x|); the same steps as tanh's, which are then taken once."""
    n, p, _ = _tanh_parts(d, x)
    bottom = d.add(_expm1_of(d, n, p), d.const(2.0), exact=True)
    root = d.div(d.const(2.0), bottom)
    e = _times_power(d, d.add(p, d.const(1.0), exact=True), n)
    return d.mul(d.mul(root, root, exact=True), e, exact=True)


def logistic(d: Lanes, x: str) -> str:
    """1 / (1 + exp(-x)), by exp(-|x|)."""
    e = exp(d, d.neg(d.fabs(x)))
    one = d.const(1.0)
    return d.div(d.select(d.compare("oge", x, d.const(0.0)), one, e), d.add(one, e, exact=True))


def erf(d: Lanes, x: str) -> str:
    """The error function: a polynomial near 0, else 1 - exp(-x²) erfcx(|x|)."""
    size = d.fabs(x)
    z = d.mul(x, x, exact=True)
    near = d.fma(
        size, d.horner(d.select(d.compare("olt", size, d.const(1.0)), z, d.const(0.0)), table.ERF), size
    )
    a = _clamped(d, size, 0.5, 6.0)
    two = d.const(2.0)
    t = d.div(d.sub(a, two, exact=True), d.add(a, two, exact=True))
    tail = d.mul(exp(d, d.neg(d.mul(a, a, exact=True))), d.polynomial(t, table.ERFCX), exact=True)
    far = d.sub(d.const(1.0), tail, exact=True)
    y = d.select(d.compare("olt", size, d.const(0.84375)), near, far)
    return d.copysign(y, x)


def exp_square(d: Lanes, x: str, rate: float) -> str:
    """exp(rate x²), for a rate that is a power of two, with what x² loses to rounding."""
    high = d.mul(x, x, exact=True)
    low = d.exact_fma(x, x, d.neg(high))
    low = d.select(d.compare("olt", high, d.const(1e4)), low, d.const(0.0))
    y = exp(d, d.mul(high, d.const(rate), exact=True))
    more = d.mul(y, d.mul(low, d.const(rate), exact=True), exact=True)
    return d.select(d.compare("olt", y, d.const(INF)), d.add(y, more, exact=True), y)


# --- powers --------------------------------------------------------------------------------------


def _log_pair(d: Lanes, x: str) -> tuple[str, str]:
    """log(x) for positive x as a sum of two numbers, to 2⁻⁶⁴ of its size."""
    k, m = _split(d, x)
    one = d.const(1.0)
    f = d.sub(m, one, exact=True)
    high = d.add(m, one, exact=True)
    low = d.sub(m, d.sub(high, one, exact=True), exact=True)
    s = d.div(f, high)
    left = d.exact_fma(d.neg(s), high, f)
    s_low = d.div(d.exact_fma(d.neg(s), low, left), high)
    z = d.mul(s, s, exact=True)
    z_low = d.exact_fma(s, s, d.neg(z))
    z_low = d.exact_fma(d.add(s, s, exact=True), s_low, z_low)
    third = d.const(table.TWO_THIRDS[0])
    tail = d.mul(z, d.polynomial(z, table.LOG_TAIL), exact=True)
    w = d.add(third, tail, exact=True)
    w_low = d.add(d.sub(third, w, exact=True), tail, exact=True)
    w_low = d.add(w_low, d.const(table.TWO_THIRDS[1]), exact=True)
    t = d.mul(z, w, exact=True)  # log(m) = 2 s + s z w
    t_low = d.exact_fma(z, w, d.neg(t))
    t_low = d.exact_fma(z, w_low, d.exact_fma(z_low, w, t_low))
    u = d.mul(s, t, exact=True)
    u_low = d.exact_fma(s, t, d.neg(u))
    u_low = d.exact_fma(s, t_low, d.exact_fma(s_low, t, u_low))
    base = d.mul(k, d.const(table.LN2[0]), exact=True)
    base_low = d.exact_fma(k, d.const(table.LN2[0]), d.neg(base))
    base_low = d.exact_fma(k, d.const(table.LN2[1]), base_low)
    first, first_low = _sum_pair(d, base, d.add(s, s, exact=True))
    total, total_low = _sum_pair(d, first, u)
    rest = d.add(d.add(base_low, d.add(s_low, s_low, exact=True), exact=True), u_low, exact=True)
    rest = d.add(rest, d.add(first_low, total_low, exact=True), exact=True)
    return _quick_pair(d, total, rest)


def _sum_pair(d: Lanes, a: str, b: str) -> tuple[str, str]:
    """A + b and what its rounding loses."""
    total = d.add(a, b, exact=True)
    from_b = d.sub(total, a, exact=True)
    lost_a = d.sub(a, d.sub(total, from_b, exact=True), exact=True)
    return total, d.add(lost_a, d.sub(b, from_b, exact=True), exact=True)


def _quick_pair(d: Lanes, a: str, b: str) -> tuple[str, str]:
    """The same where |a| >= |b|."""
    total = d.add(a, b, exact=True)
    return total, d.add(d.sub(a, total, exact=True), b, exact=True)


def power(d: Lanes, x: str, y: str) -> str:
    """|x| to the y, with the sign and the edges of C's `pow`."""
    size = d.fabs(x)
    high, low = _log_pair(d, size)
    plain = d.compare("olt", size, d.const(INF))
    plain_log = _log_edges(d, size, high)
    positive = d.compare("ogt", size, d.const(0.0))
    low = d.select(plain, d.select(positive, low, d.const(0.0)), d.const(0.0))
    product = d.mul(y, plain_log, exact=True)
    lost = d.exact_fma(y, plain_log, d.neg(product))
    lost = d.exact_fma(y, low, lost)
    usual = d.compare("olt", d.fabs(product), d.const(1000.0))
    n, p = _exp_parts(d, _clamped(d, product, -746.0, 710.0), d.select(usual, lost, d.const(0.0)))
    return _power_edges(d, x, y, _times_power(d, d.add(p, d.const(1.0), exact=True), n))


def _power_edges(d: Lanes, x: str, y: str, found: str) -> str:
    zero, one = d.const(0.0), d.const(1.0)
    size = d.fabs(x)
    truth = d.of("i1")
    whole = d.compare("oeq", d.intrinsic("trunc", y), y)
    half = d.mul(y, d.const(0.5), exact=True)
    even = d.compare("oeq", d.intrinsic("trunc", half), half)
    odd = truth.binary("and", whole, truth.binary("xor", even, truth.const(1)))
    found = d.select(odd, d.copysign(found, x), found)
    finite = d.compare("olt", size, d.const(INF))
    lost = truth.binary("and", d.compare("olt", x, zero), truth.binary("xor", whole, truth.const(1)))
    found = d.select(truth.binary("and", lost, finite), d.const(NAN), found)
    endless = d.compare("oeq", d.fabs(y), d.const(INF))
    found = d.select(truth.binary("and", endless, d.compare("oeq", size, one)), one, found)
    unit = truth.binary("or", d.compare("oeq", x, one), d.compare("oeq", y, zero))
    return d.select(unit, one, found)


# --- calling -------------------------------------------------------------------------------------

LIBRARY: Final[dict[str, str]] = {
    "arcsin": "asin",
    "arccos": "acos",
    "arctan": "atan",
    "arctan2": "atan2",
    "sinh": "sinh",
    "cosh": "cosh",
    "arcsinh": "asinh",
    "arccosh": "acosh",
    "arctanh": "atanh",
    "cbrt": "cbrt",
    "exp2": "exp2",
    "log2": "log2",
    "log10": "log10",
    "hypot": "hypot",
    "fmod": "fmod",
    "erfc": "erfc",
}
"""Functions by primitive's name that the C library computes, one lane after another."""

FUNCTIONS: Final[dict[str, Callable[..., str]]] = {
    "exp": exp,
    "expm1": expm1,
    "log": log,
    "log1p": log1p,
    "sin": _far(lambda d, x: _half_turns(d, x, 0.0), "sin"),
    "cos": _far(lambda d, x: _half_turns(d, x, 0.5), "cos"),
    "tan": _far(_tangent, "tan"),
    "tanh": tanh,
    "sech2": sech2,
    "logistic": logistic,
    "erf": erf,
    "exp_square": exp_square,
    "power": power,
}
"""The vector functions by primitive's name."""


def call(lanes: Lanes, name: str, *args: str, **params: float) -> str:
    """A call of the vector function of this name, which is put into the module at its first use."""
    module = lanes.f.module
    marks = "".join(f"_{value}".replace("-", "m") for value in params.values())
    full = f"{name}{marks}.{lanes.suffix}"
    if full not in module.functions:
        _define(module, full, name, lanes, len(args), params)
    return lanes.f.value(f"call {lanes.type} @{full}({', '.join(f'{lanes.type} {a}' for a in args)})")


def _define(module: Module, full: str, name: str, lanes: Lanes, count: int, params: dict[str, float]) -> None:
    module.functions[full] = ""  # reserves its place before those that it calls itself
    f = Function(module)
    own, double = Lanes(f, lanes.kind, lanes.width), Lanes(f, "f64", lanes.width)
    args = [f"%x{k}" for k in range(count)]
    wide = args if own.kind == "f64" else [own.cast("fpext", a, "f64") for a in args]
    if name in LIBRARY:
        found = _lane_by_lane(double, LIBRARY[name], *wide)
    else:
        found = FUNCTIONS[name](double, *wide, **params)
    f.line(f"ret {own.type} {found if own.kind == 'f64' else double.cast('fptrunc', found, own.kind)}")
    f.finish(full, own.type, ", ".join(f"{own.type} {a}" for a in args))
