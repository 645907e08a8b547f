"""Simulated worlds in which a sentence of the ledger is barely true, or barely false: how `reduce` makes errors.csv.

A world keeps of our data the number of runs and how far each number scatters. The true number lies on the limit of what
counts as reproduced that is nearest to ours: from there no farther world is told worse. In the true world every number
that the rule bounds lies on its limit; in a false world one does and the others hold for sure, and the worst number
counts. Runs are independent and Gaussian, numbers of one claim independent of each other. A number of which the ledger
gives no interval is taken to hold for sure, and the words of the world name it.
"""

import functools
import hashlib
import math
from typing import NamedTuple

import numpy as np
from scipy.integrate import quad
from scipy.special import ndtr

from critnet.errors import UsageError
from critnet.paper import ledger
from critnet.paper.measured import BINOMIAL, NETWORKS, NONE, RANKS, SAMPLES, SEEDS, SIZES, Number, point
from critnet.paper.rates import Rates
from critnet.paper.rules import UNJUDGED, UNTESTABLE, Region
from critnet.statistics.error_rates import error_rates
from critnet.statistics.shares import binomial_interval

WORLDS = 4000  # of each kind: shares of 3 % are known to 0.3 %
WIDE = 1.959964  # standard errors from the middle of a Gaussian to its 95 % limits
RUNS = {
    SEEDS: "seeds, judged by their range",
    NETWORKS: "runs, bootstrapped",
    SIZES: "runs, bootstrapped as if sizes did not matter",
    SAMPLES: "runs, limits of a Gaussian",
    BINOMIAL: "runs, exact limits of the share",
    RANKS: "runs, limits after Fisher",
    NONE: "runs, limits of a Gaussian",
}


class Drawn(NamedTuple):
    """A number as a world draws it.

    `limit` is where it truly lies when the sentence is barely true or false, `sure` a value well within reproduced.
    `spread` is the standard deviation of one run for kinds "seeds" and "bootstrap-networks" or "-sizes", of the
    estimate for others; 0 for one without an interval, which is always `sure`.
    """

    limit: float
    sure: float
    kind: str
    spread: float

    def draw(self, n, random):
        """A Number of n runs whose true value is the limit."""
        if self.kind == SEEDS:
            values = random.normal(self.limit, self.spread, n)
            return Number(float(np.median(values)), float(values.min()), float(values.max()), SEEDS, n)
        if self.kind == BINOMIAL:
            value, low, high = _share(int(random.binomial(n, self.limit)), n)
            return Number(value, low, high, BINOMIAL, n)
        if self.kind in (NETWORKS, SIZES):  # a percentile bootstrap of the mean: the variance is over n, not n - 1
            values = random.normal(self.limit, self.spread, n)
            middle, reach = float(values.mean()), WIDE * float(values.std()) / math.sqrt(n)
        else:
            to = math.atanh if self.kind == RANKS else float
            middle, reach = random.normal(to(self.limit), self.spread), WIDE * self.spread
        back = math.tanh if self.kind == RANKS else float
        return Number(back(middle), back(middle - reach), back(middle + reach), self.kind, n)


@functools.lru_cache(4096)
def _share(k, n):
    return tuple(binomial_interval(k, n))


@functools.lru_cache(64)
def range_of(n):
    """Mean range of n independent standard Gaussians.

    >>> round(range_of(2), 4), round(range_of(5), 4)
    (1.1284, 2.3259)
    """
    return quad(lambda x: 1 - ndtr(x) ** n - ndtr(-x) ** n, -12, 12, points=[0])[0]


def inner(rule, name):
    """Where a number of a rule counts as reproduced by all margins on it."""
    regions = [part.reproduced for part in rule.parts() if part.of == name]
    return Region(max(r.low for r in regions), min(r.high for r in regions))


def drawn(region, given, kind, n):
    """How a world draws a number; None where the region has no limit or nothing inside.

    Parameters
    ----------
    region : Region, where it counts as reproduced
    given : (value, low, high) of the ledger, nan where it has none
    kind : str, of its interval
    n : int, runs

    >>> drawn(Region(low=2), (3.0, 2.5, 3.5), "bootstrap-samples", 5)
    Drawn(limit=2, sure=3.0, kind='bootstrap-samples', spread=0.2551067...)
    """
    ends = [end for end in region[:2] if math.isfinite(end)]
    if not ends or region.low > region.high:
        return None
    value, low, high = given
    limit = min(ends, key=lambda end: abs(end - value)) if value == value else ends[0]
    far = [end for end in region[:2] if end != limit]
    sure = (limit + far[0]) / 2 if far and math.isfinite(far[0]) else limit + (1.0 if limit == region.low else -1.0)
    spread = high - low
    if not math.isfinite(spread) or spread <= 0:
        return Drawn(limit, sure, NONE, 0.0)
    if kind == SEEDS:
        return Drawn(limit, sure, kind, spread / range_of(n)) if n > 1 else Drawn(limit, sure, NONE, 0.0)
    if kind == BINOMIAL and 0 <= limit <= 1 and low >= 0 and high <= 1:
        return Drawn(limit, sure, kind, spread / (2 * WIDE))
    if kind == RANKS and max(abs(low), abs(high), abs(limit)) < 1:
        return Drawn(limit, sure, kind, (math.atanh(high) - math.atanh(low)) / (2 * WIDE))
    if kind in (NETWORKS, SIZES) and n > 1:
        return Drawn(limit, sure, kind, spread / (2 * WIDE) * math.sqrt(n))
    return Drawn(limit, sure, SAMPLES, spread / (2 * WIDE))


def of_row(row, rule, *, n_worlds=WORLDS):
    """How often a rule errs at a row's number of runs and scatter.

    Parameters
    ----------
    row : critnet.paper.ledger.Row
    rule : the rule that judged it
    n_worlds : int, of each kind

    Returns
    -------
    Rates; equal rows and rules give equal ones.
    """
    if row.verdict in (UNJUDGED, UNTESTABLE):
        return _none(row, f"{row.verdict}, so there is no scatter to simulate")
    names = list(dict.fromkeys(part.of for part in rule.parts()))
    found_of = {name: _given(row, name) for name in names}
    numbers = {name: drawn(inner(rule, name), given, kind, row.n_runs) for name, (given, kind) in found_of.items()}
    known = {name: number for name, number in numbers.items() if number}
    loose = {name: number for name, number in known.items() if number.spread}
    if not loose:
        return _none(row, "no number that the rule bounds has an interval" if known else "the rule has no limit")
    rest = {name: point(number.sure if number else 0.0) for name, number in numbers.items()}
    digest = hashlib.sha256(f"{row.id} {row.definition}".encode()).digest()
    random = np.random.default_rng(int.from_bytes(digest[:8], "big"))

    def world(on_limit, n, random):
        return rest | {name: loose[name].draw(n, random) for name in on_limit}

    found = {
        name: error_rates(
            rule.judge, functools.partial(world, tuple(loose)), functools.partial(world, (name,)),
            n_runs=row.n_runs, n_worlds=n_worlds, random=random,
        )
        for name in loose
    }  # fmt: skip
    worst = max(found, key=lambda name: found[name].false_reproduce.value)
    refuted = float(np.mean([rates.false_refute.value for rates in found.values()]))  # the true world is the same
    return Rates(
        row.id, row.definition, row.n_runs, found[worst].false_reproduce.value, refuted, _words(row, numbers, worst)
    )


def _none(row, why):
    return Rates(row.id, row.definition, row.n_runs, math.nan, math.nan, why)


def _given(row, name):
    """A number of a row as (value, low, high), and the kind of its interval; the ledger keeps that of the value only.

    Seeds and bootstraps are of all numbers of a claim; a share or a rank correlation has Gaussian numbers beside it.
    """
    if not name:
        return (row.value, row.low, row.high), row.interval_kind
    given = [math.nan if x is None else x for x in row.also.get(name, [None])]
    triple = tuple(given) if len(given) == 3 else (given[0], math.nan, math.nan)
    return triple, SAMPLES if row.interval_kind in (BINOMIAL, RANKS, NONE) else row.interval_kind


def _words(row, numbers, worst):
    """What was simulated."""
    called = {name: name or row.quantity for name in numbers}
    on = [f"{called[name]} at {number.limit:.4g}" for name, number in numbers.items() if number and number.spread]
    sure = [called[name] for name, number in numbers.items() if not number or not number.spread]
    parts = [f"{row.n_runs} {RUNS[row.interval_kind]}", *on]
    if len(on) > 1:
        parts.append(f"the worst false world is that of {called[worst]}")
    if sure:
        parts.append(f"without an interval, so taken to hold: {', '.join(sure)}")
    return "; ".join(parts)


def table(rows, *, n_worlds=WORLDS):
    """Rates of all rows of the ledger, in their order.

    Raises
    ------
    UsageError
        If a row is of a claim that is not declared.
    """
    declared = {claim.id: claim for claim in ledger.claims()}
    if odd := [row.id for row in rows if row.id not in declared]:
        raise UsageError(f"claim {odd[0]!r} is in the ledger and not declared; judge anew with `critnet claims`")
    return [of_row(row, declared[row.id].rule_in(row.definition), n_worlds=n_worlds) for row in rows]
