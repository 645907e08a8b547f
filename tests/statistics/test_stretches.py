"""How far a power law reaches: from end to end in a Pareto sample, not at all in a Gaussian."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import t as student

from critnet.errors import UsageError
from critnet.statistics.stretches import local_slopes, log_density, straight_stretch, student_log_likelihood


def quantiles(n=200_000):
    return (np.arange(n) + 0.5) / n


@pytest.mark.parametrize("alpha", [1.5, 2.5, 3.5])
def test_a_pareto_sample_is_straight_as_far_as_its_bins_are_filled(alpha):
    values = quantiles() ** (-1 / (alpha - 1))
    found = straight_stretch(values, above=1)
    filled = np.log10(200_000 / 10) / (alpha - 1)  # where ten of the sample are left
    assert found.slope == pytest.approx(-alpha, abs=0.05)
    assert 0.75 * filled < found.decades <= filled + 0.2


def test_a_gaussian_and_a_lognormal_are_not_straight_over_a_decade():
    rng = np.random.default_rng(0)
    assert straight_stretch(np.abs(rng.normal(size=200_000))).decades < 0.6
    assert straight_stretch(np.exp(rng.normal(size=200_000))).decades < 1.0


def test_a_sum_of_scales_looks_longer_than_each_of_them():
    rng = np.random.default_rng(1)
    layers = [np.abs(rng.normal(scale=s, size=n)) for s, n in ((1, 40_000), (4, 2500), (12, 500))]
    assert straight_stretch(np.concatenate(layers)).decades > max(straight_stretch(v).decades for v in layers)


def test_the_density_integrates_to_the_share_above_zero():
    values = np.concatenate([np.zeros(25), quantiles(75) + 0.01])
    centre, density, count = log_density(values, 7)
    width = centre * (10 ** (1 / 14) - 10 ** (-1 / 14))
    assert count.sum() == 75
    assert (density * width).sum() == pytest.approx(0.75)


@given(st.floats(1e-3, 1e3), st.floats(1.2, 4))
@settings(max_examples=20, deadline=None)
def test_a_change_of_unit_moves_the_stretch_and_leaves_its_length(unit, alpha):
    values = quantiles(20_000) ** (-1 / (alpha - 1))
    one, other = straight_stretch(values), straight_stretch(values * 10 ** round(np.log10(unit)))
    assert other.decades == pytest.approx(one.decades, abs=1e-9)
    assert other.slope == pytest.approx(one.slope, abs=1e-6)


def test_the_slope_of_a_bin_is_that_of_its_line():
    centre, slopes = local_slopes(quantiles() ** -1.0, above=1)
    first = min(slopes)
    assert centre[first] >= 1
    assert slopes[first] == pytest.approx(-2, abs=0.02)


def test_student_is_found_where_it_is_true():
    x = np.abs(student.ppf(0.5 + quantiles(20_000) / 2, 3))
    tail = x[x > 1]
    truth = (student.logpdf(tail, 3) - student.logsf(1, 3)).sum()
    assert student_log_likelihood(tail, 1.0) == pytest.approx(truth, abs=2.0)
    assert student_log_likelihood(tail, 1.0) >= truth - 1e-2


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: straight_stretch([0.0, -1.0]), "none of 2 values is above 0"),
        (lambda: straight_stretch([1.0, 2.0], tolerance=0), "tolerance"),
        (lambda: student_log_likelihood([0.5, 2.0], 1.0), "no value may lie below"),
        (lambda: log_density([1.0, np.inf]), "values"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(UsageError, match=message):
        call()


def test_too_few_values_have_no_stretch():
    assert straight_stretch([1.0, 2.0, 3.0]).decades == 0
