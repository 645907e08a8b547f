"""A small network made by hand: five and four hidden neurons, three stored images of each digit."""

import numpy as np

from critnet.explore.widgets.circuit import CircuitExplorer

HELD = "neuron=2&hold="
NEEDS = {
    "hold": "neuron=2",
    "level": f"{HELD}value",
    "other": f"{HELD}image",
    "othernumber": f"{HELD}image",
    "count": "graph=strongest",
    "stage": "graph=searched",
    "outputs": "graph=some&digit=1",
}


def explorer(**change):
    random = np.random.default_rng(1)
    shapes = {"W1": (5, 784), "b1": 5, "W2": (4, 5), "b2": 4, "W3": (10, 4), "b3": 10}
    ink = random.integers(0, 256, (30, 28, 28)) * (random.random((30, 28, 28)) < 0.2)
    given = {
        "weights": {name: random.standard_normal(shape) for name, shape in shapes.items()},
        "images": ink.astype(np.uint8),
        "labels": np.repeat(np.arange(10), 3),
        "graphs": {
            "searched": {"grown": [[1, 0, 0], [2, 0, 1], [2, 2, 1]], "pruned": [[2, 2, 1]]},
            "some": [[1, 0, 0], [1, 1, 0], [1, 2, 1], [2, 0, 1], [2, 1, 9]],
        },
        "name": "circuit-1",
        "count": 20,
        "caption": "A <i>network</i>.",
        "words": "A network in words.",
        "picture": np.full((40, 60, 4), 99, np.uint8),
    }
    return CircuitExplorer(**(given | change))
