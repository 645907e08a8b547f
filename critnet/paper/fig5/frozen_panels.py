"""Beside Fig. 5m: how much of the fall of the coupling cost is growth of weights, and how much coherence."""

from collections.abc import Callable

import numpy as np
import pandas as pd

from critnet.explore import Drawing, NoMatch
from critnet.paper import marks, style
from critnet.paper.fig5 import ageing
from critnet.paper.fig5.coupling_panels import FORMS, costs

PARTS = {"nothing": "as it is", "coherence": "weights change, coherence frozen",
         "weights": "coherence changes, weights frozen"}  # fmt: skip


def parts_of_fall(data, *, seed=0, digit=0, at=100, definition="as-coded"):
    """Coupling cost of a circuit as it is, with its weights frozen at one moment, and with its coherence frozen.

    As coded E_G itself; in the control per unit of weight, so that growth of all weights alone changes nothing."""
    if digit not in ageing.usable(data, seed):
        raise NoMatch(f"The circuit of {digit}, seed {seed}, has fewer than two edges: it has no coupling.")
    form, c = FORMS[0] if definition == "as-coded" else FORMS[1], style.colours()
    figure, axis = style.subplots(figsize=(7.6, 3.9))
    table = {}
    for (frozen, text), colour in zip(PARTS.items(), (c.ink, *c.quantities), strict=False):
        t, cost = costs(data, seed, digit, form=form, frozen=frozen, at=at)
        table["t"], table[text] = t, cost
        axis.plot(t[t >= 1], cost[t >= 1], color=colour, lw=1.5, label=text)
    axis.axvline(max(at, 1), color=c.faint, lw=0.9)
    style.log_iterations(axis)
    axis.set(ylabel="$E_G$" if form == FORMS[0] else "$E_G / \\Sigma |w|$")
    axis.set_title(f"circuit of {digit}, seed {seed}, frozen at t = {at}")
    axis.legend(fontsize=8)
    frame = pd.DataFrame(table)
    start = marks.stored(frame["t"].values, at, "iteration t")
    change = {text: frame[text].iloc[-1] - frame[text].iloc[start] for text in PARTS.values()}
    alt = f"{definition}, {form}, circuit of {digit}, seed {seed}: change from t = {at} to the end: " + ", ".join(
        f"{value:.3g} ({text})" for text, value in change.items()
    )
    return Drawing(figure, alt + ".", frame)


def shares(data, at=100):
    """Share of the fall of E_G since an iteration that is left where one side is frozen there, by seed and digit.

    Returns
    -------
    DataFrame with `seed`, `digit`, `coherence` (frozen: only weights change) and `weights` (frozen)
    """
    rows = []
    for seed in data["seed"].values:
        for digit in ageing.usable(data, seed):
            row = {"seed": int(seed), "digit": digit}
            for frozen in PARTS:
                t, cost = costs(data, seed, digit, frozen=frozen, at=at)
                row[frozen] = cost[-1] - cost[marks.stored(t, at, "iteration t")]
            fall = row.pop("nothing")
            rows.append(row | {k: row[k] / fall for k in ("coherence", "weights")})
    return pd.DataFrame(rows)


def shares_of_fall(data, *, at=100, definition="as-coded"):
    """Share of the fall of E_G that the weights alone make, and that the coherence alone makes, a dot a circuit.

    As coded every circuit counts alike; in the control only those of ten edges and more are shown."""
    frame = shares(data, at)
    if definition == "control":
        number = [(data["edge_digit"].values[data["edge_seed"].values == s] == d).sum()
                  for s, d in zip(frame.seed, frame.digit, strict=True)]  # fmt: skip
        frame = frame[np.array(number) >= 10]
    figure, axis = style.subplots(figsize=(7.6, 3.9))
    axis.scatter(frame.weights, frame.coherence, s=24, c=[style.DIGITS[d] for d in frame.digit], lw=0)
    marks.level(axis, 1)
    axis.axvline(1, color=style.colours().faint, lw=0.9)
    axis.set(xlabel="share by coherence alone (weights frozen)", ylabel="share by weights alone (coherence frozen)")
    axis.set_title(f"frozen at t = {at}")
    medians = frame[["coherence", "weights"]].median()
    alt = (
        f"{definition}, frozen at t = {at}, {len(frame)} circuits: weights alone make {medians.coherence:.0%} of the "
        f"fall of E_G (median; {frame.coherence.min():.0%} to {frame.coherence.max():.0%}), coherence alone "
        f"{medians.weights:.0%} ({frame.weights.min():.0%} to {frame.weights.max():.0%}); weights make more in "
        f"{int((frame.coherence > frame.weights).sum())}."
    )
    return Drawing(figure, alt, frame)


DATA = "coupling"
PANELS: dict[str, Callable] = {"5m-frozen": parts_of_fall, "5m-shares": shares_of_fall}
