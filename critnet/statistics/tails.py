"""Is it a power law? Maximum-likelihood tails with their rivals, and the authors' line through a linear histogram."""

from typing import NamedTuple

import numpy as np
from scipy.special import zeta
from scipy.stats import linregress, norm

from critnet import checks
from critnet.errors import UsageError
from critnet.statistics.cells import Whole, compare, least_exponent, log_zeta
from critnet.statistics.likelihoods import RIVALS, compare_continuous

FEWEST = 50  # points of a tail
CANDIDATES = 100
LIKELY, SIGNIFICANT, DECADES = 0.1, 0.1, 1.5


class TailFit(NamedTuple):
    """A power law p(x) ~ x^-alpha fitted to the values from x_min on.

    `error` is the standard error of alpha; `distance` the Kolmogorov-Smirnov distance of tail and fit; `p_value` the
    share of synthetic samples further from their own fit (NaN without bootstrap); `decades` log10(x_max / x_min).
    `ratio` and `ratio_p` hold, for each rival in `RIVALS`, the log-likelihood ratio (positive: the power law is
    preferred) and the probability of one as large by chance.
    """

    alpha: float
    error: float
    x_min: float
    x_max: float
    n_tail: int
    distance: float
    p_value: float
    decades: float
    ratio: dict
    ratio_p: dict

    @property
    def supported(self):
        """Whether p > 0.1, no rival is significantly better, and the tail spans 1.5 decades; METHODS D38.

        Without a bootstrap there is no p, and nothing is supported.
        """
        beaten = any(self.ratio[r] < 0 and self.ratio_p[r] < SIGNIFICANT for r in self.ratio)
        return bool(self.p_value > LIKELY and not beaten and self.decades >= DECADES)


def fit_tail(values, *, discrete=False, x_min=None, n_bootstrap=0, random=None, candidates=CANDIDATES):
    """Fit a power law to the tail of a sample, and weigh it against log-normal, exponential and truncated power law.

    Continuous: alpha = 1 + n / sum ln(x / x_min). Discrete: the exact likelihood with the Hurwitz zeta function. x_min
    is the candidate of least Kolmogorov-Smirnov distance among at most 100, evenly spaced in the logarithm of the count
    of points above; the tail keeps at least 50 points.

    Parameters
    ----------
    values : array, shape (n,), all > 0
        In the discrete case whole numbers. Leave zeros out, or say what they mean.
    discrete : bool
    x_min : float > 0, a whole number >= 1 in the discrete case, or None
        None: found as above.
    n_bootstrap : int
        Synthetic samples for `p_value` (the body resampled, the tail drawn from the fit, x_min found anew); 100 give
        it to within 0.1.
    random : numpy Generator, needed where n_bootstrap > 0
    candidates : int >= 1

    Returns
    -------
    TailFit

    Raises
    ------
    UsageError
        If a value is not finite or not positive, fewer than 50 are left above x_min, the tail's values are all equal,
        discrete values are not whole, or a bootstrap has no generator.

    Source: Clauset, Shalizi, Newman 2009, SIAM Review 51, 661; METHODS D38.

    >>> fit = fit_tail((np.arange(1000) + 0.5) / 1000 + 1, x_min=1.0)
    >>> fit.n_tail, round(fit.decades, 3), fit.supported
    (1000, 0.301, False)
    """
    ordered = _sample(values, discrete)
    n_bootstrap, candidates = checks.whole("n_bootstrap", n_bootstrap, 0), checks.whole("candidates", candidates)
    if n_bootstrap:
        checks.generator(random, f"n_bootstrap is {n_bootstrap}")
    if x_min is not None:
        x_min = float(checks.whole("x_min", x_min)) if discrete else checks.number("x_min", x_min, above=0)
    starts = _starts(ordered, candidates) if x_min is None else [int(np.searchsorted(ordered, x_min))]
    if ordered.size - starts[0] < FEWEST:
        raise UsageError(
            f"{ordered.size - starts[0]} values lie at or above x_min = {x_min}; a tail needs at least {FEWEST}: "
            "lower x_min or give more values"
        )
    lower = x_min
    alpha, start, distance = _scan(ordered, starts, discrete, lower)
    tail = ordered[start:]
    lower = float(tail[0]) if lower is None else lower
    if tail[0] == tail[-1]:
        raise UsageError(f"all {tail.size} values of the tail are {tail[0]}; there is no exponent to fit")
    p_value = np.nan
    if n_bootstrap:
        p_value = _bootstrap(
            ordered, start, lower, alpha, distance, discrete, x_min is None, n_bootstrap, random, candidates
        )
    comparison = _compare_whole(tail, lower, alpha) if discrete else compare_continuous(tail, lower, alpha)
    return TailFit(
        alpha,
        _standard_error(alpha, lower, tail.size, discrete),
        lower,
        float(tail[-1]),
        tail.size,
        distance,
        p_value,
        float(np.log10(tail[-1] / lower)),
        {r: comparison[r][0] for r in RIVALS},
        {r: comparison[r][1] for r in RIVALS},
    )


class LineFit(NamedTuple):
    """A straight line ln y = slope ln x + intercept; `r_squared` of the fit, `n_points` used."""

    slope: float
    intercept: float
    r_squared: float
    n_points: int


def linear_bin_slope(values, n_bins=100, *, first=0, above=-np.inf, below=np.inf):
    """The authors' estimator: least squares in ln-ln through a histogram of equal linear bins.

    Strongly biased: bins of the far tail that hold one value or none weigh as much as those that hold thousands, and
    empty ones are left out. On Pareto samples it returns far less than alpha.

    Parameters
    ----------
    values : array, shape (n,)
    n_bins : int >= 2, over the range of the values
    first : int >= 0
        Bins to leave out at the lower end; 1 for the irreversibility.
    above, below : float
        Only bin centres strictly between are used.

    Returns
    -------
    LineFit
        Of the share of the values by bin against the bin centre, in natural logarithms; -slope is the authors' alpha.

    Raises
    ------
    UsageError
        If a value is not finite, n_bins < 2, or fewer than two bins with a positive centre are left.

    Source: circuit_organization at 7df745e; METHODS D38.

    >>> line = linear_bin_slope([1.0] * 8 + [2.0] * 4 + [4.0] * 2, 3)
    >>> line.n_points, line.slope < 0
    (3, True)
    """
    values = _finite(values)
    n_bins, first = checks.whole("n_bins", n_bins, 2), checks.whole("first", first, 0)
    for name, bound in (("above", above), ("below", below)):
        checks.number(name, 0 if isinstance(bound, float) and np.isinf(bound) else bound)
    counts, edges = np.histogram(values, n_bins, checks.even_range(values, n_bins))
    centres = (edges[1:] + edges[:-1]) / 2
    used = (counts > 0) & (centres > max(above, 0)) & (centres < below) & (np.arange(counts.size) >= first)
    return line(centres[used], counts[used] / values.size)


def line(x, y):
    """Least squares of ln y on ln x, unweighted.

    Parameters
    ----------
    x, y : array, shape (n,), all > 0

    Returns
    -------
    LineFit

    Raises
    ------
    UsageError
        If the shapes differ, a value is not positive, or fewer than two different x are left.

    >>> round(line([1.0, 10.0, 100.0], [1.0, 0.1, 0.01]).slope, 9)
    -1.0
    """
    x, y = checks.array("x", x), checks.array("y", y)
    if x.shape != y.shape or x.ndim != 1 or not ((x > 0).all() and (y > 0).all()):
        raise UsageError(f"x has shape {x.shape} and y {y.shape}; give one positive y a positive x")
    if np.unique(x).size < 2:
        raise UsageError(f"{x.size} points at {np.unique(x).size} different x; a line needs two")
    u, v = np.log(x), np.log(y)
    slope, intercept = np.polyfit(u, v, 1)
    left, spread = np.sum((v - slope * u - intercept) ** 2), np.sum((v - v.mean()) ** 2)
    return LineFit(float(slope), float(intercept), float(1 - left / spread) if spread > 0 else 1.0, x.size)


def _compare_whole(tail, lower, alpha):
    """As `compare_continuous`, for whole numbers."""
    values, counts = np.unique(np.append(lower, tail), return_counts=True)
    counts[0] -= 1  # x_min itself, which need not occur
    return compare(Whole(values), counts, alpha)


def _finite(values):
    array = checks.array("values", values).ravel()
    if array.size == 0 or not np.isfinite(array).all():
        bad = array.size - int(np.isfinite(array).sum())
        raise UsageError(f"values holds {bad} NaN or infinite of {array.size}; leave them out, and give at least one")
    return array


def _sample(values, discrete):
    array = np.sort(_finite(values))
    if array[0] <= 0:
        raise UsageError(
            f"values holds {int((array <= 0).sum())} values <= 0, the smallest {array[0]}; a power law has none: "
            "take absolute values or leave them out, and say so"
        )
    if discrete and (array != np.rint(array)).any():
        raise UsageError("values holds fractions; use discrete=False")
    if array.size < FEWEST:
        raise UsageError(f"values holds {array.size} values; a tail needs at least {FEWEST}")
    return array


def _starts(ordered, candidates):
    """Indices of the candidate x_min in the sorted sample: first of equal values, at least FEWEST points above."""
    counts = np.unique(np.rint(np.geomspace(FEWEST, ordered.size, candidates)).astype(int))
    starts = np.unique(np.searchsorted(ordered, ordered[ordered.size - counts]))
    spread = starts[ordered[starts] < ordered[-1]]
    return list(spread if spread.size else starts[:1])


def _scan(ordered, starts, discrete, lower):
    """(alpha, start, distance) of the candidate of least Kolmogorov-Smirnov distance."""
    found = [(*_distance(ordered[i:], discrete, lower), int(i)) for i in starts]
    alpha, distance, start = min(found, key=lambda f: f[1])
    return float(alpha), start, float(distance)


def _distance(tail, discrete, lower):
    lower = tail[0] if lower is None else lower
    if discrete:
        return _discrete_distance(tail, lower)
    logs = np.log(tail / lower)
    total = logs.sum()
    if total == 0:
        return np.inf, np.inf
    alpha = 1 + tail.size / total
    model = -np.expm1((1 - alpha) * logs)
    steps = np.arange(tail.size + 1) / tail.size
    return alpha, max((model - steps[:-1]).max(), (steps[1:] - model).max())


def _discrete_distance(tail, lower):
    mean = np.log(tail).mean()
    alpha = least_exponent(lambda a: log_zeta(a, lower) + a * mean)
    values, counts = np.unique(tail, return_counts=True)
    model = 1 - np.exp(log_zeta(alpha, values + 1) - log_zeta(alpha, lower))
    return alpha, np.abs(np.cumsum(counts) / tail.size - model).max()


def _standard_error(alpha, lower, n, discrete):
    if not discrete:
        return float((alpha - 1) / np.sqrt(n))
    h = 1e-3
    left, middle, right = (log_zeta(alpha + d, lower) for d in (-h, 0, h))
    return float(1 / np.sqrt(n * (left - 2 * middle + right) / h**2))


def _bootstrap(ordered, start, lower, alpha, distance, discrete, rescan, n_bootstrap, random, candidates):
    """Share of synthetic samples at least as far from their own fit."""
    body, further = ordered[:start], 0
    for _ in range(n_bootstrap):
        n_tail = random.binomial(ordered.size, 1 - start / ordered.size) if rescan else ordered.size - start
        u = 1 - random.random(n_tail)
        drawn = _discrete_quantile(u, lower, alpha) if discrete else lower * u ** (-1 / (alpha - 1))
        if rescan:
            drawn = np.concatenate([drawn, random.choice(body, ordered.size - n_tail)]) if body.size else drawn
        drawn = np.sort(drawn)
        starts = _starts(drawn, candidates) if rescan else [0]
        further += _scan(drawn, starts, discrete, None if rescan else lower)[2] >= distance
    return further / n_bootstrap


def _discrete_quantile(u, lower, alpha):
    """The largest whole x >= lower with P(X >= x) >= u: doubling, then bisection."""
    total = zeta(alpha, lower)
    low, high = np.full(u.size, lower), np.full(u.size, lower + 1)
    while (grow := zeta(alpha, high) / total >= u).any() and high.max() < 1e15:
        low, high = np.where(grow, high, low), np.where(grow, 2 * high, high)
    while (high - low > 1).any():
        middle = np.floor((low + high) / 2)
        above = zeta(alpha, middle) / total >= u
        low, high = np.where(above, middle, low), np.where(above, high, middle)
    return low


def lognormal_distance(levels, quantiles, highest=0.99):
    """Largest distance between a distribution, known at some quantiles, and the log-normal law nearest to them.

    Parameters
    ----------
    levels, quantiles : array, shape (n,)
        Those at 0, above `highest`, or with a loss of 0 are left out.

    Returns
    -------
    float
        Of the two cumulative distributions at these quantiles; NaN where fewer than three different ones are left.

    >>> level = np.array([0.1, 0.3, 0.5, 0.8])
    >>> round(lognormal_distance(level, np.exp(2 * norm.ppf(level) - 7)), 9)
    0.0
    """
    kept = (levels > 0) & (levels <= highest) & (quantiles > 0)
    level, logs = levels[kept], np.log(quantiles[kept])
    if np.unique(logs).size < 3:
        return np.nan
    fit = linregress(norm.ppf(level), logs)
    return float(np.abs(norm.cdf((logs - fit.intercept) / fit.slope) - level).max())
