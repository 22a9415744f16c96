"""Optimizers: pairs of functions `(init, update)` that turn gradients into steps.

    optimizer = optim.adam(1e-3)
    state = optimizer.init(params)
    step, state = optimizer.update(gradient, state, params)
    params = optim.apply_updates(params, step)

Nothing is changed in place: `update` gives a step and a new state, both trees of arrays. Read
`transformations` first (what an optimizer is, chaining, clipping), then `optimizers`.
"""

from .optimizers import AdamState as AdamState
from .optimizers import MomentumState as MomentumState
from .optimizers import SGDState as SGDState
from .optimizers import adam as adam
from .optimizers import adamw as adamw
from .optimizers import momentum as momentum
from .optimizers import nesterov as nesterov
from .optimizers import sgd as sgd
from .transformations import ClipState as ClipState
from .transformations import GradientTransformation as GradientTransformation
from .transformations import apply_updates as apply_updates
from .transformations import chain as chain
from .transformations import clip_by_global_norm as clip_by_global_norm
from .transformations import clip_by_value as clip_by_value
from .transformations import global_norm as global_norm

__all__ = [
    "GradientTransformation",
    "sgd",
    "momentum",
    "nesterov",
    "adam",
    "adamw",
    "clip_by_global_norm",
    "clip_by_value",
    "global_norm",
    "chain",
    "apply_updates",
    "SGDState",
    "MomentumState",
    "AdamState",
    "ClipState",
]
