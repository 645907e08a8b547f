"""Each rule of Fig. 4a-e and i, and of C131, can be met, met in part, and missed."""

import numpy as np
import pytest

from critnet.paper import ledger, results
from critnet.paper.fig4 import samples, tail_claims
from critnet.paper.rules import NOT, PARTLY, REPRODUCED
from critnet.paper.sweeps import grid


@pytest.fixture(scope="module")
def data():
    return results.load_all((*samples.DATA, "tails"))


def verdict(identity, data, definition="control"):
    claim = next(c for c in ledger.of_module(tail_claims) if c.id == identity)
    return ledger.judge_in(claim, definition, data).verdict


def with_rows(data, **changed):
    """The same tails with other columns; each a value, or a function of the table."""
    table = data["tails"].copy()
    for name, value in changed.items():
        table[name] = value(table) if callable(value) else value
    return {**data, "tails": table}


@pytest.mark.parametrize(
    ("early", "late", "found"), [("heavy", 0.1, REPRODUCED), ("gaussian", 0.1, PARTLY), ("gaussian", 3.0, NOT)]
)
def test_correlations_are_compared_with_the_end_and_with_independent_neurons(early, late, found, data, monkeypatch):
    rng = np.random.default_rng(0)
    z = rng.standard_t(3, 6000) if early == "heavy" else rng.normal(size=6000)
    drawn = {100: np.tanh(0.4 * z / z.std()), 200_000: np.tanh(0.4 * late * rng.normal(size=6000))}
    monkeypatch.setattr(samples, "pairs", lambda fig1, t, definition, seed: drawn[t])
    if found == PARTLY:  # a bounded law has the lighter tail
        drawn[100] = np.tanh(np.linspace(-1, 1, 6000))
    assert verdict("C85", data) == found


HEAVY = {"gaussian": 0.3, "initial": 0.3, "decades": 2.0, "alpha": 2.5, "ratio_lognormal": 5.0,
         "ratio_exponential": 50.0, "ratio_truncated": 0.0, "ratio_student": 5.0}  # fmt: skip


def test_a_law_of_the_pool_is_not_a_law_of_the_layers(data):
    pool = data["tails"]["part"] == "all"
    assert verdict("C86", with_rows(data, **HEAVY)) == REPRODUCED
    only_pool = {k: (lambda t, k=k, v=v: np.where(pool, v, t[k])) for k, v in HEAVY.items()}
    assert verdict("C86", with_rows(data, **only_pool)) == PARTLY
    assert verdict("C86", with_rows(data, **HEAVY | {"initial": 0.0})) == NOT
    assert verdict("C86", with_rows(data, **HEAVY | {"ratio_lognormal": -9.0})) == NOT


def test_as_coded_a_line_stands_for_the_law(data):
    line = {"line_r2": 0.99, "initial": 0.3}
    assert verdict("C86", with_rows(data, **line), "as-coded") == REPRODUCED
    assert verdict("C86", with_rows(data, line_r2=0.5), "as-coded") == NOT


@pytest.mark.parametrize(("shift", "found"), [(2.0, REPRODUCED), (0.9, PARTLY), (-1.0, NOT)])
def test_heavier_tails_of_converged_runs_at_equal_size(shift, found):
    sweeps, rng = results.load("sweeps").copy(), np.random.default_rng(2)
    rows = grid.of(sweeps, "control")
    converged = np.zeros(sweeps.sizes["run"])
    converged[rows["run"].values[(rows["criterion"] < grid.CONVERGED).values]] = 1
    reach = np.exp(0.5 * (rng.normal(size=converged.size) + shift * converged))
    for name, bins in (("final_weights", 100), ("final_strengths", 500)):
        x = np.linspace(0, 20, bins)
        counts = 1e6 * np.where(x < 1, 1.0, np.exp(-(x - 1) / reach[:, None]) * 1e-2)
        counts[:, -1] += 2 * sweeps["hidden"].values + 10 if name == "final_strengths" else 0
        sweeps[name] = (sweeps[name].dims, np.repeat(np.rint(counts)[:, None], 2, axis=1))
        ends = sweeps[f"{name[:-1]}_range"]
        sweeps[f"{name[:-1]}_range"] = (ends.dims, np.broadcast_to([0.0, 20.0], ends.shape).copy())
    assert verdict("C87", sweeps) == found


@pytest.mark.parametrize("identity", ["C88", "C91"])
@pytest.mark.parametrize(
    ("decades", "ratio", "found"), [(2.4, 80.0, REPRODUCED), (1.7, 80.0, PARTLY), (0.9, 80.0, NOT), (2.4, -3.0, NOT)]
)
def test_a_power_law_is_straight_and_better_than_an_exponential(identity, decades, ratio, found, data):
    assert verdict(identity, with_rows(data, stretch=decades, ratio_exponential=ratio)) == found


@pytest.mark.parametrize(("moved", "found"), [(0.3, REPRODUCED), (0.8, PARTLY), (1.5, NOT)])
def test_the_end_is_close_to_the_start_or_far(moved, found, data, monkeypatch):
    def network(_, t, seed):
        start, way = np.random.default_rng(seed).normal(size=(2, 42_310))
        return start if t == 0 else start + moved * way

    monkeypatch.setattr(samples, "network", network)
    assert verdict("C131", data) == found
