"""The pool explorer on the circuits of all stored networks, and what stands in for it without scripts."""

import numpy as np

from critnet.explore import Drawing, render
from critnet.explore.widgets.pool import PoolExplorer
from critnet.paper import style
from critnet.paper.fig5 import avalanche_panels, size_laws, stored


def words(data):
    """What the picture shows, in numbers."""
    rows = stored.sizes(stored.frame(data["circuits"], data["runs"]))
    found = [size_laws.slope(part, "n_neurons") for part in (rows, rows[rows.hidden == 50], rows[~rows.guessing])]
    return (
        f"{len(rows)} circuits of {rows.network.nunique()} networks. Exponent of the numbers of neurons by a line "
        f"through bins that grow: {found[0]:.2f} of all, {found[1]:.2f} at h = 50 alone, {found[2]:.2f} without "
        "networks that guess. The paper has 3/2."
    )


def picture(data):
    """Fig. 5i as coded: what the explorer shows first."""
    drawing = avalanche_panels.fig5i(data)
    return Drawing(drawing.figure, words(data), drawing.table)


def pool_explorer(data, *, name="pool-explorer"):
    """Make your own 3/2: choose which circuits are pooled and how the exponent is read, in the reader's browser.

    Parameters
    ----------
    data : dict of the results "circuits" and "runs"
    name : str
        Id of the explorer in its page.

    Returns
    -------
    PoolExplorer, displayed by the notebook where it is the last expression of a cell.
    """
    rows = stored.sizes(stored.frame(data["circuits"], data["runs"]))
    caption = (
        f"The circuits of ten digits in {rows.network.nunique()} networks, as coded; h is the number of neurons of "
        "each hidden layer, \u03b3 the mobility. Networks that guess answer one digit to nearly all images; "
        "circuits never pruned are those from which the rule may take nothing; those without first layer "
        "answer the same to every image. Likelihood: a discrete power law of all sizes from the given one on."
    )
    return PoolExplorer(
        rows.hidden.values,
        np.log(rows.mobility.values),
        rows.n_neurons.values,
        rows.n_edges.values,
        {kind: rows[kind].values for kind in ("guessing", "untouched", "constant")},
        name=name,
        caption=caption,
        words=words(data),
        picture=render.draw(picture, {"data": data}, name=name, style=style.theme).image,
    )
