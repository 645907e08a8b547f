"""A small correlation graph made by hand: six neurons in two layers and three outputs, at three iterations."""

import numpy as np

from critnet.explore.widgets.graph import GraphExplorer


def explorer(**change):
    random = np.random.default_rng(0)
    definitions = ("as-coded", "control")
    angles = 2 * np.pi * np.arange(9) / 9
    given = {
        "correlation": {key: random.integers(-32767, 32767, (3, 36)).astype(np.int16) for key in definitions},
        "iterations": [0, 8, 200_000],
        "layers": (3, 3, 3),
        "responses": {key: random.standard_normal((2, 9, 3)) for key in definitions},
        "stored": [0, 8],
        "places": 0.9 * np.column_stack([np.cos(angles), np.sin(angles)]),
        "t": 8,
        "peak": 8,
        "name": "graph-1",
        "caption": "A <i>graph</i>.",
        "words": "A graph in words.",
        "picture": np.full((40, 60, 4), 99, np.uint8),
    }
    return GraphExplorer(**(given | change))
