"""Traces that keep the user's lines while they are staged: whose line a pullback goes back through.

`tape_of` and `duals_of` give the plain traces where nobody keeps lines, which is all that they cost.
"""

from collections.abc import Callable
from typing import Any

from ..core.equation import Line, user_line
from ..core.lines import BackLine, Lines, lines
from ..core.primitive import Primitive, Tracer
from .dual import DualTrace
from .graph import Cotangents, Node, Walker
from .pullback import Runner
from .pulls import Pick
from .tape import TapeTrace


def tape_of(box: type[Tracer], run: Runner) -> TapeTrace:
    """A tape, which keeps lines where somebody asks for them."""
    kept = lines.get()
    return TapeTrace(box, run) if kept is None else LinedTape(box, run, kept)


def duals_of(box: type[Tracer]) -> DualTrace:
    """A trace of duals, which keeps names where somebody asks for them."""
    kept = lines.get()
    return DualTrace(box) if kept is None else LinedDual(box, kept)


class LinedDual(DualTrace):
    """Notes which staged value is the tangent of which."""

    __slots__ = ("kept",)

    def __init__(self, box: type[Tracer], kept: Lines) -> None:
        super().__init__(box)
        self.kept = kept

    def lift(self, value: Any, tangent: Any) -> Tracer:
        """A box of a value and its tangent."""
        self.kept.pair(tangent, value, "_dot")
        return super().lift(value, tangent)

    def _wrap(self, out: Any, tangent: Any) -> Any:
        self.kept.pair(tangent, out, "_dot")
        return super()._wrap(out, tangent)


class LinedPull(Walker):
    """A pullback of an operation on a line; `out` is what the operation gave."""

    __slots__ = ("kept", "line", "out", "pull")

    def __init__(self, pull: Any, line: Line, out: Any, kept: Lines) -> None:
        self.pull, self.line, self.out, self.kept = pull, BackLine(*line), out, kept

    def __call__(self, ct: Any, *saved: Any) -> Any:
        """As the pullback itself."""
        return self.pull(ct, *saved)

    def walk(self, cotangents: Cotangents, node: Node, ct: Any, owned: bool) -> bool:
        """As the pullback itself, with equations of its line."""
        self.kept.pair(ct, self.out, "_bar")
        with self.kept.during(self.line):
            if isinstance(self.pull, Walker) and self.pull.walk(cotangents, node, ct, owned):
                return True
            for parent, term in zip(node.parents, self(ct, *node.saved), strict=True):
                if parent is not None and term is not None:
                    cotangents.add(parent, term)
        return True


class LinedTape(TapeTrace):
    """Gives every node the line that its operation stands on."""

    __slots__ = ("kept",)

    def __init__(self, box: type[Tracer], run: Runner, kept: Lines) -> None:
        super().__init__(box, run)
        self.kept = kept

    def unary(
        self,
        primitive: Primitive,
        operation: Callable[..., Any],
        x: Tracer,
        params: tuple[tuple[str, Any], ...] = (),
    ) -> Any:
        """As every tape does."""
        return self._lined(super().unary(primitive, operation, x, params))

    def binary(
        self, primitive: Primitive, operation: Callable[..., Any], x: Any, y: Any, ndim: int = 0
    ) -> Any:
        """As every tape does."""
        return self._lined(super().binary(primitive, operation, x, y, ndim))

    def process(self, primitive: Primitive, args: tuple[Any, ...], params: dict[str, Any]) -> Any:
        """As every tape does."""
        result = super().process(primitive, args, params)
        for box in result if primitive.many else (result,):
            self._lined(box)
        return result

    def _lined(self, box: Any) -> Any:
        node = box.extra if isinstance(box, Tracer) and box.owner is self else None
        out: Any = box.value if node is not None else None
        if node is not None and isinstance(node.pull, Pick):
            node = node.parents[0]
        if node is not None and node.pull is not None and not isinstance(node.pull, LinedPull):
            line = self.kept.now or user_line()
            if line is not None:
                node.pull = LinedPull(node.pull, line, out, self.kept)
        return box
