"""A small Dataset with the layout of data/sweeps.nc, made up of what each run is said to have done."""

from typing import NamedTuple

import numpy as np
import xarray as xr

from critnet.losses.deviations import DEFINITIONS
from critnet.paper import experiments
from critnet.paper.sweeps import grid
from critnet.training.config import snapshots

STEPS = np.array(snapshots("sweep", 200_000))
LEVELS = np.linspace(0, 1, 33)
PARETO = (1 - (np.arange(60_000) + 0.5) / 60_000) ** (-1 / 2.0)


class State(NamedTuple):
    """What a run did: numbers, or one a snapshot. `entropy` may be a dict, definition to numbers."""

    loss: object
    entropy: object
    accuracy: float = 0.97
    sample: np.ndarray = PARETO  # losses at T, up to a factor


def sketch(configs, state):
    """The Dataset of these runs; `state(config)` is a State."""
    configs = list(configs)
    states = [state(c) for c in configs]
    whole = [np.broadcast_to(np.asarray(s.loss, float), STEPS.shape) for s in states]
    given = [s.entropy if isinstance(s.entropy, dict) else dict.fromkeys(DEFINITIONS, s.entropy) for s in states]
    entropy = [[np.broadcast_to(np.asarray(e[d], float), STEPS.shape) for d in DEFINITIONS] for e in given]
    samples = [np.sort(s.sample / s.sample.mean() * max(np.nan_to_num(loss[-1]), 1e-12))
               for s, loss in zip(states, whole, strict=True)]  # fmt: skip
    series = ("run", "t")
    variables = {
        "step": (("t",), STEPS),
        "mean_loss": (series, np.array(whole)),
        "min_loss": (series, np.array([np.full(STEPS.size, s[0]) for s in samples])),
        "max_loss": (series, np.array([np.full(STEPS.size, s[-1]) for s in samples])),
        "test_accuracy": (series, np.array([np.full(STEPS.size, s.accuracy) for s in states])),
        "entropy_change": (("run", "t", "estimate"), np.array(entropy).transpose(0, 2, 1)),
        "largest_losses": (("run", "rank"), np.array([s[::-1][:600] for s in samples])),
        "final_losses": (("run", "bin_loss"), np.array([np.histogram(s, 500)[0] for s in samples], float)),
        "final_loss_quantile": (("run", "quantile"), np.array([np.quantile(s, LEVELS) for s in samples])),
    }
    for name in ("digest", "hidden", "learning_rate", "batch_size", "mobility", "init", "init_scale", "seed"):
        variables[name] = (("run",), np.array([getattr(c, name) for c in configs]))
    return xr.Dataset(variables, {"estimate": list(DEFINITIONS), "quantile": LEVELS})


ALL = experiments.named(["sizes", "batches", "rates", "grid"])
GOOD, POOR, LOST = State(3e-5, 5.0), State(0.2, 0.03), State(2.3, 1e-6, 0.1)


def above(config):
    return np.log(config.hidden) > grid.paper_boundary(np.log(config.mobility))


def paper_says(config):
    """A world in which section 2.3 is right: converged above the paper's boundary, lost at large mobility."""
    if config.batch_size <= 4 or config.learning_rate >= 1.6:
        return LOST
    return GOOD if above(config) else POOR._replace(loss=0.2 + 0.01 * np.log(config.hidden))
