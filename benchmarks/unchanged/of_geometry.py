"""Rotations, poses, the Earth and the sky."""

from typing import Any

import numpy as np
from astropy.modeling import models
from astropy.stats import biweight, circstats
from astropy.timeseries.periodograms.lombscargle.implementations import chi2_impl, slow_impl
from galpy.potential import LogarithmicHaloPotential, MiyamotoNagaiPotential
from geographiclib.geodesic import Geodesic
from pyquaternion import Quaternion
from pytransform3d import rotations, transformations
from sgp4.ext import rv2coe
from spatialmath import SE3
from transforms3d import affines, axangles, euler, quaternions, shears, taitbryan

from .entry import Entry

ANGLES = np.array([0.3, -0.5, 1.1])
POSE = np.array([0.3, -0.5, 1.1, 0.4, 0.2, -0.7])
TIMES = np.array([0.0, 0.7, 1.1, 2.4, 3.9, 4.2])
FLUXES = np.array([1.0, 1.4, 0.8, 0.3, 1.2, 1.6])
QUATERNION = np.array([0.8, 0.3, -0.2, 0.4])


def compose(x: Any) -> Any:
    """Translation, rotation by Euler angles, zooms."""
    return affines.compose(x[:3], euler.euler2mat(x[3], x[4], x[5]), np.array([1.0, 2.0, 3.0]))


def rotated(x: Any) -> Any:
    """A vector turned about an axis."""
    q = Quaternion(axis=x[:3], angle=x[3])
    return q.rotate(np.array([1.0, 2.0, 3.0]))


def product(x: Any) -> Any:
    """Operators of quaternions."""
    a, b = Quaternion(x[0], x[1], x[2], x[3]), Quaternion(0.5, 0.1, -0.3, 0.2)
    return (a * b + b.inverse).elements


def arm(x: Any) -> Any:
    """An arm of two joints and a slide."""
    pose = SE3.Rx(x[0]) * SE3.Tz(0.5) * SE3.Ry(x[1]) * SE3.Tx(x[2])
    return pose.A


def gaussian(x: Any, times: Any) -> Any:
    """A model made with traced parameters."""
    return models.Gaussian1D(amplitude=x[0], mean=x[1], stddev=x[2])(times)


def orbit(x: Any) -> Any:
    """Elements of the orbit through a state."""
    return np.array(rv2coe(list(x[:3]), list(x[3:]), 398600.4418)[1:6])


ENTRIES = (
    Entry(
        "transforms3d.euler.euler2mat",
        "rotation from Euler angles",
        lambda x: euler.euler2mat(x[0], x[1], x[2], "rzxz"),
        ANGLES,
    ),
    Entry(
        "transforms3d.euler.mat2euler",
        "Euler angles of a rotation",
        lambda x: np.array(euler.mat2euler(taitbryan.euler2mat(x[0], x[1], x[2]))),
        ANGLES,
    ),
    Entry(
        "transforms3d.quaternions.quat2mat",
        "rotation from a quaternion",
        lambda q: quaternions.quat2mat(q),
        QUATERNION,
    ),
    Entry(
        "transforms3d.quaternions.mat2quat",
        "quaternion from a rotation",
        lambda x: quaternions.mat2quat(euler.euler2mat(x[0], x[1], x[2])),
        ANGLES,
    ),
    Entry(
        "transforms3d.quaternions.rotate_vector",
        "rotates by a quaternion",
        lambda q, v: quaternions.rotate_vector(v, q),
        QUATERNION,
        (ANGLES,),
    ),
    Entry(
        "transforms3d.axangles.axangle2mat",
        "rotation about an axis",
        lambda x: axangles.axangle2mat(x[:3], x[3]),
        POSE[:4],
    ),
    Entry("transforms3d.affines.compose", "affine map of parts", compose, POSE),
    Entry("transforms3d.shears.striu2mat", "shear matrix", lambda x: shears.striu2mat(x), ANGLES),
    Entry(
        "pytransform3d.rotations.matrix_from_axis_angle",
        "rotation about an axis",
        lambda x: rotations.matrix_from_axis_angle(x),
        POSE[:4],
    ),
    Entry(
        "pytransform3d.rotations.matrix_from_euler",
        "rotation from Euler angles",
        lambda x: rotations.matrix_from_euler(x, 0, 1, 2, True),
        ANGLES,
    ),
    Entry(
        "pytransform3d.rotations.quaternion_slerp",
        "interpolates two rotations",
        lambda x: rotations.quaternion_slerp(
            np.array([1.0, 0.0, 0.0, 0.0]), rotations.quaternion_from_compact_axis_angle(x), 0.3
        ),
        ANGLES,
    ),
    Entry(
        "pytransform3d.transformations.transform_from_exponential_coordinates",
        "pose from a screw",
        lambda x: transformations.transform_from_exponential_coordinates(x),
        POSE,
    ),
    Entry(
        "pytransform3d.transformations.left_jacobian_SE3",
        "Jacobian of poses",
        lambda x: transformations.left_jacobian_SE3(x),
        POSE,
    ),
    Entry("pyquaternion.Quaternion.rotate", "rotates a vector", rotated, POSE[:4], method=True),
    Entry("pyquaternion.Quaternion", "algebra of quaternions", product, QUATERNION, method=True),
    Entry("spatialmath.SE3", "pose of an arm", arm, ANGLES, method=True),
    Entry(
        "geographiclib.geodesic.Geodesic.Inverse",
        "distance on the ellipsoid",
        lambda x: np.array(Geodesic.WGS84.Inverse(x[0], x[1], x[2], x[3])["s12"]),
        np.array([10.0, 20.0, 35.0, 62.0]),
        method=True,
    ),
    Entry(
        "geographiclib.geodesic.Geodesic.Direct",
        "the end of a geodesic",
        lambda x: np.array(Geodesic.WGS84.Direct(x[0], x[1], x[2], x[3])["lat2"]),
        np.array([10.0, 20.0, 35.0, 2e6]),
        method=True,
    ),
    Entry(
        "sgp4.ext.rv2coe",
        "orbit from a state",
        orbit,
        np.array([6524.834, 6862.875, 6448.296, 4.901327, 5.533756, -1.976341]),
    ),
    Entry(
        "galpy.potential.MiyamotoNagaiPotential",
        "force of a galaxy",
        lambda x: MiyamotoNagaiPotential(amp=x[0], a=x[1], b=x[2]).Rforce(x[3], x[4]),
        np.array([1.0, 0.5, 0.1, 1.2, 0.3]),
        method=True,
    ),
    Entry(
        "galpy.potential.LogarithmicHaloPotential",
        "density of a halo",
        lambda x: LogarithmicHaloPotential(amp=x[0], q=x[1], core=x[2]).dens(x[3], x[4]),
        np.array([1.0, 0.8, 0.1, 1.2, 0.3]),
        method=True,
    ),
    Entry(
        "astropy.modeling.models.Gaussian1D",
        "a line profile",
        gaussian,
        np.array([1.5, 2.0, 0.7]),
        (TIMES,),
        method=True,
    ),
    Entry(
        "astropy.modeling.models.Voigt1D.evaluate",
        "a Voigt profile",
        lambda x, t: models.Voigt1D().evaluate(t, x[0], x[1], x[2], x[3]),
        np.array([1.5, 2.0, 0.7, 0.4]),
        (TIMES,),
        method=True,
    ),
    Entry(
        "astropy.stats.biweight_midvariance",
        "robust variance",
        lambda x: biweight.biweight_midvariance(x),
        FLUXES,
    ),
    Entry("astropy.stats.circvar", "variance of angles", lambda x: circstats.circvar(x), FLUXES),
    Entry(
        "astropy.timeseries.periodograms.lombscargle.implementations.slow_impl.lombscargle_slow",
        "periodogram of uneven samples",
        lambda y, t: slow_impl.lombscargle_slow(t, y, 1.0, np.array([0.3, 0.7])),
        FLUXES,
        (TIMES,),
    ),
    Entry(
        "astropy.timeseries.periodograms.lombscargle.implementations.chi2_impl.lombscargle_chi2",
        "periodogram by regression",
        lambda y, t: chi2_impl.lombscargle_chi2(t, y, 1.0, np.array([0.3, 0.7]), nterms=2),
        FLUXES,
        (TIMES,),
    ),
)
