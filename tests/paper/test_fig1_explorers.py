"""What goes into the graph explorer, and the picture and words that stand in for it."""

import numpy as np
import pytest

from critnet.explore import render
from critnet.neurons import graphs
from critnet.paper import anchors, results, style
from critnet.paper.fig1 import explorers, graph, series


@pytest.fixture(scope="module")
def data():
    return results.load("fig1")


def test_the_iterations_hold_those_of_the_figures_and_leave_no_gap(data):
    steps = explorers.iterations(data)
    assert {0, 1, 5, 10, 37, 100, 200_000} <= set(steps.tolist())
    assert set(steps) <= set(anchors.steps(data))
    assert 35 <= len(steps) <= 45
    assert np.diff(np.log1p(steps)).max() <= np.log(2)  # from 0 to 1; later no step is longer


def test_the_triangles_are_the_matrices(data):
    steps, first, second = explorers.iterations(data), *np.triu_indices(110, 1)
    for definition, packed in explorers.triangles(data).items():
        assert packed.dtype == np.int16
        for step in (0, 37, 200_000):
            matrix = series.matrix(data, step, definition)
            assert packed[list(steps).index(step)] / 32767 == pytest.approx(matrix[first, second], abs=1e-15)
    assert data.attrs["quantum"] == 1 / 32767
    assert not data["dead"].values[list(data["seed"].values).index(data.attrs["displayed_seed"])].any()  # diagonal 1


def test_mean_responses_are_means_over_images_and_standardised_as_coded(data):
    found = explorers.responses(data)
    k = list(data["shown"].values).index(10)
    images = np.flatnonzero(data["image_label"].values == 4)
    raw = data["activity"].values[k].astype(float)
    assert found["control"][k, 60, 4] == pytest.approx(np.mean([raw[60, x] for x in images]))
    standard = [(raw[60, x] - raw[:, x].mean()) / raw[:, x].std() for x in images]
    assert found["as-coded"][k, 60, 4] == pytest.approx(np.mean(standard))
    assert np.allclose(found["as-coded"].sum(axis=1), 0, atol=1e-9)  # standardised across neurons (METHODS D7)


def test_places_fill_the_disk_and_positive_partners_are_near(data):
    place = graph.places(data)
    assert place.shape == (110, 2)
    distance = np.sort(np.hypot(*place.T))
    assert distance == pytest.approx(np.sqrt((np.arange(110) + 0.5) / 110))
    first, second = np.triu_indices(110, 1)
    apart = np.hypot(*(place[first] - place[second]).T)
    values = series.matrix(data, 100, "as-coded")[first, second]
    assert apart[values > 0.5].mean() < 0.8 * apart[np.abs(values) < 0.1].mean()


def test_words_and_picture_state_the_numbers(data):
    correlation = series.matrix(data, 100, "as-coded")
    joined = graphs.adjacency(correlation, 0.5, "absolute")
    edges = int(joined.sum()) // 2
    words = explorers.words(data)
    assert f"{edges} pairs of neurons correlate with |C| of at least 0.50" in words
    assert f"components holds {graphs.component_sizes(joined)[0]}." in words
    assert f"mean degree of {2 * edges / 110:.2f}" in words
    drawn = [
        render.draw(explorers.picture, {"data": data}, name="x", style=style.theme, theme=t) for t in ("light", "dark")
    ]
    assert drawn[0].alt == words
    assert len(drawn[0].table) == edges
    assert (drawn[0].image != drawn[1].image).any()
    assert np.mean(drawn[0].image[..., 3] > 0) > 0.02


def test_the_explorer_starts_where_the_words_say(data):
    given = explorers.graph_explorer(data, name="here").given
    assert given["start"] == {"threshold": 0.5, "t": 100, "edges": "absolute", "definition": "as-coded"}
    assert given["peak"] == 37
    assert given["name"] == "here"
    assert f"at {len(given['iterations'])} of its {data.sizes['t']} stored iterations" in given["caption"]


def test_what_the_chapter_says_of_the_threshold_is_so(data):
    """The section "Move the threshold yourself", both definitions, both ways to join without Fisher's transform."""
    largest = lambda c, threshold, convention: graphs.component_sizes(  # noqa: E731
        graphs.adjacency(c, threshold, convention)
    )[0]
    count = lambda c, threshold, convention: graphs.adjacency(c, threshold, convention).sum() // 2  # noqa: E731
    for definition in ("as-coded", "control"):
        early, end = (series.matrix(data, step, definition) for step in (100, 200_000))
        for convention in ("signed", "absolute"):
            assert largest(early, 0.5, convention) > 0.8 * 110
            assert largest(early, 0.7, convention) < 0.25 * 110
            assert largest(early, 0.4, convention) >= 0.9 * 110
            assert largest(end, 0.4, convention) > 0.9 * 110
            assert all(count(end, c, convention) < 0.75 * count(early, c, convention) for c in (0.4, 0.5, 0.6, 0.7))
        shares = []
        for step in (37, 200_000):
            correlation = series.matrix(data, step, definition)
            joined = np.triu(graphs.adjacency(correlation, 0.5, "absolute"), 1)
            shares.append((correlation[joined > 0] < 0).mean())
        assert shares[1] == pytest.approx(shares[0] / 2, rel=0.15)


def test_what_the_chapter_says_of_the_time_of_the_peak_is_so(data):
    steps = explorers.iterations(data)
    for definition, thresholds, first, last in [
        ("as-coded", (0.3, 0.4, 0.5, 0.6, 0.7), 25, 35),
        ("control", (0.3, 0.4, 0.45), 85, 115),
        ("control", (0.6, 0.65, 0.7), 0, 70),
    ]:
        matrices = [series.matrix(data, step, definition) for step in steps]
        for threshold in thresholds:
            course = np.array([graphs.survival_probability(c, threshold, definition=definition) for c in matrices])
            assert first <= steps[course.argmax()] <= last
            assert (course > 0.9 * course.max()).sum() >= 3
