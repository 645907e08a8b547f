"""The samples behind Fig. 4a, b, e and i, from the committed results, and what each tail is compared with.

A sample is named by its quantity, the iteration, the seed, a part of the network and a definition.
"""

from typing import NamedTuple

import numpy as np

from critnet.errors import UsageError
from critnet.neurons.correlation_histogram import HIGH, LOW
from critnet.paper import anchors, published
from critnet.paper.course.reduce import layer_slices
from critnet.paper.experiments import EXPERIMENTS
from critnet.paper.sweeps import weights
from critnet.training.mlp import flatten, init_weights

DATA = ("fig1", "course", "weights")
PARTS = ("all", "W1", "W2", "W3")
QUANTITIES = ("correlation", "weight", "variance", "displacement", "irreversibility")
SEEDS = range(5)


class Key(NamedTuple):
    """Which sample: `definition` is "both" where the two do not differ."""

    quantity: str
    t: int
    seed: int
    part: str
    definition: str


def every():
    """All samples whose tails are fitted.

    Weights at 15 iterations of the displayed seed and at t = 0, 100 and the end of the others; correlations at the
    six iterations of Fig. 1a; what a weight did (variance, displacement, irreversibility) at the end.
    """
    found = [Key("correlation", t, seed, "all", d) for t in (0, 1, 5, 10, 100, published.LAST) for seed in SEEDS
             for d in published.DEFINITIONS]  # fmt: skip
    early = (1, 5, 10, 20, 37, 50, 100, 200, 500, 1000, 3000, 10_000, 30_000, 100_000)
    times = {0: (0, *early, published.LAST)} | dict.fromkeys(SEEDS[1:], (0, 100, published.LAST))
    found += [Key("weight", t, seed, part, "both") for seed in SEEDS for t in times[seed] for part in PARTS]
    for seed in SEEDS:
        parts = PARTS if seed == 0 else ("between",)
        for quantity, definitions in (("variance", published.DEFINITIONS), ("irreversibility", published.DEFINITIONS)):
            found += [Key(quantity, published.LAST, seed, part, d) for part in parts for d in definitions]
        found += [Key("displacement", published.LAST, seed, part, "both") for part in parts]
    return found


def sample(data, key):
    """The values of one sample, moduli where they may be negative.

    Parameters
    ----------
    data : dict of the results in DATA
    key : Key

    Returns
    -------
    array (n,), float64

    Raises
    ------
    UsageError
        If there is no such sample.
    """
    if key.quantity == "correlation":
        return _correlations(data["fig1"], key)
    if key.quantity == "weight":
        return np.abs(_of_part(network(data, key.t, key.seed), key))
    if key.quantity == "displacement":
        start, end = (_of_part(network(data, t, key.seed), key) for t in (0, published.LAST))
        return np.abs(end - start)
    course = data["course"]
    if key.quantity not in ("variance", "irreversibility"):
        raise UsageError(f"quantity is {key.quantity!r}; choose one of {', '.join(QUANTITIES)}")
    if key.seed == 0 and key.part != "between":
        return _of_part(course[key.quantity].sel(definition=key.definition).values.astype(float), key)
    name = f"{key.quantity}_between"
    return course[name].sel(seed=key.seed, definition=key.definition).values.astype(float)


def _correlations(fig1, key):
    if key.definition == "as-coded":
        matrix = anchors.matrix(fig1, key.t, key.definition, key.seed)
        return matrix[(matrix > LOW) & (matrix < HIGH)]
    strength = np.abs(pairs(fig1, key.t, key.definition, key.seed))
    return strength[strength > 0]


def pairs(fig1, t, definition, seed):
    """Correlations of the distinct pairs of neurons (n_pairs,)."""
    matrix = anchors.matrix(fig1, t, definition, seed)
    return matrix[np.triu_indices(len(matrix), 1)]


def network(data, t, seed):
    """All parameters (n,) of an anchor run at an iteration: drawn anew at 0, stored on the way and at the end.

    Raises
    ------
    UsageError
        If the network of that iteration is not stored.
    """
    config = EXPERIMENTS["anchor"]()[seed]
    if t == 0:
        return flatten(init_weights(config.hidden, config.init, config.seed))
    course, store = data["course"], data["weights"]
    if t == published.LAST:
        return weights.flat_of(store, config.digest)
    if seed == 0 and t in course["kept"].values:
        return course["network"].sel(kept=t).values
    if seed in course["other_seed"].values and t in course["other_kept"].values:
        return course["other_networks"].sel(other_seed=seed, other_kept=t).values
    raise UsageError(f"the network of seed {seed} at t = {t} is not stored; choose one of {course['kept'].values}")


def _of_part(values, key):
    """All parameters, biases included, or those of one layer."""
    return np.asarray(values, float)[layer_slices(50)[key.part]]
