"""The straightedge on the sizes of circuits of Fig. 5i."""

import numpy as np

from critnet.explore.widgets.straightedge import Sample
from critnet.paper.fig5 import stored
from critnet.paper.straightedges import straightedge

EXPONENT = 1.5  # the paper's, of neurons and of edges
QUANTITIES = {"n_neurons": "neurons of a circuit", "n_edges": "edges of a circuit"}
KINDS = ("guessing", "untouched", "constant")


def samples(data):
    """Sizes of the circuits of all stored networks, all of them and those of no kind left out: a dict of Sample."""
    rows = stored.sizes(stored.frame(data["circuits"], data["runs"]))
    kept = rows[~rows[list(KINDS)].any(axis=1)]
    found = {}
    for quantity, axis in QUANTITIES.items():
        for pool, its in (("all", rows), ("control", kept)):
            values, counts = np.unique(its[quantity][its[quantity] >= 1].astype(int), return_counts=True)
            label = f"{axis.split()[0]}, {'all circuits' if pool == 'all' else 'control'}"
            found[f"{quantity[2:]}-{pool}"] = Sample(label, axis, values, counts, EXPONENT, (1, None))
    return found


def sizes(data, *, name="sizes-tails"):
    """Lay a line along the sizes of circuits, then see what the fits of that stretch say, in the reader's browser.

    Parameters
    ----------
    data : dict of the results "circuits" and "runs"
    name : str
        Id of the explorer in its page.

    Returns
    -------
    StraightedgeExplorer, displayed by the notebook where it is the last expression of a cell.
    """
    given = samples(data)
    return straightedge(
        given,
        name=name,
        whole=set(given),
        caption="Sizes of the circuits of ten digits in all stored networks, as coded; control: without networks that "
        "guess, circuits that pruning never touched and those without first layer. The paper's exponent is 3/2.",
    )
