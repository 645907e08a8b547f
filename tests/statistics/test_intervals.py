"""Intervals: exact lines, coverage of the bootstrap, range over seeds."""

import numpy as np
import pytest

from critnet.errors import UsageError
from critnet.statistics.intervals import seed_range, slope_interval


def test_exact_line_has_no_spread():
    found = slope_interval(np.arange(5), 3 - 2.0 * np.arange(5), random=np.random.default_rng(0))
    assert found == pytest.approx((-2, -2, -2))


def test_slope_is_least_squares():
    random = np.random.default_rng(1)
    x, y = random.normal(size=30), random.normal(size=30)
    found = slope_interval(x, y, random=random)
    assert found.value == pytest.approx(np.polyfit(x, y, 1)[0], rel=1e-10)
    assert found.low < found.value < found.high


def test_interval_covers_the_truth_about_as_often_as_it_says():
    random = np.random.default_rng(2)
    hits = 0
    for _ in range(200):
        x = random.uniform(0, 1, 40)
        low_high = slope_interval(x, 2 * x + random.normal(0, 0.3, 40), n_bootstrap=200, level=0.9, random=random)
        hits += low_high.low <= 2 <= low_high.high
    assert 0.8 <= hits / 200 <= 0.96


def test_redraws_of_one_x_are_left_out():
    found = slope_interval([0.0, 0.0, 1.0], [0.0, 1.0, 5.0], n_bootstrap=500, random=np.random.default_rng(3))
    assert np.isfinite(found).all()


def test_seed_range():
    assert seed_range([5.0]) == (5, 5, 5)
    assert seed_range([1.0, 9.0, 2.0, 3.0]) == (2.5, 1, 9)


def test_bad_input_is_refused():
    random = np.random.default_rng(0)
    for x, y, message in (
        ([1, 2], [1, 2], "at least three"),
        ([1, 2, 3], [1, 2], "shape"),
        ([1, 1, 1], [1, 2, 3], "two different x"),
        ([1, 2, np.nan], [1, 2, 3], "NaN"),
    ):
        with pytest.raises(UsageError, match=message):
            slope_interval(x, y, random=random)
    with pytest.raises(UsageError, match="n_bootstrap is 0"):
        slope_interval([1, 2, 3], [1, 2, 3], n_bootstrap=0, random=random)
    with pytest.raises(UsageError, match="level is 1"):
        slope_interval([1, 2, 3], [1, 2, 3], level=1, random=random)
    with pytest.raises(UsageError, match="1 NaN of 2"):
        seed_range([1.0, np.nan])
    with pytest.raises(UsageError, match="0 NaN of 0"):
        seed_range([])
