"""scipy.spatial.distance: between all pairs and single points, with zero slope where points coincide."""

from typing import Any

import numpy as np
import pytest
import scipy.spatial.distance as sd

import adjoint
from adjoint.errors import DerivativeError

from .agreeing import agrees, draw

METRICS = ("euclidean", "sqeuclidean", "cityblock", "chebyshev", "canberra", "braycurtis", "cosine",
           "correlation", "seuclidean", "mahalanobis", "minkowski")  # fmt: skip


@pytest.mark.parametrize("metric", METRICS)
def test_all_pairs(metric: str) -> None:
    a, b, c = draw(5, 4), draw(4, 4, seed=1), draw(7, 5)
    agrees(
        lambda x, y: sd.cdist(a + 0.02 * x, b + 0.02 * y, metric),
        draw(5, 4, seed=2), draw(4, 4, seed=3), second=metric == "euclidean",
    )  # fmt: skip
    agrees(lambda x: sd.pdist(c + 0.02 * x, metric), draw(7, 5, seed=2))


def test_options() -> None:
    x, y, w = draw(3, 4), draw(2, 4, seed=1), np.array([1.0, 0.5, 2.0, 0.3])
    agrees(lambda x, y: sd.cdist(x, y, "minkowski", p=3), x, y)
    agrees(lambda x, y, w: sd.cdist(x, y, "minkowski", p=3, w=w), x, y, w, batch=False)
    agrees(lambda x, y: sd.cdist(x, y, "cosine"), x, y)
    agrees(lambda x, v: sd.pdist(x, "seuclidean", V=v), x, w, batch=False)
    agrees(lambda x: sd.pdist(x, "mahalanobis", VI=np.diag(w)), x)
    agrees(lambda x: sd.pdist(x, "js"), np.abs(x), batch=False)
    agrees(
        lambda x, k: sd.pdist(x, lambda u, v: k * np.sum(np.abs(u - v) ** 1.5)),
        x,
        np.float64(2.0),
        batch=False,
    )
    agrees(lambda x, k: sd.cdist(x, x[:2], lambda u, v: k * np.sum(u * v)), x, np.float64(2.0), batch=False)
    with pytest.raises(DerivativeError, match="metric"):
        adjoint.grad(lambda x: np.sum(sd.pdist(x, "yule")))(x)


SINGLE = ("euclidean", "sqeuclidean", "cityblock", "chebyshev", "canberra", "braycurtis", "cosine",
          "correlation", "minkowski", "jensenshannon")  # fmt: skip


@pytest.mark.parametrize("name", SINGLE)
def test_two_points(name: str) -> None:
    u, v = np.abs(draw(4)), np.abs(draw(4, seed=1))
    agrees(getattr(sd, name), u, v, batch=False, stage=False)


def test_given_scales() -> None:
    u, v, s = draw(3), draw(3, seed=1), np.array([1.0, 2.0, 0.5])
    agrees(sd.seuclidean, u, v, s, batch=False, stage=False)
    agrees(lambda u, v, m: sd.mahalanobis(u, v, np.diag(m)), u, v, s, batch=False, stage=False)
    agrees(lambda u, v, p: sd.minkowski(u, v, p), u, v, np.float64(2.5), batch=False, stage=False)


def test_squareform() -> None:
    agrees(sd.squareform, draw(6))
    agrees(lambda v: sd.squareform(sd.squareform(v)), draw(6))


def test_points_that_coincide() -> None:
    x = np.array([[1.0, 2.0], [1.0, 2.0], [0.0, 0.0]])

    def total(x: Any) -> Any:
        return np.sum(sd.pdist(x))

    slope = adjoint.grad(total)(x)
    away = x[0] / np.linalg.norm(x[0])
    np.testing.assert_allclose(slope, [away, away, -2 * away])
