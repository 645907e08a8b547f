"""Raw anchor runs -> the arrays that Fig. 1a-d and its claims read."""

import itertools

import joblib
import numpy as np
import xarray as xr
from scipy.stats import spearmanr
from threadpoolctl import threadpool_limits

from critnet.neurons.activity import correlation, dead_neurons, forward, rarely_active, standardise_samples
from critnet.neurons.edge_counts import edge_count_distribution
from critnet.neurons.graphs import GraphMetrics, graph_metrics, total_correlation_strength
from critnet.neurons.information import prediction_entropy
from critnet.neurons.ordering import pattern_persistence, rastermap_order
from critnet.neurons.spectra import activity_spectrum, correlation_spectrum, explained_variance, power_exponent
from critnet.paper.fields import Field, variables
from critnet.paper.published import DEFINITIONS
from critnet.training import runs
from critnet.training.config import snapshots
from critnet.training.mlp import stream

SHOWN = (0, 1, 5, 10, 100)  # and the last, the iterations of Fig. 1a
THRESHOLDS = np.linspace(0.5, 1.0, 10)
GRAPHS = (("as-coded", "signed"), ("as-coded", "absolute"), ("as-coded", "fisher"), ("control", "absolute"))
IMAGES_PER_DIGIT = 200
QUANTUM = 1 / 32767
FULL_ITERATIONS, LATER_STRIDE = 10_000, 10


def anchor(folders, digits, *, jobs=1, displayed=0):
    """Everything Fig. 1a-d needs, from the finished anchor runs.

    Parameters
    ----------
    folders : list of run folders, one a seed
    digits : the data set the runs were trained on
    jobs : processes
    displayed : index of the run whose correlation matrices are kept at all snapshots

    Returns
    -------
    xarray.Dataset
    """
    opened = [runs.open_run(f) for f in folders]
    steps = snapshots(opened[0].config.schedule, opened[0].config.steps)
    order = np.argsort(digits.labels, kind="stable")  # D6: by digit, in file order within a digit
    images, labels = digits.images[order], digits.labels[order]
    shares = list(itertools.product(range(len(folders)), np.array_split(steps, 2 * jobs)))
    parts = joblib.Parallel(n_jobs=jobs)(
        joblib.delayed(_measure_steps)(folders[s], share, images) for s, share in shares
    )
    by_seed: list[dict] = [{} for _ in folders]
    for (s, _), part in zip(shares, parts, strict=True):
        by_seed[s].update(part)
    return _dataset(opened, steps, by_seed, images, labels, displayed)


def _measure_steps(folder, steps, images):
    with threadpool_limits(1):  # the same bytes from any number of processes
        return {s.step: _measure(s, images) for s in runs.open_run(folder).snapshots(steps)}


def _measure(snapshot, images):
    """All numbers of one snapshot."""
    activity = forward(snapshot.weights, images)
    matrices = {d: correlation(activity, definition=d) for d in DEFINITIONS}
    standardised = standardise_samples(activity)  # once; so the two below take it as it is
    spectra = {
        "as-coded": activity_spectrum(standardised, definition="control"),
        "control": correlation_spectrum(matrices["control"]),
    }
    rare, hidden = rarely_active(activity), len(activity) - 10
    edges = np.triu(matrices["as-coded"] >= THRESHOLDS[0], 1)
    on_rare = edges & (rare[:, None] | rare[None, :])
    return {
        "correlation": {d: m[np.triu_indices(len(m), 1)] for d, m in matrices.items()},
        "strength": [total_correlation_strength(matrices[d]) for d in DEFINITIONS],
        "graphs": [graph_metrics(matrices[d], THRESHOLDS, convention) for d, convention in GRAPHS],
        "exponent": [power_exponent(spectra[d].share, last=min(50, spectra[d].rank)) for d in DEFINITIONS],
        "explained": explained_variance(standardised, definition="control")[:10],
        "entropy": [prediction_entropy(activity[hidden:], definition=d) for d in DEFINITIONS],
        "dead": int(dead_neurons(activity).sum()),
        "rare": int(rare.sum()),
        "rare_edges": on_rare.sum() / max(edges.sum(), 1),
        "loss": snapshot.losses.mean(dtype=np.float64),
        "test_accuracy": snapshot.test_accuracy,
    }


def quantise(values, levels):
    """Correlations as int16 in units of 1/32767, rounded to nearest, except where that would carry a value across one
    of the levels: there to the other side, so that a graph drawn from the stored numbers has the true edges.

    >>> quantise(np.array([-1.0, 0.0, 1.0]), [0.5]).tolist()
    [-32767, 0, 32767]
    """
    exact = np.asarray(values, np.float64)
    stored = np.rint(exact / QUANTUM).astype(np.int16)
    for level in levels:
        for sign in (1, -1):
            should = sign * exact >= level
            does = sign * (stored * QUANTUM) >= level
            stored[should & ~does] += sign
            stored[~should & does] -= sign
    return stored


def _dataset(opened, steps, by_seed, images, labels, displayed):
    M = 2 * opened[0].config.hidden + 10
    seeds = [run.config.seed for run in opened]
    table = [[by_seed[s][t] for t in steps] for s in range(len(opened))]  # seed, t

    def over(get):
        return np.array([[get(m) for m in row] for row in table])

    levels = [*THRESHOLDS[:-1], np.tanh(0.5)]  # at 1 the stored end of the scale is exact

    def pack(m):
        return np.stack([quantise(m["correlation"][d], levels) for d in DEFINITIONS])

    values = {
        "correlation": np.stack([pack(m) for m in table[displayed]]),
        "correlation_shown": np.stack([[pack(row[steps.index(t)]) for t in _shown(steps)] for row in table]),
        "persistence": [
            [[pattern_persistence(_square(m, d, M), _square(row[-1], d, M)) for d in DEFINITIONS] for m in row]
            for row in table
        ],
        "rank_kept": [
            [
                [np.nan] * 2 if i == 0 else [_rank_correlation(row[i - 1], m, d) for d in DEFINITIONS]
                for i, m in enumerate(row)
            ]
            for row in table
        ],
        **{name: over(lambda m, key=key: m[key]) for name, key in MEASURED.items()},
    }
    for name in GraphMetrics._fields:
        values[name] = np.array([[[getattr(g, name) for g in m["graphs"]] for m in row] for row in table])
    all_until = min(FULL_ITERATIONS, steps[-1])
    iterations = np.r_[0:all_until, all_until : steps[-1] : LATER_STRIDE]
    values["batch_loss"] = np.stack([run.batch_losses[iterations] for run in opened])
    values |= _displayed(opened[displayed], images, labels, _shown(steps))
    first, second = np.triu_indices(M, 1)
    coordinates = {
        "t": ("t", np.array(steps), {"long_name": "iteration", "units": "1"}),
        "seed": np.array(seeds),
        "shown": np.array(_shown(steps)),
        "threshold": THRESHOLDS,
        "definition": list(DEFINITIONS),
        "graph": [f"{d} {c}" for d, c in GRAPHS],
        "iteration": iterations,
        "component": np.arange(1, 11),
        "neuron_i": ("pair", first.astype(np.int16)),
        "neuron_j": ("pair", second.astype(np.int16)),
    }
    return xr.Dataset(variables(FIELDS, values), coordinates, {"displayed_seed": seeds[displayed], "quantum": QUANTUM})


def _square(measured, definition, M):
    matrix = np.eye(M)
    first, second = np.triu_indices(M, 1)
    matrix[first, second] = matrix[second, first] = measured["correlation"][definition]
    return matrix


def _rank_correlation(before, after, definition):
    return spearmanr(np.abs(before["correlation"][definition]), np.abs(after["correlation"][definition])).statistic


def _shown(steps):
    return [*(t for t in SHOWN if t < steps[-1]), steps[-1]]


def _displayed(run, images, labels, shown):
    """Activity of the first 200 images of each digit, the neuron order of its Rastermap, and edge counts of batches."""
    chosen = np.concatenate([np.flatnonzero(labels == d)[:IMAGES_PER_DIGIT] for d in range(10)])
    activity, order, counts = [], None, []
    random = stream(run.config.seed, "probe")
    for snapshot in run.snapshots(shown):
        full = forward(snapshot.weights, images)
        activity.append(full[:, chosen].astype(np.float16))
        if snapshot.step in (0, shown[-2], shown[-1]):
            counts.append(edge_count_distribution(full, random, definition="as-coded"))
        if snapshot.step == run.config.steps:
            order = rastermap_order(full, definition="as-coded")
    return {
        "activity": np.stack(activity),
        "image_label": labels[chosen],
        "rastermap_order": order,
        "edge_count": np.stack(counts),
    }


# Name of a field to the key under which it was measured at each snapshot.
MEASURED = {
    "strength": "strength",
    "spectral_exponent": "exponent",
    "explained_variance": "explained",
    "prediction_entropy": "entropy",
    "dead": "dead",
    "rare": "rare",
    "rare_edges": "rare_edges",
    "loss": "loss",
    "test_accuracy": "test_accuracy",
}
EXPONENT = "exponent of the spectrum, n = 5...50; as coded of singular values, control of eigenvalues of C"
EDGES = "ordered pairs and diagonal with |C| >= 0.5 in batches of 64, at t = 0, 100 and the end, displayed seed"
COUNTS = ("n_edges", "largest", "n_components")
FIELDS = {
    "correlation": Field(
        "t definition pair", None, "1/32767", "correlation of neuron pairs i < j, displayed seed", "D8"
    ),
    "correlation_shown": Field(
        "seed shown definition pair", None, "1/32767", "correlation of neuron pairs i < j, all seeds", "D8"
    ),
    "strength": Field("seed t definition", float, "1", "total correlation strength, the squared Frobenius norm", "D10"),
    "persistence": Field("seed t definition", float, "1", "correlation of the off-diagonal C(t) with C(T)", "D21"),
    "rank_kept": Field("seed t definition", float, "1", "Spearman correlation of |C| with the snapshot before", "C12"),
    "spectral_exponent": Field("seed t definition", float, "1", EXPONENT, "D18"),
    "explained_variance": Field("seed t component", float, "1", "cumulative explained variance", "D18"),
    "prediction_entropy": Field("seed t definition", float, "nat", "prediction entropy", "D16"),
    "dead": Field("seed t", np.int16, "1", "neurons whose activity never changes", "D8"),
    "rare": Field("seed t", np.int16, "1", "neurons active on fewer than 1 % of samples", "D8"),
    "rare_edges": Field("seed t", float, "1", "share of as-coded edges (C >= 0.5) at rarely active neurons", "D8"),
    "loss": Field("seed t", float, "nat", "mean loss over the 60000 training images", "D23"),
    "test_accuracy": Field("seed t", float, "1", "test accuracy"),
    **{
        name: Field(
            "seed t graph threshold",
            np.int32 if name in COUNTS else np.float32,
            "nat" if name.startswith("entropy") else "1",
            f"graph measure: {name.replace('_', ' ')}",
            "D9-D14",
        )
        for name in GraphMetrics._fields
    },
    "batch_loss": Field("seed iteration", None, "nat", "mini-batch loss before the update of an iteration", "D23"),
    "activity": Field("shown neuron image", None, "1", "activity after the ReLU (logits: raw), displayed seed", "D6"),
    "image_label": Field("image", np.int8, "1", "digit"),
    "rastermap_order": Field("rank", np.int16, "1", "neurons in the order of the Rastermap at the end", "D21"),
    "edge_count": Field("early_mid_late batch", np.int32, "1", EDGES, "D15"),
}
