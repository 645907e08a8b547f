import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from critnet import archive
from critnet.errors import UsageError

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@settings(deadline=None)
@given(PLAIN)
def test_round_trip(value):
    for html in (False, True):
        assert json.loads(archive.dumps_json(value, html=html)) == value


@settings(deadline=None)
@given(st.lists(st.tuples(st.text(), st.integers()), unique_by=lambda item: item[0]))
def test_one_text_for_one_value(items):
    assert archive.dumps_json(dict(items)) == archive.dumps_json(dict(reversed(items)))


@settings(deadline=None)
@given(PLAIN)
def test_no_text_can_leave_its_script_element(value):
    assert not set("<>&\u2028\u2029") & set(archive.dumps_json(value, html=True))


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, np.float32("nan"), np.array(np.inf)])
def test_non_finite_is_null_as_browsers_need_it(value):
    assert archive.dumps_json({"loss": [value]}) == '{"loss":[null]}'
    assert "NaN" in json.dumps(math.nan)  # what the plain call writes, and JSON.parse refuses


def test_numpy_values_are_plain_numbers():
    value = {"h": np.int64(50), "rates": np.array([0.5, np.nan]), "done": np.bool_(True), 3: ("a", np.str_("b"))}
    assert archive.dumps_json(value) == '{"3":["a","b"],"done":true,"h":50,"rates":[0.5,null]}'


@pytest.mark.parametrize("value", [{1: 0, "1": 0}, {1.5: 0}, {None: 0}, {"a": object()}, b"bytes", {1, 2}, 1j])
def test_what_is_not_plain_data_is_refused(value):
    with pytest.raises(UsageError):
        archive.dumps_json(value)
