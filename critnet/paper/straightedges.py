"""The straightedge on tails of the paper: its samples, and the picture and the words of a page without scripts."""

import numpy as np
import pandas as pd

from critnet.explore import Drawing, render
from critnet.explore.widgets.straightedge import StraightedgeExplorer
from critnet.paper import style
from critnet.statistics.counted import fit_bins, fit_counts


def fitted(sample, whole):
    """The TailFit of a sample from the lower end of the paper's stretch on, or from its first value."""
    values = np.asarray(sample.values, float)
    lowest = (sample.stretch or values)[0]
    if whole:
        start = values[np.searchsorted(values, lowest * (1 - 1e-9))]
        return fit_counts(values, sample.counts, x_min=int(start))
    start = values[np.abs(np.log(values[:-1] / lowest)).argmin()]  # the nearest edge, as in the browser
    return fit_bins(values, np.asarray(sample.counts, float), x_min=float(start))


def words(samples, whole):
    """Every sample: what a power law from the paper's lower end on is like, in numbers."""
    return " ".join(_words(sample, fitted(sample, key in whole)) for key, sample in samples.items())


def _words(sample, fit):
    paper = f"; the paper has {sample.exponent:.2f}" if sample.exponent else ""
    ratios = ", ".join(f"{name.replace('_', ' ')} {fit.ratio[name]:.0f}" for name in fit.ratio)
    number = int(np.sum(sample.counts)) + sample.below
    return (
        f"{sample.label}: {number} values, of which {fit.n_tail} from {fit.x_min:.3g} on "
        f"span {fit.decades:.2f} decades and give a power law of the exponent {fit.alpha:.2f} "
        f"\u00b1 {fit.error:.1g}{paper}; its log-likelihood less that of each rival: {ratios}."
    )


def picture(samples, whole):
    """Ranked data of the first sample, with the power law of maximum likelihood and the paper's."""
    (key, sample), c = next(iter(samples.items())), style.colours()
    fit, values = fitted(sample, key in whole), np.asarray(sample.values, float)
    low = values[: len(sample.counts)]
    share = np.cumsum(sample.counts[::-1])[::-1] / (np.sum(sample.counts) + sample.below)
    figure, axis = style.subplots(figsize=(5.6, 4.0))
    axis.loglog(low, share, "o", color=c.ink, markersize=3, label="data")
    start = int(np.searchsorted(low, fit.x_min * (1 - 1e-9)))
    ends = np.array([fit.x_min, fit.x_max])
    line = lambda exponent: share[start] * (ends / ends[0]) ** (1 - exponent)  # noqa: E731
    axis.loglog(ends, line(fit.alpha), color=c.control, label=f"maximum likelihood, {fit.alpha:.2f}")
    if sample.exponent:
        axis.loglog(ends, line(sample.exponent), color=c.ink, ls="--", label=f"paper, {sample.exponent:.2f}")
    axis.set(xlabel=sample.quantity, ylabel="share at or above", ylim=(share[share > 0].min() / 2, 2))
    axis.legend(loc="lower left")
    return Drawing(figure, words(samples, whole), pd.DataFrame({"value": low, "share_at_or_above": share}))


def straightedge(samples, *, name, caption, whole=()):
    """The explorer of these samples, displayed by the notebook where it is the last expression of a cell.

    Parameters
    ----------
    samples : mapping of a key to a Sample
    name : str
        Id of the explorer in its page.
    caption : str
    whole : collection of the keys whose samples are whole numbers

    Returns
    -------
    StraightedgeExplorer
    """
    return StraightedgeExplorer(
        samples,
        name=name,
        whole=whole,
        caption=caption,
        words=words(samples, whole),
        picture=render.draw(picture, {"samples": samples, "whole": whole}, name=name, style=style.theme).image,
    )
