"""What Fig. 2a reads of one snapshot: planes through the loss landscape around it, and numbers that describe them."""

import numpy as np

from critnet.errors import DataError
from critnet.losses.landscapes import (
    batch_surface,
    directions_within,
    flat_fraction,
    mean_surface,
    roughness,
    ruggedness,
    single_weight,
)
from critnet.weights.connections import critical_connections, matched_complement

PLANES = ("critical, critical", "critical, non-critical", "non-critical, non-critical")
KINDS = ("single weights", "sets")
SAMPLINGS = ("independent", "common")
NUMBERS = ("centre", "largest", "flat fraction", "ruggedness")  # of a mean surface
BATCH = 64
PIXEL = 200  # place of the non-critical weight as coded: from pixel 200 to the first neuron


def directions(weights, correlation, random):
    """Pairs of directions: kind to three pairs, in the order of PLANES; METHODS D24.

    Single weights, as coded: the critical connections pcs[0] and pcs[5] at the end of training, and the weight 200 of
    the first layer. In the third plane the program moves weight 200 twice and the second move wins, so that nothing
    changes along the first axis. Sets, the control: random directions within the critical connections, and within the
    other weights of the same two layers.

    Raises
    ------
    DataError
        If fewer than six connections are critical, so that there is no pcs[5].
    """
    hidden = len(weights["b1"])
    coded = critical_connections(correlation, definition="as-coded")
    critical = critical_connections(correlation, definition="control")
    if coded.size < 6 or critical.size < 2:
        raise DataError(f"{coded.size} connections are critical at the end, too few for Fig. 2a, which takes the sixth")
    first, sixth, pixel = (single_weight(p, weights) for p in (coded[0], coded[5], PIXEL))
    c = directions_within(critical, weights, random, 2)
    n = directions_within(matched_complement(critical, hidden), weights, random, 2)
    return {
        KINDS[0]: [(first, sixth), (first, pixel), (np.zeros_like(pixel), pixel)],
        KINDS[1]: [(c[0], c[1]), (c[0], n[0]), (n[0], n[1])],
    }


def surfaces(weights, images, labels, pair, steps, random):
    """Mean surface (n, n) and batch surfaces (sampling, n, n) of one plane."""
    first, second = pair
    mean = mean_surface(weights, images, labels, first, second, steps)
    batches = [
        batch_surface(weights, images, labels, first, second, steps, BATCH, random, common=s == "common")
        for s in SAMPLINGS
    ]
    return mean, np.array(batches)


def numbers(mean, batches):
    """NUMBERS of the mean surface; roughness and ruggedness of each batch surface, shape (sampling, 2)."""
    middle = len(mean) // 2
    return (
        [mean[middle, middle], mean.max(), flat_fraction(mean), ruggedness(mean)],
        [[roughness(b, mean), ruggedness(b)] for b in batches],
    )
