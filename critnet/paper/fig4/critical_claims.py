"""Claims of section 3.2: planes within critical weights, what critical weights did, and redundant ones set back."""

import functools

import numpy as np

from critnet.errors import UsageError
from critnet.paper import anchors, ledger, published
from critnet.paper.course.reduce import layer_slices
from critnet.paper.fig4 import restored_panels, samples
from critnet.paper.fig4.interventions import SETS
from critnet.paper.measured import SAMPLES, Measured, NotTestable, estimate
from critnet.paper.rules import above, all_of, at_least, at_most, both, for_reproduced
from critnet.statistics.ranks import matched_auc
from critnet.weights.connections import critical_connections

claim = functools.partial(ledger.claim, section="3.2")
LAST, FIRST = published.LAST, 0
HIDDEN = 50
BINS = 5  # of |w| in a layer

# --- planes


def _ranges(data, moment, definition):
    """Range of the mean loss on planes of critical weights and of others, shape (seed, 2), medians over directions.

    As coded the authors' planes of single weights, a step of 1 from the centre: critical and critical, or two pixels'.
    """
    if definition == "control":
        chosen = data["fig4"]["plane_range"].sel(moment=moment, definition=definition)
        return chosen.median("plane").transpose("seed", "within").values
    step = moment if moment else 1
    drawn = data["fig2"]["plane_mean"].sel(cut_t=step, kind="single weights")
    rise = (drawn.sel(number="largest") - drawn.sel(number="centre")).transpose("seed", "plane").values
    return rise[:, [0, 2]]


OF_OTHERS = "the same of others"


@claim(
    "C96",
    "2a",
    "at first the loss ranges widely on planes of critical and of other directions",
    "both large",
    both(at_least(0.5), at_least(0.5, of=OF_OTHERS)),
    data=("fig4", "fig2"),
    quantity="range of the mean loss on critical planes at the start over the largest of three moments",
    kind="existence",
)
def planes_at_first(data, definition):
    """Range at the start over the largest of start, t = 100 and end, for each set; a seed each."""
    found = np.array([_ranges(data, t, definition) for t in (FIRST, published.TRANSITION, LAST)])
    share = found[0] / found.max(axis=0)
    return Measured(share[:, 0], {OF_OTHERS: share[:, 1]})


LARGEST = "largest ratio of the seeds"
FLATTER = at_most(0.67, below=1, of=LARGEST)


def _flatter(data, moment, definition):
    critical, others = _ranges(data, moment, definition).T
    ratio = critical / others
    return Measured(ratio, {LARGEST: ratio.max(), "range on critical planes": critical})


@claim(
    "C97",
    "2a",
    "near the transition the loss varies less along critical directions than along others",
    "critical lower",
    FLATTER,
    data=("fig4", "fig2"),
    quantity="range of the mean loss on critical planes over that on others at t = 100",
    kind="existence",
)
def planes_at_the_transition(data, definition):
    """Ratio of the median ranges over 20 planes each, of equal displacement, number and layers; as coded as printed."""
    return _flatter(data, published.TRANSITION, definition)


@claim(
    "C98",
    "2a",
    "at the end the landscape is flatter along critical directions than along others",
    "critical flatter",
    FLATTER,
    data=("fig4", "fig2"),
    quantity="range of the mean loss on critical planes over that on others at the end",
    kind="existence",
)
def planes_at_the_end(data, definition):
    """As C97, at the end."""
    return _flatter(data, LAST, definition)


# --- what critical weights did


def _compared(data, definition, quantities, *, within_size=True):
    """AUC of critical against other weights of W2 and W3, all seeds, within layers and, if wanted, bins of |w(T)|.

    `quantities` is a function of (data, seed, definition) to a dict of arrays over these 3000 weights.
    """
    places = layer_slices(HIDDEN)
    between, of_third = places["between"], np.isin(places["between"], places["W3"])
    values: dict = {}
    critical, bins = [], []
    for seed in samples.SEEDS:
        matrix = anchors.matrix(data["fig1"], LAST, definition, seed)
        critical.append(np.isin(between, critical_connections(matrix, definition=definition)))
        size = np.abs(samples.network(data, LAST, seed)[between])
        group = 10 * (2 * seed + of_third)
        if within_size:
            for layer in (False, True):
                mine = of_third == layer
                edges = np.quantile(size[mine], np.linspace(0, 1, BINS + 1)[1:-1])
                group[mine] += np.digitize(size[mine], edges)
        bins.append(group)
        for name, row in quantities(data, seed, definition).items():
            values.setdefault(name, []).append(row)
    chosen, grouped = np.concatenate(critical), np.concatenate(bins)
    found = {}
    for name, rows in values.items():
        row = np.concatenate(rows).astype(float)
        known = np.isfinite(row)
        try:
            interval = matched_auc(row[known], chosen[known], grouped[known])
        except UsageError as error:
            raise NotTestable(str(error)) from error
        found[name] = estimate(interval, SAMPLES, int(chosen.sum()))
    return found


def _between(data, name, seed, definition=None):
    chosen = data["course"][f"{name}_between"].sel(seed=seed)
    return (chosen if definition is None else chosen.sel(definition=definition)).values


def _memory(data, seed, definition):
    return {"irreversibility": _between(data, "irreversibility", seed, definition),
            "correlation time": _between(data, "correlation_time", seed)}  # fmt: skip


def _motion(data, seed, definition):
    between = layer_slices(HIDDEN)["between"]
    start, end = (np.asarray(samples.network(data, t, seed), float)[between] for t in (0, LAST))
    return {"variance": _between(data, "variance", seed, definition), "displacement": np.abs(end - start)}


def _size(data, seed, _definition):
    return {"size": np.abs(samples.network(data, LAST, seed)[layer_slices(HIDDEN)["between"]])}


IRREVERSIBLE, SLOW = "lower limit of that of R", "lower limit of that of the correlation time"


@claim(
    "C99",
    "4i",
    "critical weights are slow: autocorrelated for longer, and more irreversible",
    "slow, larger R",
    all_of(at_least(0.6, 0.55, of=IRREVERSIBLE), at_least(0.6, 0.55, of=SLOW)),
    data=samples.DATA,
    quantity="probability that a critical weight has the larger R, at equal |w(T)|, layer and seed",
    kind="existence",
)
def critical_memory(data, definition):
    """Area under the ROC curve, critical against other weights of W2 and W3, within bins of |w(T)|, layer and seed."""
    found = _compared(data, definition, _memory)
    by_layer = _compared(data, definition, _memory, within_size=False)
    also = {
        IRREVERSIBLE: found["irreversibility"].low, SLOW: found["correlation time"].low,
        "of the correlation time": found["correlation time"],
        "of R, matched in layer alone": by_layer["irreversibility"],
        "of the correlation time, matched in layer alone": by_layer["correlation time"],
    }  # fmt: skip
    return Measured(found["irreversibility"], also)


VARIABLE, MOVED, LARGE = (f"lower limit, {name}" for name in ("variance", "displacement", "size by layer alone"))


@claim(
    "C100",
    "4e",
    "critical weights are large, vary much and move far",
    "large",
    all_of(*(at_least(0.6, 0.55, of=name) for name in (VARIABLE, MOVED, LARGE))),
    data=samples.DATA,
    quantity="probability that a critical weight has the larger variance, at equal |w(T)|, layer and seed",
    kind="existence",
)
def critical_motion(data, definition):
    """Area under the ROC curve as C99: variance, displacement; the size |w(T)| itself within layers alone."""
    found, size = _compared(data, definition, _motion), _compared(data, definition, _size, within_size=False)["size"]
    also = {
        VARIABLE: found["variance"].low, MOVED: found["displacement"].low, LARGE: size.low,
        "of the displacement": found["displacement"], "of the size, by layer alone": size,
    }  # fmt: skip
    return Measured(found["variance"], also)


LOWER = "smallest lower limit of the seeds"
HELD = 0.5  # of a component of one half of the window, within those of the other


@claim(
    "C101",
    "4e",
    "directions of large variance are steep: the inverse relation of variance and flatness",
    "inverse",
    all_of(above(0), for_reproduced(above(0, of=LOWER))),
    data="windows",
    quantity="psi of variance ~ flatness^-psi over principal components, window from 190 000",
    kind="existence",
    definitions=("control",),
)
def variance_and_flatness(data, _definition):
    """Minus the slope of ln variance on ln flatness, over components that the other half of the window holds too."""
    found: dict = {}
    lower, number = [], []
    for w, first in enumerate(data["window"].values):
        found[int(first)] = []
        for seed in range(data.sizes["seed"]):
            cell = data.isel(seed=seed, window=w)
            flat, variance = cell["flatness"].values.mean(axis=-1), cell["variance"].values
            kept = (cell["reproduced"].values >= HELD) & np.isfinite(flat) & (flat > 0) & (variance > 0)
            if kept.sum() < 5:
                raise NotTestable(f"{kept.sum()} components stand above the noise in seed {seed}, window {first}")
            x, y = np.log(flat[kept]), np.log(variance[kept])
            found[int(first)].append(-np.polyfit(x, y, 1)[0])
            if w == data.sizes["window"] - 1:
                random = np.random.default_rng(seed)
                drawn = (random.integers(0, x.size, x.size) for _ in range(500))
                lower.append(np.quantile([-np.polyfit(x[d], y[d], 1)[0] for d in drawn], 0.025))
                number.append(kept.sum())
    last, *others = reversed(found)
    also = {LOWER: min(lower), "components above the noise": number}
    return Measured(found[last], also | {f"psi in the window from {t}": found[t] for t in others})


# --- lost, pushed, set back


@claim(
    "C102",
    "4l",
    "not all connections that are critical at the transition survive",
    "some are lost",
    at_least(0.2, above=0),
    data="fig4",
    quantity="share of critical connections lost from t = 100 to the end, less that between halves of the images",
    kind="existence",
)
def critical_lost(data, definition):
    """Share lost until the end, less the share that two halves of the images do not agree on; a seed each."""
    until, between = data["critical_lost"].sel(definition=definition).transpose("against", "seed").values
    return Measured(until - between, {"lost until the end": until, "lost between halves": between})


SMALLEST, REDUNDANT = "smallest difference of the seeds", "share of the redundant weights"


@claim(
    "C103",
    "4l",
    "the loss pushes most redundant weights towards zero, unlike critical ones",
    "most",
    both(at_least(0.1, of=SMALLEST), above(0.5, of=REDUNDANT)),
    data="fig4",
    quantity="share of redundant weights pushed towards zero, less that of critical ones of the same layers",
    kind="mechanism",
)
def pushed_towards_zero(data, definition):
    """Share of weights with w times minus the mean gradient below 0, mean of t = 100, 1000, 10^4; a seed each."""
    cell = data.sel(definition=definition)
    share = cell["pushed_share"].transpose("seed", "pushed_step", "of", "layer").values.astype(float)
    number = cell["pushed_number"].transpose("seed", "pushed_step", "of", "layer").values[:, :, 0]
    both_known = np.isfinite(share).all(axis=2)
    weight = np.where(both_known, number, 0)
    if not (weight.sum(axis=(1, 2)) > 0).all():
        raise NotTestable("a seed has no layer with both redundant and critical weights")
    mean = (np.nan_to_num(share) * weight[:, :, None]).sum(axis=3) / weight.sum(axis=2)[:, :, None]
    redundant, critical = mean.mean(axis=1).T
    also = {
        SMALLEST: (redundant - critical).min(), REDUNDANT: redundant,
        "share that end smaller than at t = 100": cell["redundant_smaller"].values,
    }  # fmt: skip
    return Measured(redundant - critical, also)


BY_LAYER = "share of draws of equal number and layer below"
BY_MOVE = "share of draws of equal displacement below"


@claim(
    "C104",
    "4l",
    "setting the redundant weights back to the transition raises the loss",
    "raised",
    all_of(at_least(2), at_least(0.95, of=BY_LAYER), for_reproduced(at_least(0.95, of=BY_MOVE))),
    data="fig4",
    quantity="mean loss after redundant weights are set back, over that before",
    kind="mechanism",
)
def redundant_restored(data, definition):
    """Ratio of mean losses, a seed each, and how many random sets of other weights raise the loss less."""
    found = restored_panels.ratios(data, definition)
    known = np.isfinite(found).all(axis=(1, 2))
    if not known.any():
        raise NotTestable("no seed has redundant weights")
    found = found[known]
    mine = found[:, SETS.index("redundant"), 0]
    below = {name: (found[:, SETS.index(name)] < mine[:, None]).mean(axis=1) for name in SETS[2:]}
    also = {
        BY_LAYER: below["same layers"], BY_MOVE: below["same displacement"],
        "share of draws of equal size below": below["same size"],
        "ratio of the most moved weights": found[:, SETS.index("most moved"), 0],
        "redundant weights": data["redundant"].sel(definition=definition).values,
    }  # fmt: skip
    drawn = np.median(found[:, SETS.index("same layers")], axis=1)
    return Measured(mine, also, nulls={"as many weights of the same layers are drawn at random": drawn})
