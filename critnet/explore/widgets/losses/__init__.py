"""The loss explorer: losses of all samples at many iterations, reweighted in the browser to a mean of one's choice."""

import numpy as np

from critnet.errors import UsageError
from critnet.explore.widgets.base import Explorer, text_of

_MANTISSAS = (10, 11, 12, 13, 14, 15, 16, 18, 20, 22, 25, 28, 30, 32, 36, 40, 45, 50, 56, 63, 70, 80, 90)


class LossExplorer(Explorer, scripts=("core", "page", "plot", "losses")):
    """Set a threshold b and an iteration, and watch the losses reweighted to mean b and the entropy that costs.

    The reader sees the distribution of the losses and the reweighted one; the entropy change Delta S exactly, as the
    authors' spline gives it, and for the upper tail alone, against b and against the iteration, with what the spline
    extrapolates hatched; the criterion ln(mean loss / Delta S); and the bound on a batch.

    Parameters
    ----------
    steps : int array, shape (n_steps,)
        Iterations, rising.
    values : array, shape (n_steps, n_atoms), nats
        Losses that occur at each iteration, rising; passed on in float32.
    counts : int array, shape (n_steps, n_atoms)
        How many samples have each; 0 where a row is padded. Every row adds up to the same number.
    thresholds : array, rising, nats
        What the reader chooses b from.
    name : str
        Its id in the page.
    threshold : float
        The published b, one of `thresholds`: chosen first, and marked.
    step : int
        The iteration chosen first, one of `steps`.
    batch_size : int >= 1
        Of the bound e^(-B Delta S).
    caption, words, picture
        As for `Explorer`.

    Attributes
    ----------
    given : dict
        What the browser gets.
    words : str

    Raises
    ------
    UsageError
        If shapes, steps, losses, counts or thresholds do not fit together.
    """

    def __init__(
        self, steps, values, counts, *, thresholds, name, threshold=0.005, step=None, batch_size=64,
        caption="", words="", picture=None,
    ):  # fmt: skip
        steps = _rising("steps", steps, low=0)
        thresholds = _rising("thresholds", thresholds, low=0, open_end=True)
        if not (steps == np.floor(steps)).all():
            raise UsageError(f"steps holds {steps[steps != np.floor(steps)][0]}; iterations are whole")
        step = steps[0] if step is None else step
        for what, value, known in (("step", step, steps), ("threshold", threshold, thresholds)):
            if value not in known:
                raise UsageError(
                    f"{what} is {value}; choose one of the {len(known)} {what}s, {known[0]:g} to {known[-1]:g}"
                )
        if int(batch_size) != batch_size or batch_size < 1:
            raise UsageError(f"batch_size is {batch_size}; give a whole number >= 1")
        rows = _atoms(len(steps), np.asarray(values, np.float64), np.asarray(counts))
        given = {
            "name": name,
            "steps": steps.astype(int).tolist(),
            "lengths": [len(values) for values, _ in rows],  # atoms of each iteration, one after the other below
            "values": text_of(np.concatenate([values for values, _ in rows]), "<f4"),
            "counts": text_of(np.concatenate([counts for _, counts in rows]), "<i4"),
            "thresholds": thresholds.tolist(),
            "start": {"b": float(threshold), "t": int(step)},
            "batch": int(batch_size),
            "caption": caption,
        }
        super().__init__(given, words=words, picture=picture)


def thresholds_between(low, high):
    """Round numbers from `low` to `high`, 23 a decade.

    >>> thresholds_between(1e-3, 1e-2)[[0, 1, -2, -1]].tolist()
    [0.001, 0.0011, 0.009, 0.01]
    """
    decades = range(int(np.floor(np.log10(low))) - 1, int(np.ceil(np.log10(high))) + 1)
    values = np.array([float(f"{mantissa}e{decade - 1}") for decade in decades for mantissa in _MANTISSAS])
    return values[(values >= low * (1 - 1e-12)) & (values <= high * (1 + 1e-12))]


def _rising(name, values, *, low, open_end=False):
    values = np.asarray(values, np.float64)
    wanted = f"give two or more rising numbers {'>' if open_end else '>='} {low}"
    if values.ndim != 1 or len(values) < 2:
        raise UsageError(f"{name} have shape {values.shape}; {wanted}")
    outside = ~np.isfinite(values) | (values < low) | (open_end & (values == low))
    bad = outside | ~np.r_[True, np.diff(values) > 0]
    if bad.any():
        raise UsageError(f"{name} hold {values[bad][0]} at place {np.flatnonzero(bad)[0]}; {wanted}")
    return values


def _atoms(n_steps, values, counts):
    """Values and counts of each iteration, without the padding, once they have been looked at."""
    if values.ndim != 2 or values.shape != counts.shape or len(values) != n_steps or values.shape[1] == 0:
        raise UsageError(
            f"values have shape {values.shape} and counts {counts.shape}; with these steps both must be "
            f"({n_steps}, n_atoms), n_atoms >= 1"
        )
    whole = np.isfinite(counts) & (counts >= 0) & (counts == np.floor(counts))
    if not whole.all():
        raise UsageError(f"counts holds {counts[~whole][0]}; give whole numbers >= 0")
    used = counts > 0
    bad = used & ~(np.isfinite(values) & (values >= 0))
    if bad.any():
        raise UsageError(
            f"values holds {values[bad][0]}; a loss is finite and >= 0: leave out iterations that diverged"
        )
    totals = np.unique(counts.sum(axis=1))
    if len(totals) > 1 or totals[0] == 0:
        raise UsageError(
            f"counts add up to {totals.tolist()}; every iteration has the same number of samples, at least 1"
        )
    rows = [(row[use], count[use]) for row, count, use in zip(values, counts, used, strict=True)]
    for row, _ in rows:
        if (np.diff(row) < 0).any():
            raise UsageError(
                f"values fall from {row[:-1][np.diff(row) < 0][0]}; give the losses of an iteration rising"
            )
    return rows
