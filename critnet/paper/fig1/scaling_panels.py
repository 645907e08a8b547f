"""Fig. 1e and 1i: how strength, largest component and mean degree grow with the size of the network."""

import numpy as np
import pandas as pd
from matplotlib.ticker import NullFormatter, NullLocator

from critnet.explore import Drawing
from critnet.paper import style
from critnet.paper.fig1 import scaling
from critnet.paper.sweeps import select

# exponents of Figs 1e and 1i: squared norm over M^2, largest component, mean degree
PAPER = {
    select.TRANSITION: {"strength": -0.5, "largest": 1.0, "mean_degree": 0.0},
    select.LAST: {"strength": -0.25, "largest": 1.0, "mean_degree": 0.5},
}
LABELS = {
    "strength": r"$F_2\,/\,M^2$",
    "largest": r"largest component $S_1$ (neurons)",
    "mean_degree": r"mean degree $\langle k\rangle$",
}
NAMES = {"strength": "strength / M^2", "largest": "largest component", "mean_degree": "mean degree"}
TRUE_NORM = (r"$\Vert C\Vert_F\,/\,M$", "norm / M")


def fig1e(data, *, t=select.TRANSITION, axis="M", norm="squared", threshold=0.5, definition="as-coded"):
    """Finite-size scaling at the transition, as the authors fit it: against M, from h = 5 on."""
    return _panel(data, "e", t, axis, norm, threshold, definition, first=5)


def fig1i(data, *, t=select.LAST, axis="h", norm="squared", threshold=0.5, definition="as-coded"):
    """Finite-size scaling at the end; the authors' abscissa is h, under the label M, from h = 10 on."""
    return _panel(data, "i", t, axis, norm, threshold, definition, first=10)


def _panel(data, letter, t, axis, norm, threshold, definition, first):
    runs, values = scaling.sizes_at(data, t, definition, norm=norm, threshold=threshold)
    fits = scaling.exponents(data, t, definition, axis=axis, first=first, norm=norm, threshold=threshold)
    hidden = select.hidden(data, runs)
    x = hidden if axis == "h" else select.neurons(data, runs)
    figure, axes = style.subplots(1, 3, figsize=(7.6, 3.5))
    said = []
    for place, (name, y) in zip(axes, values.items(), strict=True):
        label, spoken = TRUE_NORM if (name, norm) == ("strength", "true") else (LABELS[name], NAMES[name])
        paper = PAPER.get(t, {}).get(name)
        if paper is not None and (name, norm) == ("strength", "true"):
            paper /= 2
        _draw(place, x, y, hidden >= first, data["seed"].values[runs], definition)
        corner = "bottom" if name == "strength" else "top"
        text = _lines(place, x[hidden >= first], y[hidden >= first], fits.get(name), paper, definition, corner)
        said.append(f"{spoken} {text}")
        _axes(place, x, axis, _limits(data, name, norm, threshold))
        place.set_ylabel(label)
        for size in select.missing_sizes(data):
            centre = size if axis == "h" else 2 * size + 10
            style.not_published(place, centre / 1.06, centre * 1.06)
    axes[0].set_title(f"t = {t}, {definition}")
    style.letter(axes[0], letter)
    absent = select.missing(data, "sizes")
    alt = (
        f"Iteration {t}, {definition}, threshold {threshold:.2f}, {len(runs)} runs of {np.unique(hidden).size} sizes. "
        f"Exponents in {axis} from h = {first} on: " + "; ".join(said) + "."
    )
    if absent:
        alt += f" Not run yet: {len(absent)} runs of the sweep."
        if select.missing_sizes(data):
            alt += f" Hatched: sizes without a run, h = {', '.join(map(str, select.missing_sizes(data)))}."
    table = pd.DataFrame(
        {"hidden": hidden, "neurons": select.neurons(data, runs), "seed": data["seed"].values[runs], **values}
    ).sort_values(["hidden", "seed"])
    return Drawing(figure, alt, table)


def _draw(place, x, y, used, seed, definition):
    colour = style.of_definition(definition)
    seen = y > 0
    for shown, fill, alpha in ((used & (seed == 0), colour, 1), (used & (seed > 0), colour, 0.4), (~used, "none", 1)):
        place.scatter(x[shown & seen], y[shown & seen], s=15, facecolor=fill, edgecolor=colour, lw=0.8, alpha=alpha)


def _lines(place, x, y, fit, paper, definition, corner):
    """Our line, and the paper's exponent through the middle of our points; the text that says both."""
    if fit is None:
        place.text(0.05, 0.95, "no exponent: 0 for some size", transform=place.transAxes, va="top")
        return "no exponent, since it is 0 for some size"
    ends = np.array([x.min(), x.max()], float)
    place.plot(ends, np.exp(fit.intercept) * ends**fit.value, color=style.of_definition(definition), lw=1.3)
    ours = f"{_signed(fit.value)} ({_signed(fit.low)} to {_signed(fit.high)})"
    lines = [f"ours {ours}"]
    if paper is not None:
        middle_x, middle_y = np.exp(np.mean(np.log(x))), np.exp(np.mean(np.log(y)))
        place.plot(ends, middle_y * (ends / middle_x) ** paper, color=style.colours().ink, lw=0.9, ls="--")
        lines.append(f"paper {_signed(paper)}")
    height = 0.97 if corner == "top" else 0.03
    place.text(0.04, height, "\n".join(lines), transform=place.transAxes, va=corner)
    return f"{ours}" + ("" if paper is None else f", paper {_signed(paper)}")


def _signed(value):
    return f"{value:.2f}"


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
PANELS = {"1e": fig1e, "1i": fig1i}
