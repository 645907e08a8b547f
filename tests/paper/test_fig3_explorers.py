"""What goes into the stroboscope and the Langevin explorer, and the pictures and words that stand in for them."""

import base64

import numpy as np
import pytest

from critnet.explore import render
from critnet.paper import results, style
from critnet.paper.fig3 import explorers


@pytest.fixture(scope="module")
def windows():
    return results.load("windows")


@pytest.fixture(scope="module")
def anchor_runs():
    return results.load("anchors")


def test_the_stroboscope_carries_the_recorded_fluxes_and_stays_small(windows, anchor_runs):
    explorer = explorers.stroboscope_explorer(windows, anchor_runs)
    table = np.frombuffer(base64.b64decode(explorer.given["table"]), "<f4").reshape(5, 2, 28, 19)
    place = [explorer.given["flashes"].index(50), explorer.given["intervals"].index(10)]
    for k, observable in enumerate(("loss", "weight")):
        wanted = windows["flash_flux"].sel(seed=3, observable=observable, flash=50, interval=10, binning="equal")
        assert table[3, k, place[0], place[1]] == np.float32(wanted)
    assert explorer.given["intervals"][-1] == 500
    assert len(explorer.html()) < 200_000


def test_single_iterations_lie_between_their_bounds(windows, anchor_runs):
    flux, drift, speed = np.moveaxis(explorers.courses(windows, anchor_runs), 2, 0)
    known = np.isfinite(flux)
    assert known[:, 0].all()
    t = anchor_runs["step"].values[explorers.places(anchor_runs)]
    assert (known[:, 1] == np.isin(t, windows["step"].values)).all()
    assert known[:, 1].sum() > 5 * 90
    assert (flux[known] >= drift[known] * (1 - 1e-4) - 1e-15).all()
    assert (flux[known] <= speed[known] * (1 + 1e-4) + 1e-15).all()


def test_words_state_the_numbers(windows):
    row = windows["flash_flux"].sel(seed=0, observable="loss", flash=50, binning="equal")
    drawn = render.draw(explorers.stroboscope_picture, {"windows": windows}, name="a", style=style.theme)
    assert f"{float(row.sel(interval=1) / row.sel(interval=10)):.1f} times lower at t = 50" in drawn.alt
    assert "would show 3.2 times less" in drawn.alt
    assert len(drawn.table) == 4 * 22


def test_the_langevin_picture_has_the_known_answer():
    drawn = render.draw(explorers.langevin_picture, {}, name="a", style=style.theme)
    assert "variances 1.00 and 1.00" in drawn.alt
    assert "circulation 2.00" in drawn.alt
    at = drawn.table.set_index(["w1", "w2"])
    flux = at.iloc[at.index.get_indexer([(2.2, 0.0)])]
    assert flux.to_numpy() == pytest.approx(np.array([[0, 2.2 * np.exp(-(2.2**2) / 2) / (2 * np.pi)]]), abs=1e-12)
