"""Controls: which values are accepted, how they are shown, where they start."""

import numpy as np
import pytest

from critnet.errors import UsageError
from critnet.explore.controls import key_of, make_control, show_value


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([0, 1, 2], "radio"),
        (["as-coded", "control"], "radio"),
        ([True, False], "radio"),
        ([0, 1, 5, 10, 100, 200_000], "slider"),
        (range(11), "slider"),
        (np.linspace(0, 1, 7), "slider"),
        ([5, 3, 4, 1, 2, 9], "select"),
        ([f"a long name of run {i}" for i in range(3)], "select"),
        ((0.5, 1.0), "slider"),
        ([], "radio"),
    ],
)
def test_kind_follows_from_the_values(values, kind):
    assert make_control("x", values).kind == kind


def test_numpy_values_become_plain_ones():
    values = make_control("x", np.array([1, 2, 3], dtype=np.int32)).values
    assert values == (1, 2, 3)
    assert all(type(value) is int for value in values)


def test_continuous_control_has_equal_steps_and_its_initial_value():
    control = make_control("x", (0.5, 1.0), steps=6, initial=0.65)
    assert control.values == (0.5, 0.6, 0.65, 0.7, 0.8, 0.9, 1.0)
    assert control.values[control.start] == 0.65
    assert control.span == (0.5, 1.0)


def test_continuous_integers_stay_integers():
    assert make_control("x", (0, 3), steps=10).values == (0, 1, 2, 3)


def test_labels_and_formats():
    control = make_control(
        "definition", ["as-coded", "control"], label="Definition", value_labels={"as-coded": "as coded"}
    )
    assert (control.label, control.texts, control.keys) == (
        "Definition",
        ("as coded", "control"),
        ("as-coded", "control"),
    )
    assert make_control("x", [0.5, 1.0], form="{:.2f}").texts == ("0.50", "1.00")
    assert make_control("x", [1, 2], form=lambda value: f"2^{value}").texts == ("2^1", "2^2")


@pytest.mark.parametrize(
    ("value", "text", "key"),
    [
        (0.1 + 0.2, "0.3", "0.30000000000000004"),
        (9999, "9999", "9999"),
        (200_000, "200\u202f000", "200000"),
        (True, "yes", "true"),
        ("<b>", "<b>", "<b>"),
    ],
)
def test_text_and_key(value, text, key):
    assert (show_value(value), key_of(value)) == (text, key)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ("control", "list of values"),
        (3, "list of values"),
        ([1, float("nan")], "finite"),
        ([float("inf")], "finite"),
        ([None], "text, finite numbers"),
        ([[1]], "text, finite numbers"),
        ([1, 1], "twice"),
        ([True, "true"], "twice"),
        ((1.0, 0.5), "below"),
        ((0.5, 0.5), "below"),
        ((1, 2, 3), "low, high"),
        (("a", "b"), "low, high"),
        ((False, True), "low, high"),
    ],
)
def test_bad_values_are_refused_with_a_way_out(values, message):
    with pytest.raises(UsageError, match=message) as caught:
        make_control("threshold", values)
    assert "'threshold'" in str(caught.value)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"initial": 7}, "cannot start at 7; it has 0, 1, 2"),
        ({"form": "plain"}, "format"),
        ({"form": 3}, "format"),
    ],
)
def test_bad_options(options, message):
    with pytest.raises(UsageError, match=message):
        make_control("seed", [0, 1, 2], **options)


@pytest.mark.parametrize("options", [{"initial": 2.0}, {"initial": "low"}, {"steps": 1}, {"steps": 2.5}])
def test_bad_options_of_a_continuous_control(options):
    with pytest.raises(UsageError, match="threshold"):
        make_control("threshold", (0.5, 1.0), **options)
