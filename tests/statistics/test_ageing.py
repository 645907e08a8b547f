"""Slow relaxation: rates of density 1 / rate give a logarithm, each law comes back, and prediction tells them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad

from critnet.errors import UsageError
from critnet.statistics.ageing import LAWS, even_in_log, fit_law, prediction_error, relaxation, upward_share

T = np.unique(np.rint(np.geomspace(1, 2e5, 300))).astype(float)


def test_rates_of_density_one_over_rate_relax_as_the_logarithm():
    slow, fast = 1e-9, 1.0
    t = np.geomspace(1e2, 1e6, 30)
    expected = -(np.euler_gamma + np.log(slow * t)) / np.log(fast / slow)
    assert relaxation(t, slow, fast) == pytest.approx(expected, rel=1e-3)
    for time in (0.3, 40.0):
        mean = quad(lambda u, t: np.exp(-np.exp(u) * t), np.log(slow), np.log(fast), args=(time,), epsabs=1e-12)[0]
        assert float(relaxation(time, slow, fast)) == pytest.approx(mean / np.log(fast / slow), rel=1e-6)
    law = fit_law(t, relaxation(t, slow, fast), "log")
    assert law.parameters["alpha"] == pytest.approx(1 / np.log(fast / slow), rel=1e-3)
    assert law.r_squared > 0.99999


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("log", {"A": 2.0, "alpha": 0.7}),
        ("power", {"A": 1.0, "B": -0.5, "a": 0.3}),
        ("power", {"A": 1.0, "B": 4.0, "a": -0.6}),
        ("stretched", {"A": 0.5, "B": -8.0, "tau": 900.0, "beta": 0.6}),
    ],
)
def test_each_law_comes_back(name, parameters):
    y = fit_law(T, np.sin(T), name)._replace(parameters=parameters).at(T)
    found = fit_law(T, y, name, points=None)
    assert found.parameters == pytest.approx(parameters, rel=0.02)
    assert found.r_squared > 1 - 1e-6
    assert prediction_error(T, y, name, until=1e4) < 0.02
    for other in {"log", "power", "stretched"} - {name}:
        assert fit_law(T, y, other, points=None).aic > found.aic


def test_noise_on_a_logarithm_leaves_it_the_best_by_aic_and_by_prediction():
    random = np.random.default_rng(1)
    y = 1 - 2 * np.log(T) + 0.05 * random.standard_normal(T.size)
    laws = {name: fit_law(T, y, name) for name in ("log", "power", "stretched")}
    assert min(laws, key=lambda name: laws[name].aic) == "log"
    assert prediction_error(T, y, "log", until=1e4) < 0.01
    saturated = -np.minimum(np.log(T), np.log(2e4))
    assert prediction_error(T, saturated, "log", until=1e4) > 0.1


@given(st.lists(st.floats(1, 1e5), min_size=2, max_size=50, unique=True))
def test_stretches_of_ln_t_weigh_alike(times):
    t = np.array(sorted(times))
    got, mean = even_in_log(t, np.log(t), 7)
    assert len(got) <= 7
    assert np.allclose(np.log(got), mean)
    assert (np.diff(got) > 0).all()


def test_upward_share_counts_the_steps():
    assert upward_share([5, 4, 3]) == 0
    assert upward_share([1, 2]) == 1
    assert upward_share([2, 0, 1, 0]) == 0.25
    assert np.isnan(upward_share([1, 1]))


def test_what_cannot_be_fitted_is_refused():
    with pytest.raises(UsageError, match="leave t = 0 out"):
        fit_law(np.arange(10), np.arange(10), "log")
    with pytest.raises(UsageError, match="needs six"):
        fit_law([1, 2, 3], [1, 2, 3], "log")
    with pytest.raises(UsageError, match="'stretched'"):
        fit_law(T, T, "exponential")
    with pytest.raises(UsageError, match="after"):
        prediction_error(T, T, "log", until=1e6)
    with pytest.raises(UsageError, match="0 throughout"):
        prediction_error(T, np.where(T > 100, 0.0, 1.0), "log", until=100)
    with pytest.raises(UsageError, match="slowest"):
        relaxation(1.0, 2.0, 1.0)


@pytest.mark.parametrize("law", LAWS)
def test_a_course_that_stays_is_fitted_exactly_by_every_law(law):
    fit = fit_law(np.geomspace(1, 1e5, 50), np.full(50, 2.0), law)
    assert fit.r_squared == 1.0
    assert np.isfinite(fit.aic)
    assert np.allclose(fit.at([1.0, 1e4]), 2.0)
