"""Selections of data/sweeps.nc and data/anchors.nc: runs of an experiment, their sizes, series and peaks."""

import numpy as np

from critnet.explore import NoMatch
from critnet.paper import published
from critnet.paper.experiments import EXPERIMENTS
from critnet.statistics.intervals import Interval
from critnet.statistics.scaling import peak_position

TRANSITION, LAST = published.TRANSITION, published.LAST
GRAPH = {"as-coded": "as-coded fisher", "as-coded absolute": "as-coded absolute", "control": "control absolute"}


def runs_of(data, experiment):
    """Positions, in the dimension run, of the runs of an experiment that are there, in its order."""
    place = {str(digest): i for i, digest in enumerate(data["digest"].values)}
    return np.array([place[c.digest] for c in EXPERIMENTS[experiment]() if c.digest in place], dtype=int)


def missing(data, experiment):
    """The configurations of an experiment that are not there."""
    there = {str(digest) for digest in data["digest"].values}
    return [c for c in EXPERIMENTS[experiment]() if c.digest not in there]


def missing_sizes(data):
    """Hidden sizes of the size sweep that have no run at all."""
    return sorted({c.hidden for c in EXPERIMENTS["sizes"]()} - set(hidden(data, runs_of(data, "sizes")).tolist()))


def hidden(data, runs):
    return data["hidden"].values[runs].astype(int)


def neurons(data, runs):
    """M of each run."""
    return published.neurons(hidden(data, runs))


def steps(data):
    return data["correlated_step"].values.astype(int)


def at(data, step):
    """Index of a measured iteration.

    Raises
    ------
    NoMatch
        If correlations were not measured there.
    """
    (found,) = np.nonzero(steps(data) == step)
    if not found.size:
        raise NoMatch(f"No correlations were measured at t = {step}; choose one of {', '.join(map(str, steps(data)))}.")
    return int(found[0])


def strength(data, runs, definition="as-coded"):
    """F2 (run, iteration), the squared norm (D10); both graphs as coded share it."""
    part = "control" if definition == "control" else "as-coded"
    return data["strength"].sel(definition=part).values[runs].astype(float)


def graph(data, measure, runs, definition="as-coded", threshold=0.5):
    """A graph measure (run, iteration) at the stored threshold nearest to the one asked for."""
    name = f"{measure}_control" if definition == "control" and f"{measure}_control" in data else measure
    chosen = data[name].sel(graph=GRAPH[definition]).sel(threshold=threshold, method="nearest")
    return chosen.values[runs].astype(float)


def by_size(data, runs, values):
    """Hidden sizes, and the median over the runs of each."""
    sizes, group = np.unique(hidden(data, runs), return_inverse=True)
    return sizes, np.array([np.median(values[group == k]) for k in range(sizes.size)])


def peak_times(data, runs, definition="as-coded"):
    """When F2 is largest, a run each, between the measured iterations: a parabola in ln(1 + t) (D17).

    Returns
    -------
    list of Interval
        In iterations; low and high are the neighbouring measured ones.
    """
    x = np.log1p(steps(data))
    return [Interval(*np.expm1(peak_position(x, row))) for row in strength(data, runs, definition)]


def learned(data, runs, at_least=0.5):
    """Whether a run classifies this share of the training images at the end; a collapsed network does not."""
    return data["train_accuracy"].values[runs, -1] >= at_least
