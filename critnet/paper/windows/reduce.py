"""Raw anchor runs with recording windows -> fluxes of single steps, the stroboscope, principal components, paths."""

from typing import NamedTuple

import joblib
import numpy as np
import xarray as xr
from threadpoolctl import threadpool_limits

from critnet.dynamics.flux import bin_edges, flux, quantile_edges
from critnet.dynamics.irreversibility import correlation_time
from critnet.dynamics.stationary import autocorrelation, detrended, principal_components
from critnet.losses.flatness import flatness
from critnet.neurons.activity import correlation, forward
from critnet.training import runs
from critnet.training.config import snapshots
from critnet.training.mlp import CLASSES, INPUTS, flatten, stream
from critnet.weights.connections import critical_connections, matched_complement, matched_control

FLASHES = (0, 1, 2, 3, 5, 7, 10, 14, 20, 30, 40, 50, 70, 100, 140, 200, 300, 400, 500, 700, 1000, 1400,
           50_000, 50_250, 50_500, 190_000, 190_250, 190_500)  # fmt: skip
INTERVALS = (1, 2, 3, 4, 5, 7, 10, 14, 20, 30, 40, 50, 70, 100, 140, 200, 300, 400, 500)
STATIONARY = (50_000, 190_000)  # first iterations of the windows in which the motion has settled
COMPONENTS = 100
RANDOM_DIRECTIONS = 20
LAGS = 400
SETS = ("critical", "matched", "other")
OBSERVABLES, BINNINGS = ("loss", "weight"), ("equal", "quantile")


class Plan(NamedTuple):
    """What is taken from the windows; the defaults are those of data/windows.nc."""

    flashes: tuple = FLASHES
    intervals: tuple = INTERVALS
    stationary: tuple = STATIONARY
    components: int = COMPONENTS
    lags: int = LAGS


PLAN = Plan()


def windows(folders, digits, *, jobs=1, displayed=0, plan=PLAN):
    """What Figs 3 and 4 read of the recording windows of the anchor runs.

    Parameters
    ----------
    folders : list of run folders, one a seed, trained with recording windows
    digits : the data set the runs were trained on
    jobs : processes
    displayed : index of the run whose critical weights are followed over all snapshots
    plan : Plan

    Returns
    -------
    xarray.Dataset

    Notes
    -----
    Losses are those of the recorded images, weights the parameters of layers 2 and 3 with their biases. Equal bins span
    the values of all windows of a run, quantile bins the values at the start of an interval.

    Source: METHODS D28, D31, D47 with section 11; claims C99, C101.
    """
    found = joblib.Parallel(n_jobs=jobs)(
        joblib.delayed(_of_run)(folder, s == displayed, digits, plan) for s, folder in enumerate(folders)
    )
    return _dataset(found, displayed, plan)


@threadpool_limits.wrap(limits=1)
def _of_run(folder, displayed, digits, plan):
    run = runs.open_run(folder)
    hidden = run.config.hidden
    kept = list(run.windows())
    (last,) = run.snapshots([run.config.steps])
    final = flatten(last.weights)
    critical = critical_connections(
        correlation(forward(last.weights, digits.images), definition="as-coded"), definition="as-coded"
    )
    matched = matched_control(critical, hidden, stream(run.config.seed, "probe"), values=final)
    found = {"config": run.config, "images": kept[0].images, "critical": critical, "matched": matched}
    found |= _steps(kept) | _stroboscope(kept, plan)
    settled = [_settled(run, digits, window, (critical, matched), plan) for window in kept
               if window.step[0] in plan.stationary]  # fmt: skip
    found |= {name: np.stack([s[name] for s in settled]) for name in settled[0]}
    if displayed:
        steps = snapshots(run.config.schedule, run.config.steps)
        paths = [flatten(s.weights)[np.concatenate([critical, matched])] for s in run.snapshots(steps)]
        found |= {"t": steps, "paths": np.array(paths).reshape(len(steps), 2, critical.size)}
    return found


def _values(window):
    return window.losses, window.weights


def _edges(kept):
    """Equal bins of losses and of weights over all windows of the run."""
    return [bin_edges(min(_values(w)[o].min() for w in kept), max(_values(w)[o].max() for w in kept)) for o in (0, 1)]


def _flux_of(before, after, dt, edges):
    """(total in equal bins, in quantile bins), (their floors), |d<y>/dt|, <|v|>."""
    equal, quantile = flux(before, after, dt, edges), flux(before, after, dt, quantile_edges(before))
    return [equal.total, quantile.total], [equal.floor, quantile.floor], equal.drift, equal.speed


def _steps(kept):
    """Fluxes from each recorded iteration to the next."""
    edges = _edges(kept)
    rows = [
        [_flux_of(values[i], values[i + 1], 1, edges[o]) for w in kept for values in [_values(w)[o]]
         for i in range(len(values) - 1)]
        for o in (0, 1)
    ]  # fmt: skip
    step = np.concatenate([w.step[:-1] for w in kept])
    return {"step": step} | {f"step_{name}": a for name, a in _stacked(rows).items()}


def _stacked(rows):
    """Rows of `_flux_of`, [observable][place], as arrays with the observable in front."""
    return {name: np.array([[row[k] for row in part] for part in rows])
            for k, name in enumerate(("flux", "floor", "drift", "speed"))}  # fmt: skip


def _stroboscope(kept, plan):
    """The same trajectories seen at flashes some iterations apart; NaN where the second flash is not recorded."""
    edges, rows = _edges(kept), []
    for o in (0, 1):
        at = {int(t): row for w in kept for t, row in zip(w.step, _values(w)[o], strict=True)}
        rows.append([
            _flux_of(at[t], at[t + k], k, edges[o]) if t in at and t + k in at else ([np.nan] * 2,) * 2 + (np.nan,) * 2
            for t in plan.flashes for k in plan.intervals
        ])  # fmt: skip
    shape = (2, len(plan.flashes), len(plan.intervals))
    return {f"flash_{name}": a.reshape(*shape, *a.shape[2:]) for name, a in _stacked(rows).items()}


def _settled(run, digits, window, sets, plan):
    """A stationary window: principal components with their flatness, and how each weight is correlated in time."""
    moving = detrended(window.weights)
    found = principal_components(moving, plan.components)
    half = len(moving) // 2
    halves = [principal_components(detrended(part), plan.components) for part in (window.weights[:half],
                                                                                 window.weights[half:])]  # fmt: skip
    random = stream(run.config.seed, "probe").standard_normal((RANDOM_DIRECTIONS, moving.shape[1]))
    random /= np.linalg.norm(random, axis=1, keepdims=True)
    centre = int(window.step[half])
    (middle,) = [s for s in run.snapshots([centre]) if s.step == centre]
    loss = _loss(middle.weights, digits.images[window.images], digits.labels[window.images])
    between = _between(run.config.hidden)
    start = run.config.hidden * (INPUTS + 1)
    paths = moving[:, between - start]
    time = correlation_time(paths.T)
    curve = autocorrelation(paths, plan.lags)
    groups = [np.isin(between, sets[0]), np.isin(between, sets[1]), ~np.isin(between, np.concatenate(sets))]
    return {
        "variance": found.variance,
        "component_time": correlation_time(found.scores.T),
        "flatness": flatness(loss, found.directions),
        "reproduced": np.square(halves[0].directions @ halves[1].directions.T).sum(axis=1),
        "held_variance": np.square(detrended(window.weights[half:]) @ halves[0].directions.T).mean(axis=0),
        "half_variance": halves[0].variance,
        "random_variance": np.square(moving @ random.T).mean(axis=0),
        "random_flatness": flatness(loss, random),
        "total_variance": np.square(moving).mean(axis=0).sum(),
        "weight_variance": np.square(paths).mean(axis=0),
        "weight_time": time,
        "weight_drift": np.abs(window.weights[-1] - window.weights[0])[between - start],
        "autocorrelation": np.array([np.nanmean(curve[:, g], axis=1) for g in groups]),
    }


def _between(hidden):
    """Places of W2 and W3 in the vector of all parameters."""
    return matched_complement(np.zeros(0, int), hidden)


def _loss(weights, images, labels):
    """Mean loss in nats of the network, layers 2 and 3 displaced by a vector in the order W2, b2, W3, b3."""
    hidden = len(weights["b1"])
    first = np.maximum(images @ weights["W1"].T + weights["b1"], 0)
    sizes = np.cumsum([hidden * hidden, hidden, CLASSES * hidden])
    late = [np.asarray(weights[name], np.float64) for name in ("W2", "b2", "W3", "b3")]
    rows = np.arange(len(labels))

    def loss(displacement):
        parts = np.split(displacement, sizes)
        W2, b2, W3, b3 = (
            (w + part.reshape(w.shape)).astype(np.float32) for w, part in zip(late, parts, strict=True)
        )  # single precision, as trained: twice as fast, and the mean is good to 1e-7
        logits = np.maximum(first @ W2.T + b2, 0) @ W3.T + b3
        logits -= logits[rows, labels][:, None]
        top = logits.max(axis=1)
        return float((top + np.log(np.exp(logits - top[:, None]).sum(axis=1))).mean(dtype=np.float64))

    return loss


def _dataset(found, displayed, plan):
    main, hidden = found[displayed], found[displayed]["config"].hidden

    def about(units, text, D):
        return {"units": units, "long_name": text, "D": D}

    def all_of(name):
        return np.stack([f[name] for f in found]).astype(np.float32)

    marks = np.zeros((len(found), hidden * hidden + CLASSES * hidden), np.int8)
    for row, f in zip(marks, found, strict=True):
        for mark, name in ((1, "critical"), (2, "matched")):
            row[np.isin(_between(hidden), f[name])] = mark
    unit, calendar = "nat, 1 / iteration", ("seed", "observable", "flash", "interval")
    per_window = ("seed", "window")
    variables = {
        "step_flux": (("seed", "observable", "step", "binning"), all_of("step_flux"),
                      about(unit, "total flux from an iteration to the next", "D28")),
        "step_floor": (("seed", "observable", "step", "binning"), all_of("step_floor"),
                       about(unit, "its sign-flip floor", "D28")),
        "step_drift": (("seed", "observable", "step"), all_of("step_drift"),
                       about(unit, "|d<y>/dt| of the step, the lower bound", "D28")),
        "step_speed": (("seed", "observable", "step"), all_of("step_speed"),
                       about(unit, "<|v|> of the step, the upper bound", "D28")),
        "flash_flux": ((*calendar, "binning"), all_of("flash_flux"),
                       about(unit, "total flux between two flashes, interval iterations apart", "D28")),
        "flash_floor": ((*calendar, "binning"), all_of("flash_floor"), about(unit, "its sign-flip floor", "D28")),
        "flash_drift": (calendar, all_of("flash_drift"), about(unit, "|d<y>/dt| between the flashes", "D28")),
        "flash_speed": (calendar, all_of("flash_speed"), about(unit, "<|v|> between the flashes", "D28")),
        "variance": ((*per_window, "component"), all_of("variance"),
                     about("1", "variance of layers 2 and 3 along a principal component, drift removed", "D47")),
        "total_variance": (per_window, all_of("total_variance"), about("1", "sum over all components", "D47")),
        "component_time": ((*per_window, "component"), all_of("component_time"),
                           about("1", "iterations until the autocorrelation has fallen to 1/e", "D47")),
        "flatness": ((*per_window, "component", "side"), all_of("flatness"),
                     about("1", "distance at which the mean loss has risen by 0.1 nats, both ways", "D47")),
        "reproduced": ((*per_window, "component"), all_of("reproduced"),
                       about("1", "squared length of a component of the first half within those of the second", "D47")),
        "half_variance": ((*per_window, "component"), all_of("half_variance"),
                          about("1", "variance of the first half along its own components", "D47")),
        "held_variance": ((*per_window, "component"), all_of("held_variance"),
                          about("1", "variance of the second half along the components of the first", "D47")),
        "random_variance": ((*per_window, "random"), all_of("random_variance"),
                            about("1", "variance along random directions", "D47")),
        "random_flatness": ((*per_window, "random", "side"), all_of("random_flatness"),
                            about("1", "flatness along random directions", "D47")),
        "set": (("seed", "between"), marks, about("1", "1 critical at the end, 2 its match, 0 any other", "D31")),
        "weight_variance": ((*per_window, "between"), all_of("weight_variance"),
                            about("1", "variance of each weight in the window, drift removed", "D33")),
        "weight_time": ((*per_window, "between"), all_of("weight_time"),
                        about("1", "iterations until the autocorrelation of a weight has fallen to 1/e", "C99")),
        "weight_drift": ((*per_window, "between"), all_of("weight_drift"),
                         about("1", "modulus of the change from the first iteration of the window to the last", "C99")),
        "autocorrelation": ((*per_window, "group", "lag"), all_of("autocorrelation"),
                            about("1", "mean autocorrelation of critical weights, their matches, all others", "C99")),
        "critical_path": (("t", "group_shown", "weight"), main["paths"].astype(np.float32),
                          about("1", "critical weights of the displayed seed, and their matches", "D31")),
        "critical_place": (("group_shown", "weight"),
                           np.stack([main["critical"], main["matched"]]).astype(np.int32),
                           about("1", "place of these weights in the vector of all parameters", "D31")),
        "image_place": (("image",), main["images"].astype(np.int32),
                        about("1", "place of the recorded images in the training file", "D28")),
    }  # fmt: skip
    coordinates = {
        "seed": [f["config"].seed for f in found], "step": main["step"].astype(np.int32), "t": main["t"],
        "observable": list(OBSERVABLES), "binning": list(BINNINGS), "flash": list(plan.flashes),
        "interval": list(plan.intervals), "window": list(plan.stationary), "group": list(SETS),
        "group_shown": list(SETS[:2]), "between": _between(hidden).astype(np.int32),
    }  # fmt: skip
    return xr.Dataset(variables, coordinates, {"displayed_seed": main["config"].seed, "hidden": hidden})
