"""Fig. 3e-p: the total flux over training for every size and mobility, and its law in both, early and late."""

import functools

import numpy as np
import pandas as pd

from critnet.errors import UsageError
from critnet.explore import Drawing
from critnet.paper import marks, style
from critnet.paper.fig3 import fluxes
from critnet.paper.sweeps import select
from critnet.statistics.scaling import scaling_exponent

ALONG = {"h": ("sizes",), "gamma": ("batches", "rates")}
AXES = {"h": ("M", "neurons M = 2h + 10"), "gamma": ("mobility", "mobility γ")}
STAGES = {
    ("early", "as-coded"): "interval 20 to 30",
    ("early", "control"): "unit steps, t = 10 to 30",
    ("late", "as-coded"): "last interval",
    ("late", "control"): "unit steps, second half",
}


def over_training(data, *, letter, observable, along, definition="control"):
    """Flux over training, a curve a run: of all sizes, or of all mobilities at h = 50."""
    runs = np.unique(np.concatenate([select.runs_of(data, name) for name in ALONG[along]]))
    t, flux = fluxes.over_time(data, observable, definition)
    flux = flux[runs]
    value = select.hidden(data, runs) if along == "h" else data["mobility"].values[runs]
    colour = style.size_colour if along == "h" else style.mobility_colour
    figure, axis = style.subplots(figsize=(7.6, 4.0))
    for row, x in zip(flux, value, strict=True):
        axis.plot(t[1:], np.where(row > 0, row, np.nan)[1:], color=colour(x), lw=0.8)
    axis.set(yscale="log", ylabel=f"{fluxes.NAMES[observable]} ({fluxes.OBSERVABLES[observable]})")
    axis.set_title(f"{runs.size} runs, {'between snapshots' if definition == 'as-coded' else 'over one iteration'}")
    style.log_iterations(axis)
    marks.changes(axis, fluxes.spacing_changes("sweep"), "spacing changes" if definition == "as-coded" else "")
    marks.bar(figure, axis, along)
    style.letter(axis, letter)
    known = ~np.isnan(flux).all(axis=0)
    middle = np.nanmedian(flux[:, known], axis=0)
    said = marks.told(middle, t[known], (1, 100, int(t[known][-1])), fluxes.OBSERVABLES[observable])
    alt = f"Total {observable} flux, {definition}, {runs.size} runs coloured by {AXES[along][0]}: the median is {said}."
    frame = {AXES[along][0]: np.repeat(value, t.size), "t": np.tile(t, runs.size), "flux": flux.ravel()}
    return Drawing(figure, alt, pd.DataFrame(frame))


def law(data, *, letter, observable, along, stage, family="both", runs="that learn", definition="control"):
    """Flux at an early or late stage against size or mobility, a dot a run of the grid, with our line."""
    rows = fluxes.runs(data, family)
    rows = rows.assign(flux=fluxes.at_stage(data, observable, stage, definition)[rows["run"]])
    x, (label, text) = AXES[along][0], AXES[along]
    rows = rows[(rows["flux"] > 0) & np.isfinite(rows["flux"])]
    used = rows if runs == "all" else rows[~rows["guesses"] & (rows["hidden"] >= 10)]
    figure, axis = style.subplots(figsize=(7.6, 4.0))
    shade = (style.mobility_colour if along == "h" else style.size_colour)(
        rows["mobility" if along == "h" else "hidden"].values
    )
    filled = rows["converged"].values
    for kept, face in ((filled, shade[filled]), (~filled, "none")):
        axis.scatter(rows[x][kept], rows["flux"][kept], s=15, lw=0.8, edgecolors=shade[kept], facecolors=face)
    axis.set(xscale="log", yscale="log", xlabel=text, title=f"{STAGES[stage, definition]}; open: not converged")
    axis.set_ylabel(f"{fluxes.NAMES[observable]} ({fluxes.OBSERVABLES[observable]})")
    low, high = used["flux"].min(), used["flux"].max()
    axis.set_ylim(low / 3, high * 30)
    beyond = int(((rows["flux"] < low / 3) | (rows["flux"] > high * 30)).sum())
    said = _fitted(axis, used, x, stage, along, definition)
    marks.bar(figure, axis, "gamma" if along == "h" else "h")
    style.letter(axis, letter)
    alt = (
        f"Total {observable} flux, {stage}, against {label}, {definition}: {len(rows)} runs ({family} family), "
        f"{int(filled.sum())} of them converged. {said}" + (f" Outside the axis: {beyond} runs." if beyond else "")
    )
    columns = ["hidden", "M", "mobility", "learning_rate", "batch_size", "family", "seed", "flux", "converged"]
    return Drawing(figure, alt, rows[columns].reset_index(drop=True))


def _fitted(axis, used, x, stage, along, definition):
    """One line through the runs; late and against mobility one through each branch, converged and not."""
    branches = {"": used}
    if stage == "late" and along == "gamma":
        branches = {"converged: ": used[used["converged"]], "not converged: ": used[~used["converged"]]}
    words = []
    for row, (name, part) in enumerate(branches.items()):
        try:
            fit = scaling_exponent(part[x], part["flux"], random=np.random.default_rng(0))
        except UsageError:
            words.append(f"{name}too few runs for a line.")
            continue
        height = 0.97 - 0.07 * row
        colour = style.of_definition(definition) if row == 0 else style.colours().ink
        ends = np.array([part[x].min(), part[x].max()])
        axis.plot(ends, np.exp(fit.intercept) * ends**fit.value, color=colour, lw=1.5)
        text = f"{name}slope {fit.value:.2f} ({fit.low:.2f} to {fit.high:.2f})"
        axis.text(0.03, height, text, transform=axis.transAxes, va="top")
        words.append(f"{text}, {len(part)} runs.")
    return " ".join(words)


DATA = "sweeps"
PANELS = {
    f"3{letter}": functools.partial(over_training, letter=letter, observable=observable, along=along)
    for letter, observable, along in zip("efgh", ("loss", "loss", "weight", "weight"), ("h", "gamma") * 2, strict=True)
} | {
    f"3{letter}": functools.partial(law, letter=letter, observable=observable, along=along, stage=stage)
    for letter, (stage, observable, along) in zip(
        "ijklmnop",
        [(s, o, a) for s in ("early", "late") for o in ("loss", "weight") for a in ("h", "gamma")],
        strict=True,
    )
}
