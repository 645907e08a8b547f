"""The circuit explorer in a real browser, from disk and without a network: its numbers, controls, edges."""

import nbclient
import nbformat
import numpy as np
import pytest
from playwright.sync_api import expect

from critnet.circuits.edges import edges_to, full_edges, size, strongest_edges
from critnet.circuits.masks import logits, masked_weights, score
from critnet.errors import UsageError
from critnet.explore.widgets.circuit import CircuitExplorer
from critnet.paper.fig5 import explorers, stored
from critnet.training.datasets import normalise

pytestmark = pytest.mark.browser

NAME = "circuit-explorer"
CRITICAL, TO_T = "critical-edges-c-0-5", "critical-edges-that-lead-to-t"


def told(found):
    """How the table writes a score."""
    return [
        f"{100 * found.recall:.1f} % ({found.hits} of {found.n_class})",
        f"{100 * found.false_positive_rate:.1f} % ({found.false_positives} of {found.n_other})",
    ]


def test_numbers_of_full_network_and_sub_graphs_are_those_of_numpy(circuit, anchor_circuit):
    seen = circuit()
    full = logits(anchor_circuit.weights, anchor_circuit.images)
    for digit, choice, definition in [
        (7, "full", "as-coded"),
        (0, CRITICAL, "as-coded"),
        (3, CRITICAL, "control"),
        (8, TO_T, "as-coded"),
        (4, TO_T, "control"),
        (1, "strongest", "as-coded"),
    ]:
        seen.control("digit").select_option(str(digit))
        seen.control("graph").select_option(choice)
        seen.page.locator(f"#{NAME}--outputs-{definition}").check(force=True)
        seen.control("picked").select_option(str(digit))
        edges = {
            "full": full_edges(anchor_circuit.weights),
            CRITICAL: anchor_circuit.critical,
            TO_T: edges_to(anchor_circuit.critical, digit),
            "strongest": strongest_edges(anchor_circuit.weights, 100),
        }[choice]
        ours = logits(masked_weights(anchor_circuit.weights, edges, definition=definition), anchor_circuit.images)
        image = np.flatnonzero(anchor_circuit.labels == digit)[0]
        assert np.allclose(seen.logits(), ours[image], rtol=1e-6)
        part, whole = score(ours, anchor_circuit.labels, digit), score(full, anchor_circuit.labels, digit)
        assert [seen.row("recall"), seen.row("false-positives")] == [
            list(p) for p in zip(told(part), told(whole), strict=True)
        ]
        cost = size(anchor_circuit.weights, edges)
        assert seen.row("neurons")[0] == f"{cost.n_first} + {cost.n_second}"
        assert seen.row("weights")[0].replace("\u202f", "") == str(cost.n_weights)
        assert float(seen.row("reduction")[0].replace("\u202f", "").rstrip("×")) == pytest.approx(
            cost.reduction, rel=5e-3
        )
        assert all(text in seen.words() for text in told(part))


WAYS = {
    "digit": lambda s: s.control("digit").select_option("2"),
    "graph": lambda s: s.control("graph").select_option(CRITICAL),
    "definition": lambda s: s.page.locator(f"#{NAME} .cx-choices label").last.click(),
    "count": lambda s: s.control("count").click(position={"x": 90, "y": 14}),
    "image of": lambda s: s.control("picked").select_option("3"),
    "number": lambda s: s.control("number").click(position={"x": 60, "y": 14}),
    "neuron": lambda s: s.control("neuron").select_option("80"),
    "clear": lambda s: s.part("clear").click(),
    "blank": lambda s: s.part("blank").click(),
}


def test_every_control_moves_the_picture_and_the_words(circuit):
    seen = circuit()
    for name, move in WAYS.items():
        seen.control("graph").select_option("strongest" if name in ("definition", "count") else "full")
        before = seen.shown()
        move(seen)
        after = seen.shown()
        assert after[0] != before[0], f"{name}: the words stayed, {after[0]!r}"
        assert after[1] != before[1], f"{name}: the picture stayed"


def test_bars_say_how_many_images_of_each_digit_are_accepted(circuit, anchor_circuit):
    seen = circuit()
    full = logits(anchor_circuit.weights, anchor_circuit.images).argmax(axis=1)
    for graph, variant in (("circuit-of-t", "as-coded"), ("circuit-of-t-that-also-says-no", explorers.SAYS_NO)):
        seen.control("graph").select_option(graph)
        for digit in (0, 7):
            seen.control("digit").select_option(str(digit))
            edges = explorers.found_circuits(anchor_circuit.given, variant)[digit]
            kept = masked_weights(anchor_circuit.weights, edges, definition="as-coded")
            answer = logits(kept, anchor_circuit.images).argmax(axis=1)
            accepted = np.bincount(anchor_circuit.labels[answer == digit], minlength=10).tolist()
            assert seen.accepted() == accepted
            whole = np.bincount(anchor_circuit.labels[full == digit], minlength=10).tolist()
            dashes = (
                seen.part("accepted").locator(".cc-full").evaluate_all("d => d.map(x => parseFloat(x.style.bottom))")
            )
            assert dashes == whole  # of a hundred
            told = ", ".join(f"{count} of {k}" for k, count in enumerate(accepted))
            assert f"Of 100 of each digit it calls a {digit}: {told}." in seen.words()
    assert sum(accepted) < 250


def test_the_stages_of_the_search_are_scrubbed_through(circuit, anchor_circuit):
    seen = circuit()
    expect(seen.part("stage-row")).to_be_hidden()
    seen.control("graph").select_option("circuit-of-t")
    for digit in (0, 9):
        seen.control("digit").select_option(str(digit))
        seen.press("stage", "Home")
        for stage in stored.STAGES:
            edges = explorers.found_circuits(anchor_circuit.given, stage=stage)[digit]
            kept = masked_weights(
                anchor_circuit.weights, edges, definition="as-coded", growing=stage != stored.STAGES[-1]
            )
            answer = logits(kept, anchor_circuit.images)
            found = score(answer, anchor_circuit.labels, digit)
            assert [seen.row("recall")[0], seen.row("false-positives")[0]] == told(found)
            assert seen.row("edges")[0].startswith(f"{len(edges)} (")
            called = np.bincount(anchor_circuit.labels[answer.argmax(axis=1) == digit], minlength=10)
            assert seen.accepted() == called.tolist()
            assert f"circuit of T, {stage}, has {len(edges)} (" in seen.words()
            seen.press("stage", "ArrowRight")


def test_a_blank_page_is_an_image_and_an_empty_pad_is_not(circuit, anchor_circuit):
    seen = circuit()
    blank = normalise(np.zeros((1, 784), np.uint8))
    seen.part("blank").click()
    expect(seen.part("words")).to_contain_text("A blank page, without any ink.")
    assert np.allclose(seen.logits(), logits(anchor_circuit.weights, blank)[0], rtol=1e-6)
    for digit in (1, 4, 9):
        seen.control("digit").select_option(str(digit))
        seen.control("graph").select_option("circuit-of-t")
        kept = masked_weights(
            anchor_circuit.weights, explorers.found_circuits(anchor_circuit.given)[digit], definition="as-coded"
        )
        assert np.allclose(seen.logits(), logits(kept, blank)[0], rtol=1e-6)
        assert seen.row("answer")[0].startswith(f"{digit} (")  # a circuit finds its digit where there is nothing
    seen.part("clear").click()
    assert seen.row("answer") == ["none", "none"]
    seen.part("blank").focus()
    seen.page.keyboard.press("Enter")
    assert seen.row("answer")[0].startswith("9 (")
    seen.control("picked").select_option("3")
    expect(seen.part("words")).to_contain_text("Test image 1 of digit 3.")


def test_an_edge_is_pruned_restored_and_undone(circuit, anchor_circuit):
    seen = circuit()
    seen.control("graph").select_option(TO_T)
    own = edges_to(anchor_circuit.critical, 7)
    layer, source, target = own[own[:, 0] == 2][0].tolist()
    left = np.array([edge for edge in own.tolist() if edge != [layer, source, target]])
    image = anchor_circuit.images[np.flatnonzero(anchor_circuit.labels == 7)[:1]]
    before = seen.shown()
    seen.control("neuron").select_option(str(50 + source))
    with_choice = seen.shown()
    button = seen.page.locator(f"#{NAME} [data-edge='{layer}-{source}-{target}']")
    expect(button).to_have_attribute("aria-pressed", "true")
    button.focus()
    seen.page.keyboard.press("Space")
    pruned = seen.shown()
    assert pruned[0] != with_choice[0]
    assert pruned[1] != with_choice[1]
    assert np.allclose(
        seen.logits(), logits(masked_weights(anchor_circuit.weights, left, definition="as-coded"), image)[0], rtol=1e-6
    )
    expect(button).to_have_attribute("aria-pressed", "false")
    button.click()
    assert seen.logits() == pytest.approx(
        logits(masked_weights(anchor_circuit.weights, own, definition="as-coded"), image)[0].tolist()
    )
    seen.part("undo").click()
    assert seen.shown() == pruned
    seen.part("undo-all").click()
    seen.control("neuron").select_option("")
    assert seen.shown() == before


def test_a_neuron_is_chosen_and_pruned_on_the_picture_by_keyboard(circuit, anchor_circuit):
    seen = circuit()
    before = seen.words()
    seen.part("network").focus()
    for key in ("ArrowDown", "ArrowDown", "ArrowRight", "ArrowRight", "Enter"):  # first layer 0, second layer 0, 1, 2
        seen.page.keyboard.press(key)
    left = [
        edge
        for edge in full_edges(anchor_circuit.weights).tolist()
        if edge[:2] != [2, 2] and not (edge[0] == 1 and edge[2] == 2)
    ]
    image = anchor_circuit.images[np.flatnonzero(anchor_circuit.labels == 7)[:1]]
    expect(seen.part("words")).to_contain_text("Chosen: neuron 52, activity")
    assert np.allclose(
        seen.logits(), logits(masked_weights(anchor_circuit.weights, left, definition="as-coded"), image)[0], rtol=1e-6
    )
    assert seen.row("edges") == ["2940 (2450 + 490)", "3000 (2500 + 500)"]
    seen.page.keyboard.press("Enter")
    seen.page.keyboard.press("Escape")
    assert seen.words() == before


def test_neurons_and_edges_are_clicked_on_the_picture(circuit, anchor_circuit):
    seen = circuit()
    seen.control("graph").select_option(TO_T)
    before = seen.shown()
    box = seen.part("network").bounding_box()
    at = lambda layer, index, count: (  # noqa: E731
        box["x"] + (index + 0.5) / count * box["width"],
        box["y"] + (0.1, 0.5, 0.92)[layer] * box["height"] + (0 if layer == 2 else (index % 2 * 2 - 1) * 5),
    )
    own = edges_to(anchor_circuit.critical, 7)
    source = int(own[own[:, 0] == 2][0][1])
    seen.page.mouse.click(*at(1, source, 50))
    expect(seen.part("words")).to_contain_text(f"Chosen: neuron {50 + source},")
    (x1, y1), (x2, y2) = at(1, source, 50), at(2, 7, 10)
    seen.page.mouse.click(x1 + 0.6 * (x2 - x1), y1 + 0.6 * (y2 - y1))
    edge = seen.page.locator(f"#{NAME} [data-edge='2-{source}-7']")
    seen.settle()
    expect(edge).to_have_attribute("aria-pressed", "false")
    seen.page.mouse.click(x1 + 0.6 * (x2 - x1), y1 + 0.6 * (y2 - y1))
    seen.settle()
    expect(edge).to_have_attribute("aria-pressed", "true")
    seen.page.mouse.click(*at(1, source, 50))
    seen.part("undo-all").click()
    assert seen.shown() == before


def test_as_coded_one_output_edge_of_several_changes_nothing_and_says_why(circuit):
    seen = circuit()
    seen.control("neuron").select_option("54")
    before = seen.logits()
    button = seen.page.locator(f"#{NAME} [data-edge='2-4-7']")
    button.click()
    assert seen.logits() == before
    expect(seen.part("note")).to_contain_text("keeps its weights to all outputs")
    seen.page.locator(f"#{NAME} .cx-choices label").last.click()
    assert seen.logits() != before


def small(**change):
    random = np.random.default_rng(0)
    shapes = {"W1": (3, 784), "b1": 3, "W2": (2, 3), "b2": 2, "W3": (10, 2), "b3": 10}
    arguments = {
        "weights": {name: random.standard_normal(shape) for name, shape in shapes.items()},
        "images": np.zeros((10, 28, 28), np.uint8),
        "labels": np.arange(10),
        "graphs": {"<b>": [[1, 2, 1], [2, 1, 9]]},
        "name": "small",
        "count": 5,
    }
    return CircuitExplorer(**(arguments | change))


def test_a_network_of_other_sizes_and_markup_in_labels(visit, tmp_path, static, page_of):
    (tmp_path / "small.html").write_text(page_of(small(caption="<i>c</i>")._repr_mimebundle_()["text/html"]))
    page = visit(tmp_path / "small.html").page
    page.wait_for_selector(".critnet-circuit[data-theme]")
    expect(page.locator("#small--graph option").nth(1)).to_have_text("<b>")
    expect(page.locator("#small .cx-caption")).to_have_text("<i>c</i>")
    page.locator("#small--graph").select_option("b")
    wanted = "2 (1 + 1) edges between 1 + 1 hidden neurons"
    page.wait_for_function("w => document.querySelector('[data-part=words]').textContent.includes(w)", arg=wanted)


def run_cell():
    """Output of the chapter's cell in a kernel, and the state of the widgets made there."""
    cell = nbformat.v4.new_code_cell(
        "from critnet.paper import results\nfrom critnet.paper.fig5.explorers import circuit_explorer\n"
        "circuit_explorer(results.load_all(('fig5', 'circuits', 'runs')))"
    )
    client = nbclient.NotebookClient(nbformat.v4.new_notebook(cells=[cell]), timeout=120, kernel_name="python3")
    client.execute()
    (output,) = [o for o in client.nb.cells[0].outputs if o.output_type in ("execute_result", "display_data")]
    return output["data"], client.widget_state


def test_in_a_kernel_the_cell_gives_a_widget(monkeypatch):
    monkeypatch.delenv("CRITNET_STATIC", raising=False)
    shown, widgets = run_cell()
    assert "text/html" not in shown  # a saved notebook would carry the network twice
    assert "it recalls" in shown["text/plain"]
    assert shown["image/png"]
    state = widgets[shown["application/vnd.jupyter.widget-view+json"]["model_id"]]
    assert state["given"]["sizes"] == [784, 50, 50, 10]
    assert "function render(" in state["_esm"]
    assert len(state["given"]["labels"]) == 1000


def test_in_a_static_build_the_same_cell_gives_a_page_and_no_widget(static):
    shown, widgets = run_cell()
    assert 'id="circuit-explorer"' in shown["text/html"]
    assert not any("view" in kind for kind in shown)
    assert widgets == {}  # a built page would carry the network twice


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"graphs": {"a": [[1, 3, 0]]}}, r"\[1, 3, 0\]"),
        ({"graphs": {"a": [[3, 0, 0]]}}, r"\[3, 0, 0\]"),
        ({"images": np.zeros((10, 784), np.uint8)}, r"\(n_images, 28, 28\)"),
        ({"labels": np.zeros(10, int)}, "as many"),
        ({"name": "No Name"}, "lower-case"),
        ({"count": 27}, "1 to 26"),
        ({"graphs": {"a": {"only": [[1, 0, 0]]}}}, "two or more"),
        ({"graphs": {"a": {"x": [[1, 0, 0]], "y": [[1, 9, 0]]}}}, r"\[1, 9, 0\]"),
        ({"graphs": {k: {"x": [[1, 0, 0]], k: [[1, 0, 0]]} for k in "ab"}}, "the same stages"),
        ({"digit": 10}, "0 to 9"),
        ({"weights": {"W1": 1}}, "lack 'b1'"),
    ],
)
def test_what_cannot_be_explored_is_refused(change, words):
    with pytest.raises(UsageError, match=words):
        small(**change)
