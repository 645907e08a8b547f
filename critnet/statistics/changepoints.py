"""Where a course changes: kinks of a line in ln t, and jumps, each worth its parameters or not there."""

from typing import NamedTuple

import numpy as np

from critnet import checks
from critnet.errors import UsageError

KINDS = ("kink", "jump")
GAIN = 10.0  # of BIC: odds of 150 to 1
NARROW = 3.0
SET = 3.841  # 95 % of chi squared with one degree of freedom
EDGE = 4  # points beyond the first and the last change
PLACES = 500  # of a kink, even in ln t


class Change(NamedTuple):
    """A change of a course at iteration `t`, between `low` and `high` with 95 %.

    `size` is the change of slope (kink, units of y by unit of ln t) or of y (jump); `gain` what the point gains of BIC
    over the course without it; `rival` what it gains over the other kind of change at its own best place.
    """

    kind: str
    t: float
    low: float
    high: float
    size: float
    gain: float
    rival: float

    @property
    def counts(self):
        """Whether it gains 10 and is known to within a factor of 3; METHODS 11, C76 and C77."""
        return bool(self.gain >= GAIN and self.high < NARROW * self.low)


def change_points(t, y, *, kinds=KINDS, most=3, least=GAIN):
    """Changes of a course: a line in ln t that may bend or jump, each unit of ln t of equal weight.

    One change after the other, each where and of the kind that leaves least; all places are then found anew, in turn,
    until they stay. It ends when the next change would gain less than `least`. BIC = n ln(RSS / n) + k ln n with two
    parameters a change (place and size) and n the number of points of equal weight that are worth as much as these
    (Kish). Noise that hangs together over neighbouring points is worth fewer, and BIC then finds too many: thin such a
    course first.

    Parameters
    ----------
    t : array, shape (n,), rising iterations, all above 0
    y : array, shape (n,), finite; take logarithms first where a course spans decades
    kinds : some of "kink", "jump"
    most : int >= 0
    least : float
        -inf: always `most` changes, whatever they gain.

    Returns
    -------
    tuple of Change, by iteration
        Empty for a line.

    Raises
    ------
    UsageError
        If t does not rise or is not above 0, y is not finite or of another length, there are fewer than 10 points, or
        a parameter is out of range.

    Source: Schwarz 1978, Ann. Stat. 6, 461; METHODS section 11, C76 and C77.

    >>> t = np.geomspace(1, 1e4, 60)
    >>> noise = 0.01 * np.random.default_rng(0).normal(size=60)
    >>> (one,) = change_points(t, np.log(np.maximum(t, 100)) + noise)
    >>> one.kind, 80 < one.t < 125, one.counts
    ('kink', True, True)
    """
    t, y = _course(t, y)
    for kind in kinds:
        checks.choice("a kind", kind, KINDS)
    most = checks.whole("most", most, 0)
    course = _Course(t, y)
    chosen: list = []
    while len(chosen) < most:
        better = course.settled([*chosen, course.best(chosen, kinds)])
        if course.bic(chosen) - course.bic(better) < least:
            break
        chosen = better
    return tuple(sorted((course.described(chosen, i) for i in range(len(chosen))), key=lambda c: c.t))


class _Course:
    """Weighted columns of every possible change, and what is left of y behind some of them."""

    def __init__(self, t, y):
        x = np.log(t)
        gaps = np.diff(x)
        span = np.concatenate([gaps[:1], gaps[1:] + gaps[:-1], gaps[-1:]]) / 2
        self.n = span.sum() ** 2 / (span**2).sum()
        root = np.sqrt(span * self.n / span.sum())
        last = np.arange(EDGE, len(t) - EDGE + 1) - 1  # point before each change
        knots = np.linspace(x[last[0]], x[last[-1]], PLACES)
        beside = np.concatenate([knots[:1], knots, knots[-1:]])
        above = np.arange(len(t))[:, None] > last
        self.place = {"kink": np.exp(knots), "jump": np.sqrt(t[last] * t[last + 1])}
        self.ends: dict = {"kink": np.exp([beside[:-2], beside[2:]]), "jump": (t[last], t[last + 1])}
        self.columns = {
            "kink": np.maximum(x[:, None] - knots, 0) * root[:, None],
            "jump": above * root[:, None],
        }
        self.line = np.stack([root, x * root], axis=1)
        self.y = y * root
        centred = self.y - root * (root @ self.y) / (root @ root)
        power = max(float(centred @ centred), 1e-6 * float(self.y @ self.y))
        self.least = max(1e-24 * power, 1e-280)  # below, rounding

    def _left(self, others):
        """An orthonormal base of the line and the changes, and what y has beyond."""
        columns = [self.line, *(self.columns[kind][:, i : i + 1] for kind, i in others)]
        base = np.linalg.qr(np.concatenate(columns, axis=1))[0]
        return base, self.y - base @ (base.T @ self.y)

    def sums(self, others, kind):
        """Residual sum of squares with one change more, at each of its places; infinite where one is already."""
        base, left = self._left(others)
        columns = self.columns[kind]
        new = columns - base @ (base.T @ columns)
        square = (new**2).sum(axis=0)
        apart = square > 1e-9 * (columns**2).sum(axis=0)
        saved = np.divide((left @ new) ** 2, square, out=np.zeros_like(square), where=apart)
        return np.where(apart, np.maximum(left @ left - saved, self.least), np.inf)

    def best(self, others, kinds):
        found = [(self.sums(others, kind), kind) for kind in kinds]
        sums, kind = min(found, key=lambda pair: pair[0].min())
        return kind, int(sums.argmin())

    def settled(self, chosen):
        """The changes at their best places, given the others, in turn until they stay."""
        for _ in range(20):
            before = list(chosen)
            for i, (kind, _) in enumerate(chosen):
                others = chosen[:i] + chosen[i + 1 :]
                chosen = [*chosen[:i], (kind, int(self.sums(others, kind).argmin())), *chosen[i + 1 :]]
            if chosen == before:
                break
        return chosen

    def bic(self, chosen):
        _, left = self._left(chosen)
        return self._bic(max(float(left @ left), self.least), len(chosen))

    def _bic(self, rest, changes):
        return self.n * np.log(rest / self.n) + (2 + 2 * changes) * np.log(self.n)

    def described(self, chosen, i):
        kind, at = chosen[i]
        others = chosen[:i] + chosen[i + 1 :]
        sums = self.sums(others, kind)
        (other,) = (k for k in KINDS if k != kind)
        bic = self._bic(sums[at], len(chosen))
        inside = self.n * np.log(sums / sums[at]) <= SET
        columns = np.concatenate([self.line, *(self.columns[k][:, j : j + 1] for k, j in chosen)], axis=1)
        size = np.linalg.lstsq(columns, self.y, rcond=None)[0][2 + i]
        return Change(
            kind,
            float(self.place[kind][at]),
            float(self.ends[kind][0][inside].min()),
            float(self.ends[kind][1][inside].max()),
            float(size),
            float(self.bic(others) - bic),
            float(self._bic(self.sums(others, other).min(), len(chosen)) - bic),
        )


def _course(t, y):
    t, y = checks.pairs("t", t, "y", y, 2 * EDGE + 2)
    if t[0] <= 0 or not (np.diff(t) > 0).all():
        raise UsageError("t does not rise from above 0; leave out iteration 0 and give each iteration once, in order")
    return t, y
