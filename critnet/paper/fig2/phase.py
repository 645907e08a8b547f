"""The boundary of the phase diagram: curves through its cells, their steepest steps, the parabola; p(L) of a run."""

import numpy as np
import pandas as pd

from critnet.losses.deviations import convergence_criterion
from critnet.losses.phases import fit_parabola, steepest
from critnet.paper.sweeps import grid

FEWEST = 5  # cells of a curve


def curves(rows, along):
    """The lines through cells of `cells`: criterion against mobility at each size, or against size at each mobility.

    Parameters
    ----------
    rows : DataFrame of `cells`
    along : "ln_gamma", one curve a size, or "hidden", one a mobility

    Yields
    ------
    fixed, x, criterion
        The size or ln gamma that stays; ln gamma or ln h, rising; the criterion, an infinite one drawn as 27.63.
        Only curves of at least five cells. Where rows hold both families, give them one by one (`of_family`).
    """
    for fixed, part in rows.groupby("ln_gamma" if along == "hidden" else "hidden"):
        part = part.sort_values(along)
        if len(part) >= FEWEST:
            x = part[along].to_numpy(float)
            yield fixed, np.log(x) if along == "hidden" else x, drawable(part["criterion"])


def drawable(criterion):
    """The criterion with +inf (Delta S = 0) at 27.63, where a diverged run lies as well."""
    return np.minimum(np.asarray(criterion, float), float(convergence_criterion(np.nan, np.nan)))


def crosses(criterion):
    """Whether a curve has a converged cell, below -5, and an unconverged one."""
    return bool((criterion < grid.CONVERGED).any() and (criterion >= grid.CONVERGED).any())


def boundary(rows, *, size="hidden", falling=True):
    """Where the criterion changes most steeply with size, one point a mobility and family, METHODS D27b.

    Parameters
    ----------
    rows : DataFrame of `cells`
    size : "hidden" or "M", whose logarithm is the size
    falling : bool
        Only steps at which the criterion falls with size: from unconverged to converged. D27b takes any.

    Returns
    -------
    DataFrame
        `ln_gamma`, `family`, `ln_size` (the middle of the step), `low`, `high` (its ends). Mobilities at which fewer
        than five sizes were run, or all of them lie on one side of -5, have no boundary within the grid and no row.
    """
    found = []
    for (ln_gamma, family), part in rows.groupby(["ln_gamma", "family"]):
        part = part.sort_values("hidden")
        criterion = drawable(part["criterion"])
        if len(part) >= FEWEST and crosses(criterion):
            step = steepest(np.log(part[size].to_numpy(float)), criterion, falling=falling)
            found.append((ln_gamma, family, step.position, step.x_low, step.x_high))
    return pd.DataFrame(found, columns=["ln_gamma", "family", "ln_size", "low", "high"])


def boundary_fit(points):
    """The parabola through the points of `boundary` with its interval; None for fewer than four at three mobilities."""
    if len(points) < 4 or points["ln_gamma"].nunique() < 3:
        return None
    return fit_parabola(points["ln_gamma"], points["ln_size"], random=np.random.default_rng(0))


def density(sweeps, run, definition):
    """Loss and density p(L) of a run at T, where it is not 0.

    As coded in 500 equal bins from the smallest to the largest loss; otherwise between the quantiles that are kept,
    so that each bin holds what it says however skewed the losses are.

    Returns
    -------
    loss, density : array, nats and 1/nat
    """
    if definition == "as-coded":
        counts = sweeps["final_losses"].values[run]
        edges = np.linspace(sweeps["min_loss"].values[run, -1], sweeps["max_loss"].values[run, -1], counts.size + 1)
        middle, share = (edges[1:] + edges[:-1]) / 2, counts / counts.sum()
    else:
        edges = sweeps["final_loss_quantile"].values[run].astype(float)
        middle, share = np.sqrt(edges[1:] * edges[:-1]), np.diff(sweeps["quantile"].values)
    kept = (np.diff(edges) > 0) & (share > 0) & (middle > 0)
    return middle[kept], share[kept] / np.diff(edges)[kept]
