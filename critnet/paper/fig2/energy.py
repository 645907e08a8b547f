"""Fig. 2d: entropy change, mean loss and convergence criterion; and what drives them."""

import numpy as np
import pandas as pd

from critnet.explore import Drawing, NoMatch
from critnet.losses.deviations import free_energy
from critnet.paper import anchors, published, style
from critnet.paper.fig2 import series

SHIFT = 40_000  # section 2.2: the entropy change shifts, and entropy takes over
NAMES = {"as-coded": "as coded", "control": "exact, both tails", "upper-tail": "exact, upper tail"}


def _colour(definition):
    c = style.colours()
    return {"as-coded": c.as_coded, "control": c.control, "upper-tail": c.quantities[2]}[definition]


def fig2d(data, *, b=published.LOSS_THRESHOLD, seed=0, definition="as-coded"):
    """Delta S(b) and mean loss (left), convergence criterion (right); hatched where the published number extrapolates.

    Definitions: "as-coded" (spline), "control" (exact rate function, capped at ln N), "upper-tail" (0 up to the mean).
    """
    stored = data["entropy_b"].values
    if not np.isclose(stored, b).any():
        raise NoMatch(f"No entropy change is stored at b = {b:g}; choose one of {', '.join(f'{x:g}' for x in stored)}.")
    c, t, s = style.colours(), anchors.steps(data), anchors.of_seed(data, seed)
    entropy, loss, side = series.entropy_change(data, definition, b), data["mean_loss"].values, series.side(data, b)[s]
    criterion = series.criterion(data, definition, b)
    colour, cap = _colour(definition), np.log(series.n_samples(data))
    figure, (left, right) = style.subplots(1, 2, figsize=(7.6, 4.0))
    _band(left, t, loss, s, c.quantities[3], "mean loss")
    _band(left, t, entropy, s, colour, f"ΔS, {NAMES[definition]}")
    left.axhline(cap, color=c.faint, lw=0.9)
    _say(left, "ln N, the most ΔS can be", (1.3, cap), 8)
    left.axhline(b, color=c.faint, lw=0.9, ls=":")
    _say(left, f"b = {b:g}", (1.3, b), -8)
    left.set(yscale="log", ylim=(1e-6, 1e5), ylabel="nats", title=f"seed {seed}, and the range of {len(loss)}")
    _band(right, t, criterion, s, colour, "ln(mean loss / ΔS)")
    right.set(ylim=(-16, 16), title="convergence criterion ln(mean loss / ΔS)")
    for axis in (left, right):
        _hatch(axis, t, side, definition)
        axis.axvline(SHIFT, color=c.ink, lw=0.9, ls="--")
        style.log_iterations(axis)
    _say(right, "paper: shift at 4·10⁴", (SHIFT / 1.2, -15), 0, ha="right")
    left.legend(loc="lower left", bbox_to_anchor=(0, 0.02), frameon=True, facecolor=c.page, edgecolor="none")
    style.letter(left, "d")
    below, above = (t[side == x] for x in (-1, 1))
    where = _where(below, above, t)
    late = [list(t).index(x) for x in t if x >= SHIFT][:1] or [len(t) - 1]
    alt = (
        f"b = {b:g} nats, seed {seed}, {definition}: ΔS is {_n(entropy[s, 1])} nats at t = 1, "
        f"{_n(entropy[s][late[0]])} at t = {t[late[0]]} and {_n(entropy[s, -1])} at the end, where the mean "
        f"loss is {_n(loss[s, -1])} nats and the criterion {criterion[s, -1]:.2f}. {where}"
    )
    table = pd.DataFrame(
        {"t": t, "mean_loss": loss[s], "entropy_change": entropy[s], "criterion": criterion[s], "side_of_b": side}
    )
    return Drawing(figure, alt, table)


def _say(axis, text, place, shift, **options):
    """A label that hatching does not cross."""
    ground = {"facecolor": style.colours().page, "edgecolor": "none", "pad": 1.5}
    axis.annotate(
        text, place, xytext=(0, shift), textcoords="offset points", va="center", bbox=ground, zorder=5, **options
    )


def _n(value):
    return f"{value:.3g}"


def _where(below, above, t):
    """In words: where b lies outside the losses above their mean, so that the spline extrapolates."""
    parts = []
    if below.size:
        parts.append(f"below the mean loss at {below.size} of {len(t)} snapshots, up to t = {below[-1]}")
    if above.size:
        parts.append(f"above the largest loss at {above.size}, from t = {above[0]}")
    if not parts:
        return "b lies between the mean and the largest loss at every snapshot."
    return f"b lies {' and '.join(parts)}; there the published number extrapolates."


def _band(axis, t, values, s, colour, label):
    """One seed as a line, all seeds as a band; what is not finite is left out."""
    finite = np.where(np.isfinite(values), values, np.nan)
    kept = (t >= 1) & ~np.isnan(finite).all(axis=0)
    axis.fill_between(
        t[kept], np.nanmin(finite[:, kept], axis=0), np.nanmax(finite[:, kept], axis=0), color=colour, alpha=0.22, lw=0
    )
    axis.plot(t[1:], finite[s, 1:], color=colour, label=label)


def _hatch(axis, t, side, definition):
    """Hatch the stretches of t over which b lies outside [mean, largest loss]."""
    outside = np.r_[False, side != 0, False]
    starts, ends = np.flatnonzero(~outside[:-1] & outside[1:]), np.flatnonzero(outside[:-1] & ~outside[1:])
    for first, end in zip(starts, ends, strict=True):
        style.not_published(axis, max(t[first], 1), t[min(end, len(t) - 1)])


def driving_forces(data, *, b=published.LOSS_THRESHOLD, seed=0, definition="control"):
    """Free energy with lambda matched to the ranges (left) and how far both its terms move in equal steps of ln t."""
    c, t, s = style.colours(), anchors.steps(data), anchors.of_seed(data, seed)
    entropy, loss, n = series.entropy_change(data, definition, b), data["mean_loss"].values, series.n_samples(data)
    if np.ptp(entropy[s]) == 0:
        raise NoMatch(f"ΔS at b = {b:g} never changes in seed {seed}, so no λ matches its range to that of the loss.")
    energy = free_energy(loss[s], entropy[s], n)
    multiplier = -np.ptp(loss[s]) / np.ptp(entropy[s])
    middle, by_loss, by_entropy = series.forces(data, definition, b)
    figure, (left, right) = style.subplots(1, 2, figsize=(7.6, 3.7))
    left.plot(t[1:], energy[1:], color=_colour(definition), label="F = mean loss − λS")
    left.plot(t[1:], loss[s, 1:], color=c.quantities[3], label="mean loss")
    left.plot(t[1:], (-multiplier * (np.log(n) - entropy[s]))[1:], color=c.quantities[1], label="−λS")
    left.set(ylabel="nats", title=f"seed {seed}, λ = {multiplier:.3g}")
    for values, colour, label in ((by_loss, c.quantities[3], "mean loss"), (by_entropy, c.quantities[1], "λ ΔS")):
        _band(right, middle, np.where(values > 0, values, np.nan), s, colour, f"step of {label}")
    growth = 100 * (middle[1] / middle[0] - 1)
    right.set(yscale="log", ylim=(1e-7, 3), ylabel="nats a step", title=f"each step: t grows by {growth:.0f} %")
    for axis in (left, right):
        axis.axvline(SHIFT, color=c.ink, lw=0.9, ls="--")
        style.log_iterations(axis)
    left.legend(loc="center right")
    right.legend(loc="lower left")
    lead = by_entropy[s] > by_loss[s]
    alt = (
        f"b = {b:g} nats, seed {seed}, {definition}: with λ = {multiplier:.3g} the free energy runs from "
        f"{energy[1]:.3g} nats at t = 1 over {energy.min():.3g} at its lowest, t = {t[int(energy.argmin())]}, to "
        f"{energy[-1]:.3g} at the end. The entropy term moves more than the mean loss in {int(lead.sum())} of "
        f"{len(lead)} steps of ln t, the first near t = {middle[int(lead.argmax())] if lead.any() else np.nan:.0f}."
    )
    table = pd.DataFrame({"t": middle.round(1), "step_of_loss": by_loss[s], "step_of_entropy": by_entropy[s]})
    return Drawing(figure, alt, table)


DATA = "fig2"
PANELS = {"2d": fig2d, "2d-forces": driving_forces}
