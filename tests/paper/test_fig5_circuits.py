"""Circuits of stored networks, what they do, their coupling over training: small networks against whole passes."""

import numpy as np
import pytest
import xarray as xr

from critnet.circuits.coupling import energy
from critnet.circuits.edges import size
from critnet.circuits.masks import complement_weights, logits, masked_weights, score
from critnet.circuits.scores import auc, overlap
from critnet.circuits.search import search
from critnet.errors import UsageError
from critnet.neurons.activity import correlation, forward, standardise_samples
from critnet.paper.fig5 import acting, coupling, found
from critnet.training.datasets import Digits
from critnet.training.mlp import flatten, init_weights


@pytest.fixture(scope="module")
def digits():
    random = np.random.default_rng(0)
    labels = np.arange(400) % 10
    images = (random.standard_normal((10, 784))[labels] + random.standard_normal((400, 784))).astype(np.float32)
    return Digits(images, labels, images[:120], labels[:120], "synthetic")


def trained(seed, hidden=8):
    """A network with something to find: random weights, outputs fitted to nothing."""
    weights = init_weights(hidden, seed=seed)
    random = np.random.default_rng(seed)
    return weights | {f"b{k}": (0.1 * random.standard_normal(len(weights[f"b{k}"]))).astype(np.float32) for k in "123"}


@pytest.fixture(scope="module")
def stored():
    networks = [trained(0), trained(1), trained(0), trained(2, 5)]
    return xr.Dataset({
        "parameter": (("position",), np.concatenate([flatten(w) for w in networks])),
        "start": (("run",), np.cumsum([0, *(flatten(w).size for w in networks[:-1])])),
        "digest": (("run",), ["a", "b", "again", "c"]), "hidden": (("run",), np.array([8, 8, 8, 5], np.int32)),
    })  # fmt: skip


@pytest.fixture(scope="module")
def circuits(stored, digits):
    return found.circuits(stored, digits, anchors=["b"], nulls=3)


def edges_of(data, row):
    return data["edge"].values[data["edge_circuit"].values == row].astype(int)


def test_a_network_that_is_stored_twice_comes_once(circuits):
    assert circuits["digest"].values.tolist() == ["a", "b", "c"]
    assert circuits["anchor"].values.tolist() == [0, 1, 0]
    assert np.bincount(circuits["circuit_network"].values).tolist() == [10, 60, 10]


def test_every_circuit_is_what_the_search_finds_and_answers_as_the_masked_network(circuits, digits):
    networks = [trained(0), trained(1), trained(2, 5)]
    for row in np.flatnonzero(circuits["variant"].values < 2):
        weights, digit = networks[circuits["circuit_network"].values[row]], int(circuits["digit"].values[row])
        activity = forward(weights, digits.images)
        definition = str(circuits["variant_name"].values[circuits["variant"].values[row]])
        C = correlation(activity, definition=definition)
        expected = search(weights, C, activity[: len(weights["b1"])], digits.labels, digit)
        assert edges_of(circuits, row).tolist() == expected.edges.tolist()
        here = circuits.isel(circuit=row)
        assert here["hits"].values.tolist() == [
            expected.hits_seed, expected.hits_grown, expected.hits, expected.hits_full,
        ]  # fmt: skip
        assert (int(here["n_neurons"]), int(here["n_edges"])) == (expected.n_neurons, expected.n_edges)
        assert (bool(here["constant"]), bool(here["untouched"])) == (expected.is_constant, expected.is_untouched)
        grown = circuits["member"].values[circuits["member_circuit"].values == row]
        assert sorted(grown.tolist()) == expected.grown.tolist()


def test_scores_are_those_of_whole_forward_passes(circuits, digits):
    networks = [trained(0), trained(1), trained(2, 5)]
    for row in range(0, circuits.sizes["circuit"], 7):
        here = circuits.isel(circuit=row)
        weights, digit = networks[int(here["circuit_network"])], int(here["digit"])
        edges = edges_of(circuits, row)
        ends = size(weights, edges)
        assert (int(here["n_first"]), int(here["n_second"])) == (ends.n_first, ends.n_second)
        for i, (images, labels) in enumerate(
            ((digits.images, digits.labels), (digits.test_images, digits.test_labels))
        ):
            answers = logits(masked_weights(weights, edges, definition="as-coded"), images)
            recall, false, *_ = score(answers, labels, digit)
            assert float(here["recall"][i]) == pytest.approx(recall, abs=0.02)  # one image, where two logits tie
            assert float(here["false_positive_rate"][i]) == pytest.approx(false, abs=0.01)
            assert float(here["auc"][i]) == pytest.approx(auc(answers[:, digit], labels == digit), abs=1e-4)
            own = answers[labels == digit]
            loss = np.log(np.exp(own).sum(axis=1)) - own[:, digit]
            assert float(here["loss"][i]) == pytest.approx(loss.mean(), rel=1e-4)


def test_ten_circuits_and_their_union_answer_as_they_are_defined(circuits, digits):
    weights, own, joined = trained(2, 5), [], set()
    for row in np.flatnonzero(circuits["circuit_network"].values == 2):
        edges = edges_of(circuits, row)
        joined |= {tuple(edge) for edge in edges.tolist()}
        own.append(
            logits(masked_weights(weights, edges, definition="as-coded"), digits.images)[
                :, int(circuits["digit"].values[row])
            ]
        )
    right = np.mean(np.argmax(own, axis=0) == digits.labels)
    assert float(circuits["together"].values[2, 0]) == pytest.approx(right, abs=0.006)
    assert int(circuits["union_size"].values[2, 0]) == len(joined)
    whole = logits(masked_weights(weights, sorted(joined), definition="as-coded"), digits.images).argmax(axis=1)
    assert float(circuits["union_accuracy"].values[2, 0]) == pytest.approx(np.mean(whole == digits.labels), abs=0.006)


def test_our_own_circuits_keep_the_balanced_accuracy_that_they_ask_for(circuits):
    names = circuits["variant_name"].values.tolist()
    for margin in found.MARGINS:
        rows = np.flatnonzero(circuits["variant"].values == names.index(f"balanced {margin:g}"))
        assert len(rows) == 10
        for row in rows:
            digit = int(circuits["digit"].values[row])
            full = circuits.isel(network=1, output=digit, set=0)
            accuracy, whole = (
                (1 + float(d[f"{p}recall"]) - float(d[f"{p}false_positive_rate"])) / 2
                for d, p in ((circuits.isel(circuit=row, set=0), ""), (full, "full_"))
            )
            assert accuracy >= whole - margin - 1e-6  # the search saw all of these few images


def test_null_sub_graphs_belong_to_the_anchors_coded_circuits(circuits):
    assert circuits["null_circuit"].values.tolist() == list(range(10, 20))
    assert circuits["null_recall"].shape == (10, 3)
    constant = circuits["constant"].values[10:20].astype(bool)
    for i in np.flatnonzero(constant):  # nothing of an image enters a constant circuit, whichever its neurons
        assert np.ptp(circuits["null_recall"].values[i]) == 0


def test_what_acts_is_what_the_networks_say(digits):
    weights = trained(1)
    data = acting.acting({4: weights}, digits)
    train, test = forward(weights, digits.images), forward(weights, digits.test_images)
    assert np.allclose(data["mean_activity"].values[0, 0, 3], train[:, digits.labels == 3].mean(axis=1), atol=1e-5)
    assert np.allclose(data["mean_activity"].values[0, 1, 7], test[:, digits.test_labels == 7].mean(axis=1), atol=1e-5)
    assert np.allclose(data["corrupted_activity"].values[0, 0], data["mean_activity"].values[0, 1])
    upper = np.triu_indices(26, 1)
    expected = correlation(test, definition="control")[upper]
    assert np.allclose(data["test_correlation"].values[0, 1] / acting.WHOLE, expected, atol=1e-4)
    C = correlation(train, definition="as-coded")
    for digit in (0, 5):
        edges = search(weights, C, train[:8], digits.labels, digit).edges
        own = digits.labels == digit
        answers = logits(complement_weights(weights, edges), digits.images)
        assert float(data["rest"].values[0, digit, 0, 0]) == pytest.approx(
            np.mean(answers[own].argmax(axis=1) == digit)
        )
        alone = logits(masked_weights(weights, edges, definition="as-coded"), digits.test_images)
        shown, network = digits.test_labels == digit, test[16:].argmax(axis=0) == digit
        one, other = (says == shown for says in (alone.argmax(axis=1) == digit, network))
        counts = [[(side & a & ~b).sum() for a, b in ((one, other), (other, one))] for side in (shown, ~shown)]
        assert data["discordant"].values[0, digit].tolist() == counts
        kept = logits(masked_weights(weights, edges, definition="as-coded"), digits.images[own])
        loss = np.log(np.exp(kept).sum(axis=1)) - kept[:, digit]
        assert data["loss_range"].values[0, digit] == pytest.approx([loss.min(), loss.max()], rel=1e-4)
        assert data["loss_count"].values[0, digit].sum() == data["loss_log_count"].values[0, digit].sum() == own.sum()
    assert np.allclose(data["class_mean"].values[2], digits.images[digits.labels == 2].mean(axis=0), atol=1e-6)


def test_coupling_is_that_of_the_definition_at_every_step(digits):
    courses = {0: {0: trained(3), 10: trained(4), 90: trained(5)}, 1: {0: trained(6), 90: trained(7)}}
    data = coupling.coupling(courses, digits)
    assert data["t"].values.tolist() == [0, 10, 90]
    edges = data["edge"].values.astype(int)
    for s, networks in courses.items():
        for step, weights in networks.items():
            Z = standardise_samples(forward(weights, digits.images)).astype(float)
            z = (Z - Z.mean(axis=1, keepdims=True)) / Z.std(axis=1, keepdims=True)
            i = data["t"].values.tolist().index(step)
            for digit in (0, 4, 9):
                rows = (data["edge_seed"].values == s) & (data["edge_digit"].values == digit)
                cost = np.zeros(z.shape[1])
                for layer, a, b in edges[rows]:
                    w = (weights["W2"] if layer == 1 else weights["W3"])[b, a]
                    cost -= w * z[a if layer == 1 else 8 + a] * z[8 + b if layer == 1 else 16 + b]
                own = digits.labels == digit
                got = energy(data["weight"].values[i, rows], data["moment"].values[i, rows])
                assert got == pytest.approx(cost[own].mean(), abs=1e-4)
                outputs = forward(weights, digits.images)[-10:]
                assert float(data["overlap"].values[s, i, digit]) == pytest.approx(
                    overlap(outputs[digit], own), abs=1e-6
                )
                assert float(data["auc"].values[s, i, digit, 2]) == pytest.approx(auc(outputs[digit], own), abs=1e-6)
                if rows.any():
                    assert float(data["auc"].values[s, i, digit, 0]) == pytest.approx(auc(-cost, own), abs=1e-3)
    late = data["t"].values == 10
    assert np.isnan(data["overlap"].values[1, late]).all()
    assert np.isnan(data["weight"].values[late][:, data["edge_seed"].values == 1]).all()
    assert data["shown"].values.tolist() == [10, 90]
    assert data["output_count"].values[0, 3].sum() == 400


def test_steps_are_even_in_the_logarithm_and_hold_what_is_shown():
    stored = [*range(50), *range(50, 500, 10), *range(500, 200_000, 500), 200_000]
    chosen = coupling.log_steps(stored)
    assert {0, 1, 10, 100, 200_000} <= set(chosen) <= set(stored)
    assert 55 <= len(chosen) <= 67
    late = np.log([t for t in chosen if t > 1000])
    assert np.diff(late).max() < 3 * np.diff(late).mean()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"digit": 3}, "digit"),
        ({"labels": [0]}, "a row a sample"),
        ({"other": np.zeros((2, 4))}, "a row a sample"),
    ],
)
def test_what_cannot_be_compared_is_refused(change, words):
    given = {"one": np.eye(3)[:2], "other": np.eye(3)[1:], "labels": [0, 1], "digit": 0}
    assert acting.discordant(**given).tolist() == [[1, 0], [0, 0]]
    with pytest.raises(UsageError, match=words):
        acting.discordant(**(given | change))


def test_dead_networks_and_missing_classes(digits):
    """Without a live neuron no circuit has an edge, and what is measured of none is no error; a class must be there."""
    weights = trained(1)
    dead = weights | {"b1": np.full_like(weights["b1"], -1e4), "b2": np.full_like(weights["b2"], -1e4)}
    data = acting.acting({0: dead}, digits)
    assert (data["discordant"].values[0, :, :, 0].sum(axis=1) == 0).all()  # both answer alike, whatever is shown
    assert (data["mean_activity"].values[..., :16] == 0).all()
    course = coupling.coupling({0: {0: weights, 100: dead}}, digits)
    assert course.sizes["edge"] == 0
    assert (course["signal_cost"].values == 0).all()
    missing = digits._replace(labels=np.where(digits.labels == 4, 1, digits.labels))
    for measure in (acting.acting, lambda ends, given: coupling.coupling({0: {0: ends[0]}}, given)):
        with pytest.raises(UsageError, match="no image is labelled 4"):
            measure({0: weights}, missing)
    with pytest.raises(UsageError, match="no image is labelled 4 among the test images"):
        acting.acting(
            {0: weights}, digits._replace(test_labels=np.where(digits.test_labels == 4, 1, digits.test_labels))
        )
