"""Avalanches: the progeny of a branching process, drawn and exact, and the exponent 3/2 that a fit must return."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from critnet.errors import UsageError
from critnet.statistics.avalanches import draw_progeny, log_bin_slope, progeny_law
from critnet.statistics.counted import fit_counts
from critnet.statistics.tails import fit_tail


def test_drawn_sizes_follow_the_law():
    for ratio in (0.5, 1.0):
        drawn = draw_progeny(200_000, ratio, random=np.random.default_rng(0), largest=10_000)
        for n in (1, 2, 3, 10):
            expected = float(progeny_law(n, ratio))
            assert np.mean(drawn == n) == pytest.approx(expected, abs=4 * np.sqrt(expected / 200_000))
    assert np.mean(draw_progeny(200_000, 0.5, random=np.random.default_rng(1))) == pytest.approx(2, rel=0.02)


def test_a_critical_process_has_the_exponent_three_halves():
    n = np.unique(np.rint(np.geomspace(100, 1e6, 30)))
    assert -np.polyfit(np.log(n), np.log(progeny_law(n)), 1)[0] == pytest.approx(1.5, abs=1e-3)
    assert float(progeny_law(1e6)) == pytest.approx(1e-9 / np.sqrt(2 * np.pi), rel=1e-3)
    drawn = draw_progeny(100_000, random=np.random.default_rng(2), largest=10**8)
    assert fit_tail(drawn, discrete=True, x_min=10).alpha == pytest.approx(1.5, abs=0.03)
    values, counts = np.unique(drawn, return_counts=True)
    assert fit_counts(values, counts, x_min=10).alpha == pytest.approx(1.5, abs=0.03)
    assert -log_bin_slope(drawn[drawn >= 10], 24).slope == pytest.approx(1.5, abs=0.03)


@given(st.lists(st.integers(1, 60), min_size=2, max_size=60).filter(lambda v: len(set(v)) > 5))
def test_the_density_in_bins_that_grow_holds_all_sizes(values):
    found = log_bin_slope(values, 6)
    assert 2 <= found.n_points <= 6
    assert np.isfinite(found.slope)


def test_one_bin_a_size_is_the_plain_line():
    sizes = np.repeat([1, 2], [8, 1])
    assert log_bin_slope(sizes, 5).slope == pytest.approx(-3)


@given(st.lists(st.integers(1, 60), min_size=2, max_size=40).filter(lambda v: len(set(v)) > 5), st.data())
def test_a_weight_is_as_many_copies(values, data):
    copies = data.draw(st.lists(st.integers(1, 4), min_size=len(values), max_size=len(values)))
    assert log_bin_slope(values, 6, weights=copies).slope == pytest.approx(
        log_bin_slope(np.repeat(values, copies), 6).slope, abs=1e-9
    )


def test_a_weight_is_for_every_size_and_not_negative():
    for weights in ([1.0], [1.0, -1.0], [1.0, np.nan], [0.0, 0.0]):
        with pytest.raises(UsageError, match="finite weight"):
            log_bin_slope([1, 2], weights=weights)


def test_what_is_no_size_is_refused():
    with pytest.raises(UsageError, match="whole numbers >= 1"):
        log_bin_slope([0, 1])
    with pytest.raises(UsageError, match="whole numbers >= 1"):
        log_bin_slope([])
    with pytest.raises(UsageError, match="ratio is 2"):
        progeny_law(1, 2)
    with pytest.raises(UsageError, match=r"ratio in \[0, 1\]"):
        draw_progeny(3, 1.5, random=np.random.default_rng(0))
