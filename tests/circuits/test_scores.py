"""Scores of circuits: counting, known overlaps, and the authors' own numbers on the reference network."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from critnet.circuits.scores import auc, balanced_accuracy, jaccard, losses, overlap, together, union
from critnet.errors import UsageError
from critnet.neurons.activity import forward

samples = st.lists(st.tuples(st.integers(-3, 3), st.booleans()), min_size=1, max_size=20)


@given(samples)
def test_auc_is_the_share_of_pairs_in_order(drawn):
    values, inside = np.array([v for v, _ in drawn]), np.array([i for _, i in drawn])
    pairs = [(a > b) + (a == b) / 2 for a, b in itertools.product(values[inside], values[~inside])]
    found = auc(values, inside)
    assert found == pytest.approx(np.mean(pairs)) if pairs else np.isnan(found)


@given(samples)
def test_overlap_is_that_of_the_loops_and_does_not_change_with_the_scale(drawn):
    values, inside = np.array([float(v) for v, _ in drawn]), np.array([i for _, i in drawn])
    found = overlap(values, inside, 4)
    if inside.all() or not inside.any():
        assert np.isnan(found)
        return
    low, high = values.min(), values.max()
    places = [min(int(4 * (v - low) / (high - low)), 3) if high > low else 0 for v in values]
    shares = [[np.mean([p == b for p, i in zip(places, inside, strict=True) if i == g]) for b in range(4)]
              for g in (True, False)]  # fmt: skip
    assert found == pytest.approx(sum(map(min, *shares)))
    assert overlap(4 * values, inside, 4) == pytest.approx(found)


def test_overlap_of_two_gaussians_is_the_area_they_share():
    random = np.random.default_rng(0)
    d = 2.0
    values = np.r_[random.standard_normal(200_000) + d, random.standard_normal(200_000)]
    expected = math.erfc(d / 2 / math.sqrt(2))  # 2 Phi(-d / 2)
    assert overlap(values, np.arange(400_000) < 200_000) == pytest.approx(expected, abs=0.01)


@pytest.mark.mnist
@pytest.mark.parametrize("t", [37, 100])
def test_overlap_of_the_outputs_is_that_of_the_authors(reference, mnist_train, t):
    weights, numbers = reference
    images, labels = mnist_train
    net = {name: weights[f"{name}_{t}"] for name in ("W1", "b1", "W2", "b2", "W3", "b3")}
    outputs = forward(net, images)[-10:]
    for digit in range(10):
        assert overlap(outputs[digit], labels == digit) == pytest.approx(
            numbers[f"t{t}/overlap/digit{digit}"], abs=2e-4
        )


def test_ten_circuits_answer_with_the_largest_of_their_own_logits():
    own = np.array([[0.1, 2.0, 1.0], [0.3, 2.0, -1.0], [0.2, 0.0, 5.0]])
    assert together(own).tolist() == [1, 0, 2]
    assert balanced_accuracy([1, 0.5], [0, 0.5]).tolist() == [1.0, 0.5]


@given(st.lists(st.lists(st.floats(-30, 30), min_size=3, max_size=3), min_size=1, max_size=9), st.integers(0, 2))
def test_losses_are_minus_the_log_of_the_softmax(rows, digit):
    expected = [-np.log(np.exp(row[digit]) / np.exp(row).sum()) for row in np.array(rows)]
    assert losses(rows, digit) == pytest.approx(expected, abs=1e-9)


@given(*[st.sets(st.tuples(st.integers(1, 2), st.integers(0, 3), st.integers(0, 3)), max_size=8)] * 2)
def test_union_and_shared_edges_are_those_of_sets(one, two):
    assert union([sorted(one), sorted(two)]).tolist() == sorted(map(list, one | two))
    if one | two:
        assert jaccard(sorted(one), sorted(two)) == len(one & two) / len(one | two)
    else:
        assert np.isnan(jaccard([], []))


def test_what_cannot_be_scored_is_refused():
    with pytest.raises(UsageError, match="NaN"):
        auc([1.0, np.nan], [True, False])
    with pytest.raises(UsageError, match="shape"):
        auc([1.0], [True, False])
    with pytest.raises(UsageError, match="shape"):
        overlap([1.0], [True, False])
    with pytest.raises(UsageError, match="infinity"):
        overlap([1.0, np.inf], [True, False])
    with pytest.raises(UsageError, match="the digit is 2"):
        losses(np.ones((3, 2)), 2)
    with pytest.raises(UsageError, match="a row a digit"):
        together([1.0])
