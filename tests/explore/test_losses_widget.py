"""The loss explorer in a real browser, from disk and without a network: its numbers, controls, drag and download."""

import re

import numpy as np
import pytest
from playwright.sync_api import expect

from critnet.losses.deviations import (
    convergence_criterion,
    entropy_change,
    extrapolated,
    inverse_temperature,
    rate_function,
)

pytestmark = pytest.mark.browser

NAME = "loss-explorer"
RAISED = str.maketrans("\u207b\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079", "-0123456789")


def number(text):
    """The number a cell or sentence states: 0.0123, 6.96 x 10^9 in typeset form."""
    text = text.replace("\u2212", "-").replace("\u202f", "")
    mantissa, _, power = text.replace("+\u221e", "inf").partition(" \u00d7 10")
    return float(mantissa + ("e" + power.translate(RAISED) if power else ""))


CASES = [(0.005, 1000), (0.005, 50_000), (0.005, 200_000), (1.0, 0), (0.1, 100_000), (1e-6, 10), (1e-6, 50_000)]


@pytest.mark.parametrize(("b", "step"), CASES)
def test_numbers_shown_are_those_of_numpy(loss_page, loss_samples, b, step):
    seen, losses = loss_page(), loss_samples.LOSSES[loss_samples.STEPS.index(step)]
    seen.choose(b, step)
    entropies = [entropy_change(losses, b, definition=d) for d in ("control", "as-coded", "upper-tail")]
    assert [number(cell) for cell in seen.row("entropy")] == pytest.approx(entropies, rel=6e-3)
    criteria = [convergence_criterion(losses.mean(), entropy) for entropy in entropies]
    assert [number(cell) for cell in seen.row("criterion")] == pytest.approx(criteria, abs=6e-3)
    for cell, entropy in zip(seen.row("bound"), entropies, strict=True):
        if 64 * entropy > 740:
            assert "below" in cell
        else:
            assert number(cell) == pytest.approx(np.exp(-64 * entropy), rel=6e-3)
    words, side = seen.words(), extrapolated(losses, b)
    where = {-1: "below the mean loss", 0: "between the two", 1: "above the largest loss"}[side]
    assert f"At iteration t = {step:,} ".replace(",", "\u202f" if step >= 10_000 else "") in words
    assert f"nats, {where}, " in words
    assert ("extrapolated" in words) == (side != 0)
    assert number(re.search(r"\u0394S is (.*?) nats exactly", words)[1]) == pytest.approx(entropies[0], rel=6e-3)
    if losses.min() <= b <= losses.max():
        beta, left = re.search(r"\u03b2 = (.*?) per nat leaves an entropy S of ([\d.]+)", words).groups()
        assert number(beta) == pytest.approx(inverse_temperature(losses, b), rel=6e-3)
        assert float(left) == pytest.approx(np.log(loss_samples.N) - entropies[0], abs=6e-4)
        assert ("b or less" if side < 0 else "b or more") in words
    else:
        assert "no reweighting reaches it" in words
        assert ("No batch reaches" if side > 0 else "No batch has a mean loss as low") in words
    sides = np.array([extrapolated(each, b) for each in loss_samples.LOSSES])
    for side, text in ((-1, "below the mean loss"), (1, "above the largest loss")):
        counted = f"{text} at {np.sum(sides == side)} (first at"
        assert (counted in words) == (side in sides)


WAYS = {
    "b": lambda s: s.control("b").click(position={"x": 20, "y": 14}),
    "t": lambda s: s.control("t").click(position={"x": 20, "y": 14}),
    "scale": lambda s: s.page.locator(f"#{NAME} .cx-choices label").first.click(),
}
CHANGES = {  # what must change with a control: pictures, and the words unless only an axis does
    "b": {"spread", "thresholds", "mean", "entropy", "criterion"},
    "t": {"spread", "thresholds", "mean", "entropy", "criterion"},
    "scale": {"thresholds", "entropy"},
}


@pytest.mark.parametrize("control", CHANGES)
def test_every_control_moves_the_pictures_and_the_words(loss_page, control):
    seen = loss_page()
    words, before = seen.words(), seen.pictures()
    WAYS[control](seen)
    after = seen.pictures()
    assert {part for part in before if before[part] != after[part]} == CHANGES[control]
    assert (seen.words() != words) == (control != "scale")
    seen.part("reset").click()
    assert (seen.words(), seen.pictures()) == (words, before)
    expect(seen.part("reset")).to_be_hidden()


def test_b_and_t_are_dragged_in_the_pictures(loss_page, loss_samples):
    seen = loss_page()
    box = seen.part("thresholds").bounding_box()
    left, right = box["x"] + 46, box["x"] + box["width"] - 8
    seen.page.mouse.move(left + 10, box["y"] + 60)
    seen.page.mouse.down()
    seen.page.mouse.move((left + right) / 2, box["y"] + 60, steps=5)
    seen.page.mouse.up()
    half = 10**-2.5  # of the axis from 1e-6 to 10 nats
    chosen = loss_samples.GRID[int(seen.control("b").input_value())]
    assert abs(np.log(chosen / half)) < 0.1
    seen.page.mouse.move(left + 10, box["y"] + 60)  # the button is up: nothing moves
    seen.settle()
    assert loss_samples.GRID[int(seen.control("b").input_value())] == chosen
    box = seen.part("entropy").bounding_box()
    seen.page.mouse.click(box["x"] + box["width"] - 8, box["y"] + 40)
    assert loss_samples.STEPS[int(seen.control("t").input_value())] == loss_samples.STEPS[-1]
    seen.page.mouse.click(box["x"] + 46, box["y"] + 40)
    assert loss_samples.STEPS[int(seen.control("t").input_value())] == 0


def test_a_finger_sets_b(loss_page):
    seen = loss_page(has_touch=True)
    before, box = seen.words(), seen.part("spread").bounding_box()
    seen.page.touchscreen.tap(box["x"] + box["width"] / 2, box["y"] + 60)
    assert seen.words() != before
    assert seen.part("spread").evaluate("c => getComputedStyle(c).touchAction") == "pan-y"


def test_the_download_holds_what_is_drawn(loss_page, loss_samples):
    seen = loss_page()
    seen.choose(0.1, 100)
    rows = seen.csv()
    training = [row for row in rows if row["curve"] == "training"]
    assert [int(row["t"]) for row in training] == loss_samples.STEPS
    assert [float(row["mean_loss"]) for row in training] == pytest.approx(
        [each.mean() for each in loss_samples.LOSSES], rel=1e-9
    )
    assert [int(row["side"]) for row in training] == [extrapolated(each, 0.1) for each in loss_samples.LOSSES]
    for name, rel in (("control", 1e-6), ("as-coded", 1e-4), ("upper-tail", 1e-6)):
        column = f"entropy_change_{name.replace('-', '_')}"
        expected = [entropy_change(each, 0.1, definition=name) for each in loss_samples.LOSSES]
        assert [float(row[column]) for row in training] == pytest.approx(expected, rel=rel)
    along, losses = (
        [row for row in rows if row["curve"] == "threshold"],
        loss_samples.LOSSES[loss_samples.STEPS.index(100)],
    )
    assert [float(row["b"]) for row in along] == loss_samples.GRID.tolist()
    exact = rate_function(losses, loss_samples.GRID)
    assert [float(row["entropy_change_control"]) for row in along] == pytest.approx(exact, rel=1e-6, abs=1e-13)
    spread = [row for row in rows if row["curve"] == "distribution"]
    for column in ("share", "reweighted_share"):
        assert sum(float(row[column]) for row in spread) == pytest.approx(1, rel=1e-9)
    mean = sum(float(row["loss"]) * float(row["reweighted_share"]) for row in spread)
    assert mean == pytest.approx(0.1, rel=0.15)  # lower edges of the bins
