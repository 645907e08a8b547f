"""Fig. 6: the stages, the manifold, the funnels and the likeness that are drawn are those that are stored."""

import numpy as np
import pytest

from critnet.explore import NoMatch
from critnet.paper import anchors, results, style
from critnet.paper.fig6 import panels


@pytest.fixture(scope="module")
def data():
    return results.load_all(panels.DATA)


@pytest.fixture(autouse=True)
def light():
    with style.theme("light"):
        yield


@pytest.mark.parametrize("definition", ["as-coded", "control"])
@pytest.mark.parametrize("letter", panels.PANELS)
def test_each_panel_states_its_definition_and_numbers(letter, definition, data):
    drawing = panels.PANELS[letter](data, definition=definition)
    assert definition in drawing.alt
    assert len(drawing.table) > 10
    assert drawing.figure.get_size_inches()[0] == 7.6


def test_stages_show_the_edges_above_the_threshold(data):
    table = panels.fig6b(data, t=100, threshold=0.6).table
    C = anchors.matrix(data["fig1"], 100, "as-coded")
    expected = (np.abs(C[:50, 50:100]) > 0.6).sum() + (np.abs(C[50:100, 100:]) > 0.6).sum()
    assert (table.t == 100).sum() == expected
    assert (table.correlation.abs() > 0.6 - 1e-4).all()
    mine = data["coupling"]["edge_seed"].values == 0
    circuits = {tuple(e) for e in data["coupling"]["edge"].values[mine].tolist()}
    assert all((r.layer, r.source, r.target) in circuits for r in table[table.in_circuit].itertuples())
    with pytest.raises(NoMatch, match="iteration t = 101"):
        panels.fig6b(data, t=101)


def test_the_manifold_states_what_is_stored(data):
    fig6 = data["fig6"]
    table = panels.fig6c(data, definition="control").table
    s = anchors.of_seed(fig6, fig6.attrs["shown_seed"])
    assert np.allclose(table["circuits fisher"], fig6["fisher"].sel(neurons="circuits").values[s], equal_nan=True)
    drawn = np.median(fig6["random_components"].values[s], axis=1)
    assert np.allclose(table["random components"], drawn, equal_nan=True)
    with pytest.raises(NoMatch, match="iteration t = 7"):
        panels.fig6c(data, t=7)


def test_the_manifold_turns_and_its_numbers_do_not(data):
    one, other = (panels.fig6c(data, turn=turn) for turn in (0, 90))
    assert [a.azim for a in other.figure.axes[:3]] == [a.azim + 90 for a in one.figure.axes[:3]]
    assert one.table.equals(other.table)
    assert one.alt.replace("turned by 0 degrees", "turned by 90 degrees") == other.alt


def test_the_words_of_the_manifold_follow_the_moment_that_is_drawn(data):
    words = [panels.fig6c(data, t=t).alt.partition("In all dimensions")[0] for t in (37, 100, 1000)]
    ratios = [[float(x) for x in text.rpartition(": ")[2].rstrip(". ").split(", ")] for text in words]
    course = [ratios[0][0], *(one[1] for one in ratios), ratios[0][2]]
    assert course == sorted(set(course))  # on three axes the digits go on parting, as the chapter says


def test_funnels_meet_at_the_network_in_the_control(data):
    for way in data["fig6"]["way"].values.astype(str):
        table = panels.fig6d(data, way=way, definition="control").table
        assert table[np.isclose(table.step, 0)].spread.max() == pytest.approx(0, abs=1e-7)
    wide, narrow = (panels.fig6d(data, batch_size=b, definition="as-coded").table.spread.mean() for b in (16, 256))
    assert wide > 2 * narrow
    with pytest.raises(NoMatch, match="random, towards the start"):
        panels.fig6d(data, way="uphill")
    with pytest.raises(NoMatch, match="batch size = 7"):
        panels.fig6d(data, batch_size=7)


def test_likeness_is_a_cosine(data):
    acting = data["acting"]
    found = panels.likeness(acting, 1, "as-coded")
    train, test = (acting["mean_activity"].values[1, k, :, :100].astype(float) for k in (0, 1))
    a, b = train[3], test[8]
    assert found[3, 8] == pytest.approx(a @ b / np.linalg.norm(a) / np.linalg.norm(b))
    clean = panels.likeness(acting, 1, "as-coded", corruption=0)
    assert np.allclose(clean, found, atol=1e-6)
    centred = panels.likeness(acting, 1, "control")
    assert centred.min() < 0 < centred.diagonal().min()
