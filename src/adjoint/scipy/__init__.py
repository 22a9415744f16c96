"""SciPy's namespace on plain and traced arrays: `from adjoint.scipy import stats`.

On plain arrays each function is SciPy's; traced ones are differentiated, by a rule where SciPy computes in
C, else by following its Python code.

>>> import adjoint.scipy.special
>>> adjoint.grad(adjoint.scipy.special.gammaln)(2.0)
0.42278433509846713
"""

from ..follow.namespace import mirror

__getattr__, __dir__ = mirror(
    __name__,
    "scipy",
    (
        *("cluster", "constants", "differentiate", "fft", "fftpack", "integrate", "interpolate"),
        *("linalg", "ndimage", "optimize", "signal", "sparse", "spatial", "special", "stats"),
    ),
)
