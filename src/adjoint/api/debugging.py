"""`debug`: a `with` block in which NaN, infinities and what strong zeros swallow are told with their line."""

from contextvars import ContextVar
from typing import Any

from ..errors import ArgumentError
from ..transforms.closeness import Close
from ..transforms.findings import Absorbed, NonFinite, code_at
from ..transforms.watch import CHOICES, Findings, Modes, begin, end
from ..transforms.watching import watching
from .gradmode import settle

_tokens: ContextVar[tuple[Any, ...]] = ContextVar("adjoint_debug_tokens", default=())


class Report(Findings):
    """What one block has found, as lists of records; `print(report)` is a table.

    `nonfinite` are the NaN and infinities that operations made, `absorbed` what strong zeros have swallowed,
    `close` the eigenvalues and singular values so close that derivatives of their vectors lose their digits.
    A record has the user's `operation`, `line` (`.file`, `.number`, `.function`) and `phase`; its text is one
    sentence.
    """

    def __str__(self) -> str:
        return (
            "\n\n".join(filter(None, (_made(self.nonfinite), _swallowed(self.absorbed), _near(self.close))))
            or "nothing found"
        )

    __repr__ = __str__


def _made(records: list[NonFinite]) -> str:
    if not records:
        return ""
    rows = [(str(r.value), r.step or r.operation, r.phase, r.received(), _place(r)) for r in records]
    return _table(("made", "by", "in the", "of", "at"), rows)


def _swallowed(records: list[Absorbed]) -> str:
    if not records:
        return ""
    rows = [(f"{r.entries} x 0 * {r.factor}", r.step or r.operation, r.phase, _place(r)) for r in records]
    return _table(("absorbed", "in the derivative of", "in the", "at"), rows)


def _near(records: list[Close]) -> str:
    if not records:
        return ""
    rows = [(f"{r.gap:.0e}", r.operation, r.phase, _place(r)) for r in records]
    return _table(("gap", "in the vectors of", "in the", "at"), rows)


def _place(record: NonFinite | Absorbed | Close) -> str:
    line = record.line
    return "outside of the block" if line is None else f"{line}  {code_at(line)}".rstrip()


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    widths = [max(len(row[i]) for row in (head, *rows)) for i in range(len(head))]
    lines = ["  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)) for row in (head, *rows)]
    return "\n".join(line.rstrip() for line in lines)


class Debug:
    """What `debug` gives: a `with` block. It keeps nothing of its own: enter it again, or nest it."""

    __slots__ = ("absorbed", "inf", "nan")

    def __init__(self, nan: str | None, inf: str | None, absorbed: str | None) -> None:
        self.nan, self.inf, self.absorbed = nan, inf, absorbed

    def __enter__(self) -> Report:
        outer = watching()
        around = Modes() if outer is None else outer.modes
        nan = around.nan if self.nan is None else self.nan
        inf = self.inf or (around.inf if self.nan is None else self.nan)
        report = Report()
        tokens = begin(Modes(nan, inf, self.absorbed or around.absorbed), report)
        _tokens.set((*_tokens.get(), tokens))
        settle()
        return report

    def __exit__(self, *error: object) -> None:
        *outer, tokens = _tokens.get()
        _tokens.set(tuple(outer))
        end(tokens)
        settle()


def debug(*, nan: str | None = None, inf: str | None = None, absorbed: str | None = None) -> Debug:
    """Look for NaN and infinities, and for what strong zeros swallow, in the `with` block that follows.

    Each is "raise" (a `NonFiniteError`), "warn" (a `RuntimeWarning` at the user's line), "report" (only taken
    down) or "ignore". Watched are the derivatives whose function runs in the block (`grad`, `jvp`, `hvp`,
    `vmap` and all others, nested to any order), and tensors, in this thread.

    Edges: a *value* counts where an operation made it: a NaN of operands that are none, or an infinity of
    finite ones. What the inputs had already is nobody's. A *derivative* counts where it reaches a result:
    what an exact zero absorbs on the way (`where(x > 0, sqrt(x), 0)` at 0) is for `absorbed` to tell.
    Eigenvalues and singular values so close that half of the digits are lost are warned of as well.

    Args:
        nan: what to do about a NaN. With no argument at all, "raise".
        inf: what to do about an infinity; as `nan` where it is not said.
        absorbed: what to do where an exact zero met an infinite or NaN factor in a derivative, so that the
            product was taken for zero.

    Returns:
        A `with` block. Its variable is the report: `report.nonfinite` and `report.absorbed` are lists of
        records, `print(report)` is a table. Inside of another block it takes over what it does not say, and
        what it finds stands in both reports.

    Raises:
        NonFiniteError: in the block, with the operation, the user's file and line, the first element and its
            operands; `error.record` has them one by one. It is a `FloatingPointError`.
        ArgumentError: an unknown choice.

    >>> with debug(nan="report") as report:
    ...     slope = adjoint.grad(np.sqrt)(0.0)
    >>> report.nonfinite[0].operation, report.nonfinite[0].phase, report.nonfinite[0].operands
    ('sqrt', 'backward pass', (0.0,))
    >>> with debug(absorbed="report") as report:
    ...     slope = adjoint.grad(lambda x: np.sqrt(x) ** 2)(0.0)  # the true slope is 1
    >>> slope, report.absorbed[0].operation, report.absorbed[0].factor
    (0.0, 'sqrt', 'inf')
    """
    for name, choice in (("nan", nan), ("inf", inf), ("absorbed", absorbed)):
        if choice is not None and choice not in CHOICES:
            listed = ", ".join(map(repr, CHOICES))
            raise ArgumentError(f"debug({name}=...) in a known way", repr(choice), f"Use one of {listed}.")
    return Debug("raise" if (nan, inf, absorbed) == (None, None, None) else nan, inf, absorbed)
