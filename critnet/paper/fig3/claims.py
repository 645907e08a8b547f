"""Claims of section 2.5: shifts of the flux, what size and mobility do to it, and its two late branches."""

import functools

import numpy as np
from sklearn.metrics import adjusted_rand_score

from critnet.errors import UsageError
from critnet.paper import ledger, published
from critnet.paper.fig3 import fluxes
from critnet.paper.measured import SIZES, Measured, NotTestable, estimate, point
from critnet.paper.rules import above, at_least, at_most, below, both
from critnet.paper.sweeps import select
from critnet.statistics.changepoints import GAIN, NARROW, change_points
from critnet.statistics.modes import dip_test
from critnet.statistics.ranks import spearman
from critnet.statistics.scaling import scaling_exponent

claim = functools.partial(ledger.claim, section="2.5", data="sweeps")
of_anchors = functools.partial(claim, data="anchors")
THIN = 60  # points of equal weight in ln t that a course keeps: neighbouring snapshots share their noise
FROM_H = 10  # smaller networks are left out of slopes (METHODS 11)


# --- shifts in time ---


def _gain(t, flux, moment):
    """What the change of ln flux within a factor of three of a moment gains of BIC; 0 without one that is narrow."""
    kept = (t >= 1) & (flux > 0)
    x, y = np.log(t[kept]), np.log(flux[kept])
    edges = np.linspace(x[0], x[-1], THIN + 1)
    place = np.clip(np.digitize(x, edges) - 1, 0, THIN - 1)
    there = np.unique(place)
    t_mean = np.exp([x[place == k].mean() for k in there])
    found = change_points(t_mean, np.array([y[place == k].mean() for k in there]), most=4, least=0.0)
    near = [c.gain for c in found if moment / 3 <= c.t <= moment * 3 and c.high < NARROW * c.low]
    return max(near, default=0.0)


def _shift(data, definition, moment):
    gains = {}
    for observable in fluxes.OBSERVABLES:
        t, flux = fluxes.over_time(data, observable, definition)
        gains[observable] = [_gain(t, row, moment) for row in flux]
    changes = ", ".join(map(str, fluxes.spacing_changes("anchor")))
    note = f"the spacing of the snapshots changes at t = {changes}" if definition == "as-coded" else ""
    return Measured(gains["loss"], {"gain of the weight flux": gains["weight"]}, note)


@of_anchors(
    "C76",
    "3c, 3d",
    "the flux of losses and weights shifts at the transition",
    "t about 100",
    both(at_least(GAIN), at_least(GAIN, of="gain of the weight flux")),
    quantity="BIC gained by a change of the loss flux near t = 100",
    kind="existence",
)
def early_shift(data, definition):
    """Gain of BIC of a change of ln flux, within a factor of three of t = 100 and known to one of three; 0 if none."""
    return _shift(data, definition, 100)


@of_anchors(
    "C77",
    "3c, 3d",
    "the flux of losses and weights shifts again late in training",
    "t about 10^4",
    both(at_least(GAIN), at_least(GAIN, of="gain of the weight flux")),
    quantity="BIC gained by a change of the loss flux near t = 10^4",
    kind="existence",
)
def late_shift(data, definition):
    """As C76, around t = 10^4."""
    return _shift(data, definition, 10_000)


# --- size and mobility ---


def _runs(data, experiments):
    """Runs of experiments, each once, that learn and have h >= 10."""
    runs = np.unique(np.concatenate([select.runs_of(data, name) for name in experiments]))
    return runs[select.learned(data, runs) & (select.hidden(data, runs) >= FROM_H)]


def _slope(data, runs, x, values, sign=1):
    """Exponent of a quantity over runs as a Number; what is not above 0 cannot enter a logarithm and is counted out."""
    kept = np.isfinite(values[runs]) & (values[runs] > 0)
    try:
        fit = scaling_exponent(x[kept], values[runs][kept], random=np.random.default_rng(0))
    except UsageError as error:
        raise NotTestable(str(error)) from error
    low, high = sorted((sign * fit.low, sign * fit.high))
    return estimate((sign * fit.value, low, high), SIZES, fit.n_runs)


def _with_size(data, observable, stage, definition):
    """Slope with M of the flux over the size sweep; that of the flux over what random signs give; over the grid."""
    runs, flux = _runs(data, ("sizes",)), fluxes.at_stage(data, observable, stage, definition)
    size = published.neurons(select.hidden(data, runs))
    over = flux / fluxes.floor_at_stage(data, observable, stage, definition)
    every = _runs(data, ("grid", "sizes"))
    grid_size = published.neurons(select.hidden(data, every))
    return _slope(data, runs, size, flux), {
        "slope of the flux over that of random signs": _slope(data, runs, size, over),
        "slope over the whole grid": _slope(data, every, grid_size, flux),
    }


def _grows(data, observable, definition):
    value, also = _with_size(data, observable, "early", definition)
    return Measured(value, also, nulls=_random_signs(data, observable, "early", definition))


def _random_signs(data, observable, stage, definition):
    """The same slope of the flux that steps of random signs have."""
    runs = _runs(data, ("sizes",))
    floor = fluxes.floor_at_stage(data, observable, stage, definition)
    try:
        return {
            "the signs of the steps are random": _slope(data, runs, published.neurons(select.hidden(data, runs)), floor)
        }
    except NotTestable:
        return {}


NULL = "slope of the flux over that of random signs"


@claim(
    "C78",
    "3e, 3i",
    "early in training the loss flux grows with the size",
    "rises",
    both(above(0), above(0, of=NULL)),
    quantity="slope of ln early loss flux on ln M",
    kind="existence",
)
def early_loss_flux_with_size(data, definition):
    """Exponent of the early loss flux in M over the size sweep, runs that learn, h >= 10."""
    return _grows(data, "loss", definition)


@claim(
    "C79",
    "3g, 3k",
    "early in training the weight flux falls with the size",
    "falls",
    both(below(0), below(0, of=NULL)),
    quantity="slope of ln early weight flux on ln M",
    kind="existence",
)
def early_weight_flux_with_size(data, definition):
    """Exponent of the early weight flux in M over the size sweep, runs that learn, h >= 10."""
    return _grows(data, "weight", definition)


OTHERS = {
    ("loss", "batches"): "- elasticity of the loss flux in B",
    ("weight", "rates"): "elasticity of the weight flux in the rate",
    ("weight", "batches"): "- elasticity of the weight flux in B",
}


@claim(
    "C80",
    "3f, 3h, 3j, 3l",
    "early in training both fluxes grow with the mobility, through rate and batch size alike",
    "rise",
    both(at_least(0.1), *(at_least(0.1, of=name) for name in OTHERS.values())),
    quantity="elasticity of the early loss flux in the learning rate",
    kind="mechanism",
)
def early_flux_with_mobility(data, definition):
    """d ln J / d ln rate at B = 64, and - d ln J / d ln B at rate 0.1, at h = 50, for losses and weights."""
    found = {}
    for observable in fluxes.OBSERVABLES:
        flux = fluxes.at_stage(data, observable, "early", definition)
        for name, field, sign in (("rates", "learning_rate", 1), ("batches", "batch_size", -1)):
            runs = _runs(data, (name,))
            found[observable, name] = _slope(data, runs, data[field].values[runs].astype(float), flux, sign)
    return Measured(found["loss", "rates"], {text: found[key] for key, text in OTHERS.items()})


@claim(
    "C81",
    "3f, 3h",
    "a larger mobility brings the connectivity transition forward",
    "earlier",
    both(below(0), below(0, of="correlation along the batch sizes")),
    quantity="rank correlation of peak time and mobility along the learning rates",
    kind="existence",
    follows_from="C27, C28",
)
def earlier_with_mobility(data, definition):
    """Spearman's correlation of the peak time of F2 with the mobility, in each family, over runs that learn."""
    found = {}
    for name in ("rates", "batches"):
        runs = _runs(data, (name,))
        peaks = np.array([p.value for p in select.peak_times(data, runs, definition)])
        inner = (peaks > 0) & (peaks < select.steps(data)[-1])
        found[name] = estimate(
            spearman(data["mobility"].values[runs][inner], peaks[inner]), "bootstrap-networks", inner.sum()
        )
    return Measured(found["rates"], {"correlation along the batch sizes": found["batches"]})


LATE_WEIGHT = "slope of ln late weight flux on ln M"


@claim(
    "C82",
    "3m, 3o",
    "late in training both fluxes fall with the size",
    "fall",
    both(below(0), below(0, of=LATE_WEIGHT)),
    quantity="slope of ln late loss flux on ln M",
    kind="existence",
)
def late_flux_with_size(data, definition):
    """Exponents of the late fluxes in M over the size sweep, runs that learn, h >= 10."""
    loss, also = _with_size(data, "loss", "late", definition)
    weight, of_weight = _with_size(data, "weight", "late", definition)
    also |= {LATE_WEIGHT: weight, **{f"{k}, weights": v for k, v in of_weight.items()}}
    return Measured(loss, also, nulls=_random_signs(data, "loss", "late", definition))


AGREEMENT = "adjusted Rand index of branch and convergence"


@claim(
    "C83",
    "3n, 3p",
    "late in training the flux has two branches, and the lower one holds the converged runs",
    "two branches",
    both(at_most(0.05), at_least(0.7, of=AGREEMENT)),
    quantity="probability of the dip of ln late loss flux under one mode",
    kind="existence",
)
def two_branches(data, definition):
    """p of Hartigan's dip test of ln late loss flux over the runs of the grid that learn; the branches split at the
    largest gap between neighbours beyond a tenth of the runs on each side."""
    rows = fluxes.runs(data)
    flux = fluxes.at_stage(data, "loss", "late", definition)[rows["run"]]
    kept = (flux > 0) & np.isfinite(flux) & ~rows["guesses"].values & (rows["hidden"].values >= FROM_H)
    value, converged = np.log(flux[kept]), rows["converged"].values[kept]
    ordered = np.sort(value)
    inner = slice(len(ordered) // 10, -(len(ordered) // 10) - 1)
    gap = np.diff(ordered)[inner].argmax() + inner.start
    lower = value < (ordered[gap] + ordered[gap + 1]) / 2
    agreement = adjusted_rand_score(converged, lower)
    p = dip_test(value, random=np.random.default_rng(0)).p_value
    note = f"{lower.sum()} runs on the lower branch, {converged.sum()} converged; {(~kept).sum()} left out"
    return Measured(point(p, kept.sum()), {AGREEMENT: agreement}, note, n_runs=int(kept.sum()))
