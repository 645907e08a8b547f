"""How far a power law reaches: the longest stretch of a density over which its local slope stays the same."""

from typing import NamedTuple

import numpy as np

from critnet import checks
from critnet.errors import UsageError

PER_DECADE = 10
FEWEST = 10  # values that a bin needs for a slope worth the name


class Stretch(NamedTuple):
    """From `low` to `high` the local slope of the density stays within the tolerance of `slope`; NaN if nowhere."""

    low: float
    high: float
    decades: float
    slope: float


def log_density(values, per_decade=PER_DECADE):
    """Density of positive values in bins that grow geometrically.

    Parameters
    ----------
    values : array, shape (n,); what is not above 0 is left out of the bins and counted in the norm
    per_decade : int >= 1

    Returns
    -------
    centre, density, count : arrays of the bins from the smallest to the largest value, empty ones included

    Raises
    ------
    UsageError
        If no value is above 0, or a value is not finite.

    >>> centre, density, count = log_density([1.0, 2.0, 20.0], 1)
    >>> count.tolist(), (density * np.diff([1, 10, 100])).round(6).tolist()
    ([2, 1], [0.666667, 0.333333])
    """
    values = checks.sample("values", values)
    positive = values[values > 0]
    if not positive.size:
        raise UsageError(f"none of {values.size} values is above 0; a logarithmic bin holds positive values only")
    first, last = np.floor(np.log10(positive.min()) * per_decade), np.log10(positive.max()) * per_decade
    edges = 10 ** (np.arange(first, max(np.floor(last), first) + 2) / per_decade)
    count = np.histogram(positive, edges)[0]
    return np.sqrt(edges[1:] * edges[:-1]), count / values.size / np.diff(edges), count


def local_slopes(values, *, above=None, per_decade=PER_DECADE, window=5):
    """Slopes of lines through `window` neighbouring bins of `log_density`: (centres of the bins, first bin -> slope).

    Only bins above `above` (the median, unless given) with at least ten values each have one.

    >>> centre, slopes = local_slopes(1 / (np.arange(100_000) + 0.5), above=1e-3)
    >>> round(slopes[min(slopes)], 1)
    -2.0
    """
    centre, density, count = log_density(values, per_decade)
    positive = np.asarray(values, float)
    body = np.median(positive[positive > 0]) if above is None else checks.number("above", above)
    return centre, bin_slopes(centre, density, count, above=body, window=window)


def bin_slopes(centre, density, count, *, above, window=5):
    """Slopes as `local_slopes` gives them, of a density that is known by its bins: first bin -> slope.

    >>> centre = np.array([1.0, 10.0, 100.0])
    >>> {i: round(s, 9) for i, s in bin_slopes(centre, centre**-2, [99, 99, 9], above=0, window=2).items()}
    {0: -2.0}
    """
    centre, density, count = (np.asarray(a, float) for a in (centre, density, count))
    x, y = np.log(centre), np.log(np.where(density > 0, density, np.nan))
    starts = [i for i in range(len(x) - window + 1) if centre[i] >= above and (count[i : i + window] >= FEWEST).all()]
    return {i: float(np.polyfit(x[i : i + window], y[i : i + window], 1)[0]) for i in starts}


def straight_stretch(values, *, tolerance=0.3, above=None, per_decade=PER_DECADE, window=5):
    """The longest stretch over which the local slope of ln density on ln x varies by at most twice the tolerance.

    The local slope is that of the line through `window` neighbouring bins, half a decade by default, each with at least
    ten values. A power law keeps one slope from end to end; a log-normal's turns all the way. The body is left out:
    near zero every smooth density is flat, which is no tail.

    Parameters
    ----------
    values : array, shape (n,)
    tolerance : float > 0
    above : float or None
        Bins whose centre lies below are left out; None takes the median of the positive values.
    per_decade : int >= 1
    window : int >= 2, bins

    Returns
    -------
    Stretch
        `decades` 0 if no window of filled bins exists.

    Source: METHODS 11; the rule of C88, C89 and C91.

    >>> law = 1 / (np.arange(100_000) + 0.5) * 1e5  # P(X > x) = 1 / x: a density of exponent 2
    >>> found = straight_stretch(law, above=1)
    >>> found.decades > 3, abs(found.slope + 2) < 0.05  # above 2000 a bin holds fewer than ten
    (True, True)
    """
    tolerance = checks.number("tolerance", tolerance, above=0)
    centre, slopes = local_slopes(values, above=above, per_decade=per_decade, window=window)
    return straight_bins(centre, slopes, tolerance=tolerance, window=window)


def straight_bins(centre, slopes, *, tolerance=0.3, window=5):
    """The longest stretch of `straight_stretch` from the slopes of `bin_slopes`.

    >>> found = straight_bins(10.0 ** np.arange(6), {0: -1.0, 1: -2.0, 2: -2.1, 3: -1.9}, window=3)
    >>> round(found.decades, 9), found.low
    (4.0, 10.0)
    """
    starts = sorted(slopes)
    best = (-1, 0, 0.0)
    for first in starts:
        low = high = slopes[first]
        last = first
        while last + 1 in slopes and max(high, slopes[last + 1]) - min(low, slopes[last + 1]) <= 2 * tolerance:
            last += 1
            low, high = min(low, slopes[last]), max(high, slopes[last])
        best = max(best, (last - first, -first, (low + high) / 2))
    length, first, slope = best[0], -best[1], best[2]
    if length < 0:
        return Stretch(np.nan, np.nan, 0.0, np.nan)
    ends = centre[first], centre[first + length + window - 1]
    return Stretch(float(ends[0]), float(ends[1]), float(np.log10(ends[1] / ends[0])), float(slope))


def student_log_likelihood(tail, x_min):
    """Log-likelihood of |x| >= x_min under Student's t, scale and degrees of freedom at their best.

    Parameters
    ----------
    tail : array, shape (n,), all >= x_min
    x_min : float > 0

    Returns
    -------
    float, of two parameters

    Raises
    ------
    UsageError
        If a value lies below x_min.
    """
    from scipy.optimize import minimize
    from scipy.stats import t

    tail = checks.sample("tail", tail)
    if not x_min > 0 or tail.min() < x_min:
        raise UsageError(
            f"the tail starts at {tail.min():g} and x_min is {x_min}; no value may lie below a positive x_min"
        )

    def cost(p):
        scale, freedom = np.exp(np.clip(p, -30, 12))
        return -(t.logpdf(tail / scale, freedom) - np.log(scale) - t.logsf(x_min / scale, freedom)).sum()

    spread = np.log(np.median(tail))
    starts = [(spread, 1.0), (spread - 2, 0.5), (spread, 3.0)]
    options = {"xatol": 1e-5, "fatol": 1e-4, "maxiter": 400}
    return -min(float(minimize(cost, s, method="Nelder-Mead", options=options).fun) for s in starts)
