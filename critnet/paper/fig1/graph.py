"""The correlation graph of Fig. 1a on fixed places: where its neurons lie, and edges in the colour of their sign."""

import functools

import networkx as nx
import numpy as np
from matplotlib.collections import LineCollection

from critnet.paper import anchors, style
from critnet.paper.published import TRANSITION


def places(data):
    """A place in the unit disk for each neuron: a spring layout in which positive correlation above 0.3 attracts.

    Taken over both definitions at t = 10, at 100 and at the end, so that one layout serves all graphs; then spread over
    the disk by the rank of the distance from its middle.
    """
    pull = sum(
        np.maximum(anchors.matrix(data, step, definition) - 0.3, 0)
        for step in (10, TRANSITION, int(anchors.steps(data)[-1]))
        for definition in data["definition"].values.tolist()
    )
    return _spread(np.asarray(pull, float).tobytes(), len(pull)).copy()


@functools.lru_cache(4)  # one layout serves all graphs, and takes a tenth of a second
def _spread(pull, n_neurons):
    """The places for an attraction, given as the bytes of a float64 array (n_neurons, n_neurons)."""
    graph = nx.from_numpy_array(np.triu(np.frombuffer(pull).reshape(n_neurons, n_neurons), 1))
    found = nx.spring_layout(graph, seed=1, k=1 / np.sqrt(n_neurons), iterations=300)
    place = np.array([found[neuron] for neuron in range(n_neurons)])
    place -= np.median(place, axis=0)
    distance = np.hypot(*place.T)
    rank = distance.argsort().argsort()
    return place / distance[:, None] * np.sqrt((rank + 0.5) / len(place))[:, None]


def draw(axis, place, correlation, joined, *, size, thinnest):
    """Pairs that are joined as lines, wider the more they correlate above `thinnest`; neurons without an edge pale.

    Parameters
    ----------
    place : array (n_neurons, 2), as `places` returns it
    correlation : array (n_neurons, n_neurons)
    joined : bool array of the same shape
    size : area of a neuron's dot, points squared

    Returns
    -------
    first, second : int arrays (n_edges,), the pairs
    values : array (n_edges,), their correlations
    """
    c = style.colours()
    first, second = np.nonzero(np.triu(joined, 1))
    values = correlation[first, second]
    lines = list(np.stack([place[first], place[second]], axis=1))
    colours = np.where(values > 0, c.positive, c.negative)
    widths = 0.4 + 2 * (np.abs(values) - thinnest)
    axis.add_collection(LineCollection(lines, linewidths=widths, colors=colours, alpha=0.65))
    axis.scatter(*place.T, s=size, c=np.where(joined.any(axis=0), c.ink, c.faint), linewidths=0, zorder=2)
    axis.set(aspect="equal", xlim=(-1.05, 1.05), ylim=(-1.05, 1.05))
    return first, second, values
