"""Rules judge intervals by their bounds, and each claim's rule can lose."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from critnet.paper import ledger
from critnet.paper.measured import NETWORKS, SIZES, estimate, number, point, seeds, share
from critnet.paper.rules import (
    NOT,
    PARTLY,
    REPRODUCED,
    UNDECIDED,
    UNTESTABLE,
    above,
    all_of,
    at_least,
    at_most,
    below,
    both,
    for_reproduced,
    near,
    within,
)


def judged(rule, *ends, **others):
    value = seeds(ends)
    return rule.judge({"": value} | {name: number(given) for name, given in others.items()})


@pytest.mark.parametrize(
    ("ends", "verdict"),
    [
        ((30, 40), REPRODUCED), ((25, 55), REPRODUCED), ((20, 40), PARTLY), ((60, 70), PARTLY), ((15, 150), PARTLY),
        ((10, 40), UNDECIDED), ((100, 200), UNDECIDED), ((1, 1000), UNDECIDED), ((1, 14), NOT), ((151, 160), NOT),
        ((np.nan, np.nan), UNTESTABLE), ((), UNTESTABLE),
    ],
)  # fmt: skip
def test_an_interval_is_judged_by_where_it_lies(ends, verdict):
    assert judged(within((25, 55), (15, 150)), *ends) == verdict


def test_strict_bounds_leave_out_their_ends():
    assert judged(above(0), 0.0) == NOT
    assert judged(below(2), 2.0) == NOT
    assert judged(at_least(1), 1.0) == judged(at_most(1), 1.0) == REPRODUCED
    assert judged(at_least(1.2, above=1), 1.0) == NOT
    assert judged(above(0), np.inf) == UNTESTABLE  # an interval without a finite end


def test_how_many_runs_would_settle_it():
    rule = at_least(0.5)
    half = estimate((0.6, 0.4, 0.8), SIZES, 10)
    assert rule.settled_by(half) == 40  # the interval must be half as wide
    assert rule.settled_by(half._replace(kind="seeds")) == rule.settled_by(point(0.6)) == 0
    assert rule.settled_by(estimate((0.5, 0.4, 0.6), SIZES, 10)) == 0  # no number of runs parts the value from itself


def test_an_interval_may_have_other_ends_than_its_values():
    assert above(0).judge({"": estimate((0.1, -0.1, 0.3), NETWORKS, 5)}) == UNDECIDED


def test_all_of_is_as_strong_as_its_weakest_part():
    rule = all_of(at_least(0.75, 0.6), for_reproduced(at_least(3, of="drop")))
    assert judged(rule, 0.8, drop=4) == REPRODUCED
    assert judged(rule, 0.8, drop=2) == judged(rule, 0.7, drop=4) == PARTLY
    assert judged(rule, 0.5, drop=4) == NOT
    gate = all_of(at_least(3, 1.5), at_most(3, of="distance"))
    assert judged(gate, 4.0, distance=4) == NOT
    assert judged(gate, 4.0, distance=[2, 4]) == UNDECIDED


def test_both_lets_one_condition_count_as_partly():
    rule = both(above(1), below(1, of="joined"))
    assert judged(rule, 2.0, joined=0.5) == REPRODUCED
    assert judged(rule, 2.0, joined=2) == judged(rule, 0.5, joined=0.5) == PARTLY
    assert judged(rule, 0.5, joined=2) == NOT
    assert judged(rule, 0.5, joined=[0.5, 2]) == UNDECIDED
    assert judged(rule, 2.0, joined=[0.5, 2]) == PARTLY


def test_words_come_from_the_bounds():
    assert near(3.02).words("exponent") == "R: exponent 2.718 to 3.322; P: 2.62 to 3.42"
    assert both(above(1), below(1, of="b")).words() == "R: the value > 1 and b < 1; P: one of them"
    assert above(0).words("x") == "R: x > 0; N: otherwise"
    assert at_least(1.5, above=1).words("x") == "R: x >= 1.5; P: > 1"


SIDES = st.tuples(st.floats(-5, 5), st.floats(0, 3))


@given(SIDES, st.floats(0, 1), st.floats(0, 1))
def test_a_part_of_an_interval_keeps_what_the_whole_has_shown(whole, first, second):
    low, width = whole
    ends = sorted([low + first * width, low + second * width])
    rule = within((-1, 1), (-2, 3))
    shown, part = judged(rule, low, low + width), judged(rule, *ends)
    if shown in (REPRODUCED, NOT):
        assert part == shown
    if shown == PARTLY:
        assert part in (PARTLY, REPRODUCED)


def tries(margin):
    """Numbers inside, between and outside the two regions of a margin."""
    edges = [e for region in (margin.reproduced, margin.partly) for e in region[:2] if np.isfinite(e)]
    return [point(x) for e in edges for x in (e - 1e-3 * (1 + abs(e)), e, e + 1e-3 * (1 + abs(e)))]


@pytest.mark.parametrize(
    ("claim", "definition"), [(c, d) for c in ledger.claims() for d in c.definitions], ids=lambda x: getattr(x, "id", x)
)
def test_the_rule_of_each_claim_can_be_won_and_lost(claim, definition):
    parts = claim.rule_in(definition).parts()
    names = list(dict.fromkeys(part.of for part in parts))
    by_name = [[t for part in parts if part.of == name for t in tries(part)] for name in names]
    found = {claim.rule_in(definition).judge(dict(zip(names, values, strict=True)))
             for values in itertools.product(*by_name)}  # fmt: skip
    wanted = {REPRODUCED, NOT} if claim.kind == "theorem" else {REPRODUCED, PARTLY, NOT}
    assert found >= wanted


@pytest.mark.parametrize(
    "row", [r for r in ledger.read() if r.interval_kind == "binomial"], ids=lambda r: f"{r.id}-{r.definition}"
)
def test_no_share_is_of_too_few_runs_to_be_reproduced(row):
    """Where a rule bounds a share, its exact limits at this number of runs leave room for each verdict."""
    claim = next(c for c in ledger.claims() if c.id == row.id)
    verdicts = {
        part.judge({"": share(k, row.n_runs)})
        for part in claim.rule_in(row.definition).parts() if not part.of
        for k in range(row.n_runs + 1)
    }  # fmt: skip
    assert verdicts >= {REPRODUCED, PARTLY}
