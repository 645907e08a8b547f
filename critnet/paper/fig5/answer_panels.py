"""Fig. 5d and e, and our own figure of recall against false positives: what circuits answer, and what without them."""

from collections.abc import Callable

import numpy as np
import pandas as pd

from critnet.circuits.scores import balanced_accuracy
from critnet.errors import UsageError
from critnet.explore import Drawing, NoMatch
from critnet.paper import anchors, marks, style
from critnet.paper.fig5 import stored
from critnet.statistics.counted import fit_bins

DIGITS = range(10)
MEASURES = {"as-coded": "recall", "control": "balanced accuracy"}
SETS = ("train", "test")


def loss_tails(acting, seed, definition="control"):
    """For each digit exponent, log-likelihood ratio of power law to log-normal of its circuit's losses, and its p.

    As coded from a hundred equal bins, in the control from bins equal in ln L. NaN where the losses leave no tail to
    fit (fewer than fifty, or all equal). A positive ratio: the power law is better.
    """
    here, found = acting.sel(seed=seed), []
    for digit in DIGITS:
        if definition == "as-coded":
            low, high = here["loss_range"].values[digit]
            counts, edges = here["loss_count"].values[digit], np.linspace(low, high, here.sizes["bin"] + 1)
        else:
            counts, edges = here["loss_log_count"].values[digit], acting["loss_edge"].values
        start = int(edges[0] <= 0)  # a bin from zero has no logarithm
        try:
            fit = fit_bins(edges[start:], counts[start:])
        except UsageError:
            found.append((np.nan, np.nan, np.nan))
            continue
        found.append((fit.alpha, fit.ratio["lognormal"], fit.ratio_p["lognormal"]))
    return np.array(found)


def fig5d(data, *, seed=0, digit="all", definition="control"):
    """Distribution of a circuit's loss over the training images of its digit.

    As coded a hundred linear bins, in the control bins of equal width in ln L."""
    acting = data["acting"]
    anchors.of_seed(acting, seed)
    chosen = list(DIGITS) if digit == "all" else [int(digit)]
    figure, axis = style.subplots(figsize=(7.6, 4.0))
    here, table = acting.sel(seed=seed), []
    for d in chosen:
        if definition == "as-coded":
            low, high = here["loss_range"].values[d]
            counts, edges = here["loss_count"].values[d], np.linspace(low, high, here.sizes["bin"] + 1)
        else:
            counts, edges = here["loss_log_count"].values[d][1:], acting["loss_edge"].values[1:]
        width, centre = np.diff(edges), (edges[1:] + edges[:-1]) / 2
        density = counts / max(counts.sum(), 1) / np.where(width > 0, width, np.inf)
        marks.tail(axis, centre, density, style.DIGITS[d], str(d))
        table.append(pd.DataFrame({"digit": d, "loss": centre, "density": density})[counts > 0])
    axis.set(xlabel="loss of the circuit on an image of its digit, $L_k$ (nats)", ylabel="p($L_k$) (1/nats)")
    axis.legend(title="digit", ncols=2, fontsize=7)
    style.letter(axis, "d")
    tails = loss_tails(acting, seed, definition)
    fitted = np.isfinite(tails[:, 1])
    normal = (tails[:, 1] < 0) & (tails[:, 2] < 0.1)
    names = {
        "a log-normal beats the power law (p < 0.1)": normal, "it does not": fitted & ~normal,
        "there is no tail to fit": ~fitted,
    }  # fmt: skip
    told = "; ".join(f"{name} for {', '.join(map(str, np.flatnonzero(of))) or 'none'}" for name, of in names.items())
    alt = (
        f"Losses of the ten circuits of seed {seed} on training images of their digit, {definition}. By the likelihood "
        f"of the tails: {told}."
    )
    return Drawing(figure, alt, pd.concat(table))


def reserves(data, seed, which):
    """Recall, false-positive rate and mean loss of the full network, the circuits and the rest, shape (3, 10, 3)."""
    i = SETS.index(which)
    rows = stored.of_anchor(stored.frame(data["circuits"], data["runs"]), seed)
    found, one = data["circuits"], int(rows.network.iloc[0])
    names = ("recall", "false_positive_rate", "loss")
    full = np.stack([found[f"full_{name}"].values[one, :, i] for name in names], axis=-1)
    kept = np.stack([found[name].values[rows.index, i] for name in names], axis=-1)
    return np.stack([full, kept, data["acting"]["rest"].sel(seed=seed).values[:, i]])


def fig5e(data, *, seed=0, which="test", definition="control"):
    """Mean loss and answers of the whole network, of each circuit alone, and of the network without the circuit.

    As coded the answers are judged by recall alone, the paper's accuracy; balanced accuracy counts other digits.
    Grey: random sub-graphs of the circuit's shape (test images, 5 to 95 %).
    """
    if which not in SETS:
        raise NoMatch(f"There are {' and '.join(SETS)} images, no {which!r} ones.")
    measure = MEASURES[definition]
    anchors.of_seed(data["acting"], seed)
    values = reserves(data, seed, which)
    answers = values[..., 0] if measure == "recall" else balanced_accuracy(values[..., 0], values[..., 1])
    figure, (left, right) = style.subplots(1, 2, figsize=(7.6, 3.8))
    c, names = style.colours(), ("whole network", "circuit", "without it")
    colours = (c.ink, c.critical, c.other)
    for axis, heights in ((left, values[..., 2]), (right, answers)):
        for k, (name, colour) in enumerate(zip(names, colours, strict=True)):
            axis.bar(np.arange(10) + 0.27 * (k - 1), heights[k], 0.25, color=colour, label=name)
        axis.set(xlabel="digit", xticks=list(DIGITS))
    null = _null(data, seed, measure)
    if which == "test" and null is not None:
        right.vlines(np.arange(10), *null, color=c.faint, lw=3, zorder=4)
    left.set(yscale="log", ylabel="mean loss on the digit (nats)", title=f"seed {seed}, {which} images")
    right.set(ylabel=measure, ylim=(0, 1.02))
    left.legend(fontsize=7)
    style.letter(left, "e")
    own = data["circuits"]
    one = int(stored.of_anchor(stored.frame(own, data["runs"]), seed).network.iloc[0])
    joint = own["together"].values[one, SETS.index(which)]
    means = answers.mean(axis=1)
    alt = (
        f"Seed {seed}, {definition}, {which} images, mean over the digits: {measure} is {means[0]:.3f} for the whole "
        f"network, {means[1]:.3f} for the circuits, {means[2]:.3f} without them; mean loss "
        f"{', '.join(f'{x:.3g}' for x in values[..., 2].mean(axis=1))} nats. The ten circuits together name "
        f"{joint:.1%} of all digits rightly."
    )
    table = pd.DataFrame({"reserve": np.repeat(names, 10), "digit": [*DIGITS] * 3, measure: answers.ravel(),
                          "loss": values[..., 2].ravel()})  # fmt: skip
    return Drawing(figure, alt, table)


def _null(data, seed, measure):
    """5 and 95 % of random sub-graphs of each circuit's shape, shape (2, 10)."""
    rows = stored.of_anchor(stored.frame(data["circuits"], data["runs"]), seed)
    of = list(data["circuits"]["null_circuit"].values)
    places = [of.index(row) for row in rows.index]
    recall, false = (data["circuits"][f"null_{n}"].values[places] for n in ("recall", "false_positive_rate"))
    values = recall if measure == "recall" else balanced_accuracy(recall, false)
    return np.quantile(values, (0.05, 0.95), axis=1)


def recall_against_false(data, *, margin="0.05", definition="as-coded"):
    """Recall against false positives of fifty circuits, and of our own that are asked for both; lines: equal worth.

    Test images of five seeds. On a line the balanced accuracy is the number at its end. Faint: random sub-graphs of
    the circuits' shapes, medians of a hundred draws. Control: the paper's search on correlations of raw activity.
    """
    rows = stored.frame(data["circuits"], data["runs"])
    rows = rows[rows.anchor]
    own = rows[rows.variant == f"balanced {margin}"]
    if own.empty:
        raise NoMatch(f"No circuits with a margin of {margin} are stored.")
    found, c = rows[rows.variant == definition], style.colours()
    figure, axis = style.subplots(figsize=(7.6, 4.6))
    for level in (0.5, 0.6, 0.7, 0.8, 0.9):
        x = np.array([0, 1])
        axis.plot(x, 2 * level - 1 + x, color=c.faint, lw=0.7, zorder=0)
        axis.annotate(f"{level:g}", (2 - 2 * level, 1), xytext=(0, 10), textcoords="offset points", fontsize=8,
                      color=c.ink, ha="center", annotation_clip=False)  # fmt: skip
    if definition == stored.CODED:
        random = _random(data, found)
        axis.scatter(*random.T, s=14, marker="x", color=c.faint, lw=1, label="random sub-graphs of their shapes")
    axis.scatter(found.false, found.recall, s=26, color=style.of_definition(definition),
                 label="circuits of the paper's search")  # fmt: skip
    axis.scatter(own.false, own.recall, s=26, marker="^", color=c.critical, label="circuits that also say no")
    axis.scatter(found.full_false, found.full_recall, s=14, color=c.ink, label="whole network")
    axis.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.03), xlabel="other digits taken for it (false positives)")
    axis.set_ylabel("recall of its own digit")
    axis.legend(loc="lower right", fontsize=8)
    worth = [balanced_accuracy(r.recall, r.false) for r in (found, own)]
    alt = (
        f"Test images, five seeds, ten digits, {definition}: the circuits of the paper's search recall "
        f"{found.recall.median():.1%} of their digit (median) and take {found.false.median():.1%} of all others for "
        f"it; balanced accuracy {np.median(worth[0]):.3f}. The whole networks recall {found.full_recall.median():.1%} "
        f"and take {found.full_false.median():.1%}. Circuits searched for balanced accuracy within {margin} of the "
        f"whole network's reach {np.median(worth[1]):.3f} with {own.n_edges.median():g} edges instead of "
        f"{found.n_edges.median():g}, and {own.n_first.median():g} first-layer neurons instead of "
        f"{found.n_first.median():g}."
    )
    table = pd.concat([found, own])[["seed", "digit", "variant", "n_edges", "n_first", "recall", "false", "auc"]]
    return Drawing(figure, alt, table.reset_index(drop=True))


def _random(data, coded):
    """Median false-positive rate and recall of the random sub-graphs of each circuit, shape (n, 2)."""
    of = list(data["circuits"]["null_circuit"].values)
    places = [of.index(row) for row in coded.index]
    names = ("false_positive_rate", "recall")
    return np.stack([np.median(data["circuits"][f"null_{n}"].values[places], axis=1) for n in names], axis=1)


DATA = ("circuits", "acting", "runs")
PANELS: dict[str, Callable] = {"5d": fig5d, "5e": fig5e, "5e-answers": recall_against_false}
