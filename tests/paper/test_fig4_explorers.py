"""What goes into the explorers of Fig. 4, and the pictures and words that stand in for them."""

import base64

import numpy as np
import pytest

from critnet.explore import render
from critnet.paper import anchors, results, style
from critnet.paper.fig4 import explorers, restore_explorer
from critnet.paper.fig4.interventions import LEVELS, SETS


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


@pytest.fixture(scope="module")
def stored():
    return results.load_all(("fig1", "course", "fig5", "fig4"))


@pytest.fixture(scope="module")
def made(stored):
    return restore_explorer.restored(stored["fig1"], stored["course"], stored["fig5"])


def test_sets_are_those_of_fig_4l(stored, made):
    cell = stored["fig4"].sel(seed=0, definition="control")
    assert len(made.places["redundant"]) == int(cell["redundant"])
    sizes = {label: (len(each.places), (each.places < 2500).sum()) for label, each in made.sets.items()}
    critical = sizes.pop("critical")
    assert critical[0] == len(made.places["critical"])
    assert len(sizes) == len(SETS)
    assert set(sizes.values()) == {(159, (made.places["redundant"] < 2500).sum())}
    assert sorted(made.sets["redundant"].places) == sorted(made.places["redundant"])
    assert not set(made.places["redundant"]) & set(made.places["critical"])
    for label, each in made.sets.items():
        if label not in ("redundant", "critical"):
            assert not set(each.places) & set(made.places["redundant"]), label
    moved = np.abs(np.concatenate([np.ravel(made.final[n] - made.early[n]) for n in ("W2", "W3")]))
    assert moved[made.sets["most moved"].places].min() > np.median(moved)


def test_test_images_tell_of_the_sets_what_all_training_images_do(stored, made):
    """In both the weights that moved most raise the loss most, and the redundant ones lie within the random sets."""
    cell = stored["fig4"].sel(seed=0, definition="control")
    last = {label: each.mean[-1] for label, each in made.sets.items() if label != "critical"}
    assert max(last, key=last.get) == "most moved"
    assert np.argmax(cell["restored_loss"].median("draw").values) == SETS.index("most moved")
    low, high = made.bands["redundant"].mean[:, -1]
    assert low < last["redundant"] < high
    drawn = cell["restored_loss"].sel(set="same layers")
    assert drawn.min() < cell["restored_loss"].sel(set="redundant")[0] < drawn.max()
    assert LEVELS[-1] == restore_explorer.LEVELS[-1] == 3


def test_nothing_set_back_is_the_network_with_its_activities_rounded(stored, made):
    images, _ = restore_explorer.images_of(stored["fig5"])
    exact = np.maximum(made.final["W1"] @ images.T + made.final["b1"][:, None], 0)
    losses = restore_explorer.losses(made.final, exact.T, made.labels)
    assert made.sets["redundant"].mean[0] == pytest.approx(losses.mean(), rel=0.02)
    for each in made.sets.values():
        assert each.mean[0] == made.sets["redundant"].mean[0]


def test_the_restore_explorer_stays_small_and_its_words_state_the_numbers(stored, made):
    explorer = restore_explorer.restore_explorer(stored)
    assert len(explorer.html()) < 250_000
    drawn = render.draw(restore_explorer.picture, {"made": made}, name="a", style=style.theme)
    assert drawn.alt == restore_explorer.words(made) == explorer.words
    assert f"most moved {made.sets['most moved'].mean[-1]:.3g}" in drawn.alt
    assert "seed 0" in explorer.given["caption"]
