"""Fig. 5j-m: how a circuit's neurons act together on its digit, and how that comes about over training."""

from collections.abc import Callable

import numpy as np
import pandas as pd

from critnet.circuits.coupling import energy, normalised_energy, standardise_neurons
from critnet.errors import UsageError
from critnet.explore import Drawing, NoMatch
from critnet.paper import anchors, marks, style
from critnet.paper.fig5.coupling import PER_DIGIT
from critnet.statistics.ageing import LAWS, fit_law, prediction_error, upward_share

DIGITS = range(10)
FORMS = ("coupling cost", "per unit of weight", "signal to noise")
FROZEN = ("nothing", "coherence", "weights")
UNTIL = 10_000  # the last iteration that a law sees whose prediction is judged
LABELS = np.repeat(np.arange(10), PER_DIGIT)
THINNED = 4  # of the images in Fig. 5j one in so many is drawn, in Fig. 5l one in half as many


def _edges(data, seed, digit):
    """Which edges belong to a circuit."""
    return (data["edge_seed"].values == seed) & (data["edge_digit"].values == digit)


def costs(data, seed, digit, *, form="coupling cost", definition="as-coded", frozen="nothing", at=0):
    """E_G of one circuit over the stored iterations.

    Parameters
    ----------
    data : Dataset of data/coupling.nc
    form : one of FORMS
    definition : "as-coded" (samples standardised first) or "control" (raw activity), of the plain form
    frozen : one of FROZEN
        What is held at its value of iteration `at`.

    Returns
    -------
    t, cost : arrays, shape (n_steps,), the stored iterations of this seed
    """
    s, rows = anchors.of_seed(data, seed), _edges(data, seed, digit)
    t, known = data["t"].values, ~np.isnan(data["overlap"].values[anchors.of_seed(data, seed), :, digit])
    if form == "signal to noise":
        return t[known], data["signal_cost"].values[s, known, digit].astype(float)
    if form == "coupling cost" and definition == "control" and frozen == "nothing":
        return t[known], data["control_cost"].values[s, known, digit].astype(float)
    weight, moment = (data[name].values[known][:, rows].astype(float) for name in ("weight", "moment"))
    if frozen != "nothing":
        i = marks.stored(t[known], at, "iteration t")
        weight, moment = (weight[i], moment) if frozen == "weights" else (weight, moment[i])
    weight, moment = np.broadcast_arrays(weight, moment)
    return t[known], (normalised_energy if form == "per unit of weight" else energy)(weight, moment)


def fig5j(data, *, digit=0, definition="as-coded"):
    """What each hidden neuron of a circuit passes on along its first edge, w_ij z_i, for images sorted by digit.

    On top the output. Each row is scaled to its own largest value; dashed: zero. As coded z is of activity that was
    standardised image by image; in the control it is of raw activity, over these images."""
    fig1, data = data["fig1"], data["coupling"]
    seed = data.attrs["shown_seed"]
    edges = data["edge"].values[_edges(data, seed, digit)].astype(int)
    if len(edges) < 2:
        raise NoMatch(f"The circuit of {digit} has {len(edges)} edges: nothing acts together in it.")
    z, hidden = data["sample_z"].values.astype(float), (data.sizes["neuron"] - 10) // 2
    if definition == "control":
        z = standardise_neurons(fig1["activity"].values[-1].astype(float)).astype(float)
    weights = data["weight"].values[-1][_edges(data, seed, digit)]
    first: dict[int, float] = {}
    for (layer, i, _), weight in zip(edges, weights, strict=True):
        first.setdefault((layer - 1) * hidden + i, weight)
    rows = [(n, w * z[n]) for n, w in sorted(first.items())] + [(2 * hidden + digit, z[2 * hidden + digit])]
    figure, axis = style.subplots(figsize=(7.6, 0.9 + 0.22 * max(len(rows), 12)))
    table, on, shown = {}, digit == LABELS, np.arange(0, len(LABELS), THINNED)
    for k, (neuron, signal) in enumerate(rows):
        scaled = 0.45 * signal / max(np.abs(signal).max(), 1e-12)
        colour = style.colours().critical if neuron >= 2 * hidden else style.DIGITS[digit]
        axis.plot(shown, scaled[shown] + k, color=colour, lw=0.4)
        axis.axhline(k, color=style.colours().faint, ls="--", lw=0.5)
        table[f"neuron {neuron}"] = signal[shown].round(2)
    axis.axvspan(PER_DIGIT * digit, PER_DIGIT * (digit + 1), color=style.colours().faint, alpha=0.2, lw=0)
    axis.set(xlabel="training images by digit", ylabel="neuron", xlim=(0, len(LABELS)))
    axis.set_yticks(range(len(rows)), labels=[str(n) for n, _ in rows], fontsize=7)
    axis.set_xticks([PER_DIGIT * (d + 0.5) for d in DIGITS], labels=[str(d) for d in DIGITS])
    style.letter(axis, "j")
    against = [n for n, signal in rows[:-1] if signal[on].mean() < 0]
    named = ", ".join(map(str, against)) or "none"
    alt = (
        f"Circuit of digit {digit}, seed {seed}, {definition}, at the end: of {len(rows) - 1} hidden neurons "
        f"{len(against)} pass on a negative signal on average over its own digit ({named}); the output "
        f"stands at {rows[-1][1][on].mean():.2f} on the digit and {rows[-1][1][~on].mean():.2f} on all others."
    )
    return Drawing(figure, alt, pd.DataFrame({"digit": LABELS[shown], **table}))


def fig5k(data, *, digit=0, t=200_000, definition="as-coded"):
    """Distribution of an output on images of its digit and on all others, and how it parts over training.

    Drawn over training: the overlap of the two histograms as coded, in the control 1 - AUC, which needs no bins."""
    data = data["coupling"]
    i = marks.stored(data["shown"].values, t, "iteration t")
    counts, edges = data["output_count"].values[i, digit], data["output_edge"].values[i, digit]
    shares, centre = counts / counts.sum(axis=1, keepdims=True), (edges[1:] + edges[:-1]) / 2
    c, seed = style.colours(), data.attrs["shown_seed"]
    figure, (axis, side) = style.subplots(1, 2, figsize=(7.6, 3.7), width_ratios=(1.4, 1))
    for row, colour, text in ((0, style.DIGITS[digit], f"images of a {digit}"), (1, c.ink, "all others")):
        axis.fill_between(centre, shares[row], step="mid", color=colour, alpha=0.35, lw=0)
        axis.step(centre, shares[row], where="mid", color=colour, lw=1, label=text)
    axis.set(xlabel=f"output of {digit} (logit)", ylabel="share of the images", title=f"t = {t}, seed {seed}")
    axis.legend(fontsize=7)
    values, name = data["overlap"].values[:, :, digit], "overlap"
    if definition == "control":
        values, name = 1 - data["auc"].values[:, :, digit, 2], "1 - AUC"
    marks.course(side, data["t"].values, values, anchors.of_seed(data, seed), style.DIGITS[digit])
    style.log_iterations(side)
    side.set(yscale="log", ylabel=name, title="line: this seed")
    style.letter(axis, "k")
    here = np.minimum(*shares).sum()
    late = values[:, -1]
    alt = (
        f"Output of {digit}, seed {seed}, t = {t}: the distributions on and off the digit overlap by {here:.2g}. At "
        f"the end {name} ({definition}) is {marks.spread(late)} over the seeds, at t = 1 "
        f"{marks.spread(values[:, _at(data, 1)])}."
    )
    by_seed = {f"{name}, seed {s}": row for s, row in zip(data["seed"].values, values, strict=True)}
    table = pd.DataFrame({"t": data["t"].values, **by_seed})
    return Drawing(figure, alt, table)


def _at(data, step):
    return marks.stored(data["t"].values, step, "iteration t")


def fig5l(data, *, digit=0, t=200_000, definition="control"):
    """Coupling -E_G(x) of single images by digit.

    As coded on a logarithmic axis, which hides all negative values; in the control on an axis that is linear around
    zero.
    """
    data = data["coupling"]
    i = marks.stored(data["shown"].values, t, "iteration t")
    values = -data["sample_cost"].values[i, digit].astype(float)
    figure, axis = style.subplots(figsize=(7.6, 3.9))
    shown = np.arange(0, len(values), THINNED // 2)
    axis.scatter(shown, values[shown], s=4, c=[style.DIGITS[d] for d in LABELS[shown]], lw=0)
    own, hidden = digit == LABELS, int((values[shown] <= 0).sum())
    if definition == "as-coded":
        axis.set_yscale("log")
    else:
        axis.set_yscale("symlog", linthresh=max(float(np.median(np.abs(values))), 1e-6))
        marks.level(axis, 0)
    axis.set(xlabel="training images by digit", ylabel="coupling $-E_G(x)$", title=f"circuit of {digit}, t = {t}")
    axis.set_xticks([PER_DIGIT * (d + 0.5) for d in DIGITS], labels=[str(d) for d in DIGITS])
    style.letter(axis, "l")
    seed = data.attrs["shown_seed"]
    aucs = data["auc"].values[anchors.of_seed(data, seed), _at(data, t), digit]
    gone = f" {hidden} of {len(shown)} values shown are not positive and so hidden." if definition == "as-coded" else ""
    alt = (
        f"Circuit of {digit}, seed {seed}, t = {t}, {definition}: -E_G is {np.median(values[own]):.3g} on its digit "
        f"and {np.median(values[~own]):.3g} on others (medians).{gone} Over all training images it tells them apart "
        f"with an AUC of {aucs[0]:.4f}; without the edges to the output {aucs[1]:.4f}, the output alone {aucs[2]:.4f}."
    )
    kept = shown[values[shown] > 0] if definition == "as-coded" else shown
    return Drawing(figure, alt, pd.DataFrame({"digit": LABELS[kept], "coupling": values[kept].round(4)}))


def laws(t, cost):
    """Each law fitted to t >= 1, and its relative error after `UNTIL` when it has seen only what comes before.

    Returns
    -------
    dict of name to (Law, error), the error NaN without enough iterations
    """
    late, found = t >= 1, {}
    for name in LAWS:
        try:
            fit = fit_law(t[late], cost[late], name)
        except UsageError:
            continue
        try:
            error = prediction_error(t[late], cost[late], name, until=UNTIL)
        except UsageError:
            error = np.nan
        found[name] = fit, error
    return found


def fig5m(data, *, seed=0, form="coupling cost", definition="as-coded"):
    """Coupling cost of the ten circuits over training, with A - alpha ln t fitted to each (dashed).

    Per unit of weight, growth of the weights alone changes nothing; in the control z is that of the raw activity.
    """
    data = data["coupling"]
    if form not in FORMS:
        raise NoMatch(f"No form is called {form!r}; choose one of {', '.join(FORMS)}.")
    figure, axis = style.subplots(figsize=(7.6, 4.3))
    table, said, drawn, lines = [], [], {}, []
    for digit in DIGITS:
        if _edges(data, seed, digit).sum() < 2:
            continue
        t, cost = costs(data, seed, digit, form=form, definition=definition)
        drawn[digit] = t, cost
        lines.append(pd.DataFrame({"digit": digit, "t": t, "cost": cost}))
        axis.plot(t[t >= 1], cost[t >= 1], color=style.DIGITS[digit], lw=1.3, label=str(digit))
        fits = laws(t, cost)
        if "log" in fits:
            axis.plot(t[t >= 1], fits["log"][0].at(t[t >= 1]), "--", color=style.DIGITS[digit], lw=0.7)
        row = {"digit": digit, "start": cost[0], "end": cost[-1], "upward_share": upward_share(cost[t >= 1])}
        for name, (fit, error) in fits.items():
            row |= {f"{name}_r_squared": fit.r_squared, f"{name}_aic": fit.aic, f"{name}_prediction_error": error}
        table.append(row)
    if not table:
        raise NoMatch(f"No circuit of seed {seed} has two edges, so there is no coupling to draw.")
    style.log_iterations(axis)
    axis.set(
        ylabel={"coupling cost": "$E_G$", "per unit of weight": "$E_G / \\Sigma |w|$"}.get(
            form, "$E_G$, signal to noise"
        )
    )
    axis.set_title(f"seed {seed}")
    axis.legend(title="digit", ncols=2, fontsize=7)
    style.letter(axis, "m")
    frame = pd.DataFrame(table)
    if "log_r_squared" in frame:
        said.append(f"the logarithm has R² of at least 0.95 for {int((frame.log_r_squared >= 0.95).sum())} digits")
        best = frame[[f"{n}_aic" for n in LAWS if f"{n}_aic" in frame]].idxmin(axis=1)
        said.append(f"the least AIC for {int((best == 'log_aic').sum())}")
        good = frame.log_prediction_error <= 0.1
        said.append(f"and fitted to t <= 10 000 foretells the rest within 10 % for {int(good.sum())}")
    left_out = [d for d in DIGITS if d not in drawn]
    alt = (
        f"{form} of {len(frame)} circuits, seed {seed}, {definition}"
        + (f" (left out, fewer than two edges: {', '.join(map(str, left_out))})" if left_out else "")
        + f": it starts at {frame.start.min():.3g} to {frame.start.max():.3g} and ends at {frame.end.min():.3g} to "
        f"{frame.end.max():.3g}" + (f"; {', '.join(said)}" if said else "") + "."
    )
    return Drawing(figure, alt, pd.concat(lines, ignore_index=True))


DATA = ("coupling", "fig1")
PANELS: dict[str, Callable] = {"5j": fig5j, "5k": fig5k, "5l": fig5l, "5m": fig5m}
