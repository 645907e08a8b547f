"""The masked network: a planted path, the definition as loops, and what must hold for any sub-graph."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from critnet.circuits.edges import full_edges
from critnet.circuits.masks import complement_weights, logits, masked_weights, score
from critnet.errors import UsageError


def by_loops(net, edges, image, definition, growing=False):
    """Logits of one image, neuron by neuron, straight from the definition (METHODS D41 and section 11)."""
    edges = {tuple(map(int, edge)) for edge in edges}
    n_first, n_second, n_outputs = len(net["b1"]), len(net["b2"]), len(net["b3"])
    first = []
    for i in range(n_first):
        used = any(layer == 1 and source == i for layer, source, _ in edges)
        total = float(net["b1"][i]) if used else 0.0
        for p, value in enumerate(image):
            total += float(net["W1"][i, p]) * float(value) if used else 0.0
        first.append(max(total, 0.0))
    second = []
    for j in range(n_second):
        fed = any(layer == 1 and target == j for layer, _, target in edges)
        member = fed or any(layer == 2 and source == j for layer, source, _ in edges)
        total = float(net["b2"][j]) if fed or (growing and member) else 0.0
        for i in range(n_first):
            total += float(net["W2"][j, i]) * first[i] if (1, i, j) in edges else 0.0
        second.append(max(total, 0.0))
    answer = []
    for k in range(n_outputs):
        total = float(net["b3"][k])
        for j in range(n_second):
            leads_out = any((2, j, other) in edges for other in range(n_outputs))
            kept = leads_out if definition == "as-coded" else (2, j, k) in edges
            total += float(net["W3"][k, j]) * second[j] if kept else 0.0
        answer.append(total)
    return answer


def test_the_planted_path_carries_its_class_and_nothing_else(planted):
    net, images, labels, path = planted
    full, kept = logits(net, images), logits(masked_weights(net, path, definition="as-coded"), images)
    assert kept[:, 1].tolist() == pytest.approx([6, 12, 0, 0, 0.3])
    assert kept[:, 1].tolist() == full[:, 1].tolist()
    assert full[2].tolist() == pytest.approx([0.5, 0, 0.03])
    assert kept[2].tolist() == [0.5, 0, 0]
    assert score(kept, labels, 1) == (pytest.approx(2 / 3), 0.0, 2, 3, 0, 2)


@pytest.mark.parametrize("cut", [0, 1])
def test_without_an_edge_of_the_path_only_the_bias_answers(planted, cut):
    net, images, labels, path = planted
    kept = logits(masked_weights(net, [path[cut]], definition="as-coded"), images)
    assert kept.tolist() == [[0.5, 0, 0]] * len(images)
    assert score(kept, labels, 1)[:2] == (0.0, 0.0)
    assert score(kept, labels, 0)[:2] == (1.0, 1.0)  # the constant classifier: perfect recall, and no use


def test_as_coded_an_output_edge_brings_the_weights_to_all_outputs(planted):
    net, images, _, path = planted
    net["W3"][2, 0] = -1.0
    as_coded = logits(masked_weights(net, path, definition="as-coded"), images)
    control = logits(masked_weights(net, path, definition="control"), images)
    assert as_coded[0].tolist() == [0.5, 6, -2]
    assert control[0].tolist() == [0.5, 6, 0]


def test_a_bias_counts_only_where_an_edge_leads_to_it_but_while_growing_for_every_member(planted):
    net, images, _, path = planted
    net["b2"][:] = 0.25, 0.75
    pruned = logits(masked_weights(net, [path[1]], definition="as-coded"), images)
    grown = logits(masked_weights(net, [path[1]], growing=True, definition="as-coded"), images)
    assert pruned.tolist() == [[0.5, 0, 0]] * 5  # second-layer neuron 0 has an edge out and none in: silent
    assert grown.tolist() == [[0.5, 0.75, 0]] * 5  # 3 x 0.25; neuron 1 is no member
    fed = masked_weights(net, path, definition="as-coded")
    assert (
        fed["b2"].tolist() == masked_weights(net, path, growing=True, definition="as-coded")["b2"].tolist() == [0.25, 0]
    )


subsets = st.lists(st.integers(0, 29), max_size=30)  # of the 4 x 3 + 3 x 6 edges


@given(st.integers(0, 5), subsets, st.sampled_from(["as-coded", "control"]), st.booleans())
def test_masked_logits_are_those_of_the_loops(seed, chosen, definition, growing):
    random = np.random.default_rng(seed)
    shapes = {"W1": (4, 5), "b1": 4, "W2": (3, 4), "b2": 3, "W3": (6, 3), "b3": 6}
    net = {name: random.standard_normal(shape) for name, shape in shapes.items()}
    images, edges = random.standard_normal((3, 5)), full_edges(net)[chosen]
    expected = [by_loops(net, edges, image, definition, growing) for image in images]
    kept = masked_weights(net, edges, definition=definition, growing=growing)
    assert np.allclose(logits(kept, images), expected, rtol=1e-12)


@given(subsets, st.randoms())
def test_order_and_repetition_of_the_edges_do_not_matter(chosen, random):
    net = {"W1": np.ones((4, 5)), "b1": np.ones(4), "W2": np.ones((3, 4)), "b2": np.ones(3), "W3": np.ones((6, 3)),
           "b3": np.ones(6)}  # fmt: skip
    edges = full_edges(net)[chosen]
    again = [*edges.tolist(), *edges.tolist()]
    random.shuffle(again)
    one, two = masked_weights(net, edges, definition="as-coded"), masked_weights(net, again, definition="as-coded")
    assert all(np.array_equal(one[name], two[name]) for name in one)


@pytest.mark.parametrize("definition", ["as-coded", "control"])
def test_all_edges_are_the_full_network_and_none_leaves_the_bias(net, definition):
    weights = net(1)
    images = np.random.default_rng(2).standard_normal((7, 5))
    everything = masked_weights(weights, full_edges(weights), definition=definition)
    assert all(np.array_equal(everything[name], weights[name]) for name in weights)
    nothing = logits(masked_weights(weights, [], definition=definition), images)
    assert np.array_equal(nothing, np.tile(weights["b3"].astype(float), (7, 1)))


@given(st.integers(0, 5), subsets)
def test_a_circuit_and_its_complement_make_the_network(seed, chosen):
    random = np.random.default_rng(seed)
    shapes = {"W1": (4, 5), "b1": 4, "W2": (3, 4), "b2": 3, "W3": (6, 3), "b3": 6}
    net = {name: random.standard_normal(shape) for name, shape in shapes.items()}
    edges = full_edges(net)[chosen]
    kept, rest = masked_weights(net, edges, definition="as-coded"), complement_weights(net, edges)
    for name, values in net.items():
        assert np.array_equal(kept[name] + rest[name], values)
        assert not (kept[name] * rest[name]).any()
    assert not rest["b3"].any()


def test_the_network_given_is_left_as_it_was(net):
    weights = net(3)
    before = {name: array.copy() for name, array in weights.items()}
    masked_weights(weights, [[1, 0, 0]], definition="as-coded")["b3"][:] = 9
    assert all(np.array_equal(before[name], weights[name]) for name in weights)


@given(st.lists(st.tuples(st.integers(0, 3), st.lists(st.integers(-2, 2), min_size=4, max_size=4)), max_size=12))
def test_scores_are_those_of_counting(samples):
    labels = np.array([label for label, _ in samples], int)
    answers = np.array([row for _, row in samples], float).reshape(-1, 4)
    predicted = [row.index(max(row)) for _, row in samples]
    for digit in range(4):
        found = score(answers, labels, digit)
        inside = [p == digit for p, (label, _) in zip(predicted, samples, strict=True) if label == digit]
        outside = [p == digit for p, (label, _) in zip(predicted, samples, strict=True) if label != digit]
        assert found[2:] == (sum(inside), len(inside), sum(outside), len(outside))
        for rate, group in ((found.recall, inside), (found.false_positive_rate, outside)):
            assert rate == sum(group) / len(group) if group else np.isnan(rate)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"edges": [[1, 4, 0]]}, "4 sources"),
        ({"edges": [[2, 0, -1]]}, "leads outside"),
        ({"edges": [[3, 0, 0]]}, "layer 3"),
        ({"edges": [[1, 0]]}, "shape"),
        ({"edges": [[1.5, 0, 0]]}, "whole numbers"),
        ({"definition": "coded"}, "'as-coded'"),
        ({"weights": {"W1": 1}}, "lack 'b1'"),
    ],
)
def test_what_cannot_be_masked_is_refused(net, change, words):
    arguments = {"weights": net(0), "edges": [[1, 0, 0]], "definition": "as-coded"} | change
    with pytest.raises(UsageError, match=words):
        masked_weights(arguments["weights"], arguments["edges"], definition=arguments["definition"])


def test_images_and_digits_that_do_not_fit_are_refused(net):
    with pytest.raises(UsageError, match=r"\(n_samples, 5\)"):
        logits(net(0), np.ones((2, 4)))
    with pytest.raises(UsageError, match=">= 0 and <= 2"):
        score(np.ones((2, 3)), [0, 1], 3)
    with pytest.raises(UsageError, match="a row and a label"):
        score(np.ones((2, 3)), [0], 1)
    with pytest.raises(UsageError, match="do not fit"):
        logits(net(0) | {"W2": np.ones((3, 5))}, np.ones((2, 5)))
