"""Marginal probability flux: how much probability of a quantity moves across its axis in a step.

A trajectory y_k(t) is the loss of one sample or the value of one weight. Everything here looks at one interval only,
so that a run streams through without all its snapshots in memory.
"""

from typing import NamedTuple

import numpy as np

from critnet import checks
from critnet.errors import UsageError

BINS = 100


class Flux(NamedTuple):
    """Total flux over one interval and what it lies between, in units of y by iteration; `dropped` is a share.

    `drift` = |d<y>/dt| and `speed` = <|v|> bound `total` from below and above if nothing is dropped. `floor` is the
    total that the same velocities would show if their signs were random.
    """

    total: float
    floor: float
    drift: float
    speed: float
    dropped: float

    @property
    def excess(self):
        """Total above the floor, the control; below 0 where the motion is less ordered than random signs."""
        return self.total - self.floor


def bin_edges(low, high, bins=BINS):
    """Equal bins over the range of a quantity, as coded: over all trajectories and all snapshots of a run.

    Parameters
    ----------
    low, high : float, in the units of y; finite, low <= high
    bins : int >= 1

    Returns
    -------
    array, shape (bins + 1,), float64, the ends exact

    Raises
    ------
    UsageError
        If an end is not finite, the ends are out of order, or bins is below 1.

    Source: METHODS D28.

    >>> bin_edges(0.0, 1.0, 4).tolist()
    [0.0, 0.25, 0.5, 0.75, 1.0]
    """
    low, high = checks.number("low", low), checks.number("high", high)
    if low > high:
        raise UsageError(f"the range is {low} to {high}; give two finite numbers in order, from finite snapshots only")
    return np.linspace(low, high, checks.whole("bins", bins) + 1)


def quantile_edges(values, bins=BINS):
    """Bins that hold equally many of the values; the first one is open to below, so that nothing is dropped.

    Parameters
    ----------
    values : array, shape (n,), finite, at least one
    bins : int >= 1

    Returns
    -------
    array, at most bins + 1 edges, rising, -inf first
        Fewer where values are tied.

    Raises
    ------
    UsageError
        If values are empty or not finite, or bins is below 1.

    Source: METHODS D28 (control).

    >>> quantile_edges([4.0, 1.0, 2.0, 3.0], 2).tolist()
    [-inf, 2.0, 4.0]
    """
    values, bins = np.sort(_trajectories("values", values)), checks.whole("bins", bins)
    last = -(-np.arange(1, bins + 1) * values.size // bins) - 1  # rank of the last value of each bin
    return np.concatenate([[-np.inf], np.unique(values[last].astype(np.float64))])


def binned_flux(before, after, dt, edges):
    """Flux through each bin, J_b = (1/N) sum of the velocities of the trajectories that start in bin b.

    Parameters
    ----------
    before, after : array, shape (n,)
        The same trajectories at the two ends of the interval.
    dt : float > 0, iterations
    edges : array, shape (bins + 1,), rising
        Bins are closed on the right. A trajectory at exactly edges[0] is dropped, as the authors do it.

    Returns
    -------
    array, shape (bins,), units of y by iteration; signed

    Raises
    ------
    UsageError
        If the shapes differ or are empty, a value is not finite, dt is not positive, the edges fall, or a trajectory
        starts outside them.

    Source: METHODS D28 and section 10.

    >>> binned_flux([0.0, 1.0, 2.0, 2.0], [5.0, 2.0, 1.0, 1.0], 1, [0.0, 1.0, 2.0]).tolist()
    [0.25, -0.5]
    """
    number, velocity, bins = _motion(before, after, dt, edges)
    return np.bincount(number, weights=velocity, minlength=bins + 1)[1:] / velocity.size


def total_flux(before, after, dt, edges):
    """|J| = sum over the bins of |J_b|. Arguments, errors and source as `binned_flux`.

    Velocities that oppose each other within a bin cancel, in different bins they add up; so the number depends on the
    bins, between |d<y>/dt| (one bin) and <|v|> (a bin for each trajectory). Fluxes over unequal intervals cannot be
    compared: the velocity of diffusive motion falls as dt^-1/2.

    >>> total_flux([0.5, 1.5], [1.5, 0.5], 2, [0.0, 1.0, 2.0]), total_flux([0.5, 1.5], [1.5, 0.5], 2, [0.0, 2.0])
    (0.5, 0.0)
    """
    return float(np.abs(binned_flux(before, after, dt, edges)).sum())


def flux_bounds(before, after, dt):
    """(|d<y>/dt|, <|v|>): the least and the largest total flux of any binning that drops nothing.

    Arguments and errors as `binned_flux`. Source: METHODS D28.

    >>> flux_bounds([0.0, 0.0], [1.0, -3.0], 1)
    (1.0, 2.0)
    """
    velocity = _velocity(before, after, dt)
    return float(abs(velocity.mean())), float(np.abs(velocity).mean())


def sign_flip_floor(before, after, dt, edges):
    """Mean total flux over random flips of the sign of each velocity: what undirected motion would show.

    For a bin with more than one trajectory E|sum of +-v_k| is taken as sqrt(2/pi) (sum v_k^2)^1/2, the limit of many;
    at worst (two equal velocities dominate) 13 % too high, or (one dominates) 20 % too low. Alone in its bin a
    trajectory counts with |v|. Arguments and errors as `binned_flux`.

    Source: METHODS D28 (control).

    >>> sign_flip_floor([0.5, 1.5], [1.5, 0.5], 1, [0.0, 1.0, 2.0])
    1.0
    """
    number, velocity, bins = _motion(before, after, dt, edges)
    return _floor(number, velocity, bins)


def flux(before, after, dt, edges):
    """Total flux, floor, bounds and dropped share at once. Arguments, errors and source as `binned_flux`.

    >>> flux([0.0, 1.0, 2.0, 2.0], [5.0, 2.0, 1.0, 1.0], 1, [0.0, 1.0, 2.0]).total
    0.75
    """
    number, velocity, bins = _motion(before, after, dt, edges)
    return Flux(
        float(np.abs(np.bincount(number, weights=velocity, minlength=bins + 1)[1:]).sum() / velocity.size),
        _floor(number, velocity, bins),
        float(abs(velocity.mean())),
        float(np.abs(velocity).mean()),
        float((number == 0).mean()),
    )


def flux_course(steps, values, *, definition="control", bins=BINS):
    """Flux over the intervals of a course.

    As coded over every interval between snapshots, in equal bins over the range of all; as the velocity of diffusive
    motion falls as dt^-1/2, the flux then changes wherever the spacing of the snapshots does. In the control over
    single iterations only, in quantile bins of the values at their start; take `excess`, the total above the floor.

    Parameters
    ----------
    steps : array, shape (n_steps,), rising iterations, two or more
    values : array, shape (n_steps, n), a row a snapshot, the same trajectories in each
    definition : "as-coded" or "control"
    bins : int >= 1

    Returns
    -------
    start : array, shape (n_intervals,), iterations at which the intervals begin
    Flux, of arrays of shape (n_intervals,)

    Raises
    ------
    UsageError
        If steps do not rise or are fewer than two, do not fit values, a value is not finite, the control finds no two
        consecutive iterations, or a parameter is out of range.

    Source: METHODS D28 and section 11, C76 to C82.

    >>> start, found = flux_course([0, 1, 2, 12], [[0.0, 1.0], [1.0, 2.0], [2.0, 1.0], [3.0, 2.0]])
    >>> start.tolist(), found.total.tolist()
    ([0, 1], [1.0, 1.0])
    >>> flux_course([0, 10], [[0.0, 1.0], [1.0, 2.0]], definition="as-coded")[1].total.tolist()  # the least is dropped
    [0.05]
    """
    checks.choice("definition", definition, checks.DEFINITIONS)
    steps, values = checks.array("steps", steps), checks.array("values", values, None)
    if steps.ndim != 1 or steps.size < 2 or not (np.diff(steps) > 0).all():
        raise UsageError(f"steps of shape {steps.shape} do not rise; give two iterations or more, in order")
    if values.ndim != 2 or len(values) != steps.size or values.shape[1] == 0:
        raise UsageError(f"values have shape {values.shape}; give a row of trajectories for each of {steps.size} steps")
    checks.finite("values", values)
    gaps = np.diff(steps)
    chosen = np.arange(gaps.size) if definition == "as-coded" else np.flatnonzero(gaps == 1)
    if not chosen.size:
        raise UsageError("no two steps are consecutive; store the iteration after a snapshot, or ask for 'as-coded'")
    edges = bin_edges(values.min(), values.max(), bins) if definition == "as-coded" else None
    found = [
        flux(values[i], values[i + 1], gaps[i], quantile_edges(values[i], bins) if edges is None else edges)
        for i in chosen
    ]
    return steps[chosen].astype(np.int64), Flux(*np.array(found).T)


def _floor(number, velocity, bins):
    members = np.bincount(number, minlength=bins + 1)[1:]
    power = np.bincount(number, weights=velocity**2, minlength=bins + 1)[1:]
    each = np.where(members == 1, 1.0, np.sqrt(2 / np.pi)) * np.sqrt(power)
    return float(each.sum() / velocity.size)


def _motion(before, after, dt, edges):
    """Bin of each trajectory, 1 to the number of bins and 0 for the dropped, its velocity, and the number of bins."""
    velocity = _velocity(before, after, dt)
    before, edges = _trajectories("before", before), checks.array("edges", edges)
    if edges.ndim != 1 or edges.size < 2 or np.isnan(edges).any() or (np.diff(edges) < 0).any():
        raise UsageError(f"edges are {edges}; give at least two numbers in rising order")
    low, high = before.min(), before.max()
    if low < edges[0] or high > edges[-1]:
        raise UsageError(
            f"before runs from {low} to {high}, beyond the edges {edges[0]} to {edges[-1]}; "
            "take the range of the edges over all snapshots"
        )
    return np.searchsorted(edges, before, side="left"), velocity, edges.size - 1


def _velocity(before, after, dt):
    before, after = _trajectories("before", before), _trajectories("after", after)
    if before.shape != after.shape:
        raise UsageError(f"before has shape {before.shape} and after {after.shape}; give the same trajectories")
    return (after.astype(np.float64) - before) / checks.number("dt", dt, above=0)


def _trajectories(name, values):
    values = checks.array(name, values, None)
    if values.ndim != 1 or values.size == 0:
        raise UsageError(f"{name} has shape {values.shape}; give one number a trajectory, at least one")
    if not np.isfinite(values).all():
        raise UsageError(f"{name} holds NaN or infinite values; leave out the diverged snapshots")
    return values
