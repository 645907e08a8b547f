"""Made-up images, as the manifold explorer takes them: three digits that part as training goes on."""

import numpy as np

from critnet.explore.widgets.manifold import ManifoldExplorer

T = np.array([0, 1, 10, 100, 1000, 30_000, 100_000])
LABELS = np.repeat([0, 3, 7], 20)
_CENTRES = np.array([[1.0, 0, 0], [0, 1.0, 0], [0, 0, 1.0]])
_NOISE = np.random.default_rng(0).normal(0, 0.3, (3, LABELS.size))
PLACES = np.stack([k / 3 * np.repeat(_CENTRES, 20, axis=1) + _NOISE for k in range(len(T))])
CIRCUITS, OUTPUTS = np.geomspace(0.2, 1.1, len(T)), np.geomspace(0.18, 2.9, len(T))
HUES = [f"#{30 + 20 * k:02x}40{230 - 20 * k:02x}" for k in range(10)]


def explorer(**change):
    given = {
        "t": T,
        "places": PLACES,
        "labels": LABELS,
        "circuits": CIRCUITS,
        "outputs": OUTPUTS,
        "hues": HUES,
        "paper": 40_000,
        "found": (20_000, 25_000),
        "name": "manifold-1",
        "caption": "Made-up <i>images</i>.",
        "words": "Words instead.",
        "picture": np.full((20, 40, 4), 255, np.uint8),
    } | change
    return ManifoldExplorer(**given)
