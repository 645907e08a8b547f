"""Spectra: exact exponents, exact ranks, scikit-learn on a small case, the authors' numbers."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from critnet.errors import UsageError
from critnet.neurons.activity import correlation, standardise_samples
from critnet.neurons.spectra import activity_spectrum, correlation_spectrum, explained_variance, power_exponent


def with_singular_values(values, n_samples, seed=0):
    rng = np.random.default_rng(seed)
    left, _ = np.linalg.qr(rng.normal(size=(len(values), len(values))))
    right, _ = np.linalg.qr(rng.normal(size=(n_samples, len(values))))
    return left @ np.diag(values) @ right.T


@settings(deadline=None, max_examples=20)
@given(exponent=st.floats(0, 3), factor=st.floats(1e-3, 1e3), n_values=st.integers(6, 200))
def test_an_exact_power_law_gives_its_exponent(exponent, factor, n_values):  # T11
    share = factor * np.arange(1.0, n_values + 1) ** -exponent
    assert power_exponent(share) == pytest.approx(exponent, abs=1e-9)


def test_the_fit_is_weighted_by_one_over_n():
    share = np.array([1.0, 0.5, 0.2, 0.19])
    n = np.arange(1, 5)
    slope, _ = np.polyfit(np.log(n), np.log(share), 1, w=np.sqrt(1 / n))  # polyfit squares its weights
    assert power_exponent(share, first=1, last=4) == pytest.approx(-slope, rel=1e-9)


def test_singular_values_come_back():
    values = np.arange(1.0, 31) ** -0.7
    found = activity_spectrum(with_singular_values(values, 200), definition="control")
    np.testing.assert_allclose(found.values, values, rtol=1e-9)
    assert found.share.sum() == pytest.approx(1)
    assert found.rank == 30
    assert power_exponent(found.share) == pytest.approx(0.7, abs=1e-8)


def test_white_noise_is_flat_with_the_edges_of_marchenko_and_pastur():
    noise = np.random.default_rng(0).normal(size=(60, 60000))
    found = activity_spectrum(noise, definition="control")
    assert power_exponent(found.share) == pytest.approx(0, abs=0.03)
    ratio = np.sqrt(60 / 60000)
    edges = np.array([found.values[0], found.values[-1]]) / np.sqrt(60000)
    assert edges == pytest.approx([1 + ratio, 1 - ratio], abs=0.005)


def test_the_last_values_are_round_off_as_coded():  # section 10, D18
    rng = np.random.default_rng(1)
    hidden = np.maximum(rng.normal(size=(10, 2000)), 0)
    logits = rng.normal(size=(10, 5)) @ hidden[5:] + rng.normal(size=(10, 1))
    found = activity_spectrum(np.concatenate([hidden, logits]), definition="as-coded")
    assert found.values.size == 20
    assert found.rank == 2 * 5 + 1
    with pytest.raises(UsageError, match="only 11 values of the spectrum are above round-off"):
        power_exponent(found.share)
    assert np.isfinite(power_exponent(found.share, last=found.rank))


def test_degenerate_spectra():
    assert activity_spectrum(np.zeros((3, 5)), definition="as-coded").rank == 0
    assert activity_spectrum(np.ones((1, 5)), definition="as-coded").share.tolist() == [0.0]
    assert activity_spectrum(np.ones((3, 1)), definition="control").values.size == 1
    assert not explained_variance(np.ones((3, 1)), definition="as-coded").any()
    assert correlation_spectrum(np.zeros((2, 2))).rank == 0
    assert correlation_spectrum(np.ones((3, 3))).share == pytest.approx([1, 0, 0])
    assert correlation_spectrum(np.ones((3, 3))).rank == 1


def test_eigenvalues_of_the_control_add_up_to_the_live_neurons():
    activity = np.random.default_rng(2).normal(size=(6, 100))
    activity[2] = 0.0
    found = correlation_spectrum(correlation(activity, definition="control"))
    assert found.values.sum() == pytest.approx(5)
    assert found.rank == 5


@pytest.mark.parametrize("arithmetic", ["double", "single"])
def test_explained_variance_equals_the_definition_by_svd(arithmetic):
    activity = np.random.default_rng(3).normal(size=(7, 400)) + np.arange(7)[:, None]
    z = standardise_samples(activity)
    left, _, _ = np.linalg.svd(z, full_matrices=False)
    expected = np.cumsum((left.T @ z).var(axis=1) / z.var(axis=1).sum())
    found = explained_variance(activity, arithmetic=arithmetic, definition="as-coded")
    assert found == pytest.approx(expected, rel=1e-12 if arithmetic == "double" else 1e-5)
    assert found[-1] == pytest.approx(1, rel=1e-5)


def test_bad_input_is_refused():
    for function in (activity_spectrum, explained_variance):
        with pytest.raises(UsageError, match="activity holds"):
            function(np.array([[1.0, np.nan]]))
        with pytest.raises(UsageError, match="definition"):
            function(np.eye(2), definition="x")
    with pytest.raises(UsageError, match="arithmetic is 'half'"):
        explained_variance(np.eye(2), arithmetic="half", definition="as-coded")
    with pytest.raises(UsageError, match="fewer than two values"):
        power_exponent(np.ones(5))
    with pytest.raises(UsageError, match="first is 0"):
        power_exponent(np.ones(50), first=0)
    with pytest.raises(UsageError, match="share holds"):
        power_exponent([1.0, np.nan])
    with pytest.raises(UsageError, match="only 0 values"):
        power_exponent(np.zeros(60))
    with pytest.raises(UsageError, match="correlation"):
        correlation_spectrum(np.ones((2, 3)))


@pytest.mark.mnist
def test_spectrum_matches_the_authors(anchor_activity, numbers):
    found = activity_spectrum(anchor_activity, definition="as-coded")
    theirs = np.array(numbers("svd_lambda_normalised"))
    assert found.rank == 101  # 2 h + 1
    np.testing.assert_allclose(found.share[:101], theirs[:101], rtol=1e-5)
    assert power_exponent(found.share) == pytest.approx(numbers("svd_alpha_sv_n5_50"), rel=1e-5)


@pytest.mark.mnist
def test_explained_variance_matches_the_authors_in_their_arithmetic(anchor_activity, numbers):
    theirs = numbers("cum_explained_var_first10")
    assert explained_variance(anchor_activity, arithmetic="single", definition="as-coded")[:10] == pytest.approx(
        theirs, rel=1e-5
    )
    # the true value lies further off: their variances are float32 sums over 60000 samples, row after row
    double = explained_variance(anchor_activity, definition="as-coded")[:10]
    assert 1e-6 < np.abs(double / theirs - 1).max() < 6e-8 * np.sqrt(60000) * 4
