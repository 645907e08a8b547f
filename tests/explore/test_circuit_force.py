"""The circuit explorer: a neuron held at zero, its mean, a value, its value on another image; what that changes."""

import csv

import numpy as np
import pytest
from playwright.sync_api import expect

from critnet.circuits.masks import masked_weights, score
from critnet.paper.fig5 import explorers

pytestmark = pytest.mark.browser


def forward(kept, images, force=None):
    """First layer, second layer and logits in NumPy; `force` is (layer, index, value)."""
    signals, signal = [], np.asarray(images, float)
    for at, (W, b) in enumerate((("W1", "b1"), ("W2", "b2"))):
        signal = np.maximum(signal @ kept[W].T + kept[b], 0)
        if force and force[0] == at:
            signal[:, force[1]] = force[2]
        signals.append(signal)
    return *signals, signal @ kept["W3"].T + kept["b3"]


def value_of(hold, activity, labels):
    """What the neuron is held at, from its activity on the stored images."""
    other = np.flatnonzero(labels == 4)[2]
    return {"zero": 0.0, "mean": activity.mean(), "value": 3.5, "image": activity[other]}[hold]


@pytest.mark.parametrize("graph", ["full", "circuit-of-t"])
def test_answers_with_a_neuron_held_are_those_of_numpy(anchor_circuit, circuit, graph):
    seen = circuit()
    weights, images, labels = anchor_circuit.weights, anchor_circuit.images, anchor_circuit.labels
    digit = 9
    edges = explorers.found_circuits(anchor_circuit.given)[digit]
    kept = masked_weights(weights, edges, definition="as-coded") if graph != "full" else weights
    image = np.flatnonzero(labels == 7)[0]
    first, second, free = forward(kept, images)
    neurons = (int(edges[edges[:, 0] == 1][0, 1]), 50 + int(edges[edges[:, 0] == 2][0, 1]))
    seen.control("digit").select_option(str(digit))
    seen.control("graph").select_option(graph)
    seen.control("othernumber").evaluate("e => { e.value = 3; e.dispatchEvent(new Event('input', {bubbles: true})) }")
    seen.control("level").evaluate("e => { e.value = 3.5; e.dispatchEvent(new Event('input', {bubbles: true})) }")
    seen.control("other").evaluate("e => { e.value = 4; e.dispatchEvent(new Event('input', {bubbles: true})) }")
    for neuron in neurons:
        layer, index = divmod(neuron, 50)
        activity = (first, second)[layer][:, index]
        seen.control("neuron").select_option(str(neuron))
        for hold in ("zero", "mean", "value", "image"):
            seen.control("hold").select_option(hold)
            value = value_of(hold, activity, labels)
            answer = forward(kept, images, (layer, index, value))[2]
            assert np.allclose(seen.logits(), answer[image], rtol=1e-6, atol=1e-9)
            called = np.bincount(labels[answer.argmax(axis=1) == digit], minlength=10)
            assert seen.accepted() == called.tolist()
            found, before = score(answer, labels, digit), score(free, labels, digit)
            text = seen.part("changed").text_content().replace("\u2212", "-")
            assert f"neuron {neuron} is held at {value:.2f} instead of {activity[image]:.2f}:" in text
            for one, two in ((before.recall, found.recall), (before.false_positive_rate, found.false_positive_rate)):
                one, two = f"{100 * one:.1f} %", f"{100 * two:.1f} %"
                assert (f"stays {two}" if one == two else f"goes from {one} to {two}") in text
            one, two = free[image].argmax(), answer[image].argmax()
            assert f"the answer {f'stays {two}' if one == two else f'goes from {one} to {two}'}" in text
            assert text in seen.words().replace("\u2212", "-")
    seen.control("hold").select_option("")
    assert np.allclose(seen.logits(), free[image], rtol=1e-6)
    expect(seen.part("changed")).to_have_text("No neuron is held.")


def test_only_a_hidden_neuron_is_held(circuit):
    seen = circuit()
    expect(seen.part("changed")).to_have_text("No neuron is held.")
    seen.control("hold").select_option("value")
    expect(seen.part("changed")).to_have_text("Choose a neuron of the first or second layer to hold.")
    expect(seen.control("level")).to_be_hidden()
    seen.control("hold").select_option("")
    seen.control("neuron").select_option("60")
    expect(seen.control("level")).to_be_hidden()
    expect(seen.control("other")).to_be_hidden()
    before = seen.logits()
    seen.press("hold", "ArrowDown")  # by keyboard: zero
    assert seen.logits() != before
    seen.control("hold").select_option("value")
    expect(seen.control("level")).to_be_visible()
    seen.press("level", "End")
    assert seen.logits() != before
    seen.control("neuron").select_option("output-3")
    assert seen.logits() == before
    expect(seen.part("changed")).to_have_text("Choose a neuron of the first or second layer to hold.")


def test_an_empty_pad_still_has_its_scores_and_a_link_and_the_download_hold_the_neuron(visit, circuit_page, circuit):
    seen = circuit()
    seen.control("neuron").select_option("60")
    seen.control("hold").select_option("mean")
    text = seen.part("changed").text_content()
    with seen.page.expect_download() as download:
        seen.part("csv").click()
    rows = list(csv.DictReader(download.value.path().read_text(encoding="utf-8").splitlines()))
    assert {row["neuron_held"] for row in rows} == {"neuron 60"}
    assert f"held at {float(rows[0]['held_at']):.2f}" in text
    digits = [row for row in rows if row["row"] == "digit"]
    assert [float(row["logit"]) for row in digits] == seen.logits()
    assert any(row["free_logit"] != row["logit"] for row in digits)
    seen.settle()
    again = type(seen)(visit(circuit_page, seen.part("link").get_attribute("href")).page)
    expect(again.part("changed")).to_have_text(text)
    seen.part("clear").click()
    seen.settle()
    text = seen.part("changed").text_content()
    assert "the answer" not in text
    assert "on the stored test images the recall of 7" in text
