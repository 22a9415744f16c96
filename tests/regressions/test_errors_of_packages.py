"""What a package makes of an error of ours: the error is ours, with the line and the way out."""

from typing import Any

import numpy as np
import pytest
from scipy import optimize

import adjoint as ad
from adjoint.errors import TraceError


@pytest.mark.parametrize(
    "solve",
    [
        lambda a: optimize.minimize(lambda x: np.sum((x - a) ** 2), np.zeros(2)).x.sum(),
        lambda a: optimize.fsolve(lambda x: x**2 - a, np.ones(1)).sum(),
        lambda a: optimize.curve_fit(lambda t, b: b * t, np.arange(5.0), a * np.arange(5.0))[0].sum(),
        lambda a: optimize.linprog(np.ones(2) * a, bounds=[(1, 2), (1, 2)]).fun,
    ],
    ids=["minimize", "fsolve", "curve_fit", "linprog"],
)
@pytest.mark.filterwarnings("ignore")
def test_solvers_in_c(solve: Any, capfd: Any) -> None:
    with pytest.raises(TraceError, match=r"traced float64.* at "):
        ad.grad(solve)(2.0)
    capfd.readouterr()


def test_what_the_user_raises_is_theirs() -> None:
    def loss(x: Any) -> Any:
        try:
            return np.array([x])[0] + int(np.asarray(x).tobytes()[0])
        except TraceError as error:
            raise RuntimeError("mine") from error

    with pytest.raises(RuntimeError, match="mine"):
        ad.grad(loss)(2.0)
