"""What chapter 4.1 says in words is so: its numbers against the ledger and the committed results."""

import numpy as np
import pytest

from critnet.circuits.masks import logits, masked_weights, score
from critnet.paper import ledger, panels, results, style
from critnet.paper.fig5 import answer_tables, circuit_panels, explorers, stored
from critnet.paper.fig5.answer_claims import circuits_of, difference
from critnet.paper.fig5.coupling_claims import final_network
from critnet.training.datasets import normalise


@pytest.fixture(scope="module")
def data():
    return results.load_all(("circuits", "runs", "weights", "acting"))


@pytest.fixture(scope="module")
def judged():
    return {(row.id, row.definition): row for row in ledger.read()}


@pytest.fixture(scope="module")
def rows(data):
    found = stored.frame(data["circuits"], data["runs"])
    return found[found.anchor & (found.variant == stored.CODED)]


def test_the_opening(data):
    found = answer_tables.medians(data)
    coded, own = found.loc["paper's search"], found.loc["says no, 0.05"]
    assert round(10 * coded.false) == 9  # nine of ten other digits
    assert coded.recall > 0.995
    assert own.balanced > 0.93
    assert own.n_edges / coded.n_edges == pytest.approx(5, abs=0.1)
    assert own.n_first / coded.n_first > 2
    blank = answer_tables.answers_blank(data)
    assert blank.sum() == 46
    assert np.flatnonzero(~blank[:10]).tolist() == [0, 7]  # of the seed in the explorer
    assert logits(final_network(data, 0), normalise(np.zeros((1, 784), np.uint8))).argmax() == 5
    assert answer_tables.answers_blank(data, "balanced 0.05").sum() < 15


def test_saving_and_order_of_logits(data):
    found = answer_tables.medians(data)
    coded = found.loc["paper's search"]
    assert (coded.n_edges, coded.n_first, round(coded.reduction)) == (11, 6, 9)
    assert coded.by_edges == pytest.approx(4000, rel=0.05)
    assert found.loc["full network"].by_edges == pytest.approx(14, abs=0.1)
    of = [name for name in found.index if name.startswith("says no")]
    for column in ("n_edges", "n_first", "recall", "balanced"):
        assert (np.diff(found.loc[of, column]) > 0).all()
    assert round(coded.auc, 2) == 0.89
    assert round(found.loc["random, same shape"].auc, 2) == 0.55
    table = answer_tables.one_each({name: data[name] for name in ("circuits", "runs")})
    assert len(table.frame) == len(found) == 7


def test_two_circuits_at_the_origin(rows):
    never = rows[(rows.recall == 0) & (rows.false == 0)]
    assert sorted(never.n_edges) == [1, 9]
    assert never[never.n_edges == 1].constant.all()
    assert (rows.recall > 0.98).sum() == 48


def test_the_circuits_of_the_displayed_seed(rows, judged):
    of = stored.of_anchor(rows, 0).set_index("digit")
    assert of.index[of.n_edges > 100].tolist() == of.index[of.untouched & ~of.constant].tolist() == [3, 5]
    assert (of.n_edges[7], of.n_first[7]) == (1, 0)
    size = judged["C105", "as-coded"]
    assert [round(x) for x in (size.value, size.low, size.high)] == [15, 10, 39]
    looks = judged["C112", "as-coded"]
    assert (looks.low, looks.high) == (8, 9)
    assert looks.also["by paths alone"][1] == 5
    assert looks.null["the digits are dealt out anew"][0] == 1


def test_answers(data, judged):
    answers = judged["C109", "as-coded"].also
    assert round(answers["mean balanced accuracy"][0], 2) == 0.54
    for part in circuits_of(data, "as-coded"):
        counts = data["acting"]["discordant"].sel(seed=part.seed.iloc[0]).values[part.digit]
        assert (difference(counts, part.digit.values)[2] < 0).all()  # in no seed and for no digit
        assert part.full_recall.mean() / 2 + (1 - part.full_false.mean()) / 2 == pytest.approx(0.99, abs=0.005)
    loss = judged["C108", "as-coded"]
    assert round(loss.value, 2) == 0.14
    (null,) = loss.null.values()
    assert round(null[0], 1) == 2.4
    left = judged["C111", "as-coded"].also
    assert round(left["recall"][0], 1) == 0.3
    assert left["false positives"][2] < 0.003
    together = answer_tables.shares_together(data)
    assert (together.together < 0.5).all()
    assert together.union.median() < together.together.median()
    assert together["first"].median() / 50 == pytest.approx(2 / 3, abs=0.06)
    assert len(answer_tables.all_ten(data).frame) == 5


def test_tails_and_order(judged):
    acting = results.load("acting")
    low, high = acting["loss_range"].values[0].T
    with np.errstate(divide="ignore", invalid="ignore"):
        decades = np.log10(high / low)
    assert np.flatnonzero(decades > 10).tolist() == [3, 5]
    others = np.delete(decades, [3, 5, 7])
    assert others.min() > 1
    assert others.max() < 7
    for definition in ("as-coded", "control"):
        assert judged["C115", definition].also["its p"][0] > 0.4
    with style.theme("light"):
        told = circuit_panels.fig5b(panels.data_of("5b")).alt
    assert "stand 1.13 standard deviations above their mean on its own digit, -0.13 on all others" in told
    blocks = judged["C113", "as-coded"]
    assert round(blocks.value, 1) == 1.4
    assert blocks.also["that less the 99th percentile of dealing the neurons out anew"][1] > 0
    shared = judged["C114", "as-coded"]
    assert shared.value < 0.005
    assert shared.meaning == "no"


def test_what_the_stages_of_the_search_do():
    given = results.load_all(("fig5", "circuits", "runs"))
    weights, (images, labels) = explorers.network(given["fig5"]), explorers.samples(given["fig5"])
    found = np.array([
        [score(logits(masked_weights(weights, edges, definition="as-coded", growing=stage != "pruned"), images),
               labels, digit)[:2] for digit, edges in enumerate(explorers.found_circuits(given, stage=stage))]
        for stage in stored.STAGES
    ])  # fmt: skip
    recall, false = np.delete(found, 7, axis=1).transpose(2, 0, 1)  # of 7 nothing grows
    assert (recall[1] >= recall[0]).all()
    assert recall[1].min() == 1
    assert (false[1] > false[0]).all()
    assert np.median(false[1] - false[0]) > 0.5
    assert np.abs(false[2] - false[1]).max() < 0.05
    assert np.abs(recall[2] - recall[1]).max() < 0.005
