"""Raw anchor runs -> what Figs 3a-d, 4 and 5 read of the way from the first iteration to the last."""

import itertools

import joblib
import numpy as np
import xarray as xr
from threadpoolctl import threadpool_limits

from critnet.dynamics.flux import bin_edges, binned_flux, total_flux
from critnet.dynamics.irreversibility import correlation_time, even_grid, irreversibility, resample
from critnet.paper.fields import Field, variables
from critnet.training import runs
from critnet.training.config import snapshots
from critnet.training.mlp import CLASSES, INPUTS, flatten, stream
from critnet.weights.trajectories import add_snapshot

KEPT = (0, 1, 5, 10, 20, 37, 50, 100, 200, 500, 1000, 3000, 10_000, 30_000, 100_000)
KEPT_OTHERS = (100, 1000, 10_000)
PATHS = 1000
LAYERS = ("all", "W1", "W2", "W3", "biases")
SHARE = 4000  # weights whose paths are analysed at once


def course(folders, digits, *, jobs=1, displayed=0):
    """What Figs 3a-d, 4 and 5 need of the anchor runs and the final networks do not hold.

    Parameters
    ----------
    folders : list of run folders, one a seed, two or more
    digits : the data set the runs were trained on
    jobs : processes
    displayed : index of the run whose networks are kept at `KEPT`, and whose paths and weights are kept whole; of the
        others the network at `KEPT_OTHERS` is kept, and what the weights between neurons (W2, W3) did

    Returns
    -------
    xarray.Dataset
    """
    found = joblib.Parallel(n_jobs=jobs)(
        joblib.delayed(_of_run)(folder, s == displayed, len(digits.labels)) for s, folder in enumerate(folders)
    )
    return _dataset(found, displayed, digits.labels)


@threadpool_limits.wrap(limits=1)
def _of_run(folder, displayed, n_samples):
    run = runs.open_run(folder)
    config = run.config
    steps = snapshots(config.schedule, config.steps)
    kept = {t for t in (KEPT if displayed else KEPT_OTHERS) if t < config.steps}
    vectors, rows, networks = [], [], {}
    for snapshot in run.snapshots(steps):
        vectors.append(flatten(snapshot.weights))
        if displayed:
            rows.append(snapshot.losses)
        if snapshot.step in kept:
            networks[snapshot.step] = vectors[-1]
    weights = np.stack(vectors)  # (t, parameter)
    layers = layer_slices(config.hidden)
    chosen = slice(None) if displayed else layers["between"]
    found = {"config": config, "steps": steps, "networks": networks, **_moved(steps, weights[:, chosen])}
    if displayed:
        random = stream(config.seed, "probe")
        losses = np.stack(rows)  # (t, sample)
        found["sample"] = np.sort(random.choice(n_samples, min(PATHS, n_samples), replace=False))
        found["weight"] = np.sort(random.choice(weights.shape[1], min(PATHS, weights.shape[1]), replace=False))
        found["loss_path"], found["weight_path"] = losses[:, found["sample"]], weights[:, found["weight"]]
        found["loss_flux"] = _flux_by_bin(steps, losses)
        found["weight_flux"] = _flux_by_bin(steps, weights)
        found["layer_flux"] = np.stack([_total(steps, weights[:, layers[name]]) for name in LAYERS])
    return found


def layer_slices(hidden):
    """Places of each layer in the vector of all parameters: W1, W2, W3, all biases, and W2 with W3 ("between").

    >>> {k: len(v) for k, v in layer_slices(50).items()}
    {'all': 42310, 'W1': 39200, 'W2': 2500, 'W3': 500, 'biases': 110, 'between': 3000}
    """
    sizes = [hidden * INPUTS, hidden, hidden * hidden, hidden, CLASSES * hidden, CLASSES]
    ends = np.cumsum([0, *sizes])
    part = [np.arange(a, b) for a, b in itertools.pairwise(ends)]
    return {
        "all": np.arange(ends[-1]), "W1": part[0], "W2": part[2], "W3": part[4],
        "biases": np.concatenate(part[1::2]), "between": np.concatenate([part[2], part[4]]),
    }  # fmt: skip


def _moved(steps, weights):
    """Variance over the snapshots, irreversibility and correlation time of each weight, in both definitions."""
    spans = np.gradient(np.asarray(steps, float))  # iterations that a snapshot stands for
    every, timed = add_snapshot(None, weights[0]), add_snapshot(None, weights[0], spans[0])
    for row, span in zip(weights[1:], spans[1:], strict=True):
        every, timed = add_snapshot(every, row), add_snapshot(timed, row, span)
    grid, coded, control, time = even_grid(steps), [], [], []
    for first in range(0, weights.shape[1], SHARE):
        paths = resample(steps, weights[:, first : first + SHARE].T, grid)
        coded.append(irreversibility(paths, definition="as-coded"))
        control.append(irreversibility(paths, "control"))
        time.append(correlation_time(paths) * (grid[1] - grid[0]))
    return {
        "variance": np.stack([every.variance, timed.variance]),
        "irreversibility": np.stack([np.concatenate(coded), np.concatenate(control)]),
        "correlation_time": np.concatenate(time),
    }


def _flux_by_bin(steps, values):
    edges = bin_edges(values.min(), values.max())
    rows = [
        binned_flux(before, after, b - a, edges)
        for a, b, before, after in zip(steps, steps[1:], values, values[1:], strict=False)
    ]
    return edges, np.stack(rows)


def _total(steps, values):
    edges = bin_edges(values.min(), values.max())
    return [
        total_flux(before, after, b - a, edges)
        for a, b, before, after in zip(steps, steps[1:], values, values[1:], strict=False)
    ]


def _dataset(found, displayed, labels):
    main = found[displayed]
    hidden, between = main["config"].hidden, layer_slices(main["config"].hidden)["between"]
    others = [f for f in found if f is not main]

    def of_between(name):
        """(seed, ..., weight between neurons), all seeds in order."""
        return np.stack([f[name][..., between] if f is main else f[name] for f in found]).astype(np.float32)

    values = {
        "network": np.stack(list(main["networks"].values())),
        "other_networks": [list(f["networks"].values()) for f in others],
        **{f"{name}_between": of_between(name) for name in ("variance", "irreversibility", "correlation_time")},
        "sample_label": labels[main["sample"]],
        "sample_place": main["sample"],
        "weight_place": main["weight"],
        **{name: main[name] for name in ("variance", "irreversibility", "correlation_time", "layer_flux")},
        **{f"{name}_path": main[f"{name}_path"] for name in ("loss", "weight")},
    }
    for name in ("loss", "weight"):
        values[f"{name}_edge"], values[f"{name}_flux"] = main[f"{name}_flux"]
    coordinates = {
        "kept": list(main["networks"]), "t": main["steps"], "seed": [f["config"].seed for f in found],
        "other_seed": [f["config"].seed for f in others],
        "other_kept": list(others[0]["networks"]), "between": between.astype(np.int32),
        "definition": ["as-coded", "control"], "layer": list(LAYERS),
    }  # fmt: skip
    return xr.Dataset(variables(FIELDS, values), coordinates, {"displayed_seed": main["config"].seed, "hidden": hidden})


# Of the displayed seed where no dimension says otherwise.
FIELDS = {
    "network": Field("kept parameter", None, "1", "all parameters of the displayed seed on the way", "D1"),
    "other_networks": Field(
        "other_seed other_kept parameter", None, "1", "all parameters of the other seeds on the way", "D1"
    ),
    "variance": Field(
        "definition parameter",
        np.float32,
        "1",
        "variance of each parameter: over snapshots as coded, over time as control",
        "D33",
    ),
    "irreversibility": Field("definition parameter", np.float32, "1", "irreversibility R of each parameter", "D37"),
    "correlation_time": Field(
        "parameter", np.float32, "1", "iterations until the autocorrelation has fallen to 1/e", "C99"
    ),
    "variance_between": Field(
        "seed definition between", np.float32, "1", "variance of each weight between neurons, all seeds", "D33"
    ),
    "irreversibility_between": Field(
        "seed definition between", np.float32, "1", "irreversibility of each weight between neurons, all seeds", "D37"
    ),
    "correlation_time_between": Field(
        "seed between", np.float32, "1", "iterations until the autocorrelation has fallen to 1/e", "C99"
    ),
    "loss_path": Field("t sample", np.float32, "nat", "losses of random training images, displayed seed", "D28"),
    "sample_label": Field("sample", np.int8, "1", "digit of each", "D2"),
    "sample_place": Field("sample", np.int32, "1", "place of these images in the training file", "D2"),
    "weight_path": Field("t weight", np.float32, "1", "random parameters, displayed seed", "D28"),
    "weight_place": Field("weight", np.int32, "1", "place of these parameters in the vector of all", "D28"),
    "layer_flux": Field(
        "layer interval", np.float32, "1 / iteration", "total flux of the parameters of a layer, 100 equal bins", "D28"
    ),
    "loss_flux": Field("interval bin", np.float32, "nat / iteration", "loss flux through each of 100 bins", "D28"),
    "loss_edge": Field("edge", None, "nat", "edges of the bins of the loss flux", "D28"),
    "weight_flux": Field("interval bin", np.float32, "1 / iteration", "weight flux through each of 100 bins", "D28"),
    "weight_edge": Field("edge", None, "1", "edges of the bins of the weight flux", "D28"),
}
