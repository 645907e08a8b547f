"""The redistribution model: a loop over steps as oracle, exact laws (T20), two estimates of one tail (T21)."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import gammaln
from scipy.stats import chi2

from critnet.dynamics.lynn import fit_lynn, lynn_law
from critnet.dynamics.redistribution import Course, by_course, by_weight, pruned_pairs, redistribute
from critnet.errors import UsageError
from critnet.statistics.tails import linear_bin_slope

ONES = np.ones((1, 110, 110))


def generator(seed=0):
    return np.random.default_rng(seed)


def course(*rows):
    """A course of four neurons, six pairs, from rows of pair correlations at times 0, 10, 20 ..."""
    stack = np.zeros((len(rows), 4, 4))
    stack[:, *np.triu_indices(4, 1)] = rows
    return Course(stack + stack.transpose(0, 2, 1), 10 * np.arange(len(rows)), 0)


def by_loop(start, pruned, probability, steps, preference, random):
    """The authors' rule, step by step, on the weights of the pairs; preference(step, weights) not normalised."""
    weights = np.bincount(start, minlength=6)
    for t in range(1, steps + 1):
        at = random.choice(6, pruned, replace=False)
        mass = weights[at].sum()
        weights[at] = 0
        wanted = preference(t, weights) + 1e-30
        preferred = random.binomial(mass, probability)
        weights += random.multinomial(preferred, wanted / wanted.sum())
        weights += random.multinomial(mass - preferred, np.full(6, 1 / 6))
    return weights


def alike(first, second):
    """Whether two samples of small whole numbers (n, pairs) are alike, by chi squared of how often values occur."""
    for a, b in zip(np.asarray(first).T, np.asarray(second).T, strict=True):
        n = max(a.max(), b.max()) + 1
        table = np.stack([np.bincount(a, minlength=n), np.bincount(b, minlength=n)]).astype(float)
        common = table.sum(axis=0) >= 20
        table = np.column_stack([table[:, common], table[:, ~common].sum(axis=1)])
        table = table[:, table.sum(axis=0) > 0]
        expected = table.sum(axis=0) * table.sum(axis=1, keepdims=True) / table.sum()
        statistic = ((table - expected) ** 2 / expected).sum()
        assert chi2.sf(statistic, table.shape[1] - 1) > 1e-4


# --- which pairs are pruned


@pytest.mark.parametrize(("n_pairs", "pruned"), [(5995, 59), (100, 1), (6, 4), (6, 6)])
def test_each_step_prunes_so_many_different_pairs_all_equally(n_pairs, pruned):
    piece = pruned_pairs(n_pairs, pruned, 1000, generator())
    number = len(piece.rows)
    assert 0 < number <= 1000
    assert piece.rows.shape == (number, pruned)
    assert all(np.unique(row).size == pruned for row in piece.rows)
    counts = np.bincount(piece.rows.ravel(), minlength=n_pairs)
    expected, share = number * pruned / n_pairs, pruned / n_pairs
    assert (np.abs(counts - expected) <= 6 * np.sqrt(expected * (1 - share)) + 3).all()
    from critnet.dynamics.redistribution import BITS

    listed = np.sort((piece.rows.astype(np.int64) << BITS) | np.arange(1, number + 1)[:, None], axis=None)
    assert np.array_equal(listed, piece.events)


def test_pieces_make_up_the_whole():
    random, done = generator(1), 0
    while done < 20_000:
        done += len(pruned_pairs(5995, 59, 20_000 - done, random).rows)
    assert done == 20_000


# --- the preference that changes with time


def test_a_draw_follows_the_interpolated_correlation_also_through_zero():
    c = course([0.8, -0.4, 0.2, 0.0, 0.0, 0.6], [-0.4, -0.4, 0.6, 0.3, 0.0, 0.6])
    for time in (0.0, 2.5, 5.0, 20 / 3, 10.0):
        share = time / 10
        expected = np.abs((1 - share) * c.strength[0] + share * c.strength[1])
        counts = np.bincount(c.draw(np.full(60_000, time), generator(2)), minlength=6)
        expected *= 60_000 / expected.sum()
        assert (counts[expected < 1e-9] == 0).all()
        fine = expected > 1e-9
        assert ((counts - expected)[fine] ** 2 / expected[fine]).sum() < chi2.isf(1e-4, fine.sum() - 1)


def test_without_any_correlation_it_is_anywhere():
    counts = np.bincount(course(np.zeros(6)).draw(np.zeros(6000), generator(3)), minlength=6)
    assert ((counts - 1000) ** 2 / 1000).sum() < chi2.isf(1e-4, 5)


# --- against the loop over steps


@pytest.mark.parametrize("pruned", [1, 3, 5])
@pytest.mark.parametrize("probability", [0.0, 0.6, 1.0])
def test_the_walk_from_event_to_event_is_the_loop_over_steps(pruned, probability):
    rows = np.array([[0.9, -0.5, 0.1, 0.3, 0.0, 0.2], [0.1, 0.5, 0.9, 0.3, 0.6, 0.2]])
    c = course(*rows)

    def preference(t, weights):
        share = (t - 1) / 10  # of step t - 1
        return np.abs((1 - share) * rows[0] + share * rows[1])

    random, start, one = generator(4), np.array([0, 0, 1, 4]), np.array([probability])
    ours = [np.bincount(by_course(start[None], c, pruned, one, 7, random)[0], minlength=6) for _ in range(1200)]
    alike(ours, [by_loop(start, pruned, probability, 7, preference, random) for _ in range(1200)])


@pytest.mark.parametrize("pruned", [1, 3, 5])
@pytest.mark.parametrize("probability", [0.0, 0.6, 1.0])
def test_following_a_unit_is_preferring_by_weight(pruned, probability):
    random, start, one = generator(5), np.array([0, 0, 1, 4]), np.array([probability])
    ours = [np.bincount(by_weight(start[None], 6, pruned, one, 7, random)[0], minlength=6) for _ in range(1200)]
    alike(ours, [by_loop(start, pruned, probability, 7, lambda t, weights: weights, random) for _ in range(1200)])


def test_with_no_unit_left_the_preference_is_anywhere():
    random = generator(6)
    found = [by_weight(np.array([[0, 1]]), 6, 6, np.array([1.0]), 1, random)[0, 0] for _ in range(1200)]
    counts = np.bincount(found, minlength=6)
    assert ((counts - 200) ** 2 / 200).sum() < chi2.isf(1e-4, 5)


def test_runs_of_one_call_do_not_mix():
    units = np.array([[0] * 5, [3] * 5])
    moved = by_weight(units, 6, 1, np.array([1.0, 1.0]), 1, generator(7))
    assert all(set(row) <= {0, 1, 2, 3, 4, 5} for row in moved)
    kept = [by_weight(units, 1000, 1, np.ones(2), 20, generator(s)) for s in range(20)]
    assert all(np.array_equal(k, units) for k in kept)  # one of 1000 pairs a step: nothing is hit in 20 steps


def test_the_first_stage_forgets():
    c = course([0.9, 0.5, 0.1, 0.3, 0.0, 0.2])
    random, one = generator(8), np.array([0.7])
    ends = []
    for place in (0, 4):
        walks = [by_course(np.full((1, 3), place), c, 1, one, 40, random)[0] for _ in range(1500)]
        ends.append([np.bincount(w, minlength=6) for w in walks])
    alike(*ends)


# --- T20: mass is conserved, and the laws


@settings(max_examples=20, deadline=None)
@given(
    st.integers(0, 10**6), st.floats(0, 1), st.sampled_from(["correlation", "constant", "weight"]), st.integers(0, 60)
)
def test_units_are_conserved(seed, probability, preference, steps):
    random = generator(seed)
    half = random.uniform(-1, 1, (3, 16, 16))
    stack = half + half.transpose(0, 2, 1)
    options = {"preference": preference, "steps": steps, "samples": 3, "between": 2, "random": random}
    found = redistribute(stack, [0, 20, 60], [probability, 0.5], **options)
    assert found.shape == (2, 3, 120)
    assert (found.sum(axis=2) == 12).all()
    assert found.min() >= 0


def test_the_law_is_that_of_the_gamma_functions():
    for p, mean in [(0.05, 0.1), (0.37, 0.1), (0.9, 2.0)]:
        s, a = np.arange(2000), mean * (1 - p) / p
        expected = gammaln(s + a) - gammaln(s + a + 1 + 1 / p)
        law = lynn_law(1999, p, mean)
        assert law[0] == pytest.approx(1 / (1 + (1 - p) * mean), rel=1e-12)
        assert np.log(law[1:] / law[1]) == pytest.approx(expected[1:] - expected[1], abs=1e-8)
        assert np.log(law[1999] / law[1000]) / np.log(1999 / 1000) == pytest.approx(-(1 + 1 / p), rel=0.01)


def test_the_law_has_the_mass_and_mean_of_the_model():
    law = lynn_law(3000, 0.2, 0.1)
    assert law.sum() == pytest.approx(1, abs=1e-9)
    assert law @ np.arange(3001) == pytest.approx(0.1, rel=1e-6)


def test_the_last_stage_follows_the_law():
    for p in (0.2, 0.37):
        found = redistribute(ONES, [0], np.full(8, p), random=generator(9), steps=600, preference="weight", samples=40)
        law = lynn_law(found.max(), p, 599 / 5995)
        share = np.array([[(run == s).mean() for s in (0, 1, 2, 5)] for run in found])
        spread = share.std(axis=0, ddof=1) / np.sqrt(8)
        # 59 pairs of 5995 at a time, not one by one: half a per cent of what moves moves together
        assert (np.abs(share.mean(axis=0) - law[[0, 1, 2, 5]]) < 4 * spread + 0.015 * law[[0, 1, 2, 5]]).all()


def test_the_first_stage_ends_geometric():
    random = generator(10)
    c = Course(ONES, [0], 0)
    units = c.draw(np.zeros(599 * 20), random).reshape(20, 599)
    counts = np.array(
        [np.bincount(u, minlength=5995) for u in by_course(units, c, 59, np.full(20, 0.37), 1000, random)]
    )
    law = lynn_law(3, 0.0, 599 / 5995)
    share = np.array([[(run == s).mean() for s in range(4)] for run in counts])
    assert share.mean(axis=0) == pytest.approx(law, rel=0.15, abs=2e-4)
    assert share[:, 2].mean() == pytest.approx(law[2], rel=0.06)  # Poisson would have half of it


# --- T21: one law, two estimates


def test_the_authors_line_and_the_likelihood_on_the_same_samples():
    p = np.linspace(0.2, 0.8, 7)
    found = redistribute(ONES, [0], p, random=generator(11), preference="weight", steps=500)
    lines = []
    for run in found:
        whole = np.concatenate([run.ravel(), run.ravel(), np.zeros(100 * 110)]) / 100  # symmetric, with its diagonal
        lines.append(-linear_bin_slope(whole, 100, first=1).slope)
    slope, intercept = np.polyfit(1 / p, lines, 1)
    assert slope == pytest.approx(0.6, abs=0.2)
    assert intercept == pytest.approx(1.0, abs=0.4)
    exact = [fit_lynn(run).exponent for run in found]
    slope, intercept = np.polyfit(1 / p, exact, 1)
    assert slope == pytest.approx(1.0, abs=0.12)
    assert intercept == pytest.approx(1.0, abs=0.3)


@pytest.mark.parametrize("p", [0.1, 0.37, 0.8])
def test_the_likelihood_finds_the_parameter_within_its_error(p):
    law = lynn_law(20_000, p, 0.5)
    found = [fit_lynn(generator(s).choice(law.size, 20_000, p=law / law.sum()), mean=0.5) for s in range(20)]
    error = np.mean([f.error for f in found])
    estimates = np.array([f.probability for f in found])
    assert estimates.mean() == pytest.approx(p, abs=4 * error / np.sqrt(20))
    assert 0.6 < estimates.std(ddof=1) / error < 1.6


def test_at_the_ends_of_the_range():
    assert fit_lynn([0] * 75 + [1] * 25) == (0.0, pytest.approx(np.nan, nan_ok=True), np.inf)
    with pytest.raises(UsageError, match=r"still rises at P_C = 0\.999"):
        fit_lynn([0] * 10_000 + [1000])
    assert lynn_law(3, 1.0, 0.5).tolist() == [1, 0, 0, 0]


# --- refusals


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"probability": 1.1}, "from 0 to 1"),
        ({"probability": -0.1}, "from 0 to 1"),
        ({"probability": np.nan}, "from 0 to 1"),
        ({"probability": []}, "from 0 to 1"),
        ({"probability": "0.5"}, "P_C holds"),
        ({"correlations": ONES[0]}, "give .n_recorded, M, M"),
        ({"correlations": ONES * np.nan}, "correlations holds 12100 NaN"),
        ({"correlations": ONES + np.arange(110)}, "not symmetric"),
        ({"correlations": np.ones((1, 14, 14))}, "at least 15 neurons"),
        ({"recorded": [1]}, "rising, from 0 on"),
        ({"recorded": [0, 1]}, "rising, from 0 on"),
        ({"steps": 10}, "before the end at 10"),
        ({"steps": -1}, "steps is -1"),
        ({"steps": 1.5}, "steps is 1.5"),
        ({"samples": 0}, "samples is 0"),
        ({"between": "all"}, "between is 'all'"),
        ({"memory": 0}, "memory is 0"),
        ({"preference": "C"}, "preference is 'C'"),
        ({"random": 0}, "random is 0, but it draws at random"),
    ],
)
def test_refusals(change, message):
    fine = {"correlations": ONES, "recorded": [0], "probability": 0.5, "random": generator(), "steps": 1}
    with pytest.raises(UsageError, match=message):
        redistribute(**(fine | change))


def test_refusals_of_the_law():
    for arguments, message in [
        ((-1, 0.5, 1.0), "largest is -1"),
        ((2.5, 0.5, 1.0), "largest is 2.5"),
        ((3, 1.5, 1.0), "P_C is 1.5"),
        ((3, np.nan, 1.0), "P_C is nan"),
        ((3, 0.5, 0.0), "mean is 0.0"),
    ]:
        with pytest.raises(UsageError, match=message):
            lynn_law(*arguments)
    for counts, message in [
        ([], "at least 1"),
        ([1.5], "whole numbers"),
        ([-1, 2], "whole numbers"),
        ([np.nan], "NaN"),
        (["a"], "give numbers"),
        ([0, 0], "nothing to fit"),
    ]:
        with pytest.raises(UsageError, match=message):
            fit_lynn(counts)
