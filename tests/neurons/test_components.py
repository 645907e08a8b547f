"""Components and susceptibility: solved cases, and the percolation transition of Erdos-Renyi graphs."""

import numpy as np
import pytest

from critnet.errors import UsageError
from critnet.neurons.components import (
    component_sizes,
    largest_component,
    largest_fraction,
    mean_finite_component,
    susceptibility,
)


def erdos_renyi(rng, n_neurons, mean_degree):
    graph = np.triu(rng.random((n_neurons, n_neurons)) < mean_degree / (n_neurons - 1), 1)
    return graph | graph.T


def test_a_disconnected_graph_and_the_empty_one():
    graph = np.zeros((6, 6), dtype=bool)
    assert component_sizes(graph).tolist() == [1] * 6
    for i, j in [(0, 1), (1, 2), (4, 5)]:
        graph[i, j] = graph[j, i] = True
    assert component_sizes(graph).tolist() == [3, 2, 1]


def test_the_two_readings_of_the_largest_component_differ_without_edges():  # section 10, D14
    assert largest_component([1, 1]) == 1
    assert largest_fraction([1, 1]) == 0.0
    assert largest_fraction([2, 1, 1]) == 0.5


@pytest.mark.parametrize(
    ("sizes", "as_coded", "control", "mean"),
    [
        ([7], 0.0, 0.0, 0.0),
        ([1], 0.0, 0.0, 0.0),
        ([4, 4], 0.0, 16 / 8, 0.0),  # ties of the maximum all go, or one of them
        ([5, 1, 1, 1], 0.0, 3 / 8, 1.0),
        ([6, 3, 1], 1 / 2, 10 / 10, 2.0),  # <s^2> - <s>^2 = 5 - 4, over <s> = 2
    ],
)
def test_susceptibility_of_solved_cases(sizes, as_coded, control, mean):
    assert susceptibility(sizes, definition="as-coded") == pytest.approx(as_coded)
    assert susceptibility(sizes, "control") == pytest.approx(control)
    assert mean_finite_component(sizes) == pytest.approx(mean)


@pytest.mark.parametrize(
    ("mean_degree", "largest", "as_coded", "control"),
    [
        (0.5, "9.6", "0.5", "1.8"),
        (1.0, "54", "3.2", "4.3"),
        (1.1, "83", "3.7", "4.4"),
        (1.5, "234", "1.15", "1.1"),
        (3.0, "375", "0.18", "0.08"),
    ],
)
def test_percolation_of_random_graphs(mean_degree, largest, as_coded, control):  # T9, N = 400
    rng = np.random.default_rng(int(10 * mean_degree))
    measured = []
    for _ in range(160):
        sizes = component_sizes(erdos_renyi(rng, 400, mean_degree))
        measured.append(
            [largest_component(sizes), susceptibility(sizes, definition="as-coded"), susceptibility(sizes, "control")]
        )
    # the table is a mean over 40 graphs of its own, rounded to the digits given
    table = [largest, as_coded, control]
    error = np.std(measured, axis=0) * np.sqrt(1 / 160 + 1 / 40)
    half_a_digit = [0.5 * 10.0 ** -len(text.partition(".")[2]) for text in table]
    assert (np.abs(np.mean(measured, axis=0) - np.array(table, dtype=float)) < 3 * error + half_a_digit).all()


def test_the_giant_component_follows_its_equation():
    share = 0.9
    for _ in range(100):
        share = 1 - np.exp(-3 * share)
    sizes = component_sizes(erdos_renyi(np.random.default_rng(0), 2000, 3.0))
    assert largest_fraction(sizes) == pytest.approx(share, abs=4 * np.sqrt(share * (1 - share) / 2000))


@pytest.mark.parametrize("sizes", [[], [0, 1], [[1, 2]], [1.5], [-1]])
def test_sizes_that_are_none_are_refused(sizes):
    for function in (largest_component, largest_fraction, mean_finite_component, susceptibility):
        with pytest.raises(UsageError, match="sizes are"):
            function(sizes)


def test_bad_graphs_are_refused():
    for graph, message in [
        (np.ones((2, 3)), "square"),
        (np.eye(2), "self-loops"),
        ([[0, 1], [0, 0]], "not symmetric"),
        ([[0, np.nan], [np.nan, 0]], "NaN"),
        (np.empty((0, 0)), "shape"),
    ]:
        with pytest.raises(UsageError, match=message):
            component_sizes(graph)
    with pytest.raises(UsageError, match="definition is 'ED'"):
        susceptibility([1], "ED")
