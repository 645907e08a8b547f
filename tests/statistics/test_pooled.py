"""The authors' pooled line through linear bins: against a plain loop, and its bias on samples whose law is known."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from critnet.errors import UsageError
from critnet.statistics.pooled import Bins, linear_bins, occupied, pooled_interval, pooled_line, pooled_points


@given(st.lists(st.integers(0, 60), min_size=1, max_size=80))
def test_counted_values_give_the_bins_of_the_values_one_by_one(values):
    unique, counts = np.unique(values, return_counts=True)
    one, other = linear_bins(np.array(values)), linear_bins(unique, counts)
    assert np.allclose(one.centre, other.centre)
    assert np.allclose(one.share, other.share)
    assert one.share.sum() == pytest.approx(1)
    assert (one.share > 0).all()


def pooled_by_loop(models, whole, above):
    points = {}
    for centre, share in models:
        for x, y in zip(centre, share, strict=True):
            points.setdefault(int(x) if whole else x, []).append(y)
    kept = [(x, np.mean(y)) for x, y in points.items() if x > above]
    x, y = np.log(np.array(kept)).T
    return np.polyfit(x, y, 1), len(kept)


@pytest.mark.parametrize(("whole", "above"), [(False, 1), (True, 4)])
def test_the_line_is_that_of_a_plain_loop(whole, above):
    random = np.random.default_rng(0)
    models = [linear_bins(random.zipf(2.0, 300).clip(max=m)) for m in (20, 60, 200)]
    fit = pooled_line(models, whole=whole, above=above)
    (slope, intercept), n = pooled_by_loop(models, whole, above)
    assert (fit.slope, fit.intercept, fit.n_points) == (pytest.approx(slope), pytest.approx(intercept), n)
    assert 0 <= fit.r_squared <= 1


def test_cut_to_whole_numbers_several_bins_of_a_model_enter_one_mean():
    model = Bins(np.array([2.1, 2.6, 3.2]), np.array([0.2, 0.4, 0.4]))
    points = pooled_points([model], whole=True)
    assert points.centre.tolist() == [2, 3]
    assert points.share.tolist() == pytest.approx([0.3, 0.4])


def test_slope_and_intercept_of_the_same_law_may_differ_twofold():
    """What hides in a number printed as an exponent: shares c x^-2 have the intercept ln c."""
    x = np.arange(5.0, 20)
    fit = pooled_line([Bins(x, np.exp(4) * x**-2.0)], whole=True, above=4)
    assert (-fit.slope, fit.intercept) == pytest.approx((2, 4))


def test_models_of_different_size_bias_the_exponent_down():
    """Zipf samples of exponent 2.5: fifty wide bins of a long range hold more than they should far out."""
    random = np.random.default_rng(1)
    models = [linear_bins(random.zipf(2.5, n)) for n in (100, 1000, 10_000)]
    assert -pooled_line(models, above=1).slope < 2.0


def test_the_interval_holds_the_fit_and_shrinks_to_it_where_all_models_agree():
    x = np.array([2.0, 3.0, 5.0])
    same = [Bins(x, 2 * x**-1.5)] * 4
    slope, intercept = pooled_interval(same, random=np.random.default_rng(0))
    assert slope == pytest.approx((-1.5, -1.5))
    assert np.exp(intercept) == pytest.approx((2, 2))
    random = np.random.default_rng(2)
    models = [linear_bins(random.zipf(2.0, 200)) for _ in range(8)]
    slope, _ = pooled_interval(models, above=1, random=random)
    assert slope[0] < pooled_line(models, above=1).slope < slope[1]


def test_a_histogram_counted_before_drops_its_empty_bins():
    bins = occupied([0, 1, 2, 3], [3, 0, 1])
    assert bins.centre.tolist() == [0.5, 2.5]
    assert bins.share.tolist() == [0.75, 0.25]


@pytest.mark.parametrize(
    ("values", "counts", "message"),
    [([1, 2], [1], "one count"), ([], [], "one count"), ([1], [-1], "count >= 0"), ([np.nan, 1], [1, 1], "NaN")],
)
def test_bad_input_is_named(values, counts, message):
    with pytest.raises(UsageError, match=message):
        linear_bins(np.array(values, float), np.array(counts))


def test_nothing_to_pool_is_named():
    with pytest.raises(UsageError, match="no histogram"):
        pooled_line([])
    with pytest.raises(UsageError, match="needs two"):
        pooled_line([Bins(np.array([1.0, 9.0]), np.array([0.5, 0.5]))], above=4)
    with pytest.raises(UsageError, match="needs two"):
        pooled_line([Bins(np.array([9.0]), np.array([1.0]))])
