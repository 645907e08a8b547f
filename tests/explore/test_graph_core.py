"""The browser's correlation graph against critnet.neurons: edges, degrees, components, survival, exactly."""

import json
from pathlib import Path

import numpy as np
import pytest

import critnet.explore.widgets.graph as widget
from critnet.explore.widgets.base import text_of
from critnet.neurons import graphs
from critnet.paper import results
from critnet.paper.fig1 import explorers, series

pytestmark = pytest.mark.browser

WIDGETS = Path(widget.__file__).parents[1]
SOURCE = "\n".join((WIDGETS / f"{part}.js").read_text() for part in ("base/page", "graph/core"))
EXPORTS = "readGraphs, measured, survivalOf, overTime, partnersOf, pairIndex, firstUnit"
THRESHOLDS = [0.0, 0.29, 0.46, 0.5, 0.57, 0.99, 1.0]


@pytest.fixture(scope="module")
def page(chromium):
    """A blank page that knows the functions of graph/core.js."""
    context = chromium.new_context()
    page = context.new_page()
    page.add_script_tag(content=f"const js = (() => {{ {SOURCE}; return {{ {EXPORTS} }}; }})();")
    yield page
    context.close()


@pytest.fixture(scope="module")
def data():
    return results.load("fig1")


@pytest.fixture(scope="module")
def anchor(page, data):
    """The committed matrices: in the page as `graphs`, here as a function of iteration and definition."""
    packed = {key: text_of(values, "<i2") for key, values in explorers.triangles(data).items()}
    steps = explorers.iterations(data).tolist()
    page.evaluate(
        "([correlation, iterations]) => { window.graphs = "
        "js.readGraphs({ correlation, iterations, layers: [50, 50, 10] }) }",
        [packed, steps],
    )
    return steps, lambda step, definition: series.matrix(data, step, definition)


def found(page, k, definition, convention, threshold):
    text = page.evaluate(  # as text: playwright is slow with arrays
        """([k, definition, convention, threshold]) => {
            const triangle = graphs.triangle(definition, k);
            const found = js.measured(graphs, triangle, convention, threshold);
            const pairs = found.edges.map((p) => [graphs.first[p], graphs.second[p]]);
            return JSON.stringify({ ...found, edges: pairs, degrees: [...found.degrees],
                label: [...found.label], counts: [...found.counts],
                survival: js.survivalOf(graphs, definition, k, threshold) });
        }""",
        [k, definition, convention, threshold],
    )
    return json.loads(text)


@pytest.mark.parametrize("definition", widget.DEFINITIONS)
@pytest.mark.parametrize("convention", widget.EDGES)
@pytest.mark.parametrize("step", [0, 5, 37, 100, 200_000])
def test_counts_are_those_of_numpy(page, anchor, step, convention, definition):
    steps, matrix = anchor
    correlation = matrix(step, definition)
    for threshold in THRESHOLDS:
        ours = graphs.adjacency(correlation, threshold, convention)
        seen = found(page, steps.index(step), definition, convention, threshold)
        first, second = np.nonzero(np.triu(ours, 1))
        assert seen["edges"] == np.column_stack([first, second]).tolist()
        signs = correlation[first, second] > 0
        assert [seen["positive"], seen["negative"]] == [signs.sum(), (~signs).sum()]
        assert seen["degrees"] == graphs.degrees(ours).tolist()
        assert seen["meanDegree"] == pytest.approx(graphs.mean_degree(ours), rel=1e-15)
        assert seen["sizes"] == graphs.component_sizes(ours).tolist()
        assert seen["joined"] == (graphs.degrees(ours) > 0).sum()
        assert seen["survival"] == graphs.survival_probability(correlation, threshold, definition=definition)
        reach = ours + np.eye(len(ours))
        for _ in range(7):  # walks of up to 2^7 steps
            reach = np.minimum(reach @ reach, 1)
        assert [seen["counts"][root] for root in seen["label"]] == reach.sum(axis=1).tolist()


@pytest.mark.parametrize(("convention", "definition"), [("signed", "as-coded"), ("fisher", "control")])
def test_the_course_over_time_is_that_of_numpy(page, anchor, convention, definition):
    steps, matrix = anchor
    for threshold in (0.3, 0.5, 1.0):
        seen = page.evaluate("(given) => js.overTime(graphs, ...given)", [convention, threshold, definition])
        matrices = [matrix(step, definition) for step in steps]
        assert seen["survival"] == [graphs.survival_probability(c, threshold, definition=definition) for c in matrices]
        ours = [graphs.mean_degree(graphs.adjacency(c, threshold, convention)) for c in matrices]
        assert np.allclose(seen["meanDegree"], ours, rtol=1e-15, atol=0)


def test_at_the_stored_thresholds_the_numbers_are_those_of_the_results_file(page, anchor, data):
    steps, _ = anchor
    stored = data["n_edges"].sel(seed=0, graph="as-coded signed")
    for threshold in data["threshold"].values[[0, 3, 7]].tolist():
        for step in (0, 10, 100):
            seen = found(page, steps.index(step), "as-coded", "signed", threshold)
            # The file counts before rounding to 1/32767: pairs so near the threshold are the only ones that may differ.
            near = np.abs(series.matrix(data, step, "as-coded") - threshold) < 1 / 32767
            difference = len(seen["edges"]) - int(stored.sel(t=step, threshold=threshold))
            assert abs(difference) <= np.triu(near, 1).sum()


def test_partners_are_the_strongest_in_absolute_value(page, anchor):
    steps, matrix = anchor
    for neuron in (0, 57, 109):
        row = matrix(100, "as-coded")[neuron].copy()
        row[neuron] = 0
        order = np.argsort(-np.abs(row), kind="stable")[:6]
        seen = page.evaluate(
            "([k, i]) => js.partnersOf(graphs, graphs.triangle('as-coded', k), i, 6)", [steps.index(100), neuron]
        )
        assert [each["neuron"] for each in seen] == order.tolist()
        assert [each["correlation"] for each in seen] == row[order].tolist()


def test_small_graphs_solved_by_hand(page):
    """Three neurons in a row, C01 = 1/2 above, C12 = -1; no self, no edge at weight 0."""
    half, minus = 16384, -32767
    page.evaluate(
        "(text) => { window.graphs = js.readGraphs({ correlation: { control: text, 'as-coded': text }, "
        "iterations: [0], layers: [2, 1] }) }",
        text_of([half, 0, minus], "<i2"),
    )
    assert found(page, 0, "control", "signed", 0.5)["edges"] == [[0, 1]]
    assert found(page, 0, "control", "absolute", 0.5)["sizes"] == [3]
    assert found(page, 0, "control", "absolute", 0.0)["edges"] == [[0, 1], [1, 2]]
    assert found(page, 0, "control", "absolute", 1.0)["edges"] == [[1, 2]]
    assert found(page, 0, "control", "absolute", 1.0)["survival"] == 0
    assert found(page, 0, "as-coded", "absolute", 1.0)["survival"] == 0
    assert found(page, 0, "control", "absolute", 0.6)["survival"] == pytest.approx(1 / 3)
    assert found(page, 0, "as-coded", "absolute", 0.6)["survival"] == pytest.approx(5 / 9)
    assert page.evaluate("js.firstUnit('fisher', 1)") == np.ceil(np.tanh(1) * 32767)
    assert page.evaluate("[[0, 1], [2, 0], [2, 1]].map(([i, j]) => js.pairIndex(3, i, j))") == [0, 1, 2]
