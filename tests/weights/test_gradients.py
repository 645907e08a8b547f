"""Second moments, noise and curvature: torch's derivatives of single images, closed forms, finite differences."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from critnet.errors import UsageError
from critnet.weights import passes
from critnet.weights.gradients import (
    SquaredGradient,
    excess_kurtosis,
    first_layer_block,
    gradient_moments,
    noise_covariance,
    places,
    squared_gradient,
)
from critnet.weights.hessian import first_layer_hessian, hessian, hessian_diagonal

NAMES = ("W1", "b1", "W2", "b2", "W3", "b3")


def example(seed=0, n=40, inputs=5, h1=4, h2=3, classes=3, scale=1.0):
    random = np.random.default_rng(seed)
    shapes = {"W1": (h1, inputs), "b1": (h1,), "W2": (h2, h1), "b2": (h2,), "W3": (classes, h2), "b3": (classes,)}
    weights = {name: scale * random.normal(size=shape) for name, shape in shapes.items()}
    return weights, random.normal(size=(n, inputs)), random.integers(0, classes, n)


def loss(vector, weights, images, labels):
    """Losses of images as torch writes them, parameters as one vector."""
    parts = torch.split(vector, [weights[name].size for name in NAMES])
    w1, b1, w2, b2, w3, b3 = (p.reshape(weights[n].shape) for n, p in zip(NAMES, parts, strict=True))
    hidden = torch.relu(torch.as_tensor(images) @ w1.T + b1)
    hidden = torch.relu(hidden @ w2.T + b2)
    return torch.nn.functional.cross_entropy(hidden @ w3.T + b3, torch.as_tensor(labels), reduction="none")


def by_torch(weights, images, labels):
    """Gradients of single images (n, all parameters) and the Hessian of the mean loss, one backward pass at a time."""
    vector = parameters(weights)
    losses = loss(vector, weights, images, labels)
    gradients = np.array([torch.autograd.grad(one, vector, retain_graph=True)[0].numpy() for one in losses])
    return gradients, np.array([product(weights, images, labels, row) for row in range(vector.numel())])


def parameters(weights):
    return torch.as_tensor(np.concatenate([np.ravel(weights[n]) for n in NAMES])).double().requires_grad_()


def product(weights, images, labels, row):
    """One row of the Hessian of the mean loss."""
    vector = parameters(weights)
    (gradient,) = torch.autograd.grad(loss(vector, weights, images, labels).mean(), vector, create_graph=True)
    return torch.autograd.grad(gradient[row], vector)[0].numpy()


def upper(weights):
    return slice(weights["W1"].size + weights["b1"].size, None)


# --- against torch


@pytest.mark.parametrize("shape", [{}, {"h1": 1, "h2": 6, "classes": 2}, {"h1": 7, "h2": 1, "n": 3}, {"n": 1}])
@pytest.mark.parametrize("scale", [0.3, 1.0, 3.0])
def test_every_moment_is_that_of_the_gradients_of_single_images(shape, scale, monkeypatch):
    monkeypatch.setattr(passes, "BLOCK", 16)
    weights, images, labels = example(scale=scale, **shape)
    g, h = by_torch(weights, images, labels)
    up = upper(weights)
    found = squared_gradient(weights, images, labels)
    np.testing.assert_allclose(found.mean, g[:, up].mean(axis=0), rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(found.second, g[:, up].T @ g[:, up] / len(g), rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(hessian(weights, images, labels), h[up, up], rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(hessian_diagonal(weights, images, labels), np.diag(h), rtol=1e-9, atol=1e-12)
    for k, moment in enumerate(gradient_moments(weights, images, labels), start=1):
        np.testing.assert_allclose(moment, (g**k).mean(axis=0), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(("first", "second"), [(0, 0), (1, 3), (3, 1)])
def test_blocks_of_layer_1(first, second):
    weights, images, labels = example(3)
    g, h = by_torch(weights, images, labels)
    n = weights["W1"].shape[1]
    mine = [[*range(j * n, (j + 1) * n), weights["W1"].size + j] for j in (first, second)]  # the bias last
    block = np.ix_(*mine)
    np.testing.assert_allclose(
        first_layer_block(weights, images, labels, first, second), (g.T @ g / len(g))[block], atol=1e-12
    )
    np.testing.assert_allclose(first_layer_hessian(weights, images, labels, first, second), h[block], atol=1e-12)


def test_the_order_is_that_of_the_vector_of_all_parameters():
    weights, images, labels = example(4)
    at = places(weights)
    assert at["b3"].stop == sum(w.size for w in weights.values())
    vector = np.concatenate([np.ravel(weights[n]) for n in NAMES])
    assert all(np.array_equal(vector[at[n]], np.ravel(weights[n])) for n in NAMES)
    g, _ = by_torch(weights, images, labels)
    np.testing.assert_allclose(gradient_moments(weights, images, labels).mean[at["W2"]], g[:, at["W2"]].mean(axis=0))


# --- T18: the noise of a batch


def test_the_covariance_of_a_batch_is_that_over_all_batches():
    weights, images, labels = example(5, n=6)
    g, _ = by_torch(weights, images, labels)
    g = g[:, upper(weights)]
    means = np.array([(g[a] + g[b]) / 2 for a in range(6) for b in range(6)])  # every batch of two, with replacement
    exact = np.cov(means.T, bias=True)
    found = noise_covariance(squared_gradient(weights, images, labels), 2)
    np.testing.assert_allclose(found, exact, atol=1e-12)
    moments = gradient_moments(weights, images, labels)
    np.testing.assert_allclose(moments.variance[upper(weights)] / 2, np.diag(exact), atol=1e-12)


def test_the_kurtosis_of_a_batch_is_that_over_all_batches():
    weights, images, labels = example(6, n=5)
    g, _ = by_torch(weights, images, labels)
    means = np.array([(g[a] + g[b] + g[c]) / 3 for a in range(5) for b in range(5) for c in range(5)])
    centred = means - means.mean(axis=0)
    variance = (centred**2).mean(axis=0)
    varies = variance > 1e-12
    exact = (centred[:, varies] ** 4).mean(axis=0) / variance[varies] ** 2 - 3
    found = excess_kurtosis(gradient_moments(weights, images, labels), 3)
    np.testing.assert_allclose(found[varies], exact, rtol=1e-6)
    assert np.isnan(found[~varies]).all()


def test_one_image_with_all_the_gradient_reaches_the_cap():
    weights, images, labels = example(n=1000, classes=2)
    weights = {name: np.zeros_like(w) for name, w in weights.items()}
    weights["b3"][:] = 40.0, -40.0
    labels = np.zeros(1000, int)
    labels[7] = 1
    found = excess_kurtosis(gradient_moments(weights, images, labels), 10)
    assert found[-2:] == pytest.approx(100, rel=0.01)  # N / B
    assert np.isnan(found[:-2]).all()  # no other parameter has a gradient


def test_a_gradient_equal_for_all_images_has_no_kurtosis():
    weights, images, _ = example(7)
    weights = {name: np.zeros_like(w) for name, w in weights.items()}
    moments = gradient_moments(weights, images, np.zeros(len(images), int))
    assert np.isnan(excess_kurtosis(moments)).all()
    assert moments.variance.max() < 1e-16
    assert moments.second[-1] == pytest.approx(1 / 9)


# --- T19: the Hessian


def test_the_last_layer_has_its_closed_form():
    weights, images, labels = example(8)
    hidden = np.maximum(images @ weights["W1"].T + weights["b1"], 0)
    hidden = np.maximum(hidden @ weights["W2"].T + weights["b2"], 0)
    logits = hidden @ weights["W3"].T + weights["b3"]
    p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    expected = np.einsum("nk,kl,ni,nj->kilj", p, np.eye(3), hidden, hidden)
    expected -= np.einsum("nk,nl,ni,nj->kilj", p, p, hidden, hidden)
    start = weights["W2"].size + weights["b2"].size
    found = hessian(weights, images, labels)[start : start + 9, start : start + 9]
    np.testing.assert_allclose(found, expected.reshape(9, 9) / len(images), atol=1e-12)


def test_the_hessian_is_the_difference_of_gradients():
    weights, images, labels = example(9)
    whole, step = hessian(weights, images, labels), 1e-6
    start = 0
    for name in NAMES[2:]:
        for i in range(weights[name].size):
            ends = []
            for sign in (1, -1):
                moved = {n: w.copy() for n, w in weights.items()}
                moved[name].flat[i] += sign * step
                ends.append(squared_gradient(moved, images, labels).mean)
            np.testing.assert_allclose(whole[start + i], (ends[0] - ends[1]) / (2 * step), atol=1e-7)
        start += weights[name].size


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 6), st.integers(1, 6), st.integers(2, 5), st.floats(0.1, 4))
def test_symmetry_and_sign(seed, h1, h2, classes, scale):
    weights, images, labels = example(seed, n=30, h1=h1, h2=h2, classes=classes, scale=scale)
    squared, curvature = squared_gradient(weights, images, labels), hessian(weights, images, labels)
    assert np.array_equal(squared.second, squared.second.T)
    assert np.array_equal(curvature, curvature.T)
    for whole in (squared.second, noise_covariance(squared, 7)):
        assert np.linalg.eigvalsh(whole).min() >= -1e-9 * np.abs(whole).max()
    diagonal = hessian_diagonal(weights, images, labels)
    assert diagonal.min() >= -1e-12 * np.abs(diagonal).max()
    np.testing.assert_allclose(diagonal[upper(weights)], np.diag(curvature), atol=1e-12 * max(1, diagonal.max()))


# --- near the end of training


def certain(margin):
    """A network whose right class wins by a margin, so that 1 - p is exp(-margin), and the curvature is known."""
    weights = {"W1": np.eye(2), "b1": np.zeros(2), "W2": np.eye(2), "b2": np.zeros(2)}
    weights |= {"W3": np.array([[margin, 0.0], [0.0, 1.0]]), "b3": np.zeros(2)}
    return weights, np.array([[1.0, 1e-30]]), np.array([0])


@pytest.mark.parametrize("margin", [5.0, 40.0, 300.0])
def test_near_certainty_keeps_its_digits(margin):
    # in double precision 1 - p is 0 from a margin of 37 on
    weights, images, labels = certain(margin)
    other = np.exp(-margin) / (1 + np.exp(-margin))
    squared = squared_gradient(weights, images, labels)
    assert squared.mean[-2:] == pytest.approx([-other, other], rel=1e-12, abs=0)
    assert squared.second[-2:, -2:].ravel() == pytest.approx(np.array([1, -1, -1, 1]) * other**2, rel=1e-12, abs=0)
    curved = other * (1 - other)
    whole = hessian(weights, images, labels)
    assert whole[-2:, -2:].ravel() == pytest.approx(np.array([1, -1, -1, 1]) * curved, rel=1e-12, abs=0)
    assert whole[0, 0] == pytest.approx(margin**2 * curved, rel=1e-12, abs=0)  # W2[0, 0] moves the winning logit
    assert whole[0, 6] == pytest.approx(margin * curved - other, rel=1e-11, abs=0)  # and W3[0, 0] with it
    assert whole[0, 8] == pytest.approx(other - margin * curved, rel=1e-12, abs=0)
    diagonal = hessian_diagonal(weights, images, labels)
    assert diagonal[0] == pytest.approx(margin**2 * curved, rel=1e-12, abs=0)
    assert first_layer_hessian(weights, images, labels, 0, 0)[0, 0] == pytest.approx(
        margin**2 * curved, rel=1e-12, abs=0
    )


def test_a_wrong_answer_that_is_nearly_certain_keeps_its_digits_too():
    weights, images, _ = certain(60.0)
    other = np.exp(-60)
    whole = hessian(weights, images, np.array([1]))
    assert whole[-2:, -2:].ravel() == pytest.approx(np.array([1, -1, -1, 1]) * other, rel=1e-12, abs=0)
    assert squared_gradient(weights, images, np.array([1])).mean[-2:] == pytest.approx([1, -1], rel=1e-12, abs=0)


# --- the network of the authors


@pytest.fixture(scope="module")
def anchor(reference):
    return {t: {name: reference[0][f"{name}_{t}"] for name in NAMES} for t in (37, 100)}


@pytest.mark.parametrize("step", [37, 100])
def test_the_anchor_against_torch_on_some_images(anchor, mnist_train, step):
    images, labels = mnist_train[0][:100].astype(np.float64), mnist_train[1][:100]
    vector = parameters(anchor[step])
    losses = loss(vector, anchor[step], images, labels)
    g = np.array([torch.autograd.grad(one, vector, retain_graph=True)[0].numpy() for one in losses])
    found = squared_gradient(anchor[step], images, labels)
    start = 50 * 785
    second = g[:, start:].T @ g[:, start:] / len(g)
    np.testing.assert_allclose(found.mean, g[:, start:].mean(axis=0), atol=1e-12)
    np.testing.assert_allclose(found.second, second, rtol=1e-8, atol=1e-13 * second.max())
    moments = gradient_moments(anchor[step], images, labels)
    for k, moment in enumerate(moments, start=1):
        np.testing.assert_allclose(moment, (g**k).mean(axis=0), rtol=1e-8, atol=1e-13 * np.abs(moment).max())
    whole, diagonal = hessian(anchor[step], images, labels), hessian_diagonal(anchor[step], images, labels)
    for row in (0, 777, 2499, 2520, 2551, 3000, 3059):
        expected = product(anchor[step], images, labels, start + row)
        np.testing.assert_allclose(whole[row], expected[start:], atol=1e-12)
        assert diagonal[start + row] == pytest.approx(expected[start + row], abs=1e-12)


# --- refusals


def test_what_does_not_fit_is_refused():
    weights, images, labels = example()
    calls = (squared_gradient, hessian, hessian_diagonal, gradient_moments)
    bad = weights | {"W2": weights["W2"][:, 1:]}
    diverged = weights | {"b2": weights["b2"] * np.nan}
    without = {name: w for name, w in weights.items() if name != "b1"}
    hole = images.copy()
    hole[3, 2] = np.inf
    for function in calls:
        for arguments, message in [
            ((bad, images, labels), "do not fit each other"),
            ((without, images, labels), "weights lack b1"),
            ((diverged, images, labels), "b2 holds NaN"),
            ((weights, images[:, 1:], labels), "rows? of 5 pixels"),
            ((weights, images[:0], labels[:0]), "at least one row"),
            ((weights, hole, labels), "images hold NaN"),
            ((weights, images, labels[1:]), "labels have shape"),
            ((weights, images, labels + 0.5), "whole"),
            ((weights, images, labels + 1), "give the classes 0 to 2"),
            ((weights, images, labels - 1), "give the classes 0 to 2"),
        ]:
            with pytest.raises(UsageError, match=message):
                function(*arguments)


def test_a_matrix_that_would_not_fit_is_refused_before_it_is_made(monkeypatch):
    weights, images, labels = example()
    monkeypatch.setattr(passes, "LARGEST", 26)
    for function in (squared_gradient, hessian):
        with pytest.raises(UsageError, match="27 parameters; a matrix over their pairs is made up to 26"):
            function(weights, images, labels)
    assert hessian_diagonal(weights, images, labels).size == 51


@pytest.mark.parametrize("size", [0, -3, 2.5, np.nan, True, "all"])
def test_a_batch_has_a_whole_number_of_images(size):
    with pytest.raises(UsageError, match="batch_size is"):
        noise_covariance(SquaredGradient(np.zeros(2), np.eye(2)), size)
    with pytest.raises(UsageError, match="batch_size is"):
        excess_kurtosis(gradient_moments(*example()), size)


@pytest.mark.parametrize("neuron", [-1, 4, 1.5])
def test_a_block_of_layer_1_needs_its_neurons(neuron):
    for function in (first_layer_block, first_layer_hessian):
        with pytest.raises(UsageError, match=r"a neuron is .* >= 0 and <= 3"):
            function(*example(), 0, neuron)
