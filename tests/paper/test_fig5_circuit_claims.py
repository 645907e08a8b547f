"""Each rule of C105 to C115 can be met, met in part, and missed, on made-up circuits of the anchors."""

import numpy as np
import pytest

from critnet.paper import ledger, results
from critnet.paper.fig5 import answer_claims, answer_panels, circuit_claims, stored
from critnet.paper.rules import NOT, PARTLY, REPRODUCED, UNJUDGED, UNTESTABLE

BOTH = ("as-coded", "control")
CLAIMS = [*ledger.of_module(circuit_claims), *ledger.of_module(answer_claims)]
DIGITS = range(10)


@pytest.fixture(scope="module")
def real():
    return results.load_all(("circuits", "runs", "acting", "weights"))


def row(identity, data, definition="as-coded"):
    (claim,) = [c for c in CLAIMS if c.id == identity]
    return ledger.judge_in(claim, definition, data if isinstance(claim.data, tuple) else data[claim.data])


def made(real, edges=None, **columns):
    """The anchors' circuits with the same edges in each, or those of a function of the digit, and other columns.

    A column is a number, or a function of the frame of circuits; of a column over sets both get the value.
    """
    circuits = real["circuits"].copy(deep=True)
    rows = stored.frame(circuits, real["runs"])
    if edges is not None:
        listed = {row: np.reshape(edges(digit), (-1, 3)) for row, digit in zip(rows.index, rows.digit, strict=True)}
        circuits = circuits.drop_vars(["edge_circuit", "edge"]).assign(
            edge_circuit=(("edge",), np.repeat(list(listed), [len(e) for e in listed.values()])),
            edge=(("edge", "end"), np.concatenate(list(listed.values()))),
        )
        circuits["n_edges"][:] = [len(e) for e in listed.values()]
        circuits["n_first"][:] = [len(np.unique(e[e[:, 0] == 1, 1])) for e in listed.values()]
        circuits["constant"][:] = circuits["n_first"] == 0
    for name, given in columns.items():
        values = given(rows) if callable(given) else given
        if circuits[name].dims == ("circuit", "set"):
            circuits[name][:] = np.broadcast_to(np.reshape(values, (-1, 1)), circuits[name].shape)
        else:
            circuits[name][:] = values
    return {**real, "circuits": circuits}


def star(n_first, n_second=1, start=0):
    """All pairs of so many neurons of the two hidden layers, and their edges to the digit."""

    def edges(digit):
        middle = [(1, (start + i) % 50, j) for i in range(n_first) for j in range(n_second)]
        return [*middle, *((2, j, digit) for j in range(n_second))]

    return edges


@pytest.mark.parametrize("definition", BOTH)
@pytest.mark.parametrize(("edges", "found"), [(star(10), REPRODUCED), (star(10, 6), PARTLY), (star(12, 10), NOT)])
def test_edges_of_order_ten(real, edges, found, definition):
    assert row("C105", made(real, edges), definition).verdict == found


def test_the_honest_saving_counts_inputs(real):
    judged = row("C105", made(real, star(10)))
    assert judged.value == 11
    honest, bare = (judged.also[f"full network's weights over {of}"][0]
                    for of in ("those kept, inputs counted", "the edges"))  # fmt: skip
    assert honest == pytest.approx(42_200 / (784 * 10 + 11), rel=1e-3)
    assert bare == pytest.approx(42_200 / 11, rel=1e-3)


@pytest.mark.parametrize("definition", BOTH)
@pytest.mark.parametrize(("edges", "found"), [(star(10), REPRODUCED), (star(20, 10), PARTLY), (star(45, 10), NOT)])
def test_thousandfold(real, edges, found, definition):
    judged = row("C106", made(real, edges), definition)
    assert judged.verdict == found
    assert judged.follows_from == "C105"


@pytest.mark.parametrize("definition", BOTH)
@pytest.mark.parametrize(("edges", "found"), [(star(5, 5), REPRODUCED), (star(10, 1), PARTLY), (star(1, 1), NOT)])
def test_hundredfold_by_layer(real, edges, found, definition):
    assert row("C107", made(real, edges), definition).verdict == found


def looks_at(real, seen):
    """Networks whose first-layer neuron d looks at the mean image of digit seen[d], and circuits of it alone."""
    means = real["acting"]["class_mean"].values
    acting = real["acting"].copy(deep=True)
    acting["mean_activity"][:] = 1
    network = {"W1": np.zeros((50, 784)), "b1": np.zeros(50), "W2": np.ones((50, 50)), "b2": np.zeros(50),
               "W3": np.ones((10, 50)), "b3": np.zeros(10)}  # fmt: skip
    network["W1"][:10] = (means - means.mean(axis=0))[seen]
    return network, {**made(real, lambda d: [(1, d, 0), (2, 0, d)]), "acting": acting}


@pytest.mark.parametrize("definition", BOTH)
@pytest.mark.parametrize(
    ("seen", "found"),
    [(DIGITS, REPRODUCED), ([0, 1, 2, 3, 4, 5, 0, 0, 0, 0], PARTLY), ([9, 8, 7, 6, 5, 4, 3, 2, 1, 0], NOT)],
)
def test_features_of_the_digit(real, monkeypatch, seen, found, definition):
    network, data = looks_at(real, list(seen))
    monkeypatch.setattr(circuit_claims, "final_network", lambda data, seed: network)
    judged = row("C112", data, definition)
    assert judged.verdict == found
    assert judged.value == sum(a == b for a, b in zip(seen, DIGITS, strict=True))
    assert (judged.also[circuit_claims.CHANCE][0] < 0.01) == (found != NOT)


def test_a_circuit_that_looks_at_nothing_counts_as_wrong(real, monkeypatch):
    network, data = looks_at(real, list(DIGITS))
    monkeypatch.setattr(circuit_claims, "final_network", lambda data, seed: network)
    data = {**made(real, lambda d: [(1, d, 0), (2, 0, d)] if d < 7 else [(2, 0, d)]), "acting": data["acting"]}
    judged = row("C112", data)
    assert (judged.value, judged.verdict) == (7, PARTLY)


def correlated(real, inside, outside):
    """Circuits of five neurons of their own each; correlations by whether two neurons share one, with some scatter."""
    data = made(real, lambda d: [(1, 5 * d + i, d) for i in range(5)] + [(2, d, d)])
    of = np.full(110, -1)
    of[:50], of[50:60], of[100:] = np.arange(50) // 5, np.arange(10), np.arange(10)
    one, two = np.triu_indices(110, 1)
    C = np.where((of[one] == of[two]) & (of[one] >= 0), inside, outside)
    C = C * np.random.default_rng(1).choice([-1, 1], C.size) * np.random.default_rng(2).uniform(0.8, 1.2, C.size)
    acting = real["acting"].copy(deep=True)
    acting["test_correlation"][:] = np.rint(C * 32767).astype(np.int16)
    return {**data, "acting": acting}


@pytest.mark.parametrize("definition", BOTH)
@pytest.mark.parametrize(
    ("inside", "outside", "found"), [(0.6, 0.2, REPRODUCED), (0.6, 0.4, PARTLY), (0.3, 0.3, NOT), (0.2, 0.4, NOT)]
)
def test_blocks(real, inside, outside, found, definition):
    judged = row("C113", correlated(real, inside, outside), definition)
    assert judged.verdict == found
    assert judged.value == pytest.approx(inside / outside, rel=0.05)


def sharing(common):
    """Ten edges between the hidden layers, so many of them the same for all digits."""
    return lambda d: [(1, i, 0) if i < common else (1, i, 1 + d) for i in range(10)]


@pytest.mark.parametrize("definition", BOTH)
@pytest.mark.parametrize(("common", "found"), [(1, REPRODUCED), (3, PARTLY), (6, NOT)])
def test_shared_edges(real, common, found, definition):
    judged = row("C114", made(real, sharing(common)), definition)
    assert judged.verdict == found
    assert judged.value == pytest.approx(common / (20 - common), rel=1e-3)
    assert judged.meaning == "no"  # random sets of ten among 2500 share still fewer, so few shared edges are no sign
    assert "further the way the sentence says" in judged.reason
    assert judged.null["as many edges are drawn at random"][2] < 0.01


@pytest.mark.parametrize("definition", BOTH)
@pytest.mark.parametrize(("rise", "null", "found"), [(0.05, 3, REPRODUCED), (0.05, 0.01, PARTLY), (0.3, 3, PARTLY),
                                                     (0.8, 3, NOT)])  # fmt: skip
def test_loss_rises_little(real, rise, null, found, definition):
    data = made(real, constant=0, loss=lambda r: r.full_loss + rise, null_loss=null)
    assert row("C108", data, definition).verdict == found


def answers(better, recall=1.0):
    """False positives and recall of circuits; the full network says yes to 97 % and 3 %."""
    return {
        "constant": 0, "full_recall": 0.97, "full_false_positive_rate": 0.03, "null_recall": 0.5,
        "null_false_positive_rate": 0.5, "recall": recall,
        "false_positive_rate": lambda rows: np.where(rows.digit < better, 0.001, 0.5),
    }  # fmt: skip


def answered(real, **columns):
    """Circuits of such answers, and McNemar's counts of them: as few images apart as these answers allow."""
    data = made(real, **columns)
    counts, acting = [], real["acting"].copy(deep=True)
    for part in answer_claims.circuits_of(data, "as-coded"):
        n = answer_claims.IMAGES[part.digit.values]
        on = np.rint((part.recall.values - part.full_recall.values) * n)
        off = np.rint((part.full_false.values - part.false.values) * (10_000 - n))
        counts.append([[np.maximum(each, 0), np.maximum(-each, 0)] for each in (on, off)])
    acting["discordant"][:] = np.moveaxis(counts, -1, 1)
    return data | {"acting": acting}


@pytest.mark.parametrize("definition", BOTH)
@pytest.mark.parametrize(("better", "found"), [(10, REPRODUCED), (8, PARTLY), (6, PARTLY), (2, NOT)])
def test_better_than_the_full_network(real, better, found, definition):
    """Eight of ten that are better do not outweigh two that are much worse: the mean has to be higher, too."""
    judged = row("C109", answered(real, **answers(better)), definition)
    assert judged.verdict == found
    assert judged.value == better
    assert judged.also["digits with the larger recall"][0] == 10


def test_a_circuit_that_always_says_yes_is_not_better(real):
    data = answered(real, **(answers(0) | {"false_positive_rate": 1.0}))
    assert row("C109", data).value == 0
    assert row("C109", data).also["mean balanced accuracy"] == [0.5]


def test_as_many_images_apart_on_either_side_are_no_difference(real):
    data = answered(real, **answers(10))
    data["acting"]["discordant"][:] = 40
    judged = row("C109", data)
    assert judged.value == judged.also["digits where it is smaller, beyond its limits"][0] == 0


def test_limits_of_the_difference_are_those_of_resampled_images():
    """Two networks on known images of the digit 0: the spread of the difference is the bootstrap's."""
    random, n = np.random.default_rng(0), answer_claims.IMAGES[0]
    sizes = (n, 10_000 - n)
    right = [(random.random((2, size)) < share) for size, share in
             zip(sizes, ([[0.9], [0.8]], [[0.6], [0.95]]), strict=True)]  # fmt: skip
    counts = [[(a & ~b).sum(), (b & ~a).sum()] for a, b in right]
    drawn = np.mean(
        [(one.astype(float) - other)[random.integers(0, one.size, (2000, one.size))].mean(axis=1)
         for one, other in right], axis=0
    )  # fmt: skip
    middle, low, high = answer_claims.difference(np.array([counts]), np.array([0]))[:, 0]
    assert middle == pytest.approx(np.mean([a.mean() - b.mean() for a, b in right]))
    assert (high - low) / 2 == pytest.approx(answer_claims.NINETY_FIVE * drawn.std(), rel=0.06)


def test_stored_counts_are_of_the_stored_circuits(real):
    """What two shares of right answers differ by is what McNemar's counts differ by, of each circuit of each anchor."""
    hits = real["circuits"]["full_recall"].values[:, :, 1] * answer_claims.IMAGES
    assert np.abs(hits - np.rint(hits)).max() < 1e-3  # the numbers of test images are those of the data
    assert answer_claims.IMAGES.sum() == 10_000
    for s, part in enumerate(answer_claims.circuits_of(real, "as-coded")):
        counts = real["acting"]["discordant"].values[s, part.digit].astype(int)
        apart, n = counts[..., 0] - counts[..., 1], answer_claims.IMAGES[part.digit.values]
        assert np.abs((part.recall - part.full_recall) * n - apart[:, 0]).max() < 0.01
        assert np.abs((part.full_false - part.false) * (10_000 - n) - apart[:, 1]).max() < 0.01


@pytest.mark.parametrize(("kept", "found"), [(10, REPRODUCED), (8, PARTLY), (3, NOT)])
def test_kept_recall_is_an_acceptance_rule(real, kept, found):
    data = made(real, full_recall=0.9, recall=lambda rows: np.where(rows.digit < kept, 0.9, 0.8))
    judged = row("C110", data)
    assert (judged.verdict, judged.value) == (UNJUDGED, kept)
    (claim,) = [c for c in CLAIMS if c.id == "C110"]
    assert claim.rule.judge(claim.measure(data, "as-coded").numbers()) == found


@pytest.mark.parametrize("definition", BOTH)
@pytest.mark.parametrize(("recall", "false", "found"), [(0.1, 0.2, REPRODUCED), (0.5, 0.1, PARTLY), (0.9, 0.1, NOT)])
def test_poor_without(real, recall, false, found, definition):
    acting = real["acting"].copy(deep=True)
    acting["rest"][..., 0], acting["rest"][..., 1] = recall, false
    assert row("C111", {**made(real, constant=0), "acting": acting}, definition).verdict == found


def tails(normal):
    """Log-likelihood ratios and p of ten digits: log-normal for those named, for all others a power law."""
    ratio = np.where(np.isin(DIGITS, normal), -5.0, 5.0)
    return np.stack([np.full(10, 2.0), ratio, np.full(10, 0.01)], axis=1)


@pytest.mark.parametrize("definition", BOTH)
@pytest.mark.parametrize(
    ("normal", "found"),
    [((9, 8, 1), REPRODUCED), ((9,), PARTLY), ((9, 1, 2, 3, 4), PARTLY), ((), NOT), ((0, 2, 3), NOT)],
)
def test_tails_by_digit(real, monkeypatch, normal, found, definition):
    monkeypatch.setattr(answer_panels, "loss_tails", lambda *given: tails(normal))
    judged = row("C115", real, definition)
    assert judged.verdict == found
    assert judged.also["seeds that show both"][0] == (found == REPRODUCED)


def test_tails_are_told_apart_from_bins(real):
    """Power laws, counted in the bins of the data, are never taken for log-normal; most wide log-normals are."""
    acting, random = real["acting"].copy(deep=True), np.random.default_rng(0)
    for digit in DIGITS:
        drawn = np.exp(random.normal(-6, 4, 6000)) if digit in (9, 8, 1) else 1e-3 * (random.pareto(1.0, 6000) + 1)
        acting["loss_log_count"][0, digit] = np.histogram(drawn, acting["loss_edge"].values)[0]
    _, ratio, p = answer_panels.loss_tails(acting, 0).T
    normal = (ratio < 0) & (p < 0.1)
    assert normal[[9, 8, 1]].sum() >= 2
    assert not normal[[0, 2, 3, 4, 5, 6, 7]].any()


def test_nothing_to_judge(real):
    empty = made(real, anchor=0)
    silent = made(real, lambda d: [(2, 0, d)])
    for claim in CLAIMS:
        if claim.id != "C115":
            assert row(claim.id, empty).verdict == UNTESTABLE
    for identity in ("C108", "C109", "C111"):
        assert row(identity, silent, "control").verdict == UNTESTABLE
    assert row("C114", silent).verdict == UNTESTABLE
    acting = real["acting"].copy(deep=True)
    for name in ("loss_log_count", "loss_count"):
        acting[name][:] = 0
    for definition in BOTH:
        assert row("C115", {"acting": acting}, definition).verdict == UNTESTABLE
