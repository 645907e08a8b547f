"""How much a grouping explains: known answers, an oracle, and what holds for any numbers."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from critnet.errors import UsageError
from critnet.statistics.explained import eta_squared

PAIRS = st.lists(st.tuples(st.floats(-1e6, 1e6), st.sampled_from("abc")), min_size=2, max_size=30)


def test_of_two_crossed_factors_each_explains_its_own_part():
    """Of a + b with a in {0, 2} and b in {0, 1}, variances 1 and 1/4: four and one fifths."""
    values, a, b = [0, 1, 2, 3], list("xxyy"), list("pqpq")
    assert eta_squared(values, a) == pytest.approx(0.8)
    assert eta_squared(values, b) == pytest.approx(0.2)


@given(PAIRS)
def test_it_is_one_minus_what_is_left_within_groups(pairs):
    values, groups = np.array([v for v, _ in pairs]), np.array([g for _, g in pairs])
    found = eta_squared(values, groups)
    within = sum(((values[groups == g] - values[groups == g].mean()) ** 2).sum() for g in set(groups))
    total = ((values - values.mean()) ** 2).sum()
    if found == found:
        assert 0 <= found <= 1
        assert found == pytest.approx(1 - within / total, abs=1e-6)


def test_equal_values_have_no_variance_to_explain():
    assert np.isnan(eta_squared([3.0, 3.0], ["a", "b"]))
    assert np.isnan(eta_squared([], []))


@pytest.mark.parametrize(("values", "groups", "says"), [
    ([1.0, np.nan], ["a", "b"], "1 of 2 values are not finite"),
    ([1.0, 2.0], ["a"], "1 groups for 2 values"),
])  # fmt: skip
def test_bad_input_is_named(values, groups, says):
    with pytest.raises(UsageError, match=says):
        eta_squared(values, groups)
