"""Networks on the way of the anchors -> what Figs 5j-5m read: coupling cost edge by edge, overlap of the outputs."""

import joblib
import numpy as np
import xarray as xr

from critnet.circuits.coupling import energy, sample_energy, standardise_neurons, terms
from critnet.circuits.scores import auc, overlap
from critnet.circuits.search import search
from critnet.neurons.activity import correlation, forward, standardise_samples
from critnet.training import runs
from critnet.training.config import snapshots as training_steps
from critnet.training.mlp import CLASSES

SHOWN = (1, 10, 100)  # and the end: of these the samples are kept
BINS = 50
PER_DIGIT = 200  # samples kept of each digit, the first in file order, as in fig1.nc
STEPS = 72  # distinct ones are fewer, as early ones coincide: 64 of the anchors


def log_steps(steps, count=STEPS):
    """Iteration 0, the iterations of `SHOWN`, the last, and stored ones evenly spread in ln t between, about `count`.

    >>> log_steps([0, 1, 2, 3, 10, 100, 101, 1000], 4)
    [0, 1, 10, 100, 1000]
    """
    steps = np.array(sorted(steps))
    wanted = np.geomspace(1, steps[-1], count)
    after = steps[steps > 0]
    nearest = after[np.abs(np.log(after)[:, None] - np.log(wanted)).argmin(axis=0)]
    return [
        int(t) for t in sorted({int(steps[0]), int(steps[-1]), *nearest.tolist(), *(set(SHOWN) & {*steps.tolist()})})
    ]


def snapshots(folders):
    """Networks of finished runs by seed and step, at `log_steps` of their snapshots."""
    found = {}
    for folder in folders:
        run = runs.open_run(folder)
        wanted = log_steps(training_steps(run.config.schedule, run.config.steps))
        found[run.config.seed] = {s.step: s.weights for s in run.snapshots(wanted)}
    return found


def coupling(courses, digits, *, jobs=1, shown_seed=0):
    """Coupling of the ten circuits of each seed, found at its end, over its networks.

    Parameters
    ----------
    courses : {seed: {step: weights}}; seeds may have different steps, their ends must be there
        What is missing of a seed at a step is NaN.
    digits : Digits
    jobs : processes
    shown_seed : the seed of which samples and histograms are kept

    Returns
    -------
    xarray.Dataset over `t`, `seed`, `digit`, and a row an edge (`edge`)

    Source: METHODS D45, D46 and section 11.
    """
    found = joblib.Parallel(n_jobs=jobs)(
        joblib.delayed(of_seed)(networks, digits, keep=seed == shown_seed) for seed, networks in courses.items()
    )
    return _dataset(courses, found, list(courses).index(shown_seed))


def of_seed(networks, digits, *, keep=False):
    """One seed's part of `coupling`: its edges, and by step its terms and read-outs."""
    last = max(networks)
    activity = forward(networks[last], digits.images)
    hidden, C = len(networks[last]["b1"]), correlation(activity, definition="as-coded")
    edges = [search(networks[last], C, activity[:hidden], digits.labels, digit).edges for digit in range(CLASSES)]
    rows = {step: of_step(weights, edges, digits, keep=keep and step in (*SHOWN, last))
            for step, weights in networks.items()}  # fmt: skip
    return edges, rows


def of_step(weights, edges, digits, *, keep=False):
    """Terms of all edges, and by digit the costs, AUCs and overlap, of one network."""
    activity = forward(weights, digits.images)
    outputs, labels = activity[-CLASSES:].astype(np.float64), digits.labels
    z = standardise_neurons(standardise_samples(activity))
    raw = standardise_neurons(activity)
    parts = [terms(weights, e, z, labels, digit) for digit, e in enumerate(edges)]
    control = [terms(weights, e, raw, labels, digit) for digit, e in enumerate(edges)]
    row = {
        "weight": np.concatenate([p.weight for p in parts]), "moment": np.concatenate([p.moment for p in parts]),
        "signal_cost": [energy(p.weight, p.signal) for p in parts],
        "control_cost": [energy(p.weight, p.moment) for p in control],
        "overlap": [overlap(outputs[digit], labels == digit, BINS) for digit in range(CLASSES)],
        "mean_z": np.stack([z[:, labels == digit].mean(axis=1) for digit in range(CLASSES)]),
    }  # fmt: skip
    costs, aucs = [], []
    for digit, e in enumerate(edges):
        own = labels == digit
        costs.append(sample_energy(weights, e, z))
        inner = sample_energy(weights, e[e[:, 0] == 1], z)
        aucs.append((auc(-costs[-1], own), auc(-inner, own), auc(outputs[digit], own)))
    row["auc"] = np.array(aucs)
    if keep:
        first = np.concatenate([np.flatnonzero(labels == digit)[:PER_DIGIT] for digit in range(CLASSES)])
        row["sample_cost"] = np.stack(costs)[:, first]
        row["sample_z"] = z[:, first]
        edges_of = [np.histogram_bin_edges(outputs[digit], BINS) for digit in range(CLASSES)]
        row["output_edge"] = np.stack(edges_of)
        row["output_count"] = np.stack([
            [np.histogram(outputs[digit][(labels == digit) == inside], edges_of[digit])[0] for inside in (True, False)]
            for digit in range(CLASSES)
        ])  # fmt: skip
    return row


def _dataset(courses, found, shown):
    seeds = list(courses)
    steps = sorted({step for networks in courses.values() for step in networks})
    listed = np.concatenate([
        np.c_[np.full(len(e), s), np.full(len(e), digit), e]
        for s, (edges, _) in enumerate(found) for digit, e in enumerate(edges)
    ]).astype(int)  # fmt: skip
    ends = np.cumsum([0, *(sum(map(len, edges)) for edges, _ in found)])
    n, last = len(listed), max(steps)
    edgewise = {name: np.full((len(steps), n), np.nan, np.float32) for name in ("weight", "moment")}
    digitwise = {name: np.full((len(seeds), len(steps), CLASSES), np.nan)
                 for name in ("signal_cost", "control_cost", "overlap")}  # fmt: skip
    aucs = np.full((len(seeds), len(steps), CLASSES, 3), np.nan)
    for s, (_, rows) in enumerate(found):
        for step, row in rows.items():
            i = steps.index(step)
            for name in edgewise:
                edgewise[name][i, ends[s] : ends[s + 1]] = row[name]
            for name in digitwise:
                digitwise[name][s, i] = row[name]
            aucs[s, i] = row["auc"]
    kept = {step: row for step, row in found[shown][1].items() if "sample_cost" in row}

    def of(name, dims, values, dtype, text, units, D):
        return {name: (dims, np.asarray(values, dtype), {"units": units, "long_name": text, "D": D})}

    by_digit = ("seed", "t", "digit")
    variables = {
        **of("edge_seed", ("edge",), [seeds[s] for s in listed[:, 0]], np.int8, "seed of the network", "1", "D41"),
        **of("edge_digit", ("edge",), listed[:, 1], np.int8, "digit of the edge's circuit", "1", "D41"),
        **of("edge", ("edge", "end"), listed[:, 2:], np.int16, "layer, source, target", "1", "D41"),
        **of("weight", ("t", "edge"), edgewise["weight"], np.float32, "weight of the edge", "1", "D46"),
        **of("moment", ("t", "edge"), edgewise["moment"], np.float32,
             "mean of z_i z_j over training images of the digit", "1", "D46"),
        **of("control_cost", by_digit, digitwise["control_cost"], np.float32,
             "coupling cost with z of the raw activity", "1", "D46"),
        **of("signal_cost", by_digit, digitwise["signal_cost"], np.float32,
             "coupling cost in its signal-to-noise form", "1", "D46"),
        **of("overlap", by_digit, digitwise["overlap"], np.float32,
             "overlap of the digit's output on and off the digit", "1", "D45"),
        **of("auc", (*by_digit, "of"), aucs, np.float32,
             "AUC on against off the digit", "1", "D46"),
        **of("mean_z", ("seed", "digit", "neuron"), [rows[max(rows)]["mean_z"] for _, rows in found], np.float32,
             "mean z over training images of the digit at the end", "1", "D45"),
        **of("sample_cost", ("shown", "digit", "image"), [row["sample_cost"] for row in kept.values()], np.float32,
             "coupling cost of single images, shown seed; as fig1.nc's images", "1", "D46"),
        **of("sample_z", ("neuron", "image"), kept[last]["sample_z"], np.float16,
             "z of single images at the end, shown seed", "1", "D45"),
        **of("output_count", ("shown", "digit", "group", "bin"), [r["output_count"] for r in kept.values()], np.int32,
             "training images by their output, shown seed", "image", "D45"),
        **of("output_edge", ("shown", "digit", "bin_edge"), [row["output_edge"] for row in kept.values()], np.float32,
             "edges of these bins", "1", "D45"),
    }  # fmt: skip
    coordinates = {
        "t": steps, "seed": seeds, "shown": list(kept), "group": ["on", "off"], "end": ["layer", "source", "target"],
        "of": ["coupling", "coupling without output edges", "output"],
    }  # fmt: skip
    return xr.Dataset(variables, coordinates, {"shown_seed": seeds[shown]})
