"""The graph explorer: a correlation graph recomputed in the browser, while its threshold and time are dragged."""

import numpy as np

from critnet.errors import UsageError
from critnet.explore.widgets.base import Explorer, text_of

DEFINITIONS = ("as-coded", "control")
EDGES = ("signed", "absolute", "fisher")


class GraphExplorer(Explorer, scripts=("core", "draw", "graph")):
    """Drag the threshold and the time, and watch a correlation graph grow and thin out.

    The reader sees the graph, its degrees and components, the survival probability and the mean degree at hand and over
    all iterations, and of one neuron the strongest partners and the mean response to each class.

    Parameters
    ----------
    correlation : dict
        Definition, "as-coded" or "control", to int16 array, shape (n_iterations, M (M - 1) / 2): the upper triangles
        without diagonal, row by row, in units of 1/32767. The diagonal is taken as 1: no neuron without variance.
    iterations : int array, shape (n_iterations,)
        Increasing, from 0 on.
    layers : sequence of int
        Sizes of the layers, the outputs last; M is their sum.
    responses : dict
        Definition, as in `correlation`, to float array, shape (n_stored, M, n_classes): mean response of each neuron to
        each class, passed on in float32.
    stored : int array, shape (n_stored,)
        Iterations of the responses; shown is the nearest one on a logarithmic scale.
    places : float array, shape (M, 2)
        Where the neurons are drawn, in the unit disk.
    name : str
        Its id in the page.
    classes : sequence of str, optional
        Names of the classes and of the outputs; 0, 1, ... where left out. There are as many of both.
    threshold : float in [0, 1]
    t : int, optional
        Iteration shown first; the last one where left out.
    edges : "signed", "absolute" or "fisher"
        Which pairs are joined first: C >= c, |C| >= c or |artanh C| >= c.
    peak : int, optional
        Iteration of a dashed line: where the paper has the peak.
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
        If shapes, ranges or names do not fit together.
    """

    def __init__(
        self,
        correlation,
        iterations,
        layers,
        responses,
        stored,
        places,
        *,
        name,
        classes=None,
        threshold=0.5,
        t=None,
        edges="absolute",
        peak=None,
        caption="",
        words="",
        picture=None,
    ):
        layers, classes = _layers(layers, classes)
        n_neurons = sum(layers)
        iterations, stored = _steps("iterations", iterations), _steps("stored", stored)
        t = iterations[-1] if t is None else t
        if t not in iterations:
            raise UsageError(f"t is {t}; choose one of the iterations {', '.join(map(str, iterations))}")
        if not 0 <= threshold <= 1:
            raise UsageError(f"threshold is {threshold}; it must lie in [0, 1]: correlations do")
        if edges not in EDGES:
            raise UsageError(f"edges is {edges!r}; choose one of {', '.join(map(repr, EDGES))}")
        if peak is not None and not 0 <= peak <= iterations[-1]:
            raise UsageError(f"peak is {peak}; give an iteration from 0 to {iterations[-1]}, or None for no line")
        packed = _correlation(correlation, len(iterations), n_neurons)
        start = {"threshold": float(threshold), "t": int(t), "edges": edges, "definition": next(iter(correlation))}
        given = {
            "name": name,
            "iterations": iterations,
            "layers": layers,
            "classes": classes,
            "correlation": packed,
            "responses": _responses(responses, correlation, (len(stored), n_neurons, len(classes))),
            "stored": stored,
            "places": _places(places, n_neurons),
            "peak": peak,
            "start": start,
            "caption": caption,
        }
        super().__init__(given, words=words, picture=picture)


def _layers(layers, classes):
    layers = [int(size) for size in layers]
    if len(layers) < 2 or min(layers) < 1:
        raise UsageError(f"layers is {layers}; give one hidden size or more and the number of outputs, 1 or larger")
    classes = [str(each) for each in (range(layers[-1]) if classes is None else classes)]
    if len(classes) != layers[-1]:
        raise UsageError(f"classes names {len(classes)}; the last of the layers {layers} has {layers[-1]} outputs")
    return layers, classes


def _steps(name, values):
    values = np.asarray(values)
    if values.ndim != 1 or not values.size or (np.diff(values) <= 0).any() or values[0] < 0:
        raise UsageError(f"{name} is {values.tolist()}; give increasing whole numbers from 0 on, one or more")
    return [int(value) for value in values]


def _correlation(correlation, n_iterations, n_neurons):
    unknown = [key for key in correlation if key not in DEFINITIONS]
    if unknown or not correlation:
        raise UsageError(f"correlation has the keys {list(correlation)}; choose from {list(DEFINITIONS)}")
    shape, packed = (n_iterations, n_neurons * (n_neurons - 1) // 2), {}
    for key, values in correlation.items():
        values = np.asarray(values)
        if values.dtype != np.int16 or values.shape != shape:
            raise UsageError(
                f"correlation[{key!r}] has shape {values.shape} and type {values.dtype}; "
                f"give int16 {shape}: an upper triangle of {n_neurons} neurons for each iteration"
            )
        if values.min(initial=0) == -32768:
            raise UsageError(f"correlation[{key!r}] holds -32768; in units of 1/32767 it must lie in -32767 to 32767")
        packed[key] = text_of(values, "<i2")
    return packed


def _responses(responses, correlation, shape):
    if set(responses) != set(correlation):
        raise UsageError(f"responses has the keys {list(responses)}; give those of correlation, {list(correlation)}")
    for key, values in responses.items():
        if np.shape(values) != shape:
            raise UsageError(f"responses[{key!r}] has shape {np.shape(values)}; give (n_stored, M, n_classes), {shape}")
        if not np.isfinite(values).all():
            raise UsageError(f"responses[{key!r}] holds NaN or infinite values; leave out the diverged iteration")
    return {key: text_of(responses[key], "<f4") for key in correlation}


def _places(places, n_neurons):
    places = np.asarray(places, float)
    if places.shape != (n_neurons, 2):
        raise UsageError(f"places has shape {places.shape}; give a row (x, y) a neuron, {(n_neurons, 2)}")
    farthest = np.hypot(*places.T).max()
    if not farthest <= 1 + 1e-9:
        raise UsageError(f"places reach {farthest:.3g} from the centre; scale them into the unit disk")
    return places.round(4).tolist()
