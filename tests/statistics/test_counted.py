"""Tails of counts and of bins: equal to the fits of the values one by one, exact on laws, right about supports."""

import warnings

import numpy as np
import pytest
from scipy.special import zeta

from critnet.errors import UsageError
from critnet.statistics import cells
from critnet.statistics.counted import fit_bins, fit_counts
from critnet.statistics.likelihoods import vuong
from critnet.statistics.tails import fit_tail


def counted(values):
    return np.unique(values, return_counts=True)


@pytest.fixture(scope="module")
def zipf():
    values = np.random.default_rng(1).zipf(2.3, 3000).astype(float)
    return values[values < 1e5]


@pytest.mark.parametrize("x_min", [None, 1, 3])
def test_counts_give_the_fit_of_the_values(zipf, x_min):
    one, all_ = fit_counts(*counted(zipf), x_min=x_min), fit_tail(zipf, discrete=True, x_min=x_min)
    for field in ("alpha", "error", "x_min", "x_max", "n_tail", "distance", "decades"):
        assert getattr(one, field) == pytest.approx(getattr(all_, field), rel=1e-6)
    assert one.ratio == pytest.approx(all_.ratio, rel=1e-6)


@pytest.mark.parametrize("x_min", [1, 3])
def test_ratios_of_whole_numbers_agree_with_the_package(zipf, x_min):
    import powerlaw  # its defaults mislead: an approximate estimator, and exponents looked for up to 3 only

    ours, tail = fit_tail(zipf, discrete=True, x_min=x_min), zipf[zipf >= x_min]
    power = -ours.alpha * np.log(tail) - np.log(zeta(ours.alpha, x_min))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns at each parameter near a bound
        theirs = powerlaw.Fit(
            tail, xmin=x_min, discrete=True, estimate_discrete=False, parameter_ranges={"alpha": [-5, 30]}, verbose=0
        )
        for rival in ("lognormal", "truncated_power_law"):  # it cuts its exponential another way
            ratio, p = vuong(power, getattr(theirs, rival).loglikelihoods(tail))
            assert ours.ratio[rival] == pytest.approx(min(ratio, 0) if "power" in rival else ratio, abs=0.02)
            if rival == "lognormal":
                assert ours.ratio_p[rival] == pytest.approx(p, abs=0.01)


def test_degrees_that_fall_off_fast_are_compared_too():
    """The package divides by zero on such a sample."""
    values = np.random.default_rng(3).poisson(9, 110) + 1.0
    fit = fit_tail(values, discrete=True)
    assert fit.ratio["lognormal"] < 0
    assert all(np.isfinite(list(fit.ratio.values())))


@pytest.mark.parametrize("alpha", [1.5, 2.5, 3.5])
def test_fine_bins_give_the_fit_of_the_values(alpha):
    values = np.random.default_rng(2).pareto(alpha - 1, 20_000) + 1
    edges = np.geomspace(1, 1.0001 * values.max(), 300)
    binned, exact = fit_bins(edges, np.histogram(values, edges)[0], x_min=1.0), fit_tail(values, x_min=1.0)
    assert binned.alpha == pytest.approx(exact.alpha, abs=0.2 * exact.error)
    assert binned.error == pytest.approx(exact.error, rel=0.02)
    for rival in binned.ratio:
        assert binned.ratio[rival] == pytest.approx(exact.ratio[rival], rel=0.08, abs=0.3)


def test_the_exact_shares_of_a_law_give_its_exponent():
    k = np.arange(1, 5000)
    assert fit_counts(k, np.rint(1e12 * k**-2.2 / zeta(2.2)), x_min=1).alpha == pytest.approx(2.2, abs=2e-3)
    edges = 1.5 ** np.arange(80)  # to where nothing is left
    assert fit_bins(edges, np.rint(1e12 * -np.diff(edges**-0.7)), x_min=1.0).alpha == pytest.approx(1.7, abs=1e-4)


@pytest.mark.parametrize("a", [-3.0, 0.5, 2.5, 40.0])
@pytest.mark.parametrize("cut", [1e-3, 0.1, 3.0])
def test_the_laws_sum_to_one(a, cut):
    whole = cells.Whole(np.arange(4, 60_000))
    assert np.exp(whole.truncated(a, cut)).sum() == pytest.approx(1, abs=1e-4)
    bins = cells.Bins(np.geomspace(2, 1e6, 400))
    assert np.exp(bins.truncated(a, cut)).sum() == pytest.approx(1, abs=1e-4)
    for some in (whole, bins):
        assert np.exp(cells.exponential(some, cut)).sum() == pytest.approx(1, abs=1e-4)
        assert np.exp(cells.lognormal(some, 2.0, 0.1 + cut)).sum() == pytest.approx(1, abs=2e-2)
        assert (np.diff(some.survival(2.5)) < 0).all()
    assert np.exp(whole.power(2.5)).sum() == pytest.approx(1 - whole.survival(2.5)[-1])
    assert np.exp(bins.power(2.5)).sum() == pytest.approx(1 - bins.survival(2.5)[-1])


def test_a_power_law_is_supported_and_an_exponential_is_not():
    random = np.random.default_rng(5)
    good = fit_counts(*counted(random.zipf(2.2, 3000)), n_bootstrap=40, candidates=20, random=random)
    assert good.supported
    bad = fit_counts(*counted(random.geometric(0.05, 3000)), x_min=1, n_bootstrap=40, random=random)
    assert not bad.supported
    assert bad.p_value <= 0.05
    assert bad.ratio["exponential"] < 0
    assert bad.ratio_p["exponential"] < 1e-6


def test_the_p_value_of_true_power_laws_is_not_small_and_falls_for_others():
    edges, good, bad = np.geomspace(1, 1e6, 61), [], []
    for seed in range(6):
        random = np.random.default_rng(seed)
        values = np.histogram(random.pareto(1.5, 2000) + 1, edges)[0]
        other = np.histogram(np.exp(random.normal(1.0, 0.7, 2000).clip(0)), edges)[0]
        good.append(fit_bins(edges, values, n_bootstrap=30, candidates=15, random=random).p_value)
        bad.append(fit_bins(edges, other, x_min=1.0, n_bootstrap=30, random=random).p_value)
    assert np.median(good) > 0.1
    assert max(bad) == 0


@pytest.mark.parametrize(
    ("values", "counts", "options", "message"),
    [
        ([1, 2], [60], {}, "shapes"),
        ([2, 1], [60, 60], {}, "rise"),
        ([1, 2], [60, 0.5], {}, "whole numbers"),
        ([1, 2.5], [60, 60], {}, "fractions"),
        ([0, 1], [60, 60], {}, "whole numbers >= 1"),
        ([1, 2], [20, 20], {}, "at least 50"),
        ([1, 2], [60, 60], {"x_min": 9}, "0 values are left"),
        ([1, 2, 3], [0, 60, 0], {"x_min": 1}, "one cell"),
        ([1, 2], [60, 60], {"n_bootstrap": 5}, "Generator"),
    ],
)
def test_bad_counts_are_named(values, counts, options, message):
    with pytest.raises(UsageError, match=message):
        fit_counts(values, counts, **options)


def test_bad_bins_are_named():
    with pytest.raises(UsageError, match="no edge"):
        fit_bins([1, 2, 4], [60, 60], x_min=3)
    with pytest.raises(UsageError, match="rising edges > 0"):
        fit_bins([0, 2, 4], [60, 60])
    with pytest.raises(UsageError, match="shapes"):
        fit_bins([1, 2, 4], [60, 60, 60])


def test_x_min_that_was_given_is_kept_even_where_it_does_not_occur():
    values, counts = [1, 2, 10, 20, 30], [1000, 500, 100, 30, 10]
    fit = fit_counts(values, counts, x_min=5)
    assert (fit.x_min, fit.n_tail) == (5, 140)
    assert fit.alpha == pytest.approx(1.981, abs=1e-3)
    written_out = fit_counts([1, 2, 5, 10, 20, 30], [1000, 500, 0, 100, 30, 10], x_min=5)
    assert (written_out.alpha, written_out.ratio, written_out.distance) == (fit.alpha, fit.ratio, fit.distance)
    one_by_one = fit_tail(np.repeat(np.array(values, float), counts), discrete=True, x_min=5)
    assert one_by_one.x_min == 5
    assert one_by_one.alpha == pytest.approx(fit.alpha, rel=1e-6)


def test_an_end_of_the_search_is_no_optimum():
    """3000 of Poisson(1000) from 1000 on: as steep as 41, where the search for an exponent used to end at 20."""
    values = np.random.default_rng(0).poisson(1000, 3000).astype(float)
    fit = fit_tail(values, discrete=True, x_min=1000)
    assert fit.alpha == pytest.approx(41.15, abs=0.01)
    assert fit.error == pytest.approx((fit.alpha - 1) / np.sqrt(fit.n_tail), rel=0.03)
    assert fit_counts(*counted(values), x_min=1000).alpha == pytest.approx(fit.alpha, rel=1e-6)
    edges = np.arange(1000.0, 1200)
    assert fit_bins(edges, np.histogram(values, edges)[0], x_min=1000.0).alpha == pytest.approx(41.15, abs=0.5)


@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e6])
def test_rivals_are_as_good_in_any_unit_and_at_any_rate(scale):
    """Exponential numbers whose rate is far from what the first guess expects: nearly all in one wide first bin."""
    values = 1 + np.random.default_rng(1).exponential(2.0, 20_000)
    edges = np.r_[1.0, 10.0, 12.0, 14.0, 20.0, 40.0]
    counts = np.histogram(values, edges)[0]
    rate = cells.best_exponential(cells.Bins(scale * edges), counts)
    assert rate * scale == pytest.approx(0.5, rel=0.06)
    one, other = fit_bins(edges, counts, x_min=1.0), fit_bins(scale * edges, counts, x_min=scale)
    assert other.alpha == pytest.approx(one.alpha, rel=1e-6)
    assert other.ratio == pytest.approx(one.ratio, rel=1e-3, abs=1e-2)


def test_a_tail_that_no_exponent_fits_is_an_error():
    with pytest.raises(UsageError, match="no exponent up to"):
        fit_counts([10**9, 10**9 + 1], [10**6, 1], x_min=10**9)


def test_hurwitz_zeta_where_it_is_too_small_for_a_number():
    for alpha, start in ((300.0, 50.0), (150.0, 1000.0), (3000.0, 1e5)):
        k = np.arange(200_000)
        logs = -alpha * np.log1p(k / start)
        assert cells.log_zeta(alpha, start) == pytest.approx(-alpha * np.log(start) + np.log(np.exp(logs).sum()))
