"""A boundary in a phase diagram, and the order of a transition: parabola, jump, two modes, coexistence of seeds."""

from typing import NamedTuple

import numpy as np

from critnet import checks
from critnet.errors import UsageError

JUMP = 5.0  # ratio of the largest step to the median one from which a curve counts as jumping (D27c)
STRONG = 10.0  # difference of BIC that counts as very strong
DEEP = 0.2  # valley over lower peak; of uniform samples fewer than one in ten gets there by chance
STARTS = 5


class Step(NamedTuple):
    """One step of a curve: from `x_low` to `x_high`, y changing by `change`; `position` is the middle.

    `ratio` is |change| over the median |change| of the other steps: infinite where they do not change at all.
    """

    x_low: float
    x_high: float
    change: float
    ratio: float

    @property
    def position(self):
        return (self.x_low + self.x_high) / 2

    @property
    def jumps(self):
        """Whether the step stands out, `ratio` >= 5."""
        return bool(self.ratio >= JUMP)


class Parabola(NamedTuple):
    """y = curvature (x - vertex)^2 + minimum; the paper's boundary is (0.5, -7.7, 2.5) in ln gamma and ln size."""

    curvature: float
    vertex: float
    minimum: float

    def __call__(self, x):
        return self.curvature * (np.asarray(x, float) - self.vertex) ** 2 + self.minimum


class ParabolaFit(NamedTuple):
    """A fitted parabola, the ends `low` and `high` of the percentile intervals of its three numbers, one by one.

    `open_upward` is the share of the redraws with a positive curvature.
    """

    best: Parabola
    low: Parabola
    high: Parabola
    n_points: int
    open_upward: float


class Bimodality(NamedTuple):
    """One normal law against a mixture of two.

    `gain` is BIC(one) - BIC(two), positive where two are better; `low`, `high` their means; `valley` the least density
    of the mixture between its two maxima, over the lower of them: 1 where it has only one.
    """

    gain: float
    low: float
    high: float
    valley: float

    @property
    def bimodal(self):
        """Whether two laws are better by more than 10 and the valley between them is at most a fifth as high."""
        return bool(self.gain > STRONG and self.valley <= DEEP)


def steepest(x, y, *, falling=False):
    """The step of a curve at which |dy/dx| is largest: the position of a boundary across it.

    Parameters
    ----------
    x, y : array, shape (n,), n >= 2; x strictly rising
        For a boundary in size, x is ln h and y the convergence criterion.
    falling : bool
        Look only at steps at which y falls, if there are any.

    Returns
    -------
    Step

    Raises
    ------
    UsageError
        If the shapes differ, a value is not finite, x does not rise, or there are fewer than two points.

    Source: METHODS D27b.

    >>> steepest([0.0, 1.0, 2.0], [2.0, 1.5, -9.0]).position
    1.5
    """
    x, y = _curve(x, y, 2)
    slope = np.diff(y) / np.diff(x)
    if falling and (slope < 0).any():
        slope = np.minimum(slope, 0)
    return _step(x, y, int(np.abs(slope).argmax()))


def largest_step(x, y):
    """The step at which y changes most, and how much it stands out from the other steps.

    A curve that crosses a first-order transition has one step many times the rest, however fine x is; a smooth one has
    not.

    Parameters, errors as for `steepest`, with n >= 4. Returns a Step. Source: METHODS D27c.

    >>> step = largest_step([0, 1, 2, 3, 4], [3, 2, 1, -9, -10])
    >>> step.change, step.ratio, step.jumps
    (-10.0, 10.0, True)
    """
    x, y = _curve(x, y, 4)
    return _step(x, y, int(np.abs(np.diff(y)).argmax()))


def crossings(x, y, level):
    """Where a curve passes a level, by straight lines between its points: an array of positions, rising, maybe empty.

    Parameters and errors as for `steepest`; `level` is a finite number.

    >>> crossings([0.0, 1.0, 2.0], [1.0, -1.0, 1.0], 0.0).tolist()
    [0.5, 1.5]
    """
    x, y = _curve(x, y, 2)
    level = checks.number("level", level)
    above = y > level
    at = np.flatnonzero(above[1:] != above[:-1])
    return x[at] + (level - y[at]) / (y[at + 1] - y[at]) * (x[at + 1] - x[at])


def fit_parabola(x, y, *, n_bootstrap=1000, level=0.95, random):
    """Least-squares parabola through the points of a boundary, with a bootstrap that redraws the points.

    Parameters
    ----------
    x, y : array, shape (n,), n >= 4, at least three different x
        ln gamma and the ln size of the boundary there.
    n_bootstrap : int >= 1
        Redraws with fewer than three different x are left out.
    level : float in (0, 1)
    random : numpy Generator

    Returns
    -------
    ParabolaFit

    Raises
    ------
    UsageError
        If the shapes differ, a value is not finite, there are too few points, or a parameter is out of range.

    Source: METHODS D27b.

    >>> x = np.arange(6.0)
    >>> fit = fit_parabola(x, 0.5 * (x - 3) ** 2 + 1, random=np.random.default_rng(0))
    >>> [round(v, 6) for v in fit.best]
    [0.5, 3.0, 1.0]
    """
    x, y = _points(x, y)
    if x.size < 4 or np.unique(x).size < 3:
        raise UsageError(
            f"{x.size} points at {np.unique(x).size} different x; a parabola with an interval needs four at three"
        )
    n_bootstrap, level = checks.whole("n_bootstrap", n_bootstrap), checks.level(level)
    checks.generator(random)
    drawn = random.integers(0, x.size, (n_bootstrap, x.size))
    drawn = drawn[[np.unique(x[d]).size >= 3 for d in drawn]]
    redrawn = np.array([_parabola(x[d], y[d]) for d in drawn]).reshape(-1, 3)
    if not len(redrawn):
        raise UsageError(f"none of {n_bootstrap} redraws has three different x; raise n_bootstrap or give more points")
    low, high = np.quantile(redrawn, [(1 - level) / 2, (1 + level) / 2], axis=0)
    best = _parabola(x, y)
    return ParabolaFit(best, Parabola(*low.tolist()), Parabola(*high.tolist()), x.size, (redrawn[:, 0] > 0).mean())


def bimodality(values):
    """Whether values fall into two groups: one normal law against a mixture of two, by the Bayesian criterion.

    The criterion alone prefers two laws for any skewed or flat sample, so `bimodal` asks for a deep valley as well.

    Parameters
    ----------
    values : array, shape (n,), n >= 8, not all equal
        The convergence criterion of the runs of a diagram.

    Returns
    -------
    Bimodality

    Raises
    ------
    UsageError
        If a value is not finite, there are fewer than eight, or all are equal.

    Source: METHODS D27c; Kass & Raftery 1995 for the reading of a difference of 10.

    >>> bimodality(np.r_[np.linspace(-1, 1, 20), np.linspace(9, 11, 20)]).bimodal
    True
    >>> bimodality(np.linspace(-1, 1, 40)).bimodal
    False
    """
    values = checks.array("values", values).ravel()
    if values.size < 8 or not np.isfinite(values).all() or np.ptp(values) == 0:
        raise UsageError(
            f"values holds {values.size} numbers, {int((~np.isfinite(values)).sum())} of them not finite, "
            f"{np.unique(values).size} different; give at least eight finite ones that are not all equal"
        )
    from sklearn.mixture import GaussianMixture  # takes a second to import

    column = values[:, None]
    one, two = (GaussianMixture(k, n_init=STARTS, random_state=0).fit(column) for k in (1, 2))
    low, high = sorted(two.means_.ravel().tolist())
    density = np.exp(two.score_samples(np.linspace(low, high, 1025)[:, None]))  # all maxima lie between the means
    bottom = density.argmin()
    valley = density[bottom] / min(density[: bottom + 1].max(), density[bottom:].max())
    return Bimodality(float(one.bic(column) - two.bic(column)), low, high, float(valley))


def coexistence(group, values, level):
    """Groups of runs that differ in their seed alone, and how many of them lie on both sides of a level.

    Parameters
    ----------
    group : array, shape (n,)
        Runs with equal entries differ in the seed alone.
    values : array, shape (n,)
        The convergence criterion.
    level : float
        At or below it a run has converged.

    Returns
    -------
    both, n_groups : int
        n_groups counts those with at least two runs.

    Raises
    ------
    UsageError
        If the shapes differ or a value is NaN.

    Source: METHODS D27c.

    >>> coexistence([1, 1, 2, 2, 3], [-9.0, 2.0, -9.0, -8.0, 1.0], -5.0)
    (1, 2)
    """
    group, values, level = np.asarray(group), checks.array("values", values), checks.number("level", level)
    if group.shape != values.shape or group.ndim != 1 or np.isnan(values).any():
        raise UsageError(
            f"group has shape {group.shape} and values {values.shape} with {int(np.isnan(values).sum())} NaN; "
            "give each run a group and a number"
        )
    names, index, counts = np.unique(group, return_inverse=True, return_counts=True)
    below = np.bincount(index, values <= level, len(names))
    several = counts >= 2
    return int((several & (below > 0) & (below < counts)).sum()), int(several.sum())


def _step(x, y, i):
    change = np.abs(np.diff(y))
    others = np.median(np.delete(change, i)) if change.size > 1 else np.nan
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = change[i] / others if change[i] > 0 else 0.0
    return Step(float(x[i]), float(x[i + 1]), float(y[i + 1] - y[i]), float(ratio))


def _parabola(x, y):
    middle = x.mean()
    a, b, c = np.polyfit(x - middle, y, 2)
    if a == 0:
        return Parabola(0.0, np.nan, np.nan)
    return Parabola(float(a), float(middle - b / (2 * a)), float(c - b**2 / (4 * a)))


def _points(x, y):
    x, y = checks.array("x", x), checks.array("y", y)
    if x.shape != y.shape or x.ndim != 1:
        raise UsageError(f"x has shape {x.shape} and y {y.shape}; give one y an x")
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        raise UsageError("x or y holds NaN or infinite values; leave those points out")
    return x, y


def _curve(x, y, fewest):
    x, y = _points(x, y)
    if x.size < fewest:
        raise UsageError(f"the curve has {x.size} points; it needs at least {fewest}")
    if not (np.diff(x) > 0).all():
        raise UsageError(f"x is {x.tolist()}; it must rise from point to point")
    return x, y
