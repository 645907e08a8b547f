"""The circuit explorer: drawing with mouse, finger and keys; links, download, no scripts."""

import csv
import re

import numpy as np
import pytest
from playwright.sync_api import expect

from critnet.circuits.edges import edges_to
from critnet.circuits.masks import logits, masked_weights, score

pytestmark = pytest.mark.browser

NAME = "circuit-explorer"


def test_a_one_drawn_with_the_mouse_is_read_as_a_one(circuit):
    seen = circuit()
    seen.part("clear").click()
    expect(seen.part("words")).to_contain_text("The pad is empty")
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
    expect(seen.part("hint")).to_contain_text("row 7, column 15; pen up")
    expect(seen.part("words")).to_contain_text("The pad is empty")
    seen.page.keyboard.press("Enter")
    for _ in range(14):
        seen.page.keyboard.press("ArrowDown")
    expect(seen.part("hint")).to_contain_text("pen down")
    expect(seen.part("words")).to_contain_text("A drawing")
    assert seen.row("answer")[1].startswith("1 (")
    line = seen.shown()
    seen.page.keyboard.press("Enter")
    for _ in range(5):
        seen.page.keyboard.press("ArrowLeft")
    assert seen.words() == line[0]
    seen.page.keyboard.press("Space")
    assert seen.words() != line[0]


def test_an_empty_pad_has_no_answer(circuit):
    seen = circuit()
    seen.part("clear").click()
    expect(seen.part("words")).to_contain_text("The pad is empty: there is nothing to answer.")
    assert seen.row("answer") == ["none", "none"]
    assert seen.row("logit") == ["none", "none"]
    assert "It answers" not in seen.words()


def test_a_link_keeps_the_drawing_and_the_edges_that_were_changed(circuit, visit, circuit_page):
    seen = circuit()
    seen.control("graph").select_option("critical-edges-that-lead-to-t")
    seen.control("neuron").select_option("62")
    seen.part("edges").locator("button").nth(0).click()
    seen.part("edges").locator("button").nth(3).click()
    seen.part("pad").scroll_into_view_if_needed()
    box = seen.part("pad").bounding_box()
    seen.page.mouse.click(box["x"] + 90, box["y"] + 90)
    expect(seen.part("words")).to_contain_text("with 2 edges changed")
    expect(seen.part("words")).to_contain_text("A drawing")
    shown, address = seen.shown(), seen.part("link").get_attribute("href")
    again = type(seen)(visit(circuit_page, address).page)
    expect(again.part("words")).to_have_text(shown[0])
    expect(again.part("note")).to_be_hidden()
    assert again.shown()[1] == shown[1]


def test_a_link_keeps_the_blank_page(visit, circuit_page):
    page = visit(circuit_page, f"#{NAME}?drawing=blank&graph=circuit-of-t&digit=0").page
    expect(page.locator(f"#{NAME} [data-part='words']")).to_contain_text("A blank page, without any ink.")
    expect(page.locator(f"#{NAME} [data-part='note']")).to_be_hidden()


@pytest.mark.parametrize(
    "asked", ["edits=3-0-0", "edits=1-0-50", "edits=x", "drawing=AAAA", "drawing=!", "drawing=blanks", "drawing=A"]
)
def test_a_link_with_edges_or_a_drawing_that_cannot_be_is_named(visit, circuit_page, asked):
    page = visit(circuit_page, f"#{NAME}?{asked}").page
    expect(page.locator(f"#{NAME} [data-part='note']")).to_contain_text("is not available; showing none.")


@pytest.mark.parametrize("definition", ["as-coded", "control"])
def test_the_download_holds_every_weight_between_neurons_that_acts(circuit, anchor_circuit, definition):
    seen = circuit()
    seen.control("graph").select_option("critical-edges-that-lead-to-t")
    seen.page.locator(f"#{NAME}--outputs-{definition}").check(force=True)
    seen.settle()
    with seen.page.expect_download() as download:
        seen.part("csv").click()
    rows = list(csv.DictReader(download.value.path().read_text(encoding="utf-8").splitlines()))
    own = edges_to(anchor_circuit.critical, 7)
    kept = masked_weights(anchor_circuit.weights, own, definition=definition)
    acting = {(1, i, j) for j, i in np.argwhere(kept["W2"])} | {(2, j, k) for k, j in np.argwhere(kept["W3"])}
    edges = [row for row in rows if row["row"] != "digit"]
    assert {tuple(int(row[key]) for key in ("layer", "source", "target")) for row in edges} == acting
    assert sum(row["row"] == "edge" for row in edges) == len(own)
    assert (len(acting) > len(own)) == (definition == "as-coded")
    answers = logits(kept, anchor_circuit.images)
    digits = [row for row in rows if row["row"] == "digit"]
    for digit, row in enumerate(digits):
        found = score(answers, anchor_circuit.labels, digit)
        assert (float(row["recall"]), float(row["false_positive_rate"])) == found[:2]
    called = np.bincount(anchor_circuit.labels[answers.argmax(axis=1) == 7], minlength=10)
    assert [int(row["called_asked"]) for row in digits] == called.tolist()
    assert {row["asked"] for row in rows} == {"7"}
    image = np.flatnonzero(anchor_circuit.labels == 7)[0]
    assert [float(row["logit"]) for row in digits] == pytest.approx(answers[image].tolist(), rel=1e-6)


def test_a_finger_paints(circuit):
    seen = circuit(has_touch=True)
    seen.part("clear").tap()
    box = seen.part("pad").bounding_box()
    seen.page.touchscreen.tap(box["x"] + 90, box["y"] + 90)
    expect(seen.part("words")).to_contain_text("A drawing")
    assert seen.part("pad").evaluate("c => getComputedStyle(c).touchAction") == "none"


def test_without_scripts_picture_and_numbers_are_there(visit, circuit_page, anchor_circuit):
    page = visit(circuit_page, java_script_enabled=False).page
    image = page.locator(f"#{NAME} img")
    expect(image).to_be_visible()
    assert image.bounding_box()["width"] > 600
    found = score(logits(anchor_circuit.weights, anchor_circuit.images), anchor_circuit.labels, 7)
    assert f"it recalls {found.hits}; of 900 others it takes {found.false_positives} for a 7" in page.inner_text(
        f"#{NAME}"
    )
    expect(page.locator(f"#{NAME} button, #{NAME} select")).to_have_count(0)


def test_the_page_stays_light(circuit_page):
    assert circuit_page.stat().st_size < 1_000_000
