"""The width of a minimum: bowls whose width is known, and what has none."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from critnet.errors import UsageError
from critnet.losses.flatness import flatness


@given(st.floats(1e-3, 1e4), st.floats(-0.9, 0.9), st.floats(0.01, 10))
def test_the_width_of_a_parabola_that_is_not_at_its_bottom(curvature, slope, rise):
    def loss(w):
        return slope * w[0] + curvature * w[0] ** 2 / 2

    found = flatness(loss, np.eye(1), rise=rise)[0]
    root = np.sqrt(slope**2 + 2 * curvature * rise)
    assert found == pytest.approx([(root - slope) / curvature, (root + slope) / curvature], rel=1e-4)


def test_the_first_rise_counts_not_a_later_one():
    def loss(w):
        return 0.2 * np.sin(w[0]) ** 2  # back at 0 at pi

    assert flatness(loss, np.eye(1)) == pytest.approx(np.full((1, 2), np.pi / 4), rel=1e-4)


def test_distances_are_in_multiples_of_the_direction():
    def loss(w):
        return w @ w

    one, two = flatness(loss, [[1.0, 0.0], [2.0, 0.0]])
    assert one == pytest.approx(2 * two)


def test_where_the_loss_never_rises_the_width_is_infinite_and_where_it_explodes_it_is_not():
    assert np.isinf(flatness(lambda w: 0.3, np.eye(2))).all()
    with np.errstate(invalid="ignore"):
        found = flatness(lambda w: np.nan if abs(w[0]) > 2 else 0.0, np.eye(1))
    assert found == pytest.approx(np.full((1, 2), 2.0), rel=1e-4)  # a loss that is no number has risen


@pytest.mark.parametrize("rise", [0, -1, np.nan])
def test_a_rise_must_be_above_0(rise):
    with pytest.raises(UsageError, match="rise"):
        flatness(lambda w: 0.0, np.eye(1), rise=rise)


def test_directions_and_loss_must_be_finite():
    with pytest.raises(UsageError, match="directions"):
        flatness(lambda w: 0.0, [1.0, 2.0])
    with pytest.raises(UsageError, match="directions"):
        flatness(lambda w: 0.0, [[np.inf]])
    with pytest.raises(UsageError, match="diverged"):
        flatness(lambda w: np.nan, np.eye(1))
