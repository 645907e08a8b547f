"""Fig. 2f-i, one function a panel: the phase diagram, the losses behind it, and its cuts along either axis."""

import functools

import numpy as np
import pandas as pd
from matplotlib.cm import ScalarMappable
from matplotlib.collections import PatchCollection
from matplotlib.colors import LogNorm, Normalize
from matplotlib.patches import Rectangle
from matplotlib.patheffects import withStroke

from critnet.explore import Drawing, NoMatch
from critnet.losses.phases import JUMP, largest_step, steepest
from critnet.paper import marks, published, style
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
LINES = {"medians": "medians of thirds", "every": "every curve"}
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
    colours = ScalarMappable(norm, style.state_map())
    figure, axes = style.subplots(1, 2, figsize=(7.6, 4.3), sharey=True)
    told = []
    for axis, (family, title) in zip(axes, FAMILIES.items(), strict=True):
        here, not_here = grid.of_family(cells, family), grid.of_family(absent, family)
        _tiles(axis, not_here, size, hatch="////", facecolor="none", edgecolor=c.faint, linewidth=0)
        _tiles(axis, here, size, facecolor=colours.to_rgba(_shown(here, observable)), edgecolor="none")
        lost = here[~(here["test_accuracy"] >= grid.GUESSES)]
        axis.plot(lost["ln_gamma"], np.log(lost[size]), "x", ms=4, mew=1, color=c.over_map)
        x = np.linspace(-13.8, -2.7, 200)
        halo = [withStroke(linewidth=3, foreground=c.page)]
        axis.plot(x, grid.paper_boundary(x), "--", color=c.ink, lw=1.1, path_effects=halo)
        mine = grid.of_family(points, family)
        axis.vlines(mine["ln_gamma"], mine["low"], mine["high"], color=style.of_definition(definition), lw=2,
                    path_effects=halo)  # fmt: skip
        fit = phase.boundary_fit(mine)
        if fit is not None and fit.best.curvature > 0:
            axis.plot(x, fit.best(x), color=style.of_definition(definition), lw=1.4, path_effects=halo)
        said = _boundary_words(fit, len(mine))
        told.append("; ".join(said).removesuffix("; "))
        axis.set(title=title, xlabel="\n".join(["ln γ", *said]), xlim=(-13.8, -2.7))
    low, high = (2.3, 7.0) if size == "M" else (0.3, 6.6)
    axes[0].set(ylim=(low, high), ylabel=SHOWN[size])
    ticks = [14, 20, 30, 50, 110, 210, 410, 1010] if size == "M" else list(GRID_SIZES)
    # As wide for h as for M, which has four digits: every frame has the room that the first one has.
    axes[0].set_yticks(np.log(ticks), [str(t).rjust(4, "\u2007") for t in ticks])
    bar = figure.colorbar(colours, ax=axes, label=label, extend="both", aspect=30, pad=0.02)
    if observable == "test accuracy":
        bar.set_ticks([0.02, 0.05, 0.1, 0.5, 0.9], labels=["2 %", "5 %", "10 %", "50 %", "90 %"])
        bar.minorticks_off()
    style.letter(axes[0], "f")
    alt = _alt2f(cells, absent, told, observable, time, size, definition)
    return Drawing(figure, alt, cells.drop(columns="max_loss").round(5))


def _shown(cells, observable):
    return 1 - cells["test_accuracy"] if observable == "test accuracy" else cells[COLUMN[observable]]


def _tiles(axis, cells, size, *, facecolor, **options):
    """A rectangle a cell that reaches half way to its neighbours, those of the reduced grid among them."""
    sizes = 2 * np.array(GRID_SIZES) + 10 if size == "M" else np.array(GRID_SIZES)
    across, up = cells["ln_gamma"].to_numpy(), cells[size].to_numpy()
    edges_x = {h: _edges_of(np.union1d(across[cells["hidden"] == h], LN_GAMMA)) for h in cells["hidden"].unique()}
    edges_y = {x: _edges_of(np.log(np.union1d(up[across == x], sizes))) for x in np.unique(across)}
    patches = []
    for hidden, x, y in zip(cells["hidden"], across, np.log(up), strict=True):
        left, right = edges_x[hidden](x)
        low, high = edges_y[x](y)
        patches.append(Rectangle((left, low), right - left, high - low))
    axis.add_collection(PatchCollection(patches, facecolor=facecolor, **options))


def _edges_of(places):
    """The edges of a tile at one of the places of its row or column, each worked out once."""
    return functools.cache(lambda value: _edges(value, places))


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


def _alt2f(cells, absent, boundaries, observable, time, size, definition):
    parts = []
    for (family, title), edge in zip(FAMILIES.items(), boundaries, strict=True):
        here = grid.of_family(cells, family)
        values = _shown(here, observable)
        converged, lost = here["criterion"] < grid.CONVERGED, ~(here["test_accuracy"] >= grid.GUESSES)
        parts.append(
            f"{title}: {len(here)} cells run and {len(grid.of_family(absent, family))} hatched ones of the grid not; "
            f"{observable if observable != 'test accuracy' else 'test error'} from {values.min():.3g} to "
            f"{values.max():.3g}; a criterion below {grid.CONVERGED:g} in {int(converged.sum())} cells, of which "
            f"{int((converged & lost).sum())} guess (crosses). {edge}."
        )
    return (
        f"Phase diagram at {time}, {definition}, over ln gamma and the logarithm of the {SHOWN[size]}. "
        f"The paper's dashed boundary is a parabola with vertex -7.7 and minimum 2.5. {' '.join(parts)}"
    )


def fig2g(data, *, cohort="converged", family="both", lines="medians", definition="as-coded"):
    """Distribution of the loss over the training images at T, of converged runs or of those far below phi."""
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
    found = [(row.hidden, row.ln_gamma, *phase.density(data, row.run, definition)) for row in rows.itertuples()]
    if lines == "every":
        for hidden, _, loss, density in reversed(found):
            axis.plot(loss, density, color=style.size_colour(hidden), lw=0.8, alpha=0.7)
    else:
        for hidden, curves in _thirds([(h, np.log(x), np.log(y)) for h, _, x, y in found]):
            marks.bundle(axis, curves, style.size_colour(hidden), log=True)
    columns = ("hidden", "ln_gamma", "loss", "density")
    table = [pd.DataFrame(dict(zip(columns, row, strict=True))) for row in found]
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
    marks.bar(figure, axis, "h")
    style.letter(axis, "g")
    binned = "500 equal bins" if definition == "as-coded" else "bins between quantiles"
    alt = (
        f"Distribution of the loss over the training images at the end, {binned}, in {len(rows)} runs with {words}, "
        f"drawn as {'medians of thirds by size' if lines == 'medians' else 'a curve a run'} "
        f"({definition}, {'both families' if family == 'both' else FAMILIES[family]}); their mean losses go from "
        f"{rows['mean_loss'].min():.2g} to {rows['mean_loss'].max():.2g} nats. {told}."
    )
    return Drawing(figure, alt, pd.concat(table, ignore_index=True))


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


def cuts(data, *, letter, along, align, time="T", lines="medians", definition="as-coded"):
    """Criterion along one axis of the diagram, its curves shifted to their smallest value or to their steepest step."""
    mobility = along == "hidden"
    rows = grid.of(data, definition, time)
    cells = grid.cells(rows)
    figure, axes = style.subplots(1, 2, figsize=(7.6, 3.9), sharey=True)
    tables, told = [], []
    for axis, (family, title) in zip(axes, FAMILIES.items(), strict=True):
        here = grid.of_family(cells, family)
        found = [_shifted(here, along, align, family, *curve) for curve in phase.curves(here, along)]
        _draw_cuts(axis, found, style.mobility_colour if mobility else style.size_colour, lines)
        tables += found
        jumps = [largest_step(f["shifted"], f["criterion"]).ratio for f in found if phase.crosses(f["criterion"])]
        jumping = sum(ratio >= JUMP for ratio in jumps)
        axis.set_title(f"{title}\n{jumping} of {len(jumps)} curves that cross −5 jump")
        name = "ln h" if mobility else "ln γ"
        axis.set(xlabel=f"{name} − {name} of the {ALIGNED[align]}", xlim=(-6, 6) if mobility else (-8, 8))
        told.append(
            f"{title}: {len(found)} curves, {len(jumps)} of which cross {grid.CONVERGED:g}, {jumping} of these with a "
            f"largest step of at least {JUMP:g} times the median one"
            + (f" (ratios {min(jumps):.1f} to {max(jumps):.1f})" if jumps else "")
            + f"; {int(here['criterion'].lt(grid.CONVERGED).sum())} of {len(here)} cells lie below {grid.CONVERGED:g}"
        )
    if not tables:
        raise NoMatch(f"No {'mobility' if mobility else 'size'} has {phase.FEWEST} cells yet.")
    axes[0].set(ylabel="criterion ln(L / ΔS)", ylim=(-19, CEILING + 1))
    marks.bar(figure, axes, "gamma" if mobility else "h")
    style.letter(axes[0], letter)
    shown = "medians of thirds of the curves" if lines == "medians" else "every curve"
    alt = (
        f"Criterion at {time}, {definition}, against the logarithm of the {'size' if mobility else 'mobility'}, each "
        f"curve shifted to its {ALIGNED[align]}; drawn: {shown}. "
        f"{'. '.join(told)}. {len(grid.not_run(rows))} cells of the grid were not run; crosses guess."
    )
    return Drawing(figure, alt, pd.concat(tables, ignore_index=True).round(4))


def _shifted(here, along, align, family, fixed, x, y):
    """One curve as a table, with 0 where it is smallest or steepest."""
    mobility = along == "hidden"
    shift = x[y.argmin()] if align == "minimum" else steepest(x, y, falling=mobility).position
    part = here[here["ln_gamma" if mobility else "hidden"] == fixed].sort_values(along)
    guesses = ~(part["test_accuracy"].to_numpy() >= grid.GUESSES)
    return pd.DataFrame({"family": family, "fixed": fixed, "shifted": x - shift, "criterion": y, "guesses": guesses})


def _draw_cuts(axis, found, colour, lines):
    curves = []
    for table in found:
        fixed = table["fixed"][0]
        fixed = np.exp(fixed) if fixed < 0 else fixed  # a mobility, kept as its logarithm
        x, y, guesses = (table[name].to_numpy() for name in ("shifted", "criterion", "guesses"))
        y = np.minimum(y, CEILING)
        curves.append((fixed, x, y))
        if lines == "every":
            axis.plot(x, y, "o-", ms=2.5, lw=1.1, color=colour(fixed))
        axis.plot(x[guesses], y[guesses], "x", ms=6, mew=1.1, color=style.colours().ink)
    if lines != "every":
        for fixed, part in _thirds(curves):
            marks.bundle(axis, part, colour(fixed))
    marks.level(axis, grid.CONVERGED, lw=0.8)


def _thirds(curves):
    """Curves (value, x, y) in three groups by their value: its middle one, and the (x, y) of each."""
    ordered = sorted(curves, key=lambda curve: curve[0])
    for places in np.array_split(np.arange(len(ordered)), max(min(3, len(ordered)), 1)):
        group = [ordered[i] for i in places]
        if group:
            yield group[len(group) // 2][0], [curve[1:] for curve in group]


DATA = "sweeps"
PANELS = {
    "2f": fig2f,
    "2g": fig2g,
    "2h": functools.partial(cuts, letter="h", along="ln_gamma", align="minimum"),
    "2i": functools.partial(cuts, letter="i", along="hidden", align="steepest"),
}
