"""The search: a planted circuit, the authors' rules as loops, the reference network, and what must always hold."""

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from critnet.circuits.edges import full_edges
from critnet.circuits.masks import logits, masked_weights, score
from critnet.circuits.search import clusters, neighbours, relabelled, search
from critnet.circuits.trial import Trial, circuit_logits
from critnet.errors import UsageError
from critnet.neurons.activity import correlation, forward


def first_layer(net, images):
    return np.maximum(np.asarray(net["W1"], float) @ np.transpose(images) + np.asarray(net["b1"])[:, None], 0)


def pairs_inside(members, h1, digit):
    first, second = [m for m in members if m < h1], [m - h1 for m in members if m >= h1]
    return [(1, i, j) for i in first for j in second] + [(2, j, digit) for j in second]


def by_loops(net, C, images, labels, digit):
    """The search as METHODS 10 and 11 tell it, with whole forward passes, cliques and lists."""
    h1, hidden = len(net["b1"]), len(net["b1"]) + len(net["b2"])
    own = images[labels == digit]

    def hits(edges, growing):
        kept = masked_weights(net, np.array(edges).reshape(-1, 3).astype(int), growing=growing, definition="as-coded")
        return score(logits(kept, own), np.full(len(own), digit), digit).hits

    graph = nx.empty_graph(len(C))
    for i in range(len(C)):
        graph.add_edge(i, max((j for j in range(len(C)) if j != i), key=lambda j, i=i: C[i, j]))
    seed = sorted(m for m in nx.node_connected_component(graph, hidden + digit) if m < hidden)
    lists = nx.empty_graph(len(C))
    for i in range(len(C)):
        nearest = sorted(range(len(C)), key=lambda j, i=i: 1 - C[i, j])[:8]
        lists.add_edges_from((a, b) for a in nearest for b in nearest if a < b)
    candidates = sorted({m for clique in nx.find_cliques(lists) if hidden + digit in clique for m in clique})
    members = list(seed)
    best = hits(pairs_inside(members, h1, digit), True)
    for _ in range(2):
        for candidate in candidates:
            if candidate in members or candidate >= hidden:
                continue
            now = hits(pairs_inside([*members, candidate], h1, digit), True)
            if now > best:
                best = now
                members.append(candidate)
    inserted = sorted(pairs_inside(members, h1, digit))
    queue = sorted(inserted, key=lambda edge: edge[0])[::-1]
    full = score(logits(net, own), np.full(len(own), digit), digit).hits
    for _ in range(len(queue) if any(edge[0] == 1 for edge in queue) else 0):
        edge = queue.pop(0)
        if edge[0] == 2:
            queue.append(edge)
            continue
        left = [
            e for e in queue
            if (e[0] == 1 and any(o[0] == 2 and o[1] == e[2] for o in queue))
            or (e[0] == 2 and any(o[0] == 1 and o[2] == e[1] for o in queue))
        ]  # fmt: skip
        if hits(left, False) >= full:
            queue = left
        else:
            queue.append(edge)
    return seed, sorted(members), sorted(queue)


@pytest.fixture
def planted_circuit():
    """Class 1 is told by input 2 alone, through first 1 -> second 0; class 0 and 2 by what else there is."""
    random = np.random.default_rng(0)
    labels = np.repeat([0, 1, 2], 40)
    images = 0.02 * random.random((120, 5))
    images[np.arange(120), labels + 1] += 1  # input 1, 2 or 3
    net = {"W1": np.zeros((5, 5)), "W2": np.zeros((4, 5)), "W3": np.zeros((3, 4))}
    net |= {"b1": np.zeros(5), "b2": np.zeros(4), "b3": np.array([0.3, 0.0, 0.3])}
    net["W1"][[0, 1, 2], [1, 2, 3]] = 1.0  # first 0, 1, 2 see the classes
    net["W1"][3, 2], net["W1"][4, 0] = 0.5, 1.0  # a follower of class 1 that leads nowhere, and noise
    net["W2"][0, 1], net["W2"][1, 0], net["W2"][2, 2] = 2.0, 2.0, 2.0
    net["W2"][3, 4] = 1.0
    net["W3"][1, 0], net["W3"][0, 1], net["W3"][2, 2] = 3.0, 3.0, 3.0
    return net, images, labels, [[1, 1, 0], [2, 0, 1]]


def test_the_planted_circuit_comes_back_exactly(planted_circuit):
    net, images, labels, path = planted_circuit
    C = correlation(forward(net, images), definition="control")
    found = search(net, C, first_layer(net, images), labels, 1)
    assert 3 in found.grown  # its follower was there,
    assert found.edges.tolist() == path  # and is gone
    assert (found.n_neurons, found.n_edges, found.hits, found.n_images) == (3, 2, 40, 40)
    assert not found.is_constant
    assert not found.is_untouched
    assert score(logits(masked_weights(net, found.edges, definition="as-coded"), images), labels, 1)[:2] == (1.0, 0.0)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(0, 5))
def test_the_search_does_what_the_loops_do(seed, digit):
    random = np.random.default_rng(seed)
    shapes = {"W1": (9, 5), "b1": 9, "W2": (7, 9), "b2": 7, "W3": (6, 7), "b3": 6}
    net = {name: random.standard_normal(shape) for name, shape in shapes.items()}
    images = random.standard_normal((200, 5))
    labels = np.where(random.random(200) < 0.5, logits(net, images).argmax(axis=1), random.integers(6, size=200))
    labels[:6] = np.arange(6)
    C = correlation(forward(net, images), definition="as-coded")
    found = search(net, C, first_layer(net, images), labels, digit)
    members, grown, edges = by_loops(net, C, images, labels, digit)
    assert (found.seed.tolist(), found.grown.tolist()) == (members, grown)
    assert found.edges.tolist() == [list(edge) for edge in edges]
    own = logits(masked_weights(net, found.edges, definition="as-coded"), images)
    assert found.hits == score(own, labels, digit).hits
    assert found.hits_full == score(logits(net, images), labels, digit).hits
    ends = {(layer + k, (i, j)[k]) for layer, i, j in edges for k in (0, 1)} | {(3, digit)}
    assert found.n_neurons == len(ends)
    if found.edges.size:
        assert found.n_neurons <= found.n_edges + 1
    if not (found.grown < 9).any():  # nothing to test; and now without the biases that it grew with
        assert found.is_constant
    else:
        assert found.is_untouched or found.hits >= found.hits_full


@given(st.integers(0, 10_000), st.integers(0, 5))
def test_a_trial_answers_as_the_masked_network(seed, digit):
    random = np.random.default_rng(seed)
    shapes = {"W1": (4, 5), "b1": 4, "W2": (3, 4), "b2": 3, "W3": (6, 3), "b3": 6}
    net = {name: random.standard_normal(shape) for name, shape in shapes.items()}
    images = random.standard_normal((30, 5))
    trial = Trial(net, first_layer(net, images), digit)
    kept, leads = random.random((3, 4)) < 0.5, random.random(3) < 0.7

    def masked():
        return logits(masked_weights(net, trial.edges(), definition="as-coded"), images).argmax(axis=1) == digit

    trial.keep(kept, leads)
    assert trial.says_yes().tolist() == masked().tolist()
    for target in np.flatnonzero(leads):
        sources = trial.kept[target] & (random.random(4) < 0.5)
        foreseen = trial.without(target, sources)
        trial.feed(target, sources)
        assert foreseen.tolist() == trial.says_yes().tolist() == masked().tolist()


@given(st.integers(0, 500), st.lists(st.integers(0, 29), max_size=30))
def test_circuit_logits_are_those_of_the_masked_network(seed, chosen):
    random = np.random.default_rng(seed)
    shapes = {"W1": (4, 5), "b1": 4, "W2": (3, 4), "b2": 3, "W3": (6, 3), "b3": 6}
    net = {name: random.standard_normal(shape) for name, shape in shapes.items()}
    images, edges = random.standard_normal((3, 5)), full_edges(net)[chosen]
    found = circuit_logits(net, edges, first_layer(net, images))
    assert np.allclose(found, logits(masked_weights(net, edges, definition="as-coded"), images), rtol=1e-12, atol=1e-12)


FOUND = {
    37: [
        [],
        [[1, 1, 22], [2, 22, 1]],
        [[1, 1, 20], [2, 20, 2]],
        [[1, 12, 12], [2, 12, 3]],
        [[1, 1, 10], [1, 1, 18], [1, 1, 21], [2, 10, 4], [2, 18, 4], [2, 21, 4]],
        [[1, 20, 24], [2, 24, 5]],
        [[1, 0, 18], [1, 4, 39], [1, 8, 10], [2, 10, 6], [2, 18, 6], [2, 39, 6]],
        [[1, 2, 45], [2, 45, 7]],
        [[1, 1, 31], [1, 4, 3], [2, 3, 8], [2, 31, 8]],
        [[1, 19, 6], [2, 6, 9]],
    ],
    100: [
        [[1, 20, 1], [2, 1, 0]],
        [[1, 1, 22], [1, 1, 30], [2, 22, 1], [2, 30, 1]],
        [[1, 1, 20], [1, 4, 20], [2, 20, 2]],
        [[1, 10, 49], [2, 49, 3]],
        [[1, 0, 34], [1, 14, 21], [2, 21, 4], [2, 34, 4]],
        [],
        [[1, 0, 18], [1, 8, 10], [2, 10, 6], [2, 18, 6]],
        [[1, 2, 16], [1, 2, 45], [2, 16, 7], [2, 45, 7]],
        [[1, 1, 0], [1, 4, 31], [2, 0, 8], [2, 31, 8]],
        [[1, 7, 2], [1, 7, 38], [1, 34, 23], [2, 2, 9], [2, 23, 9], [2, 38, 9]],
    ],
}  # fmt: skip


def anchor(reference, t):
    return {name: reference[0][f"{name}_{t}"] for name in ("W1", "b1", "W2", "b2", "W3", "b3")}


@pytest.mark.mnist
def test_on_the_reference_the_search_does_what_the_loops_do(reference, mnist_train):
    images, labels = mnist_train
    images, labels = images[:3000].astype(np.float64), labels[:3000]
    net = anchor(reference, 100)
    C = correlation(forward(net, images), definition="as-coded")
    for digit in range(10):
        found = search(net, C, first_layer(net, images), labels, digit)
        members, grown, edges = by_loops(net, C, images, labels, digit)
        assert (found.seed.tolist(), found.grown.tolist()) == (members, grown)
        assert found.edges.tolist() == [list(edge) for edge in edges]


@pytest.mark.mnist
@pytest.mark.parametrize("t", [37, 100])
def test_the_edges_on_the_reference_are_the_same_on_every_machine(reference, mnist_train, t):
    images, labels = mnist_train
    net = anchor(reference, t)
    activity = forward(net, images)
    C = correlation(activity, definition="as-coded")
    found = [search(net, C, activity[:50], labels, digit).edges.tolist() for digit in range(10)]
    assert found == FOUND[t]


def test_clusters_join_partners_and_leave_the_indifferent_alone():
    C = np.eye(6)
    for i, j, c in ((0, 1, 0.9), (1, 2, 0.4), (3, 4, 0.2)):
        C[i, j] = C[j, i] = c
    assert clusters(C).tolist() == [0, 0, 0, 1, 1, 2]
    C[4, 5] = C[5, 4] = -0.9  # five has four only to be unlike: any other is nearer, the first
    assert clusters(C).tolist() == [0, 0, 0, 1, 1, 0]
    assert clusters(np.eye(1)).tolist() == [0]


@given(st.integers(0, 1000))
def test_clusters_do_not_depend_on_the_order_of_the_neurons(seed):
    random = np.random.default_rng(seed)
    C = np.corrcoef(random.standard_normal((12, 20)))
    order = random.permutation(12)
    one, two = clusters(C)[order], clusters(C[np.ix_(order, order)])
    assert ((one[:, None] == one) == (two[:, None] == two)).all()


@given(st.integers(0, 1000), st.integers(0, 14))
def test_neighbours_are_the_members_of_the_cliques(seed, neuron):
    C = np.corrcoef(np.random.default_rng(seed).standard_normal((15, 20)))
    graph = nx.empty_graph(15)
    for row in C:
        nearest = np.argsort(1 - row)[:4].tolist()
        graph.add_edges_from((a, b) for a in nearest for b in nearest if a < b)
    cliques = {m for clique in nx.find_cliques(graph) if neuron in clique for m in clique} - {neuron}
    assert neighbours(C, neuron, 4).tolist() == sorted(cliques)


@given(st.integers(0, 1000), st.lists(st.integers(0, 29), max_size=30))
def test_a_random_sub_graph_has_the_shape_of_the_circuit(seed, chosen):
    weights = {"W1": np.ones((4, 5)), "b1": np.ones(4), "W2": np.ones((3, 4)), "b2": np.ones(3), "W3": np.ones((6, 3)),
               "b3": np.ones(6)}  # fmt: skip
    edges = full_edges(weights)[sorted(set(chosen))]
    other = relabelled(edges, 4, 3, random=np.random.default_rng(seed))
    for layer, columns in ((1, (1, 2)), (2, (1, 2))):
        ours, theirs = (e[e[:, 0] == layer] for e in (edges, other))
        for column in columns:
            assert sorted(np.bincount(ours[:, column], minlength=6)) == sorted(
                np.bincount(theirs[:, column], minlength=6)
            )
    assert sorted(other.tolist()) == other.tolist()
    assert sorted(other[other[:, 0] == 2, 2]) == sorted(edges[edges[:, 0] == 2, 2])


def dead(h1, h2):
    return {"W1": np.zeros((h1, 5)), "b1": np.zeros(h1), "W2": np.ones((h2, h1)), "b2": np.zeros(h2),
            "W3": np.ones((3, h2)), "b3": np.array([0.0, 1.0, 0.5])}  # fmt: skip


def test_dead_layers_leave_the_constant_circuit_of_the_largest_bias():
    net, labels = dead(4, 3), np.array([0, 1, 2, 1])
    first, C = np.zeros((4, 4)), np.zeros((10, 10))  # every row constant: nothing correlates
    yes, no = search(net, C, first, labels, 1), search(net, C, first, labels, 0)
    assert yes.edges.tolist() == no.edges.tolist() == []
    assert (yes.hits, yes.n_images, yes.n_neurons) == (2, 2, 1)
    assert (no.hits, no.n_images) == (0, 1)
    assert yes.is_constant
    assert no.is_constant


def test_a_second_layer_neuron_that_nothing_feeds_leaves_a_constant(planted_circuit):
    net, images, labels, _ = planted_circuit
    net["b2"][0], net["W3"][0, 0] = 0.5, -1.0
    C = np.eye(12)
    C[10, 5] = C[5, 10] = 0.9  # output 1 with second-layer neuron 0
    C[10, 6:10] = C[6:10, 10] = C[10, 11] = C[11, 10] = C[10, 9] = 0.5
    C[:5, 10] = C[10, :5] = -0.5  # and no neuron of the first layer near it
    C[:5, 5:] = C[5:, :5].T
    found = search(net, np.minimum(C, C.T), first_layer(net, images), labels, 1)
    assert found.grown.min() >= 5
    assert found.hits_grown == 40  # its bias alone calls everything a 1, while growing
    assert found.hits == 0  # and is silent afterwards
    assert found.is_constant
    assert found.edges.tolist() == [[2, j - 5, 1] for j in found.grown]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"digit": 6}, "0 to 5"),
        ({"digit": -1}, "0 to 5"),
        ({"labels": np.zeros(8, int), "digit": 2}, "no image is labelled 2"),
        ({"labels": np.zeros(7, int)}, "a column and a label"),
        ({"correlation": np.eye(12)}, "has 12 neurons; the network has 13"),
        ({"correlation": np.full((13, 13), np.nan)}, "NaN"),
        ({"correlation": np.ones((13, 2))}, "square"),
        ({"first": np.zeros((5, 8))}, "activity \\(4"),
        ({"weights": {"W1": 1}}, "lack 'b1'"),
    ],
)
def test_what_cannot_be_searched_is_refused(net, change, words):
    arguments = {"weights": net(0), "correlation": np.eye(13), "first": np.ones((4, 8)), "digit": 0}
    arguments |= {"labels": np.arange(8) % 6} | change
    with pytest.raises(UsageError, match=words):
        search(**arguments)
