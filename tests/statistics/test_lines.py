"""Orthogonal regression and the two R2: known answers, coverage, what is refused."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from critnet.errors import UsageError
from critnet.statistics.lines import orthogonal_slope, power_or_exponential


@given(slope=st.floats(-20, 20), scale=st.floats(1e-6, 1e6))
def test_points_on_a_line(slope, scale):
    x = scale * np.array([0.0, 1.0, 3.0, 7.0])
    found = orthogonal_slope(x, slope * x, n_bootstrap=100, random=np.random.default_rng(0))
    assert found.value == pytest.approx(slope, abs=1e-6)


def test_it_is_the_first_principal_axis_and_swapping_inverts_it():
    random = np.random.default_rng(1)
    x = random.normal(size=200)
    y = -1.7 * x + random.normal(0, 0.5, 200)
    found = orthogonal_slope(x, y, random=random)
    axis = np.linalg.svd(np.stack([x - x.mean(), y - y.mean()]))[0][:, 0]
    assert found.value == pytest.approx(axis[1] / axis[0], rel=1e-9)
    assert orthogonal_slope(y, x, random=random).value == pytest.approx(1 / found.value, rel=1e-9)
    assert found.low < found.value < found.high


def test_equal_noise_on_both_axes_does_not_flatten_it_and_the_interval_covers():
    random, hits, slopes = np.random.default_rng(2), 0, []
    for _ in range(800):
        true = random.normal(0, 1, 40)
        x, y = true + random.normal(0, 0.3, 40), true + random.normal(0, 0.3, 40)
        found = orthogonal_slope(x, y, n_bootstrap=400, random=random)
        hits += found.low <= 1 <= found.high
        slopes.append((found.value, np.polyfit(x, y, 1)[0]))
    orthogonal, usual = np.median(slopes, axis=0)
    assert orthogonal == pytest.approx(1, abs=0.01)
    assert usual < 0.95
    assert 0.93 <= hits / 800 <= 0.97


def test_an_exponential_looks_straight_over_a_decade():
    x = np.geomspace(3, 30, 20)
    law, fall = power_or_exponential(x, x**-2.0), power_or_exponential(x, np.exp(-x / 10))
    assert law.power == pytest.approx(1)
    assert fall.exponential == pytest.approx(1)
    assert law.exponential > 0.8
    assert fall.power > 0.8
    assert power_or_exponential(x, np.full(20, 3.0)) == (1, 1)


def test_bad_input_is_refused():
    random = np.random.default_rng(0)
    for call, message in (
        (lambda: orthogonal_slope([1, 2], [1, 2], random=random), "at least 3"),
        (lambda: orthogonal_slope([1, 1, 1], [2, 2, 2], random=random), "no direction"),
        (lambda: orthogonal_slope([0, 1, 0, -1], [1, 0, -1, 0], random=random), "no direction"),
        (lambda: orthogonal_slope([1, 2, np.inf], [1, 2, 3], random=random), "NaN or infinite"),
        (lambda: power_or_exponential([1, 2, 0], [1, 2, 3]), "positive x and y"),
        (lambda: power_or_exponential([1, 2, 2], [1, 2, 3]), "2 different x"),
    ):
        with pytest.raises(UsageError, match=message):
            call()
