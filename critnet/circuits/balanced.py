"""A search of our own that asks a circuit for both halves of the answer: yes to its digit, no to all others.

The authors' search asks for recall only. This one keeps their masks and asks for balanced accuracy; so what it costs
more is the price of saying no.
"""

from typing import NamedTuple

import numpy as np

from critnet.circuits.edges import matrices
from critnet.circuits.trial import Trial
from critnet.errors import UsageError

MARGIN = 0.05  # balanced accuracy that a circuit may lack against the full network


class Balanced(NamedTuple):
    """A circuit that says yes and no: its edges, rows (layer, source, target), and what the search saw on its samples.

    `accuracy` and `accuracy_full` are balanced accuracies of the circuit and of the full network.
    """

    edges: np.ndarray
    accuracy: float
    accuracy_full: float


def search_balanced(weights, first, labels, digit, *, margin=MARGIN):
    """A small circuit whose balanced accuracy is within `margin` of the full network's.

    From the full network down: neurons of the first layer go first, each of which costs all its inputs, then neurons of
    the second, then single edges 1 -> 2, always the least sum of |weight| x mean activity first; what the balanced
    accuracy allows goes, over and over until nothing can go. No single edge of the result can go, but a
    smaller circuit may exist elsewhere.

    Parameters
    ----------
    weights : mapping with W1, b1, W2, b2, W3, b3
    first : array, shape (h1, n_samples)
        Activity of the first hidden layer, after the ReLU, on samples of all classes.
    labels : int array, shape (n_samples,)
    digit : int
    margin : float in [0, 1)

    Returns
    -------
    Balanced

    Raises
    ------
    UsageError
        If the digit is unknown, has no sample or nothing else has one, the margin is outside
        [0, 1), or arrays do not fit together.

    Source: METHODS D41, caveat (i); this project's.
    """
    _, W2, _ = matrices(weights)
    labels, first = np.asarray(labels), np.asarray(first)
    if first.ndim != 2 or labels.shape != first.shape[1:]:
        raise UsageError(f"first has shape {first.shape} and labels {labels.shape}; give a column and a label a sample")
    if not 0 <= margin < 1:
        raise UsageError(f"margin is {margin}; it must lie in [0, 1): balanced accuracies do")
    trial = Trial(weights, first, digit)
    inside = labels == digit
    if not inside.any() or inside.all():
        raise UsageError(
            f"{int(inside.sum())} of {inside.size} samples show {digit}; give some that do and some others"
        )
    share = np.where(inside, 0.5 / inside.sum(), -0.5 / (~inside).sum())

    def accuracy(yes):
        return float(0.5 + share[yes].sum())

    trial.keep(np.ones(W2.shape, bool), np.ones(len(W2), bool))
    full = accuracy(trial.says_yes())
    _shrink(trial, accuracy, full - margin)
    return Balanced(trial.edges(), accuracy(trial.says_yes()), full)


def _shrink(trial, accuracy, floor):
    """Take neurons, then edges away while the balanced accuracy stays at or above `floor`, until nothing can go."""
    strength = np.abs(trial.W2) * trial.first.mean(axis=1)
    shrunk = True
    while shrunk:
        shrunk = False
        for axis in (0, 1):
            total = (strength * trial.kept).sum(axis=axis)
            for neuron in np.argsort(total, kind="stable"):
                kept = trial.kept.copy()
                kept[(slice(None), neuron) if axis == 0 else neuron] = False
                shrunk |= _settled(trial, kept, accuracy, floor)
        edges = np.argwhere(trial.kept)
        for target, source in edges[np.argsort(strength[tuple(edges.T)], kind="stable")]:
            sources = trial.kept[target].copy()
            sources[source] = False
            if accuracy(trial.without(target, sources)) >= floor:
                trial.feed(target, sources)
                shrunk = True


def _settled(trial, kept, accuracy, floor):
    """Keep only these edges if that leaves the accuracy; returns whether anything went."""
    before = trial.kept, trial.leads
    if (kept == before[0]).all():
        return False
    trial.keep(kept, before[1] & kept.any(axis=1))
    if accuracy(trial.says_yes()) >= floor:
        return True
    trial.keep(*before)
    return False
