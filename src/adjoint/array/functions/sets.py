"""Sets of elements: `unique`, `union1d`, `isin`, ... and counting, `bincount`, as NumPy's.

Which elements are taken must be known, and has no derivative; each of them keeps its own. Of equal elements
it is the first one that is taken.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from ...core.avals import aval_of
from ...core.primitive import Tracer
from ...primitives import structure as s
from ...primitives.indexing import scatter_add
from ...primitives.promotion import to_dtype
from ..dispatch import array_operand, concrete, normal_axis, operand
from .joining import concatenate
from .manipulation import gathered
from .ordering import searchsorted, sort
from .selection import flattened


def _plain(x: Any, name: str) -> Any:
    return np.asarray(concrete(x, f"which elements np.{name} takes"))


def unique(
    ar: Any,
    return_index: bool = False,
    return_inverse: bool = False,
    return_counts: bool = False,
    axis: Any = None,
    *,
    equal_nan: bool = True,
    sorted: bool = True,
) -> Any:
    """As `numpy.unique`; the elements, or slices along an axis, keep their derivatives, in sorted order."""
    del sorted  # in order, they are one of the results that NumPy may give
    x = array_operand(ar)
    plain = _plain(x, "unique")
    found = np.unique(plain, True, return_inverse, return_counts, axis, equal_nan=equal_nan)
    taken = gathered(flattened(x), found[1], 0)
    if axis is not None:
        taken = gathered(x, found[1], normal_axis(axis, plain.ndim))
    rest = found[1 if return_index else 2 :]
    return (taken, *rest) if rest else taken


def unique_values(x: Any, /) -> Any:
    """As `numpy.unique_values`, in sorted order."""
    return unique(x, equal_nan=False)


def _named(original: Callable[..., Any]) -> Callable[..., Any]:
    """As one of NumPy's functions that give a named tuple of what `unique` returns."""
    kind = type(original(np.zeros(1)))
    options = {
        "return_index": "indices" in kind._fields,
        "return_inverse": "inverse_indices" in kind._fields,
        "return_counts": "counts" in kind._fields,
    }

    def function(x: Any, /) -> Any:
        return kind(*unique(x, **options, equal_nan=False))

    function.__name__ = original.__name__
    function.__doc__ = f"As `numpy.{original.__name__}`."
    return function


# --- two sets ----------------------------------------------------------------------------------------


def _flat(*arrays: Any) -> list[Any]:
    return [flattened(array_operand(a)) for a in arrays]


def union1d(ar1: Any, ar2: Any) -> Any:
    """As `numpy.union1d`."""
    return unique(concatenate((ar1, ar2), axis=None))


def intersect1d(ar1: Any, ar2: Any, assume_unique: bool = False, return_indices: bool = False) -> Any:
    """As `numpy.intersect1d`: the elements are those of `ar1`."""
    x, y = _flat(ar1, ar2)
    left, right = (_plain(v, "intersect1d") for v in (x, y))
    values, first, second = np.intersect1d(left, right, assume_unique, return_indices=True)
    taken = to_dtype(gathered(x, first, 0), values.dtype)
    return (taken, first, second) if return_indices else taken


def setdiff1d(ar1: Any, ar2: Any, assume_unique: bool = False) -> Any:
    """As `numpy.setdiff1d`."""
    x, y = _flat(ar1, ar2)
    x = x if assume_unique else unique(x)
    kept = np.isin(_plain(x, "setdiff1d"), _plain(y, "setdiff1d"), assume_unique=True, invert=True)
    return gathered(x, np.flatnonzero(kept), 0)


def setxor1d(ar1: Any, ar2: Any, assume_unique: bool = False) -> Any:
    """As `numpy.setxor1d`."""
    x, y = _flat(ar1, ar2)
    if not assume_unique:
        x, y = unique(x), unique(y)
    both = concatenate((x, y))
    plain = _plain(both, "setxor1d")
    if not plain.size:
        return both
    order = np.argsort(plain, kind="stable")
    ordered = plain[order]
    apart = np.concatenate(([True], ordered[1:] != ordered[:-1], [True]))
    return gathered(both, order[apart[1:] & apart[:-1]], 0)


def isin(
    element: Any, test_elements: Any, assume_unique: bool = False, invert: bool = False, *, kind: Any = None
) -> Any:
    """As `numpy.isin`: yes or no, without a derivative."""
    x, tests = array_operand(element), flattened(array_operand(test_elements))
    if not any(isinstance(v, Tracer) for v in (x, tests)):
        return np.isin(x, tests, assume_unique, invert, kind=kind)
    if not aval_of(tests).size:
        return np.full(aval_of(x).shape, invert)
    ordered = sort(tests)
    place = np.minimum(searchsorted(ordered, x), aval_of(tests).size - 1)
    found = gathered(ordered, place, 0) == x
    return ~found if invert else found


# --- counting ----------------------------------------------------------------------------------------


def bincount(x: Any, /, weights: Any = None, minlength: int = 0) -> Any:
    """As `numpy.bincount`: linear in the weights, of which each bin holds the sum.

    out[k] = sum of weights[i] over all i with x[i] = k
    """
    index = np.asarray(concrete(operand(x), "the bins of np.bincount"))
    counts = np.bincount(index, minlength=minlength)
    if weights is None:
        return counts
    values = array_operand(weights)
    aval = aval_of(values)
    if not np.can_cast(aval.dtype, np.float64, "safe"):
        raise TypeError(
            f"Cannot cast array data from {aval.dtype!r} to dtype('float64') according to the rule 'safe'"
        )
    if aval.shape != index.shape:
        raise ValueError("The weights and list don't have the same length.")
    values = to_dtype(values, np.dtype(np.float64))
    if not index.size:
        return counts
    return scatter_add(s.reshape(values, shape=index.shape), index.astype(np.intp), shape=counts.shape)


TABLE: dict[Any, Any] = {
    np.unique: unique,
    np.unique_values: unique_values,
    **{f: _named(f) for f in (np.unique_all, np.unique_counts, np.unique_inverse)},
    np.union1d: union1d,
    np.intersect1d: intersect1d,
    np.setdiff1d: setdiff1d,
    np.setxor1d: setxor1d,
    np.isin: isin,
    np.bincount: bincount,
}
