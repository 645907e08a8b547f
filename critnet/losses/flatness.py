"""How wide a minimum is along a direction: how far one may go until the loss has risen by so much."""

import numpy as np

from critnet import checks
from critnet.errors import UsageError

RISE = 0.1  # nats
FIRST_STEP = 0.01
LARGEST = 1e4
HALVINGS = 20


def flatness(loss, directions, *, rise=RISE):
    """Width of the interval around a network in which the loss stays below its value there plus `rise`.

    From the network outwards the step doubles until the loss has risen by `rise`; the place is then found by halving.
    So it is the first crossing up to the resolution of the doubling, not the last one. A loss that is no number has
    risen.

    Parameters
    ----------
    loss : function of a displacement, array (n_parameters,), to a loss in nats
        At the displacement 0 it gives the loss of the network.
    directions : array, shape (n, n_parameters), finite, of any length: distances are in multiples of them
    rise : float > 0, nats

    Returns
    -------
    float64 array, shape (n, 2): distance to the crossing in the sense of the direction and against it, good to 1e-6 of
    its value; infinite where the loss has not risen at a distance of 1e4. Their sum is the flatness F.

    Raises
    ------
    UsageError
        If rise is not above 0, directions are no finite matrix, or the loss of the network is not finite.

    Source: Feng & Tu, PNAS 118 (2021); METHODS D47 and section 11.

    >>> bowl = lambda w: 0.05 * (w[0] ** 2 + 4 * w[1] ** 2)
    >>> flatness(bowl, np.eye(3)).round(4).tolist()
    [[1.4142, 1.4142], [0.7071, 0.7071], [inf, inf]]
    """
    directions = checks.array("directions", directions)
    rise = checks.number("rise", rise, above=0)
    if directions.ndim != 2 or not np.isfinite(directions).all():
        raise UsageError(f"directions have shape {directions.shape}; give a finite matrix, one direction a row")
    level = float(loss(np.zeros(directions.shape[1]))) + rise
    if not np.isfinite(level):
        raise UsageError(f"the loss of the network is {level - rise}; give a network that has not diverged")
    return np.array([[_crossing(loss, s * d, level) for s in (1, -1)] for d in directions]).reshape(-1, 2)


def _crossing(loss, direction, level):
    low, high = 0.0, FIRST_STEP
    while loss(high * direction) < level:
        low, high = high, 2 * high
        if high > LARGEST:
            return np.inf
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if loss(middle * direction) < level else (low, middle)
    return (low + high) / 2
