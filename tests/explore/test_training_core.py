"""The network that trains in the page against critnet's own: a step, activity, correlations, from the same numbers."""

from pathlib import Path

import numpy as np
import pytest

import critnet.explore.widgets.training as widget
from critnet.errors import UsageError
from critnet.neurons.activity import correlation, forward
from critnet.neurons.graphs import total_correlation_strength
from critnet.training.datasets import normalise
from critnet.training.mlp import NAMES, flatten, init_weights, parameter_count, unflatten

pytestmark = pytest.mark.browser

FOLDER = Path(widget.__file__).parent
SOURCE = (FOLDER.parent / "base" / "random.js").read_text() + (FOLDER / "core.js").read_text()
EXPORTS = (
    "digitsOf, networkOf, flatOf, freshNetwork, sgdStep, activityOf, correlationOf, strengthOf, batches, trainingRun"
)
HIDDEN, N = 12, 40


@pytest.fixture(scope="module")
def page(chromium):
    context = chromium.new_context()
    page = context.new_page()
    page.add_script_tag(content=f"const js = (() => {{ {SOURCE}; return {{ {EXPORTS} }}; }})();")
    yield page
    context.close()


def images(n=N):
    """Levels of ink 0 to 15, a fifth of the pixels with ink, shape (n, 784), and labels."""
    random = np.random.default_rng(0)
    return random.integers(1, 16, (n, 784)) * (random.uniform(size=(n, 784)) < 0.2), np.arange(n) % 10


def packed(levels, labels):
    mask, ink = widget.packed(levels)
    return {"mask": mask.ravel().tolist(), "ink": ink.tolist(), "label": labels.tolist()}


MADE = "const digits = js.digitsOf(given.mask, given.ink, given.label);"


def gradient(weights, x, labels):
    """Loss and gradients by name, written out once more in float64."""
    w = {name: value.astype(float) for name, value in weights.items()}
    a1 = np.maximum(x @ w["W1"].T + w["b1"], 0)
    a2 = np.maximum(a1 @ w["W2"].T + w["b2"], 0)
    z = a2 @ w["W3"].T + w["b3"]
    p = np.exp(z - z.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    loss = -np.log(p[np.arange(len(x)), labels]).mean()
    d3 = (p - np.eye(10)[labels]) / len(x)
    d2 = d3 @ w["W3"] * (a2 > 0)
    d1 = d2 @ w["W2"] * (a1 > 0)
    return loss, dict(zip(NAMES, (d1.T @ x, d1.sum(0), d2.T @ a1, d2.sum(0), d3.T @ a2, d3.sum(0)), strict=True))


def as_input(levels):
    return normalise(np.asarray(levels) * 17).astype(float)


def test_steps_are_those_of_numpy_and_of_the_training_loop(page):
    levels, labels = images()
    weights, rate = init_weights(HIDDEN, seed=3), 0.3
    rows = [list(range(16)), list(range(16, 32)), list(range(5, 21))]
    script = f"""given => {{ {MADE} const net = js.networkOf({HIDDEN}, given.flat);
        const found = given.rows.map(batch => js.sgdStep(net, digits, batch, {rate}));
        return [js.flatOf(net), found.map(f => f.loss), found.map(f => f.gradient)]; }}"""
    flat, losses, norms = page.evaluate(
        script, packed(levels, labels) | {"flat": flatten(weights).tolist(), "rows": rows}
    )
    ours, x = {k: v.astype(float) for k, v in weights.items()}, as_input(levels)
    for row, loss, norm in zip(rows, losses, norms, strict=True):
        expected, by_name = gradient(ours, x[row], labels[row])
        assert loss == pytest.approx(expected, rel=1e-6)
        pairs = [(by_name[f"W{k}"], by_name[f"b{k}"]) for k in (1, 2, 3)]
        assert norm == pytest.approx([np.sqrt((W**2).sum() + (b**2).sum()) for W, b in pairs], rel=1e-6)
        ours = {name: ours[name] - rate * by_name[name] for name in NAMES}
    assert np.allclose(flat, flatten(ours), atol=1e-6)

    import torch

    from critnet.training.sgd import Samples, Stack, Step

    stack = Stack([weights])
    step = Step(stack, Samples(x.astype(np.float32), labels), 16, [rate])
    theirs = step.run(torch.as_tensor(np.array(rows)))
    assert losses == pytest.approx(theirs[:, 0], abs=1e-4)
    assert np.allclose(flat, flatten(stack.weights(0)), atol=1e-4)


def test_activity_correlations_and_strength_are_the_librarys(page):
    levels, labels = images()
    weights = init_weights(HIDDEN, seed=1)
    M = 2 * HIDDEN + 10
    script = f"""given => {{ {MADE} const net = js.networkOf({HIDDEN}, given.flat);
        const {{ activity, right }} = js.activityOf(net, digits);
        const C = [false, true].map(raw => js.correlationOf(activity, {M}, digits.count, raw));
        return [Array.from(activity), right, C.map(c => Array.from(c)), C.map(js.strengthOf)]; }}"""
    activity, right, matrices, strengths = page.evaluate(
        script, packed(levels, labels) | {"flat": flatten(weights).tolist()}
    )
    ours = forward(weights, as_input(levels).astype(np.float32))
    assert np.allclose(np.reshape(activity, (M, N)), ours, atol=1e-4)
    assert right == (ours[-10:].argmax(axis=0) == labels).mean()
    for definition, found, strength in zip(("as-coded", "control"), matrices, strengths, strict=True):
        expected = correlation(ours, definition=definition)
        assert np.allclose(np.reshape(found, (M, M)), expected, atol=1e-4)
        assert strength == pytest.approx(total_correlation_strength(expected), rel=1e-4)


def test_silent_neurons_have_empty_rows_in_the_control(page):
    raw = page.evaluate("() => Array.from(js.correlationOf([1, 2, 3, 0, 0, 0, 3, 2, 1], 3, 3, true))")
    assert np.allclose(np.reshape(raw, (3, 3)), [[1, 0, -1], [0, 0, 0], [-1, 0, 1]])


def test_a_fresh_network_is_xavier_and_its_seed_fixes_it(page):
    one, again, other = (np.array(page.evaluate(f"() => js.flatOf(js.freshNetwork(30, {s}))")) for s in (1, 1, 2))
    assert one.size == parameter_count(30)
    assert np.array_equal(one, again)
    assert not np.array_equal(one, other)
    for name, layer in unflatten(one, 30).items():
        if name.startswith("b"):
            assert not layer.any()
        else:
            reach = np.sqrt(6 / sum(layer.shape))
            assert reach * 0.95 < np.abs(layer).max() < reach
            assert abs(layer.mean()) < 4 * layer.std() / np.sqrt(layer.size)


def test_batches_use_every_image_once_before_any_twice(page):
    drawn = page.evaluate("() => { const next = js.batches(20, 8, 5); return [next(), next(), next(), next()]; }")
    assert len(set(drawn[0] + drawn[1])) == 16
    assert len(set(drawn[2] + drawn[3])) == 16
    assert drawn[0] + drawn[1] != drawn[2] + drawn[3]


def test_a_run_learns_and_a_run_in_slices_is_the_same(page):
    levels, labels = images(60)
    levels = levels * 0
    for n, digit in enumerate(labels):  # each digit has a place of its own, and single images differ
        levels[n, 70 * digit : 70 * digit + 40] = 3 + n // 10
    script = f"""given => {{ {MADE} const given_ = {{ hidden: 30, rate: 0.1, size: 20, seed: 1 }};
        const [whole, sliced] = [0, 1].map(() => js.trainingRun(given_, digits, digits));
        whole.advance(300);
        for (let t = 0; t < 300; ) {{ let k = 0; sliced.advance(300, () => (k += 1) < 8); t = sliced.at; }}
        return [whole, sliced].map(r => [r.losses, r.looks, js.flatOf(r.network)]); }}"""
    whole, sliced = page.evaluate(script, packed(levels, labels))
    assert whole[0] == sliced[0]
    assert whole[2] == sliced[2]
    assert whole[1][-1] == sliced[1][-1]
    assert whole[0][-1] < whole[0][0] / 4
    assert whole[1][-1]["accuracy"] > 0.9
    assert [look["t"] for look in whole[1][:4]] == [0, 1, 2, 3]


def test_bad_digits_are_refused():
    levels, _ = images(3)
    with pytest.raises(UsageError, match="from 0 to 15"):
        widget.packed(levels + 10)
    with pytest.raises(UsageError, match="784"):
        widget.packed(levels[:, :10])
