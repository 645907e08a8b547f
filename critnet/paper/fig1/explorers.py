"""The graph explorer on the displayed anchor run, and its static picture."""

import numpy as np
import pandas as pd

from critnet.explore import Drawing, render
from critnet.explore.widgets.graph import GraphExplorer
from critnet.neurons.graphs import (
    adjacency,
    component_sizes,
    degrees,
    largest_component,
    mean_degree,
    survival_probability,
)
from critnet.paper import anchors, style
from critnet.paper.fig1 import graph, series
from critnet.paper.published import PEAK

START, THRESHOLD = 100, 0.5
COUNT = 37  # iterations shown, besides those of the figures


def iterations(data):
    """`COUNT` of the stored iterations, evenly spaced in ln(1 + t), with the ones of Fig. 1a and the paper's peak."""
    steps = anchors.steps(data)
    wanted = np.linspace(0, np.log1p(steps[-1]), COUNT)
    nearest = steps[np.abs(np.log1p(steps)[:, None] - wanted).argmin(axis=0)]
    return np.unique([*nearest, *data["shown"].values, PEAK])


def triangles(data):
    """Upper triangles by definition, as the explorer takes them: int16 (iteration, pair), in units of 1/32767."""
    chosen = data["correlation"].sel(t=iterations(data))
    return {definition: chosen.sel(definition=definition).values for definition in data["definition"].values.tolist()}


def responses(data):
    """Mean response of each neuron to each digit, (shown, neuron, digit), by definition: standardised, and raw.

    As coded, each image is first standardised across the neurons (METHODS D7), as before the correlation.
    """
    raw = data["activity"].values.astype(float)
    spread = raw.std(axis=1, keepdims=True)
    standardised = (raw - raw.mean(axis=1, keepdims=True)) / np.where(spread > 0, spread, 1)
    labels = data["image_label"].values
    means = lambda x: np.stack([x[..., labels == digit].mean(axis=-1) for digit in range(10)], axis=-1)  # noqa: E731
    return {"as-coded": means(standardised), "control": means(raw)}


def words(data):
    """What the explorer shows first, in numbers."""
    correlation = series.matrix(data, START, "as-coded")
    joined = adjacency(correlation, THRESHOLD, "absolute")
    sizes = component_sizes(joined)
    values = np.triu(correlation, 1)[np.triu(joined, 1)]
    survival = survival_probability(correlation, THRESHOLD, definition="as-coded")
    return (
        f"At iteration {START}, as coded, {len(values)} pairs of neurons correlate with |C| of at least "
        f"{THRESHOLD:.2f}, {(values > 0).sum()} of them positively and {(values < 0).sum()} negatively; they join "
        f"{(degrees(joined) > 0).sum()} of {len(joined)} neurons with a mean degree of {mean_degree(joined):.2f}. The "
        f"largest of {len(sizes)} components holds {largest_component(sizes)}. "
        f"P(|C| > {THRESHOLD:.2f}) is {survival:.4f}, the diagonal counted."
    )


def picture(data):
    """The graph shown first: what a page without scripts, or on paper, has of the explorer."""
    correlation = series.matrix(data, START, "as-coded")
    figure, axis = style.subplots(figsize=(7.6, 4.2))
    joined = adjacency(correlation, THRESHOLD, "absolute")
    first, second, values = graph.draw(axis, graph.places(data), correlation, joined, size=14, thinnest=0.4)
    axis.set_axis_off()
    return Drawing(figure, words(data), pd.DataFrame({"neuron_i": first, "neuron_j": second, "correlation": values}))


def graph_explorer(data, *, name="graph-explorer"):
    """Drag the threshold and the time of the correlation graph; recomputed in the reader's browser.

    Parameters
    ----------
    data : Dataset
        The results file "fig1".
    name : str
        Id of the explorer in its page.

    Returns
    -------
    GraphExplorer, displayed by the notebook where it is the last expression of a cell.
    """
    steps = iterations(data)
    n_neurons = data.sizes["neuron"]
    hidden = (n_neurons - 10) // 2
    return GraphExplorer(
        triangles(data),
        steps,
        (hidden, hidden, 10),
        responses(data),
        data["shown"].values,
        graph.places(data),
        name=name,
        threshold=THRESHOLD,
        t=START,
        peak=PEAK,
        caption=f"The correlation graph of seed {data.attrs['displayed_seed']} at {len(steps)} of its "
        f"{len(anchors.steps(data))} stored iterations, {n_neurons} neurons. The places of the neurons are fixed: "
        "neurons that correlate positively early or late lie together. Mean responses are over 200 images of each "
        "digit, at the stored iteration nearest to the one chosen.",
        words=words(data),
        picture=render.draw(picture, {"data": data}, name=name, style=style.theme).image,
    )
