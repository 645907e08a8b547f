"""One raw run -> the small arrays that Figs 1e-i, 2f-i, 3e-p and 4c-d read of it."""

import numpy as np
from threadpoolctl import threadpool_limits

from critnet.dynamics.flux import bin_edges, flux, quantile_edges
from critnet.losses.deviations import DEFINITIONS as ENTROPIES
from critnet.losses.deviations import entropy_change, sums_up
from critnet.paper.sweeps import layout
from critnet.paper.sweeps.correlated import CLIQUE_BUDGET, Correlated
from critnet.training.mlp import flatten
from critnet.weights.histograms import weight_histograms


@threadpool_limits.wrap(limits=1)  # as many threads, as many roundings: the same numbers from any number of processes
def reduce_run(run, images, labels, *, clique_budget=CLIQUE_BUDGET):
    """Everything the sweep figures read of one finished run.

    The parts of the run are read twice, one in memory at a time: first for the range of losses and weights, which the
    bins of the flux span, then for everything else.

    Parameters
    ----------
    run : critnet.training.runs.Run
        Finished or diverged; either schedule.
    images : array, shape (n_samples, 784), float32
    labels : int array, shape (n_samples,)
        The data the run was trained on, any order of the samples.
    clique_budget : int
        Most maximal cliques to list at each of the two moments.

    Returns
    -------
    dict of arrays
        Named in `layout.LAYOUT`, which gives dimensions, units and meaning of each. All have a length that schedule and
        steps alone fix, so runs stack, except the columns `row_*` of a sparse table of counts. Everything but the axes
        `step` and `correlated_step` and the table is float, and **NaN where there is nothing**: from the first snapshot
        on that is not finite or missing (a diverged run), at t = 100 of a run without it, a bin range of no entries.
        Counts are whole numbers. The table has no rows for what is missing.

    Raises
    ------
    UsageError
        If images and labels do not fit the run.

    Notes
    -----
    Fluxes: `flux` and `flux_floor` over the intervals of the schedule, `unit_flux` and `unit_flux_floor` over one
    iteration, for the losses (nat) and the weights (all parameters), in 100 equal bins over the range of the run (as
    coded; `dropped` is what they leave out) and in 100 quantile bins of the values at the start of the interval. The
    control is quantile flux minus floor. If a run diverged, the range is that of its finite snapshots.
    """
    arrays = layout.blank(run.config)
    index = {int(t): i for i, t in enumerate(arrays["step"])}
    correlated = Correlated(run.config, images, labels, clique_budget)
    ends = _ranges(run, index)
    if ends is not None:
        arrays["range"][:] = ends
        edges = [bin_edges(*pair) for pair in ends]
        before = None
        for snapshot in _finite(run, len(labels)):
            values = (snapshot.losses, flatten(snapshot.weights))
            if before is not None and snapshot.step == before[0] + 1:
                _store_flux(arrays, "unit_", index[before[0]], before, snapshot.step, values, edges)
            if snapshot.step not in index:
                continue
            i = index[snapshot.step]
            if before is not None:
                _store_flux(arrays, "", i - 1, before, snapshot.step, values, edges)
            _store_losses(arrays, i, snapshot)
            for o, y in enumerate(values):
                arrays["dropped"][o, i] = (y == ends[o][0]).mean()
            correlated.add(snapshot)
            if snapshot.step == run.config.steps:
                _store_final(arrays, *values)
            before = (snapshot.step, values)
    arrays.update(correlated.arrays())
    return arrays


def final_weights(run):
    """All parameters at the last iteration, float32, or None if the run diverged before it."""
    for snapshot in run.snapshots([run.config.steps]):
        vector = flatten(snapshot.weights)
        return vector if np.isfinite(vector).all() else None
    return None


def _finite(run, n_samples):
    """The snapshots up to the first that holds a loss or a weight that is not finite."""
    for snapshot in run.snapshots():
        if snapshot.losses.shape != (n_samples,):
            raise ValueError(
                f"the run has losses of {snapshot.losses.size} samples, not {n_samples}; "
                "give the images it was trained on"
            )
        if not (np.isfinite(snapshot.losses).all() and all(np.isfinite(w).all() for w in snapshot.weights.values())):
            return
        yield snapshot


def _ranges(run, index):
    """((smallest, largest loss), (smallest, largest weight)) over the kept finite snapshots; None if there is none."""
    lows, highs = [], []
    for snapshot in run.snapshots():
        if snapshot.step not in index:
            continue
        vector = flatten(snapshot.weights)
        low, high = ([f(snapshot.losses), f(vector)] for f in (np.min, np.max))
        if not np.isfinite([low, high]).all():  # min and max pass NaN on
            break
        lows.append(low)
        highs.append(high)
    if not lows:
        return None
    return tuple(zip(np.min(lows, axis=0).astype(float), np.max(highs, axis=0).astype(float), strict=True))


def _store_flux(arrays, prefix, i, before, step, after, edges):
    start, values = before
    for o, (old, new) in enumerate(zip(values, after, strict=True)):
        for b, bins in enumerate((edges[o], quantile_edges(old))):
            found = flux(old, new, step - start, bins)
            arrays[f"{prefix}flux"][o, b, i] = found.total
            arrays[f"{prefix}flux_floor"][o, b, i] = found.floor
        arrays[f"{prefix}drift"][o, i] = found.drift
        arrays[f"{prefix}speed"][o, i] = found.speed


def _store_losses(arrays, i, snapshot):
    losses = snapshot.losses.astype(np.float64)
    arrays["mean_loss"][i], arrays["variance_loss"][i] = losses.mean(), losses.var()
    arrays["min_loss"][i], arrays["max_loss"][i] = losses.min(), losses.max()
    arrays["test_accuracy"][i] = snapshot.test_accuracy
    for d, definition in enumerate(ENTROPIES):
        arrays["entropy_change"][i, d] = _entropy(snapshot.losses, definition)


def _entropy(losses, definition):
    if definition == "as-coded" and (np.ptp(losses) <= 200 * np.spacing(losses.max()) or not sums_up(losses)):
        return np.nan  # too close for the knots of the authors' spline, or about to explode
    return entropy_change(losses, layout.LOSS_THRESHOLD, definition=definition)


def _store_final(arrays, losses, weights):
    arrays["final_losses"][:] = np.histogram(losses.astype(np.float64), layout.LOSS_BINS)[0]
    arrays["final_loss_quantile"][:] = np.quantile(losses.astype(np.float64), layout.QUANTILES)
    largest = np.sort(losses)[::-1][: layout.LARGEST]
    arrays["largest_losses"][: largest.size] = largest
    for s, histogram in enumerate(weight_histograms(weights, layout.WEIGHT_BINS)):
        arrays["final_weights"][s] = histogram.counts
        arrays["final_weight_range"][s] = histogram.edges[[0, -1]]
