"""Fluxes made by hand, as the stroboscope takes them: losses that stay in place, parameters that diffuse."""

import numpy as np

from critnet.explore.widgets.stroboscope import StroboscopeExplorer

INTERVALS = np.array([1, 2, 5, 10, 50, 100, 500])
FLASHES = np.array([0, 1, 5, 20, 50, 100, 500, 1000, 50_000])
PLACES = np.unique(np.geomspace(1, 200_001, 60).astype(int)) - 1
SEEDS = [0, 3]


def fluxes():
    late = np.exp(-np.sqrt(FLASHES / 500))[:, None]
    loss, weight = 0.3 * late / INTERVALS, 1e-4 * late * INTERVALS**-0.5
    return np.array([[loss, weight], [1.2 * loss, 0.9 * weight * INTERVALS**0.1]])


def courses():
    level = np.exp(-np.sqrt(PLACES / 500.0)) * (1 + 0.2 * np.sin(PLACES))
    one = np.array([level, level / 2, level * 2])
    return np.array([[0.3 * one, 1e-4 * one], [0.36 * one, 9e-5 * one]])


def explorer(**change):
    given = {
        "flux": fluxes(),
        "flashes": FLASHES,
        "intervals": INTERVALS,
        "courses": courses(),
        "places": PLACES,
        "seeds": SEEDS,
        "name": "stroboscope-1",
        "last": 1000,
        "caption": "Made-up <i>fluxes</i>.",
        "words": "Words instead.",
        "picture": np.full((20, 40, 4), 255, np.uint8),
    }
    return StroboscopeExplorer(**(given | change))
