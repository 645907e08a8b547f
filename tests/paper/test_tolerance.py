"""Rules with other margins: known answers for wider and narrower ones, and what no factor may change."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from critnet.errors import UsageError
from critnet.paper import ledger, rules, strips, tolerance

FACTOR = st.floats(0.25, 4)


@pytest.fixture(scope="module")
def rows():
    return ledger.read()


def rule_of(row):
    return strips.declared()[row.id].rule_in(row.definition)


@pytest.mark.parametrize(
    ("rule", "factor", "words"),
    [
        (rules.within((25, 55), (15, 150)), 2, "R: the value 10 to 70; P: -10 to 260"),
        (rules.near(1.0), 0.5, "R: the value 0.925 to 1.075; P: 0.8 to 1.2"),
        (rules.at_least(0.9, 0.5), 0.5, "R: the value >= 0.9474; P: >= 0.6667"),
        (rules.at_most(0.02, 0.5), 2, "R: the value <= 0.03922; P: <= 0.6667"),
        (rules.at_least(5, 2), 2, "R: the value >= 3; P: >= 1.5"),
        (rules.at_most(-0.5), 0.5, "R: the value <= -0.6667; N: otherwise"),
        (rules.above(0), 4, "R: the value > 0; N: otherwise"),
        (rules.above(1), 0.25, "R: the value > 1; N: otherwise"),
        (
            rules.all_of(rules.above(0, of="x"), rules.for_reproduced(rules.at_least(3))),
            2,
            "R: x > 0 and the value >= 2; P: x > 0",
        ),
    ],
)
def test_margins_known_by_hand(rule, factor, words):
    assert tolerance.scaled(rule, factor).words() == words


@given(FACTOR)
def test_every_rule_keeps_its_pale_band_around_its_dark_one_and_comes_back(factor):
    for claim in ledger.claims():
        for definition in claim.definitions:
            rule = claim.rule_in(definition)
            wide = tolerance.scaled(rule, factor)
            for part in wide.parts():
                assert part.partly.low <= part.reproduced.low
                assert part.reproduced.high <= part.partly.high
            if factor <= 2 and claim.id != "C64":  # whose dark band is cut at 0 when it is wider
                for own, back in zip(rule.parts(), tolerance.scaled(wide, 1 / factor).parts(), strict=True):
                    assert tolerance.encoded(own)[0] == tolerance.encoded(back)[0]
                    assert [*back.reproduced, *back.partly] == pytest.approx([*own.reproduced, *own.partly])


@given(st.floats(0, 1), FACTOR)
def test_no_share_is_asked_to_exceed_one(bound, factor):
    assert 0 <= tolerance.one_end(bound, factor) <= 1


@given(st.floats(-1e6, 1e6), FACTOR)
def test_a_wider_margin_never_takes_reproduced_away(value, factor):
    wide, narrow = max(factor, 1), 1
    number = {"": tolerance.Plain([value] * 3)}
    for rule in (rules.at_least(0.7, 0.3), rules.at_most(-2), rules.within((1, 3), (0, 9)), rules.above(40)):
        if tolerance.scaled(rule, narrow).judge(number) == rules.REPRODUCED:
            assert tolerance.scaled(rule, wide).judge(number) == rules.REPRODUCED


def test_at_one_the_tally_is_that_of_the_ledger(rows):
    for definition in ("as-coded", "control"):
        counts, changed = tolerance.tally(rows, rule_of, definition, 1)
        assert changed == 0
        assert {v: counts[v] for v in rules.VERDICTS} == ledger.tally(rows, definition)


def test_a_tally_known_by_hand(rows):
    row = next(r for r in rows if r.id == "C03")._replace(value=8.0, low=7.0, high=10.0, verdict="reproduced")
    far = row._replace(value=100.0, low=90.0, high=110.0, verdict="not reproduced")
    unjudged = row._replace(verdict=rules.UNJUDGED)
    given = [row, far, unjudged, row._replace(definition="control")]

    def tally(factor):
        counts, changed = tolerance.tally(given, lambda _: rules.within((3, 30), (1, 60)), row.definition, factor)
        return {v: n for v, n in counts.items() if n}, changed

    assert tally(1) == ({"reproduced": 1, "not reproduced": 1, "not judged": 1}, 0)
    # half: 9.75 to 23.25 and 8.75 to 38.25, which 7 to 10 crosses; twice: up to 43.5 and 103.5, four times up to 190.5
    assert tally(0.5) == ({"undecided": 1, "not reproduced": 1, "not judged": 1}, 1)
    assert tally(2) == ({"reproduced": 1, "undecided": 1, "not judged": 1}, 1)
    assert tally(4) == ({"reproduced": 1, "partly": 1, "not judged": 1}, 1)


@pytest.mark.parametrize("factor", [0, -1, math.nan, math.inf])
def test_a_factor_that_is_none_is_refused(factor):
    with pytest.raises((UsageError, ValueError), match="factor"):
        tolerance.scaled(rules.at_least(1), factor)
