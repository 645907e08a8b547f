"""Fig. 1a-d: neurons keep their places, a legend names what is drawn, losses stand in nats."""

import numpy as np
import pytest

from critnet.paper import anchors, results, style
from critnet.paper.fig1 import panels, series


@pytest.fixture(scope="module")
def data():
    return results.load("fig1")


@pytest.fixture(autouse=True)
def light():
    with style.theme("light") as colours:
        yield colours


def test_neurons_keep_their_places_over_training(data):
    places = []
    for t, threshold in ((0, 0.7), (100, 0.5), (200_000, 0.5)):
        right = panels.fig1a(data, t=t, threshold=threshold).figure.axes[2]
        places.append(right.collections[1].get_offsets())
        assert right.get_xlim() == right.get_ylim() == (-1.05, 1.05)
    assert np.array_equal(places[0], places[1])
    assert np.array_equal(places[0], places[2])


def test_the_edges_drawn_are_the_pairs_above_the_threshold(data, light):
    drawing = panels.fig1a(data, t=100, threshold=0.5, definition="control")
    correlation = series.matrix(data, 100, "control")
    first, second = np.triu_indices(len(correlation), 1)
    strong = np.abs(correlation[first, second]) > 0.5
    assert len(drawing.table) == strong.sum() == len(drawing.figure.axes[2].collections[0].get_segments())
    assert f"{(correlation[first, second] > 0.5).sum()} pairs of neurons correlate above 0.50" in drawing.alt
    joined = np.unique([first[strong], second[strong]]).size
    assert f"{joined} of 110 neurons have an edge" in drawing.alt
    empty = panels.fig1a(data, t=0, threshold=0.7)
    assert empty.table.empty
    assert "largest connected component holds 1." in empty.alt


def named(drawing):
    axis = drawing.figure.axes[0]
    return [text.get_text() for text in axis.get_legend().get_texts()]


def test_a_legend_names_the_curves_that_are_drawn(data):
    drawing = panels.fig1b(data, threshold=0.9, definition="control")
    assert "Forman-Ricci entropy" not in named(drawing)
    assert "0 throughout and without a curve: Forman-Ricci entropy." in drawing.alt
    assert "t = 0 (" not in drawing.alt
    shown = [line for line in drawing.figure.axes[0].lines if len(line.get_xdata()) > 2]
    assert [line.get_label() for line in shown] == named(drawing)
    assert len(named(panels.fig1b(data))) == 4


def test_of_two_curves_that_coincide_the_upper_one_is_dashed(data):
    """In the control the share of pairs above a threshold and the mean degree are the same number but for a factor."""
    dashes = {}
    for definition in ("as-coded", "control"):
        lines = panels.fig1b(data, definition=definition).figure.axes[0].lines
        dashes[definition] = [line.get_label() for line in lines if line.is_dashed() and line.get_label()[0] != "_"]
    assert dashes == {"as-coded": [], "control": ["mean degree"]}


@pytest.mark.parametrize("loss", ["mini-batch", "all images"])
def test_the_loss_and_the_published_ones_stand_in_nats(loss, data):
    drawing = panels.fig1c(data, loss=loss)
    axis = drawing.figure.axes[0]
    assert (axis.get_yscale(), axis.get_ylabel()) == ("log", "loss (nats)")
    levels = {line.get_ydata()[0] for line in axis.lines if len(set(line.get_ydata())) == 1}
    assert {panels.LOSS_BEFORE, panels.LOSS_AT_100} <= levels
    curve = next(line for line in axis.lines if line.get_lw() == 1.2)
    assert curve.get_ydata() == pytest.approx(data["loss"].values[0, 1:])


def test_the_turning_point_is_where_the_strength_is_largest(data):
    strength, t = data["strength"].sel(definition="as-coded").values[0], anchors.steps(data)
    drawing = panels.fig1d(data)
    peak = t[strength.argmax()]
    assert f", {strength.max():.0f} at t = {peak}, {strength[-1]:.0f} at the end." in drawing.alt
    assert drawing.figure.axes[0].texts[0].get_text().startswith(f"turning point, t = {peak}\n")
