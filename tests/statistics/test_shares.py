"""Exact limits of shares and p-values of simulated nulls."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom, binomtest

from critnet.errors import UsageError
from critnet.statistics.intervals import seed_range
from critnet.statistics.shares import binomial_interval, bootstrap_p


@given(n=st.integers(1, 300), share=st.floats(0, 1), level=st.sampled_from([0.5, 0.9, 0.95, 0.99]))
def test_limits_are_those_of_scipy(n, share, level):
    k = round(share * n)
    theirs = binomtest(k, n).proportion_ci(level, method="exact")
    assert binomial_interval(k, n, level=level) == pytest.approx((k / n, theirs.low, theirs.high), abs=1e-12)


@pytest.mark.parametrize("n", [5, 20, 78, 400])
def test_coverage_is_never_below_the_level(n):
    """Exactly, over all counts: no simulation needed."""
    found = np.array([binomial_interval(k, n)[1:] for k in range(n + 1)])
    coverage = []
    for true in np.linspace(0.01, 0.99, 197):
        holds = (found[:, 0] <= true) & (true <= found[:, 1])
        coverage.append(binom.pmf(np.arange(n + 1), n, true)[holds].sum())
    assert min(coverage) >= 0.95
    if n == 400:
        assert np.mean(coverage) <= 0.97


def test_bootstrap_p_errs_as_often_as_it_says():
    random = np.random.default_rng(0)
    draws = random.normal(size=(4000, 40))
    p = np.array([bootstrap_p(d[0], d[1:]) for d in draws])
    assert 0.08 <= np.mean(p <= 0.1) <= 0.12
    assert p.min() == 1 / 40
    ten = np.mean(draws[:, 1:11] >= draws[:, :1], axis=1)
    assert np.mean(ten <= 0.1) > 0.15  # k / n of ten redraws errs in 2 of 11


def test_the_range_of_five_seeds_covers_the_median_in_15_of_16():
    values = np.random.default_rng(1).exponential(size=(4000, 5))
    found = np.array([seed_range(v) for v in values])
    holds = (found[:, 1] <= np.log(2)) & (np.log(2) <= found[:, 2])
    assert holds.mean() == pytest.approx(15 / 16, abs=0.012)


def test_what_is_no_share_is_refused():
    for k, n, options, message in (
        (6, 5, {}, "successes is 6; give a whole number >= 0 and <= 5"),
        (-1, 5, {}, "successes is -1"),
        (1.5, 5, {}, "successes is 1.5"),
        (0, 0, {}, "n is 0"),
        (0, np.inf, {}, "n is inf"),
        (0, None, {}, "n is None"),
        (0, "auto", {}, "n is 'auto'"),
        (1, 5, {"level": 0}, "level is 0"),
    ):
        with pytest.raises(UsageError, match=message):
            binomial_interval(k, n, **options)
    with pytest.raises(UsageError, match="redrawn holds 0"):
        bootstrap_p(1.0, [])
    with pytest.raises(UsageError, match="1 NaN"):
        bootstrap_p(1.0, [np.nan])
    with pytest.raises(UsageError, match="observed is nan"):
        bootstrap_p(np.nan, [1.0])
