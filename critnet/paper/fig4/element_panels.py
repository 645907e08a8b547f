"""Fig. 4f-h: elements of noise, squared gradient and Hessian; S at the start and the end; noise against curvature."""

import functools

import numpy as np
import pandas as pd

from critnet.explore import Drawing, NoMatch
from critnet.paper import marks, published, style
from critnet.paper.course.reduce import layer_slices
from critnet.paper.fig4 import spreads

SYMBOLS = {"noise": "$|C^g_{ij}|$, batch of 64", "squared gradient": "$|S_{ij}|$", "Hessian": "$|H_{ij}|$",
           "mean gradient squared": "$|g_i g_j|$"}  # fmt: skip
LAYERS = ("W1", "W2", "W3")
DOTS = 200  # drawn of each layer
MOMENTS = (0, 10, 100, 1000, 10_000, published.LAST)


def elements(data, *, letter, quantity, t=published.LAST, seed=0, block="all", definition="control"):
    """The density of the moduli of a matrix's elements, and its local slope, flat for a power law.

    As coded with the line of least squares that the paper draws through them, as control with the longest stretch over
    which the local slope keeps within 0.3.
    """
    found = spreads.spread(data, quantity, seed=seed, t=t, block=block)
    law, c, colour = spreads.law(found), style.colours(), style.of_definition(definition)
    figure, (left, right) = style.subplots(1, 2, figsize=(7.6, 3.8), width_ratios=(1.2, 1))
    shown = found.centre >= found.median / 1e4
    marks.tail(left, found.centre[shown], found.density[shown], colour, "elements, each pair once")
    left.axvline(found.median, ymax=0.05, color=c.ink, lw=1.2)
    said, drawn = _through(left, found, law, definition)
    _axis(left, SYMBOLS[quantity], f"t = {t}, seed {seed}, {_of(block)}")
    left.set_ylabel("density")
    centre, local = spreads.slopes(found)
    right.plot(centre, list(local.values()), "o-", ms=3, lw=1, color=c.ink)
    if law.decades > 0:
        right.axhspan(law.slope - 0.3, law.slope + 0.3, color=colour, alpha=0.2, lw=0)
    right.set(
        xscale="log", xlim=left.get_xlim(), ylim=(-6, 0.5), title=f"flat within 0.3 over {law.decades:.1f} decades"
    )
    _axis(right, SYMBOLS[quantity])
    right.set_ylabel("local slope of the density")
    style.letter(left, letter)
    alt = (
        f"{found.number} elements of the {quantity}, {_of(block)}, seed {seed}, iteration {t}, {definition}: median "
        f"modulus {found.median:.3g}, {found.negative:.1%} below 0, {found.zero:.1%} exactly 0. {said} The local slope "
        f"of the density keeps within 0.3 over {law.decades:.2f} decades above the median."
    )
    table = {"modulus": found.centre, "density": found.density, "n": found.counts}
    return Drawing(figure, alt, pd.DataFrame(table | drawn))


def _through(axis, found, law, definition):
    """The authors' line, or the straight stretch; the words, and the column of the table that holds it."""
    upper = found.centre >= found.median
    if definition == "as-coded":
        x, y = found.centre[upper & (found.counts > 0)], found.density[upper & (found.counts > 0)]
        level = np.mean(np.log(y) - law.line_slope * np.log(x))
        label = f"least squares, α = {-law.line_slope:.2f}, R² {law.line_r2:.2f}"
        axis.plot(x, np.exp(level) * x**law.line_slope, color=style.colours().ink, lw=1.2, label=label)
        axis.legend(loc="lower left", handlelength=1.4, bbox_to_anchor=(0, 0.07))
        return (
            f"A line of least squares above the median has alpha {-law.line_slope:.2f}, R2 {law.line_r2:.2f}, over "
            f"{law.line_decades:.1f} decades."
        ), {"line": np.where(upper, np.exp(level) * found.centre**law.line_slope, np.nan)}
    local = spreads.straight_bins(found.centre, spreads.slopes(found)[1])
    if local.decades > 0:
        axis.axvspan(local.low, local.high, color=style.colours().control, alpha=0.15, lw=0, label="longest stretch")
    axis.legend(loc="lower left", handlelength=1.4, bbox_to_anchor=(0, 0.07))
    straight = (found.centre >= local.low) & (found.centre <= local.high)
    return f"The slope there is {law.slope:.2f}.", {"straight": straight}


def _axis(axis, label, title=""):
    from matplotlib.ticker import LogLocator, NullFormatter

    axis.set(xlabel=label)
    axis.xaxis.set_major_locator(LogLocator(numticks=6))
    axis.xaxis.set_minor_formatter(NullFormatter())
    if title:
        axis.set_title(title)


def _of(block):
    return {"all": "layers 2 and 3", "diagonal": "diagonal"}.get(block, block)


def start_and_end(data, *, quantity="squared gradient", seed=0, block="all", definition="control"):
    """The elements before training and at the end on one axis: as they are, or as control over the median of each."""
    figure, axis = style.subplots(figsize=(7.6, 4.0))
    rows, words = [], []
    for t, dashes in ((0, "--"), (published.LAST, "-")):
        found = spreads.spread(data, quantity, seed=seed, t=t, block=block)
        unit = found.median if definition == "control" else 1.0
        if not unit > 0:
            raise NoMatch(f"The median of {quantity} is 0 at t = {t} in {_of(block)}.")
        shown = found.centre >= found.median / 1e3
        x, y = found.centre[shown] / unit, found.density[shown] * unit
        label = "before training" if t == 0 else f"t = {t}"
        marks.tail(axis, x, y, style.time_colour(t), label, ls=dashes)
        law = spreads.law(found)
        words.append(f"at t = {t} straight over {law.decades:.2f} decades (slope {law.slope:.2f})")
        rows.append(pd.DataFrame({"t": t, "modulus": x, "density": y}))
    _axis(
        axis, SYMBOLS[quantity] + (" over its median" if definition == "control" else ""), f"seed {seed}, {_of(block)}"
    )
    axis.set_ylabel("density")
    axis.legend()
    widths = [spreads.width(data, quantity, block=block)[spreads.place(data, seed, t)] for t in (0, published.LAST)]
    alt = (
        f"Moduli of the elements of the {quantity}, {_of(block)}, seed {seed}, {definition}: {words[0]}, {words[1]}. "
        f"ln(q99.9/q50) is {widths[0]:.2f} before training and {widths[1]:.2f} at the end."
    )
    return Drawing(figure, alt, pd.concat(rows, ignore_index=True))


def pairs(data, seed, t):
    """Noise B C_ii and curvature H_ii of the kept parameters by layer: {layer: (noise, curvature)}."""
    cell, hidden = data.isel(network=spreads.place(data, seed, t)), 50
    where, slices = data["kept_place"].values, layer_slices(hidden)
    kept = {layer: np.isin(where, slices[layer]) for layer in LAYERS}
    return {k: (cell["noise"].values[m].astype(float), cell["curvature"].values[m].astype(float))
            for k, m in kept.items()}  # fmt: skip


def noise_and_curvature(data, *, seed=0, definition="control"):
    """Noise against curvature of single weights at six iterations: layers 2 and 3 as coded, all three as control."""
    c = style.colours()
    there = data["network_step"].values[data["network_seed"].values == seed]
    moments = [t for t in MOMENTS if t in there]
    if not moments:
        raise NoMatch(f"No gradient of seed {seed} is kept; choose one of {sorted(set(data['network_seed'].values))}.")
    figure, axes = style.subplots(2, 3, figsize=(7.6, 5.2), sharex=True, sharey=True)
    rows, words, below, total = [], [], 0, 0
    for axis, t in zip(axes.flat, moments, strict=False):
        ratios: list = []
        for layer, colour in zip(
            LAYERS[definition == "as-coded" :], c.quantities[definition == "as-coded" :], strict=False
        ):
            noise, curvature = pairs(data, seed, t)[layer]
            used = (noise > 0) & (curvature > 0)
            shown = np.flatnonzero(used)[np.argsort(curvature[used])]
            shown = shown[np.linspace(0, shown.size - 1, min(DOTS, shown.size)).astype(int)]
            axis.plot(curvature[shown], noise[shown], ".", ms=1.5, color=colour, alpha=0.5, label=layer)
            ratios.append(noise[used] / curvature[used])
            below, total = below + (curvature <= 0).sum(), total + curvature.size
            rows.append(pd.DataFrame({"t": t, "layer": layer, "curvature": curvature[shown], "noise": noise[shown]}))
        ratio = np.median(np.concatenate(ratios))
        ends = np.array([1e-12, 10.0])
        axis.plot(ends, ends, "--", color=c.ink, lw=0.9)
        axis.set(
            xscale="log",
            yscale="log",
            xlim=(1e-11, 10),
            ylim=(1e-14, 10),
            title=f"t = {t}: ratio {ratio:.1e}" if ratio < 0.01 else f"t = {t}: ratio {ratio:.2f}",
        )
        words.append(f"{ratio:.2g} at t = {t}")
    for axis in axes.flat[len(moments) :]:
        marks.absent(axis, "not kept\nfor this seed")
    axes[0, 0].legend(loc="upper left", markerscale=5, handletextpad=0.2)
    figure.supxlabel("curvature $H_{ii}$")
    figure.supylabel("noise of a single image $B C_{ii}$")
    frame = pd.concat(rows, ignore_index=True)
    alt = (
        f"Noise of single images against curvature, a dot a weight, seed {seed}, {definition}; dashed: equal, as the "
        f"paper has it. Median of noise over curvature, where both are above 0: {'; '.join(words)}. Curvature is at or "
        f"below 0 for {below / total:.1%} of the weights. Drawn: {DOTS} a layer, evenly by rank of the curvature."
    )
    return Drawing(figure, alt, frame)


DATA = "fig4"
PANELS = {
    "4f": functools.partial(elements, letter="f", quantity="noise"),
    "4g": functools.partial(elements, letter="g", quantity="squared gradient"),
    "4h": functools.partial(elements, letter="h", quantity="Hessian"),
    "4g-start": start_and_end,
    "4f-curvature": noise_and_curvature,
}
