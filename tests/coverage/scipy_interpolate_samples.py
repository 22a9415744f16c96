"""Samples of scipy.interpolate, scipy.integrate and scipy.spatial.distance."""

INTERPOLATE = """
scipy.interpolate.Akima1DInterpolator(grid, x)(at)  # vmap: if
scipy.interpolate.BPoly(M, grid)(at)
scipy.interpolate.BSpline(knots, x, 2)(at)
scipy.interpolate.BarycentricInterpolator(grid, x)(at)
scipy.interpolate.CubicHermiteSpline(grid, x, y)(at)  # vmap: if
scipy.interpolate.CubicSpline(grid, x)(at)  # vmap: if
scipy.interpolate.FloaterHormannInterpolator(grid, x)(at)  # vmap: mask
scipy.interpolate.InterpolatedUnivariateSpline(grid, rng)(p)  # vmap: plain
scipy.interpolate.KroghInterpolator(grid, x)(at)
scipy.interpolate.LSQUnivariateSpline(grid, rng, [1.0], k=2)(p)  # vmap: plain
scipy.interpolate.PPoly(M, grid)(at)
scipy.interpolate.PchipInterpolator(grid, x)(at)  # vmap: if
scipy.interpolate.RBFInterpolator(grid[:, None], x)(at[:, None])
scipy.interpolate.Rbf(grid, x)(at)
scipy.interpolate.RegularGridInterpolator((range(3), range(4)), M)(np.stack([p, q], axis=1))  # vmap: if
scipy.interpolate.UnivariateSpline(grid, rng)(p)  # vmap: plain
scipy.interpolate.approximate_taylor_polynomial(lambda t: np.sin(s * t), 0.0, 3, 1.0).c  # vmap: zeros
scipy.interpolate.barycentric_interpolate(grid, x, at)
scipy.interpolate.generate_knots: list(scipy.interpolate.generate_knots(grid, x))
scipy.interpolate.interp1d(grid, x)(at)
scipy.interpolate.interpn((grid,), x, p[:, None])  # vmap: if
scipy.interpolate.krogh_interpolate(grid, x, at)
scipy.interpolate.lagrange(grid, x).c  # vmap: zeros
scipy.interpolate.make_interp_spline(grid, x)(at)  # vmap: if
scipy.interpolate.make_lsq_spline(grid, x, [0.0, 0.0, 0.0, 1.0, 2.0, 2.0, 2.0], k=2)(at)  # vmap: if
scipy.interpolate.make_smoothing_spline(grid, x, lam=0.3)(at)
scipy.interpolate.pade(x, 2)[0].c  # vmap: zeros
scipy.interpolate.pchip_interpolate(grid, x, at)  # vmap: if
scipy.interpolate.splantider((knots, np.append(x, [0.0, 0.0, 0.0]), 2))[1]
scipy.interpolate.splder((knots, x, 2))[1]
scipy.interpolate.splev(at, (knots, x, 2))
"""

INTEGRATE = """
e = scipy.stats.qmc.Halton(1, rng=1); scipy.integrate.qmc_quad(lambda t: s**t[0], 0, 1, qrng=e)[0]  # vmap: if
scipy.integrate.BDF: scipy.integrate.solve_ivp(lambda t, e: -s * e, (0, 0.01), b, method="BDF").y  # vmap: if
scipy.integrate.DOP853(lambda t, e: -s * e, 0.0, x, 1.0).f  # vmap: if
scipy.integrate.RK23(lambda t, e: -s * e, 0.0, x, 1.0).f  # vmap: if
scipy.integrate.RK45(lambda t, w: -s * w, 0.0, x, 1.0).f  # vmap: if
scipy.integrate.Radau(lambda t, e: -s * e, 0.0, b, 1.0).f  # vmap: if
scipy.integrate.cubature(lambda t: np.exp(-s * t[:, 0]), [0.0], [1.0]).estimate  # vmap: if
scipy.integrate.cumulative_simpson(x, dx=0.5)
scipy.integrate.cumulative_trapezoid(x, grid)
scipy.integrate.dblquad(lambda t, w: t * np.exp(t * w), s, r, 0.0, 1.0)[0]  # vmap: intervals
scipy.integrate.fixed_quad(lambda t: np.exp(-s * t), 0.0, r)[0]  # vmap: if
scipy.integrate.nquad(lambda t, w: t * np.exp(t * w), [[0.0, 1.0], [s, r]])[0]  # vmap: intervals
scipy.integrate.nsum(lambda k: s**k, 1, 5).sum  # vmap: plain
scipy.integrate.quad(lambda t: np.exp(-s * t), 0.0, r)[0]  # vmap: intervals
scipy.integrate.quad_vec(lambda t: np.exp(-s * t), 0.0, 1.0)[0]  # vmap: if
scipy.integrate.romb(x, dx=s)
scipy.integrate.simpson(x, x=np.cumsum(u))
scipy.integrate.solve_ivp(lambda t, w: -s * w, (0.0, 1.0), b).y[:, -1]  # vmap: if
scipy.integrate.trapezoid(x, grid)
"""

DISTANCE = """
scipy.spatial.distance.braycurtis(u, v)
scipy.spatial.distance.canberra(u, v)
scipy.spatial.distance.cdist(M, N.T)
scipy.spatial.distance.chebyshev(x, y)  # vmap: if
scipy.spatial.distance.cityblock(x, y)
scipy.spatial.distance.correlation(x, y)
scipy.spatial.distance.cosine(x, y)
scipy.spatial.distance.dice(mask, x > y)
scipy.spatial.distance.euclidean(x, y)
scipy.spatial.distance.hamming(x, y)
scipy.spatial.distance.jaccard(x > 0, y > 0)  # vmap: if
scipy.spatial.distance.jensenshannon(p, q)
scipy.spatial.distance.mahalanobis(b, d, S)
scipy.spatial.distance.minkowski(x, y, 3)
scipy.spatial.distance.pdist(M)
scipy.spatial.distance.rogerstanimoto(x > 0, y > 0)
scipy.spatial.distance.russellrao(x > 0, y > 0)
scipy.spatial.distance.seuclidean(x, y, u)  # vmap: if
scipy.spatial.distance.sokalsneath(x > 0, y > 0)  # vmap: if
scipy.spatial.distance.sqeuclidean(x, y)
scipy.spatial.distance.squareform(x[:3])
scipy.spatial.distance.yule(x > 0, y > 0)  # vmap: if
"""

ALL = (INTERPOLATE, INTEGRATE, DISTANCE)
