"""The Langevin explorer, which needs no data."""

import numpy as np

from critnet.explore.widgets.langevin import LangevinExplorer


def explorer(**change):
    given = {
        "name": "langevin-1",
        "caption": "Two <i>weights</i>.",
        "words": "Words instead.",
        "picture": np.full((20, 40, 4), 255, np.uint8),
    }
    return LangevinExplorer(**(given | change))
