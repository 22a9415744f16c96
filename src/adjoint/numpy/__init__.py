"""NumPy's namespace on plain and traced arrays: `import adjoint.numpy as np`.

Every public name of NumPy is here. On plain arrays each function is NumPy's; on traced ones it has its
derivative, also where NumPy's protocols do not reach and no function is followed: `np.array([x, y])`,
`out = np.zeros(n); out[i] = x`, `np.full(3, x)`, `np.vectorize(f)(x)`. Dtypes, constants and random
numbers are NumPy's own. It is what `x.__array_namespace__()` of a traced array gives.

>>> import adjoint.numpy as anp
>>> x = adjoint.tensor(3.0, requires_grad=True)
>>> anp.array([x, 2.0 * x]).sum().backward()
>>> x.grad
tensor(3.)
"""

from ..follow.namespace import mirror

__getattr__, __dir__ = mirror(
    __name__, "numpy", ("emath", "fft", "lib", "linalg", "polynomial", "random"), extensions=("special",)
)
