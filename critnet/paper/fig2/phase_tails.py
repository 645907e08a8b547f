"""The tails of p(L) at T in the sweeps, and the claims that they decide."""

import functools

import numpy as np

from critnet.errors import UsageError
from critnet.paper import fits, ledger
from critnet.paper.measured import Measured, NotTestable, share
from critnet.paper.rules import at_least
from critnet.paper.sweeps import grid
from critnet.statistics.cells import Bins, best_alpha
from critnet.statistics.counted import fit_bins
from critnet.statistics.tails import DECADES, FEWEST, SIGNIFICANT, lognormal_distance

BOOTSTRAP, UNIONS = 50, 40
MOST = 40  # runs fitted for one claim
claim = functools.partial(ledger.claim, section="2.3", data="sweeps", population="40 runs of the grid, evenly spaced")


def tail(sweeps, run):
    """The power law that fits p(L) of a run best at its upper end.

    The losses are known in the 500 equal bins of the authors; 40 unions of these, about even in ln L, are as telling
    and sooner fitted, by the likelihood of the bins. Where the tail begins is chosen by the Kolmogorov-Smirnov
    distance, among those that leave 1.5 decades. The p-value is worked out only where no rival has beaten the power law
    already; without it nothing is supported.

    Parameters
    ----------
    sweeps : xarray.Dataset, data/sweeps.nc
    run : int, position in it

    Returns
    -------
    TailFit, or None where there is no such tail: the losses of a network that answers every image alike lie within a
    narrow range.
    """
    counts = sweeps["final_losses"].values[run]
    ends = [float(sweeps[name].values[run, -1]) for name in ("min_loss", "max_loss")]
    key = fits.key_of("losses", ends, counts, unions=UNIONS, n_bootstrap=BOOTSTRAP)
    hidden, batch, rate, seed = (sweeps[name].values[run] for name in ("hidden", "batch_size", "learning_rate", "seed"))
    about = f"losses at T, h = {hidden}, B = {batch}, learning rate {rate:.3g}, seed {seed}, the best tail"
    return fits.once(key, about, lambda: _fitted(counts, *ends))


def _fitted(counts, low, high):
    """The TailFit of counts in equal bins from `low` to `high`, or None."""
    if not high > low * 10**DECADES:
        return None
    edges = np.linspace(low, high, counts.size + 1)
    cut = np.unique(np.rint(np.geomspace(1, counts.size, UNIONS + 1)).astype(int))
    edges, counts = edges[cut], np.add.reduceat(np.rint(counts), cut[:-1])
    longest = int(np.searchsorted(edges, high / 10**DECADES, side="right"))  # a tail of 1.5 decades begins before it
    start = min(range(max(longest, 1)), key=lambda k: _distance(edges[k:], counts[k:]))
    try:
        fit = fit_bins(edges, counts, x_min=edges[start])
        if beaten(fit):
            return fit
        return fit_bins(edges, counts, x_min=edges[start], n_bootstrap=BOOTSTRAP, random=np.random.default_rng(0))
    except UsageError:  # fewer than 50 losses, or all in one bin
        return None


def _distance(edges, counts):
    """Kolmogorov-Smirnov distance of a histogram from the power law that fits it best."""
    if np.count_nonzero(counts) < 2 or counts.sum() < FEWEST:
        return np.inf
    bins = Bins(edges)
    law = 1 - bins.survival(best_alpha(bins, counts))
    return np.abs(np.cumsum(counts) / counts.sum() - law).max()


def beaten(fit):
    """Whether a log-normal, an exponential or a truncated power law is significantly better."""
    return any(fit.ratio[r] < 0 and fit.ratio_p[r] < SIGNIFICANT for r in fit.ratio)


def supported(fit):
    """Whether the tail is a power law by D38: not beaten, p > 0.1, at least 1.5 decades."""
    return fit is not None and fit.supported


def lognormal(fit):
    """Whether a log-normal tail is significantly better than a power law."""
    return fit is not None and bool(fit.ratio["lognormal"] < 0 and fit.ratio_p["lognormal"] < SIGNIFICANT)


@claim("C68", "2g", "a small criterion means a converged run with a heavy-tailed distribution of losses",
       "criterion < -5", at_least(0.8, 0.5),
       quantity="share of converged runs with a power-law tail", kind="mechanism")  # fmt: skip
def heavy_tails(sweeps, definition):
    """Share of the converged runs (criterion below -5) whose losses have a power-law tail (D38)."""
    rows = grid.of(sweeps, definition)
    small = rows[rows["criterion"] < grid.CONVERGED]
    if small.empty:
        raise NotTestable(f"no run has converged{grid.missing(rows)}")
    fits = _fits(sweeps, small)
    good = share(sum(supported(f) for f in fits), len(fits))
    there = [f for f in fits if f is not None]
    guessing = int((small["test_accuracy"] < grid.GUESSES).sum())
    heavier = np.mean(
        [f.ratio["exponential"] > 0 and f.ratio_p["exponential"] < SIGNIFICANT for f in there] or [np.nan]
    )
    also = {
        "share in which a log-normal is significantly better than a power law": _share_lognormal(there),
        "share in which an exponential is significantly worse": heavier,
    }
    note = (
        f"{len(fits)} of {len(small)} such runs fitted, over 1.5 decades or more below the largest loss; "
        f"{len(fits) - len(there)} have losses that span less; {guessing} of the {len(small)} answer no better than by "
        f"guessing{grid.missing(rows)}"
    )
    return Measured(good, also, note)


def _share_lognormal(fits):
    return np.mean([lognormal(f) for f in fits] or [np.nan])


@claim("C69", "2g", "far below the boundary the losses are log-normal", "d < -2",
       at_least(0.8, 0.5), definitions=("as-coded",),
       quantity="share of runs with a tail better log-normal than power law", kind="existence")  # fmt: skip
def far_below(sweeps, definition):
    """Share of the runs with d < -2 in which a log-normal tail is significantly better than a power law."""
    rows = grid.of(sweeps, definition)
    far = rows[(rows["d"] < -2) & ~rows["diverged"]]
    if far.empty:
        raise NotTestable(f"no run lies at d < -2{grid.missing(rows)}")
    above = rows[(rows["d"] > 1) & ~rows["diverged"]]
    fits, others = _fits(sweeps, far), [f for f in _fits(sweeps, above) if f is not None]
    there = [f for f in fits if f is not None]
    better = share(sum(lognormal(f) for f in fits), len(fits))
    also = {
        "the same of those that span 1.5 decades": _share_lognormal(there),
        "the same of runs at d > 1": _share_lognormal(others),
        "distance of all losses up to their 99 % quantile from a log-normal law": _lognormal_distances(sweeps, far),
        "that of runs at d > 1": _lognormal_distances(sweeps, above),
    }
    note = (
        f"{len(fits)} of {len(far)} such runs fitted; {len(fits) - len(there)} have losses that span less than 1.5 "
        f"decades, as they answer every image alike; distances of the distribution functions, medians"
        f"{grid.missing(rows)}"
    )
    return Measured(better, also, note)


def _lognormal_distances(sweeps, rows):
    levels, quantiles = sweeps["quantile"].values, sweeps["final_loss_quantile"].values[rows["run"]]
    return np.nanmedian([lognormal_distance(levels, q) for q in quantiles] or [np.nan])


def _fits(sweeps, rows):
    """The tails of the runs, at most 16 of them, evenly spaced in the table."""
    if rows.empty:
        return []
    chosen = rows["run"].to_numpy()[np.unique(np.linspace(0, len(rows) - 1, MOST).round().astype(int))]
    return [tail(sweeps, run) for run in chosen]
