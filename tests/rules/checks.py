"""What every rule of every primitive must do: `CHECKS`, and the dtypes that each concerns.

A check takes a primitive and a dtype, and raises AssertionError. test_sweep.py runs all of them on all
primitives, test_sweep_fails.py shows that each can fail. Tolerances are multiples of the dtype's spacing,
relative to the largest number in what is compared, unless a check says otherwise.
"""

from collections.abc import Callable
from typing import Any

from adjoint import dtypes
from adjoint.core.primitive import Primitive

from .edges import check_edges
from .forms import check_batch, check_source, check_type
from .orders import check_fused, check_orders
from .slopes import check_identity, check_jvp, check_staged, check_transposes


def every(dtype: Any) -> bool:
    del dtype
    return True


def double(dtype: Any) -> bool:
    return dtypes.is_inexact(dtype) and dtypes.eps(dtype) < 1e-10


CHECKS: dict[str, tuple[Callable[[Primitive, Any], None], Callable[[Any], bool]]] = {
    "type": (check_type, every),
    "source": (check_source, every),
    "batch": (check_batch, every),
    "jvp": (check_jvp, dtypes.is_inexact),
    "identity": (check_identity, dtypes.is_inexact),
    "transposes": (check_transposes, dtypes.is_inexact),
    "staged": (check_staged, double),
    "orders": (check_orders, double),
    "fused": (check_fused, dtypes.is_inexact),
    "edges": (check_edges, dtypes.is_inexact),
}
