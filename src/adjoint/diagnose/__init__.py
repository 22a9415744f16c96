"""Finding out what went wrong: derivatives beside differences.

`check_grads` compares the derivatives of a function, in each mode and to any order, with differences
taken of it, and raises where they differ. `examine` gives the same `Report` without raising.
"""

from .check import check_grads as check_grads
from .check import examine as examine
from .report import Report as Report

__all__ = ["check_grads", "examine", "Report"]
