"""The network of the paper as plain arrays: 784-h-h-10, ReLU, softmax cross-entropy (METHODS D1).

For the training loop each bias becomes one more row of its weight matrix, and each layer carries one unit whose value
is always 1 and feeds that row. So a layer is one matrix product, forward and backward, and the biases cost nothing.
"""

import numpy as np

from critnet.errors import UsageError
from critnet.training.config import INITS

INPUTS, CLASSES = 784, 10
NAMES = ("W1", "b1", "W2", "b2", "W3", "b3")
STREAMS = {"init": 0, "order": 1, "probe": 2, "fit": 3, "labels": 4}


def stream(seed, name):
    """A generator of random numbers for one purpose, independent of all others with the same seed."""
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed, spawn_key=(STREAMS[name],))))


def parameter_count(hidden):
    """Weights and biases of the network.

    >>> parameter_count(50)
    42310
    """
    return hidden * (INPUTS + 1) + hidden * (hidden + 1) + CLASSES * (hidden + 1)


def init_weights(hidden, init="xavier-uniform", seed=0, *, scale=1.0):
    """Initial weights, fixed by (init, hidden, seed); biases are 0.

    With fan_in n and fan_out m: Xavier uniform on +-sqrt(6/(n+m)), Xavier normal with variance 2/(n+m), Kaiming
    uniform on +-sqrt(6/n), Kaiming normal with variance 2/n, "uniform" on +-0.5, "normal" with standard deviation 10.

    Returns
    -------
    dict of float32 arrays: W1 (h, 784), b1 (h,), W2 (h, h), b2 (h,), W3 (10, h), b3 (10,).

    Source: METHODS D1 and section 10.
    """
    if init not in INITS:
        raise UsageError(f"init is {init!r}; it must be one of {', '.join(INITS)}")
    if not isinstance(hidden, int | np.integer) or hidden < 1:
        raise UsageError(f"hidden is {hidden!r}; it must be a whole number at least 1")
    random = stream(seed, "init")
    weights = {}
    for layer, (fan_in, fan_out) in enumerate([(INPUTS, hidden), (hidden, hidden), (hidden, CLASSES)], start=1):
        shape = (fan_out, fan_in)
        spread = {
            "xavier-uniform": np.sqrt(6 / (fan_in + fan_out)),
            "xavier-normal": np.sqrt(2 / (fan_in + fan_out)),
            "kaiming-uniform": np.sqrt(6 / fan_in),
            "kaiming-normal": np.sqrt(2 / fan_in),
            "uniform": 0.5,
            "normal": 10.0,
        }[init]
        draw = random.standard_normal(shape) if init.endswith("normal") else random.uniform(-1, 1, shape)
        weights[f"W{layer}"] = (scale * spread * draw).astype(np.float32)
        weights[f"b{layer}"] = np.zeros(fan_out, np.float32)
    return weights


def flatten(weights):
    """All parameters as one vector in the order W1, b1, W2, b2, W3, b3."""
    return np.concatenate([np.ravel(weights[name]) for name in NAMES])


def unflatten(vector, hidden):
    """Inverse of `flatten`; the arrays are views.

    >>> w = init_weights(3)
    >>> all(np.array_equal(a, w[k]) for k, a in unflatten(flatten(w), 3).items())
    True
    """
    if vector.shape != (parameter_count(hidden),):
        raise UsageError(f"{vector.shape} parameters do not fit hidden {hidden}, which has {parameter_count(hidden)}")
    shapes = [(hidden, INPUTS), (hidden,), (hidden, hidden), (hidden,), (CLASSES, hidden), (CLASSES,)]
    ends = np.cumsum([int(np.prod(s)) for s in shapes])
    parts = np.split(vector, ends[:-1])
    return {name: part.reshape(shape) for name, part, shape in zip(NAMES, parts, shapes, strict=True)}


WIDTH = 16  # the multiple of which matrices are: rows then start at cache lines, and products run fastest
EXTENDED_INPUTS = -(-(INPUTS + 1) // WIDTH) * WIDTH


def extend(weights):
    """Weights with their biases folded in: three matrices (800, w), (w, w), (w, 10), w the multiple of 16 above h.

    Behind the neurons of each layer (784 pixels, h, h) comes one unit that is 1 for every sample and feeds the biases;
    the units behind it are silent, now and after any training.
    """
    hidden = len(weights["b1"])
    width = -(-(hidden + 1) // WIDTH) * WIDTH
    extended = []
    for layer, shape in enumerate([(EXTENDED_INPUTS, width), (width, width), (width, CLASSES)], start=1):
        W, b = weights[f"W{layer}"], weights[f"b{layer}"]
        n_out, n_in = W.shape
        matrix = np.zeros(shape, W.dtype)
        matrix[:n_in, :n_out], matrix[n_in, :n_out] = W.T, b
        if layer < 3:
            matrix[n_in, hidden] = 1
        extended.append(matrix)
    return extended


def contract(extended, hidden):
    """Inverse of `extend`.

    >>> w = init_weights(4, seed=1)
    >>> all(np.array_equal(a, w[k]) for k, a in contract(extend(w), 4).items())
    True
    """
    weights = {}
    for layer, (matrix, n_in, n_out) in enumerate(
        zip(extended, (INPUTS, hidden, hidden), (hidden, hidden, CLASSES), strict=True), start=1
    ):
        weights[f"W{layer}"] = np.ascontiguousarray(matrix[:n_in, :n_out].T)
        weights[f"b{layer}"] = np.array(matrix[n_in, :n_out])
    return weights
