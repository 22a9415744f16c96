"""Kalman filters and their kin: filterpy, pykalman, ahrs; signals."""

from typing import Any

import numpy as np
import python_speech_features as speech
import similaritymeasures
import skfuzzy
from ahrs.common.orientation import acc2q, chiaverini, q2R
from ahrs.filters import FAMC, FLAE, SAAM, Tilt
from filterpy.common import Q_discrete_white_noise
from filterpy.gh import GHFilter
from filterpy.kalman import (
    CubatureKalmanFilter,
    KalmanFilter,
    MerweScaledSigmaPoints,
    unscented_transform,
)
from filterpy.leastsq import LeastSquaresFilter
from pykalman import standard

from .entry import Entry

ROTATION = np.array([[0.36, 0.48, -0.8], [-0.8, 0.6, 0.0], [0.48, 0.64, 0.6]])
ACC = np.array([[0.2, 0.1, 9.7], [0.4, -0.3, 9.6], [0.1, 0.5, 9.8], [0.3, 0.2, 9.5]])
MAG = np.array([[20.1, 1.2, 40.3], [19.7, 2.1, 41.2], [21.0, 0.7, 39.8], [20.4, 1.9, 40.9]])
MEASURED = np.array([1.0, 2.1, 2.9, 4.2])
WAVE = np.sin(np.arange(40.0) ** 1.3 / 5)
CURVE = np.stack([np.arange(5.0), np.sin(np.arange(5.0))], axis=1)
OTHER = np.stack([np.arange(4.0) * 1.3, np.cos(np.arange(4.0))], axis=1)


def tilt(acc: Any) -> Any:
    """Attitudes from gravity, sample by sample."""
    return Tilt(acc).Q


def famc(acc: Any, mag: Any) -> Any:
    """From gravity and the magnetic field, by an analytic solution."""
    return FAMC(acc=acc, mag=mag).Q


def saam(acc: Any, mag: Any) -> Any:
    """The same, in closed form."""
    return SAAM(acc=acc, mag=mag).Q


def flae(acc: Any, mag: Any) -> Any:
    """The same, by eigenvalues."""
    return FLAE(acc=acc, mag=mag).Q


def kalman(x: Any, measured: Any) -> Any:
    """Four steps of a Kalman filter whose noises are differentiated."""
    f = KalmanFilter(dim_x=2, dim_z=1)
    f.F = np.array([[1.0, 0.5], [0.0, 1.0]])
    f.H = np.array([[1.0, 0.0]])
    f.P = np.eye(2) * x[0]
    f.R = np.array([[x[1]]])
    f.Q = Q_discrete_white_noise(2, dt=0.5, var=x[2])
    for z in measured:
        f.predict()
        f.update(z)
    return f.x[:, 0]


def kalman_batch(x: Any, measured: Any) -> Any:
    """A whole series, and its last mean."""
    f = KalmanFilter(dim_x=2, dim_z=1)
    f.F = np.array([[1.0, 0.5], [0.0, 1.0]])
    f.H = np.array([[1.0, 0.0]])
    f.P = np.eye(2) * x[0]
    f.R = np.array([[x[1]]])
    return f.batch_filter(measured)[0][-1]


def gh(x: Any, measured: Any) -> Any:
    """A filter of position and speed."""
    f = GHFilter(x=x[0], dx=x[1], dt=0.5, g=x[2], h=x[3])
    return f.batch_filter(measured)


def least_squares(x: Any) -> Any:
    """A line fitted point by point."""
    f = LeastSquaresFilter(dt=0.5, order=1)
    for z in x:
        f.update(z)
    return f.x


def unscented(x: Any) -> Any:
    """Moments of sin(x), through sigma points."""
    points = MerweScaledSigmaPoints(2, alpha=0.5, beta=2.0, kappa=1.0)
    sigmas = points.sigma_points(x[:2], np.eye(2) * x[2] + 0.1)
    return unscented_transform(np.sin(sigmas), points.Wm, points.Wc)[1]


def cubature(x: Any, measured: Any) -> Any:
    """A nonlinear filter, its start and spread."""
    f = CubatureKalmanFilter(2, 1, 0.5, lambda s: s[:1], lambda s, dt: np.array([s[0] + dt * s[1], s[1]]))
    f.x = x[:2]
    f.P = np.eye(2) * x[2]
    for z in measured:
        f.predict()
        f.update(np.array([[z]]))
    return f.x


def corrected(x: Any) -> Any:
    """A prediction corrected by one observation: the mean, its covariance, two noises."""
    covariance = np.array([[x[2], x[3]], [x[3], x[2]]])
    return standard._filter_correct(
        np.array([[1.0, 0.5]]), np.array([[x[4]]]), np.zeros(1), x[:2], covariance, np.array([2.0])
    )[1]


ENTRIES = (
    Entry("ahrs.filters.Tilt", "attitudes from gravity", tilt, ACC, method=True),
    Entry("ahrs.filters.FAMC", "attitudes from two sensors", famc, ACC, (MAG,), method=True),
    Entry("ahrs.filters.SAAM", "attitudes in closed form", saam, ACC, (MAG,), method=True),
    Entry("ahrs.filters.FLAE", "attitudes by eigenvalues", flae, ACC, (MAG,), method=True),
    Entry(
        "ahrs.common.orientation.chiaverini", "quaternion from a rotation", lambda m: chiaverini(m), ROTATION
    ),
    Entry(
        "ahrs.common.orientation.q2R",
        "rotation from a quaternion",
        lambda q: q2R(q),
        ACC[0] @ np.ones((3, 4)) / 10 + np.arange(4.0),
    ),
    Entry("ahrs.common.orientation.acc2q", "attitude from gravity", lambda a: acc2q(a), ACC[0]),
    Entry(
        "filterpy.kalman.KalmanFilter",
        "Kalman filter, its noises",
        kalman,
        np.array([2.0, 0.4, 0.1]),
        (MEASURED,),
        method=True,
    ),
    Entry(
        "filterpy.kalman.KalmanFilter.batch_filter",
        "a whole series at once",
        kalman_batch,
        np.array([2.0, 0.4, 0.1]),
        (MEASURED,),
        method=True,
    ),
    Entry(
        "filterpy.gh.GHFilter.batch_filter",
        "filter of two gains",
        gh,
        np.array([1.0, 0.5, 0.3, 0.1]),
        (MEASURED,),
        method=True,
    ),
    Entry(
        "filterpy.leastsq.LeastSquaresFilter", "recursive least squares", least_squares, MEASURED, method=True
    ),
    Entry(
        "filterpy.kalman.unscented_transform",
        "moments through sigma points",
        unscented,
        np.array([0.3, 0.5, 1.2]),
    ),
    Entry(
        "filterpy.kalman.CubatureKalmanFilter",
        "nonlinear Kalman filter",
        cubature,
        np.array([0.3, 0.5, 1.2]),
        (MEASURED,),
        method=True,
    ),
    Entry(
        "pykalman.standard._filter_correct",
        "one step of a filter",
        corrected,
        np.array([0.5, 0.3, 1.5, 0.4, 0.2]),
    ),
    Entry(
        "python_speech_features.logfbank",
        "log energies of filters",
        lambda x: speech.logfbank(x, samplerate=40, winlen=0.5, winstep=0.25, nfilt=4, nfft=32),
        WAVE,
    ),
    Entry(
        "python_speech_features.delta",
        "slopes of features",
        lambda x: speech.delta(x.reshape(10, 4), 2),
        WAVE,
    ),
    Entry(
        "similaritymeasures.dtw",
        "dynamic time warping",
        lambda a, b: similaritymeasures.dtw(a, b)[0],
        CURVE,
        (OTHER,),
    ),
    Entry(
        "similaritymeasures.frechet_dist",
        "distance between two curves",
        lambda a, b: similaritymeasures.frechet_dist(a, b),
        CURVE,
        (OTHER,),
    ),
    Entry(
        "similaritymeasures.curve_length_measure",
        "curves compared by length",
        lambda a, b: similaritymeasures.curve_length_measure(a, b),
        CURVE + 0.3,
        (OTHER + 0.1,),
    ),
    Entry(
        "similaritymeasures.area_between_two_curves",
        "area between two curves",
        lambda a, b: similaritymeasures.area_between_two_curves(a, b),
        CURVE,
        (OTHER,),
    ),
    Entry(
        "skfuzzy.trimf",
        "triangular membership",
        lambda p, x: skfuzzy.trimf(x, [p[0], p[1], p[2]]),
        np.array([0.2, 1.7, 4.1]),
        (np.arange(6.0),),
    ),
    Entry(
        "skfuzzy.pimf",
        "smooth membership",
        lambda p, x: skfuzzy.pimf(x, p[0], p[1], p[2], p[3]),
        np.array([0.2, 1.7, 2.6, 4.1]),
        (np.arange(6.0),),
    ),
)
