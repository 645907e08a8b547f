"""Exponents of laws made on purpose, against a loop over redraws, and peaks of parabolas."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize

from critnet.errors import UsageError
from critnet.statistics.scaling import exponent_with_zeros, peak_position, scaling_exponent


def law(random, sizes, seeds, noise):
    size = np.repeat(sizes, seeds)
    return size, 3.0 * size**-0.5 * np.exp(noise * random.standard_normal(size.size))


def test_an_exact_law_comes_back_whatever_the_number_of_runs_a_size():
    size, value = law(np.random.default_rng(0), np.array([20.0, 50, 110, 400, 1010]), [1, 3, 5, 1, 2], 0)
    fit = scaling_exponent(size, value, random=np.random.default_rng(0))
    assert (fit.value, fit.low, fit.high) == pytest.approx((-0.5, -0.5, -0.5), abs=1e-9)
    assert np.exp(fit.intercept) == pytest.approx(3)
    assert (fit.n_sizes, fit.n_runs) == (5, 12)


def test_every_size_counts_once():
    many = scaling_exponent([1, 2, 4] + [4] * 50, [1, 3, 4] + [4] * 50, random=np.random.default_rng(0))
    one = scaling_exponent([1, 2, 4], [1, 3, 4], random=np.random.default_rng(0))
    assert many.value == pytest.approx(one.value)


def test_the_interval_covers_the_truth_and_narrows_with_the_number_of_sizes():
    covered, width = [], {}
    for n in (8, 32):
        sizes = np.geomspace(10, 1000, n)
        fits = [
            scaling_exponent(*law(np.random.default_rng(k), sizes, 2, 0.3), random=np.random.default_rng(k))
            for k in range(100)
        ]
        covered.append(np.mean([f.low <= -0.5 <= f.high for f in fits]))
        width[n] = np.mean([f.high - f.low for f in fits])
    assert covered[1] >= 0.88
    assert covered[0] >= 0.75  # percentile intervals of few points are a little short
    assert width[32] < 0.7 * width[8]


def test_the_bootstrap_is_that_of_a_plain_loop():
    random = np.random.default_rng(3)
    size, value = law(random, np.array([10.0, 30, 100, 300]), [2, 2, 1, 3], 0.2)
    groups = [np.log(value[size == s]) for s in np.unique(size)]
    x, slopes = np.log(np.unique(size)), []
    for _ in range(4000):
        drawn = random.integers(0, 4, 4)
        if np.unique(drawn).size > 1:
            y = [random.choice(groups[i], len(groups[i])).mean() for i in drawn]
            slopes.append(np.polyfit(x[drawn], y, 1)[0])
    fit = scaling_exponent(size, value, n_bootstrap=4000, random=random)
    assert (fit.low, fit.high) == pytest.approx(np.quantile(slopes, [0.025, 0.975]), abs=0.03)


@pytest.mark.parametrize(
    ("size", "value", "options", "message"),
    [
        ([1, 2, 3], [1, 2], {}, r"\(3,\)"),
        ([1, 2, 3], [1, 0, 1], {}, "not positive"),
        ([1, 2, 3], [1, np.nan, 1], {}, "not positive"),
        ([1, 2, 2], [1, 2, 3], {}, "needs three"),
        ([1, 2, 3], [1, 2, 3], {"n_bootstrap": 0}, "n_bootstrap is 0"),
        ([1, 2, 3], [1, 2, 3], {"level": 1}, "level is 1"),
    ],
)
def test_bad_input_of_the_exponent_is_named(size, value, options, message):
    with pytest.raises(UsageError, match=message):
        scaling_exponent(size, value, random=np.random.default_rng(0), **options)


@given(st.floats(-1, 1), st.floats(0.1, 10), st.floats(0.1, 2), st.floats(0.1, 2))
def test_the_vertex_of_a_parabola_is_found_from_uneven_points(vertex, curvature, left, right):
    x = np.array([vertex - left - 5, vertex - left / 3, vertex + right / 4, vertex + right + 5])
    found = peak_position(x, 7 - curvature * (x - vertex) ** 2)
    assert found.value == pytest.approx(vertex, abs=1e-6)
    assert found.low <= found.value <= found.high


def test_a_largest_value_at_an_end_stays_there():
    assert peak_position([0, 1, 2], [3, 2, 1]) == (0, 0, 1)
    assert peak_position([0, 1, 2], [1, 2, 3]) == (2, 1, 2)
    assert peak_position([5.0], [1.0]) == (5, 5, 5)
    assert peak_position([0, 1, 2, 3], [0, 1, 1, 0]).value == 1.5  # a plateau of two


@pytest.mark.parametrize(
    ("x", "y", "message"),
    [([0, 1], [0], "shape"), ([0, 0], [1, 2], "does not rise"), ([], [], "at least one"), ([0], [np.nan], "finite")],
)
def test_bad_input_of_the_peak_is_named(x, y, message):
    with pytest.raises(UsageError, match=message):
        peak_position(x, y)


def test_an_exponent_with_zeros_is_that_of_the_likelihood_of_counts():

    random = np.random.default_rng(3)
    size = np.repeat([20.0, 50, 110, 400], 5)
    value = random.poisson(0.02 * size).astype(float)
    assert (value == 0).any()
    fit = exponent_with_zeros(size, value, random=np.random.default_rng(0))
    mean = value.reshape(4, 5).mean(axis=1)

    def cost(p):
        law = np.exp(p[0] * np.log(size[::5] / 400) + p[1])
        return np.sum(law - mean * np.log(law))

    assert fit.value == pytest.approx(minimize(cost, [1.0, 0.0], tol=1e-12).x[0], abs=1e-4)
    assert fit.low < 1 < fit.high
    assert (fit.n_sizes, fit.n_runs) == (4, 20)


def test_an_exact_law_without_zeros_has_the_same_exponent_either_way():
    size, value = law(np.random.default_rng(0), np.array([20.0, 50, 110, 400, 1010]), 2, 0)
    fit = exponent_with_zeros(size, value, random=np.random.default_rng(0))
    assert (fit.value, fit.low, fit.high) == pytest.approx((-0.5, -0.5, -0.5), abs=1e-9)
    with pytest.raises(UsageError, match="all are 0"):
        exponent_with_zeros(size, 0 * value, random=np.random.default_rng(0))
