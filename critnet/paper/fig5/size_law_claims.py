"""Claims of section 4.2 on the law of sizes: the exponent 3/2 of neurons, and a power law of edges."""

import functools

import numpy as np
import pandas as pd

from critnet.errors import UsageError
from critnet.paper import ledger
from critnet.paper.fig5 import size_laws, stored
from critnet.paper.fig5.avalanche_claims import REDRAWS, circuits_of
from critnet.paper.measured import NETWORKS, Measured, NotTestable, estimate, point
from critnet.paper.rules import above, all_of, at_least, for_reproduced, within
from critnet.statistics.avalanches import draw_progeny, log_bin_slope
from critnet.statistics.nulls import geometric_numbers
from critnet.statistics.resampling import networks_interval
from critnet.statistics.tails import fit_tail

claim = functools.partial(
    ledger.claim, section="4.2", data=("circuits", "runs"), population="89 networks of all experiments, each once"
)
LEAST, MOST = "smallest exponent of the pools", "largest exponent of the pools"
CLOSE = (1.35, 1.65)


def _pool(rows, name):
    """Positive sizes of a pool; not testable with fewer than 50."""
    values = rows[name].values.astype(int)
    if (values >= 1).sum() < 50:
        raise NotTestable(f"{(values >= 1).sum()} circuits have a size above 0; a law of sizes needs 50")
    return values[values >= 1]


def _exponent(rows, name):
    """The exponent by a line through bins that grow, with redrawn networks."""
    values = _pool(rows, name)
    parts = [part[name].values.astype(int) for _, part in rows.groupby("network")]
    parts = [part[part >= 1] for part in parts if (part >= 1).any()]

    def slopes(drawn):
        return np.array([_line(np.concatenate([parts[i] for i in d])) for d in drawn])

    interval = networks_interval(slopes, len(parts), n_bootstrap=REDRAWS, random=np.random.default_rng(0))
    return estimate(interval, NETWORKS, len(parts)), values


def _line(values):
    try:
        return -log_bin_slope(values).slope
    except UsageError:
        return np.nan


def _geometric(values):
    """The same estimator on geometric numbers of the same mean and number."""
    random = np.random.default_rng(0)
    found = [_line(geometric_numbers(values, random).astype(int)) for _ in range(100)]
    return estimate((np.median(found), *np.quantile(found, [0.025, 0.975])), NETWORKS, 100)


def _beside(data, rows, name, definition, values):
    """Exponents of other pools and estimators, and of a branching process of the same length."""
    every = stored.frame(data["circuits"], data["runs"])
    pools = size_laws.universes(every, name, constant=definition == "as-coded")
    fit = fit_tail(values, discrete=True)
    also = {
        LEAST: min(pools.values()), MOST: max(pools.values()),
        "by likelihood": fit.alpha, "standard error of that": fit.error,
        "where the fit by likelihood begins": fit.x_min, "decades above that": fit.decades,
        "each model size alike": size_laws.slope(rows, name, "each model size"),
        "at h = 50 alone": size_laws.slope(rows[rows.hidden == 50], name),
        "of a critical branching process cut at the largest size": _line(_progeny(values)),
    }  # fmt: skip
    return also, pools


def _progeny(values):
    """As many critical branching processes, those longer than the largest size left out."""
    drawn = draw_progeny(40 * values.size, random=np.random.default_rng(0), largest=int(values.max()) + 1)
    return drawn[drawn <= values.max()][: values.size]


@claim(
    "C120",
    "5i",
    "the numbers of neurons of circuits follow a power law with the exponent 3/2 of avalanches",
    "1.5",
    all_of(within(CLOSE), for_reproduced(within(CLOSE, of=LEAST)), for_reproduced(within(CLOSE, of=MOST))),
    quantity="exponent of p(N_V) by a line through bins that grow",
)
def law_of_neurons(data, definition):
    """Exponent of all pooled circuits; and its range over weightings of sizes, collapsed and never pruned in or out."""
    rows = circuits_of(data, definition)
    value, values = _exponent(rows, "n_neurons")
    also, _ = _beside(data, rows, "n_neurons", definition, values)
    return Measured(value, also, nulls={"sizes are geometric numbers of the same mean": _geometric(values)})


OVER = "R2 of the line less that of an exponential"
LIKELY, DECADES, RIVAL = "p of the power law", "decades of the tail", "least log-likelihood ratio to a rival that wins"


@claim(
    "C121",
    "5i",
    "the numbers of edges of circuits follow a power law",
    "power law",
    all_of(
        at_least(0.9),
        above(0, of=OVER),
        for_reproduced(at_least(0.1, of=LIKELY)),
        for_reproduced(at_least(1.5, of=DECADES)),
        for_reproduced(at_least(0, of=RIVAL)),
    ),
    quantity="R2 of a line through ln p(N_E) in bins that grow",
    kind="existence",
)
def law_of_edges(data, definition):
    """The line through the bins, an exponential through the same points, and the tail by likelihood with its rivals."""
    rows = circuits_of(data, definition)
    values = _pool(rows, "n_edges")
    line, exponential = log_bin_slope(values).r_squared, _r2_of_exponential(values)
    fit = fit_tail(values, discrete=True, n_bootstrap=100, random=np.random.default_rng(0))
    beaten = [fit.ratio[r] for r in fit.ratio if fit.ratio[r] < 0 and fit.ratio_p[r] < 0.1]
    beside, _ = _beside(data, rows, "n_edges", definition, values)
    exponent, _ = _exponent(rows, "n_edges")
    also = {
        OVER: line - exponential, LIKELY: fit.p_value, DECADES: fit.decades, RIVAL: min(beaten, default=0.0),
        "exponent": exponent, **beside,
    }  # fmt: skip
    random = np.random.default_rng(1)
    null = [log_bin_slope(geometric_numbers(values, random).astype(int)).r_squared for _ in range(100)]
    interval = (np.median(null), *np.quantile(null, [0.025, 0.975]))
    return Measured(
        point(line), also, nulls={"sizes are geometric numbers of the same mean": estimate(interval, NETWORKS, 100)}
    )


def _r2_of_exponential(values, bins=10):
    """R2 of ln p on N itself, at the points that the line goes through."""
    edges = np.unique(np.ceil(np.geomspace(values.min(), values.max() + 1, bins + 1) - 1e-9).astype(int))
    counts = np.histogram(values, edges)[0]
    centre, some = np.sqrt(edges[:-1] * (edges[1:] - 1.0)), counts > 0
    density = pd.Series(np.log(counts[some] / np.diff(edges)[some]))
    return float(density.corr(pd.Series(centre[some])) ** 2)
