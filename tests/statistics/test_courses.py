"""Courses over training: a made-up change is found where it is, and ranks have no answer for a constant."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from critnet.statistics import courses


@given(st.integers(5, 25), st.floats(-3, 3), st.floats(-3, 3), st.floats(2, 9))
def test_the_change_point_of_a_step_is_the_step(place, before, after, height):
    x = np.arange(30.0)
    y = np.where(x < place, before * x, before * place + height + after * (x - place))
    found, gain = courses.change_point(x, y)
    assert abs(found - (place - 0.5)) <= 1  # one off where the second line passes the last point of the first
    assert gain == pytest.approx(1, abs=1e-9)


def test_evenly_is_linear_in_the_logarithm():
    t = np.array([0, 1, 10, 100])
    grid, values = courses.evenly(t, np.array([[9.0, 0.0, 1.0, 2.0]]), 1, 100, 5)
    assert grid.tolist() == pytest.approx([1, 10**0.5, 10, 10**1.5, 100])
    assert values[0].tolist() == pytest.approx([0, 0.5, 1, 1.5, 2])


def test_a_rank_correlation_knows_order_alone():
    x = np.array([1.0, 2.0, 3.0, 10.0])
    assert courses.rank_correlation(x, np.exp(x)) == pytest.approx(1)
    assert courses.rank_correlation(x, -(x**3)) == pytest.approx(-1)
    assert courses.rank_correlation(x, [1, 2, 4, 3]) == pytest.approx(0.8)  # 1 - 6 * 2 / (4 * 15)
    assert courses.rank_correlation(x, np.ones(4)) == courses.rank_correlation(np.ones(4), x) == 0
