"""Statistics of trajectories: one pass equals numpy on the whole array."""

import functools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from critnet.errors import UsageError
from critnet.weights.trajectories import add_snapshot, relative_histogram

paths = arrays(np.float64, st.tuples(st.integers(1, 12), st.integers(1, 4)), elements=st.floats(-100, 100))


@given(paths)
def test_one_pass_equals_numpy(path):
    found = functools.reduce(add_snapshot, path, None)
    np.testing.assert_allclose(found.mean, path.mean(axis=0), atol=1e-9)
    np.testing.assert_allclose(found.variance, path.var(axis=0), atol=1e-7)
    np.testing.assert_array_equal(found.last, path[-1])
    np.testing.assert_array_equal(found.displacement, path[-1] - path[0])


@given(paths, st.data())
def test_a_weight_is_a_number_of_repetitions(path, data):
    times = data.draw(st.lists(st.integers(1, 4), min_size=len(path), max_size=len(path)))
    weighted = repeated = None
    for snapshot, n in zip(path, times, strict=True):
        weighted = add_snapshot(weighted, snapshot, n)
        for _ in range(n):
            repeated = add_snapshot(repeated, snapshot)
    np.testing.assert_allclose(weighted.mean, repeated.mean, atol=1e-9)
    np.testing.assert_allclose(weighted.variance, repeated.variance, atol=1e-7)


def test_a_small_spread_far_from_zero_is_not_lost():
    path = 1e8 + np.array([[0.0], [1.0], [2.0], [3.0]])
    assert functools.reduce(add_snapshot, path, None).variance[0] == pytest.approx(1.25, rel=1e-6)


def test_a_snapshot_that_changes_later_does_not_change_the_statistics():
    weights = np.array([1.0, 2.0])
    found = add_snapshot(None, weights)
    weights[:] = 9
    assert found.first.tolist() == found.last.tolist() == [1.0, 2.0]


@pytest.mark.parametrize(("weights", "weight"), [([np.nan, 1.0], 1), ([1.0], 1), ([1.0, 2.0], 0), ([[1.0, 2.0]], 1)])
def test_snapshots_that_do_not_fit(weights, weight):
    with pytest.raises(UsageError, match="weight"):
        add_snapshot(add_snapshot(None, [1.0, 2.0]), weights, weight)


def test_relative_histogram_ends_at_the_largest():
    values = np.random.default_rng(0).normal(size=500)
    counts, edges = relative_histogram(values)
    assert counts.sum() == 500
    assert len(counts) == 1000
    assert edges[-1] == 1.0
    assert counts[-1] >= 1
    assert relative_histogram(7 * values)[0].tolist() == counts.tolist()


@pytest.mark.parametrize("values", [[], [np.inf], [0.0, 0.0]])
def test_values_without_a_largest(values):
    with pytest.raises(UsageError, match="values"):
        relative_histogram(values)
