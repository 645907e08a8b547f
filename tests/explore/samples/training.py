"""Made-up digits, a bar for each, as the training explorer takes them; few, so that any run is done in one frame."""

import numpy as np

from critnet.explore.widgets.training import TrainingExplorer

NEEDS = {"rate": "t=6", "size": "t=6"}


def bars(n, seed):
    random, labels = np.random.default_rng(seed), np.arange(n) % 10
    levels = np.zeros((n, 784), int)
    for image, digit in zip(levels, labels, strict=True):
        image[70 * digit : 70 * digit + 40] = random.integers(4, 16, 40)
    return levels, labels


def explorer(**change):
    given = {
        "train": bars(40, 0),
        "test": bars(20, 1),
        "name": "training-1",
        "hidden": 10,
        "size": 16,
        "batches": (8, 16, 32),
        "iterations": 20,
        "caption": "Made-up <i>digits</i>.",
        "words": "Words instead.",
        "picture": np.full((20, 40, 4), 255, np.uint8),
    }
    return TrainingExplorer(**(given | change))
