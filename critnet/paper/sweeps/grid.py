"""The phase diagram as a table: where each run of the grid lies, and its state at a fraction of its training.

A run belongs to the "batch" family at learning rate 0.1, to the "rate" family at batch size 64, and to "both" where the
two meet. Everything that is called a diagram here is a table of runs with the columns of `table` and `states`.
"""

import numpy as np
import pandas as pd

from critnet.errors import UsageError
from critnet.losses.deviations import DEFINITIONS, convergence_criterion
from critnet.paper import experiments, published

FAMILIES = ("batch", "rate")
RATE, BATCH = 0.1, 64  # what the batch family and the rate family keep fixed
TIMES = {"T/4": 0.25, "T/2": 0.5, "T": 1.0}
CONVERGED = -5.0  # the criterion below which the paper draws p(L), Fig. 2g
GUESSES = 0.2  # test accuracy below which a network guesses, or nearly so
MEASURED = ["mean_loss", "max_loss", "entropy", "test_accuracy", "criterion", "d"]


def paper_boundary(ln_gamma):
    """phi, the ln size at which the paper draws its boundary: (ln gamma + 7.7)^2 / 2 + 2.5 (D27b).

    >>> round(float(paper_boundary(np.log(0.1 / 64))), 2)
    3.27
    """
    return published.CURVATURE * (np.asarray(ln_gamma, float) - published.VERTEX) ** 2 + published.MINIMUM


def table(sweeps):
    """One row a run on the two families of the grid, from the paper's default start, whatever its seed.

    Parameters
    ----------
    sweeps : xarray.Dataset, data/sweeps.nc

    Returns
    -------
    DataFrame
        `digest`, `hidden` (h), `M` (2h + 10), `learning_rate`, `batch_size`, `mobility` (their ratio), `ln_gamma` (its
        logarithm, to nine digits, so that equal mobilities are equal), `family` ("batch", "rate" or "both"), `seed`,
        and `run`, the position in `sweeps`. Sorted by size, then mobility.
    """
    rate, batch = sweeps["learning_rate"].values, sweeps["batch_size"].values
    by_batch, by_rate = np.isclose(rate, RATE), batch == BATCH
    start = (sweeps["init"].values == "xavier-uniform") & (sweeps["init_scale"].values == 1)
    kept = np.flatnonzero(start & (by_batch | by_rate))
    hidden, mobility = sweeps["hidden"].values[kept], sweeps["mobility"].values[kept]
    rows = pd.DataFrame(
        {
            "digest": sweeps["digest"].values[kept].astype(str),
            "hidden": hidden,
            "M": published.neurons(hidden),
            "learning_rate": rate[kept],
            "batch_size": batch[kept],
            "mobility": mobility,
            "ln_gamma": np.log(mobility).round(9),
            "family": np.select([by_batch[kept] & by_rate[kept], by_batch[kept]], ["both", "batch"], "rate"),
            "seed": sweeps["seed"].values[kept],
            "run": kept,
        }
    )
    return rows.sort_values(["hidden", "ln_gamma", "family", "seed"], ignore_index=True)


def states(sweeps, rows, *, time="T", definition="as-coded"):
    """The rows with what each run had reached at a fraction of its training.

    Parameters
    ----------
    sweeps : xarray.Dataset, data/sweeps.nc
    rows : DataFrame of `table`
    time : "T/4", "T/2" or "T"
        The kept iteration nearest to it.
    definition : "as-coded", "control" or "upper-tail", of Delta S (D27)

    Returns
    -------
    DataFrame
        The rows and `step`; `mean_loss`, `max_loss` and `entropy` (Delta S), nats; `test_accuracy`; `criterion`,
        ln(mean loss / Delta S), +inf where Delta S is 0; `diverged`, whether the losses were no numbers any more, the
        criterion then being 27.63 and the others NaN; `d`, ln h above the paper's boundary.

    Raises
    ------
    UsageError
        If the time or the definition is not one of these.
    """
    if time not in TIMES or definition not in DEFINITIONS:
        raise UsageError(
            f"time is {time!r} and definition {definition!r}; "
            f"choose one of {', '.join(TIMES)} and one of {', '.join(DEFINITIONS)}"
        )
    steps, run = sweeps["step"].values, rows["run"].values
    at = int(np.abs(steps - TIMES[time] * steps[-1]).argmin())
    loss = sweeps["mean_loss"].values[run, at].astype(float)
    entropy = sweeps["entropy_change"].sel(estimate=definition).values[run, at].astype(float)
    return rows.assign(
        step=steps[at],
        mean_loss=loss,
        max_loss=sweeps["max_loss"].values[run, at].astype(float),
        entropy=entropy,
        test_accuracy=sweeps["test_accuracy"].values[run, at].astype(float),
        criterion=np.asarray(convergence_criterion(loss, entropy)),
        diverged=~np.isfinite(loss),
        d=np.log(rows["hidden"].values) - paper_boundary(rows["ln_gamma"].values),
    )


def of(sweeps, definition, time="T"):
    """`states` of all runs of `table`."""
    return states(sweeps, table(sweeps), definition=definition, time=time)


def of_family(rows, family):
    """The rows of one family, those that both share included; all of them for "both".

    Raises
    ------
    UsageError
        If the family is not known.
    """
    if family not in (*FAMILIES, "both"):
        raise UsageError(f"family is {family!r}; choose one of {', '.join(FAMILIES)}, both")
    return rows if family == "both" else rows[rows["family"].isin((family, "both"))]


def cells(rows):
    """Rows of `states`, medians over the seeds: one row a size, mobility and `family`; `seeds` counts its runs."""
    by_cell = rows.groupby(["hidden", "M", "ln_gamma", "family"])
    return by_cell[MEASURED].median().assign(seeds=by_cell.size()).reset_index()


def pairs(rows):
    """Runs of equal size, mobility and seed from the two families, side by side: columns end in _batch and _rate."""
    batch, rate = (rows[rows["family"] == f] for f in FAMILIES)
    return batch.merge(rate, on=["hidden", "M", "ln_gamma", "seed"], suffixes=("_batch", "_rate"))


def not_run(rows):
    """The cells of the reduced grid (`critnet campaign grid`) that no row covers: `hidden`, `M`, `ln_gamma`, `family`.

    >>> len(not_run(pd.DataFrame({"digest": []})))
    153
    """
    here = set(rows["digest"])
    absent = [c for c in experiments.grid() if c.digest not in here]
    return pd.DataFrame(
        [(c.hidden, published.neurons(c.hidden), round(float(np.log(c.mobility)), 9), _family(c)) for c in absent],
        columns=["hidden", "M", "ln_gamma", "family"],
    )


def missing(rows):
    """What a note says about the cells that were not run; nothing if the grid is complete."""
    absent = len(not_run(rows))
    return f"; {absent} of {len(experiments.grid())} cells of the grid were not run" if absent else ""


def _family(config):
    if np.isclose(config.learning_rate, RATE):
        return "both" if config.batch_size == BATCH else "batch"
    return "rate"
