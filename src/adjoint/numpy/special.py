"""Special functions for traced arrays, where SciPy looks for them: the array API's `special` extension.

`scipy.special.erf(x)` under SciPy's array API switch asks the namespace of `x` for `special.erf`. In your own
code write `scipy.special` or `adjoint.scipy.special`.
"""

from ..follow.namespace import mirror

__getattr__, __dir__ = mirror(__name__, "scipy.special._ufuncs")
