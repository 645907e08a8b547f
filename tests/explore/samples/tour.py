"""A made-up step of the tour: three iterations of a graph of four neurons."""

import numpy as np

from critnet.explore.widgets.base import text_of
from critnet.explore.widgets.tour import TourStep

DATA = {
    "places": [[-0.5, -0.5], [0.5, -0.5], [0.5, 0.5], [-0.5, 0.5]],
    "edges": text_of([1, 1, -3, 6, 2], "<i2"),
    "counts": [1, 3, 1],
}


def explorer(**change):
    given = {
        "kind": "graph",
        "question": "When is it <i>largest</i>?",
        "control": "t",
        "label": "iteration t",
        "values": [0, 10, 200_000],
        "facts": [f"At t = {t} there are {n} edges." for t, n in zip((0, 10, 200_000), DATA["counts"], strict=True)],
        "answers": [f"At t = 10, of 3 edges; here are {n}." for n in DATA["counts"]],
        "data": DATA,
        "name": "tour-1",
        "caption": "Made-up <i>neurons</i>.",
        "words": "Words instead.",
        "picture": np.full((20, 40, 4), 255, np.uint8),
    } | change
    return TourStep(**given)
