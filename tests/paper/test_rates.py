"""How often rules err: known answers, the stored table, and limits that hold whatever the numbers."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from critnet.errors import UsageError
from critnet.paper import ledger, rates, strips, worlds
from critnet.paper.explain import explain
from critnet.paper.rules import Region, above, all_of, at_least, at_most, both, for_reproduced, within

ROW = ledger.read()[0]


def row(kind="seeds", n=5, low=0.0, high=1.0, value=0.5, also=None, verdict="partly"):
    return ROW._replace(
        interval_kind=kind, n_runs=n, low=low, high=high, value=value, also=also or {}, verdict=verdict
    )  # fmt: skip


def close(share, expected):
    """Within four standard errors of a share of that many worlds."""
    error = math.sqrt(max(expected * (1 - expected), 1e-4) / worlds.WORLDS)
    return abs(share - expected) < 4 * error


@pytest.mark.parametrize("n", [3, 4, 5])
@pytest.mark.parametrize("bound", [at_least, at_most, above])
def test_the_range_of_seeds_against_a_half_line_errs_in_two_to_the_minus_n(n, bound):
    found = worlds.of_row(row(n=n), bound(2.0))
    assert close(found.false_reproduce, 0.5**n)
    assert close(found.false_refute, 0.5**n)
    assert found.marked == (n < 5)


@pytest.mark.parametrize("n", [3, 18, 57])
@pytest.mark.parametrize("kind", ["bootstrap-networks", "bootstrap-sizes"])
def test_a_bootstrap_of_a_mean_errs_as_student_says(kind, n):
    """It divides by n for n - 1 and takes a Gaussian for Student's t, so it errs more than the 2.5 % it claims."""
    expected = stats.t.sf(worlds.WIDE * math.sqrt((n - 1) / n), n - 1)
    found = worlds.of_row(row(kind, n), above(0.3))
    assert close(found.false_reproduce, expected)
    assert close(found.false_refute, expected)


@pytest.mark.parametrize("kind", ["bootstrap-samples", "ranks"])
def test_limits_of_known_width_err_in_one_in_forty(kind):
    found = worlds.of_row(row(kind, 18, low=0.2, high=0.7), at_least(0.4))
    assert close(found.false_reproduce, 0.025)
    assert close(found.false_refute, 0.025)


def test_a_share_errs_as_the_binomial_law_says():
    """Of 20 runs at 0.5, 0.5 is below the exact limits from 15 successes on and above them up to 5."""
    found = worlds.of_row(row("binomial", 20, 0.6, 0.95, 0.8), at_least(0.5))
    assert close(found.false_reproduce, stats.binom.sf(14, 20, 0.5))
    assert close(found.false_refute, stats.binom.cdf(5, 20, 0.5))


def test_a_wide_partly_leaves_nothing_to_refute_and_a_narrow_region_nothing_to_reproduce():
    found = worlds.of_row(row(), at_least(2.0, -1000.0))
    assert found.false_refute == 0
    assert close(found.false_reproduce, 1 / 32)
    assert worlds.of_row(row(), within((2.0, 2.01))).false_reproduce == 0


def test_parts_of_a_rule_err_one_at_a_time_where_false_and_all_where_true():
    also = {"other": [5.0, 4.0, 6.0]}
    found = worlds.of_row(row(also=also), all_of(at_least(2.0), at_least(3.0, of="other")))
    assert close(found.false_reproduce, 1 / 32)
    assert close(found.false_refute, 1 - (31 / 32) ** 2)
    either = worlds.of_row(row(also=also), both(at_least(2.0), at_least(3.0, of="other")))
    assert either.false_refute < 0.01  # NOT asks that both are refuted: 1 in 1024
    assert close(either.false_reproduce, 1 / 32)
    beside = worlds.of_row(row(also=also), all_of(at_least(2.0), for_reproduced(at_least(3.0, of="other"))))
    assert close(beside.false_refute, 1 / 32)


def test_two_margins_on_one_number_are_one_region():
    rule = all_of(at_least(2.0), at_most(1e6))
    assert worlds.inner(rule, "") == Region(2.0, 1e6)
    assert close(worlds.of_row(row(), rule).false_reproduce, 1 / 32)


def test_a_number_without_an_interval_is_taken_to_hold_and_named():
    rule = all_of(at_least(2.0), at_least(3.0, of="other"))
    found = worlds.of_row(row(also={"other": [1.0]}), rule)
    assert close(found.false_reproduce, 1 / 32)
    assert found.world.endswith("so taken to hold: other")


@pytest.mark.parametrize(
    ("made", "says"),
    [
        (row("none", 5, math.nan, math.nan), "has an interval"),
        (row(verdict="not judged"), "not judged"),
        (row(verdict="not testable"), "not testable"),
        (row("seeds", 1), "has an interval"),
    ],
)
def test_where_no_world_makes_sense_it_says_so(made, says):
    found = worlds.of_row(made, at_least(2.0))
    assert not found.known
    assert math.isnan(found.false_refute)
    assert not found.marked
    assert says in found.world
    assert says in found.words()


def test_a_rule_without_a_limit_has_no_world():
    assert worlds.of_row(row(), for_reproduced(at_least(-math.inf))).world == "the rule has no limit"


@settings(max_examples=25, deadline=None)
@given(
    n=st.integers(5, 40),
    at=st.floats(-10, 10),
    width=st.floats(0.01, 100),
    room=st.floats(0, 100),
    scale=st.floats(0.1, 100),
)
def test_rates_are_shares_and_do_not_depend_on_the_unit(n, at, width, room, scale):
    """However wide the scatter: seeds err at most as a half-line does, and a wider partly refutes no more."""

    def found(factor, room):
        made = row(n=n, low=0.0, high=width * factor, value=at * factor)
        rule = within((at * factor, (at + 5) * factor), ((at - room) * factor, (at + 5 + room) * factor))
        return worlds.of_row(made, rule, n_worlds=200)

    one, other, strict = found(1.0, room), found(scale, room), found(1.0, 0.0)
    for share in (one.false_reproduce, one.false_refute):
        assert 0 <= share <= 0.5**n + 5 * math.sqrt(0.5**n / 200) + 0.02
    assert one.false_reproduce == pytest.approx(other.false_reproduce, abs=0.011)  # roundings move a world or two
    assert one.false_refute <= strict.false_refute + 1e-9


def test_the_table_keeps_what_it_says():
    made = [rates.Rates("C01", "control", 5, 0.0312, 0.1, 'words, "quoted"; at 2'), worlds._none(ROW, "no world")]
    back = rates.from_csv(rates.as_csv(made))
    assert back["C01", "control"] == made[0]
    assert not back[ROW.id, ROW.definition].known


def test_the_stored_table_has_every_row_of_the_ledger():
    stored = rates.read()
    assert [(*key, r.n_runs) for key, r in stored.items()] == [(r.id, r.definition, r.n_runs) for r in ledger.read()]
    for each in stored.values():
        assert not each.known or (0 <= each.false_reproduce <= 1 and 0 <= each.false_refute <= 1)
        assert each.known == (each.false_refute == each.false_refute)


@pytest.mark.parametrize("identity", ["C01", "C07", "C32", "C119", "C135"])
def test_the_stored_table_is_what_the_ledger_gives(identity):
    rows = [r for r in ledger.read() if r.id == identity]
    stored = rates.read()
    for each in rates.from_csv(rates.as_csv(worlds.table(rows))).values():
        assert repr(each) == repr(stored[each.id, each.definition])


def test_rules_are_marked_for_few_seeds_alone():
    """What CHANGELOG says of the marked ones."""
    marked = [r for r in rates.read().values() if r.marked]
    assert marked
    assert all(r.n_runs in (3, 4) and "judged by their range" in r.world for r in marked)


def test_explain_and_the_page_of_verdicts_state_both_rates():
    rows = ledger.read()
    told, stored = explain(rows, "C32"), rates.read()
    for definition in ("as-coded", "control"):
        assert stored["C32", definition].words() in told
        assert stored["C32", definition].world in told
    cells = strips.cells([r for r in rows if r.id == "C32"])
    assert stored["C32", "control"].words() in cells


def test_a_claim_that_is_not_declared_is_refused():
    with pytest.raises(UsageError, match="C999"):
        worlds.table([ROW._replace(id="C999")])


def test_equal_rows_give_equal_rates():
    assert worlds.of_row(row(), above(1.0)) == worlds.of_row(row(), above(1.0))


def test_a_range_of_many_is_wider():
    ranges = [worlds.range_of(n) for n in range(2, 60)]
    assert np.all(np.diff(ranges) > 0)
