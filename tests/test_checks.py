"""Argument checks: what is taken and as what, what is refused and in which words."""

import numpy as np
import pytest
import scipy.sparse
import torch
from hypothesis import given
from hypothesis import strategies as st

from critnet import checks
from critnet.errors import UsageError

ROWS = [[1.0, 0.0], [0.5, -2.0]]


@pytest.mark.parametrize(
    "values",
    [
        ROWS,
        np.array(ROWS, np.float16),
        np.array(ROWS, object),
        np.ma.array(ROWS, mask=False),
        torch.tensor(ROWS),
        torch.tensor(ROWS, requires_grad=True),
        torch.tensor(ROWS, dtype=torch.bfloat16),
        torch.tensor(ROWS).to_sparse(),
        torch.tensor(ROWS, requires_grad=True).bfloat16().T.T,
        torch.nn.Parameter(torch.tensor(ROWS)),
        scipy.sparse.csr_matrix(ROWS),
        scipy.sparse.coo_array(ROWS),
    ],
    ids=lambda v: f"{type(v).__name__}-{getattr(v, 'dtype', '')}-{getattr(v, 'layout', '')}",
)
def test_arrays_of_every_kind_are_taken(values):
    found = checks.array("x", values)
    assert type(found) is np.ndarray
    assert found.dtype == np.float64
    assert found.tolist() == ROWS


def test_float32_is_kept_where_asked():
    assert checks.array("x", np.ones(2, np.float32), None).dtype == np.float32
    assert checks.array("x", torch.ones(2), None).dtype == np.float32
    assert checks.array("x", torch.ones(2, dtype=torch.float16), None).dtype == np.float64
    assert checks.array("x", [True, False], None).tolist() == [1.0, 0.0]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (np.ma.masked_equal([1, -999, -999], -999), "x has 2 masked of 3 values; leave them out or fill them"),
        ([1 + 2j, 3], "x is complex"),
        (torch.ones(2, dtype=torch.complex64), "x is complex"),
        (["a", "b"], "x holds <U1 values"),
        ([1, None], "no numbers"),
        ([[1, 2], [3]], "no array of numbers"),
        (np.array(["2020-01-01"], "M8[D]"), "datetime64"),
        ({1: 2}, "no numbers"),
    ],
)
def test_what_would_be_dropped_without_a_word_is_refused(values, message):
    with pytest.raises(UsageError, match=message):
        checks.array("x", values)


NO_NUMBERS = [None, "auto", "3", b"3", np.inf, -np.inf, np.nan, 1j, [1], np.ones(1), True, object(), np.ma.masked]


@pytest.mark.parametrize("value", NO_NUMBERS, ids=repr)
def test_what_is_no_number_is_refused(value):
    for check in (checks.whole, checks.number, checks.fraction):
        with pytest.raises(UsageError, match="n is "):
            check("n", value)


@pytest.mark.parametrize("value", [3, 3.0, np.int8(3), np.float32(3), np.array(3), torch.tensor(3)])
def test_whole_numbers_of_every_kind_are_taken(value):
    assert checks.whole("n", value) == 3
    assert type(checks.whole("n", value)) is int


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_whole_takes_whole_numbers_in_range_only(value):
    if value == np.floor(value) and 2 <= value <= 9:
        assert checks.whole("n", value, 2, 9) == value
    else:
        with pytest.raises(UsageError, match=r"give a whole number >= 2 and <= 9"):
            checks.whole("n", value, 2, 9)


def test_ranges_are_named():
    assert checks.number("x", 0.0, 0) == 0
    for options, message in (
        ({"above": 0}, "x is 0; give a number > 0$"),
        ({"above": 0, "below": 1}, "> 0 and < 1$"),
        ({"low": 1}, ">= 1$"),
        ({"low": 1, "high": 5}, ">= 1 and <= 5$"),
    ):
        with pytest.raises(UsageError, match=message):
            checks.number("x", 0, **options)
    with pytest.raises(UsageError, match=r"choose one of 'a', 'b'"):
        checks.choice("x", ["a"], ("a", "b"))
    with pytest.raises(UsageError, match="numpy Generator"):
        checks.generator(np.random.RandomState(0))


def test_graphs_and_correlations():
    assert checks.square_graph("g", np.zeros((2, 2), bool)).dtype == bool
    with pytest.raises(UsageError, match="self-loops"):
        checks.square_graph("g", np.eye(2, dtype=bool))
    with pytest.raises(UsageError, match="modulus 2"):
        checks.correlation_matrix([[1, 2.0], [2.0, 1]])
    with pytest.raises(UsageError, match="masked"):
        checks.correlation_matrix(np.ma.masked_less([[1, -1.0], [-1, 1]], 0))
