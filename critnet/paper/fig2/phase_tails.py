"""The tails of p(L) at T in the sweeps, from the 600 largest losses of a run, and the claims that they decide."""

import numpy as np
from scipy.stats import linregress, norm

from critnet.errors import UsageError
from critnet.paper.fig2 import phase
from critnet.paper.ledger import UNTESTABLE, Measured, verdict
from critnet.statistics.tails import LIKELY, SIGNIFICANT, fit_tail

BOOTSTRAP, CANDIDATES = 50, 20
MOST = 30  # runs fitted for one claim


def tail(largest):
    """The power law fitted to the largest losses, with a p-value where no rival has beaten it already.

    Parameters
    ----------
    largest : array, shape (n,), nats
        Zeros and NaN are left out.

    Returns
    -------
    TailFit, or None where there is no tail: fewer than 50 positive losses, or all of the tail equal (a network that
    answers the same to every image).
    """
    values = np.asarray(largest, float)
    values = values[values > 0]
    try:
        fit = fit_tail(values, candidates=CANDIDATES)
        if beaten(fit):
            return fit
        return fit_tail(values, n_bootstrap=BOOTSTRAP, random=np.random.default_rng(0), candidates=CANDIDATES)
    except UsageError:
        return None


def beaten(fit):
    """Whether a log-normal, an exponential or a truncated power law is significantly better."""
    return any(fit.ratio[r] < 0 and fit.ratio_p[r] < SIGNIFICANT for r in fit.ratio)


def plausible(fit):
    """Whether the tail may be a power law: not beaten, and p > 0.1; D38 without its 1.5 decades."""
    return fit is not None and not beaten(fit) and bool(fit.p_value > LIKELY)


def lognormal(fit):
    """Whether a log-normal tail is significantly better than a power law."""
    return fit is not None and bool(fit.ratio["lognormal"] < 0 and fit.ratio_p["lognormal"] < SIGNIFICANT)


def lognormal_distance(levels, quantiles, highest=0.99):
    """Largest distance between a distribution, known at some quantiles, and the log-normal law nearest to them.

    Parameters
    ----------
    levels, quantiles : array, shape (n,)
        Those at 0, above `highest`, or with a loss of 0 are left out.

    Returns
    -------
    float
        Of the two cumulative distributions at these quantiles; NaN where fewer than three different ones are left.

    >>> level = np.array([0.1, 0.3, 0.5, 0.8])
    >>> round(lognormal_distance(level, np.exp(2 * norm.ppf(level) - 7)), 9)
    0.0
    """
    kept = (levels > 0) & (levels <= highest) & (quantiles > 0)
    level, logs = levels[kept], np.log(quantiles[kept])
    if np.unique(logs).size < 3:
        return np.nan
    fit = linregress(norm.ppf(level), logs)
    return float(np.abs(norm.cdf((logs - fit.intercept) / fit.slope) - level).max())


def _fits(sweeps, rows):
    """The tails of the runs, at most 30 of them, evenly spaced in the table."""
    chosen = rows["run"].to_numpy()[np.unique(np.linspace(0, len(rows) - 1, MOST).round().astype(int))]
    return [tail(v) for v in sweeps["largest_losses"].values[chosen]]


def heavy_tails(sweeps, definition):
    """Share of the converged runs (criterion below -5) whose largest losses may follow a power law."""
    rows = phase.of(sweeps, definition)
    small = rows[rows["criterion"] < phase.CONVERGED]
    if small.empty:
        return Measured([], UNTESTABLE, f"no run has converged{phase.missing(rows)}")
    fits = _fits(sweeps, small)
    good = np.mean([plausible(f) for f in fits])
    there = [f for f in fits if f is not None]
    guessing = int((small["test_accuracy"] < phase.GUESSES).sum())
    alpha, decades = np.median([(f.alpha, f.decades) for f in there] or [[np.nan] * 2], axis=0)
    strict = np.mean([f is not None and f.supported for f in fits])
    text = (
        f"{len(fits)} of {len(small)} such runs fitted; median exponent {alpha:.2f} over {decades:.2f} decades of the "
        f"600 largest losses of 60000; with the 1.5 decades that D38 asks for, which so few losses seldom span, "
        f"{strict:.0%}; {guessing} of the {len(small)} answer no better than by guessing{phase.missing(rows)}"
    )
    return Measured([good], verdict(good >= 0.8, good >= 0.5), text, n_runs=len(fits))


def far_below(sweeps, definition):
    """Share of the runs with d < -2 whose largest losses are significantly better described by a log-normal tail."""
    rows = phase.of(sweeps, definition)
    far = rows[(rows["d"] < -2) & ~rows["diverged"]]
    if far.empty:
        return Measured([], UNTESTABLE, f"no run lies at d < -2{phase.missing(rows)}")
    fits = _fits(sweeps, far)
    there = [f for f in fits if f is not None]
    better = np.mean([lognormal(f) for f in fits])
    ahead = np.mean([f.ratio["lognormal"] < 0 for f in there]) if there else np.nan
    distance = [np.median([lognormal_distance(sweeps["quantile"].values, q)
                           for q in sweeps["loss_quantile"].values[chosen["run"], -1]] or [np.nan])
                for chosen in (far, rows[(rows["d"] > 1) & ~rows["diverged"]])]  # fmt: skip
    text = (
        f"{len(fits)} of {len(far)} such runs fitted; {len(fits) - len(there)} have no tail, as they answer every image "
        f"alike; the log-normal is ahead, significantly or not, in {ahead:.0%} of the others; the losses up to their "
        f"99 % quantile are {distance[0]:.3f} from a log-normal law (median distance of the distribution functions), "
        f"those of runs at d > 1 {distance[1]:.3f}{phase.missing(rows)}"
    )
    return Measured([better], verdict(better >= 0.8, better >= 0.5), text, n_runs=len(fits))
