"""The straightedge: lay a line along a tail by hand, then see what a fit of the same stretch and its rivals say."""

from typing import NamedTuple

import numpy as np

from critnet.errors import UsageError
from critnet.explore.widgets.base import Explorer

PER_DECADE = 24
FEWEST = 50  # values that a law is fitted to
MOST = 4000  # cells of a sample


class Sample(NamedTuple):
    """Counted values, and what the paper reads off them.

    `values` are the whole numbers that occur, or n + 1 edges of n bins; `counts` how many values each holds. `exponent`
    is the paper's, of the density; `stretch` (lowest, highest or None) where it is read off. None: it gives none.
    `below`: how many more values lie below the first one shown.
    """

    label: str
    quantity: str
    values: np.ndarray
    counts: np.ndarray
    exponent: float | None = None
    stretch: tuple | None = None
    below: int = 0


def binned(values, per_decade=PER_DECADE):
    """Values in bins that are even in the logarithm: the edges 10^(k / per_decade) that hold all, and the counts.

    Twenty-four bins a decade move an exponent near 2 by less than a tenth of its standard error (held by a test), as
    the likelihood of bins assumes nothing of where in a bin a value lies.

    Raises
    ------
    UsageError
        If there is no value, or one is not finite and > 0.

    >>> edges, counts = binned([1.0, 1.5, 20.0], 1)
    >>> edges.tolist(), counts.tolist()
    ([1.0, 10.0, 100.0], [2, 1])
    """
    values = np.ravel(np.asarray(values, float))
    if per_decade != int(per_decade) or per_decade < 1:
        raise UsageError(f"per_decade is {per_decade}; give a whole number >= 1")
    if not values.size or not np.isfinite(values).all() or values.min() <= 0:
        raise UsageError("values must be finite and > 0, at least one of them; leave zeros out, and say so")
    place = np.floor(np.log10(values) * per_decade + 1e-9).astype(int)
    low, high = place.min(), place.max()
    return 10 ** (np.arange(low, high + 2) / per_decade), np.bincount(place - low)


def upper(edges, counts, decades):
    """The bins within some decades below the largest value: their edges and counts, and how many values lie below.

    >>> edges, counts, below = upper([1e-3, 1e-2, 0.1, 1.0, 10.0], [5, 4, 3, 0], 2)
    >>> edges.tolist(), counts.tolist(), below
    ([0.01, 0.1, 1.0], [4, 3], 5)
    """
    edges, counts = np.asarray(edges, float), np.asarray(counts)
    last = int(np.flatnonzero(counts)[-1])
    first = int(np.searchsorted(edges, edges[last + 1] / 10**decades * (1 + 1e-9), side="right")) - 1
    first = max(first, 0)
    return edges[first : last + 2], counts[first : last + 1], int(counts[:first].sum())


class StraightedgeExplorer(Explorer, scripts=("core", "draw", "straightedge")):
    """Two handles set a stretch; the reader's line lies on its ends, and the likeliest laws of the stretch answer it.

    Fits of a stretch without an upper end are those of `critnet.statistics.counted` (METHODS D38); where an upper end
    is set, every law is that of values known to lie within.

    Parameters
    ----------
    samples : mapping of a key to a Sample
    name : str
        Its id in the page.
    whole : collection of keys
        Samples of whole numbers; the others are bins.
    caption, words, picture
        As for `Explorer`.

    Raises
    ------
    UsageError
        If there is no sample, or values and counts of one do not fit together.
    """

    def __init__(self, samples, *, name, whole=(), caption="", words="", picture=None):
        if not samples or not set(whole) <= set(samples):
            raise UsageError(f"samples are {', '.join(samples) or 'none'}, whole {', '.join(whole)}; give one or more")
        given = {key: _packed(key, sample, key in whole) for key, sample in samples.items()}
        ends = [(each["low"][0], each["high"]) for each in given.values()]
        super().__init__(
            {
                "name": name,
                "caption": caption,
                "samples": given,
                "grid": _grid(min(low for low, _ in ends), max(high for _, high in ends)),
                "fewest": FEWEST,
            },
            words=words,
            picture=picture,
        )


def _packed(key, sample, whole):
    values, counts = np.asarray(sample.values, float), np.asarray(sample.counts)
    if values.ndim != 1 or counts.shape != (values.size - (not whole),) or values.size < 2:
        need = "one count a value" if whole else "one edge more than counts"
        raise UsageError(f"{key}: values have shape {values.shape}, counts {counts.shape}; give {need}")
    if not (values > 0).all() or not (np.diff(values) > 0).all() or not np.isfinite(values).all():
        raise UsageError(f"{key}: values run from {values.min()} to {values.max()}; give them rising and > 0")
    if (counts < 0).any() or (counts != np.rint(counts)).any() or not counts.sum() or sample.below < 0:
        raise UsageError(f"{key}: counts and `below` must be whole numbers >= 0, not all 0")
    if whole and ((values != np.rint(values)).any() or values[-1] - values[0] > MOST):
        raise UsageError(f"{key}: values run from {values[0]:g} to {values[-1]:g}; give whole numbers, at most {MOST}")
    if whole:
        full = np.bincount((values - values[0]).astype(int), counts)
        low = [float(values[0])]
    else:
        filled = np.flatnonzero(counts)
        full = counts[filled[0] : filled[-1] + 1]
        values = values[filled[0] : filled[-1] + 2]
        low = [float(f"{v:.8g}") for v in values]
    lowest, highest = sample.stretch or (None, None)
    return {
        "label": sample.label,
        "quantity": sample.quantity,
        "whole": bool(whole),
        "low": low,  # of bins every edge; of whole numbers the first
        "high": float(values[-1]),
        "counts": full.astype(int).tolist(),
        "exponent": sample.exponent,
        "lowest": lowest,
        "highest": highest,
        "below": int(sample.below),
    }


def _grid(low, high):
    """Where the handles can stand: 24 places a decade, three digits, from below the least value to the largest."""
    ends = np.log10([low, high]) * PER_DECADE
    places = 10 ** (np.arange(np.floor(ends[0] + 1e-6), np.ceil(ends[1] - 1e-6) + 1) / PER_DECADE)
    return [float(f"{place:.3g}") for place in places]
