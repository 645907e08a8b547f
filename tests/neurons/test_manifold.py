"""Dimension and separation of activity: known clouds, a brute-force scatter, invariances."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from critnet.errors import UsageError
from critnet.neurons.manifold import components_for, fisher_ratio, principal_axes, spectrum


def test_a_cloud_of_known_axes_needs_as_many_components_as_it_has():
    random = np.random.default_rng(0)
    spread = np.array([3.0, 2.0, 1.0, 0.1])
    turned = np.linalg.qr(random.standard_normal((8, 8)))[0][:, :4]
    values = random.standard_normal((4, 50_000))
    cloud = turned @ (spread[:, None] * values) + 7
    assert spectrum(cloud)[:4] == pytest.approx(spread**2, rel=0.03)
    shares = np.cumsum(spread**2) / np.sum(spread**2)
    for share in (0.5, 0.9, 0.95, 0.999):
        assert components_for(cloud, share) == 1 + np.searchsorted(shares, share)
    assert abs(principal_axes(cloud, 1)[:, 0] @ turned[:, 0]) == pytest.approx(1, abs=1e-3)
    assert components_for(np.ones((3, 5))) == 0


@given(st.integers(0, 1000))
def test_the_axes_are_orthonormal_and_their_variances_are_the_spectrum(seed):
    X = np.random.default_rng(seed).standard_normal((5, 30))
    axes = principal_axes(X, 5)
    assert np.allclose(axes.T @ axes, np.eye(5))
    assert np.allclose((axes.T @ (X - X.mean(axis=1, keepdims=True))).var(axis=1), spectrum(X))
    assert spectrum(X).sum() == pytest.approx(X.var(axis=1).sum())
    assert (axes[np.abs(axes).argmax(axis=0), range(5)] > 0).all()


@given(st.integers(0, 1000))
def test_the_fisher_ratio_is_that_of_the_loops_and_does_not_see_scale_or_shift(seed):
    random = np.random.default_rng(seed)
    X, labels = random.standard_normal((3, 20)), random.integers(4, size=20)
    labels[:2] = 0, 1
    between = within = 0.0
    for c in set(labels.tolist()):
        mean = X[:, labels == c].mean(axis=1)
        between += (labels == c).sum() * np.sum((mean - X.mean(axis=1)) ** 2)
        within += sum(np.sum((x - mean) ** 2) for x in X[:, labels == c].T)
    assert fisher_ratio(X, labels) == pytest.approx(between / within)
    assert fisher_ratio(3 * X + 2, labels) == pytest.approx(between / within)


def test_classes_that_are_points_are_infinitely_far_apart():
    assert fisher_ratio([[0.0, 0, 1, 1]], [0, 0, 1, 1]) == np.inf
    assert np.isnan(fisher_ratio([[1.0, 1, 1, 1]], [0, 0, 1, 1]))


def test_what_has_no_shape_is_refused():
    with pytest.raises(UsageError, match="needs two"):
        fisher_ratio([[1.0, 2.0]], [3, 3])
    with pytest.raises(UsageError, match="a label a sample"):
        fisher_ratio([[1.0, 2.0]], [3])
    with pytest.raises(UsageError, match="1 to 1 axes"):
        principal_axes([[1.0, 2.0]], 2)
    with pytest.raises(UsageError, match="share"):
        components_for([[1.0, 2.0]], 1.5)
