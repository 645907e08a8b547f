"""The audit: each number is in the ledger, each choice moves one, and the words agree with them."""

import pytest

from critnet.errors import UsageError
from critnet.paper import audit, ledger


@pytest.fixture(scope="module")
def rows():
    return ledger.read()


@pytest.fixture(scope="module")
def numbers(rows):
    return {c.name: [audit.read(r, rows)[0] for r in c.readings] for c in audit.CHOICES}


def test_every_reading_is_a_number_of_the_ledger(rows):
    by_row = {(row.id, row.definition): row for row in rows}
    for choice in audit.CHOICES:
        assert len(choice.readings) >= 2
        for reading in choice.readings:
            row = by_row[reading.claim, reading.definition]
            beside = {audit.VALUE: row.value, audit.NULL: next(iter(row.null.values()), [None])[0]}
            known = beside | {name: given[0] for name, given in row.also.items()}
            assert audit.read(reading, rows)[0] == known[reading.of]


@pytest.mark.parametrize("name", [c.name for c in audit.CHOICES])
def test_a_choice_moves_its_number(name, numbers):
    found = numbers[name]
    if name in ("Facts of one seed", "An intercept printed as an exponent"):  # these compare with the paper
        assert len(found) >= 4
    else:
        assert max(found) - min(found) > 0.09


def test_what_the_claims_become_follows_from_the_numbers(numbers, rows):
    early, early_norm, late, late_norm = numbers["The squared norm"]
    assert (early_norm, late_norm) == pytest.approx((early / 2, late / 2), rel=2e-3)
    against_h, against_m, in_h, in_m = numbers["h under the label M"]
    assert abs(against_h - against_m) == pytest.approx(0.1, abs=0.05)
    assert in_h < in_m
    slope, intercept, slope_early, intercept_early = numbers["An intercept printed as an exponent"]
    assert abs(slope - 3.02) < abs(intercept - 3.02)
    assert abs(slope_early - 1.97) < abs(intercept_early - 1.97)
    below, above = numbers["A spline beyond its points"]
    assert below > above == 0
    (shift, lower, higher, highest) = numbers["The threshold b"]
    assert lower > shift > higher > highest
    rise, rise_over, fall, fall_over = numbers["The calendar of snapshots"]
    assert max(abs(rise), abs(fall)) < 0.3
    assert min(rise_over, -fall_over) > 0.95
    coded, unit, late_coded, late_unit = numbers["The step of time in a flux"]
    assert coded > 10 > unit == 0
    assert min(late_coded, late_unit) > 10
    pooled, layers, control = numbers["A mixture of layers"]
    assert pooled > max(layers, control) == 0
    straight, centred = numbers["Irreversibility that is not centred"]
    assert straight > 2 > 1 > centred
    apart, matched = numbers["How far two sets are moved"]
    assert apart > 100 * matched > 100
    gain, accepted, balanced = numbers["Recall called accuracy"]
    assert gain > 0
    assert accepted > 0.5
    assert balanced == pytest.approx(0.5, abs=0.1)
    saving, with_inputs = numbers["Inputs left out of the saving"]
    assert saving > 1000
    assert with_inputs == pytest.approx(10, rel=0.1)
    pool, each, one, null = numbers["Pooling over sizes"]
    assert abs(null - 1.5) < min(abs(x - 1.5) for x in (pool, each, one))
    hard, easy, circuits, all_early, _ = numbers["Facts of one seed"]
    assert hard < easy < 1
    assert circuits == all_early
    line, on_law, likely = numbers["An estimator with a bias of its own"]
    assert abs(line - 1) > abs(on_law - 1) > 0.2 > abs(likely - 1)


def test_the_table_states_each_number_and_spoilt_rows_are_refused(rows):
    html = audit.AuditTable(rows)._repr_html_()
    for choice in audit.CHOICES:
        for reading in choice.readings:
            assert audit.text(audit.read(reading, rows), share=reading.share) in html
    other = [row._replace(value=9.5) if row.id == "C106" else row for row in rows]
    assert "<strong>9.5 (" in audit.AuditTable(other)._repr_html_()
    assert "Recall called accuracy" in repr(audit.AuditTable(rows))
    with pytest.raises(UsageError, match="no row C999"):
        audit.read(audit.Reading("x", "C999"), rows)
    with pytest.raises(UsageError, match="has no 'nothing'; it has"):
        audit.read(audit.Reading("x", "C106", of="nothing"), rows)
