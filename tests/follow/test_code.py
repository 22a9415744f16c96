"""Code objects taken apart and put together, with calls converted: they run, and stand where they stood."""

import dis
import inspect
import json
import statistics
import sys
import textwrap
from collections.abc import Iterator
from types import CodeType, FunctionType, ModuleType
from typing import Any

import numpy as np
import pytest

from adjoint.errors import TraceError
from adjoint.follow import assembly, rewrite, source
from adjoint.follow.converter import Converter

from . import test_python

KNOWN = sys.version_info[:2] in rewrite.VERSIONS


class Answers:
    """What stands in the copies: these two, and guards."""

    def __init__(self, convert: Any, attribute: Any) -> None:
        self.convert, self.attribute = convert, attribute
        self.guards = Converter().guards


INERT = Answers(lambda c: c, getattr)

MODULES = (textwrap, json.decoder, statistics, inspect, np.lib._function_base_impl, test_python)


def all_code(code: CodeType) -> Iterator[CodeType]:
    yield code
    for const in code.co_consts:
        if isinstance(const, CodeType):
            yield from all_code(const)


def compiled(module: ModuleType) -> CodeType:
    file = module.__file__ or ""
    with open(file, encoding="utf-8") as stream:
        return compile(stream.read(), file, "exec", dont_inherit=True)


@pytest.mark.parametrize("module", MODULES, ids=lambda m: m.__name__)
def test_taken_apart_and_put_together(module: ModuleType) -> None:
    for code in all_code(compiled(module)):
        again = assembly.assemble(code, *assembly.disassemble(code))
        assert again.co_code == code.co_code
        assert list(again.co_positions()) == list(code.co_positions())
        assert dis._parse_exception_table(again) == dis._parse_exception_table(code)


@pytest.mark.parametrize("module", MODULES, ids=lambda m: m.__name__)
def test_heights_are_within_the_stack(module: ModuleType) -> None:
    for code in all_code(compiled(module)):
        instructions, handlers = assembly.disassemble(code)
        found = assembly.heights(instructions, handlers)
        assert max(found.values()) <= code.co_stacksize


def seen_by(rewriter: Any, function: FunctionType, *args: Any) -> tuple[Any, list[Any], list[str]]:
    """What a function gives when rewritten, the callees and the attributes that the converters saw."""
    callees: list[Any] = []
    names: list[str] = []

    def convert(callee: Any) -> Any:
        callees.append(callee)
        return callee

    def attribute(value: Any, name: str) -> Any:
        names.append(name)
        return getattr(value, name)

    code = rewriter(function.__code__, Answers(convert, attribute))
    copy = FunctionType(code, function.__globals__, None, function.__defaults__, function.__closure__)
    return copy(*args), callees, names


class Thing:
    def __init__(self, value: Any) -> None:
        self.value = value

    def method(self, *args: Any, **kwargs: Any) -> Any:
        return self.value, args, kwargs


def every_call(thing: Thing) -> Any:
    def inner(value: Any) -> Any:
        return len(value)

    found = [
        thing.method(),
        thing.method(1, *[2], k=3, m=4),
        max(1, 2),
        inner((1, 2)),
        (lambda: min(3, 4))(),
        [abs(k) for k in range(-1, 1) if bool(k)],
        "a" if thing.value.imag else str(thing.method(5 if thing else 6)),
        Thing.method(thing, repr(1) and int("7")),
    ]
    try:
        with open("/nowhere"):
            pass
    except OSError as error:
        found.append(type(error) is FileNotFoundError)
    return found


@pytest.mark.parametrize("rewriter", [*([rewrite.rewritten] if KNOWN else []), source.rewritten])
def test_every_call_is_seen(rewriter: Any) -> None:
    thing = Thing(2)
    result, callees, names = seen_by(rewriter, every_call, thing)
    assert result == every_call(thing)
    called = [getattr(c, "__name__", "") for c in callees]
    for name in ("method", "max", "min", "inner", "abs", "range", "bool", "str", "repr", "open"):
        assert name in called, name
    assert called.count("method") == 4
    assert names.count("value") == 1
    assert "method" in names or rewriter is rewrite.rewritten


@pytest.mark.parametrize("name", [n for n in test_python.FUNCTIONS if n != "exec"])
def test_both_ways_agree(name: str) -> None:
    function = test_python.FUNCTIONS[name]
    if type(function) is not FunctionType:
        function = test_python.sine
    wanted = function(0.7)
    assert seen_by(source.rewritten, function, 0.7)[0] == wanted
    if KNOWN:
        assert seen_by(rewrite.rewritten, function, 0.7)[0] == wanted


def test_lines_and_names_stay() -> None:
    code = every_call.__code__
    for rewriter in (*([rewrite.rewritten] if KNOWN else []), source.rewritten):
        new = rewriter(code, INERT)
        assert new.co_firstlineno == code.co_firstlineno
        assert (new.co_varnames, new.co_freevars) == (code.co_varnames, code.co_freevars)
        assert (new.co_filename, new.co_qualname, new.co_flags) == (
            code.co_filename,
            code.co_qualname,
            code.co_flags,
        )
        assert {line for *_, line in new.co_lines()} == {line for *_, line in code.co_lines()}


def test_without_source_text() -> None:
    code = compile("f = lambda x: abs(x)", "<nowhere>", "exec").co_consts[0]
    with pytest.raises(TraceError, match="<nowhere>:1"):
        source.rewritten(code, INERT)


def test_rewritten_twice_runs() -> None:
    if KNOWN:
        once = rewrite.rewritten(every_call.__code__, INERT)
        twice = rewrite.rewritten(once, INERT)
        copy = FunctionType(twice, every_call.__globals__)
        assert copy(Thing(2)) == every_call(Thing(2))


def test_nothing_to_convert() -> None:
    def function(x: Any) -> Any:
        return (x, 2) if x else None

    if KNOWN:
        assert rewrite.rewritten(function.__code__, INERT) is function.__code__
