"""Marginal flux: known answers (T16), the loop over bins, and the bounds of any binning."""

import itertools

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.stats import norm

from critnet.dynamics.flux import (
    bin_edges,
    binned_flux,
    flux,
    flux_bounds,
    flux_course,
    quantile_edges,
    sign_flip_floor,
    total_flux,
)
from critnet.errors import UsageError

N = 60_000


def gaussian(seed=0, n=N):
    return np.random.default_rng(seed).normal(size=n)


def over(values, bins=100):
    """Bins over all values, the smallest included, so that nothing is dropped."""
    return bin_edges(values.min() - 1e-9, values.max(), bins)


# --- T16


def test_a_deterministic_drift_has_the_flux_of_its_mean_speed():
    # v = -kappa y: within a bin all velocities agree but in the one around 0, so |J| = kappa sigma sqrt(2/pi)
    before = gaussian()
    found = total_flux(before, before - 0.1 * before, 1, over(before))
    assert found == pytest.approx(0.1 * np.sqrt(2 / np.pi), rel=0.01)
    assert found == pytest.approx(0.0798, abs=1e-3)


@pytest.mark.parametrize("bins", [10, 100])
def test_pure_noise_leaves_the_floor(bins):
    n, edges, found = 6000, bin_edges(-6, 6, bins), []
    for seed in range(300):
        before = gaussian(seed, n)
        found.append(flux(before, before + 0.1 * gaussian(1000 + seed, n), 1, edges))
    # sqrt(2/pi) sigma_v sum_b sqrt(n_b) / N, where bins of less than a trajectory on average hardly count
    share = np.diff(norm.cdf(edges))
    expected = np.sqrt(2 / np.pi) * 0.1 * np.sqrt(share[share * n > 1]).sum() / np.sqrt(n)
    assert np.mean([f.floor for f in found]) == pytest.approx(expected, rel=0.02)
    assert np.mean([f.total for f in found]) == pytest.approx(expected, rel=0.08)  # 0.75 / sqrt(300 * 4) is 2 %
    assert np.mean([f.speed for f in found]) == pytest.approx(0.0798, abs=2e-4)
    assert abs(np.mean([f.excess for f in found])) < 0.08 * expected


def test_the_floor_of_noise_in_a_hundred_and_a_thousand_bins():
    before = gaussian()
    noisy = before + 0.1 * gaussian(1)
    assert flux(before, noisy, 1, over(before, 100)).floor == pytest.approx(0.0023, abs=1e-4)
    assert flux(before, noisy, 1, over(before, 1000)).floor == pytest.approx(0.0075, abs=3e-4)


@pytest.mark.parametrize("bins", [1, 7, 100])
@pytest.mark.parametrize("dt", [1, 10])
def test_a_translation_has_its_own_speed_in_any_bins(bins, dt):
    before = gaussian(n=1000)
    edges = over(before, bins)
    found = flux(before, before - 0.5 * dt, dt, edges)
    assert found.total == pytest.approx(0.5, rel=1e-12)
    assert found.drift == pytest.approx(0.5, rel=1e-12)
    assert found.speed == pytest.approx(0.5, rel=1e-12)


def test_one_bin_is_the_drift_and_a_bin_for_each_is_the_speed():
    before, after = gaussian(1, 500), gaussian(2, 500)
    drift, speed = flux_bounds(before, after, 3)
    assert total_flux(before, after, 3, over(before, 1)) == pytest.approx(drift, rel=1e-12)
    alone = np.concatenate([[-np.inf], np.sort(before)])
    assert total_flux(before, after, 3, alone) == pytest.approx(speed, rel=1e-12)
    assert sign_flip_floor(before, after, 3, alone) == pytest.approx(speed, rel=1e-12)


@pytest.mark.parametrize(("dt", "expected"), [(1, 0.79), (10, 0.25), (2000, 0.018)])
def test_the_speed_of_diffusion_falls_with_the_interval(dt, expected):
    before = gaussian(3)
    after = before + np.sqrt(dt) * gaussian(4)
    assert flux_bounds(before, after, dt)[1] == pytest.approx(expected, rel=0.02)


# --- as coded: right-closed bins, the global minimum dropped


def test_bins_are_closed_on_the_right_and_the_minimum_is_dropped():
    edges = bin_edges(0, 3, 3)
    before = np.array([0.0, 1.0, 1.0 + 1e-12, 3.0, 0.0])
    after = before + np.array([16.0, 1.0, 2.0, 4.0, 8.0])
    assert binned_flux(before, after, 1, edges) == pytest.approx([0.2, 0.4, 0.8])
    assert flux(before, after, 1, edges).dropped == 0.4


def test_a_loop_over_bins_gives_the_same():
    before = gaussian(5, 2000).astype(np.float32)
    after = gaussian(6, 2000).astype(np.float32)
    edges = bin_edges(min(before.min(), after.min()), max(before.max(), after.max()))
    expected = []
    for low, high in itertools.pairwise(edges):
        inside = [k for k, y in enumerate(before) if low < float(y) <= high]
        expected.append(sum((float(after[k]) - float(before[k])) / 7 for k in inside) / 2000)
    assert binned_flux(before, after, 7, edges) == pytest.approx(expected, abs=1e-15)
    assert total_flux(before, after, 7, edges) == pytest.approx(np.abs(expected).sum(), rel=1e-12)
    assert flux(before, after, 7, edges).total == total_flux(before, after, 7, edges)


# --- the control


def test_quantile_bins_hold_equally_many_and_lose_none():
    before = gaussian(7, 1000)
    edges = quantile_edges(before, 100)
    assert np.histogram(before, np.concatenate([[before.min() - 1], edges[1:]]))[0].sum() == 1000
    counts = np.bincount(np.searchsorted(edges, before, side="left"), minlength=101)
    assert counts.tolist() == [0] + [10] * 100
    assert flux(before, before, 1, edges).dropped == 0


def test_tied_values_share_a_bin():
    assert quantile_edges([0.0] * 90 + [1.0] * 10, 10).tolist() == [-np.inf, 0.0, 1.0]
    assert quantile_edges([2.0, 2.0], 5).tolist() == [-np.inf, 2.0]


small = st.lists(st.floats(-5, 5, width=32), min_size=1, max_size=9)


@given(st.data(), small)
def test_the_floor_is_near_the_mean_over_all_sign_flips(data, velocity):
    before = np.array(data.draw(st.lists(st.integers(0, 2), min_size=len(velocity), max_size=len(velocity)))) + 0.5
    edges = np.array([0.0, 1.0, 2.0, 3.0])
    flips = itertools.product((-1, 1), repeat=len(velocity))
    exact = np.mean([total_flux(before, before + np.array(s) * velocity, 1, edges) for s in flips])
    floor = sign_flip_floor(before, before + np.array(velocity), 1, edges)
    assert 0.797 * exact - 1e-9 <= floor <= 1.129 * exact + 1e-9  # Haagerup's bounds on sums of random signs


# --- bounds


@given(st.data(), st.integers(1, 40), st.floats(0.1, 100))
def test_any_binning_lies_between_the_bounds(data, bins, dt):
    numbers = st.lists(st.floats(-100, 100), min_size=2, max_size=50)
    before = np.array(data.draw(numbers))
    after = data.draw(st.permutations(before)) + np.array(data.draw(st.floats(-1, 1)))
    edges = bin_edges(before.min() - 1, before.max(), bins)
    for found in (flux(before, after, dt, edges), flux(before, after, dt, quantile_edges(before, bins))):
        assert found.dropped == 0
        assert found.drift - 1e-9 <= found.total <= found.speed + 1e-9
        assert (found.drift, found.speed) == flux_bounds(before, after, dt)


@given(st.lists(st.tuples(st.floats(0, 3), st.floats(0, 3)), min_size=2, max_size=40), st.integers(1, 20))
def test_with_dropped_trajectories_only_their_own_share_is_missing(pairs, bins):
    before, after = np.array(pairs).T
    assume(before.max() > before.min())
    found = flux(before, after, 1, bin_edges(before.min(), before.max(), bins))
    lost = (after - before)[before == before.min()]
    assert found.dropped == lost.size / len(pairs)
    assert found.total <= found.speed + 1e-9
    assert found.drift <= found.total + abs(lost.sum()) / len(pairs) + 1e-9


def test_merging_bins_cannot_raise_the_flux():
    before, after = gaussian(8, 3000), gaussian(9, 3000)
    totals = [total_flux(before, after, 1, over(before, bins)) for bins in (1, 2, 4, 8, 64)]
    assert (np.diff(totals) > -1e-12).all()


# --- a course


def walk(seed, steps, n=400):
    """Brownian trajectories, seen at some of their steps."""
    path = np.cumsum(np.random.default_rng(seed).normal(size=(steps[-1] + 1, n)), axis=0)
    return path[steps]


@pytest.mark.parametrize("definition", ["as-coded", "control"])
def test_a_course_is_its_intervals(definition):
    steps = [0, 1, 2, 3, 10, 20, 21]
    values = walk(0, steps)
    start, found = flux_course(steps, values, definition=definition, bins=30)
    pairs = [(i, i + 1) for i in range(6) if definition == "as-coded" or steps[i + 1] - steps[i] == 1]
    assert start.tolist() == [steps[a] for a, _ in pairs]
    for k, (a, b) in enumerate(pairs):
        edges = bin_edges(values.min(), values.max(), 30)
        edges = edges if definition == "as-coded" else quantile_edges(values[a], 30)
        one = flux(values[a], values[b], steps[b] - steps[a], edges)
        assert [float(field[k]) for field in found] == pytest.approx(list(one), rel=1e-12)
        assert found.excess[k] == pytest.approx(one.excess)


def test_the_calendar_makes_a_transition_and_single_steps_do_not():
    steps = np.array([*range(100), *range(100, 1000, 50), *range(1000, 1100)])
    values = walk(1, steps, 2000)
    start, coded = flux_course(steps, values, definition="as-coded")
    assert coded.speed[start < 99].mean() > 5 * coded.speed[(start >= 100) & (start < 950)].mean()
    start, unit = flux_course(steps, values)
    assert unit.speed[start < 99].mean() == pytest.approx(unit.speed[start >= 1000].mean(), rel=0.02)
    assert unit.excess.mean() == pytest.approx(0, abs=0.02 * unit.speed.mean())
    assert (unit.drift <= unit.total + 1e-12).all()
    assert (unit.total <= unit.speed + 1e-12).all()


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        (([0], [[1.0]]), {}, "do not rise"),
        (([0, 0], [[1.0], [2.0]]), {}, "do not rise"),
        (([0, 1], [[1.0]]), {}, "for each of 2 steps"),
        (([0, 1], [[], []]), {}, "for each of 2 steps"),
        (([0, 1], [[1.0, 2.0], [1.0]]), {}, "values"),
        (([0, 1], [[1.0], [np.nan]]), {}, "values holds 1 NaN"),
        (([0, 10], [[1.0], [2.0]]), {}, "no two steps are consecutive"),
        (([0, 1], [[1.0], [2.0]]), {"definition": "clean"}, "definition is 'clean'"),
        (([0, 1], [[1.0], [2.0]]), {"bins": 0}, "bins is 0"),
    ],
)
def test_a_course_refuses(arguments, options, message):
    with pytest.raises(UsageError, match=message):
        flux_course(*arguments, **options)


# --- refusals


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([1.0], [1.0, 2.0], 1, [0, 1]), "same trajectories"),
        (([], [], 1, [0, 1]), "at least one"),
        (([np.nan], [1.0], 1, [0, 1]), "before holds NaN"),
        (([1.0], [np.inf], 1, [0, 1]), "after holds NaN"),
        (([1.0], [1.0], 0, [0, 1]), "dt is 0"),
        (([1.0], [1.0], np.nan, [0, 1]), "dt is nan"),
        (([2.0], [1.0], 1, [0, 1]), "beyond the edges"),
        (([-1.0], [1.0], 1, [0, 1]), "beyond the edges"),
        (([1.0], [1.0], 1, [1, 0]), "rising"),
        (([1.0], [1.0], 1, [1]), "rising"),
    ],
)
def test_refusals(arguments, message):
    for function in (binned_flux, total_flux, sign_flip_floor, flux):
        with pytest.raises(UsageError, match=message):
            function(*arguments)


@pytest.mark.parametrize("arguments", [(1, 0), (np.nan, 1), (0, np.inf), (0, 1, 0), (0, 1, 1.5)])
def test_bins_need_a_finite_range_and_a_whole_number(arguments):
    with pytest.raises(UsageError, match=r"finite number|whole number"):
        bin_edges(*arguments)
