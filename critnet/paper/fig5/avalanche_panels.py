"""Fig. 5f-i: sizes of circuits against model size and mobility, by digit, and their distribution."""

from collections.abc import Callable

import numpy as np
import pandas as pd
from scipy.stats import spearmanr

from critnet.errors import UsageError
from critnet.explore import Drawing, NoMatch
from critnet.paper import marks, published, style
from critnet.paper.fig5 import stored
from critnet.statistics.avalanches import log_bin_slope, progeny_law
from critnet.statistics.tails import fit_tail

SIZES = {"n_neurons": "$N_V$", "n_edges": "$N_E$"}
AVALANCHE = 1.5  # the exponent of a critical branching process, and the paper's
SLOW = 1.6  # learning rates of Fig. 5g lie below
FAMILIES = ("both", "batch sizes", "learning rates")


def counted(data, definition):
    """Circuits to take sizes of: all as coded; in the control those of networks that learned, with something left, and
    that the pruning rule could work on."""
    rows = stored.frame(data["circuits"], data["runs"])
    keep = definition == "as-coded"
    return stored.sizes(rows, collapsed=keep, untouched=keep, constant=keep)


def by_size(rows):
    """The size sweep of some circuits: learning rate 0.1, batches of 64, the paper's initialisation."""
    return rows[np.isclose(rows.learning_rate, 0.1) & (rows.batch_size == 64) & (rows.init == "xavier-uniform")]


def by_mobility(rows, family="both"):
    """The runs of h = 50 and seed 0 whose mobility varies, learning rates below 1.6."""
    if family not in FAMILIES:
        raise NoMatch(f"No family is called {family!r}; choose one of {', '.join(FAMILIES)}.")
    rows = rows[(rows.hidden == 50) & (rows.seed == 0) & (rows.init == "xavier-uniform") & (rows.learning_rate < SLOW)]
    batches, rates = np.isclose(rows.learning_rate, 0.1), rows.batch_size == 64
    return rows[{"both": batches | rates, "batch sizes": batches, "learning rates": rates}[family]]


def _mean(rows, of, digit):
    """Mean over digits (or one digit) by a column, its range over networks: index, mean, low, high for each size."""
    if digit != "all":
        rows = rows[rows.digit == int(digit)]
    each = rows.groupby([of, "network"])[list(SIZES)].mean()
    return each.groupby(level=0).agg(["mean", "min", "max"])


def _curves(axis, table, x, colours):
    for (name, text), colour in zip(SIZES.items(), colours, strict=True):
        part = table[name]
        axis.fill_between(x, part["min"], part["max"], color=colour, alpha=0.22, lw=0)
        axis.plot(x, part["mean"], "o-", ms=3.5, color=colour, label=text)
    axis.set(yscale="log", ylabel="neurons, edges of a circuit")
    axis.legend()


def fig5f(data, *, digit="all", definition="as-coded"):
    """Neurons and edges of a circuit against the size of its network; mean over digits, range over seeds."""
    rows = by_size(counted(data, definition))
    table = _mean(rows, "hidden", digit)
    x = published.neurons(table.index.values)
    figure, axis = style.subplots(figsize=(7.6, 3.8))
    _curves(axis, table, x, style.colours().quantities[:2])
    axis.set(
        xscale="log", xlabel="neurons M = 2h + 10", title=f"{'all digits' if digit == 'all' else f'digit {digit}'}"
    )
    style.letter(axis, "f")
    said = []
    for name, text in SIZES.items():
        rho = spearmanr(x, table[name]["mean"])
        said.append(f"{text.strip('$')} {table[name]['mean'].iloc[0]:.3g} to {table[name]['mean'].iloc[-1]:.3g}, "
                    f"rank correlation with M {rho.statistic:.2f}")  # fmt: skip
    of = "mean over digits" if digit == "all" else f"digit {digit}"
    alt = f"{definition}, M from {x[0]} to {x[-1]}, {of}: {'; '.join(said)}."
    flat = table.copy()
    flat.columns = [" ".join(c) for c in table.columns]
    return Drawing(figure, alt, flat.assign(neurons=x).reset_index())


def fig5g(data, *, family="both", definition="as-coded"):
    """Neurons and edges of a circuit against ln of the mobility, h = 50; mean over digits."""
    rows = by_mobility(counted(data, definition), family)
    table = _mean(rows, "mobility", "all")
    x = np.log(table.index.values)
    figure, axis = style.subplots(figsize=(7.6, 3.8))
    _curves(axis, table, x, style.colours().quantities[:2])
    axis.set(xlabel="ln γ, mobility γ = learning rate / batch size", title=family)
    style.letter(axis, "g")
    said = []
    for name, text in SIZES.items():
        means = table[name]["mean"].values
        change = np.polyfit(x, means, 1)[0] * np.ptp(x) / means.mean()
        said.append(f"{text.strip('$')} changes by {change:+.0%} of its mean")
    alt = f"{definition}, {family}, ln γ from {x.min():.1f} to {x.max():.1f}: over this range {' and '.join(said)}."
    flat = table.copy()
    flat.columns = [" ".join(c) for c in table.columns]
    return Drawing(figure, alt, flat.assign(ln_mobility=x).reset_index())


def fig5h(data, *, definition="as-coded", runs="all"):
    """Mean neurons and edges of the circuits of each digit, over all runs or over the five anchors.

    Beside them the output bias, which decides what a constant circuit answers."""
    rows = counted(data, definition)
    if runs not in ("all", "anchors"):
        raise NoMatch("Choose all runs, or the anchors.")
    rows = rows[rows.anchor] if runs == "anchors" else rows
    by = rows.groupby("digit")
    means, bias = by[list(SIZES)].mean(), by["output_bias"].median()
    error = by[list(SIZES)].std() / np.sqrt(by.size().values[:, None])
    figure, (axis, side) = style.subplots(1, 2, figsize=(7.6, 3.8), width_ratios=(1.8, 1))
    for k, ((name, text), colour) in enumerate(zip(SIZES.items(), style.colours().quantities, strict=False)):
        axis.bar(means.index + 0.4 * (k - 0.5), means[name], 0.38, yerr=error[name], color=colour, label=text)
    axis.set(
        xlabel="digit",
        ylabel="mean over runs",
        xticks=list(range(10)),
        title=f"{runs}, {rows.network.nunique()} networks",
    )
    axis.legend()
    side.scatter(bias, means["n_neurons"], c=[style.DIGITS[d] for d in means.index], s=30)
    for d in means.index:
        side.annotate(str(d), (bias[d], means["n_neurons"][d]), xytext=(4, 3), textcoords="offset points", fontsize=8)
    side.set(xlabel="median output bias b3", ylabel="mean $N_V$")
    style.letter(axis, "h")
    order = [int(d) for d in means["n_neurons"].sort_values().index]
    rho = spearmanr(bias, means["n_neurons"]).statistic
    alt = (
        f"{definition}, {runs}: digits from the smallest mean N_V to the largest: {', '.join(map(str, order))}. N_V of "
        f"a digit has a rank correlation of {rho:.2f} with its output bias. Constant circuits: "
        f"{int(rows.constant.sum())} of {len(rows)}, {int(rows.constant[rows.digit == 8].sum())} of them of digit 8."
    )
    table = means.assign(output_bias=bias, circuits=by.size(), constant=by["constant"].sum())
    columns = ["output_bias", "circuits", "constant"]
    return Drawing(figure, alt, table.reset_index().melt(["digit", *columns], var_name="quantity", value_name="mean"))


def pooled(rows, hidden=None):
    """Sizes of some circuits, all or of one h; sizes of nothing are left out: N_V >= 1, N_E >= 1."""
    rows = rows if hidden in (None, "all") else rows[rows.hidden == int(hidden)]
    return {name: rows[name].values[rows[name].values >= 1].astype(int) for name in SIZES}


def exponents(sizes):
    """Exponent by line through bins that grow, and by likelihood with its standard error; NaN where too few."""
    try:
        slope = -log_bin_slope(sizes).slope
    except UsageError:
        slope = np.nan
    try:
        fit = fit_tail(sizes, discrete=True)
        return slope, fit.alpha, fit.error, fit.x_min
    except UsageError:
        return slope, np.nan, np.nan, np.nan


def fig5i(data, *, hidden="all", definition="as-coded"):
    """Distribution of the sizes of all circuits, beside the paper's power law of exponent 3/2.

    And beside the total progeny of a critical branching process.
    """
    rows = counted(data, definition)
    sizes = pooled(rows, hidden)
    if any(len(values) < 20 for values in sizes.values()):
        raise NoMatch(f"Fewer than 20 circuits are left at h = {hidden}.")
    figure, axes = style.subplots(1, 2, figsize=(7.6, 3.9))
    said, table = [], []
    for axis, (name, text), colour in zip(axes, SIZES.items(), style.colours().quantities, strict=False):
        values = sizes[name]
        edges = np.unique(np.ceil(np.geomspace(1, values.max() + 1, 14)).astype(int))
        counts = np.histogram(values, edges)[0]
        centre, density = np.sqrt(edges[:-1] * (edges[1:] - 1.0)), counts / np.diff(edges) / len(values)
        marks.tail(axis, centre, density, colour, f"{len(values)} circuits")
        some = density > 0
        marks.slope(axis, centre[some], density[some], -AVALANCHE, "exponent 3/2")
        n = np.unique(np.rint(np.geomspace(1, values.max(), 40)))
        axis.plot(n, progeny_law(n), color=style.colours().faint, lw=0.9, label="branching process")
        slope, alpha, error, start = exponents(values)
        axis.set(xlabel=text, ylabel=f"p({text})")
        axis.legend(fontsize=7)
        said.append(f"{text.strip('$')}: {slope:.2f} by a line through bins, {alpha:.2f} ± {error:.2f} by likelihood "
                    f"above {start:g}")  # fmt: skip
        table.append(pd.DataFrame({"quantity": name, "size": centre, "density": density, "circuits": counts}))
    style.letter(axes[0], "i")
    alt = f"{definition}, h {hidden}, {len(rows)} circuits; exponents {'; '.join(said)}. The paper has 3/2."
    return Drawing(figure, alt, pd.concat(table))


DATA = ("circuits", "runs")
PANELS: dict[str, Callable] = {"5f": fig5f, "5g": fig5g, "5h": fig5h, "5i": fig5i}
