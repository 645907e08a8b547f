"""The numbers of phase/core.js against NumPy: criterion, places of the boundary, misfit, fit, scales."""

import math
from pathlib import Path

import numpy as np
import pytest

import critnet.explore.widgets.phase as widget
from critnet.losses.deviations import convergence_criterion
from critnet.losses.phases import fit_parabola, steepest

pytestmark = pytest.mark.browser

SOURCE = (Path(widget.__file__).parent / "core.js").read_text()
EXPORTS = (
    "criterionOf, heightOf, wrongSide, placesOf, distanceOf, fitOf, bordersOf, "
    "placeIn, rangeOf, medianOf, colourAt, inkOn"
)
THRESHOLD = -5.0


@pytest.fixture(scope="module")
def page(chromium):
    """A blank page that knows the functions of phase/core.js."""
    context = chromium.new_context()
    page = context.new_page()
    page.add_script_tag(content=f"const js = (() => {{ {SOURCE}; return {{ {EXPORTS} }}; }})();")
    yield page
    context.close()


def diagram(seed):
    """Cells x, y, criterion of a random grid in which some are missing, infinite or diverged."""
    random = np.random.default_rng(seed)
    x, y = (grid.ravel() for grid in np.meshgrid(np.arange(-10.0, -3), np.log([2, 5, 10, 20, 50, 100, 200])))
    criterion = np.where(y > 0.4 * (x + 7) ** 2 + 2, -11.0, 1.0) + random.normal(0, 2, x.size)
    criterion[random.random(x.size) < 0.05] = np.inf
    criterion[random.random(x.size) < 0.05] = convergence_criterion(np.nan, np.nan)
    kept = random.random(x.size) > 0.1
    return x[kept], y[kept], criterion[kept]


def places(x, y, criterion):
    """The boundary as METHODS D27b has it, with falling steps alone, by `steepest`."""
    ceiling, found = convergence_criterion(np.nan, np.nan), []
    for at in np.unique(x):
        column = np.flatnonzero(x == at)
        column = column[np.argsort(y[column])]
        values = np.minimum(criterion[column], ceiling)
        if len(column) >= 5 and (values < THRESHOLD).any() and (values >= THRESHOLD).any():
            found.append((at, steepest(y[column], values, falling=True).position))
    return np.array(found).reshape(-1, 2)


def told(x, y, criterion):
    """The cells for the page, where JSON has no infinity."""
    return [
        {"x": a, "y": b, "criterion": c if np.isfinite(c) else "inf"} for a, b, c in zip(x, y, criterion, strict=True)
    ]


READ = "cells.map((c) => ({ ...c, criterion: c.criterion === 'inf' ? Infinity : c.criterion }))"


def test_the_criterion_is_that_of_numpy(page):
    random = np.random.default_rng(0)
    losses, entropies = 10 ** random.uniform(-9, 1, 50), 10 ** random.uniform(-12, 9, 50)
    found = page.evaluate(
        "([l, e]) => l.map((loss, i) => js.criterionOf(loss, e[i]))", [losses.tolist(), entropies.tolist()]
    )
    assert np.allclose(found, convergence_criterion(losses, entropies), rtol=1e-13, atol=1e-13)
    odd = page.evaluate("[[NaN, 1], [1, NaN], [Infinity, 1], [1, 0], [0, 1]].map(([l, e]) => js.criterionOf(l, e))")
    ours = convergence_criterion([np.nan, 1, np.inf, 1, 0], [1, np.nan, 1, 0, 1])
    assert odd == pytest.approx(ours.tolist())
    assert odd[0] == pytest.approx(27.631, abs=1e-3)


@pytest.mark.parametrize("seed", range(8))
def test_boundary_fit_and_misfit_are_those_of_numpy(page, seed):
    x, y, criterion = diagram(seed)
    parabola = dict(zip(widget.PARABOLA, (0.5, -7.7, 2.5), strict=True))
    found = page.evaluate(
        f"""([cells, parabola, threshold]) => {{
            cells = {READ};
            const points = js.placesOf(cells, threshold);
            const fit = js.fitOf(points);
            const wrong = js.wrongSide(cells, parabola, threshold);
            return {{ fit, points: points.map((p) => [p.x, p.y]), wrong: wrong.map((c) => [c.x, c.y]),
              distances: [parabola, fit].map((one) => js.distanceOf(points, one)) }};
        }}""",
        [told(x, y, criterion), parabola, THRESHOLD],
    )
    ours = places(x, y, criterion)
    assert np.allclose(found["points"], ours)
    best = fit_parabola(*ours.T, n_bootstrap=1, random=np.random.default_rng(0)).best
    assert [found["fit"][key] for key in widget.PARABOLA] == pytest.approx(list(best), rel=1e-9)
    heights = 0.5 * (x + 7.7) ** 2 + 2.5
    wrong = np.column_stack([x, y])[(criterion < THRESHOLD) != (y > heights)]
    assert 0 < len(wrong) < len(x)
    assert sorted(found["wrong"]) == sorted(wrong.tolist())
    distances = [
        np.sqrt(np.mean((ours[:, 1] - curve) ** 2)) for curve in (0.5 * (ours[:, 0] + 7.7) ** 2 + 2.5, best(ours[:, 0]))
    ]
    assert found["distances"] == pytest.approx(distances)


def test_a_known_parabola_is_found_and_too_little_is_no_fit(page):
    points = [{"x": x, "y": 0.5 * (x + 7.7) ** 2 + 2.5} for x in (-10, -8.5, -7, -6, -4)]
    fit = page.evaluate("points => js.fitOf(points)", points)
    assert fit == pytest.approx({"curvature": 0.5, "vertex": -7.7, "minimum": 2.5})
    assert page.evaluate("points => js.fitOf(points)", points[:3]) is None
    assert page.evaluate("points => js.fitOf(points)", [*points[:2], *points[:2]]) is None
    assert page.evaluate("js.fitOf([0, 1, 2, 3].map((x) => ({ x, y: 2 * x })))") is None


def test_a_mobility_without_a_crossing_has_no_place(page):
    column = lambda values: [{"x": 1, "y": i, "criterion": v} for i, v in enumerate(values)]  # noqa: E731
    js = "([cells, threshold]) => js.placesOf(cells, threshold).map(({ x, y }) => [x, y])"
    assert page.evaluate(js, [column([1, 2, 3, 2, 1]), THRESHOLD]) == []
    assert page.evaluate(js, [column([1, -9, -9, -9]), THRESHOLD]) == []  # four sizes
    assert page.evaluate(js, [column([1, 2, -9, -9, 30]), THRESHOLD]) == [[1, 1.5]]  # the rise by 39 is none
    assert page.evaluate(js, [column([-9, -8, 1, 2, 3]), THRESHOLD]) == [[1, 1.5]]  # never falls


def test_medians_ranges_and_places_in_them(page):
    random = np.random.default_rng(1)
    for n in (1, 2, 5, 6):
        values = random.normal(size=n).tolist()
        assert page.evaluate("v => js.medianOf([...v, NaN])", values) == pytest.approx(np.median(values))
    assert page.evaluate("js.medianOf([1, Infinity, Infinity])") == math.inf
    assert math.isnan(page.evaluate("js.medianOf([NaN])"))
    assert page.evaluate("js.rangeOf([NaN, -3, 2, Infinity], false)") == {"low": -3, "high": 2, "log": False}
    assert page.evaluate("js.rangeOf([0, 0.1, 10], true)") == {"low": 0.1, "high": 10, "log": True}
    assert page.evaluate("js.rangeOf([NaN, 0], true)") is None
    log = {"low": 0.01, "high": 100, "log": True}
    found = page.evaluate("r => [0, 0.001, 0.1, 1, 1e9, Infinity].map((v) => js.placeIn(r, v))", log)
    assert found == pytest.approx([0, 0, 0.25, 0.5, 1, 1])
    assert page.evaluate("js.placeIn({ low: 3, high: 3, log: false }, 3)") == 0.5
    assert page.evaluate("js.bordersOf([0, 1, 4])") == [-0.5, 0.5, 2.5, 5.5]


def test_colours_run_through_their_stops_and_ink_reads_on_them(page):
    assert page.evaluate("[0, 0.25, 1].map((p) => js.colourAt(['#000000', '#ffffff', '#ff0000'], p))") == [
        [0, 0, 0],
        [128, 128, 128],
        [255, 0, 0],
    ]

    def luminance(rgb):
        share = np.array(rgb) / 255
        return np.where(share <= 0.03928, share / 12.92, ((share + 0.055) / 1.055) ** 2.4) @ [0.2126, 0.7152, 0.0722]

    random = np.random.default_rng(2)
    for rgb in random.integers(0, 256, (40, 3)).tolist():
        ink = 0.0 if page.evaluate("rgb => js.inkOn(rgb)", rgb) == "#000000" else 1.0
        low, high = sorted((ink, float(luminance(rgb))))
        assert (high + 0.05) / (low + 0.05) >= 4.5
