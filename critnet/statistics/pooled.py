"""The authors' line through the histograms of many models: equal linear bins each, pooled, least squares in ln-ln."""

from typing import NamedTuple

import numpy as np

from critnet import checks
from critnet.errors import UsageError
from critnet.statistics.tails import line

BINS = 50


class Bins(NamedTuple):
    """The bins of one histogram that hold anything: their centres, and the share of all values in each."""

    centre: np.ndarray
    share: np.ndarray


def linear_bins(values, counts=None, n_bins=BINS):
    """The histogram of one model as the authors draw it: equal bins over the range, shares, empty bins dropped.

    Parameters
    ----------
    values : array, shape (n,)
    counts : array, shape (n,), >= 0, or None
        How often each value occurs; None for once each.
    n_bins : int >= 1

    Returns
    -------
    Bins

    Raises
    ------
    UsageError
        If there is no value, one is not finite, or counts do not fit.

    Source: circuit_organization at 7df745e; METHODS D19.

    >>> bins = linear_bins([0, 1, 10], [2, 1, 1], 5)
    >>> bins.centre.tolist(), bins.share.tolist()
    ([1.0, 9.0], [0.75, 0.25])
    """
    values = checks.array("values", values)
    counts = np.ones(values.shape) if counts is None else checks.array("counts", counts)
    if values.shape != counts.shape or values.ndim != 1 or not (counts >= 0).all() or not counts.sum() > 0:
        raise UsageError(f"values have shape {values.shape}, counts {counts.shape}; give one count >= 0 a value")
    if not np.isfinite(values).all():
        raise UsageError("values holds NaN or infinite values; leave them out")
    n_bins = checks.whole("n_bins", n_bins)
    height, edges = np.histogram(values, n_bins, checks.even_range(values, n_bins), weights=counts)
    return occupied(edges, height)


def occupied(edges, height):
    """The `Bins` of a histogram that was counted before."""
    edges, height = checks.array("edges", edges), checks.array("height", height)
    filled = height > 0
    return Bins(((edges[1:] + edges[:-1]) / 2)[filled], height[filled] / height.sum())


def pooled_points(models, *, whole=False):
    """Mean share over the bins of all models that have the same abscissa, and the abscissae.

    A bin counts where it is filled: a model without a bin there does not pull the mean down.

    Parameters
    ----------
    models : list of Bins
    whole : bool
        Cut the bin centres to whole numbers first. Several bins of one model then enter one mean.

    Returns
    -------
    Bins, rising in the centre

    >>> pooled_points([Bins(np.array([1.5, 2.5]), np.array([0.6, 0.4])), Bins(np.array([1.5]), np.array([1.0]))])
    Bins(centre=array([1.5, 2.5]), share=array([0.8, 0.4]))
    """
    if not models:
        raise UsageError("there is no histogram; give at least one")
    centre = np.concatenate([m.centre for m in models])
    centres, group = np.unique(np.trunc(centre) if whole else centre, return_inverse=True)
    share = np.bincount(group, np.concatenate([m.share for m in models])) / np.bincount(group)
    return Bins(centres, share)


def pooled_line(models, *, whole=False, above=0.0):
    """The line through `pooled_points` whose abscissa exceeds `above`.

    For the degree the authors take above = 1, for clique sizes whole numbers above 4, for clique activities whole
    numbers above 6. Biased as `tails.linear_bin_slope` is, and the more so since the bins of a large model are wide and
    hold much: models of different sizes lie beside one another, not on one curve.

    Returns
    -------
    LineFit
        -slope is the exponent; the program of the authors prints the intercept under that name for clique sizes.

    Raises
    ------
    UsageError
        If fewer than two different abscissae are left.

    Source: circuit_organization at 7df745e; METHODS D19.

    >>> x = np.array([1.0, 2.0, 4.0])
    >>> fit = pooled_line([Bins(x, 8 * x**-3)])
    >>> round(fit.slope, 9), round(float(np.exp(fit.intercept)), 9), fit.n_points
    (-3.0, 8.0, 3)
    """
    points, above = pooled_points(models, whole=whole), checks.number("above", above)
    kept = points.centre > max(above, 0)
    return line(points.centre[kept], points.share[kept])


def pooled_interval(models, *, whole=False, above=0.0, n_bootstrap=200, level=0.95, random):
    """Percentile intervals of the slope and the intercept of `pooled_line` when the models are redrawn.

    Returns
    -------
    (low, high) of the slope, (low, high) of the intercept
        Redraws that leave no line are left out; NaN if all do.
    """
    n_bootstrap, level, above = (
        checks.whole("n_bootstrap", n_bootstrap),
        checks.level(level),
        checks.number("above", above),
    )
    checks.generator(random)
    fits = []
    for _ in range(n_bootstrap):
        drawn = [models[i] for i in random.integers(0, len(models), len(models))]
        points = pooled_points(drawn, whole=whole)
        kept = points.centre > max(above, 0)
        if kept.sum() >= 2:
            fits.append(line(points.centre[kept], points.share[kept])[:2])
    if not fits:
        return (np.nan, np.nan), (np.nan, np.nan)
    slope, intercept = np.quantile(fits, [(1 - level) / 2, (1 + level) / 2], axis=0).T
    return tuple(map(float, slope)), tuple(map(float, intercept))
