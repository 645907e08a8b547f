"""Selections of the results that hold the five anchor runs (seed, t): fig1.nc, fig2.nc and their successors."""

import numpy as np


def steps(data):
    """The stored iterations."""
    return data["t"].values


def at(data, values, step):
    """Column of one iteration."""
    return values[:, list(steps(data)).index(step)]


def of_seed(data, seed):
    """Position of a seed."""
    return list(data["seed"].values).index(seed)


def matrix(data, step, definition, seed=None):
    """Correlation matrix (M, M) of the displayed seed at any snapshot, or of any seed at a shown one."""
    if seed is None or seed == data.attrs["displayed_seed"]:
        packed = data["correlation"].sel(t=step, definition=definition)
    else:
        packed = data["correlation_shown"].sel(shown=step, definition=definition, seed=seed)
    first, second = data["neuron_i"].values, data["neuron_j"].values
    full = np.eye(int(second.max()) + 1)
    full[first, second] = full[second, first] = packed.values * data.attrs["quantum"]
    return full
