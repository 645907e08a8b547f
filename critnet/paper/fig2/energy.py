"""Fig. 2d: entropy change, mean loss and convergence criterion; and what drives them."""

import numpy as np
import pandas as pd

from critnet.explore import Drawing, NoMatch
from critnet.losses.deviations import free_energy
from critnet.paper import anchors, marks, published, style
from critnet.paper.fig2 import series

NAMES = {"as-coded": "as coded", "control": "exact, both tails", "upper-tail": "exact, upper tail"}


def _colour(definition):
    c = style.colours()
    return {"as-coded": c.as_coded, "control": c.control, "upper-tail": c.quantities[2]}[definition]


def fig2d(data, *, b=published.LOSS_THRESHOLD, seed=0, definition="as-coded"):
    """Delta S(b) and mean loss (left), convergence criterion (right); hatched where the published number extrapolates.

    Definitions: "as-coded" (spline), "control" (exact rate function, capped at ln N), "upper-tail" (0 up to the mean).
    """
    marks.stored(data["entropy_b"].values, b, "b")
    c, t, s = style.colours(), anchors.steps(data), anchors.of_seed(data, seed)
    entropy, loss, side = series.entropy_change(data, definition, b), data["mean_loss"].values, series.side(data, b)[s]
    criterion, colour = series.criterion(data, definition, b), _colour(definition)
    figure, (left, right) = style.subplots(1, 2, figsize=(7.6, 4.0))
    marks.course(left, t, loss, s, c.quantities[3], "mean loss")
    marks.course(left, t, entropy, s, colour, f"ΔS, {NAMES[definition]}")
    marks.level(left, np.log(series.n_samples(data)), "ln N, the most ΔS can be")
    marks.level(left, b, f"b = {b:g}", below=True, ls=":")
    left.set(yscale="log", ylim=(1e-6, 1e5), ylabel="nats", title=f"seed {seed}, and the range of {len(loss)}")
    marks.course(right, t, criterion, s, colour)
    right.set(ylim=(-16, 16), title="convergence criterion ln(mean loss / ΔS)")
    for axis, text in ((left, ""), (right, "paper: shift at 4·10⁴")):
        marks.outside(axis, t, side != 0)
        marks.published(axis, text, x=published.SHIFT, at=0.02, ha="right")
        style.log_iterations(axis)
    left.legend(loc="lower left", bbox_to_anchor=(0, 0.02), frameon=True, facecolor=c.page, edgecolor="none")
    style.letter(left, "d")
    late = int(next((k for k in t if k >= published.SHIFT), t[-1]))
    alt = (
        f"b = {b:g} nats, seed {seed}, {definition}: ΔS is {marks.told(entropy[s], t, (1, late, t[-1]), 'nats')}, "
        f"where the mean loss is {loss[s, -1]:.3g} nats and the criterion {criterion[s, -1]:.2f}. {_where(side, t)}"
    )
    columns = {"mean_loss": loss[s], "entropy_change": entropy[s], "criterion": criterion[s], "side_of_b": side}
    return Drawing(figure, alt, pd.DataFrame({"t": t} | columns))


def _where(side, t):
    """In words: where b lies outside the losses above their mean, so that the spline extrapolates."""
    below, above = (t[side == x] for x in (-1, 1))
    parts = []
    if below.size:
        parts.append(f"below the mean loss at {below.size} of {len(t)} snapshots, up to t = {below[-1]}")
    if above.size:
        parts.append(f"above the largest loss at {above.size}, from t = {above[0]}")
    if not parts:
        return "b lies between the mean and the largest loss at every snapshot."
    return f"b lies {' and '.join(parts)}; there the published number extrapolates."


def driving_forces(data, *, b=published.LOSS_THRESHOLD, seed=0, definition="control"):
    """Free energy with lambda matched to the ranges (left) and how far both its terms move in equal steps of ln t."""
    c, t, s = style.colours(), anchors.steps(data), anchors.of_seed(data, seed)
    entropy, loss = series.entropy_change(data, definition, b)[s], data["mean_loss"].values[s]
    n = series.n_samples(data)
    if np.ptp(entropy) == 0:
        raise NoMatch(f"ΔS at b = {b:g} never changes in seed {seed}, so no λ matches its range to that of the loss.")
    energy, multiplier = free_energy(loss, entropy, n), -np.ptp(loss) / np.ptp(entropy)
    middle, by_loss, by_entropy = series.forces(data, definition, b)
    figure, (left, right) = style.subplots(1, 2, figsize=(7.6, 3.7))
    left.plot(t[1:], energy[1:], color=_colour(definition), label="F = mean loss − λS")
    left.plot(t[1:], loss[1:], color=c.quantities[3], label="mean loss")
    left.plot(t[1:], (-multiplier * (np.log(n) - entropy))[1:], color=c.quantities[1], label="−λS")
    left.set(ylabel="nats", title=f"seed {seed}, λ = {multiplier:.3g}")
    for values, colour, label in ((by_loss, c.quantities[3], "mean loss"), (by_entropy, c.quantities[1], "λ ΔS")):
        marks.course(right, middle, np.where(values > 0, values, np.nan), s, colour, f"step of {label}")
    growth = 100 * (middle[1] / middle[0] - 1)
    right.set(yscale="log", ylim=(1e-7, 3), ylabel="nats a step", title=f"each step: t grows by {growth:.0f} %")
    for axis, corner in ((left, "center right"), (right, "lower left")):
        marks.published(axis, x=published.SHIFT)
        style.log_iterations(axis)
        axis.legend(loc=corner)
    lead = by_entropy[s] > by_loss[s]
    alt = (
        f"b = {b:g} nats, seed {seed}, {definition}: with λ = {multiplier:.3g} the free energy is "
        f"{marks.told(energy, t, (1, t[-1]), 'nats')}; its lowest is {energy.min():.3g} at t = {t[energy.argmin()]}. "
        f"The entropy term moves more than the mean loss in {int(lead.sum())} of {len(lead)} steps of ln t, the first "
        f"near t = {middle[int(lead.argmax())] if lead.any() else np.nan:.0f}."
    )
    table = pd.DataFrame({"t": middle.round(1), "step_of_loss": by_loss[s], "step_of_entropy": by_entropy[s]})
    return Drawing(figure, alt, table)


DATA = "fig2"
PANELS = {"2d": fig2d, "2d-forces": driving_forces}
