"""Squared gradient and Hessian of layers 2 and 3, 60000 images, against torch.func image by image and row by row.

CPU time. What S costs at h = 50 can be counted. The peer multiplies 3060 gradients with one another: 9.4 million
multiplications an image (half of that, were the symmetry used). We multiply 1275 pairs of deltas with 1326 pairs of
inputs in layer 2, 55 with 1326 in layer 3, and 500 with 2601 between them: 3.06 million, after 7083 that make the pairs
(57 kB in double precision, used while they are in the cache). Where all products run equally fast that makes us 3.06
times as fast; our pass through layer 1 and the matrix at the end take some of it, the peer's gradients give it back.
Eight times is out of reach of this structure: single precision would double 3.06 and give up nine digits of what is
called exact, and the zeros of ReLU, about half of each factor, differ from image to image: in blocks of 256 images
sorted by digit 2.98 million multiplications are left, of 128 images in 80 clusters of like patterns 2.70 million
(measured on 20 000 images with the network that fig5.nc holds).
"""

import time

import numpy as np
import torch

from benchmarks import contest
from critnet.training.mlp import init_weights
from critnet.weights.gradients import squared_gradient
from critnet.weights.hessian import hessian

IMAGES, CHUNK = 60_000, 500
UPPER = ("W2", "b2", "W3", "b3")


def cases():
    """Functions of the device name, one a case, each giving a list of results."""
    return [second_moment, curvature]


def second_moment(device):
    """S over 3060 parameters, seconds per image. The peer makes the gradient of each image, then the same product."""
    weights, images, labels = network()
    upper, x, y = tensors(weights, images, labels)
    each = torch.func.vmap(torch.func.grad(loss), (None, 0, 0))

    def ours():
        squared_gradient(weights, images, labels)
        return IMAGES

    def peer(n=4 * CHUNK):
        total = torch.zeros(3060, 3060, dtype=torch.float64)
        for s in range(0, n, CHUNK):
            parts = each(upper, x[s : s + CHUNK, None], y[s : s + CHUNK, None])
            g = torch.cat([parts[name].reshape(len(parts[name]), -1) for name in UPPER], dim=1)
            total.addmm_(g.T, g)
        return n if total.isfinite().all() else 0

    parts = each(upper, x[:CHUNK, None], y[:CHUNK, None])
    g = torch.cat([parts[name].reshape(CHUNK, -1) for name in UPPER], dim=1).numpy()
    found = squared_gradient(weights, images[:CHUNK], labels[:CHUNK])
    np.testing.assert_allclose(found.second, g.T @ g / CHUNK, rtol=1e-9, atol=1e-15)  # the same work
    contestants = {"critnet": ours, "torch.func, gradients of single images": peer}
    return contest("squared gradient, one image of 60000", contestants, 3, device, time.process_time)


def curvature(device):
    """H over 3060 parameters; seconds are per row. The peer makes a row with one Hessian-vector product."""
    weights, images, labels = network()
    upper, x, y = tensors(weights, images, labels)
    gradient = torch.func.grad(loss)

    def row(i):
        along = dict(zip(UPPER, torch.split(torch.eye(3060, dtype=torch.float64)[i], sizes(upper)), strict=True))
        along = {name: along[name].reshape(upper[name].shape) for name in UPPER}
        out = torch.func.jvp(lambda p: gradient(p, x, y), (upper,), (along,))[1]
        return torch.cat([out[name].ravel() for name in UPPER]).numpy()

    def ours():
        hessian(weights, images, labels)
        return 3060

    def peer():
        for i in (7, 2700):
            row(i)
        return 2

    found = hessian(weights, images, labels)
    for i in (7, 2501, 2700, 3059):
        np.testing.assert_allclose(found[i], row(i), rtol=1e-9, atol=1e-15)  # the same work
    contestants = {"critnet": ours, "torch.func, Hessian-vector products": peer}
    return contest("Hessian, one of 3060 rows, 60000 images", contestants, 3, device, time.process_time)


def network():
    """The paper's network and as many random images as MNIST has."""
    random = np.random.default_rng(0)
    return init_weights(50), random.standard_normal((IMAGES, 784)).astype(np.float32), random.integers(0, 10, IMAGES)


def tensors(weights, images, labels):
    """Layers 2 and 3 in double precision, and what layer 1 makes of the images: its derivatives are not asked for."""
    w = {name: torch.as_tensor(array).double() for name, array in weights.items()}
    hidden = torch.relu(torch.as_tensor(images).double() @ w["W1"].T + w["b1"])
    return {name: w[name] for name in UPPER}, hidden, torch.as_tensor(labels)


def sizes(upper):
    return [upper[name].numel() for name in UPPER]


def loss(upper, hidden, labels):
    """Mean loss of images, from the activity of layer 1 on."""
    second = torch.relu(hidden @ upper["W2"].T + upper["b2"])
    return torch.nn.functional.cross_entropy(second @ upper["W3"].T + upper["b3"], labels)
