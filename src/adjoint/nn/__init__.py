"""Networks: layers that are trees of arrays, functions, losses, initialisers.

Read `modules` first (what a layer is), then `functions`, `losses`, `initializers`. A layer is
applied by calling it, `layer(x)`; its parameters are its leaves, so that `grad` of a loss of a layer
is a layer of gradients, which `optim` takes a step along. Rows are examples: `Y = X W + b`.
"""

from .functions import leaky_relu as leaky_relu
from .functions import log_softmax as log_softmax
from .functions import logsumexp as logsumexp
from .functions import relu as relu
from .functions import sigmoid as sigmoid
from .functions import softmax as softmax
from .initializers import he_normal as he_normal
from .initializers import he_uniform as he_uniform
from .initializers import lecun_normal as lecun_normal
from .initializers import lecun_uniform as lecun_uniform
from .initializers import xavier_normal as xavier_normal
from .initializers import xavier_uniform as xavier_uniform
from .initializers import zeros as zeros
from .losses import l1_penalty as l1_penalty
from .losses import l2_penalty as l2_penalty
from .losses import mse as mse
from .losses import softmax_cross_entropy as softmax_cross_entropy
from .modules import LeakyReLU as LeakyReLU
from .modules import Linear as Linear
from .modules import Module as Module
from .modules import ReLU as ReLU
from .modules import Sequential as Sequential
from .modules import Sigmoid as Sigmoid
from .modules import Softmax as Softmax
from .modules import Tanh as Tanh

__all__ = [
    "Module",
    "Linear",
    "ReLU",
    "LeakyReLU",
    "Sigmoid",
    "Tanh",
    "Softmax",
    "Sequential",
    "relu",
    "leaky_relu",
    "sigmoid",
    "softmax",
    "log_softmax",
    "logsumexp",
    "mse",
    "softmax_cross_entropy",
    "l2_penalty",
    "l1_penalty",
    "he_normal",
    "he_uniform",
    "xavier_normal",
    "xavier_uniform",
    "lecun_normal",
    "lecun_uniform",
    "zeros",
]
