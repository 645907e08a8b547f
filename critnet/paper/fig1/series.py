"""Named series of data/fig1.nc in one definition: what the panels draw and the claims judge."""

from critnet.paper.anchors import matrix

__all__ = ["entropy", "graph", "matrix", "strength"]
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
