"""`debug(nan=...)`: what makes a NaN or an infinity is named, with the line, the index and the operands.

Lines are found by the comment at their end, `# at: name`.
"""

import asyncio
import inspect
import sysconfig
import threading
import warnings
from collections.abc import Callable
from contextvars import copy_context
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.stats

import adjoint as ad
from adjoint.api.gradmode import plainly
from adjoint.errors import AdjointError, ArgumentError, NonFiniteError
from adjoint.primitives.evaluation import absorbing
from adjoint.transforms.findings import NonFinite
from adjoint.transforms.places import current
from adjoint.transforms.watch import walking
from adjoint.transforms.watching import watching

FILE = __file__
TEXT = Path(FILE).read_text(encoding="utf-8").splitlines()
FORWARD, TANGENT, BACKWARD = "forward pass", "forward-mode derivative", "backward pass"


def line_of(name: str) -> int:
    (number,) = (n for n, text in enumerate(TEXT, 1) if text.endswith(f"# at: {name}"))
    return number


def raised(call: Callable[[], Any], **options: Any) -> NonFinite:
    """The record of the error that a call raises under `debug`."""
    with pytest.raises(NonFiniteError) as caught, ad.debug(**options):
        call()
    record = caught.value.record
    assert isinstance(record, NonFinite)
    return record


def told(record: NonFinite) -> tuple[Any, ...]:
    return record.operation, record.phase, record.value, record.index, record.operands


def at(record: NonFinite, name: str) -> None:
    assert record.line is not None
    assert (record.line.file, record.line.number) == (FILE, line_of(name))


# --- values ------------------------------------------------------------------------------------


def log_of(x: Any) -> Any:
    return np.sum(np.log(x))  # at: log


def quotient(x: Any) -> Any:
    y = x * 1.0
    return np.sum(y / x)  # at: quotient


def exponential(x: Any) -> Any:
    return np.sum(np.exp(x))  # at: exponential


@pytest.mark.parametrize(
    ("function", "point", "name", "want"),
    [
        (log_of, [1.0, 0.0, 0.0], "log", ("log", FORWARD, -np.inf, (1,), (0.0,))),
        (log_of, [[1.0, 2.0], [3.0, 0.0]], "log", ("log", FORWARD, -np.inf, (1, 1), (0.0,))),
        (quotient, [1.0, 0.0], "quotient", ("divide", FORWARD, np.nan, (1,), (0.0, 0.0))),
        (exponential, [1.0, 1000.0], "exponential", ("exp", FORWARD, np.inf, (1,), (1000.0,))),
    ],
)
@pytest.mark.parametrize(
    "derivative",
    [
        lambda f, x: ad.grad(f)(x),
        lambda f, x: ad.vjp(f, x),
        lambda f, x: ad.jvp(f, (x,), (np.ones_like(x),)),
        lambda f, x: ad.hvp(f, (x,), (np.ones_like(x),)),
        lambda f, x: ad.hessian(f)(x),
        lambda f, x: ad.jacobian(f)(x),
        lambda f, x: ad.linearize(f, x),
        lambda f, x: f(ad.tensor(x)),
        lambda f, x: f(ad.tensor(x, requires_grad=True)),
    ],
    ids=["grad", "vjp", "jvp", "hvp", "hessian", "jacobian", "linearize", "constant tensor", "tensor"],
)
def test_a_value_is_named_where_it_is_made(
    function: Any, point: Any, name: str, want: Any, derivative: Any
) -> None:
    record = raised(lambda: derivative(function, np.array(point)), nan="raise")
    np.testing.assert_equal(told(record), want)
    at(record, name)
    assert record.count == np.sum(~np.isfinite(np.array(point))) + (2 if point == [1.0, 0.0, 0.0] else 1)
    assert (record.order, record.step) == (0, None)


def test_the_message_says_it_all() -> None:
    with pytest.raises(NonFiniteError) as caught, ad.debug(nan="raise"):
        ad.grad(log_of)(np.array([1.0, 0.0, 0.0]))
    text = str(caught.value)
    assert text.startswith(f"log gave -inf in the forward pass at {FILE}:{line_of('log')} ")
    assert "`return np.sum(np.log(x))  # at: log`" in text
    assert "Received: log(0.0) at index (1,), the first of 2 elements" in text
    assert "np.where before the operation" in text
    assert isinstance(caught.value, FloatingPointError)
    assert isinstance(caught.value, AdjointError)
    frames = [frame.name for frame in caught.traceback]
    assert "log_of" in frames, "the traceback ends in the user's function, for a debugger to look around"


def test_nothing_is_asked_for_twice() -> None:
    """With no argument, NaN and infinities raise; what is finite passes."""
    assert told(raised(lambda: ad.grad(log_of)(np.array([0.0]))))[0] == "log"
    x = np.array([1.0, 2.0])
    with ad.debug() as report:
        np.testing.assert_array_equal(ad.grad(log_of)(x), 1 / x)
    assert (report.nonfinite, report.absorbed, report.close) == ([], [], [])
    assert str(report) == "nothing found"


def test_what_was_given_is_nobodys() -> None:
    """Infinity in, infinity out; a NaN of infinities is made, though."""
    x = np.array([np.inf, 1.0])
    with ad.debug(nan="raise"):
        assert ad.vjp(lambda v: np.exp(v) + 1.0, x)[0][0] == np.inf
        assert ad.vmap(lambda v: 2.0 * v)(x)[0] == np.inf
        assert np.isnan(ad.vjp(lambda v: np.maximum(v, 1.0), np.array([np.nan]))[0])
        np.testing.assert_array_equal(ad.grad(np.sum)(x), [1.0, 1.0])
        np.testing.assert_array_equal(ad.grad(lambda v: np.sum(np.exp(-v)))(x)[0], 0.0)
        assert ad.jvp(lambda v: v * 2.0, (1.0,), (np.inf,))[1] == np.inf
        assert ad.vjp(lambda v: v * 2.0, 1.0)[1](np.nan)[0] != 0.0
    record = raised(lambda: ad.grad(lambda v: np.sum(v - v))(x))
    np.testing.assert_equal(told(record), ("subtract", FORWARD, np.nan, (0,), (np.inf, np.inf)))
    record = raised(lambda: ad.grad(np.sum)(np.array([np.inf, -np.inf])))
    np.testing.assert_equal(told(record)[:4], ("reduce_sum", FORWARD, np.nan, ()))
    record = raised(lambda: ad.grad(lambda v: np.sum(v * np.array([np.inf, 1.0])))(np.array([1.0, 2.0])))
    assert told(record) == ("multiply", BACKWARD, np.inf, (0,), (1.0, np.inf)), "the infinite factor is shown"


def test_infinities_may_pass() -> None:
    x = np.array([0.0, 1.0])
    with ad.debug(nan="raise", inf="ignore"), np.errstate(divide="ignore"):
        assert ad.vjp(np.log, x)[0][0] == -np.inf
        assert ad.grad(log_of)(x)[0] == np.inf
    with np.errstate(all="ignore"):
        record = raised(
            lambda: ad.grad(lambda v: np.sum(np.log(v) - np.log(v)))(x), nan="raise", inf="ignore"
        )
    np.testing.assert_equal(told(record), ("subtract", FORWARD, np.nan, (0,), (-np.inf, -np.inf)))
    with pytest.warns(RuntimeWarning, match="log gave -inf"), ad.debug(nan="raise", inf="warn"):
        ad.vjp(np.log, x)


def fill(x: Any) -> Any:
    out = np.zeros(3)
    for i in range(3):
        out[i] = x[i] / (x[i] - 1.0)  # at: element
    out /= x  # at: in place
    return np.sum(out)


def fill_by_out(x: Any) -> Any:
    out = np.zeros_like(x)
    np.divide(1.0, x, out=out)  # at: out
    return np.sum(out)


def test_in_place() -> None:
    record = raised(lambda: ad.grad(fill)(np.array([2.0, 1.0, 3.0])))
    assert told(record) == ("divide", FORWARD, np.inf, (), (1.0, 0.0))
    at(record, "element")
    record = raised(lambda: ad.grad(fill)(np.array([2.0, 0.0, 3.0])))
    np.testing.assert_equal(told(record), ("divide", FORWARD, np.nan, (1,), (-0.0, 0.0)))
    at(record, "in place")
    record = raised(lambda: ad.grad(fill_by_out)(np.array([2.0, 0.0])))
    assert told(record) == ("divide", FORWARD, np.inf, (1,), (1.0, 0.0))
    at(record, "out")
    x = np.array([2.0, 4.0, 3.0])
    with ad.debug():
        watched = ad.grad(fill)(x)
    np.testing.assert_array_equal(watched, ad.grad(fill)(x))


def test_python_floats_count_as_numpys() -> None:
    record = raised(lambda: ad.grad(lambda x: 1.0 / x)(0.0))
    assert told(record) == ("divide", FORWARD, np.inf, (), (1.0, 0.0))
    record = raised(lambda: ad.grad(lambda x: np.float32(1e38) * x)(np.float32(1e38)))
    assert record.value == np.inf


def test_parameters_are_shown() -> None:
    record = raised(lambda: ad.grad(lambda x: np.power(x, -2))(0.0))
    assert record.received() == "integer_power(0.0, n=-2)"


# --- derivatives -------------------------------------------------------------------------------


def root(x: Any) -> Any:
    y = 2.0 * x
    return np.sum(np.sqrt(y))  # at: root


ROOT = ("sqrt", np.inf, (1,), (0.0,))
AT = np.array([2.0, 0.0])


@pytest.mark.parametrize(
    ("phase", "derivative"),
    [
        (BACKWARD, lambda: ad.grad(root)(AT)),
        (BACKWARD, lambda: ad.value_and_grad(root)(AT)),
        (BACKWARD, lambda: ad.vjp(root, AT)[1](1.0)),
        (BACKWARD, lambda: ad.jacrev(root)(AT)),
        (BACKWARD, lambda: root(ad.tensor(AT, requires_grad=True)).backward()),
        (TANGENT, lambda: ad.jvp(root, (AT,), (np.ones(2),))),
        (TANGENT, lambda: ad.jacfwd(root)(AT)),
        (TANGENT, lambda: ad.jacobian(root)(AT)),
        (TANGENT, lambda: ad.linearize(root, AT)[1](np.ones(2))),
    ],
    ids=["grad", "value_and_grad", "vjp", "jacrev", "tensor", "jvp", "jacfwd", "jacobian", "linearize"],
)
def test_a_slope_is_named_by_its_operation(phase: str, derivative: Any) -> None:
    record = raised(derivative)
    assert (record.operation, record.value, record.index, record.operands) == ROOT
    assert (record.phase, record.order, record.step) == (phase, 1, None)
    assert record.given == ((1.0,) if phase == BACKWARD else (2.0,))
    at(record, "root")


def test_the_sum_of_cotangents_that_overflows() -> None:
    steep = raised(lambda: ad.grad(lambda x: np.sum(x * 1e308 + x * 1e308))(np.array([1e-300])))
    assert (steep.operation, steep.step, steep.phase) == ("multiply", "add", BACKWARD)
    assert steep.operands == (1e308, 1e308), "finite cotangents whose sum is not"


def test_what_meets_a_zero_is_not_told() -> None:
    """An infinite slope that an exact zero absorbs, or a mask leaves out, reaches no result."""
    cases: list[tuple[Any, float]] = [
        (lambda x: np.where(x > 0, np.sqrt(x), 0.0), 0.0),
        (lambda x: np.sqrt(x * x), 0.0),
        (lambda x: x * np.sqrt(x), 0.0),
        (lambda x: np.linalg.norm(np.stack([x, x])), 0.0),
        (lambda x: np.cos(np.sqrt(x)), 0.0),
        (lambda x: np.std(np.stack([x, x])), 0.0),
    ]
    with ad.debug(nan="raise"):
        for function, slope in cases:
            assert ad.grad(function)(0.0) == slope
            assert ad.jvp(function, (0.0,), (1.0,))[1] == slope


def test_the_operation_that_counts_is_named() -> None:
    """Two slopes are infinite, and a zero absorbs the first: the other one is told."""

    def function(x: Any) -> Any:
        harmless = np.sqrt(x * x)
        return harmless + np.cbrt(x)  # at: harmful

    for call in (lambda: ad.grad(function)(0.0), lambda: ad.jvp(function, (0.0,), (1.0,))):
        record = raised(call)
        assert record.operation == "cbrt"
        at(record, "harmful")


def test_an_operation_with_several_results_hands_the_blame_on() -> None:
    def function(x: Any) -> Any:
        w, _ = np.linalg.eigh(x)
        return np.sum(np.sqrt(w))  # at: spectrum

    record = raised(lambda: ad.grad(function)(np.diag([0.0, 1.0])))
    assert (record.operation, record.phase, record.index) == ("sqrt", BACKWARD, (0,))
    at(record, "spectrum")


def test_near_singular_matrices() -> None:
    a = np.array([[1e-200, 0.0], [0.0, 1.0]])
    record = raised(lambda: ad.grad(lambda x: np.sum(np.linalg.inv(x)))(a))  # at: inverse
    assert (record.operation, record.phase, record.index) == ("inv", BACKWARD, (0, 0))
    assert record.operands == ("1e-200 in float64[2,2]",)
    at(record, "inverse")
    tiny = np.array([[1e-310, 0.0], [0.0, 1.0]])
    record = raised(lambda: ad.grad(lambda x: np.sum(np.linalg.inv(x)))(tiny))
    assert (record.operation, record.phase) == ("inv", FORWARD)


def cube_root(x: Any) -> Any:
    return np.sum(x**1.5)  # at: power


@pytest.mark.parametrize(
    ("phase", "derivative"),
    [
        (BACKWARD, lambda x: ad.grad(lambda v: np.sum(ad.grad(cube_root)(v)))(x)),
        (TANGENT, lambda x: ad.jvp(ad.grad(cube_root), (x,), (np.ones_like(x),))),
        (TANGENT, lambda x: ad.hvp(cube_root, (x,), (np.ones_like(x),))),
        (TANGENT, lambda x: ad.hessian(cube_root)(x)),
        (BACKWARD, lambda x: ad.hessian(cube_root, mode="rev-rev")(x)),
        (BACKWARD, lambda x: ad.grad(lambda v: ad.jvp(cube_root, (v,), (np.ones(2),))[1])(x)),
        (TANGENT, lambda x: ad.jvp(lambda v: ad.jvp(cube_root, (v,), (np.ones(2),))[1], (x,), (np.ones(2),))),
    ],
    ids=["grad of grad", "jvp of grad", "hvp", "hessian", "hessian rev-rev", "grad of jvp", "jvp of jvp"],
)
def test_second_order_names_the_users_operation(phase: str, derivative: Any) -> None:
    record = raised(lambda: derivative(np.array([1.0, 0.0])))
    assert (record.operation, record.step, record.phase, record.order) == ("power", "power_slope", phase, 2)
    assert (record.value, record.index) == (np.inf, (1,))
    assert record.operands == (0.0, 1.5)
    at(record, "power")
    assert "power_slope, a step in the derivative of power, gave inf" in record.asked()


def test_vmap_names_the_example() -> None:
    xs = np.array([[1.0, 2.0], [3.0, 0.0], [5.0, 6.0]])
    record = raised(lambda: ad.vmap(log_of)(xs))
    assert (record.operation, record.index, record.example, record.operands) == ("log", (1,), (1,), (0.0,))
    assert "at index (1,) of example 1" in record.received()
    record = raised(lambda: ad.vmap(ad.grad(root))(xs))
    assert (record.operation, record.phase, record.index, record.example) == ("sqrt", BACKWARD, (1,), (1,))
    at(record, "root")
    shared = raised(lambda: ad.vmap(lambda x, y: x / y, in_axes=(0, None))(xs, np.array([1.0, 0.0])))
    assert shared.operands == (2.0, 0.0)
    record = raised(lambda: ad.vmap(ad.vmap(np.log))(xs))
    assert (record.index, record.example) == ((), (1, 1))
    with ad.debug():
        np.testing.assert_array_equal(ad.vmap(ad.grad(root))(1.0 + xs), ad.vmap(ad.grad(root))(1.0 + xs))


# --- tensors -----------------------------------------------------------------------------------


def test_a_tensor_keeps_its_gradient_from_before() -> None:
    x = ad.tensor(AT, requires_grad=True)
    loss = root(x)
    record = raised(lambda: loss.backward(retain_graph=True))
    assert (record.operation, record.line) == ("sqrt", None), "recorded outside of the block"
    assert "recorded outside of the debug block" in record.asked()
    assert x.grad is None
    assert repr(loss.grad_fn) == "<reduce_sum>"
    loss.backward()
    assert x.grad.numpy()[1] == np.inf


def test_tensors_without_recording() -> None:
    x = ad.tensor(np.array([1.0, 0.0]), requires_grad=True)

    def step() -> None:
        with ad.no_grad():
            x.data = np.log(x)  # at: step

    at(raised(step), "step")
    with ad.no_grad(), ad.debug(nan="report") as report, np.errstate(divide="ignore"):
        assert not np.log(x).requires_grad
    assert len(report.nonfinite) == 1
    with ad.debug():
        y = 2.0 * x
        with ad.no_grad():
            assert not (2.0 * x).requires_grad
        y.sum().backward()
    assert y.grad_fn.name() == "multiply"
    np.testing.assert_array_equal(x.grad.numpy(), [2.0, 2.0])
    assert (2.0 * x).requires_grad


def test_a_training_loop_under_debug() -> None:
    """The same numbers with and without, for tensors, views, hooks and in-place operations."""

    def train() -> Any:
        rng = np.random.default_rng(0)
        w = ad.tensor(rng.normal(size=(3, 2)), requires_grad=True)
        x = rng.normal(size=(5, 3))
        seen: list[Any] = []
        for _ in range(3):
            hidden = np.tanh(x @ w)
            hidden.register_hook(lambda g: seen.append(g.numpy()))
            hidden[0] *= 2.0
            u, s, vh = np.linalg.svd(hidden, full_matrices=False)
            loss = np.sum(s) + np.sum(hidden[1:] ** 2) + np.sum(u * (vh.sum() * 0.0 + 1.0)) * 0.0
            loss.backward()
            with ad.no_grad():
                w -= 0.1 * w.grad
            w.grad = None
        return w.numpy() if not w.requires_grad else w.detach().numpy(), seen

    plain, hooks = train()
    with ad.debug(nan="raise", absorbed="report"):
        watched, watched_hooks = train()
    np.testing.assert_array_equal(watched, plain)
    np.testing.assert_array_equal(watched_hooks, hooks)


# --- packages ----------------------------------------------------------------------------------


def inner(x: Any) -> Any:
    return np.log(x)  # at: inner


def test_a_users_function_called_by_a_package() -> None:
    """A package's function that is followed calls the user's: the user's line is named."""

    def total(x: Any) -> Any:
        return np.sum(np.apply_along_axis(inner, 0, x))

    at(raised(lambda: ad.grad(total)(np.array([1.0, 0.0]))), "inner")


def test_a_packages_line_is_told_beside_the_users() -> None:
    def density(x: Any) -> Any:
        return 2.0 * scipy.stats.gamma.logpdf(x, 3.0)  # at: density

    record = raised(lambda: ad.grad(density)(0.0))
    at(record, "density")
    assert record.via is not None
    assert record.via.file == inspect.getsourcefile(type(scipy.stats.gamma))
    assert str(record.via) in record.asked()


def package(text: str) -> dict[str, Any]:
    """What a module of a package that is installed defines."""
    file = Path(sysconfig.get_path("purelib")) / "package_of_a_test.py"
    names: dict[str, Any] = {"np": np}
    exec(compile(text, str(file), "exec"), names)
    return names


PACKAGE = package("""
def log(x):
    return np.log(x)

def masked_log(x):
    return np.where(x > 0, np.log(x), 0.0)
""")


@pytest.mark.parametrize(
    "derivative",
    [
        lambda f: ad.grad(f)(0.0),
        lambda f: ad.vjp(f, np.zeros(2))[1](np.ones(2)),
        lambda f: ad.jvp(f, (0.0,), (1.0,)),
        lambda f: ad.vmap(f)(np.array([0.0, 1.0])),
        lambda f: ad.grad(lambda x: f(x) + 1.0)(0.0),
        lambda f: f(ad.tensor(0.0, requires_grad=True)).backward(),
        lambda f: f(ad.tensor(0.0)) + 1.0,
    ],
    ids=["grad", "vjp", "jvp", "vmap", "used", "tensor", "tensor used"],
)
def test_what_a_package_gives_back_is_told(derivative: Any) -> None:
    for function in (lambda x: PACKAGE["log"](x), PACKAGE["log"]):
        record = raised(lambda f=function: derivative(f))
        assert (record.operation, record.phase, record.value) == ("log", FORWARD, -np.inf)
        assert record.line is not None
        assert record.line.file == FILE
        assert record.via is not None
        assert record.via.function == "log"


def test_what_a_package_masks_is_not_told() -> None:
    """A package computes a NaN on the way and leaves it out: nothing of it comes back to the user."""
    x = np.array([-1.0, 0.0, 2.0])
    function = lambda v: np.sum(2.0 * PACKAGE["masked_log"](v))  # noqa: E731
    with ad.debug(nan="raise") as report:
        np.testing.assert_array_equal(ad.grad(function)(x), [0.0, 0.0, 1.0])
        assert ad.jvp(function, (x,), (np.ones(3),))[1] == 1.0
        np.testing.assert_array_equal(ad.vmap(PACKAGE["masked_log"])(x), [0.0, 0.0, np.log(2.0)])
    assert report.nonfinite == []


# --- what is done about it ---------------------------------------------------------------------


def test_warnings_stand_at_the_users_line() -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with ad.debug(nan="warn") as report:
            found = ad.grad(log_of)(np.array([1.0, 0.0]))
    np.testing.assert_array_equal(found, [1.0, np.inf])
    assert [(w.category, w.filename, w.lineno) for w in caught] == [
        (RuntimeWarning, FILE, line_of("log"))
    ] * 2, "and NumPy's own, which know less, are left out"
    assert [r.phase for r in report.nonfinite] == [FORWARD, BACKWARD]


def test_a_report_is_a_table() -> None:
    with ad.debug(nan="report") as report, np.errstate(all="ignore"):
        ad.grad(log_of)(np.array([1.0, 0.0]))
    head, first, second = str(report).splitlines()
    assert head.split() == ["made", "by", "in", "the", "of", "at"]
    assert first.startswith("-inf  log  forward pass   log(0.0) at index (1,)")
    assert f"{FILE}:{line_of('log')}" in first
    assert "the cotangent 1.0 of log(0.0)" in second


def test_blocks_nest() -> None:
    with ad.debug(nan="report") as outer, np.errstate(all="ignore"):
        with ad.debug(absorbed="report") as middle:
            ad.grad(lambda x: np.sqrt(x) * np.sqrt(x))(0.0)
            ad.grad(np.sqrt)(0.0)
            with ad.debug(nan="ignore"):
                ad.grad(np.log)(0.0)
        with pytest.raises(NonFiniteError), ad.debug(nan="raise"):
            ad.grad(np.sqrt)(0.0)
    assert [r.operation for r in middle.nonfinite] == ["sqrt"]
    assert [r.operation for r in outer.nonfinite] == ["sqrt", "sqrt"]
    assert [r.operation for r in middle.absorbed] == ["sqrt"]


@pytest.mark.parametrize("name", ["nan", "inf", "absorbed"])
def test_unknown_choices_are_refused(name: str) -> None:
    with pytest.raises(ArgumentError, match=f"debug\\({name}=...\\).*'rais'.*'raise', 'warn'"):
        ad.debug(**{name: "rais"})


# --- state -------------------------------------------------------------------------------------


def is_watched() -> bool:
    """Whether derivatives are watched here."""
    try:
        with np.errstate(all="ignore"):
            ad.grad(np.sqrt)(0.0)
            (ad.tensor(0.0, requires_grad=True) ** 0.5).backward()
    except NonFiniteError:
        return True
    return False


def test_an_error_leaves_nothing_behind() -> None:
    block = ad.debug(nan="raise")
    for _ in range(2):
        with pytest.raises(NonFiniteError), block:
            ad.grad(root)(AT)
        assert not is_watched()
    with pytest.raises(KeyError), block:
        raise KeyError
    assert not is_watched()
    with block, block:
        assert is_watched()
        assert told(raised(lambda: ad.grad(root)(AT)))[0] == "sqrt"
    assert not is_watched()
    with block:
        with pytest.raises(NonFiniteError):
            ad.grad(lambda x: ad.grad(root)(x)[0])(AT)
        at(raised(lambda: ad.grad(log_of)(np.array([0.0]))), "log")  # no step of before is still going on
    assert (watching(), walking(), current(), absorbing.get(), plainly()) == (None, None, None, None, True)


def test_threads_do_not_see_each_other() -> None:
    found: dict[str, bool] = {}
    inside, done = threading.Event(), threading.Event()

    def watcher() -> None:
        with ad.debug(nan="raise"):
            inside.set()
            done.wait(10)
            found["watcher"] = is_watched()

    def other() -> None:
        inside.wait(10)
        found["other"] = is_watched()
        done.set()

    threads = [threading.Thread(target=f) for f in (watcher, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {"watcher": True, "other": False}
    with ad.debug(nan="raise"):
        context = copy_context()
    assert context.run(is_watched)
    assert not is_watched()


def test_tasks_do_not_see_each_other() -> None:
    async def watcher() -> bool:
        with ad.debug(nan="raise"):
            await asyncio.sleep(0)
            return is_watched()

    async def other() -> bool:
        await asyncio.sleep(0)
        return is_watched()

    async def both() -> list[bool]:
        return await asyncio.gather(watcher(), other())

    assert asyncio.run(both()) == [True, False]


def test_a_pullback_outlives_the_block() -> None:
    """It is watched because its function ran in the block; what ran before is not."""
    with ad.debug(nan="raise"):
        _, pull = ad.vjp(root, AT)
    with pytest.raises(NonFiniteError):
        pull(1.0)
    _, plain = ad.vjp(root, AT)
    with ad.debug(nan="raise"):
        assert plain(1.0)[0][1] == np.inf


def test_a_value_may_leave_under_debug() -> None:
    def function(x: Any) -> Any:
        return np.sum(x * np.array(ad.stop_gradient(x).tolist()) * float(ad.stop_gradient(x[0])))

    x = np.array([2.0, 3.0])
    with ad.debug():
        np.testing.assert_array_equal(ad.grad(function)(x), 2.0 * x)
        assert ad.jvp(function, (x,), (np.ones(2),))[1] == 10.0
        found: list[Any] = []
        ad.grad(lambda v: (found.append(ad.stop_gradient(v)), np.sum(v))[1])(x)
    assert type(found[0]) is np.ndarray


def test_custom_rules_are_named() -> None:
    @ad.custom_vjp
    def steep(x: Any) -> Any:
        return 2.0 * x

    steep.defvjp(lambda x: (2.0 * x, None), lambda kept, ct: (ct * np.inf,))
    record = raised(lambda: ad.grad(lambda x: steep(x))(1.0))  # at: custom
    assert (record.operation, record.phase, record.value) == ("steep", BACKWARD, np.inf)
    at(record, "custom")


# --- decompositions ----------------------------------------------------------------------------


def vector(a: Any) -> Any:
    return np.linalg.eigh(a)[1][0, 0]  # at: vectors


def test_close_eigenvalues_are_warned_of() -> None:
    near = np.diag([1.0, 1.0 + 1e-11, 2.0]) + 1e-12
    text = "vectors of eigh.*digits are lost.*symmetric_function"
    with pytest.warns(RuntimeWarning, match=text), ad.debug(nan="raise") as report:
        ad.grad(vector)(near)
    (record,) = report.close
    assert 5e-12 < record.gap < 1e-11
    assert record.line is not None
    assert record.line.number == line_of("vectors")
    assert "eigh" in str(report)
    with pytest.warns(RuntimeWarning, match="vectors of svd"), ad.debug():
        ad.jvp(lambda a: np.linalg.svd(a)[0][0, 0], (near,), (np.ones((3, 3)),))
    with ad.debug() as report:  # no warning: neither for what depends on eigenvalues alone, nor far apart
        ad.grad(lambda a: np.sum(np.linalg.eigh(a)[0] ** 2))(near)
        ad.grad(vector)(np.diag([1.0, 2.0, 3.0]))
    assert report.close == []


def test_equal_eigenvalues_are_named() -> None:
    a = np.array([[1.0, 0.0], [0.0, 1.0]])
    record = raised(lambda: ad.grad(lambda x: np.sum(np.linalg.eigh(x)[1]))(a))
    assert (record.operation, record.phase) == ("eigh", BACKWARD)
