"""Series over the size of the network and over hyperparameters: selections of data/sweeps.nc and library calls."""

import numpy as np

from critnet.explore import NoMatch
from critnet.paper.experiments import EXPERIMENTS
from critnet.statistics.intervals import Interval
from critnet.statistics.scaling import peak_position, scaling_exponent

TRANSITION, LAST = 100, 200_000
GRAPH = {"as-coded": "as-coded fisher", "as-coded absolute": "as-coded absolute", "control": "control absolute"}
MEASURES = ("strength", "largest", "mean_degree")


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
    """M = 2 h + 10 (METHODS, conventions)."""
    return 2 * hidden(data, runs) + 10


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


def sizes_at(data, step, definition="as-coded", *, norm="squared", threshold=0.5):
    """What Figs 1e and 1i plot of every run of the size sweep at one iteration.

    Returns
    -------
    runs : int array
        Runs whose numbers are finite there.
    dict of array
        strength over M^2 (with the true norm over M: its root), largest (neurons), mean_degree.
    """
    runs, i = runs_of(data, "sizes"), at(data, step)
    share = strength(data, runs, definition)[:, i] / neurons(data, runs) ** 2
    values = {
        "strength": np.sqrt(share) if norm == "true" else share,
        "largest": graph(data, "largest", runs, definition, threshold)[:, i],
        "mean_degree": graph(data, "mean_degree", runs, definition, threshold)[:, i],
    }
    finite = np.all([np.isfinite(v) for v in values.values()], axis=0)
    return runs[finite], {name: v[finite] for name, v in values.items()}


def exponents(data, step, definition="as-coded", *, axis="M", first=5, norm="squared", threshold=0.5):
    """Exponent of each measure in the size (D20), over hidden sizes from `first` on.

    Returns
    -------
    dict of measure to Exponent
        Without the measures that are 0 somewhere, which have none.
    """
    runs, values = sizes_at(data, step, definition, norm=norm, threshold=threshold)
    used = hidden(data, runs) >= first
    x = (neurons if axis == "M" else hidden)(data, runs)[used]
    return {
        name: scaling_exponent(x, v[used], random=np.random.default_rng(0))
        for name, v in values.items()
        if (v[used] > 0).all() and np.unique(x).size >= 3
    }


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
