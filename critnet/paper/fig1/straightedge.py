"""The straightedge on the degrees, clique sizes and clique activities of Fig. 1f-h."""

import numpy as np

from critnet.explore.widgets.straightedge import Sample
from critnet.paper.fig1 import distributions
from critnet.paper.fig1.distribution_panels import PAPER
from critnet.paper.straightedges import straightedge
from critnet.paper.sweeps import select

QUANTITIES = {"degree": "degree k", "clique": "clique size (neurons)", "activity": "clique activity"}
NAMES = {"degree": "degrees (1f)", "clique": "clique sizes (1g)", "activity": "clique activities (1h)"}
MOMENTS = {select.LAST: "at the end", select.TRANSITION: "at t = 100"}
WHOLE = ("degree", "clique")


def samples(data):
    """The pooled values that maximum likelihood sees in Fig. 1f-h, and one network's degrees; as coded.

    Returns
    -------
    dict of Sample
        Its keys are the kind and the moment; "one" holds the degrees of the largest network at the end.
    """
    found = {}
    for t, moment in MOMENTS.items():
        for kind, label in NAMES.items():
            runs = distributions.fitted_runs(data, kind, t)
            found[f"{kind}-{t}"] = _sample(data, kind, runs, t, f"{label} {moment}, {len(runs)} networks")
    runs = distributions.fitted_runs(data, "degree", select.LAST)[-1:]
    hidden = select.hidden(data, runs)[0]
    found["one"] = _sample(data, "degree", runs, select.LAST, f"degrees (1f) at the end, one network of h = {hidden}")
    return found


def _sample(data, kind, runs, t, label):
    where, number = distributions.cells(data, kind, runs, t)
    first = distributions.RULES[kind].first
    if kind == "activity":
        filled = np.flatnonzero(number)
        where, number = where[filled[0] : filled[-1] + 2], number[filled[0] : filled[-1] + 1]
    return Sample(label, QUANTITIES[kind], where, number, PAPER.get((kind, t)), (float(first), None))


def tails(data, *, name="tails"):
    """Lay a line along each tail of Fig. 1f-h, then see what the fits of that stretch say, in the reader's browser.

    Parameters
    ----------
    data : Dataset
        The results file "sweeps".
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
        whole={key for key in given if key == "one" or key.split("-")[0] in WHOLE},
        caption="The values of Fig. 1f-h as coded, |C| threshold 0.5, one network a size pooled; clique activities of "
        "networks above h = 300, in sixty bins over six decades. The paper's exponents are of least squares "
        "through histograms, drawn where its rule begins. Above the last value a law goes on; where the "
        "upper end lies lower, each is that of values within the stretch.",
    )
