"""The boundary and the order of a transition: known answers, brute force, and what must not be taken for a jump."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from critnet.errors import UsageError
from critnet.losses import phases

LN_GAMMA = np.log(0.1 / np.array([8.0, 16, 32, 64, 128, 256, 512, 1024, 2048]))
LN_SIZE = np.log([2.0, 5, 10, 20, 30, 50, 100, 200, 500, 1000, 2000])


def paper(x):
    return 0.5 * (x + 7.7) ** 2 + 2.5


def rng():
    return np.random.default_rng(3)


# --- the boundary ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("falling", [False, True])
def test_the_paper_s_parabola_is_recovered_from_step_data(falling):
    """Criterion 2 below the boundary and -12 above: positions to half a grid step, the parabola within its interval."""
    found = []
    for ln_gamma in LN_GAMMA:
        criterion = np.where(paper(ln_gamma) < LN_SIZE, -12.0, 2.0)
        if np.ptp(criterion):
            step = phases.steepest(LN_SIZE, criterion, falling=falling)
            assert step.x_low <= paper(ln_gamma) <= step.x_high
            assert step.change == -14
            found.append((ln_gamma, step.position))
    fit = phases.fit_parabola(*np.transpose(found), random=rng())
    assert fit.n_points == len(found) >= 7
    for name, true in (("curvature", 0.5), ("vertex", -7.7), ("minimum", 2.5)):
        assert getattr(fit.low, name) <= true <= getattr(fit.high, name), (name, fit)
        assert getattr(fit.best, name) == pytest.approx(true, abs=0.35)
    assert fit.open_upward == 1


@settings(deadline=None)
@given(st.floats(0.05, 3), st.floats(-12, -3), st.floats(-3, 8))
def test_a_parabola_without_noise_is_recovered_exactly(curvature, vertex, minimum):
    fit = phases.fit_parabola(LN_GAMMA, curvature * (LN_GAMMA - vertex) ** 2 + minimum, n_bootstrap=20, random=rng())
    assert np.allclose(fit.best, (curvature, vertex, minimum), rtol=1e-6, atol=1e-6)
    assert np.allclose(fit.low, fit.best, rtol=1e-6, atol=1e-6)
    assert fit.best(vertex + 1) == pytest.approx(curvature + minimum)


def test_the_interval_covers_the_truth_about_as_often_as_it_says():
    """50 noisy boundaries: a 95 % bootstrap of nine points is known to be narrow, so at least 70 % and not all."""
    random, inside = rng(), 0
    x = np.linspace(-11, -4, 15)
    for _ in range(50):
        fit = phases.fit_parabola(x, paper(x) + random.normal(0, 0.3, x.size), n_bootstrap=200, random=random)
        inside += fit.low.vertex <= -7.7 <= fit.high.vertex
    assert 35 <= inside < 50


def test_an_upside_down_boundary_has_a_negative_curvature():
    fit = phases.fit_parabola(LN_GAMMA, -paper(LN_GAMMA), random=rng())
    assert fit.best.curvature == pytest.approx(-0.5)
    assert fit.open_upward == 0


def test_steepest_counts_the_slope_and_not_the_step():
    x, y = [0.0, 1.0, 5.0], [4.0, 0.0, -8.0]
    assert phases.steepest(x, y).position == 0.5
    assert phases.largest_step([*x, 6.0, 7.0], [*y, -8.5, -9.0]).position == 3.0


def test_falling_passes_over_a_steeper_rise():
    x, y = [0.0, 1, 2, 3], [0.0, -3.0, 9.0, 8.0]
    assert phases.steepest(x, y).position == 1.5
    assert phases.steepest(x, y, falling=True).position == 0.5


def test_crossings_of_a_parabola():
    x = np.linspace(-3, 3, 3001)
    assert phases.crossings(x, x**2, 4.0) == pytest.approx([-2, 2], abs=1e-5)
    assert phases.crossings(x, x**2, 99.0).size == 0


# --- the order of the transition -------------------------------------------------------------------------------------


@pytest.mark.parametrize("points", [9, 20, 80])
def test_a_jump_stays_a_jump_and_a_slope_stays_a_slope(points):
    """A slow drift with a step at 0 jumps at any resolution; a line and a wide tanh never do."""
    x = np.linspace(-2, 2, points)
    step = phases.largest_step(x, -0.5 * x - 12 * (x > 0.1))
    assert step.jumps
    assert step.x_low <= 0.1 <= step.x_high
    assert not phases.largest_step(x, -3 * x).jumps
    assert not phases.largest_step(x, -6 * np.tanh(x)).jumps


def test_the_ratio_is_the_one_written_out():
    x, y = np.arange(6.0), np.array([0.0, 1.0, -1.0, -13.0, -13.5, -10.0])
    step = phases.largest_step(x, y)
    assert (step.x_low, step.x_high, step.change) == (2, 3, -12)
    assert step.ratio == 12 / np.median([1, 2, 0.5, 3.5])


def test_a_lone_step_stands_out_infinitely_and_a_constant_not_at_all():
    x = np.arange(5.0)
    assert phases.largest_step(x, [1, 1, 1, 0, 0]).ratio == np.inf
    flat = phases.largest_step(x, np.ones(5))
    assert (flat.ratio, flat.jumps) == (0, False)


@pytest.mark.parametrize("seed", range(3))
def test_two_groups_are_bimodal_and_one_law_is_not(seed):
    random = np.random.default_rng(seed)
    two = phases.bimodality(np.r_[random.normal(-12, 1, 60), random.normal(2, 1, 40)])
    assert two.bimodal
    assert two.low == pytest.approx(-12, abs=0.5)
    assert two.high == pytest.approx(2, abs=0.5)
    assert not phases.bimodality(random.normal(0, 3, 100)).bimodal


def test_a_uniform_sample_is_seldom_taken_for_two_groups():
    """The flattest law with one mode: fewer than one in ten, though two normal laws often fit it better."""
    found = [phases.bimodality(np.random.default_rng(seed).uniform(-12, 2, 60)) for seed in range(40)]
    assert sum(f.bimodal for f in found) < 4
    assert any(f.gain > phases.STRONG for f in found)


def test_a_skewed_sample_gains_by_two_laws_but_has_one_mode():
    skewed = phases.bimodality(-np.log1p(-(np.arange(300) + 0.5) / 300))
    assert skewed.gain > phases.STRONG
    assert skewed.valley == 1
    assert not skewed.bimodal


@given(st.lists(st.tuples(st.integers(0, 4), st.floats(-20, 20)), min_size=1, max_size=30))
def test_coexistence_against_a_loop(pairs):
    group, values = zip(*pairs, strict=True)
    sides = {g: [v <= -5 for h, v in pairs if h == g] for g in set(group)}
    several = [s for s in sides.values() if len(s) > 1]
    assert phases.coexistence(group, values, -5.0) == (sum(0 < sum(s) < len(s) for s in several), len(several))


# --- what is refused -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: phases.steepest([0.0], [1.0]), "1 points"),
        (lambda: phases.steepest([0.0, 0.0], [1.0, 2.0]), "must rise"),
        (lambda: phases.steepest([0.0, 1.0], [1.0, np.nan]), "NaN"),
        (lambda: phases.steepest([0.0, 1.0], [1.0]), "shape"),
        (lambda: phases.largest_step([0, 1, 2], [0, 1, 2]), "at least 4"),
        (lambda: phases.fit_parabola([0, 1, 2], [0, 1, 2], random=rng()), "3 points"),
        (lambda: phases.fit_parabola([0, 1, 0, 1], [0, 1, 2, 3], random=rng()), "2 different"),
        (lambda: phases.fit_parabola(LN_GAMMA, LN_GAMMA, n_bootstrap=0, random=rng()), "n_bootstrap is 0"),
        (lambda: phases.fit_parabola(LN_GAMMA, LN_GAMMA, level=1.0, random=rng()), "level is 1.0"),
        (lambda: phases.bimodality([1.0] * 9), "all equal"),
        (lambda: phases.bimodality([1.0, 2.0]), "2 numbers"),
        (lambda: phases.bimodality([np.inf, *range(9)]), "1 of them not finite"),
        (lambda: phases.coexistence([1, 2], [1.0], 0.0), "shape"),
        (lambda: phases.coexistence([1, 2], [1.0, np.nan], 0.0), "1 NaN"),
    ],
)
def test_bad_input_is_refused_with_its_value(call, message):
    with pytest.raises(UsageError, match=message):
        call()
