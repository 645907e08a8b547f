"""Fig. 1f-h: distributions of degree, clique size and clique activity, the authors' line and maximum likelihood."""

import functools

import numpy as np
import pandas as pd

from critnet.errors import UsageError
from critnet.explore import Drawing, NoMatch
from critnet.paper import marks, style
from critnet.paper.fig1 import distributions
from critnet.paper.sweeps import select

PAPER = {  # the exponents of section 1.3 and Fig. 1f, g
    ("degree", select.LAST): 1.34,
    ("degree", select.TRANSITION): 1.34,
    ("clique", select.LAST): 3.02,
    ("clique", select.TRANSITION): 1.97,
}
LABELS = {"degree": "degree k", "clique": "clique size $S_C$ (neurons)", "activity": "clique activity $a_C$"}
NAMES = {"degree": "degrees", "clique": "clique sizes", "activity": "clique activities"}
SPAN = {"degree": (0.8, 250), "clique": (0.8, 40), "activity": (0.2, 60)}
ALL = "all"
N_BOOTSTRAP = 40
FEWEST = 3  # points that a line goes through: two fit any
RIVALS = {"truncated power law": "-", "log-normal": "--", "exponential": ":"}


def distribution(data, *, letter, kind, t=select.LAST, threshold=0.5, size=ALL, definition="as-coded"):
    """A distribution over all sizes, with its line on the left and its tail beside the rivals of a power law.

    For degrees the definition chooses the graph; for cliques, which are those of the graph as coded, how they are
    binned and fitted.
    """
    graph = definition if kind == "degree" else "as-coded"
    runs, fitted = distributions.runs_with(data, kind, t), distributions.fitted_runs(data, kind, t)
    cut = [] if kind == "degree" else distributions.whole_runs(data, t)[1]
    chosen = fitted if size == ALL else runs[select.hidden(data, runs) == size]
    if not chosen.size:
        raise NoMatch(f"No complete {kind} distribution is there for h = {size} at t = {t}.")
    figure, (left, right) = style.subplots(1, 2, figsize=(7.6, 3.9), width_ratios=(1.05, 1))
    table = _by_size(left, data, kind, runs, runs if size == ALL else chosen, t, graph, threshold, definition)
    said, fit = _likelihood(right, data, kind, chosen, t, graph, threshold)
    of_size = table[table["hidden"].eq(size) if size != ALL else slice(None)]
    above = distributions.RULES[kind].hidden
    if definition == "control":
        line = _density_line(left, fit, of_size)
    else:
        line = _authors(left, data, kind, None if size == ALL else chosen, t, graph, threshold)
    if (kind, t) in PAPER:
        used = of_size[of_size["x"] > distributions.RULES[kind].above]
        if len(used):
            marks.slope(left, used["x"], used["p"], -PAPER[kind, t], ends=_reach(kind))
            line = f"{line}\npaper {PAPER[kind, t]:.2f}"
    left.text(0.03, 0.03, line, transform=left.transAxes, va="bottom")
    _dress(figure, left, right, kind, t, size, definition, above)
    style.letter(left, letter)
    which = f"h = {size}" if size != ALL else f"all sizes above h = {above}" if above else "all sizes"
    alt = (
        f"Distribution of {NAMES[kind]} at iteration {t}, {definition}, {len(runs)} runs drawn, fits to {which} "
        f"({len(chosen)} runs). Left: {line.replace(chr(10), '; ')}. Right: {said}."
    )
    if len(cut):
        _lower_bound(left, data, cut, t)
        alt += (
            f" Hatched and left out of every fit: {len(cut)} runs whose list of cliques was cut short (lower bounds)."
        )
    return Drawing(figure, alt, table)


def _by_size(axis, data, kind, runs, shown, t, graph, threshold, definition):
    """One histogram a run, in the colour of its size: linear bins and shares, or logarithmic bins and densities."""
    rows = []
    for run in runs:
        hidden = int(data["hidden"].values[run])
        if definition == "control":
            x, y = _log_density(*distributions.cells(data, kind, [run], t, graph, threshold))
        else:
            found = distributions.models(data, kind, [run], t, graph, threshold)
            x, y = found[0] if found else (np.empty(0), np.empty(0))
        strong = run in shown
        axis.plot(
            x, y, "o", ms=2.6, mew=0, alpha=0.75 if strong else 0.12,
            color=style.size_colour(hidden) if strong else style.colours().faint,
        )  # fmt: skip
        rows.append(pd.DataFrame({"hidden": hidden, "seed": int(data["seed"].values[run]), "x": x, "p": y}))
    return pd.concat(rows, ignore_index=True)


def _log_density(where, number):
    """Density in logarithmic bins, four an octave for bins counted before, two for whole numbers."""
    if len(where) == len(number) + 1:
        width, centre, height = np.diff(where), np.sqrt(where[1:] * where[:-1]), number
    else:
        edges = np.unique(np.rint(2 ** np.arange(0, 14, 0.5)))
        height = np.histogram(where, edges, weights=number)[0]
        width, centre = np.diff(edges), np.sqrt(edges[:-1] * (edges[1:] - 1).clip(1))
    full = height > 0
    return centre[full], (height / width / max(height.sum(), 1))[full]


def _authors(axis, data, kind, runs, t, graph, threshold):
    """Least squares through the authors' bins, where three or more make a line of them; the words."""
    rule = distributions.RULES[kind]
    try:
        fit, slope, intercept = distributions.authors_line(data, kind, t, graph, threshold, runs=runs)
    except UsageError:
        return f"no line: fewer than two points above {rule.above:g}"
    if fit.n_points < FEWEST:
        return f"two points above {rule.above:g}, no line"
    ends = _reach(kind)
    axis.plot(ends, np.exp(fit.intercept) * ends**fit.slope, color=style.colours().as_coded, lw=1.6)
    return (
        f"least squares above {rule.above:g}, R² {fit.r_squared:.2f}\n"
        f"minus slope {-fit.slope:.2f}{_span(-slope[1], -slope[0])}\nintercept {fit.intercept:.2f}{_span(*intercept)}"
    )


def _reach(kind):
    """Where a line is drawn: from where the authors' rule begins to a little short of the axis' end."""
    return np.array([max(distributions.RULES[kind].above, 1), SPAN[kind][1] / 1.8])


def _span(low, high):
    return "" if np.isnan(low) else f" ({low:.2f} to {high:.2f})"


def _density_line(axis, fit, table):
    """The power law of maximum likelihood through the densities of the tail."""
    if fit is None:
        return "no power law: too few values"
    tail = table[table["x"] >= fit.x_min]
    if len(tail):
        ours = {"color": style.colours().control, "lw": 1.6, "ls": "-"}
        marks.slope(axis, tail["x"], tail["p"], -fit.alpha, ends=(fit.x_min, fit.x_max), **ours)
    return f"maximum likelihood from {fit.x_min:.3g} on\nexponent {fit.alpha:.2f} ± {fit.error:.2f}"


def _likelihood(axis, data, kind, runs, t, graph, threshold):
    """Share of values at or above, the power law and its rivals above x_min; what the fit says."""
    c = style.colours()
    where, number = distributions.cells(data, kind, runs, t, graph, threshold)
    x = where[:-1] if len(where) == len(number) + 1 else where
    total = number.sum()
    axis.plot(x, np.cumsum(number[::-1])[::-1] / max(total, 1), "o", ms=3, mew=0, color=c.ink)
    try:
        fit = distributions.likelihood(data, kind, runs, t, graph, threshold, x_min=distributions.RULES[kind].first)
        best = distributions.likelihood(data, kind, runs, t, graph, threshold, n_bootstrap=N_BOOTSTRAP)
    except UsageError:
        axis.set_title("too few values for a tail\n")
        return f"{int(total)} {NAMES[kind]}, too few for a tail", None
    tail, laws = distributions.survivals(where, number, fit)
    share = fit.n_tail / total
    axis.plot(tail, share * laws["power law"], color=c.control, lw=1.6, label=f"power law {fit.alpha:.2f}")
    for name, dash in RIVALS.items():
        axis.plot(tail, share * laws[name], color=c.faint, ls=dash, lw=1.3, label=name)
    axis.axvspan(best.x_min, best.x_max, ymax=0.03, color=c.control, alpha=0.6, lw=0)
    axis.legend(loc="lower left", handlelength=1.6, bbox_to_anchor=(0, 0.03))
    verdict = "supported" if best.supported else "not supported"
    axis.set_title(f"power law {verdict}\nbar: best tail, {best.decades:.2f} decades, p = {best.p_value:.2f}")
    ratios = ", ".join(f"{name.replace('_', ' ')} {fit.ratio[name]:.0f}" for name in fit.ratio)
    return (
        f"maximum likelihood on {fit.n_tail} values from {fit.x_min:.3g} on gives the exponent {fit.alpha:.2f} with "
        f"log-likelihood ratios (negative: the rival is better) {ratios}; where a power law fits best, from "
        f"{best.x_min:.3g} to {best.x_max:.3g}, lie {best.n_tail} of {int(total)} on {best.decades:.2f} decades, "
        f"p = {best.p_value:.2f}: a power law is {verdict}"
    ), fit


def _lower_bound(axis, data, cut, t):
    """Runs whose cliques are not all known: a hatched key, with the size of each."""
    sizes = ", ".join(map(str, sorted(set(select.hidden(data, cut)))))
    axis.axvspan(*axis.get_xlim(), ymin=0.94, facecolor="none", edgecolor=style.colours().faint, hatch="////", lw=0)
    axis.text(0.5, 0.97, f"lower bound, not drawn: h = {sizes}", transform=axis.transAxes, ha="center", va="center")


def _dress(figure, left, right, kind, t, size, definition, above):
    for axis in (left, right):
        axis.set(xscale="log", yscale="log", xlim=SPAN[kind], xlabel=LABELS[kind])
        ticks = [v for v in (1, 3, 10, 30, 100) if SPAN[kind][0] <= v <= SPAN[kind][1]]
        axis.set_xticks(ticks, map(str, ticks))
        axis.minorticks_off()
    left.set(ylim=(3e-6, 2), ylabel="density" if definition == "control" else "share of a run in its bin")
    right.set(ylim=(1e-5, 1.5), ylabel="share at or above")
    shown = f"h = {size}, the others in grey" if size != ALL else f"fits: h > {above}" if above else "all sizes"
    left.set_title(f"t = {t}, {definition}\n" + shown)
    marks.bar(figure, left, "h", aspect=30, label="h")


DATA = "sweeps"
PANELS = {
    "1f": functools.partial(distribution, letter="f", kind="degree"),
    "1g": functools.partial(distribution, letter="g", kind="clique"),
    "1h": functools.partial(distribution, letter="h", kind="activity"),
}
