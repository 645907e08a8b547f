"""Claims of section 1.1 that Fig. 1a-d decides: Dataset and definition in, one value a seed and a verdict out."""

import numpy as np
from scipy.signal import find_peaks
from scipy.stats import spearmanr

from critnet.neurons.edges import adjacency, degrees
from critnet.neurons.information import fixed_point_spread, information_gain
from critnet.paper import anchors
from critnet.paper.anchors import at
from critnet.paper.fig1 import series
from critnet.paper.ledger import Claim, Measured, verdict


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
    """Spearman correlation of a series with the iteration from `first` on, a seed each."""
    kept = anchors.steps(data) >= first
    return np.array([spearmanr(anchors.steps(data)[kept], row[kept]).statistic for row in values])


def _slope(t, values, low, high):
    """Least-squares slope against ln t on [low, high], a row each."""
    kept = (t >= low) & (t <= high)
    return np.polyfit(np.log(t[kept]), values[:, kept].T, 1)[0]


def patterns_persist(data, definition):
    """Correlation of the off-diagonal of C(100) with that of C(T); the ordering against t = 0 must hold too."""
    kept = data["persistence"].sel(definition=definition).values
    early, start = at(data, kept, 100), at(data, kept, 0)
    ratio = np.median(early) / abs(np.median(start))
    return Measured(
        early,
        verdict(np.median(early) >= 0.6 and ratio >= 2, np.median(early) > np.median(start)),
        f"at t = 0: {np.median(start):.3f}",
    )


def onset(data, definition):
    """First snapshot at which F2 has made half of its rise."""
    f, t = series.strength(data, definition), anchors.steps(data)
    half = f[:, :1] + (f.max(axis=1, keepdims=True) - f[:, :1]) / 2
    first = t[(f >= half).argmax(axis=1)]
    middle = np.median(first)
    return Measured(first, verdict(3 <= middle <= 30, 1 <= middle <= 60))


def extensive_graph(data, definition):
    """Edges at t = 100 over the larger of edges at 0 and at T."""
    e = series.graph(data, "n_edges", definition)
    ratio = at(data, e, 100) / np.maximum(at(data, e, 0), at(data, e, _last(data)))
    return Measured(ratio, verdict(np.median(ratio) > 1.5, np.median(ratio) > 1))


def flourish_strength(data, definition):
    """The smaller of F2(peak)/F2(0) and F2(peak)/F2(T); the sign must agree in all seeds."""
    ratio = _flourish(data, series.strength(data, definition))
    return Measured(ratio, verdict(np.median(ratio) >= 1.2 and (ratio > 1).all(), np.median(ratio) > 1))


def smaller_but_compact(data, definition):
    """Density among joined neurons at T over that at t = 100; the number of joined neurons must fall."""
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
    smaller, denser = np.median(joined) < 1, np.median(density) > 1
    return Measured(
        density,
        verdict(smaller and denser, smaller or denser),
        f"joined neurons at T over t = 100: {np.median(joined):.3f}",
    )


def peak_time(data, definition):
    """Iteration of the largest F2."""
    t = _times(data, series.strength(data, definition))
    return Measured(t, verdict(25 <= np.median(t) <= 55, 15 <= np.median(t) <= 150))


def early_shift(data, definition):
    """Share of the total variation of F2, followed in 200 equal steps of ln(1 + t), that lies before t = 100."""
    x, f = np.log1p(anchors.steps(data)), series.strength(data, definition)
    grid = np.linspace(0, x[-1], 200)
    moves = np.abs(np.diff([np.interp(grid, x, row) for row in f], axis=1))
    share = moves[:, grid[1:] <= np.log1p(100)].sum(axis=1) / moves.sum(axis=1)
    return Measured(share, verdict(np.median(share) >= 0.6, np.median(share) >= 0.35))


def loss_regimes(data, definition):
    """Slope of ln mean loss against ln t on [10, 100] over that on [100, 10^4]; and the detrended mini-batch noise."""
    t = anchors.steps(data)
    loss = np.log(data["loss"].values)
    slopes = np.abs(_slope(t, loss, 10, 100)) / np.abs(_slope(t, loss, 100, 10_000))
    i, batch = data["iteration"].values, np.log(np.maximum(data["batch_loss"].values, 1e-12))
    noise = []
    for low, high in ((10, 100), (100, 10_000)):
        kept = (i >= low) & (i <= high)
        x = np.log(i[kept])
        noise.append([np.std(row[kept] - np.polyval(np.polyfit(x, row[kept], 1), x)) for row in batch])
    rise = np.array(noise[1]) / np.array(noise[0])
    slower, noisier = np.median(slopes) >= 2, np.median(rise) >= 2
    return Measured(slopes, verdict(slower and noisier, slower or noisier), f"noise rises {np.median(rise):.2f} times")


def synchronous_peaks(data, definition):
    """The largest factor between the peak time of F2 and that of P, mean degree or Forman-Ricci entropy."""
    reference = _times(data, series.strength(data, definition))
    factors = [
        _factor(_times(data, series.graph(data, m, definition)), reference)
        for m in ("survival", "mean_degree", "entropy")
    ]
    worst = np.max(factors, axis=0)
    return Measured(worst, verdict(np.median(worst) <= 2, np.median(worst) <= 5))


def _factor(a, b):
    a, b = np.maximum(a, 0.5), np.maximum(b, 0.5)
    return np.maximum(a / b, b / a)


def all_thresholds(data, definition):
    """Number of the ten thresholds 0.5...1 at which P(|C| > c) has an interior maximum above both ends."""
    count = clear = 0
    for threshold in data["threshold"].values:
        p = series.graph(data, "survival", definition, threshold)
        ends = np.maximum(p[:, 0], p[:, -1])
        count = count + (p.max(axis=1) > ends)
        clear = clear + (p.max(axis=1) >= 1.2 * ends) * (p.max(axis=1) > 0)
    return Measured(
        count,
        verdict(np.median(count) >= 9, np.median(count) >= 6),
        f"the peak is 1.2 times both ends or more at {np.median(clear):g}; at exactly 1 only identical neurons remain",
    )


def rank_preserved(data, definition):
    """Smallest Spearman correlation of |C| between neighbouring snapshots from half to twice the peak time."""
    kept, t = data["rank_kept"].sel(definition=definition).values, anchors.steps(data)
    peaks = _times(data, series.strength(data, definition))
    lowest = np.array([row[(t >= p / 2) & (t <= 2 * p)].min() for row, p in zip(kept, peaks, strict=True)])
    return Measured(lowest, verdict(np.median(lowest) >= 0.8, np.median(lowest) >= 0.5))


def weak_before(data, definition):
    """P(|C| > 0.5) at t = 0 over its peak."""
    p = series.graph(data, "survival", definition)
    ratio = at(data, p, 0) / p.max(axis=1)
    return Measured(ratio, verdict(np.median(ratio) <= 1 / 3, np.median(ratio) <= 2 / 3))


def flourish_graph(data, definition):
    """As for the strength, for the number of edges and the largest component; the smaller ratio."""
    ratio = np.minimum(
        _flourish(data, series.graph(data, "n_edges", definition)),
        _flourish(data, series.graph(data, "largest", definition)),
    )
    return Measured(ratio, verdict(np.median(ratio) >= 1.2 and (ratio > 1).all(), np.median(ratio) > 1))


def batch_graphs(data, definition):
    """Mean edge count of 1000 batches of 64 at t = 100 over the larger of those at 0 and T; and the variance."""
    counts = data["edge_count"].values
    mean, variance = counts.mean(axis=1), counts.var(axis=1)
    higher, wider = mean[1] > mean[[0, 2]].max(), variance[1] > variance[[0, 2]].max()
    return Measured(
        [mean[1] / mean[[0, 2]].max()],
        verdict(higher and wider, higher or wider),
        f"ratio of the variances: {variance[1] / variance[[0, 2]].max():.3f}",
    )


def accuracy_early(data, definition):
    """Test accuracy at t = 100; its slope against ln t must drop at least three times after."""
    accuracy, t = data["test_accuracy"].values, anchors.steps(data)
    drop = _slope(t, accuracy, 10, 100) / _slope(t, accuracy, 100, 10_000)
    early = at(data, accuracy, 100)
    return Measured(
        early,
        verdict(np.median(early) >= 0.75 and np.median(drop) >= 3, np.median(early) >= 0.6),
        f"the slope drops {np.median(drop):.1f} times",
    )


def entropy_falls(data, definition):
    """Spearman correlation of the prediction entropy with t, from t = 1."""
    rho = _trend(data, series.entropy(data, definition))
    return Measured(rho, verdict(np.median(rho) <= -0.95, np.median(rho) <= -0.8))


def gain_grows(data, definition):
    """Spearman correlation of the information gain with t; the entropy must end at 0.325 (control: 0)."""
    entropy, t = series.entropy(data, definition), anchors.steps(data)
    rho = _trend(data, np.array([information_gain(e, t) for e in entropy]))
    end, target = np.median(entropy[:, -1]), 0.3251 if definition == "as-coded" else 0.0
    grows, arrives = np.median(rho) >= 0.95, abs(end - target) < 0.03
    return Measured(rho, verdict(grows and arrives, grows or arrives), f"entropy at the end {end:.4f} nats")


def turning(data, definition):
    """Height of the peak of F2 above its higher end, over its range, from t = 1."""
    f = series.strength(data, definition)[:, 1:]
    prominence = (f.max(axis=1) - np.maximum(f[:, 0], f[:, -1])) / np.ptp(f, axis=1)
    return Measured(prominence, verdict(np.median(prominence) >= 0.1, np.median(prominence) >= 0.03))


def fixed_point(data, definition):
    """Standard deviation of the last 50 snapshots over the range, the larger of strength and information gain."""
    pairs = zip(series.strength(data, definition), series.entropy(data, definition), strict=True)
    spread = np.array([max(fixed_point_spread(f), fixed_point_spread(-s)) for f, s in pairs])
    return Measured(spread, verdict(np.median(spread) < 0.02, np.median(spread) < 0.1))


def variance_concentrates(data, definition):
    """Spearman correlation with t, after 100, of the variance that ten components explain."""
    first10 = data["explained_variance"].sel(component=10).values
    rho = _trend(data, first10, first=100)
    rises = np.median(at(data, first10, _last(data)) - at(data, first10, 100)) > 0
    return Measured(rho, verdict(np.median(rho) >= 0.9, rises))


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
        near.append(bool((_factor(np.expm1(grid[found]), np.full(len(found), peak)) <= 3).any()))
    enough = np.median(counts) >= 2 and np.mean(near) > 0.5
    return Measured(
        counts, verdict(enough, np.median(counts) >= 1), f"near the peak of F2 in {sum(near)} of {len(near)} seeds"
    )


DATA = "fig1"
ONE = ("as-coded",)
CLAIMS = [
    Claim(
        "C01",
        "1.1",
        "1a",
        "activity patterns form early and persist",
        "t of 10 to 100",
        "R: corr(C(100), C(T)) >= 0.6 and twice that of t = 0; P: larger than at 0",
        patterns_persist,
    ),
    Claim(
        "C03",
        "1.1",
        "1a, 1b",
        "neurons correlate within a few iterations",
        "about 10",
        "R: half of the rise of F2 in [3, 30]; P: [1, 60]",
        onset,
    ),
    Claim(
        "C04",
        "1.1",
        "1a, 1b",
        "an extensive correlated graph around t = 100",
        "about 100",
        "R: edges at 100 > 1.5 times both ends; P: more than both",
        extensive_graph,
    ),
    Claim(
        "C05",
        "1.1",
        "1b, 1c",
        "correlation strength flourishes and diminishes",
        "rise, then fall",
        "R: peak >= 1.2 times both ends, all seeds > 1; P: > 1",
        flourish_strength,
    ),
    Claim(
        "C06",
        "1.1",
        "1a",
        "the final graph is smaller but more compact",
        "T = 200000",
        "R: fewer joined neurons and denser among them than at 100; P: one",
        smaller_but_compact,
    ),
    Claim(
        "C07", "1.1", "1b, 1c", "the correlation strength peaks at", "t = 37", "R: 25 to 55; P: 15 to 150", peak_time
    ),
    Claim(
        "C08",
        "1.1",
        "1b",
        "the shift is confined to the first 100 iterations",
        "t of 0 to 100",
        "R: >= 60 % of the variation of F2 in ln t; P: >= 35 %",
        early_shift,
    ),
    Claim(
        "C09",
        "1.1",
        "1c",
        "the loss falls fast and smoothly before 100, slowly and noisily after",
        "change at 100",
        "R: slope drops >= 2 times and noise rises >= 2 times; P: one",
        loss_regimes,
        ONE,
    ),
    Claim(
        "C10",
        "1.1",
        "1b",
        "survival, mean degree and Forman-Ricci entropy peak with the strength",
        "near 37",
        "R: all within a factor 2 of the peak of F2; P: 5",
        synchronous_peaks,
    ),
    Claim(
        "C11",
        "1.1",
        "1b",
        "the transition persists for all thresholds",
        "0.5 to 1",
        "R: interior maximum of P at >= 9 of 10; P: >= 6",
        all_thresholds,
    ),
    Claim(
        "C12",
        "1.1",
        "1b",
        "the shift preserves the rank of the correlations",
        "rank kept",
        "R: Spearman of |C| between snapshots across the peak >= 0.8; P: >= 0.5",
        rank_preserved,
    ),
    Claim(
        "C13",
        "1.1",
        "1a, 1b",
        "network organisation is weak before training",
        "weak",
        "R: P at 0 <= 1/3 of its peak; P: <= 2/3",
        weak_before,
    ),
    Claim(
        "C14",
        "1.1",
        "1b",
        "edges and largest component flourish and diminish",
        "rise, then fall",
        "R: peak >= 1.2 times both ends, all seeds > 1; P: > 1",
        flourish_graph,
    ),
    Claim(
        "C15",
        "1.1",
        "1b",
        "edge counts of random batches have a higher mean and variance near the transition",
        "at t = 100",
        "R: mean and variance largest at 100 (of 0, 100, T); P: one",
        batch_graphs,
        ONE,
    ),
    Claim(
        "C16",
        "1.1",
        "1c",
        "accuracy rises fast before 100, then slowly",
        "change at 100",
        "R: >= 0.75 at 100 and the slope drops >= 3 times; P: >= 0.6",
        accuracy_early,
        ONE,
    ),
    Claim(
        "C17",
        "1.1",
        "1d",
        "prediction entropy varies monotonically",
        "falls",
        "R: Spearman with t <= -0.95; P: <= -0.8",
        entropy_falls,
    ),
    Claim(
        "C18",
        "1.1",
        "1d",
        "information gain grows steadily",
        "grows",
        "R: Spearman >= 0.95 and the entropy ends within 0.03 of its bound; P: one",
        gain_grows,
    ),
    Claim(
        "C19",
        "1.1",
        "1d",
        "a distinct turning point of complexity against information",
        "one reversal",
        "R: prominence >= 10 % of the range; P: >= 3 %",
        turning,
    ),
    Claim(
        "C20",
        "1.1",
        "1d",
        "the terminal stage is a fixed point of the diagram",
        "fixed point",
        "R: spread of the last 50 snapshots < 2 % of the range; P: < 10 %",
        fixed_point,
    ),
    Claim(
        "C21",
        "1.1",
        "1d",
        "leading components explain ever more variance",
        "rises",
        "R: Spearman with t after 100 >= 0.9; P: net rise",
        variance_concentrates,
        ONE,
    ),
    Claim(
        "C22",
        "1.1",
        "1d",
        "the spectral exponent zig-zags, aligned with the turning point",
        "non-monotone",
        "R: >= 2 turning points, one within a factor 3 of the peak of F2; P: >= 1",
        exponent_turns,
    ),
]
