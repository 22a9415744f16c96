"""What a check has found: a `Report` of rows, one for each argument and mode, as data and as text."""

from dataclasses import dataclass

from ..errors import CheckError
from .judge import Code
from .taylor import Order

VERDICTS = {
    Code.AGREES: "agrees",
    Code.DIFFERS: "DIFFERS",
    Code.KINK: "NO VERDICT: not smooth here",
    Code.BLUNT: "NO VERDICT: not smooth at any step",
    Code.NOISY: "NO VERDICT: rounding hides it",
    Code.FAINT: "NO VERDICT: rounding hides it",
    Code.INFINITE: "NOT FINITE",
}
REMEDIES = {
    Code.DIFFERS: "Mend the derivative rule that gives it, or pass a wider rtol for a coarse function.",
    Code.KINK: "No verdict: not smooth here. Move the point away from the kink, tie or bound.",
    Code.BLUNT: "No verdict: no step is short enough. Move the point away from kinks and bounds.",
    Code.NOISY: "No verdict: rounding hides the function's slope. Use a wider dtype, or rescale.",
    Code.FAINT: "No verdict: rounding hides the function's slope. Use a wider dtype, or rescale.",
    Code.INFINITE: "Move the point into the domain, away from its bounds.",
}


@dataclass(frozen=True, slots=True)
class Row:
    """The worst comparison for one argument in one mode."""

    mode: str
    argument: str
    """Name or position of the argument, and the path in its container."""
    checked: str
    """What was perturbed: each element, or so many random directions."""
    place: str
    """Where the worst error is: the element, or a random direction, and the output."""
    derivative: float
    difference: float
    error: float
    """Relative to the largest derivative in this row; where it failed, to the derivative itself."""
    allowed: float
    """Relative to the same."""
    scheme: str
    step: float
    code: Code

    @property
    def passed(self) -> bool:
        """Whether the derivative equals the differences."""
        return self.code is Code.AGREES

    def __str__(self) -> str:
        return (
            f"{self.mode}, {self.argument}, {self.checked}: worst error {self.error:.1e}, "
            f"{self.allowed:.1e} allowed ({self.scheme}, step {self.step:.1e}): {VERDICTS[self.code]}"
            + ("" if self.passed else f" in {self.place}")
        )


@dataclass(frozen=True, slots=True)
class Report:
    """What `check_grads` has found. `str(report)` is readable text.

    >>> from adjoint.diagnose import check_grads
    >>> report = check_grads(lambda x: x * x, 3.0, order=1)
    >>> report.passed
    True
    >>> report.rows[0].mode, report.rows[0].argument
    ('fwd', 'argument 0 (x)')
    """

    function: str
    rows: tuple[Row, ...]
    orders: tuple[Order, ...]
    """The Taylor remainder's order of convergence in each mode."""
    notes: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """Whether every row and every order passed; nothing checked is no pass."""
        return bool(self.rows) and all(part.passed for part in (*self.rows, *self.orders))

    def __str__(self) -> str:
        head = f"derivatives of {self.function}: {'passed' if self.passed else 'FAILED'}"
        return "\n  ".join([head, *map(str, self.rows), *map(str, self.orders), *self.notes])

    def error(self) -> CheckError:
        """The error for a check that failed: its worst row of the lowest order, or a wrong order."""
        asked = f"check_grads of {self.function}"
        failed = [row for row in self.rows if not row.passed]
        if not failed:
            order = next(order for order in self.orders if not order.passed)
            return CheckError(
                f"{asked}: the Taylor remainder ({order.mode}) falls as h^{order.needed}",
                f"order {order.measured:.2f}",
                "Its derivatives of some order are wrong, or it is not smooth between the points tried.",
            )
        depth = min(row.mode.count(" over ") for row in failed)
        row = max((row for row in failed if row.mode.count(" over ") == depth), key=lambda row: row.code)
        return CheckError(
            f"{asked}: the {row.mode} derivative in {row.place}",
            f"derivative {row.derivative:.10g}, differences {row.difference:.10g} "
            f"({row.scheme}, step {row.step:.1e}; relative error {row.error:.1e}): {VERDICTS[row.code]}",
            REMEDIES[row.code],
        )
