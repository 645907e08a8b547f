"""The freeze explorer on the circuits of the shown anchor, and what stands in for it without scripts."""

import numpy as np

from critnet.circuits.coupling import energy
from critnet.explore import Drawing, render
from critnet.explore.widgets.freeze import FreezeExplorer
from critnet.paper import style
from critnet.paper.fig5 import ageing, frozen_panels


def tables(data, seed):
    """The cost with the weights of one iteration and the correlations of another, and the sum of |w|, by digit.

    Returns
    -------
    dict of text to array (n_steps, n_steps), dict of text to array (n_steps,)

    Source: METHODS D46.
    """
    found, totals = {}, {}
    for digit in ageing.usable(data, seed):
        mine = (data["edge_seed"].values == seed) & (data["edge_digit"].values == digit)
        weight, moment = (data[name].values[:, mine].astype(float) for name in ("weight", "moment"))
        found[str(digit)] = energy(weight[:, None], moment[None])
        totals[str(digit)] = np.abs(weight).sum(axis=1)
    return found, totals


def words(data):
    """What the picture shows, in numbers."""
    shares = frozen_panels.shares(data).median(numeric_only=True)
    return (
        f"Coupling cost of one circuit. Of its fall since t = 100 the weights alone make {shares.coherence:.0%} and "
        f"the coherence alone {shares.weights:.0%}, medians over the circuits of {data.sizes['seed']} seeds."
    )


def picture(data):
    """What the explorer shows first: the cost as it is, with the weights frozen, and with the coherence frozen."""
    drawing = frozen_panels.parts_of_fall(data)
    return Drawing(drawing.figure, words(data), drawing.table)


def freeze_explorer(data, *, name="freeze-explorer"):
    """Drag the moment at which weights or coherence stay as they are, and see what the laws foretell.

    Parameters
    ----------
    data : the results "coupling"
    name : str
        Id of the explorer in its page.

    Returns
    -------
    FreezeExplorer, displayed by the notebook where it is the last expression of a cell.
    """
    seed = data.attrs["shown_seed"]
    found, totals = tables(data, seed)
    caption = (
        f"Circuits of seed {seed} with two edges or more, as coded, at {data.sizes['t']} stored iterations. Laws are "
        "fitted by least squares, equal stretches of ln t counting alike; what they miss is the largest distance "
        "afterwards over the largest cost there."
    )
    return FreezeExplorer(
        data["t"].values,
        found,
        totals,
        name=name,
        caption=caption,
        words=words(data),
        picture=render.draw(picture, {"data": data}, name=name, style=style.theme).image,
    )
