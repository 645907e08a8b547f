"""What C96, C97, C102 and C103 read of a network on its way: early planes, connections lost, where the loss pushes."""

import numpy as np

from critnet.neurons.activity import correlation, forward
from critnet.paper.course.reduce import layer_slices
from critnet.paper.fig4 import interventions
from critnet.weights.connections import critical_connections
from critnet.weights.gradients import mean_gradient

LOSSES = ("until the end", "between halves of the images")
SETS = ("redundant", "critical")
LAYERS = ("W2", "W3")


def early_planes(net, critical, length, images, labels, random):
    """Ranges of `interventions.planes` at an earlier network, with the sets and the step of the last one."""
    found = interventions.planes(net, critical, images, labels, random, length=length, count=interventions.DIRECTIONS)
    return found.range


def lost(early, critical, images, *, definition):
    """Shares of the critical connections of a network that are not critical at the end, and in one half of the images.

    Parameters
    ----------
    early : dict of W1, b1, W2, b2, W3, b3
    critical : int array, the critical connections at the end
    images : array (n, pixels)
    definition : "as-coded" or "control"

    Returns
    -------
    array (2,), in the order of LOSSES; NaN where no connection is critical early. The halves are the images of even and
    of odd place; the second share is of those of the first half that are not among those of the second.

    Source: LEDGER C102.
    """

    def of(part):
        return critical_connections(correlation(forward(early, part), definition="as-coded"), definition=definition)

    first, second, whole = of(images[::2]), of(images[1::2]), of(images)
    return np.array([_share_lost(whole, critical), _share_lost(first, second)])


def _share_lost(before, after):
    return 1 - np.isin(before, after).mean() if before.size else np.nan


def pushed(net, sets, images, labels):
    """Share of the weights that the mean gradient pushes towards 0, and on to the other sign, by set and layer.

    Parameters
    ----------
    net : dict of W1, b1, W2, b2, W3, b3
    sets : list of int arrays, places of weights, in the order of SETS
    images, labels : all training images

    Returns
    -------
    share (set, layer), NaN for none; number (set, layer)

    Source: LEDGER C103: w times minus the gradient is below 0.
    """
    hidden = len(net["b1"])
    places = layer_slices(hidden)
    vector = np.concatenate([net[name].ravel() for name in ("W1", "b1", "W2", "b2", "W3", "b3")]).astype(float)
    shrinks = vector * -mean_gradient(net, images, labels) < 0
    members = [[np.intersect1d(chosen, places[layer]) for layer in LAYERS] for chosen in sets]
    share = [[shrinks[m].mean() if m.size else np.nan for m in row] for row in members]
    return np.array(share), np.array([[m.size for m in row] for row in members])
