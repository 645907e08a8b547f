"""Fig. 4a, b, e and i: one distribution a panel, with its law, its rivals and its local slope."""

import functools

import numpy as np
import pandas as pd
from matplotlib.ticker import NullFormatter
from scipy.stats import norm

from critnet.explore import Drawing
from critnet.paper import marks, published, style
from critnet.paper.course.reduce import layer_slices
from critnet.paper.fig4 import samples, tails
from critnet.statistics.pooled import linear_bins
from critnet.statistics.stretches import local_slopes, log_density
from critnet.training.mlp import stream
from critnet.weights.connections import critical_connections
from critnet.weights.histograms import random_transfers

LABELS = {
    "correlation": "correlation |C|", "weight": "weight |w|", "variance": "variance of w over training",
    "displacement": "|w(T) - w(0)|", "irreversibility": "irreversibility R",
}  # fmt: skip
SPOKEN = {"correlation": "correlations", "weight": "weights", "variance": "variances of weights",
          "displacement": "displacements of weights", "irreversibility": "irreversibilities"}  # fmt: skip
BOTH = ("weight", "displacement")  # quantities that the definitions share; they differ in binning and fit


def distribution(data, *, letter, quantity, t=published.LAST, seed=0, part="all", definition="control"):
    """A distribution on two logarithmic axes with its fit, and the local slope of its density, flat for a power law."""
    shared = quantity in BOTH
    key = samples.Key(quantity, t, seed, part, "both" if shared else definition)
    row, values = tails.row_of(data["tails"], key), samples.sample(data, key)
    values = values[values > 0]
    colour, c = style.of_definition(definition), style.colours()
    figure, (left, right) = style.subplots(1, 2, figsize=(7.6, 3.8), width_ratios=(1.2, 1))
    x, y, ylabel = _binned(values, definition)
    marks.tail(left, x, y, colour, f"{values.size} {SPOKEN[quantity]}")
    extra = _beside(left, data, key, values, definition) if quantity == "weight" else ""
    if quantity in ("variance", "displacement", "irreversibility"):
        extra = _critical(left, data, key, values)
    said = _law(left, row, x, y, definition)
    left.set(xlabel=LABELS[quantity], ylabel=ylabel, title=f"t = {t}, seed {seed}{_named(part)}")
    left.set_ylim(y[y > 0].min() / 3, y.max() * 3)
    left.legend(loc="lower left", handlelength=1.4, bbox_to_anchor=(0, 0.07))
    centre, slopes = local_slopes(values)
    place = [centre[i + 2] for i in slopes]
    right.plot(place, list(slopes.values()), "o-", ms=3, lw=1, color=c.ink)
    if row.stretch > 0:
        right.axhspan(row.stretch_slope - 0.3, row.stretch_slope + 0.3, color=colour, alpha=0.2, lw=0)
    right.set(xscale="log", xlim=left.get_xlim(), ylim=(-6, 0.5), xlabel=LABELS[quantity])
    right.set_ylabel("local slope of the density")
    for axis in (left, right):
        axis.xaxis.set_minor_formatter(NullFormatter())
    right.set_title(f"flat within 0.3 over {row.stretch:.1f} decades")
    style.letter(left, letter)
    alt = (
        f"{values.size} {SPOKEN[quantity]}{_named(part)}, seed {seed}, iteration {t}, {definition}: {said}. "
        f"The local slope of the density keeps within 0.3 over {row.stretch:.2f} decades above the median. "
        f"Best law above {row.x_min:.3g}: {tails.best_law(row)}.{extra}"
    )
    return Drawing(figure, alt, pd.DataFrame({"value": x, "density": y}))


def _binned(values, definition):
    """Linear bins and shares as coded, logarithmic bins and densities as control."""
    if definition == "as-coded":
        bins = linear_bins(values, n_bins=100)
        return bins.centre, bins.share, "share of a bin"
    centre, density, _ = log_density(values)
    return centre[density > 0], density[density > 0], "density"


def _law(axis, row, x, y, definition):
    """The authors' line through linear bins, or the power law of maximum likelihood above its x_min; words."""
    if definition == "as-coded":
        if row.line_slope != row.line_slope:
            return "no line goes through its bins"
        kept = x > tails.LINE.get(row.quantity, {}).get("above", 0)
        level = np.mean(np.log(y[kept]) - row.line_slope * np.log(x[kept]))
        ends = np.array([x[kept].min(), x.max()])
        label = f"least squares, slope {row.line_slope:.2f}, R² {row.line_r2:.2f}"
        axis.plot(ends, np.exp(level) * ends**row.line_slope, color=style.colours().as_coded, lw=1.3, label=label)
        return f"least squares through linear bins has the slope {row.line_slope:.2f}, R2 {row.line_r2:.2f}"
    ends = np.array([row.x_min, row.x_max])
    share = row.n_tail / row.n * (row.alpha - 1) / row.x_min
    label = f"maximum likelihood, α = {row.alpha:.2f}"
    axis.plot(
        ends, share * (ends / row.x_min) ** -row.alpha, color=style.colours().control, lw=1.3, ls="-.", label=label
    )
    return (
        f"a power law above {row.x_min:.3g} has the exponent {row.alpha:.2f} on {row.n_tail} values, {row.decades:.2f} "
        f"decades; log-likelihood less that of a log-normal {row.ratio_lognormal:.1f}, of an exponential "
        f"{row.ratio_exponential:.1f}, of a truncated power law {row.ratio_truncated:.1f}"
    )


def _beside(axis, data, key, values, definition):
    """Beside the weights: the paper's randomised network as coded, three Gaussians of the layers' widths as control."""
    c = style.colours()
    if definition == "as-coded":
        moved = np.abs(random_transfers(samples.network(data, key.t, key.seed), stream(key.seed, "probe")))
        bins = linear_bins(moved[moved > 0], n_bins=100)
        axis.plot(bins.centre, bins.share, color=c.faint, lw=1.1, label="randomised")
        return " Grey: the network randomised by pairwise transfers, a Gaussian."
    whole, places = np.asarray(samples.network(data, key.t, key.seed), float), layer_slices(50)
    names = [n for n in ("W1", "W2", "W3") if key.part in ("all", n)]
    grid = np.geomspace(values.min(), values.max(), 200)
    total = sum(len(places[n]) for n in names)
    mixture = sum(
        len(places[n]) / total * 2 * norm.pdf(grid, scale=np.sqrt((whole[places[n]] ** 2).mean())) for n in names
    )
    axis.plot(
        grid,
        mixture,
        color=c.ink,
        lw=1.1,
        ls=":",
        label=f"{'Gaussians of the layers' if len(names) > 1 else 'Gaussian'}",
    )
    return " Dotted: a Gaussian for each layer, of that layer's width, in its share."


def _critical(axis, data, key, values):
    """Ticks at the critical weights, for the parts that hold them; the words."""
    if key.part not in ("all", "W2", "W3") or key.seed != 0:
        return ""
    from critnet.paper import anchors

    matrix = anchors.matrix(data["fig1"], published.LAST, "as-coded")
    places = critical_connections(matrix, definition="as-coded")
    everything = samples.sample(data, key._replace(part="all"))
    chosen = everything[places[np.isin(places, layer_slices(50)[key.part])]]
    for value in chosen[chosen > 0]:
        axis.axvline(value, ymax=0.06, color=style.colours().critical, lw=0.7)
    middle = np.median(chosen), np.median(values)
    return f" Ticks: {chosen.size} critical connections, median {middle[0]:.3g}, against {middle[1]:.3g} of all."


def _named(part):
    return {"all": "", "between": ", W2 and W3"}.get(part, f", {part}")


def moved(data, *, quantity="variance", seed=0, part="all", definition="control"):
    """Fig. 4e: what the weights did - their variance over training, their last value, their displacement."""
    of = "weight" if quantity == "last value" else quantity
    return distribution(data, letter="e", quantity=of, seed=seed, part=part, definition=definition)


DATA = (*samples.DATA, "tails")
PANELS = {
    "4a": functools.partial(distribution, letter="a", quantity="correlation"),
    "4b": functools.partial(distribution, letter="b", quantity="weight"),
    "4e": moved,
    "4i": functools.partial(distribution, letter="i", quantity="irreversibility"),
}
