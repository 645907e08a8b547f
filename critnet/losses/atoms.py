"""The losses of all samples as a few weighted atoms: small enough to store by iteration, close enough to tilt."""

from typing import NamedTuple

import numpy as np

from critnet import checks
from critnet.errors import UsageError
from critnet.losses.tilting import loss_array

SMALLEST = float(np.finfo(np.float32).tiny)  # below it steps in ln L would be spent on nothing


class Atoms(NamedTuple):
    """Losses as weighted atoms: `values` in nats, rising, and `counts` of samples, both of shape (n_atoms,)."""

    values: np.ndarray
    counts: np.ndarray


def loss_atoms(losses, n_exact=300, n_groups=500):
    """Compress the losses of all samples to weighted atoms.

    The largest losses, which decide what a reweighting towards high loss does, are kept one by one; so is the smallest.
    The rest is grouped in equal steps of ln L and each group becomes its mean. Grouping moves mass inwards at fixed
    mean, so the rate function of the atoms is never below that of the losses. For 60 000 losses of exponential,
    log-normal, Pareto and trained-network shape it exceeds it by less than 0.2 %, from a hundredth of the mean to the
    largest loss; for a uniform distribution, whose density does not fall towards the largest, by less than 2 %.

    Parameters
    ----------
    losses : array, shape (n_samples,), nats
    n_exact : int >= 1
        How many of the largest are kept; equal ones share an atom.
    n_groups : int >= 3
        One for the smallest loss, one for all others below 1.2e-38 (denormal in float32), the rest in ln L.

    Returns
    -------
    Atoms
        At most n_exact + n_groups; their counts add up to n_samples, their mean is the mean loss to rounding, their
        ends are the smallest and the largest loss.

    Raises
    ------
    UsageError
        If a number of atoms is too small or not whole, or a loss is NaN, infinite or negative.

    Source: ours, for METHODS D27 at many iterations.

    >>> loss_atoms([0.0, 0.0, 0.0, 2.0, 2.0, 3.0], n_exact=2, n_groups=3)
    Atoms(values=array([0., 2., 3.]), counts=array([3, 2, 1]))
    """
    losses = np.sort(loss_array(losses).astype(np.float64))
    n_exact, n_groups = checks.whole("n_exact", n_exact), checks.whole("n_groups", n_groups, 3)
    edge = max(losses.size - int(n_exact), 0)
    values, counts = np.unique(losses[edge:], return_counts=True)
    if edge:
        low_values, low_counts = _grouped(losses[:edge], int(n_groups))
        if low_values[-1] == values[0]:  # equal losses on both sides of the edge
            counts[0] += low_counts[-1]
            low_values, low_counts = low_values[:-1], low_counts[:-1]
        values, counts = np.r_[low_values, values], np.r_[low_counts, counts]
    return Atoms(values, counts)


def expand(atoms):
    """Losses of which `atoms` are the distribution, one a sample; for every function that takes losses.

    Parameters
    ----------
    atoms : Atoms, or values and counts; counts of 0 (padding) are left out

    Returns
    -------
    array, shape (n_samples,), nats

    Raises
    ------
    UsageError
        If the shapes differ, a count is negative or not whole, all are 0, or a value that counts is NaN, infinite or
        negative.

    >>> expand(Atoms(np.array([0.5, 2.0, 0.0]), np.array([2, 1, 0]))).tolist()
    [0.5, 0.5, 2.0]
    """
    values, counts = checks.array("values", atoms[0], None), checks.array("counts", atoms[1])
    if values.shape != counts.shape or values.ndim != 1:
        raise UsageError(f"values have shape {values.shape} and counts {counts.shape}; give one count an atom")
    whole = np.isfinite(counts) & (counts >= 0) & (counts == np.floor(counts))
    if not whole.all():
        raise UsageError(f"counts holds {counts[~whole][0]}; give whole numbers >= 0")
    if not counts.any():
        raise UsageError(f"all {counts.size} counts are 0; give the number of samples at each value, at least one")
    return loss_array(np.repeat(values, counts.astype(np.intp)))


def _grouped(losses, n_groups):
    """Means and counts of the smallest loss, of all others below SMALLEST, and of equal steps of ln L above."""
    group = np.where(losses == losses[0], 0, 1)
    above = (group > 0) & (losses >= SMALLEST)
    if above.any():
        place = np.log(losses[above] / losses[above][0])
        steps = n_groups - 2
        width = place[-1] or 1.0
        group[above] = 2 + np.minimum(steps * place / width, steps - 1).astype(np.intp)
    starts = np.r_[0, np.flatnonzero(np.diff(group)) + 1]
    counts = np.diff(np.r_[starts, losses.size])
    first = losses[starts]
    means = first + np.add.reduceat(losses - np.repeat(first, counts), starts) / counts  # equal losses: exactly theirs
    return means, counts
