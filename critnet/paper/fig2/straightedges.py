"""The straightedge on the distributions of losses of Fig. 2c and Fig. 2g."""

import numpy as np

from critnet.explore.widgets.straightedge import Sample, upper
from critnet.paper import published
from critnet.paper.fig2 import loss_explorer
from critnet.paper.straightedges import straightedge
from critnet.paper.sweeps import grid

QUANTITY = "loss L (nats)"
SHOWN = (published.LAST, 0, 5, 10, 100)  # the end first
EVERY = 4  # stored losses that make a bin at the end
DECADES, OF_RUNS = 6, 2.5  # shown below the largest loss
GROUPS = {"converged": "converged", "far": "far below the boundary"}


def of_anchor(data):
    """Losses of the displayed anchor at five iterations of Fig. 2c, the end first: a dict of Sample.

    Up to t = 100 in the hundred logarithmic bins of the control; at the end these are three a decade, so that the
    stored losses are taken there, four to a bin.
    """
    seed, found = data.attrs["displayed_seed"], {}
    steps, losses, counts = loss_explorer.atoms(data)
    for t in SHOWN:
        if t == published.LAST:
            at = list(steps).index(t)
            edges, number = _between(losses[at], counts[at])
        else:
            here = data.sel(seed=seed, shown_t=t, definition="control")
            low, high = here["histogram_range"].values
            edges = np.geomspace(low, high, data.sizes["bin"] + 1)
            number = here["histogram"].values
        edges, number, below = upper(edges, number, DECADES)
        found[f"t-{t}"] = Sample(f"t = {t}", QUANTITY, edges, number, below=below)
    return found


def _between(losses, counts):
    """Bins whose edges lie between losses, every fourth: edges, counts."""
    order = np.argsort(losses)
    losses, counts = losses[order].astype(float), counts[order]
    there = (losses > 1e-30) & (counts > 0)
    losses, counts, zeros = losses[there], counts[there], counts[~there].sum()
    inner = np.sqrt(losses[1:] * losses[:-1])[EVERY - 1 :: EVERY]
    edges = np.concatenate([[losses[0] * 0.99], inner, [losses[-1] * 1.0001]])
    number = np.histogram(losses, edges, weights=counts)[0]
    return np.concatenate([[losses[0] * 0.98], edges]), np.concatenate([[zeros], number])


def of_runs(sweeps):
    """Losses at T of six runs of the grid, by their criterion as coded: a dict of Sample.

    Three converged ones (d > 1, criterion below -5) and three far below the boundary (d < -2), none of which guesses:
    of each group the smallest, a middle one and the largest by hidden neurons. The losses are known in 500 equal bins,
    which are joined to forty; the first, which reaches down to no loss, is left out and counted.
    """
    rows = grid.of(sweeps, "as-coded")
    rows = rows[~rows["diverged"] & (rows["test_accuracy"] >= grid.GUESSES)].sort_values(["hidden", "ln_gamma"])
    groups = {
        "converged": rows[(rows["d"] > 1) & (rows["criterion"] < grid.CONVERGED)],
        "far": rows[rows["d"] < -2],
    }
    found = {}
    for group, its in groups.items():
        for row in its.iloc[[0, len(its) // 2, -1]].itertuples():
            edges, number = unions(sweeps, row.run)
            edges, number, below = upper(edges, number, OF_RUNS)
            label = f"{GROUPS[group]}, h = {row.hidden}, ln \u03b3 = {row.ln_gamma:.2f}"
            found[f"{group}-{row.run}"] = Sample(label, QUANTITY, edges, number, below=below)
    return found


def unions(sweeps, run, n=40):
    """Edges and counts of the losses at T of a run, in unions of its equal bins, about even in ln L."""
    counts = np.rint(sweeps["final_losses"].values[run]).astype(int)
    low, high = (float(sweeps[name].values[run, -1]) for name in ("min_loss", "max_loss"))
    edges = np.linspace(low, high, counts.size + 1)
    cut = np.unique(np.rint(np.geomspace(1, counts.size, n + 1)).astype(int))
    return np.concatenate([[edges[1] * 0.5], edges[cut]]), np.concatenate(
        [[counts[0]], np.add.reduceat(counts, cut[:-1])]
    )


def losses(data, *, name="losses-tails"):
    """Lay a line along the distribution of losses of Fig. 2c, then ask the fits, in the reader's browser.

    Parameters
    ----------
    data : Dataset
        The results file "fig2".
    name : str
        Id of the explorer in its page.

    Returns
    -------
    StraightedgeExplorer, displayed by the notebook where it is the last expression of a cell.
    """
    given = of_anchor(data)
    return straightedge(
        given,
        name=name,
        caption=f"Losses of the 60 000 training images, seed {data.attrs['displayed_seed']}, in bins; at most "
        f"{DECADES} decades below the largest loss, and the share at or above counts the rest. The paper gives no "
        "exponent.",
    )


def final_losses(sweeps, *, name="final-losses-tails"):
    """The same for runs of Fig. 2g, the results file "sweeps"; as `losses`."""
    given = of_runs(sweeps)
    return straightedge(
        given,
        name=name,
        caption="Losses of the 60 000 training images at T of six runs of the grid: the smallest, a middle one and the "
        "largest of the converged runs (d > 1, criterion below \u22125 as coded), and of those far below the boundary "
        f"(d < \u22122) that do not guess. At most {OF_RUNS} decades below the largest loss; the share at or above "
        "counts the rest.",
    )
