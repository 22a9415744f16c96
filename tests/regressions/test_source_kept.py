"""The text of a written Program is forgotten with its function: a long run does not grow by it."""

import gc
import linecache

import numpy as np

from adjoint.backends.source import written
from adjoint.core.avals import Aval
from adjoint.core.trace import stage
from adjoint.primitives.structure import add


def test_forgotten() -> None:
    """No entry more once the function is gone."""
    program = stage(lambda x: [add(x, x)], [Aval((3,), np.dtype(np.float64))], name="passing")
    function = written(program)
    file = function.__code__.co_filename
    assert file in linecache.cache
    del function
    gc.collect()
    assert file not in linecache.cache
