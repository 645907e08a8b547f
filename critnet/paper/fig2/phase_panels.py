"""Fig. 2f-i, one function a panel: the phase diagram, the losses behind it, and its cuts along either axis."""

import numpy as np
import pandas as pd
from matplotlib.cm import ScalarMappable
from matplotlib.collections import PatchCollection
from matplotlib.colors import LogNorm, Normalize
from matplotlib.patches import Rectangle
from matplotlib.patheffects import withStroke

from critnet.explore import Drawing, NoMatch
from critnet.losses.phases import JUMP, largest_step, steepest
from critnet.paper import published, style
from critnet.paper.experiments import GRID_BATCHES, GRID_SIZES
from critnet.paper.fig2 import phase, phase_tails
from critnet.paper.sweeps import grid

FAMILIES = {"batch": "batch size varied, lr = 0.1", "rate": "learning rate varied, B = 64"}
LN_GAMMA = [float(np.round(np.log(0.1 / b), 9)) for b in GRID_BATCHES]
SHOWN = {"hidden": "hidden size h", "M": "model size M = 2h + 10"}
OBSERVABLES = {
    "criterion": ("criterion ln(L / ΔS)", Normalize(-16, 6)),
    "mean loss": ("mean loss (nats)", LogNorm(1e-5, 3)),
    "entropy change": ("ΔS (nats)", LogNorm(1e-4, 1e2)),
    "test accuracy": ("test error", LogNorm(0.015, 0.95)),
}
COLUMN = {"criterion": "criterion", "mean loss": "mean_loss", "entropy change": "entropy"}
ALIGNED = {"minimum": "smallest value", "steepest": "steepest step"}
CEILING = 8.0  # where a criterion above it is drawn, that of Delta S = 0 among them


def fig2f(data, *, observable="criterion", time="T", size="hidden", definition="as-coded"):
    """Phase diagram: an observable of each run over ln gamma and ln size, a map a family, with both boundaries."""
    c = style.colours()
    rows = grid.of(data, definition, time)
    cells = grid.cells(rows)
    points = phase.boundary(cells, size=size)
    absent = grid.not_run(rows)
    label, norm = OBSERVABLES[observable]
    colours = ScalarMappable(norm, "magma")
    figure, axes = style.subplots(1, 2, figsize=(7.6, 4.3), sharey=True)
    for axis, (family, title) in zip(axes, FAMILIES.items(), strict=True):
        here, not_here = grid.of_family(cells, family), grid.of_family(absent, family)
        _tiles(axis, not_here, size, hatch="////", facecolor="none", edgecolor=c.faint, linewidth=0)
        _tiles(axis, here, size, facecolor=colours.to_rgba(_shown(here, observable)), edgecolor="none")
        lost = here[~(here["test_accuracy"] >= grid.GUESSES)]
        axis.plot(lost["ln_gamma"], np.log(lost[size]), "x", ms=4, mew=1, color="#70777F")
        x = np.linspace(-13.8, -2.7, 200)
        halo = [withStroke(linewidth=3, foreground=c.page)]
        axis.plot(x, grid.paper_boundary(x), "--", color=c.ink, lw=1.1, path_effects=halo)
        mine = grid.of_family(points, family)
        axis.vlines(mine["ln_gamma"], mine["low"], mine["high"], color=style.of_definition(definition), lw=2,
                    path_effects=halo)  # fmt: skip
        fit = phase.boundary_fit(mine)
        if fit is not None and fit.best.curvature > 0:
            axis.plot(x, fit.best(x), color=style.of_definition(definition), lw=1.4, path_effects=halo)
        axis.set(title=title, xlabel="\n".join(["ln γ", *_boundary_words(fit, len(mine))]), xlim=(-13.8, -2.7))
    low, high = (2.3, 7.0) if size == "M" else (0.3, 6.6)
    axes[0].set(ylim=(low, high), ylabel=SHOWN[size])
    ticks = [14, 20, 30, 50, 110, 210, 410, 1010] if size == "M" else list(GRID_SIZES)
    axes[0].set_yticks(np.log(ticks), [str(t) for t in ticks])
    bar = figure.colorbar(colours, ax=axes, label=label, extend="both", aspect=30, pad=0.02)
    if observable == "test accuracy":
        bar.set_ticks([0.02, 0.05, 0.1, 0.5, 0.9], labels=["2 %", "5 %", "10 %", "50 %", "90 %"])
        bar.minorticks_off()
    style.letter(axes[0], "f")
    alt = _alt2f(cells, absent, points, observable, time, size, definition)
    return Drawing(figure, alt, cells.drop(columns="max_loss").round(5))


def _shown(cells, observable):
    return 1 - cells["test_accuracy"] if observable == "test accuracy" else cells[COLUMN[observable]]


def _tiles(axis, cells, size, *, facecolor, **options):
    """A rectangle a cell that reaches half way to its neighbours, those of the reduced grid among them."""
    sizes = 2 * np.array(GRID_SIZES) + 10 if size == "M" else np.array(GRID_SIZES)
    patches = []
    for row in cells.itertuples():
        column = cells.loc[cells["ln_gamma"] == row.ln_gamma, size]
        line = cells.loc[cells["hidden"] == row.hidden, "ln_gamma"]
        left, right = _edges(row.ln_gamma, np.union1d(line, LN_GAMMA))
        low, high = _edges(np.log(getattr(row, size)), np.log(np.union1d(column, sizes)))
        patches.append(Rectangle((left, low), right - left, high - low))
    axis.add_collection(PatchCollection(patches, facecolor=facecolor, **options))


def _edges(value, neighbours):
    below, above = neighbours[neighbours < value - 1e-6], neighbours[neighbours > value + 1e-6]
    down = (value - below.max()) / 2 if below.size else np.inf
    up = (above.min() - value) / 2 if above.size else np.inf
    widest = 0.35  # half a step of ln gamma, for the outermost cells
    return value - (down if np.isfinite(down) else min(up, widest)), value + (
        up if np.isfinite(up) else min(down, widest)
    )


def _boundary_words(fit, n_points):
    """Three lines on the boundary found, so that all frames have the same height."""
    if fit is None:
        return [f"ours: a boundary at {n_points} of {len(LN_GAMMA)} mobilities", "too few to fit a parabola", ""]
    numbers = zip(fit.best._fields, fit.best, fit.low, fit.high, published.BOUNDARY, strict=True)
    return [f"our {name} {b:.2f} [{low:.2f}, {high:.2f}], paper {paper:g}" for name, b, low, high, paper in numbers]


def _alt2f(cells, absent, points, observable, time, size, definition):
    parts = []
    for family, title in FAMILIES.items():
        here, mine = grid.of_family(cells, family), grid.of_family(points, family)
        values, edge = _shown(here, observable), "; ".join(_boundary_words(phase.boundary_fit(mine), len(mine)))
        converged, lost = here["criterion"] < grid.CONVERGED, ~(here["test_accuracy"] >= grid.GUESSES)
        parts.append(
            f"{title}: {len(here)} cells run and {len(grid.of_family(absent, family))} hatched ones of the grid not; "
            f"{observable if observable != 'test accuracy' else 'test error'} from {values.min():.3g} to "
            f"{values.max():.3g}; a criterion below {grid.CONVERGED:g} in {int(converged.sum())} cells, of which "
            f"{int((converged & lost).sum())} guess (crosses). {edge.removesuffix('; ')}."
        )
    return (
        f"Phase diagram at {time}, {definition}, over ln gamma and the logarithm of the {SHOWN[size]}. "
        f"The paper's dashed boundary is a parabola with vertex -7.7 and minimum 2.5. {' '.join(parts)}"
    )


def fig2g(data, *, cohort="converged", family="both", definition="as-coded"):
    """Distribution of the loss over the training images at T, a curve a run: converged runs, or those far below phi."""
    c = style.colours()
    rows = grid.of_family(grid.of(data, definition), family)
    rows = rows[~rows["diverged"]]
    if cohort == "converged":
        rows, words = rows[(rows["d"] > 1) & (rows["criterion"] < grid.CONVERGED)], "d > 1 and criterion < -5"
    else:
        rows, words = rows[rows["d"] < -2], "d < -2"
    if rows.empty:
        raise NoMatch(f"No run of this family has {words}.")
    rows = rows.sort_values("d", ascending=cohort != "converged")
    figure, axis = style.subplots(figsize=(7.6, 4.2))
    table = []
    for row in rows.iloc[::-1].itertuples():
        loss, density = phase.density(data, row.run, definition)
        axis.plot(loss, density, color=style.size_colour(row.hidden), lw=0.8, alpha=0.7)
        table.append(pd.DataFrame({"hidden": row.hidden, "ln_gamma": row.ln_gamma, "loss": loss, "density": density}))
    first = rows.iloc[0]
    fit = phase_tails.tail(data, first["run"])
    if fit is not None:
        share = fit.n_tail / data["final_losses"].values[first["run"]].sum()
        x = np.geomspace(fit.x_min, fit.x_max, 20)
        axis.plot(x, share * (fit.alpha - 1) / fit.x_min * (x / fit.x_min) ** -fit.alpha, color=c.ink, lw=1.3, zorder=5)
    axis.set(xscale="log", yscale="log", xlim=(1e-7, 100), ylim=(1e-5, 1e7), xlabel="loss L (nats)",
             ylabel="density p(L) (1/nat)", title=f"{len(rows)} runs with {words}")  # fmt: skip
    told = _tail_words(first, fit)
    axis.text(0.03, 0.04, told.replace("; ", "\n"), transform=axis.transAxes, va="bottom",
              path_effects=[withStroke(linewidth=3, foreground=c.page)])  # fmt: skip
    ticks = [2, 5, 20, 50, 100, 500]
    scale = ScalarMappable(LogNorm(2, 500), style.size_map())
    bar = figure.colorbar(scale, ax=axis, label="hidden size h", pad=0.02)
    bar.set_ticks(ticks, labels=[str(t) for t in ticks])
    bar.minorticks_off()
    style.letter(axis, "g")
    binned = "500 equal bins" if definition == "as-coded" else "bins between quantiles"
    alt = (
        f"Distribution of the loss over the training images at the end, {binned}, in {len(rows)} runs with {words} "
        f"({definition}, {'both families' if family == 'both' else FAMILIES[family]}); their mean losses go from "
        f"{rows['mean_loss'].min():.2g} to {rows['mean_loss'].max():.2g} nats. {told}."
    )
    return Drawing(figure, alt, pd.concat(table[::-1], ignore_index=True))


def _tail_words(row, fit):
    told = f"straight: tail of h = {row['hidden']}, ln γ = {row['ln_gamma']:.1f}"
    if fit is None:
        return f"h = {row['hidden']}, ln γ = {row['ln_gamma']:.1f} has no tail"
    return (
        f"{told}; exponent {fit.alpha:.2f} over {fit.decades:.1f} decades; power law against log-normal: "
        f"ln likelihood ratio {fit.ratio['lognormal']:.1f} (p {_probability(fit.ratio_p['lognormal'])})"
    )


def _probability(p):
    return "< 0.001" if p < 0.001 else f"= {p:.3f}"


def fig2h(data, *, time="T", align="minimum", definition="as-coded"):
    """Criterion against mobility, a curve a size, shifted to its smallest value or to its largest step."""
    return _cuts(data, "ln_gamma", time, align, definition)


def fig2i(data, *, time="T", align="steepest", definition="as-coded"):
    """Criterion against size, a curve a mobility, shifted to its steepest step or to its smallest value."""
    return _cuts(data, "hidden", time, align, definition)


def _cuts(data, along, time, align, definition):
    c, mobility, name = style.colours(), along == "hidden", "ln h" if along == "hidden" else "ln γ"
    rows = grid.of(data, definition, time)
    cells = grid.cells(rows)
    figure, axes = style.subplots(1, 2, figsize=(7.6, 3.9), sharey=True)
    tables, told = [], []
    for axis, (family, title) in zip(axes, FAMILIES.items(), strict=True):
        jumps, n_curves, here = [], 0, grid.of_family(cells, family)
        for fixed, x, y in phase.curves(here, along):
            shift = x[y.argmin()] if align == "minimum" else steepest(x, y, falling=mobility).position
            colour = style.mobility_colour(np.exp(fixed)) if mobility else style.size_colour(fixed)
            axis.plot(x - shift, np.minimum(y, CEILING), "o-", ms=2.5, lw=1.1, color=colour)
            part = here[here["ln_gamma" if mobility else "hidden"] == fixed].sort_values(along)
            lost = ~(part["test_accuracy"].to_numpy() >= grid.GUESSES)
            axis.plot((x - shift)[lost], np.minimum(y, CEILING)[lost], "x", ms=6, mew=1.1, color=c.ink)
            n_curves += 1
            if phase.crosses(y):
                jumps.append(largest_step(x, y).ratio)
            columns = {"family": family, "fixed": fixed, "shifted": x - shift, "criterion": y, "guesses": lost}
            tables.append(pd.DataFrame(columns))
        axis.axhline(grid.CONVERGED, color=c.faint, lw=0.8)
        jumping = sum(ratio >= JUMP for ratio in jumps)
        axis.set_title(f"{title}\n{jumping} of {len(jumps)} curves that cross −5 jump")
        axis.set(xlabel=f"{name} − {name} of the {ALIGNED[align]}", xlim=(-6, 6) if mobility else (-8, 8))
        told.append(
            f"{title}: {n_curves} curves, {len(jumps)} of which cross {grid.CONVERGED:g}, {jumping} of these with a "
            f"largest step of at least {JUMP:g} times the median one"
            + (f" (ratios {min(jumps):.1f} to {max(jumps):.1f})" if jumps else "")
            + f"; {int(here['criterion'].lt(grid.CONVERGED).sum())} of {len(here)} cells lie below {grid.CONVERGED:g}"
        )
    if not tables:
        raise NoMatch(f"No {'mobility' if mobility else 'size'} has {phase.FEWEST} cells yet.")
    axes[0].set(ylabel="criterion ln(L / ΔS)", ylim=(-19, CEILING + 1))
    scale = (LogNorm(1.5e-6, 0.05), style.mobility_map()) if mobility else (LogNorm(2, 500), style.size_map())
    bar = figure.colorbar(
        ScalarMappable(*scale), ax=axes, label="mobility γ" if mobility else "hidden size h", pad=0.02
    )
    if not mobility:
        bar.set_ticks([2, 5, 20, 50, 100, 500], labels=["2", "5", "20", "50", "100", "500"])
        bar.minorticks_off()
    style.letter(axes[0], "i" if mobility else "h")
    alt = (
        f"Criterion at {time}, {definition}, against the logarithm of the {'size' if mobility else 'mobility'}, each "
        f"curve shifted to its {ALIGNED[align]}. "
        f"{'. '.join(told)}. {len(grid.not_run(rows))} cells of the grid were not run; crosses guess."
    )
    return Drawing(figure, alt, pd.concat(tables, ignore_index=True).round(4))


DATA = "sweeps"
PANELS = {"2f": fig2f, "2g": fig2g, "2h": fig2h, "2i": fig2i}
