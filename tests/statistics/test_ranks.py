"""Area under the curve, Spearman, Kendall's W: known answers, brute force, scipy, coverage, what is refused."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import ndtr
from scipy.stats import mannwhitneyu, spearmanr

from critnet.errors import UsageError
from critnet.statistics.ranks import auc, kendall_w, matched_auc, spearman

few = st.lists(st.integers(-3, 3), min_size=2, max_size=8)


@given(positive=few, negative=few)
def test_area_is_the_share_of_pairs(positive, negative):
    pairs = np.subtract.outer(positive, negative)
    found = auc(positive, negative)
    assert found.value == pytest.approx(((pairs > 0) + 0.5 * (pairs == 0)).mean())
    assert found.value == pytest.approx(mannwhitneyu(positive, negative)[0] / pairs.size)
    assert 0 <= found.low <= found.value <= found.high <= 1
    assert found.low < found.high
    mirrored = auc(negative, positive)
    assert (1 - mirrored.value, 1 - mirrored.high, 1 - mirrored.low) == pytest.approx(found, abs=1e-12)


def test_its_variance_is_that_over_placements():
    """DeLong by its definition: the variances of each value's share of wins."""
    random = np.random.default_rng(0)
    a, b = random.normal(1, 1, 30), random.normal(0, 1, 20)
    wins = np.greater.outer(a, b)
    variance = wins.mean(axis=1).var(ddof=1) / 30 + wins.mean(axis=0).var(ddof=1) / 20
    found = auc(a, b)
    logits = np.log(np.array(found) / (1 - np.array(found)))
    reach = 1.959964 * np.sqrt(variance) / (found.value * (1 - found.value))
    assert logits[2] - logits[0] == pytest.approx(reach, rel=1e-5)


@pytest.mark.parametrize("shift", [0.0, 1.0])
def test_area_covers_as_often_as_it_says(shift):
    random, hits = np.random.default_rng(1), 0
    for _ in range(2000):
        found = auc(random.normal(shift, 1, 30), random.normal(size=30))
        hits += found.low <= ndtr(shift / np.sqrt(2)) <= found.high
    assert 0.93 <= hits / 2000 <= 0.97


def test_matched_bins_take_away_what_the_bins_make():
    """The bin raises the value and the chance of being positive; within a bin there is nothing left."""
    random, hits = np.random.default_rng(2), 0
    for _ in range(600):
        bins = random.integers(0, 4, 400)
        positive = random.random(400) < 0.2 + 0.2 * bins
        value = bins + random.normal(size=400)
        found = matched_auc(value, positive, bins)
        hits += found.low <= 0.5 <= found.high
    assert auc(value[positive], value[~positive]).low > 0.6
    assert 0.93 <= hits / 600 <= 0.97


def test_one_bin_is_no_matching():
    random = np.random.default_rng(3)
    value, positive = random.normal(size=50), random.random(50) < 0.5
    assert matched_auc(value, positive, np.zeros(50)) == pytest.approx(auc(value[positive], value[~positive]))


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=4, max_size=12))
def test_rho_is_that_of_scipy(points):
    x, y = np.array(points, float).T
    found = spearman(x, y)
    if np.ptp(x) == 0 or np.ptp(y) == 0:
        assert np.isnan(found).all()
    else:
        assert found.value == pytest.approx(spearmanr(x, y)[0], abs=1e-12)
        assert found.low <= found.value <= found.high
        assert found.low < found.high


@pytest.mark.parametrize("rho", [0.0, 0.7])
def test_rho_covers_as_often_as_it_says(rho):
    random, hits = np.random.default_rng(4), 0
    for _ in range(2000):
        x = random.normal(size=30)
        found = spearman(x, rho * x + np.sqrt(1 - rho**2) * random.normal(size=30))
        hits += found.low <= 6 / np.pi * np.arcsin(rho / 2) <= found.high
    assert 0.93 <= hits / 2000 <= 0.97


def test_concordance():
    random = np.random.default_rng(5)
    alike = kendall_w([[1, 2, 3, 4]] * 3, n_permutations=40_000, random=random)
    assert alike == pytest.approx((1, 1 / 24**2), abs=6e-4)
    assert kendall_w([[1, 2, 3], [3, 2, 1]], random=random) == (0, 1)
    assert np.isnan(kendall_w(np.ones((3, 4)), random=random)).all()
    # a textbook table: three judges, six things
    scores = [[1, 6, 3, 2, 5, 4], [1, 5, 6, 2, 4, 3], [6, 3, 2, 5, 4, 1]]
    sums = np.sum(scores, axis=0)
    assert kendall_w(scores, random=random).w == pytest.approx(12 * np.sum((sums - 10.5) ** 2) / (9 * (6**3 - 6)))


def test_concordance_errs_as_often_as_it_says():
    random = np.random.default_rng(6)
    p = [kendall_w(random.normal(size=(5, 10)), n_permutations=199, random=random).p_value for _ in range(1500)]
    assert 0.08 <= np.mean(np.array(p) <= 0.1) <= 0.12


def test_bad_input_is_refused():
    random = np.random.default_rng(0)
    for call, message in (
        (lambda: auc([1], [1, 2]), "positive holds 1 values; give at least 2"),
        (lambda: auc([1, np.nan], [1, 2]), "1 NaN"),
        (lambda: auc([1, 2], [1, 2], level="x"), "level is 'x'"),
        (lambda: matched_auc([1, 2], [0, 1], [0, 1]), "no bin holds two"),
        (lambda: matched_auc([1, 2], [0, 1], [0]), "shape"),
        (lambda: spearman([1, 2, 3], [1, 2, 3]), "at least 4"),
        (lambda: spearman([1, 2, 3, 4], np.ma.masked_equal([1, 2, 3, 9], 9)), "1 masked of 4"),
        (lambda: spearman([1, 2, 3, 4], [1j, 2, 3, 4]), "y is complex"),
        (lambda: kendall_w([1, 2], random=random), "at least two of each"),
        (lambda: kendall_w([[1, 2], [1, 2]], random=None), "Generator"),
    ):
        with pytest.raises(UsageError, match=message):
            call()
