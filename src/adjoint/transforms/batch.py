"""vmap: a box holds a whole batch, its first axis counts the examples; operations see one example.

Each primitive's batch rule computes all examples at once.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from ..core.avals import Aval, aval_of
from ..core.primitive import Primitive, Tracer, new_level
from ..core.stack import StackAval
from ..core.trace import escaped
from ..primitives.structure import broadcast


class BatchTrace:
    """Carries a batch along.."""

    __slots__ = ("box", "closed", "level", "refused", "size")

    def __init__(self, box: type[Tracer], size: int) -> None:
        self.level = new_level()
        self.box = box
        self.size = size
        self.closed = False
        self.refused: Exception | None = None

    def lift(self, value: Any) -> Tracer:
        """A box of a batch."""
        return self.box(self, value, None)

    def boxed(self, value: Any) -> Tracer:
        """A box of a constant, for what is about to be written into."""
        return self.box(self, broadcast(value, shape=(self.size, *aval_of(value).shape)), None)

    def ended(self, results: Sequence[Any]) -> None:
        """Be told the results: of use to a trace that is watched."""

    def aval(self, box: Tracer) -> Aval:
        """The type of one example."""
        whole = aval_of(box.value)
        if isinstance(whole, StackAval):
            return replace(whole, shape=whole.shape[1:])
        return Aval(whole.shape[1:], whole.dtype)

    def process(self, primitive: Primitive, args: tuple[Any, ...], params: dict[str, Any]) -> Any:
        """The primitive of every example, by its batch rule."""
        if self.closed:
            raise escaped(primitive.name)
        batched = [isinstance(arg, Tracer) and arg.owner is self for arg in args]
        values = [arg.value if b else arg for arg, b in zip(args, batched, strict=True)]
        out = primitive.batch(primitive, self.size, batched, values, params)
        if primitive.many:
            return tuple(self.box(self, o, None) for o in out)
        return self.box(self, out, None)
