"""Reductions, cumulative functions and ordering in one place: what other files call, and the table.

Read `folds` first (sum, mean, max, ...), then `cumulative`, `statistics`, `quantiles`, `covariance`, `nan`,
`norms`, `ordering` and `comparing`; `keywords` is what they share.
"""

from typing import Any

import numpy as np

from . import comparing, covariance, cumulative, folds, nan, norms, ordering, quantiles, statistics
from .cumulative import cummax, cummin, cumprod, cumsum, diff, trapezoid
from .folds import all_, any_, argmax, argmin, count_nonzero, max_, mean, min_, prod, ptp, sum_
from .norms import norm, vector_norm
from .ordering import argsort, partition, searchsorted, sort
from .quantiles import median, quantile
from .statistics import average, std, var

__all__ = [
    "ACCUMULATIONS",
    "FOLDS",
    "TABLE",
    "all_",
    "any_",
    "argmax",
    "argmin",
    "argsort",
    "average",
    "count_nonzero",
    "cummax",
    "cummin",
    "cumprod",
    "cumsum",
    "diff",
    "max_",
    "mean",
    "median",
    "min_",
    "norm",
    "partition",
    "prod",
    "ptp",
    "quantile",
    "searchsorted",
    "sort",
    "std",
    "sum_",
    "trapezoid",
    "var",
    "vector_norm",
]

FOLDS: dict[Any, Any] = {
    np.add: sum_,
    np.multiply: prod,
    np.maximum: max_,
    np.minimum: min_,
    np.fmax: nan.nanmax,
    np.fmin: nan.nanmin,
    np.logical_or: any_,
    np.logical_and: all_,
}
"""For a ufunc, the function that its method `reduce` is; `reduce` itself takes axis 0 by default."""

ACCUMULATIONS: dict[Any, Any] = {
    np.add: cumsum,
    np.multiply: cumprod,
    np.maximum: cummax,
    np.minimum: cummin,
}
"""For a ufunc, the function that its method `accumulate` is, along axis 0 by default."""

TABLE: dict[Any, Any] = {
    **folds.TABLE,
    **cumulative.TABLE,
    **statistics.TABLE,
    **quantiles.TABLE,
    **covariance.TABLE,
    **nan.TABLE,
    **norms.TABLE,
    **ordering.TABLE,
    **comparing.TABLE,
}
