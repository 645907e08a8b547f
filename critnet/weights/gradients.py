"""Gradients of single images: their second moments over all pairs of parameters, the noise of a batch, its tails."""

from typing import NamedTuple

import numpy as np

from critnet import checks
from critnet.weights.passes import (
    NAMES,
    Pass,
    as_vector,
    matrix,
    pair_sums,
    pairs,
    passes,
    products,
    upper_size,
)

CONSTANT = 1e-12  # variance below this share of the second moment is rounding


class SquaredGradient(NamedTuple):
    """Mean gradient, shape (n,), and S = < g g^T >, (n, n), over all images; order W2, b2, W3, b3. Nats and weights."""

    mean: np.ndarray
    second: np.ndarray


class Moments(NamedTuple):
    """Raw moments < g^k >, k = 1 ... 4, of each parameter's gradient over images; order W1, b1, W2, b2, W3, b3."""

    mean: np.ndarray
    second: np.ndarray
    third: np.ndarray
    fourth: np.ndarray

    @property
    def variance(self):
        """Variance over images (of a population): B times the noise of a batch of B."""
        return np.maximum(self.second - self.mean**2, 0)


def squared_gradient(weights, images, labels):
    """Exact average of the squared gradient over all images, for all pairs of parameters of layers 2 and 3.

    The gradient of layer l is delta_l times (a_(l-1), 1), so S[(j,i),(j',i')] = < (delta_j delta_j') (a_i a_i') >: one
    matrix product of products of pairs for each pair of layers. S is not centred. (The formula in the paper's caption,
    the outer product of the mean with itself, has rank 1: `np.outer(mean, mean)`.)

    Parameters
    ----------
    weights : dict of arrays, W1 (h1, n_inputs), b1 (h1,), W2 (h2, h1), b2, W3 (n_classes, h2), b3
    images : array, shape (n_images, n_inputs)
    labels : int array, shape (n_images,)

    Returns
    -------
    SquaredGradient, n = h2 (h1 + 1) + n_classes (h2 + 1)

    Raises
    ------
    UsageError
        If shapes do not fit, a value is not finite, a label is no class, there is no image, or n is above 16000.

    Source: Liu & Wang 2025, Fig. 4g; METHODS D35 and section 11.

    >>> one = {"W1": [[1.0]], "b1": [0.0], "W2": [[1.0]], "b2": [0.0], "W3": [[0.0], [0.0]], "b3": [0.0, 0.0]}
    >>> found = squared_gradient(one, [[2.0]], [0])
    >>> found.mean.tolist(), found.second[2].tolist()  # the error is 1/2 for either class; W3 sees the activity 2
    ([0.0, 0.0, -1.0, 1.0, -0.5, 0.5], [0.0, 0.0, 1.0, -1.0, 0.5, -0.5])
    """
    net, blocks = passes(weights, images, labels)
    size = upper_size(net)
    mean = np.zeros(size)

    def parts():
        for block in blocks:
            d2, d3 = deltas(net, block)[1:]
            mean[:] += as_vector([d2 @ block.a1.T, d3 @ block.a2.T])
            yield (
                (pairs(d2), pairs(block.a1)),
                (pairs(d3), pairs(block.a2)),
                (products(d2, d3), products(block.a1, block.a2)),
            )

    sums = matrix(pair_sums(parts()), *(len(net[b]) for b in ("b1", "b2", "b3")))
    n = len(images)
    mean /= n
    sums /= n
    return SquaredGradient(mean, sums)


def noise_covariance(squared, batch_size):
    """Covariance of the mean gradient of a batch drawn with replacement, C^g = (S - g g^T) / B, shape (n, n).

    Exact, where the authors draw batches. Without replacement it is smaller by (N - B) / (N - 1), for the paper's batch
    by a thousandth.

    Parameters
    ----------
    squared : SquaredGradient
    batch_size : whole number >= 1

    Raises
    ------
    UsageError
        If batch_size is not a whole number of at least 1.

    Source: Liu & Wang 2025, Fig. 4f; METHODS D34.

    >>> noise_covariance(SquaredGradient(np.array([1.0, 0.0]), np.array([[3.0, 1.0], [1.0, 4.0]])), 2).tolist()
    [[1.0, 0.5], [0.5, 2.0]]
    """
    return (squared.second - np.outer(squared.mean, squared.mean)) / checks.whole("batch_size", batch_size)


def mean_gradient(weights, images, labels):
    """Gradient of the mean loss, all three layers; arguments and errors as `squared_gradient`, of any size.

    Returns
    -------
    array, shape (n,), order W1, b1, W2, b2, W3, b3

    >>> one = {"W1": [[1.0]], "b1": [0.0], "W2": [[1.0]], "b2": [0.0], "W3": [[1.0], [-1.0]], "b3": [0.0, 0.0]}
    >>> mean_gradient(one, [[0.0], [0.0]], [0, 0]).tolist()  # dead neurons: only the biases of the outputs count
    [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, -0.5, 0.5]
    """
    net, blocks = passes(weights, images, labels)
    total = 0.0
    for block in blocks:
        forward = block.x, block.a1, block.a2
        total = total + as_vector([d @ a.T for d, a in zip(deltas(net, block), forward, strict=True)])
    return total / len(images)


def gradient_moments(weights, images, labels):
    """First to fourth moment of the gradient of each parameter, all three layers, over images.

    < g^k > of layer l is one product of delta^k with a^k. Arguments and errors as `squared_gradient`, of any size.

    Returns
    -------
    Moments

    Source: METHODS D34 and section 11; claims C75 and C95.

    >>> one = {"W1": [[1.0]], "b1": [0.0], "W2": [[1.0]], "b2": [0.0], "W3": [[1.0], [-1.0]], "b3": [0.0, 0.0]}
    >>> m = gradient_moments(one, [[0.0], [0.0]], [0, 1])  # a zero pixel, then dead neurons
    >>> m.fourth.tolist()
    [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0625, 0.0625]
    """
    net, blocks = passes(weights, images, labels)
    sums: list = [0.0] * 4
    for block in blocks:
        powers = [np.ones_like(d) for d in deltas(net, block)], [np.ones_like(a) for a in (block.x, block.a1, block.a2)]
        for k in range(4):
            for factors, base in zip(powers, (deltas(net, block), (block.x, block.a1, block.a2)), strict=True):
                for factor, values in zip(factors, base, strict=True):
                    factor *= values
            sums[k] = sums[k] + as_vector([d @ a.T for d, a in zip(*powers, strict=True)])
    return Moments(*(s / len(images) for s in sums))


def excess_kurtosis(moments, batch_size=1):
    """Excess kurtosis of the noise of a batch, parameter by parameter: that of single images over B, exactly.

    For N images it is at most about N / B, reached where a single image has all the gradient.

    Parameters
    ----------
    moments : Moments
    batch_size : whole number >= 1

    Returns
    -------
    array, shape (n,); NaN where the gradient does not vary over images, as behind a dead neuron

    Raises
    ------
    UsageError
        If batch_size is not a whole number of at least 1.

    Source: METHODS section 11; claim C95.

    >>> signs = Moments(np.zeros(2), np.array([1.0, 0.0]), np.zeros(2), np.array([1.0, 0.0]))
    >>> excess_kurtosis(signs, 2).tolist()  # fair signs have -2
    [-1.0, nan]
    """
    m, s2, s3, s4 = moments
    varies = moments.variance > CONSTANT * s2
    fourth = s4 - 4 * m * s3 + 6 * m**2 * s2 - 3 * m**4
    variance = np.where(varies, moments.variance, 1.0)
    return np.where(varies, fourth / variance / variance - 3, np.nan) / checks.whole("batch_size", batch_size)


def first_layer_block(weights, images, labels, first, second):
    """Average squared gradient between all weights into two neurons of layer 1, bias last.

    The whole matrix of layer 1 has (784 h)^2 elements; it is made in such blocks.

    Parameters
    ----------
    weights, images, labels : as for `squared_gradient`
    first, second : whole numbers below h1, neurons of layer 1

    Returns
    -------
    array, shape (n_inputs + 1, n_inputs + 1), rows of `first`

    Raises
    ------
    UsageError
        As `squared_gradient`, or if a neuron is not in layer 1.

    Source: METHODS D35 and section 11.

    >>> w = {"W1": [[1.0]], "b1": [0.0], "W2": [[1.0]], "b2": [0.0], "W3": [[1.0], [1.0]], "b3": [0.0, 0.0]}
    >>> first_layer_block(w, [[2.0]], [0], 0, 0).tolist()  # both classes pull alike
    [[0.0, 0.0], [0.0, 0.0]]
    """
    net, blocks = passes(weights, images, labels)
    first, second = (checks.whole("a neuron", j, 0, len(net["b1"]) - 1) for j in (first, second))
    total = 0.0
    for block in blocks:
        d1 = deltas(net, block)[0]
        total = total + (block.x * (d1[first] * d1[second])) @ block.x.T
    return total / len(images)


def deltas(net, block: Pass):
    """Derivatives of the loss of each image by the inputs of the neurons of layers 1, 2, 3: list of (neurons, n)."""
    d2 = block.on2 * (net["W3"].T @ block.error)
    return [block.on1 * (net["W2"].T @ d2), d2, block.error]


def places(weights):
    """Slice of each parameter array in the vector W1, b1, W2, b2, W3, b3.

    >>> places({"W1": np.ones((2, 3)), "b1": np.ones(2), **{n: np.ones(1) for n in ("W2", "b2", "W3", "b3")}})["b1"]
    slice(6, 8, None)
    """
    ends = np.cumsum([0] + [np.size(weights[name]) for name in NAMES]).tolist()
    return {name: slice(ends[i], ends[i + 1]) for i, name in enumerate(NAMES)}
