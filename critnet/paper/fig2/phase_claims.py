"""Claims of section 2.3 on the phase diagram: results and definition of Delta S in, numbers out."""

import functools

import numpy as np

from critnet.losses.deviations import DIVERGED_LOSS
from critnet.losses.phases import JUMP, bimodality, coexistence, crossings, largest_step
from critnet.paper import ledger, published
from critnet.paper.fig2 import phase
from critnet.paper.ledger import Amended
from critnet.paper.measured import NETWORKS, Measured, NotTestable, estimate, over_networks, share
from critnet.paper.rules import Margin, Region, above, all_of, at_least, at_most, both, for_reproduced, within
from critnet.paper.sweeps import grid
from critnet.statistics.modes import dip_test

claim = functools.partial(ledger.claim, section="2.3", data="sweeps", population="the runs of the grid")
ANCHOR = float(np.round(np.log(0.1 / 64), 9))
LOSS_OF_A_GUESS = 2.2  # nats; ln 10 = 2.303 is the loss of ten equal answers
SMALL_ENTROPY = 0.1  # nats
FAR = -11.0
SLOW_SIDE = ("ln_gamma", "rate")
JUMPING, DIP = "share of the curves that jump", "p of the dip test of all cells"
COEXIST = "cells with seeds on both sides"
LARGEST = 1e3  # a ratio above it, where nothing else of the curve changes, is written so


@claim("C63", "2f", "loss and accuracy depend on learning rate and batch size through their ratio alone", "collapse",
       at_most(0.2, 0.5), definitions=("as-coded",),
       quantity="distance of ln L in a pair over its spread at that size", kind="mechanism")  # fmt: skip
def one_variable(sweeps, definition):
    """|difference of ln L| of two runs of equal mobility and size over the standard deviation of ln L at that size."""
    rows = grid.of(sweeps, definition)
    rows = rows.assign(ln_loss=np.log(rows["mean_loss"].fillna(DIVERGED_LOSS)))
    by_size = rows.groupby("hidden")["ln_loss"]
    pairs = grid.pairs(rows)
    if pairs.empty:
        raise NotTestable("no two runs of equal mobility and size are there")
    apart = (pairs["ln_loss_batch"] - pairs["ln_loss_rate"]).abs().to_numpy()
    ratio = apart / by_size.std().loc[pairs["hidden"]].to_numpy()
    of_range = apart / (by_size.max() - by_size.min()).loc[pairs["hidden"]].to_numpy()
    below = pairs["ln_gamma"] < published.VERTEX
    slow, fast = (np.exp(np.median(apart[side])) if side.any() else np.nan for side in (below, ~below))
    accuracy = (pairs["test_accuracy_batch"] - pairs["test_accuracy_rate"]).abs().median()
    also = {
        "the same over the range of ln L": np.median(of_range),
        "factor between the losses of a pair below ln gamma = -7.7": slow,
        "factor above it": fast,
        "difference of the test accuracies": accuracy,
    }
    note = f"{len(ratio)} pairs; medians{grid.missing(rows)}"
    return Measured(over_networks(ratio), also, note, n_runs=2 * len(ratio))


@claim("C64", "2f", "the boundary of convergence is a U, a parabola in ln gamma", "(ln gamma + 7.7)^2 / 2 + 2.5",
       all_of(Margin(Region(0.35, 0.65), Region(0, strict=True)),
              for_reproduced(within((-8.4, -7.0), of="vertex")),
              for_reproduced(within((2, 3), of="minimum in ln h")),
              at_least(1, of="vertex within the mobilities")),
       quantity="curvature of the parabola")  # fmt: skip
def parabola(sweeps, definition):
    """Curvature of the parabola through the steepest falls of the criterion with ln h; interval by bootstrap."""
    rows = grid.of(sweeps, definition)
    cells = grid.cells(rows)
    points = phase.boundary(cells)
    fit = phase.boundary_fit(points)
    if fit is None:
        raise NotTestable(f"only {len(points)} mobilities have a boundary within the grid{grid.missing(rows)}")
    best, low, high = fit.best, fit.low, fit.high
    inside = points["ln_gamma"].min() <= best.vertex <= points["ln_gamma"].max()
    literal = phase.boundary_fit(phase.boundary(cells, falling=False))
    as_m = phase.boundary(cells, size="M")
    fitted = phase.boundary_fit(as_m)
    misfit = [np.sqrt(np.mean((p["ln_size"] - grid.paper_boundary(p["ln_gamma"])) ** 2)) for p in (points, as_m)]
    of_best = {
        name: estimate([getattr(x, name) for x in (best, low, high)], NETWORKS, len(rows))
        for name in ("curvature", "vertex", "minimum")
    }
    also = {
        "vertex": of_best["vertex"],
        "minimum in ln h": of_best["minimum"],
        "vertex within the mobilities": float(inside),
        "share of redraws open upward": fit.open_upward,
        "curvature with M = 2h + 10": fitted.best.curvature,
        "minimum in ln M": fitted.best.minimum,
        "root mean square distance to the paper's boundary in ln h": misfit[0],
        "the same in ln M": misfit[1],
        "curvature by the steepest change of either sign, as the rule was first written": literal.best.curvature,
        "vertex by it": literal.best.vertex,
    }
    if (
        answers := phase.boundary_fit(phase.boundary(grid.cells(rows[rows["test_accuracy"] >= grid.GUESSES])))
    ) is not None:
        also["curvature without networks that guess"] = answers.best.curvature
    return Measured(of_best["curvature"], also, f"{fit.n_points} mobilities{grid.missing(rows)}")


@claim("C65", "2f", "one optimum: the smallest network that converges", "h = 12 at gamma = 4.5e-4",
       within((8, 20), (5, 40)),
       quantity="smallest hidden size that converges", unit="neurons")  # fmt: skip
def optimum(sweeps, definition):
    """The smallest hidden size of which a run has converged (criterion below -5 at T)."""
    rows = grid.of(sweeps, definition)
    converged = rows[rows["criterion"] < grid.CONVERGED]
    if converged.empty:
        raise NotTestable(f"no run has converged{grid.missing(rows)}")
    smallest = converged["hidden"].min()
    there = converged[converged["hidden"] == smallest]
    guessing = int((there["test_accuracy"] < grid.GUESSES).sum())
    where = ", ".join(f"{g:.1f}" for g in sorted(there["ln_gamma"].unique()))
    learned = converged.loc[converged["test_accuracy"] >= grid.GUESSES, "hidden"]
    also = {"the smallest of those that do better than guessing": learned.min()}
    note = (
        f"at ln gamma {where}; {guessing} of these {len(there)} runs answer no better than by guessing; "
        f"{len(learned)} of all the converged runs do better{grid.missing(rows)}"
    )
    return Measured(smallest, also, note, n_runs=len(rows))


@claim("C66", "2f", "at large mobility the loss diverges and Delta S goes to 0: gradient explosion",
       "L diverges, Delta S -> 0",
       all_of(at_least(0.8, 0.2), for_reproduced(at_least(0.8, of="share with Delta S below 0.1 nats"))),
       amended=Amended(at_least(0.8, above=0), "it looked at the loss alone"),
       quantity="share of runs that lose their loss", kind="existence")  # fmt: skip
def explosion(sweeps, definition):
    """Share of the runs with batch size <= 4 or learning rate >= 1.6 whose loss is no number or above 2.2 nats."""
    rows = grid.of(sweeps, definition)
    fast = rows[(rows["batch_size"] <= 4) | (rows["learning_rate"] >= 1.6)]
    if fast.empty:
        raise NotTestable("no run has a batch size of at most 4 or a learning rate of at least 1.6")
    lost = fast["diverged"] | (fast["mean_loss"] > LOSS_OF_A_GUESS)
    small = fast["diverged"] | (fast["entropy"] < SMALL_ENTROPY)
    also = {
        "share with Delta S below 0.1 nats": share(small.sum(), len(fast)),
        "median Delta S, nats": fast["entropy"].median(),
        "median test accuracy": fast["test_accuracy"].median(),
    }
    note = f"the loss stopped being a number in {int(fast['diverged'].sum())} of them"
    return Measured(share(lost.sum(), len(fast)), also, note)


@claim("C67", "2f", "at small mobility the loss stays large and Delta S small", "L large, Delta S small", above(10, 2),
       quantity="loss at T over that of the anchor", kind="existence")  # fmt: skip
def slow_is_late(sweeps, definition):
    """Mean loss at T of the runs with ln gamma < -11 over that of the paper's network of the same size."""
    rows = grid.of(sweeps, definition)
    slow = rows[rows["ln_gamma"] < FAR]
    anchor = rows[(rows["ln_gamma"] == ANCHOR) & (rows["seed"] == 0)].set_index("hidden")
    slow = slow[slow["hidden"].isin(anchor.index)]
    if slow.empty:
        raise NotTestable("no run below ln gamma = -11 has its partner at the anchor's mobility")
    ratio = slow["mean_loss"].to_numpy() / anchor.loc[slow["hidden"], "mean_loss"].to_numpy()
    entropy = slow["entropy"].to_numpy() / anchor.loc[slow["hidden"], "entropy"].to_numpy()
    quarter = grid.of(sweeps, definition, "T/4").set_index("run").loc[slow["run"], "mean_loss"].to_numpy()
    also = {
        "Delta S over that of the anchor": np.median(entropy),
        "loss at T over that at T/4": np.median(slow["mean_loss"].to_numpy() / quarter),
        **_time_limit(sweeps, definition),
    }
    return Measured(over_networks(ratio), also)


def _time_limit(sweeps, definition):
    """Where the criterion passes -5 below ln gamma = -7 among the learning rates at h = 50, at T/4, T/2 and T."""
    found = {}
    for time in grid.TIMES:
        rows = grid.of_family(grid.of(sweeps, definition, time), "rate")
        rows = rows[(rows["hidden"] == 50) & (rows["seed"] == 0) & (rows["ln_gamma"] < -6.4)].sort_values("ln_gamma")
        if len(rows) > 1:
            at = crossings(rows["ln_gamma"].to_numpy(), phase.drawable(rows["criterion"]), grid.CONVERGED)
            if at.size:
                found[time] = at[-1]
    if len(found) < len(grid.TIMES):
        return {}
    edges = {f"edge of convergence among learning rates at h = 50, in ln gamma at {t}": x for t, x in found.items()}
    return edges | {
        "lower for each doubling of the time by (0.69: rate times time decides)": (found["T/4"] - found["T"]) / 2
    }


@claim("C70", "2h, 2i", "the criterion jumps at the boundary: a first-order transition", "jump",
       both(at_least(0.8, of=JUMPING), at_most(0.05, of=DIP), at_least(1, of=COEXIST)),
       amended=Amended(both(at_least(0.8, of=JUMPING), at_least(1, of="cells bimodal")),
                       "its test of bimodality rejects what has two humps, and smooth sigmoids jump"),
       quantity="largest step of the criterion over the median step", kind="mechanism")  # fmt: skip
def first_order(sweeps, definition):
    """Largest step of the criterion over the median step, a curve each, for the curves that cross -5.

    Runs that end without a loss have no criterion and are left out; the authors put theirs at 27.6.
    """
    every = grid.of(sweeps, definition)
    rows = every[~every["diverged"]]
    ratios, slow, cells, n_curves = _steps(rows)
    if not ratios:
        raise NotTestable(f"none of {n_curves} curves crosses -5{grid.missing(every)}")
    groups = bimodality(phase.drawable(cells["criterion"]))
    jumps = share(np.sum(np.array(ratios) >= JUMP), len(ratios))
    seeds = rows.groupby(["hidden", "ln_gamma", "family"]).ngroup()
    both_sides, several = coexistence(seeds, rows["criterion"], grid.CONVERGED)
    also = {
        JUMPING: jumps,
        DIP: dip_test(phase.drawable(cells["criterion"]), random=np.random.default_rng(0)).p_value,
        COEXIST: both_sides,
        "cells bimodal": float(groups.bimodal),
        "mean of the lower group": groups.low,
        "mean of the upper group": groups.high,
    }
    learned = _steps(rows[rows["test_accuracy"] >= grid.GUESSES])[0]
    if learned:
        also["share of the curves that jump without networks that guess"] = np.mean(np.array(learned) >= JUMP)
    if slow:
        also["the same among learning rates below the anchor's"] = np.median(slow)
    if lost := len(every) - len(rows):
        steps, _, cells, _ = _steps(every)
        also |= {
            f"share that jumps, runs without a loss at {phase.drawable(np.inf):.1f}": np.mean(np.array(steps) >= JUMP),
            "cells bimodal with these": float(bimodality(phase.drawable(cells["criterion"])).bimodal),
        }
    note = (
        f"{len(ratios)} of {n_curves} curves cross -5; {lost} run{'s' * (lost != 1)} without a loss left out; seeds "
        f"fall on both sides in {both_sides} of {several} cells with several{grid.missing(every)}"
    )
    return Measured(over_networks(np.minimum(ratios, LARGEST)), also, note, n_runs=len(rows))


def _steps(rows):
    """(largest steps of the curves that cross -5, those of slow rates among them, the cells, number of all curves)."""
    cells = grid.cells(rows)
    every = [(along, family, x, y) for along in ("ln_gamma", "hidden") for family in grid.FAMILIES
             for _, x, y in phase.curves(grid.of_family(cells, family), along)]  # fmt: skip
    ratios = [largest_step(x, y).ratio for *_, x, y in every if phase.crosses(y)]
    slow = [(x[x <= ANCHOR], y[x <= ANCHOR]) for along, family, x, y in every if (along, family) == SLOW_SIDE]
    slow = [largest_step(x, y).ratio for x, y in slow if len(x) >= phase.FEWEST and phase.crosses(y)]
    return ratios, slow, cells, len(every)
