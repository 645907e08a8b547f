"""The restore explorer on the displayed anchor run: what goes into it, and what stands in for it without scripts."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from critnet.explore import Drawing, render
from critnet.explore.widgets.restore import STEPS, Band, RestoreExplorer, Set, rounded
from critnet.losses.planes import cross_entropy
from critnet.neurons.activity import forward
from critnet.paper import anchors, style
from critnet.paper.sweeps.select import TRANSITION as EARLY
from critnet.training.datasets import normalise
from critnet.training.mlp import flatten, unflatten
from critnet.weights.connections import critical_connections, matched_control, most_moved, redundant_connections

LEVELS = np.arange(1, 31) / 10  # nats
DRAWS = 20  # random sets of a band
LEVEL = 0.5
REDUNDANT, CRITICAL = "redundant", "critical"


class Restored(NamedTuple):
    """What the explorer shows: the network, the images, the sets, and the range of random sets beside them."""

    final: dict
    early: dict
    activity: np.ndarray
    labels: np.ndarray
    sets: dict
    bands: dict
    places: dict


def counts(n):
    """How many of n weights are set back at each share, from none to all.

    >>> counts(3).tolist()[::5]
    [0, 1, 2, 2, 3]
    """
    return np.floor(np.round(np.arange(STEPS + 1) / STEPS, 10) * n + 0.5).astype(int)


def losses(net, activity, labels):
    """Loss of each image (nats), from the activity of the first layer on; `activity` (n_images, h1)."""
    net = {name: np.asarray(values, float) for name, values in net.items()}
    second = np.maximum(net["W2"] @ activity.T + net["b2"][:, None], 0)
    return cross_entropy(net["W3"] @ second + net["b3"][:, None], labels)


def set_back(final, early, places):
    """W2, b2, W3 and b3 with the weights at `places` of W2 and then W3, row by row, as they were early."""
    kept, former = (np.concatenate([np.ravel(net["W2"]), np.ravel(net["W3"])]) for net in (final, early))
    kept[places] = former[places]
    second = np.size(final["W2"])
    parts = {"W2": kept[:second].reshape(final["W2"].shape), "W3": kept[second:].reshape(final["W3"].shape)}
    return {name: parts.get(name, final[name]) for name in ("W2", "b2", "W3", "b3")}


def course(final, early, places, activity, labels):
    """(mean loss, shares of images with a loss of at least each level) once each share of the places is set back."""
    means, above = [], []
    for n in counts(len(places)):
        found = losses(set_back(final, early, places[:n]), activity, labels)
        means.append(found.mean())
        above.append((found[:, None] >= LEVELS).mean(axis=0))
    return np.array(means), np.array(above)


def images_of(circuits):
    """The stored test images as the network sees them (METHODS D2), and their digits."""
    pixels = circuits["pixels"].values.reshape(len(circuits["sample"]), -1)
    return normalise(pixels), circuits["label"].values.astype(int)


def restored(anchor, on_the_way, circuits, *, definition="control", draws=DRAWS):
    """All that the explorer shows, from the results files "fig1", "course" and "fig5".

    Weights of a set go back in an order drawn at random. The images are the stored test images. Places in W2 and W3 are
    as many as in Fig. 4l, whose correlations are not rounded.
    """
    final = {name: circuits[name].values for name in ("W1", "b1", "W2", "b2", "W3", "b3")}
    hidden = len(final["b1"])
    early = unflatten(on_the_way["network"].sel(kept=EARLY).values, hidden)
    images, labels = images_of(circuits)
    activity = rounded(forward(final, images)[:hidden].T.astype(float))
    late, start = (anchors.matrix(anchor, t, "as-coded") for t in (int(anchors.steps(anchor)[-1]), EARLY))
    lost = redundant_connections(start, late, definition=definition)
    critical = critical_connections(late, definition=definition)
    last, moved = flatten(final).astype(float), flatten(final).astype(float) - flatten(early).astype(float)
    random = np.random.default_rng(0)
    chosen = {
        REDUNDANT: lost,
        "random, same layers": matched_control(lost, hidden, random),
        "random, same |w|": matched_control(lost, hidden, random, values=last),
        "random, same |Δw|": matched_control(lost, hidden, random, values=moved),
        "most moved": most_moved(lost, moved, hidden),
        CRITICAL: critical,
    }
    local = _local(hidden, final["W1"].shape[1])
    sets, bands = {}, {}
    for name, others in ((REDUNDANT, lost), (CRITICAL, critical)):
        drawn = [random.permutation(local(matched_control(others, hidden, random))) for _ in range(draws)]
        found = [course(final, early, places, activity, labels) for places in drawn]
        means, above = (np.array([each[k] for each in found]) for k in (0, 1))
        bands[name] = Band(np.array([means.min(0), means.max(0)]), np.array([above.min(0), above.max(0)]))
    for label, places in chosen.items():
        order = random.permutation(local(places))
        band = CRITICAL if label == CRITICAL else REDUNDANT
        sets[label] = Set(order, course(final, early, order, activity, labels)[0], band)
    places = {name: local(of) for name, of in ((CRITICAL, critical), (REDUNDANT, lost))}
    return Restored(final, early, activity, labels, sets, bands, places)


def _local(hidden, inputs):
    """From places in the parameter vector to places in W2 and then W3: without W1, b1 and b2."""
    start = hidden * (inputs + 1)

    def of(places):
        return np.where(places < start + hidden * hidden, places - start, places - start - hidden)

    return of


def words(made):
    """What the picture shows, in numbers."""
    low, high = made.bands[REDUNDANT].mean[:, -1]
    means = "; ".join(f"{label} {each.mean[-1]:.3g}" for label, each in made.sets.items())
    return (
        f"Mean loss of {len(made.labels)} test images, {made.sets[REDUNDANT].mean[0]:.3g} nats as the network ends. "
        f"Once all weights of a set are set back to t = {EARLY}: {means} nats. Random sets of as many weights of the "
        f"same layers as the {len(made.places[REDUNDANT])} redundant ones: {low:.3g} to {high:.3g} nats."
    )


def picture(made):
    """Mean loss against the share of each set that is set back, over the range of random sets."""
    c = style.colours()
    figure, axis = style.subplots(figsize=(6.4, 4.0))
    share, band = np.arange(STEPS + 1) / STEPS, made.bands[REDUNDANT].mean
    axis.fill_between(share, *band, color=c.faint, alpha=0.4, lw=0, label=f"{DRAWS} random sets, same layers")
    colours = dict(zip(made.sets, (c.redundant, *c.quantities, c.critical), strict=True))
    for label, each in made.sets.items():
        axis.plot(share, each.mean, color=colours[label], label=label)
    axis.set(yscale="log", xlabel=f"share set back to t = {EARLY}", ylabel="mean loss (nats)")
    axis.legend(fontsize=8)
    table = pd.DataFrame({"share": share} | {label: each.mean for label, each in made.sets.items()})
    return Drawing(figure, words(made), table)


def restore_explorer(data, *, definition="control", name="restore-explorer"):
    """Drag how many weights are set back to t = 100, and choose which; the losses follow in the reader's browser.

    Parameters
    ----------
    data : dict of Dataset
        The results files "fig1", "course" and "fig5".
    definition : "as-coded" or "control", of what is critical and redundant
    name : str
        Id of the explorer in its page.

    Returns
    -------
    RestoreExplorer, displayed by the notebook where it is the last expression of a cell.
    """
    made = restored(data["fig1"], data["course"], data["fig5"], definition=definition)
    seed, numbers = data["fig1"].attrs["displayed_seed"], {name: len(of) for name, of in made.places.items()}
    coded = "as coded" if definition == "as-coded" else "as written (control)"
    caption = (
        f"Weights of the displayed network (seed {seed}) set back to t = {EARLY}, in an order drawn at random; "
        f"{len(made.labels)} test images. Critical and redundant {coded}. Every set has {numbers[REDUNDANT]} weights, "
        f"as many in W2 and in W3 as are redundant, but for the critical ones, which are {numbers[CRITICAL]} and have "
        f"a range of their own. Grey: {DRAWS} random sets of as many weights of the same layers."
    )
    return RestoreExplorer(
        made.final,
        made.early,
        made.activity,
        made.labels,
        sets=made.sets,
        bands=made.bands,
        critical=made.places[CRITICAL],
        redundant=made.places[REDUNDANT],
        levels=LEVELS,
        level=LEVEL,
        name=name,
        caption=caption,
        words=words(made),
        picture=render.draw(picture, {"made": made}, name=name, style=style.theme).image,
    )
