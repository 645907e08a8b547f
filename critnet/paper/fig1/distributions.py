"""Degrees, components, cliques and clique activities of the size sweep: their counts, and two ways to fit them."""

from typing import NamedTuple

import numpy as np
from scipy.stats import kstwobign

from critnet.errors import UsageError
from critnet.explore import NoMatch
from critnet.paper import fits
from critnet.paper.sweeps import select
from critnet.paper.sweeps.layout import ACTIVITY_EDGES
from critnet.statistics.cells import Bins as BinCells
from critnet.statistics.cells import Whole, compare, exponential, log_zeta, lognormal
from critnet.statistics.counted import fit_bins, fit_counts
from critnet.statistics.lines import power_or_exponential
from critnet.statistics.pooled import linear_bins, occupied, pooled_interval, pooled_line, pooled_points
from critnet.statistics.resampling import networks_interval
from critnet.statistics.tails import DECADES, LIKELY, SIGNIFICANT
from critnet.statistics.truncated import fit_truncated

KINDS = {"degree": 0, "component": 1, "clique": 2}
CANDIDATES = 20  # most lower ends of a tail that are tried
MOMENTS = {select.TRANSITION: 0, select.LAST: 1}


class Rule(NamedTuple):
    """What the authors' line uses: bin centres above `above`, cut to whole numbers or not, of sizes h > `hidden`.

    `first` is the same lower end for maximum likelihood: the first whole number, or the first edge of a bin, above it.
    """

    whole: bool
    above: float
    hidden: int
    first: float


RULES = {
    "degree": Rule(False, 1, 0, 2),
    "clique": Rule(True, 4, 0, 5),
    "activity": Rule(True, 6, 300, float(ACTIVITY_EDGES[np.searchsorted(ACTIVITY_EDGES, 6)])),
}


def moment(t):
    """Index of one of the two iterations at which distributions are kept."""
    if t not in MOMENTS:
        raise NoMatch(f"No distributions are kept at t = {t}; choose one of {', '.join(map(str, MOMENTS))}.")
    return MOMENTS[t]


def whole_runs(data, t):
    """(runs of the size sweep whose clique list is complete at t, runs whose list the budget cut short)."""
    runs = select.runs_of(data, "sizes")
    m = moment(t)
    cut, known = data["cliques_truncated"].values[runs, m] > 0, np.isfinite(data["cliques"].values[runs, m])
    return runs[known & ~cut], runs[known & cut]


def runs_with(data, kind, t):
    """The network of each size that distributions are made of, one as with the authors: the first seed that is there.

    Truncated clique lists are left out.
    """
    runs = select.runs_of(data, "sizes") if kind in ("degree", "component") else whole_runs(data, t)[0]
    return runs[np.sort(np.unique(select.hidden(data, runs), return_index=True)[1])]


def fitted_runs(data, kind, t):
    """Those of them that the authors' rule admits: for clique activities the large ones only."""
    runs = runs_with(data, kind, t)
    return runs[select.hidden(data, runs) > (RULES[kind].hidden if kind in RULES else 0)]


def counts(data, kind, runs, t, definition="as-coded", threshold=0.5):
    """How many neurons, components or cliques of each size there are, a run each.

    Returns
    -------
    list of (sizes, counts), both int arrays, rising in size; empty where a run has no rows

    Raises
    ------
    NoMatch
        If cliques are asked for in another graph or at another threshold than the one that is stored.
    """
    g = list(data["graph"].values).index(select.GRAPH[definition])
    h = int(np.abs(data["threshold"].values - threshold).argmin())
    if kind == "clique" and (g, h) != (0, 0):
        raise NoMatch("Cliques are stored for the graph as coded at the threshold 0.5 only.")
    row = {
        name: data[f"row_{name}"].values for name in ("kind", "moment", "graph", "threshold", "run", "size", "count")
    }
    kept = (row["kind"] == KINDS[kind]) & (row["moment"] == moment(t)) & (row["graph"] == g) & (row["threshold"] == h)
    run, size, count = (row[name][kept].astype(int) for name in ("run", "size", "count"))
    return [(size[run == r], count[run == r]) for r in runs]


def pooled(data, kind, runs, t, definition="as-coded", threshold=0.5):
    """The same for all runs together, without size 0 (a neuron without an edge): (sizes, counts)."""
    parts = counts(data, kind, runs, t, definition, threshold)
    size, count = (np.concatenate([p[k] for p in parts] + [np.empty(0, int)]) for k in (0, 1))
    sizes, group = np.unique(size, return_inverse=True)
    total = np.bincount(group, count, minlength=sizes.size)
    return sizes[sizes > 0], total[sizes > 0]


def models(data, kind, runs, t, definition="as-coded", threshold=0.5):
    """The authors' histogram of each run: fifty linear bins, shares, empty ones dropped (D19)."""
    if kind == "activity":
        m = moment(t)
        ends, height = data["clique_activity_range"].values[:, m], data["clique_activity"].values[:, m]
        bins = height.shape[1]
        return [occupied(np.linspace(float(ends[r, 0]), float(ends[r, 1]), bins + 1), height[r]) for r in runs]
    return [linear_bins(*c) for c in counts(data, kind, runs, t, definition, threshold) if c[0].size]


def authors_line(data, kind, t, definition="as-coded", threshold=0.5, *, runs=None):
    """The authors' pooled least squares: LineFit, and the intervals of slope and intercept over redrawn models.

    With `runs` given, the line through these alone, whatever their size; without intervals if it is one.

    Raises
    ------
    UsageError
        If too few bins lie above the rule's abscissa.
    """
    rule = RULES[kind]
    runs = fitted_runs(data, kind, t) if runs is None else runs
    bins = models(data, kind, runs, t, definition, threshold)
    options = {"whole": rule.whole, "above": rule.above}
    fit = pooled_line(bins, **options)
    if len(bins) < 2:
        return fit, (np.nan, np.nan), (np.nan, np.nan)
    return fit, *pooled_interval(bins, **options, random=np.random.default_rng(0))


def cells(data, kind, runs, t, definition="as-coded", threshold=0.5):
    """What maximum likelihood sees: (sizes, counts) of whole numbers, or (edges, counts) of logarithmic bins."""
    if kind == "activity":
        return ACTIVITY_EDGES, data["clique_log_activity"].values[runs, moment(t)].sum(axis=0).astype(float)
    return pooled(data, kind, runs, t, definition, threshold)


def likelihood(data, kind, runs, t, definition="as-coded", threshold=0.5, *, n_bootstrap=0, x_min=None):
    """Power law of the pooled tail by maximum likelihood (D38): a TailFit, from x_min on or from where it fits best.

    Raises
    ------
    UsageError
        If the tail has fewer than 50 values, or all in one cell.
    """
    where, number = cells(data, kind, runs, t, definition, threshold)
    if len(number) == 0 or number.sum() == 0:
        raise UsageError(f"there is no {kind} at t = {t}")
    fit, rule = (fit_bins, "bins") if kind == "activity" else (fit_counts, "counts")
    options = {"x_min": None if x_min is None else float(x_min), "n_bootstrap": n_bootstrap, "candidates": CANDIDATES}
    return fits.once(
        fits.key_of(rule, where, number, **options),
        _about(data, kind, runs, t, definition, threshold, x_min, n_bootstrap),
        lambda: fit(where, number, **options | {"x_min": x_min}, random=np.random.default_rng(0)),
    )


def _about(data, kind, runs, t, definition, threshold, x_min, n_bootstrap):
    """What a fit is made of, in words."""
    hidden = select.hidden(data, np.asarray(runs))
    graph = f", {definition}, |C| threshold {threshold:.2f}" if kind != "activity" else ""
    runs = f"{len(hidden)} runs of h = {hidden.min()} to {hidden.max()}"
    tail = "the best tail" if x_min is None else f"from {x_min:.3g} on"
    return f"{kind} at t = {t}{graph}, {runs}, {tail}, {n_bootstrap} resamplings"


def exponent_interval(data, kind, runs, t, definition="as-coded", *, x_min):
    """The exponent of whole numbers from x_min on by maximum likelihood, with a bootstrap over networks."""
    statistic = _exponent(counts(data, kind, runs, t, definition), x_min)
    return networks_interval(statistic, len(runs), random=np.random.default_rng(0))


def difference_interval(data, kind, runs, moments, definition="as-coded", *, lines):
    """The exponent at the first of two iterations less that at the second, with a bootstrap over networks.

    By the authors' lines through histograms, or by maximum likelihood.
    """
    rule = RULES[kind]
    if lines:
        bins = [models(data, kind, runs, t, definition) for t in moments]

        def slope(of, drawn):
            return -pooled_line([of[i] for i in drawn], whole=rule.whole, above=rule.above).slope

        def statistic(drawn):
            return np.array([slope(bins[0], row) - slope(bins[1], row) for row in drawn])
    else:
        first, second = (_exponent(counts(data, kind, runs, t, definition), rule.first) for t in moments)

        def statistic(drawn):
            return first(drawn) - second(drawn)

    return networks_interval(statistic, len(runs), n_bootstrap=200 if lines else 2000, random=np.random.default_rng(0))


def _exponent(parts, x_min):
    """From networks drawn, shape (n_redraws, n), to the exponent of their pooled sizes from x_min on."""
    n = np.array([count[size >= x_min].sum() for size, count in parts], float)
    logs = np.array([count[size >= x_min] @ np.log(size[size >= x_min] / x_min) for size, count in parts])
    alpha = np.geomspace(1e-3, 30, 20_000) + 1
    mean = -np.gradient(log_zeta(alpha, x_min), alpha) - np.log(x_min)  # of ln(x / x_min), falls with alpha

    def of(drawn):
        with np.errstate(invalid="ignore"):
            found = logs[drawn].sum(axis=1) / n[drawn].sum(axis=1)
        return np.interp(found, mean[::-1], alpha[::-1])

    return of


def rivals(data, kind, t):
    """How straight the points of the authors' line are on two logarithmic axes, and on one."""
    rule, runs = RULES[kind], fitted_runs(data, kind, t)
    points = pooled_points(models(data, kind, runs, t), whole=rule.whole)
    kept = points.centre > rule.above
    return power_or_exponential(points.centre[kept], points.share[kept])


def spans(data, kind, runs, t, definition="as-coded", threshold=0.5):
    """Decades from the smallest to the largest size that occurs: no tail is longer. 0 where there is none."""
    where, number = cells(data, kind, runs, t, definition, threshold)
    filled = np.flatnonzero(number)
    return float(np.log10(where[filled[-1]] / where[filled[0]])) if filled.size else 0.0


def supported(data, kind, runs, t, definition="as-coded", threshold=0.5):
    """Whether a power law is supported (D38). None where too few values are left to ask.

    The bootstrap is made only where nothing else has spoken against the law.
    """
    try:
        fit = likelihood(data, kind, runs, t, definition, threshold)
    except UsageError:
        return None
    if fit.decades < DECADES or any(fit.ratio[r] < 0 and fit.ratio_p[r] < SIGNIFICANT for r in fit.ratio):
        return False
    return likelihood(data, kind, runs, t, definition, threshold, n_bootstrap=100).p_value > LIKELY


def cut_off_supported(data, kind, runs, t, definition="as-coded", threshold=0.5):
    """Whether a power law with an exponential cut-off fits, by its own goodness of fit, over 1.5 decades.

    Kolmogorov's probability of the distance is too large for a law whose parameters were fitted, so what it rejects is
    rejected; the bootstrap is made for the others alone. None where too few values are left to ask.
    """
    where, number = cells(data, kind, runs, t, definition, threshold)
    options = {"whole": kind != "activity", "candidates": 10}
    try:
        fit = fit_truncated(np.asarray(where, float), number, **options)
    except UsageError:
        return None
    if np.log10(fit.x_max / fit.x_min) < DECADES or kstwobign.sf(np.sqrt(fit.n_tail) * fit.distance) <= LIKELY:
        return False
    random = np.random.default_rng(0)
    fit = fit_truncated(np.asarray(where, float), number, x_min=fit.x_min, n_bootstrap=100, random=random, **options)
    return fit.p_value > LIKELY


def survivals(where, number, fit):
    """P(x >= value) above x_min: of the data, of the power law, and of its rivals at their best.

    Parameters
    ----------
    where, number : as `cells` returns them
    fit : TailFit of them

    Returns
    -------
    x : array
    dict of array, the same length
    """
    binned = len(where) == len(number) + 1
    last = np.flatnonzero(number)[-1]
    if binned:
        start = int(np.abs(np.asarray(where) - fit.x_min).argmin())
        edges, tail = where[start : last + 2], number[start : last + 1]
        x = edges[:-1]
    else:
        x = np.arange(fit.x_min, fit.x_max + 1)
        tail = np.zeros(x.size)
        inside = where >= fit.x_min
        tail[(where[inside] - fit.x_min).astype(int)] = number[inside]
    law = BinCells(edges) if binned else Whole(x)
    rivals = {name: found[2] for name, found in compare(law, tail, fit.alpha).items()}
    laws = {
        "data": np.log(np.maximum(tail, 1e-300) / tail.sum()),
        "power law": law.power(fit.alpha),
        "truncated power law": law.truncated(*rivals["truncated_power_law"]),
        "log-normal": lognormal(law, *rivals["lognormal"]),
        "exponential": exponential(law, *rivals["exponential"]),
    }
    return x, {name: 1 - np.concatenate([[0], np.cumsum(np.exp(p))[:-1]]) for name, p in laws.items()}
