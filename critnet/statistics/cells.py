"""Laws of a tail on cells - the whole numbers, or bins - as log-probabilities of each cell, given that x >= x_min.

A sample of whole numbers or a histogram is known by its counts alone, so a likelihood costs one term a cell, however
many values there are.
"""

import numpy as np
from scipy.optimize import minimize, minimize_scalar
from scipy.special import log_ndtr, zeta
from scipy.stats import chi2

from critnet.errors import UsageError
from critnet.statistics.likelihoods import RIVALS, _log_norm

LARGEST_ALPHA = 20  # where the search ends, but if the optimum lies beyond
STEEPEST = 1e5
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(12)
_SUMMED = 1000  # terms of a sum over the whole numbers before the rest is an integral


class Whole:
    """Cells that are the whole numbers: `values` rising, the first is x_min."""

    def __init__(self, values):
        self.values = np.asarray(values, np.float64)
        self.low, self.high = self.values, self.values + 1

    def power(self, alpha):
        return -alpha * np.log(self.values) - log_zeta(alpha, self.values[0])

    def survival(self, alpha):
        """P(x > cell)."""
        return np.exp(log_zeta(alpha, self.values + 1) - log_zeta(alpha, self.values[0]))

    def truncated(self, a, cut):
        u = self.values - self.values[0]
        return -a * np.log1p(u / self.values[0]) - cut * u - self._log_sum(self.values[0], a, cut)

    def truncated_survival(self, a, cut):
        """P(x > cell) of the truncated law."""
        start = self.values[0]
        behind = np.array([self._log_sum(v, a, cut) - a * np.log(v / start) for v in self.values + 1])
        return np.exp(behind - cut * (self.values + 1 - start) - self._log_sum(start, a, cut))

    @staticmethod
    def _log_sum(start, a, cut):
        """ln of the sum of (x / start)^-a e^(-cut (x - start)) from start on: the first terms, then Euler-Maclaurin."""
        u = np.arange(_SUMMED + 1.0)
        logs = -a * np.log1p(u / start) - cut * u
        last = start + _SUMMED
        tail = -a * np.log(last / start) + np.log(last) + _log_norm(a, cut * last) + cut * start
        top = max(logs.max(), tail)
        terms = np.exp(logs - top)
        return top + np.log(terms[:-1].sum() + np.exp(tail - top) + terms[-1] * (0.5 + (a / last + cut) / 12))

    @property
    def normal_edges(self):
        """Where a continuous law is cut to make one of whole numbers."""
        return self.values - 0.5, self.values + 0.5


class Bins:
    """Cells that are bins [edge, next edge); the first edge is x_min."""

    def __init__(self, edges):
        edges = np.asarray(edges, np.float64)
        self.low, self.high = edges[:-1], edges[1:]
        self.values = self.low

    def power(self, alpha):
        start = self.low[0]
        upper = (1 - alpha) * np.log(self.low / start)
        return upper + np.log(-np.expm1((1 - alpha) * np.log(self.high / self.low)))

    def survival(self, alpha):
        return (self.high / self.low[0]) ** (1 - alpha)

    def truncated(self, a, cut):
        start = self.low[0]
        low, high = np.log(self.low / start), np.log(self.high / start)
        s = (high - low)[:, None] / 2 * _NODES + ((high + low) / 2)[:, None]
        logs = (1 - a) * s - cut * start * np.exp(s)
        inner = logs.max(axis=1)
        mass = inner + np.log(((high - low) / 2) * (np.exp(logs - inner[:, None]) * _WEIGHTS).sum(axis=1))
        end = self.high[-1] / start
        tail = (1 - a) * np.log(end) + _log_norm(a, cut * start * end)
        return mass - np.logaddexp.reduce(np.append(mass, tail))

    @property
    def normal_edges(self):
        return self.low, self.high


def exponential(cells, rate):
    """ln P of each cell under e^(-rate (x - x_min))."""
    return -rate * (cells.low - cells.low[0]) + np.log(-np.expm1(-rate * (cells.high - cells.low)))


def lognormal(cells, mu, sigma):
    """ln P of each cell under a log-normal law cut off below x_min."""
    low, high = (np.log(edge) for edge in cells.normal_edges)
    upper = log_ndtr((mu - low) / sigma)  # ln P(x > low), exact far out in the upper tail
    lower = log_ndtr((mu - high) / sigma)
    return upper + np.log(np.maximum(-np.expm1(lower - upper), 1e-300)) - upper[0]


def best_alpha(cells, counts):
    """The exponent of greatest likelihood of the power law."""
    return least_exponent(lambda a: -np.dot(counts, cells.power(a)))


def least_exponent(cost):
    """The exponent of least cost above 1; an end of the search is never taken for it.

    Raises
    ------
    UsageError
        If the cost still falls at an exponent of 100 000.
    """
    low, high = 1.0001, float(LARGEST_ALPHA)
    while True:
        found = float(minimize_scalar(cost, bounds=(low, high), method="bounded").x)
        if found < high - 1e-3 * (high - low):
            return found
        if high >= STEEPEST:
            raise UsageError(
                f"no exponent up to {STEEPEST:g} is the best: the tail falls off at once; take a smaller x_min, or say "
                "that it is no power law"
            )
        low, high = found / 2, 4 * high


def log_zeta(alpha, start):
    """ln of the Hurwitz zeta function, the sum of k^-alpha from `start` on, also where that is below 1e-300.

    >>> round(float(log_zeta(2.0, 1.0)), 6), round(float(log_zeta(500.0, 1e3)), 6)
    (0.4977, -3452.943312)
    """
    direct = zeta(alpha, start)
    if np.all(direct > 1e-290):
        return np.log(direct)
    start = np.asarray(start, np.float64)[..., None]
    logs = -alpha * np.log1p(np.arange(_SUMMED + 1.0) / start)  # (..., terms), the last one begins the integral
    last = start[..., 0] + _SUMMED
    integral = np.exp(logs[..., -1]) * (last / (alpha - 1) + 0.5 + alpha / (12 * last))
    return -alpha * np.log(start[..., 0]) + np.log(np.exp(logs[..., :-1]).sum(axis=-1) + integral)


def best_exponential(cells, counts):
    cost = lambda p: -np.dot(counts, exponential(cells, np.exp(p)))  # noqa: E731
    scale = np.average(cells.low, weights=counts) - cells.low[0] + 1e-3 * cells.low[0]
    middle = -np.log(scale)
    for _ in range(40):
        found = float(minimize_scalar(cost, bounds=(middle - 4, middle + 4), method="bounded").x)
        if abs(found - middle) < 3.99:
            return float(np.exp(found))
        middle = found  # an end of the search is no optimum
    raise UsageError(f"no rate of an exponential is the best: still better at {np.exp(middle):g} per unit of x")


def best_lognormal(cells, counts):
    s = np.log(cells.values / cells.values[0])
    mean = np.average(s, weights=counts)
    spread = np.sqrt(np.average((s - mean) ** 2, weights=counts)) + 0.1
    shift = np.log(cells.values[0])
    starts = [(mean, np.log(spread)), (-3 * spread, np.log(2 * spread)), (-30 * spread, np.log(6 * spread))]
    cost = lambda p: -np.dot(counts, lognormal(cells, p[0] + shift, np.exp(p[1]))) / counts.sum()  # noqa: E731
    p = _descend(cost, starts)
    return float(p[0] + shift), float(np.exp(p[1]))


def best_truncated(cells, counts, alpha):
    largest = cells.values[-1]
    starts = [(alpha, -np.log(largest) - 3), (max(alpha - 1, 0.5), -np.log(largest) + 1)]
    cost = lambda p: -np.dot(counts, cells.truncated(p[0], np.exp(np.clip(p[1], -60, 60)))) / counts.sum()  # noqa: E731
    p = _descend(cost, starts)
    return float(p[0]), float(np.exp(np.clip(p[1], -60, 60)))


def _descend(cost, starts):
    options = {"xatol": 1e-5, "fatol": 1e-10, "maxiter": 500, "maxfev": 500}
    return min((minimize(cost, x, method="Nelder-Mead", options=options) for x in starts), key=lambda r: r.fun).x


def compare(cells, counts, alpha):
    """Log-likelihood ratio of the power law to each rival and its probability by chance; as `compare_continuous`.

    Returns
    -------
    dict of rival to (ratio, probability, parameters of the rival)
    """
    power = cells.power(alpha)
    found = {}
    for rival in RIVALS:
        if rival == "truncated_power_law":
            parameters = best_truncated(cells, counts, alpha)
            gain = min(float(np.dot(counts, power - cells.truncated(*parameters))), 0.0)
            found[rival] = (gain, float(chi2.sf(-2 * gain, 1)), parameters)
        elif rival == "exponential":
            rate = best_exponential(cells, counts)
            found[rival] = (*_vuong(power - exponential(cells, rate), counts), (rate,))
        else:
            parameters = best_lognormal(cells, counts)
            found[rival] = (*_vuong(power - lognormal(cells, *parameters), counts), parameters)
    return found


def _vuong(difference, counts):
    from scipy.special import erfc

    n = counts.sum()
    mean = np.dot(counts, difference) / n
    spread = np.sqrt(max(np.dot(counts, (difference - mean) ** 2) / n, 0)) * np.sqrt(2 * n)
    ratio = n * mean
    return float(ratio), float(erfc(abs(ratio) / spread)) if spread > 0 else 1.0
