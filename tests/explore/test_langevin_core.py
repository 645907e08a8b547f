"""The browser's Ornstein-Uhlenbeck process against scipy: covariance, current, exact steps, simulation."""

from pathlib import Path

import numpy as np
import pytest
from scipy.linalg import expm, solve_continuous_lyapunov

import critnet.explore.widgets.langevin as widget

pytestmark = pytest.mark.browser

FOLDER = Path(widget.__file__).parent
SOURCE = (FOLDER.parent / "base" / "random.js").read_text() + (FOLDER / "core.js").read_text()
EXPORTS = "gaussians, driftOf, diffusionOf, covarianceOf, exponential, stationaryOf, densityOf, simulated"
SETTINGS = [(0, 1, 1), (1, 1, 1), (-2.5, 0.25, 4), (3, 4, 0.25), (0, 2, 3), (0.7, 3.5, 0.5)]


@pytest.fixture(scope="module")
def page(chromium):
    context = chromium.new_context()
    page = context.new_page()
    page.add_script_tag(content=f"const js = (() => {{ {SOURCE}; return {{ {EXPORTS} }}; }})();")
    yield page
    context.close()


def matrices(turn, stiffness, ratio):
    across = (1 - ratio) / 2
    return np.array([[1, turn], [-turn, stiffness]]), np.array([[(1 + ratio) / 2, across], [across, (1 + ratio) / 2]])


@pytest.mark.parametrize("setting", SETTINGS)
def test_the_stationary_state_is_that_of_scipy(page, setting):
    drift, diffusion = matrices(*setting)
    found = page.evaluate("([a, s, q]) => js.stationaryOf(js.driftOf(a, s), js.diffusionOf(q))", list(setting))
    covariance = solve_continuous_lyapunov(drift, 2 * diffusion)
    velocity = -drift + diffusion @ np.linalg.inv(covariance)
    assert np.array(found["covariance"]) == pytest.approx(covariance, rel=1e-12, abs=1e-14)
    assert np.array(found["velocity"]) == pytest.approx(velocity, rel=1e-10, abs=1e-12)
    flow = velocity @ covariance
    assert found["circulation"] == pytest.approx(flow[1, 0] - flow[0, 1], abs=1e-12)
    heat = np.trace(velocity.T @ np.linalg.inv(diffusion) @ velocity @ covariance)
    assert found["entropy"] == pytest.approx(heat, abs=1e-12)
    assert found["entropy"] >= -1e-12
    balanced = np.allclose(drift @ diffusion, (drift @ diffusion).T)
    assert (abs(found["circulation"]) < 1e-12) == balanced


def test_isotropic_noise_and_equal_stiffness_have_a_known_answer(page):
    found = page.evaluate("() => js.stationaryOf(js.driftOf(1.5, 1), js.diffusionOf(1))")
    assert np.array(found["covariance"]) == pytest.approx(np.eye(2), abs=1e-14)  # the density does not know of the turn
    assert np.array(found["velocity"]) == pytest.approx(np.array([[0, -1.5], [1.5, 0]]), abs=1e-14)
    assert (found["circulation"], found["entropy"]) == (pytest.approx(3), pytest.approx(4.5))
    assert page.evaluate("() => js.densityOf([[1, 0], [0, 1]], [1, 1])") == pytest.approx(np.exp(-1) / (2 * np.pi))


def test_exponentials_are_those_of_scipy(page):
    random = np.random.default_rng(0)
    for matrix in [*random.normal(size=(20, 2, 2)), np.zeros((2, 2)), np.diag([1.0, 1.0]), [[0, 1], [-1, 0]]]:
        matrix = np.array(matrix, float)
        assert np.array(page.evaluate("m => js.exponential(m)", matrix.tolist())) == pytest.approx(
            expm(matrix), rel=1e-12, abs=1e-14
        )


def test_normal_numbers_are_normal(page):
    found = np.array(page.evaluate("() => Array.from(js.gaussians(40001, 5))"))
    assert found.size == 40001
    assert abs(found.mean()) < 0.02
    assert [np.mean(found**k) for k in (2, 4)] == [pytest.approx(1, abs=0.03), pytest.approx(3, abs=0.25)]
    assert abs(np.mean(found[:-1] * found[1:])) < 0.02


@pytest.mark.parametrize("setting", SETTINGS)
def test_the_simulation_is_the_recursion_and_finds_the_current(page, setting):
    drift, diffusion = matrices(*setting)
    covariance = solve_continuous_lyapunov(drift, 2 * diffusion)
    walkers, steps, dt, cells, reach = 400, 60, 0.05, 5, 2.0
    found = page.evaluate(
        """([a, s, q, option]) => {
            const drift = js.driftOf(a, s), kicks = js.gaussians(2 * option.walkers * (option.steps + 1), 4);
            const { covariance } = js.stationaryOf(drift, js.diffusionOf(q));
            const { flux, circulation } = js.simulated(drift, covariance, { ...option, kicks });
            return { flux: [...flux], circulation, kicks: [...kicks] };
        }""",
        [*setting, {"walkers": walkers, "steps": steps, "dt": dt, "cells": cells, "reach": reach}],
    )
    kicks = np.reshape(found["kicks"], (walkers, steps + 1, 2))
    step = expm(-dt * drift)
    noise = np.linalg.cholesky(covariance - step @ covariance @ step.T)
    paths = [kicks[:, 0] @ np.linalg.cholesky(covariance).T]
    for t in range(1, steps + 1):
        paths.append(paths[-1] @ step.T + kicks[:, t] @ noise.T)
    paths = np.array(paths)
    at, velocity = paths[1:-1], (paths[2:] - paths[:-2]) / (2 * dt)
    swept = at[..., 0] * velocity[..., 1] - at[..., 1] * velocity[..., 0]
    assert found["circulation"] == pytest.approx(swept.mean(), rel=1e-8, abs=1e-10)
    edges = np.linspace(-reach, reach, cells + 1)
    place = [at[..., 1].ravel(), at[..., 0].ravel()]
    area = (2 * reach / cells) ** 2 * swept.size
    flux = [np.histogram2d(*place, [edges, edges], weights=velocity[..., k].ravel())[0] / area for k in (0, 1)]
    assert np.reshape(found["flux"], (cells, cells, 2)) == pytest.approx(np.moveaxis(flux, 0, -1), rel=1e-7, abs=1e-9)
    expected = (step @ covariance - covariance @ step.T) / (2 * dt)  # over a finite dt; the current as dt goes to 0
    error = swept.mean(axis=0).std(ddof=1) / np.sqrt(walkers)
    assert abs(swept.mean() - (expected[1, 0] - expected[0, 1])) < 5 * error
