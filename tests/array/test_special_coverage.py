"""Every public function of scipy.special has a rule, is followed, or stands here with the reason."""

from types import ModuleType
from typing import Any

import numpy as np
import pytest
import scipy.special as sp

import adjoint
from adjoint.array.scipy.special import TABLE
from adjoint.array.special import rule_of

_EIGENVALUE = "an eigenvalue of a differential equation, or made of one: its slopes have no formula"
_SEARCHED = "SciPy finds it by searching in a count or a degree of freedom, with no slope in closed form"
_ZEROS = "zeros of a function, counted: no real argument"
_ROOTS = "nodes and weights of a quadrature, counted: their slopes in a family's parameters have no formula"
_SEQUENCE = "a sequence of orders from a kernel in C or Fortran: call the function of one order"
_COUNTED = "of whole numbers only"
_OWN_ORDER = "has derivatives of its own, diff_n=1 or 2: a compiled table of all orders, with no rule here"

LEFT_OUT: dict[str, str] = {
    **dict.fromkeys(("mathieu_a", "mathieu_b", "mathieu_cem", "mathieu_sem"), _EIGENVALUE),
    **dict.fromkeys(("mathieu_modcem1", "mathieu_modcem2", "mathieu_modsem1"), _EIGENVALUE),
    **dict.fromkeys(("mathieu_modsem2", "pro_cv", "obl_cv", "ellip_harm", "ellip_harm_2"), _EIGENVALUE),
    **{f"{kind}_{part}": _EIGENVALUE for kind in ("pro", "obl") for part in ("ang1", "rad1", "rad2")},
    **{f"{kind}_{part}_cv": _EIGENVALUE for kind in ("pro", "obl") for part in ("ang1", "rad1", "rad2")},
    **dict.fromkeys(("ellip_normal", "mathieu_even_coef", "mathieu_odd_coef"), _EIGENVALUE),
    **dict.fromkeys(("pro_cv_seq", "obl_cv_seq"), _EIGENVALUE),
    **dict.fromkeys(("bdtrik", "bdtrin", "nbdtrik", "nbdtrin", "fdtridfd"), _SEARCHED),
    **dict.fromkeys(("ncfdtridfd", "ncfdtridfn", "ncfdtrinc", "nctdtridf", "nctdtrinc"), _SEARCHED),
    **dict.fromkeys(("smirnov", "smirnovi"), "the exact sum for n samples: its slope is SciPy's own only"),
    "itairy": "SciPy's values are right to six digits only, so that its slope would contradict it",
    "besselpoly": "an integral whose slopes have no rule here: integrate jv yourself",
    "kelvin": "four complex results at once: use ber, bei, ker, kei and their derivatives",
    "modfresnelm": "complex results of a real number: use fresnel",
    "modfresnelp": "complex results of a real number: use fresnel",
    "pbwa": "SciPy's values are right in a small square only",
    **{name: _ZEROS for name in dir(sp) if name.endswith("_zeros")},
    **{name: _ROOTS for name in dir(sp) if name.startswith("roots_") or name.endswith("_roots")},
    **dict.fromkeys(("lqn", "lqmn", "riccati_jn", "riccati_yn", "lmbda"), _SEQUENCE),
    **dict.fromkeys(("pbdn_seq", "pbdv_seq", "pbvv_seq"), _SEQUENCE),
    **dict.fromkeys(("bernoulli", "euler", "stirling2", "factorialk", "factorial2"), _COUNTED),
    **dict.fromkeys(("legendre_p", "assoc_legendre_p", "sph_legendre_p", "sph_harm_y"), _OWN_ORDER),
    **{
        f"{name}_all": _OWN_ORDER
        for name in ("legendre_p", "assoc_legendre_p", "sph_legendre_p", "sph_harm_y")
    },
    **dict.fromkeys(("geterr", "seterr", "errstate", "test"), "no function of numbers"),
}

_POLYNOMIALS = ("legendre", "laguerre", "hermite", "hermitenorm", "chebyt", "chebyu", "chebyc", "chebys")
FOLLOWED: dict[str, Any] = {
    **{name: lambda x, name=name: getattr(sp, name)(1, x) for name in ("jvp", "yvp", "ivp", "kvp")},
    **{name: lambda x, name=name: np.real(getattr(sp, name)(1, x)) for name in ("h1vp", "h2vp")},
    **{name: lambda x, name=name: getattr(sp, name)(3)(x) for name in _POLYNOMIALS},
    **{f"sh_{name}": lambda x, name=name: getattr(sp, f"sh_{name}")(3)(x) for name in ("legendre", "chebyt")},
    "sh_chebyu": lambda x: sp.sh_chebyu(3)(x),
    "jacobi": lambda x: sp.jacobi(3, 0.5, 0.3)(x),
    "sh_jacobi": lambda x: sp.sh_jacobi(3, 1.5, 0.8)(x),
    "gegenbauer": lambda x: sp.gegenbauer(3, 0.7)(x),
    "genlaguerre": lambda x: sp.genlaguerre(3, 0.7)(x),
    "assoc_laguerre": lambda x: sp.assoc_laguerre(x, 3, 1),
    "lambertw": lambda x: np.real(sp.lambertw(x)),
    "diric": lambda x: sp.diric(x, 5),
    "sinc": sp.sinc,
    "softplus": sp.softplus,
    "zeta": sp.zeta,
}
"""Python functions of SciPy's, that are followed."""


def public() -> list[str]:
    kinds = (ModuleType, type)
    return [n for n in dir(sp) if not n.startswith("_") and not isinstance(getattr(sp, n), kinds)]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_every_function_is_accounted_for() -> None:
    for name in public():
        function = getattr(sp, name)
        known = isinstance(function, np.ufunc) and rule_of(function) is not None
        known = known or f"scipy.special.{name}" in TABLE or name in FOLLOWED
        assert known != (name in LEFT_OUT), name


@pytest.mark.parametrize("name", FOLLOWED)
def test_followed(name: str) -> None:
    function, x, h = FOLLOWED[name], 1.3, 1e-4
    steps = [float(function(x + k * h)) for k in (-2, -1, 1, 2)]
    want = (steps[0] - 8 * steps[1] + 8 * steps[2] - steps[3]) / (12 * h)
    value, slope = adjoint.value_and_grad(function)(x)
    np.testing.assert_allclose(value, function(x), rtol=1e-12)
    np.testing.assert_allclose(slope, want, rtol=1e-7, atol=1e-9)
    np.testing.assert_allclose(adjoint.jvp(function, (x,), (1.0,))[1], slope, rtol=1e-12)


def test_logsumexp_of_complex_numbers() -> None:
    z = np.array([[0.3 + 1.0j, -2.0 + 0.5j], [5.0 - 1.0j, 4.0 + 2.0j]])
    value, pull = adjoint.vjp(lambda z: sp.logsumexp(z, axis=1), z)
    np.testing.assert_allclose(value, sp.logsumexp(z, axis=1), rtol=1e-14)
    np.testing.assert_allclose(pull(np.ones(2, complex))[0], sp.softmax(z, axis=1), rtol=1e-13)
