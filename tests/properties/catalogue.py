"""All templates of expressions, by family and by the name of the function that they draw; what holds of
some.
"""

from .catalogue_arrays import (
    CREATION,
    INDEXING,
    JOINING,
    MORE_REDUCTIONS,
    ORDER,
    POLYNOMIALS,
    REDUCTIONS,
    SELECTING,
    SERIES,
    SETS,
    SHAPES,
)
from .catalogue_elementwise import (
    METHODS,
    OPERATORS,
    SPECIAL_FUNCTIONS,
    SPECIAL_TEMPLATES,
    UFUNC_TEMPLATES,
)
from .catalogue_linear import FOURIER, LINALG, PRODUCTS
from .writer import Template, by_following, by_value, casts, once, rounded

VALUE_DEPENDENT = {
    # positions, branches and answers of yes or no that only values give
    *("nonzero", "flatnonzero", "argwhere", "lexsort", "piecewise", "interp", "place", "trim_zeros"),
    *("isclose", "allclose", "array_equal", "array_equiv", "real_if_close", "extract", "eig", "eigvals"),
    *("roots", "polydiv", "polymul", "poly", *SETS),
}

FOLLOWED = {
    # Python functions of SciPy's, and of NumPy's without the protocol
    *("softmax", "log_softmax", "logsumexp", "polygamma", "multigammaln", "factorial", "comb", "perm"),
    *("zeta", "spherical_jn", "spherical_yn", "spherical_in", "spherical_kn", "lambertw", "trim_zeros"),
}

ROUNDED_FAMILIES = {"linalg", "products", "fourier", "special", "polynomials"}
"""LAPACK and BLAS see other layouts and batches; SciPy's functions are sometimes NumPy's (log1p), or
composed.
"""

ROUNDED = {
    # sums in another order than NumPy's, BLAS in another layout, and interpolation by another formula
    *("corrcoef", "cov", "convolve", "correlate", "linspace", "geomspace", "polyval"),
    *("quantile", "percentile", "nanquantile", "nanpercentile", "median", "nanmedian"),
}

CASTS = {"can_cast", "polydiv"}
"""They ask for a dtype, or for what is zero to double precision: there the answer is another."""


ONCE = {"svd", "svdvals", "cond", "pinv", "norm", "matrix_norm", "corrcoef"}
"""Of matrices of any rank: at a singular value that is zero (or a row without variance) there is a kink in
general, and the second derivative is NaN; the first is the conventional one.
"""


def marked(family: str, name: str, template: Template) -> Template:
    """The template with what holds of its function."""
    if name in VALUE_DEPENDENT:
        template = by_value(template)
    if name in FOLLOWED:
        template = by_following(template)
    if name in ROUNDED or family in ROUNDED_FAMILIES:
        template = rounded(template)
    if name in ONCE:
        template = once(template)
    if name in CASTS:
        template = casts(template)
    return template


NAMED: dict[str, dict[str, Template]] = {
    "ufuncs": UFUNC_TEMPLATES,
    "special": {**SPECIAL_TEMPLATES, **SPECIAL_FUNCTIONS},
    "reductions": REDUCTIONS,
    "order": ORDER,
    "shapes": SHAPES,
    "joining": JOINING,
    "selecting": SELECTING,
    "series": SERIES,
    "polynomials": POLYNOMIALS,
    "sets": SETS,
    "creation": CREATION,
    "products": PRODUCTS,
    "linalg": LINALG,
    "fourier": FOURIER,
}

FAMILIES: dict[str, list[Template]] = {
    family: [marked(family, name, template) for name, template in named.items()]
    for family, named in NAMED.items()
}
FAMILIES["operators"] = OPERATORS
FAMILIES["indexing"] = INDEXING
FAMILIES["ufuncs"] += METHODS
FAMILIES["reductions"] += MORE_REDUCTIONS
