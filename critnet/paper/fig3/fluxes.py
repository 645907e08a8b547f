"""Fluxes as Fig. 3 reads them from data/anchors.nc and data/sweeps.nc, in both definitions (D28).

As coded: between neighbouring snapshots, in a hundred equal bins over the range of the run. Control: over one
iteration, in quantile bins, less the floor that random signs leave.
"""

import numpy as np

from critnet.paper.sweeps import grid
from critnet.training.config import snapshots

OBSERVABLES = {"loss": "nats / iteration", "weight": "1 / iteration"}
NAMES = {"loss": "loss flux $|J_L|$", "weight": "weight flux $|J_w|$"}
EARLY, EARLY_WINDOW = 20, (10, 30)  # METHODS 11: the interval 20 -> 30 as coded; unit steps over this window as control
LATE_WINDOW = 0.5  # share of the training after which unit steps are averaged for the late flux


def over_time(data, observable, definition="control"):
    """Iterations (n,) and total flux (run, n).

    As coded an interval is named by the iteration at which it starts. In the control what does not rise above its floor
    is 0.
    """
    t = data["step"].values.astype(int)
    if definition == "as-coded":
        return t[:-1], data["flux"].sel(observable=observable, binning="equal").values.astype(float)
    unit = data["unit_flux"].sel(observable=observable, binning="quantile").values.astype(float)
    return t, np.maximum(unit - floor(data, observable), 0)


def bounds(data, observable, definition="control"):
    """|d<y>/dt| and <|v|> (run, n) of the same steps: no binning gives less than the first or more than the second."""
    names = ("drift", "speed") if definition == "as-coded" else ("unit_drift", "unit_speed")
    return [data[name].sel(observable=observable).values.astype(float) for name in names]


def floor(data, observable, definition="control"):
    """The flux that random signs of the same velocities would give (run, n)."""
    name, binning = ("flux_floor", "equal") if definition == "as-coded" else ("unit_flux_floor", "quantile")
    return data[name].sel(observable=observable, binning=binning).values.astype(float)


def at_stage(data, observable, stage, definition="control"):
    """The flux of each run in an early or late stage (run,).

    As coded the interval that starts at t = 20, or the last one. Control: the mean over the unit steps with t in
    10...30, or of the second half of the training.
    """
    t, values = over_time(data, observable, definition)
    return _of_stage(t, values, stage, definition)


def floor_at_stage(data, observable, stage, definition="control"):
    """The flux that random signs would give in that stage (run,)."""
    t = over_time(data, observable, definition)[0]
    return _of_stage(t, floor(data, observable, definition), stage, definition)


def _of_stage(t, values, stage, definition):
    if definition == "as-coded":
        return values[:, list(t).index(EARLY)] if stage == "early" else values[:, -1]
    low, high = EARLY_WINDOW if stage == "early" else (LATE_WINDOW * t[-1], t[-1])
    return values[:, (t >= low) & (t <= high)].mean(axis=1)


def spacing_changes(schedule, steps=200_000):
    """Iterations at which the distance between neighbouring snapshots changes.

    >>> spacing_changes("anchor"), spacing_changes("sweep")
    ([50, 500], [20, 200])
    """
    kept = np.array(snapshots(schedule, steps)[:-1])
    gap = np.diff(kept)
    return kept[1:-1][gap[1:] != gap[:-1]].tolist()


def runs(data, family="both"):
    """The runs of the phase diagram with `early` and `late` state: a row each, as `grid.of` gives them (control)."""
    rows = grid.of_family(grid.of(data, "control"), family)
    return rows.assign(converged=rows["criterion"] < grid.CONVERGED, guesses=rows["test_accuracy"] < grid.GUESSES)
