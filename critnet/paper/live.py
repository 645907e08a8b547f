"""A short training that a reader can start: the first iterations, with the correlations measured on the way."""

import functools
import os

import numpy as np
import pandas as pd

from critnet.errors import UsageError
from critnet.explore import Drawing, NoMatch
from critnet.neurons.activity import correlation, forward
from critnet.neurons.graphs import survival_probability, total_correlation_strength
from critnet.paper import style

PROBE = 4000  # training images on which the correlations are measured


@functools.lru_cache(maxsize=1)
def _digits():
    from critnet.training import datasets

    return datasets.any_digits(download=os.environ.get("CRITNET_STATIC", "") in ("", "0"))


@functools.lru_cache(maxsize=8)
def _first_iterations(hidden, learning_rate, batch_size, seed, steps):
    import torch

    from critnet.training.config import RunConfig
    from critnet.training.mlp import init_weights, stream
    from critnet.training.sgd import Samples, Stack, Step

    config, digits = RunConfig(hidden, learning_rate, batch_size, steps, seed=seed), _digits()
    samples, test = (
        Samples(x, y) for x, y in ((digits.images, digits.labels), (digits.test_images, digits.test_labels))
    )
    stack = Stack([init_weights(hidden, config.init, seed)])
    step, random = Step(stack, samples, batch_size, [learning_rate]), stream(seed, "order")
    order, rows, losses = np.zeros(0, np.int64), [], []
    looks = sorted({*range(min(20, steps)), *range(20, steps, 5 if steps <= 100 else 10), steps})
    for t, following in zip(looks, [*looks[1:], steps + 1], strict=True):
        measured = _correlation(stack.weights(0), digits.images[:PROBE])
        if measured is None:
            rows.append((t, np.nan, np.nan, np.nan))
        else:
            strength = total_correlation_strength(measured)
            survival = survival_probability(measured, 0.5, definition="as-coded")
            rows.append((t, strength, survival, stack.evaluate(test, 0)[1]))
        for _ in range(following - t):
            if len(order) < batch_size:
                order = random.permutation(len(samples))
            index, order = order[:batch_size], order[batch_size:]
            losses.append(step.run(torch.as_tensor(index[None]))[0, 0])
    table = pd.DataFrame(rows, columns=["t", "strength", "survival_probability", "test_accuracy"])
    table["batch_loss"] = np.array(losses)[table["t"]]
    return table, np.array(losses), digits.source


def _correlation(weights, images):
    """Correlations as coded, or None where the network has diverged."""
    try:
        return correlation(forward(weights, images), definition="as-coded")
    except UsageError:  # a weight or an activity that is not finite
        return None


def first_iterations(*, hidden=50, learning_rate=0.1, batch_size=64, seed=0, steps=500):
    """Train for the first iterations, here and now, and draw loss, accuracy and correlation strength.

    Uses MNIST where there is a copy (or, in a live kernel, a network), else scikit-learn's small digits; the figure
    says which. Takes a few seconds.
    """
    try:
        table, losses, source = _first_iterations(hidden, learning_rate, batch_size, seed, steps)
    except ModuleNotFoundError as e:
        raise NoMatch(f"Training needs {e.name}: pip install 'critnet[train]'.") from e
    c, M = style.colours(), 2 * hidden + 10
    data = "MNIST" if source.startswith("MNIST") else "scikit-learn's small digits, not MNIST"
    figure, (left, right) = style.subplots(1, 2, figsize=(7.6, 3.5))
    left.plot(losses, color=c.faint, lw=0.6, label="mini-batch loss (nats)")
    left.plot(table["t"], table["test_accuracy"], color=c.quantities[2], label="test accuracy")
    left.set(
        xlabel="iteration t",
        title=f"trained on {data}",
        xlim=(0, steps),
        ylim=(0, np.nanmin([max(2.6, np.nanmax(losses)), 6])),
    )
    left.legend(loc="upper right")
    right.plot(table["t"], table["strength"] / M, color=c.as_coded, label="strength / M")
    right.plot(table["t"], table["survival_probability"] * M, color=c.quantities[1], label="survival probability x M")
    known = table["strength"].notna().any()
    peak = int(table["t"][table["strength"].idxmax()]) if known else None
    right.axvline(37, color=c.ink, lw=0.9, ls="--", label="paper's own network: 37")
    right.set(
        xlabel="iteration t",
        xlim=(0, steps),
        ylim=(0, None),
        title=f"peak at t = {peak}" if known else "diverged",
    )
    right.legend(loc="lower right")
    final = table.iloc[-1]
    alt = (
        f"Trained on {data}: h = {hidden}, learning rate {learning_rate:g}, batch size {batch_size}. After {steps} "
        f"iterations the test accuracy is {final['test_accuracy']:.3f}; the correlation strength "
        + (
            f"is largest at t = {peak}, {table['strength'].max() / M:.2f} times the number of neurons."
            if known
            else "was never finite."
        )
    )
    return Drawing(figure, alt, table)
