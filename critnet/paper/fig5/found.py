"""Stored networks -> their circuits: edges, sizes, what they answer, and what random sub-graphs of equal shape do.

Nothing is trained and no raw run is needed: data/weights.nc and the images are enough.
"""

import joblib
import numpy as np
import xarray as xr

from critnet.circuits.balanced import search_balanced
from critnet.circuits.edges import matrices, size
from critnet.circuits.masks import score
from critnet.circuits.scores import auc, losses, together, union
from critnet.circuits.search import relabelled, search
from critnet.circuits.trial import circuit_logits
from critnet.neurons.activity import correlation, dead_neurons, forward
from critnet.paper.sweeps.weights import network
from critnet.training.mlp import CLASSES

MARGINS = (0.01, 0.02, 0.05, 0.1)  # balanced accuracy that our own circuits may lack
VARIANTS = ("as-coded", "control", *(f"balanced {m:g}" for m in MARGINS))
BALANCED_SAMPLES = 1500  # of the digit, and as many of all others, the first in file order
NULLS = 100  # random sub-graphs a circuit
CHANCE = 0.2  # training accuracy below which a network guesses
SETS = ("train", "test")


class Samples:
    """Activity of one network on the training and the test images, and its answers there."""

    def __init__(self, weights, digits):
        self.weights, self.hidden = weights, len(weights["b1"])
        self.labels = {"train": digits.labels, "test": digits.test_labels}
        activity = {"train": forward(weights, digits.images), "test": forward(weights, digits.test_images)}
        self.first = {which: a[: self.hidden] for which, a in activity.items()}
        self.outputs = {which: a[2 * self.hidden :].T for which, a in activity.items()}
        self.activity = activity["train"]

    def answers(self, edges):
        """Logits of the masked network, by set."""
        return {which: circuit_logits(self.weights, edges, first) for which, first in self.first.items()}


def circuits(stored, digits, *, anchors, jobs=1, nulls=NULLS):
    """The circuits of all stored networks, each network once.

    Parameters
    ----------
    stored : Dataset of data/weights.nc
    digits : Digits
    anchors : list of the digests that also get control variants, circuits of our own search and null sub-graphs
    jobs : processes
    nulls : random sub-graphs a circuit of an anchor

    Returns
    -------
    xarray.Dataset
        A row a network (`network`), a circuit (`circuit`, in the order network, variant, digit) and an edge (`edge`,
        with the row of its circuit). Networks that are stored twice, from the same run with other snapshots, come once,
        under the digest that comes first.

    Source: METHODS D41, D44 and sections 10 and 11.
    """
    chosen = distinct(stored)
    found = joblib.Parallel(n_jobs=jobs)(
        joblib.delayed(of_network)(network(stored, d), digits, d in anchors, nulls) for d in chosen
    )
    return _dataset(chosen, [d in anchors for d in chosen], found)


def distinct(stored):
    """Digests of the networks of data/weights.nc, of equal networks the first."""
    first: dict[bytes, str] = {}
    for digest in stored["digest"].values.astype(str):
        weights = network(stored, digest)
        first.setdefault(b"".join(np.ascontiguousarray(w).tobytes() for w in weights.values()), digest)
    return list(first.values())


def of_network(weights, digits, is_anchor, nulls=NULLS):
    """All that is stored of one network: a dict of its own numbers, a list of its circuits, and its null sub-graphs."""
    samples = Samples(weights, digits)
    matrices(weights)  # checks them
    right = {which: samples.outputs[which].argmax(axis=1) == labels for which, labels in samples.labels.items()}
    one = {
        "hidden": samples.hidden,
        "accuracy": [right[which].mean() for which in SETS],
        "n_dead": int(dead_neurons(samples.activity)[: 2 * samples.hidden].sum()),
        "output_bias": np.asarray(weights["b3"], np.float64),
        "full": [_scored(samples.outputs, samples.labels, digit) for digit in range(CLASSES)],
    }
    rows, null_rows = [], []
    for definition in VARIANTS[: 2 if is_anchor else 1]:
        C = correlation(samples.activity, definition=definition)
        for digit in range(CLASSES):
            found = search(weights, C, samples.first["train"], digits.labels, digit)
            row = {
                "variant": definition, "digit": digit, "edges": found.edges, "n_neurons": found.n_neurons,
                "n_seed": len(found.seed), "n_grown": len(found.grown), "n_grown_edges": found.n_grown_edges,
                "hits": [found.hits_seed, found.hits_grown, found.hits, found.hits_full],
                "constant": found.is_constant, "untouched": found.is_untouched,
                "members": np.concatenate([found.seed, np.setdiff1d(found.grown, found.seed)]),
            }  # fmt: skip
            rows.append(row | _measured(samples, row))
    if is_anchor:
        for margin in MARGINS:
            for digit in range(CLASSES):
                rows.append(_own(samples, digit, margin))
        random = np.random.default_rng(0)
        null_rows = [_nulls(samples, row, nulls, random) for row in rows if row["variant"] == "as-coded"]
    coded = [row for row in rows if row["variant"] == "as-coded"]
    one |= _all_ten(samples, coded)
    return one, rows, null_rows


def _own(samples, digit, margin):
    """A circuit of the search that asks for balanced accuracy."""
    labels = samples.labels["train"]
    used = np.concatenate([np.flatnonzero((labels == digit) == own)[:BALANCED_SAMPLES] for own in (True, False)])
    found = search_balanced(samples.weights, samples.first["train"][:, used], labels[used], digit, margin=margin)
    ends = size(samples.weights, found.edges)
    row = {
        "variant": f"balanced {margin:g}", "digit": digit, "edges": found.edges,
        "n_neurons": ends.n_first + ends.n_second + 1, "n_seed": -1, "n_grown": -1, "n_grown_edges": -1,
        "hits": [-1] * 4, "constant": not (found.edges[:, 0] == 1).any(), "untouched": False,
        "members": np.zeros(0, int),
    }  # fmt: skip
    return row | _measured(samples, row)


def _measured(samples, row):
    """Size and answers of a circuit: `scores` (set, [recall, false positives, AUC, loss])."""
    ends = size(samples.weights, row["edges"])
    scores = _scored(samples.answers(row["edges"]), samples.labels, row["digit"])
    return {"n_first": ends.n_first, "n_second": ends.n_second, "scores": scores}


def _scored(logits, labels, digit):
    """Recall, false-positive rate, AUC of the digit's logit and mean loss on the digit's images (nats), by set."""
    found = np.empty((len(SETS), 4))
    for i, which in enumerate(SETS):
        answer, own = np.asarray(logits[which], np.float64), labels[which] == digit
        recall, false, *_ = score(answer, labels[which], digit)
        found[i] = recall, false, auc(answer[:, digit], own), losses(answer[own], digit).mean()
    return found


def _nulls(samples, row, nulls, random):
    """Scores on the test images of random sub-graphs of the circuit's shape, shape (nulls, 4)."""
    first, labels = samples.first["test"], samples.labels["test"]
    own, found = labels == row["digit"], np.empty((nulls, 4))
    for i in range(nulls):
        edges = relabelled(row["edges"], samples.hidden, samples.hidden, random=random)
        answer = circuit_logits(samples.weights, edges, first)
        recall, false, *_ = score(answer, labels, row["digit"])
        found[i] = recall, false, auc(answer[:, row["digit"]], own), losses(answer[own], row["digit"]).mean()
    return found


def _all_ten(samples, coded):
    """What the ten circuits do together: the arg-max of their own logits, and the network of all their edges."""
    answers = [samples.answers(row["edges"]) for row in coded]
    joined = union([row["edges"] for row in coded])
    ends, whole = size(samples.weights, joined), samples.answers(joined)
    own = {
        which: np.stack([a[which][:, row["digit"]] for a, row in zip(answers, coded, strict=True)]) for which in SETS
    }
    return {
        "together": [(together(own[which]) == samples.labels[which]).mean() for which in SETS],
        "union": [(whole[which].argmax(axis=1) == samples.labels[which]).mean() for which in SETS],
        "union_size": [ends.n_edges, ends.n_first, ends.n_second],
    }


def _dataset(digests, is_anchor, found):
    ones = [one for one, *_ in found]
    rows = [(n, row) for n, (_, rows, _) in enumerate(found) for row in rows]
    listed = [(c, *edge) for c, (_, row) in enumerate(rows) for edge in row["edges"]]
    edges = np.array(listed, int).reshape(-1, 4)
    members = np.array([(c, m, i >= row["n_seed"]) for c, (_, row) in enumerate(rows)
                        for i, m in enumerate(row["members"])], int).reshape(-1, 3)  # fmt: skip
    nulls = [null for *_, of in found for null in of]
    null_of = [c for c, (n, row) in enumerate(rows) if is_anchor[n] and row["variant"] == "as-coded"]

    def of(name, dims, values, dtype, text, units="1"):
        return {name: (dims, np.asarray(values, dtype), {"units": units, "long_name": text, "D": "D41"})}

    network_, circuit = ("network",), ("circuit",)
    column = {name: [row[name] for _, row in rows] for name in rows[0][1]}
    scores, full = np.array(column["scores"]), np.array([one["full"] for one in ones])
    variables = {
        "digest": (network_, list(digests), {"long_name": "digest of the configuration"}),
        **of("hidden", network_, [one["hidden"] for one in ones], np.int32, "neurons a layer, h"),
        **of("anchor", network_, is_anchor, np.int8, "whether the network is one of the five anchors"),
        **of("accuracy", ("network", "set"), [one["accuracy"] for one in ones], np.float32, "share of right answers"),
        **of("n_dead", network_, [one["n_dead"] for one in ones], np.int32, "hidden neurons without variance"),
        **of("guessing", network_, [one["accuracy"][0] < CHANCE for one in ones], np.int8,
             "whether the network guesses: training accuracy below 0.2"),
        **of("output_bias", ("network", "output"), [one["output_bias"] for one in ones], np.float32, "b3"),
        **of("together", ("network", "set"), [one["together"] for one in ones], np.float32,
             "accuracy of the largest of the ten circuits' own logits"),
        **of("union_accuracy", ("network", "set"), [one["union"] for one in ones], np.float32,
             "accuracy of the network of all edges of the ten circuits"),
        **of("union_size", ("network", "kept"), [one["union_size"] for one in ones], np.int32,
             "edges, first and second-layer neurons of all ten circuits"),
        **of("circuit_network", circuit, [n for n, _ in rows], np.int16, "row of the network"),
        **of("variant", circuit, [VARIANTS.index(v) for v in column["variant"]], np.int8, "place in variant_name"),
        **of("digit", circuit, column["digit"], np.int8, "the digit that the circuit answers for"),
        **of("n_neurons", circuit, column["n_neurons"], np.int32, "N_V, the output among them"),
        **of("n_edges", circuit, [len(e) for e in column["edges"]], np.int32, "N_E"),
        **of("n_first", circuit, column["n_first"], np.int32, "first-layer neurons"),
        **of("n_second", circuit, column["n_second"], np.int32, "second-layer neurons"),
        **of("n_grown_edges", circuit, column["n_grown_edges"], np.int32, "edges before pruning; -1: not grown"),
        **of("hits", ("circuit", "stage"), column["hits"], np.int32,
             "training images of the digit recognised; -1: no such stage", "image"),
        **of("constant", circuit, column["constant"], np.int8, "whether no first-layer neuron is left"),
        **of("untouched", circuit, column["untouched"], np.int8, "whether the pruning rule could take nothing away"),
        **of("edge_circuit", ("edge",), edges[:, 0], np.int32, "row of the circuit"),
        **of("edge", ("edge", "end"), edges[:, 1:], np.int16, "layer, source, target"),
        **of("member_circuit", ("member",), members[:, 0], np.int32, "row of the circuit"),
        **of("member", ("member",), members[:, 1], np.int16, "hidden neuron before pruning, layer 2 from h on"),
        **of("member_grown", ("member",), members[:, 2], np.int8, "whether growing added it to the cluster"),
        **of("null_circuit", ("null_of",), null_of, np.int32, "row of the circuit"),
    }  # fmt: skip
    what = ("recall", "false_positive_rate", "auc", "loss")
    about = ("recall of the digit", "share of other images taken for it", "AUC of its logit", "mean loss on its images")
    for i, (name, text) in enumerate(zip(what, about, strict=True)):
        units = "nat" if name == "loss" else "1"
        variables |= of(name, ("circuit", "set"), scores[..., i], np.float32, text, units)
        variables |= of(f"full_{name}", ("network", "output", "set"), full[..., i], np.float32,
                        f"{text}: full network", units)  # fmt: skip
        values = [null[:, i] for null in nulls]
        variables |= of(f"null_{name}", ("null_of", "draw"), np.reshape(values, (len(null_of), -1)), np.float32,
                        f"{text}, test images: random sub-graphs of its shape", units)  # fmt: skip
    coordinates = {
        "set": list(SETS), "variant_name": list(VARIANTS), "kept": ["edges", "first", "second"],
        "end": ["layer", "source", "target"], "stage": ["cluster", "grown", "pruned", "full"],
    }  # fmt: skip
    return xr.Dataset(variables, coordinates)
