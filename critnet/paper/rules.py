"""How a verdict follows from numbers: a rule holds its bounds as data, judges by them, and says them in words.

A rule looks at what a claim measured: its value, named "", and numbers beside it by their names
(`critnet.paper.measured`).

A `Margin` bounds one number. The number counts as reproduced where its whole interval lies in the inner region, as not
reproduced where all of it lies outside the outer one, as partly where it lies within the outer one, and is undecided
where it crosses the edge of that. `All` and `Both` join margins. Nothing here knows what was measured.

Choose one: `within`, `at_least`, `at_most`, `above`, `below`, `near` make margins; `all_of` takes the weakest of its
parts, `both` lets one of them count as partly, `for_reproduced` makes a part matter for *reproduced* alone.

>>> from critnet.paper.measured import point
>>> rule = all_of(at_least(0.75, 0.6), for_reproduced(at_least(3, of="drop of the slope")))
>>> rule.words()
'R: the value >= 0.75 and drop of the slope >= 3; P: the value >= 0.6'
>>> rule.judge({"": point(0.8), "drop of the slope": point(2.0)})
'partly'
"""

from typing import NamedTuple

import numpy as np

from critnet.paper.measured import NONE, SEEDS

REPRODUCED, PARTLY, NOT = "reproduced", "partly", "not reproduced"
UNDECIDED, UNTESTABLE, UNJUDGED = "undecided", "not testable", "not judged"
VERDICTS = REPRODUCED, PARTLY, NOT, UNDECIDED, UNTESTABLE, UNJUDGED


class Region(NamedTuple):
    """Numbers from `low` to `high`; `strict` leaves out the ends."""

    low: float = -np.inf
    high: float = np.inf
    strict: bool = False

    def holds(self, number):
        """Whether a whole interval lies inside."""
        if self.strict:
            return (self.low < number.low or self.low == -np.inf) and (number.high < self.high or self.high == np.inf)
        return self.low <= number.low and number.high <= self.high

    def misses(self, number):
        """Whether a whole interval lies outside."""
        if self.strict:
            return number.high <= self.low or number.low >= self.high
        return number.high < self.low or number.low > self.high

    def words(self):
        """The region in words.

        >>> Region(25, 55).words(), Region(low=1, strict=True).words(), Region(high=0.02).words()
        ('25 to 55', '> 1', '<= 0.02')
        """
        if np.isfinite([self.low, self.high]).all():
            return f"{self.low:.4g} to {self.high:.4g}"
        sign, end = (">", self.low) if np.isfinite(self.low) else ("<", self.high)
        return f"{sign}{'' if self.strict else '='} {end:.4g}"


ANYTHING = Region()


class Margin(NamedTuple):
    """Bounds of one number: where it counts as reproduced and where, wider, as partly; `of` is its name."""

    reproduced: Region
    partly: Region
    of: str = ""

    def judge(self, numbers):
        number = numbers[self.of]
        if not np.isfinite([number.value, number.low, number.high]).all():
            return UNTESTABLE
        if self.reproduced.holds(number):
            return REPRODUCED
        if self.partly.holds(number):
            return PARTLY
        return NOT if self.partly.misses(number) else UNDECIDED

    def settled_by(self, number):
        """Networks that would settle what is undecided, at this value and scatter; 0 where more would not.

        Intervals narrow as 1 / sqrt(n). A range of seeds does not narrow, nor does it say where between them the limit
        lies.
        """
        if number.kind in (SEEDS, NONE) or self.judge({self.of: number}) != UNDECIDED:
            return 0
        edges = [e for e in (self.partly.low, self.partly.high) if number.low <= e <= number.high]
        reach = [((number.low if e < number.value else number.high) - number.value) / (e - number.value) for e in edges
                 if e != number.value]  # fmt: skip
        return int(np.ceil(number.n * max(reach) ** 2)) if len(reach) == len(edges) else 0

    def said(self, region):
        """The words for one of the two regions, "" for a region that asks nothing."""
        given = getattr(self, region)
        return "" if given == ANYTHING else f"{self.of or 'the value'} {given.words()}"

    def words(self, value="the value"):
        return _words(self, value)

    def parts(self):
        return (self,)


class All(NamedTuple):
    """Every part is needed: the verdict is that of the weakest."""

    given: tuple

    def judge(self, numbers):
        found = [part.judge(numbers) for part in self.given]
        return next(v for v in (NOT, UNTESTABLE, UNDECIDED, PARTLY, REPRODUCED) if v in found)

    def said(self, region):
        return " and ".join(filter(None, (part.said(region) for part in self.given)))

    def words(self, value="the value"):
        return _words(self, value)

    def parts(self):
        return tuple(margin for part in self.given for margin in part.parts())


class Both(NamedTuple):
    """Every part for reproduced, one of them, also if only partly, for partly."""

    given: tuple

    def judge(self, numbers):
        found = [part.judge(numbers) for part in self.given]
        if all(v == REPRODUCED for v in found):
            return REPRODUCED
        if REPRODUCED in found or PARTLY in found:
            return PARTLY
        return next(v for v in (UNDECIDED, UNTESTABLE, NOT) if v in found)

    def said(self, region):
        return (" and " if region == "reproduced" else " or ").join(part.said(region) for part in self.given)

    def words(self, value="the value"):
        return _words(self, value)

    def parts(self):
        return tuple(margin for part in self.given for margin in part.parts())


Rule = Margin | All | Both


def _words(rule, value):
    """Both regions in words, the first time by the name of the value."""
    inner, outer = rule.said("reproduced"), rule.said("partly")
    if inner == outer:
        outer = ""
    elif outer == inner.replace(" and ", " or "):
        outer = "one of them"
    elif isinstance(rule, Margin):
        outer = rule.partly.words()
    return f"R: {inner.replace('the value', value, 1)}; " + (f"P: {outer}" if outer else "N: otherwise")


def within(reproduced, partly=None, *, of=""):
    """Between two ends, ends included.

    >>> within((25, 55), (15, 150)).words()
    'R: the value 25 to 55; P: 15 to 150'
    """
    return Margin(Region(*reproduced), Region(*(partly or reproduced)), of)


def at_least(reproduced, partly=None, *, above=None, of=""):
    """At least a bound; for partly at least a lower one, or more than `above`.

    >>> at_least(1.5, above=1, of="edges").words()
    'R: edges >= 1.5; P: > 1'
    """
    outer = Region(low=above, strict=True) if above is not None else Region(reproduced if partly is None else partly)
    return Margin(Region(low=reproduced), outer, of)


def at_most(reproduced, partly=None, *, below=None, of=""):
    """At most a bound; for partly at most a higher one, or less than `below`.

    >>> at_most(0.3, 0.6).words()
    'R: the value <= 0.3; P: <= 0.6'
    """
    outer = Region(high=reproduced if partly is None else partly)
    return Margin(Region(high=reproduced), outer if below is None else Region(high=below, strict=True), of)


def above(reproduced, partly=None, *, of=""):
    """More than a bound; for partly more than a lower one.

    >>> above(0, of="slope").words()
    'R: slope > 0; N: otherwise'
    """
    outer = reproduced if partly is None else partly
    return Margin(Region(low=reproduced, strict=True), Region(low=outer, strict=True), of)


def below(reproduced, partly=None, *, of=""):
    """Less than a bound; for partly less than a higher one."""
    outer = reproduced if partly is None else partly
    return Margin(Region(high=reproduced, strict=True), Region(high=outer, strict=True), of)


def near(paper, *, of=""):
    """An exponent: within 0.15, or 10 % if that is more, of the paper's; for partly within 0.4.

    "Right sign and ordering", which CLAIMS.md also allows for partly, is left out: every law that falls has that.

    >>> near(1.34).words()
    'R: the value 1.19 to 1.49; P: 0.94 to 1.74'
    """
    close = max(0.15, 0.1 * abs(paper))
    return Margin(Region(paper - close, paper + close), Region(paper - 0.4, paper + 0.4), of)


def all_of(*parts):
    """Every part is needed; the verdict is that of the weakest."""
    return All(parts)


def both(*parts):
    """All parts for reproduced, one of them for partly."""
    return Both(parts)


def for_reproduced(margin):
    """A margin that decides between reproduced and partly, and never says more."""
    return margin._replace(partly=ANYTHING)
