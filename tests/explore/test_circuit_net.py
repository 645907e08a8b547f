"""The browser's network against NumPy: activities, logits, answers, scores and sizes, on the committed network."""

from pathlib import Path

import numpy as np
import pytest

import critnet.explore.widgets.circuit as widget
from critnet.circuits.edges import correlated_edges, full_edges, size, strongest_edges
from critnet.circuits.masks import logits, masked_weights, score
from critnet.paper import results
from critnet.training.datasets import normalise

pytestmark = pytest.mark.browser

NAMES = ("W1", "b1", "W2", "b2", "W3", "b3")
SOURCE = (Path(widget.__file__).parent / "net.js").read_text()
EXPORTS = (
    "readNetwork, firstLayer, unpack, maskOf, masked, answers, classes, scoreOf, ranking, softmax, centred, INPUT_OF"
)


@pytest.fixture(scope="module")
def page(chromium):
    """A blank page that knows the functions of circuit/net.js."""
    context = chromium.new_context()
    page = context.new_page()
    page.add_script_tag(content=f"const js = (() => {{ {SOURCE}; return {{ {EXPORTS} }}; }})();")
    yield page
    context.close()


@pytest.fixture(scope="module")
def anchor(page):
    """The committed network and images: in Python, and in the page as `net`, `labels` and `first`."""
    data = results.load("fig5")
    weights = {name: data[name].values for name in NAMES}
    pixels, labels = data["pixels"].values.reshape(-1, 784), data["label"].values.astype(int)
    flat = np.concatenate([np.ravel(weights[name]) for name in NAMES]).view(np.uint8)
    page.evaluate(
        """([flat, packed, labels]) => {
            window.net = js.readNetwork(Uint8Array.from(flat), [784, 50, 50, 10]);
            window.labels = labels;
            window.first = js.firstLayer(net, js.unpack(Uint8Array.from(packed), labels.length * 784));
        }""",
        [flat.tolist(), list(widget.pack(pixels)), labels.tolist()],
    )
    correlation = data["correlation"].sel(definition="as-coded").values
    random = np.random.default_rng(0)
    graphs = {
        "full": full_edges(weights),
        "critical": correlated_edges(correlation, (50, 50, 10)),
        "half": random.permutation(full_edges(weights))[:1500],
        "strongest": strongest_edges(weights, 300),
        "one": np.array([[2, 0, 3]]),
        "none": np.zeros((0, 3), int),
    }
    return weights, normalise(pixels), labels, graphs


def test_grey_values_become_the_same_inputs(page):
    assert page.evaluate("[...js.INPUT_OF]") == normalise(np.arange(256)).astype(float).tolist()


@pytest.mark.parametrize("definition", ["as-coded", "control"])
@pytest.mark.parametrize("graph", ["full", "critical", "half", "strongest", "one", "none"])
def test_logits_scores_and_sizes_are_those_of_numpy(page, anchor, graph, definition):
    weights, images, labels, graphs = anchor
    edges = graphs[graph]
    found = page.evaluate(
        """([edges, allOutputs]) => {
            const kept = js.masked(net, js.maskOf(net, edges), allOutputs);
            const { logits } = js.answers(net, kept, first);
            const predicted = js.classes(net, logits);
            const scores = [...Array(10).keys()].map((T) => js.scoreOf(predicted, labels, T));
            return { logits: [...logits], scores, sizes: [kept.edges, ...kept.neurons, kept.weights] };
        }""",
        [edges.tolist(), definition == "as-coded"],
    )
    expected = logits(masked_weights(weights, edges, definition=definition), images)
    assert np.allclose(np.reshape(found["logits"], (-1, 10)), expected, rtol=1e-9, atol=1e-9)
    for digit, js in enumerate(found["scores"]):
        ours = score(expected, labels, digit)
        assert (js["hits"], js["inside"], js["wrong"], js["outside"]) == ours[2:]
        assert (js["recall"], js["falsePositives"]) == ours[:2]
    assert found["sizes"] == list(size(weights, edges)[:4])


def test_while_a_circuit_grows_neurons_that_nothing_feeds_have_their_bias(page, anchor):
    weights, images, _, graphs = anchor
    for edges in (graphs["half"], graphs["one"], np.array([[1, 3, 4], [2, 4, 7], [2, 9, 7]])):
        found = page.evaluate(
            """edges => {
                const kept = js.masked(net, js.maskOf(net, edges), true, true);
                return [...js.answers(net, kept, first).logits];
            }""",
            edges.tolist(),
        )
        kept = masked_weights(weights, edges, definition="as-coded", growing=True)
        assert np.allclose(np.reshape(found, (-1, 10)), logits(kept, images), rtol=1e-9, atol=1e-9)


def held(kept, images, layer, index, value):
    """Logits of a network with one hidden neuron held at a value, in NumPy."""
    signal = np.asarray(images, float)
    for at, (W, b) in enumerate((("W1", "b1"), ("W2", "b2"))):
        signal = np.maximum(signal @ kept[W].T + kept[b], 0)
        if at == layer:
            signal[:, index] = value
    return signal @ kept["W3"].T + kept["b3"]


@pytest.mark.parametrize("graph", ["full", "critical", "half"])
def test_a_neuron_is_held_at_a_value(page, anchor, graph):
    weights, images, _, graphs = anchor
    kept = masked_weights(weights, graphs[graph], definition="as-coded")
    for layer, index, value in ((0, 3, 0.0), (0, 41, 7.5), (1, 12, 0.0), (1, 4, 20.25)):
        found = page.evaluate(
            """([edges, force]) => {
                const kept = js.masked(net, js.maskOf(net, edges), true);
                return [[...js.answers(net, kept, first, force).logits], [...js.answers(net, kept, first).logits]];
            }""",
            [graphs[graph].tolist(), {"layer": layer, "index": index, "value": value}],
        )
        expected = held(kept, images, layer, index, value)
        assert np.allclose(np.reshape(found[0], (-1, 10)), expected, rtol=1e-9, atol=1e-9)
        assert np.allclose(np.reshape(found[1], (-1, 10)), logits(kept, images), rtol=1e-9, atol=1e-9)  # not for ever


def test_the_strongest_edges_are_those_of_numpy(page, anchor):
    weights = anchor[0]
    for count in (1, 40, 2999):
        found = page.evaluate("count => js.ranking(net).slice(0, count)", count)
        assert sorted(found) == strongest_edges(weights, count).tolist()


def test_packing_is_undone(page):
    random = np.random.default_rng(1)
    for share in (0, 0.01, 0.5, 1):
        values = (random.integers(1, 256, 2000) * (random.random(2000) < share)).astype(np.uint8)
        packed = list(widget.pack(values))
        assert page.evaluate("p => [...js.unpack(Uint8Array.from(p), 2000)]", packed) == values.tolist()


def test_a_drawing_is_moved_to_its_centre_of_mass(page):
    random = np.random.default_rng(2)
    for _ in range(20):
        image = np.zeros((28, 28), np.uint8)
        row, column, height, width = random.integers(1, 12, 4)
        image[row : row + height, column : column + width] = random.integers(0, 256, (height, width))
        image[row, column] = 255
        mass, grid = image.sum(dtype=float), np.arange(28)
        down = int(np.floor(14 - image.sum(1) @ grid / mass + 0.5))
        right = int(np.floor(14 - image.sum(0) @ grid / mass + 0.5))
        expected = np.zeros_like(image)
        for r, c in np.argwhere(image):
            if 0 <= r + down < 28 and 0 <= c + right < 28:
                expected[r + down, c + right] = image[r, c]
        found = page.evaluate(
            "p => { const m = js.centred(p); return [m.down, m.right, [...m.pixels]] }", image.ravel().tolist()
        )
        assert found == [down, right, expected.ravel().tolist()]
    assert page.evaluate("js.centred(new Uint8Array(784)).down") == 0


def test_probabilities_survive_large_logits(page):
    assert page.evaluate("js.softmax([1000, 1000, -1000])") == [0.5, 0.5, 0]
