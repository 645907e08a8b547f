"""Fig. 6a: what a batch does to the network, and what its loss and its correlations do over training."""

import itertools
from collections.abc import Callable

import numpy as np
import pandas as pd

from critnet.explore import Drawing
from critnet.paper import anchors, marks, published, style
from critnet.training.mlp import CLASSES, INPUTS

SHOWN = 9  # circles a layer in the sketch


def fig6a(data, *, seed=0, definition="as-coded"):
    """The network and its loop of training, with loss and correlation strength over the iterations.

    Left a sketch: an image, two hidden layers, ten outputs; the loss goes back along the same lines."""
    s, t, c = anchors.of_seed(data, seed), data["t"].values, style.colours()
    hidden = (data.sizes["neuron"] - CLASSES) // 2
    strength, loss = data["strength"].sel(definition=definition).values, data["loss"].values
    figure, (left, right) = style.subplots(1, 2, figsize=(7.6, 3.6), width_ratios=(1, 1.5))
    _sketch(left, (INPUTS, hidden, hidden, CLASSES), c)
    style.letter(left, "a")
    batch, at = data["batch_loss"].values[s], data["iteration"].values
    right.plot(at[1:], batch[1:], ",", color=c.faint, rasterized=True)
    marks.course(right, t, loss, s, c.ink, "mean loss")
    right.set(yscale="log", ylabel="loss (nats)")
    style.log_iterations(right)
    other = right.twinx()
    marks.course(
        other, t, strength / strength.max(axis=1, keepdims=True), s, style.of_definition(definition), "strength"
    )
    other.set(ylim=(0, 1.05), ylabel="correlation strength / its maximum")
    lines = [axis.get_legend_handles_labels() for axis in (right, other)]
    right.legend(lines[0][0] + lines[1][0], lines[0][1] + lines[1][1], loc="lower left", fontsize=7)
    early = marks.stored(t, published.TRANSITION, "iteration t")
    alt = (
        f"A network {INPUTS}-{hidden}-{hidden}-{CLASSES}; batches go forward, the gradient of their loss goes back. "
        f"Seed {seed}, {definition}: the mean loss is {loss[s, 0]:.3g} nats at t = 0, {loss[s, early]:.3g} at "
        f"t = {published.TRANSITION} and {loss[s, -1]:.2g} at the end; the correlation strength is largest at "
        f"t = {marks.when(strength[s], t)} and {strength[s, -1] / strength[s].max():.2f} of that at the end."
    )
    table = {"t": t, "mean_loss": loss[s], "strength": strength[s]}
    return Drawing(figure, alt, pd.DataFrame(table))


def _sketch(axis, sizes, c):
    """Layers as columns of circles, every neuron of one with every neuron of the next; arrows there and back."""
    heights = [np.linspace(0.16, 0.84, SHOWN if k < len(sizes) - 1 else sizes[-1]) for k in range(len(sizes))]
    for k, (here, there) in enumerate(itertools.pairwise(heights)):
        for y in here:
            axis.plot([[k] * len(there), [k + 1] * len(there)], [[y] * len(there), there], color=c.faint, lw=0.25)
    for k, (y, size) in enumerate(zip(heights, sizes, strict=True)):
        axis.scatter(np.full(len(y), k), y, s=22, color=c.ink, lw=0, zorder=3)
        axis.text(k, 0.9, str(size), ha="center", va="bottom", fontsize=8)
    arrow = {"arrowstyle": "->", "lw": 1.2}
    last = len(sizes) - 1
    for (start, end), y, text in (
        ((0, last), 0.07, "batch, answers, loss"),
        ((last, 0), -0.06, "gradient, new weights"),
    ):
        axis.annotate("", (end, y), (start, y), arrowprops=arrow | {"color": c.ink})
        axis.text(last / 2, y - 0.015, text, ha="center", va="top", fontsize=7)
    axis.set(xlim=(-0.3, last + 0.3), ylim=(-0.14, 1))
    axis.set_axis_off()


DATA = "fig1"
PANELS: dict[str, Callable] = {"6a": fig6a}
