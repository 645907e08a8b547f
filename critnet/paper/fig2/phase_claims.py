"""Claims of section 2.3 on the phase diagram: results and definition of Delta S in, numbers and a verdict out."""

import numpy as np

from critnet.losses.deviations import DIVERGED_LOSS
from critnet.losses.phases import JUMP, bimodality, coexistence, crossings, largest_step
from critnet.paper import published
from critnet.paper.fig2 import phase
from critnet.paper.fig2.phase_tails import far_below, heavy_tails
from critnet.paper.ledger import UNTESTABLE, Claim, Measured, verdict
from critnet.paper.sweeps import grid

ANCHOR = float(np.round(np.log(0.1 / 64), 9))
LOSS_OF_A_GUESS = 2.2  # nats; ln 10 = 2.303 is the loss of ten equal answers
SMALL_ENTROPY = 0.1  # nats
FAR = -11.0
SLOW_SIDE = ("ln_gamma", "rate")
LARGEST = 1e3  # a ratio above it, where nothing else of the curve changes, is written so


def one_variable(sweeps, definition):
    """|difference of ln L| of two runs of equal mobility and size over the standard deviation of ln L at that size."""
    rows = grid.of(sweeps, definition)
    rows = rows.assign(ln_loss=np.log(rows["mean_loss"].fillna(DIVERGED_LOSS)))
    by_size = rows.groupby("hidden")["ln_loss"]
    pairs = grid.pairs(rows)
    if pairs.empty:
        return Measured([], UNTESTABLE, "no two runs of equal mobility and size are there")
    apart = (pairs["ln_loss_batch"] - pairs["ln_loss_rate"]).abs().to_numpy()
    ratio = apart / by_size.std().loc[pairs["hidden"]].to_numpy()
    of_range = apart / (by_size.max() - by_size.min()).loc[pairs["hidden"]].to_numpy()
    below = pairs["ln_gamma"] < published.VERTEX
    slow, fast = (np.exp(np.median(apart[side])) if side.any() else np.nan for side in (below, ~below))
    accuracy = (pairs["test_accuracy_batch"] - pairs["test_accuracy_rate"]).abs().median()
    text = (
        f"{len(ratio)} pairs; over the range of ln L instead of its standard deviation the median is "
        f"{np.median(of_range):.2f}; below ln gamma = -7.7 the losses of a pair differ by a factor {slow:.3g}, "
        f"above by {fast:.3g}; the test accuracies differ by {accuracy:.4f} (medians){grid.missing(rows)}"
    )
    return Measured(ratio, verdict(np.median(ratio) <= 0.2, np.median(ratio) <= 0.5), text)


def parabola(sweeps, definition):
    """Curvature of the parabola through the steepest falls of the criterion with ln h; interval by bootstrap."""
    rows = grid.of(sweeps, definition)
    cells = grid.cells(rows)
    points = phase.boundary(cells)
    fit = phase.boundary_fit(points)
    if fit is None:
        note = f"only {len(points)} mobilities have a boundary within the grid{grid.missing(rows)}"
        return Measured([], UNTESTABLE, note, n_runs=len(rows))
    best, low, high = fit.best, fit.low, fit.high
    inside = points["ln_gamma"].min() <= best.vertex <= points["ln_gamma"].max()
    literal = phase.boundary_fit(phase.boundary(cells, falling=False))
    as_m = phase.boundary(cells, size="M")
    fitted = phase.boundary_fit(as_m)
    misfit = [np.sqrt(np.mean((p["ln_size"] - grid.paper_boundary(p["ln_gamma"])) ** 2)) for p in (points, as_m)]
    text = (
        f"{fit.n_points} mobilities; vertex {best.vertex:.2f} [{low.vertex:.2f}, {high.vertex:.2f}], minimum "
        f"{best.minimum:.2f} [{low.minimum:.2f}, {high.minimum:.2f}] in ln h; open upward in {fit.open_upward:.0%} of "
        f"redraws; with M = 2h + 10 the curvature is {fitted.best.curvature:.2f} and the minimum "
        f"{fitted.best.minimum:.2f}; root mean square distance to the paper's boundary {misfit[0]:.2f} in ln h, "
        f"{misfit[1]:.2f} in ln M; by the steepest change of either sign, as the rule was first written, the curvature "
        f"is {literal.best.curvature:.2f}, the vertex {literal.best.vertex:.2f}{grid.missing(rows)}"
    )
    near = abs(best.curvature - 0.5) <= 0.15 and abs(best.vertex + 7.7) <= 0.7 and abs(best.minimum - 2.5) <= 0.5
    return Measured(
        [best.curvature],
        verdict(near, best.curvature > 0 and inside),
        text,
        interval=(low.curvature, high.curvature),
        n_runs=len(rows),
    )


def optimum(sweeps, definition):
    """The smallest hidden size of which a run has converged (criterion below -5 at T)."""
    rows = grid.of(sweeps, definition)
    converged = rows[rows["criterion"] < grid.CONVERGED]
    if converged.empty:
        return Measured([], UNTESTABLE, f"no run has converged{grid.missing(rows)}")
    smallest = converged["hidden"].min()
    there = converged[converged["hidden"] == smallest]
    guessing = int((there["test_accuracy"] < grid.GUESSES).sum())
    where = ", ".join(f"{g:.1f}" for g in sorted(there["ln_gamma"].unique()))
    learned = converged.loc[converged["test_accuracy"] >= grid.GUESSES, "hidden"]
    text = (
        f"at ln gamma {where}; {guessing} of these {len(there)} runs answer no better than by guessing; of all the "
        f"converged runs that do better, {len(learned)}, the smallest has h = {learned.min()}{grid.missing(rows)}"
    )
    return Measured([smallest], verdict(8 <= smallest <= 20, 5 <= smallest <= 40), text, n_runs=len(rows))


def explosion(sweeps, definition):
    """Share of the runs with batch size <= 4 or learning rate >= 1.6 whose loss is no number or above 2.2 nats."""
    rows = grid.of(sweeps, definition)
    fast = rows[(rows["batch_size"] <= 4) | (rows["learning_rate"] >= 1.6)]
    if fast.empty:
        return Measured([], UNTESTABLE, "no run has a batch size of at most 4 or a learning rate of at least 1.6")
    lost = fast["diverged"] | (fast["mean_loss"] > LOSS_OF_A_GUESS)
    share, empty = lost.mean(), ((fast["entropy"] < SMALL_ENTROPY) | fast["diverged"]).mean()
    old = verdict(share >= 0.8, share > 0)
    text = (
        f"Delta S is below {SMALL_ENTROPY} in {empty:.0%} of the runs, its median {fast['entropy'].median():.3g}; the "
        f"loss stopped being a number in {int(fast['diverged'].sum())} of them, the median test accuracy is "
        f"{fast['test_accuracy'].median():.3f}; the rule as first written looked at the loss alone: {old}"
    )
    return Measured([share], verdict(share >= 0.8 and empty >= 0.8, share > 0), text, n_runs=len(fast))


def slow_is_late(sweeps, definition):
    """Mean loss at T of the runs with ln gamma < -11 over that of the paper's network of the same size."""
    rows = grid.of(sweeps, definition)
    slow = rows[rows["ln_gamma"] < FAR]
    anchor = rows[(rows["ln_gamma"] == ANCHOR) & (rows["seed"] == 0)].set_index("hidden")
    slow = slow[slow["hidden"].isin(anchor.index)]
    if slow.empty:
        return Measured([], UNTESTABLE, "no run below ln gamma = -11 has its partner at the anchor's mobility")
    ratio = slow["mean_loss"].to_numpy() / anchor.loc[slow["hidden"], "mean_loss"].to_numpy()
    entropy = slow["entropy"].to_numpy() / anchor.loc[slow["hidden"], "entropy"].to_numpy()
    quarter = grid.of(sweeps, definition, "T/4").set_index("run").loc[slow["run"], "mean_loss"].to_numpy()
    still = np.median(slow["mean_loss"].to_numpy() / quarter)
    text = (
        f"Delta S is {np.median(entropy):.2g} times that of the anchor (median); the loss at T is {still:.2f} of what "
        f"it was at T/4{_time_limit(sweeps, definition)}"
    )
    middle = np.median(ratio)
    return Measured(ratio, verdict(middle > 10, middle > 2), text)


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
        return ""
    a, b, c = found.values()
    return (
        f"; at h = 50 the edge of convergence among the learning rates lies at ln gamma = {a:.2f} at T/4, {b:.2f} at "
        f"T/2 and {c:.2f} at T: {(a - c) / 2:.2f} lower for each doubling of the time; 0.69 would say that the product "
        "of rate and time decides"
    )


def first_order(sweeps, definition):
    """Largest step of the criterion over the median step, a curve each, for the curves that cross -5.

    Runs that end without a loss have no criterion and are left out; the authors put theirs at 27.6.
    """
    every = grid.of(sweeps, definition)
    rows = every[~every["diverged"]]
    ratios, slow, cells, n_curves = _steps(rows)
    if not ratios:
        return Measured([], UNTESTABLE, f"none of {n_curves} curves crosses -5{grid.missing(every)}")
    groups = bimodality(phase.drawable(cells["criterion"]))
    jumps = np.mean(np.array(ratios) >= JUMP)
    seeds = rows.groupby(["hidden", "ln_gamma", "family"]).ngroup()
    both, several = coexistence(seeds, rows["criterion"], grid.CONVERGED)
    text = (
        f"{jumps:.0%} of the {len(ratios)} curves that cross -5 jump, of {n_curves} in all; the cells are "
        f"{'' if groups.bimodal else 'not '}bimodal, with means {groups.low:.1f} and {groups.high:.1f}; among learning "
        f"rates below the anchor's the largest step is {np.median(slow) if slow else np.nan:.1f} times the median one "
        f"({len(slow)} sizes); seeds fall on both sides in {both} of {several} cells with several"
    )
    if lost := len(every) - len(rows):
        steps, _, cells, _ = _steps(every)
        two, share = bimodality(phase.drawable(cells["criterion"])).bimodal, np.mean(np.array(steps) >= JUMP)
        text += (
            f"; with the {lost} run{'s' * (lost > 1)} without a loss at {phase.drawable(np.inf):.1f}, {share:.0%} of "
            f"{len(steps)} curves would jump and the cells be {'' if two else 'not '}bimodal"
        )
    order = verdict(jumps >= 0.8 and groups.bimodal, jumps >= 0.8 or groups.bimodal)
    return Measured(np.minimum(ratios, LARGEST), order, text + grid.missing(every), n_runs=len(rows))


def _steps(rows):
    """(largest steps of the curves that cross -5, those of slow rates among them, the cells, number of all curves)."""
    cells = grid.cells(rows)
    every = [(along, family, x, y) for along in ("ln_gamma", "hidden") for family in grid.FAMILIES
             for _, x, y in phase.curves(grid.of_family(cells, family), along)]  # fmt: skip
    ratios = [largest_step(x, y).ratio for *_, x, y in every if phase.crosses(y)]
    slow = [(x[x <= ANCHOR], y[x <= ANCHOR]) for along, family, x, y in every if (along, family) == SLOW_SIDE]
    slow = [largest_step(x, y).ratio for x, y in slow if len(x) >= phase.FEWEST and phase.crosses(y)]
    return ratios, slow, cells, len(every)


DATA = "sweeps"
CLAIMS = (
    Claim(
        "C63",
        "2.3",
        "2f",
        "loss and accuracy depend on learning rate and batch size through their ratio alone",
        "collapse",
        "R: median |difference of ln L| of pairs of equal mobility <= 0.2 standard deviations of ln L at that size; "
        "P <= 0.5; N otherwise",
        one_variable,
        ("as-coded",),
    ),
    Claim(
        "C64",
        "2.3",
        "2f",
        "the boundary of convergence is a U, a parabola in ln gamma",
        "(ln gamma + 7.7)^2 / 2 + 2.5",
        "R: curvature 0.5 +- 0.15, vertex -7.7 +- 0.7 and minimum 2.5 +- 0.5 of the parabola through the steepest "
        "falls of the criterion with ln h; P curvature > 0 with its vertex within the mobilities; N otherwise",
        parabola,
    ),
    Claim(
        "C65",
        "2.3",
        "2f",
        "one optimum: the smallest network that converges",
        "h = 12 at gamma = 4.5e-4",
        "R: smallest converged h in 8 to 20; P 5 to 40; N otherwise",
        optimum,
    ),
    Claim(
        "C66",
        "2.3",
        "2f",
        "at large mobility the loss diverges and Delta S goes to 0: gradient explosion",
        "L diverges, Delta S -> 0",
        "R: >= 80 % of the runs with batch size <= 4 or learning rate >= 1.6 end without a number or above 2.2 nats, "
        "and as many with Delta S < 0.1; P some lose their loss; N none",
        explosion,
    ),
    Claim(
        "C67",
        "2.3",
        "2f",
        "at small mobility the loss stays large and Delta S small",
        "L large, Delta S small",
        "R: median loss at T of the runs with ln gamma < -11 > 10 times the anchor's; P > 2 times; N otherwise",
        slow_is_late,
    ),
    Claim(
        "C68",
        "2.3",
        "2g",
        "a small criterion means a converged run with a heavy-tailed distribution of losses",
        "criterion < -5",
        "R: in >= 80 % of the runs with criterion < -5 the losses have a power-law tail (p > 0.1, no rival "
        "significantly better, over 1.5 decades); P >= 50 %; N less",
        heavy_tails,
    ),
    Claim(
        "C69",
        "2.3",
        "2g",
        "far below the boundary the losses are log-normal",
        "d < -2",
        "R: in >= 80 % of the runs with d < -2 a log-normal tail is significantly better than a power law; P >= 50 %; "
        "N less",
        far_below,
        ("as-coded",),
    ),
    Claim(
        "C70",
        "2.3",
        "2h, 2i",
        "the criterion jumps at the boundary: a first-order transition",
        "jump",
        "R: largest step >= 5 times the median step in >= 80 % of the curves that cross -5, and the criterion of all "
        "cells bimodal; P one of the two; N neither",
        first_order,
    ),
)
