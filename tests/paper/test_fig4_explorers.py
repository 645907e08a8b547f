"""What goes into the redistribution explorer, and the picture and words that stand in for it."""

import base64

import numpy as np
import pytest

from critnet.explore import render
from critnet.paper import anchors, results, style
from critnet.paper.fig4 import explorers


@pytest.fixture(scope="module")
def data():
    return results.load("fig1")


def test_it_carries_the_last_correlations_and_stays_small(data):
    explorer = explorers.redistribution_explorer(data)
    strength = np.frombuffer(base64.b64decode(explorer.given["strength"]), "<f4")
    matrix = anchors.matrix(data, 200_000, "as-coded")
    assert strength == pytest.approx(np.abs(matrix[np.triu_indices(110, 1)]), abs=1e-7)
    assert (explorer.given["units"], explorer.given["pruned"]) == (599, 59)
    assert len(explorer.html()) < 200_000


def test_words_and_picture_state_the_numbers(data):
    counts = explorers.units(data)
    assert counts.sum(axis=1).tolist() == [599] * 100
    drawn = render.draw(explorers.picture, {"counts": counts}, name="a", style=style.theme)
    assert drawn.alt == explorers.words(counts)
    assert f"up to {counts.max()} on one" in drawn.alt
    assert "1 + 0.6/P_C gives 2.62" in drawn.alt
    assert "1 + 1/P_C is 3.70" in drawn.alt
