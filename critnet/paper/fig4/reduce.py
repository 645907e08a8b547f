"""Stored networks and MNIST -> what Fig. 4f-h, j-l read beyond the other files: data/fig4.nc. No run is trained."""

import joblib
import numpy as np
import xarray as xr
from threadpoolctl import threadpool_limits

from critnet import archive
from critnet.dynamics.redistribution import PREFERENCES, redistribute
from critnet.neurons.activity import correlation, forward
from critnet.paper.fig4 import elements, interventions, on_the_way
from critnet.paper.published import DEFINITIONS
from critnet.paper.sweeps.weights import network
from critnet.training.mlp import flatten, init_weights, stream, unflatten
from critnet.weights.connections import critical_connections, redundant_connections

SHOWN = (0, 1, 5, 10, 100, 1000, 10_000)  # and the end, of the displayed seed
SHOWN_OTHERS = (0, 100)
EARLY = 100
PLANES = (0, EARLY)  # and the end
PUSHED = (100, 1000, 10_000)
PROBABILITIES = np.linspace(0.1, 0.9, 50)
REPEATS = 20
WALK = 20_000  # steps of a first stage whose preference is the weight: twenty times its memory
IMAGES = 10_000  # of a plane, the first ones


def from_files(folder, configs, digits, *, jobs=1):
    """All of data/fig4.nc from fig1.nc, course.nc and weights.nc of a folder of results; arguments as `fig4`."""
    anchor, course, ends = (archive.read(folder / f"{name}.nc") for name in ("fig1", "course", "weights"))
    packed = anchor["correlation"].sel(definition=DEFINITIONS[0]).values * anchor.attrs["quantum"]
    first, second = anchor["neuron_i"].values, anchor["neuron_j"].values
    stack = np.tile(np.eye(second.max() + 1), (len(packed), 1, 1))
    stack[:, first, second] = stack[:, second, first] = packed
    nets, between = networks(course, ends, configs), between_networks(course, configs)
    return fig4(nets, stack, anchor["t"].values, digits, between=between, jobs=jobs)


def networks(course, weights, configs):
    """The anchor networks that are stored, {(seed, t): dict of arrays}: at SHOWN of one seed, SHOWN_OTHERS of the rest.

    Parameters
    ----------
    course, weights : Dataset, of data/course.nc and data/weights.nc
    configs : list of RunConfig, the anchor runs
    """
    found: dict = {}
    for config in configs:
        displayed = config.seed == course.attrs["displayed_seed"]
        found |= {(config.seed, t): _stored(course, config, t) for t in (SHOWN if displayed else SHOWN_OTHERS)}
        found[config.seed, config.steps] = network(weights, config.digest)
    return found


def between_networks(course, configs):
    """The anchor networks at PUSHED, {(seed, t): dict of arrays}; arguments as `networks`."""
    return {(config.seed, t): _stored(course, config, t) for config in configs for t in PUSHED}


def _stored(course, config, t):
    if config.seed == course.attrs["displayed_seed"]:
        return unflatten(course["network"].sel(kept=t).values, config.hidden)
    if t == 0:
        return init_weights(config.hidden, config.init, config.seed, scale=config.init_scale)
    return unflatten(course["other_networks"].sel(other_seed=config.seed, other_kept=t).values, config.hidden)


@threadpool_limits.wrap(limits=1)
def fig4(nets, matrices, recorded, digits, *, between, jobs=1, repeats=REPEATS, draws=interventions.DRAWS):
    """All of data/fig4.nc.

    Parameters
    ----------
    nets : dict, as from `networks`
    between : dict, as from `between_networks`
    matrices : array, shape (n_recorded, M, M), correlations of the displayed seed over training
    recorded : array, shape (n_recorded,), iterations
    digits : Digits, the data set the runs were trained on
    jobs : processes
    repeats : int, seeds of the redistribution model
    draws : int, of each random set that is restored

    Returns
    -------
    xarray.Dataset
    """
    parallel = joblib.Parallel(n_jobs=jobs)
    seeds = sorted({seed for seed, _ in nets})
    end = max(t for _, t in nets)
    kept = elements.kept_places(nets[seeds[0], end], stream(0, "probe"))
    spread = parallel(joblib.delayed(_of_network)(net, digits, kept) for net in nets.values())
    changed = parallel(
        joblib.delayed(_of_seed)(nets[seed, EARLY], nets[seed, end], digits, seed, draws) for seed in seeds
    )
    way = parallel(joblib.delayed(early)(nets, between, seed, digits) for seed in seeds)
    counts = parallel(
        joblib.delayed(_redistributed)(matrices, recorded, name, k) for name in PREFERENCES for k in range(repeats)
    )
    pushes = sorted({t for _, t in between})
    return _dataset(list(nets), seeds, end, pushes, kept, spread, changed, way, counts, repeats)


@threadpool_limits.wrap(limits=1)
def _of_network(net, digits, kept):
    images, labels = digits.images, digits.labels
    return elements.elements(net, images, labels), elements.pairs(net, images, labels, kept)


@threadpool_limits.wrap(limits=1)
def _of_seed(early, final, digits, seed, draws):
    """Restored weights of each definition, and planes within the critical weights of each."""
    images, labels = digits.images, digits.labels
    first, last = (correlation(forward(net, images), definition="as-coded") for net in (early, final))
    back, across = [], []
    for d, definition in enumerate(DEFINITIONS):
        random = np.random.default_rng([seed, d])
        redundant = redundant_connections(first, last, definition=definition)
        back.append(interventions.restored(final, early, redundant, images, labels, random, draws=draws))
        critical = critical_connections(last, definition=definition)
        few = images[:IMAGES], labels[:IMAGES]
        across.append(interventions.planes(final, critical, *few, random, count=interventions.DIRECTIONS))
    return back, across


@threadpool_limits.wrap(limits=1)
def early(nets, between, seed, digits):
    """What `on_the_way` finds in one seed: ranges (definition, t, set, plane) of the early planes, shares
    (definition, what) of critical connections lost, shares, numbers (definition, t, set, layer) of weights pushed.
    """
    images, labels, end = digits.images, digits.labels, max(t for s, t in nets if s == seed)
    final, first = nets[seed, end], nets[seed, EARLY]
    late, start = (correlation(forward(net, images), definition="as-coded") for net in (final, first))
    times = sorted(t for s, t in between if s == seed)
    across, gone, share, number = [], [], [], []
    for d, definition in enumerate(DEFINITIONS):
        critical = critical_connections(late, definition=definition)
        length = float(np.linalg.norm(flatten(final).astype(np.float64)[critical]))
        across.append([
            on_the_way.early_planes(nets[seed, t], critical, length, images[:IMAGES], labels[:IMAGES],
                                    np.random.default_rng([seed, d, t])) for t in PLANES
        ])  # fmt: skip
        gone.append(on_the_way.lost(first, critical, images, definition=definition))
        sets = [redundant_connections(start, late, definition=definition), critical]
        found = [on_the_way.pushed(between[seed, t], sets, images, labels) for t in times]
        share.append([f[0] for f in found])
        number.append([f[1] for f in found])
    return np.array(across), np.array(gone), np.array(share), np.array(number)


@threadpool_limits.wrap(limits=1)
def _redistributed(matrices, recorded, preference, repeat):
    """How many pairs have how many units, pooled over the samples, shape (n_probabilities, largest + 1)."""
    random = np.random.default_rng([PREFERENCES.index(preference), repeat])
    steps = WALK if preference == "weight" else int(recorded[-1])
    found = redistribute(matrices, recorded, PROBABILITIES, random=random, preference=preference, steps=steps)
    return np.array([np.bincount(run.ravel(), minlength=found.max() + 1) for run in found])


def _dataset(named, seeds, end, pushes, kept, spread, changed, way, counts, repeats):
    def about(units, text, D):
        return {"units": units, "long_name": text, "D": D}

    of, one = (list(part) for part in zip(*spread, strict=True))
    units = max(c.shape[1] for c in counts)
    counts = np.array([np.pad(c, ((0, 0), (0, units - c.shape[1]))) for c in counts], np.int32)
    counts = counts.reshape(len(PREFERENCES), repeats, *counts.shape[1:])

    def stacked(table, field, dtype=np.float32):
        return np.array([[getattr(cell, field) for cell in row] for row in table]).astype(dtype)

    back, across = ([[found[part][d] for d in range(len(DEFINITIONS))] for found in changed] for part in (0, 1))
    early_range, gone, push, members = (np.array(part) for part in zip(*way, strict=True))
    plane_range = np.concatenate([early_range, stacked(across, "range")[:, :, None]], axis=2)
    block, both = ("network", "quantity", "block"), ("seed", "definition")
    variables = {
        "network_seed": (("network",), np.array([s for s, _ in named], np.int16), about("1", "seed", "D1")),
        "network_step": (("network",), np.array([t for _, t in named], np.int32), about("iteration", "its t", "D5")),
        "element_edge": (("edge",), elements.EDGES, about("log10", "edges of the bins of the elements", "D34")),
        "kept_place": (("parameter",), kept.astype(np.int32), about("1", "places of the kept parameters", "D1")),
        "restored_loss": ((*both, "set", "draw"), stacked(back, "mean"), about("nat", "mean loss, set back", "D40")),
        "restored_above": ((*both, "set", "level"), stacked(back, "above"), about("1", "P(L >= b), set back", "D40")),
        "kept_loss": (both, stacked(back, "before"), about("nat", "mean loss before", "D40")),
        "kept_above": ((*both, "level"), stacked(back, "above_before"), about("1", "P(L >= b) before", "D40")),
        "redundant": (both, stacked(back, "number", np.int32), about("1", "number of redundant weights", "D31")),
        "redundant_smaller": (both, stacked(back, "smaller"), about("1", "share smaller than at t = 100", "C103")),
        "plane_range": ((*both, "moment", "within", "plane"), plane_range.astype(np.float32),
                        about("nat", "range of the mean loss on a plane, equal displacement, number, layers", "D24")),
        "critical_lost": ((*both, "against"), gone.astype(np.float32),
                          about("1", "share of the critical connections at t = 100 that are critical no more", "C102")),
        "pushed_share": ((*both, "pushed_step", "of", "layer"), push.astype(np.float32),
                         about("1", "share of weights that the mean gradient pushes towards 0", "C103")),
        "pushed_number": ((*both, "pushed_step", "of", "layer"), members.astype(np.int32),
                          about("1", "how many weights of the set and layer", "C103")),
        "plane_length": (both, stacked(across, "length"), about("1", "length of a step of 1", "D24")),
        "pairs_of_units": (("preference", "repeat", "probability", "units"), counts,
                           about("1", "how many pairs have so many units, 100 samples pooled", "D39")),
    }  # fmt: skip
    for name, more, dtype, what in (
        ("counts", ("bin",), np.int32, "how many in each bin of log10"),
        ("zeros", (), np.int32, "how many are 0"),
        ("outside", (), np.int32, "how many lie outside the bins"),
        ("negative", (), np.int32, "how many are below 0"),
        ("number", (), np.int32, "how many there are, each pair once"),
        ("quantile", ("share",), np.float64, "quantiles"),
    ):
        values = np.stack([getattr(e, name) for e in of]).astype(dtype)
        variables[name] = ((*block, *more), values, about("1", f"|elements|, noise at B = 64: {what}", "D34"))
    for name, what in (
        ("noise", "B C_ii: variance of a single image's gradient"),
        ("curvature", "H_ii"),
        ("kurtosis", "excess kurtosis of a single image's gradient; that of a batch is 1/B of it"),
    ):
        values = np.stack([getattr(p, name) for p in one]).astype(np.float32)
        variables[name] = (("network", "parameter"), values, about("1", what, "D34"))
    coordinates = {
        "quantity": list(elements.QUANTITIES), "block": list(elements.BLOCKS), "share": list(elements.SHARES),
        "seed": seeds, "definition": list(DEFINITIONS), "set": list(interventions.SETS),
        "level": interventions.LEVELS, "within": ["critical", "others"], "preference": list(PREFERENCES),
        "probability": PROBABILITIES, "moment": [*PLANES, end], "against": list(on_the_way.LOSSES),
        "pushed_step": pushes, "of": list(on_the_way.SETS), "layer": list(on_the_way.LAYERS),
    }  # fmt: skip
    return xr.Dataset(variables, coordinates)
