"""Cuts through the loss landscape: mean loss and loss of random batches on a plane of weights, roughness, flatness.

A plane is w + a u + b v around a network w, with the steps a and b on a grid and two directions u and v in the space of
all parameters: single weights as coded, unit vectors within a set of weights in the control. How a plane is computed
without passing all samples through the network at each of its points: critnet.losses.planes.
"""

import numpy as np

from critnet import checks
from critnet.errors import UsageError
from critnet.losses.planes import Part, cross_entropy, summed_losses

NAMES = ("W1", "b1", "W2", "b2", "W3", "b3")
FLAT = 0.1


def single_weight(place, weights):
    """The direction along which one parameter changes alone.

    Parameters
    ----------
    place : int
        Position in the vector of all parameters, W1, b1, W2, b2, W3, b3 row by row.
    weights : dict of W1, b1, W2, b2, W3, b3

    Returns
    -------
    array, shape (n_parameters,)

    Raises
    ------
    UsageError
        If there is no such parameter.

    Source: METHODS D24 (as coded: pcs[0], pcs[5], 200, 201).
    """
    size = sum(np.size(weights[name]) for name in NAMES)
    place = checks.whole("place", place, 0, size - 1)
    direction = np.zeros(size)
    direction[place] = 1
    return direction


def directions_within(places, weights, random, count=1):
    """Random directions in which a set of weights changes: orthogonal, each as long as the set's own vector of weights.

    Parameters
    ----------
    places : int array, shape (n,), positions in the vector of all parameters
    weights : dict of W1, b1, W2, b2, W3, b3
    random : numpy Generator
    count : int, at most n

    Returns
    -------
    array, shape (count, n_parameters)
        A step of 1 along one changes the set by as much as it is.

    Raises
    ------
    UsageError
        If the set has fewer than `count` weights, holds a place twice or one that does not exist, or is all zero.

    Source: METHODS D24 (control; filter normalisation after Li et al. 2018, arXiv:1712.09913).

    >>> w = {name: np.ones(1) for name in NAMES}
    >>> np.linalg.norm(directions_within([2, 4], w, np.random.default_rng(0), 2), axis=0).round(9).tolist()[::2]
    [0.0, 1.414213562, 1.414213562]
    """
    vector = np.concatenate([checks.array(name, weights[name]).ravel() for name in NAMES])
    places, count = checks.array("places", places), checks.whole("count", count)
    if places.ndim != 1 or count > places.size:
        raise UsageError(f"places holds {places.size} weights; {count} directions need 1 to that many")
    if (
        (places != np.rint(places)).any()
        or np.unique(places).size < places.size
        or places.min() < 0
        or places.max() >= vector.size
    ):
        raise UsageError(f"places must be distinct and lie in 0 to {vector.size - 1}")
    places = places.astype(np.int64)
    checks.generator(random)
    length = np.linalg.norm(vector[places])
    if length == 0:
        raise UsageError(f"all {places.size} weights at places are 0, so the set has no length to measure steps in")
    orthogonal = np.linalg.qr(random.standard_normal((places.size, count)))[0]
    directions = np.zeros((count, vector.size))
    directions[:, places] = length * orthogonal.T
    return directions


def mean_surface(weights, images, labels, first, second, steps):
    """Mean loss over all samples on a plane.

    Parameters
    ----------
    weights : dict of W1 (h, n_pixels), b1 (h,), W2 (h, h), b2 (h,), W3 (classes, h), b3 (classes,)
    images : array, shape (n_samples, n_pixels)
    labels : int array, shape (n_samples,)
    first, second : array, shape (n_parameters,)
        Directions, as from `single_weight` or `directions_within`.
    steps : array, shape (n,)
        The same along both; the paper takes 100 from -1 to 1.

    Returns
    -------
    array, shape (n, n), nats
        [i, j] is the loss at weights + steps[i] first + steps[j] second. Products are in the float type of weights and
        images, sums over samples in float64.

    Raises
    ------
    UsageError
        If shapes do not fit, a label is not a class, or anything is NaN or infinite.

    Source: Liu & Wang 2025, Fig. 2a right; METHODS D24.

    >>> w = dict(W1=np.eye(2), b1=np.zeros(2), W2=np.eye(2), b2=np.zeros(2), W3=np.zeros((2, 2)), b3=np.zeros(2))
    >>> b3 = [single_weight(place, w) for place in (16, 17)]  # shifts of the two logits
    >>> mean_surface(w, np.ones((1, 2)), [0], *b3, [0.0, 1.0]).round(6).tolist()  # ln 2; both shifted: ln 2 again
    [[0.693147, 1.313262], [0.313262, 0.693147]]
    """
    net, images, labels, first, second, steps = _checked(weights, images, labels, first, second, steps)
    swapped = bool(first.touches_inputs() < second.touches_inputs())  # the lower direction goes first
    if swapped:
        first, second = second, first
    surface = summed_losses(net, images, labels, first, second, steps) / len(labels)
    return surface.T if swapped else surface


def batch_surface(weights, images, labels, first, second, steps, batch_size, random, *, common=False):
    """Mean loss of a random batch on a plane, a batch of its own at each grid point as coded.

    Then neighbouring points differ mostly by who is in the batch: the surface is as rough as Var(L) / batch_size makes
    it, wherever it is taken. With one common batch it is a landscape, as smooth as the mean.

    Parameters
    ----------
    weights, images, labels, first, second, steps : as for `mean_surface`
    batch_size : int >= 1
        Samples, drawn with replacement; 64 in the paper.
    random : numpy Generator
    common : bool
        Control: one batch for the whole plane.

    Returns
    -------
    array, shape (n, n), nats

    Raises
    ------
    UsageError
        As for `mean_surface`, or if batch_size < 1.

    Source: Liu & Wang 2025, Fig. 2a left; METHODS D24.
    """
    net, images, labels, first, second, steps = _checked(weights, images, labels, first, second, steps)
    batch_size = checks.whole("batch_size", batch_size)
    checks.generator(random)
    if common:
        drawn = random.integers(0, len(labels), batch_size)
        return mean_surface(weights, images[drawn], labels[drawn], _flat(first), _flat(second), steps)
    surface, b = np.empty((steps.size, steps.size)), np.repeat(steps, batch_size)
    for i, a in enumerate(steps):
        drawn = random.integers(0, len(labels), b.size)
        here, x = net.moved(a, first), images[drawn].T
        for layer, (W, V) in enumerate(zip(here[::2], second[::2], strict=True)):
            x = np.maximum(x, 0) if layer else x
            x = W @ x + here[2 * layer + 1][:, None] + b * (V @ x + second[2 * layer + 1][:, None])
        surface[i] = cross_entropy(x, labels[drawn]).reshape(steps.size, batch_size).mean(axis=1, dtype=np.float64)
    return surface


def roughness(batch, mean):
    """Standard deviation over the grid of the batch loss minus the mean loss, in nats.

    For independent batches it is sqrt(<Var(L)> / batch_size), the variance averaged over the grid.

    Parameters
    ----------
    batch, mean : array, shape (n, n), nats

    Returns
    -------
    float >= 0

    Raises
    ------
    UsageError
        If the shapes differ or a value is NaN or infinite.

    Source: METHODS D24.

    >>> roughness([[1.0, 3.0]], [[0.0, 0.0]])
    1.0
    """
    batch, mean = _surface("batch", batch), _surface("mean", mean)
    if batch.shape != mean.shape:
        raise UsageError(f"batch has shape {batch.shape} and mean {mean.shape}; both must be of one grid")
    return float(np.std(batch - mean))


def flat_fraction(mean, height=FLAT):
    """Share of the grid where the mean loss lies less than `height` above its smallest value.

    Parameters
    ----------
    mean : array, nats
    height : float > 0, nats

    Returns
    -------
    float in (0, 1]

    Raises
    ------
    UsageError
        If a value is NaN or infinite or the height is not positive.

    Source: METHODS D24.

    >>> flat_fraction([[0.0, 0.05], [0.5, 1.0]])
    0.5
    """
    mean = _surface("mean", mean)
    height = checks.number("height", height, above=0)
    return float(np.mean(mean < mean.min() + height))


def ruggedness(surface):
    """Root mean square of the difference between a point of the surface and the mean of its four neighbours, in nats.

    For a smooth surface it shrinks with the square of the step of the grid; noise of standard deviation s gives
    s sqrt(5/4), whatever the step.

    Parameters
    ----------
    surface : array, shape (n, m), nats, n and m >= 3

    Returns
    -------
    float >= 0

    Raises
    ------
    UsageError
        If a value is NaN or infinite or the surface has no inner point.

    Source: ours, for C46.

    >>> ruggedness(np.add.outer(np.arange(4.0), np.arange(4.0)))  # a tilted plane
    0.0
    >>> ruggedness([[0.0, 0.0, 0.0], [0.0, 3.0, 0.0], [0.0, 0.0, 0.0]])
    3.0
    """
    s = _surface("surface", surface)
    if s.ndim != 2 or min(s.shape) < 3:
        raise UsageError(f"surface has shape {s.shape}; give at least 3 by 3 points, so that one has four neighbours")
    around = (s[:-2, 1:-1] + s[2:, 1:-1] + s[1:-1, :-2] + s[1:-1, 2:]) / 4
    return float(np.sqrt(np.mean((s[1:-1, 1:-1] - around) ** 2)))


def _checked(weights, images, labels, first, second, steps):
    missing = [name for name in NAMES if name not in weights]
    if missing:
        raise UsageError(f"weights lack {', '.join(missing)}; give a dict of {', '.join(NAMES)}")
    given = [checks.array(name, weights[name], None) for name in NAMES]
    images, labels, steps = checks.array("images", images, None), _labels(labels), checks.array("steps", steps)
    kind = np.result_type(np.float32, images, *given)
    net = Part(*(w.astype(kind, copy=False) for w in given))
    classes = len(net.b3)
    if images.ndim != 2 or labels.shape != images.shape[:1] or labels.size == 0 or images.shape[1] != net.W1.shape[1]:
        raise UsageError(
            f"images has shape {images.shape} and labels {labels.shape}; give images (n, {net.W1.shape[1]}), n >= 1"
        )
    if labels.min() < 0 or labels.max() >= classes:
        raise UsageError(f"labels must be whole numbers from 0 to {classes - 1}, the classes of the network")
    if steps.ndim != 1 or steps.size == 0 or not np.isfinite(steps).all():
        raise UsageError(f"steps has shape {steps.shape}; give finite numbers, at least one")
    for name, array in (*zip(NAMES, net, strict=True), ("images", images)):
        if not np.isfinite(array).all():
            raise UsageError(f"{name} holds NaN or infinite values; this network has diverged, leave it out")
    ends = np.cumsum([w.size for w in net])
    directions = []
    for name, vector in (("first", first), ("second", second)):
        vector = checks.array(name, vector, kind)
        if vector.shape != ends[-1:] or not np.isfinite(vector).all():
            raise UsageError(f"{name} has shape {vector.shape}; give {ends[-1]} finite numbers, one a parameter")
        parts = np.split(vector, ends[:-1])
        directions.append(Part(*(p.reshape(w.shape) for p, w in zip(parts, net, strict=True))))
    return net, images.astype(kind, copy=False), labels, *directions, steps.astype(kind)


def _labels(labels):
    labels = checks.array("labels", labels)
    if not (np.isfinite(labels) & (labels == np.rint(labels))).all():
        raise UsageError("labels must be whole numbers from 0 on, the classes of the network")
    return labels.astype(np.int64)


def _flat(direction):
    return np.concatenate([np.ravel(d) for d in direction])


def _surface(name, values):
    array = checks.array(name, values)
    if array.size == 0 or not np.isfinite(array).all():
        raise UsageError(f"{name} holds NaN or infinite values, or none; leave out the diverged step")
    return array
