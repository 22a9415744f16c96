"""Results are the caller's to write into: what a pullback or a Program keeps does not change with them."""

import numpy as np

import adjoint as ad

X = np.array([1.0, 2.0])


def test_pullback() -> None:
    """The value and what comes beside it are copies of what the pullback saved."""
    value, pullback = ad.vjp(np.exp, X)
    value[:] = 0.0
    np.testing.assert_array_equal(pullback(np.ones(2))[0], np.exp(X))

    def both(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        y = np.exp(x)
        return np.sin(y), y

    _, pullback, aux = ad.vjp(both, X, has_aux=True)
    aux[:] = 0.0
    np.testing.assert_allclose(pullback(np.ones(2))[0], np.cos(np.exp(X)) * np.exp(X))


def test_program() -> None:
    """A constant output is new in each call."""
    program = ad.trace(lambda x: (x, np.ones(2)))(X)
    program(X)[1][:] = 9.0
    np.testing.assert_array_equal(program(X)[1], [1.0, 1.0])


def test_captured_through_a_read_only_view() -> None:
    """A constant is kept as it was where NumPy's way to it is a read-only view, as in `kron`."""
    constant = np.array([2.0, 3.0])

    def f(x: np.ndarray) -> np.ndarray:
        frozen = np.broadcast_to(constant, (2,))
        y = np.kron(x, constant) + np.sum(x * frozen)
        constant[:] = 100.0
        return y

    _, pushed = ad.linearize(f, X)
    np.testing.assert_array_equal(pushed(np.array([1.0, 0.0])), [4.0, 5.0, 2.0, 2.0])
