"""Fig. 2a-c and e, one function a panel: Dataset and parameters in, Drawing out."""

from collections.abc import Callable

import numpy as np
import pandas as pd
from matplotlib.collections import LineCollection
from scipy.stats import norm

from critnet.explore import Drawing, NoMatch
from critnet.losses.landscapes import flat_fraction, roughness
from critnet.paper import anchors, marks, style
from critnet.paper.fig2 import series

LOSS_BEFORE, LOSS_AT_100 = 2.22, 0.4  # section 2.1: the mean loss falls from above the first to below the second
HEIGHTS = {"as-coded": (0, 0.1, 0.5, 1, 2), "control": (0, 1, 5, 10, 20)}  # marks on the axes of Fig. 2a, nats
BARS = (1, 3, 10, 30, 100, 300, 1000, 3000, 10_000, 30_000, 100_000)


def fig2a(data, *, t=1, plane="critical, critical", definition="as-coded"):
    """Loss of a batch of 64 (left) and mean loss (right) on a plane of weights.

    As coded two single weights change, and each grid point has a batch of its own; in the control two directions within
    sets of weights, and one batch for the whole plane.
    """
    marks.stored(data["cut_t"].values, t, "iteration t")
    if plane not in data["plane"].values:
        raise NoMatch(f"No plane is called {plane!r}; choose one of {'; '.join(data['plane'].values)}.")
    name, axes = ("single", ("x", "y")) if definition == "as-coded" else ("sets", ("u", "v"))
    every = data[[f"mean_{name}", f"batch_{name}"]].sel(sampling=series.SAMPLING[definition])
    top = max(every[f"mean_{name}"].max().item(), every[f"batch_{name}"].max().item())  # of all iterations and planes
    mean, batch = (every[f"{what}_{name}"].sel(cut_t=t, plane=plane).values.astype(float) for what in ("mean", "batch"))
    offsets = data[axes[0]].values
    figure = style.subplots(figsize=(7.6, 3.7))[0]
    figure.clear()
    colours = style.loss_map(definition)
    batches = "a batch at each point" if definition == "as-coded" else "one batch for all points"
    everything = "all images" if definition == "as-coded" else "10000 images"
    drawn = ((batch, f"batches of 64, {batches}"), (mean, f"mean of {everything}"))
    for place, (surface, title) in enumerate(drawn, start=1):
        axis = figure.add_subplot(1, 2, place, projection="3d")
        _surface(axis, offsets, surface, top, HEIGHTS[definition], colours)
        axis.set_title(f"t = {t}: {title}", loc="center", y=0.99)
        if place == 1:
            axis.text2D(0.0, 1.0, "a", transform=axis.transAxes, fontsize=11, fontweight="bold")
    rough, flat = roughness(batch, mean), flat_fraction(mean)
    figure.text(0.25, 0.02, f"roughness {rough:.3g} nats", ha="center")
    figure.text(0.75, 0.02, f"{100 * flat:.0f} % within 0.1 nats of the lowest", ha="center")
    alt = (
        f"At iteration {t}, {definition}, along {plane} weights: the loss of batches of 64 ({batches}) differs "
        f"from the mean loss by {rough:.3g} nats (standard deviation over the plane). The mean loss runs from "
        f"{mean.min():.3g} to {mean.max():.3g} nats, and {100 * flat:.0f} % of the plane lie within 0.1 nats of its "
        "lowest value."
    )
    every = slice(None, None, len(offsets) // 25)
    first, second = np.meshgrid(offsets[every], offsets[every], indexing="ij")
    table = pd.DataFrame(
        {
            "first": first.ravel().round(4),
            "second": second.ravel().round(4),
            "mean_loss": mean[every, every].ravel(),
            "batch_loss": batch[every, every].ravel(),
        }
    )
    return Drawing(figure, alt, table)


def _surface(axis, offsets, surface, top, ticks, colours):
    """A surface over the square root of the loss, up to the same height in every state, so that none rescales."""
    c, height = style.colours(), np.sqrt(surface)
    shade = colours(0.12 + 0.76 * height / np.sqrt(top))
    first, second = np.meshgrid(offsets, offsets, indexing="ij")
    stride = len(offsets) // 50 or 1
    facets = axis.plot_surface(first, second, height, color=c.ink, rstride=stride, cstride=stride, lw=0, shade=False)
    one_each = shade[:-1:stride, :-1:stride].reshape(-1, 4)  # as an array: matplotlib reads lists colour by colour
    facets.set(facecolor=one_each, edgecolor=one_each)
    axis.set(xticks=[-1, 0, 1], yticks=[-1, 0, 1], xlabel="first direction", ylabel="second direction")
    axis.set_zlim(0, np.sqrt(top))
    axis.set_zticks(np.sqrt(ticks), [f"{tick:g}" for tick in ticks])
    axis.set_box_aspect((1, 1, 0.75), zoom=0.86)
    for line in (axis.xaxis, axis.yaxis, axis.zaxis):
        line.set_pane_color((0, 0, 0, 0))
        line.line.set_color(c.faint)
        line._axinfo["grid"].update(color=c.faint, linewidth=0.3)
    axis.tick_params(pad=-2)
    axis.xaxis.labelpad = axis.yaxis.labelpad = -4
    axis.zaxis.set_rotate_label(False)
    axis.set_zlabel("loss (nats)", rotation=90, labelpad=-2)


def fig2b(data, *, t=100, seed=0, definition="as-coded"):
    """Concentration probability P(L >= b) at all snapshots; control: median and range of the seeds, logarithmic."""
    marks.stored(anchors.steps(data), t, "iteration t")
    c, b, steps = style.colours(), data["b"].values, anchors.steps(data)
    p, i = series.probability(data), list(steps).index(t)
    chosen = p[anchors.of_seed(data, seed)] if definition == "as-coded" else np.median(p, axis=0)
    wanted = np.unique(np.abs(np.log1p(steps)[:, None] - np.linspace(0, np.log1p(steps[-1]), 90)).argmin(axis=0))
    figure, axis = style.subplots(figsize=(7.6, 3.9))
    lines = [np.column_stack([b, row]) for row in chosen[wanted]]
    axis.add_collection(LineCollection(lines, colors=style.time_colour(steps[wanted]), linewidths=0.7, alpha=0.7))
    if definition == "control":
        axis.set(yscale="log", ylim=(1 / series.n_samples(data), 1.3))
        axis.fill_between(b, p[:, i].min(axis=0), p[:, i].max(axis=0), color=c.control, alpha=0.3, lw=0)
    else:
        axis.set_ylim(0, 1.02)
    axis.plot(b, chosen[i], color=style.of_definition(definition), lw=2.2)
    who = f"seed {seed}" if definition == "as-coded" else f"median of {len(p)} seeds, band: their range"
    axis.set(xlim=(0, 3), xlabel="b (nats)", ylabel="P(L ≥ b)", title=f"thick: t = {t}; {who}")
    marks.bar(figure, axis, "t")
    style.letter(axis, "b")
    tenth = data["above_tenth"].values[:, i] / series.n_samples(data)  # counted, where b has no point at 0.1
    tenth = tenth[anchors.of_seed(data, seed)] if definition == "as-coded" else np.median(tenth)
    where = float(tenth), float(np.interp(1, b, chosen[i]))
    alt = (
        f"At iteration {t}, {definition} ({who}): the loss is at least 0.1 nats for {100 * where[0]:.3g} % of the "
        f"training images and at least 1 nat for {100 * where[1]:.3g} %; at t = 0 the latter are "
        f"{100 * float(np.interp(1, b, chosen[0])):.3g} %, at the end {100 * float(np.interp(1, b, chosen[-1])):.3g} %."
    )
    table = pd.DataFrame(
        {"b": b, "probability": chosen[i], "lowest_seed": p[:, i].min(0), "highest_seed": p[:, i].max(0)}
    )
    return Drawing(figure, alt, table)


def fig2c(data, *, t=100, seed=0, definition="as-coded"):
    """Density p(L) at the six iterations of the paper, one of them with a log-normal and a power law laid over it.

    As coded a hundred linear bins, and the power law above the first of them; in the control logarithmic bins, and the
    power law above its own x_min.
    """
    marks.stored(data["shown_t"].values, t, "iteration t")
    c, here = style.colours(), data.sel(seed=seed, definition=definition)
    figure, axis = style.subplots(figsize=(7.6, 4.1))
    for step in data["shown_t"].values:
        centre, density = _density(here.sel(shown_t=step), definition)
        chosen = step == t
        axis.plot(
            centre, density, color=style.time_colour(step), lw=2.2 if chosen else 0.9, alpha=1 if chosen else 0.85,
            marker="o" if chosen else None, ms=2.6, zorder=3 if chosen else 2, label=f"t = {step}",
        )  # fmt: skip
    now, fit = here.sel(shown_t=t), here.sel(fit_t=t)
    centre, density = _density(now, definition)
    mean, spread = now["log_moments"].values[:2].astype(float)
    alpha, _, x_min, n_tail, decades, plausible = fit["tail"].values.astype(float)
    wide = np.geomspace(max(centre.min(), 1e-9), centre.max(), 200)
    axis.plot(
        wide,
        norm.pdf(np.log(wide), mean, spread) / wide,
        color=c.ink,
        lw=1.1,
        ls=":",
        label="log-normal, all",
        zorder=4,
    )
    tail = wide[wide >= x_min]
    share = n_tail / series.n_samples(data)
    axis.plot(
        tail, share * (alpha - 1) / x_min * (tail / x_min) ** -alpha, color=style.of_definition(definition), lw=1.4,
        ls="--", label=f"power law, α = {alpha:.2f}", zorder=4,
    )  # fmt: skip
    axis.set(xscale="log", yscale="log", xlabel="loss L (nats)", ylabel="density p(L) (1/nat)", ylim=(1e-6, 1e7))
    axis.set_xlim(1e-9, 30)
    axis.set_title(f"thick: t = {t}; seed {seed}, {'linear' if definition == 'as-coded' else 'logarithmic'} bins")
    axis.legend(loc="center left", bbox_to_anchor=(1.01, 0.5))
    style.letter(axis, "c")
    rivals = dict(zip(data["rival"].values, fit["tail_ratio"].values.astype(float), strict=True))
    best = max({"power law": 0.0, **{k: -v for k, v in rivals.items()}}.items(), key=lambda kv: kv[1])[0]
    best = best.replace("_", " ").replace("lognormal", "log-normal")
    plausibility = f" (p = {plausible:.2f})" if np.isfinite(plausible) else ""
    alt = (
        f"At iteration {t}, seed {seed}, {definition}: ln L has mean {mean:.2f}, standard deviation {spread:.2f} and "
        f"lies {now['log_distance'].item():.3f} (Kolmogorov-Smirnov) from a normal law. Above {x_min:.3g} nats, "
        f"{n_tail:.0f} losses over {decades:.1f} decades, a power law has exponent {alpha:.2f}{plausibility}; "
        f"its log-likelihood exceeds that of a log-normal by {rivals['lognormal']:.1f} and of a truncated power law by "
        f"{rivals['truncated_power_law']:.1f}; best of four is the {best}."
    )
    return Drawing(figure, alt, pd.DataFrame({"loss": centre, "density": density}))


def _density(here, definition):
    """Centres and densities of the bins that hold a loss."""
    first, last = here["histogram_range"].values
    space = np.linspace if definition == "as-coded" else np.geomspace
    edges = space(first, last, here["histogram"].size + 1)
    counts = here["histogram"].values
    centre = (edges[1:] + edges[:-1]) / 2 if definition == "as-coded" else np.sqrt(edges[1:] * edges[:-1])
    kept = counts > 0
    return centre[kept], (counts / counts.sum() / np.diff(edges))[kept]


def fig2e(data, *, batch_size=1, seed=0, definition="as-coded"):
    """Mean loss and its variance over samples (or over batches) at the iterations of the paper."""
    c, steps = style.colours(), anchors.steps(data)
    bars = np.array([t for t in BARS if t in steps])
    index = [list(steps).index(t) for t in bars]
    mean, variance = data["mean_loss"].values[:, index], data["variance_loss"].values[:, index] / batch_size
    s = anchors.of_seed(data, seed)
    value = [x[s] if definition == "as-coded" else np.median(x, axis=0) for x in (mean, variance)]
    figure, axis = style.subplots(figsize=(7.6, 3.8))
    place, name = np.arange(len(bars)), "Var(L)" if batch_size == 1 else f"Var(L) / {batch_size}"
    for shift, heights, every, colour, label in (
        (-0.12, value[0], mean, c.quantities[3], "mean loss (nats)"),
        (0.12, value[1], variance, style.of_definition(definition), f"{name} (nats²)"),
    ):
        if definition == "control":
            reach = heights - every.min(axis=0), every.max(axis=0) - heights
            axis.errorbar(place + shift, heights, reach, fmt="none", ecolor=colour, elinewidth=1.1, capsize=2)
            axis.plot(place + shift, every[s], "o", ms=6, mfc="none", color=c.ink, mew=0.8)
        axis.plot(place + shift, heights, "o-", ms=4.5, lw=0.6, mew=0, color=colour, label=label)
    for level, below in ((LOSS_BEFORE, False), (LOSS_AT_100, True)):
        marks.published(axis, f"paper: {level:g}", y=level, at=0.9, below=below)
    axis.set(yscale="log", ylim=(1e-10, 20), xlabel="iteration t")
    axis.set_xticks(place, [_power(t) for t in bars])
    axis.set_title(
        f"seed {seed}"
        if definition == "as-coded"
        else f"median of {len(mean)} seeds, whiskers: their range, circles: seed {seed}"
    )
    axis.legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=2, borderaxespad=0.2)
    style.letter(axis, "e")
    peak = int(np.argmax(value[1]))
    alt = (
        f"{definition}: the mean loss is {marks.told(value[0], bars, (bars[0], 100, bars[-1]), 'nats')}; "
        f"{name} is largest at t = {bars[peak]} ({value[1][peak]:.3g} nats²) and ends at "
        f"{value[1][-1]:.3g}. Seed {seed} ends at a mean loss of {mean[s][-1]:.3g} nats and a variance of "
        f"{variance[s][-1]:.3g}."
    )
    table = pd.DataFrame({"t": bars, "mean_loss": value[0], "variance": value[1]})
    return Drawing(figure, alt, table)


def _power(t):
    """A label such as 300 or 3·10^4."""
    if t < 1000:
        return str(t)
    exponent = int(np.log10(t))
    return f"{'' if t == 10**exponent else '3·'}$10^{exponent}$"


DATA = "fig2"
PANELS: dict[str, Callable] = {"2a": fig2a, "2b": fig2b, "2c": fig2c, "2e": fig2e}
