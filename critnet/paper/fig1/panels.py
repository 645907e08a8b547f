"""Fig. 1a-d, one function a panel: Dataset and parameters in, Drawing out."""

from collections.abc import Callable

import numpy as np
import pandas as pd

from critnet.explore import Drawing
from critnet.neurons.activity import standardise_samples
from critnet.neurons.graphs import component_sizes, largest_component
from critnet.neurons.information import information_gain
from critnet.paper import anchors, marks, style
from critnet.paper.fig1 import graph, series
from critnet.paper.published import PEAK, TRANSITION

LOSS_BEFORE, LOSS_AT_100 = 2.22, 0.4  # section 2.1: the mean loss falls from above the first to below the second
LOWEST = 1e-8  # nats; smaller losses of mini-batches are drawn here
MEASURES = {"survival probability": "survival", "mean degree": "mean_degree", "Forman-Ricci entropy": "entropy"}


def fig1a(data, *, t=100, threshold=0.5, definition="as-coded"):
    """Activity patterns, correlation matrix and correlation graph at one iteration."""
    activity = data["activity"].values[marks.stored(data["shown"].values, t, "iteration t")].astype(float)
    activity = standardise_samples(activity) if definition == "as-coded" else activity
    highest = 0.8 if definition == "as-coded" else np.quantile(activity, 0.97)
    order, correlation = data["rastermap_order"].values, series.matrix(data, t, definition)
    figure, (left, middle, right) = style.subplots(1, 3, figsize=(7.6, 3.2), width_ratios=(1.25, 1, 1))
    grey = {"cmap": style.activity_map(), "vmin": 0, "vmax": highest}
    left.imshow(activity[order], aspect="auto", interpolation="antialiased", **grey)
    left.set(title=f"activity, t = {t}", ylabel="neuron (Rastermap order)", yticks=[], xlabel="image, by digit")
    left.set_xticks(np.arange(100, 2000, 200), range(10))
    left.tick_params(bottom=False)
    style.letter(left, "a")
    shown = middle.imshow(correlation[np.ix_(order, order)], cmap=style.correlation_map(), vmin=-1, vmax=1)
    middle.set(title="correlation", xlabel="neuron", xticks=[], yticks=[])
    figure.colorbar(shown, ax=middle, orientation="horizontal", shrink=0.8, aspect=18, ticks=[-1, 0, 1], pad=0.02)
    n, joined = len(correlation), np.abs(correlation) > threshold
    np.fill_diagonal(joined, False)
    first, second, values = graph.draw(right, graph.places(data), correlation, joined, size=9, thinnest=threshold)
    right.set(xticks=[], yticks=[], title=f"graph, |C| > {threshold:.2f}")
    right.spines[:].set_visible(False)
    positive, with_edge = int((values > 0).sum()), int(joined.any(axis=0).sum())
    right.set_xlabel(f"{positive} positive, {values.size - positive} negative edges\n{with_edge} of {n} neurons joined")
    alt = (
        f"At iteration {t}, {definition}: {positive} pairs of neurons correlate above {threshold:.2f} and "
        f"{values.size - positive} below -{threshold:.2f}; {with_edge} of {n} neurons have an edge, "
        f"and the largest connected component holds {largest_component(component_sizes(joined))}."
    )
    return Drawing(figure, alt, pd.DataFrame({"neuron_i": first, "neuron_j": second, "correlation": values.round(4)}))


def fig1b(data, *, threshold=0.5, seed=0, definition="as-coded"):
    """Correlation strength, survival probability, mean degree and Forman-Ricci entropy over training."""
    t, s = anchors.steps(data), anchors.of_seed(data, seed)
    measures = {"correlation strength": series.strength(data, definition)}
    measures |= {name: series.graph(data, field, definition, threshold) for name, field in MEASURES.items()}
    figure, (early, whole) = style.subplots(1, 2, figsize=(7.6, 3.7), sharey=True)
    drawn: dict[str, np.ndarray] = {}
    for colour, (name, values) in zip(style.colours().quantities, measures.items(), strict=True):
        scaled = values / np.where(values.max(axis=1, keepdims=True) > 0, values.max(axis=1, keepdims=True), 1)
        covers = any(np.allclose(scaled[s], other) for other in drawn.values())
        dash = {"ls": (0, (3, 3)) if covers else "-"}  # leaves the curve beneath it to be seen
        marks.course(whole, t, scaled, None, colour, lw=1, **dash)
        if scaled[s].any():
            early.plot(t, scaled[s], color=colour, label=name, **dash)
            drawn[name] = scaled[s]
    nothing = ", ".join(name for name in measures if name not in drawn)
    peaks = {name: marks.when(values, t) for name, values in drawn.items()}
    peak, strength = peaks["correlation strength"], measures["correlation strength"][s]
    marks.published(early, f"paper: peak at t = {PEAK}\nseed {seed}: {peak}", x=PEAK, va="center")
    marks.published(whole, x=PEAK)
    early.set(xlim=(0, 300), ylim=(0, 1.04), xlabel="iteration t", ylabel="value / its maximum")
    early.set_title(f"seed {seed}, first 300 iterations")
    early.legend(loc="lower right", handlelength=1.2)
    style.log_iterations(whole)
    whole.set_title("five seeds: median and range")
    style.letter(early, "b")
    alt = (
        f"Seed {seed}, {definition}, threshold {threshold:.2f}. The maxima lie at "
        + ", ".join(f"t = {step} ({name})" for name, step in peaks.items())
        + (f". 0 throughout and without a curve: {nothing}" if nothing else "")
        + f". The paper's dashed line is at {PEAK}. At the end the correlation strength is "
        f"{strength[-1] / strength.max():.2f} of its maximum."
    )
    return Drawing(figure, alt, pd.DataFrame({"t": t} | {n.replace(" ", "_"): v[s] for n, v in measures.items()}))


def fig1c(data, *, seed=0, loss="mini-batch", definition="as-coded"):
    """Training loss, test accuracy and correlation strength on one logarithmic axis of iterations."""
    c, t, s = style.colours(), anchors.steps(data), anchors.of_seed(data, seed)
    full, accuracy, strength = data["loss"].values, data["test_accuracy"].values, series.strength(data, definition)
    figure, (left, right) = style.subplots(1, 2, figsize=(7.6, 3.7))
    if loss == "mini-batch":
        batch = np.maximum(data["batch_loss"].values[s], LOWEST)
        left.plot(data["iteration"].values[1:], batch[1:], color=c.faint, lw=0.4)
        left.set_title(f"seed {seed}: loss of each mini-batch")
    else:
        marks.band(left, t, full, c.faint, alpha=0.35)
        left.set_title("loss of all 60000 images, five seeds")
    left.plot(t[1:], full[s, 1:], color=c.quantities[1], lw=1.2)
    for value in (LOSS_BEFORE, LOSS_AT_100):
        marks.published(left, f"paper: {value:g}", y=value, at=0.02, below=value < 1)
    left.set(yscale="log", ylabel="loss (nats)", ylim=(3e-7, 25))
    for axis in (left, right):
        axis.axvline(TRANSITION, color=c.ink, lw=0.6, ls=":")
        style.log_iterations(axis)
    scaled = strength / strength.max(axis=1, keepdims=True)
    marks.course(right, t, accuracy, s, c.quantities[2], "test accuracy")
    marks.course(right, t, scaled, s, style.of_definition(definition), "strength / maximum")
    right.set(ylim=(0, 1.04), title=f"seed {seed}, and the range of five")
    right.legend(loc="lower right")
    style.letter(left, "c")
    alt = (
        f"Seed {seed}: the mean training loss is {marks.told(full[s], t, (1, 100, t[-1]), 'nats')}; the test accuracy "
        f"is {marks.told(accuracy[s], t, (100, t[-1]))}. The correlation strength ({definition}) is largest at "
        f"t = {marks.when(strength[s], t)}, and the curve drawn on the left is the loss of "
        f"{'each mini-batch' if loss == 'mini-batch' else 'all training images'}."
    )
    table = {"t": t, "mean_loss": full[s], "test_accuracy": accuracy[s], "strength": strength[s]}
    return Drawing(figure, alt, pd.DataFrame(table))


def fig1d(data, *, seed=0, definition="as-coded", reference=1):
    """Complexity-information diagram: correlation strength against information gained."""
    c, t, s = style.colours(), anchors.steps(data), anchors.of_seed(data, seed)
    strength = series.strength(data, definition)
    gain = np.array([information_gain(e, t, reference=reference) for e in series.entropy(data, definition)])
    x, y = gain[:, 1:], strength[:, 1:] / 1e3
    turn = int(y[s].argmax())
    figure, axis = style.subplots(figsize=(7.6, 4.0))
    axis.plot(np.delete(x, s, 0).T, np.delete(y, s, 0).T, color=c.faint, lw=0.7, alpha=0.7, zorder=1)
    axis.plot(x[s], y[s], color=c.faint, lw=0.8, zorder=2)
    axis.scatter(x[s], y[s], c=style.time_colour(t[1:]), s=14, lw=0, zorder=3)
    for text, i, shift, side in (
        (f"turning point, t = {t[1 + turn]}\n(paper: {PEAK})", turn, (-26, 16), {"ha": "right", "va": "center"}),
        (f"end, t = {t[-1]}", -1, (12, -14), {"va": "top"}),
    ):
        arrow = {"arrowstyle": "-", "color": c.ink, "lw": 0.7}
        axis.annotate(text, (x[s, i], y[s, i]), shift, textcoords="offset points", arrowprops=arrow, **side)
    marks.bar(figure, axis, "t")
    axis.set(xlabel=f"information gain since t = {reference} (nats)", ylabel="correlation strength (thousands)")
    axis.set_title(f"seed {seed} by colour, the other seeds in grey")
    axis.margins(x=0.12, y=0.2)
    style.letter(axis, "d")
    alt = (
        f"Seed {seed}, {definition}: the strength is "
        f"{marks.told(strength[s], t, (1, t[1 + turn], t[-1]), form='{:.0f}')}. It turns where {x[s, turn]:.2f} nats "
        f"have been gained since t = {reference}, and ends at {x[s, -1]:.2f} nats."
    )
    return Drawing(figure, alt, pd.DataFrame({"t": t, "information_gain": gain[s], "strength": strength[s]}))


DATA = "fig1"
PANELS: dict[str, Callable] = {"1a": fig1a, "1b": fig1b, "1c": fig1c, "1d": fig1d}
