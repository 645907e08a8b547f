"""What a claim measures: numbers with an interval, and of what kind that is."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

SEEDS, NETWORKS, SIZES, BINOMIAL, SAMPLES, NONE = KINDS = (
    "seeds", "bootstrap-networks", "bootstrap-sizes", "binomial", "bootstrap-samples", "none",
)  # fmt: skip


class NotTestable(Exception):
    """The data cannot decide the claim; the message says why. Raised by what measures it."""


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
    """Median and range of one number a seed.

    >>> seeds([21, 39, 70])
    Number(value=39.0, low=21.0, high=70.0, kind='seeds', n=3)
    """
    values = np.asarray(values, float).ravel()
    if not values.size:
        return Number(np.nan, np.nan, np.nan, SEEDS, 0)
    return Number(float(np.median(values)), float(np.min(values)), float(np.max(values)), SEEDS, values.size)


def estimate(interval, kind, n):
    """A fitted (value, low, high), of a bootstrap of one of KINDS.

    >>> estimate((1.5, 1.2, 1.9), SIZES, 44).kind
    'bootstrap-sizes'
    """
    value, low, high = interval
    return Number(float(value), float(low), float(high), kind, int(n))


def number(given):
    """A Number as it is; several values as `seeds`, a single one as a `point`."""
    if isinstance(given, Number):
        return given
    return point(given) if np.ndim(given) == 0 else seeds(given)


class Measured(NamedTuple):
    """What a claim function returns.

    `value` is a `Number`, or one value a seed. `also` holds numbers beside it by their names, of the same kinds; a rule
    may bound them (`of="name"`). `note` says in words what is no number. `n_runs` is the number of runs behind it, if
    that is not the `n` of the value.
    """

    value: ArrayLike | Number
    also: Mapping[str, ArrayLike | Number] = MappingProxyType({})
    note: str = ""
    n_runs: int | None = None

    def numbers(self):
        """All of them by name, the value under ""."""
        return {"": number(self.value)} | {name: number(given) for name, given in self.also.items()}
