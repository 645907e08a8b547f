"""Correlations made by hand, as the redistribution explorer takes them."""

import numpy as np

from critnet.explore.widgets.redistribution import RedistributionExplorer

N_NEURONS = 110
_FACTOR = np.sin(np.outer(np.arange(1, N_NEURONS + 1), [1.0, 2.5, 7.1]))
_FACTOR /= np.linalg.norm(_FACTOR, axis=1, keepdims=True)
STRENGTH = np.abs(_FACTOR @ _FACTOR.T)[np.triu_indices(N_NEURONS, 1)]


def explorer(**change):
    given = {
        "strength": STRENGTH,
        "name": "redistribution-1",
        "caption": "Made-up <i>correlations</i>.",
        "words": "Words instead.",
        "picture": np.full((20, 40, 4), 255, np.uint8),
    }
    return RedistributionExplorer(**(given | change))
