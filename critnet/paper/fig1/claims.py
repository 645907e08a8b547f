"""Claims of section 1.1 that Fig. 1a-d decides: Dataset and definition in, one value a seed out."""

import functools

import numpy as np
from scipy.signal import find_peaks

from critnet.neurons.edges import adjacency, degrees
from critnet.neurons.information import fixed_point_spread, information_gain
from critnet.paper import anchors, ledger
from critnet.paper.anchors import at
from critnet.paper.fig1 import series
from critnet.paper.measured import SAMPLES, Measured, estimate
from critnet.paper.rules import above, all_of, at_least, at_most, below, both, for_reproduced, within
from critnet.statistics.courses import evenly, rank_correlation
from critnet.statistics.resampling import networks_interval

claim = functools.partial(ledger.claim, section="1.1", data="fig1")
ONE = ("as-coded",)


def _last(data):
    return int(anchors.steps(data)[-1])


def _times(data, values):
    """Iteration of the maximum, a seed each."""
    return anchors.steps(data)[values.argmax(axis=1)]


def _flourish(data, values):
    """Peak over start and peak over end, the smaller of the two, a seed each."""
    peak = values.max(axis=1)
    ends = np.maximum(at(data, values, 0), at(data, values, _last(data)))
    return peak / np.where(ends > 0, ends, np.nan)


def _trend(data, values, first=1):
    """Rank correlation of a series with the iteration from `first` on, a seed each; the same over snapshots beside it.

    Equal steps of ln t count alike; snapshots crowd at late times.
    """
    t = anchors.steps(data)
    grid, even = evenly(t, values, first, t[-1])
    kept = t >= first
    by_snapshot = [rank_correlation(t[kept], row[kept]) for row in values]
    return [rank_correlation(grid, row) for row in even], {"the same over snapshots": by_snapshot}


def _slope(t, values, low, high):
    """Least-squares slope against ln t on [low, high], a row each."""
    kept = (t >= low) & (t <= high)
    return np.polyfit(np.log(t[kept]), values[:, kept].T, 1)[0]


def _factor(a, b):
    a, b = np.maximum(a, 0.5), np.maximum(b, 0.5)
    return np.maximum(a / b, b / a)


@claim("C01", "1a", "activity patterns form early and persist", "t of 10 to 100",
       all_of(for_reproduced(at_least(0.6)), at_least(2, above=1, of="times that at t = 0")),
       quantity="correlation of C(100) with C(T)", kind="existence")  # fmt: skip
def patterns_persist(data, definition):
    """Correlation of the off-diagonal of C(100) with that of C(T)."""
    kept = data["persistence"].sel(definition=definition).values
    early, start = at(data, kept, 100), at(data, kept, 0)
    return Measured(early, {"at t = 0": start, "times that at t = 0": early / np.abs(start)})


@claim("C03", "1a, 1b", "neurons correlate within a few iterations", "about 10", within((3, 30), (1, 60)),
       quantity="iteration of half of the rise of F2", unit="iterations")  # fmt: skip
def onset(data, definition):
    """First snapshot at which F2 has made half of its rise."""
    f, t = series.strength(data, definition), anchors.steps(data)
    half = f[:, :1] + (f.max(axis=1, keepdims=True) - f[:, :1]) / 2
    return Measured(t[(f >= half).argmax(axis=1)])


@claim("C04", "1a, 1b", "an extensive correlated graph around t = 100", "about 100", above(1.5, 1),
       quantity="edges at t = 100 over the larger of both ends", kind="existence")  # fmt: skip
def extensive_graph(data, definition):
    """Edges at t = 100 over the larger of edges at 0 and at T."""
    e = series.graph(data, "n_edges", definition)
    return Measured(at(data, e, 100) / np.maximum(at(data, e, 0), at(data, e, _last(data))))


@claim("C05", "1b, 1c", "correlation strength flourishes and diminishes", "rise, then fall", at_least(1.2, above=1),
       quantity="peak of F2 over the larger of both ends", kind="existence")  # fmt: skip
def flourish_strength(data, definition):
    """The smaller of F2(peak)/F2(0) and F2(peak)/F2(T)."""
    return Measured(_flourish(data, series.strength(data, definition)))


@claim("C06", "1a", "the final graph is smaller but more compact", "T = 200000",
       both(above(1), below(1, of="joined neurons at T over t = 100")),
       quantity="density among joined neurons at T over t = 100", kind="existence")  # fmt: skip
def smaller_but_compact(data, definition):
    """Density among joined neurons at T over that at t = 100."""
    convention = "signed" if definition == "as-coded" else "absolute"
    joined, density = [], []
    for seed in data["seed"].values:
        pair = []
        for step in (100, _last(data)):
            k = degrees(adjacency(series.matrix(data, step, definition, seed), 0.5, convention))
            n = np.count_nonzero(k)
            pair.append((n, k.sum() / max(n * (n - 1), 1)))
        joined.append(pair[1][0] / pair[0][0])
        density.append(pair[1][1] / pair[0][1])
    return Measured(density, {"joined neurons at T over t = 100": joined})


@claim("C07", "1b, 1c", "the correlation strength peaks at", "t = 37", within((25, 55), (15, 150)),
       quantity="iteration of the peak of F2", unit="iterations")  # fmt: skip
def peak_time(data, definition):
    """Iteration of the largest F2."""
    return Measured(_times(data, series.strength(data, definition)))


@claim("C08", "1b", "the shift is confined to the first 100 iterations", "t of 0 to 100", at_least(0.6, 0.35),
       quantity="share of the variation of F2 before t = 100")  # fmt: skip
def early_shift(data, definition):
    """Share of the total variation of F2, followed in 200 equal steps of ln(1 + t), that lies before t = 100."""
    x, f = np.log1p(anchors.steps(data)), series.strength(data, definition)
    grid = np.linspace(0, x[-1], 200)
    moves = np.abs(np.diff([np.interp(grid, x, row) for row in f], axis=1))
    return Measured(moves[:, grid[1:] <= np.log1p(100)].sum(axis=1) / moves.sum(axis=1))


@claim("C09", "1c", "the loss falls fast and smoothly before 100, slowly and noisily after", "change at 100",
       both(at_least(2), at_least(2, of="rise of the noise")), definitions=ONE,
       quantity="drop of the slope of ln loss at t = 100", kind="existence")  # fmt: skip
def loss_regimes(data, definition):
    """Slope of ln mean loss against ln t on [10, 100] over that on [100, 10^4]; and of mini-batch noise."""
    t = anchors.steps(data)
    loss = np.log(data["loss"].values)
    slopes = np.abs(_slope(t, loss, 10, 100)) / np.abs(_slope(t, loss, 100, 10_000))
    i, batch = data["iteration"].values, np.log(np.maximum(data["batch_loss"].values, 1e-12))
    noise = []
    for low, high in ((10, 100), (100, 10_000)):
        kept = (i >= low) & (i <= high)
        x = np.log(i[kept])
        noise.append([np.std(row[kept] - np.polyval(np.polyfit(x, row[kept], 1), x)) for row in batch])
    return Measured(slopes, {"rise of the noise": np.divide(noise[1], noise[0])})


@claim("C10", "1b", "survival, mean degree and Forman-Ricci entropy peak with the strength", "near 37", at_most(2, 5),
       quantity="largest factor to the peak time of F2")  # fmt: skip
def synchronous_peaks(data, definition):
    """The largest factor between the peak time of F2 and that of P, mean degree or Forman-Ricci entropy."""
    reference = _times(data, series.strength(data, definition))
    factors = [
        _factor(_times(data, series.graph(data, m, definition)), reference)
        for m in ("survival", "mean_degree", "entropy")
    ]
    return Measured(np.max(factors, axis=0))


@claim("C11", "1b", "the transition persists for all thresholds", "0.5 to 1", at_least(9, 6),
       quantity="thresholds with an interior maximum, of 10", kind="existence")  # fmt: skip
def all_thresholds(data, definition):
    """Number of the ten thresholds 0.5...1 at which P(|C| > c) has an interior maximum above both ends."""
    count = clear = 0
    for threshold in data["threshold"].values:
        p = series.graph(data, "survival", definition, threshold)
        ends = np.maximum(p[:, 0], p[:, -1])
        count = count + (p.max(axis=1) > ends)
        clear = clear + (p.max(axis=1) >= 1.2 * ends) * (p.max(axis=1) > 0)
    also = {"thresholds at which the peak is 1.2 times both ends or more": clear}
    return Measured(count, also, "at exactly 1 only identical neurons remain")


@claim("C12", "1b", "the shift preserves the rank of the correlations", "rank kept", at_least(0.8, 0.5),
       quantity="rank correlation of |C| at t = 10 with that at 100", kind="existence")  # fmt: skip
def rank_preserved(data, definition):
    """Rank correlation of |C| before the peak of F2, at t = 10, with that after it, at t = 100."""
    rho = []
    for seed in data["seed"].values:
        before, after = (np.abs(series.matrix(data, step, definition, seed)) for step in (10, 100))
        pairs = np.triu_indices(len(before), 1)
        rho.append(rank_correlation(before[pairs], after[pairs]))
    kept, t = data["rank_kept"].sel(definition=definition).values, anchors.steps(data)
    peaks = _times(data, series.strength(data, definition))
    lowest = [row[(t >= p / 2) & (t <= 2 * p)].min() for row, p in zip(kept, peaks, strict=True)]
    return Measured(rho, {"smallest between neighbouring snapshots across the peak": lowest, "peak of F2 at t": peaks})


@claim("C13", "1a, 1b", "network organisation is weak before training", "weak", at_most(1 / 3, 2 / 3),
       quantity="P(|C| > 0.5) at t = 0 over its peak", kind="existence")  # fmt: skip
def weak_before(data, definition):
    """P(|C| > 0.5) at t = 0 over its peak."""
    p = series.graph(data, "survival", definition)
    return Measured(at(data, p, 0) / p.max(axis=1))


@claim("C14", "1b", "edges and largest component flourish and diminish", "rise, then fall", at_least(1.2, above=1),
       quantity="peak of edges and largest component over the larger of both ends", kind="existence")  # fmt: skip
def flourish_graph(data, definition):
    """As for the strength, for the number of edges and the largest component; the smaller ratio."""
    ratios = [_flourish(data, series.graph(data, name, definition)) for name in ("n_edges", "largest")]
    return Measured(np.minimum(*ratios))


@claim("C15", "1b", "edge counts of random batches have a higher mean and variance near the transition", "at t = 100",
       both(above(1), above(1, of="ratio of the variances")), definitions=ONE,
       quantity="mean edge count at t = 100 over the larger of both ends", kind="existence")  # fmt: skip
def batch_graphs(data, definition):
    """Mean edge count of 1000 batches of 64 at t = 100 over the larger of those at 0 and T; and of the variance."""
    counts, random = data["edge_count"].values, np.random.default_rng(0)

    def ratio(measure):
        def of(drawn):
            values = measure(counts[:, drawn], axis=-1)
            return values[1] / values[[0, 2]].max(axis=0)

        return estimate(networks_interval(of, counts.shape[1], n_bootstrap=500, random=random), SAMPLES, 1)

    mean, variance = ratio(np.mean), ratio(np.var)
    return Measured(mean, {"ratio of the variances": variance})


@claim("C16", "1c", "accuracy rises fast before 100, then slowly", "change at 100",
       all_of(at_least(0.75, 0.6), for_reproduced(at_least(3, of="drop of its slope at 100"))),
       definitions=ONE,
       quantity="test accuracy at t = 100", kind="existence", follows_from="convergence")  # fmt: skip
def accuracy_early(data, definition):
    """Test accuracy at t = 100; and its slope against ln t on [10, 100] over that on [100, 10^4]."""
    accuracy, t = data["test_accuracy"].values, anchors.steps(data)
    drop = _slope(t, accuracy, 10, 100) / _slope(t, accuracy, 100, 10_000)
    return Measured(at(data, accuracy, 100), {"drop of its slope at 100": drop})


@claim("C17", "1d", "prediction entropy varies monotonically", "falls", at_most(-0.95, -0.8),
       quantity="rank correlation of the prediction entropy with t",
       kind="existence", follows_from="convergence")  # fmt: skip
def entropy_falls(data, definition):
    """Spearman correlation of the prediction entropy with t, from t = 1."""
    return Measured(*_trend(data, series.entropy(data, definition)))


@claim("C18", "1d", "information gain grows steadily", "grows",
       both(at_least(0.95), within((-0.03, 0.03), of="entropy at the end less its bound, nats")),
       quantity="rank correlation of the information gain with t",
       kind="existence", follows_from="convergence")  # fmt: skip
def gain_grows(data, definition):
    """Spearman correlation of the information gain with t; and how far from 0.325 (control: 0) the entropy ends."""
    entropy, t = series.entropy(data, definition), anchors.steps(data)
    rho, also = _trend(data, np.array([information_gain(e, t) for e in entropy]))
    bound = 0.3251 if definition == "as-coded" else 0.0
    return Measured(rho, {"entropy at the end less its bound, nats": entropy[:, -1] - bound, **also})


@claim("C19", "1d", "a distinct turning point of complexity against information", "one reversal", at_least(0.1, 0.03),
       quantity="prominence of the peak of F2 over its range", kind="existence")  # fmt: skip
def turning(data, definition):
    """Height of the peak of F2 above its higher end, over its range, from t = 1."""
    f = series.strength(data, definition)[:, 1:]
    extent = np.ptp(f, axis=1)
    return Measured((f.max(axis=1) - np.maximum(f[:, 0], f[:, -1])) / np.where(extent > 0, extent, np.inf))


@claim("C20", "1d", "the terminal stage is a fixed point of the diagram", "fixed point", below(0.02, 0.1),
       quantity="spread of the last 50 snapshots over the range",
       kind="existence", follows_from="convergence")  # fmt: skip
def fixed_point(data, definition):
    """Standard deviation of the last 50 snapshots over the range, the larger of strength and information gain."""
    pairs = zip(series.strength(data, definition), series.entropy(data, definition), strict=True)
    return Measured([max(fixed_point_spread(f), fixed_point_spread(-s)) for f, s in pairs])


@claim("C21", "1d", "leading components explain ever more variance", "rises",
       all_of(for_reproduced(at_least(0.9)), above(0, of="net rise since 100")), definitions=ONE,
       quantity="rank correlation with t of the variance in ten components", kind="existence")  # fmt: skip
def variance_concentrates(data, definition):
    """Spearman correlation with t, after 100, of the variance that ten components explain."""
    first10 = data["explained_variance"].sel(component=10).values
    rise = at(data, first10, _last(data)) - at(data, first10, 100)
    rho, also = _trend(data, first10, first=100)
    return Measured(rho, {"net rise since 100": rise, **also})


@claim("C22", "1d", "the spectral exponent zig-zags, aligned with the turning point", "non-monotone",
       all_of(at_least(2, 1),
              for_reproduced(at_most(3, of="factor between the nearest and the peak of F2"))),
       quantity="turning points of the spectral exponent", kind="existence")  # fmt: skip
def exponent_turns(data, definition):
    """Turning points of the spectral exponent, followed in 60 equal steps of ln(1 + t), deeper than 5 %."""
    x, grid = np.log1p(anchors.steps(data)), np.linspace(0, np.log1p(_last(data)), 60)
    peaks = _times(data, series.strength(data, definition))
    counts, near = [], []
    for row, peak in zip(data["spectral_exponent"].sel(definition=definition).values, peaks, strict=True):
        smooth = np.interp(grid, x, row)
        depth = 0.05 * np.ptp(smooth)
        found = np.r_[find_peaks(smooth, prominence=depth)[0], find_peaks(-smooth, prominence=depth)[0]]
        counts.append(len(found))
        near.append(_factor(np.expm1(grid[found]), peak).min(initial=np.exp(grid[-1])))
    return Measured(counts, {"factor between the nearest and the peak of F2": near})
