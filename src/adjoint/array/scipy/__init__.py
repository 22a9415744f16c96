"""SciPy's functions on traced arrays, a subject a file. `RULES` maps the name of each to ours.

They make plain arrays of their arguments, so that NumPy's protocols do not reach them: who follows a function
finds them by name, and imports them when a function of SciPy's is first called.
"""

from collections.abc import Callable
from typing import Any

from . import (
    distance,
    fft,
    filters,
    integrate,
    interpolate,
    linalg,
    methods,
    ndimage,
    radial,
    resampling,
    samples,
    signal,
    special,
    stats,
)

RULES: dict[str, Callable[..., Any]] = {
    **special.TABLE,
    **stats.TABLE,
    **methods.TABLE,
    **samples.TABLE,
    **linalg.TABLE,
    **signal.TABLE,
    **filters.TABLE,
    **fft.TABLE,
    **ndimage.TABLE,
    **resampling.TABLE,
    **interpolate.TABLE,
    **radial.TABLE,
    **integrate.TABLE,
    **distance.TABLE,
}
