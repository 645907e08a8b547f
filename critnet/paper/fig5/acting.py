"""The five anchor networks at their end -> what Figs 5a-5e and 6e read.

Activity by digit, correlations on unseen images, losses of the circuits, and what is left of a network without them.
"""

import joblib
import numpy as np
import xarray as xr

from critnet import checks
from critnet.circuits.masks import complement_weights, logits, score
from critnet.circuits.scores import losses
from critnet.circuits.search import search
from critnet.circuits.trial import circuit_logits
from critnet.errors import UsageError
from critnet.neurons.activity import correlation, forward
from critnet.paper.fig5.found import SETS
from critnet.training.mlp import CLASSES

BINS = 100  # linear, as the authors'
LOG_BINS = np.concatenate([[0.0], np.geomspace(1e-12, 1e3, 181)])  # nats; twelve a decade
CORRUPTION = (0.0, 0.25, 0.5, 1.0, 2.0, 4.0)  # standard deviation of noise on normalised pixels
DEFINITIONS = ("as-coded", "control")
WHOLE = 32767  # correlations are stored as multiples of 1 / 32767


def acting(ends, digits, *, jobs=1):
    """What the neurons and the circuits of each anchor do at the end.

    Parameters
    ----------
    ends : {seed: weights}
    digits : Digits
    jobs : processes

    Returns
    -------
    xarray.Dataset over `seed`

    Raises
    ------
    UsageError
        If a digit has no image among those of training or of testing.

    Source: METHODS D42, D43, D48 and section 11.
    """
    for labels, of in ((digits.labels, "training"), (digits.test_labels, "test")):
        if missing := sorted(set(range(CLASSES)) - set(np.asarray(labels).tolist())):
            raise UsageError(f"no image is labelled {missing[0]} among the {of} images; all ten digits are compared")
    found = joblib.Parallel(n_jobs=jobs)(joblib.delayed(of_network)(weights, digits) for weights in ends.values())
    means = np.stack([digits.images[digits.labels == digit].mean(axis=0) for digit in range(CLASSES)])
    per = {name: np.stack([one[name] for one in found]) for name in found[0]}

    def about(units, text, D):
        return {"units": units, "long_name": text, "D": D}

    variables = {
        "class_mean": (("digit", "pixel"), means.astype(np.float32),
                       about("1", "mean normalised training image of a digit", "D42")),
        "mean_activity": (("seed", "set", "digit", "neuron"), per["mean"].astype(np.float32),
                          about("1", "mean activity over the images of a digit", "D42")),
        "corrupted_activity": (("seed", "corruption", "digit", "neuron"), per["corrupted"].astype(np.float32),
                               about("1", "mean activity over test images with noise on their pixels", "D48")),
        "test_correlation": (("seed", "definition", "pair"), np.rint(per["correlation"] * WHOLE).astype(np.int16),
                             about("1/32767", "correlation of neurons i < j over the test images", "D8")),
        "rest": (("seed", "digit", "set", "score"), per["rest"].astype(np.float32),
                 about("1", "the network without the circuit: recall, false positives, mean loss (nats)", "D43")),
        "discordant": (("seed", "digit", "side", "right"), per["discordant"].astype(np.int16),
                       about("image", "test images that the circuit or the full network alone answers rightly", "D41")),
        "loss_count": (("seed", "digit", "bin"), per["linear"].astype(np.int32),
                       about("image", "losses of a circuit on training images of its digit, equal bins", "D43")),
        "loss_range": (("seed", "digit", "low_high"), per["range"], about("nat", "ends of these bins", "D43")),
        "loss_log_count": (("seed", "digit", "log_bin"), per["logarithmic"].astype(np.int32),
                           about("image", "the same losses in the bins of loss_edge", "D43")),
        "loss_edge": (("log_edge",), LOG_BINS, about("nat", "edges of the logarithmic bins", "D43")),
    }  # fmt: skip
    coordinates = {
        "seed": list(ends), "set": list(SETS), "definition": list(DEFINITIONS), "corruption": list(CORRUPTION),
        "score": ["recall", "false_positive_rate", "loss"],
        "side": ["on", "off"], "right": ["circuit", "network"],
    }  # fmt: skip
    return xr.Dataset(variables, coordinates)


def of_network(weights, digits):
    """One network's part of `acting`."""
    train, test = forward(weights, digits.images), forward(weights, digits.test_images)
    hidden = len(weights["b1"])
    C = correlation(train, definition="as-coded")
    upper = np.triu_indices(len(C), 1)
    random = np.random.default_rng(0)
    noise = random.standard_normal(digits.test_images.shape, dtype=np.float32)
    found = {
        "mean": np.stack([_by_digit(train, digits.labels), _by_digit(test, digits.test_labels)]),
        "corrupted": np.stack([_by_digit(forward(weights, digits.test_images + np.float32(s) * noise),
                                         digits.test_labels) for s in CORRUPTION]),
        "correlation": np.stack([correlation(test, definition=d)[upper] for d in DEFINITIONS]),
        "rest": np.empty((CLASSES, 2, 3)), "linear": np.empty((CLASSES, BINS), int),
        "discordant": np.empty((CLASSES, 2, 2), int),
        "logarithmic": np.empty((CLASSES, len(LOG_BINS) - 1), int), "range": np.empty((CLASSES, 2)),
    }  # fmt: skip
    for digit in range(CLASSES):
        edges = search(weights, C, train[:hidden], digits.labels, digit).edges
        rest = complement_weights(weights, edges)
        both = ((digits.images, digits.labels), (digits.test_images, digits.test_labels))
        for i, (images, labels) in enumerate(both):
            answers = logits(rest, images)
            recall, false, *_ = score(answers, labels, digit)
            found["rest"][digit, i] = recall, false, losses(answers[labels == digit], digit).mean()
        alone = circuit_logits(weights, edges, test[:hidden])
        found["discordant"][digit] = discordant(alone, test[2 * hidden :].T, digits.test_labels, digit)
        own = digits.labels == digit
        loss = losses(circuit_logits(weights, edges, train[:hidden, own]), digit)
        found["range"][digit] = loss.min(), loss.max()
        found["linear"][digit] = np.histogram(loss, BINS)[0]
        found["logarithmic"][digit] = np.histogram(np.minimum(loss, LOG_BINS[-1]), LOG_BINS)[0]
    return found


def discordant(one, other, labels, digit):
    """How many images one network answers rightly and another does not, and the other way round.

    The answer is whether the largest logit (of equal ones the first) is the digit's: McNemar's two counts.

    Parameters
    ----------
    one, other : arrays, shape (n_samples, n_outputs)
        Logits of the two networks.
    labels : int array, shape (n_samples,)
    digit : int

    Returns
    -------
    int array, shape (2, 2)
        Rows: images of the digit, of all others. Columns: only `one` is right, only `other` is.

    Raises
    ------
    UsageError
        If shapes do not fit together or there is no such digit.

    Source: McNemar 1947, Psychometrika 12, 153; METHODS D41, caveat (i).

    >>> yes, no = [1.0, 0.0], [0.0, 1.0]
    >>> discordant([yes, yes, yes], [no, yes, no], [0, 0, 1], 0).tolist()
    [[1, 0], [0, 1]]
    """
    one, other, labels = np.asarray(one), np.asarray(other), np.asarray(labels)
    if one.ndim != 2 or one.shape != other.shape or labels.shape != one.shape[:1]:
        raise UsageError(f"logits have shapes {one.shape}, {other.shape}, labels {labels.shape}; give a row a sample")
    digit = checks.whole("digit", digit, 0, one.shape[1] - 1)
    says = [logits.argmax(axis=1) == digit for logits in (one, other)]
    right = [answer == (labels == digit) for answer in says]
    sides = (labels == digit, labels != digit)
    return np.array([[(side & a & ~b).sum() for a, b in (right, right[::-1])] for side in sides])


def _by_digit(activity, labels):
    """Mean activity over the samples of each digit, shape (digit, neuron)."""
    return np.stack([activity[:, labels == digit].mean(axis=1, dtype=np.float64) for digit in range(CLASSES)])
