"""The phase diagram explorer in a browser: its numbers against NumPy, its controls, cells, rings and buttons."""

import re

import numpy as np
import pytest

pytestmark = pytest.mark.browser

NAME = "phase-1"

VIEWS = [
    {},
    {"family": "rate", "definition": "control"},
    {"definition": "upper-tail", "grid": False},
    {"axis": "size", "grid": False, "step": 100_000},
    {"family": "rate", "step": 50_000, "grid": False},
    {"threshold": -8.0, "grid": False},
    {"strict": True, "grid": False},
]


@pytest.mark.parametrize("view", VIEWS, ids=str)
def test_criterion_misfit_and_fit_are_those_of_numpy(phase, diagrams, view):
    seen, ours = phase(), diagrams.expected(**view)
    seen.choose("family", view.get("family", "batch"))
    seen.choose("entropy", view.get("definition", "as-coded"))
    seen.choose("axis", view.get("axis", "hidden"))
    seen.choose("scope", "grid" if view.get("grid", True) else "all")
    seen.control("t").fill(str(diagrams.STEPS.tolist().index(view.get("step", 200_000))))
    seen.control("threshold").fill(str(view.get("threshold", -5)))
    seen.control("strict").set_checked(view.get("strict", False))
    for hidden, x in [(50, -7.0), (2, -9.0), (10, -5.0)]:
        seen.control("hidden").select_option(str(hidden))
        seen.control("ln-gamma").select_option(f"{x:g}")
        text = seen.fact("criterion")
        value = ours.criterion[hidden, x]
        assert text == "+\u221e" if np.isinf(value) else float(text) == pytest.approx(value, abs=0.0051)
    _, sides, distance = seen.line("published")
    assert sides.split(" (")[0] == f"{ours.wrong} of {ours.n}"
    assert float(distance) == pytest.approx(ours.distance, abs=0.0051)
    if ours.fit is None:
        assert seen.line("fit")[0].startswith("none: ")
    else:
        numbers = re.match(r"ln [hM] = (\S+) \(ln γ (.) (\S+)\)² (.) (\S+)", seen.line("fit")[0]).groups()
        curvature, vertex, minimum = float(numbers[0]), -float(numbers[1] + numbers[2]), float(numbers[3] + numbers[4])
        assert (curvature, vertex, minimum) == pytest.approx(tuple(ours.fit), abs=0.0051)
    assert f"The paper\u2019s: {sides}; distance {distance}." in seen.words()


WAYS = {
    "observable": lambda s: s.page.locator(f"#{NAME}--observable label").last.click(),
    "family": lambda s: s.page.locator(f"#{NAME}--family label").nth(1).click(),
    "entropy": lambda s: s.page.locator(f"#{NAME}--entropy label").nth(2).click(),
    "axis": lambda s: s.page.locator(f"#{NAME}--axis label").last.click(),
    "scope": lambda s: s.page.locator(f"#{NAME}--scope label").last.click(),
    "t": lambda s: s.control("t").click(position={"x": 60, "y": 14}),
    "hidden": lambda s: s.control("hidden").select_option("5"),
    "ln-gamma": lambda s: s.control("ln-gamma").select_option("-9"),
    "curvature": lambda s: s.control("curvature").click(position={"x": 20, "y": 14}),
    "vertex": lambda s: s.control("vertex").click(position={"x": 20, "y": 14}),
    "minimum": lambda s: s.control("minimum").click(position={"x": 20, "y": 14}),
    "threshold": lambda s: s.control("threshold").click(position={"x": 150, "y": 14}),
    "strict": lambda s: (s.choose("scope", "all"), s.page.locator(f"#{NAME} label[for='{NAME}--strict']").click()),
    "map": lambda s: s.page.mouse.click(*s.at(5, -9)),
    "fit": lambda s: (s.choose("scope", "all"), s.part("fit").click()),
}


def test_every_control_moves_the_picture_and_the_words(phase):
    seen = phase()
    for name, move in WAYS.items():
        before = seen.shown()
        move(seen)
        after = seen.shown()
        assert after[0] != before[0], f"{name}: the words stayed, {after[0]!r}"
        assert after[1] != before[1], f"{name}: the picture stayed"
        if seen.part("reset").is_visible():
            seen.part("reset").click()
        assert seen.shown()[0] == before[0], f"{name}: reset does not lead back"


def test_arrows_go_from_cell_to_cell_and_stop_at_the_edge(phase):
    seen = phase()
    seen.part("map").focus()
    for key, place in [
        ("ArrowDown", (10, -7)),
        ("ArrowRight", (10, -6)),
        ("ArrowUp", (50, -6)),
        ("ArrowLeft", (50, -7)),
    ]:
        seen.page.keyboard.press(key)
        assert f"Chosen: h = {place[0]}, M = {2 * place[0] + 10}," in seen.words()
        assert f"(ln γ = {place[1]:.2f})" in seen.words()
    for key in ("ArrowUp",) * 5:
        seen.page.keyboard.press(key)
    assert "Chosen: h = 100," in seen.words()  # 200 is no size of the grid
    assert seen.control("hidden").locator("option[value='200']").is_disabled()


def test_pointing_shows_a_cell_and_leaving_shows_the_chosen_one_again(phase, diagrams):
    seen = phase()
    before, curves = seen.fact("criterion"), seen.picture("curves")
    words = seen.words()
    seen.page.mouse.move(*seen.at(2, -9))
    assert float(seen.fact("criterion")) == pytest.approx(diagrams.expected().criterion[2, -9.0], abs=0.0051)
    assert seen.picture("curves") != curves
    assert seen.words() == words
    seen.page.mouse.move(2, 2)
    assert seen.fact("criterion") == before


def test_a_tap_chooses(phase):
    seen = phase(has_touch=True)
    seen.part("map").scroll_into_view_if_needed()
    seen.page.touchscreen.tap(*seen.at(2, -9))
    assert "Chosen: h = 2, M = 14," in seen.words()


def test_the_rings_are_dragged_and_the_curve_follows(phase):
    seen = phase()

    def drag(part, to):
        box = seen.part(part).bounding_box()
        seen.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        seen.page.mouse.down()
        seen.page.mouse.move(*to, steps=5)
        seen.page.mouse.up()
        seen.settle()

    drag("vertex-handle", seen.at(10, -6))
    assert float(seen.control("vertex").input_value()) == pytest.approx(-6, abs=0.03)
    assert float(seen.control("minimum").input_value()) == pytest.approx(np.log(10), abs=0.03)
    drag("arm-handle", seen.at(100, -4.5))
    curvature = float(seen.control("curvature").input_value())
    assert curvature == pytest.approx(np.log(10) / 1.5**2, abs=0.05)
    assert seen.line("yours")[0].startswith(f"ln h = {curvature:.2f} (ln γ + ")
    seen.part("published").click()
    assert seen.line("yours") == seen.line("published")


def test_a_guessing_network_counts_as_converged_only_as_long_as_the_reader_wants(phase, diagrams):
    seen = phase()
    both = diagrams.expected(), diagrams.expected(strict=True)
    assert both[0].wrong != both[1].wrong
    for checked, ours in zip((False, True), both, strict=True):
        seen.control("strict").set_checked(checked)
        assert seen.line("published")[1].startswith(f"{ours.wrong} of {ours.n}")


def test_the_best_fit_is_taken_over_or_refused_with_its_reason(phase):
    seen = phase()
    seen.choose("scope", "all")
    seen.part("fit").click()
    assert seen.line("yours")[0] == seen.line("fit")[0]
    seen.control("threshold").fill("-20")
    seen.part("fit").click()
    assert (
        "There is no best fit: these cells show no places of the boundary, it takes 4."
        in seen.part("note").inner_text()
    )
    assert seen.line("fit") == ["none: no places of the boundary, it takes 4", "", ""]


def test_what_was_not_run_diverged_or_extrapolated_is_said(phase, diagrams):
    seen = phase()
    seen.control("ln-gamma").select_option("-4")
    seen.control("hidden").select_option("10")
    assert seen.fact("criterion") == "27.63"
    assert seen.fact("state") == "seed 0; diverged: seed 0 at t = 40000"
    assert "Map of 35 cells by batch <b>size</b>" in seen.words()
    assert "34 run, 1 not run, 1 diverged" in seen.words()
    seen.control("t").fill("4")
    assert float(seen.fact("criterion")) == pytest.approx(diagrams.expected(step=1000).criterion[10, -4.0], abs=0.0051)
    seen.control("hidden").select_option("2")
    assert seen.fact("criterion") == seen.fact("loss") == "not run"
    assert "Chosen: h = 2, M = 14, γ = 0.0183 (ln γ = -4.00): not run." in seen.words()
    seen.control("hidden").select_option("50")
    assert seen.fact("entropy").endswith(", extrapolated")
    seen.control("ln-gamma").select_option("-9")
    assert seen.fact("accuracy").endswith(", guesses")
    seen.choose("scope", "all")
    seen.control("t").fill("7")
    seen.control("ln-gamma").select_option("-7")
    seen.control("hidden").select_option("20")
    assert seen.fact("state") == "seeds 0, 1, 2"
    assert len(re.findall(r"-?\d+\.\d", seen.fact("criterion"))) == 4  # the median and each seed
