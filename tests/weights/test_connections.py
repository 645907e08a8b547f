"""Critical and redundant connections: the authors' own list, a loop over pairs, known answers."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from critnet.errors import UsageError
from critnet.neurons.activity import correlation, forward
from critnet.weights.connections import (
    critical_connections,
    matched_complement,
    matched_control,
    most_moved,
    redundant_connections,
)


def symmetric(seed, hidden, classes=3):
    half = np.random.default_rng(seed).uniform(-1, 1, (2 * hidden + classes,) * 2)
    both = np.triu(half, 1) + np.triu(half, 1).T
    np.fill_diagonal(both, 1.0)
    return both


@pytest.fixture(scope="module")
def anchor(reference, mnist_train):
    """Correlation at t = 37 and 100 of the run whose numbers the authors' functions gave."""
    names = ("W1", "b1", "W2", "b2", "W3", "b3")
    return {
        t: correlation(forward({n: reference[0][f"{n}_{t}"] for n in names}, mnist_train[0]), definition="as-coded")
        for t in (37, 100)
    }


@pytest.mark.parametrize("step", [37, 100])
def test_critical_connections_are_those_of_the_authors(anchor, reference, step):
    found = critical_connections(anchor[step], definition="as-coded")
    assert found.tolist() == reference[1][f"t{step}/critical/indices"]
    second = found < 50 * 785 + 50 * 51
    assert second.sum() == reference[1][f"t{step}/critical/count_W2"]
    assert (~second).sum() == reference[1][f"t{step}/critical/count_W3"]


def by_loops(early, late, hidden, classes, inputs, threshold):
    """The rule of METHODS D31 for redundant connections as coded, pair by pair, on masks like the parameters."""
    second, third = np.zeros((hidden, hidden)), np.zeros((classes, hidden))
    layer = [0] * hidden + [1] * hidden + [2] * classes
    place = [*range(hidden), *range(hidden), *range(classes)]
    for x in range(len(layer)):
        for y in range(len(layer)):
            if abs(early[x, y] - late[x, y]) <= threshold or x == y:
                continue
            low, high = sorted((x, y), key=lambda i: layer[i])
            if layer[low] != layer[high]:
                mask = second if layer[low] == 0 else third
                if place[high] < len(mask):
                    mask[place[high], place[low]] = 1
                continue
            toward = {0: 1, 1: 2, 2: 1}[layer[x]]
            for z in (i for i in range(len(layer)) if layer[i] == toward):
                if abs(late[x, z]) > threshold and abs(late[y, z]) > threshold:
                    for own in (x, y):
                        if layer[x] == 0:
                            second[place[z], place[own]] = 1
                        elif layer[x] == 1:
                            third[place[z], place[own]] = 1
                        else:
                            third[place[own], place[z]] = 1
    masks = [np.zeros(hidden * inputs), np.zeros(hidden), second, np.zeros(hidden), third, np.zeros(classes)]
    return np.flatnonzero(np.concatenate([m.ravel() for m in masks])).tolist()


@settings(max_examples=60)
@given(st.integers(0, 10**6), st.integers(1, 6), st.integers(1, 4), st.floats(0.2, 0.9))
def test_redundant_connections_equal_the_loop_over_pairs(seed, hidden, classes, threshold):
    early, late = symmetric(seed, hidden, classes), symmetric(seed + 1, hidden, classes)
    found = redundant_connections(early, late, threshold, n_inputs=5, n_classes=classes, definition="as-coded")
    assert found.tolist() == by_loops(early, late, hidden, classes, 5, threshold)


def test_the_authors_extra_rule_marks_no_further_critical_connection(anchor):
    # two neurons of one layer that share a strong partner: both weights are critical by themselves
    strong = np.abs(anchor[100]) > 0.5
    found = set(critical_connections(anchor[100], definition="as-coded").tolist())
    for x in range(50):
        for y in range(50):
            for z in range(50, 100):
                if strong[x, y] and strong[x, z] and strong[y, z]:
                    assert {50 * 785 + (z - 50) * 50 + x, 50 * 785 + (z - 50) * 50 + y} <= found


def test_each_quirk_of_redundant_connections_alone():
    late = np.eye(7)  # two neurons a layer, three outputs; W2 starts at 2 * 6 = 12, W3 at 18

    def redundant(*changes, late=late):
        early = late.copy()
        for i, j, value in changes:
            early[i, j] = early[j, i] = value
        return redundant_connections(early, late, n_inputs=5, n_classes=3, definition="as-coded").tolist()

    assert redundant() == []
    assert redundant((0, 3, 0.8)) == redundant((0, 3, -0.8)) == [14]  # layer 1 to 2, up or down
    assert redundant((3, 5, 0.8)) == [21]
    assert redundant((0, 5, 0.8)) == [14]  # layer 1 to output 1: lands on W2
    assert redundant((0, 6, 0.8)) == []  # there is no third neuron in layer 2
    assert redundant((0, 1, 0.8)) == []
    tied = late.copy()
    for i in (0, 1):
        tied[i, 2] = tied[2, i] = 0.7
    assert redundant((0, 1, 0.8), late=tied) == [12, 13]  # critical at the end, and marked as redundant


def test_the_control_takes_what_was_strong_and_is_not():
    early, late = symmetric(3, 5), symmetric(4, 5)
    found = redundant_connections(early, late, definition="control", n_inputs=5, n_classes=3)
    options = {"n_inputs": 5, "n_classes": 3, "definition": "as-coded"}
    lost = set(critical_connections(early, **options)) - set(critical_connections(late, **options))
    assert set(found) == lost
    assert 0 < len(lost) < 40


def test_the_text_counts_signed_correlations():
    c = symmetric(5, 5)
    options = {"n_inputs": 5, "n_classes": 3}
    signed = critical_connections(c, definition="control", **options)
    both = critical_connections(c, definition="as-coded", **options)
    flipped = critical_connections(-c, definition="control", **options)
    assert set(signed) | set(flipped) == set(both)
    assert not set(signed) & set(flipped)
    exactly = np.eye(5)
    exactly[0, 1] = exactly[1, 0] = 0.5  # > as coded, >= in the text
    assert critical_connections(exactly, definition="as-coded", **options).size == 0
    assert critical_connections(exactly, definition="control", **options).size == 1


def test_the_complement_is_the_rest_of_two_layers(anchor):
    critical = critical_connections(anchor[37], definition="as-coded")
    rest = matched_complement(critical, 50)
    assert rest.size == 3000 - critical.size
    assert not np.intersect1d(rest, critical).size
    biases = {*range(50 * 785 + 2500, 50 * 785 + 2550), *range(42_300, 42_310)}
    assert not biases & set(rest.tolist())
    assert rest.min() >= 50 * 785


# --- matched controls

H, IN, K = 30, 5, 10  # W2 from 180, W3 from 1110
OPTIONS = {"n_inputs": IN, "n_classes": K}
SIZE = H * (IN + 1) + H * (H + 1) + K * (H + 1)


def planted(seed):
    """Some connections of both layers, larger than the rest, and values of all parameters."""
    random = np.random.default_rng(seed)
    connections = np.concatenate([random.choice(900, 60, replace=False) + 180, random.choice(300, 40) + 1110])
    values = random.standard_t(3, SIZE)
    values[connections] *= 3
    return np.unique(connections), values


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6), st.booleans(), st.integers(1, 2000))
def test_a_control_has_as_many_others_of_each_layer(seed, by_value, nearest):
    connections, values = planted(seed)
    values = values if by_value else None
    random = np.random.default_rng(seed)
    found = matched_control(connections, H, random, values=values, nearest=nearest, **OPTIONS)
    for control in (found, most_moved(connections, planted(seed)[1], H, **OPTIONS)):
        assert np.array_equal(control, np.unique(control))
        assert not np.intersect1d(control, connections).size
        assert (control < 1080).sum() == (connections < 1080).sum()
        assert control.size == connections.size
        assert matched_complement(control, H, **OPTIONS).size == 1200 - control.size


def test_a_control_of_like_value_is_like_it_and_one_of_the_layer_is_not():
    gaps = {"like": [], "any": []}
    for seed in range(20):
        connections, values = planted(seed)
        for name, given_values in (("like", values), ("any", None)):
            found = matched_control(connections, H, np.random.default_rng(seed), values=given_values, **OPTIONS)
            gaps[name].append(np.median(np.abs(values[found])) / np.median(np.abs(values[connections])))
    assert np.mean(gaps["like"]) == pytest.approx(1, abs=0.1)
    assert np.mean(gaps["any"]) < 0.6


def test_controls_differ_from_draw_to_draw_and_cover_the_layer():
    connections, values = planted(0)
    random = np.random.default_rng(1)
    for given_values in (values, None):
        drawn = [matched_control(connections, H, random, values=given_values, **OPTIONS) for _ in range(200)]
        assert len({d.tobytes() for d in drawn}) > 190
    met = np.unique(np.concatenate(drawn))
    assert met.size == 1200 - connections.size


def test_nothing_else_of_the_layers_moved_more_than_the_most_moved():
    connections, values = planted(2)
    found = most_moved(connections, values, H, **OPTIONS)
    rest = np.setdiff1d(matched_complement(connections, H, **OPTIONS), found)
    for layer in (slice(180, 1080), slice(1110, 1410)):
        inside = [p[(p >= layer.start) & (p < layer.stop)] for p in (found, rest)]
        assert np.abs(values[inside[0]]).min() >= np.abs(values[inside[1]]).max()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"connections": []}, "there is no connection to match"),
        ({"connections": [3]}, "connection 3 is no weight of W2 or W3"),
        ({"connections": np.arange(180, 640)}, "460 connections of W2 leave 440 others"),
        ({"values": np.zeros(SIZE - 1)}, "one for each of the 1420 parameters"),
        ({"values": np.full(SIZE, np.nan)}, "values holds 1420 NaN"),
        ({"nearest": 0}, "nearest is 0"),
        ({"random": 7}, "random is 7"),
    ],
)
def test_controls_refuse_what_cannot_be_matched(change, message):
    connections, values = planted(3)
    fine = {"connections": connections, "hidden": H, "random": np.random.default_rng(0), "values": values, **OPTIONS}
    with pytest.raises(UsageError, match=message):
        matched_control(**(fine | change))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda c: critical_connections(c[:, :-1], n_classes=3, definition="as-coded"), "square matrix"),
        (lambda c: critical_connections(np.eye(4), n_classes=3, definition="as-coded"), "square matrix"),
        (lambda c: critical_connections(np.eye(3), n_classes=3, definition="as-coded"), "square matrix"),
        (lambda c: critical_connections(c * np.nan, n_classes=3, definition="as-coded"), "correlation holds NaN"),
        (lambda c: critical_connections(c, 1.5, n_classes=3, definition="as-coded"), "threshold is 1.5"),
        (lambda c: critical_connections(c, definition="text", n_classes=3), "definition is 'text'"),
        (lambda c: redundant_connections(c, np.eye(5), n_classes=3, definition="as-coded"), "one network"),
        (lambda c: redundant_connections(c, c, definition="text", n_classes=3), "definition is 'text'"),
        (lambda c: matched_complement([0], 2, n_inputs=5, n_classes=3), "connection 0 is no weight"),
    ],
)
def test_refusals(call, message):
    with pytest.raises(UsageError, match=message):
        call(symmetric(0, 4))
