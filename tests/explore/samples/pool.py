"""Made-up circuits, as the pool explorer takes them: sizes that grow with the network, some of each kind larger."""

import numpy as np

from critnet.explore.widgets.pool import PoolExplorer

HIDDEN = np.repeat([5, 10, 20, 40, 100], [60, 30, 50, 30, 40])
N = HIDDEN.size
MOBILITY = np.array([-9.21, -7.5, -6.46, -4.004])[np.arange(N) % 4]
KINDS = {"guessing": np.arange(N) % 7 == 0, "untouched": np.arange(N) % 5 == 1, "constant": np.arange(N) % 11 == 3}
_WAVE = np.abs(np.sin(12.9898 * np.arange(1, N + 1)))
NEURONS = np.floor(1 + 0.3 * HIDDEN * _WAVE**2 + 9 * KINDS["untouched"] + 4 * KINDS["constant"]).astype(int)
NEURONS[KINDS["guessing"]] = 2
EDGES = np.floor((NEURONS - 1) * (1 + 4 * _WAVE)).astype(int)
NEURONS[MOBILITY == -4.004] += 3


def explorer(**change):
    given = {
        "hidden": HIDDEN,
        "log_mobility": MOBILITY,
        "neurons": NEURONS,
        "edges": EDGES,
        "kinds": KINDS,
        "name": "pool-1",
        "caption": "Made-up <i>circuits</i>.",
        "words": "Words instead.",
        "picture": np.full((20, 40, 4), 255, np.uint8),
    } | change
    return PoolExplorer(**given)
