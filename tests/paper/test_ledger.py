"""Verdicts come from data: they follow it when it changes, and the committed table is what it gives."""

import numpy as np
import pytest

from critnet.errors import UsageError
from critnet.paper import ledger, results


@pytest.fixture(scope="module")
def data():
    return results.load("fig1")


def rows_of(claim, data):
    return {row.definition: row for row in ledger.judge(next(c for c in ledger.claims() if c.id == claim), data)}


def test_the_committed_ledger_is_what_the_results_give():
    assert (results.folder() / "claims.csv").read_text(encoding="utf-8") == ledger.as_csv(ledger.judge_all())


def test_each_claim_has_a_known_verdict_a_range_and_a_rule(data):
    rows = ledger.judge_all()
    assert len({row.id for row in rows}) == len(ledger.claims()) == 21
    for row in rows:
        assert row.verdict in (ledger.REPRODUCED, ledger.PARTLY, ledger.NOT, ledger.UNTESTABLE)
        assert row.low <= row.value <= row.high
        assert row.rule.startswith("R: ")


def constant(variable):
    def spoil(data):
        data[variable] = data[variable] * 0 + data[variable].isel(t=0)

    return spoil


def reversed_in_time(variable):
    def spoil(data):
        data[variable] = (
            data[variable].dims,
            np.flip(data[variable].values, axis=data[variable].dims.index("t")).copy(),
        )

    return spoil


def late_peak(data):
    data["strength"][:, 400] = data["strength"].max() * 50


SPOILT = [
    ("C01", reversed_in_time("persistence")),
    ("C03", late_peak),
    ("C05", constant("strength")),
    ("C07", late_peak),
    ("C08", reversed_in_time("strength")),
    ("C10", late_peak),
    ("C11", constant("survival")),
    ("C13", constant("survival")),
    ("C14", constant("n_edges")),
    ("C16", constant("test_accuracy")),
    ("C17", reversed_in_time("prediction_entropy")),
    ("C18", reversed_in_time("prediction_entropy")),
    ("C19", constant("strength")),
    ("C20", reversed_in_time("strength")),
    ("C21", reversed_in_time("explained_variance")),
]


@pytest.mark.parametrize(("claim", "spoil"), SPOILT, ids=[c for c, _ in SPOILT])
@pytest.mark.filterwarnings("ignore:An input array is constant", "ignore:invalid value")
def test_spoilt_data_change_the_verdict(claim, spoil, data):
    before = rows_of(claim, data)["as-coded"]
    altered = data.copy(deep=True)
    spoil(altered)
    after = rows_of(claim, altered)["as-coded"]
    assert before.verdict != ledger.NOT
    assert after.verdict == ledger.NOT


def test_explain_names_the_rule_and_refuses_an_unknown_claim(data):
    rows = ledger.judge_all()
    assert "25 to 55" in ledger.explain(rows, "C07")
    with pytest.raises(UsageError, match="C99"):
        ledger.explain(rows, "C99")


def test_the_tally_counts_every_row_once():
    rows = ledger.judge_all()
    assert sum(sum(ledger.tally(rows, d).values()) for d in ("as-coded", "control")) == len(rows)
