"""Fig. 1e and 1i: how strength, largest component and mean degree grow with the size of the network."""

import functools

import numpy as np
import pandas as pd
from matplotlib.ticker import NullFormatter, NullLocator

from critnet.explore import Drawing
from critnet.paper import marks, published, style
from critnet.paper.fig1 import scaling
from critnet.paper.sweeps import select

# exponents of Figs 1e and 1i: squared norm over M^2, largest component, mean degree
PAPER = {
    select.TRANSITION: {"strength": -0.5, "largest": 1.0, "mean_degree": 0.0},
    select.LAST: {"strength": -0.25, "largest": 1.0, "mean_degree": 0.5},
}
LABELS = {  # on the axis, and spoken
    "strength": (r"$F_2\,/\,M^2$", "strength / M^2"),
    "largest": (r"largest component $S_1$ (neurons)", "largest component"),
    "mean_degree": (r"mean degree $\langle k\rangle$", "mean degree"),
}
TRUE_NORM = (r"$\Vert C\Vert_F\,/\,M$", "norm / M")


def growth(data, *, letter, first, t, axis, norm="squared", threshold=0.5, definition="as-coded"):
    """Finite-size scaling of strength, largest component and mean degree, fitted from a first size on."""
    runs, values = scaling.sizes_at(data, t, definition, norm=norm, threshold=threshold)
    fits = scaling.exponents(data, t, definition, axis=axis, first=first, norm=norm, threshold=threshold)
    hidden, neurons, seed = select.hidden(data, runs), select.neurons(data, runs), data["seed"].values[runs]
    x, said = hidden if axis == "h" else neurons, []
    figure, axes = style.subplots(1, 3, figsize=(7.6, 3.5))
    for place, (name, y) in zip(axes, values.items(), strict=True):
        halved = (name, norm) == ("strength", "true")  # a norm is the root of its square
        label, spoken = TRUE_NORM if halved else LABELS[name]
        paper = PAPER.get(t, {}).get(name)
        paper = paper / 2 if halved and paper is not None else paper
        _dots(place, x, y, hidden >= first, seed, definition)
        _axes(place, x, axis, _limits(data, name, norm, threshold))
        said.append(f"{spoken} {_law(place, x, y, hidden >= first, fits.get(name), paper, name, definition)}")
        place.set_ylabel(label)
        for size in select.missing_sizes(data):
            centre = size if axis == "h" else published.neurons(size)
            style.not_published(place, centre / 1.06, centre * 1.06)
    axes[0].set_title(f"t = {t}, {definition}")
    style.letter(axes[0], letter)
    absent, hatched = select.missing(data, "sizes"), ", ".join(map(str, select.missing_sizes(data)))
    alt = (
        f"Iteration {t}, {definition}, threshold {threshold:.2f}, {len(runs)} runs of {np.unique(hidden).size} sizes. "
        f"Exponents in {axis} from h = {first} on: {'; '.join(said)}."
        + (f" Not run yet: {len(absent)} runs of the sweep." if absent else "")
        + (f" Hatched: sizes without a run, h = {hatched}." if hatched else "")
    )
    table = pd.DataFrame({"hidden": hidden, "neurons": neurons, "seed": seed, **values})
    return Drawing(figure, alt, table.sort_values(["hidden", "seed"]))


def _dots(place, x, y, used, seed, definition):
    """The first seed in full colour, the others paler; hollow what no exponent uses."""
    colour = style.of_definition(definition)
    for shown, fill, alpha in ((used & (seed == 0), colour, 1), (used & (seed > 0), colour, 0.4), (~used, "none", 1)):
        kept = shown & (y > 0)
        place.scatter(x[kept], y[kept], s=15, facecolor=fill, edgecolor=colour, lw=0.8, alpha=alpha)


def _law(place, x, y, used, fit, paper, name, definition):
    if fit is None:
        place.text(0.05, 0.95, "no exponent: 0 for some size", transform=place.transAxes, va="top")
        return "no exponent, since it is 0 for some size"
    corner = {"place": (0.04, 0.03), "va": "bottom"} if name == "strength" else {}
    return marks.law(place, x[used], y[used], fit, style.of_definition(definition), paper, **corner)


def _limits(data, name, norm, threshold):
    """The same for all iterations and definitions, so that nothing jumps; with room for the text."""
    runs = select.runs_of(data, "sizes")
    if name == "strength":
        share = np.array([select.strength(data, runs, d) for d in select.GRAPH])
        share /= select.neurons(data, runs)[:, None] ** 2
        share = np.sqrt(share) if norm == "true" else share
        return np.nanmin(share) / 2.2, np.nanmax(share) * 1.4
    y = np.array([select.graph(data, name, runs, d, threshold) for d in select.GRAPH])
    return max(y[y > 0].min(initial=1), 0.1) / 1.3, np.nanmax(y, initial=1) * 3


def _axes(place, x, axis, limits):
    place.set(xscale="log", yscale="log", xlim=(x.min() / 1.25, x.max() * 1.25), ylim=limits)
    place.set_xlabel("hidden neurons h" if axis == "h" else "neurons M = 2h + 10")
    ticks = [v for v in (2, 10, 30, 100, 300, 1000) if x.min() <= v <= x.max() * 1.01]
    place.set_xticks(ticks, map(str, ticks))
    place.xaxis.set_minor_formatter(NullFormatter())
    place.xaxis.set_minor_locator(NullLocator())


DATA = "sweeps"
PANELS = {  # the authors fit 1e from h = 5 on; 1i from h = 10 on, against h under the label M
    "1e": functools.partial(growth, letter="e", first=5, t=select.TRANSITION, axis="M"),
    "1i": functools.partial(growth, letter="i", first=10, t=select.LAST, axis="h"),
}
