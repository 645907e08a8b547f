"""Selections of the results that hold the five anchor runs (seed, t): fig1.nc, fig2.nc and their successors."""


def steps(data):
    """The stored iterations."""
    return data["t"].values


def at(data, values, step):
    """Column of one iteration."""
    return values[:, list(steps(data)).index(step)]


def of_seed(data, seed):
    """Position of a seed."""
    return list(data["seed"].values).index(seed)
