"""The loss explorer in a real browser, from disk and without a network: numbers, controls, access, phone, paper."""

import csv
import re
import statistics

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from scipy.special import ndtri

from critnet.errors import UsageError
from critnet.explore.widgets.losses import LossExplorer, thresholds_between
from critnet.losses.atoms import expand, loss_atoms
from critnet.losses.deviations import (
    convergence_criterion,
    entropy_change,
    extrapolated,
    inverse_temperature,
    rate_function,
)

pytestmark = pytest.mark.browser

NAME = "loss-explorer"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
N = 4000
STEPS = [0, 1, 10, 100, 1000, 10_000, 50_000, 100_000, 200_000]
LOGS = ndtri((np.arange(N) + 0.5) / N)
# The mean loss falls from 3 nats to 2e-5; from t = 50 000 on it is below b = 0.005, at last all losses are.
ATOMS = [loss_atoms(np.exp(shift + 2 * LOGS), 50, 100) for shift in (-1, -1.5, -2, -3, -4, -6, -8, -10, -13)]
LOSSES = [expand((a.values.astype(np.float32).astype(np.float64), a.counts)) for a in ATOMS]  # as the page has them
GRID = thresholds_between(1e-6, 10)


def padded(name):
    length = max(a.values.size for a in ATOMS)
    return np.array([np.pad(getattr(a, name), (0, length - a.values.size)) for a in ATOMS])


def explorer_of(**change):
    arguments = {
        "steps": STEPS,
        "values": padded("values"),
        "counts": padded("counts"),
        "thresholds": GRID,
        "name": NAME,
        "step": 1000,
        "caption": "Made-up <i>losses</i>.",
        "words": "Words instead.",
        "picture": np.full((20, 40, 4), 255, np.uint8),
    }
    return LossExplorer(**(arguments | change))


@pytest.fixture
def page_path(static, page_of, tmp_path):
    path = tmp_path / "losses.html"
    path.write_text(page_of(explorer_of()._repr_mimebundle_()["text/html"]), encoding="utf-8")
    return path


class Seen:
    """The explorer as a reader meets it."""

    def __init__(self, page):
        self.page = page
        page.wait_for_selector(f"#{NAME} .critnet-losses[data-ready='true']")

    def part(self, name):
        return self.page.locator(f"#{NAME} [data-part='{name}']")

    def control(self, name):
        return self.page.locator(f"#{NAME}--{name}")

    def press(self, name, *keys):
        self.control(name).focus()
        for key in keys:
            self.page.keyboard.press(key)

    def choose(self, b, step):
        self.control("b").fill(str(GRID.tolist().index(b)))
        self.control("t").fill(str(STEPS.index(step)))

    def settle(self):
        self.page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")

    def words(self):
        self.settle()
        return self.part("words").text_content()

    def pictures(self):
        self.settle()
        canvases = self.page.locator(f"#{NAME} canvas")
        return dict(canvases.evaluate_all("all => all.map(c => [c.dataset.part, c.toDataURL()])"))

    def row(self, key):
        self.settle()
        return self.page.locator(f"#{NAME} [data-row='{key}'] td").all_text_contents()

    def csv(self):
        self.settle()
        with self.page.expect_download() as download:
            self.part("csv").click()
        with open(download.value.path(), encoding="utf-8") as file:
            return list(csv.DictReader(file))


@pytest.fixture
def explorer(visit, page_path):
    return lambda fragment="", **options: Seen(visit(page_path, fragment, **options).page)


RAISED = str.maketrans("\u207b\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079", "-0123456789")


def number(text):
    """The number a cell or sentence states: 0.0123, 6.96 x 10^9 in typeset form."""
    text = text.replace("\u2212", "-").replace("\u202f", "")
    mantissa, _, power = text.replace("+\u221e", "inf").partition(" \u00d7 10")
    return float(mantissa + ("e" + power.translate(RAISED) if power else ""))


CASES = [(0.005, 1000), (0.005, 50_000), (0.005, 200_000), (1.0, 0), (0.1, 100_000), (1e-6, 10), (1e-6, 50_000)]


@pytest.mark.parametrize(("b", "step"), CASES)
def test_numbers_shown_are_those_of_numpy(explorer, b, step):
    seen, losses = explorer(), LOSSES[STEPS.index(step)]
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
        assert float(left) == pytest.approx(np.log(N) - entropies[0], abs=6e-4)
        assert ("b or less" if side < 0 else "b or more") in words
    else:
        assert "no reweighting reaches it" in words
        assert ("No batch reaches" if side > 0 else "No batch has a mean loss as low") in words
    sides = np.array([extrapolated(each, b) for each in LOSSES])
    for side, text in ((-1, "below the mean loss"), (1, "above the largest loss")):
        counted = f"{text} at {np.sum(sides == side)} (first at"
        assert (counted in words) == (side in sides)


BY_KEYBOARD = {
    "b": lambda s: s.press("b", "ArrowRight", "ArrowRight"),
    "t": lambda s: s.press("t", "ArrowRight"),
    "scale": lambda s: s.press("scale-log", "ArrowLeft"),
}
BY_POINTER = {
    "b": lambda s: s.control("b").click(position={"x": 20, "y": 14}),
    "t": lambda s: s.control("t").click(position={"x": 20, "y": 14}),
    "scale": lambda s: s.page.locator(f"#{NAME} .cx-choices label").first.click(),
}
CHANGES = {  # what must change with a control: pictures, and the words unless only an axis does
    "b": {"spread", "thresholds", "mean", "entropy", "criterion"},
    "t": {"spread", "thresholds", "mean", "entropy", "criterion"},
    "scale": {"thresholds", "entropy"},
}


@pytest.mark.parametrize("ways", [BY_KEYBOARD, BY_POINTER], ids=["keyboard", "pointer"])
@pytest.mark.parametrize("control", CHANGES)
def test_every_control_moves_the_pictures_and_the_words(explorer, ways, control):
    seen = explorer()
    words, before = seen.words(), seen.pictures()
    ways[control](seen)
    after = seen.pictures()
    assert {part for part in before if before[part] != after[part]} == CHANGES[control]
    assert (seen.words() != words) == (control != "scale")
    seen.part("reset").click()
    assert (seen.words(), seen.pictures()) == (words, before)
    assert seen.part("reset").is_hidden()


def test_b_and_t_are_dragged_in_the_pictures(explorer):
    seen = explorer()
    box = seen.part("thresholds").bounding_box()
    left, right = box["x"] + 46, box["x"] + box["width"] - 8
    seen.page.mouse.move(left + 10, box["y"] + 60)
    seen.page.mouse.down()
    seen.page.mouse.move((left + right) / 2, box["y"] + 60, steps=5)
    seen.page.mouse.up()
    half = 10**-2.5  # of the axis from 1e-6 to 10 nats
    chosen = GRID[int(seen.control("b").input_value())]
    assert abs(np.log(chosen / half)) < 0.1
    seen.page.mouse.move(left + 10, box["y"] + 60)  # the button is up: nothing moves
    seen.settle()
    assert GRID[int(seen.control("b").input_value())] == chosen
    box = seen.part("entropy").bounding_box()
    seen.page.mouse.click(box["x"] + box["width"] - 8, box["y"] + 40)
    assert STEPS[int(seen.control("t").input_value())] == STEPS[-1]
    seen.page.mouse.click(box["x"] + 46, box["y"] + 40)
    assert STEPS[int(seen.control("t").input_value())] == 0


def test_a_finger_sets_b(explorer):
    seen = explorer(has_touch=True)
    before, box = seen.words(), seen.part("spread").bounding_box()
    seen.page.touchscreen.tap(box["x"] + box["width"] / 2, box["y"] + 60)
    assert seen.words() != before
    assert seen.part("spread").evaluate("c => getComputedStyle(c).touchAction") == "pan-y"


def test_the_download_holds_what_is_drawn(explorer):
    seen = explorer()
    seen.choose(0.1, 100)
    rows = seen.csv()
    training = [row for row in rows if row["curve"] == "training"]
    assert [int(row["t"]) for row in training] == STEPS
    assert [float(row["mean_loss"]) for row in training] == pytest.approx([each.mean() for each in LOSSES], rel=1e-9)
    assert [int(row["side"]) for row in training] == [extrapolated(each, 0.1) for each in LOSSES]
    for name, rel in (("control", 1e-6), ("as-coded", 1e-4), ("upper-tail", 1e-6)):
        column = f"entropy_change_{name.replace('-', '_')}"
        expected = [entropy_change(each, 0.1, definition=name) for each in LOSSES]
        assert [float(row[column]) for row in training] == pytest.approx(expected, rel=rel)
    along, losses = [row for row in rows if row["curve"] == "threshold"], LOSSES[STEPS.index(100)]
    assert [float(row["b"]) for row in along] == GRID.tolist()
    exact = rate_function(losses, GRID)
    assert [float(row["entropy_change_control"]) for row in along] == pytest.approx(exact, rel=1e-6, abs=1e-13)
    spread = [row for row in rows if row["curve"] == "distribution"]
    for column in ("share", "reweighted_share"):
        assert sum(float(row[column]) for row in spread) == pytest.approx(1, rel=1e-9)
    mean = sum(float(row["loss"]) * float(row["reweighted_share"]) for row in spread)
    assert mean == pytest.approx(0.1, rel=0.15)  # lower edges of the bins


def test_it_follows_the_hand(explorer):
    """From an event to the end of the frame that shows it, the half of all moves that is slower takes below 50 ms."""
    seen = explorer()
    took = seen.page.evaluate(
        """async (name) => {
            const took = [];
            for (let k = 0; k < 16; k += 1) {
                const slider = document.getElementById(`${name}--${k % 4 ? "b" : "t"}`);
                await new Promise(requestAnimationFrame);
                const start = performance.now();
                slider.value = k % 4 ? 9 * k + 5 : k / 2;
                slider.dispatchEvent(new Event("input", { bubbles: true }));
                await new Promise(requestAnimationFrame);
                took.push(performance.now() - start);
            }
            return took;
        }""",
        NAME,
    )
    assert statistics.median(took) < 50


def test_links_restore_a_view_and_name_what_they_cannot(explorer):
    first = explorer()
    first.choose(0.1, 100_000)
    first.press("scale-log", "ArrowLeft")
    first.settle()
    address = first.part("link").get_attribute("href")
    assert address == f"#{NAME}?b=0.1&t=100000&scale=linear"
    again = explorer(address)
    assert (again.words(), again.pictures()) == (first.words(), first.pictures())
    wrong = explorer(f"#{NAME}?b=7&t=3&colour=red&scale=log")
    note = wrong.part("note").inner_text()
    assert "iteration t = \u201c3\u201d is not available; showing 1000" in note
    assert "no control \u201ccolour\u201d" in note
    assert "b = 7 nats" in wrong.words()
    plain = explorer("#elsewhere?b=1")
    assert plain.part("note").is_hidden()
    assert "b = 0.005 nats" in plain.words()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_access_before_and_after_interaction(explorer, scheme):
    seen = explorer(color_scheme=scheme)
    seen.page.evaluate("theme => { document.documentElement.dataset.theme = theme }", scheme)
    for interact in (lambda: None, lambda: seen.choose(0.1, 200_000)):
        interact()
        seen.settle()
        found = Axe().run(seen.page, options={"runOnly": RULES})
        assert found.violations_count == 0, found.generate_report()
    assert seen.page.locator(f"#{NAME} .critnet-losses").get_attribute("data-theme") == scheme


@pytest.mark.parametrize("width", [360, 320])
def test_a_phone_needs_no_horizontal_scroll(explorer, width):
    seen = explorer(viewport={"width": width, "height": 740})
    for b, step in ((0.005, 0), (10.0, 200_000)):
        seen.choose(b, step)
        seen.settle()
        assert seen.page.evaluate("document.documentElement.scrollWidth") == width
    tops = [seen.part(part).bounding_box()["y"] for part in ("spread", "thresholds", "mean", "entropy", "criterion")]
    assert tops == sorted(set(tops))  # one below the other


def test_paper_gets_light_colours_and_no_controls(explorer):
    seen = explorer(color_scheme="dark")
    dark = seen.pictures()
    seen.page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    seen.page.emulate_media(media="print")
    assert seen.page.locator(f"#{NAME} .critnet-losses").get_attribute("data-theme") == "light"
    assert all(seen.pictures()[part] != dark[part] for part in dark)
    for name in ("b", "t", "scale"):
        assert seen.control(name).is_hidden()
    assert seen.part("csv").is_hidden()
    assert seen.page.locator(f"#{NAME} table").is_visible()
    assert seen.part("words").is_visible()
    seen.page.emulate_media(media="screen")
    seen.page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert seen.pictures() == dark


def test_keys_do_not_reach_the_notebook_and_nothing_is_said_unasked(explorer):
    seen = explorer()
    seen.page.evaluate("window.heard = 0; document.addEventListener('keydown', () => { window.heard += 1 })")
    seen.page.wait_for_timeout(800)
    assert seen.part("live").text_content() == ""
    seen.press("t", "ArrowRight")
    assert seen.page.evaluate("window.heard") == 0
    words = seen.words()
    seen.page.wait_for_function("w => document.querySelector('[data-part=live]').textContent === w", arg=words)


def test_without_scripts_picture_and_words_are_there(visit, page_path):
    page = visit(page_path, java_script_enabled=False).page
    assert page.locator(f"#{NAME} img").is_visible()
    assert page.locator(f"#{NAME} img").get_attribute("alt") == "Words instead."
    assert "Made-up <i>losses</i>." in page.inner_text(f"#{NAME}")
    assert page.locator(f"#{NAME} button, #{NAME} input").count() == 0


DEGENERATE = {
    "equal": ([[2.0, 0.0], [0.5, 1.0]], [[9, 0], [4, 5]]),
    "zero": ([[0.0, 1.0], [0.0, 0.0]], [[3, 1], [4, 0]]),
    "one sample": ([[2.0], [0.1]], [[1], [1]]),
}


@pytest.mark.parametrize("case", DEGENERATE)
def test_losses_that_are_equal_zero_or_alone(visit, static, page_of, tmp_path, case):
    values, counts = DEGENERATE[case]
    found = explorer_of(steps=[0, 7], values=values, counts=counts, step=0)
    (tmp_path / "few.html").write_text(page_of(found._repr_mimebundle_()["text/html"]), encoding="utf-8")
    seen = Seen(visit(tmp_path / "few.html").page)
    for keys in (("Home",), ("End",)):
        seen.press("t", *keys)
        assert "\u0394S is " in seen.words()
        assert not re.search(r"NaN|undefined|Infinity", seen.page.inner_text(f"#{NAME}"))
    seen.press("t", "Home")
    if case != "zero":
        assert seen.row("entropy")[1] == "no spline"


def bad(name, place, value):
    array = padded(name).astype(float)
    array[place] = value
    return {name: array}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (bad("values", (2, 3), np.nan), "values holds nan.*diverged"),
        (bad("values", (2, 3), -1.0), r"values holds -1\.0.*>= 0"),
        (bad("values", (2, 3), 1e3), r"values fall from 1000\.0"),
        (bad("counts", (0, 0), 0.5), r"counts holds 0\.5"),
        (bad("counts", (0, 0), -2), r"counts holds -2"),
        (bad("counts", (0, 0), 77), "same number of samples"),
        ({"values": padded("values")[:, :-1]}, r"\(9, n_atoms\)"),
        ({"values": np.zeros((9, 0)), "counts": np.zeros((9, 0))}, "n_atoms >= 1"),
        ({"steps": STEPS[:-1]}, r"\(8, n_atoms\)"),
        ({"steps": [*STEPS[:-1], 3]}, "steps hold 3.* at place 8; give two or more rising"),
        ({"steps": [0.5, *STEPS[1:]]}, r"steps holds 0\.5"),
        ({"thresholds": [0.0, 0.005]}, r"thresholds hold 0\.0 at place 0.*> 0"),
        ({"thresholds": [0.005, np.inf]}, "thresholds hold inf"),
        ({"thresholds": [0.005]}, r"shape \(1,\)"),
        ({"threshold": 0.0051}, r"threshold is 0\.0051; choose one of the"),
        ({"step": 3}, "step is 3; choose one of the 9"),
        ({"batch_size": 0}, "batch_size is 0"),
        ({"name": "Losses"}, "lower-case"),
    ],
)
def test_what_cannot_be_explored_is_refused(change, words):
    with pytest.raises(UsageError, match=words):
        explorer_of(**change)
