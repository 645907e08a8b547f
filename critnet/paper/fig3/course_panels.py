"""Fig. 3a-d: single losses and weights over training, and their total flux; and the flux by both calendars."""

import functools

import numpy as np
import pandas as pd
from matplotlib.collections import LineCollection

from critnet.explore import Drawing, NoMatch
from critnet.paper import anchors, marks, style
from critnet.paper.course.reduce import layer_slices
from critnet.paper.fig3 import fluxes

EVERY = "all"
LAYERS = ("W1", "W2", "W3", "biases")
PATHS = {"loss": ("loss $L_k$ (nats)", "losses"), "weight": ("weight $w_i$", "weights")}
LOWEST = 1e-9  # nats; smaller losses are drawn here
GRID = np.unique(np.rint(np.geomspace(1, 200_001, 90)).astype(int)) - 1


def paths(data, *, letter, observable, part=EVERY, definition="control"):
    """A thousand losses or weights drawn at random: each path as coded, their quantiles in steps of ln t as control."""
    data = data["course"]
    t, values, kept = (
        anchors.steps(data),
        data[f"{observable}_path"].values.astype(float),
        _part(data, observable, part),
    )
    values = values[:, kept]
    if not values.shape[1]:
        raise NoMatch(f"None of the thousand {PATHS[observable][1]} belongs to {part}.")
    figure, axis = style.subplots(figsize=(7.6, 4.0))
    rows = np.unique(np.abs(t[:, None] - GRID).argmin(axis=0))
    rows = rows[t[rows] >= 1]
    levels = np.quantile(values[rows], (0.05, 0.25, 0.5, 0.75, 0.95), axis=1)
    shown = levels
    if observable == "loss":
        values, shown = np.maximum(values, LOWEST), np.maximum(levels, LOWEST)
        axis.set_yscale("log")
    if definition == "as-coded":
        lines = np.stack([np.broadcast_to(t[rows], (values.shape[1], rows.size)), values[rows].T], axis=-1)
        shade = np.log(values[-1]) if observable == "loss" else values[-1]
        drawn = LineCollection(list(lines), array=shade, cmap=style.ends_map(), linewidths=0.25, alpha=0.6)
        axis.add_collection(drawn)
        axis.autoscale_view()
        figure.colorbar(
            drawn, ax=axis, label="ln of the last loss" if observable == "loss" else "last weight", pad=0.02
        )
    else:
        colour = style.of_definition(definition)
        for low, high, alpha in ((0, 4, 0.15), (1, 3, 0.3)):
            axis.fill_between(t[rows], shown[low], shown[high], color=colour, alpha=alpha, lw=0)
        axis.plot(t[rows], shown[2], color=colour, lw=1.6)
    style.log_iterations(axis)
    what = f"{values.shape[1]} {PATHS[observable][1]}" + ("" if part == EVERY else f" of {_named(observable, part)}")
    axis.set(ylabel=PATHS[observable][0], title=what if definition == "as-coded" else f"{what}: median, 50 %, 90 %")
    style.letter(axis, letter)
    at, ends = [r for r in (1, 100, int(t[-1])) if r in t[rows]], t[rows]
    alt = (
        f"{what}, displayed seed, {definition}. Median {marks.told(levels[2], ends, at)}; "
        f"from the 5 % to the 95 % quantile {marks.told(levels[4] - levels[0], ends, at)}."
    )
    columns = dict(zip(("q05", "q25", "median", "q75", "q95"), levels, strict=True))
    if definition == "as-coded":
        columns = {f"path_{i}": row for i, row in enumerate(values[rows, :: max(values.shape[1] // 20, 1)].T)}
    return Drawing(figure, alt, pd.DataFrame({"t": ends, **columns}))


def _part(data, observable, part):
    if part == EVERY:
        return slice(None)
    if observable == "loss":
        return np.flatnonzero(data["sample_label"].values == part)
    return np.flatnonzero(np.isin(data["weight_place"].values, layer_slices(50)[part]))


def _named(observable, part):
    return f"digit {part}" if observable == "loss" else str(part)


def total(data, *, letter, observable, seed=0, definition="control"):
    """Total flux over training with its bounds: between snapshots as coded, over one iteration as control."""
    data, c = data["anchors"], style.colours()
    t, flux = fluxes.over_time(data, observable, definition)
    lowest, highest = (b[:, : t.size] for b in fluxes.bounds(data, observable, definition))
    s = list(data["seed"].values).index(seed)
    figure, (left, right) = style.subplots(1, 2, figsize=(7.6, 3.8), width_ratios=(1, 1.35))
    colour = style.of_definition(definition)
    for axis in (left, right):
        marks.course(axis, t, np.where(flux > 0, flux, np.nan), s, colour, "total flux", lw=1.2)
        for bound, text, dash in ((highest, "mean of |v|", ":"), (lowest, "|d mean / dt|", "--")):
            axis.plot(t[1:], np.where(bound[s] > 0, bound[s], np.nan)[1:], dash, color=c.faint, lw=0.9, label=text)
        for when in (100, 10_000):
            marks.published(axis, x=when)
    left.set(xlim=(0, 500), ylim=(0, None), xlabel="iteration t", title=f"seed {seed}, first 500")
    left.set_ylabel(f"{fluxes.NAMES[observable]} ({fluxes.OBSERVABLES[observable]})")
    right.set(yscale="log", title="seed and range of five; dashed: the paper's shifts")
    style.log_iterations(right)
    marks.changes(right, fluxes.spacing_changes("anchor"))
    right.legend(loc="lower left", bbox_to_anchor=(0, 0.06))
    style.letter(left, letter)
    at, floor = (1, 100, 10_000), fluxes.floor(data, observable, definition)[s]
    share = [flux[s][list(t).index(k)] / floor[list(t).index(k)] for k in at]
    alt = (
        f"Total {observable} flux, seed {seed}, {definition}: "
        f"{marks.told(flux[s], t, (*at, int(t[-1])), fluxes.OBSERVABLES[observable])}. It is {share[0]:.2g}, "
        f"{share[1]:.2g} and {share[2]:.2g} times the flux of random signs at t = 1, 100 and 10 000. Ticks: the "
        f"spacing of the snapshots changes at t = {' and '.join(map(str, fluxes.spacing_changes('anchor')))}."
    )
    table = {"t": t, "flux": flux[s], "lower_bound": lowest[s], "upper_bound": highest[s], "floor": floor[: t.size]}
    return Drawing(figure, alt, pd.DataFrame(table))


def calendars(data, *, observable="loss", seed=0, definition="control"):
    """The flux at unit steps and the as-coded one: where the latter drops, the spacing of snapshots changes."""
    data, c = data["anchors"], style.colours()
    s = list(data["seed"].values).index(seed)
    t, unit = fluxes.over_time(data, observable, "control")
    if definition == "as-coded":  # the same bins and no floor taken off, so that the calendar alone differs
        unit = data["unit_flux"].sel(observable=observable, binning="equal").values.astype(float)
    interval, coded = fluxes.over_time(data, observable, "as-coded")
    figure, axis = style.subplots(figsize=(7.6, 4.0))
    marks.course(axis, t, np.where(unit > 0, unit, np.nan), s, c.control, "over one iteration", lw=1.0)
    marks.course(axis, interval, coded, s, c.as_coded, "between snapshots, as coded", lw=1.6, drawstyle="steps-post")
    changes = fluxes.spacing_changes("anchor")
    marks.changes(axis, changes, "spacing changes")
    for when in (100, 10_000):
        marks.published(axis, f"paper: {when:,}".replace(",", "\u202f"), x=when, at=0.93)
    axis.set(yscale="log", ylabel=f"{fluxes.NAMES[observable]} ({fluxes.OBSERVABLES[observable]})")
    axis.set_title(f"seed {seed}, and the range of five")
    style.log_iterations(axis)
    axis.legend(loc="lower left", bbox_to_anchor=(0, 0.1))
    whole = data["unit_flux"].sel(observable=observable, binning="equal").values.astype(float)[s]  # never 0
    drops, still = ([_fall(times, row, k) for k in changes] for times, row in ((interval, coded[s]), (t, whole)))
    alt = (
        f"Total {observable} flux, seed {seed}, {definition} bins. As coded it falls {drops[0]:.3g} times at t = "
        f"{changes[0]} and {drops[1]:.3g} times at t = {changes[1]}, where the spacing of the snapshots grows tenfold "
        f"and fiftyfold; over one iteration, in the same bins, {still[0]:.3g} and {still[1]:.3g} times (means of five)."
    )
    table = pd.DataFrame({"t": t, "unit": unit[s], "as_coded": np.append(coded[s], np.nan)})
    return Drawing(figure, alt, table)


def _fall(t, flux, change):
    """Mean of the five values before an iteration over that of the five from it on."""
    at = list(t).index(change)
    return flux[at - 5 : at].mean() / flux[at : at + 5].mean()


DATA = ("anchors", "course")
PANELS = {
    "3a": functools.partial(paths, letter="a", observable="loss"),
    "3b": functools.partial(paths, letter="b", observable="weight"),
    "3c": functools.partial(total, letter="c", observable="loss"),
    "3d": functools.partial(total, letter="d", observable="weight"),
    "3-calendars": calendars,
}
