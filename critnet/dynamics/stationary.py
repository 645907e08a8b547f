"""Motion about a place where it has settled: drift removed, correlated with itself, and along its principal directions.

A window of consecutive iterations is an array (n_steps, n_paths), one column a weight or a loss.
"""

from typing import NamedTuple

import numpy as np
from scipy.fft import irfft, next_fast_len, rfft

from critnet import checks
from critnet.errors import UsageError


class Components(NamedTuple):
    """Principal directions of a window, by falling variance: `variance` (n,) in the units of the paths squared,
    `directions` (n, n_paths) of length 1, and `scores` (n_steps, n), the window along each."""

    variance: np.ndarray
    directions: np.ndarray
    scores: np.ndarray


def detrended(paths):
    """Paths without their mean and their straight line of least squares.

    Parameters
    ----------
    paths : array, shape (n_steps, n_paths), at equal steps of time, three or more

    Returns
    -------
    float64 array of the same shape

    Raises
    ------
    UsageError
        If paths are no finite matrix of three steps or more.

    Source: METHODS D47 and section 11.

    >>> detrended([[0.0, 1.0], [2.0, 4.0], [4.0, 1.0]]).round(12).tolist()
    [[0.0, -1.0], [0.0, 2.0], [0.0, -1.0]]
    """
    paths = _paths(paths)
    time = np.arange(len(paths)) - (len(paths) - 1) / 2
    centred = paths - paths.mean(axis=0)
    return centred - np.outer(time, time @ centred / (time @ time))


def autocorrelation(paths, lags):
    """Mean product of a path with itself some steps later, as a fraction of its variance.

    Parameters
    ----------
    paths : array, shape (n_steps, n_paths), of mean 0; see `detrended`
    lags : int, the largest lag, below n_steps

    Returns
    -------
    float64 array, shape (lags + 1, n_paths); divided by the number of steps, not of products, so that it fades to 0 at
    the end of the window; NaN for a path that never moves.

    Raises
    ------
    UsageError
        As for `detrended`, or if lags is not in 0 ... n_steps - 1.

    Source: claim C99.

    >>> autocorrelation([[1.0], [-1.0], [1.0], [-1.0]], 2).ravel().round(12).tolist()
    [1.0, -0.75, 0.5]
    """
    paths = _paths(paths)
    if not 0 <= lags < len(paths):
        raise UsageError(f"lags is {lags}; it must be from 0 to {len(paths) - 1}, the steps of the window less one")
    size = next_fast_len(len(paths) + lags, real=True)
    found = irfft(np.abs(rfft(paths, size, axis=0)) ** 2, size, axis=0)[: lags + 1]
    moves = np.ptp(paths, axis=0) > 0
    return np.where(moves, found / np.where(moves, found[0], 1.0), np.nan)


def principal_components(paths, count):
    """The directions along which a window varies most.

    Parameters
    ----------
    paths : array, shape (n_steps, n_paths), of mean 0; see `detrended`
    count : int >= 1; at most as many as there are steps and paths

    Returns
    -------
    Components, the largest entry of each direction positive

    Raises
    ------
    UsageError
        As for `detrended`, or if count is out of range.

    Source: METHODS D47.

    >>> found = principal_components([[3.0, 0.0], [-3.0, 0.0], [0.0, 1.0], [0.0, -1.0]], 2)
    >>> found.variance.round(9).tolist(), (found.directions.round(9) + 0).tolist()
    ([4.5, 0.5], [[1.0, 0.0], [0.0, 1.0]])
    """
    paths = _paths(paths)
    if not 1 <= count <= min(paths.shape):
        raise UsageError(
            f"count is {count}; it must be from 1 to {min(paths.shape)}, the steps and paths of the window"
        )
    left, size, right = np.linalg.svd(paths, full_matrices=False)
    rows = np.arange(count)
    sign = np.sign(right[rows, np.abs(right[:count]).argmax(axis=1)])
    return Components(
        size[:count] ** 2 / len(paths), right[:count] * sign[:, None], left[:, :count] * size[:count] * sign
    )


def _paths(paths):
    paths = checks.array("paths", paths)
    if paths.ndim != 2 or len(paths) < 3 or paths.shape[1] < 1 or not np.isfinite(paths).all():
        raise UsageError(
            f"paths of shape {paths.shape} are no finite matrix (n_steps, n_paths) of three steps or more; "
            "leave out what is not finite"
        )
    return paths
