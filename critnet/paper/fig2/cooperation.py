"""The trajectories of section 2.4: how mean loss, Delta S and criterion go over training, and how steadily."""

import numpy as np
import pandas as pd

from critnet.errors import UsageError
from critnet.losses.deviations import DEFINITIONS, convergence_criterion
from critnet.paper.experiments import HYPERPARAMETERS, STARTS, starts
from critnet.paper.fig2 import phase
from critnet.statistics.courses import evenly, rank_correlation

SETTLED = 10  # the first iterations, in which the two quantities jump, are left out of a trend


def table(sweeps):
    """One row a run of the experiment `starts` that is there.

    Returns
    -------
    DataFrame
        `digest`, `start` ("diverged" or "concentrated"), `setting` ("good" or "bad" hyperparameters), `learning_rate`,
        `batch_size`, `ln_gamma`, `hidden`, `seed`, and `run`, the position in `sweeps`.
    """
    position = {str(d): i for i, d in enumerate(sweeps["digest"].values)}
    kinds = [(start, setting) for start in STARTS for setting in HYPERPARAMETERS]
    rows = [
        (c.digest, *kinds[i % len(kinds)], c.learning_rate, c.batch_size, float(np.log(c.mobility)), c.hidden, c.seed,
         position[c.digest])
        for i, c in enumerate(starts()) if c.digest in position
    ]  # fmt: skip
    columns = ["digest", "start", "setting", "learning_rate", "batch_size", "ln_gamma", "hidden", "seed", "run"]
    return pd.DataFrame(rows, columns=columns)


def trajectory(sweeps, run, definition):
    """Iterations, mean loss, Delta S and criterion of one run at all snapshots at which its loss was a number.

    Raises
    ------
    UsageError
        If the definition is not known.
    """
    if definition not in DEFINITIONS:
        raise UsageError(f"definition is {definition!r}; choose one of {', '.join(DEFINITIONS)}")
    loss = sweeps["mean_loss"].values[run].astype(float)
    entropy = sweeps["entropy_change"].sel(estimate=definition).values[run].astype(float)
    kept = np.isfinite(loss) & np.isfinite(entropy)
    criterion = phase.drawable(convergence_criterion(loss[kept], entropy[kept]))
    return sweeps["step"].values[kept], loss[kept], entropy[kept], criterion


def trends(sweeps, runs, definition, *, even=True):
    """Rank correlation with the iteration, from t = 10 on, of mean loss, Delta S and criterion: one row a run.

    `even` counts equal steps of ln t alike, otherwise snapshots, which crowd at late times.

    Returns
    -------
    array, shape (n_runs, 3), each in [-1, 1]; 0 for a quantity that never changes
    """
    found = np.zeros((len(runs), 3))
    for row, run in zip(found, runs, strict=True):
        step, *quantities = trajectory(sweeps, run, definition)
        late = step >= SETTLED
        if late.sum() > 2:
            step, values = step[late], np.array(quantities)[:, late]
            t, values = evenly(step, values, step[0], step[-1]) if even else (step, values)
            row[:] = [rank_correlation(t, v) for v in values]
    return found
