"""The browser's flashes, fall, slope and Brownian particles against NumPy."""

from pathlib import Path

import numpy as np
import pytest

import critnet.explore.widgets.stroboscope as widget
from critnet.errors import UsageError

pytestmark = pytest.mark.browser

FOLDER = Path(widget.__file__).parent
SOURCE = (FOLDER.parent / "base" / "random.js").read_text() + (FOLDER / "core.js").read_text()
EXPORTS = "seenAt, steepest, exponentOf, walks, meanSpeed, brownianSpeed"


@pytest.fixture(scope="module")
def page(chromium):
    context = chromium.new_context()
    page = context.new_page()
    page.add_script_tag(content=f"const js = (() => {{ {SOURCE}; return {{ {EXPORTS} }}; }})();")
    yield page
    context.close()


def test_flashes_before_the_change_are_over_one_iteration(page):
    table = np.arange(12.0).reshape(4, 3)  # flashes 0, 5, 10, 20; intervals 1, 10, 100
    ask = "([table, interval, change]) => js.seenAt(table, [0, 5, 10, 20], [1, 10, 100], interval, change)"
    assert page.evaluate(ask, [table.ravel().tolist(), 100, 10]) == [0, 3, 8, 11]
    assert page.evaluate(ask, [table.ravel().tolist(), 1, 0]) == table[:, 0].tolist()
    assert page.evaluate(ask, [table.ravel().tolist(), 10, 0]) == table[:, 1].tolist()


def test_the_steepest_fall(page):
    ask = "([t, values, last]) => js.steepest(t, values, last)"
    assert page.evaluate(ask, [[0, 1, 2, 5], [8, 4, 1, 0.1], 2]) == {"from": 1, "to": 2, "factor": 4}
    assert page.evaluate(ask, [[0, 1, 2, 5], [8, 4, 1, 0.1], 9])["to"] == 5
    assert page.evaluate(ask, [[0, 1], [1, 2], 9])["factor"] == 1


def test_the_slope_is_that_of_numpy(page):
    x, y = np.array([1, 2, 7, 50, 500]), np.array([0.3, 0.4, 0.02, 0.01, 1e-4])
    slope = np.polyfit(np.log(x), np.log(y), 1)[0]
    assert page.evaluate("([x, y]) => js.exponentOf(x, y)", [x.tolist(), y.tolist()]) == pytest.approx(slope, rel=1e-12)


def test_brownian_particles_are_sums_and_keep_the_law_of_the_root(page):
    paths = np.reshape(page.evaluate("() => [...js.walks(300, 400, 2)]"), (300, 401))
    assert (paths[:, 0] == 0).all()
    steps = np.diff(paths, axis=1)
    assert abs(steps.mean()) < 0.015
    assert steps.var() == pytest.approx(1, abs=0.02)
    for interval in (1, 4, 25, 100):
        ask = "k => js.meanSpeed(js.walks(300, 400, 2), 400, k)"
        found = page.evaluate(ask, interval)
        assert found == pytest.approx(np.abs(paths[:, interval:] - paths[:, :-interval]).mean() / interval, rel=1e-10)
        law = page.evaluate("k => js.brownianSpeed(k)", interval)
        assert law == pytest.approx(np.sqrt(2 / np.pi / interval))
        independent = 300 * 400 / interval
        assert found == pytest.approx(law, rel=5 * np.sqrt(np.pi / 2 - 1) / np.sqrt(independent))


def test_bad_fluxes_are_named(sample_of):
    sample = sample_of("stroboscope")
    for change, said in (
        ({"flux": sample.fluxes()[:1]}, "flux has shape"),
        ({"courses": sample.courses()[..., :5]}, "courses has shape"),
        ({"flux": -sample.fluxes()}, "a flux is -"),
        ({"flux": sample.fluxes() * np.nan}, "not finite"),
        ({"flashes": sample.FLASHES[::-1]}, "rising"),
        ({"intervals": sample.INTERVALS + 1}, "begin at 1"),
        ({"interval": 3}, "interval is 3"),
        ({"change": 50_000}, "change is 50000"),
    ):
        with pytest.raises(UsageError, match=said):
            sample.explorer(**change)
