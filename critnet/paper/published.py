"""Numbers and conventions of the paper that more than one figure uses."""

DEFINITIONS = ("as-coded", "control")
TRANSITION, LAST = 100, 200_000  # iterations
PEAK = 37  # iteration of the dashed line in Fig. 1b
SHIFT = 40_000  # section 2.2: the entropy change shifts, and entropy takes over
LOSS_THRESHOLD = 5e-3  # b of Delta S, nats
BOUNDARY = CURVATURE, VERTEX, MINIMUM = 0.5, -7.7, 2.5  # of the phase diagram, ln h against ln gamma (D27b)


def neurons(hidden):
    """M = 2 h + 10: both hidden layers and the outputs (METHODS, conventions).

    >>> neurons(50)
    110
    """
    return 2 * hidden + 10
