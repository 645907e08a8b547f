"""A plane of mean losses against one forward pass a point, and the entropy change against one root search a knot."""

import numpy as np
from scipy.interpolate import InterpolatedUnivariateSpline
from scipy.optimize import brentq

from benchmarks import contest
from critnet.losses.deviations import KNOTS, spline_entropy
from critnet.losses.landscapes import NAMES, mean_surface, single_weight
from critnet.training.mlp import init_weights

SAMPLES, POINTS, SNAPSHOTS, THRESHOLD = 60_000, 100, 500, 5e-3


def cases():
    """Functions of the device name, one a case, each giving a list of results."""
    return [landscape, entropy]


def landscape(device):
    """100 x 100 mean losses over 60000 images, for two single weights of layer 2: into two neurons, and into one."""
    random = np.random.default_rng(0)
    weights = init_weights(50)
    images = random.standard_normal((SAMPLES, 784)).astype(np.float32)
    labels, steps = random.integers(0, 10, SAMPLES), np.linspace(-1, 1, POINTS)
    start, results = 50 * 785, []
    for case, places in (("two neurons", (start + 7, start + 20 * 50 + 9)), ("one neuron", (start + 7, start + 9))):
        plane = [single_weight(p, weights) for p in places]
        surface = mean_surface(weights, images, labels, *plane, steps)
        i, j = 3, 80
        there = moved(weights, steps[i] * plane[0] + steps[j] * plane[1])
        np.testing.assert_allclose(forward(there, images, labels), surface[i, j], rtol=1e-5)  # the same work

        def ours(plane=plane):
            mean_surface(weights, images, labels, *plane, steps)
            return POINTS**2

        def peer(plane=plane):
            for a, b in ((steps[3], steps[80]), (steps[50], steps[50])):  # of all points, which cost the same
                forward(moved(weights, a * plane[0] + b * plane[1]), images, labels)
            return 2

        contestants = {"critnet": ours, "numpy, a forward pass a point": peer}
        results += contest(f"mean loss on a plane, {case}, one point", contestants, 3, device)
    return results


def entropy(device):
    """Delta S, as coded, of 500 snapshots of 60000 losses: from near the mean to far below, as in training."""
    random = np.random.default_rng(1)
    logs = random.standard_normal((10, SAMPLES))
    mean, width = np.linspace(0, -16, SNAPSHOTS), np.linspace(0.3, 4, SNAPSHOTS)
    few = range(0, SNAPSHOTS, SNAPSHOTS // 3)

    def losses(k):
        return np.exp(mean[k] + width[k] * logs[k % 10])

    def peer():
        for k in few:
            root_searches(losses(k), THRESHOLD)
        return len(few)

    for k in few:  # the same work, where the spline is no extrapolation; off the knots it magnifies the last digits
        sample = losses(k)
        if sample.mean() < THRESHOLD < sample.max():
            np.testing.assert_allclose(spline_entropy(sample, THRESHOLD), root_searches(sample, THRESHOLD), rtol=1e-3)

    def ours():
        for k in range(SNAPSHOTS):
            spline_entropy(losses(k), THRESHOLD)
        return SNAPSHOTS

    contestants = {"critnet": ours, "scipy, Brent's method a knot": peer}
    return contest("entropy change, 60000 losses, one snapshot", contestants, 3, device)


def root_searches(losses, b):
    """The authors' table as one writes it: a plain tilted sum, solved with Brent's method at each of 100 knots."""
    shifted = losses - losses.max()

    def weights(beta):
        exponent = -beta * shifted
        weight = np.exp(exponent - exponent.max())
        return weight / weight.sum()

    def entropy_at(knot):
        if knot <= losses.mean():
            return 0.0
        low = -1.0
        while weights(low) @ losses < knot and low > -1e10:
            low *= 4
        beta = brentq(lambda x: weights(x) @ losses - knot, low, 0) if weights(low) @ losses >= knot else low
        p = weights(beta)
        p = p[p > 0]
        return np.log(losses.size) + p @ np.log(p)

    knots = np.linspace(losses.mean(), losses.max(), KNOTS)
    return abs(InterpolatedUnivariateSpline(knots, [entropy_at(k) for k in knots], k=5)(b))


def moved(weights, change):
    """The network with a change added to the vector of its parameters."""
    parts = np.split(change.astype(np.float32), np.cumsum([weights[name].size for name in NAMES])[:-1])
    return {name: weights[name] + p.reshape(weights[name].shape) for name, p in zip(NAMES, parts, strict=True)}


def forward(weights, images, labels):
    """Mean loss of one network, the plain way."""
    hidden = np.maximum(images @ weights["W1"].T + weights["b1"], 0)
    hidden = np.maximum(hidden @ weights["W2"].T + weights["b2"], 0)
    logits = hidden @ weights["W3"].T + weights["b3"]
    logits -= logits.max(axis=1, keepdims=True)
    losses = np.log(np.exp(logits).sum(axis=1)) - logits[np.arange(len(labels)), labels]
    return losses.mean(dtype=np.float64)
