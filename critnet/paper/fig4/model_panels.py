"""Fig. 4j and k: the redistribution model's weights at one P_C, and its exponent against 1 / P_C."""

import numpy as np
import pandas as pd

from critnet.dynamics.lynn import lynn_law
from critnet.explore import Drawing
from critnet.paper import marks, style
from critnet.paper.fig4 import model

NAMES = {"correlation": "measured |C(t)|", "constant": "constant", "weight": "the weight"}
REFERENCE = (("paper 1 + 0.6/P_C", 0.6, "--"), ("exact law 1 + 1/P_C", 1.0, ":"))


def weights(data, *, p_c=0.37, preference="correlation", definition="control"):
    """Stationary weights of the model: the authors' linear bins and line, or every count beside the exact law."""
    given = data["probability"].values
    at = int(np.abs(given - p_c).argmin())
    counts = data["pairs_of_units"].sel(preference=preference).values[:, at]
    pooled, c, colour = counts.sum(axis=0), style.colours(), style.of_definition(definition)
    figure, axis = style.subplots(figsize=(7.6, 4.0))
    lines = np.array([model.line_exponent(row) for row in counts])
    exact = np.array([model.law_exponent(row) for row in counts])
    units = np.arange(pooled.size)
    if definition == "as-coded":
        bins = model.histogram(counts[0])
        x, y = bins.centre[1:], bins.share[1:]
        marks.tail(axis, x, y, colour, "one run, 100 samples")
        marks.slope(axis, x, y, -lines[0], f"least squares, α = {lines[0]:.2f}")
        axis.set(xlabel="weight (units / 100)", ylabel="share of a bin")
    else:
        x, y = units[1:], pooled[1:] / pooled.sum()
        marks.tail(axis, x, y, colour, f"{len(counts)} runs", ls="")
        mean = float(pooled @ units / pooled.sum())
        law = lynn_law(units[-1], float(given[at]), mean)
        axis.plot(units[1:], law[1:], color=c.ink, lw=1.1, label=f"exact law, tail 1 + 1/P_C = {1 + 1 / given[at]:.2f}")
        axis.set(xlabel="weight (units)", ylabel="share of the pairs")
    axis.set_ylim(y[y > 0].min() / 3, y.max() * 3)
    axis.set_title(f"P_C = {given[at]:.2f}, first stage prefers {NAMES[preference]}")
    axis.legend()
    style.letter(axis, "j")
    alt = (
        f"Weights of the redistribution model at P_C = {given[at]:.3f} (the paper's is 0.37), first stage by "
        f"{NAMES[preference]}, {definition}: the authors' line gives {marks.spread(lines, '{:.2f}')} over "
        f"{len(counts)} seeds, the exact law's likelihood {marks.spread(exact, '{:.2f}')}; 1 + 1/P_C is "
        f"{1 + 1 / given[at]:.2f}. The largest weight has {int(units[pooled > 0][-1])} units."
    )
    return Drawing(figure, alt, pd.DataFrame({"weight": x, "share": y}))


def exponent(data, *, preference="correlation", definition="control"):
    """The exponent against 1 / P_C, median and range of seeds: by the authors' line, or by the exact law."""
    probability = data["probability"].values
    found = model.exponents(data, preference, definition)
    figure, axis = style.subplots(figsize=(7.6, 4.2))
    x = 1 / probability
    middle, colour, c = np.nanmedian(found, axis=0), style.of_definition(definition), style.colours()
    axis.fill_between(x, np.nanmin(found, axis=0), np.nanmax(found, axis=0), color=colour, alpha=0.22, lw=0)
    axis.plot(x, middle, "o-", ms=3, lw=0.8, color=colour, label=f"model, {len(found)} seeds")
    null = np.nanmedian(model.exact(data, definition, repeats=3, random=np.random.default_rng(0)), axis=0)
    axis.plot(x, null, "s", ms=2.5, color=c.faint, label="same estimator on the exact law")
    for label, slope, dashes in REFERENCE:
        axis.plot(x, 1 + slope * x, dashes, color=c.ink, lw=1, label=label)
    marks.published(axis, "P_C = 0.37", x=1 / model.PUBLISHED, at=0.93)
    fit, bend = model.straight(probability, found), model.bend(probability, found)
    axis.axvline(model.LARGEST_INVERSE, color=c.faint, lw=0.8)
    axis.set(xlabel="1 / P_C", ylabel="exponent α", ylim=(0.8, min(12.5, np.nanmax(found) * 1.05)))
    axis.set_title(f"ours below 6: {fit.intercept:.2f} + {fit.slope:.2f}/P_C, R² {fit.r_squared:.3f}")
    axis.legend(loc="lower right")
    style.letter(axis, "k")
    at = int(np.abs(probability - model.PUBLISHED).argmin())
    alt = (
        f"Exponent of the model's weights against 1 / P_C, first stage by {NAMES[preference]}, {definition}: a line "
        f"below 6 is {fit.intercept:.2f} + {fit.slope:.2f} / P_C, R2 {fit.r_squared:.3f}; the paper has 1 + 0.6 / P_C, "
        f"the exact law 1 + 1 / P_C. At P_C = {probability[at]:.2f} the seeds give "
        f"{marks.spread(found[:, at], '{:.2f}')}. A bend at P_C = {bend.probability:.2f} gains {bend.gain:.0f} of BIC."
    )
    frame = {"P_C": probability, "median": middle, "low": np.nanmin(found, axis=0), "high": np.nanmax(found, axis=0)}
    return Drawing(figure, alt, pd.DataFrame({**frame, "exact law": null}))


DATA = "fig4"
PANELS = {"4j": weights, "4k": exponent}
