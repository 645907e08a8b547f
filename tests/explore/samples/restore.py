"""A made-up network, as the restore explorer takes it: small, with weights that were another sine before."""

import numpy as np

from critnet.explore.widgets.restore import STEPS, Band, RestoreExplorer, Set, rounded
from critnet.paper.fig4 import restore_explorer as paper

FIRST, SECOND, OUTPUTS, N = 6, 5, 4, 80
N_WEIGHTS = FIRST * SECOND + SECOND * OUTPUTS


def wave(*shape, pace):
    return np.sin(pace * np.arange(1, np.prod(shape) + 1)).reshape(shape).astype(np.float32)


FINAL = {
    "W2": 2 * wave(SECOND, FIRST, pace=1.7), "b2": wave(SECOND, pace=0.3),
    "W3": 3 * wave(OUTPUTS, SECOND, pace=2.3), "b3": wave(OUTPUTS, pace=0.9),
}  # fmt: skip
EARLY = {"W2": wave(SECOND, FIRST, pace=0.7), "W3": wave(OUTPUTS, SECOND, pace=1.1)}
ACTIVITY = rounded(np.maximum(wave(N, FIRST, pace=12.9898), 0).astype(float))
LABELS = np.arange(N) % OUTPUTS
PLACES = {"redundant": np.array([33, 3, 7, 11, 20, 41]), "critical": np.array([0, 1, 48, 2])}
RANDOM = [np.array([4, 5, 9, 31, 40, 28]), np.array([12, 14, 44, 6, 49, 19])]


def course(places):
    return paper.course(FINAL, EARLY, places, ACTIVITY, LABELS)


def band():
    means, above = (np.array([course(places)[k] for places in RANDOM]) for k in (0, 1))
    return Band(np.array([means.min(0), means.max(0)]), np.array([above.min(0), above.max(0)]))


SETS = {label: Set(places, course(places)[0], "all") for label, places in PLACES.items()}


def explorer(**change):
    given = {
        "sets": SETS,
        "bands": {"all": band()},
        "critical": PLACES["critical"],
        "redundant": PLACES["redundant"],
        "levels": paper.LEVELS,
        "name": "restore-1",
        "level": 0.5,
        "caption": "A made-up <i>network</i>.",
        "words": "Words instead.",
        "picture": np.full((20, 40, 4), 255, np.uint8),
    } | change
    arguments = [given.pop(key, value) for key, value in zip(
        ("final", "early", "activity", "labels"), (FINAL, EARLY, ACTIVITY, LABELS), strict=True)]  # fmt: skip
    return RestoreExplorer(*arguments, **given)


assert len(SETS["critical"].mean) == STEPS + 1
