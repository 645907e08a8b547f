"""What the redistribution model gives at each P_C, by the authors' line and by the exact law: Fig. 4j, k, C92-C94."""

from typing import NamedTuple

import numpy as np

from critnet.dynamics.lynn import fit_lynn_counts, lynn_law
from critnet.errors import UsageError
from critnet.statistics.tails import line

PUBLISHED, SLOPE, INTERCEPT = 0.37, 0.6, 1.0  # P_C of Fig. 4j; alpha = 1 + 0.6 / P_C of Fig. 4k
LARGEST_INVERSE = 6.0  # the authors fit 1 / P_C below
SHARE = 100  # the authors draw units over a hundred
NEURONS = 110


class Bins(NamedTuple):
    """Centres of the filled bins of a histogram, and the share of the values in each."""

    centre: np.ndarray
    share: np.ndarray


class Straight(NamedTuple):
    """alpha = intercept + slope / P_C, its R2, and the interval of the slope when seeds are redrawn."""

    slope: float
    intercept: float
    r_squared: float
    low: float
    high: float


class Break(NamedTuple):
    """Where alpha against 1 / P_C bends: at which P_C, and how much BIC the bend gains over one line."""

    probability: float
    gain: float


def histogram(counts):
    """The authors' histogram of how many pairs have how many units: 100 equal bins of units / 100, empty ones left out.

    Over whole symmetric matrices with their empty diagonal; METHODS D39.
    """
    counts = np.asarray(counts, float)
    units = np.arange(counts.size)
    both = 2 * counts
    both[0] += NEURONS * counts.sum() / (NEURONS * (NEURONS - 1) / 2)
    largest = units[both > 0][-1] / SHARE
    height, edges = np.histogram(units / SHARE, 100, (0, largest or 1), weights=both)
    kept = height > 0
    return Bins(((edges[1:] + edges[:-1]) / 2)[kept], height[kept] / both.sum())


def line_exponent(counts):
    """The authors' exponent: least squares through the logarithms of `histogram` from the second filled bin on.

    >>> line_exponent([5000, 900, 90]) > 0
    True
    """
    bins = histogram(counts)
    try:
        return -line(bins.centre[1:], bins.share[1:]).slope
    except UsageError:
        return np.nan


def law_exponent(counts):
    """1 + 1 / P_C of the exact law that the counts are likeliest under."""
    return fit_lynn_counts(counts).exponent


ESTIMATES = {"as-coded": line_exponent, "control": law_exponent}


def exponents(data, preference="correlation", definition="control"):
    """Exponents of every repeat at every P_C, shape (repeat, probability)."""
    counts = data["pairs_of_units"].sel(preference=preference).values
    return np.array([[ESTIMATES[definition](cell) for cell in row] for row in counts])


def exact(data, definition, *, repeats=10, random):
    """The same exponents from independent samples of the exact law, as many pairs, of the model's mean: the null."""
    counts = data["pairs_of_units"].values[0, 0]
    number, units = int(counts[0].sum()), np.arange(counts.shape[1])
    found = []
    for p, row in zip(data["probability"].values, counts, strict=True):
        law = lynn_law(10 * units[-1], float(p), float(row @ units / number))
        found.append([ESTIMATES[definition](random.multinomial(number, law / law.sum())) for _ in range(repeats)])
    return np.array(found).T


def straight(probability, exponents, *, random=None):
    """The line of medians over seeds against 1 / P_C, below LARGEST_INVERSE; a generator redraws the seeds."""
    x = 1 / np.asarray(probability)
    used = x < LARGEST_INVERSE

    def fitted(rows):
        y = np.nanmedian(rows, axis=0)
        known = used & np.isfinite(y)
        slope, intercept = np.polyfit(x[known], y[known], 1)
        left = np.sum((y[known] - slope * x[known] - intercept) ** 2)
        return slope, intercept, 1 - left / np.sum((y[known] - y[known].mean()) ** 2)

    value = fitted(exponents)
    low = high = value[0]
    if random is not None:
        n = len(exponents)
        low, high = np.quantile([fitted(exponents[random.integers(0, n, n)])[0] for _ in range(500)], (0.025, 0.975))
    return Straight(*map(float, (*value, low, high)))


def bend(probability, exponents):
    """The bend of the medians against 1 / P_C that gains most of BIC over one line, with four points on either side."""
    x = 1 / np.asarray(probability)
    y = np.nanmedian(exponents, axis=0)
    order = np.argsort(x)
    x, y = x[order], y[order]
    n, plain = x.size, np.vander(x, 2)

    def cost(columns):
        left = y - columns @ np.linalg.lstsq(columns, y, rcond=None)[0]
        return n * np.log(np.mean(left**2)) + columns.shape[1] * np.log(n)

    one = cost(plain)
    places = np.linspace(x[3], x[-4], 200)
    costs = [cost(np.column_stack([plain, np.maximum(x - at, 0)])) + np.log(n) for at in places]
    best = int(np.argmin(costs))
    return Break(float(1 / places[best]), float(one - costs[best]))


def best_probability(probability, exponents, wanted):
    """P_C whose median exponent is nearest to the one wanted, straight between neighbours, to 1 / 4000 of the range.

    >>> round(best_probability([0.2, 0.4, 0.8], np.array([[4.0, 2.0, 1.0]]), 3.0), 3)
    0.3
    """
    probability = np.asarray(probability, float)
    y = np.nanmedian(exponents, axis=0)
    grid = np.linspace(probability[0], probability[-1], 4001)
    off = np.abs(np.interp(grid, probability, y) - wanted)
    return round(float(grid[int(np.argmin(off))]), 6)
