"""Irreversibility of the path of a weight: how its correlation with itself differs from that with its reversal."""

import numpy as np
from scipy.fft import irfft, next_fast_len, rfft

from critnet import checks
from critnet.errors import UsageError

CHUNK = 2000  # paths at once: their transforms then fit into 50 MB


def even_grid(steps):
    """Iterations in equal steps of the median spacing, from the first on; the last is reached only by chance.

    Parameters
    ----------
    steps : array, shape (n_steps,), rising iterations, at least two

    Returns
    -------
    float array, shape (n_grid,), iterations

    Raises
    ------
    UsageError
        If steps do not rise or are fewer than two.

    Source: METHODS D37 and section 10.

    >>> even_grid([0, 1, 3, 5, 7, 10]).tolist()
    [0.0, 2.0, 4.0, 6.0, 8.0]
    """
    steps = checks.array("steps", steps)
    if steps.ndim != 1 or steps.size < 2 or not (np.diff(steps) > 0).all():
        raise UsageError(f"steps of shape {steps.shape} do not rise; give two iterations or more, in order")
    return np.arange(steps[0], steps[-1], np.median(np.diff(steps)))


def resample(steps, paths, grid):
    """Paths on another grid of iterations, linear between snapshots.

    Parameters
    ----------
    steps : array, shape (n_steps,), rising
    paths : array, shape (n_paths, n_steps), finite
    grid : array, shape (n_grid,), iterations within the steps

    Returns
    -------
    float64 array, shape (n_paths, n_grid)

    Raises
    ------
    UsageError
        If the shapes do not fit, a value is not finite, or the grid leaves the steps.

    >>> resample([0, 2], [[1.0, 3.0]], [0, 1, 2]).tolist()
    [[1.0, 2.0, 3.0]]
    """
    steps, paths, grid = checks.array("steps", steps), _paths(paths), checks.array("grid", grid)
    if steps.shape != (paths.shape[1],):
        raise UsageError(f"{steps.size} steps do not fit paths of shape {paths.shape}; give a value a step")
    checks.sample("grid", grid)
    if grid.min() < steps[0] or grid.max() > steps[-1]:
        raise UsageError(
            f"the grid runs from {grid.min():g} to {grid.max():g}; the steps from {steps[0]:g} to {steps[-1]:g}"
        )
    right = np.clip(np.searchsorted(steps, grid, side="right"), 1, steps.size - 1)
    share = (grid - steps[right - 1]) / (steps[right] - steps[right - 1])
    return paths[:, right - 1] * (1 - share) + paths[:, right] * share


def irreversibility(paths, definition="control"):
    """R, the mean square over all lags of a path's correlation with itself less that with its own reversal.

    As coded the path is taken as it is, mean and scale included: R = < (A(tau) - B(tau))^2 > over its 2 n - 1 lags,
    A = sum x(t) x(t + tau) and B = sum x(t) x(n - 1 - t - tau). It scales with the fourth power of the weight and
    measures net drift: 0 for a constant and for a palindrome. In the control the path is centred and R is divided by
    A(0)^2, so that it has neither unit nor scale; a path that never moves has R = 0.

    Parameters
    ----------
    paths : array, shape (n_paths, n_grid)
        On equal steps of time, as from `resample`.
    definition : "as-coded" or "control"

    Returns
    -------
    float64 array, shape (n_paths,): units of the weight to the fourth as coded, none in the control

    Raises
    ------
    UsageError
        If paths are not a finite matrix with at least one step, or the definition is unknown.

    Source: Liu & Wang 2025, section 3.1 and Fig. 4i; METHODS D37.

    >>> irreversibility([[1.0, 0.0], [2.0, 2.0], [3.0, 0.0]], definition="as-coded").round(6).tolist()
    [0.666667, 0.0, 54.0]
    """
    paths = _paths(paths)
    checks.choice("definition", definition, checks.DEFINITIONS)
    n = paths.shape[1]
    size, found = next_fast_len(2 * n - 1, real=True), []
    for first in range(0, len(paths), CHUNK):
        x = paths[first : first + CHUNK]
        if definition == "control":
            x = x - x.mean(axis=1, keepdims=True)
        forward, backward = rfft(x, size), rfft(x[:, ::-1], size)
        # both correlations over the lags -(n - 1) ... n - 1: A as x with its reversal, B as x with itself
        difference = irfft(forward * backward - forward**2, size)[:, : 2 * n - 1]
        values = (difference**2).mean(axis=1)
        if definition == "control":
            power = (x**2).sum(axis=1)
            values = np.divide(values, power**2, out=np.zeros_like(values), where=power > 0)
        found.append(values)
    return np.concatenate(found) if found else np.zeros(0)


def correlation_time(paths):
    """First lag at which the autocorrelation of the centred path has fallen to 1/e of its value at lag 0.

    Parameters
    ----------
    paths : array, shape (n_paths, n_grid), on equal steps of time

    Returns
    -------
    float64 array, shape (n_paths,), in steps of the grid, linear between lags; NaN for a path that never moves

    Raises
    ------
    UsageError
        As for `irreversibility`.

    Source: claim C99.

    >>> correlation_time([[1.0, -1.0] * 4, [0.0] * 8]).round(3).tolist()
    [0.337, nan]
    """
    paths = _paths(paths)
    n, found = paths.shape[1], []
    size = next_fast_len(2 * n - 1, real=True)
    for first in range(0, len(paths), CHUNK):
        x = paths[first : first + CHUNK] - paths[first : first + CHUNK].mean(axis=1, keepdims=True)
        correlation = irfft(np.abs(rfft(x, size)) ** 2, size)[:, :n]
        moves = np.ptp(paths[first : first + CHUNK], axis=1) > 0
        level = correlation / np.where(moves, correlation[:, 0], 1)[:, None] - 1 / np.e
        at = np.clip((level <= 0).argmax(axis=1), 1, None)
        rows = np.arange(len(x))
        before, after = level[rows, at - 1], level[rows, at]
        found.append(np.where(moves, at - 1 + before / np.where(moves, before - after, 1), np.nan))
    return np.concatenate(found) if found else np.zeros(0)


def _paths(paths):
    paths = checks.array("paths", paths)
    if paths.ndim != 2 or paths.shape[1] < 1 or not np.isfinite(paths).all():
        raise UsageError(
            f"paths of shape {paths.shape} are not a finite matrix (n_paths, n_grid); "
            "leave out the snapshots of a diverged run"
        )
    return paths
