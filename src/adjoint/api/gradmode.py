"""Recording on and off: `no_grad` and `enable_grad`, as `with` blocks and as decorators.

The mode is a context variable: each thread starts with recording on, each asyncio task has a mode of
its own, and an exception leaves the mode as it was before the block. Only operations on tensors heed
it; `grad`, `vjp` and the other functional derivatives record whatever the mode.
"""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from inspect import isasyncgenfunction, iscoroutinefunction, isgeneratorfunction
from typing import Any

from ..core.avals import describe
from ..errors import ArgumentError
from ..transforms.watching import watching

_recording: ContextVar[bool] = ContextVar("adjoint_recording", default=True)
_before: ContextVar[tuple[bool, ...]] = ContextVar("adjoint_recording_before", default=())

_plainly: ContextVar[bool | None] = ContextVar("adjoint_recording_plainly", default=True)

recording: Callable[[], bool] = _recording.get
"""Whether operations on tensors are recorded here and now."""

plainly: Callable[[], bool | None] = _plainly.get
"""The same, as one question for the way that is short: None says that somebody watches."""


def settle() -> None:
    """Bring `plainly` up to date: the mode has changed, or a watch has begun or ended."""
    _plainly.set(None if watching() is not None else _recording.get())


@contextmanager
def unwatched() -> Generator[None]:
    """The short way in this block, whoever watches around it."""
    token = _plainly.set(_recording.get())
    try:
        yield
    finally:
        _plainly.reset(token)


class GradMode:
    """Switches recording for a `with` block, or for every call of a function that it decorates.

    It keeps nothing of its own, so that one instance may be nested in itself and shared by threads.
    """

    __slots__ = ("enabled",)

    def __init__(self, enabled: bool) -> None:
        self.enabled = enabled

    def __enter__(self) -> None:
        _before.set((*_before.get(), _recording.get()))
        _recording.set(self.enabled)
        settle()

    def __exit__(self, *error: object) -> None:
        *outer, mode = _before.get()
        _before.set(tuple(outer))
        _recording.set(mode)
        settle()

    def __call__(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function with recording switched while it runs."""
        if not callable(function):
            raise ArgumentError(
                "a decorator of a function was asked for",
                describe(function),
                "Write `with no_grad():` around a block, or @no_grad() above a function.",
            )
        if isasyncgenfunction(function):
            raise ArgumentError(
                "switching recording for a function was asked for",
                f"the asynchronous generator {function.__name__}",
                "Write `with no_grad():` inside of it, around what should not be recorded.",
            )
        if iscoroutinefunction(function):
            return self._around_coroutine(function)
        return self._around_generator(function) if isgeneratorfunction(function) else self._around(function)

    def _around(self, function: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(function)
        def switched(*args: Any, **kwargs: Any) -> Any:
            with self:
                return function(*args, **kwargs)

        return switched

    def _around_coroutine(self, function: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(function)
        async def switched(*args: Any, **kwargs: Any) -> Any:
            with self:
                return await function(*args, **kwargs)

        return switched

    def _around_generator(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """The generator runs in this mode, the code that consumes it in its own."""

        @wraps(function)
        def switched(*args: Any, **kwargs: Any) -> Generator[Any, Any, Any]:
            inner = function(*args, **kwargs)
            step, given = inner.send, None
            while True:
                try:
                    with self:
                        out = step(given)
                except StopIteration as end:
                    return end.value
                try:
                    step, given = inner.send, (yield out)
                except GeneratorExit:
                    with self:
                        inner.close()
                    raise
                except BaseException as error:  # thrown in by the consumer, for `inner`
                    step, given = inner.throw, error

        return switched


def no_grad(function: Callable[..., Any] | None = None) -> Any:
    """Switch recording off: results need no gradient, and leaves may be changed in place.

    A `with` block, or a decorator with or without brackets. The functional derivatives (`grad`, `vjp`,
    ...) do not heed it.

    >>> w = adjoint.tensor([1.0, 2.0], requires_grad=True)
    >>> with adjoint.no_grad():
    ...     w -= 0.5
    >>> w
    tensor([0.5, 1.5], requires_grad=True)
    >>> @adjoint.no_grad()
    ... def predict(x):
    ...     return w * x
    >>> predict(2.0).requires_grad
    False
    """
    return GradMode(False) if function is None else GradMode(False)(function)


def enable_grad(function: Callable[..., Any] | None = None) -> Any:
    """Switch recording on again inside of `no_grad`.

    >>> x = adjoint.tensor(3.0, requires_grad=True)
    >>> with adjoint.no_grad():
    ...     with enable_grad():
    ...         y = x * x
    >>> y.requires_grad
    True
    """
    return GradMode(True) if function is None else GradMode(True)(function)
