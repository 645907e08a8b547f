"""The truncated power law: exact laws give their parameters, likelihoods agree, tests err as stated."""

import numpy as np
import pytest

from critnet.errors import UsageError
from critnet.statistics import cells
from critnet.statistics.counted import fit_bins, fit_counts
from critnet.statistics.truncated import fit_truncated

EDGES = np.geomspace(1, 1e5, 31)


def binned(values):
    return np.histogram(values, EDGES)[0]


@pytest.mark.parametrize("alpha", [0.7, 1.5, 2.5])
@pytest.mark.parametrize("scale", [15.0, 400.0])
def test_the_exact_shares_of_a_law_give_its_parameters(alpha, scale):
    k = np.arange(3, 9000)
    fit = fit_truncated(k, np.rint(1e12 * k**-alpha * np.exp(-k / scale)), whole=True, x_min=3)
    assert fit.alpha == pytest.approx(alpha, abs=2e-3)
    assert fit.scale == pytest.approx(scale, rel=5e-3)
    assert fit.distance < 1e-4
    assert fit.decades == pytest.approx(np.log10(scale / 3), abs=3e-3)
    x = np.geomspace(1, 1e5, 200_001)
    mass = x[:-1] ** -alpha * np.exp(-x[:-1] / scale) * np.diff(x)
    many = fit_truncated(EDGES, np.rint(1e10 * np.histogram(x[:-1], EDGES, weights=mass)[0]), x_min=1.0)
    assert many.alpha == pytest.approx(alpha, abs=5e-3)
    assert many.scale == pytest.approx(scale, rel=1e-2)


def test_gain_is_that_over_the_pure_law_and_its_p_is_halved():
    random = np.random.default_rng(1)
    values = random.zipf(1.8, 4000).astype(float)
    values = values[random.random(4000) < np.exp(-values / 60)]
    values, counts = np.unique(values, return_counts=True)
    ours, rival = fit_truncated(values, counts, whole=True, x_min=1), fit_counts(values, counts, x_min=1)
    assert ours.gain == pytest.approx(-rival.ratio["truncated_power_law"], abs=1e-3)
    assert ours.gain_p == pytest.approx(rival.ratio_p["truncated_power_law"] / 2, rel=1e-2)


def test_survival_of_whole_numbers_is_what_is_left_of_the_sum():
    law = cells.Whole(np.arange(4, 3000))
    left = 1 - np.cumsum(np.exp(law.truncated(1.3, 0.01)))
    assert law.truncated_survival(1.3, 0.01) == pytest.approx(left, abs=1e-9)


def test_no_gain_is_no_cut_off():
    counts = np.rint(1e6 * -np.diff(EDGES**-1.0))
    counts[-1] += 500  # more far out than the pure law has
    fit, pure = fit_truncated(EDGES, counts, x_min=1.0), fit_bins(EDGES, counts, x_min=1.0)
    assert (fit.gain, fit.gain_p, fit.scale) == (0, 1, np.inf)
    assert fit.alpha == pytest.approx(pure.alpha)
    assert fit.distance == pytest.approx(pure.distance)


def test_the_halved_p_errs_about_as_often_as_it_says_on_light_tails():
    random = np.random.default_rng(2)
    edges = np.geomspace(1, 30, 21)
    p = [fit_truncated(edges, np.histogram(random.pareto(5, 2000) + 1, edges)[0], x_min=1).gain_p for _ in range(200)]
    assert 0.08 <= np.mean(np.array(p) <= 0.1) <= 0.12
    assert 0.35 < np.mean(np.array(p) == 1) < 0.6


def test_simulated_p_values_are_even_on_true_laws():
    """Of the distance on truncated laws and of the gain on pure ones, with an exponent where the halved p fails."""
    random, distance, gain = np.random.default_rng(3), [], []
    for _ in range(14):
        pure = random.pareto(1.2, 400) + 1
        gain.append(fit_truncated(EDGES, binned(pure), x_min=1.0, n_bootstrap=9, random=random).gain_p)
        cut = random.pareto(0.5, 4000) + 1
        cut = cut[random.random(4000) < np.exp(-cut / 50)]
        distance.append(fit_truncated(EDGES, binned(cut), x_min=1.0, n_bootstrap=9, random=random).p_value)
    for p in (distance, gain):
        assert 0.4 < np.mean(p) < 0.7  # evenly on 0.1, 0.2 ... 1 gives 0.55
        assert min(p) >= 0.1


def test_x_min_is_found_where_the_law_begins_and_other_laws_are_refuted():
    random = np.random.default_rng(4)
    law = 4 * (random.pareto(0.8, 6000) + 1)
    law = law[random.random(6000) < np.exp(-law / 200)]
    body = random.uniform(1, 4, 3000)
    fit = fit_truncated(EDGES, binned(np.r_[body, law]), n_bootstrap=9, candidates=8, random=random)
    assert 2.5 < fit.x_min < 9
    assert fit.p_value > 0.1
    humps = np.r_[random.uniform(1, 3, 2000), random.uniform(30, 40, 2000)]
    other = fit_truncated(EDGES, binned(humps), x_min=1.0, n_bootstrap=19, random=random)
    assert other.p_value == 1 / 20


def test_x_min_that_was_given_is_kept_even_where_it_does_not_occur():
    values, counts = [1, 2, 10, 20, 30], [1000, 500, 100, 30, 10]
    fit = fit_truncated(values, counts, whole=True, x_min=5)
    written = fit_truncated([1, 2, 5, 10, 20, 30], [1000, 500, 0, 100, 30, 10], whole=True, x_min=5)
    assert fit.x_min == 5
    assert fit == written or fit == pytest.approx(written, nan_ok=True)


@pytest.mark.parametrize(
    ("edges", "counts", "options", "message"),
    [
        ([1, 2], [60, 60], {}, "one edge more than counts"),
        ([1, 2, 3], [60, 60], {"whole": True}, "as many whole numbers as counts"),
        ([1, 2.5], [60, 60], {"whole": True}, "rising whole numbers > 0"),
        ([0, 1, 2], [60, 60], {}, "rising numbers > 0"),
        ([1, 2, 3], [60, -1], {}, "whole numbers >= 0"),
        ([1, 2, 3], [20, 20], {}, "40 values leave no tail of 50"),
        ([1, 2, 3], [60, 60], {"x_min": 1.5}, "no edge of a bin"),
        ([1, 2, 3], [60, 60], {"x_min": 2}, "in two cells at least"),
        ([1, 2, 3], [60, 60], {"x_min": -1}, "x_min is -1"),
        ([1, 2, 3], [60, 60], {"x_min": "auto"}, "x_min is 'auto'"),
        ([1, 2, 3], [60, 60], {"n_bootstrap": 2.5}, "n_bootstrap is 2.5"),
        ([1, 2, 3], [60, 60], {"n_bootstrap": 2}, "give a numpy Generator"),
        ([1, 2, 3], [60, 60], {"candidates": 0}, "candidates is 0"),
    ],
)
def test_bad_input_is_refused(edges, counts, options, message):
    with pytest.raises(UsageError, match=message):
        fit_truncated(edges, counts, **options)
