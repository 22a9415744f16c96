"""What derivatives give out is plain, where the function made arrays that are waiting to be filled.

`np.ones(2)` in followed code can take up traced values. Results that came of one were such arrays still, in
`jvp`, `vjp`, `vmap` and `jacfwd`.
"""

import numpy as np
import pytest

import adjoint as ad

FUNCTIONS = {
    "full": lambda x: np.full(3, np.sum(x)),
    "product": lambda x: np.sum(x) * np.ones(2),
    "element": lambda x: (np.sum(x) * np.ones(2))[0],
    "filled": lambda x: np.array([np.sum(x), 1.0]),
}


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("x", [np.float64(2.0), np.array([1.0, 2.0])])
def test_results_are_plain(name, x):
    f = FUNCTIONS[name]
    value, tangent = ad.jvp(f, (x,), (x,))
    reverse, pull = ad.vjp(f, x)
    straight, push = ad.linearize(f, x)
    found = [
        *(value, tangent, reverse, straight, push(x)),
        *(pull(np.ones_like(value))[0], ad.vmap(f)(np.stack([x, x])), ad.trace(f)(x)(x)),
        *(ad.jacobian(f)(x), ad.jacfwd(f)(x), ad.jvp(ad.jacobian(f), (x,), (x,))[0]),
    ]
    assert {type(v) for v in found} <= {np.ndarray, np.float64}


def test_written_whole_into_an_argument():
    def copied(x):
        np.copyto(x, np.zeros(2))
        return x

    def doubled(x):
        return np.multiply(np.ones(2), 2.0, out=x)

    x = np.array([1.0, 2.0])
    for f in (copied, doubled):
        for got in (*ad.jvp(f, (x,), (x,)), ad.vjp(f, x)[0], ad.vmap(f)(x[None])):
            assert type(got) is np.ndarray
        np.testing.assert_array_equal(ad.jvp(f, (x,), (x,))[1], np.zeros(2))
