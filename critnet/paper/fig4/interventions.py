"""What Fig. 4l and claims C96 to C98 and C104 read: weights set back to t = 100, and planes within sets of weights."""

from typing import NamedTuple

import numpy as np

from critnet import checks
from critnet.errors import UsageError
from critnet.losses.landscapes import directions_within, mean_surface
from critnet.losses.planes import cross_entropy
from critnet.training.mlp import flatten, unflatten
from critnet.weights.connections import matched_control, most_moved

SETS = ("redundant", "most moved", "same layers", "same size", "same displacement")
DRAWS = 40  # of the random sets
LEVELS = np.linspace(0, 3, 61)  # nats
DIRECTIONS, GRID = 20, 9


class Restored(NamedTuple):
    """Losses after a set is set back: `mean` (set, draw), `above` (set, level) = P(L >= b), mean over the draws.

    `before` and `above_before` are of the network as it ends, `smaller` the share of redundant weights whose size is
    smaller at the end than at t = 100, `number` how many there are. All NaN where there is none.
    """

    mean: np.ndarray
    above: np.ndarray
    before: float
    above_before: np.ndarray
    smaller: float
    number: int


def restored(final, early, redundant, images, labels, random, *, draws=DRAWS):
    """Losses of a network whose redundant weights, or as many others, are set back.

    Parameters
    ----------
    final, early : dict of W1, b1, W2, b2, W3, b3, at the end and at t = 100
    redundant : int array, places in W2 and W3
    images, labels : all training images
    random : numpy Generator
    draws : int, of each kind of random set

    Returns
    -------
    Restored

    Source: METHODS D40 and section 11, C104.
    """
    hidden = len(final["b1"])
    first = np.maximum(final["W1"].astype(np.float64) @ images.T + final["b1"][:, None].astype(np.float64), 0)
    final, early = (flatten(net).astype(np.float64) for net in (final, early))

    def losses(places):
        vector = final.copy()
        vector[places] = early[places]
        net = unflatten(vector, hidden)
        second = np.maximum(net["W2"] @ first + net["b2"][:, None], 0)
        return cross_entropy(net["W3"] @ second + net["b3"][:, None], labels)

    whole = losses(np.array([], int))
    mean, above = np.full((len(SETS), draws), np.nan), np.full((len(SETS), LEVELS.size), np.nan)
    smaller = np.nan
    if redundant.size:
        moved = final - early
        smaller = float((np.abs(final[redundant]) < np.abs(early[redundant])).mean())
        values = {"same layers": None, "same size": final, "same displacement": moved}
        for s, name in enumerate(SETS):
            if name in values:
                sets = [matched_control(redundant, hidden, random, values=values[name]) for _ in range(draws)]
            else:
                sets = [redundant if name == "redundant" else most_moved(redundant, moved, hidden)]
            found = [(each.mean(), _above(each)) for each in map(losses, sets)]
            mean[s], above[s] = [m for m, _ in found], np.mean([a for _, a in found], axis=0)
    return Restored(mean, above, float(whole.mean()), _above(whole), smaller, redundant.size)


class Planes(NamedTuple):
    """Range of the mean loss on planes, (set, direction), critical first; `length` a step of 1, the same for both."""

    range: np.ndarray
    length: float


def planes(weights, critical, images, labels, random, *, length=None, count=DIRECTIONS, grid=GRID):
    """How far the mean loss ranges on planes within the critical weights, and within others, as far from the minimum.

    The others are as many, of the same layers, anew for each plane. Steps run from -1 to 1 along both axes.

    Parameters
    ----------
    weights : dict of W1, b1, W2, b2, W3, b3
    critical : int array, places in W2 and W3, two or more
    images, labels : as for `mean_surface`
    random : numpy Generator
    length : float > 0 or None
        Of a step of 1; None: as long as the critical weights are.
    count : int, planes of each set
    grid : int, points along a side

    Source: METHODS D24 and section 11, C96 to C98.
    """
    if critical.size < 2:
        raise UsageError(f"{critical.size} weights are critical; a plane needs two")
    hidden, vector = len(weights["b1"]), flatten(weights).astype(np.float64)
    length = float(np.linalg.norm(vector[critical])) if length is None else checks.number("length", length, above=0)
    steps, found = np.linspace(-1, 1, grid), np.empty((2, count))
    for k in range(count):
        for s, places in enumerate((critical, matched_control(critical, hidden, random))):
            pair = directions_within(places, weights, random, 2)
            pair *= length / np.linalg.norm(pair[0])
            surface = mean_surface(weights, images, labels, pair[0], pair[1], steps)
            found[s, k] = np.ptp(surface)
    return Planes(found, length)


def _above(losses):
    return 1 - np.searchsorted(np.sort(losses), LEVELS, side="left") / losses.size
