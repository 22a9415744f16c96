"""What looks at running code sees the user's own: debuggers, tracers; and modules stay as they were."""

import bdb
import importlib.util
import io
import json
import os
import pdb
import subprocess
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from types import FrameType, FunctionType, ModuleType
from typing import Any

import numpy as np
import pytest
from scipy import interpolate, optimize, special

import adjoint as ad

HERE = __file__


class Pair:
    """A class with an operator, a property and an iterator."""

    def __init__(self, values: Any) -> None:
        self.values = np.array(values)

    def __add__(self, other: Any) -> Any:
        return Pair([a + b for a, b in zip(self.values, other.values, strict=True)])

    def __iter__(self) -> Any:
        yield self.values[0]
        yield self.values[1]

    @property
    def total(self) -> Any:
        return np.sum(self.values)


def helper(x: Any, k: int) -> Any:
    doubled = x * 2.0
    return np.sin(doubled) * k


def busy(x: Any) -> Any:
    out = np.zeros(3)
    for k in range(3):
        if k == 1:
            out[k] = helper(x, k)
        elif k > 5:
            out[k] = 0.0
    pair = Pair([x, x * 2.0]) + Pair([out[1], x])
    try:
        found = sum(v * v for v in pair) + pair.total
    except ValueError:
        found = 0.0
    while found > 100.0:
        found = found / 2.0
    with np.errstate(all="ignore"):
        return found


# The end of the example.


def line_of(function: Callable[..., Any], text: str) -> int:
    """The line of this file on which a function has a text."""
    lines = Path(HERE).read_text().splitlines()
    start = function.__code__.co_firstlineno  # type: ignore[attr-defined]
    return next(n for n in range(start, len(lines) + 1) if text in lines[n - 1])


# --- tracebacks ----------------------------------------------------------------------------------


def out_of_bounds(x: Any) -> Any:
    table = np.arange(3.0)
    return x * 2.0 + table[5] * (x + 1.0)


def no_attribute(x: Any) -> Any:
    return (x + 1.0) * helper.missing_name(x)  # type: ignore[attr-defined]


def bad_call(x: Any) -> Any:
    return x + helper(x, 1, 2, wrong=3) + 1.0  # type: ignore[call-arg]


def bad_operator(x: Any) -> Any:
    values = [x, x]
    return x * (values - "text") * 2.0  # type: ignore[operator]


def in_an_operator(x: Any) -> Any:
    return Pair([x, x]) + "text" + x


def in_a_loop(x: Any) -> Any:
    return [value.nothing for value in Pair([x, x])]


def own_error(x: Any) -> Any:
    if x > 0:
        raise KeyError("mine", float(x))
    return x


WRONG = (out_of_bounds, no_attribute, bad_call, bad_operator, in_an_operator, in_a_loop, own_error)


def shown(function: Callable[[Any], Any]) -> list[str]:
    """The part of a traceback that stands in this file, as it is printed: lines, carets."""
    try:
        function(0.5)
    except Exception as error:
        frames = traceback.extract_tb(error.__traceback__)
        own = [f for f in frames if f.filename == HERE and f.name not in ("shown", "<lambda>")]
        return traceback.StackSummary.from_list(own).format()
    return []


@pytest.mark.parametrize("function", WRONG, ids=lambda f: f.__name__)
def test_tracebacks_have_the_users_lines_and_carets(function: Any) -> None:
    plain = shown(lambda x: function(x))
    assert plain
    assert shown(lambda x: ad.grad(function)(x)) == plain
    assert shown(lambda x: ad.jvp(function, (x,), (1.0,))) == plain


# --- debuggers ---------------------------------------------------------------------------------------


class Watcher(bdb.Bdb):
    """Stops at breakpoints, keeps the place and the variables, and goes on."""

    def __init__(self) -> None:
        super().__init__()
        self.stops: list[tuple[str, int, set[str]]] = []

    def user_line(self, frame: FrameType) -> None:
        if self.break_here(frame):
            self.stops.append((frame.f_code.co_name, frame.f_lineno, set(frame.f_locals)))
        self.set_continue()


def test_breakpoints_stop_in_followed_code() -> None:
    places = ((helper, "return np.sin"), (busy, "out[k] = helper"), (Pair.__add__, "return"))
    lines = [line_of(function, text) for function, text in places]
    seen = []
    before = sys.gettrace()
    for function in (busy, ad.grad(busy), lambda x: ad.jvp(busy, (x,), (1.0,))):
        watcher = Watcher()
        watcher.reset()
        for line in lines:
            assert watcher.set_break(HERE, line) is None
        try:
            watcher.runcall(function, 0.5)
        finally:
            watcher.clear_all_breaks()
            sys.settrace(before)
        seen.append([stop for stop in watcher.stops if stop[0] != "<listcomp>"])
    assert list(dict.fromkeys(stop[0] for stop in seen[0])) == ["busy", "helper", "__add__"]
    assert seen[0][1][2] == {"x", "k", "doubled"}
    assert seen[1] == seen[0]
    assert seen[2] == seen[0]


def test_pdb_steps_and_prints() -> None:
    commands = f"b {HERE}:{line_of(helper, 'return np.sin')}\nc\np k, doubled\nup\np k\nn\nc\n"
    out = io.StringIO()
    before = sys.gettrace()
    debugger = pdb.Pdb(stdin=io.StringIO(commands), stdout=out, nosigint=True, readrc=False)
    try:
        debugger.runcall(ad.grad(busy), 0.5)
    finally:
        debugger.clear_all_breaks()
        sys.settrace(before)
    text = out.getvalue()
    assert f"{HERE}({line_of(helper, 'return np.sin')})helper()" in text
    assert f"{HERE}({line_of(busy, 'out[k] = helper')})busy()" in text
    assert "(Pdb) (1, <traced" in text


def test_breakpoint_calls_see_the_users_frame(monkeypatch: pytest.MonkeyPatch) -> None:
    places = []

    def hook() -> None:
        frame = sys._getframe(1)
        places.append((frame.f_code.co_filename, frame.f_lineno, sorted(frame.f_locals)))

    def function(x: Any) -> Any:
        y = x * 2.0
        breakpoint()
        return y

    monkeypatch.setattr(sys, "breakpointhook", hook)
    ad.grad(function)(1.0)
    assert places == [(HERE, line_of(function, "breakpoint()"), ["x", "y"])]


# --- tracers and coverage --------------------------------------------------------------------------------


def lines_seen(function: Callable[[Any], Any]) -> list[tuple[str, int, tuple[str, ...]]]:
    """Every line of this file that a tracer sees, with the function and the names of its variables."""
    seen: list[tuple[str, int, tuple[str, ...]]] = []

    def watch(frame: FrameType, event: str, arg: Any) -> Any:
        if frame.f_code.co_filename == HERE and frame.f_code.co_name not in ("lines_seen", "<lambda>"):
            if event == "line":
                seen.append((frame.f_code.co_name, frame.f_lineno, tuple(sorted(frame.f_locals))))
            return watch
        return watch if event == "call" else None

    before = sys.gettrace()
    sys.settrace(watch)
    try:
        function(0.5)
    finally:
        sys.settrace(before)
    return seen


def test_a_tracer_sees_the_same_lines_in_the_same_order() -> None:
    plain = lines_seen(lambda x: busy(x))
    assert len(plain) > 20
    assert lines_seen(lambda x: ad.grad(busy)(x)) == plain


MEASURED = """
import coverage, json
measured = coverage.Coverage(branch=True, data_file=None, include=[{file!r}])
measured.start()
import example, adjoint
(example.f if {plain} else adjoint.grad(example.f))(0.5)
measured.stop()
print(json.dumps([sorted(measured.get_data().arcs({file!r})), sorted(measured.get_data().lines({file!r}))]))
"""

COUNTED = """
import example, adjoint, json, trace
counter = trace.Trace(count=1, trace=0)
counter.runfunc(example.f if {plain} else adjoint.grad(example.f), 0.5)
counts = counter.results().counts.items()
print(json.dumps(sorted((line, n) for (file, line), n in counts if file == {file!r})))
"""

CORES = ("ctrace", "sysmon", "pytrace") if importlib.util.find_spec("coverage") else ()
"""The ways in which coverage.py measures, where it is installed."""


@pytest.mark.parametrize("core", ["trace", *CORES])
def test_coverage_counts_the_same_lines(core: str, tmp_path: Path) -> None:
    file, text = tmp_path / "example.py", Path(HERE).read_text().splitlines()
    body = text[text.index("class Pair:") : text.index("# The end of the example.")]
    file.write_text("\n".join(["from typing import Any", "import numpy as np", *body, "f = busy"]))
    found = []
    for plain in (True, False):
        program = (COUNTED if core == "trace" else MEASURED).format(file=str(file), plain=plain)
        folders = [str(tmp_path), str(Path(ad.__file__).parent.parent)]
        done = subprocess.run(
            [sys.executable, "-c", program],
            capture_output=True,
            text=True,
            check=True,
            env={"COVERAGE_CORE": core, "PYTHONPATH": os.pathsep.join(folders)},
        )
        found.append(json.loads(done.stdout))
    assert len(found[0][0]) > 1
    assert found[1] == found[0]


# --- modules stay as they were ---------------------------------------------------------------------------


def state_of(module: ModuleType) -> dict[str, Any]:
    """What stands in a module, and the code of its functions and of its classes' methods."""
    state: dict[str, Any] = {}
    for name, value in vars(module).items():
        state[name] = id(value)
        if type(value) is FunctionType:
            state[f"{name}()"] = (value.__code__, value.__defaults__, value.__closure__, dict(vars(value)))
        elif isinstance(value, type):
            for own, method in vars(value).items():
                state[f"{name}.{own}"] = method.__code__ if type(method) is FunctionType else id(method)
    return state


def test_modules_are_left_as_they_were() -> None:
    modules = [
        module
        for name, module in list(sys.modules.items())
        if name.partition(".")[0]
        in ("numpy", "scipy", "math", "builtins", "functools", "itertools", "operator")
        or name == __name__
    ]
    calls: list[Callable[[Any], Any]] = [
        optimize.rosen_hess,
        special.logsumexp,
        lambda x: interpolate.BarycentricInterpolator(np.arange(3.0), x)(0.5),
        lambda x: busy(x[0]),
    ]
    for call in calls:  # whatever is imported late is imported now
        call(np.array([0.5, 0.2, 0.9]))
        ad.grad(lambda x, call=call: np.sum(call(x)))(np.array([0.5, 0.2, 0.9]))
    before = [state_of(module) for module in modules]
    for call in calls:
        ad.grad(lambda x, call=call: np.sum(call(x)))(np.array([0.5, 0.2, 0.9]))
        ad.jvp(lambda x, call=call: np.sum(call(x)), (np.ones(3),), (np.ones(3),))
    for module, old in zip(modules, before, strict=True):
        assert state_of(module) == old, module.__name__
