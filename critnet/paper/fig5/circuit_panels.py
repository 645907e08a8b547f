"""Fig. 5a-c: the ten circuits with what they look for, activity and correlations in the order of the circuits."""

from collections.abc import Callable

import numpy as np
import pandas as pd

from critnet.circuits.features import feature_image, feature_match
from critnet.explore import Drawing, NoMatch
from critnet.neurons.activity import standardise_samples
from critnet.paper import anchors, marks, style
from critnet.paper.fig5 import stored
from critnet.paper.fig5.acting import WHOLE
from critnet.paper.fig5.explorers import network

DIGITS = range(10)
ORDERS = ("circuits", "Rastermap")


def features(data, rows, definition):
    """Feature images of the ten circuits of seed 0, shape (10, 784), and their correlation with the class means."""
    weights, mean = network(data["fig5"]), data["acting"]["mean_activity"].values[0, 0]
    images = np.stack([
        feature_image(weights, stored.edges_of(data["circuits"], row), mean[digit, : len(weights["b1"])], digit,
                      definition=definition)
        for row, digit in zip(rows.index, rows.digit, strict=True)
    ])  # fmt: skip
    return images, feature_match(images, data["acting"]["class_mean"].values)


def fig5a(data, *, stage="pruned", feature="paths x activity", definition="as-coded"):
    """The ten circuits of the anchor network, seed 0, and below each what its first layer looks for.

    Neurons are shaded by their mean activity on the digit; edges are coloured by the sign of the correlation of their
    ends. In the control the clusters are of the correlation of raw activity.
    """
    weights, c = network(data["fig5"]), style.colours()
    hidden = len(weights["b1"])
    rows = stored.of_anchor(stored.frame(data["circuits"], data["runs"]), 0, definition)
    C = data["fig5"]["correlation"].sel(definition=definition).values
    activity = data["acting"]["mean_activity"].values[0, 0]
    images, match = features(data, rows, feature)
    figure, axes = style.subplots(4, 5, figsize=(7.6, 6.4), height_ratios=(1.5, 1, 1.5, 1))
    table, counts, matched, starts = [], [], [], (0, 0, hidden, 2 * hidden)
    for row, digit in zip(rows.index, rows.digit, strict=True):
        edges = stored.edges_at(data["circuits"], row, digit, stage, hidden)
        above, below = axes[2 * (digit // 5), digit % 5], axes[2 * (digit // 5) + 1, digit % 5]
        _draw(above, edges, digit, C, activity[digit], hidden)
        above.set_title(f"{digit}: {len(edges)} edges", fontsize=8)
        image, best = images[digit], match[digit]
        if np.isnan(image).any():
            below.text(0.5, 0.5, "looks at\nnothing", ha="center", va="center", color=c.ink, fontsize=8)
        else:
            top = np.abs(image).max()
            below.imshow(image.reshape(28, 28), cmap=style.correlation_map(), vmin=-top, vmax=top)
        below.set(xticks=[], yticks=[])
        right = bool(np.nanargmax(best) == digit) if not np.isnan(best).all() else False
        matched.append(right)
        ends = np.array([(starts[layer] + i, starts[layer + 1] + j) for layer, i, j in edges], int).reshape(-1, 2)
        table.append(pd.DataFrame(edges, columns=["layer", "source", "target"]).assign(
            digit=digit, correlation=C[ends[:, 0], ends[:, 1]].round(4), feature_matches_digit=right))  # fmt: skip
        counts.append(len(edges))
    style.letter(axes[0, 0], "a")
    frame = pd.concat(table, ignore_index=True)
    alt = (
        f"Circuits of the ten digits, seed 0, {definition}, {stage}: {min(counts)} to {max(counts)} edges, median "
        f"{np.median(counts):g}. Of their feature images ({feature}) {sum(matched)} correlate "
        f"most with the mean image of their own digit; the pruned circuits recall {rows.recall.min():.0%} to "
        f"{rows.recall.max():.0%} of it on test images, and take {rows.false.min():.0%} to "
        f"{rows.false.max():.0%} of all others for it."
    )
    return Drawing(figure, alt, frame)


def _draw(axis, edges, digit, C, activity, hidden):
    """One circuit in three layers, only the neurons that have an edge."""
    c, starts = style.colours(), (0, 0, hidden, 2 * hidden)
    layers = [np.unique(np.r_[edges[edges[:, 0] == 1, 1]]), np.unique(np.r_[edges[edges[:, 0] == 1, 2],
              edges[edges[:, 0] == 2, 1]]), np.array([digit])]  # fmt: skip
    places = [{int(n): (k + 0.5) / len(layer) for k, n in enumerate(layer)} for layer in layers]
    for layer, i, j in edges:
        sign = C[starts[layer] + i, starts[layer + 1] + j]
        axis.plot([layer - 1, layer], [places[layer - 1][i], places[layer][j]], lw=0.6 if len(edges) < 60 else 0.2,
                  color=c.positive if sign >= 0 else c.negative, zorder=1)  # fmt: skip
    shade = style.activity_map()
    for layer, neurons in enumerate(layers):
        values = activity[starts[layer + 1] + neurons.astype(int)]
        top = max(activity[starts[layer + 1] :][: hidden if layer < 2 else 10].max(), 1e-9)
        axis.scatter(np.full(len(neurons), layer), [places[layer][int(n)] for n in neurons],
                     c=shade(np.clip(values / top, 0, 1)) if len(neurons) else None, s=16, edgecolors=c.ink, lw=0.5,
                     zorder=2)  # fmt: skip
    axis.set(xlim=(-0.3, 2.3), ylim=(-0.05, 1.05))
    axis.set_axis_off()


def fig5b(data, *, t=200_000, order="circuits", definition="as-coded"):
    """Activity of all neurons of seed 0 on 2000 training images sorted by digit, neurons circuit by circuit.

    Or by Rastermap; a neuron of several circuits comes back in each. As coded each image is standardised over the
    neurons first; the control shows raw activity, each neuron in its own standard deviations.
    """
    fig1 = data["fig1"]
    if order not in ORDERS:
        raise NoMatch(f"No order is called {order!r}; choose one of {', '.join(ORDERS)}.")
    shown = marks.stored(fig1["shown"].values, t, "iteration t")
    X = fig1["activity"].values[shown].astype(float)
    X = standardise_samples(X) if definition == "as-coded" else X
    hidden = (len(X) - 10) // 2
    rows = stored.of_anchor(stored.frame(data["circuits"], data["runs"]), 0)
    neurons, blocks = stored.neurons_in_order(data["circuits"], rows, hidden)
    if order == "Rastermap":
        neurons = fig1["rastermap_order"].values.astype(int)
        blocks = np.full(len(neurons), -1)
    spread = X.std(axis=1, keepdims=True)
    z = np.divide(X - X.mean(axis=1, keepdims=True), spread, out=np.zeros_like(X), where=spread > 0)[neurons]
    labels = fig1["image_label"].values.astype(int)
    columns = np.argsort(labels, kind="stable")
    figure, axis = style.subplots(figsize=(7.6, 4.6))
    axis.imshow(np.clip(z[:, columns], 0, 3), aspect="auto", cmap=style.activity_map(), interpolation="nearest")
    edges = np.flatnonzero(np.diff(np.sort(labels))) + 0.5
    for x in edges:
        axis.axvline(x, color=style.colours().faint, lw=0.5)
    for y in np.flatnonzero(np.diff(blocks)) + 0.5:
        axis.axhline(y, color=style.colours().faint, lw=0.5)
    axis.set(xlabel="training images by digit", ylabel=f"neurons, {order}", title=f"t = {t}")
    axis.set_xticks([(labels == d).sum() * (d + 0.5) for d in DIGITS], labels=[str(d) for d in DIGITS])
    style.letter(axis, "b")
    own = [z[blocks == d][:, labels == d].mean() for d in DIGITS if (blocks == d).any()]
    other = [z[blocks == d][:, labels != d].mean() for d in DIGITS if (blocks == d).any()]
    said = (
        f" Neurons of a circuit stand {np.mean(own):.2f} standard deviations above their mean on its own digit, "
        f"{np.mean(other):.2f} on all others."
        if order == "circuits"
        else ""
    )
    alt = f"Activity of seed 0 at t = {t}, {definition}, {len(labels)} training images, neurons by {order}.{said}"
    table = pd.DataFrame({"place": np.arange(len(neurons)), "neuron": neurons, "circuit": blocks})
    for d in DIGITS:
        table[f"mean_on_{d}"] = z[:, labels == d].mean(axis=1).round(3)
    return Drawing(figure, alt, table)


def unseen_correlation(acting, seed, definition):
    """Correlation matrix over the test images, from its stored upper half."""
    values = acting["test_correlation"].sel(seed=seed, definition=definition).values.astype(float) / WHOLE
    size = int((1 + np.sqrt(1 + 8 * len(values))) / 2)
    C = np.zeros((size, size))
    C[np.triu_indices(size, 1)] = values
    return C + C.T + np.eye(size)


def blocks_of(C, inside, neurons):
    """Mean |C| of pairs within a circuit, and of all other pairs of neurons that are in circuits (METHODS 11, C113).

    Parameters
    ----------
    inside : bool array, shape (M, M), pairs that share a circuit
    neurons : int array, those in any circuit
    """
    pairs = np.triu_indices(len(neurons), 1)
    one, two = neurons[pairs[0]], neurons[pairs[1]]
    together, size = inside[one, two], np.abs(C[one, two])
    return float(size[together].mean()), float(size[~together].mean())


def pairs_inside(circuits, rows, hidden):
    """Which pairs of neurons share a circuit (M, M), and the neurons in any."""
    neurons, blocks = stored.neurons_in_order(circuits, rows, hidden)
    inside = np.zeros((2 * hidden + 10,) * 2, bool)
    for digit in DIGITS:
        own = neurons[blocks == digit]
        inside[np.ix_(own, own)] = True
    return inside, np.unique(neurons[blocks >= 0])


def permuted_ratios(C, inside, members, draws=200):
    """Ratios of `blocks_of` where the circuit neurons are dealt to the places of circuits anew, shape (draws,)."""
    random, found = np.random.default_rng(0), []
    for _ in range(draws):
        moved = np.arange(len(C))
        moved[members] = random.permutation(members)
        one, two = blocks_of(C[np.ix_(moved, moved)], inside, members)
        found.append(one / two)
    return np.array(found)


def fig5c(data, *, seed=0, definition="as-coded"):
    """Correlations over the test images, neurons circuit by circuit; inside circuits and between them."""
    anchors.of_seed(data["acting"], seed)
    C = unseen_correlation(data["acting"], seed, definition)
    hidden = (len(C) - 10) // 2
    rows = stored.of_anchor(stored.frame(data["circuits"], data["runs"]), seed)
    neurons, blocks = stored.neurons_in_order(data["circuits"], rows, hidden)
    inside, members = pairs_inside(data["circuits"], rows, hidden)
    within, between = blocks_of(C, inside, members)
    ratios = permuted_ratios(C, inside, members)
    limit = float(np.quantile(ratios, 0.99))
    figure, (axis, side) = style.subplots(1, 2, figsize=(7.6, 4.2), width_ratios=(2.2, 1))
    drawn = axis.imshow(C[np.ix_(neurons, neurons)], cmap=style.correlation_map(), vmin=-1, vmax=1)
    ends = np.flatnonzero(np.diff(blocks)) + 0.5
    for x in ends:
        axis.axvline(x, color=style.colours().faint, lw=0.4)
        axis.axhline(x, color=style.colours().faint, lw=0.4)
    middle = [np.flatnonzero(blocks == d).mean() for d in DIGITS]
    axis.set_xticks(middle, labels=[str(d) for d in DIGITS])
    axis.set_yticks(middle, labels=[str(d) for d in DIGITS])
    axis.set(xlabel="circuit of digit", ylabel="circuit of digit", title=f"seed {seed}, test images")
    figure.colorbar(drawn, ax=axis, label="correlation C", pad=0.02, shrink=0.8)
    side.hist(ratios, 30, color=style.colours().faint)
    side.axvline(within / between, color=style.of_definition(definition), lw=2)
    side.set(xlabel="mean |C| inside / between", ylabel="permutations", title="line: circuits")
    style.letter(axis, "c")
    alt = (
        f"Correlation of seed {seed} over the test images, {definition}, in circuit order: mean |C| is {within:.3f} "
        f"for pairs that share a circuit and {between:.3f} for other pairs of circuit neurons, a ratio of "
        f"{within / between:.2f}; 99 % of 200 permutations of these neurons stay below {limit:.2f}."
    )
    matrix = pd.DataFrame(C[np.ix_(neurons, neurons)].round(4))
    matrix.insert(0, "neuron", neurons)
    matrix.insert(1, "circuit", blocks)
    return Drawing(figure, alt, matrix)


DATA = ("circuits", "acting", "fig1", "fig5", "runs")
PANELS: dict[str, Callable] = {"5a": fig5a, "5b": fig5b, "5c": fig5c}
