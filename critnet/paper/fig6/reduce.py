"""Networks on the way of the anchors -> what Figs 6c and 6d read: manifold of activity, losses of batches around."""

import joblib
import numpy as np
import xarray as xr

from critnet.circuits.masks import logits
from critnet.circuits.scores import losses, union
from critnet.circuits.search import search
from critnet.errors import UsageError
from critnet.losses.landscapes import directions_within
from critnet.neurons.activity import correlation, forward
from critnet.neurons.manifold import components_for, fisher_ratio, principal_axes
from critnet.training.mlp import CLASSES, flatten, unflatten

SETS = ("circuits", "hidden", "first", "second", "outputs")
RANDOM = 20  # sets of as many random hidden neurons as the circuits have
PER_DIGIT = 100  # images whose places on the manifold are kept, the first of each digit in file order
AXES = 3
FUNNEL_T = (0, 100)  # and the end
BATCHES, BATCH_SIZES, POINTS = 30, (16, 64, 256), 43
WAYS = ("random", "towards the start")


def assembly(courses, digits, *, jobs=1, shown_seed=0):
    """Dimension and separation of activity over training, the places of single images, and funnels of the loss.

    Parameters
    ----------
    courses : {seed: {step: weights}}, ends included
    digits : Digits
    jobs : processes
    shown_seed : the seed whose manifold and funnels are kept

    Returns
    -------
    xarray.Dataset over `seed`, `t`, `neurons` (which set of them)

    Source: METHODS D24, D48 and section 11.
    """
    found = joblib.Parallel(n_jobs=jobs)(
        joblib.delayed(of_seed)(networks, digits, keep=seed == shown_seed) for seed, networks in courses.items()
    )
    shown = list(courses).index(shown_seed)
    last = max(courses[shown_seed])
    around = [t for t in (*FUNNEL_T, last) if t in courses[shown_seed]]
    cuts = np.stack([funnels(courses[shown_seed], t, digits.images, digits.labels) for t in around])
    return _dataset(list(courses), found, shown, around, cuts)


def of_seed(networks, digits, *, keep=False):
    """By step: components for 90 % and Fisher ratio of each set of neurons, and the places of single images."""
    last = max(networks)
    activity = forward(networks[last], digits.images)
    hidden, C = len(networks[last]["b1"]), correlation(activity, definition="as-coded")
    joined = union(search(networks[last], C, activity[:hidden], digits.labels, digit).edges for digit in range(CLASSES))
    middle, to_output = joined[joined[:, 0] == 1], joined[joined[:, 0] == 2]
    if len(joined) == 0:
        raise UsageError("no digit has a circuit with an edge, so there is no manifold of circuits to measure")
    in_circuits = np.unique(np.r_[middle[:, 1], hidden + middle[:, 2], hidden + to_output[:, 1]]).astype(int)
    random = np.random.default_rng(0)
    drawn = [random.choice(2 * hidden, len(in_circuits), replace=False) for _ in range(RANDOM)]
    sets = {
        "circuits": in_circuits, "hidden": np.arange(2 * hidden), "first": np.arange(hidden),
        "second": np.arange(hidden, 2 * hidden), "outputs": np.arange(2 * hidden, len(C)),
    }  # fmt: skip
    first = np.concatenate([np.flatnonzero(digits.labels == digit)[:PER_DIGIT] for digit in range(CLASSES)])
    rows, before = {}, None
    for step in sorted(networks, reverse=True):  # from the end, to which the axes of earlier moments are turned
        activity = activity if step == last else forward(networks[step], digits.images)
        measured = [_shape(activity[rows_], digits.labels) for rows_ in sets.values()]
        rows[step] = {"shape": measured, "random": [_shape(activity[rows_], digits.labels) for rows_ in drawn]}
        if keep:
            own = activity[in_circuits].astype(np.float64)
            places = principal_axes(own, AXES).T @ (own - own.mean(axis=1, keepdims=True))[:, first]
            places = places / np.sqrt(np.mean(np.sum(places**2, axis=0)))
            if before is not None:  # the rotation that brings the images nearest to where they are at the next moment
                left, _, right = np.linalg.svd(before @ places.T)
                places = left @ right @ places
            before = rows[step]["places"] = places
    return {"rows": rows, "n_circuit": len(in_circuits), "labels": digits.labels[first]}


def _shape(activity, labels):
    """Components for 90 % of the variance, Fisher ratio."""
    return components_for(activity), fisher_ratio(activity, labels)


def funnels(networks, t, images, labels, *, points=POINTS):
    """Mean loss of random batches along two directions through a network, shape (ways, sizes, batches, points).

    One direction is random, as long as the network's own vector of weights within each layer, on steps from -0.5 to
    0.5; the other leads from the network (0) to the start of training (1), on steps from -1 to 2; at t = 0, to the end.

    Source: METHODS D24, D48.
    """
    weights, hidden = networks[t], len(networks[t]["b1"])
    vector = flatten(weights).astype(np.float64)
    random, places = np.random.default_rng(0), np.cumsum([0, *(np.size(w) for w in weights.values())])
    layers = [np.arange(places[2 * k], places[2 * k + 2]) for k in range(3)]
    aside = sum(directions_within(layer, weights, random)[0] for layer in layers)
    goal = networks[min(networks) if t != min(networks) else max(networks)]
    back = flatten(goal).astype(np.float64) - vector
    drawn = {size: [random.choice(len(images), size, replace=False) for _ in range(BATCHES)] for size in BATCH_SIZES}
    used, place = np.unique(np.concatenate([b for of in drawn.values() for b in of]), return_inverse=True)
    found = np.empty((len(WAYS), len(BATCH_SIZES), BATCHES, points))
    for way, (direction, steps) in enumerate(zip((aside, back), way_steps(points), strict=True)):
        for k, step in enumerate(steps):
            answers = logits(unflatten(vector + step * direction, hidden), images[used])
            loss, start = _losses(answers, labels[used]), 0
            for s, size in enumerate(BATCH_SIZES):
                block = place[start : start + size * BATCHES].reshape(BATCHES, size)
                found[way, s, :, k] = loss[block].mean(axis=1)
                start += size * BATCHES
    return found


def way_steps(points=POINTS):
    """Steps along the two directions, shape (ways, points)."""
    return np.stack([np.linspace(-0.5, 0.5, points), np.linspace(-1, 2, points)])


def _losses(answers, labels):
    found = np.empty(len(labels))
    for digit in range(CLASSES):
        found[labels == digit] = losses(answers[labels == digit], digit)
    return found


def _dataset(seeds, found, shown, around, cuts):
    steps = sorted({step for one in found for step in one["rows"]})
    shape = np.full((len(seeds), len(steps), len(SETS), 2), np.nan)
    drawn = np.full((len(seeds), len(steps), RANDOM, 2), np.nan)
    for s, one in enumerate(found):
        for step, row in one["rows"].items():
            shape[s, steps.index(step)], drawn[s, steps.index(step)] = row["shape"], row["random"]
    rows = found[shown]["rows"]

    def of(name, dims, values, dtype, text, D, units="1"):
        return {name: (dims, np.asarray(values, dtype), {"units": units, "long_name": text, "D": D})}

    dims, random = ("seed", "t", "neurons"), ("seed", "t", "draw")
    variables = {
        **of("components", dims, shape[..., 0], np.float32, "principal components for 90 % of the variance", "D48"),
        **of("fisher", dims, shape[..., 1], np.float32, "trace ratio between to within digits", "D48"),
        **of("random_components", random, drawn[..., 0], np.float32,
             "the same of as many random hidden neurons as the circuits have", "D48"),
        **of("random_fisher", random, drawn[..., 1], np.float32,
             "the same of as many random hidden neurons as the circuits have", "D48"),
        **of("n_circuit", ("seed",), [one["n_circuit"] for one in found], np.int16,
             "hidden neurons in any of the ten circuits", "D48"),
        **of("place", ("kept", "axis", "image"), [rows[step]["places"] for step in sorted(rows)], np.float16,
             "images on the first principal axes of the circuits' neurons, root mean square 1, turned to match", "D48"),
        **of("place_label", ("image",), found[shown]["labels"], np.int8, "digit of an image", "D48"),
        **of("funnel", ("around", "way", "batch_size", "batch", "step"), cuts, np.float32,
             "mean loss of a batch", "D24", "nat"),
        **of("funnel_step", ("way", "step"), way_steps(), np.float32,
             "in units of each layer's weights (random), of the way to the start (at t = 0, to the end)",
             "D24"),
    }  # fmt: skip
    coordinates = {
        "seed": seeds, "t": steps, "neurons": list(SETS), "kept": sorted(rows), "around": around,
        "way": list(WAYS), "batch_size": list(BATCH_SIZES),
    }  # fmt: skip
    return xr.Dataset(variables, coordinates, {"shown_seed": seeds[shown]})
