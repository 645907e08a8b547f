"""The explorers of chapter 2.5: the stroboscope on the anchor runs, the Langevin picture, and their static pictures."""

import numpy as np
import pandas as pd
from scipy.linalg import solve_continuous_lyapunov

from critnet.explore import Drawing, render
from critnet.explore.widgets.langevin import LangevinExplorer
from critnet.explore.widgets.stroboscope import StroboscopeExplorer
from critnet.paper import style

INTERVAL, CHANGE, LAST = 10, 50, 1400  # shown first; the flash before the long stretch without consecutive iterations
ALL, LATER = 500, 80  # every kept iteration up to ALL is carried, later about LATER of them
TURN = 1.0


def places(anchor_runs):
    """Places among the kept iterations that the explorer carries for the flux of single iterations."""
    t = anchor_runs["step"].values
    wanted = np.geomspace(ALL, t[-1], LATER)
    return np.unique([*np.flatnonzero(t <= ALL), *np.abs(t[:, None] - wanted).argmin(axis=0)])


def courses(windows, anchor_runs):
    """Over single iterations (seed, observable, (flux, drift, speed), place): equal bins as coded, and its bounds.

    Losses at every place; weights, of layers 2 and 3 as at the flashes, only where consecutive iterations are recorded.
    """
    at = places(anchor_runs)
    whole = [anchor_runs["unit_flux"].sel(binning="equal"), anchor_runs["unit_drift"], anchor_runs["unit_speed"]]
    losses = np.stack([curve.sel(observable="loss").values[:, at] for curve in whole], axis=1)
    single = [windows["step_flux"].sel(binning="equal"), windows["step_drift"], windows["step_speed"]]
    recorded = [curve.sel(observable="weight").reindex(step=anchor_runs["step"].values[at]).values for curve in single]
    return np.stack([losses, np.stack(recorded, axis=1)], axis=1)


def flashes(windows):
    """Flux in equal bins as coded (seed, observable, flash, interval)."""
    flux = windows["flash_flux"].sel(binning="equal")
    return flux.transpose("seed", "observable", "flash", "interval").values.astype(float)


def _read(windows):
    """Of the seed and losses shown first: flux over one iteration and over INTERVAL at CHANGE, and the slope."""
    row = flashes(windows)[0, 0, windows["flash"].values.tolist().index(CHANGE)]
    intervals = windows["interval"].values
    return row[0], row[intervals.tolist().index(INTERVAL)], np.polyfit(np.log(intervals), np.log(row), 1)[0]


def stroboscope_words(windows):
    one, far, slope = _read(windows)
    return (
        f"Total flux of the losses of seed {windows['seed'].values[0]}: seen every iteration up to t = {CHANGE} and "
        f"every {INTERVAL} iterations from there, it is {one / far:.1f} times lower at t = {CHANGE} than over one "
        f"iteration of the same network. A Brownian particle would show {np.sqrt(INTERVAL):.1f} times less. At this t "
        f"the flux falls as the interval to the power {slope:.2f}."
    )


def stroboscope_picture(windows):
    """The fluxes at each flash over 1, 10, 100 and 500 iterations."""
    c = style.colours()
    intervals, t = windows["interval"].values.tolist(), windows["flash"].values
    shown = t <= LAST
    figure, axis = style.subplots(figsize=(6.0, 3.6))
    rows = []
    for interval, width in ((1, 2.0), (10, 1.6), (100, 1.2), (500, 0.8)):
        values = flashes(windows)[0, 0, shown, intervals.index(interval)]
        axis.loglog(
            1 + t[shown], values, color=c.control if interval == 1 else c.as_coded, linewidth=width,
            label="one iteration" if interval == 1 else f"{interval} iterations",
        )  # fmt: skip
        rows += [(int(step), interval, value) for step, value in zip(t[shown], values, strict=True)]
    axis.set(xlabel="1 + iteration $t$", ylabel="total flux (nats / iteration)")
    axis.legend()
    return Drawing(figure, stroboscope_words(windows), pd.DataFrame(rows, columns=["t", "interval", "flux"]))


def stroboscope_explorer(windows, anchor_runs, *, name="stroboscope"):
    """Drag the interval between two looks at the losses or weights of the anchor runs.

    Parameters
    ----------
    windows, anchor_runs : Dataset
        The results files "windows" and "anchors".
    name : str
        Id of the explorer in its page.

    Returns
    -------
    StroboscopeExplorer, displayed by the notebook where it is the last expression of a cell.
    """
    late = windows["window"].values
    return StroboscopeExplorer(
        flashes(windows),
        windows["flash"].values,
        windows["interval"].values,
        courses(windows, anchor_runs),
        anchor_runs["step"].values[places(anchor_runs)],
        seeds=windows["seed"].values,
        name=name,
        interval=INTERVAL,
        change=CHANGE,
        last=LAST,
        caption=f"The anchor runs. Flashes rest on the losses of {windows.sizes['image']} training images, or on the "
        "weights and biases of layers 2 and 3, recorded at consecutive iterations: up to t = "
        f"{LAST + int(windows['interval'].values[-1])}, and in windows from t = {late[0]} and {late[1]}, drawn as "
        "dots. Between these no flash interval can be chosen: nothing but the published snapshots was kept. The curve "
        "of single iterations rests on all 60 000 images; that of the weights ends where the recording does. A hundred "
        "equal bins, as coded. A hundred Brownian particles are simulated in the page.",
        words=stroboscope_words(windows),
        picture=render.draw(stroboscope_picture, {"windows": windows}, name=name, style=style.theme).image,
    )


def _current(turn):
    """Covariance and circulation of dw = -A w dt + noise with A = [[1, turn], [-turn, 1]] and D = 1 (METHODS D30)."""
    drift = np.array([[1.0, turn], [-turn, 1.0]])
    covariance = solve_continuous_lyapunov(drift, 2 * np.eye(2))
    velocity = np.linalg.inv(covariance) - drift
    flow = velocity @ covariance
    return covariance, velocity, flow[1, 0] - flow[0, 1]


def langevin_words():
    covariance, _, circulation = _current(TURN)
    return (
        f"Two weights with drift -A w, A of unit stiffness and antisymmetric part {TURN:g}, in unit noise: the "
        f"stationary density is a Gaussian of variances {covariance[0, 0]:.2f} and {covariance[1, 1]:.2f}, the same as "
        f"without the antisymmetric part; its flux turns anticlockwise with circulation {circulation:.2f}."
    )


def langevin_picture():
    """The flux as arrows."""
    covariance, velocity, _ = _current(TURN)
    x, y = np.meshgrid(*[np.linspace(-2.2, 2.2, 11)] * 2)
    w = np.stack([x, y])
    density = np.exp(-np.einsum("iab,ij,jab->ab", w, np.linalg.inv(covariance), w) / 2)
    density /= 2 * np.pi * np.sqrt(np.linalg.det(covariance))
    flux = np.einsum("ij,jab->iab", velocity, w) * density
    figure, axis = style.subplots(figsize=(4.2, 4.0))
    axis.quiver(x, y, *flux, color=style.colours().control)
    axis.set(aspect="equal", xlabel="$w_1$", ylabel="$w_2$")
    table = {"w1": x.ravel(), "w2": y.ravel(), "flux_1": flux[0].ravel(), "flux_2": flux[1].ravel()}
    return Drawing(figure, langevin_words(), pd.DataFrame(table))


def langevin_explorer(*, name="langevin"):
    """Drag the antisymmetric part of the drift of two weights in noise; the flux, analytic and simulated.

    Returns
    -------
    LangevinExplorer, displayed by the notebook where it is the last expression of a cell.
    """
    return LangevinExplorer(
        name=name,
        caption="A two-dimensional Ornstein-Uhlenbeck process, dw = -A w dt + noise, the picture in which the paper "
        "speaks of flux: two thousand particles, a hundred exact steps of 0.02 from the stationary law, the same "
        "random numbers for every choice; over steps of that length a current reads some hundredths low. Time is in "
        "units of the relaxation time of stiffness 1. Nothing here is fitted to a network.",
        words=langevin_words(),
        picture=render.draw(langevin_picture, {}, name=name, style=style.theme).image,
    )
