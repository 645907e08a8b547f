"""Sizes of circuits pooled over networks: the exponent under every choice of the pool, and the place of a digit."""

import itertools

import numpy as np

from critnet.errors import UsageError
from critnet.paper.fig5 import stored
from critnet.statistics.avalanches import log_bin_slope

SIZES = {"n_neurons": "N_V", "n_edges": "N_E"}
WEIGHTINGS = ("each network", "each model size")
DIGITS = np.arange(10)


def weights_of(rows, weighting):
    """How much each circuit counts: alike, or so that each model size h counts alike, shape (n_circuits,).

    Raises
    ------
    UsageError
        If there is no such weighting.

    Source: METHODS D44; LEDGER 7 (C120).
    """
    if weighting == "each network":
        return np.ones(len(rows))
    if weighting != "each model size":
        raise UsageError(f"weighting is {weighting!r}; choose one of {', '.join(WEIGHTINGS)}")
    return 1.0 / rows.groupby("hidden")["digit"].transform("size").values


def slope(rows, name, weighting="each network"):
    """Exponent by a line through bins that grow, of the sizes >= 1; NaN where too few are left.

    Source: METHODS D44.
    """
    values, weights = rows[name].values.astype(int), weights_of(rows, weighting)
    some = values >= 1
    try:
        return -log_bin_slope(values[some], weights=weights[some]).slope
    except UsageError:
        return np.nan


def universes(rows, name, *, constant):
    """The exponent under both weightings, with and without collapsed networks and circuits that were never pruned.

    Parameters
    ----------
    rows : DataFrame of `stored.frame`
    name : "n_neurons" or "n_edges"
    constant : bool
        Whether circuits without a neuron of the first layer stay.

    Returns
    -------
    dict of (weighting, collapsed, untouched) to float

    Source: METHODS section 11, D44; LEDGER 7 (C120).
    """
    return {
        (weighting, collapsed, untouched): slope(
            stored.sizes(rows, collapsed=collapsed, untouched=untouched, constant=constant), name, weighting
        )
        for weighting, collapsed, untouched in itertools.product(WEIGHTINGS, (True, False), (True, False))
    }


def by_network(rows, name):
    """A column of the circuits as a table, shape (n_networks, 10); NaN where a digit's circuit is left out."""
    return rows.pivot_table(index="network", columns="digit", values=name).reindex(columns=DIGITS).values.astype(float)


def relative(table):
    """Sizes over the mean of their network's, NaN kept."""
    return table / np.nanmean(table, axis=1, keepdims=True)


def places(means):
    """Place of each digit from the largest mean (1) on, the mean of places where equal; last axis the digits.

    >>> places(np.array([[5.0, 9.0, 1.0]])).tolist()
    [[2.0, 1.0, 3.0]]
    """
    means = np.asarray(means, float)
    larger = (means[..., None, :] > means[..., :, None]).sum(-1)
    equal = (means[..., None, :] == means[..., :, None]).sum(-1)
    return 1 + larger + (equal - 1) / 2


def at_equal_bias(table, bias):
    """Effect of each digit on its size at equal output bias, shape (10,): least squares on digit and bias together.

    The slope on the bias comes from networks in which the bias of a digit differs; both are taken relative to the mean
    of their network first, so that nothing of its size or its common bias is left.

    Parameters
    ----------
    table, bias : arrays, shape (n_networks, 10)
        Relative sizes, NaN where left out; output bias b3.

    Source: LEDGER 7 (C119).
    """
    known = np.isfinite(table)
    centred = bias - bias.mean(axis=1, keepdims=True)
    digit = np.broadcast_to(DIGITS, table.shape)[known]
    design = np.column_stack([np.eye(10)[digit], centred[known]])
    return np.linalg.lstsq(design, table[known], rcond=None)[0][:10]
