"""Samples of scipy.stats: distributions, in place, scale and shapes too, and statistics of samples.

Of the usual distributions all methods that are usual, of the others the logarithm of the density.
"""

USUAL = """
scipy.stats.norm.pdf(x, s, r)
scipy.stats.norm.logpdf(x, s, r)
scipy.stats.norm.cdf(x, s, r)
scipy.stats.norm.sf(x, s, r)
scipy.stats.norm.ppf(p, s, r)
scipy.stats.norm.logcdf(x, s, r)
scipy.stats.norm.logsf(x, s, r)
scipy.stats.norm.isf(p, s, r)
scipy.stats.t.pdf(x, v, s, r)
scipy.stats.t.logpdf(x, v, s, r)
scipy.stats.t.cdf(x, v, s, r)
scipy.stats.t.sf(x, v, s, r)
scipy.stats.t.ppf(p, v, s, r)
scipy.stats.t.logcdf(x, v, s, r)
scipy.stats.t.logsf(x, v, s, r)
scipy.stats.t.isf(p, v, s, r)
scipy.stats.cauchy.pdf(x, s, r)
scipy.stats.cauchy.logpdf(x, s, r)
scipy.stats.cauchy.cdf(x, s, r)
scipy.stats.cauchy.sf(x, s, r)
scipy.stats.cauchy.ppf(p, s, r)
scipy.stats.laplace.pdf(x, s, r)
scipy.stats.laplace.logpdf(x, s, r)
scipy.stats.laplace.cdf(x, s, r)
scipy.stats.laplace.sf(x, s, r)
scipy.stats.laplace.ppf(p, s, r)
scipy.stats.logistic.pdf(x, s, r)
scipy.stats.logistic.logpdf(x, s, r)
scipy.stats.logistic.cdf(x, s, r)
scipy.stats.logistic.sf(x, s, r)
scipy.stats.logistic.ppf(p, s, r)
scipy.stats.gumbel_r.pdf(x, s, r)
scipy.stats.gumbel_r.logpdf(x, s, r)
scipy.stats.gumbel_r.cdf(x, s, r)
scipy.stats.gumbel_r.sf(x, s, r)
scipy.stats.gumbel_r.ppf(p, s, r)
scipy.stats.gumbel_l.pdf(x, s, r)
scipy.stats.gumbel_l.logpdf(x, s, r)
scipy.stats.gumbel_l.cdf(x, s, r)
scipy.stats.gumbel_l.sf(x, s, r)
scipy.stats.gumbel_l.ppf(p, s, r)
scipy.stats.skewnorm.pdf(x, y, s, r)
scipy.stats.skewnorm.logpdf(x, y, s, r)
scipy.stats.skewnorm.cdf(x, y, s, r)
scipy.stats.skewnorm.sf(x, y, s, r)
scipy.stats.skewnorm.ppf(p, y, s, r)
scipy.stats.gennorm.pdf(x, v, s, r)
scipy.stats.gennorm.logpdf(x, v, s, r)
scipy.stats.gennorm.cdf(x, v, s, r)
scipy.stats.gennorm.sf(x, v, s, r)
scipy.stats.gennorm.ppf(p, v, s, r)
scipy.stats.genextreme.pdf(x, 0.1 * p, s, r)
scipy.stats.genextreme.logpdf(x, 0.1 * p, s, r)
scipy.stats.genextreme.cdf(x, 0.1 * p, s, r)
scipy.stats.genextreme.sf(x, 0.1 * p, s, r)
scipy.stats.genextreme.ppf(p, 0.1 * p, s, r)
scipy.stats.loggamma.pdf(x, v, s, r)
scipy.stats.loggamma.logpdf(x, v, s, r)
scipy.stats.loggamma.cdf(x, v, s, r)
scipy.stats.loggamma.sf(x, v, s, r)
scipy.stats.loggamma.ppf(p, v, s, r)
scipy.stats.exponnorm.pdf(x, v, s, r)
scipy.stats.exponnorm.logpdf(x, v, s, r)
scipy.stats.exponnorm.cdf(x, v, s, r)
scipy.stats.exponnorm.sf(x, v, s, r)
scipy.stats.exponnorm.ppf(p, v, s, r)
scipy.stats.expon.pdf(u, s, r)
scipy.stats.expon.logpdf(u, s, r)
scipy.stats.expon.cdf(u, s, r)
scipy.stats.expon.sf(u, s, r)
scipy.stats.expon.ppf(p, s, r)
scipy.stats.gamma.pdf(u, v, s, r)
scipy.stats.gamma.logpdf(u, v, s, r)
scipy.stats.gamma.cdf(u, v, s, r)
scipy.stats.gamma.sf(u, v, s, r)
scipy.stats.gamma.ppf(p, v, s, r)
scipy.stats.gamma.logcdf(u, v, s, r)
scipy.stats.gamma.logsf(u, v, s, r)
scipy.stats.gamma.isf(p, v, s, r)
scipy.stats.chi2.pdf(u, v, s, r)
scipy.stats.chi2.logpdf(u, v, s, r)
scipy.stats.chi2.cdf(u, v, s, r)
scipy.stats.chi2.sf(u, v, s, r)
scipy.stats.chi2.ppf(p, v, s, r)
scipy.stats.chi.pdf(u, v, s, r)
scipy.stats.chi.logpdf(u, v, s, r)
scipy.stats.chi.cdf(u, v, s, r)
scipy.stats.chi.sf(u, v, s, r)
scipy.stats.chi.ppf(p, v, s, r)
scipy.stats.f.pdf(u, v, u + v, s, r)
scipy.stats.f.logpdf(u, v, u + v, s, r)
scipy.stats.f.cdf(u, v, u + v, s, r)
scipy.stats.f.sf(u, v, u + v, s, r)
scipy.stats.f.ppf(p, v, u + v, s, r)
scipy.stats.lognorm.pdf(u, p, s, r)
scipy.stats.lognorm.logpdf(u, p, s, r)
scipy.stats.lognorm.cdf(u, p, s, r)
scipy.stats.lognorm.sf(u, p, s, r)
scipy.stats.lognorm.ppf(p, p, s, r)
scipy.stats.weibull_min.pdf(u, v, s, r)
scipy.stats.weibull_min.logpdf(u, v, s, r)
scipy.stats.weibull_min.cdf(u, v, s, r)
scipy.stats.weibull_min.sf(u, v, s, r)
scipy.stats.weibull_min.ppf(p, v, s, r)
scipy.stats.weibull_min.logcdf(u, v, s, r)
scipy.stats.weibull_min.logsf(u, v, s, r)
scipy.stats.weibull_min.isf(p, v, s, r)
scipy.stats.lomax.pdf(u, v, s, r)
scipy.stats.lomax.logpdf(u, v, s, r)
scipy.stats.lomax.cdf(u, v, s, r)
scipy.stats.lomax.sf(u, v, s, r)
scipy.stats.lomax.ppf(p, v, s, r)
scipy.stats.rayleigh.pdf(u, s, r)
scipy.stats.rayleigh.logpdf(u, s, r)
scipy.stats.rayleigh.cdf(u, s, r)
scipy.stats.rayleigh.sf(u, s, r)
scipy.stats.rayleigh.ppf(p, s, r)
scipy.stats.maxwell.pdf(u, s, r)
scipy.stats.maxwell.logpdf(u, s, r)
scipy.stats.maxwell.cdf(u, s, r)
scipy.stats.maxwell.sf(u, s, r)
scipy.stats.maxwell.ppf(p, s, r)
scipy.stats.halfnorm.pdf(u, s, r)
scipy.stats.halfnorm.logpdf(u, s, r)
scipy.stats.halfnorm.cdf(u, s, r)
scipy.stats.halfnorm.sf(u, s, r)
scipy.stats.halfnorm.ppf(p, s, r)
scipy.stats.halfcauchy.pdf(u, s, r)
scipy.stats.halfcauchy.logpdf(u, s, r)
scipy.stats.halfcauchy.cdf(u, s, r)
scipy.stats.halfcauchy.sf(u, s, r)
scipy.stats.halfcauchy.ppf(p, s, r)
scipy.stats.invgamma.pdf(u, v, s, r)
scipy.stats.invgamma.logpdf(u, v, s, r)
scipy.stats.invgamma.cdf(u, v, s, r)
scipy.stats.invgamma.sf(u, v, s, r)
scipy.stats.invgamma.ppf(p, v, s, r)
scipy.stats.invgauss.pdf(u, v, s, r)
scipy.stats.invgauss.logpdf(u, v, s, r)
scipy.stats.invgauss.cdf(u, v, s, r)
scipy.stats.invgauss.sf(u, v, s, r)
scipy.stats.invgauss.ppf(p, v, s, r)
scipy.stats.genpareto.pdf(u, p, s, r)
scipy.stats.genpareto.logpdf(u, p, s, r)
scipy.stats.genpareto.cdf(u, p, s, r)
scipy.stats.genpareto.sf(u, p, s, r)
scipy.stats.genpareto.ppf(p, p, s, r)
scipy.stats.nakagami.pdf(u, v, s, r)
scipy.stats.nakagami.logpdf(u, v, s, r)
scipy.stats.nakagami.cdf(u, v, s, r)
scipy.stats.nakagami.sf(u, v, s, r)
scipy.stats.nakagami.ppf(p, v, s, r)
scipy.stats.rice.pdf(u, v, s, r)
scipy.stats.rice.logpdf(u, v, s, r)
scipy.stats.rice.cdf(u, v, s, r)
scipy.stats.rice.sf(u, v, s, r)
scipy.stats.rice.ppf(p, v, s, r)
scipy.stats.levy.pdf(u, s, r)
scipy.stats.levy.logpdf(u, s, r)
scipy.stats.levy.cdf(u, s, r)
scipy.stats.levy.sf(u, s, r)
scipy.stats.levy.ppf(p, s, r)
scipy.stats.fisk.pdf(u, v, s, r)
scipy.stats.fisk.logpdf(u, v, s, r)
scipy.stats.fisk.cdf(u, v, s, r)
scipy.stats.fisk.sf(u, v, s, r)
scipy.stats.fisk.ppf(p, v, s, r)
scipy.stats.halflogistic.pdf(u, s, r)
scipy.stats.halflogistic.logpdf(u, s, r)
scipy.stats.halflogistic.cdf(u, s, r)
scipy.stats.halflogistic.sf(u, s, r)
scipy.stats.halflogistic.ppf(p, s, r)
scipy.stats.uniform.pdf(p, 0.1 * s, r)
scipy.stats.uniform.logpdf(p, 0.1 * s, r)
scipy.stats.uniform.cdf(p, 0.1 * s, r)
scipy.stats.uniform.sf(p, 0.1 * s, r)
scipy.stats.uniform.ppf(p, 0.1 * s, r)
scipy.stats.beta.pdf(p, u, v, 0.1 * s, r)
scipy.stats.beta.logpdf(p, u, v, 0.1 * s, r)
scipy.stats.beta.cdf(p, u, v, 0.1 * s, r)
scipy.stats.beta.sf(p, u, v, 0.1 * s, r)
scipy.stats.beta.ppf(p, u, v, 0.1 * s, r)
scipy.stats.beta.logcdf(p, u, v, 0.1 * s, r)
scipy.stats.beta.logsf(p, u, v, 0.1 * s, r)
scipy.stats.beta.isf(p, u, v, 0.1 * s, r)
scipy.stats.triang.pdf(p, q, 0.1 * s, r)
scipy.stats.triang.logpdf(p, q, 0.1 * s, r)
scipy.stats.triang.cdf(p, q, 0.1 * s, r)
scipy.stats.triang.sf(p, q, 0.1 * s, r)
scipy.stats.triang.ppf(p, q, 0.1 * s, r)
scipy.stats.powerlaw.pdf(p, v, 0.1 * s, r)
scipy.stats.powerlaw.logpdf(p, v, 0.1 * s, r)
scipy.stats.powerlaw.cdf(p, v, 0.1 * s, r)
scipy.stats.powerlaw.sf(p, v, 0.1 * s, r)
scipy.stats.powerlaw.ppf(p, v, 0.1 * s, r)
scipy.stats.arcsine.pdf(p, 0.1 * s, r)
scipy.stats.arcsine.logpdf(p, 0.1 * s, r)
scipy.stats.arcsine.cdf(p, 0.1 * s, r)
scipy.stats.arcsine.sf(p, 0.1 * s, r)
scipy.stats.arcsine.ppf(p, 0.1 * s, r)
scipy.stats.truncexpon.pdf(p, v, 0.1 * s, r)
scipy.stats.truncexpon.logpdf(p, v, 0.1 * s, r)
scipy.stats.truncexpon.cdf(p, v, 0.1 * s, r)
scipy.stats.truncexpon.sf(p, v, 0.1 * s, r)
scipy.stats.truncexpon.ppf(p, v, 0.1 * s, r)
scipy.stats.pareto.pdf(u * 2.5, v, s, r)
scipy.stats.pareto.logpdf(u * 2.5, v, s, r)
scipy.stats.pareto.cdf(u * 2.5, v, s, r)
scipy.stats.pareto.sf(u * 2.5, v, s, r)
scipy.stats.pareto.ppf(p, v, s, r)
scipy.stats.truncnorm.pdf(p, -u, v, s, r)
scipy.stats.truncnorm.logpdf(p, -u, v, s, r)
scipy.stats.truncnorm.cdf(p, -u, v, s, r)
scipy.stats.truncnorm.sf(p, -u, v, s, r)
scipy.stats.truncnorm.ppf(p, -u, v, s, r)
scipy.stats.vonmises.pdf(x, v, s, r)
scipy.stats.vonmises.logpdf(x, v, s, r)
scipy.stats.vonmises.cdf(x, v, s, r)
scipy.stats.vonmises.sf(x, v, s, r)
scipy.stats.vonmises.ppf(p, v, s, r)
scipy.stats.weibull_max.pdf(-u, v, s, r)
scipy.stats.weibull_max.logpdf(-u, v, s, r)
scipy.stats.weibull_max.cdf(-u, v, s, r)
scipy.stats.weibull_max.sf(-u, v, s, r)
scipy.stats.weibull_max.ppf(p, v, s, r)
scipy.stats.loguniform.pdf(p, 0.1 * p, u, 0.0, r)
scipy.stats.loguniform.logpdf(p, 0.1 * p, u, 0.0, r)
scipy.stats.loguniform.cdf(p, 0.1 * p, u, 0.0, r)
scipy.stats.loguniform.sf(p, 0.1 * p, u, 0.0, r)
scipy.stats.loguniform.ppf(p, 0.1 * p, u, 0.0, r)
"""

CONTINUOUS = """
scipy.stats.dgamma.logpdf(x, v + 1.0, s, r)
scipy.stats.dweibull.logpdf(x, v + 1.0, s, r)
scipy.stats.genlogistic.logpdf(x, v, s, r)
scipy.stats.hypsecant.logpdf(x, s, r)
scipy.stats.johnsonsu.logpdf(x, y, v, s, r)
scipy.stats.landau.logpdf(x, s, r)
scipy.stats.laplace_asymmetric.logpdf(x, v, s, r)
scipy.stats.moyal.logpdf(x, s, r)
scipy.stats.nct.logpdf(x, v, p, s, r)
scipy.stats.norminvgauss.logpdf(x, u, p, s, r)
scipy.stats.pearson3.logpdf(x, p, s, r)
scipy.stats.powernorm.logpdf(x, v, s, r)
scipy.stats.skewcauchy.logpdf(x, 0.5 * p, s, r)
scipy.stats.tukeylambda.logpdf(x, -0.1 * p, s, r)
scipy.stats.genhyperbolic.logpdf(x, p, u, q, s, r)
scipy.stats.jf_skew_t.logpdf(x, u, v, s, r)
scipy.stats.crystalball.logpdf(x, u, v, s, r)
scipy.stats.kappa4.logpdf(x, -0.1 * p, -0.1 * q, s, r)
scipy.stats.alpha.logpdf(u, v, s, r)
scipy.stats.betaprime.logpdf(u, u, v, s, r)
scipy.stats.burr.logpdf(u, u, v, s, r)
scipy.stats.burr12.logpdf(u, u, v, s, r)
scipy.stats.exponpow.logpdf(u, v, s, r)
scipy.stats.exponweib.logpdf(u, u, v, s, r)
scipy.stats.fatiguelife.logpdf(u, v, s, r)
scipy.stats.foldcauchy.logpdf(u, v, s, r)
scipy.stats.foldnorm.logpdf(u, v, s, r)
scipy.stats.gengamma.logpdf(u, u, v, s, r)
scipy.stats.genexpon.logpdf(u, p, q, v, s, r)
scipy.stats.genhalflogistic.logpdf(u, 0.3 * q, s, r)
scipy.stats.geninvgauss.logpdf(u, p, v, s, r)
scipy.stats.gibrat.logpdf(u, s, r)
scipy.stats.gompertz.logpdf(u, v, s, r)
scipy.stats.halfgennorm.logpdf(u, v, s, r)
scipy.stats.invweibull.logpdf(u, v, s, r)
scipy.stats.kappa3.logpdf(u, v, s, r)
scipy.stats.loglaplace.logpdf(u, v, s, r)
scipy.stats.mielke.logpdf(u, u, v, s, r)
scipy.stats.ncf.logpdf(u, u, v, p, s, r)
scipy.stats.ncx2.logpdf(u, u, v, s, r)
scipy.stats.powerlognorm.logpdf(u, u, q, s, r)
scipy.stats.recipinvgauss.logpdf(u, v, s, r)
scipy.stats.rel_breitwigner.logpdf(u, v, s, r)
scipy.stats.wald.logpdf(u, s, r)
scipy.stats.erlang.logpdf(u, v, s, r)
scipy.stats.dpareto_lognorm.logpdf(u, y, p, u, v, s, r)
scipy.stats.argus.logpdf(p, v, 0.1 * s, r)
scipy.stats.bradford.logpdf(p, v, 0.1 * s, r)
scipy.stats.johnsonsb.logpdf(p, y, v, 0.1 * s, r)
scipy.stats.trapezoid.logpdf(p, 0.3 * q, 0.5 + 0.3 * q, 0.1 * s, r)
scipy.stats.wrapcauchy.logpdf(p, 0.5 * q, 0.1 * s, r)
scipy.stats.truncweibull_min.logpdf(p, v, 0.05 * q, 2.0, 0.1 * s, r)
scipy.stats.anglit.logpdf(0.3 * x, 0.1 * s, r)
scipy.stats.cosine.logpdf(0.4 * x, 0.1 * s, r)
scipy.stats.semicircular.logpdf(0.4 * x, 0.1 * s, r)
scipy.stats.rdist.logpdf(0.4 * x, v + 2.0, 0.1 * s, r)
scipy.stats.vonmises_line.logpdf(0.4 * x, v, 0.1 * s, r)
scipy.stats.levy_l.logpdf(-u, s, r)
scipy.stats.truncpareto.logpdf(1.1 + p, v, 9.0, 0.1 * s, 0.9)
scipy.stats.irwinhall.logpdf(u, 4, 0.1 * s, r)
scipy.stats.kstwobign.cdf(u, s, r)
scipy.stats.reciprocal.logpdf(p, 0.1 * p, u, 0.0, r)
scipy.stats.gausshyper.logpdf(p, 2.0, 3.0, 1.5, 0.5, 0.1 * s, r)
"""

OF_COUNTS = """
scipy.stats.bernoulli.pmf([0.0, 1.0, 1.0], p[:3])
scipy.stats.bernoulli.logpmf([0.0, 1.0, 1.0], p[:3])
scipy.stats.bernoulli.cdf(0.0, p[:3])
scipy.stats.bernoulli.logcdf(0.0, p[:3])
scipy.stats.bernoulli.sf(0.0, p[:3])
scipy.stats.bernoulli.logsf(0.0, p[:3])
scipy.stats.binom.pmf(2.0, 5, p)
scipy.stats.binom.logpmf(2.0, 5, p)
scipy.stats.binom.cdf(2.0, 5, p)
scipy.stats.binom.logcdf(2.0, 5, p)
scipy.stats.binom.sf(2.0, 5, p)
scipy.stats.binom.logsf(2.0, 5, p)
scipy.stats.poisson.pmf(2.0, u)
scipy.stats.poisson.logpmf(2.0, u)
scipy.stats.poisson.cdf(2.0, u)
scipy.stats.poisson.logcdf(2.0, u)
scipy.stats.poisson.sf(2.0, u)
scipy.stats.poisson.logsf(2.0, u)
scipy.stats.geom.pmf(3.0, p)
scipy.stats.geom.logpmf(3.0, p)
scipy.stats.geom.cdf(3.0, p)
scipy.stats.geom.logcdf(3.0, p)
scipy.stats.geom.sf(3.0, p)
scipy.stats.geom.logsf(3.0, p)
scipy.stats.nbinom.pmf(2.0, u, p)
scipy.stats.nbinom.logpmf(2.0, u, p)
scipy.stats.nbinom.cdf(2.0, u, p)
scipy.stats.nbinom.logcdf(2.0, u, p)
scipy.stats.nbinom.sf(2.0, u, p)
scipy.stats.nbinom.logsf(2.0, u, p)
scipy.stats.betabinom.logpmf(2.0, 5, u, v)
scipy.stats.betanbinom.logpmf(2.0, 5, u, v)
scipy.stats.boltzmann.logpmf(2.0, u, 9)
scipy.stats.dlaplace.logpmf(1.0, u)
scipy.stats.logser.logpmf(2.0, p)
scipy.stats.planck.logpmf(1.0, u)
scipy.stats.poisson_binom.logpmf(2, p)
scipy.stats.skellam.logpmf(1.0, u, v)
scipy.stats.yulesimon.logpmf(2.0, u)
scipy.stats.zipf.logpmf(2.0, u + 1.0)
scipy.stats.zipfian.logpmf(2.0, u, 9)
"""

OF_VECTORS = """
scipy.stats.multivariate_normal.logpdf(b, d, S + S.T)  # vmap: if
scipy.stats.multivariate_normal.pdf(b, d, S + S.T)  # vmap: if
scipy.stats.multivariate_t.logpdf(b, d, S + S.T, r)  # vmap: if
scipy.stats.dirichlet.logpdf(p / np.sum(p), u)  # vmap: if
scipy.stats.dirichlet_multinomial.logpmf([1, 2, 0, 1, 3], u, 7)  # vmap: if
scipy.stats.multinomial.logpmf([1, 2, 0, 1, 3], 7, p / np.sum(p))  # vmap: mask
scipy.stats.wishart.logpdf(S + S.T, 4.0, A @ A.T)
scipy.stats.invwishart.logpdf(S + S.T, 4.0, A @ A.T)
scipy.stats.matrix_normal.logpdf(A, B, S + S.T, B @ B.T)  # vmap: if
scipy.stats.matrix_t.logpdf(A, B, S + S.T, B @ B.T, u[0])  # vmap: if
scipy.stats.normal_inverse_gamma.logpdf(x, u, s, r, v, p)
scipy.stats.vonmises_fisher.logpdf(b / np.sqrt(np.sum(b * b)), [0.6, 0.8, 0.0], r)  # vmap: if
"""

OBJECTS = """
scipy.stats.gaussian_kde(x).logpdf(y)
scipy.stats.Normal(mu=s, sigma=r).logpdf(x)  # vmap: if
scipy.stats.Uniform(a=-3.0 * s, b=3.0 * r).logpdf(x)  # vmap: if
scipy.stats.Logistic().logpdf(x)  # vmap: if
scipy.stats.Mixture([scipy.stats.Normal(mu=s, sigma=r), scipy.stats.Normal()]).logpdf(x)  # vmap: if
scipy.stats.Binomial(n=5, p=s).logpmf(2.0)  # vmap: if
scipy.stats.exp(scipy.stats.Normal(mu=s)).logpdf(u)  # vmap: if
scipy.stats.order_statistic(scipy.stats.Normal(mu=s), r=1, n=3).logpdf(x)  # vmap: if
scipy.stats.truncate(scipy.stats.Normal(mu=s), lb=-4.0).logpdf(x)  # vmap: if
scipy.stats.abs(scipy.stats.Normal(mu=s)).logpdf(u)  # vmap: if
scipy.stats.log(scipy.stats.Uniform(a=s, b=9.0 * r)).logpdf(p)  # vmap: if
scipy.stats.Covariance.from_diagonal(u).log_pdet
scipy.stats.rv_histogram((x * x, [0.0, 1.0, 2.0, 3.0, 4.0, 5.0])).pdf(u)
"""

STATISTICS = """
scipy.stats.CensoredData: scipy.stats.CensoredData(x)._uncensored * 1.0  # vmap: if
scipy.stats.alexandergovern(x, y).statistic  # vmap: if
scipy.stats.anderson(x)[0]  # vmap: if
scipy.stats.anderson_ksamp([x, y])[0]  # vmap: distinct
scipy.stats.ansari(x, y)  # vmap: if
scipy.stats.bartlett(x, y)  # vmap: if
scipy.stats.bayes_mvs(x)  # vmap: if
scipy.stats.binned_statistic(grid, x, bins=2)[0]
scipy.stats.binned_statistic_2d(grid, rng, x, bins=2)[0]
scipy.stats.binned_statistic_dd(grid[:, None], x, bins=2)[0]
scipy.stats.binomtest(3, 7, s).pvalue  # vmap: if
scipy.stats.bootstrap((x,), np.mean, n_resamples=9, rng=1).standard_error  # vmap: if
scipy.stats.boxcox(u, lmbda=s)
scipy.stats.boxcox_llf(s, u)  # vmap: if
scipy.stats.brunnermunzel(x, y)  # vmap: if
scipy.stats.bws_test(x, y).statistic  # vmap: if
scipy.stats.chatterjeexi(x, y)  # vmap: if
scipy.stats.chi2_contingency(u.reshape(1, 5) * np.array([[1.0], [2.0]]) + v)  # vmap: if
scipy.stats.chisquare(u, np.sum(u) * p / np.sum(p))  # vmap: if
scipy.stats.circmean(x)  # vmap: if
scipy.stats.circstd(x)  # vmap: if
scipy.stats.circvar(x)  # vmap: if
scipy.stats.combine_pvalues(p)  # vmap: if
scipy.stats.cramervonmises(x, "norm").statistic  # vmap: if
scipy.stats.cramervonmises_2samp(x, y).statistic  # vmap: if
scipy.stats.cumfreq(x, 4, (-3.0, 3.0))[0]  # vmap: if
scipy.stats.describe(x)  # vmap: if
scipy.stats.differential_entropy(x)  # vmap: if
scipy.stats.directional_stats(M.T).mean_direction
scipy.stats.ecdf(x).cdf.probabilities  # vmap: if
scipy.stats.energy_distance(x, y)
scipy.stats.entropy(u, v)  # vmap: if
scipy.stats.expectile(x, 0.3)  # vmap: if
scipy.stats.f_oneway(x, y)  # vmap: if
scipy.stats.false_discovery_control(p)  # vmap: mask
scipy.stats.fligner(x, y)  # vmap: if
scipy.stats.friedmanchisquare(x, y, u)  # vmap: if
scipy.stats.gmean(u)  # vmap: if
scipy.stats.goodness_of_fit(scipy.stats.norm, x, n_mc_samples=9, rng=1).statistic  # vmap: plain
scipy.stats.gstd(u)  # vmap: if
scipy.stats.gzscore(u)  # vmap: if
scipy.stats.hmean(u)  # vmap: if
scipy.stats.iqr(x)  # vmap: if
scipy.stats.jarque_bera(x)  # vmap: if
scipy.stats.kendalltau(x, y)  # vmap: if
scipy.stats.kruskal(x, y)  # vmap: if
scipy.stats.ks_2samp(x, y)  # vmap: if
scipy.stats.kstat(x, 3)  # vmap: if
scipy.stats.kstatvar(x)  # vmap: if
scipy.stats.kstest(x, y)  # vmap: if
scipy.stats.kurtosis(x)  # vmap: if
scipy.stats.kurtosistest(np.append(x, y))  # vmap: if
scipy.stats.levene(x, y)  # vmap: if
scipy.stats.linregress(x, y)  # vmap: if
scipy.stats.lmoment(x)  # vmap: if
scipy.stats.logrank(u, v).statistic  # vmap: if
scipy.stats.mannwhitneyu(x, y)  # vmap: if
scipy.stats.median_abs_deviation(x)  # vmap: if
scipy.stats.median_test(x, y)  # vmap: if
scipy.stats.mode(x)  # vmap: distinct
scipy.stats.moment(x, 3)  # vmap: if
scipy.stats.monte_carlo_test(x, scipy.stats.norm.rvs, np.mean, n_resamples=9).statistic  # vmap: plain
scipy.stats.mood(x, y)  # vmap: if
scipy.stats.mvsdist(x)[1].mean()  # vmap: if
scipy.stats.normaltest(np.append(x, y))  # vmap: if
scipy.stats.obrientransform(x, y)  # vmap: if
scipy.stats.page_trend_test(M).statistic  # vmap: if
scipy.stats.pearsonr(x, y)  # vmap: if
scipy.stats.percentileofscore(x, s)  # vmap: if
scipy.stats.permutation_test((x, y), lambda a, c: a[0] - c[0], n_resamples=9, rng=1).statistic  # vmap: plain
scipy.stats.pmean(u, 3)  # vmap: if
scipy.stats.pointbiserialr(mask, x)  # vmap: if
scipy.stats.poisson_means_test(3, u[0], 5, v[0])  # vmap: if
scipy.stats.power_divergence(u, np.sum(u) * p / np.sum(p), lambda_=s)  # vmap: if
scipy.stats.ppcc_plot(x, 0.5, 1.0, N=3)  # vmap: if
scipy.stats.probplot(x)  # vmap: if
scipy.stats.quantile(x, p)  # vmap: if
scipy.stats.quantile_test(x, q=0.2, p=0.5).statistic  # vmap: sizes
scipy.stats.rankdata(x)  # vmap: plain
scipy.stats.ranksums(x, y)  # vmap: if
scipy.stats.relfreq(x, 4, (-3.0, 3.0))[0]  # vmap: if
scipy.stats.rv_discrete(values=([0, 1, 2], p[:3] / np.sum(p[:3]))).mean()  # vmap: if
scipy.stats.scoreatpercentile(x, 30.0)
scipy.stats.sem(x)  # vmap: if
scipy.stats.siegelslopes(x, y)  # vmap: if
scipy.stats.sigmaclip(x)  # vmap: mask
scipy.stats.skew(x)  # vmap: if
scipy.stats.skewtest(np.append(x, y))  # vmap: if
scipy.stats.sobol_indices(func=lambda t: s**t[0] + t[1], n=4, dists=2 * [scipy.stats.norm], rng=1).first_order
scipy.stats.somersd(x, y).statistic  # vmap: distinct
scipy.stats.spearmanr(x, y)  # vmap: if
scipy.stats.spearmanrho(x, y)  # vmap: if
scipy.stats.theilslopes(x, grid)  # vmap: if
scipy.stats.tiecorrect(x)  # vmap: zeros
scipy.stats.tmax(x, 1.5)  # vmap: if
scipy.stats.tmean(x)  # vmap: if
scipy.stats.tmin(x, -1.5)  # vmap: if
scipy.stats.trim1(x, 0.2)
scipy.stats.trim_mean(x, 0.2)  # vmap: if
scipy.stats.trimboth(x, 0.2)
scipy.stats.tsem(x)  # vmap: if
scipy.stats.tstd(x)  # vmap: if
scipy.stats.ttest_1samp(x, s)  # vmap: if
scipy.stats.ttest_ind(x, y)  # vmap: if
scipy.stats.ttest_ind_from_stats(s, r, 5, u[0], v[0], 6)
scipy.stats.ttest_rel(x, y)  # vmap: if
scipy.stats.tvar(x)  # vmap: if
scipy.stats.variation(x)  # vmap: if
scipy.stats.wasserstein_distance(x, y)
scipy.stats.wilcoxon(x, y)  # vmap: if
scipy.stats.yeojohnson(x, lmbda=s)  # vmap: if
scipy.stats.yeojohnson_llf(s, x)  # vmap: if
scipy.stats.zmap(x, y)  # vmap: if
scipy.stats.zscore(x)  # vmap: if
"""

ALL = (USUAL, CONTINUOUS, OF_COUNTS, OF_VECTORS, OBJECTS, STATISTICS)
