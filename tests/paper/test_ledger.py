"""Verdicts come from data: they follow it when it changes, and the committed table is what it gives."""

import csv
import io
import re
from pathlib import Path

import numpy as np
import pytest

from critnet.errors import UsageError
from critnet.paper import ledger, results, rules, tables
from critnet.paper.explain import explain
from critnet.paper.fig1 import series
from critnet.paper.measured import KINDS, NETWORKS, Measured, NotTestable, estimate


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


def test_each_row_has_a_known_verdict_an_interval_of_a_kind_and_a_rule(judged):
    assert len({row.id for row in judged}) == len(ledger.claims()) >= 75
    for row in judged:
        assert row.verdict in rules.VERDICTS
        assert row.interval_kind in KINDS
        assert row.kind in ledger.KINDS_OF_CLAIM
        if row.interval_kind == "none":
            assert np.isnan([row.low, row.high]).all()
        else:
            assert row.low < row.high
            assert row.low <= row.value <= row.high
        assert row.rule.startswith("R: ")
        assert row.meaning in ("yes", "no", "open")
        assert (row.verdict in (rules.UNDECIDED, rules.UNTESTABLE)) <= bool(row.reason)


def test_the_second_edition_is_not_the_first(judged):
    """The verdict of the first edition comes from its own file, and intervals say otherwise in places."""
    text = results.read_text(ledger.FIRST_EDITION)
    first = {(line["id"], line["definition"]): line for line in csv.DictReader(io.StringIO(text))}
    assert len(first) == 138
    now = {(row.id, row.definition): row for row in judged}
    assert all(row.first_edition == (first[key]["verdict"] if key in first else "") for key, row in now.items())
    assert set(rules.VERDICTS[:3]) == {line["verdict"] for line in first.values()}
    assert now["C21", "as-coded"].verdict != rules.REPRODUCED == now["C21", "as-coded"].first_edition
    assert now["C32", "control"].verdict != rules.REPRODUCED == now["C32", "control"].first_edition
    assert rules.UNDECIDED in {row.verdict for row in judged}
    assert {row.verdict for row in judged if row.kind == "theorem"} == {rules.UNJUDGED}


def a_claim(value, *, kind="number", **given):
    """A claim that measures what it is told."""

    def measure(data, definition):
        if isinstance(value, Exception):
            raise value
        return Measured(value, **given)

    rule = rules.at_least(2, 1)
    declared = ledger.claim("C07", "1b", "s", "p", rule, section="1", data="fig1", quantity="q", kind=kind)
    return ledger.judge_in(declared(measure), "control", None)


def told_to_move(text):
    """(claim, definition) to the verdicts (before, after) that a passage of CHANGELOG states.

    "C07 a, C30 a and c from partly to undecided" is three; "C32 c from reproduced, a from partly to undecided" is two.
    """
    verdict = "(" + "|".join(sorted(rules.VERDICTS, key=len, reverse=True)) + ")"
    names = {"a": ["as-coded"], "c": ["control"], "a and c": ["as-coded", "control"]}
    of_what = rf"(C\d+) (a and c|a|c)\b|, (a|c)(?= from )|\bfrom {verdict}(?: to {verdict})?"
    moves, pending, claim = {}, {}, ""
    for named, definitions, other, before, after in re.findall(of_what, " ".join(text.split())):
        claim = named or claim
        for definition in names.get(definitions or other, []):
            assert (claim, definition) not in {**moves, **pending}, f"{claim} {definition} is told twice"
            pending[claim, definition] = ""
        pending = {key: given or before for key, given in pending.items()}
        if after:
            moves |= {key: (given, after) for key, given in pending.items()}
            pending = {}
    assert not pending
    return moves


def test_how_the_changelog_is_read():
    told = told_to_move(
        "*A reason*: C07 a, C30 a\n  and c from reproduced to partly. "
        "C32 c from reproduced, a from partly to undecided: of a law. C41 moves not."
    )
    assert told == {
        ("C07", "as-coded"): ("reproduced", "partly"),
        ("C30", "as-coded"): ("reproduced", "partly"),
        ("C30", "control"): ("reproduced", "partly"),
        ("C32", "control"): ("reproduced", "undecided"),
        ("C32", "as-coded"): ("partly", "undecided"),
    }


def test_the_changelog_tells_every_verdict_that_the_second_edition_moved():
    changelog = (Path(__file__).parents[2] / "CHANGELOG.md").read_text(encoding="utf-8")
    passage = changelog.partition("- Verdicts that move with the second edition of the ledger")[2].partition("\n- ")[0]
    told, _, unjudged = passage.partition("*True of any numbers*:")
    moved = {(row.id, row.definition): (row.first_edition, row.verdict)
             for row in ledger.read() if row.first_edition not in ("", row.verdict)}  # fmt: skip
    assert told_to_move(told) == {key: move for key, move in moved.items() if move[1] != rules.UNJUDGED}
    assert set(re.findall(r"C\d+", unjudged)) == {key[0] for key, move in moved.items() if move[1] == rules.UNJUDGED}


def test_what_cannot_be_judged_says_so():
    row = a_claim(NotTestable("no run"))
    assert (row.verdict, row.reason, row.n_runs) == (rules.UNTESTABLE, "no run", 0)
    assert a_claim([]).verdict == a_claim([np.nan, 3]).verdict == a_claim([3, np.inf]).verdict == rules.UNTESTABLE
    row = a_claim([3, 4], kind="theorem")
    assert (row.verdict, row.meaning) == (rules.UNJUDGED, "no")


def test_a_number_means_something_only_beyond_its_null():
    assert a_claim([3, 4]).meaning == "open"
    assert a_claim([3, 4], nulls={"neurons are independent": [1, 2]}).meaning == "yes"
    row = a_claim([3, 4], nulls={"neurons are independent": [1, 2], "pairs are shuffled": [2, 3.5]})
    assert row.meaning == "no"
    assert row.reason == "where pairs are shuffled it is 2.75 (2 to 3.5) too"
    assert row.null["neurons are independent"] == [1.5, 1.0, 2.0]


def test_the_undecided_are_told_what_would_settle_them():
    assert a_claim(estimate((1.1, 0.9, 1.3), NETWORKS, 10)).reason.endswith("about 40 runs would settle it")
    assert a_claim([0.5, 2.5]).reason.endswith("which more runs need not settle")


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


def test_explain_answers_from_the_file_and_refuses_an_unknown_claim(monkeypatch):
    monkeypatch.setattr(ledger, "claims", None)  # nothing is measured for it
    rows = ledger.read()
    told = explain(rows, "C07")
    assert all(words in told for words in ("25 to 55", "seeds", "first edition: reproduced", "five anchor runs"))
    with pytest.raises(UsageError, match="C200"):
        explain(rows, "C200")


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
    row = next(r for r in ledger.read() if r.id == "C07")
    words = {
        "claim": "<b>peak</b>",
        "panel": "1b",
        "note": "a & b",
        "reason": "so",
        "also": {"of T": [2.0]},
        "null": {},
    }
    row = row._replace(value=39.0, low=21.0, high=70.0, definition="as-coded", **words)
    nothing = {"value": float("nan"), "low": float("nan"), "high": float("nan"), "also": {}, "note": "", "reason": ""}
    other = row._replace(definition="control", **nothing)
    html = tables.for_page([row, other], "1b")._repr_html_()
    assert html.count(">C07 ") == 1  # the axis of a strip names it once more
    assert "<td>C07 &lt;b&gt;peak&lt;/b&gt; " in html
    assert '<span class="cs-number">39 (21 to 70)</span>' in html
    assert '<span class="cs-number">no number</span>' in html
    assert "of T: 2; a &amp; b; so" in html
    assert "nan" not in html
    assert tables.for_page([row], "1a")._repr_html_().count("<tr>") == 1  # the head alone
