"""The power law with an exponential cut-off, fitted, weighed against the pure law, and tested for itself."""

from typing import NamedTuple

import numpy as np
from scipy.optimize import minimize
from scipy.stats import chi2

from critnet import checks
from critnet.errors import UsageError
from critnet.statistics.cells import Bins, Whole, best_alpha
from critnet.statistics.counted import MOST
from critnet.statistics.shares import bootstrap_p
from critnet.statistics.tails import FEWEST

CANDIDATES = 20


class TruncatedFit(NamedTuple):
    """A law p(x) ~ x^-alpha e^(-x / scale) fitted to the values from x_min on.

    `gain` is how much larger its log-likelihood is than that of the pure power law (>= 0), `gain_p` the probability of
    one as large if there is no cut-off (simulated with a bootstrap, halved chi-squared without); `distance` the
    Kolmogorov-Smirnov distance, `p_value` the probability of one as large if the truncated law is true (NaN without
    bootstrap). `decades` is log10(min(scale, x_max) / x_min): how far the power law reaches before the cut-off. `scale`
    is infinite where the pure law is best.
    """

    alpha: float
    scale: float
    x_min: float
    x_max: float
    n_tail: int
    gain: float
    gain_p: float
    distance: float
    p_value: float
    decades: float


def fit_truncated(edges, counts, *, whole=False, x_min=None, n_bootstrap=0, random=None, candidates=CANDIDATES):
    """Fit a power law with an exponential cut-off to counted values, and test it.

    `gain_p` compares with the pure law, which lies at the edge of the truncated ones (1 / scale = 0): there twice the
    gain is 0 in half of all samples and chi-squared with one degree of freedom in the other half, so the usual
    probability is halved, and 1 where there is no gain. That needs a finite variance: for exponents up to 3 the mean of
    most samples is too small, a cut-off seems to help, and the halved p errs in 13 to 17 % at a level of 10 %
    (simulated; 11 % at 4.5). With a bootstrap the gain is therefore weighed against samples of the pure law.
    `p_value` comes from samples drawn from the fit, each fitted anew from its own x_min if x_min was found. Both are
    counted (k + 1) / (n + 1).

    Parameters
    ----------
    edges : array, shape (n + 1,), > 0, rising; if `whole`, shape (n,), the whole numbers >= 1 themselves, rising
    counts : array, shape (n,), whole numbers >= 0
    whole : bool
        Whether the values are whole numbers, or counted in bins.
    x_min : float or None
        The value, or the edge, where the tail begins. None: the candidate of least Kolmogorov-Smirnov distance with at
        least 50 values from it on.
    n_bootstrap : int >= 0
    random : numpy Generator, needed where n_bootstrap > 0
    candidates : int >= 1
        Most values of x_min to try.

    Returns
    -------
    TruncatedFit

    Raises
    ------
    UsageError
        If edges or counts are not as above, fewer than 50 values or only one filled cell is left from x_min on, x_min
        is no edge, a parameter is out of range, or a bootstrap has no generator.

    Source: Clauset, Shalizi, Newman 2009; Self and Liang 1987, JASA 82, 605 (the edge); LEDGER 6 (C41, C34).

    >>> k = np.arange(1, 400)
    >>> fit = fit_truncated(k, np.rint(1e9 * k**-1.5 * np.exp(-k / 20)), whole=True, x_min=1)
    >>> round(fit.alpha, 3), round(fit.scale, 1), fit.gain_p < 1e-9, round(fit.decades, 2)
    (1.5, 20.0, True, 1.3)
    """
    low, high, counts = _cells(edges, counts, whole)
    n_bootstrap, candidates = checks.whole("n_bootstrap", n_bootstrap, 0), checks.whole("candidates", candidates)
    if n_bootstrap:
        checks.generator(random, f"n_bootstrap is {n_bootstrap}")
    if x_min is None:
        starts = _starts(counts, candidates)
    else:
        starts, low, high, counts = _at(low, high, counts, whole, checks.number("x_min", x_min, above=0))
    if not starts:
        raise UsageError(f"{int(counts.sum())} values leave no tail of {FEWEST} in two cells; give more values")
    start, fit = _scan(low, high, counts, whole, starts)
    alpha, cut, gain, distance = fit
    p_value, gain_p = np.nan, float(chi2.sf(2 * gain, 1) / 2) if gain > 0 else 1.0
    if n_bootstrap:
        rescan = candidates if x_min is None else 0
        redrawn = _redrawn(low, high, counts, whole, start, (alpha, cut), rescan, n_bootstrap, random)
        p_value = bootstrap_p(distance, [f[3] for f in redrawn]) if redrawn else np.nan
        pure = best_alpha(_make(low[start:], high[start:], whole), counts[start:]), 0.0
        gain_p = bootstrap_p(
            gain, [f[2] for f in _redrawn(low, high, counts, whole, start, pure, 0, n_bootstrap, random)]
        )
    filled = np.flatnonzero(counts)
    x_max = float((low if whole else high)[filled[-1]])
    scale = 1 / cut if cut > 0 else np.inf
    return TruncatedFit(
        alpha,
        scale,
        float(low[start]),
        x_max,
        int(counts[start:].sum()),
        gain,
        gain_p,
        distance,
        p_value,
        float(np.log10(max(min(scale, x_max) / low[start], 1.0))),
    )


def _cells(edges, counts, whole):
    edges, counts = checks.sample("edges", edges), checks.sample("counts", counts)
    if edges.size != counts.size + (not whole):
        words = "as many whole numbers as counts" if whole else "one edge more than counts"
        raise UsageError(f"there are {edges.size} edges and {counts.size} counts; give {words}")
    if edges[0] <= 0 or (np.diff(edges) <= 0).any() or (whole and (edges != np.rint(edges)).any()):
        raise UsageError(f"the edges run from {edges[0]} to {edges[-1]}; give rising {'whole ' * whole}numbers > 0")
    if (counts < 0).any() or (counts != np.rint(counts)).any():
        raise UsageError("counts must be whole numbers >= 0")
    return (edges, edges + 1, counts) if whole else (edges[:-1], edges[1:], counts)


def _at(low, high, counts, whole, x_min):
    """The one start that was asked for; a whole number that does not occur gets an empty cell."""
    if whole:
        if x_min != np.rint(x_min):
            raise UsageError(f"x_min is {x_min}; give a whole number")
        if x_min not in low:
            i = int(np.searchsorted(low, x_min))
            low, counts = np.insert(low, i, x_min), np.insert(counts, i, 0)
            high = low + 1
    elif not np.isclose(low, x_min, rtol=1e-9, atol=0).any():
        raise UsageError(f"x_min is {x_min}, no edge of a bin; take one of {low[0]:g} to {low[-1]:g}")
    start = int(np.argmin(np.abs(low - x_min)))
    n = int(counts[start:].sum())
    if n < FEWEST or (counts[start:] > 0).sum() < 2:
        raise UsageError(f"{n} values lie from x_min = {x_min:g} on; a tail needs {FEWEST}, in two cells at least")
    return [start], low, high, counts


def _starts(counts, candidates):
    above = np.cumsum(counts[::-1])[::-1]
    filled = np.flatnonzero(counts)
    good = filled[(above[filled] >= FEWEST) & (filled < filled[-1])] if filled.size else filled
    if good.size > candidates:
        good = good[np.unique(np.rint(np.geomspace(1, good.size, candidates)).astype(int) - 1)]
    return [int(i) for i in good]


def _make(low, high, whole):
    return Whole(low) if whole else Bins(np.append(low, high[-1]))


def _scan(low, high, counts, whole, starts):
    """(start, fit) of the candidate of least Kolmogorov-Smirnov distance."""
    found = [(i, _fit(low[i:], high[i:], counts[i:], whole)) for i in starts]
    return min(found, key=lambda f: f[1][3])


def _fit(low, high, counts, whole):
    """(alpha, 1 / scale, gain over the pure law, distance) of the likeliest truncated law."""
    cells = _make(low, high, whole)
    n = counts.sum()
    pure = best_alpha(cells, counts)
    base = float(np.dot(counts, cells.power(pure)))
    largest = low[np.flatnonzero(counts)[-1]]

    def cost(p):
        return -np.dot(counts, cells.truncated(p[0], np.exp(np.clip(p[1], -40, 6)))) / n

    options = {"xatol": 1e-4, "fatol": 1e-9, "maxiter": 600, "maxfev": 600}
    tries = [(pure, -np.log(largest) - 3), (max(pure - 1, 0.5), -np.log(largest) + 1)]
    best = min((minimize(cost, x, method="Nelder-Mead", options=options) for x in tries), key=lambda r: r.fun)
    gain = float(-best.fun * n - base)
    alpha, cut = (float(best.x[0]), float(np.exp(np.clip(best.x[1], -40, 6)))) if gain > 1e-6 else (pure, 0.0)
    logs = cells.truncated(alpha, cut) if cut > 0 else cells.power(pure)
    model = _cumulative(cells, alpha, cut, logs, whole)
    return alpha, cut, gain if cut > 0 else 0.0, float(np.abs(np.cumsum(counts) / n - model).max())


def _cumulative(cells, alpha, cut, logs, whole):
    """P(x <= cell); whole numbers that do not occur lie between."""
    if not whole:
        return np.cumsum(np.exp(logs))
    return 1 - (cells.truncated_survival(alpha, cut) if cut > 0 else cells.survival(alpha))


def _redrawn(low, high, counts, whole, start, law, rescan, n_bootstrap, random):
    """Fits of samples drawn from a law (alpha, 1 / scale); with `rescan` candidates, x_min is found anew."""
    body, n = counts[:start], int(counts.sum())
    if whole:  # the whole numbers between those that occur, and as far again
        if low[-1] > MOST:
            raise UsageError(f"the largest value is {low[-1]:g}; a bootstrap of whole numbers goes to {MOST}: use bins")
        tail = np.arange(low[start], max(4 * low[-1], low[start] + 1000))
        low, high = np.append(low[:start], tail), np.append(low[:start], tail) + 1
    cells = _make(low[start:], high[start:], whole)
    alpha, cut = law
    share = np.exp(cells.truncated(alpha, cut) if cut > 0 else cells.power(alpha))
    share[-1] += max(1 - share.sum(), 0)
    share /= share.sum()
    fits = []
    for _ in range(n_bootstrap):
        n_tail = random.binomial(n, 1 - body.sum() / n) if rescan else n - int(body.sum())
        drawn = np.append(np.zeros(start), random.multinomial(n_tail, share))
        if rescan and body.sum():
            drawn[:start] = random.multinomial(n - n_tail, body / body.sum())
        kept = drawn > 0 if whole else np.ones(drawn.size, bool)
        kept[start] |= not rescan
        drawn_low, drawn_high, drawn = low[kept], high[kept], drawn[kept]
        starts = _starts(drawn, rescan) if rescan else [int(kept[:start].sum())]
        if starts and (drawn[starts[0] :] > 0).sum() > 1:
            fits.append(_scan(drawn_low, drawn_high, drawn, whole, starts)[1])
    return fits
