"""Histograms of correlations: the authors' numbers, loops over pairs."""

import itertools

import numpy as np
import pytest

from critnet.errors import UsageError
from critnet.neurons.correlation_histogram import LOG_EDGES, correlation_histogram, strength_histogram


def matrix(seed=0, m=12):
    c = np.corrcoef(np.random.default_rng(seed).normal(size=(m, 6)))
    np.fill_diagonal(c, 1.0)
    return np.clip((c + c.T) / 2, -1, 1)


def test_as_many_entries_and_the_same_line_as_the_authors(anchor_correlation, numbers):
    counts, edges = correlation_histogram(anchor_correlation, definition="as-coded")
    assert counts.sum() == numbers("corr_hist_0.1_0.99/n_entries")
    assert len(counts) == 100
    filled = counts > 0
    centres = (edges[1:] + edges[:-1]) / 2
    line = np.polyfit(np.log(centres[filled]), np.log(counts[filled] / counts.sum()), 1)
    assert line == pytest.approx(numbers("corr_hist_0.1_0.99/LSall_slope_intercept"), rel=5e-3)


def test_every_pair_is_counted_where_it_lies():
    c = matrix()
    strengths = [abs(c[i, j]) for i in range(12) for j in range(i)]
    counts, edges = correlation_histogram(c, "control")
    assert edges is LOG_EDGES or (edges == LOG_EDGES).all()
    assert counts.tolist() == [sum(low <= s < high for s in strengths) for low, high in itertools.pairwise(edges)]
    assert counts.sum() == 66
    positive = [c[i, j] for i in range(12) for j in range(12) if 0.1 < c[i, j] < 0.99]
    counts, edges = correlation_histogram(c, definition="as-coded")
    assert counts.sum() == len(positive)
    assert (edges[0], edges[-1]) == (min(positive), max(positive))
    counts, edges = strength_histogram(c)
    assert counts.sum() == 144
    assert counts[-1] >= 12  # the diagonal
    assert edges[-1] == 1.0


def test_identical_neurons_fall_into_the_last_bin_and_unrelated_ones_into_none():
    assert correlation_histogram(np.ones((3, 3)), "control")[0][-1] == 3
    assert correlation_histogram(np.eye(3), "control")[0].sum() == 0
    counts, edges = correlation_histogram(np.eye(3), definition="as-coded")
    assert counts.sum() == 0
    assert np.isnan(edges).all()


def test_rounding_above_one_is_counted():
    c = np.full((2, 2), 1 + 5e-7, np.float32)
    assert correlation_histogram(c, "control")[0].sum() == 1


@pytest.mark.parametrize("call", [correlation_histogram, strength_histogram])
@pytest.mark.parametrize("c", [np.ones((2, 3)), [[1, np.nan], [np.nan, 1]], [[1, 2], [2, 1]], [[1, 0.5], [0, 1]]])
def test_matrices_that_are_none(call, c):
    with pytest.raises(UsageError, match="correlation"):
        call(np.array(c, float))


def test_unknown_definition_and_bins():
    with pytest.raises(UsageError, match="definition is 'text'"):
        correlation_histogram(np.eye(2), "text")
    with pytest.raises(UsageError, match="bins is 0"):
        strength_histogram(np.eye(2), 0)
