"""The loss explorer on the displayed anchor run, its static picture, and its numbers (Fig. 2b-d)."""

import numpy as np
import pandas as pd

from critnet.errors import DataError
from critnet.explore import Drawing, render
from critnet.explore.widgets.losses import LossExplorer, thresholds_between
from critnet.losses.deviations import DEFINITIONS
from critnet.paper import style
from critnet.paper.published import LOSS_THRESHOLD

LOWEST, HIGHEST = 1e-6, 10  # b to choose from, nats
START = 1000  # iteration shown first, or the nearest there is
BATCH = 64
NAMES = ("atom_step", "atom_loss", "atom_count", "mean_loss", "max_loss", "entropy_change", "side")


def atoms(data):
    """Iterations, losses and counts of the stored atoms.

    Parameters
    ----------
    data : Dataset of data/fig2.nc

    Returns
    -------
    steps (n_steps,), losses (n_steps, n_atoms) in nats, counts (n_steps, n_atoms)

    Raises
    ------
    DataError
        If the Dataset lacks them or what is drawn beside them.
    """
    missing = [name for name in NAMES if name not in data]
    if missing:
        raise DataError(f"the results of Fig. 2 lack {missing[0]!r}; make them anew with `critnet reduce fig2`")
    return tuple(data[name].values for name in NAMES[:3])


def over_training(data, b=LOSS_THRESHOLD):
    """Delta S(b) of all three definitions at the iterations of the atoms, as reduced from all losses.

    Parameters
    ----------
    data : Dataset of data/fig2.nc
    b : float, nats; one of `data["entropy_b"]`

    Returns
    -------
    DataFrame: t; mean_loss, largest_loss, in nats; side, -1 where b is below the mean and 1 where it is above the
        largest loss; control, as-coded and upper-tail, in nats.
    """
    run = data.sel(seed=data.attrs["displayed_seed"], t=atoms(data)[0], entropy_b=b)
    frame = pd.DataFrame(
        {"t": run["t"], "mean_loss": run["mean_loss"], "largest_loss": run["max_loss"], "side": run["side"].astype(int)}
    )
    return frame.assign(**{name: run["entropy_change"].sel(estimate=name).astype(float) for name in DEFINITIONS})


def start(steps):
    """The iteration shown first."""
    return int(steps[np.abs(np.log1p(steps) - np.log1p(START)).argmin()])


def words(frame):
    """What the explorer shows first, and how far the spline is off over training, in numbers."""
    first = frame[frame["t"] == start(frame["t"].values)].iloc[0]
    ratio = frame["as-coded"] / frame["control"]
    parts = [
        f"At iteration {first['t']:.0f} of the anchor run the mean loss is {first['mean_loss']:.3g} nats. The entropy "
        f"change at b = {LOSS_THRESHOLD} is {first['control']:.3g} nats exactly, {first['as-coded']:.3g} nats as coded "
        f"and {first['upper-tail']:.3g} nats for the upper tail alone."
    ]
    for side, where in ((-1, "below the mean loss"), (1, "above the largest loss")):
        there = frame["side"] == side
        if there.any():
            steps, off = frame["t"][there], ratio[there]
            parts.append(
                f"At {there.sum()} of {len(frame)} iterations, from {steps.min()} to {steps.max()}, b lies {where} and "
                f"the spline is extrapolated: it gives {off.min():.2g} to {off.max():.2g} times the exact value."
            )
    inside = frame["side"] == 0
    if inside.any():
        parts.append(
            f"At the other {inside.sum()} it interpolates and gives {ratio[inside].min():.3g} to "
            f"{ratio[inside].max():.3g} times the exact value."
        )
    return " ".join(parts)


def picture(frame):
    """Mean loss and Delta S over training: what a page without scripts, or on paper, shows of the explorer."""
    c, t = style.colours(), 1 + frame["t"]
    figure, (left, right) = style.subplots(1, 2, figsize=(7.6, 3.2))
    edges = np.r_[t.iloc[0], np.sqrt(t.values[1:] * t.values[:-1]), t.iloc[-1]]
    for axis in (left, right):
        for low, high, side in zip(edges[:-1], edges[1:], frame["side"], strict=True):
            if side:
                style.not_published(axis, low, high)
        axis.set(xscale="log", yscale="log", xlim=(t.iloc[0], t.iloc[-1]), xlabel="1 + iteration t")
    left.plot(t, frame["mean_loss"], color=c.ink, label="mean")
    left.plot(t, frame["largest_loss"], color=c.ink, lw=0.8, ls=":", label="largest")
    left.axhline(LOSS_THRESHOLD, color=c.ink, lw=0.8, ls="--", label=f"b = {LOSS_THRESHOLD}")
    left.set_ylabel("loss (nats)")
    left.legend(loc="lower left")
    right.plot(t, frame["control"], color=c.control, label="exact, two-sided")
    right.plot(t, frame["as-coded"], color=c.as_coded, label="as coded")
    right.set_ylabel(f"entropy change at b = {LOSS_THRESHOLD} (nats)")
    right.set_title("hatched: the spline extrapolates")
    right.legend(loc="lower left")
    return Drawing(figure, words(frame), frame)


def loss_explorer(data, *, name="loss-explorer"):
    """Set a threshold b and an iteration, and watch the losses reweighted; recomputed in the reader's browser.

    Parameters
    ----------
    data : Dataset of data/fig2.nc
    name : str
        Id of the explorer in its page.

    Returns
    -------
    LossExplorer, displayed by the notebook where it is the last expression of a cell.

    Raises
    ------
    DataError
        If the Dataset lacks the atoms or what is drawn beside them.
    """
    steps, losses, counts = atoms(data)
    frame = over_training(data)
    return LossExplorer(
        steps,
        losses,
        counts,
        thresholds=thresholds_between(LOWEST, HIGHEST),
        name=name,
        threshold=LOSS_THRESHOLD,
        step=start(steps),
        batch_size=BATCH,
        caption=f"The anchor network at {len(steps)} iterations. Its {counts[0].sum()} training losses are stored "
        f"as at most {counts.shape[1]} weighted values an iteration, the largest each by itself; that moves the exact "
        "entropy change by about one part in ten thousand. All else is computed in the browser.",
        words=words(frame),
        picture=render.draw(picture, {"frame": frame}, name=name, style=style.theme).image,
    )
