"""The straightedge on the tails of Fig. 4a, b, e, i, and on the elements of the matrices of Fig. 4f-h."""

import numpy as np

from critnet.explore.widgets.straightedge import Sample, binned, upper
from critnet.paper import published
from critnet.paper.fig4 import samples, tails
from critnet.paper.straightedges import straightedge

END, TRANSITION = published.LAST, published.TRANSITION
LINE_FROM = tails.LINE["weight"]["above"]  # where the authors' line through the weights begins
DECADES = 4  # shown below the largest value
VALUES = {  # the control; of the irreversibility both definitions, which differ by seven decades in width
    "weights": ("weight", END, "all", "both", "weights (4b), all layers", "weight |w|"),
    "weights-w2": ("weight", END, "W2", "both", "weights (4b), layer 2", "weight |w|"),
    "correlations": ("correlation", TRANSITION, "all", "control", "correlations (4a) at t = 100", "correlation |C|"),
    "correlations-end": ("correlation", END, "all", "control", "correlations (4a) at the end", "correlation |C|"),
    "variances": ("variance", END, "all", "control", "variances over training (4e)", "variance of w"),
    "displacements": ("displacement", END, "all", "both", "displacements (4e)", "|w(T) \u2212 w(0)|"),
    "irreversibility": ("irreversibility", END, "all", "control", "irreversibility (4i), control", "R"),
    "irreversibility-as-coded": ("irreversibility", END, "all", "as-coded", "irreversibility (4i), as coded", "R"),
}
ELEMENTS = {"noise": "4f", "squared gradient": "4g", "Hessian": "4h"}


def of_values(data):
    """Correlations, weights and what they did, seed 0, in 24 bins a decade: a dict of Sample.

    `data` : dict of the results of `samples.DATA`.
    """
    found = {}
    for key, (quantity, t, part, definition, label, axis) in VALUES.items():
        values = samples.sample(data, samples.Key(quantity, t, 0, part, definition))
        positive = values[values > 0]
        edges, counts = binned(positive)
        edges, counts, below = upper(edges, counts, DECADES)
        stretch = (LINE_FROM, None) if quantity == "weight" else None
        found[key] = Sample(label, axis, edges, counts, None, stretch, below + values.size - positive.size)
    return found


def of_elements(fig4):
    """Moduli of all pairs of elements of three matrices at the end, seed 0, over their median: a dict of Sample."""
    network = int(np.flatnonzero((fig4["network_seed"].values == 0) & (fig4["network_step"].values == END))[0])
    block = list(fig4["block"].values).index("all")
    found = {}
    for quantity, panel in ELEMENTS.items():
        place = (network, list(fig4["quantity"].values).index(quantity), block)
        edges, counts = 10.0 ** fig4["element_edge"].values, fig4["counts"].values[place].astype(int)
        middle = int(np.searchsorted(np.cumsum(counts), counts.sum() / 2))
        edges = edges / edges[middle]
        zeros = int(fig4["zeros"].values[place] + fig4["outside"].values[place])
        edges, counts, below = upper(edges, counts, np.log10(edges[np.flatnonzero(counts)[-1] + 1]) + 1)
        label = f"elements of the {quantity} ({panel})"
        found[quantity.replace(" ", "-").lower()] = Sample(label, "over the median", edges, counts, below=below + zeros)
    return found


def tail_explorer(data, *, name="tails-explorer"):
    """Lay a line along each tail of Fig. 4a-i, then see what the fits of that stretch say, in the reader's browser.

    Parameters
    ----------
    data : dict of the results of `samples.DATA` and "fig4"
    name : str
        Id of the explorer in its page.

    Returns
    -------
    StraightedgeExplorer, displayed by the notebook where it is the last expression of a cell.
    """
    return straightedge(
        of_values(data) | of_elements(data["fig4"]),
        name=name,
        caption="Seed 0, at the end where nothing else is said: moduli in 24 bins a decade, at most "
        f"{DECADES} decades below the largest; elements of matrices in ten, from a tenth of their median on. The share "
        "at or above counts the rest. The paper gives no exponent of these tails.",
    )
