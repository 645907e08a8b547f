"""What the vocabulary of panels draws is where the numbers are, and its words are those numbers."""

from types import SimpleNamespace

import numpy as np
import pytest

from critnet.errors import UsageError
from critnet.explore import NoMatch
from critnet.paper import marks, panels, style

T = np.array([0, 1, 10, 100])


@pytest.fixture
def axis():
    with style.theme("light"):
        yield style.subplots(figsize=(7.6, 4))[1]


def test_a_course_is_one_run_within_the_range_of_all(axis):
    values = np.array([[0, 1.0, 4.0, 2.0], [0, 3.0, 5.0, np.nan], [0, 2.0, 9.0, 1.0]])
    marks.course(axis, T, values, 0, "k")
    (line,) = axis.lines
    assert line.get_xdata().tolist() == [1, 10, 100]
    assert line.get_ydata().tolist() == [1, 4, 2]
    (band,) = axis.collections
    corners = band.get_paths()[0].vertices
    at = {x: sorted({y for vx, y in corners.tolist() if vx == x}) for x in (1, 10, 100)}
    assert at == {1: [1, 3], 10: [4, 9], 100: [1, 2]}
    marks.course(axis, T, values, None, "k")
    assert axis.lines[1].get_ydata().tolist() == [2, 5, 1.5]


def test_published_values_are_dashed_and_carry_their_number(axis):
    marks.published(axis, "paper: 37", x=37)
    marks.published(axis, "paper: 0.4", y=0.4)
    vertical, horizontal = axis.lines
    assert set(vertical.get_xdata()) == {37}
    assert set(horizontal.get_ydata()) == {0.4}
    assert {line.get_linestyle() for line in axis.lines} == {"--"}
    assert [text.get_text() for text in axis.texts] == ["paper: 37", "paper: 0.4"]


def test_hidden_stretches_are_hatched_from_their_first_to_behind_their_last(axis):
    marks.outside(axis, T, np.array([True, True, False, True]))
    spans = [(p.get_x(), p.get_x() + p.get_width()) for p in axis.patches]
    assert spans == [(1, 10), (100, 100)]


def test_a_law_goes_through_the_points_and_the_published_one_through_their_middle(axis):
    x = np.array([1.0, 10.0, 100.0])
    fit = SimpleNamespace(value=2.0, low=1.9, high=2.1, intercept=np.log(3.0))
    said = marks.law(axis, x, 3 * x**2, fit, "k", paper=1.0)
    assert said == "ours 2.00 (1.90 to 2.10), paper 1.00"
    ours, paper = axis.lines
    np.testing.assert_allclose(ours.get_ydata(), [3, 30_000])
    np.testing.assert_allclose(paper.get_ydata(), [30, 3000])


def test_a_bundle_is_the_median_of_curves_where_two_of_them_reach(axis):
    curves = [([0, 2], [0, 2]), ([0, 4], [10, 10]), ([0, 2], [20, 20])]
    marks.bundle(axis, [tuple(map(np.array, c)) for c in curves], "k", n=5)
    (line,) = axis.lines
    assert line.get_xdata().tolist() == [0, 1, 2]  # beyond, there is one curve alone
    assert line.get_ydata().tolist() == [10, 10, 10]
    whole, half = (c.get_paths()[0].vertices for c in axis.collections)
    assert (whole[:, 1].min(), whole[:, 1].max()) == (0, 20)
    assert (half[:, 1].min(), half[:, 1].max()) == (5, 15)
    marks.bundle(axis, [(np.array([0.0, 1.0]), np.array([0.0, 2.0]))], "k", n=2, log=True)
    assert axis.lines[1].get_ydata() == pytest.approx([1, np.exp(2)])


def test_a_tail_leaves_out_empty_bins(axis):
    marks.tail(axis, [1, 2, 3], np.array([0.5, 0.0, 0.1]), "k")
    assert axis.lines[0].get_xdata().tolist() == [1, 3]
    assert (axis.get_xscale(), axis.get_yscale()) == ("log", "log")


@pytest.mark.parametrize("kind", marks.BARS)
def test_a_bar_says_what_its_colours_mean(kind):
    with style.theme("dark"):
        figure, axis = style.subplots(figsize=(7.6, 4))
        assert marks.bar(figure, axis, kind).ax.get_ylabel() == marks.BARS[kind][0]


def test_what_is_not_stored_is_named_with_what_is():
    with pytest.raises(NoMatch, match="iteration t = 7; choose one of 0, 1, 10, 100"):
        marks.stored(T, 7, "iteration t")
    assert marks.when([1, np.nan, 0], [4, 5, 6]) == 4


def test_a_shown_panel_has_the_name_and_the_data_of_its_panel(monkeypatch):
    seen = {}
    monkeypatch.setattr(panels, "explore", lambda panel, **given: seen.update(given, panel=panel))
    panels.show("2d", caption="c", b=[5e-3], definition=["as-coded"], labels={"b": "b"})
    assert (seen["panel"], seen["name"], seen["cache_key"]) == (panels.PANELS["2d"], "fig-2d", "fixed")
    assert seen["fixed"]["data"] is panels.data_of("2d")
    assert seen["labels"] == {"b": "b", "definition": ("definition", {"as-coded": "as coded"})}
    with pytest.raises(UsageError, match="9z"):
        panels.show("9z", caption="")
