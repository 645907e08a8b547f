"""Losses at all points of a plane of networks, at a small part of the price of a forward pass each.

What lies below the lowest layer that a direction touches is computed once, and the input of that layer is linear in the
steps a and b. In the upper layers only the neurons that a direction touches move. Where the two directions touch
different ones, each logit is a sum of a term of a and a term of b; so the losses of a sample at all points take one
small matrix product. Arrays have one sample a column.
"""

from typing import NamedTuple

import numpy as np

SAMPLES, PRODUCT_VALUES = 2000, 2_000_000  # of one share: so that its arrays stay in the processor's cache
LARGEST_EXPONENT = 80.0  # e^80, ten times over, is within float32
NEGLIGIBLE = 1e-30


class Part(NamedTuple):
    """A network, or a direction among networks, by layers: W (n_out, n_in) and b (n_out,)."""

    W1: np.ndarray
    b1: np.ndarray
    W2: np.ndarray
    b2: np.ndarray
    W3: np.ndarray
    b3: np.ndarray

    def moved(self, step, direction):
        """The network `step` away in a direction."""
        return Part(*(w + w.dtype.type(step) * d for w, d in zip(self, direction, strict=True)))

    def touches_inputs(self):
        """Whether a direction changes the first layer."""
        return self.W1.any() or self.b1.any()


def summed_losses(net, images, labels, first, second, steps):
    """Losses summed over the samples, shape (n, n), at net + steps[i] first + steps[j] second.

    Only if `first` touches the first layer may `second`; images (n_samples, n_pixels), all of one float type.
    """
    nothing, none = Part(*map(np.zeros_like, net)), steps[:1] * 0
    total = np.zeros((steps.size, steps.size))
    for start in range(0, len(labels), SAMPLES):
        x, y = images[start : start + SAMPLES].T, labels[start : start + SAMPLES]
        z = net.W1 @ x + net.b1[:, None]
        if not first.touches_inputs():  # then second does not either
            total += _upper(np.maximum(z, 0), y, net, first, second, steps, steps)
            continue
        u = first.W1 @ x + first.b1[:, None]
        v = second.W1 @ x + second.b1[:, None] if second.touches_inputs() else None
        for i, a in enumerate(steps):
            here = net.moved(a, first)
            if v is None:
                total[i] += _upper(np.maximum(z + a * u, 0), y, here, nothing, second, none, steps)[0]
                continue
            for j, b in enumerate(steps):
                hidden = np.maximum(z + a * u + b * v, 0)
                total[i, j] += _upper(hidden, y, here.moved(b, second), nothing, nothing, none, none)[0, 0]
    return total


def _upper(hidden, labels, net, first, second, steps_a, steps_b):
    """Summed losses, shape (n_a, n_b), where only the layers above `hidden` change; hidden (h, n_samples)."""
    if steps_b.size > 1 and not any(part.any() for part in second[2:]):
        return np.repeat(_upper(hidden, labels, net, first, second, steps_a, steps_b[:1]), steps_b.size, axis=1)
    enters = [d.W2.any(axis=1) | (d.b2 != 0) for d in (first, second)]
    leaves = [d.W3.any(axis=0) for d in (first, second)]
    moving = enters[0] | enters[1]
    z, u, v = (d.W2[moving] @ hidden + d.b2[moving, None] for d in (net, first, second))
    fixed = np.maximum(net.W2[~moving] @ hidden + net.b2[~moving, None], 0)
    logits = [d.W3[:, ~moving] @ fixed + d.b3[:, None] for d in (net, first, second)]
    out = [d.W3[:, moving] for d in (net, first, second)]
    plane = (logits, (z, u, v), out, labels)
    if steps_a.size == 1 or (moving & (enters[0] | leaves[0]) & (enters[1] | leaves[1])).any():
        return _point_by_point(*plane, steps_a, steps_b)
    return _as_products(*plane, steps_a, steps_b)


def _point_by_point(logits, inputs, out, labels, steps_a, steps_b):
    (c, p, q), (z, u, v), (W, U, V) = logits, inputs, out
    if len(z) == 1 and not (p.any() or q.any() or U.any() or V.any()):
        return _one_neuron(c, z[0], u[0], v[0], W[:, 0], labels, steps_a, steps_b)
    total = np.empty((steps_a.size, steps_b.size))
    for i, a in enumerate(steps_a):
        c_a, z_a, W_a = c + a * p, z + a * u, W + a * U
        for j, b in enumerate(steps_b):
            x = (W_a + b * V) @ np.maximum(z_a + b * v, 0)
            x += c_a + b * q
            total[i, j] = cross_entropy(x, labels).sum(dtype=np.float64)
    return total


def _one_neuron(c, z, u, v, w, labels, steps_a, steps_b):
    """The two directions move the input z of one neuron with output weights w."""
    samples = np.arange(labels.size)
    above, weight = c - c[labels, samples], w[:, None] - w[labels]  # over the logit of the right class
    above[labels, samples] = -np.inf  # which e^ takes out of the sum of the others
    total, x = np.empty((steps_a.size, steps_b.size)), np.empty_like(above)
    for i, a in enumerate(steps_a):
        z_a = z + a * u
        for j, b in enumerate(steps_b):
            active = np.maximum(z_a + b * v, 0)
            np.multiply(weight, active, out=x)
            x += above
            total[i, j] = _of_others(x).sum(dtype=np.float64)
    return total


def _as_products(logits, inputs, out, labels, steps_a, steps_b):
    """As point by point, where the logits are a sum of a term of a and a term of b."""
    (c, p, q), (z, u, v), (W, U, V) = logits, inputs, out
    start, samples = W @ np.maximum(z, 0), np.arange(labels.size)

    def terms(steps, p, u, U):  # (steps, classes, samples), above the logit of the right class
        change = np.stack([s * p + (W + s * U) @ np.maximum(z + s * u, 0) - start for s in steps])
        return change - change[:, labels, samples][:, None]

    base = c + start
    by_a, by_b = terms(steps_a, p, u, U) + base - base[labels, samples], terms(steps_b, q, v, V)
    safe = (by_a.max(axis=(0, 1)) < LARGEST_EXPONENT / 2) & (by_b.max(axis=(0, 1)) < LARGEST_EXPONENT / 2)
    total = np.zeros((steps_a.size, steps_b.size))
    if not safe.all():
        far = ~safe
        c_far, z_far = ([x[..., far] for x in triple] for triple in (logits, inputs))
        total += _point_by_point(c_far, z_far, out, labels[far], steps_a, steps_b)
    left, right = (np.exp(x[..., safe]) for x in (by_a, by_b))
    left[:, labels[safe], np.arange(safe.sum())] = 0
    for x in (left, right):
        x[x < NEGLIGIBLE] = 0  # denormal numbers are slow; no loss changes by more than 1e-15
    left, right = np.ascontiguousarray(left.transpose(2, 0, 1)), np.ascontiguousarray(right.transpose(2, 1, 0))
    block = max(1, PRODUCT_VALUES // total.size)
    for first in range(0, len(left), block):
        others = left[first : first + block] @ right[first : first + block]  # (samples, a, b): sum of e^(logit - own)
        total += np.log1p(others, out=others).sum(axis=0, dtype=np.float64)
    return total


def cross_entropy(logits, labels):
    """Loss of each sample, without rounding where it is tiny or large; logits (classes, n_samples)."""
    samples = np.arange(labels.size)
    above = logits - logits[labels, samples]
    above[labels, samples] = -np.inf
    return _of_others(above)


def _of_others(above):
    """ln(1 + sum of e^above), a column each."""
    with np.errstate(over="ignore"):
        losses = np.log1p(np.exp(above).sum(axis=0))
    for i in np.flatnonzero(losses == np.inf):
        largest = above[:, i].max()
        losses[i] = largest + np.log(np.exp(-largest) + np.exp(above[:, i] - largest).sum())
    return losses
