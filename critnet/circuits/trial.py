"""A circuit under construction: what it answers when an edge comes or goes, without a whole forward pass."""

import numpy as np

from critnet import checks
from critnet.circuits.edges import edge_masks, matrices
from critnet.errors import UsageError


class Trial:
    """The masked network (`masks.masked_weights`, as coded) of one digit on fixed samples, from its first layer on.

    Taking an edge away changes one row of the second layer, and with it the logits by one column of W3; so an edge
    costs a few rows of length n_samples, not a forward pass. Rows are summed anew from the kept edges, in the order of
    the neurons: nothing drifts, however many edges come and go.

    Parameters
    ----------
    weights : mapping with W1, b1, W2 (h2, h1), b2, W3 (n_outputs, h2), b3
    first : array, shape (h1, n_samples)
        Activity of the first hidden layer on the samples, after the ReLU.
    digit : int

    Attributes
    ----------
    kept : bool array, shape (h2, h1), the edges 1 -> 2
    leads : bool array, shape (h2,), the second-layer neurons that lead to the digit

    Source: METHODS D41 and section 11.
    """

    def __init__(self, weights, first, digit):
        _, self.W2, W3 = matrices(weights)
        if not 0 <= digit < len(W3):
            raise UsageError(f"digit is {digit}; the outputs are 0 to {len(W3) - 1}")
        self.first = np.ascontiguousarray(first, np.float64)
        if self.first.ndim != 2 or len(self.first) != self.W2.shape[1] or not self.first.shape[1]:
            raise UsageError(
                f"first has shape {self.first.shape}; give activity ({self.W2.shape[1]}, n_samples) with samples"
            )
        self.digit = digit
        self.b2 = checks.array("b2", weights["b2"])
        others = np.arange(len(W3)) != digit
        b3 = checks.array("b3", weights["b3"])
        self._step = (W3 - W3[digit])[others]  # (n_outputs - 1, h2): how far a unit of a neuron lifts a rival above T
        self._lead = (b3 - b3[digit])[others, None]
        self.keep(np.zeros(self.W2.shape, bool), np.zeros(len(self.W2), bool))

    def keep(self, kept, leads, *, growing=False):
        """Set the whole sub-graph; with `growing` every second-layer neuron that leads on has its bias."""
        self.kept, self.leads = kept.copy(), leads.copy()
        self._hidden = np.zeros((len(self.W2), self.first.shape[1]))
        on = np.flatnonzero(leads if growing else leads & kept.any(axis=1))
        used = np.flatnonzero(kept[on].any(axis=0))
        rows = (self.W2[np.ix_(on, used)] * kept[np.ix_(on, used)]) @ self.first[used]
        self._hidden[on] = np.maximum(rows + self.b2[on, None], 0)
        self._settle()

    def says_yes(self):
        """Mask of the samples whose largest logit is the digit's (of equal ones the first), shape (n_samples,)."""
        return self._yes(self._gap)

    def without(self, target, sources):
        """What `says_yes` would be if `target` were fed by `sources` (bool, shape (h1,)) only; nothing changes."""
        change = self._row(target, sources) - self._hidden[target]
        return self._yes(self._gap + self._step[:, target, None] * change)

    def feed(self, target, sources):
        """Let `target` be fed by `sources` only; a neuron that nothing feeds leads nowhere either."""
        self.kept[target] = sources
        self.leads[target] &= bool(np.any(sources))
        self._hidden[target] = self._row(target, sources)
        self._settle()

    def edges(self):
        """The sub-graph as sorted rows (layer, source, target), shape (n_edges, 3)."""
        first = np.argwhere((self.kept & self.leads[:, None]).T)
        second = np.flatnonzero(self.leads)
        return np.concatenate([
            np.c_[np.ones(len(first), int), first],
            np.c_[np.full(len(second), 2), second, np.full(len(second), self.digit)],
        ]).astype(int)  # fmt: skip

    def _row(self, target, sources):
        used = np.flatnonzero(sources)
        if not len(used) or not self.leads[target]:
            return np.zeros(self.first.shape[1])
        return np.maximum(self.W2[target, used] @ self.first[used] + self.b2[target], 0)

    def _settle(self):
        on = np.flatnonzero(self.leads)
        self._gap = self._step[:, on] @ self._hidden[on] + self._lead

    def _yes(self, gap):
        before, after = gap[: self.digit], gap[self.digit :]  # of equal logits the first is the answer
        yes = np.ones(gap.shape[1], bool)
        if len(before):
            yes &= before.max(axis=0) < 0
        if len(after):
            yes &= after.max(axis=0) <= 0
        return yes


def circuit_logits(weights, edges, first):
    """Logits of the masked network, as coded, from the activity of its first layer on.

    The same as `masks.logits` of `masks.masked_weights`, as coded, without the 784 inputs.

    Parameters
    ----------
    weights : as for `Trial`
    edges : int array, shape (n_edges, 3)
    first : array, shape (h1, n_samples)

    Returns
    -------
    array, shape (n_samples, n_outputs), float64

    Source: METHODS D41 and section 11.

    >>> net = {"W1": [[1.0]], "b1": [0.0], "W2": [[2.0]], "b2": [0.0], "W3": [[3.0], [4.0]], "b3": [0.0, 0.5]}
    >>> circuit_logits(net, [[1, 0, 0], [2, 0, 1]], [[1.0, 2.0]]).tolist()
    [[6.0, 8.5], [12.0, 16.5]]
    """
    _, W2, W3 = matrices(weights)
    middle, last = edge_masks(weights, edges)
    first = np.asarray(first)
    if first.ndim != 2 or len(first) != W2.shape[1]:
        raise UsageError(f"first has shape {first.shape}; give activity ({W2.shape[1]}, n_samples)")
    on = np.flatnonzero(middle.any(axis=1) & last.any(axis=0))
    used = np.flatnonzero(middle[on].any(axis=0))
    rows = (W2[np.ix_(on, used)] * middle[np.ix_(on, used)]) @ first[used].astype(np.float64)
    hidden = np.maximum(rows + np.asarray(weights["b2"], np.float64)[on, None], 0)  # (n_on, n_samples)
    return hidden.T @ W3[:, on].T + np.asarray(weights["b3"], np.float64)
