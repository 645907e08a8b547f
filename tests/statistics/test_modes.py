"""The dip: linear programming as an oracle, published values, how often the test errs and how often it sees."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from critnet.errors import UsageError
from critnet.statistics.modes import dip, dip_test


def by_programming(values):
    """The least d for which a unimodal curve stays within d of the distribution function, over all places of the mode.

    Unknown are the curve at each place from the left and from the right, equal but at the mode, and d.
    """
    x, many = np.unique(values, return_counts=True)
    after = np.cumsum(many) / len(values)
    before, n = after - many / len(values), x.size
    best = np.inf
    for mode in range(n):
        rows, limits = [], []

        def least(terms, limit, rows=rows, limits=limits):
            row = np.zeros(2 * n + 1)
            for place, factor in terms:
                row[place] += factor
            rows.append(row)
            limits.append(limit)

        equal = [(i, n + i) for i in range(n) if i != mode]
        for i in range(n):
            for side, true in ((i, before[i]), (n + i, after[i])):
                least([(side, 1), (2 * n, -1)], true)
                least([(side, -1), (2 * n, -1)], -true)
            least([(i, 1), (n + i, -1)], 0)
        slopes = [[(i + 1, 1 / (x[i + 1] - x[i])), (n + i, -1 / (x[i + 1] - x[i]))] for i in range(n - 1)]
        for i in range(n - 2):
            sign = 1 if i + 1 < mode else -1  # slopes rise before the mode and fall behind it
            if i + 1 != mode:
                least([(p, sign * f) for p, f in slopes[i]] + [(p, -sign * f) for p, f in slopes[i + 1]], 0)
        for s in slopes:
            least([(p, -f) for p, f in s], 0)
        fixed = np.zeros((len(equal), 2 * n + 1))
        for row, (i, j) in zip(fixed, equal, strict=True):
            row[i], row[j] = 1, -1
        cost = np.r_[np.zeros(2 * n), 1]
        bounds = [(0, 1)] * (2 * n + 1)
        found = linprog(cost, np.array(rows), limits, fixed if equal else None, np.zeros(len(equal)), bounds)
        best = min(best, found.fun)
    return max(best, 0.5 / len(values))


@settings(deadline=None, max_examples=60)
@given(st.lists(st.integers(0, 12), min_size=2, max_size=9))
def test_dip_is_the_least_distance(values):
    assert dip(np.array(values, float)) == pytest.approx(by_programming(values), abs=1e-7)


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 10**6))
def test_dip_of_samples_without_ties_is_the_least_distance(seed):
    values = np.random.default_rng(seed).normal(size=11)
    assert dip(values) == pytest.approx(by_programming(values), abs=1e-7)


def test_dip_does_not_change_with_units_or_direction():
    values = np.random.default_rng(1).exponential(size=300)
    assert dip(5 - 3e6 * values) == pytest.approx(dip(values), rel=1e-9)
    assert dip([7.0]) == 0.5
    assert dip([7.0] * 9) == 0.5 / 9


def test_the_test_errs_as_often_as_it_says_on_uniform_samples():
    """With nine simulated samples p is 0.1 exactly where the sample's dip is the largest of ten."""
    random = np.random.default_rng(2)
    p = [dip_test(random.random(20), n_simulated=9, random=random).p_value for _ in range(1200)]
    assert 0.08 <= np.mean(np.array(p) <= 0.1) <= 0.12
    assert min(p) == 0.1


def test_it_sees_two_humps_and_not_one():
    random = np.random.default_rng(3)
    two, one = [], []
    for _ in range(30):
        normal = random.normal(size=80)
        one.append(dip_test(normal, n_simulated=99, random=random).p_value)
        two.append(dip_test(normal + 9 * (np.arange(80) < 30), n_simulated=99, random=random).p_value)
    assert np.mean(np.array(one) <= 0.1) <= 0.1
    assert max(two) <= 0.02


def test_large_samples_are_simulated_on_smaller_ones():
    random = np.random.default_rng(4)
    p = [dip_test(random.random(3000), n_simulated=19, random=random).p_value for _ in range(60)]
    assert 0.35 < np.mean(p) < 0.65


def test_bad_input_is_refused():
    random = np.random.default_rng(0)
    for call, message in (
        (lambda: dip([]), "at least 1"),
        (lambda: dip([1, np.nan]), "1 NaN"),
        (lambda: dip_test([1, 2, 3], random=random), "at least 4"),
        (lambda: dip_test([1, 2, 3, 4], random=5), "Generator"),
        (lambda: dip_test([1, 2, 3, 4], n_simulated=0, random=random), "n_simulated is 0"),
    ):
        with pytest.raises(UsageError, match=message):
            call()
