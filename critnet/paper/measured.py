"""What a claim measures: numbers with an interval, and of what kind that is."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from critnet.errors import UsageError
from critnet.statistics.courses import rank_correlation
from critnet.statistics.ranks import spearman
from critnet.statistics.resampling import networks_interval, sizes_interval
from critnet.statistics.shares import binomial_interval

# What an interval is: the range of the seeds; the 95 % of a bootstrap over networks, over sizes and their networks, or
# over samples of one network; the exact 95 % limits of a share; those of a rank correlation (Fisher); or none.
SEEDS, NETWORKS, SIZES, SAMPLES, BINOMIAL, RANKS, NONE = KINDS = (
    "seeds", "bootstrap-networks", "bootstrap-sizes", "bootstrap-samples", "binomial", "ranks", "none",
)  # fmt: skip


class NotTestable(Exception):
    """The data cannot decide the claim; the message says why. Raised by what measures it."""


class NotJudged(Exception):
    """The sentence is of a kind that no measurement decides; the message says why. Raised by what would measure it."""


class Number(NamedTuple):
    """A number between `low` and `high`; `kind`, one of KINDS, says what these are; `n` things went into it.

    Without an interval (kind "none") low and high are the value, and the ledger leaves their columns empty.
    """

    value: float
    low: float
    high: float
    kind: str
    n: int

    def __str__(self):
        """The number, and its interval if it has one.

        >>> f"{seeds([1.0, 3.0, 2.0])}, {point(0.5)}"
        '2 (1 to 3), 0.5'
        """
        return f"{self.value:.4g}" + ("" if self.kind == NONE else f" ({self.low:.4g} to {self.high:.4g})")


def point(value, n=1):
    """A number without an interval."""
    return Number(float(value), float(value), float(value), NONE, n)


def seeds(values):
    """Median and range of one number a seed; where all agree there is no range.

    >>> seeds([21, 39, 70]), seeds([1, 1]).kind
    (Number(value=39.0, low=21.0, high=70.0, kind='seeds', n=3), 'none')
    """
    values = np.asarray(values, float).ravel()
    if not values.size:
        return point(np.nan, 0)
    low, high = float(np.min(values)), float(np.max(values))
    return Number(float(np.median(values)), low, high, NONE if low == high else SEEDS, values.size)


def estimate(interval, kind, n):
    """A fitted (value, low, high), of a bootstrap of one of KINDS.

    >>> estimate((1.5, 1.2, 1.9), SIZES, 44).kind
    'bootstrap-sizes'
    """
    value, low, high = (float(x) for x in interval)
    return Number(value, low, high, NONE if low == high else kind, int(n))


def share(successes, n):
    """A share of n independent runs, with its exact limits; not testable without runs.

    >>> print(share(7, 10))
    0.7 (0.3475 to 0.9333)
    """
    if not n:
        raise NotTestable("there is no run to take a share of")
    return estimate(binomial_interval(int(successes), int(n)), BINOMIAL, n)


def over_networks(values, statistic=np.median, *, n=None):
    """A statistic of one value a network, with a bootstrap over the networks; of fewer than six, their range.

    Parameters
    ----------
    values : array, shape (n,)
    statistic : function of (array, axis=) as numpy's
    n : int, networks behind the values, if others than one each
    """
    values = np.asarray(values, float)
    if values.size < 6:
        return seeds(values)
    interval = networks_interval(
        lambda drawn: statistic(values[drawn], axis=1), values.size, random=np.random.default_rng(0)
    )
    return estimate(interval, NETWORKS, values.size if n is None else n)


def rank_of_runs(x, y):
    """Rank correlation over independent runs with its interval; not testable for fewer than four."""
    try:
        return estimate(spearman(x, y), RANKS, len(x))
    except UsageError as error:
        raise NotTestable(str(error)) from error


def rank_over_sizes(size, values):
    """Rank correlation of size and the median of the values at it, with a bootstrap over sizes and their runs."""
    size, values = np.asarray(size), np.asarray(values, float)

    def statistic(drawn, place):
        middle = [np.median(values[drawn[place == k]]) for k in range(place.max() + 1)]
        return rank_correlation([size[drawn[place == k][0]] for k in range(place.max() + 1)], middle)

    return estimate(sizes_interval(statistic, size, n_bootstrap=500, random=np.random.default_rng(0)), SIZES, size.size)


def number(given):
    """A Number as it is; several values as `seeds`, a single one as a `point`."""
    if isinstance(given, Number):
        return given
    return point(given) if np.ndim(given) == 0 else seeds(given)


class Measured(NamedTuple):
    """What a claim function returns.

    `value` is a `Number`, or one value a seed. `also` holds numbers beside it by their names, of the same kinds; a rule
    may bound them (`of="name"`). `note` says in words what is no number. `n_runs` is the number of runs behind it, if
    that is not the `n` of the value. `nulls` holds what the value is in worlds where the sentence is false by
    construction (`critnet.statistics.nulls`), by their names.
    """

    value: ArrayLike | Number
    also: Mapping[str, ArrayLike | Number] = MappingProxyType({})
    note: str = ""
    n_runs: int | None = None
    nulls: Mapping[str, ArrayLike | Number] = MappingProxyType({})

    def numbers(self):
        """All of them by name, the value under ""."""
        return {"": number(self.value)} | {name: number(given) for name, given in self.also.items()}
