"""The circuit explorer on the anchor network, its static picture, and its numbers as a table."""

import numpy as np
import pandas as pd

from critnet.circuits.balanced import MARGIN
from critnet.circuits.edges import correlated_edges, edge_values, edges_to, full_edges, size
from critnet.circuits.masks import logits, masked_weights, score
from critnet.explore import Drawing, render
from critnet.explore.widgets.circuit import CircuitExplorer
from critnet.paper import style
from critnet.paper.fig5 import stored
from critnet.paper.tables import Table
from critnet.training.datasets import normalise

NAMES = ("W1", "b1", "W2", "b2", "W3", "b3")
START = 7  # the digit asked for first


def network(data):
    """Weights and biases by name, from the dataset of `reduce.circuits`."""
    return {name: data[name].values for name in NAMES}


def samples(data):
    """The stored test images as the network sees them (METHODS D2), and their digits."""
    pixels = data["pixels"].values.reshape(len(data["sample"]), -1)
    return normalise(pixels), data["label"].values.astype(int)


def critical_edges(data, definition="as-coded"):
    """Edges with |C| > 0.5 at the end of training, all digits together (METHODS D31)."""
    weights = network(data)
    sizes = tuple(len(weights[name]) for name in ("b1", "b2", "b3"))
    return correlated_edges(data["correlation"].sel(definition=definition).values, sizes)


def table(data, definition="as-coded"):
    """Recall / false-positive rate in percent, of the full network and of its critical edges, a row a digit.

    Parameters
    ----------
    data : Dataset of `reduce.circuits`
    definition : "as-coded" or "control"
        Of the correlation that makes an edge critical.

    Returns
    -------
    Table
    """
    weights, (images, labels) = network(data), samples(data)
    critical = critical_edges(data, definition)
    full = logits(weights, images)
    together = logits(masked_weights(weights, critical, definition="as-coded"), images)
    rows = []
    for digit in range(len(weights["b3"])):
        own = edges_to(critical, digit)
        alone = logits(masked_weights(weights, own, definition="as-coded"), images)
        answers = {"full network": full, "all critical edges": together, "edges to it": alone}
        found = {name: score(answer, labels, digit) for name, answer in answers.items()}
        both = {n: f"{100 * s.recall:.0f} / {100 * s.false_positive_rate:.1f}" for n, s in found.items()}
        cost = size(weights, own)
        rows.append({"digit": digit, **both, "number": cost.n_edges, "reduction": f"{cost.reduction:.1f}"})
    return Table(
        pd.DataFrame(rows), "Recall and false positives in percent of full network and critical edges, digit by digit"
    )


def words(data):
    """What the explorer shows first and what its critical edges do, in numbers."""
    weights, (images, labels) = network(data), samples(data)
    critical = critical_edges(data)
    own = edges_to(critical, START)
    n_edges, parts = len(full_edges(weights)), []
    for name, edges in (("critical edges", critical), (f"critical edges that lead to {START}", own)):
        kept, cost = masked_weights(weights, edges, definition="as-coded"), size(weights, edges)
        found = score(logits(kept, images), labels, START)
        parts.append(
            f"With the {cost.n_edges} {name} alone it recalls {found.hits} and takes {found.false_positives} for one; "
            f"that is {cost.by_edges:.0f} times fewer weights by edges alone, {cost.reduction:.1f} times with the "
            "inputs counted."
        )
    found = score(logits(weights, images), labels, START)
    return (
        f"The full network has {n_edges} edges between {len(weights['b1'])} and {len(weights['b2'])} hidden neurons "
        f"and {len(weights['b3'])} outputs. Of {found.n_class} stored test images of a {START} it recalls "
        f"{found.hits}; of {found.n_other} others it takes {found.false_positives} for a {START}. " + " ".join(parts)
    )


def picture(data):
    """The network with its critical edges: what a page without scripts, or on paper, shows of the explorer."""
    weights, critical, c = network(data), critical_edges(data), style.colours()
    counts = [len(weights[name]) for name in ("b1", "b2", "b3")]
    figure, axis = style.subplots(figsize=(7.6, 2.9))
    places = [(np.arange(n) + 0.5) / n for n in counts]
    for (layer, source, target), weight in zip(critical, edge_values(weights, critical), strict=True):
        axis.plot(
            [places[layer - 1][source], places[layer][target]],
            [3 - layer, 2 - layer],
            color=c.positive if weight > 0 else c.negative,
            lw=0.4 + 1.2 * abs(weight) / np.abs(edge_values(weights, critical)).max(),
            zorder=1,
        )
    for layer, (x, text) in enumerate(zip(places, ("first layer", "second layer", "outputs"), strict=True)):
        joined = np.isin(np.arange(counts[layer]), _at(critical, layer))
        axis.scatter(
            x, np.full(len(x), 2 - layer), s=26, c=np.where(joined, c.ink, c.page), edgecolors=c.ink, lw=0.6, zorder=2
        )
        axis.annotate(text, (0, 2 - layer), xytext=(0, 9), textcoords="offset points")
    for digit, x in enumerate(places[2]):
        axis.annotate(str(digit), (x, 0), xytext=(0, -16), textcoords="offset points", ha="center")
    axis.set(xlim=(-0.01, 1.01), ylim=(-0.35, 2.3))
    axis.set_axis_off()
    frame = pd.DataFrame(critical, columns=["layer", "source", "target"])
    return Drawing(figure, words(data), frame.assign(weight=edge_values(weights, critical)))


def _at(edges, layer):
    """Neurons of a layer (0, 1, 2) that have an edge."""
    return np.r_[edges[edges[:, 0] == layer + 1, 1], edges[edges[:, 0] == layer, 2]]


SAYS_NO = f"balanced {MARGIN:g}"  # our own search, with its usual margin


def found_circuits(given, variant=stored.CODED, stage=stored.STAGES[-1]):
    """Edges of the ten circuits of the anchor that the explorer holds, a list in the order of the digits."""
    rows = stored.of_anchor(stored.frame(given["circuits"], given["runs"]), 0, variant)
    hidden = len(given["fig5"]["b1"])
    of = zip(rows.index, rows.digit, strict=True)
    return [stored.edges_at(given["circuits"], row, digit, stage, hidden) for row, digit in of]


def circuit_explorer(given, *, name="circuit-explorer"):
    """Draw a digit, prune and restore edges, and watch what the network answers; recomputed in the reader's browser.

    Parameters
    ----------
    given : dict of the results fig5 (`reduce.circuits`), circuits and runs
    name : str
        Id of the explorer in its page.

    Returns
    -------
    CircuitExplorer, displayed by the notebook where it is the last expression of a cell.
    """
    data = given["fig5"]
    critical, n_outputs = critical_edges(data), len(data["b3"])
    return CircuitExplorer(
        network(data),
        data["pixels"].values,
        data["label"].values,
        {
            "circuit of T": {stage: found_circuits(given, stage=stage) for stage in stored.STAGES},
            "circuit of T that also says no": found_circuits(given, SAYS_NO),
            "critical edges, |C| > 0.5": critical,
            "critical edges that lead to T": [edges_to(critical, digit) for digit in range(n_outputs)],
        },
        name=name,
        digit=START,
        caption="The anchor network, seed 0, after 200 000 iterations. Circuits are those of the paper's search (as "
        f"coded), and of our own for balanced accuracy, within {MARGIN:g} of the full network's. Critical edges join "
        "neurons of adjacent layers whose correlation exceeds 0.5 in absolute value (as coded). The stored test images "
        "are the first hundred of each digit.",
        words=words(data),
        picture=render.draw(picture, {"data": data}, name=name, style=style.theme).image,
    )
