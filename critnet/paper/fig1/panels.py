"""Fig. 1a-d, one function a panel: Dataset and parameters in, Drawing out."""

from collections.abc import Callable

import networkx as nx
import numpy as np
import pandas as pd
from matplotlib.collections import LineCollection

from critnet.explore import Drawing, NoMatch
from critnet.neurons.information import information_gain
from critnet.paper import anchors, style
from critnet.paper.fig1 import series
from critnet.paper.published import PEAK

LOSS_BEFORE, LOSS_AT_100 = 2.22, 0.4  # section 2.1: the mean loss falls from above the first to below the second


def fig1a(data, *, t=100, threshold=0.5, definition="as-coded"):
    """Activity patterns, correlation matrix and correlation graph at one iteration."""
    if t not in data["shown"].values:
        raise NoMatch(f"No activity is stored at t = {t}; choose one of {', '.join(map(str, data['shown'].values))}.")
    order = data["rastermap_order"].values
    activity = data["activity"].sel(shown=t).values.astype(float)
    if definition == "as-coded":
        spread = activity.std(axis=0)
        activity = (activity - activity.mean(axis=0)) / np.where(spread > 0, spread, 1)
        lowest, highest = 0.0, 0.8
    else:
        lowest, highest = 0.0, np.quantile(activity, 0.97)
    correlation = series.matrix(data, t, definition)
    figure, (left, middle, right) = style.subplots(1, 3, figsize=(7.6, 3.2), width_ratios=(1.25, 1, 1))
    grey = style.activity_map()
    left.imshow(activity[order], aspect="auto", cmap=grey, vmin=lowest, vmax=highest, interpolation="antialiased")
    left.set(title=f"activity, t = {t}", ylabel="neuron (Rastermap order)", yticks=[])
    left.set_xticks(np.arange(100, 2000, 200), range(10))
    left.tick_params(bottom=False)
    left.set_xlabel("image, by digit")
    style.letter(left, "a")
    shown = middle.imshow(correlation[np.ix_(order, order)], cmap=style.correlation_map(), vmin=-1, vmax=1)
    middle.set(title="correlation", xlabel="neuron", xticks=[], yticks=[])
    figure.colorbar(shown, ax=middle, orientation="horizontal", shrink=0.8, aspect=18, ticks=[-1, 0, 1], pad=0.02)
    counts = _draw_graph(right, correlation, threshold)
    right.set_title(f"graph, |C| > {threshold:.2f}")
    right.set_xlabel(
        f"{counts['positive']} positive, {counts['negative']} negative edges\n"
        f"{counts['joined']} of {len(correlation)} neurons joined"
    )
    alt = (
        f"At iteration {t}, {definition}: {counts['positive']} pairs of neurons correlate above {threshold:.2f} and "
        f"{counts['negative']} below -{threshold:.2f}; {counts['joined']} of {len(correlation)} neurons have an edge, "
        f"and the largest connected component holds {counts['largest']}."
    )
    first, second = data["neuron_i"].values, data["neuron_j"].values
    values = correlation[first, second]
    kept = np.abs(values) > threshold
    table = pd.DataFrame({"neuron_i": first[kept], "neuron_j": second[kept], "correlation": values[kept].round(4)})
    return Drawing(figure, alt, table)


def _draw_graph(axis, correlation, threshold):
    c = style.colours()
    strong = np.triu(np.abs(correlation) > threshold, 1)
    first, second = np.nonzero(strong)
    signs = correlation[first, second] > 0
    graph = nx.Graph(zip(first.tolist(), second.tolist(), strict=True))
    axis.axis("off")
    axis.set_axis_on()
    axis.set(xticks=[], yticks=[])
    axis.spines[:].set_visible(False)
    if graph:
        place = nx.spring_layout(graph, seed=1, k=1.6 / np.sqrt(len(graph)), iterations=60)
        lines = [(place[i], place[j]) for i, j in zip(first.tolist(), second.tolist(), strict=True)]
        width = 0.4 + 2.2 * (np.abs(correlation[first, second]) - threshold)
        axis.add_collection(
            LineCollection(lines, linewidths=width, alpha=0.75, colors=np.where(signs, c.positive, c.negative))
        )
        points = np.array([place[node] for node in graph])
        axis.scatter(*points.T, s=9, color=c.ink, zorder=3, linewidths=0)
        axis.autoscale_view()
    else:
        axis.text(0.5, 0.5, "no edge", ha="center", va="center", transform=axis.transAxes)
    largest = max((len(part) for part in nx.connected_components(graph)), default=1)
    return {"positive": int(signs.sum()), "negative": int((~signs).sum()), "joined": len(graph), "largest": largest}


def fig1b(data, *, threshold=0.5, seed=0, definition="as-coded"):
    """Correlation strength, survival probability, mean degree and Forman-Ricci entropy over training."""
    t, s = anchors.steps(data), list(data["seed"].values).index(seed)
    measures = {
        "correlation strength": series.strength(data, definition),
        "survival probability": series.graph(data, "survival", definition, threshold),
        "mean degree": series.graph(data, "mean_degree", definition, threshold),
        "Forman-Ricci entropy": series.graph(data, "entropy", definition, threshold),
    }
    scaled = {
        k: v / np.where(v.max(axis=1, keepdims=True) > 0, v.max(axis=1, keepdims=True), 1) for k, v in measures.items()
    }
    figure, (early, whole) = style.subplots(1, 2, figsize=(7.6, 3.7), sharey=True)
    for colour, (name, values) in zip(style.colours().quantities, scaled.items(), strict=True):
        early.plot(t, values[s], color=colour, label=name)
        whole.plot(t[1:], np.median(values, axis=0)[1:], color=colour, lw=1)
        whole.fill_between(t[1:], values.min(axis=0)[1:], values.max(axis=0)[1:], color=colour, alpha=0.22, lw=0)
    peak = int(t[measures["correlation strength"][s].argmax()])
    for axis in (early, whole):
        axis.axvline(PEAK, color=style.colours().ink, lw=0.9, ls="--")
        axis.set_ylim(0, 1.04)
    early.set(
        xlim=(0, 300), xlabel="iteration t", ylabel="value / its maximum", title=f"seed {seed}, first 300 iterations"
    )
    early.annotate(
        f"paper: peak at t = {PEAK}\nseed {seed}: {peak}",
        (PEAK, 0.56),
        xytext=(6, 0),
        textcoords="offset points",
        va="top",
    )
    early.legend(loc="lower right", handlelength=1.2)
    style.log_iterations(whole)
    whole.set_title("five seeds: median and range")
    style.letter(early, "b")
    peaks = {name: int(t[v[s].argmax()]) for name, v in measures.items()}
    alt = (
        f"Seed {seed}, {definition}, threshold {threshold:.2f}. Each curve rises and falls: "
        + ", ".join(f"{name} is largest at t = {when}" for name, when in peaks.items())
        + f". The paper's dashed line is at {PEAK}. At the end the correlation strength is "
        f"{scaled['correlation strength'][s, -1]:.2f} of its maximum."
    )
    table = pd.DataFrame({"t": t, **{name.replace(" ", "_"): v[s] for name, v in measures.items()}})
    return Drawing(figure, alt, table)


def fig1c(data, *, seed=0, loss="mini-batch", definition="as-coded"):
    """Training loss, test accuracy and correlation strength on one logarithmic axis of iterations."""
    c, t, s = style.colours(), anchors.steps(data), list(data["seed"].values).index(seed)
    accuracy, strength = data["test_accuracy"].values, series.strength(data, definition)
    scaled = strength / strength.max(axis=1, keepdims=True)
    full = data["loss"].values
    figure, (left, right) = style.subplots(1, 2, figsize=(7.6, 3.7))
    if loss == "mini-batch":
        iteration, batch = data["iteration"].values, data["batch_loss"].values
        left.plot(iteration[1:], np.log(np.maximum(batch[s, 1:], 1e-8)), color=c.faint, lw=0.4)
        left.set_title(f"seed {seed}: loss of each mini-batch")
    else:
        left.fill_between(
            t[1:], np.log(full.min(axis=0)[1:]), np.log(full.max(axis=0)[1:]), color=c.faint, alpha=0.35, lw=0
        )
        left.set_title("loss of all 60000 images, five seeds")
    left.plot(t[1:], np.log(full[s, 1:]), color=c.quantities[1], lw=1.2)
    for value, text in ((LOSS_BEFORE, "2.22"), (LOSS_AT_100, "0.4")):
        left.axhline(np.log(value), color=c.ink, lw=0.9, ls="--")
        left.annotate(
            f"paper: {text}",
            (1.3, np.log(value)),
            xytext=(0, 3 if value > 1 else -3),
            textcoords="offset points",
            va="bottom" if value > 1 else "top",
        )
    left.set(ylabel="ln loss (nats)", ylim=(-15, 3.2))
    for axis in (left, right):
        axis.axvline(100, color=c.ink, lw=0.6, ls=":")
        style.log_iterations(axis)
    for values, colour, name in (
        (accuracy, c.quantities[2], "test accuracy"),
        (scaled, style.of_definition(definition), "strength / maximum"),
    ):
        right.fill_between(t[1:], values.min(axis=0)[1:], values.max(axis=0)[1:], color=colour, alpha=0.22, lw=0)
        right.plot(t[1:], values[s, 1:], color=colour, label=name)
    right.set(ylim=(0, 1.04), title=f"seed {seed}, and the range of five")
    right.legend(loc="lower right")
    style.letter(left, "c")
    at = lambda values, step: values[s, list(t).index(step)]  # noqa: E731
    alt = (
        f"Seed {seed}: the mean training loss is {at(full, 1):.2f} nats at t = 1, {at(full, 100):.2f} at t = 100 and "
        f"{at(full, t[-1]):.1e} at t = {t[-1]}; the test accuracy is {at(accuracy, 100):.3f} at t = 100 and "
        f"{at(accuracy, t[-1]):.3f} at the end. The correlation strength ({definition}) is largest at "
        f"t = {int(t[strength[s].argmax()])}, and the curve drawn on the left is the loss of "
        f"{'each mini-batch' if loss == 'mini-batch' else 'all training images'}."
    )
    table = pd.DataFrame({"t": t, "mean_loss": full[s], "test_accuracy": accuracy[s], "strength": strength[s]})
    return Drawing(figure, alt, table)


def fig1d(data, *, seed=0, definition="as-coded", reference=1):
    """Complexity-information diagram: correlation strength against information gained."""
    c, t, s = style.colours(), anchors.steps(data), list(data["seed"].values).index(seed)
    entropy, strength = series.entropy(data, definition), series.strength(data, definition) / 1e3
    gain = np.array([information_gain(e, t, reference=reference) for e in entropy])
    figure, axis = style.subplots(figsize=(7.6, 4.0))
    for other in range(len(gain)):
        if other != s:
            axis.plot(gain[other, 1:], strength[other, 1:], color=c.faint, lw=0.7, alpha=0.7, zorder=1)
    axis.plot(gain[s, 1:], strength[s, 1:], color=c.faint, lw=0.8, zorder=2)
    dots = axis.scatter(gain[s, 1:], strength[s, 1:], c=np.log(t[1:]), cmap=style.time_map(), s=14, lw=0, zorder=3)
    turn = int(strength[s].argmax())
    axis.annotate(
        f"turning point, t = {t[turn]}\n(paper: {PEAK})",
        (gain[s, turn], strength[s, turn]),
        xytext=(-26, 16),
        textcoords="offset points",
        ha="right",
        va="center",
        arrowprops={"arrowstyle": "-", "color": c.ink, "lw": 0.7},
    )
    axis.annotate(
        f"end, t = {t[-1]}",
        (gain[s, -1], strength[s, -1]),
        xytext=(12, -14),
        textcoords="offset points",
        va="top",
        arrowprops={"arrowstyle": "-", "color": c.ink, "lw": 0.7},
    )
    bar = figure.colorbar(dots, ax=axis, label="iteration t", pad=0.02)
    decades = [1, 10, 100, 1000, 10_000, 100_000]
    bar.set_ticks([np.log(d) for d in decades], labels=[f"$10^{k}$" for k in range(6)])
    axis.set(
        xlabel=f"information gain since t = {reference} (nats)",
        ylabel="correlation strength (thousands)",
        title=f"seed {seed} by colour, the other seeds in grey",
    )
    axis.margins(x=0.12, y=0.2)
    style.letter(axis, "d")
    alt = (
        f"Seed {seed}, {definition}: the strength rises from {1e3 * strength[s, 1]:.0f} at t = 1 to "
        f"{1e3 * strength[s, turn]:.0f} at t = {t[turn]}, where {gain[s, turn]:.2f} nats have been gained since "
        f"t = {reference}, and falls to {1e3 * strength[s, -1]:.0f} at the end, at {gain[s, -1]:.2f} nats."
    )
    table = pd.DataFrame({"t": t, "information_gain": gain[s], "strength": 1e3 * strength[s]})
    return Drawing(figure, alt, table)


DATA = "fig1"
PANELS: dict[str, Callable] = {"1a": fig1a, "1b": fig1b, "1c": fig1c, "1d": fig1d}
