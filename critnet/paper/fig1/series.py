"""Named series of data/fig1.nc in one definition: what the panels draw and the claims judge."""

import numpy as np

GRAPH = {"as-coded": "as-coded signed", "control": "control absolute"}


def strength(data, definition):
    """F2 (seed, t)."""
    return data["strength"].sel(definition=definition).values


def graph(data, measure, definition, threshold=0.5):
    """A graph measure (seed, t) at the stored threshold nearest to the one asked for, in the definition's variant."""
    variant = f"{measure}_control"
    name = variant if definition == "control" and variant in data else measure
    return data[name].sel(graph=GRAPH[definition]).sel(threshold=threshold, method="nearest").values.astype(float)


def entropy(data, definition):
    """Prediction entropy (seed, t), nats."""
    return data["prediction_entropy"].sel(definition=definition).values


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
