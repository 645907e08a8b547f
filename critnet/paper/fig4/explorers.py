"""The redistribution explorer on the correlations of the displayed anchor run, and its static picture."""

import numpy as np
import pandas as pd

from critnet.dynamics.lynn import fit_lynn, lynn_law
from critnet.dynamics.redistribution import BETWEEN, PRUNED, SAMPLES, UNITS, redistribute
from critnet.explore import Drawing, render
from critnet.explore.widgets.redistribution import WARM, RedistributionExplorer
from critnet.paper import anchors, style
from critnet.statistics.tails import linear_bin_slope

PROBABILITY, SLOPE = 0.37, 0.6  # P_C of Fig. 4j, and the published exponent 1 + 0.6 / P_C


def correlations(data):
    """|C| of all neurons at the last iteration, (M, M), as coded: what the last units placed by preference follow."""
    return np.abs(anchors.matrix(data, int(anchors.steps(data)[-1]), "as-coded"))


def units(data):
    """Units of every pair in every sample of one run of the model at `PROBABILITY`, (samples, n_pairs)."""
    matrix = correlations(data)
    return redistribute(
        matrix[None], [0], PROBABILITY, random=np.random.default_rng(1), preference="constant", steps=WARM
    )[0]


def words(counts):
    """What the picture shows, in numbers."""
    line, law = -linear_bin_slope(counts.ravel(), first=1).slope, fit_lynn(counts)
    return (
        f"At P_C = {PROBABILITY} the model, run once, leaves {(counts == 0).mean():.1%} of the pairs without a unit "
        f"and puts up to {counts.max()} on one. The authors' line through a hundred linear bins has the exponent "
        f"{line:.2f}, where their law 1 + {SLOPE}/P_C gives {1 + SLOPE / PROBABILITY:.2f}; the exact law is likeliest "
        f"with {law.exponent:.2f}, where 1 + 1/P_C is {1 + 1 / PROBABILITY:.2f}."
    )


def picture(counts):
    """The histogram with the authors' line and the exact law: what a page without scripts, or on paper, has."""
    c = style.colours()
    share = np.bincount(counts.ravel()) / counts.size
    line, law = linear_bin_slope(counts.ravel(), first=1), lynn_law(200, PROBABILITY, float(counts.mean()))
    figure, axis = style.subplots(figsize=(5.6, 4.0))
    s = np.arange(1, 201)
    axis.loglog(s, np.exp(line.intercept) * s**line.slope, color=c.as_coded, label="the authors' line")
    axis.loglog(s, law[1:], color=c.control, label="exact law")
    found = np.flatnonzero(share)
    axis.loglog(found[1:], share[found[1:]], "o", color=c.ink, markersize=3, label="counted")
    axis.set(xlim=(0.8, 200), ylim=(1e-6, 0.2), xlabel="units of a pair", ylabel="share of the pairs")
    axis.legend()
    return Drawing(figure, words(counts), pd.DataFrame({"units": found, "share": share[found]}))


def redistribution_explorer(data, *, name="redistribution-explorer"):
    """Drag P_C and switch what the units prefer; the model runs in the reader's browser.

    Parameters
    ----------
    data : Dataset
        The results file "fig1".
    name : str
        Id of the explorer in its page.

    Returns
    -------
    RedistributionExplorer, displayed by the notebook where it is the last expression of a cell.
    """
    matrix, counts = correlations(data), units(data)
    return RedistributionExplorer(
        matrix[np.triu_indices(len(matrix), 1)],
        name=name,
        units=UNITS,
        pruned=PRUNED,
        samples=SAMPLES,
        between=BETWEEN,
        probability=PROBABILITY,
        slope=SLOPE,
        caption=f"The last stage of the redistribution model, {counts.shape[1]} pairs, on which the published samples "
        f"rest. Measured |C| are those of seed {data.attrs['displayed_seed']} at the last iteration, as coded. Before "
        f"the last stage units are placed by them for {WARM} steps; a unit keeps nothing of its past once it is placed "
        "again, so that more would change nothing. Runs differ by their random numbers alone.",
        words=words(counts),
        picture=render.draw(picture, {"counts": counts}, name=name, style=style.theme).image,
    )
