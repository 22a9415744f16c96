"""SciPy's special functions, a subject a file."""

from . import (
    bessel,
    circular,
    counts,
    densities,
    distributions,
    elementary,
    elliptic,
    erf,
    gamma,
    hypergeometric,
    integrals,
    inverses,
    kelvin,
    landau,
    nct,
    noncentral,
    orders,
    polynomials,
    quantiles,
    zetas,
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
    *counts.ALL,
    *zetas.ALL,
    *quantiles.ALL,
    *noncentral.ALL,
    *nct.ALL,
    *orders.ALL,
    *landau.ALL,
    *circular.ALL,
    *kelvin.ALL,
    *inverses.ALL,
)
"""Every primitive among them."""

INTEGRALS = (
    *(densities.gamma_density, densities.beta_density, densities.student_density),
    *(densities.gamma_moment, densities.beta_moment),
    *(noncentral.gamma_mixture, noncentral.beta_mixture, nct.nct_part, nct.nct_whole),
    *(orders.order_of_i, orders.order_of_k),
    *(landau.landau_part, landau.irwinhall, landau.distribution_value),
    *(zetas.zeta_log, circular.mises_moment, circular.mises_cdf, kelvin.kolmogorov_part),
    *(elliptic.carlson3, elliptic.carlson4, elliptic.elliptic_moment),
)
"""Those that SciPy has no name for: densities, and integrals that derivatives are made of."""

BEHIND = (
    *counts.BEHIND,
    *quantiles.BEHIND,
    *noncentral.BEHIND,
    *nct.BEHIND,
    *landau.BEHIND,
    *kelvin.BEHIND,
    zetas.riemann_zeta,
    zetas.zeta,
)
"""Those that SciPy has under their name with an underscore before it: its distributions call them."""
