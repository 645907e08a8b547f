"""The browser's rate function, spline and tilted losses against critnet.losses, on atoms of many shapes."""

from pathlib import Path

import numpy as np
import pytest
from scipy.special import ndtri

import critnet.explore.widgets.losses as widget
from critnet.losses.atoms import Atoms, expand, loss_atoms
from critnet.losses.deviations import (
    convergence_criterion,
    extrapolated,
    inverse_temperature,
    quasi_thermal,
    rate_function,
    spline_entropy,
    upper_rate,
)

pytestmark = pytest.mark.browser

SOURCE = (Path(widget.__file__).parent / "core.js").read_text()
EXPORTS = (
    "lossesOf, solve, rateAt, reweighted, splineOf, splineAt, entropiesAt, criterionOf, binned, interpolated, deBoor"
)
N = 20_000
UNIFORM = (np.arange(N) + 0.5) / N

# Losses as they come along a training run: the first spread about the loss of a guess, the last over forty decades.
SHAPES = {
    "untrained": loss_atoms(np.abs(2.3 + 0.5 * ndtri(UNIFORM))),
    "early": loss_atoms(np.exp(-1 + 1.5 * ndtri(UNIFORM))),
    "exponential": loss_atoms(-0.1 * np.log(UNIFORM)),
    "heavy": loss_atoms(np.minimum(1e-3 * (UNIFORM ** (-1 / 0.9) - 1), 15)),
    "trained": loss_atoms(np.exp(-20 + 5 * ndtri(UNIFORM))),
    "converged": loss_atoms(np.minimum(np.exp(-25 + 5 * ndtri(UNIFORM)), 2e-3)),
    "shared ends": Atoms(np.array([0.0, 0.3, 2.0]), np.array([700, 90, 10])),
}


@pytest.fixture(scope="module")
def page(chromium):
    """A blank page that knows the functions of losses/core.js, and `all`, the losses above by name."""
    context = chromium.new_context()
    page = context.new_page()
    page.add_script_tag(content=f"const js = (() => {{ {SOURCE}; return {{ {EXPORTS} }}; }})();")
    for name, atoms in SHAPES.items():
        page.evaluate(
            "([name, values, counts]) => { (window.all ||= {})[name] = js.lossesOf(values, counts) }",
            [name, atoms.values.tolist(), atoms.counts.tolist()],
        )
    yield page
    context.close()


def thresholds(losses):
    """From below the smallest to above the largest loss, the ends, both sides of the mean and the paper's b in it."""
    mean, high = losses.mean(), losses.max()
    return np.r_[
        losses.min() / 2, losses.min(), mean * np.geomspace(1e-3, 0.99, 12), mean * (1 - 1e-9), mean * (1 + 1e-9),
        np.geomspace(mean * 1.01, high, 12),
        high * 1.1, high * 30, 5e-3,
    ]  # fmt: skip


@pytest.mark.parametrize("name", SHAPES)
def test_exact_numbers_are_those_of_numpy(page, name):
    losses = expand(SHAPES[name])
    points = thresholds(losses)
    found = page.evaluate(
        """([name, points]) => points.map((b) => {
            const { beta, control, upper, side, criteria } = js.entropiesAt(all[name], null, b);
            return { beta: String(beta), control, upper, side, criterion: String(criteria.control) };
        })""",
        [name, points.tolist()],
    )

    def column(key):
        return np.array([float(str(one[key]).replace("Infinity", "inf")) for one in found])

    exact = rate_function(losses, points)
    assert column("control") == pytest.approx(exact, rel=1e-6, abs=1e-13)
    assert column("upper") == pytest.approx(upper_rate(losses, points), rel=1e-6, abs=1e-13)
    assert column("side").tolist() == extrapolated(losses, points).tolist()
    away = exact > 1e-7  # beside the mean it is 0 to rounding, and its logarithm says nothing
    assert column("criterion")[away] == pytest.approx(convergence_criterion(losses.mean(), exact)[away], abs=1e-6)
    inside = (points >= losses.min()) & (points <= losses.max())
    beta = inverse_temperature(losses, points[inside])
    same = np.abs(beta) > 1e-6 / losses.max()
    assert column("beta")[inside][same] == pytest.approx(beta[same], rel=1e-6)


@pytest.mark.parametrize("name", set(SHAPES) - {"untrained"})
def test_spline_is_that_of_numpy_inside_and_outside_its_range(page, name):
    losses = expand(SHAPES[name])
    points = np.r_[thresholds(losses), 0.0, 10 * losses.max()]
    found = page.evaluate(
        "([name, points]) => { const s = js.splineOf(all[name]); return points.map((b) => js.splineAt(s, b)) }",
        [name, points.tolist()],
    )
    expected = spline_entropy(losses, points)
    assert found == pytest.approx(expected, rel=1e-4, abs=1e-9)
    assert max(expected) > 1e3 * np.log(losses.size)


def test_spline_of_an_untrained_network_where_rounding_does_not_grow(page):
    losses = expand(SHAPES["untrained"])
    points = np.linspace(0.5 * losses.mean(), 1.2 * losses.max(), 50)
    found = page.evaluate(
        "points => { const s = js.splineOf(all.untrained); return points.map((b) => js.splineAt(s, b)) }",
        points.tolist(),
    )
    assert found == pytest.approx(spline_entropy(losses, points), rel=1e-4, abs=1e-9)


def test_a_polynomial_of_fifth_order_is_its_own_spline(page):
    found = page.evaluate(
        """() => {
            const f = (u) => ((u / 50 - 1) ** 5 - 3 * (u / 50 - 1) ** 2 + 1);
            const c = js.interpolated(Array.from({ length: 100 }, (_, u) => f(u)));
            return [-40, -1, 0, 1.5, 2.9, 50.25, 96.5, 99, 130].map((u) => [js.deBoor(c, u), f(u)]);
        }"""
    )
    ours, exact = np.transpose(found)
    assert ours == pytest.approx(exact, rel=1e-9)


@pytest.mark.parametrize("name", SHAPES)
def test_reweighted_losses_have_the_mean_asked_for_and_the_weights_of_numpy(page, name):
    atoms, losses = SHAPES[name], expand(SHAPES[name])
    for b in (losses.mean() * 0.3 + losses.min() * 0.7, losses.mean(), (losses.mean() + losses.max()) / 2):
        weights = np.array(
            page.evaluate("([n, b]) => [...js.reweighted(all[n], js.solve(all[n], b))]", [name, float(b)])
        )
        assert weights @ atoms.values == pytest.approx(b, rel=1e-6)
        exact = quasi_thermal(losses, inverse_temperature(losses, float(b)))
        assert weights == pytest.approx(np.bincount(np.searchsorted(atoms.values, losses), exact), rel=1e-5, abs=1e-12)
    ends = page.evaluate("n => [-Infinity, Infinity].map((theta) => [...js.reweighted(all[n], theta)])", name)
    assert np.array(ends) == pytest.approx(np.eye(len(atoms.values))[[0, -1]])


def test_bins_hold_all_the_weight_that_is_not_at_zero_where_it_is(page):
    found = page.evaluate(
        "names => names.map((n) => js.binned(all[n], all[n].count.map((c) => c / all[n].size)))", list(SHAPES)
    )
    for spread, atoms in zip(found, SHAPES.values(), strict=True):
        losses = expand(atoms)
        assert sum(spread["share"]) == pytest.approx(np.mean(losses > 0), rel=1e-12)
        edges, share = np.array(spread["edges"]), np.cumsum(spread["share"])
        below = np.array([np.mean((losses > 0) & (losses < edge * np.exp(spread["width"]))) for edge in edges])
        nearby = np.array([np.mean(np.abs(np.log(losses[losses > 0] / e)) < 2.1 * spread["width"]) for e in edges])
        assert (np.abs(share - below) <= nearby + 1e-12).all()  # no weight travels further than a bin


def test_degenerate_losses(page):
    found = page.evaluate(
        """() => {
            const of = (values, counts, b) => {
                const losses = js.lossesOf(values, counts);
                const { control, upper, side, beta, criteria } = js.entropiesAt(losses, js.splineOf(losses), b);
                return [control, upper, side, String(beta), String(criteria.coded)];
            };
            const equal = [2, 3, 1].map((b) => of([2], [7], b));
            return [...equal, of([0], [1], 0.5), of([0, 9, 1], [3, 0, 3], 0.5)];
        }"""
    )
    seven = np.log(7)
    assert found[0] == [0, 0, 0, "0", "NaN"]  # equal losses leave no room for a hundred knots
    assert found[1][:3] == [pytest.approx(seven), pytest.approx(seven), 1]
    assert found[2][:3] == [pytest.approx(seven), 0, -1]
    assert found[3][:3] == [0, 0, 1]
    assert found[4][:4] == [0, 0, 0, "0"]
