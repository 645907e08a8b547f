"""The graph explorer in a real browser, from disk and without a network: numbers, controls, download."""

import csv
import re

import numpy as np
import pytest
from playwright.sync_api import expect

from critnet.neurons import graphs
from critnet.paper import results
from critnet.paper.fig1 import explorers, graph, series

pytestmark = pytest.mark.browser

NAME = "graph-explorer"


@pytest.fixture(scope="module")
def data():
    return results.load("fig1")


@pytest.fixture(scope="module")
def html(data, static_module):
    return explorers.graph_explorer(data)._repr_mimebundle_()["text/html"]


@pytest.fixture
def page_path(html, page_of, tmp_path):
    path = tmp_path / "graph.html"
    path.write_text(page_of(html), encoding="utf-8")
    return path


class Seen:
    """The explorer as a reader meets it."""

    def __init__(self, page):
        self.page = page
        page.wait_for_selector(f"#{NAME} .critnet-graph[data-theme]")

    def part(self, name):
        return self.page.locator(f"#{NAME} [data-part='{name}']")

    def control(self, name):
        return self.page.locator(f"#{NAME}--{name}")

    def press(self, name, *keys):
        self.control(name).focus()
        for key in keys:
            self.page.keyboard.press(key)

    def settle(self):
        self.page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")

    def words(self):
        self.settle()
        return self.part("words").text_content()

    def wait_for_other_words(self, words):
        expect(self.part("words")).not_to_have_text(words)

    def picture(self, part="graph"):
        self.settle()
        return self.part(part).evaluate("canvas => canvas.toDataURL()")

    def number(self, key):
        self.settle()
        return self.page.locator(f"#{NAME} [data-number='{key}']").text_content()

    def set_threshold(self, value):
        self.control("threshold").fill(str(value))


@pytest.fixture
def explorer(visit, page_path):
    return lambda fragment="", **options: Seen(visit(page_path, fragment, **options).page)


def test_numbers_shown_are_those_of_numpy(explorer, data):
    seen = explorer()
    for step, threshold, convention, definition in [
        (100, 0.5, "absolute", "as-coded"),
        (5, 0.62, "signed", "control"),
        (200_000, 0.3, "fisher", "as-coded"),
        (37, 0.97, "absolute", "control"),
    ]:
        seen.control("t").fill(str(explorers.iterations(data).tolist().index(step)))
        seen.set_threshold(threshold)
        seen.control(f"edges-{convention}").check(force=True)
        seen.control(f"definition-{definition}").check(force=True)
        correlation = series.matrix(data, step, definition)
        joined = graphs.adjacency(correlation, threshold, convention)
        survival = graphs.survival_probability(correlation, threshold, definition=definition)
        positive = int((np.triu(joined, 1) & (correlation > 0)).sum())
        edges, sizes = int(joined.sum()) // 2, graphs.component_sizes(joined)
        shown = {
            "edges": str(edges),
            "signs": f"{positive} + {edges - positive}",
            "joined": f"{int(joined.any(axis=0).sum())} of 110",
            "degree": f"{graphs.mean_degree(joined):.2f}",
            "components": str(len(sizes)),
            "largest": str(sizes[0]),
            "survival": f"{survival:.4f}",
        }
        assert {key: seen.number(key) for key in shown} == shown
        words = seen.words().replace("\u202f", "")
        assert f"At iteration {step}, {definition.replace('-', ' ')}, " in words
        assert f"P(|C| > {threshold:.2f}) = {survival:.4f}" in words
        assert f"largest with S1 = {sizes[0]}" in words
        assert (f"{edges} edges, {positive} positive" if edges else "no edge among 110") in words


WAYS = {
    "threshold": lambda s: s.control("threshold").click(position={"x": 40, "y": 14}),
    "t": lambda s: s.control("t").click(position={"x": 150, "y": 14}),
    "edges": lambda s: s.page.locator(f"#{NAME}--edges label").first.click(),
    "definition": lambda s: s.page.locator(f"#{NAME}--definition label").last.click(),
    "neuron": lambda s: s.control("neuron").select_option("57"),
    "partner": lambda s: s.part("partners").locator("button").first.click(),
    "picture": lambda s: s.part("graph").press("ArrowRight"),
    "course": lambda s: s.part("course").click(position={"x": 400, "y": 60}),
    "reset": lambda s: s.part("reset").click(),
}


def test_every_control_moves_the_picture_and_the_words(explorer):
    seen = explorer()
    start = (seen.words(), seen.picture())
    expect(seen.part("reset")).to_be_hidden()
    for name, move in WAYS.items():
        before = (seen.words(), seen.picture())
        move(seen)
        seen.wait_for_other_words(before[0])
        assert seen.picture() != before[1], f"{name}: the picture stayed"
    assert (seen.words(), seen.picture()) == start


def test_degrees_components_and_course_follow_the_threshold(explorer):
    seen = explorer()
    parts = ("degrees", "components", "course")
    before = [seen.picture(part) for part in parts]
    seen.set_threshold(0.8)
    assert all(seen.picture(part) != picture for part, picture in zip(parts, before, strict=True))


def test_a_neuron_is_previewed_by_pointing_kept_by_a_click_and_let_go(explorer):
    seen = explorer()
    words, facts = seen.words(), seen.part("neuron-facts")
    seen.control("neuron").select_option("109")
    expect(facts).to_contain_text("Output 9: degree ")
    chosen = facts.text_content()
    seen.control("neuron").select_option("")
    expect(facts).to_have_text("No neuron is chosen.")
    box = seen.part("graph").bounding_box()
    x, y = graph.places(results.load("fig1"))[109]
    at = (box["x"] + 16 + (x + 1) / 2 * (box["width"] - 32), box["y"] + 16 + (1 - y) / 2 * (box["height"] - 32))
    seen.page.mouse.move(*at)
    expect(facts).to_have_text(chosen)
    assert seen.words() == words  # a preview moves nothing on the page
    seen.page.mouse.move(5, 5)
    expect(facts).to_have_text("No neuron is chosen.")
    seen.page.mouse.click(*at)
    expect(seen.part("words")).to_contain_text("Output 9: degree")
    seen.part("graph").press("Escape")
    expect(seen.part("words")).to_have_text(words)


def test_a_finger_chooses_a_neuron(explorer, data):
    seen = explorer(viewport={"width": 360, "height": 740}, has_touch=True)
    seen.part("graph").scroll_into_view_if_needed()
    box = seen.part("graph").bounding_box()
    x, y = graph.places(data)[100]
    seen.page.touchscreen.tap(
        box["x"] + 16 + (x + 1) / 2 * (box["width"] - 32), box["y"] + 16 + (1 - y) / 2 * (box["height"] - 32)
    )
    expect(seen.part("words")).to_contain_text("Output 0: degree")


def test_partners_and_mean_response_of_a_neuron(explorer, data):
    seen = explorer()
    seen.control("neuron").select_option("83")
    for definition in ("as-coded", "control"):
        seen.control(f"definition-{definition}").check(force=True)
        row = series.matrix(data, 100, definition)[83].copy()
        row[83] = 0
        order = np.argsort(-np.abs(row), kind="stable")[:6]
        name = lambda i: f"output {i - 100}" if i > 99 else f"neuron {i} (layer {1 + i // 50})"  # noqa: E731
        expected = [f"{name(i)} {row[i]:.2f}".replace("-", "−") for i in order.tolist()]
        words = seen.words()
        assert f"strongest partners {', '.join(expected)}." in words
        activity = data["activity"].sel(shown=100).values.astype(float)
        if definition == "as-coded":
            activity = (activity - activity.mean(axis=0)) / activity.std(axis=0)
        means = [activity[83][data["image_label"].values == digit].mean() for digit in range(10)]
        told = [float(v.replace("−", "-")) for v in re.findall(r"\d: (−?[\d.]+)[,;]", words.split("response at")[1])]
        assert told == pytest.approx(means, abs=0.0051)
        assert words.endswith(f"largest for {int(np.argmax(means))}.")


def test_the_address_names_the_state_and_what_is_not_there_falls_back(explorer, page_path):
    seen = explorer("#graph-explorer?threshold=0.7&t=10&edges=fisher&definition=control&neuron=3")
    expect(seen.part("words")).to_contain_text("At iteration 10, control, Fisher edges")
    expect(seen.part("words")).to_contain_text("at c = 0.70")
    expect(seen.part("words")).to_contain_text("Neuron 3 (layer 1)")
    expect(seen.part("note")).to_be_hidden()
    seen.press("threshold", "ArrowRight")
    seen.page.wait_for_function("location.hash.includes('threshold=0.71')")
    seen = explorer("#graph-explorer?threshold=1.7&t=11&edges=none&colour=red&definition=control")
    expect(seen.part("words")).to_contain_text("At iteration 100, control, absolute edges (|C| ≥ c) at c = 0.50")
    note = seen.part("note").text_content()
    assert "threshold c = “1.7” is not available; showing 0.50." in note
    assert "iteration t = “11” is not available; showing 100." in note
    assert "edges = “none” is not available; showing absolute." in note
    assert "There is no control “colour” here." in note
    seen.press("threshold", "ArrowRight")
    expect(seen.part("note")).to_be_hidden()
    assert "iteration 100" in explorer("#other?t=10").words()


def test_the_download_holds_the_edges_shown(explorer, data, tmp_path):
    seen = explorer()
    for threshold in (0.6, 1.0):
        seen.set_threshold(threshold)
        with seen.page.expect_download() as download:
            seen.part("csv").click()
        download.value.save_as(tmp_path / "edges.csv")
        rows = list(csv.DictReader((tmp_path / "edges.csv").read_text().splitlines()))
        correlation = series.matrix(data, 100, "as-coded")
        first, second = np.nonzero(np.triu(graphs.adjacency(correlation, threshold, "absolute"), 1))
        assert [(int(r["neuron_i"]), int(r["neuron_j"])) for r in rows] == list(zip(first, second, strict=True))
        assert [float(r["correlation"]) for r in rows] == pytest.approx(correlation[first, second], abs=1e-5)
    assert (tmp_path / "edges.csv").read_text() == "t,definition,edges,threshold,neuron_i,neuron_j,correlation\n"


def test_without_scripts_picture_and_numbers_are_there(visit, page_path, data):
    page = visit(page_path, java_script_enabled=False).page
    image = page.locator(f"#{NAME} img")
    expect(image).to_be_visible()
    assert image.bounding_box()["width"] > 600
    expect(page.locator(f"#{NAME}")).to_contain_text(explorers.words(data))
    expect(page.locator(f"#{NAME} button, #{NAME} select")).to_have_count(0)


def test_the_page_stays_light(page_path):
    assert page_path.stat().st_size < 1_600_000
