"""The multiverse: the ledger's own universe is its row, shares, spoilt data, what is not there."""

import functools
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from critnet.errors import UsageError
from critnet.explore import NoMatch
from critnet.paper import choices, ledger, multiverse, results, specification, universes
from critnet.paper.explain import explain
from critnet.paper.measured import Measured, NotTestable
from critnet.paper.rules import UNTESTABLE, VERDICTS, at_least

DECLARED = {claim.id: claim for claim in ledger.claims()}
ROWS = {(row.id, row.definition): row for row in ledger.read()}


@pytest.mark.parametrize("key", list(universes.read()))
def test_the_first_universe_is_the_row_of_the_ledger(key):
    first, row = universes.read()[key][0], ROWS[key]
    assert (first.value, first.low, first.high) == pytest.approx((row.value, row.low, row.high), nan_ok=True, rel=1e-3)
    assert (first.verdict, first.n_runs) == (row.verdict, row.n_runs)
    assert list(first.choices.values()) == [next(iter(choice.options)) for choice in multiverse.CHOICES[key[0]]]


def test_every_listed_claim_is_stored_with_all_its_combinations():
    stored = universes.read()
    for identity, given_choices in multiverse.CHOICES.items():
        for definition in DECLARED[identity].definitions:
            expected = multiverse.combinations(given_choices, definition)
            assert [u.choices for u in stored[identity, definition]] == expected
    assert len(stored) == sum(len(DECLARED[identity].definitions) for identity in multiverse.CHOICES)


def test_the_claims_of_the_front_page_and_most_that_are_undecided_have_universes():
    assert set(specification.OFFERED) <= set(multiverse.CHOICES)
    undecided = {row.id for row in ROWS.values() if row.verdict == "undecided"}
    assert len(undecided - set(multiverse.CHOICES)) <= 2


def claim(measure, name="C901"):
    declare = ledger.claim(name, "1a", "says", "1", at_least(2, 1), section="1.1", data="one", quantity="q")
    return declare(measure)


def mean(data, definition):
    """The mean, and twice as much in the control."""
    if data["x"].size < 2:
        raise NotTestable("one number")
    return Measured(float(data["x"].mean()) * (2 if definition == "control" else 1))


HALF = choices.Choice("scale", {"whole": None, "half": choices.on(lambda d: d * 0.5)})
PART = choices.Choice("part", {"all": None, "one": choices.on(lambda d: d.isel(i=[0]))}, "control")


def test_a_made_up_claim_in_known_universes():
    data = xr.Dataset({"x": ("i", [2.0, 2.0])})
    found = multiverse.of_claim(claim(mean), data, (HALF, PART))
    named = [" ".join((u.definition, *u.choices.values())) for u in found]
    assert named[:2] == ["as-coded whole all", "as-coded half all"]  # `part` makes no difference there
    assert named[2:] == ["control whole all", "control whole one", "control half all", "control half one"]
    assert [u.value for u in found] == pytest.approx([2, 1, 4, np.nan, 2, np.nan], nan_ok=True)
    assert [u.verdict for u in found] == ["reproduced", "partly", "reproduced", UNTESTABLE, "reproduced", UNTESTABLE]
    assert found[3].why == "one number"
    coded, control = universes.shares(found[:2]), universes.shares(found[2:])
    assert coded == (2, {"reproduced": 0.5, "partly": 0.5}, "scale", 1.0, True)
    assert coded.words().endswith("; only the choice of scale was made in more than one way")
    assert control.verdicts == {"reproduced": 0.5, UNTESTABLE: 0.5}
    assert (control.decisive, control.alone) == ("scale", False)


def made_up(*numbers, verdict="partly"):
    """Universes of two choices with two options each; nan cannot be tested."""
    options = [{"a": a, "b": b} for a in "xy" for b in "pq"]
    said = [verdict if v == v else UNTESTABLE for v in numbers]
    return [
        universes.Universe("C1", "control", o, v, v, v, 1, s) for o, v, s in zip(options, numbers, said, strict=True)
    ]


def test_a_value_that_only_two_choices_together_change_is_not_called_the_same():
    found = universes.shares(made_up(1.0, 2.0, 2.0, 1.0))
    assert found.explained == 0
    assert "explains 0 % of the variance" in found.words()


def test_what_cannot_be_tested_is_not_called_the_same():
    assert universes.shares(made_up(1.0, np.nan, 1.0, 1.0)).words().endswith("the same in all that can be tested")
    assert universes.shares(made_up(1.0, 1.0, 1.0, 1.0)).words().endswith("the same in all")


def test_spoilt_data_change_the_shares():
    """Without a rise of the strength no universe holds."""
    data = results.load("fig1")
    flat = data.assign(strength=data["strength"] * 0 + 1.0)
    options = multiverse.CHOICES["C05"]
    good, bad = (universes.shares(multiverse.of_claim(DECLARED["C05"], d, options)) for d in (data, flat))
    assert good.verdicts.get("reproduced", 0) > 0.4
    assert bad.verdicts == {"not reproduced": 1.0}
    assert bad.decisive == ""


@given(st.lists(st.tuples(st.sampled_from(VERDICTS), st.floats(-5, 5), st.sampled_from("ab")), min_size=1, max_size=20))
def test_shares_add_up_to_one(made):
    found = universes.shares([universes.Universe("C1", "control", {"n": n}, v, v, v, 1, said) for said, v, n in made])
    assert sum(found.verdicts.values()) == pytest.approx(1)
    assert found.n == len(made)


def test_some_runs_keep_the_rows_of_their_distributions():
    sweeps = results.load("sweeps")
    kept = sweeps["hidden"].values <= 5
    part = choices.with_runs(sweeps, kept)
    assert part.sizes["run"] == kept.sum() > 0
    run = part["row_run"].values
    assert set(run) <= set(range(part.sizes["run"]))
    k = int(run[-1])
    digest = str(part["digest"].values[k])
    (before,) = np.flatnonzero(sweeps["digest"].values.astype(str) == digest)
    np.testing.assert_array_equal(
        part["row_count"].values[run == k], sweeps["row_count"].values[sweeps["row_run"].values == before]
    )


def test_some_circuits_keep_their_own_edges():
    circuits = results.load("circuits")
    part = choices.circuits_where(lambda d, of: d["digit"].values == 4)({"circuits": circuits})["circuits"]
    assert set(part["digit"].values) == {4}
    for k in (0, part.sizes["circuit"] - 1):
        assert (part["edge_circuit"].values == k).sum() == part["n_edges"].values[k]


def test_another_graph_is_asked_for_under_the_own_name():
    data = {"fig1": results.load("fig1")}
    changed = choices.SIGNED.options["|C| >= threshold"](data)["fig1"]
    of = functools.partial(dict, threshold=0.5, method="nearest")
    own = changed["n_edges"].sel(graph="as-coded signed").sel(**of())
    np.testing.assert_array_equal(own.values, data["fig1"]["n_edges"].sel(graph="as-coded absolute").sel(**of()).values)
    assert not np.array_equal(own.values, data["fig1"]["n_edges"].sel(graph="as-coded signed").sel(**of()).values)


def test_what_is_not_there_is_named():
    with pytest.raises(UsageError, match=r"'C999' in 'control'; those with some: C01"):
        universes.of_row("C999", "control")
    with pytest.raises(UsageError, match="there is no universe"):
        universes.shares([])
    many = choices.Choice("n", {str(k): None for k in range(101)})
    with pytest.raises(UsageError, match="202 universes, more than 200"):
        multiverse.of_claim(claim(mean), xr.Dataset({"x": ("i", [1.0, 2.0])}), (many,))


def test_choices_of_a_claim_that_is_not_declared_are_refused(monkeypatch):
    monkeypatch.setitem(multiverse.CHOICES, "C998", (choices.SEEDS,))
    with pytest.raises(UsageError, match="C998"):
        multiverse.table()


def test_the_table_comes_back_as_it_was_written():
    some = [u for of in list(universes.read().values())[:4] for u in of]
    again = universes.from_csv(universes.as_csv(some))
    assert [u.choices for u in again] == [u.choices for u in some]
    assert universes.as_csv(again) == universes.as_csv(some)


def test_explain_says_what_other_choices_make_of_a_claim():
    said = explain(ledger.read(), "C32")
    assert "of 60 universes" in said
    assert universes.shares(universes.of_row("C32", "control")).words() in said


@pytest.mark.parametrize("definition", ["as-coded", "control"])
@pytest.mark.parametrize("identity", ["C32", "C59", "C104", "C109"])
def test_the_curve_draws_every_universe_in_order(identity, definition):
    data = results.load("universes")
    drawing = specification.specification(data, claim=identity, definition=definition)
    of = universes.of_row(identity, definition)
    upper, lower = drawing.figure.axes
    drawn = upper.lines[0].get_ydata()
    assert list(drawn) == sorted(u.value for u in of if np.isfinite(u.value))
    assert len(drawing.table) == len(of)
    assert len(lower.get_yticklabels()) == sum(len({u.choices[n] for u in of}) for n in of[0].choices
                                               if len({u.choices[n] for u in of}) > 1)  # fmt: skip


def test_a_claim_without_that_definition_has_no_curve():
    with pytest.raises(NoMatch, match="C52 is not judged control"):
        specification.specification(results.load("universes"), claim="C52", definition="control")


def test_what_the_audit_says_of_two_claims_is_so():
    """C24 leans on the norm and hardly on anything else; in C32 no choice decides, and the exponent crosses 0."""
    for definition in ("as-coded", "control"):
        norm = universes.shares(universes.of_row("C24", definition))
        assert norm.decisive == "norm"
        assert norm.explained > 0.9
    of = universes.of_row("C32", "as-coded")
    assert universes.shares(of).explained < 0.5
    assert min(u.value for u in of) < 0 < max(u.value for u in of)


def test_the_number_of_claims_that_the_changelog_names_is_theirs():
    text = (Path(__file__).parents[2] / "CHANGELOG.md").read_text(encoding="utf-8")
    assert f"judges {len(multiverse.CHOICES)} claims under all combinations" in " ".join(text.split())
