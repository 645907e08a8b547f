"""Is it a power law? The same question as `tails`, of counts: whole numbers that repeat, or the bins of a histogram."""

import numpy as np

from critnet import checks
from critnet.errors import UsageError
from critnet.statistics.cells import Bins, Whole, best_alpha, compare
from critnet.statistics.tails import CANDIDATES, FEWEST, TailFit

MOST = 10_000_000  # largest whole number of a bootstrap, which lists them all


def fit_counts(values, counts, *, x_min=None, n_bootstrap=0, random=None, candidates=CANDIDATES):
    """`tails.fit_tail` of whole numbers that are given with their counts; the cost does not grow with the counts.

    Parameters
    ----------
    values : array, shape (n,), whole numbers >= 1, rising
    counts : array, shape (n,), whole numbers >= 0
    x_min : whole number >= 1 or None
        It need not occur among the values. None: the
        candidate of least Kolmogorov-Smirnov distance with at least 50 values at or above it.
    n_bootstrap : int
        Synthetic samples for the p-value.
    random : numpy Generator, needed where n_bootstrap > 0
    candidates : int >= 1
        Most values of x_min to try.

    Returns
    -------
    TailFit

    Raises
    ------
    UsageError
        If values or counts are not as above, fewer than 50 or only equal values are left above x_min, or a bootstrap
        has no generator.

    Source: Clauset, Shalizi, Newman 2009, SIAM Review 51, 661; METHODS D38.

    >>> k = np.arange(1, 2000)
    >>> fit = fit_counts(k, np.rint(1e9 * k**-2.5), x_min=1)
    >>> round(fit.alpha, 3), fit.n_tail > 1e9
    (2.5, True)
    """
    values, counts = _checked(values, counts, "values", "counts")
    if (values != np.rint(values)).any() or values[0] < 1:
        raise UsageError(f"values are {values[0]} and more, some of them fractions or below 1; give whole numbers >= 1")
    if x_min is not None:
        x_min = checks.whole("x_min", x_min)
        if x_min not in values:  # a number that does not occur
            place = int(np.searchsorted(values, x_min))
            values, counts = np.insert(values, place, x_min), np.insert(counts, place, 0.0)
    return _fit(values, values + 1, counts, Whole, x_min, n_bootstrap, random, candidates)


def fit_bins(edges, counts, *, x_min=None, n_bootstrap=0, random=None, candidates=CANDIDATES):
    """`tails.fit_tail` of a histogram: the likelihood of the bins, so nothing is assumed of where in a bin a value lay.

    Parameters
    ----------
    edges : array, shape (n + 1,), > 0, rising
    counts : array, shape (n,), whole numbers >= 0
    x_min : float or None
        One of the edges. None: as for `fit_counts`.
    n_bootstrap, random, candidates : as for `fit_counts`

    Returns
    -------
    TailFit
        `x_max` is the upper edge of the last filled bin.

    Raises
    ------
    UsageError
        As `fit_counts`, or if x_min is not an edge.

    Source: Virkar and Clauset 2014, Annals of Applied Statistics 8, 89; METHODS D38.

    >>> edges = 2.0 ** np.arange(20)
    >>> fit = fit_bins(edges, np.rint(1e9 * -np.diff(edges**-1.0)), x_min=1.0)
    >>> round(fit.alpha, 3)
    2.0
    """
    edges = checks.sample("edges", edges, 2)
    low, counts = _checked(edges[:-1], counts, "edges", "counts")
    if not edges[-1] > edges[-2] or low[0] <= 0:
        raise UsageError(f"the edges run from {edges[0]} to {edges[-1]}; give rising edges > 0")
    if x_min is not None:
        x_min = checks.number("x_min", x_min, above=0)
        if not np.isclose(edges[:-1], x_min, rtol=1e-9, atol=0).any():
            raise UsageError(f"x_min = {x_min} is no edge of a bin; take one of {edges[0]:g} to {edges[-2]:g}")
    return _fit(low, edges[1:], counts, _bins_of, x_min, n_bootstrap, random, candidates)


def _bins_of(low, high):
    return Bins(np.append(low, high[-1]))


def _cells(make, low, high):
    return Whole(low) if make is Whole else make(low, high)


def _checked(values, counts, name, other):
    values, counts = checks.array(name, values), checks.array(other, counts)
    if values.shape != counts.shape or values.ndim != 1 or values.size == 0:
        raise UsageError(f"{name} and {other} have shapes {values.shape} and {counts.shape}; give one count a cell")
    if not np.isfinite(values).all() or (np.diff(values) <= 0).any():
        raise UsageError(f"{name} must be finite and rise; sort them and add up the counts of equal ones")
    if not np.isfinite(counts).all() or (counts < 0).any() or (counts != np.rint(counts)).any():
        raise UsageError(f"{other} must be whole numbers >= 0")
    return values, counts


def _fit(low, high, counts, make, x_min, n_bootstrap, random, candidates):
    n_bootstrap, candidates = checks.whole("n_bootstrap", n_bootstrap, 0), checks.whole("candidates", candidates)
    if n_bootstrap:
        checks.generator(random, f"n_bootstrap is {n_bootstrap}")
    above = np.cumsum(counts[::-1])[::-1]
    if x_min is None:
        starts = _starts(counts, above, candidates)
    else:
        starts = [int(np.searchsorted(low, x_min * (1 - 1e-9)))]
        starts = starts if starts[0] < low.size else []
    if not starts or above[starts[0]] < FEWEST:
        n = 0 if not starts else int(above[starts[0]])
        raise UsageError(
            f"{n} values are left in the tail; it needs at least {FEWEST}: lower x_min or give more values"
        )
    alpha, start, distance = _scan(low, high, counts, make, starts)
    last = int(np.flatnonzero(counts)[-1])
    if last == int(np.flatnonzero(counts[start:])[0]) + start:
        raise UsageError(f"all values of the tail lie in the one cell at {low[start]:g}; there is no exponent to fit")
    p_value = np.nan
    if n_bootstrap:
        p_value = _bootstrap(
            low, high, counts, make, start, alpha, distance, x_min is None, n_bootstrap, random, candidates
        )
    cells, tail = _cells(make, low[start:], high[start:]), counts[start:]
    rivals = compare(cells, tail, alpha)
    x_max = float(low[last] if make is Whole else high[last])
    return TailFit(
        alpha,
        _standard_error(cells, tail, alpha),
        float(low[start]),
        x_max,
        int(tail.sum()),
        distance,
        p_value,
        float(np.log10(x_max / low[start])),
        {r: found[0] for r, found in rivals.items()},
        {r: found[1] for r, found in rivals.items()},
    )


def _starts(counts, above, candidates):
    """Cells that may be the first of the tail: filled, with at least FEWEST values and another filled cell above."""
    filled = np.flatnonzero(counts)
    if not filled.size:
        return []
    good = filled[(above[filled] >= FEWEST) & (filled < filled[-1])]
    if good.size <= candidates:
        return [int(i) for i in good]
    return [int(i) for i in good[np.unique(np.rint(np.geomspace(1, good.size, candidates)).astype(int) - 1)]]


def _scan(low, high, counts, make, starts):
    """(alpha, start, distance) of the candidate of least Kolmogorov-Smirnov distance."""
    found = []
    for start in starts:
        cells, tail = _cells(make, low[start:], high[start:]), counts[start:]
        alpha = best_alpha(cells, tail)
        model = 1 - cells.survival(alpha)
        found.append((alpha, start, float(np.abs(np.cumsum(tail) / tail.sum() - model).max())))
    return min(found, key=lambda f: f[2])


def _standard_error(cells, counts, alpha):
    """From the curvature of the likelihood at its maximum."""
    h = 1e-3
    left, middle, right = (np.dot(counts, cells.power(alpha + d)) for d in (-h, 0, h))
    return float(1 / np.sqrt((2 * middle - left - right) / h**2))


def _bootstrap(low, high, counts, make, start, alpha, distance, rescan, n_bootstrap, random, candidates):
    """Share of synthetic samples at least as far from their own fit; what lies beyond the last cell falls into it."""
    body, n = counts[:start], int(counts.sum())
    if make is Whole:  # the whole numbers between those that occur, and as far again
        if low[-1] > MOST:
            raise UsageError(f"the largest value is {low[-1]:g}; a bootstrap of whole numbers goes to {MOST}: use bins")
        tail = np.arange(low[start], max(4 * low[-1], low[start] + 1000))
        low, high = np.append(low[:start], tail), np.append(low[:start], tail) + 1
    share = np.exp(_cells(make, low[start:], high[start:]).power(alpha))
    share[-1] += max(1 - share.sum(), 0)
    share /= share.sum()
    further = 0
    for _ in range(n_bootstrap):
        n_tail = random.binomial(n, 1 - body.sum() / n) if rescan else n - int(body.sum())
        drawn = np.append(np.zeros(start), random.multinomial(n_tail, share))
        if rescan and body.sum():
            drawn[:start] = random.multinomial(n - n_tail, body / body.sum())
        kept = drawn > 0 if make is Whole else np.ones(drawn.size, bool)
        kept[start] |= not rescan
        cells, drawn = (low[kept], high[kept]), drawn[kept]
        starts = _starts(drawn, np.cumsum(drawn[::-1])[::-1], candidates) if rescan else [int(kept[:start].sum())]
        if starts and (drawn[starts[0] :] > 0).sum() > 1:
            further += _scan(*cells, drawn, make, starts)[2] >= distance
    return further / n_bootstrap
