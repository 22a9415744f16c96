"""SciPy's special functions, a subject a file."""

from . import (
    bessel,
    densities,
    distributions,
    elementary,
    elliptic,
    erf,
    gamma,
    hypergeometric,
    integrals,
    polynomials,
)

ALL = (
    *gamma.ALL,
    *erf.ALL,
    *elementary.ALL,
    *densities.ALL,
    *distributions.ALL,
    *elliptic.ALL,
    *bessel.ALL,
    *integrals.ALL,
    *hypergeometric.ALL,
    *polynomials.ALL,
)
"""Every primitive among them."""

INTEGRALS = (
    *(densities.gamma_density, densities.beta_density, densities.student_density),
    *(densities.gamma_moment, densities.beta_moment),
    *(elliptic.carlson3, elliptic.carlson4, elliptic.elliptic_moment),
)
"""Those that SciPy has no name for: densities, and integrals that derivatives are made of."""
