"""The ageing of circuits one by one: how far their coupling cost rises, which law foretells it, where it is least."""

from typing import NamedTuple

import numpy as np

from critnet.circuits.edges import edge_values
from critnet.errors import UsageError
from critnet.paper.fig5.coupling_panels import UNTIL, costs
from critnet.statistics.ageing import LAWS, fit_law, prediction_error, upward_share

FEWEST = 2  # edges: less has no coupling worth the name


class Course(NamedTuple):
    """What one circuit's cost did from t = 1 on.

    `upward` and `upward_from_0`, the upward share of its variation, without and with the first iteration; `r_squared`
    of the logarithm and `falls`, whether its line does; `errors`, by law, the relative error after `UNTIL` of a fit to
    what lies before; `lowest`, whether the last cost is the smallest of all; `start` and `early`, the cost at t = 0 and
    at t = 100.
    """

    upward: float
    upward_from_0: float
    r_squared: float
    falls: bool
    errors: dict
    lowest: bool
    start: float
    early: float

    @property
    def foretold(self):
        """Whether it falls, and the logarithm foretells the rest within 10 %."""
        return self.falls and self.errors["log"] <= 0.1

    @property
    def logarithmic(self):
        """Whether it does, and better than its rivals."""
        return self.foretold and self.errors["log"] <= min(self.errors[law] for law in LAWS)


def usable(data, seed):
    """Digits of a seed whose circuit has two edges at least.

    Source: METHODS section 11, C126-C129.
    """
    mine = data["edge_digit"].values[data["edge_seed"].values == seed]
    return [digit for digit in range(10) if (mine == digit).sum() >= FEWEST]


def of_circuit(data, seed, digit, *, foretell=True, **form):
    """The course of one circuit; `form` as `costs` takes it. Without `foretell` no law is fitted: `errors` is empty.

    Source: METHODS D46 and section 11; LEDGER 7 (C127, C128).
    """
    t, cost = costs(data, seed, digit, **form)
    late = t >= 1
    x, y = t[late], cost[late]
    errors = {}
    for law in LAWS if foretell else ():
        try:
            errors[law] = prediction_error(x, y, law, until=UNTIL)
        except UsageError:
            errors[law] = np.inf
    early = np.flatnonzero(t <= 100)
    line = fit_law(x, y, "log")
    return Course(
        upward_share(y), upward_share(cost), line.r_squared, bool(line.parameters["alpha"] > 0), errors,
        bool(cost[-1] <= cost.min()), float(cost[0]), float(cost[early[-1]]),
    )  # fmt: skip


def courses(data, **form):
    """The courses of all usable circuits, by seed and digit."""
    return {int(seed): {d: of_circuit(data, seed, d, **form) for d in usable(data, seed)}
            for seed in data["seed"].values}  # fmt: skip


def relabelled(edges, random, hidden=50):
    """A circuit of the same shape on other hidden neurons: both layers are dealt anew, the output stays.

    >>> relabelled([[1, 0, 0], [2, 0, 7]], np.random.default_rng(0), 2)[:, 0].tolist()
    [1, 2]
    """
    edges = np.asarray(edges, int).reshape(-1, 3).copy()
    first, second = random.permutation(hidden), random.permutation(hidden)
    inner = edges[:, 0] == 1
    edges[inner, 1], edges[inner, 2] = first[edges[inner, 1]], second[edges[inner, 2]]
    edges[~inner, 1] = second[edges[~inner, 1]]
    return edges


def contributions(edges, weight, mean_z, definition, hidden=50):
    """What each hidden neuron of a circuit passes on over its digit's images, w_ij <z_i>, by its row.

    As coded along its first edge, in the control along all of its edges.

    Parameters
    ----------
    edges : int array, shape (n_edges, 3)
    weight : array, shape (n_edges,)
    mean_z : array, shape (2 hidden + 10,)

    Returns
    -------
    dict of int to float

    Source: METHODS D45; LEDGER 7 (C124).
    """
    found: dict[int, float] = {}
    for (layer, source, _), w in zip(edges, weight, strict=True):
        neuron = int((layer - 1) * hidden + source)
        if definition == "control" or neuron not in found:
            found[neuron] = found.get(neuron, 0.0) + float(w * mean_z[neuron])
    return found


def weights_along(weights, edges):
    """Weight of each edge, as `edge_values`, zero edges allowed."""
    return edge_values(weights, edges) if len(edges) else np.empty(0)
