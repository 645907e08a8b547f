"""The loss explorer of Fig. 2b-d: what it takes from the results, its words and its static picture."""

import re

import numpy as np
import pytest
import xarray as xr
from scipy.special import ndtri

from critnet.errors import DataError
from critnet.explore import render
from critnet.losses.atoms import Atoms, expand, loss_atoms
from critnet.losses.deviations import DEFINITIONS, entropy_change, extrapolated, rate_function
from critnet.paper import results, style
from critnet.paper.fig2 import loss_explorer as explorer

N = 3000
STEPS = np.array([0, 1, 10, 100, 900, 5000, 30_000, 100_000, 200_000])  # the last but one has no atoms
SHIFTS = (-1, -1.5, -2, -3, -4, -5, -8, -10, -13)
THRESHOLDS = np.array([1e-3, 5e-3, 0.1])


def filled(values, length):
    return np.pad(values, (0, length - len(values)))


@pytest.fixture(scope="module")
def made_up():
    """A small Dataset laid out as data/fig2.nc: two seeds, of which the second is displayed."""
    normal = ndtri((np.arange(N) + 0.5) / N)
    losses = np.array([[np.exp(s + width * normal) for s in SHIFTS] for width in (1.5, 2.0)]).astype(np.float32)
    stored = np.delete(np.arange(len(STEPS)), -2)
    atoms = [loss_atoms(losses[1, i], 30, 80) for i in stored]
    length = max(a.values.size for a in atoms)
    entropy = [
        [[entropy_change(x, THRESHOLDS, definition=name) for name in DEFINITIONS] for x in of_seed]
        for of_seed in losses
    ]
    return xr.Dataset(
        {
            "atom_loss": (("atom_t", "atom"), np.array([filled(a.values, length) for a in atoms])),
            "atom_count": (("atom_t", "atom"), np.array([filled(a.counts, length) for a in atoms])),
            "mean_loss": (("seed", "t"), losses.mean(axis=2, dtype=np.float64)),
            "max_loss": (("seed", "t"), losses.max(axis=2).astype(np.float64)),
            "side": (("seed", "t", "entropy_b"), [[extrapolated(x, THRESHOLDS) for x in one] for one in losses]),
            "entropy_change": (("seed", "t", "estimate", "entropy_b"), np.array(entropy, np.float32)),
        },
        {
            "t": STEPS, "seed": [0, 3], "entropy_b": THRESHOLDS, "estimate": list(DEFINITIONS),
            "atom_step": ("atom_t", STEPS[stored]),
        },
        {"displayed_seed": 3},
    )  # fmt: skip


def test_the_numbers_drawn_are_those_of_the_atoms(made_up):
    frame = explorer.over_training(made_up)
    assert frame["t"].tolist() == np.delete(STEPS, -2).tolist()
    assert sorted(set(frame["side"])) == [-1, 0, 1]
    for row, values, counts in zip(frame.itertuples(), *explorer.atoms(made_up)[1:], strict=True):
        losses = expand((values, counts))
        assert losses.size == N
        assert losses.mean() == pytest.approx(row.mean_loss, rel=1e-6)
        assert losses.max() == pytest.approx(row.largest_loss, rel=1e-6)
        assert extrapolated(losses, 0.005) == row.side
        assert rate_function(losses, 0.005) == pytest.approx(row.control, rel=5e-3)
    upper = frame["control"].where(frame["side"] >= 0, 0)
    assert frame["upper-tail"].tolist() == upper.tolist()


def test_the_words_state_the_numbers_of_the_frame(made_up):
    frame = explorer.over_training(made_up)
    words, first = explorer.words(frame), frame[frame["t"] == 900].iloc[0]
    assert f"At iteration 900 of the anchor run the mean loss is {first['mean_loss']:.3g} nats." in words
    assert f"is {first['control']:.3g} nats exactly, {first['as-coded']:.3g} nats as coded" in words
    ratio = frame["as-coded"] / frame["control"]
    for side, where in ((-1, "below the mean loss"), (1, "above the largest loss")):
        there = frame["side"] == side
        sentence = rf"At (\d+) of 8 \w+, from \S+ to \S+, b lies {where} .*? gives (\S+) to (\S+) times"
        counted, low, high = re.search(sentence, words).groups()
        assert int(counted) == there.sum()
        assert (float(low), float(high)) == pytest.approx((ratio[there].min(), ratio[there].max()), rel=0.06)
    assert f"At the other {(frame['side'] == 0).sum()} it interpolates" in words
    inside = explorer.words(frame[frame["side"] == 0])
    assert "extrapolated" not in inside


def test_the_picture_has_both_themes_and_the_words(made_up):
    frame = explorer.over_training(made_up)
    drawn = [
        render.draw(explorer.picture, {"frame": frame}, name="x", style=style.theme, theme=t) for t in render.THEMES
    ]
    assert drawn[0].alt == explorer.words(frame)
    assert drawn[0].table is frame
    assert drawn[0].image.shape == drawn[1].image.shape
    assert drawn[0].image.shape[1] == 1520
    assert (drawn[0].image != drawn[1].image).any()
    hatched = render.draw(explorer.picture, {"frame": frame.assign(side=0)}, name="x", style=style.theme)
    assert (hatched.image != drawn[0].image).mean() > 0.01


def test_the_explorer_gets_atoms_thresholds_and_start(made_up):
    found = explorer.loss_explorer(made_up, name="losses-here")
    given = found.given
    assert given["name"] == "losses-here"
    assert given["steps"] == np.delete(STEPS, -2).tolist()
    assert given["start"] == {"b": 0.005, "t": 900}
    assert given["batch"] == 64
    assert (given["thresholds"][0], given["thresholds"][-1]) == (1e-6, 10)
    assert given["lengths"] == (made_up["atom_count"] > 0).sum("atom").values.tolist()
    assert f"Its {N} training losses" in given["caption"]
    assert found.words == explorer.words(explorer.over_training(made_up))
    assert found.words in found._repr_mimebundle_()["text/plain"]


def test_results_without_atoms_are_refused(made_up):
    for name in ("atom_loss", "entropy_change"):
        with pytest.raises(DataError, match=f"lack '{name}'.*critnet reduce fig2"):
            explorer.loss_explorer(made_up.drop_vars(name))


def test_the_committed_atoms_give_the_entropy_changes_of_all_losses():
    """The caption's "about one part in ten thousand", held against what the reduction found with all 60000 losses."""
    data = results.load("fig2")
    steps, values, counts = explorer.atoms(data)
    frame = explorer.over_training(data)
    errors = []
    for value, count, (_, row) in zip(values, counts, frame.iterrows(), strict=True):
        losses = expand(Atoms(value.astype(float), count))
        assert losses.size == 60_000
        assert losses.mean() == pytest.approx(row["mean_loss"], rel=1e-5)
        errors.append(rate_function(losses, 5e-3) / row["control"] - 1)
    assert len(steps) == len(errors) > 40
    assert np.max(np.abs(errors)) < 3e-4
    assert np.median(np.abs(errors)) < 1e-4
