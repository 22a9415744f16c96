"""`numpy.polynomial` on plain and traced arrays."""

from ...follow.namespace import mirror

__getattr__, __dir__ = mirror(
    __name__, "numpy.polynomial", ("chebyshev", "hermite", "hermite_e", "laguerre", "legendre", "polynomial")
)
