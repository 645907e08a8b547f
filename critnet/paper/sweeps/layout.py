"""What `reduce_run` returns: the dimensions, units and meaning of every array, and the values along the dimensions."""

from typing import NamedTuple

import numpy as np

from critnet.losses.deviations import DEFINITIONS as ENTROPIES
from critnet.neurons.correlation_histogram import BINS, LOG_EDGES, STRENGTH_BINS
from critnet.neurons.sweep import GraphMetrics
from critnet.training.config import snapshots
from critnet.training.mlp import parameter_count

LOSS_THRESHOLD = 5e-3  # b of Delta S, nats
THRESHOLDS = np.linspace(0.5, 1.0, 10)
GRAPHS = (("as-coded", "fisher"), ("as-coded", "absolute"), ("control", "absolute"))
DEFINITIONS = ("as-coded", "control")
OBSERVABLES = ("loss", "weight")
BINNINGS = ("equal", "quantile")
QUANTILES = np.concatenate([[0, 1e-4, 1e-3, 0.01], np.arange(1, 26) / 26, [0.99, 0.999, 0.9999, 1]])
LARGEST = 600
TRANSITION = 100  # the iteration beside the last at which distributions are kept
CORRELATED = (0, 1, 2, 3, 5, 8, 12, 16, 20, 30, 40, 50, 70, 100, 140, 200, 2200, 4200, 10_200, 20_200, 40_200, 100_200)
LOSS_BINS, WEIGHT_BINS, ACTIVITY_BINS = 500, 100, 50
ACTIVITY_EDGES = np.logspace(-2, 4, 61)
KINDS = ("degree", "component", "clique")


class Field(NamedTuple):
    dims: tuple
    units: str
    meaning: str


_FLUX = ("observable", "binning")
_GRAPH = ("c", "graph", "threshold")

LAYOUT = {
    "step": Field(("t",), "1", "kept iterations of the schedule, all of them even if the run diverged"),
    "mean_loss": Field(("t",), "nat", "mean loss over the training samples (D23)"),
    "variance_loss": Field(("t",), "nat^2", "population variance of the losses"),
    "min_loss": Field(("t",), "nat", "smallest loss"),
    "max_loss": Field(("t",), "nat", "largest loss"),
    "test_accuracy": Field(("t",), "1", "share of test images classified rightly"),
    "entropy_change": Field(("t", "estimate"), "nat", "Delta S at b = 0.005 of the float32 losses, by ENTROPIES (D27)"),
    "range": Field(("observable", "end"), "nat, 1", "smallest and largest value over all snapshots: ends of the bins"),
    "flux": Field((*_FLUX, "interval"), "nat, 1 / iteration", "total flux from step[i] to step[i + 1] (D28)"),
    "flux_floor": Field((*_FLUX, "interval"), "nat, 1 / iteration", "its sign-flip floor"),
    "drift": Field(("observable", "interval"), "nat, 1 / iteration", "|d<y>/dt|, the lower bound of flux"),
    "speed": Field(("observable", "interval"), "nat, 1 / iteration", "<|v|>, the upper bound of flux"),
    "unit_flux": Field((*_FLUX, "t"), "nat, 1 / iteration", "total flux from step[i] to step[i] + 1"),
    "unit_flux_floor": Field((*_FLUX, "t"), "nat, 1 / iteration", "its sign-flip floor"),
    "unit_drift": Field(("observable", "t"), "nat, 1 / iteration", "|d<y>/dt| over that one step"),
    "unit_speed": Field(("observable", "t"), "nat, 1 / iteration", "<|v|> over that one step"),
    "dropped": Field(
        ("observable", "t"), "1", "share of trajectories at the global minimum, which equal bins leave out"
    ),
    "final_losses": Field(
        ("bin_loss",), "1", "samples in 500 equal bins of loss from min_loss to max_loss, at T (D26)"
    ),
    "final_loss_quantile": Field(("quantile",), "nat", "quantiles of the losses at T, at the levels QUANTILES"),
    "largest_losses": Field(("rank",), "nat", "the 600 largest losses at T, falling"),
    "final_weights": Field(
        ("sign", "bin_weight"), "1", "parameters >= 0 and < 0 in 100 equal bins of modulus at T (D32)"
    ),
    "final_weight_range": Field(("sign", "end"), "1", "first and last edge of those bins"),
    "correlated_step": Field(("c",), "1", "iterations at which correlations were measured"),
    "train_accuracy": Field(("c",), "1", "share of training images classified rightly"),
    "strength": Field(("c", "definition"), "1", "F2, the squared norm of C (D10); the norm itself is its root"),
    "persistence": Field(("c", "definition"), "1", "correlation of the off-diagonal C(t) with C(T) (D21)"),
    "prediction_entropy": Field(("c", "definition"), "nat", "prediction entropy (D16)"),
    "dead": Field(("c",), "1", "neurons whose activity never changes (D8)"),
    "rare": Field(("c",), "1", "neurons active on fewer than 1 % of the samples"),
    **{
        name: Field(_GRAPH, "nat" if name.startswith("entropy") else "1", f"{name.replace('_', ' ')} (D9-D14)")
        for name in GraphMetrics._fields
    },
    "final_strengths": Field(
        ("definition", "bin_strength"), "1", "entries of |C|, diagonal too, in 500 bins at T (D22)"
    ),
    "final_strength_range": Field(("definition", "end"), "1", "first and last edge of those bins"),
    "positive_correlations": Field(
        ("moment", "bin_correlation"), "1", "entries 0.1 < C < 0.99 as coded, 100 bins (D22)"
    ),
    "positive_correlation_range": Field(("moment", "end"), "1", "first and last edge of those bins"),
    "pair_strengths": Field(
        ("moment", "definition", "bin_log_strength"), "1", "pairs by |C| in the bins LOG_EDGES (D22, control)"
    ),
    "cliques": Field(("moment",), "1", "maximal cliques counted, graph 0 at threshold 0.5 (D19)"),
    "cliques_truncated": Field(("moment",), "1", "1 if the budget cut the list: then a lower bound, no distribution"),
    "clique_activity": Field(("moment", "bin_activity"), "1", "cliques in 50 equal bins of a_C (D19)"),
    "clique_activity_range": Field(("moment", "end"), "1", "first and last edge of those bins"),
    "clique_log_activity": Field(("moment", "bin_log_activity"), "1", "cliques by a_C in the bins ACTIVITY_EDGES"),
    "row_kind": Field(("row",), "1", "sparse table of counts: 0 degree, 1 component size, 2 clique size"),
    "row_moment": Field(("row",), "1", "0 at t = 100, 1 at T"),
    "row_graph": Field(("row",), "1", "index in GRAPHS"),
    "row_threshold": Field(("row",), "1", "index in THRESHOLDS"),
    "row_size": Field(("row",), "1", "degree, size of a component or of a clique, neurons"),
    "row_count": Field(("row",), "1", "how many neurons, components or cliques have it"),
}
"""Name to dimensions, units and meaning. All but the rows of the table have a length fixed by schedule and steps."""


def correlated_steps(schedule, steps):
    """The kept iterations nearest to CORRELATED, and the last.

    >>> correlated_steps("sweep", 200_000)[-3:], len(correlated_steps("sweep", 200_000))
    ([40200, 100200, 200000], 23)
    """
    kept = np.array(snapshots(schedule, steps))
    return sorted({int(kept[np.abs(kept - t).argmin()]) for t in (*CORRELATED, steps) if t <= steps})


def moments(schedule, steps):
    """The two iterations of the dimension `moment`: 100 and the last; -1 where the schedule has no 100 before it."""
    return [TRANSITION if steps > TRANSITION and TRANSITION in snapshots(schedule, steps) else -1, steps]


def sizes(config):
    """Length of every dimension but `row`."""
    kept = len(snapshots(config.schedule, config.steps))
    return {
        "t": kept, "interval": kept - 1, "c": len(correlated_steps(config.schedule, config.steps)),
        "quantile": len(QUANTILES), "estimate": len(ENTROPIES), "observable": len(OBSERVABLES), "end": 2,
        "binning": len(BINNINGS), "bin_loss": LOSS_BINS, "rank": LARGEST, "sign": 2, "bin_weight": WEIGHT_BINS,
        "definition": len(DEFINITIONS), "graph": len(GRAPHS), "threshold": len(THRESHOLDS), "moment": 2,
        "bin_strength": STRENGTH_BINS, "bin_correlation": BINS, "bin_log_strength": len(LOG_EDGES) - 1,
        "bin_activity": ACTIVITY_BINS, "bin_log_activity": len(ACTIVITY_EDGES) - 1,
    }  # fmt: skip


def blank(config):
    """The arrays of LAYOUT without the table, NaN throughout but for the two axes of iterations."""
    length = sizes(config)
    arrays = {
        name: np.full([length[d] for d in field.dims], np.nan)
        for name, field in LAYOUT.items()
        if field.dims != ("row",)
    }
    arrays["step"] = np.array(snapshots(config.schedule, config.steps))
    arrays["correlated_step"] = np.array(correlated_steps(config.schedule, config.steps))
    return arrays


def memory_estimate(config, n_samples):
    """Bytes that `reduce_run` takes beside the images, roughly; for a scheduler of many runs."""
    neurons = 2 * config.hidden + 10
    part = 64_000_000 + 4 * (parameter_count(config.hidden) + n_samples)
    return 2 * part + 6 * n_samples * neurons + 8 * neurons**2 * 12
