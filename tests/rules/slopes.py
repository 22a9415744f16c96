"""Checks of first derivatives: the jvp against differences, its transpose, what is staged of them."""

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from adjoint import dtypes
from adjoint.api.derivatives import jvp, vjp
from adjoint.array.traced import Traced
from adjoint.backends.source import source_text, written
from adjoint.core.avals import aval_of
from adjoint.core.domain import Samples
from adjoint.core.primitive import JOINTLY, LINEAR, NOT_LINEAR, TOGETHER, NoDerivative, Primitive
from adjoint.core.program import Program
from adjoint.core.trace import stage
from adjoint.core.verify import verify
from adjoint.errors import DerivativeError
from adjoint.transforms.pullback import derive

from .comparing import (
    DIFFERENCE,
    ROUNDING,
    STOPPED,
    closed,
    directions,
    evaluated,
    inner,
    near,
    primals,
    same_kind,
    spacing,
    weights,
    wide,
)
from .differences import derivative
from .samples import Case, cases, inexact, like, moving, smooth, widened


def check_jvp(primitive: Primitive, dtype: Any) -> None:
    """The tangent equals differences in float64 and complex128, and in narrower dtypes what those give."""
    for case in cases(primitive, dtype):
        _refuses(primitive, case)
        active = smooth(primitive, case) if primitive.name in STOPPED else moving(primitive, case)
        for chosen in [*([i] for i in active), *([active] if len(active) > 1 else [])]:
            move = directions(case, chosen, 1)[0]
            function = closed(primitive, case, chosen)
            _, tangent = jvp(function, primals(case, chosen), move)
            what = f"{primitive.name}, {case.label}, tangents of {chosen}"
            if dtypes.eps(dtype) < 1e-10:
                against_differences(function, primals(case, chosen), move, tangent, what)
            else:
                broad = Case(case.label, tuple(map(widened, case.args)), case.params, case.moves)
                _, want = jvp(
                    closed(primitive, broad, chosen), primals(broad, chosen), list(map(widened, move))
                )
                near(tangent, [like(w, t) for w, t in zip(want, tangent, strict=True)], what)


def against_differences(
    function: Any, at: list[Any], move: list[Any], tangent: Any, what: str, noise: float = 0.0
) -> float:
    """Hold tangents to differences; `noise` is the scale below which nothing is significant. Gives theirs.

    A result that is narrower than float64 is rounded, and so has no differences.
    """
    for number, found in enumerate(tangent):
        if spacing(found) > 1e-10:
            continue

        def along(h: float, number: int = number) -> Any:
            return wide(function(*(x + h * v for x, v in zip(at, move, strict=True)))[number])

        want, error, size = derivative(along, 0.1 if ", sample" in what else 0.5)
        same_kind(found, function(*at)[number], what)
        scale = np.max(np.abs(want), initial=0.0)
        floor = 1e-12 * max(size, noise)
        assert np.all(error <= 1e-6 * scale + floor), (
            f"{what}: the differences do not settle: {want} ± {error}"
        )
        wrong = ~(np.abs(wide(found) - want) <= DIFFERENCE * scale + floor + 10 * error)
        assert not wrong.any(), f"{what}: the tangent is\n{found}\nby differences\n{want}"
        noise = max(noise, size, scale)
    return noise


def _refuses(primitive: Primitive, case: Case) -> None:
    """An operand without a derivative says so."""
    for index, arg in enumerate(case.args):
        rule = primitive.jvp_rule(index)
        if isinstance(rule, NoDerivative) and inexact(arg):
            with pytest.raises(DerivativeError, match=re.escape(rule.reason)):
                jvp(closed(primitive, case, [index]), [arg], [arg])


def check_identity(primitive: Primitive, dtype: Any) -> None:
    """<J v, w> = <v, J^T w> without conjugation: forward and reverse are one linear map and its transpose.

    Real parts are compared: for every v they determine J^T w, also where only one side is complex.
    """
    for case in cases(primitive, dtype):
        active = moving(primitive, case)
        for chosen in [*([i] for i in active), *([active] if len(active) > 1 else [])]:
            what = f"{primitive.name}, {case.label}, operands {chosen}"
            move = directions(case, chosen, 1)[0]
            function = closed(primitive, case, chosen)
            value, tangent = jvp(function, primals(case, chosen), move)
            w = weights(value)
            out, pull = vjp(function, *primals(case, chosen))
            near(out, value, what, factor=0)
            found = pull(w)
            for cotangent, primal in zip(found, primals(case, chosen), strict=True):
                same_kind(cotangent, primal, what)
            (left, a), (right, b) = inner(tangent, w), inner(move, found)
            tolerance = ROUNDING * max(dtypes.eps(dtype), *map(spacing, value), 0.0) * (a + b) / 2
            assert abs(left - right) <= tolerance, f"{what}: <Jv,w> = {left}, <v,J^Tw> = {right}"


def check_transposes(primitive: Primitive, dtype: Any) -> None:
    """A transpose rule equals what its jvp rule gives when transposed; and hand-written pullbacks likewise.

    A transpose rule sees its linear operand as an abstract value only.
    """
    for case in cases(primitive, dtype):
        results = evaluated(primitive, case)
        if not all(map(inexact, results)):
            continue
        w = weights(results)
        for index in smooth(primitive, case):
            what = f"{primitive.name}, {case.label}, operand {index}"
            rule = primitive.jvp_rule(index)
            if rule is TOGETHER:  # its reverse is no transpose rule; check_identity holds it
                continue
            if primitive.transpose_rule(index) is NOT_LINEAR:
                assert rule is not LINEAR, f"{what}: linear, without a transpose"
                assert rule is not JOINTLY, f"{what}: linear, without a transpose"
                continue
            joint = {i for i in moving(primitive, case) if primitive.jvp_rule(i) is JOINTLY}
            linear = joint if rule is JOINTLY else {index}
            given = [aval_of(a) if i in linear else a for i, a in enumerate(case.args)]
            found = primitive.cotangent(index, w if primitive.many else w[0], given, case.params)
            (want,) = _derived(primitive, case, (index,), w, results)
            near([found], [want], what)
        _by_hand(primitive, case, w, results)


def _derived(
    primitive: Primitive, case: Case, active: tuple[int, ...], w: Any, results: list[Any]
) -> list[Any]:
    derived = derive(primitive, case.avals(), active, case.params, written)
    everything = (*case.args, *results)
    return list(derived.run(*w, *(everything[i] for i in derived.needed)))


def _by_hand(primitive: Primitive, case: Case, w: Any, results: list[Any]) -> None:
    active = tuple(smooth(primitive, case))
    if primitive.pullback is None or not active:
        return
    outs = tuple(results)
    pull, saved = primitive.pullback(case.args, outs, active, case.params)
    found = pull(w if primitive.many else w[0], *saved)
    want = _derived(primitive, case, active, w, results)
    near([found[i] for i in active], want, f"{primitive.name}, {case.label}: the pullback by hand")


def check_staged(primitive: Primitive, dtype: Any) -> None:
    """The jvp and the pullback, staged: well formed, printable, and equal to what eager code gives.

    The derived pullback's Program gives the same as the text that is written of it.
    """
    for case in cases(primitive, dtype):
        active = smooth(primitive, case)
        if not active:
            continue
        with np.errstate(all="ignore"):
            _staged_once(primitive, case, active)


def _staged_once(primitive: Primitive, case: Case, active: list[int]) -> None:
    what = f"{primitive.name}, {case.label}"
    function, at, move = (
        closed(primitive, case, active),
        primals(case, active),
        directions(case, active, 1)[0],
    )
    value, tangent = jvp(function, at, move)
    forward, reverse = _staged_modes(function, at, value)
    near(verify(forward).evaluate(*at, *move), [*value, *tangent], f"{what}, jvp:\n{forward}")
    w = weights(value)
    found = vjp(function, *at)[1](w)
    near(verify(reverse).evaluate(*at, *w), list(found), f"{what}, vjp:\n{reverse}")
    near(list(written(reverse)(*at, *w)), list(found), f"{what}, vjp written:\n{source_text(reverse)}")
    seen = isinstance(primitive.domain, Samples) and primitive.domain.seen is not None
    if not seen and len(value) == len(evaluated(primitive, case)):
        derived = derive(primitive, case.avals(), tuple(active), case.params, written)
        everything = (*case.args, *value)
        needed = [everything[i] for i in derived.needed]
        near(verify(derived.program).evaluate(*w, *needed), list(found), f"{what}:\n{derived.program}")


def _staged_modes(function: Callable[..., Any], at: list[Any], value: Any) -> tuple[Program, Program]:
    """The Program of (point, tangents) -> (values, tangents), and of (point, cotangents) -> cotangents."""
    avals, count = list(map(aval_of, at)), len(at)

    def forward(*given: Any) -> list[Any]:
        values, tangents = jvp(function, given[:count], given[count:])
        return [*values, *tangents]

    def reverse(*given: Any) -> list[Any]:
        return list(vjp(function, *given[:count])[1](tuple(given[count:])))

    weighted = [*avals, *map(aval_of, value)]
    return stage(forward, [*avals, *avals], box=Traced), stage(reverse, weighted, box=Traced)
