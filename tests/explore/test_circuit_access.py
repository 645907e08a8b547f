"""The circuit explorer: drawing with mouse, finger and keys; access, phone, paper, no scripts."""

import re

import pytest

from critnet.circuits.masks import logits, score

pytestmark = pytest.mark.browser

NAME = "circuit-explorer"


def test_a_one_drawn_with_the_mouse_is_read_as_a_one(circuit):
    seen = circuit()
    seen.part("clear").click()
    assert "The pad is empty" in seen.words()
    empty = seen.shown()
    box = seen.part("pad").bounding_box()
    seen.page.mouse.move(box["x"] + 80, box["y"] + 40)
    seen.page.mouse.down()
    seen.page.mouse.move(box["x"] + 80, box["y"] + 150, steps=12)
    seen.page.mouse.up()
    drawn = seen.shown()
    assert drawn[1] != empty[1]
    assert re.search(r"A drawing, moved \d+ right.*to its centre of mass", drawn[0])
    assert seen.row("answer")[1].startswith("1 (")
    seen.page.mouse.move(box["x"] + 20, box["y"] + 20)  # the button is up: nothing is painted
    assert seen.shown() == drawn


def test_a_one_drawn_with_the_keyboard_is_read_as_a_one(circuit):
    seen = circuit()
    seen.part("clear").click()
    seen.part("pad").focus()
    for _ in range(8):
        seen.page.keyboard.press("ArrowUp")
    assert "row 7, column 15; pen up" in seen.part("hint").inner_text()
    assert "The pad is empty" in seen.words()
    seen.page.keyboard.press("Enter")
    for _ in range(14):
        seen.page.keyboard.press("ArrowDown")
    assert "pen down" in seen.part("hint").inner_text()
    assert "A drawing" in seen.words()
    assert seen.row("answer")[1].startswith("1 (")
    line = seen.shown()
    seen.page.keyboard.press("Enter")
    for _ in range(5):
        seen.page.keyboard.press("ArrowLeft")
    assert seen.words() == line[0]
    seen.page.keyboard.press("Space")
    assert seen.words() != line[0]


def test_a_finger_paints(circuit):
    seen = circuit(has_touch=True)
    seen.part("clear").tap()
    box = seen.part("pad").bounding_box()
    seen.page.touchscreen.tap(box["x"] + 90, box["y"] + 90)
    assert "A drawing" in seen.words()
    assert seen.part("pad").evaluate("c => getComputedStyle(c).touchAction") == "none"


def test_without_scripts_picture_and_numbers_are_there(visit, circuit_page, anchor_circuit):
    page = visit(circuit_page, java_script_enabled=False).page
    image = page.locator(f"#{NAME} img")
    assert image.is_visible()
    assert image.bounding_box()["width"] > 600
    found = score(logits(anchor_circuit.weights, anchor_circuit.images), anchor_circuit.labels, 7)
    assert f"it recalls {found.hits}; of 900 others it takes {found.false_positives} for a 7" in page.inner_text(
        f"#{NAME}"
    )
    assert page.locator(f"#{NAME} button, #{NAME} select").count() == 0


def test_the_page_stays_light(circuit_page):
    assert circuit_page.stat().st_size < 1_000_000
