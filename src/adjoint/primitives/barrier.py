"""The barrier: `stop_gradient` hands a value on and no derivative, in any mode and at any order."""

from typing import Any

import numpy as np

from ..core.domain import ANY, Draw, Sample, Samples
from ..core.primitive import NOT_LINEAR, Primitive, Zero
from .structure import each
from .typerules import same_type


def _copy(x: Any) -> Any:
    """The value in memory of its own: what is written into the original later does not show here."""
    return x.copy("K") if isinstance(x, np.ndarray) else x


def _samples(draw: Draw) -> list[Sample]:
    return [Sample((draw.array(2, 3),), {}), Sample((draw.array(),), {})]


stop_gradient = Primitive(
    name="stop_gradient",
    type=same_type("stop_gradient"),
    evaluate=_copy,
    jvp=(Zero("stop_gradient takes its operand as constant"),),
    transpose=(NOT_LINEAR,),
    batch=each,
    source="np.copy({0})[()]",
    domain=Samples(_samples, ANY),
    elementwise=True,
)

ALL = (stop_gradient,)
