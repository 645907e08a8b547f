"""What circuits are worth: recall beside false positives, the order they give, what ten of them answer together."""

import numpy as np
from scipy.stats import rankdata

from critnet.errors import UsageError


def balanced_accuracy(recall, false_positive_rate):
    """Mean of the shares answered rightly on the digit and on all others, (recall + 1 - false-positive rate) / 2.

    Half for a circuit that answers the same to everything.

    Source: METHODS D41, caveat (i).

    >>> float(balanced_accuracy(1.0, 1.0)), float(balanced_accuracy(1.0, 0.5))
    (0.5, 0.75)
    """
    return (np.asarray(recall, float) + 1 - np.asarray(false_positive_rate, float)) / 2


def auc(values, is_class):
    """Probability that a sample of the class has a larger value than one outside, ties counted half.

    Parameters
    ----------
    values : array, shape (n_samples,)
    is_class : bool array, shape (n_samples,)

    Returns
    -------
    float
        NaN if either group is empty.

    Raises
    ------
    UsageError
        If the shapes differ or a value is NaN.

    Source: Hanley and McNeil 1982, Radiology 143, 29; METHODS D41, caveat (i).

    >>> auc([3, 2, 1, 2], [True, True, False, False])
    0.875
    """
    values, is_class = np.asarray(values), np.asarray(is_class, bool)
    if values.ndim != 1 or values.shape != is_class.shape:
        raise UsageError(f"values have shape {values.shape} and is_class {is_class.shape}; give one of each a sample")
    if np.isnan(values).any():
        raise UsageError("values hold NaN; a sample without a value has no rank")
    n_in = int(is_class.sum())
    n_out = is_class.size - n_in
    if not n_in or not n_out:
        return float("nan")
    return float((rankdata(values)[is_class].sum() - n_in * (n_in + 1) / 2) / (n_in * n_out))


def together(own_logits):
    """The digit whose own circuit gives its output the largest logit: what the circuits answer together.

    Parameters
    ----------
    own_logits : array, shape (n_digits, n_samples)
        Row T holds the logit of T in the circuit of T.

    Returns
    -------
    int array, shape (n_samples,); of equal logits the first digit

    Source: METHODS D41, caveat (i).

    >>> together([[1.0, 0.0], [0.5, 2.0]]).tolist()
    [0, 1]
    """
    own_logits = np.asarray(own_logits)
    if own_logits.ndim != 2 or not len(own_logits):
        raise UsageError(f"own_logits have shape {own_logits.shape}; give a row a digit, a column a sample")
    return own_logits.argmax(axis=0)


def union(circuits):
    """All edges of several circuits, each once, sorted.

    >>> union([[[1, 0, 0], [2, 0, 3]], [[1, 0, 0], [2, 0, 4]]]).tolist()
    [[1, 0, 0], [2, 0, 3], [2, 0, 4]]
    """
    edges = [np.asarray(edges, int).reshape(-1, 3) for edges in circuits]
    return np.unique(np.concatenate([np.zeros((0, 3), int), *edges]), axis=0)


def jaccard(one, two):
    """Shared edges over all edges of two circuits; NaN if both are empty.

    Source: Jaccard 1901; claim C114 of the ledger.

    >>> jaccard([[1, 0, 0], [2, 0, 3]], [[1, 0, 0]])
    0.5
    """
    sets = [{tuple(map(int, edge)) for edge in edges} for edges in (one, two)]
    either = len(sets[0] | sets[1])
    return len(sets[0] & sets[1]) / either if either else float("nan")


def losses(logits, digit):
    """Cross-entropy of images that all show one digit, in nats.

    Parameters
    ----------
    logits : array, shape (n_samples, n_outputs)
    digit : int

    Returns
    -------
    array, shape (n_samples,)

    Source: METHODS D43.

    >>> losses([[0.0, 0.0], [1000.0, 0.0]], 1).round(4).tolist()
    [0.6931, 1000.0]
    """
    logits = np.asarray(logits, np.float64)
    if logits.ndim != 2 or not 0 <= digit < logits.shape[1]:
        raise UsageError(
            f"logits have shape {logits.shape} and the digit is {digit}; give a row a sample, and an output"
        )
    gap = logits - logits[:, digit, None]
    top = gap.max(axis=1)
    return top + np.log(np.exp(gap - top[:, None]).sum(axis=1))


def overlap(values, is_class, bins=50):
    """Area that the two histograms of a value share, sum_b min(p_in, p_out): 0 apart, 1 alike.

    Parameters
    ----------
    values : array, shape (n_samples,)
        For Fig. 5k the raw logit of the digit.
    is_class : bool array, shape (n_samples,)
    bins : int
        Equal bins over the common range.

    Returns
    -------
    float
        NaN if either group is empty; 1 if all values are equal.

    Source: METHODS D45.

    >>> overlap([0, 1, 9, 10], [False, False, True, True], 10)
    0.0
    """
    values, is_class = np.asarray(values, np.float64), np.asarray(is_class, bool)
    if values.ndim != 1 or values.shape != is_class.shape:
        raise UsageError(f"values have shape {values.shape} and is_class {is_class.shape}; give one of each a sample")
    if not np.isfinite(values).all():
        raise UsageError("values hold NaN or infinity; leave those samples out")
    if not is_class.any() or is_class.all():
        return float("nan")
    edges = np.histogram_bin_edges(values, bins)
    inside, outside = (np.histogram(values[group], edges)[0] / group.sum() for group in (is_class, ~is_class))
    return float(np.minimum(inside, outside).sum())
