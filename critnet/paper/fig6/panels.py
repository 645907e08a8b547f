"""Fig. 6b-e: three stages of a network, its manifold of activity, funnels of the loss, and the same circuit on unseen
images. The paper draws these as sketches; here they are measured."""

from collections.abc import Callable

import numpy as np
import pandas as pd

from critnet.explore import Drawing, NoMatch
from critnet.paper import anchors, marks, style
from critnet.paper.fig6.unseen import likeness

DIGITS = range(10)
STAGES = (0, 100, style.LAST)


def fig6b(data, *, t=100, threshold=0.5, definition="as-coded"):
    """The correlation graph between neighbouring layers at the start, at one iteration and at the end.

    Edges of the ten circuits found at the end stand out."""
    coupling, c = data["coupling"], style.colours()
    mine = coupling["edge"].values[coupling["edge_seed"].values == coupling.attrs["shown_seed"]].astype(int)
    figure, axes = style.subplots(1, 3, figsize=(7.6, 3.4))
    table, said = [], []
    for axis, step in zip(axes, (0, t, style.LAST), strict=True):
        marks.stored(data["fig1"]["t"].values, step, "iteration t")
        C = anchors.matrix(data["fig1"], step, definition)
        hidden = (len(C) - 10) // 2
        layers = (np.arange(hidden), hidden + np.arange(hidden), 2 * hidden + np.arange(10))
        places = [(np.arange(len(layer)) + 0.5) / len(layer) for layer in layers]
        count, kept = 0, 0
        chosen = {(int(a), int(b), int(d)) for a, b, d in mine}
        for layer in (1, 2):
            block = C[np.ix_(layers[layer - 1], layers[layer])]
            for i, j in np.argwhere(np.abs(block) > threshold):
                in_circuit = (layer, int(i), int(j)) in chosen
                count, kept = count + 1, kept + in_circuit
                sign = c.positive if block[i, j] > 0 else c.negative
                axis.plot([layer - 1, layer], [places[layer - 1][i], places[layer][j]], zorder=1 + in_circuit,
                          color=c.critical if in_circuit else sign, lw=1.2 if in_circuit else 0.4)  # fmt: skip
                table.append((step, layer, int(i), int(j), round(float(block[i, j]), 4), in_circuit))
        for layer, where in enumerate(places):
            axis.scatter(np.full(len(where), layer), where, s=6, color=c.ink, lw=0, zorder=3)
        axis.set(title=f"t = {step}: {count} edges", xlim=(-0.15, 2.15), ylim=(0, 1))
        axis.set_axis_off()
        said.append(f"{count} at t = {step} ({kept} of them in the final circuits)")
    style.letter(axes[0], "b")
    alt = (
        f"Displayed seed, {definition}: edges between neighbouring layers with |C| > {threshold:g}: {', '.join(said)}. "
        f"The ten circuits have {len(chosen)} different edges."
    )
    columns = ["t", "layer", "source", "target", "correlation", "in_circuit"]
    return Drawing(figure, alt, pd.DataFrame(table, columns=columns))


def _trace_ratio(points, labels):
    """Variance of the digits' centres over the variance within digits, each image counted once.

    Parameters
    ----------
    points : array (n_axes, n_images)
    labels : array (n_images,)

    >>> _trace_ratio(np.array([[0.0, 2.0, 10.0, 12.0]]), np.array([0, 0, 1, 1]))
    25.0
    """
    total = ((points - points.mean(axis=1, keepdims=True)) ** 2).sum()
    within = sum(
        ((points[:, labels == d] - points[:, labels == d].mean(axis=1, keepdims=True)) ** 2).sum()
        for d in np.unique(labels)
    )
    return float((total - within) / within)


def fig6c(data, *, t=100, turn=0, definition="as-coded"):
    """Activity of the circuits' neurons on its first three principal axes at three moments.

    The three spaces turn together, by `turn` degrees about the third axis.
    Below, how far the digits lie apart over training; in the control beside as many random hidden neurons."""
    fig6 = data["fig6"]
    seed, kept = fig6.attrs["shown_seed"], fig6["kept"].values
    labels = fig6["place_label"].values
    figure = style.subplots(figsize=(7.6, 5.4))[0]
    figure.clear()
    drawn_ratio: list[float] = []
    for place, step in enumerate((0, t, style.LAST), start=1):
        points = fig6["place"].values[marks.stored(kept, step, "iteration t")].astype(float)
        axis = figure.add_subplot(2, 3, place, projection="3d")
        drawn_ratio.append(_trace_ratio(points, labels))
        axis.scatter(*points, s=2, c=[style.DIGITS[d] for d in labels], lw=0, depthshade=False)
        axis.set(xticks=[], yticks=[], zticks=[], title=f"t = {step}")
        axis.view_init(elev=25, azim=turn - 60)
        for line in (axis.xaxis, axis.yaxis, axis.zaxis):
            line.set_pane_color((0, 0, 0, 0))
    s, steps = anchors.of_seed(fig6, seed), fig6["t"].values
    names = {"circuits": "circuits' neurons", "outputs": "outputs"}
    said, table = [], {"t": steps}
    for place, what, text in ((3, "fisher", "between / within digits"), (4, "components", "components for 90 %")):
        axis = figure.add_subplot(2, 2, place)
        for (name, label), colour in zip(names.items(), style.colours().quantities, strict=False):
            values = fig6[what].sel(neurons=name).values
            marks.course(axis, steps, values, s, colour, label)
            table[f"{name} {what}"] = values[s]
        if definition == "control":
            drawn = np.median(fig6[f"random_{what}"].values, axis=2)
            marks.course(axis, steps, drawn, s, style.colours().other, "random neurons")
            table[f"random {what}"] = drawn[s]
        style.log_iterations(axis)
        axis.set(ylabel=text)
        if place == 3:
            axis.set_yscale("log")
            axis.legend(fontsize=7)
        three = [marks.stored(steps, k, "iteration t") for k in STAGES]
        values = fig6[what].sel(neurons="circuits").values
        said.append(f"{text} " + ", ".join(marks.spread(values[:, i]) for i in three))
        if definition == "control":
            said.append("random neurons " + ", ".join(marks.spread(drawn[:, i]) for i in three))
    figure.text(0.02, 0.97, "c", fontsize=11, fontweight="bold")
    alt = (
        f"The {int(fig6['n_circuit'].values[s])} hidden neurons of the ten circuits, seed {seed}, {definition}, "
        f"turned by {turn} degrees; between / within digits on the three axes drawn, at t = 0, {t} and {style.LAST}: "
        f"{', '.join(f'{ratio:.3g}' for ratio in drawn_ratio)}. In all dimensions, at "
        f"t = 0, 100 and the end, median and range of the seeds: {'; '.join(said)}."
    )
    return Drawing(figure, alt, pd.DataFrame(table))


def fig6d(data, *, way="random", batch_size=64, definition="as-coded"):
    """Losses of thirty batches along a line through the network (dot).

    As they are, as coded; in the control each batch less its loss at the network, which leaves how their shapes differ.
    """
    fig6 = data["fig6"]
    figure, axes = style.subplots(1, 3, figsize=(7.6, 3.5))
    around, said, table = fig6["around"].values, [], []
    ways = fig6["way"].values.astype(str).tolist()
    if way not in ways:
        raise NoMatch(f"No way is called {way!r}; choose one of {', '.join(ways)}.")
    w = ways.index(way)
    b = marks.stored(fig6["batch_size"].values, batch_size, "batch size")
    x = fig6["funnel_step"].values[w]
    zero = int(np.abs(x).argmin())
    for axis, step in zip(axes, around, strict=True):
        losses = fig6["funnel"].values[marks.stored(around, step, "iteration t"), w, b].astype(float)
        losses = losses - losses[:, [zero]] if definition == "control" else losses
        axis.plot(x, losses.T, color=style.time_colour(step), lw=0.5, alpha=0.7)
        axis.plot(x, losses.mean(axis=0), color=style.colours().ink, lw=1.2)
        axis.plot(0, losses[:, zero].mean(), "o", color=style.colours().ink, ms=4)
        axis.set(title=f"t = {step}", xlabel="step along the line")
        if definition == "as-coded":
            axis.set_yscale("log")
        ends = losses[:, [0, -1]].mean()
        said.append(f"at t = {step} {losses[:, zero].std():.3g} at the network and {losses.std(axis=0).mean():.3g} "
                    f"along the line, which rises to {ends:.3g} nats")  # fmt: skip
        table.append(pd.DataFrame({"t": step, "step": x, "mean": losses.mean(axis=0), "spread": losses.std(axis=0)}))
    axes[0].set_ylabel("loss of a batch (nats)")
    style.letter(axes[0], "d")
    alt = f"Thirty batches of {batch_size}, {way}, {definition}; standard deviation over batches: {'; '.join(said)}."
    return Drawing(figure, alt, pd.concat(table, ignore_index=True))


def fig6e(data, *, seed=0, definition="control"):
    """Whether unseen images excite a digit's neurons as training images do.

    Likeness of all pairs of digits, and what noise on the pixels does to it."""
    acting = data["acting"]
    same = likeness(acting, seed, definition)
    levels = acting["corruption"].values
    figure, (left, right) = style.subplots(1, 2, figsize=(7.6, 3.8))
    drawn = left.imshow(same, cmap=style.correlation_map(), vmin=-1, vmax=1)
    left.set(xlabel="digit, test images", ylabel="digit, training images", xticks=list(DIGITS), yticks=list(DIGITS))
    figure.colorbar(drawn, ax=left, label="cosine of mean activity", shrink=0.8)
    curves = np.array([[np.diag(likeness(acting, s, definition, k)) for k in range(len(levels))]
                       for s in acting["seed"].values])  # fmt: skip
    for digit in DIGITS:
        right.plot(levels, curves[anchors.of_seed(acting, seed), :, digit], color=style.DIGITS[digit], label=str(digit))
    right.set(xlabel="noise on test pixels (normalised units)", ylabel="cosine with training images")
    right.legend(title="digit", ncols=2, fontsize=7)
    style.letter(left, "e")
    own, other = np.diag(same), same - 2 * np.eye(10)
    nearest = int((own > np.maximum(other.max(axis=0), other.max(axis=1))).sum())
    alt = (
        f"Seed {seed}, {definition}: mean hidden activity of a digit on test images has a cosine of at least "
        f"{own.min():.4f} with that on training images, and at most {other.max():.3f} with that of another digit; for "
        f"{nearest} of 10 the same digit is the nearest. With noise of {levels[-1]:g} the least cosine is "
        f"{curves[anchors.of_seed(acting, seed), -1].min():.2f}."
    )
    rows, columns = np.divmod(np.arange(100), 10)
    return Drawing(figure, alt, pd.DataFrame({"train": rows, "test": columns, "cosine": same.ravel()}))


DATA = ("acting", "coupling", "fig1", "fig6")
PANELS: dict[str, Callable] = {"6b": fig6b, "6c": fig6c, "6d": fig6d, "6e": fig6e}
