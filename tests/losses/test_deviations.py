"""Rate function and entropy change: known answers, brute force, convexity, the Chernoff bound, the authors' numbers."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.interpolate import InterpolatedUnivariateSpline
from scipy.optimize import brentq
from scipy.special import logsumexp, ndtri

from critnet.errors import UsageError
from critnet.losses.deviations import (
    DEFINITIONS,
    convergence_criterion,
    entropy_change,
    extrapolated,
    free_energy,
    inverse_temperature,
    quasi_thermal,
    rate_function,
    spline_entropy,
    upper_rate,
)
from critnet.losses.tilting import Tilted

N = 60_000


def quantiles(inverse, n=N):
    """n losses at the mid-quantiles of a distribution."""
    return inverse((np.arange(n) + 0.5) / n)


def exponential(mu, n=N):
    return quantiles(lambda u: -mu * np.log1p(-u), n)


def plain_rate(losses, b):
    """ln N - S at the root of <L> = b, each sum written out."""
    losses = np.asarray(losses, np.float64)

    def weights(theta):
        return np.exp(theta * losses - logsumexp(theta * losses))

    scale = 1e3 / np.ptp(losses)
    theta = brentq(lambda x: weights(x) @ losses - b, -scale, scale, xtol=1e-14 * scale, rtol=1e-14)
    p = weights(theta)
    return float(np.log(losses.size) + np.sum(p * np.log(np.where(p > 0, p, 1)))), -theta


# --- known answers ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mu", [1e-3, 0.4, 2.0])
@pytest.mark.parametrize("ratio", [0.1, 0.5, 1.0, 1.7, 3.0])
def test_exponential_losses(mu, ratio):  # T12
    assert rate_function(exponential(mu), ratio * mu) == pytest.approx(ratio - 1 - np.log(ratio), abs=0.04)


@pytest.mark.parametrize(("ones", "b"), [(100, 0.5), (100, 0.001), (100, 0.999), (7, 0.0002), (59_000, 0.5)])
def test_two_valued_losses_are_exact(ones, b):  # T12
    losses, q = np.r_[np.ones(ones), np.zeros(N - ones)], ones / N
    known = b * np.log(b / q) + (1 - b) * np.log((1 - b) / (1 - q))
    assert rate_function(losses, b) == pytest.approx(known, rel=1e-10)
    assert inverse_temperature(losses, b) == pytest.approx(-np.log(b * (1 - q) / (q * (1 - b))), rel=1e-10)


@pytest.mark.parametrize("z", [-2.0, -0.5, 0.5, 1.0, 2.0])
def test_gaussian_losses(z):  # T12
    losses = 10 + 0.7 * quantiles(ndtri)
    assert rate_function(losses, 10 + 0.7 * z) == pytest.approx(z**2 / 2, rel=5e-3)


def test_zero_and_curvature_at_the_mean():  # T13
    losses = exponential(0.3, 3000)
    mean, h = losses.mean(), 1e-3 * losses.std()
    left, middle, right = rate_function(losses, [mean - h, mean, mean + h])
    assert middle == 0
    assert (left + right) / h**2 == pytest.approx(1 / losses.var(), rel=1e-4)
    assert inverse_temperature(losses, mean) == 0


def test_ends_and_beyond():
    losses = np.r_[0.1, 0.1, 0.5, 2.0, 2.0, 2.0, np.full(6, 1.0)]
    cap = np.log(12)
    assert rate_function(losses, [0.1, 2.0, 0.05, 2.1, 1e300]) == pytest.approx(
        [cap - np.log(2), cap - np.log(3), cap, cap, cap]
    )
    assert upper_rate(losses, [0.1, losses.mean(), 2.0, 3.0]) == pytest.approx([0, 0, cap - np.log(3), cap])
    assert inverse_temperature(losses, [0.1, 2.0]).tolist() == [np.inf, -np.inf]
    with pytest.raises(UsageError, match=r"b is 2\.1.*0\.1 to 2\.0"):
        inverse_temperature(losses, 2.1)


def test_equal_losses():
    losses = np.full(N, 2.302585)
    assert rate_function(losses, [2.302585, 2.0, 3.0]) == pytest.approx([0, np.log(N), np.log(N)])
    assert inverse_temperature(losses, 2.302585) == 0
    with pytest.raises(UsageError, match="too close for 100 knots"):
        spline_entropy(losses, 5e-3)
    assert rate_function([0.7], 0.7) == 0


def test_tilted_weights():
    assert quasi_thermal([0.0, np.log(3)], 1) == pytest.approx([0.75, 0.25])
    assert quasi_thermal([1.0, 2.0, 2.0], -np.inf) == pytest.approx([0, 0.5, 0.5])
    assert quasi_thermal([1.0, 2.0, 1e308], 700.0) == pytest.approx([1, 0, 0])
    losses = exponential(0.2, 500)
    p = quasi_thermal(losses, inverse_temperature(losses, 0.05))
    assert p @ losses == pytest.approx(0.05, rel=1e-12)
    assert np.log(500) + p @ np.log(p) == pytest.approx(rate_function(losses, 0.05), rel=1e-10)
    with pytest.raises(UsageError, match="beta is nan"):
        quasi_thermal(losses, np.nan)


# --- oracles and properties ------------------------------------------------------------------------------------------


@settings(deadline=None, max_examples=80)
@given(
    seed=st.integers(0, 10**6),
    shape=st.sampled_from(["lognormal", "pareto", "uniform", "spike", "close pair"]),
    place=st.floats(0.001, 0.999),
)
def test_equals_the_sums_written_out(seed, shape, place):
    random = np.random.default_rng(seed)
    losses = {
        "lognormal": lambda: random.lognormal(-6, 3, 300),
        "pareto": lambda: 1e-9 * (1 + random.pareto(0.7, 300)),
        "uniform": lambda: 2 + random.random(300),
        "spike": lambda: np.r_[1e-12 * random.random(299), 3.0],
        "close pair": lambda: np.r_[random.random(298), 5.0, 5.01],
    }[shape]()
    b = losses.min() + place * np.ptp(losses)
    rate, beta = plain_rate(losses, b)
    assert rate_function(losses, b) == pytest.approx(rate, rel=1e-8, abs=1e-10)
    assert inverse_temperature(losses, b) == pytest.approx(beta, rel=1e-6, abs=1e-6 / np.ptp(losses))


@settings(deadline=None, max_examples=40)
@given(seed=st.integers(0, 10**6), theta=st.floats(-1e4, 1e4) | st.floats(-128, 128), sigma=st.floats(0.1, 4))
def test_group_sums_equal_plain_sums(seed, theta, sigma):
    losses = np.random.default_rng(seed).lognormal(-3, sigma, 400)
    losses = (losses - losses.min()) / np.ptp(losses)
    logarithm, mean, variance, end = (x[0] for x in Tilted(losses).cumulants(np.array([theta])))
    p = quasi_thermal(losses, -theta)
    assert logarithm + theta * end == pytest.approx(logsumexp(theta * losses) - np.log(400), rel=1e-13, abs=1e-12)
    assert mean + end == pytest.approx(p @ losses, rel=1e-12)
    assert variance == pytest.approx(p @ (losses - p @ losses) ** 2, rel=1e-9, abs=1e-18)


@settings(deadline=None, max_examples=40)
@given(seed=st.integers(0, 10**6), sigma=st.floats(0.01, 5))
def test_convex_bounded_and_zero_at_the_mean_only(seed, sigma):
    losses = np.random.default_rng(seed).lognormal(0, sigma, 200)
    b = np.linspace(losses.min(), losses.max(), 41)[1:-1]
    rate = rate_function(losses, b)
    assert ((rate >= 0) & (rate <= np.log(200) + 1e-12)).all()
    assert (np.diff(rate, 2) >= -1e-9).all()
    slopes = np.diff(rate) * np.sign((b[1:] + b[:-1]) / 2 - losses.mean())
    away = np.abs((b[1:] + b[:-1]) / 2 - losses.mean()) > b[1] - b[0]
    assert (slopes[away] >= -1e-12).all()
    np.testing.assert_array_equal(upper_rate(losses, b), np.where(b > losses.mean(), rate, 0))


@settings(deadline=None, max_examples=40)
@given(seed=st.integers(0, 10**6), scale=st.floats(1e-9, 1e6), copies=st.integers(2, 5))
def test_units_and_copies_do_not_matter(seed, scale, copies):
    random = np.random.default_rng(seed)
    losses = random.lognormal(0, 2, 100)
    b = losses.min() + random.random(5) * np.ptp(losses)
    rate = rate_function(losses, b)
    np.testing.assert_allclose(rate_function(scale * losses, scale * b), rate, rtol=1e-7, atol=1e-10)
    np.testing.assert_allclose(rate_function(np.tile(losses, copies), b), rate, rtol=1e-7, atol=1e-10)


@pytest.mark.parametrize("batch", [8, 64])
def test_bound_holds_for_random_batches(batch):  # T14
    random = np.random.default_rng(3)
    losses = exponential(0.4, 5000)
    means = losses[random.integers(0, 5000, (20_000, batch))].mean(axis=1)
    for z in (0.5, 1.0, 2.0, 3.0):
        b = losses.mean() + z * losses.std() / np.sqrt(batch)
        share = (means >= b).mean()
        bound = np.exp(-batch * upper_rate(losses, b))
        assert share - 3 * np.sqrt(share / 20_000) <= bound
        low = (means <= losses.mean() - z * losses.std() / np.sqrt(batch)).mean()
        bound = np.exp(-batch * rate_function(losses, losses.mean() - z * losses.std() / np.sqrt(batch)))
        assert low - 3 * np.sqrt(low / 20_000) <= bound


def test_bound_is_not_loose_by_orders():
    """At three standard deviations of Gaussian losses the bound is e^-4.5 = 0.011; the tail itself 0.00135."""
    losses = 5 + quantiles(ndtri, 5000)
    assert np.exp(-64 * rate_function(losses, 5 + 3 / 8)) == pytest.approx(np.exp(-4.5), rel=0.02)


@pytest.mark.parametrize(
    "losses",
    [
        np.random.default_rng(0).lognormal(-20, 4, N),
        np.r_[np.full(N - 1, 1e-12), 2.5],
        np.r_[np.zeros(N - 2), 2.5, 2.5000001],
        1 + 1e-15 * np.arange(N),
        np.r_[np.zeros(N - 1), 1e300],
        np.random.default_rng(0).lognormal(-20, 4, N).astype(np.float32),
    ],
    ids=["tiny", "one-left", "close-pair", "nearly-equal", "huge", "float32"],
)
def test_stable_at_sixty_thousand(losses):
    b = np.r_[losses.min() + np.geomspace(1e-13, 1 - 1e-12, 30) * np.ptp(losses.astype(float)), 5e-3, 1e-300]
    with np.errstate(all="raise", under="ignore"):
        rate = rate_function(losses, b)
    assert np.isfinite(rate).all()
    assert ((rate >= 0) & (rate <= np.log(losses.size))).all()


# --- as coded --------------------------------------------------------------------------------------------------------


def test_spline_is_exact_at_the_knots():  # T15
    losses = exponential(0.3)
    knots = np.linspace(losses.mean(), losses.max(), 100)
    np.testing.assert_allclose(spline_entropy(losses, knots), rate_function(losses, knots), rtol=1e-6, atol=1e-9)
    between = (knots[20:-1] + knots[21:]) / 2
    np.testing.assert_allclose(spline_entropy(losses, between)[:-20], rate_function(losses, between)[:-20], rtol=1e-4)


def test_spline_leaves_the_bound_outside_its_range():
    losses = np.random.default_rng(0).lognormal(-14, 1.5, 5000)
    assert extrapolated(losses, 5e-3) == 1
    assert spline_entropy(losses, 5e-3) > 1e3 * np.log(5000)
    assert rate_function(losses, 5e-3) == pytest.approx(np.log(5000))
    assert entropy_change(losses, 5e-3, definition="as-coded") == spline_entropy(losses, 5e-3)


def test_spline_refuses_losses_that_add_up_to_no_number():
    losses = np.geomspace(1e-3, 3e38, 200).astype(np.float32)
    with pytest.raises(UsageError, match=r"up to 3e\+38, add up to more than a float32 holds.*definition=\"control\""):
        spline_entropy(losses, 5e-3)
    assert 0 < rate_function(losses, 5e-3) <= np.log(200)
    assert spline_entropy(losses.astype(np.float64), 5e-3) >= 0


def test_dropped_weights_change_less_than_their_share():
    losses = np.r_[np.zeros(N - 1), 40.0]  # at the upper knots all but one log-weight lie more than 30 below
    knots = np.linspace(losses.mean(), 40, 100)
    coded, exact = spline_entropy(losses, knots), rate_function(losses, knots)
    assert 0 < np.abs(coded - exact)[:-1].max() < N * np.exp(-30) * 40
    assert coded[-1] == pytest.approx(np.log(N), rel=1e-12)


def test_rate_function_agrees_with_the_authors(anchor):
    losses, numbers = anchor
    assert rate_function(losses, 5e-3) == pytest.approx(numbers("dS/exact_rate_at_5e-3_float64(no spline)"), rel=1e-5)
    assert inverse_temperature(losses, 5e-3) == pytest.approx(numbers("dS/exact_beta_at_5e-3"), rel=1e-5)
    table = rate_function(losses, np.array(numbers("dS/table_b"))[:-1])
    np.testing.assert_allclose(table, numbers("dS/table_dS")[:-1], rtol=1e-5, atol=1e-8)
    assert numbers("dS/table_dS")[-1] == pytest.approx(np.log(N), rel=1e-12)
    assert extrapolated(losses, 5e-3) == -1
    assert numbers("dS/regime") == "extrapolation_below_mean"


def test_spline_agrees_with_the_authors(anchor):
    """Their own table through our spline, to rounding; losses that differ in the last bit of float32, to 2e-4:
    the extrapolation multiplies that bit a thousand times."""
    losses, numbers = anchor
    table = InterpolatedUnivariateSpline(numbers("dS/table_b"), numbers("dS/table_dS"), k=5)
    assert abs(table(5e-3)) == pytest.approx(numbers("dS/dS_at_5e-3_authors"), rel=1e-12)
    assert spline_entropy(losses, 5e-3) == pytest.approx(numbers("dS/dS_at_5e-3_authors"), rel=4e-4)
    assert spline_entropy(losses.astype(np.float64), 5e-3) == pytest.approx(
        numbers("dS/float64_variant_dS_at_5e-3"), rel=2e-4
    )
    assert convergence_criterion(losses.mean(), spline_entropy(losses, 5e-3)) == pytest.approx(
        numbers("dS/criterion_ln_Lbar_over_dS"), abs=4e-4
    )


# --- criterion and free energy ---------------------------------------------------------------------------------------


def test_criterion():
    assert convergence_criterion(1e-3, 10.0) == pytest.approx(np.log(1e-4))
    assert convergence_criterion(2.0, 0.0) == np.inf
    assert convergence_criterion(0.0, 3.0) == -np.inf
    diverged = np.log(100) - np.log(1e-10)
    assert diverged == pytest.approx(27.63, abs=5e-3)
    for loss, entropy in ((np.nan, 1.0), (np.inf, 1.0), (1.0, np.nan), (np.nan, np.nan)):
        assert convergence_criterion(loss, entropy) == diverged
    assert convergence_criterion([1.0, np.nan], 1.0) == pytest.approx([0, diverged])
    with pytest.raises(UsageError, match="mean_loss holds -1"):
        convergence_criterion([-1.0, np.nan], 1.0)
    with pytest.raises(UsageError, match=r"entropy_change holds -0\.5"):
        convergence_criterion(1.0, -0.5)


def test_free_energy():
    loss, entropy = np.array([2.0, 1.0, 0.5]), np.array([0.0, 0.5, 3.0])
    np.testing.assert_allclose(free_energy(loss, entropy, 10, multiplier=-0.1), loss + 0.1 * (np.log(10) - entropy))
    matched = free_energy(loss, entropy, 10)
    np.testing.assert_allclose(matched, loss + 0.5 * (np.log(10) - entropy))
    for change in ({"multiplier": 0.1}, {"mean_loss": loss[:2]}, {"entropy_change": np.array([1, 1, np.nan])}):
        with pytest.raises(UsageError):
            free_energy(**({"mean_loss": loss, "entropy_change": entropy, "n_samples": 10} | change))
    with pytest.raises(UsageError, match="never changes"):
        free_energy(loss, np.ones(3), 10)


# --- bad input -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("definition", DEFINITIONS)
def test_bad_losses_are_refused(definition):
    for losses, message in (
        ([1.0, np.nan, np.inf], "2 NaN or infinite values of 3"),
        ([], "shape"),
        (np.ones((2, 2)), "shape"),
        ([1.0, -1e-3], "-0.001"),
    ):
        with pytest.raises(ValueError, match=message):
            entropy_change(losses, 5e-3, definition=definition)
    for b in (np.nan, np.inf, [0.1, np.nan], [[0.1]]):
        with pytest.raises(ValueError, match="b is"):
            entropy_change([0.0, 1.0], b, definition=definition)


def test_unknown_definition():
    with pytest.raises(UsageError, match="definition is 'exact'"):
        entropy_change([0.0, 1.0], 0.5, definition="exact")


def test_extrapolated_sides():
    losses = [0.0, 0.5, 1.0]
    assert extrapolated(losses, [0.0, 0.49, 0.5, 1.0, 1.1]).tolist() == [-1, -1, 0, 0, 1]
    assert extrapolated(losses, 2.0) == 1
