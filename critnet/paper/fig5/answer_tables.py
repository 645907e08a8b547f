"""What circuits answer and what they save, in two tables: of one circuit each, and of the ten of a network together."""

import numpy as np
import pandas as pd

from critnet.circuits.masks import logits, masked_weights
from critnet.circuits.scores import balanced_accuracy
from critnet.paper.fig5 import stored
from critnet.paper.fig5.circuit_claims import HIDDEN, INPUTS, LAST, MIDDLE, WEIGHTS
from critnet.paper.fig5.coupling_claims import final_network
from critnet.paper.fig5.found import MARGINS
from critnet.paper.tables import Table
from critnet.training.datasets import normalise

TEST = 1


def answers_blank(data, variant=stored.CODED):
    """Which circuits of the anchors give a page without ink as their digit, bool, in the order of seeds and digits.

    `data` holds circuits, runs and weights; `variant` is one of `found.VARIANTS`.
    """
    rows = stored.frame(data["circuits"], data["runs"])
    rows = rows[rows.anchor & (rows.variant == variant)].sort_values(["seed", "digit"])
    blank, found = normalise(np.zeros((1, INPUTS), np.uint8)), []
    for row in rows.itertuples():
        edges = stored.edges_of(data["circuits"], row.Index)
        kept = masked_weights(final_network(data, row.seed), edges, definition="as-coded")
        found.append(int(logits(kept, blank).argmax()) == row.digit)
    return np.array(found)


def medians(data):
    """Medians over the fifty circuits of the five anchors, on test images, a row a kind of sub-graph.

    Returns
    -------
    DataFrame
        Index: what is kept. `n_edges`, `n_first`, `by_edges` and `reduction` (weights of the full network over those
        kept, without and with the inputs of the kept neurons), `recall`, `false`, `balanced`, `auc` of the digit's
        logit. Random sub-graphs: the median of the draws of each circuit, and of these the median.
    """
    rows = stored.frame(data["circuits"], data["runs"])
    rows = rows[rows.anchor]
    coded = rows[rows.variant == stored.CODED]
    of = list(data["circuits"]["null_circuit"].values)
    drawn = [of.index(row) for row in coded.index]
    recall, false = (data["circuits"][f"null_{name}"].values[drawn] for name in ("recall", "false_positive_rate"))
    found = {
        "full network": _row(MIDDLE + LAST, HIDDEN, coded.full_recall, coded.full_false, coded.full_auc),
        "paper's search": _row(coded.n_edges, coded.n_first, coded.recall, coded.false, coded.auc),
        "random, same shape": _row(
            coded.n_edges, coded.n_first, np.median(recall, axis=1), np.median(false, axis=1),
            np.median(data["circuits"]["null_auc"].values[drawn], axis=1),
            np.median(balanced_accuracy(recall, false), axis=1),
        ),
    }  # fmt: skip
    for margin in sorted(MARGINS, reverse=True):
        own = rows[rows.variant == f"balanced {margin:g}"]
        found[f"says no, {margin:g}"] = _row(own.n_edges, own.n_first, own.recall, own.false, own.auc)
    return pd.DataFrame(found).T


def _row(n_edges, n_first, recall, false, auc, balanced=None):
    kept = INPUTS * np.asarray(n_first) + np.asarray(n_edges)
    columns = {
        "n_edges": n_edges, "n_first": n_first, "kept": kept, "recall": recall, "false": false, "auc": auc,
        "balanced": balanced_accuracy(recall, false) if balanced is None else balanced,
    }  # fmt: skip
    middle = {name: float(np.median(values)) for name, values in columns.items()}
    return middle | {"by_edges": WEIGHTS / middle["n_edges"], "reduction": WEIGHTS / middle["kept"]}


def one_each(data):
    """Edges, saving and answers of single circuits and what they are compared with, as a table of the page."""
    found = medians(data)
    frame = pd.DataFrame({
        "circuit": found.index,
        "edges": [f"{x:g}" for x in found.n_edges],
        "first": [f"{x:g}" for x in found.n_first],
        "fold": [f"{x:.0f}" for x in found.by_edges],
        "with inputs": [f"{x:.1f}" for x in found.reduction],
        "recall": [f"{x:.3f}" for x in found.recall],
        "false": [f"{x:.3f}" for x in found.false],
        "balanced": [f"{x:.3f}" for x in found.balanced],
        "AUC": [f"{x:.3f}" for x in found.auc],
    })  # fmt: skip
    return Table(frame, "Medians over fifty circuits: edges, saving, recall and false positives on test images")


def shares_together(data):
    """What the ten circuits of each anchor answer together on test images, a row a seed.

    Returns
    -------
    DataFrame
        Index: seed. `full`, `together` (the largest of the ten circuits' own logits) and `union` (the network of all
        their edges), shares of right answers; `edges`, `first` of the union and its `reduction`, inputs counted.
    """
    circuits = data["circuits"]
    rows = stored.frame(circuits, data["runs"])
    of = rows[rows.anchor].groupby("seed").network.first()
    edges, first, _ = circuits["union_size"].values[of.values].T
    return pd.DataFrame(
        {
            "full": circuits["accuracy"].values[of.values, TEST],
            "together": circuits["together"].values[of.values, TEST],
            "union": circuits["union_accuracy"].values[of.values, TEST],
            "edges": edges, "first": first, "reduction": WEIGHTS / (INPUTS * first + edges),
        },
        of.index,
    )  # fmt: skip


def all_ten(data):
    """The ten circuits of each network together, as a table of the page."""
    found = shares_together(data)
    frame = pd.DataFrame({
        "seed": found.index,
        "full network": [f"{x:.3f}" for x in found.full],
        "ten circuits": [f"{x:.3f}" for x in found.together],
        "all their edges": [f"{x:.3f}" for x in found.union],
        "edges": found.edges.values,
        "first": found["first"].values,
        "with inputs": [f"{x:.2f}" for x in found.reduction],
    })  # fmt: skip
    return Table(frame, "Right answers on test images of the ten circuits together, a row a seed")
