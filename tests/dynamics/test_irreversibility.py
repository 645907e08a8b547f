"""Irreversibility and correlation time: exact cases, a brute-force oracle, scaling."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from critnet.dynamics.irreversibility import correlation_time, even_grid, irreversibility, resample
from critnet.errors import UsageError

paths = arrays(np.float64, st.tuples(st.integers(1, 4), st.integers(1, 12)), elements=st.floats(-3, 3, width=32))


def brute(x, centre):
    x = x - x.mean() if centre else x
    own = np.correlate(x, x, "full")
    reverse = np.correlate(x, x[::-1], "full")
    power = (x**2).sum() if centre else 1
    return ((own - reverse) ** 2).mean() / power**2 if power > 0 else 0.0


@given(paths)
def test_it_is_the_sum_over_all_lags(x):
    for definition, centre in (("as-coded", False), ("control", True)):
        spread = np.ptp(x, axis=1)
        fine = (spread == 0) | (spread > 1e-3)  # below, the control divides rounding by rounding
        expected = np.array([brute(row, centre) for row in x])
        expected[spread == 0] *= not centre
        found = irreversibility(x, definition)
        assert np.allclose(found[fine], expected[fine], rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("path", [[2.0] * 7, [1.0, 2.0, 5.0, 2.0, 1.0], [3.0]], ids=["constant", "palindrome", "one"])
@pytest.mark.parametrize("definition", ["as-coded", "control"])
def test_what_runs_the_same_both_ways_has_none(path, definition):
    assert irreversibility([path], definition)[0] == pytest.approx(0, abs=1e-20)


@given(paths, st.floats(0.25, 4))
def test_it_scales_with_the_fourth_power_and_the_control_not_at_all(x, c):
    assert np.allclose(
        irreversibility(c * x, definition="as-coded"),
        c**4 * irreversibility(x, definition="as-coded"),
        rtol=1e-8,
        atol=1e-7,
    )
    fine = np.ptp(x, axis=1) > 1e-2
    assert np.allclose(irreversibility(c * x + 1, "control")[fine], irreversibility(x, "control")[fine], atol=1e-6)


def test_many_paths_are_analysed_in_pieces(monkeypatch):
    x = np.random.default_rng(0).normal(size=(23, 31))
    whole = irreversibility(x, definition="as-coded"), correlation_time(x)
    monkeypatch.setattr("critnet.dynamics.irreversibility.CHUNK", 5)
    assert np.allclose(irreversibility(x, definition="as-coded"), whole[0])
    assert np.allclose(correlation_time(x), whole[1])


def test_the_correlation_time_of_an_autoregression_is_minus_one_over_ln_a():
    random, a, n = np.random.default_rng(1), 0.9, 4000
    x = np.zeros((20, n))
    for t in range(1, n):
        x[:, t] = a * x[:, t - 1] + random.normal(size=20)
    assert np.median(correlation_time(x)) == pytest.approx(-1 / np.log(a), rel=0.1)


def test_the_grid_of_the_authors():
    steps = [*range(50), *range(50, 500, 10), *range(500, 200_000, 500), 200_000]
    grid = even_grid(steps)
    assert grid[1] == 500
    assert grid[-1] == 199_500
    values = np.sin(np.asarray(steps) / 3e4)
    assert np.allclose(resample(steps, [values], grid)[0], np.interp(grid, steps, values))


def test_bad_input_is_named():
    with pytest.raises(UsageError, match="not a finite matrix"):
        irreversibility([[np.nan, 1.0]], definition="as-coded")
    with pytest.raises(UsageError, match="'exact'; choose one of 'as-coded', 'control'"):
        irreversibility([[1.0]], "exact")
    with pytest.raises(UsageError, match="do not rise"):
        even_grid([3, 3])
    with pytest.raises(UsageError, match="give a value a step"):
        resample([0, 1], [[1.0, 2.0, 3.0]], [0])
    with pytest.raises(UsageError, match="runs from 0 to 5; the steps from 0 to 2"):
        resample([0, 2], [[1.0, 2.0]], [0, 5])
