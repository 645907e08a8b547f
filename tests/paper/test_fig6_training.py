"""The network that trains in chapter 5: its digits, its settings, and what the chapter says of it, in a browser."""

from pathlib import Path

import numpy as np
import pytest

import critnet.explore.widgets.training as widget
from critnet.errors import UsageError
from critnet.paper import results
from critnet.paper.fig6.digits import few
from critnet.paper.fig6.training_explorer import training_explorer
from critnet.training.datasets import Digits, normalise

FOLDER = Path(widget.__file__).parent
SOURCES = (FOLDER.parent / "base" / "page.js", FOLDER.parent / "base" / "random.js", FOLDER / "core.js")


@pytest.fixture(scope="module")
def explorer():
    return training_explorer(results.load("digits"), results.load("fig1"))


def made(each):
    random, labels = np.random.default_rng(0), np.tile(np.arange(10), each)
    return Digits(
        *[part for _ in range(2) for part in (normalise(random.integers(0, 256, (10 * each, 784))), labels)], ""
    )


def test_few_digits_are_the_first_of_each_in_file_order():
    data = few(made(7), train=3, test=2)
    assert data["train_place"].values.tolist() == list(range(30))
    assert np.bincount(data["test_label"]).tolist() == [2] * 10
    pixels = np.random.default_rng(0).integers(0, 256, (70, 784))[:30]
    assert np.array_equal(data["train_level"], np.rint(pixels / 17))
    with pytest.raises(UsageError, match="8 train images of each digit are asked for; of 0 there are 7"):
        few(made(7), train=8)


def test_the_stored_digits_fill_the_page_with_little(explorer):
    data = results.load("digits")
    for part, each in (("train", 60), ("test", 20)):
        assert np.bincount(data[f"{part}_label"]).tolist() == [each] * 10
        level = data[f"{part}_level"].values
        assert (level.min(), level.max()) == (0, 15)
        assert 0.1 < (level > 0).mean() < 0.25  # a fifth of the pixels is not background
    assert sum(len(explorer.given[part][k]) for part in ("train", "test") for k in ("mask", "ink", "label")) < 250_000
    assert (results.folder() / "digits.nc").stat().st_size < 200_000
    assert "784-50-50-10" in explorer.words


@pytest.mark.browser
def test_what_the_chapter_says_of_swell_and_ebb(explorer, chromium):
    names = "numbersOf, digitsOf, trainingRun"
    source = "\n".join(part.read_text(encoding="utf-8") for part in SOURCES)
    script = """given => {
        const [train, test] = ["train", "test"].map(part =>
            js.digitsOf(...["mask", "ink", "label"].map(name => js.numbersOf(given[part][name], "u1"))));
        return [[0.3, 16, 1], [0.3, 16, 2], [0.3, 16, 3], [0.1, 64, 1]].map(([rate, size, seed]) => {
            const run = js.trainingRun({ hidden: 50, rate, size, seed }, train, test, 10);
            run.advance(1000);
            return run.looks.map(({ t, strength }) => [t, strength]);
        });
    }"""
    page = chromium.new_page()
    page.add_script_tag(content=f"const js = (() => {{ {source}; return {{ {names} }}; }})();")
    runs = page.evaluate(script, explorer.given)
    page.close()
    for k, looks in enumerate(runs):
        t, strength = np.array(looks).T
        assert strength[t <= 300].max() > 2 * strength[0]
        assert t[-1] == 1000
        assert (strength[-1] < 0.9 * strength.max()) == (k < 3)
    assert (explorer.given["hidden"], explorer.given["rate"], explorer.given["size"]) == (50, 0.3, 16)


@pytest.mark.parametrize(
    ("change", "message"),
    [({"hidden": 7}, "hidden is 7"), ({"rate": 2}, "rate is 2"), ({"size": 5}, "size is 5"),
     ({"iterations": 3}, "iterations is 3"), ({"batches": (16, 1000)}, "fewer than a batch of 1000")],
)  # fmt: skip
def test_settings_that_are_not_offered_are_refused(change, message):
    data = results.load("digits")
    parts = [(data[f"{part}_level"].values, data[f"{part}_label"].values) for part in ("train", "test")]
    with pytest.raises(UsageError, match=message):
        widget.TrainingExplorer(*parts, name="x", **change)
    with pytest.raises(UsageError, match="labels have shape"):
        widget.TrainingExplorer((parts[0][0], parts[0][1][:5]), parts[1], name="x")
