"""Likelihoods of the rivals of a power law above x_min, each at its own best parameters, and their ratios."""

import numpy as np
from scipy.optimize import minimize
from scipy.special import erfc, log_ndtr
from scipy.stats import chi2

RIVALS = ("lognormal", "exponential", "truncated_power_law")
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(120)


def compare_continuous(tail, x_min, alpha):
    """Log-likelihood ratio of the power law to each rival, and its probability by chance.

    Each likelihood depends on the tail through the sums of u = x / x_min, ln u and (ln u)^2 only; so each is maximised
    at once, whatever the number of points. The probability is Vuong's for separate families; for the truncated power
    law, which holds the power law as a special case, that of the likelihood-ratio test with one degree of freedom.

    Parameters
    ----------
    tail : array, shape (n,), all >= x_min > 0
    alpha : float > 1, of the power law

    Returns
    -------
    dict of rival to (ratio, probability)

    Source: Clauset, Shalizi, Newman 2009, appendix C; METHODS D38.
    """
    u = np.asarray(tail) / x_min
    s = np.log(u)
    power = np.log(alpha - 1) - alpha * s
    mu, sigma = _lognormal(s)
    normal = -s - 0.5 * ((s - mu) / sigma) ** 2 - np.log(sigma) - 0.5 * np.log(2 * np.pi) - log_ndtr(mu / sigma)
    rate = 1 / (u.mean() - 1)
    exponential = np.log(rate) - rate * (u - 1)
    a, cut = _truncated(s.mean(), u.mean(), alpha, u.max())
    truncated = -a * s - cut * u - _log_norm(a, cut)
    gain = min(power.sum() - truncated.sum(), 0.0)  # the rival cannot be worse than its special case
    return {
        "lognormal": vuong(power, normal),
        "exponential": vuong(power, exponential),
        "truncated_power_law": (float(gain), float(chi2.sf(-2 * gain, 1))),
    }


def vuong(first, second):
    """Sum of the differences of two log-likelihoods by point, and the probability of one as large by chance.

    >>> ratio, p = vuong(np.array([0.0, 1.0, -1.0]), np.zeros(3))
    >>> round(ratio, 6), round(p, 6)
    (0.0, 1.0)
    """
    difference = first - second
    ratio, spread = difference.sum(), difference.std() * np.sqrt(2 * difference.size)
    return float(ratio), float(erfc(abs(ratio) / spread)) if spread > 0 else 1.0


def _lognormal(s):
    """mu and sigma of a normal law of s = ln u, cut off below 0."""
    first, second = s.mean(), (s**2).mean()

    def cost(p):
        sigma = np.exp(p[1])
        return (second - 2 * p[0] * first + p[0] ** 2) / (2 * sigma**2) + p[1] + log_ndtr(p[0] / sigma)

    starts = [(first, np.log(s.std() + 1e-12)), (-3 * first, np.log(2 * first)), (-30 * first, np.log(6 * first))]
    options = {"xatol": 1e-9, "fatol": 1e-12, "maxiter": 4000, "maxfev": 4000}
    best = min((minimize(cost, x, method="Nelder-Mead", options=options) for x in starts), key=lambda r: r.fun)
    return best.x[0], np.exp(best.x[1])


def _truncated(mean_log, mean, alpha, largest):
    """a and lambda of x^-a e^(-lambda x), x >= 1."""

    def cost(p):
        cut = np.exp(np.clip(p[1], -60, 60))
        return p[0] * mean_log + cut * mean + _log_norm(p[0], cut)

    starts = [(alpha, -np.log(largest) - 3), (max(alpha - 1, 0.5), -np.log(largest) + 1)]
    options = {"xatol": 1e-8, "fatol": 1e-12, "maxiter": 2000, "maxfev": 2000}
    best = min((minimize(cost, x, method="Nelder-Mead", options=options) for x in starts), key=lambda r: r.fun)
    return best.x[0], np.exp(np.clip(best.x[1], -60, 60))


def _log_norm(a, cut):
    """ln of the integral of x^-a e^(-cut x) from 1 to infinity, by Gauss-Legendre in ln x over eight equal parts."""
    end = np.log(1 + 50 / cut)
    if a > 1:
        end = min(end, 50 / (a - 1))
    edges = np.linspace(0, end, 9)
    half = (edges[1:] - edges[:-1])[:, None] / 2
    s = half * _NODES + (edges[1:] + edges[:-1])[:, None] / 2
    exponent = (1 - a) * s - cut * np.exp(s)
    top = exponent.max()
    return top + np.log((half * _WEIGHTS * np.exp(exponent - top)).sum())
