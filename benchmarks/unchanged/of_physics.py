"""Light, water, pipes, colours, money; and packages that evaluate text."""

from typing import Any

import cma
import colour
import fluids
import lmfit
import numpy as np
import numpy_financial
import ot
import pvlib
import simpleeval
import tmm
from asteval import Interpreter
from emcee import autocorr
from iapws import _iapws, iapws97

from .entry import Entry

X4 = np.array([0.5, 0.2, 0.9, 1.3])
WATER = np.array([998.0, 298.15])
DIODE = np.array([0.5, 6.0, 1e-1, 0.3, 250.0, 1.5])
LAYERS = np.array([1.0, 2.2, 1.45, 1.0])
RGB = np.array([0.4, 0.25, 0.7])


def film(x: Any) -> Any:
    """The reflectance of two layers: their thicknesses and the wavelength."""
    return tmm.coh_tmm("s", [1.0, 2.2, 1.45, 1.0], [np.inf, x[0], x[1], np.inf], 0.3, x[2])["R"]


def profile(x: Any, t: Any) -> Any:
    """A model evaluated with traced parameters."""
    return lmfit.models.GaussianModel().eval(x=t, amplitude=x[0], center=x[1], sigma=x[2])


def text(x: Any) -> Any:
    """A formula in text."""
    return simpleeval.simple_eval(
        "a * sin(b) ** 2 + c / a", names={"a": x[0], "b": x[1], "c": x[2]}, functions={"sin": np.sin}
    )


def script(x: Any) -> Any:
    """A program in text, with a loop."""
    run = Interpreter()
    run.symtable["x"] = x
    return run("sum([exp(-v) * v for v in x]) / sqrt(x[0])")


ENTRIES = (
    Entry("tmm.coh_tmm", "reflectance of thin films", film, np.array([80.0, 110.0, 550.0])),
    Entry("iapws._iapws._Viscosity", "viscosity of water", lambda x: _iapws._Viscosity(x[0], x[1]), WATER),
    Entry("iapws._iapws._ThCond", "conductivity of water", lambda x: _iapws._ThCond(x[0], x[1]), WATER),
    Entry(
        "iapws._iapws._Dielectric",
        "dielectric constant of water",
        lambda x: _iapws._Dielectric(x[0], x[1]),
        WATER,
    ),
    Entry(
        "iapws.iapws97._Region1",
        "entropy of water",
        lambda x: iapws97._Region1(x[0], x[1])["s"],
        np.array([300.0, 3.0]),
    ),
    Entry(
        "fluids.friction.Serghides_1",
        "friction in a pipe",
        lambda x: fluids.friction.Serghides_1(x[0], x[1]),
        np.array([1e5, 1e-4]),
    ),
    Entry(
        "fluids.friction.Clamond",
        "friction, by iteration",
        lambda x: fluids.friction.Clamond(x[0], x[1]),
        np.array([1e5, 1e-4]),
    ),
    Entry(
        "fluids.fittings.bend_rounded",
        "losses in a bend",
        lambda x: fluids.fittings.bend_rounded(Di=x[0], angle=x[1], fd=x[2], rc=x[3]),
        np.array([4.02, 60.0, 0.0163, 21.0]),
    ),
    Entry(
        "pvlib.singlediode.bishop88",
        "current of a solar cell",
        lambda x: pvlib.singlediode.bishop88(x[0], x[1], x[2], x[3], x[4], x[5])[0],
        DIODE,
    ),
    Entry(
        "pvlib.iam.physical",
        "light through glass",
        lambda x: pvlib.iam.physical(x[0], n=x[1], K=x[2], L=x[3]),
        np.array([40.0, 1.5, 4.0, 0.002]),
    ),
    Entry(
        "pvlib.irradiance.haydavies",
        "light from the sky",
        lambda x: pvlib.irradiance.haydavies(x[0], 180.0, x[1], x[2], 1300.0, x[3], 170.0),
        np.array([30.0, 100.0, 700.0, 40.0]),
    ),
    Entry(
        "pvlib.spa.solar_position_numpy",
        "the height of the sun",
        lambda x: pvlib.spa.solar_position_numpy(
            np.array([1.6e9]), x[0], x[1], 100.0, 1000.0, x[2], 67.0, 0.56, 1
        )[3],
        np.array([40.0, -3.0, 12.0]),
    ),
    Entry("colour.XYZ_to_Lab", "a colour in Lab", lambda x: colour.XYZ_to_Lab(x), RGB),
    Entry(
        "colour.difference.delta_E_CIE2000",
        "difference between two colours",
        lambda a, b: colour.difference.delta_E_CIE2000(a, b),
        100 * RGB,
        (60 * RGB[::-1],),
    ),
    Entry(
        "colour.models.XYZ_to_CAM16UCS", "a colour as seen", lambda x: colour.models.XYZ_to_CAM16UCS(x), RGB
    ),
    Entry("numpy_financial.npv", "value of payments", lambda x: numpy_financial.npv(x[0] / 10, x[1:]), X4),
    Entry(
        "numpy_financial.ipmt",
        "interest of a loan",
        lambda x: numpy_financial.ipmt(x[0] / 100, np.arange(1, 5), 24, 1000 * x[1]),
        X4,
    ),
    Entry(
        "numpy_financial.rate",
        "rate of a loan",
        lambda x: numpy_financial.rate(10, -100 * x[3], 1000 * x[2], 0.0),
        X4,
    ),
    Entry("cma.ff.rosen", "a test function", lambda x: cma.ff.rosen(x), X4),
    Entry("cma.ff.elli", "an ellipsoid", lambda x: cma.ff.elli(x), X4),
    Entry("cma.ff.griewank", "a bumpy bowl", lambda x: cma.ff.griewank(x), X4),
    Entry("cma.ff.levy", "Levy's bumpy bowl", lambda x: cma.ff.levy(x), X4),
    Entry(
        "lmfit.lineshapes.expgaussian",
        "a skewed line",
        lambda x: lmfit.lineshapes.expgaussian(np.arange(5.0), x[0], x[1], x[2], x[3]),
        X4,
    ),
    Entry(
        "lmfit.lineshapes.pvoigt",
        "a line profile",
        lambda x: lmfit.lineshapes.pvoigt(np.arange(5.0), x[0], x[1], x[2], x[3]),
        X4,
    ),
    Entry(
        "lmfit.models.GaussianModel.eval", "a fitted model", profile, X4[:3], (np.arange(5.0),), method=True
    ),
    Entry(
        "ot.sinkhorn2",
        "cost of transport",
        lambda c, a: ot.sinkhorn2(a, a, c, 0.5, numItermax=50, warn=False),
        np.abs(np.sin(np.arange(9.0))).reshape(3, 3),
        (np.full(3, 1 / 3),),
    ),
    Entry("simpleeval.simple_eval", "a formula in text", text, X4),
    Entry("asteval.Interpreter", "a program in text", script, X4, method=True),
    Entry(
        "emcee.autocorr.function_1d",
        "autocorrelation by Fourier",
        lambda x: autocorr.function_1d(x),
        np.sin(np.arange(8.0) ** 1.5),
    ),
)
