"""Lines through points where the usual one is not the right question: errors on both axes, power or exponential."""

from typing import NamedTuple

import numpy as np

from critnet import checks
from critnet.errors import UsageError
from critnet.statistics.resampling import networks_interval


class Rivals(NamedTuple):
    """R2 of ln y on ln x (a power law) and of ln y on x (an exponential), through the same points."""

    power: float
    exponential: float


def orthogonal_slope(x, y, *, n_bootstrap=1000, level=0.95, random):
    """Slope of the line of least distance to the points, both axes alike; with a bootstrap over the points.

    Least squares of y on x is flatter than the law by the noise of x; this line treats both alike, which is right where
    the noise of both is of one size (take logarithms first). Swapping the axes inverts it.

    Parameters
    ----------
    x, y : arrays, shape (n,), n >= 3
        Independent points; for points of several networks redraw those (`resampling.networks_interval`).
    n_bootstrap : int >= 100
    level : float in (0, 1)
    random : numpy Generator

    Returns
    -------
    intervals.Interval
        Infinite if the line is vertical.

    Raises
    ------
    UsageError
        If the shapes differ, a value is not finite, there are fewer than three points, the points have no direction
        (all equal, or as wide as high without correlation), or a parameter is out of range.

    Source: Pearson 1901; LEDGER 7 (C75).

    >>> round(orthogonal_slope([0, 1, 2, 3], [1, 3, 5, 7], random=np.random.default_rng(0)).value, 9)
    2.0
    """
    x, y = checks.pairs("x", x, "y", y, 3)
    scale = max(np.ptp(x), np.ptp(y))
    if scale == 0 or not np.isfinite(_principal(x / scale, y / scale)):
        raise UsageError(f"the {x.size} points have no direction; a line needs points that are spread out along one")
    return networks_interval(
        lambda drawn: _principal(x[drawn] / scale, y[drawn] / scale),
        x.size,
        n_bootstrap=n_bootstrap,
        level=level,
        random=random,
    )


def _principal(x, y):
    """Slope of the first principal axis along the last axis; NaN where there is none."""
    x, y = x - x.mean(axis=-1, keepdims=True), y - y.mean(axis=-1, keepdims=True)
    sxx, syy, sxy = (x * x).mean(axis=-1), (y * y).mean(axis=-1), (x * y).mean(axis=-1)
    length = np.hypot(syy - sxx, 2 * sxy)
    with np.errstate(divide="ignore", invalid="ignore"):
        slope = np.where(syy > sxx, (syy - sxx + length) / (2 * sxy), 2 * sxy / (sxx - syy + length))
    return np.where(length < 1e-24, np.nan, slope)


def power_or_exponential(x, y):
    """How straight the points are on two logarithmic axes, and how straight on one.

    A large R2 of ln y on ln x is no sign of a power law unless that of ln y on x is clearly smaller: over little more
    than a decade an exponential often has 0.9 on two logarithmic axes too.

    Parameters
    ----------
    x, y : arrays, shape (n,), all > 0, at least three different x

    Returns
    -------
    Rivals
        1 where all y are equal.

    Raises
    ------
    UsageError
        If the shapes differ, a value is not positive and finite, or there are fewer than three different x.

    Source: LEDGER 1.

    >>> found = power_or_exponential([1, 2, 4, 8, 16], [1.0, 0.5, 0.25, 0.125, 0.0625])
    >>> round(found.power, 6), found.exponential < 0.9
    (1.0, True)
    """
    x, y = checks.pairs("x", x, "y", y, 3)
    if (x <= 0).any() or (y <= 0).any() or np.unique(x).size < 3:
        raise UsageError(f"{x.size} points at {np.unique(x).size} different x; give positive x and y, three x at least")
    if np.ptp(np.log(y)) == 0:
        return Rivals(1.0, 1.0)
    return Rivals(*(float(np.corrcoef(u, np.log(y))[0, 1] ** 2) for u in (np.log(x), x)))
