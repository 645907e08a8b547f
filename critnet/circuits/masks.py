"""The network that is left when only the edges of a sub-graph are kept, and how it answers."""

from typing import NamedTuple

import numpy as np

from critnet import checks
from critnet.circuits.edges import edge_masks, matrices
from critnet.errors import UsageError


class Score(NamedTuple):
    """How a network answers one question, "is this digit T?", on labelled samples.

    `recall` is hits / n_class and `false_positive_rate` is false_positives / n_other; NaN without such samples.
    """

    recall: float
    false_positive_rate: float
    hits: int
    n_class: int
    false_positives: int
    n_other: int


def masked_weights(weights, edges, *, definition="control", growing=False):
    """The network that is left when only a sub-graph is kept; everything else is 0.

    Kept are: W2 on the edges; row i of W1 and b1, all inputs of it, for each first-layer neuron i with an edge; b2 of
    each second-layer neuron that a kept edge leads to; b3. So a second-layer neuron that nothing feeds is silent. As
    coded, a second-layer neuron with an edge to an output keeps its weights to all outputs; the control keeps W3 on the
    edges only. With an empty sub-graph the answer is b3.

    Parameters
    ----------
    weights : as for `full_edges`
    edges : int array, shape (n_edges, 3)
        Rows (layer, source, target); order and repetition do not matter.
    definition : "as-coded" or "control"
    growing : bool
        Keep b2 of every second-layer neuron with an edge, fed or not, as the authors do while a circuit grows.

    Returns
    -------
    dict of float64 arrays, the shapes of `weights`

    Raises
    ------
    UsageError
        If an edge names a neuron or a layer that is not there, the weights do not fit together, or the definition is
        unknown.

    Source: METHODS D41 as corrected in section 11.

    >>> net = {"W1": [[1.0]], "b1": [0.0], "W2": [[2.0]], "b2": [0.0], "W3": [[3.0], [4.0]], "b3": [0.0, 0.5]}
    >>> kept = masked_weights(net, [[1, 0, 0], [2, 0, 1]], definition="as-coded")
    >>> logits(kept, [[1.0]]).tolist(), logits(masked_weights(net, [[1, 0, 0]]), [[1.0]]).tolist()
    ([[6.0, 8.5]], [[0.0, 0.5]])
    """
    checks.choice("definition", definition, checks.DEFINITIONS)
    W1, W2, W3 = matrices(weights)
    first, second = edge_masks(weights, edges)
    from_first, to_output = first.any(axis=0), second.any(axis=0)
    biased = first.any(axis=1) | (to_output if growing else False)
    columns = to_output[None, :] if definition == "as-coded" else second
    b1, b2, b3 = (checks.array(name, weights[name]) for name in ("b1", "b2", "b3"))
    return {
        "W1": W1 * from_first[:, None],
        "b1": b1 * from_first,
        "W2": W2 * first,
        "b2": b2 * biased,
        "W3": W3 * columns,
        "b3": b3.copy(),
    }


def complement_weights(weights, edges):
    """The network without a sub-graph: every entry that `masked_weights`, as coded, keeps is 0, the rest stays.

    So b3 goes as a whole, the inputs and the bias of each kept first-layer neuron, and the weights of each kept
    second-layer neuron to all outputs.

    Parameters
    ----------
    weights, edges : as for `masked_weights`

    Returns
    -------
    dict of float64 arrays, the shapes of `weights`

    Source: METHODS D43 and section 10.

    >>> net = {"W1": np.eye(2), "b1": [1, 1], "W2": np.ones((2, 2)), "b2": [1, 1], "W3": np.ones((2, 2)), "b3": [1, 1]}
    >>> left = complement_weights(net, [[1, 0, 0], [2, 0, 1]])
    >>> left["b1"].tolist(), left["W2"].tolist(), left["W3"].tolist(), left["b3"].tolist()
    ([0.0, 1.0], [[0.0, 1.0], [1.0, 1.0]], [[0.0, 1.0], [0.0, 1.0]], [0.0, 0.0])
    """
    kept = masked_weights(weights, edges, definition="as-coded")
    return {name: np.where(values != 0, 0, np.asarray(weights[name], np.float64)) for name, values in kept.items()}


def logits(weights, images):
    """Answers of the network before the softmax, in float64.

    Parameters
    ----------
    weights : as for `full_edges`, or what `masked_weights` gives
    images : array, shape (n_samples, n_inputs)

    Returns
    -------
    array, shape (n_samples, n_outputs)

    Source: METHODS D1.
    """
    W1, W2, W3 = matrices(weights)
    signal = checks.array("images", images)
    if signal.ndim != 2 or signal.shape[1] != W1.shape[1]:
        raise UsageError(f"images have shape {signal.shape}; W1 asks for (n_samples, {W1.shape[1]})")
    for matrix, bias in ((W1, "b1"), (W2, "b2")):
        signal = np.maximum(signal @ matrix.T + checks.array(bias, weights[bias]), 0)  # (n_samples, width)
    return signal @ W3.T + checks.array("b3", weights["b3"])


def score(logits, labels, digit):
    """Recall on one class and false-positive rate on all others, the answer being the largest logit (of equal ones the
    first).

    A circuit that always answers T has recall 1 and false-positive rate 1: neither number says much without the other.

    Parameters
    ----------
    logits : array, shape (n_samples, n_outputs)
    labels : int array, shape (n_samples,)
    digit : int
        The class T.

    Returns
    -------
    Score

    Source: METHODS D41, caveat (i).

    >>> score([[2.0, 1.0], [0.0, 1.0], [3.0, 0.0]], [0, 0, 1], 0)[:2]
    (0.5, 1.0)
    """
    logits, labels = checks.array("logits", logits), checks.array("labels", labels)
    if logits.ndim != 2 or labels.shape != logits.shape[:1]:
        raise UsageError(f"logits have shape {logits.shape} and labels {labels.shape}; give a row and a label a sample")
    digit = checks.whole("digit", digit, 0, logits.shape[1] - 1)
    answered, is_class = logits.argmax(axis=1) == digit, labels == digit
    hits, n_class = int((answered & is_class).sum()), int(is_class.sum())
    false, n_other = int((answered & ~is_class).sum()), int((~is_class).sum())
    return Score(
        hits / n_class if n_class else np.nan, false / n_other if n_other else np.nan, hits, n_class, false, n_other
    )
