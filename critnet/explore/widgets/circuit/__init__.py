"""The circuit explorer: a small network recomputed in the browser, while its edges are pruned and restored."""

import re
from collections.abc import Mapping

import numpy as np

from critnet.errors import UsageError
from critnet.explore.widgets.base import Explorer, text_of

_NAMES = ("W1", "b1", "W2", "b2", "W3", "b3")


class CircuitExplorer(Explorer, scripts=("page", "net", "pad", "network", "bars", "force", "download", "circuit")):
    """Draw a digit or take a stored image, prune and restore edges, hold a neuron at a value, and watch the answers.

    The reader sees the neurons lit by their activity, the logits, the answer, the recall on one class and the
    false-positive rate on the others over the stored images, how many images of each class get the answer, and how
    many weights are kept, beside the full network.

    Parameters
    ----------
    weights : mapping
        W1 (h1, 784), b1 (h1,), W2 (h2, h1), b2 (h2,), W3 (10, h2), b3 (10,); passed on in float32.
    images : uint8 array, shape (n_images, 28, 28)
        Stored test images, ink is 255; the network sees (p/255 - 0.1307)/0.3081.
    labels : int array, shape (n_images,)
        Class of each image; every class has as many.
    graphs : dict
        Sub-graphs to choose from besides the full network and the strongest weights: label to edges, to a list of
        edges with one entry a class, or to a mapping of stages of a search to such lists, which the reader scrubs
        through; before the last stage the biases of all second-layer neurons with an edge are kept. Edges are rows
        (layer, source, target): layer 1 from the first hidden layer to the second, layer 2 from there to the outputs,
        neurons counted from 0 within their layer.
    name : str
        Its id in the page.
    digit : int
        The class asked for first.
    count : int
        How many of the strongest weights are kept where the reader chooses those.
    caption : str
    words : str
        What a page without scripts says instead: the text alternative of `picture`.
    picture : uint8 array (height, width, 4), optional
        What a page without scripts shows instead, at twice its size in the page.

    Attributes
    ----------
    given : dict
        What the browser gets.
    words : str

    Raises
    ------
    UsageError
        If shapes, classes or edges do not fit together.
    """

    def __init__(
        self, weights, images, labels, graphs, *, name, digit=0, count=100, caption="", words="", picture=None
    ):
        sizes = _sizes(weights)
        images, labels = _images(images, labels, sizes)
        n_edges = sizes[1] * sizes[2] + sizes[2] * sizes[3]
        if not 1 <= count <= n_edges:
            raise UsageError(f"count is {count}; the network has 1 to {n_edges} edges to keep")
        if not 0 <= digit < sizes[3]:
            raise UsageError(f"digit is {digit}; the outputs are 0 to {sizes[3] - 1}")
        flat = np.concatenate([np.ravel(np.asarray(weights[key], "<f4")) for key in _NAMES])
        start = {"digit": digit, "picked": digit, "graph": "full", "count": count, "definition": "as-coded"}
        given = {
            "name": name,
            "weights": text_of(flat, "<f4"),  # float32 in the order of _NAMES
            "sizes": sizes,
            "pixels": text_of(np.frombuffer(pack(images), np.uint8), "u1"),
            "labels": labels.tolist(),
            "graphs": (listed := _graphs(graphs, sizes)),
            "stages": _stages(listed),
            "start": start | {"images": len(labels) // sizes[3]},
            "caption": caption,
        }
        super().__init__(given, words=words, picture=picture)


def pack(images):
    """Grey values as bytes in which a run of background is two bytes, 0 and its length (1 to 255).

    >>> pack(np.array([[7, 0, 0, 0, 9, 0]], np.uint8)).hex(" ")
    '07 00 03 09 00 01'
    """
    values = np.ravel(images)
    ink = np.flatnonzero(values)
    packed, at = bytearray(), 0
    for place in [*ink.tolist(), len(values)]:
        full, rest = divmod(place - at, 255)
        packed += b"\0\xff" * full + (bytes((0, rest)) if rest else b"")
        packed += values[place : place + 1].tobytes()
        at = place + 1
    return bytes(packed)


def _sizes(weights):
    missing = [key for key in _NAMES if key not in weights]
    if missing:
        raise UsageError(f"weights lack {missing[0]!r}; give a mapping with W1, b1, W2, b2, W3, b3")
    shapes = {key: np.shape(weights[key]) for key in _NAMES}
    sizes = [784, *(shapes[key][0] for key in ("b1", "b2", "b3"))]
    expected = {f"W{n}": (sizes[n], sizes[n - 1]) for n in (1, 2, 3)}
    wrong = [key for key in expected if shapes[key] != expected[key]]
    if wrong:
        raise UsageError(f"{wrong[0]} has shape {shapes[wrong[0]]}; with these biases it must be {expected[wrong[0]]}")
    if any(not np.isfinite(np.asarray(weights[key])).all() for key in _NAMES):
        raise UsageError("weights hold NaN or infinite values; a diverged network cannot be explored")
    return sizes


def _images(images, labels, sizes):
    images, labels = np.asarray(images), np.asarray(labels)
    if images.dtype != np.uint8 or images.shape != (len(labels), 28, 28):
        raise UsageError(
            f"images have shape {images.shape} and type {images.dtype} for {len(labels)} labels; "
            "give uint8 (n_images, 28, 28)"
        )
    counts = np.bincount(labels, minlength=sizes[3])
    if len(counts) != sizes[3] or counts.min() < 1 or counts.min() != counts.max():
        raise UsageError(f"the classes have {counts.tolist()} images; give each of the {sizes[3]} as many, one or more")
    return images, labels


def _graphs(graphs, sizes):
    """The choices of the menu, with keys made of the letters and digits of their labels."""
    keys = [re.sub(r"[^a-z0-9]+", "-", str(label).lower()).strip("-") for label in graphs]
    for key, label in zip(keys, graphs, strict=True):
        if not key or key in ("full", "strongest") or keys.count(key) > 1:
            raise UsageError(
                f"the sub-graph {label!r} would be {key!r} in an address; give it a label whose letters and digits are "
                "its own, and not those of 'full' and 'strongest'"
            )
    return [_graph(key, label, edges, sizes) for key, (label, edges) in zip(keys, graphs.items(), strict=True)]


def _stages(listed):
    """The stages that a slider has: those of all sub-graphs that have any."""
    found = [graph["stages"] for graph in listed if "stages" in graph]
    if any(stages != found[0] for stages in found):
        raise UsageError(f"sub-graphs have the stages {found}; one slider scrubs all: give them the same stages")
    return found[0] if found else []


def _graph(key, label, edges, sizes):
    """One choice of the menu: its edges once, or once a class; of a search that for each stage."""
    if isinstance(edges, Mapping):
        if len(edges) < 2:
            raise UsageError(f"{label!r} has {len(edges)} stages; give two or more, or its edges")
        stages = [_listed(label, given, sizes) for given in edges.values()]
        return {"key": key, "label": str(label), "stages": [str(stage) for stage in edges], "edges": stages}
    return {"key": key, "label": str(label), "edges": _listed(label, edges, sizes)}


def _listed(label, edges, sizes):
    """Edges as a list with one entry, or one entry a class."""
    several = isinstance(edges, list) and len(edges) == sizes[3] and np.ndim(edges[0]) == 2
    found = []
    for one in edges if several else [edges]:
        rows = np.asarray(one, int).reshape(-1, 3)
        ends = np.array(sizes)[np.clip(rows[:, :1], 1, 2) + np.arange(2)]  # neurons of the layers an edge joins
        bad = ~np.isin(rows[:, 0], (1, 2)) | ((rows[:, 1:] < 0) | (rows[:, 1:] >= ends)).any(axis=1)
        if bad.any():
            raise UsageError(f"{label!r} has the edge {rows[bad][0].tolist()}; the layers are {sizes[1:]}, from 0")
        found.append(rows.tolist())
    return found
