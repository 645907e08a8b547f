"""Verdicts come from data: they follow it when it changes, and the committed table is what it gives."""

import numpy as np
import pytest

from critnet.errors import UsageError
from critnet.paper import ledger, results, rules, tables
from critnet.paper.fig1 import series


@pytest.fixture(scope="module")
def data():
    return results.load("fig1")


@pytest.fixture(scope="module")
def judged():
    return ledger.judge_all()


def rows_of(claim, data):
    return {row.definition: row for row in ledger.judge(next(c for c in ledger.claims() if c.id == claim), data)}


def test_the_committed_ledger_is_what_the_results_give(judged):
    assert (results.folder() / "claims.csv").read_text(encoding="utf-8") == ledger.as_csv(judged)
    assert ledger.as_csv(ledger.read()) == ledger.as_csv(judged)


def test_each_claim_has_a_known_verdict_a_range_and_a_rule(judged):
    rows = judged
    assert len({row.id for row in rows}) == len(ledger.claims()) >= 21
    for row in rows:
        assert row.verdict in rules.VERDICTS
        assert row.low <= row.value <= row.high or row.verdict == rules.UNTESTABLE
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
    assert before.verdict != rules.NOT
    assert after.verdict == rules.NOT


def test_explain_names_the_rule_and_refuses_an_unknown_claim(judged):
    rows = judged
    assert "25 to 55" in ledger.explain(rows, "C07")
    with pytest.raises(UsageError, match="C84"):
        ledger.explain(rows, "C84")


def test_the_tally_counts_every_row_once(judged):
    rows = judged
    assert sum(sum(ledger.tally(rows, d).values()) for d in ("as-coded", "control")) == len(rows)


def test_what_chapter_1_1_says_in_words_is_so(data, judged):
    """Each sentence of the chapter that no row of the ledger guards."""
    assert (data["dead"] == 0).all()  # "no neuron is ever silent on all images"
    for definition, sharper in (("as-coded", False), ("control", True)):  # "more pronounced" and "flatten out"
        prominence = []
        for threshold in (0.5, 0.6, 0.7, 0.8):
            p = series.graph(data, "survival", definition, threshold)
            prominence.append(np.median(p.max(axis=1) / p[:, -1]))
        assert (prominence[-1] > prominence[0]) == sharper
    rows = {(row.id, row.definition): row for row in judged}
    for definition in ("as-coded", "control"):
        assert rows["C06", definition].high < 1  # "joined more sparsely ..., in every seed and under both definitions"
        assert rows["C19", definition].verdict == rules.REPRODUCED  # "the reversal is there in both"
    assert rows["C09", "as-coded"].high < 1  # "falls at least as steeply after as before"
    assert abs(rows["C07", "as-coded"].value - 37) < abs(rows["C07", "control"].value - 37)
    spread = [rows["C07", d].high / rows["C07", d].low for d in ("as-coded", "control")]
    assert 2 < spread[0] < spread[1]  # "the five peaks spread widely, more so in the control"


def test_writing_the_ledger_again_touches_nothing(tmp_path, judged):
    rows = judged
    ledger.write(tmp_path, rows)
    before = (tmp_path / "claims.csv").stat().st_mtime_ns, (tmp_path / "SHA256SUMS").stat().st_mtime_ns
    ledger.write(tmp_path, rows)
    assert before == ((tmp_path / "claims.csv").stat().st_mtime_ns, (tmp_path / "SHA256SUMS").stat().st_mtime_ns)


def test_a_table_of_claims_names_each_once_and_escapes_what_it_says():
    numbers = (39.0, 21.0, 70.0, 5)
    row = ledger.Row(
        "C07", "1.1", "1b", "<b>peak</b>", "37", "as-coded", *numbers, "partly", "R: x", {"of T": [2.0]}, "a & b"
    )
    other = row._replace(
        definition="control", value=float("nan"), low=float("nan"), high=float("nan"), also={}, note=""
    )
    html = tables.for_page([row, other], "1b")._repr_html_()
    assert html.count("C07") == 1
    assert '<td rowspan="2">C07 &lt;b&gt;peak&lt;/b&gt;</td>' in html
    assert "39 <small>21 to 70</small>" in html
    assert "of T: 2; a &amp; b" in html
    assert "nan" not in html
    assert tables.for_page([row], "1a")._repr_html_().count("<tr>") == 1  # the head alone
