"""Recording windows: stretches of consecutive iterations at which a few losses and weights are kept at every one.

Snapshots are far apart; correlations in time and the flux of single steps need neighbours. A window keeps the losses of
chosen training images and the parameters of layers 2 and 3 before each of its iterations, in files of its own beside
the parts of the run (critnet.training.runs). Training does not notice: the networks stay equal to the last bit.
"""

import hashlib
import itertools
from typing import NamedTuple

import numpy as np

from critnet.errors import UsageError

SPANS = ((0, 2000), (50_000, 51_000), (190_000, 191_000))
IMAGES_A_DIGIT = 600


class Windows(NamedTuple):
    """What is recorded: spans (first, last) of iterations, both ends in, in rising order; places of training images."""

    spans: tuple[tuple[int, int], ...]
    images: tuple[int, ...]

    def steps(self, last):
        """The recorded iterations up to `last`, in order.

        >>> Windows(((0, 2), (5, 9)), (0,)).steps(6)
        [0, 1, 2, 5, 6]
        """
        return [t for a, b in self.spans for t in range(a, min(b, last) + 1)]

    def as_dict(self):
        """How a run states its windows: the spans, and the number and a digest of the images."""
        places = np.asarray(self.images, np.int64)
        return {
            "spans": [list(span) for span in self.spans],
            "images": len(places),
            "digest": hashlib.sha256(places.astype("<i8").tobytes()).hexdigest()[:16],
        }


def recording_windows(labels, spans=SPANS, images_a_digit=IMAGES_A_DIGIT):
    """The windows of the anchor runs: the given spans, and the first images of each digit in the order of the file.

    Parameters
    ----------
    labels : int array, shape (n,), 0 to 9
        The labels as published, so that runs on permuted labels record the same images.
    spans : pairs (first, last) of iterations, both ends in, that rise and do not overlap
    images_a_digit : int >= 1; a digit with fewer images gives all it has

    Raises
    ------
    UsageError
        If a span is out of order, or images_a_digit is below 1.

    >>> recording_windows(np.array([1, 0, 1, 1, 0]), [(0, 3)], 2).images
    (0, 1, 2, 4)
    """
    ends = [int(t) for span in spans for t in span]
    if (
        not ends
        or ends[0] < 0
        or any(len(s) != 2 or s[0] > s[1] for s in spans)
        or sorted(set(ends[1::2])) != ends[1::2]
    ):
        raise UsageError(f"spans are {spans}; give pairs (first, last) of iterations from 0 on, in rising order")
    if any(b >= a for (_, b), (a, _) in itertools.pairwise(spans)):
        raise UsageError(f"spans are {spans}; they must not overlap")
    if images_a_digit < 1:
        raise UsageError(f"images_a_digit is {images_a_digit}; it must be at least 1")
    labels = np.asarray(labels)
    chosen = np.sort(np.concatenate([np.flatnonzero(labels == k)[:images_a_digit] for k in range(10)]))
    return Windows(tuple((int(a), int(b)) for a, b in spans), tuple(int(i) for i in chosen))
