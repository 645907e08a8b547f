"""Curvature of the mean loss: exact second derivatives of layers 2 and 3, of layer 1 by blocks, and all the diagonal.

ReLU is straight but for its kink, so the Hessian is the same sum of products of pairs as the squared gradient, with the
pairs of deltas replaced by diag(p) - p p^T carried back through the layers, and one term more between layers 2 and 3.
Weights behind the softmax count relative to those of the likeliest class, whose own term is then of second order.
"""

import numpy as np

from critnet import checks
from critnet.weights.passes import (
    Pass,
    as_vector,
    matrix,
    pair_sums,
    pairs,
    passes,
    products,
    slices_by_class,
    upper_size,
)


def hessian(weights, images, labels):
    """Exact Hessian of the mean loss over all pairs of parameters of layers 2 and 3.

    Parameters
    ----------
    weights : dict of arrays, W1 (h1, n_inputs), b1 (h1,), W2 (h2, h1), b2, W3 (n_classes, h2), b3
    images : array, shape (n_images, n_inputs)
    labels : int array, shape (n_images,)

    Returns
    -------
    array, shape (n, n), n = h2 (h1 + 1) + n_classes (h2 + 1), symmetric; order W2, b2, W3, b3

    Raises
    ------
    UsageError
        If shapes do not fit, a value is not finite, a label is no class, there is no image, or n is above 16000.

    Source: Liu & Wang 2025, Fig. 4h; METHODS D36 and section 11.

    >>> one = {"W1": [[1.0]], "b1": [0.0], "W2": [[1.0]], "b2": [0.0], "W3": [[0.0], [0.0]], "b3": [0.0, 0.0]}
    >>> hessian(one, [[2.0]], [0])[2:4, 2:4].tolist()  # (diag p - p p^T) a^2
    [[1.0, -1.0], [-1.0, 1.0]]
    """
    net, blocks = passes(weights, images, labels)
    upper_size(net)
    h1, h2, classes = (len(net[b]) for b in ("b1", "b2", "b3"))
    moving = np.zeros((h2 * classes, h1 + 1))  # < on_j error_k a_i >: W3 moves the gradient of W2, and W2 what W3 sees

    def parts():
        for block in map(_by_likeliest, blocks):
            moving[:] += products(block.on2, block.error) @ block.a1.T
            spread, tied = _behind_layer_2(net, block)
            yield (
                (spread, pairs(block.a1)),
                (_softmax(block), pairs(block.a2)),
                (tied.reshape(h2 * classes, -1), products(block.a1, block.a2)),
            )

    sums = pair_sums(parts())
    j = np.arange(h2)
    sums.between.reshape(h2, classes, h1 + 1, h2 + 1)[j, :, :, j] += moving.reshape(h2, classes, h1 + 1)
    whole = matrix(sums, h1, h2, classes)
    whole /= len(images)
    return whole


def hessian_diagonal(weights, images, labels):
    """Second derivative of the mean loss by each parameter, all three layers; never below 0 but for rounding.

    Arguments and errors as `hessian`, of any size.

    Returns
    -------
    array, shape (n,), order W1, b1, W2, b2, W3, b3; 0 behind dead neurons

    Source: METHODS D36; claim C75.

    >>> one = {"W1": [[1.0]], "b1": [0.0], "W2": [[1.0]], "b2": [0.0], "W3": [[1.0], [-1.0]], "b3": [0.0, 0.0]}
    >>> hessian_diagonal(one, [[0.0]], [0]).tolist()  # a zero pixel, then dead neurons: only the last biases count
    [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.25, 0.25]
    """
    net, blocks = passes(weights, images, labels)
    total = 0.0
    for block in map(_by_likeliest, blocks):
        first, second = np.empty(block.on1.shape), np.empty(block.on2.shape)
        for c, s in slices_by_class(block.p)[1]:
            relative, p = net["W3"] - net["W3"][c], block.p[:, s]
            second[:, s] = (relative**2).T @ p - (relative.T @ p) ** 2
            mean = square = 0.0
            for row, share in zip(relative, p, strict=True):
                slope = (net["W2"].T * row) @ block.on2[:, s]  # of one logit, less the likeliest, by the inputs (h1, n)
                mean = mean + share * slope
                square = square + share * slope**2
            first[:, s] = square - mean**2
        curvatures = first * block.on1, second * block.on2, block.p * block.q
        behind = block.x, block.a1, block.a2
        total = total + as_vector([c @ (a**2).T for c, a in zip(curvatures, behind, strict=True)])
    return total / len(images)


def first_layer_hessian(weights, images, labels, first, second):
    """Hessian of the mean loss between all weights into two neurons of layer 1, bias last.

    Parameters
    ----------
    weights, images, labels : as for `hessian`
    first, second : whole numbers below h1, neurons of layer 1

    Returns
    -------
    array, shape (n_inputs + 1, n_inputs + 1), rows of `first`

    Raises
    ------
    UsageError
        As `hessian`, or if a neuron is not in layer 1.

    Source: METHODS D36 and section 11.

    >>> w = {"W1": [[1.0]], "b1": [0.0], "W2": [[1.0]], "b2": [0.0], "W3": [[1.0], [-1.0]], "b3": [-2.0, 2.0]}
    >>> first_layer_hessian(w, [[2.0]], [0], 0, 0).tolist()  # 4 p (1 - p) x x', p = 1/2
    [[4.0, 2.0], [2.0, 1.0]]
    """
    net, blocks = passes(weights, images, labels)
    neurons = [checks.whole("a neuron", j, 0, len(net["b1"]) - 1) for j in (first, second)]
    total = 0.0
    for block in map(_by_likeliest, blocks):
        both = np.empty(block.p.shape[1])
        for c, s in slices_by_class(block.p)[1]:
            relative, p = net["W3"] - net["W3"][c], block.p[:, s]
            one, other = ((relative * net["W2"][:, j]) @ block.on2[:, s] for j in neurons)
            both[s] = (p * one * other).sum(axis=0) - (p * one).sum(axis=0) * (p * other).sum(axis=0)
        both *= block.on1[neurons[0]] * block.on1[neurons[1]]
        total = total + (block.x * both) @ block.x.T
    return total / len(images)


def _by_likeliest(block: Pass):
    """The same images, those with equal likeliest class together."""
    order, _ = slices_by_class(block.p)
    return Pass(*(rows[:, order] for rows in block))


def _behind_layer_2(net, block):
    """W3^T (diag p - p p^T) W3 for pairs of layer-2 neurons, and (diag p - p p^T) W3 between them and the logits."""
    h2, n = block.on2.shape
    spread = np.empty((h2 * (h2 + 1) // 2, n))
    tied = np.empty((h2, len(block.p), n))
    for c, s in slices_by_class(block.p)[1]:
        relative, p = net["W3"] - net["W3"][c], block.p[:, s]  # (classes, h2)
        mean = relative.T @ p
        spread[:, s] = pairs(relative.T) @ p - pairs(mean)
        tied[:, :, s] = (relative.T[:, :, None] - mean[:, None]) * p
    spread *= pairs(block.on2)
    tied *= block.on2[:, None]
    return spread, tied


def _softmax(block):
    """diag p - p p^T for pairs of logits, 1 - p as the sum of the others."""
    both = -pairs(block.p)
    k = len(block.p)
    both[np.cumsum([0, *range(k, 1, -1)])] = block.p * block.q
    return both
