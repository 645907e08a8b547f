"""The restore explorer: weights of the last two layers set back to what they were, and what that does to the losses."""

from typing import NamedTuple

import numpy as np

from critnet.errors import UsageError
from critnet.explore.widgets.base import Explorer, text_of

_NAMES = ("W2", "b2", "W3", "b3")
STEPS = 20  # of the share that is set back


class Band(NamedTuple):
    """Lowest and highest of several random sets: of the mean loss, shape (2, n_shares), and of the share of images with
    a loss of at least each level, shape (2, n_shares, n_levels)."""

    mean: np.ndarray
    above: np.ndarray


class Set(NamedTuple):
    """Weights in the order in which they are set back, places in W2 and then W3, row by row; the mean loss once each
    share of them is, shape (n_shares,); and the name of the band beside which it is shown."""

    places: np.ndarray
    mean: np.ndarray
    band: str


class RestoreExplorer(Explorer, scripts=("core", "map", "restore")):
    """Drag the share of a set of weights that is set back to an earlier iteration, and choose the set.

    The reader sees a map of W2 and W3 with the critical, the redundant and the other weights, which of them are set
    back, the share of images with a loss of at least b, and the mean loss, over the range of random sets (METHODS D40).

    Parameters
    ----------
    final : mapping
        W2 (h2, h1), b2 (h2,), W3 (n_classes, h2), b3 (n_classes,) at the end; passed on in float32.
    early : mapping
        W2 and W3 at the iteration that weights are set back to.
    activity : array, shape (n_images, h1), finite, >= 0
        Of the first layer at the end, which stays as it is. The page has it in 255 steps of each neuron's largest one:
        give what `rounded` returns to what is to agree with the page.
    labels : int array, shape (n_images,)
    sets : dict of label to `Set`
    bands : dict of name to `Band`
    critical, redundant : int array, places
    levels : array, shape (n_levels,), rising, > 0
        Thresholds b of the loss, nats.
    name : str
        Its id in the page.
    chosen : str
        Label of the set that is shown first; by default the first one.
    level : float, one of `levels`
        The b that is shown first.
    caption, words, picture
        As for `Explorer`.

    Raises
    ------
    UsageError
        If shapes, places or numbers do not fit together.
    """

    def __init__(
        self, final, early, activity, labels, *, sets, bands, critical, redundant, levels, name, chosen=None,
        level=None, caption="", words="", picture=None,
    ):  # fmt: skip
        sizes = _sizes(final, early)
        activity, labels = _images(activity, labels, sizes)
        levels = np.asarray(levels, float)
        if levels.ndim != 1 or levels.size < 2 or not (np.diff(levels) > 0).all() or not levels[0] > 0:
            raise UsageError(f"levels are {levels.tolist()}; give two or more, rising, above 0")
        level = float(levels[0]) if level is None else level
        if level not in levels:
            raise UsageError(f"level is {level}; choose one of {', '.join(map(str, levels.tolist()))}")
        chosen = next(iter(sets), None) if chosen is None else chosen
        if chosen not in sets:
            raise UsageError(f"there is no set {chosen!r}; the sets are {', '.join(map(repr, sets)) or 'none'}")
        n = sizes[0] * sizes[1] + sizes[1] * sizes[2]
        every = {label: each.places for label, each in sets.items()} | {"critical ": critical, "redundant ": redundant}
        for what, places in every.items():
            _places(what.strip(), places, n)
        for label, each in sets.items():
            _of_shares(f"the mean loss of {label!r}", each.mean, (STEPS + 1,))
            if each.band not in bands:
                raise UsageError(f"{label!r} is shown beside the band {each.band!r}; there are {', '.join(bands)}")
        for label, band in bands.items():
            _of_shares(f"the mean loss of the band {label!r}", band.mean, (2, STEPS + 1))
            _of_shares(f"the shares of the band {label!r}", band.above, (2, STEPS + 1, levels.size))
        codes, scale = coded(activity)
        given = {
            "name": name,
            "sizes": sizes,
            "activity": text_of(codes, "u1"),
            "scale": text_of(scale, "<f4"),
            "labels": text_of(labels, "u1"),
            "final": text_of(np.concatenate([np.ravel(final[key]) for key in _NAMES]), "<f4"),
            "early": text_of(np.concatenate([np.ravel(early[key]) for key in ("W2", "W3")]), "<f4"),
            "sets": [
                {"label": label, "places": text_of(s.places, "<i2"), "mean": text_of(s.mean, "<f4"), "band": s.band}
                for label, s in sets.items()
            ],
            "bands": {
                label: {"mean": text_of(band.mean, "<f4"), "above": text_of(band.above, "<f4")}
                for label, band in bands.items()
            },
            "critical": text_of(critical, "<i2"),
            "redundant": text_of(redundant, "<i2"),
            "levels": levels.tolist(),
            "steps": STEPS,
            "start": {"set": chosen, "b": level},
            "caption": caption,
        }
        super().__init__(given, words=words, picture=picture)


def coded(activity):
    """Activities as the page has them: whole numbers from 0 to 255 (n_images, h1), and what 1 of each neuron is (h1,).

    >>> codes, scale = coded([[0.0, 0.0], [5.1, 0.0]])
    >>> codes.tolist(), scale.astype(float).round(3).tolist()
    ([[0, 0], [255, 0]], [0.02, 0.0])
    """
    scale = (np.max(activity, axis=0) / 255).astype(np.float32)
    return np.rint(activity / np.where(scale > 0, scale, 1)).astype(np.uint8), scale


def rounded(activity):
    """Activities rounded as the page has them, in double precision."""
    codes, scale = coded(activity)
    return codes * scale.astype(float)


def _sizes(final, early):
    """[h1, h2, n_classes] of weights that fit together."""
    for what, weights, names in (("final", final, _NAMES), ("early", early, ("W2", "W3"))):
        for key in names:
            if key not in weights:
                raise UsageError(f"{what} lacks {key!r}; give {', '.join(names)}")
            if not np.isfinite(np.asarray(weights[key])).all():
                raise UsageError(f"{key} of {what} holds NaN or infinite values; a diverged network cannot be explored")
    outputs, second = np.shape(final["W3"])
    first = np.shape(final["W2"])[-1]
    wanted = {"W2": (second, first), "b2": (second,), "W3": (outputs, second), "b3": (outputs,)}
    for what, weights in (("final", final), ("early", early)):
        for key in wanted:
            if key in weights and np.shape(weights[key]) != wanted[key]:
                raise UsageError(f"{key} of {what} has shape {np.shape(weights[key])}; it must be {wanted[key]}")
    return [first, second, outputs]


def _images(activity, labels, sizes):
    activity, labels = np.asarray(activity, float), np.asarray(labels)
    if activity.shape != (labels.size, sizes[0]) or not labels.size:
        raise UsageError(f"activity has shape {activity.shape} for {labels.size} labels and {sizes[0]} neurons")
    if not np.isfinite(activity).all() or activity.min() < 0:
        raise UsageError(f"activity runs from {activity.min()} to {activity.max()}; give finite numbers >= 0")
    if labels.min() < 0 or labels.max() >= sizes[2]:
        raise UsageError(f"labels run from {labels.min()} to {labels.max()}; the outputs are 0 to {sizes[2] - 1}")
    return activity, labels


def _places(label, places, n):
    places = np.asarray(places)
    if (places.size and (places.min() < 0 or places.max() >= n)) or np.unique(places).size != places.size:
        raise UsageError(f"{label!r} has places beyond 0 to {n - 1}, or one of them twice")


def _of_shares(what, values, shape):
    if np.shape(values) != shape or not np.isfinite(np.asarray(values, float)).all():
        raise UsageError(f"{what} has shape {np.shape(values)}; give finite numbers of shape {shape}")
