"""Windows of stationary motion: lines removed, Ornstein-Uhlenbeck processes of known variance and time."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from critnet.dynamics.irreversibility import correlation_time
from critnet.dynamics.stationary import autocorrelation, detrended, principal_components
from critnet.errors import UsageError


def relaxing(n_steps, times, variances, seed):
    """Independent processes that forget in `times` steps, stationary with `variances`."""
    random = np.random.default_rng(seed)
    keep = np.exp(-1 / np.asarray(times))
    x = np.empty((n_steps, len(times)))
    x[0] = random.standard_normal(len(times)) * np.sqrt(variances)
    for t in range(1, n_steps):
        x[t] = keep * x[t - 1] + np.sqrt((1 - keep**2) * variances) * random.standard_normal(len(times))
    return x


@given(st.floats(-1e3, 1e3), st.floats(-10, 10), st.integers(0, 2**32 - 1))
def test_a_line_on_top_changes_nothing(offset, slope, seed):
    paths = np.random.default_rng(seed).standard_normal((30, 4))
    line = offset + slope * np.arange(30)[:, None]
    found = detrended(paths + line)
    assert np.allclose(found, detrended(paths), atol=1e-9)
    assert np.allclose(np.arange(30) @ found, 0, atol=1e-9)
    assert np.allclose(found.sum(axis=0), 0, atol=1e-9)
    fitted = [np.polyval(np.polyfit(np.arange(30), p, 1), np.arange(30)) for p in paths.T]
    assert np.allclose(detrended(paths), paths - np.array(fitted).T)


def test_principal_components_find_the_axes_of_a_turned_process():
    variances = np.array([9.0, 4.0, 1.0, 0.25])
    random = np.random.default_rng(3)
    turn = np.linalg.qr(random.standard_normal((4, 4)))[0]
    paths = random.standard_normal((40_000, 4)) * np.sqrt(variances)
    found = principal_components(paths @ turn.T, 3)
    assert found.variance == pytest.approx(variances[:3], rel=0.05)
    assert np.abs(np.sum(found.directions * turn.T[:3], axis=1)) == pytest.approx(np.ones(3), abs=1e-3)
    assert np.allclose(found.directions @ found.directions.T, np.eye(3))
    assert np.allclose(found.scores, paths @ turn.T @ found.directions.T)
    assert (found.directions[np.arange(3), np.abs(found.directions).argmax(axis=1)] > 0).all()


def test_autocorrelation_is_that_of_the_process_and_of_the_plain_sum():
    paths = relaxing(60_000, [5.0, 20.0], np.array([1.0, 3.0]), 0)
    paths -= paths.mean(axis=0)
    found = autocorrelation(paths, 40)
    expected = np.exp(-np.arange(41)[:, None] / np.array([5.0, 20.0]))
    assert np.abs(found - expected).max() < 0.04
    short = detrended(paths[:50])
    by_hand = [(short[: 50 - k] * short[k:]).sum(axis=0) / (short**2).sum(axis=0) for k in range(10)]
    assert np.allclose(autocorrelation(short, 9), by_hand)
    at = [np.interp(1 / np.e, c[::-1], np.arange(41)[::-1]) for c in found.T]
    assert correlation_time(paths.T) == pytest.approx(at, rel=1e-6)


def test_a_path_that_never_moves_has_no_autocorrelation():
    found = autocorrelation(np.zeros((5, 1)), 2)
    assert np.isnan(found).all()


@pytest.mark.parametrize("paths", [np.zeros((2, 3)), np.zeros(9), np.zeros((4, 0)), np.full((4, 2), np.nan)])
def test_what_is_no_window_is_refused(paths):
    with pytest.raises(UsageError, match="three steps or more"):
        detrended(paths)


def test_numbers_out_of_range_are_refused():
    with pytest.raises(UsageError, match="lags"):
        autocorrelation(np.zeros((5, 2)), 5)
    with pytest.raises(UsageError, match="count"):
        principal_components(np.zeros((5, 2)), 3)
