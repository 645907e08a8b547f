"""Sweeps made by hand: laws of the size that are known, counts that are chosen."""

import numpy as np
import xarray as xr

from critnet.paper.experiments import EXPERIMENTS
from critnet.paper.sweeps import layout, select
from critnet.paper.sweeps.assembly import FACTS

STEPS = np.array(layout.correlated_steps("sweep", 200_000))
KINDS = {"degree": 0, "component": 1, "clique": 2}


def made(experiments=("sizes",), *, rows=(), truncated=(), keep=lambda config: True):
    """Runs whose strength peaks at t = 1 / rate * 4 (h = 50 scale), and whose measures are powers of M at every t.

    F2 = M^1.5, S1 = M, mean degree 3 (as coded), M^0.5 / 2 (control); `rows` is a list of
    (run, kind, moment, graph, threshold, size, count).
    """
    configs = [c for name in experiments for c in EXPERIMENTS[name]() if keep(c)]
    configs = list(dict.fromkeys(configs))
    m = np.array([2 * c.hidden + 10.0 for c in configs])
    n, shape = len(configs), (len(configs), len(STEPS), len(layout.GRAPHS), len(layout.THRESHOLDS))
    peak = np.array([4 / c.learning_rate for c in configs])
    swell = np.exp(-((np.log1p(STEPS) - np.log1p(peak)[:, None]) ** 2) / 2)
    strength = m[:, None] ** 1.5 * (1 + swell)
    full = {
        "strength": (("run", "c", "definition"), np.stack([strength, strength], axis=-1)),
        "persistence": (("run", "c", "definition"), np.tile(np.where(STEPS >= 100, 0.9, 0.1)[:, None], (n, 1, 2))),
        "train_accuracy": (("run", "c"), np.ones((n, len(STEPS)))),
        "cliques": (("run", "moment"), np.ones((n, 2))),
        "cliques_truncated": (("run", "moment"), np.zeros((n, 2))),
        "clique_activity": (("run", "moment", "bin_activity"), np.zeros((n, 2, layout.ACTIVITY_BINS))),
        "clique_activity_range": (("run", "moment", "end"), np.tile([0.0, 50.0], (n, 2, 1))),
        "clique_log_activity": (
            ("run", "moment", "bin_log_activity"), np.zeros((n, 2, layout.ACTIVITY_EDGES.size - 1)),
        ),
    }  # fmt: skip
    centres = np.arange(layout.ACTIVITY_BINS) + 0.5
    full["clique_activity"][1][:] = np.rint(1e6 * centres**-3)
    full["clique_log_activity"][1][:] = np.rint(-1e6 * np.diff(layout.ACTIVITY_EDGES**-2.0))
    for run, moment in truncated:
        full["cliques_truncated"][1][run, moment] = 1
    graph = ("run", "c", "graph", "threshold")
    values = {
        "largest": m[:, None, None, None], "mean_degree": 3.0, "n_components": m[:, None, None, None] / 2,
        "susceptibility": m[:, None, None, None] ** 0.4, "susceptibility_control": m[:, None, None, None] ** 0.4,
    }  # fmt: skip
    for name, value in values.items():
        full[name] = (graph, np.broadcast_to(value, shape).copy())
    full["mean_degree"][1][:, :, 2] = (np.sqrt(m) / 2)[:, None, None]
    columns = ("run", "kind", "moment", "graph", "threshold", "size", "count")
    table = np.array(rows, int).reshape(-1, 7)
    full |= {f"row_{name}": (("row",), table[:, k]) for k, name in enumerate(columns)}
    for name in set(FACTS) - {"code", "diverged_at"}:
        full[name] = (("run",), np.array([getattr(c, name) for c in configs]))
    full["correlated_step"] = (("c",), STEPS)
    coordinates = {
        "definition": list(layout.DEFINITIONS), "threshold": layout.THRESHOLDS,
        "graph": [" ".join(g) for g in layout.GRAPHS],
    }  # fmt: skip
    return xr.Dataset(full, coordinates)


def everywhere(data, kind, sizes, counts, moments=(0, 1), graphs=(0, 1, 2), thresholds=(0,)):
    """Rows that give every run of the size sweep the same counts."""
    return [
        (run, KINDS[kind], m, g, h, s, c)
        for run in select.runs_of(data, "sizes")
        for m in moments
        for g in graphs
        for h in thresholds
        for s, c in zip(sizes, counts, strict=True)
        if c > 0
    ]
