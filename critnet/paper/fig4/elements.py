"""What Fig. 4f-h reads of one network: how the elements of noise, squared gradient and Hessian are distributed."""

from typing import NamedTuple

import numpy as np

from critnet.weights.gradients import excess_kurtosis, gradient_moments, noise_covariance, squared_gradient
from critnet.weights.hessian import hessian, hessian_diagonal

QUANTITIES = ("noise", "squared gradient", "mean gradient squared", "Hessian")
BLOCKS = ("all", "W2, W2", "W2, W3", "W3, W3", "diagonal")
EDGES = np.linspace(-40, 6, 461)  # log10, ten bins a decade
SHARES = (0.001, 0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 0.9999)
BATCH = 64
OF_FIRST = 2000  # weights of layer 1 whose noise, curvature and kurtosis are kept one by one


class Elements(NamedTuple):
    """Distributions of the elements, by quantity and block, each pair of parameters once.

    `counts` (quantity, block, bin) of log10 |element| between EDGES; `zeros` exactly 0, `outside` beyond the edges,
    `negative` below 0, of `number` (quantity, block); `quantile` of |element| at SHARES (quantity, block, share).
    """

    counts: np.ndarray
    zeros: np.ndarray
    outside: np.ndarray
    negative: np.ndarray
    number: np.ndarray
    quantile: np.ndarray


class Pairs(NamedTuple):
    """Parameters one by one: noise of single images (B C_ii), H_ii, and the excess kurtosis of single images."""

    noise: np.ndarray
    curvature: np.ndarray
    kurtosis: np.ndarray


def elements(weights, images, labels):
    """Elements over all pairs of parameters of layers 2 and 3, exact, for a batch of 64; METHODS D34 to D36."""
    squared = squared_gradient(weights, images, labels)
    h2, classes = len(weights["b2"]), len(weights["b3"])
    places = _places(h2, len(weights["b1"]), classes)
    matrices = (
        lambda: noise_covariance(squared, BATCH),
        lambda: squared.second,
        lambda: np.outer(squared.mean, squared.mean),
        lambda: hessian(weights, images, labels),
    )
    found = []
    for matrix in matrices:  # one at a time: 75 MB each
        whole = matrix()
        found.append([_distribution(whole[place]) for place in places])
    return Elements(*(np.array([[row[k] for row in rows] for rows in found]) for k in range(len(Elements._fields))))


def pairs(weights, images, labels, kept):
    """Noise, curvature and kurtosis of the parameters at `kept`, over all three layers."""
    moments = gradient_moments(weights, images, labels)
    curvature = hessian_diagonal(weights, images, labels)
    return Pairs(moments.variance[kept], curvature[kept], excess_kurtosis(moments)[kept])


def kept_places(weights, random):
    """Places of the parameters kept one by one: some of layer 1, its biases left out, and all of layers 2 and 3."""
    first, size = weights["W1"].size, sum(w.size for w in weights.values())
    above = np.arange(first + weights["b1"].size, size)
    return np.concatenate([np.sort(random.choice(first, min(OF_FIRST, first), replace=False)), above])


def _places(h2, h1, classes):
    """Index pairs of each block, i <= j in the order W2, b2, W3, b3."""
    weights = [np.arange(h2 * h1), h2 * (h1 + 1) + np.arange(classes * h2)]
    n = (h1 + 1) * h2 + classes * (h2 + 1)
    triangles = [w[np.array(np.triu_indices(w.size))] for w in weights]
    between = np.array(np.meshgrid(*weights, indexing="ij")).reshape(2, -1)
    blocks = [np.array(np.triu_indices(n)), triangles[0], between, triangles[1], np.array([np.arange(n)] * 2)]
    return [tuple(block) for block in blocks]


def _distribution(values):
    size = np.abs(values)
    above = size[size > 0]
    logs = np.log10(above)
    counts = np.histogram(logs, EDGES)[0]
    return (
        counts,
        values.size - above.size,
        above.size - counts.sum(),
        (values < 0).sum(),
        values.size,
        np.quantile(size, SHARES),
    )
