"""The trajectories of section 2.4: two starts, two settings of the hyperparameters, in loss and Delta S."""

import numpy as np
import pandas as pd

from critnet.explore import Drawing, NoMatch
from critnet.paper import marks, style
from critnet.paper.fig2 import cooperation
from critnet.paper.sweeps import grid

TITLES = {"diverged": "diverged start (wide uniform weights)", "concentrated": "concentrated start (Xavier × 0.1)"}
MARKERS = {"good": ("o", "-"), "bad": ("s", ":")}
PLACES = {"good": (-62, -4), "bad": (-24, 12)}
LOSSES, FLOOR = (1e-5, 100), 1e-6
HIGHEST, LOWEST = 12.0, {"as-coded": -36, "control": -14, "upper-tail": -14}  # of the criterion; above it at its top
ENTROPIES = {"as-coded": 1e16, "control": 100, "upper-tail": 100}  # upper end of the axis; the floor stands for 0


def fig2_4(data, *, seed=0, view="loss and ΔS", definition="as-coded"):
    """Four runs by start and setting: Delta S against mean loss, coloured by iteration, or the criterion against t."""
    every = cooperation.table(data)
    rows = every[every["seed"] == seed]
    if rows.empty:
        raise NoMatch(f"No run from these starts has seed {seed} yet; there are seeds {sorted(set(every['seed']))}.")
    c, against_t = style.colours(), view == "criterion"
    figure, axes = style.subplots(1, 2, figsize=(7.6, 4.0), sharey=True)
    tables, told, missing = [], [], []
    for axis, (start, title) in zip(axes, TITLES.items(), strict=True):
        axis.set_title(title)
        for setting, (marker, dashes) in MARKERS.items():
            chosen = rows[(rows["start"] == start) & (rows["setting"] == setting)]
            if chosen.empty:
                missing.append(f"{start} start, {setting}")
                continue
            step, loss, entropy, criterion = cooperation.trajectory(data, chosen["run"].iloc[0], definition)
            x, y = (step, np.minimum(criterion, HIGHEST)) if against_t else (loss, np.maximum(entropy, FLOOR))
            axis.plot(x, y, dashes, color=c.faint, lw=1, zorder=1)
            axis.scatter(x, y, c=style.time_colour(step), s=12, marker=marker, lw=0, zorder=2)
            place = PLACES[setting] if against_t else (5, 4)
            axis.annotate(setting, (x[-1], y[-1]), xytext=place, textcoords="offset points", fontweight="bold")
            told.append(_words(start, setting, step, loss, entropy, criterion))
            columns = {"start": start, "setting": setting, "t": step, "mean_loss": loss, "entropy_change": entropy}
            tables.append(pd.DataFrame({**columns, "criterion": criterion}))
        (_against_iterations if against_t else _region)(axis, definition)
    axes[0].set_ylabel("criterion ln(L / ΔS)" if against_t else "ΔS (nats)")
    marks.bar(figure, axes, "t")
    alt = (
        f"{'Criterion against the iteration' if against_t else 'Entropy change against mean loss'}, seed {seed}, "
        f"{definition}; good hyperparameters are learning rate 0.1 and batch size 64, bad ones the "
        f"learning rate 6.4/4096. {' '.join(told)}" + (f" Not run: {'; '.join(missing)}." if missing else "")
    )
    return Drawing(figure, alt, pd.concat(tables, ignore_index=True))


def _against_iterations(axis, definition):
    marks.level(axis, grid.CONVERGED)
    style.log_iterations(axis)
    axis.set_ylim(LOWEST[definition], HIGHEST + 1)


def _region(axis, definition):
    """The half plane of converged states, ln(L / Delta S) < -5, beyond a line."""
    x = np.array(LOSSES)
    edge = x / np.exp(grid.CONVERGED)
    axis.fill_between(
        x, edge, ENTROPIES[definition], facecolor="none", edgecolor=style.colours().faint, hatch="..", lw=0
    )
    axis.plot(x, edge, color=style.colours().faint, lw=0.9)
    axis.annotate("criterion < −5", (0.5, 0.95), xycoords="axes fraction", ha="center", va="top",
                  bbox={"facecolor": style.colours().page, "edgecolor": "none", "pad": 1.5})  # fmt: skip
    axis.set(xscale="log", yscale="log", xlim=LOSSES, ylim=(FLOOR, ENTROPIES[definition]), xlabel="mean loss (nats)")


def _words(start, setting, step, loss, entropy, criterion):
    lowest, below = int(entropy.argmin()), int((criterion < grid.CONVERGED).sum())
    return (
        f"{start} start, {setting}: the loss goes from {loss[0]:.3g} to {loss[-1]:.3g} nats, Delta S from "
        f"{entropy[0]:.3g} over {entropy[lowest]:.3g} at t = {step[lowest]} to {entropy[-1]:.3g}, the criterion from "
        f"{criterion[0]:.2f} to {criterion[-1]:.2f}, below {grid.CONVERGED:g} at {below} of {step.size} snapshots."
    )


DATA = "sweeps"
PANELS = {"2-4": fig2_4}
