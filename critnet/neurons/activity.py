"""Activity of every neuron on every sample, and the correlations between neurons.

Neuron order everywhere: hidden layer 1, hidden layer 2, logits; M = 2h + 10 for ten classes.
"""

import numpy as np

from critnet import checks
from critnet.errors import UsageError

BLOCK = 4096  # samples handled at once: a few MB of work space at any width in use


def forward(weights, images):
    """Activity of a three-layer ReLU network: both hidden layers after the ReLU, then the raw logits.

    Parameters
    ----------
    weights : mapping of arrays
        W1 (h1, n_inputs), b1 (h1,), W2 (h2, h1), b2 (h2,), W3 (n_classes, h2), b3 (n_classes,).
    images : array, shape (n_samples, n_inputs)

    Returns
    -------
    array, shape (h1 + h2 + n_classes, n_samples), float32
        Computed in float32, as the network itself runs.

    Raises
    ------
    UsageError
        If a key is missing, shapes do not fit together, or a weight, an image or the result is not finite.

    Source: METHODS D1, D6.

    >>> one = {"W1": [[1.0], [-1.0]], "b1": [0, 0], "W2": [[1, 1]], "b2": [1], "W3": [[-2.0]], "b3": [0]}
    >>> forward(one, [[3.0]]).ravel().tolist()
    [3.0, 0.0, 4.0, -8.0]
    """
    layers = _layers(weights)
    images = checks.array("images", images, np.float32)
    if images.ndim != 2 or len(images) == 0 or images.shape[1] != layers[0][0].shape[1]:
        raise UsageError(f"images have shape {images.shape}; W1 asks for (n_samples, {layers[0][0].shape[1]})")
    activity = np.empty((sum(len(bias) for _, bias in layers), len(images)), dtype=np.float32)
    for start in range(0, len(images), BLOCK):
        signal = images[start : start + BLOCK]
        checks.finite("images", signal)
        row = 0
        for depth, (weight, bias) in enumerate(layers):
            with np.errstate(over="ignore", invalid="ignore"):  # reported below, with a name
                signal = signal @ weight.T + bias  # (block, width)
            if depth < 2:
                np.maximum(signal, 0, out=signal)
            activity[row : row + len(bias), start : start + BLOCK] = signal.T
            row += len(bias)
        checks.finite("activity", activity[:, start : start + BLOCK])
    return activity


def _layers(weights):
    layers, width = [], None
    for depth in (1, 2, 3):
        names = (f"W{depth}", f"b{depth}")
        missing = [name for name in names if name not in weights]
        if missing:
            raise UsageError(f"weights lack {missing[0]!r}; give a mapping with W1, b1, W2, b2, W3, b3")
        weight, bias = (checks.array(name, weights[name], np.float32) for name in names)
        if weight.ndim != 2 or bias.shape != weight.shape[:1] or width not in (None, weight.shape[1]):
            raise UsageError(
                f"{names[0]} {weight.shape} and {names[1]} {bias.shape} do not fit"
                + (f" a layer of {width} inputs" if width else "")
                + "; give W (n_out, n_in) and b (n_out,), layer after layer"
            )
        for name, array in zip(names, (weight, bias), strict=True):
            checks.finite(name, array)
        layers.append((weight, bias))
        width = len(weight)
    return layers


def standardise_samples(activity):
    """z-score each sample (column) across the neurons: Z_ix = (X_ix - m_x) / s_x.

    Afterwards every sample has sum_i Z_ix = 0 and sum_i Z_ix^2 = M, so layers on different scales compete within a
    sample; a silent neuron becomes -m_x / s_x, which varies with x.

    Parameters
    ----------
    activity : array, shape (n_neurons, n_samples)

    Returns
    -------
    array of the same shape and float type (statistics in float64)
        A sample on which all neurons agree has no spread and becomes 0; so does everything with one neuron.

    Raises
    ------
    UsageError
        If activity is not a non-empty matrix or holds NaN or infinity.

    Source: METHODS D7.

    >>> standardise_samples(np.array([[1.0, 5.0], [3.0, 5.0]])).tolist()
    [[-1.0, 0.0], [1.0, 0.0]]
    """
    activity = checks.activity_matrix(activity)
    standardised = np.empty_like(activity)
    for start in range(0, activity.shape[1], BLOCK):
        block = activity[:, start : start + BLOCK]
        checks.finite("activity", block)
        standardised[:, start : start + BLOCK] = _standardised(block)
    return standardised


def _standardised(block):
    flat = (block == block[:1]).all(axis=0)  # no spread: round-off must not be blown up
    centred = block - block.mean(axis=0, dtype=np.float64)
    spread = np.sqrt(np.einsum("ix,ix->x", centred, centred) / len(block))
    spread[flat] = np.inf
    centred[:, flat] = 0.0
    return centred / spread


def correlation(activity, *, definition="control"):
    """Pearson correlation between neurons over the samples.

    As coded, the samples are z-scored across neurons first (`standardise_samples`); two silent neurons then
    correlate at exactly 1 and rarely active ones strongly, and C times the neurons' spread is 0. The control
    correlates the raw activity, where a silent neuron correlates with nothing.

    Parameters
    ----------
    activity : array, shape (n_neurons, n_samples)
        Raw activity, for either definition.
    definition : "as-coded" or "control"

    Returns
    -------
    array, shape (n_neurons, n_neurons), float64, in [-1, 1]
        Diagonal 1. A neuron without variance has a row and a column of 0, **diagonal included**; with one sample
        everything is 0, and as coded with one neuron too. A pair within 1e-12 of +-1 is set to +-1, so that identical
        neurons meet a threshold of 1 on every machine.

    Raises
    ------
    UsageError
        If activity is not a non-empty matrix, holds NaN or infinity, or the definition is unknown.

    Source: METHODS D7, D8 and section 10.

    >>> silent = np.array([[0, 0, 0, 0], [0, 0, 0, 0], [1.0, 2, 5, 3], [2, 1, 0, 0]])
    >>> correlation(silent, definition="as-coded")[0, :2].tolist(), correlation(silent)[0].tolist()
    ([1.0, 1.0], [0.0, 0.0, 0.0, 0.0])
    """
    checks.choice("definition", definition, checks.DEFINITIONS)
    activity = checks.activity_matrix(activity)
    n_neurons, n_samples = activity.shape
    shift, total = None, np.zeros(n_neurons)
    gram = np.zeros((n_neurons, n_neurons))
    for start in range(0, n_samples, BLOCK):
        block = activity[:, start : start + BLOCK]
        checks.finite("activity", block)
        block = _standardised(block) if definition == "as-coded" else block.astype(np.float64)
        if shift is None:
            # One pass, shifted by the first sample: a constant row gives exactly 0, and for any other the shift is
            # at most sqrt(n) spreads from the mean, so the subtraction below loses at most n_samples * 1e-16.
            shift = block[:, :1].copy()
        block -= shift
        total += block.sum(axis=1)
        gram += block @ block.T
    constant = gram.diagonal() == 0
    gram -= np.outer(total, total) / n_samples
    spread = np.sqrt(np.where(constant, 1.0, gram.diagonal()))
    result = (gram + gram.T) / 2 / np.outer(spread, spread)
    near_one = np.abs(result) > 1 - 1e-12
    result[near_one] = np.sign(result[near_one])
    np.fill_diagonal(result, np.where(constant, 0.0, 1.0))  # the rest of a constant row is 0 already
    return result


def dead_neurons(activity):
    """Mask of the neurons whose activity never changes (a silent ReLU is the common case).

    Parameters
    ----------
    activity : array, shape (n_neurons, n_samples)
        Raw activity. With one sample every neuron is constant.

    Returns
    -------
    bool array, shape (n_neurons,)

    Raises
    ------
    UsageError
        If activity is not a non-empty matrix or holds NaN or infinity.

    Source: METHODS D8.

    >>> dead_neurons([[0, 0, 0], [0, 1, 0], [2, 2, 2]]).tolist()
    [True, False, True]
    """
    activity = checks.activity_matrix(activity)
    checks.finite("activity", activity)
    return (activity == activity[:, :1]).all(axis=1)


def rarely_active(activity, fraction=0.01):
    """Mask of the neurons that are positive on less than a fraction of the samples; silent ones included.

    Outputs are counted as they are given: a raw logit below 0 on most images is no silent neuron. To ask of the hidden
    neurons alone leave the last rows out, as activity[:-10].

    Parameters
    ----------
    activity : array, shape (n_neurons, n_samples)
    fraction : float in [0, 1]
        1 % by default, dimensionless.

    Returns
    -------
    bool array, shape (n_neurons,)

    Raises
    ------
    UsageError
        If activity is not a non-empty matrix or holds NaN or infinity, or the fraction is outside [0, 1].

    Source: METHODS D8.

    >>> rarely_active([[0, 0, 0, 1], [0, 0, 1, 1]], fraction=0.5).tolist()
    [True, False]
    """
    activity = checks.activity_matrix(activity)
    fraction = checks.fraction("fraction", fraction)
    checks.finite("activity", activity)
    return (activity > 0).mean(axis=1) < fraction
