"""The tour: each number that a step tells is measured anew here, by another way."""

import re

import numpy as np
import pytest

from critnet.errors import UsageError
from critnet.explore.widgets.base import text_of
from critnet.explore.widgets.tour import TourStep
from critnet.paper import results, tour
from critnet.paper.sweeps import weights


@pytest.fixture(scope="module")
def steps():
    return {name: tour.step(name).given for name in tour.MAKERS}


def numbers(text):
    """Numbers of a text, with the page's own spaces taken out."""
    return [
        float(x) for x in re.findall(r"-?\d+(?:\.\d+)?(?:e-?\d+)?", text.replace("\u202f", "").replace("\xa0", " "))
    ]


def unpacked(text, kind):
    import base64

    return np.frombuffer(base64.b64decode(text), kind)


def test_all_six_steps_fit_into_the_stored_data_allowed(steps):
    assert list(steps) == ["neuron", "pair", "graph", "sizes", "clock", "verdict"]
    assert sum(len(str(given["data"])) for given in steps.values()) < 150e3
    for given in steps.values():
        assert len(given["values"]) == len(given["facts"]) == len(given["answers"]) > 3


def test_the_neuron_is_a_sum_of_products(steps):
    given, network = steps["neuron"], weights.network(results.load("weights"), tour.experiments.anchor()[0].digest)
    which = int(numbers(given["caption"])[0])
    pixels = unpacked(given["data"]["pixels"], "u1").reshape(10, 784).astype(float)
    for digit in range(10):
        image = (pixels[digit] / 15 - 0.1307) / 0.3081
        by_hand = max(0.0, sum(w * x for w, x in zip(network["W1"][which], image, strict=True)) + network["b1"][which])
        assert given["data"]["response"][digit] == pytest.approx(by_hand, abs=2e-3)
        assert numbers(given["facts"][digit])[-1] == pytest.approx(by_hand, abs=0.051)
    best = int(np.argmax(given["data"]["response"]))
    assert given["answers"][0].startswith(f"It answers the {best} with {given['data']['response'][best]:.1f}")


def test_the_correlation_of_the_pair_is_that_of_its_activity(steps):
    given, data = steps["pair"], results.load("fig1")
    i, j = (int(x) for x in numbers(given["caption"])[:2])
    for k, fact in enumerate(given["facts"]):
        activity = data["activity"].values[k].astype(float)
        of_stored = np.corrcoef(activity[i], activity[j])[0, 1]  # 2000 images; what is told is over all 60000
        assert numbers(fact)[-1] == pytest.approx(of_stored, abs=4 / np.sqrt(activity.shape[1]))
    x = unpacked(given["data"]["x"], "<f4").reshape(len(given["values"]), -1)
    np.testing.assert_array_equal(x[-1], data["activity"].values[-1, i, :: tour.SPREAD].astype(np.float32))


def test_the_graph_has_the_edges_that_the_results_store(steps):
    given, data = steps["graph"], results.load("fig1")
    seed = list(data["seed"].values).index(data.attrs["displayed_seed"])
    stored = data["n_edges"].sel(graph="as-coded absolute", threshold=0.5, method=None).isel(seed=seed)
    for t, count, fact in zip(given["values"], given["data"]["counts"], given["facts"], strict=True):
        assert count == int(stored.sel(t=t))
        assert numbers(fact) == [t, count]
    edges = unpacked(given["data"]["edges"], "<i2")
    assert len(edges) == sum(given["data"]["counts"])
    k = given["values"].index(100)
    first = edges[sum(given["data"]["counts"][:k]) :][: given["data"]["counts"][k]]
    packed = data["correlation"].sel(t=100, definition="as-coded").values
    assert (np.sign(first) == np.sign(packed[np.abs(first) - 1])).all()
    most = int(np.argmax(given["data"]["counts"]))
    assert numbers(given["answers"][0])[:2] == [given["values"][most], given["data"]["counts"][most]]


@pytest.mark.parametrize("share", [0.25, 0.5, 0.75, 1.0])
def test_a_share_of_a_straight_rise_is_reached_where_it_is(share):
    t = np.expm1(np.linspace(0, 5, 23))
    assert np.log1p(tour.reached(t, 3 + 2 * np.linspace(0, 5, 23), share)) == pytest.approx(5 * share)
    assert np.log1p(tour.reached(t, -7 + 0.1 * np.linspace(0, 5, 23), share)) == pytest.approx(5 * share)


def test_the_widths_of_the_rise_are_those_of_the_curves(steps):
    data = steps["sizes"]["data"]
    for k, curve in enumerate(data["curves"]):
        fine = np.linspace(0, np.log1p(data["times"][-1]), 400_001)
        y = np.interp(fine, np.log1p(data["times"]), curve)
        for part, told in ((0.25, data["quarter"][k]), (0.75, data["threeQuarters"][k])):
            first = fine[np.argmax(y >= curve[0] + part * (max(curve) - curve[0]))]
            assert np.expm1(first) == pytest.approx(told, rel=2e-3, abs=0.02)
        factor = (1 + data["threeQuarters"][k]) / (1 + data["quarter"][k])
        assert numbers(steps["sizes"]["answers"][k])[0] == pytest.approx(factor, abs=0.06)


def test_the_clock_counts_the_cells_that_are_filled(steps):
    given = steps["clock"]
    filled = unpacked(given["data"]["converged"], "u1").reshape(len(given["values"]), -1)
    for now, fact in zip(filled, given["facts"], strict=True):
        assert numbers(fact)[1:3] == [now.sum(), len(now)]
    assert filled[0].sum() == 0 < filled[-1].sum()


def test_the_verdict_is_the_ledgers(steps):
    given = steps["verdict"]
    row = next(row for row in tour.ledger.read() if row.id == "C32" and row.definition == "as-coded")
    right = [guess for guess, answer in zip(given["values"], given["answers"], strict=True) if answer.startswith("Yes")]
    assert right == [row.verdict]
    assert all(answer.endswith(f"the verdict is: {row.verdict}.") for answer in given["answers"])


MADE = {"places": [[0, 0], [1, 0]], "edges": text_of([1], "<i2"), "counts": [1, 0]}


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"kind": "waltz"}, "kind is 'waltz'; choose one of neuron, pair, graph, sizes, clock, verdict"),
        ({"values": [3]}, r"values of 'x' are \[3\]; give two or more, all different"),
        ({"values": [3, 3]}, r"values of 'x' are \[3, 3\]; give two or more, all different"),
        ({"facts": ["a"]}, "2 values, 1 facts and 2 answers; give one of each"),
        ({"start": 2}, "start of 'x' is 2; give a place from 0 to 1"),
        ({"name": "X 1"}, "a name is lower-case letters, digits and hyphens"),
    ],
)
def test_a_step_refuses_what_does_not_fit(change, says):
    given = {
        "kind": "graph", "question": "?", "control": "t", "label": "t", "values": [0, 1], "facts": ["a", "b"],
        "answers": ["c", "d"], "data": MADE, "name": "x",
    }  # fmt: skip
    assert TourStep(**given).words == "? c"
    with pytest.raises(UsageError, match=says):
        TourStep(**given | change)
