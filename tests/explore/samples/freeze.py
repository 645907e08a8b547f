"""Made-up circuits of three edges, as the freeze explorer takes them: weights that grow, correlations that come."""

import numpy as np

from critnet.circuits.coupling import energy
from critnet.explore.widgets.freeze import FreezeExplorer

T = np.unique(np.r_[0, 100, 10_000, np.rint(np.geomspace(1, 2e5, 50))].astype(int))
_U = np.log1p(T)
WEIGHT = {
    "0": np.stack([0.2 + 0.1 * _U, -0.1 - 0.05 * _U, 0.3 + 0.02 * np.sin(_U)], axis=1),
    "7": np.stack([0.1 + 0.002 * _U**2, 0.5 + 0 * _U], axis=1),
}
MOMENT = {
    "0": np.stack([np.tanh(_U / 4), -0.5 * np.tanh(_U / 6), 0.1 + 0.05 * np.cos(_U)], axis=1),
    "7": np.stack([0.2 + 0.1 * _U, 0.3 * np.sin(_U / 3)], axis=1),
}
TABLES = {label: energy(WEIGHT[label][:, None], MOMENT[label][None]) for label in WEIGHT}
TOTALS = {label: np.abs(WEIGHT[label]).sum(axis=1) for label in WEIGHT}


def explorer(**change):
    given = {
        "t": T,
        "tables": TABLES,
        "totals": TOTALS,
        "name": "freeze-1",
        "caption": "Made-up <i>circuits</i>.",
        "words": "Words instead.",
        "picture": np.full((20, 40, 4), 255, np.uint8),
    } | change
    return FreezeExplorer(**given)
