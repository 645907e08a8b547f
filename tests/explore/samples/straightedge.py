"""Made-up tails, as the straightedge takes them: whole numbers that fall off, and bins of a power law."""

import numpy as np

from critnet.explore.widgets.straightedge import Sample, StraightedgeExplorer

SIZES = np.arange(1, 60)
COUNTS = np.rint(3000 * SIZES**-1.3 * np.exp(-SIZES / 20)).astype(int)
EDGES = 10 ** (np.arange(-12, 41) / 24)
PARETO = np.rint(-1e4 * np.diff((EDGES / EDGES[0]) ** -1.2)).astype(int)
SAMPLES = {
    "sizes": Sample("sizes of things", "size (things)", SIZES[COUNTS > 0], COUNTS[COUNTS > 0], 1.5, (2, 20)),
    "pareto": Sample("a power law", "length (m)", EDGES, PARETO, 2.2, (0.5, None)),
    "plain": Sample("one without a paper", "length (m)", EDGES[:20], np.arange(19, 0, -1) * 40),
}


def explorer(**change):
    given = {
        "samples": SAMPLES,
        "whole": {"sizes"},
        "name": "straightedge-1",
        "caption": "Made-up <i>tails</i>.",
        "words": "Words instead.",
        "picture": np.full((20, 40, 4), 255, np.uint8),
    } | change
    return StraightedgeExplorer(**given)
