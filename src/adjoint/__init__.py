"""Exact derivatives of plain NumPy code: a derivative is a program.

>>> adjoint.grad(lambda x: x * np.sin(x))(0.0)
0.0
"""

from collections.abc import Callable as _Callable
from types import ModuleType as _ModuleType
from typing import Any as _Any

from . import errors
from .api.compile import trace
from .api.custom import custom_jvp, custom_vjp
from .api.derivatives import grad, hvp, jvp, linearize, value_and_grad, vjp
from .api.duals import dual, stop_gradient
from .api.gradmode import no_grad
from .api.jacobians import hessian, jacfwd, jacobian, jacrev
from .api.tape import Tensor, tensor
from .api.vectorize import vmap
from .lazy import late_names as _late_names

__version__ = "0.1.0"

nn: _ModuleType
optim: _ModuleType
data: _ModuleType
linalg: _ModuleType
diagnose: _ModuleType
random: _ModuleType
numpy: _ModuleType
scipy: _ModuleType
check_grads: _Callable[..., _Any]
cond: _Callable[..., _Any]
switch: _Callable[..., _Any]
while_loop: _Callable[..., _Any]
fori_loop: _Callable[..., _Any]
scan: _Callable[..., _Any]
associative_scan: _Callable[..., _Any]
map: _Callable[..., _Any]
checkpoint: _Callable[..., _Any]
checkpoint_name: _Callable[..., _Any]
debug: _Callable[..., _Any]
jit: _Callable[..., _Any]
source: _Callable[..., str]

__getattr__ = _late_names(
    __name__,
    {
        "nn": "nn",
        "optim": "optim",
        "data": "data",
        "linalg": "linalg",
        "diagnose": "diagnose",
        "random": "random",
        "numpy": "numpy",
        "scipy": "scipy",
        "check_grads": "diagnose.check",
        "debug": "api.debugging",
        "jit": "api.jit",
        "source": "api.writing",
        "cond": "api.control",
        "switch": "api.control",
        "while_loop": "api.control",
        "fori_loop": "api.control",
        "scan": "api.control",
        "associative_scan": "api.control",
        "map": "api.control",
        "checkpoint": "api.checkpointing",
        "checkpoint_name": "api.checkpointing",
    },
)

__all__ = [
    "grad",
    "value_and_grad",
    "jvp",
    "vjp",
    "linearize",
    "jacfwd",
    "jacrev",
    "jacobian",
    "hessian",
    "hvp",
    "vmap",
    "stop_gradient",
    "custom_jvp",
    "custom_vjp",
    "trace",
    "jit",
    "source",
    "dual",
    "tensor",
    "Tensor",
    "no_grad",
    "debug",
    "cond",
    "switch",
    "while_loop",
    "fori_loop",
    "scan",
    "associative_scan",
    "map",
    "checkpoint",
    "checkpoint_name",
    "check_grads",
    "nn",
    "optim",
    "data",
    "linalg",
    "diagnose",
    "random",
    "numpy",
    "scipy",
    "errors",
]
