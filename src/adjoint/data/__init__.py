"""Data for training: the digits that come with the package, minibatches, and files of weights.

Read `digits` first (a data set), then `batches` (how an epoch walks through it), `safetensors` (how weights
are kept) and `files` (how any file is written, so that none is ever left half-written).
"""

from .batches import batches as batches
from .batches import check_finite as check_finite
from .digits import Digits as Digits
from .digits import load_digits as load_digits
from .safetensors import load_safetensors as load_safetensors
from .safetensors import save_safetensors as save_safetensors

__all__ = ["Digits", "batches", "check_finite", "load_digits", "load_safetensors", "save_safetensors"]
