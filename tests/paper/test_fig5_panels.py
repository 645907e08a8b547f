"""Fig. 5: what the panels draw is what is stored, and what is stored is what the definitions say."""

import numpy as np
import pytest

from critnet.circuits.masks import logits, masked_weights, score
from critnet.circuits.scores import balanced_accuracy
from critnet.explore import NoMatch
from critnet.paper import results, style
from critnet.paper.fig5 import answer_panels, avalanche_panels, circuit_panels, coupling_panels, explorers, stored

MODULES = (circuit_panels, answer_panels, avalanche_panels, coupling_panels)
LETTERS = {name: module for module in MODULES for name in module.PANELS}


@pytest.fixture(autouse=True)
def light():
    with style.theme("light"):
        yield


@pytest.fixture(scope="module")
def circuits():
    return results.load_all(circuit_panels.DATA)


@pytest.fixture(scope="module")
def rows(circuits):
    return stored.frame(circuits["circuits"], circuits["runs"])


@pytest.mark.parametrize("definition", ["as-coded", "control"])
@pytest.mark.parametrize("letter", LETTERS)
def test_each_panel_states_its_definition_and_numbers(letter, definition):
    module = LETTERS[letter]
    drawing = module.PANELS[letter](results.load_all(module.DATA), definition=definition)
    assert definition in drawing.alt
    assert len(drawing.table) > 10
    assert drawing.figure.get_size_inches()[0] == 7.6


def test_circuits_of_the_anchor_answer_on_the_stored_images_as_their_scores_say(circuits, rows):
    weights, (images, labels) = explorers.network(circuits["fig5"]), explorers.samples(circuits["fig5"])
    for row in stored.of_anchor(rows, 0).itertuples():
        edges = stored.edges_of(circuits["circuits"], row.Index)
        found = score(logits(masked_weights(weights, edges, definition="as-coded"), images), labels, row.digit)
        assert found.recall == pytest.approx(row.recall, abs=0.15)  # 100 of some 1000 images
        assert found.false_positive_rate == pytest.approx(row.false, abs=0.06)


def test_stages_of_a_circuit_are_within_each_other(circuits, rows):
    for row in stored.of_anchor(rows, 0).itertuples():
        stages = [
            {tuple(e) for e in stored.edges_at(circuits["circuits"], row.Index, row.digit, s, 50).tolist()}
            for s in stored.STAGES
        ]
        assert stages[0] <= stages[1]
        assert stages[2] <= stages[1]
        assert len(stages[2]) == row.n_edges
    with pytest.raises(NoMatch, match="cluster, grown, pruned"):
        circuit_panels.fig5a(circuits, stage="ripe")


def test_neurons_in_circuit_order_are_all_there(circuits, rows):
    neurons, blocks = stored.neurons_in_order(circuits["circuits"], stored.of_anchor(rows, 0), 50)
    assert set(neurons.tolist()) == set(range(110))
    for row in stored.of_anchor(rows, 0).itertuples():
        assert (blocks == row.digit).sum() == row.n_neurons
    assert np.bincount(neurons[blocks == -1], minlength=1).max() <= 1


def test_blocks_are_means_over_pairs(circuits, rows):
    C = circuit_panels.unseen_correlation(circuits["acting"], 1, "control")
    assert np.allclose(C, C.T)
    inside, members = circuit_panels.pairs_inside(circuits["circuits"], stored.of_anchor(rows, 1), 50)
    neurons, blocks = stored.neurons_in_order(circuits["circuits"], stored.of_anchor(rows, 1), 50)
    own = {d: set(neurons[blocks == d].tolist()) for d in range(10)}
    within, between = [], []
    for k, a in enumerate(members):
        for b in members[k + 1 :]:
            shared = any(a in o and b in o for o in own.values())
            (within if shared else between).append(abs(C[a, b]))
    found = circuit_panels.blocks_of(C, inside, members)
    assert found == pytest.approx((np.mean(within), np.mean(between)))


def test_the_rest_circuit_and_whole_stand_in_5e(circuits, rows):
    data = {name: circuits[name] for name in answer_panels.DATA}
    values = answer_panels.reserves(data, 2, "train")
    own = stored.of_anchor(rows, 2)
    assert np.allclose(values[1, :, 0], own.train_recall)
    table = answer_panels.fig5e(data, seed=2, which="train").table
    expected = balanced_accuracy(values[0, :, 0], values[0, :, 1])
    assert np.allclose(table[table.reserve == "whole network"]["balanced accuracy"], expected)
    with pytest.raises(NoMatch, match="train and test"):
        answer_panels.fig5e(data, which="validation")


def test_densities_of_losses_add_up_to_one(circuits):
    data = {name: circuits[name] for name in answer_panels.DATA}
    table = answer_panels.fig5d(data, seed=0, digit=0, definition="as-coded").table
    low, high = circuits["acting"]["loss_range"].values[0, 0]
    assert table.density.sum() * (high - low) / 100 == pytest.approx(1)


def test_circuits_that_are_left_out_are_those_of_their_flags(circuits, rows):
    coded = rows[rows.variant == "as-coded"]
    assert len(stored.sizes(rows)) == len(coded) == 10 * circuits["circuits"].sizes["network"]
    kept = stored.sizes(rows, collapsed=False, untouched=False, constant=False)
    assert not (kept.guessing | kept.untouched | kept.constant).any()
    assert len(kept) == (~(coded.guessing | coded.untouched | coded.constant)).sum()
    assert (coded[coded.constant].n_first == 0).all()
    assert (coded[~coded.constant].n_first > 0).all()


def test_sizes_by_model_size_and_mobility_are_plain_means(circuits, rows):
    data = {name: circuits[name] for name in avalanche_panels.DATA}
    table = avalanche_panels.fig5f(data).table.set_index("hidden")
    mine = rows[(rows.variant == "as-coded") & (rows.hidden == 30)]
    assert table.loc[30, "n_edges mean"] == pytest.approx(mine.groupby("network").n_edges.mean().mean())
    assert table.loc[30, "neurons"] == 70
    table = avalanche_panels.fig5g(data, family="learning rates").table
    assert len(table) == len(np.unique(table.ln_mobility)) > 15
    assert avalanche_panels.fig5g(data, family="batch sizes").table.ln_mobility.min() > -10
    with pytest.raises(NoMatch, match="batch sizes"):
        avalanche_panels.fig5g(data, family="seeds")


def test_the_distribution_of_sizes_holds_every_circuit_with_an_edge(circuits, rows):
    data = {name: circuits[name] for name in avalanche_panels.DATA}
    table = avalanche_panels.fig5i(data).table
    coded = rows[rows.variant == "as-coded"]
    assert table[table.quantity == "n_edges"].circuits.sum() == (coded.n_edges >= 1).sum()
    assert table[table.quantity == "n_neurons"].circuits.sum() == len(coded)
    with pytest.raises(NoMatch, match="Fewer than 20"):
        avalanche_panels.fig5i(data, hidden=7)


@pytest.fixture(scope="module")
def coupling():
    return results.load_all(coupling_panels.DATA)


def test_the_cost_is_the_sum_over_edges_and_freezing_meets_it_at_its_moment(coupling):
    data = coupling["coupling"]
    for seed, digit in ((0, 0), (1, 4), (3, 6)):
        rows = (data["edge_seed"].values == seed) & (data["edge_digit"].values == digit)
        t, cost = coupling_panels.costs(data, seed, digit)
        expected = -(data["weight"].values[:, rows] * data["moment"].values[:, rows]).sum(axis=1)
        assert cost == pytest.approx(expected[np.isin(data["t"].values, t)], rel=1e-5)
        for frozen in ("weights", "coherence"):
            _, other = coupling_panels.costs(data, seed, digit, frozen=frozen, at=100)
            assert other[list(t).index(100)] == pytest.approx(cost[list(t).index(100)])
        weight = np.abs(data["weight"].values[:, rows]).sum(axis=1)
        _, unit = coupling_panels.costs(data, seed, digit, form="per unit of weight")
        assert unit == pytest.approx(cost / weight[np.isin(data["t"].values, t)], rel=1e-4)


def test_the_overlap_is_that_of_the_stored_histograms(coupling):
    data = coupling["coupling"]
    for i, t in enumerate(data["shown"].values):
        for digit in (0, 8):
            counts = data["output_count"].values[i, digit]
            shares = counts / counts.sum(axis=1, keepdims=True)
            row = list(data["t"].values).index(t)
            assert float(data["overlap"].values[0, row, digit]) == pytest.approx(np.minimum(*shares).sum(), abs=1e-6)


def test_single_images_are_those_of_fig_1(coupling):
    assert np.array_equal(coupling["fig1"]["image_label"].values, coupling_panels.LABELS)


def test_what_is_not_stored_is_no_match(coupling):
    with pytest.raises(NoMatch, match="t = 7"):
        coupling_panels.fig5l(coupling, t=7)
    with pytest.raises(NoMatch, match="signal to noise"):
        coupling_panels.fig5m(coupling, form="squared")
    with pytest.raises(NoMatch, match="iteration t = 12"):
        coupling_panels.costs(coupling["coupling"], 0, 0, frozen="weights", at=12)
    constant = [d for d in range(10) if coupling_panels._edges(coupling["coupling"], 0, d).sum() < 2]
    for digit in constant:
        with pytest.raises(NoMatch, match="nothing acts together"):
            coupling_panels.fig5j(coupling, digit=digit)
