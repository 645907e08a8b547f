"""Tail fits: samples of known law, the package powerlaw as an oracle, the authors' estimator, what is refused."""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from critnet.errors import UsageError
from critnet.statistics.likelihoods import RIVALS, compare_continuous
from critnet.statistics.tails import fit_tail, line, linear_bin_slope, lognormal_distance


def pareto(alpha, n=100_000, seed=0):
    return (1 - np.random.default_rng(seed).random(n)) ** (-1 / (alpha - 1))


@pytest.mark.parametrize("alpha", [1.5, 2.5, 3.5])
def test_pareto(alpha):  # T22
    values = pareto(alpha)
    for x_min in (1.0, None):
        fit = fit_tail(values, x_min=x_min)
        assert fit.alpha == pytest.approx(alpha, abs=0.02)
        assert fit.error == pytest.approx((alpha - 1) / np.sqrt(fit.n_tail), rel=0.03)
        assert fit.decades == pytest.approx(np.log10(values.max() / fit.x_min))
    assert fit.ratio["exponential"] > 0
    assert fit.ratio_p["exponential"] < 1e-6
    assert fit.ratio_p["lognormal"] > 0.1
    assert fit.ratio_p["truncated_power_law"] > 0.1
    assert linear_bin_slope(values).slope > -alpha + 0.01  # the authors' estimator: too flat a tail


@pytest.mark.parametrize("alpha", [1.5, 2.0, 2.5, 3.5])
def test_discrete(alpha):
    """The package's default estimator reads 2.02 where 2.5 is true, and stops at 3."""
    values = np.random.default_rng(1).zipf(alpha, 20_000).astype(float)
    fit = fit_tail(values[values < 1e12], discrete=True, x_min=1)
    assert fit.alpha == pytest.approx(alpha, abs=4 * fit.error)
    assert fit.error < 0.03
    assert fit.ratio["exponential"] > 0
    assert fit.ratio_p["truncated_power_law"] > 0.05


def test_continuous_exponent_is_the_formula():
    values = pareto(2.2, 500)
    assert fit_tail(values, x_min=1.5).alpha == pytest.approx(
        1 + (values >= 1.5).sum() / np.log(values[values >= 1.5] / 1.5).sum(), rel=1e-12
    )


def test_scan_finds_where_the_law_begins():
    random = np.random.default_rng(5)
    values = np.r_[3 * pareto(2.5, 20_000), 3 * random.random(20_000)]
    fit = fit_tail(values)
    assert 2.9 < fit.x_min < 4.5  # the least distance lies somewhat above the true beginning
    assert fit.alpha == pytest.approx(2.5, abs=0.06)


def test_only_power_laws_are_supported():
    random = np.random.default_rng(2)
    law = fit_tail(pareto(2.0, 3000), n_bootstrap=40, random=random)
    assert law.supported
    normal = np.exp(random.normal(0, 1, 3000))
    exponential = random.exponential(1, 3000)
    for values in (normal, exponential):
        assert not fit_tail(values, n_bootstrap=40, random=random).supported
    assert not fit_tail(pareto(2.0, 3000)).supported  # no bootstrap, no verdict
    whole = fit_tail(normal, x_min=0.5, n_bootstrap=20, random=random)
    assert whole.p_value < 0.1
    assert whole.ratio["lognormal"] < 0
    assert whole.ratio_p["lognormal"] < 1e-6


def test_p_value_is_even_on_power_laws():
    random = np.random.default_rng(3)
    p = [fit_tail(pareto(2.5, 300, seed), x_min=1.0, n_bootstrap=40, random=random).p_value for seed in range(40)]
    assert 0.35 < np.mean(p) < 0.65
    assert np.mean(np.array(p) < 0.1) < 0.3


def test_bootstrap_of_whole_numbers():
    random = np.random.default_rng(4)
    values = random.zipf(2.5, 2000).astype(float)
    assert fit_tail(values, discrete=True, x_min=1, n_bootstrap=20, random=random).p_value > 0.05
    flat = random.integers(1, 30, 2000).astype(float)
    assert fit_tail(flat, discrete=True, x_min=1, n_bootstrap=20, random=random).p_value < 0.1


@pytest.mark.parametrize("law", ["lognormal", "exponential", "pareto", "cut"])
def test_ratios_agree_with_the_package(law):
    import powerlaw

    random = np.random.default_rng(6)
    values = {
        "lognormal": lambda: np.exp(random.normal(0, 1.3, 3000)),
        "exponential": lambda: 1 + random.exponential(2, 3000),
        "pareto": lambda: pareto(2.2, 3000),
        "cut": lambda: pareto(1.7, 3000)[random.random(3000) < np.exp(-0.1 * pareto(1.7, 3000))],
    }[law]()
    values = values[values > 1]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = powerlaw.Fit(values, xmin=1.0, parameter_ranges={"alpha": [-5, 10]}, verbose=0)
        ours = compare_continuous(values, 1.0, theirs.power_law.alpha)
        for rival in RIVALS:
            ratio, p = theirs.distribution_compare("power_law", rival)
            assert ours[rival][0] <= ratio + 0.01  # a better rival makes the ratio smaller; ours is the maximum
            assert ours[rival][0] == pytest.approx(ratio, rel=2e-3, abs=0.6)
            if p < 0.01 or p > 0.99:
                assert ours[rival][1] == pytest.approx(p, abs=0.02)


@settings(deadline=None, max_examples=20)
@given(seed=st.integers(0, 10**6), scale=st.floats(1e-12, 1e12))
def test_units_do_not_matter(seed, scale):
    values = pareto(2.0, 300, seed)
    one, other = fit_tail(values), fit_tail(scale * values)
    assert other.alpha == pytest.approx(one.alpha, rel=1e-9)
    assert other.x_min == pytest.approx(scale * one.x_min)
    assert other.decades == pytest.approx(one.decades)


# --- the authors' estimator ------------------------------------------------------------------------------------------


def test_line_through_a_histogram():
    values = np.repeat([1.0, 2.0, 4.0, 8.0], [8000, 4000, 2000, 1000])  # counts as 1 / x, but for the bins' centres
    counts, edges = np.histogram(values, 100)
    centres = (edges[1:] + edges[:-1]) / 2
    found = linear_bin_slope(values)
    slope, intercept = np.polyfit(np.log(centres[counts > 0]), np.log(counts[counts > 0] / 15_000), 1)
    assert (found.slope, found.intercept) == pytest.approx((slope, intercept), rel=1e-12)
    assert found.n_points == 4
    assert found.slope == pytest.approx(-1, abs=0.02)
    assert found.r_squared > 0.999
    assert linear_bin_slope(values, first=1).n_points == 3
    assert linear_bin_slope(values, above=1.5, below=7).n_points == 2


def test_line():
    exact = line([1.0, np.e, np.e**2], [3.0, 3 * np.e**-1.5, 3 * np.e**-3])
    assert exact == pytest.approx((-1.5, np.log(3), 1, 3))
    assert line([1.0, 2.0], [5.0, 5.0]).r_squared == 1


# --- bad input -------------------------------------------------------------------------------------------------------


def test_bad_input_is_refused():
    good = pareto(2.0, 100)
    for values, message in (
        (np.r_[good, -1.0], "1 values <= 0, the smallest -1"),
        (np.r_[good, 0.0, 0.0], "2 values <= 0"),
        (np.r_[good, np.nan, np.inf], "2 NaN or infinite of 102"),
        (good[:49], "49 values; a tail needs at least 50"),
        ([], "at least one"),
        (np.ones(60), "all 60 values"),
    ):
        with pytest.raises(UsageError, match=message):
            fit_tail(values)
    with pytest.raises(UsageError, match=r"lie at or above x_min = 1000"):
        fit_tail(good, x_min=1000)
    with pytest.raises(UsageError, match="fractions"):
        fit_tail(good, discrete=True)
    with pytest.raises(UsageError, match="give a numpy Generator"):
        fit_tail(good, n_bootstrap=5)
    with pytest.raises(UsageError, match="n_bins is 1"):
        linear_bin_slope(good, 1)
    with pytest.raises(UsageError, match="1 NaN"):
        linear_bin_slope([1.0, np.nan])
    with pytest.raises(UsageError, match="a line needs two"):
        linear_bin_slope([1.0, 1.0, 1.0])
    with pytest.raises(UsageError, match="positive"):
        line([1.0, 2.0], [1.0, 0.0])


def test_two_heaps_are_far_from_a_log_normal_law():
    levels = np.linspace(0.02, 0.98, 31)
    assert lognormal_distance(levels, np.exp(np.where(levels < 0.5, -8.0, 1.0) + levels)) > 0.1
    assert np.isnan(lognormal_distance(levels, np.full(31, 2.3)))
