"""One pass forward and back for each block of images, in double precision: what gradients and curvature are made of.

The network has three layers of weights, W1, b1, W2, b2, W3, b3, ReLU behind the first two and softmax cross-entropy
behind the last. The derivative of layer l is an outer product, delta_l times (a_(l-1), 1); so all second moments are
sums over images of products of pairs, and no derivative of a single image is ever stored.

Near the end of training 1 - p of the right class is 1e-8 and less. It is summed from the other classes, and the weights
behind the softmax are taken relative to those of the likeliest class; both keep every digit.
"""

import itertools
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from critnet import checks
from critnet.errors import UsageError

NAMES = ("W1", "b1", "W2", "b2", "W3", "b3")
BLOCK = 512  # images: long enough for matrix products, and pairs of 50 neurons (5 MB) are used while still in the cache
LARGEST = 16_000  # parameters of a matrix over all their pairs: 2 GB


class Pass(NamedTuple):
    """A block of images: one row a neuron, one column an image; the last row of `x`, `a1`, `a2` is 1, for the bias.

    `on1`, `on2` are 1 where a hidden neuron is above zero. `p` are the probabilities, `q` = 1 - p, `error` = p - y.
    """

    x: np.ndarray
    a1: np.ndarray
    a2: np.ndarray
    on1: np.ndarray
    on2: np.ndarray
    p: np.ndarray
    q: np.ndarray
    error: np.ndarray


def passes(weights, images, labels) -> tuple[dict, Iterator[Pass]]:
    """The network in double precision, and its passes over all images, block by block.

    Parameters
    ----------
    weights : dict of arrays, W1 (h1, n_inputs), b1 (h1,), W2 (h2, h1), b2, W3 (n_classes, h2), b3
    images : array, shape (n, n_inputs)
    labels : int array, shape (n,), 0 to n_classes - 1

    Raises
    ------
    UsageError
        If shapes do not fit, a value is not finite, a label is outside the classes, or there is no image.

    >>> w = {"W1": np.eye(2), "b1": np.zeros(2), "W2": np.eye(2), "b2": np.zeros(2), "W3": np.eye(2), "b3": np.zeros(2)}
    >>> (one,) = passes(w, [[1.0, -1.0]], [0])[1]
    >>> one.a2[:, 0].tolist(), bool(one.error[0, 0] == -one.p[1, 0])
    ([1.0, 0.0, 1.0], True)
    """
    net = _checked_net(weights)
    images, labels = checks.array("images", images, None), checks.array("labels", labels)
    inputs, classes = net["W1"].shape[1], len(net["b3"])
    if images.ndim != 2 or images.shape[1] != inputs or len(images) == 0:
        raise UsageError(f"images have shape {images.shape}; give at least one row of {inputs} pixels")
    if labels.shape != images.shape[:1]:
        raise UsageError(f"labels have shape {labels.shape}; give a whole number an image")
    if not (labels == np.floor(labels)).all() or labels.min() < 0 or labels.max() >= classes:
        raise UsageError(
            f"labels run from {labels.min():g} to {labels.max():g}; give the classes 0 to {classes - 1}, whole"
        )
    labels = labels.astype(np.int64)
    starts = range(0, len(images), BLOCK)
    return net, (_pass(net, images[s : s + BLOCK], labels[s : s + BLOCK]) for s in starts)


def _pass(net, images, labels):
    x = _with_one(np.ascontiguousarray(images.T, np.float64))
    if not np.isfinite(x).all():
        raise UsageError("images hold NaN or infinite values; give finite pixels")
    z1 = net["W1"] @ x[:-1] + net["b1"][:, None]
    a1 = _with_one(np.maximum(z1, 0))
    z2 = net["W2"] @ a1[:-1] + net["b2"][:, None]
    a2 = _with_one(np.maximum(z2, 0))
    p = net["W3"] @ a2[:-1] + net["b3"][:, None]
    p -= p.max(axis=0)
    np.exp(p, out=p)
    p /= p.sum(axis=0)
    q = (1 - np.eye(len(p))) @ p  # the sum of the others
    right = labels, np.arange(len(labels))
    error = p.copy()
    error[right] = -q[right]
    return Pass(x, a1, a2, (z1 > 0).astype(np.float64), (z2 > 0).astype(np.float64), p, q, error)


def pairs(rows):
    """Products of all pairs of rows, each pair once and each row with itself: shape (n (n + 1) / 2, n_columns).

    >>> pairs(np.array([[2.0], [3.0], [5.0]]))[:, 0].tolist()
    [4.0, 6.0, 10.0, 9.0, 15.0, 25.0]
    """
    n = len(rows)
    out, start = np.empty((n * (n + 1) // 2, *rows.shape[1:])), 0
    for i in range(n):
        np.multiply(rows[i], rows[i:], out=out[start : start + n - i])
        start += n - i
    return out


def products(first, second):
    """Products of every row of one with every row of the other, shape (n_first * n_second, n_columns)."""
    return (first[:, None] * second[None]).reshape(-1, first.shape[1])


class PairSums(NamedTuple):
    """Sums over images that make a matrix over all pairs of parameters of layers 2 and 3."""

    second: np.ndarray  # (pairs of layer-2 neurons, pairs of their inputs)
    third: np.ndarray
    between: np.ndarray  # (h2 * n_classes, (h1 + 1) * (h2 + 1))


def pair_sums(parts):
    """Add up products of pairs over blocks.

    Parameters
    ----------
    parts : iterator of tuples of arrays: for layer 2, layer 3 and between them, factors (rows, n) and (rows', n)
    """
    total: tuple = ()
    for (d22, a11), (d33, a22), (d23, a12) in parts:
        sums = d22 @ a11.T, d33 @ a22.T, d23 @ a12.T
        if not total:
            total = sums
        else:
            for t, s in zip(total, sums, strict=True):
                t += s
    return PairSums(*total)


def matrix(sums, h1, h2, classes):
    """Full symmetric matrix over W2, b2, W3, b3 from the sums over pairs; sums over neurons and inputs as given."""
    behind = h2 * (h1 + 1)
    whole = np.empty((behind + classes * (h2 + 1),) * 2)
    whole[:behind, :behind] = _square(sums.second, h2, h1 + 1)
    whole[behind:, behind:] = _square(sums.third, classes, h2 + 1)
    between = sums.between.reshape(h2, classes, h1 + 1, h2 + 1).transpose(0, 2, 1, 3).reshape(behind, -1)
    whole[:behind, behind:] = between
    whole[behind:, :behind] = between.T
    order = np.concatenate([bias_last(h2, h1 + 1), behind + bias_last(classes, h2 + 1)])
    return whole[np.ix_(order, order)]


def _square(sums, n, m):
    """Matrix over (neuron, input), (neuron', input') from sums over pairs of neurons and pairs of inputs."""
    both = sums[_pair_index(n)[:, None, :, None], _pair_index(m)[None, :, None, :]]
    return both.reshape(n * m, n * m)


def _pair_index(n):
    """Place of each pair in the order of `pairs`, symmetric."""
    index = np.empty((n, n), np.intp)
    index[np.triu_indices(n)] = np.arange(n * (n + 1) // 2)
    return np.maximum(np.triu(index), np.triu(index).T)


def bias_last(n, m):
    """Places in (neuron, input) order, the bias an input, of the weights row by row and then the biases.

    >>> bias_last(2, 3).tolist()
    [0, 1, 3, 4, 2, 5]
    """
    place = np.arange(n * m).reshape(n, m)
    return np.concatenate([place[:, :-1].ravel(), place[:, -1]])


def as_vector(layers):
    """One vector W1, b1, W2, b2, ... from a list of arrays (neurons, inputs and bias)."""
    return np.concatenate([layer.ravel()[bias_last(*layer.shape)] for layer in layers])


def upper_size(net):
    """Parameters of layers 2 and 3, refused where a matrix over their pairs would not fit into memory."""
    size = sum(net[name].size for name in NAMES[2:])
    if size > LARGEST:
        raise UsageError(
            f"layers 2 and 3 have {size} parameters; a matrix over their pairs is made up to {LARGEST}: "
            "take a smaller network, or the diagonal only"
        )
    return size


def _with_one(rows):
    return np.concatenate([rows, np.ones((1, rows.shape[1]))])


def _checked_net(weights):
    missing = [name for name in NAMES if name not in weights]
    if missing:
        raise UsageError(f"weights lack {', '.join(missing)}; give a network of three layers, {', '.join(NAMES)}")
    net = {name: checks.array(name, weights[name]) for name in NAMES}
    for name, (low, high) in {"W1": ("b1", None), "W2": ("b2", "b1"), "W3": ("b3", "b2")}.items():
        rows = net[low].shape
        columns = net[high].shape if high else net[name].shape[1:2]
        if len(rows) != 1 or net[name].shape != (*rows, *columns):
            shapes = {n: net[n].shape for n in NAMES}
            raise UsageError(f"the shapes of the weights do not fit each other: {shapes}")
    for name, values in net.items():
        if not np.isfinite(values).all():
            raise UsageError(f"{name} holds NaN or infinite values; leave out the diverged network")
    return net


def slices_by_class(p):
    """Order of columns that puts equal likeliest classes together, and there the slice of each class that occurs."""
    likeliest = p.argmax(axis=0)
    ends = np.cumsum([0, *np.bincount(likeliest, minlength=len(p))]).tolist()
    parted = [(c, slice(a, b)) for c, (a, b) in enumerate(itertools.pairwise(ends)) if b > a]
    return np.argsort(likeliest, kind="stable"), parted
