"""Whether unseen images excite neurons as training images do: cosines of mean activity, digit by digit."""

import numpy as np

from critnet.paper import anchors


def hidden(acting):
    """Number of hidden neurons of both layers; the last ten of `neuron` are outputs."""
    return acting["mean_activity"].shape[-1] - 10


def in_circuits(coupling, seed, n_hidden):
    """Hidden neurons with an edge in any of a seed's ten circuits, sorted, of 0 to `n_hidden` - 1.

    An edge (1, i, j) joins neuron i of layer 1 and j of layer 2, an edge (2, j, d) neuron j of layer 2 and output d.
    """
    mine = coupling["edge"].values[coupling["edge_seed"].values == seed].astype(int).reshape(-1, 3)
    half, middle = n_hidden // 2, mine[mine[:, 0] == 1]
    return np.unique(np.r_[middle[:, 1], half + middle[:, 2], half + mine[mine[:, 0] == 2, 1]]).astype(int)


def likeness(acting, seed, definition, corruption=None, *, neurons=None):
    """Cosine of the mean activity of a digit in training (rows) and on test images (columns), shape (10, 10).

    As coded the means as they are; in the control their mean over the digits is taken off first. NaN where a digit
    excites nothing.

    Parameters
    ----------
    acting : Dataset of data/acting.nc
    seed : int
    definition : "as-coded" or "control"
    corruption : None, or which of the stored noises on the test images
    neurons : the hidden neurons that count, all by default
    """
    s = anchors.of_seed(acting, seed)
    train = acting["mean_activity"].values[s, 0].astype(float)
    seen = (
        acting["mean_activity"].values[s, 1]
        if corruption is None
        else acting["corrupted_activity"].values[s, corruption]
    )
    chosen = np.arange(hidden(acting)) if neurons is None else neurons
    one, two = (rows[:, chosen] - (rows[:, chosen].mean(axis=0) if definition == "control" else 0)
                for rows in (train, seen.astype(float)))  # fmt: skip
    norms = np.linalg.norm(one, axis=1)[:, None] * np.linalg.norm(two, axis=1)
    return np.divide(one @ two.T, norms, out=np.full(norms.shape, np.nan), where=norms > 0)
