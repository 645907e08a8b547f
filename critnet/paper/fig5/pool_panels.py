"""Beside Fig. 5h and 5i: a digit's size against its output bias, and the law of sizes by what is pooled."""

from collections.abc import Callable

import numpy as np
import pandas as pd
from scipy.stats import spearmanr

from critnet.explore import Drawing, NoMatch
from critnet.paper import marks, style
from critnet.paper.fig5 import size_laws, stored
from critnet.paper.fig5.avalanche_panels import AVALANCHE, SIZES, counted
from critnet.statistics.avalanches import progeny_law

SIDES = {"pruned": False, "never pruned": True}


def bias(data, *, digit=8, definition="as-coded"):
    """Neurons of a digit's circuit against its output bias, over all networks.

    Both relative to their network: N_V over the mean of its ten circuits, b3 less the mean of its ten biases."""
    rows = counted(data, definition)
    table = size_laws.relative(size_laws.by_network(rows, "n_neurons"))
    every = data["circuits"]["output_bias"].values[np.unique(rows.network)].astype(float)
    shift = every - every.mean(axis=1, keepdims=True)
    c = style.colours()
    figure, axis = style.subplots(figsize=(7.6, 3.9))
    others = np.arange(10) != digit
    axis.scatter(shift[:, others], table[:, others], s=6, color=c.faint, alpha=0.4, lw=0, label="other digits")
    axis.scatter(shift[:, digit], table[:, digit], s=26, color=style.DIGITS[digit], lw=0, label=f"digit {digit}")
    marks.level(axis, 1)
    axis.set_xscale("symlog", linthresh=0.5)  # a few networks that guess have biases of several
    axis.set(xlabel="output bias b3 less the mean of the network", ylabel="$N_V$ over the mean of the network")
    axis.legend(fontsize=8)
    known = np.isfinite(table[:, digit])
    rho = spearmanr(shift[known, digit], table[known, digit]).statistic
    effect = size_laws.at_equal_bias(table, every)
    place = 11 - size_laws.places(effect[None])[0, digit]
    alt = (
        f"{definition}, digit {digit}, {known.sum()} circuits: its bias lies {np.mean(shift[:, digit]):+.2f} from the "
        f"mean of its network, its N_V is {np.nanmean(table[:, digit]):.2f} of the mean; rank correlation of the two "
        f"{rho:.2f}. At equal bias it takes place {place:.0f} of ten from the smallest."
    )
    columns = {"bias": shift.ravel(), "relative_neurons": table.ravel()}
    frame = pd.DataFrame({"digit": np.tile(np.arange(10), len(table)), **columns})
    return Drawing(figure, alt, frame.dropna())


def pruned(data, *, quantity="n_edges", collapsed=True, definition="as-coded"):
    """Law of sizes of circuits that were pruned and of those that the pruning rule never touched, apart.

    As coded with circuits without a neuron of the first layer, in the control without them."""
    if quantity not in SIZES:
        raise NoMatch(f"quantity is {quantity!r}; choose one of {', '.join(SIZES)}.")
    every = stored.frame(data["circuits"], data["runs"])
    rows = stored.sizes(every, collapsed=collapsed, constant=definition == "as-coded")
    text, c = SIZES[quantity], style.colours()
    figure, axis = style.subplots(figsize=(7.6, 3.9))
    said, table = [], []
    for (name, side), colour in zip(SIDES.items(), c.quantities, strict=False):
        part = rows[rows.untouched == side]
        values = part[quantity].values[part[quantity].values >= 1].astype(int)
        if values.size < 20:
            raise NoMatch(f"Only {values.size} circuits that were {name} are left.")
        edges = np.unique(np.ceil(np.geomspace(1, values.max() + 1, 12)).astype(int))
        counts = np.histogram(values, edges)[0]
        centre, density = np.sqrt(edges[:-1] * (edges[1:] - 1.0)), counts / np.diff(edges) / values.size
        marks.tail(axis, centre, density, colour, f"{name}, {values.size} circuits")
        slope = size_laws.slope(part, quantity)
        said.append(f"{values.size} that were {name}: median {np.median(values):.0f}, exponent {slope:.2f}")
        table.append(pd.DataFrame({"circuits": name, "size": centre, "density": density, "count": counts}))
    n = np.unique(np.rint(np.geomspace(1, rows[quantity].max(), 40)))
    axis.plot(n, progeny_law(n), color=c.faint, lw=0.9, label="branching process, 3/2")
    axis.set(xlabel=text, ylabel=f"p({text})")
    axis.legend(fontsize=8)
    both = size_laws.slope(rows, quantity)
    alt = (
        f"{definition}, {text.strip('$')}, collapsed networks {'in' if collapsed else 'out'}; lines through bins: "
        f"{'; '.join(said)}. Together {both:.2f}, beside {AVALANCHE} of the paper."
    )
    return Drawing(figure, alt, pd.concat(table))


def pools(data, *, definition="as-coded"):
    """The exponents of both laws of sizes under every choice of the pool, beside 3/2.

    As coded with circuits without a neuron of the first layer, in the control without them."""
    every = stored.frame(data["circuits"], data["runs"])
    figure, axes = style.subplots(1, 2, figsize=(7.6, 4.0), sharey=True)
    colour = dict(zip(size_laws.WEIGHTINGS, style.colours().quantities, strict=False))
    said, table = [], []
    for axis, (quantity, text) in zip(axes, SIZES.items(), strict=True):
        found = size_laws.universes(every, quantity, constant=definition == "as-coded")
        names = [
            f"{w} alike\ncollapsed {'in' if c else 'out'}, never pruned {'in' if u else 'out'}" for w, c, u in found
        ]
        values = np.array(list(found.values()))
        axis.scatter(values, np.arange(len(values)), s=40, c=[colour[w] for w, _, _ in found], zorder=3)
        axis.axvspan(1.35, 1.65, color=style.colours().faint, alpha=0.2, lw=0)
        marks.published(axis, "3/2", x=AVALANCHE)
        axis.set_yticks(range(len(names)), labels=names, fontsize=7)
        axis.set(xlabel=f"exponent of p({text})")
        near = int(((values >= 1.35) & (values <= 1.65)).sum())
        said.append(f"of p({text.strip('$')}) from {values.min():.2f} to {values.max():.2f}, "
                    f"{near} of {len(values)} within 1.35 to 1.65")  # fmt: skip
        table.append(pd.DataFrame({"quantity": quantity, "pool": names, "exponent": values}))
    axes[0].invert_yaxis()
    alt = f"{definition}: by the choice of the pool the exponents lie, {'; '.join(said)}."
    return Drawing(figure, alt, pd.concat(table))


DATA = ("circuits", "runs")
PANELS: dict[str, Callable] = {"5h-bias": bias, "5i-pruned": pruned, "5i-pools": pools}
