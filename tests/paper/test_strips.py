"""Strips: where numbers, bounds, nulls and the paper's number lie, and what is said beside them."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from critnet.paper import ledger, rules, strips, universes

FINITE = st.floats(-1e6, 1e6)


@pytest.fixture(scope="module")
def rows():
    return ledger.read()


def of(rows, identity):
    return [row for row in rows if row.id == identity]


@given(st.lists(FINITE, max_size=4), st.lists(st.one_of(FINITE, st.just(np.nan), st.just(np.inf)), max_size=8))
def test_an_axis_holds_all_bounds_and_rises(bounds, numbers):
    low, high, logarithmic = strips.axis(bounds, numbers)
    assert low < high
    assert not logarithmic or low > 0
    assert all(low < b < high for b in bounds)


@given(FINITE, FINITE, st.lists(FINITE, min_size=2, max_size=2, unique=True))
def test_a_scale_rises_and_stays_on_the_strip(a, b, ends):
    scale = strips.Scale(*sorted(ends), False)
    assert 0 <= scale(a) <= strips.WIDTH
    assert a <= b or scale(a) >= scale(b)


def test_bands_and_dot_lie_where_the_rule_and_the_number_say():
    margin = rules.within((2, 3), (1, 4))
    scale = strips.Scale(0, 5, False)
    drawn = strips.lane(margin, (2.5, 2.0, 4.5), [(1.0, 0.5, 1.5)], 3.5, scale, "control", True)
    boxes = {
        kind: (float(x), float(w)) for kind, x, w in re.findall(r'cs-(\w+)" x="([\d.]+)" y="4" width="([\d.]+)"', drawn)
    }
    assert boxes == {"partly": (44.0, 132.0), "good": (88.0, 44.0)}
    assert '<circle class="cs-dot" cx="110.0"' in drawn
    assert '<path class="cs-span" d="M88.0 11.0H198.0"/>' in drawn
    assert '<circle class="cs-null" cx="44.0"' in drawn
    assert '<path class="cs-paper" d="M154.0 0V22"/>' in drawn
    assert 'class="cs-lane control"' in drawn


def test_a_one_sided_bound_reaches_the_end_and_a_number_beyond_it_is_an_arrow():
    scale = strips.Scale(0, 5, False)
    drawn = strips.lane(rules.at_least(4), (99.0, 99.0, 99.0), [], None, scale, "as-coded", True)
    assert '<rect class="cs-good" x="176.0" y="4" width="44.0"' in drawn
    assert "<circle" not in drawn
    assert f"L{strips.WIDTH} " in drawn
    below = strips.lane(rules.at_least(4), (-99.0, -99.0, -99.0), [], None, scale, "as-coded", True)
    assert "L0 " in below


def test_without_a_number_or_a_rule_nothing_is_claimed():
    nothing = (np.nan,) * 3
    drawn = strips.lane(rules.at_least(4), nothing, [nothing], None, strips.Scale(0, 5, False), "control", False)
    assert "rect" not in drawn
    assert "circle" not in drawn
    assert strips.words(nothing) == "no number"


def test_every_claim_of_the_ledger_has_its_strip(rows):
    for claim in strips.by_claim(rows):
        html = strips.cells(claim)
        assert html.count('<svg class="cs-lane') == len(claim)
        assert "nan" not in re.sub(r"<[^>]*>|\w*nan\w+|\w+nan\w*", "", html)
        assert "inf" not in re.findall(r'(?:x|cx|width|d)="([^"]*)"', html)
        for row in claim:
            assert f'<span class="verdict {strips.GLYPHS[row.verdict]}">{row.verdict}</span>' in html


def test_a_dot_in_the_dark_band_goes_with_a_reproduced_claim_of_one_margin(rows):
    """Whole intervals inside the reproduced region: the picture and the verdict say the same."""
    checked = 0
    for row in rows:
        rule = strips.declared()[row.id].rule_in(row.definition)
        if not isinstance(rule, rules.Margin) or row.verdict in (rules.UNTESTABLE, rules.UNJUDGED):
            continue
        _, low, high = strips.bounded(rule, row)
        inside = rule.reproduced.low <= low and high <= rule.reproduced.high
        assert inside == (row.verdict == rules.REPRODUCED), row.id
        checked += 1
    assert checked > 50


def test_the_papers_number_is_drawn_only_where_the_rule_is_about_it(rows):
    drawn = {c[0].id for c in strips.by_claim(rows) if 'cs-paper"' in strips.strip(c)}
    assert {"C07", "C24", "C34", "C59"} <= drawn  # 37, 1.5, 1.34, 40000
    assert not {"C02", "C04", "C06"} & drawn  # "universal", "about 100" of a ratio, "T = 200000"


def test_the_rule_and_the_reasons_are_folded_below(rows):
    html = strips.details(of(rows, "C07"))
    assert "Reproduced: iteration of the peak of F2 25 to 55. Partly: 15 to 150." in html
    assert "5 of the five anchor runs" in html
    different = strips.details(of(rows, "C40"))
    assert different.count("<b>as coded</b>") == different.count("<b>control</b>") == 1


def test_a_bar_has_a_part_a_verdict_as_wide_as_its_share(rows):
    """C05 as coded: shares of 24 universes, side by side over the whole width."""
    bar = strips.universe_bar(of(rows, "C05")[:1])
    parts = [(float(x), float(w)) for x, w in re.findall(r'x="([\d.]+)" width="([\d.]+)"', bar)]
    found = universes.shares(universes.of_row("C05", "as-coded"))
    assert [w for _, w in parts] == pytest.approx([strips.WIDTH * s for s in found.verdicts.values()], abs=0.06)
    assert parts[-1][0] + parts[-1][1] == pytest.approx(strips.WIDTH, abs=0.2)
    assert f"{found.n} ways: " in bar
    assert strips.universe_bar(of(rows, "C135")) == ""
