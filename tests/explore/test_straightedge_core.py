"""The straightedge's laws in a browser against critnet.statistics, scipy, and answers that are known."""

from pathlib import Path

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.optimize import minimize_scalar
from scipy.special import erfc, log_ndtr, zeta

import critnet.explore.widgets.straightedge as widget
from critnet.statistics.cells import Bins, Whole, exponential, lognormal
from critnet.statistics.counted import fit_bins, fit_counts
from critnet.statistics.tails import fit_tail

pytestmark = pytest.mark.browser

FOLDER = Path(widget.__file__).parent
EXPORTS = "unpack, LAWS, erfc, logNormal, logWhole, logTail, stretchOf, bestPower, compareLaws, survivalOf, survivalBy"
FIT = """([sample, from, to]) => {
  const cells = js.stretchOf(sample, from, to), power = js.bestPower(cells), rivals = js.compareLaws(cells, power);
  return { ...power, total: cells.total, open: cells.open, rivals };
}"""
NAMES = {"lognormal": "lognormal", "exponential": "exponential", "truncated_power_law": "truncated"}


def whole(values):
    """A sample of whole numbers as the browser takes it."""
    count = np.bincount(values)[values.min() :]
    low = np.arange(values.min(), values.max() + 1)
    return {"low": low.tolist(), "high": (low + 1).tolist(), "counts": count.tolist(), "whole": True}


def bins(edges, counts):
    return {"low": edges[:-1].tolist(), "high": edges[1:].tolist(), "counts": list(map(int, counts)), "whole": False}


def fit(page, sample, low, high=1e300):
    return page.evaluate(FIT, [sample, low, high])


def agree(found, wanted):
    """The browser's fit and a TailFit: the same numbers, or a rival that is nearer its best than Python's search."""
    assert found["open"]
    assert found["total"] == wanted.n_tail
    assert found["alpha"] == pytest.approx(wanted.alpha, abs=2e-4)
    assert found["error"] == pytest.approx(wanted.error, rel=2e-2)
    for name, ratio in wanted.ratio.items():
        rival = found["rivals"][NAMES[name]]
        assert rival["ratio"] == pytest.approx(ratio, abs=0.05 + 1e-4 * abs(ratio)), name
        if abs(ratio) > 1:  # at its own edge a log-normal is the power law: ratio and error are both nearly nothing
            assert rival["p"] == pytest.approx(wanted.ratio_p[name], abs=5e-3), name


def test_special_functions(page):
    x = np.linspace(-6, 12, 181)
    assert page.evaluate("x => x.map(js.erfc)", x.tolist()) == pytest.approx(erfc(x), rel=1e-6)
    z = np.linspace(-60, 8, 137)
    assert page.evaluate("z => z.map(js.logNormal)", z.tolist()) == pytest.approx(log_ndtr(z), rel=1e-6, abs=1e-9)
    for a, start in ((1.2, 1), (1.5, 7), (2.5, 1), (6, 3), (30, 40)):
        wanted = np.log(zeta(a, start)) + a * np.log(start)
        assert page.evaluate("([s, a]) => js.logWhole(s, a, 0)", [start, a]) == pytest.approx(wanted, abs=1e-8)
    for a, cut in ((1.5, 1e-3), (0.2, 0.1), (3, 1e-6), (-1, 0.3)):
        k = np.arange(1, 200_000.0)
        wanted = np.log((k**-a * np.exp(-cut * (k - 1))).sum())
        assert page.evaluate("([a, c]) => js.logWhole(1, a, c)", [a, cut]) == pytest.approx(wanted, abs=1e-6)
        area = quad(lambda s, a=a, cut=cut: np.exp((1 - a) * s - cut * np.exp(s)), 0, np.log1p(80 / cut), limit=400)[0]
        assert page.evaluate("([a, c]) => js.logTail(a, c)", [a, cut]) == pytest.approx(np.log(area), abs=1e-6)


def test_an_exact_power_law_returns_its_exponent_on_every_stretch(page):
    edges = 2.0 ** np.arange(0, 12, 0.5)
    sample = bins(edges, np.rint(1e12 * -np.diff(edges**-1.5)))
    for low, high in ((1, 1e300), (4, 1e300), (1, 64), (8, 256)):
        found = fit(page, sample, low, high)
        assert found["alpha"] == pytest.approx(2.5, abs=2e-2 if high > 1e9 else 1e-5)
    k = np.arange(1, 800)
    sample = {"low": k.tolist(), "high": (k + 1).tolist(), "counts": np.rint(1e12 * k**-2.2).tolist(), "whole": True}
    for low, high in ((1, 100), (3, 500), (20, 799 - 1)):
        assert fit(page, sample, low, high)["alpha"] == pytest.approx(2.2, abs=1e-4)


@pytest.mark.parametrize("law", ["power", "lognormal", "exponential", "truncated"])
@pytest.mark.parametrize("seed", [0, 1])
def test_whole_numbers_are_fitted_as_in_python(page, law, seed):
    random = np.random.default_rng(seed)
    values = {
        "power": lambda: np.minimum(random.zipf(2.1, 1800), 1500),
        "lognormal": lambda: np.rint(random.lognormal(2, 0.9, 900)) + 1,
        "exponential": lambda: random.geometric(0.07, 900),
        "truncated": lambda: np.floor(1 + random.exponential(20, 3000) * random.random(3000) ** 2),
    }[law]().astype(int)
    sizes, counts = np.unique(values, return_counts=True)
    for x_min in (1, 3, 6):
        start = int(sizes[sizes >= x_min][0])
        agree(fit(page, whole(values), start), fit_counts(sizes, counts, x_min=start))


@pytest.mark.parametrize("law", ["pareto", "lognormal", "exponential"])
@pytest.mark.parametrize("seed", [0, 1])
def test_bins_are_fitted_as_in_python(page, law, seed):
    random = np.random.default_rng(seed)
    values = {
        "pareto": lambda: 0.1 * random.random(2000) ** (-1 / 1.4),
        "lognormal": lambda: random.lognormal(0, 1.5, 2000) + 0.1,
        "exponential": lambda: random.exponential(3, 2000) + 0.1,
    }[law]()
    edges = 10 ** (np.arange(-24, 120) / 24)
    counts = np.histogram(values, edges)[0]
    edges, counts = edges[: np.flatnonzero(counts)[-1] + 2], counts[: np.flatnonzero(counts)[-1] + 1]
    for start in (np.searchsorted(edges, 0.1), np.searchsorted(edges, 0.7)):
        agree(fit(page, bins(edges, counts), edges[start]), fit_bins(edges, counts, x_min=edges[start]))


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_24_bins_a_decade_give_the_exponent_of_the_values_themselves(page, seed):
    random = np.random.default_rng(seed)
    values = random.random(5000) ** (-1 / 1.1)
    edges, counts = widget.binned(values)
    start = edges[int(np.searchsorted(edges, 2.0))]
    found, wanted = fit(page, bins(edges, counts), start), fit_tail(values, x_min=start)
    assert found["alpha"] == pytest.approx(wanted.alpha, abs=0.1 * wanted.error)
    for name, ratio in wanted.ratio.items():
        assert found["rivals"][NAMES[name]]["ratio"] == pytest.approx(ratio, abs=1 + 0.03 * abs(ratio)), name


@pytest.mark.parametrize(("low", "high"), [(1, 30), (2, 100), (5, 12)])
def test_a_stretch_with_two_ends_against_brute_force(page, low, high):
    random = np.random.default_rng(low)
    values = random.zipf(1.6, 3000)
    values = values[values < 400]
    inside = values[(values >= low) & (values <= high)]
    k = np.arange(low, high + 1.0)
    cost = lambda a: a * np.log(inside).mean() + np.log((k**-a).sum())  # noqa: E731
    found = fit(page, whole(values), low, high)
    assert not found["open"]
    assert found["total"] == inside.size
    assert found["alpha"] == pytest.approx(minimize_scalar(cost, bounds=(-5, 20), method="bounded").x, abs=1e-4)
    logs = {name: rival["logs"] for name, rival in found["rivals"].items()} | {"power": found["logs"]}
    for name, each in logs.items():
        assert np.exp(each).sum() == pytest.approx(1, abs=1e-6), name
    rate = minimize_scalar(
        lambda r: r * (inside - low).mean() + np.log(np.exp(-r * (k - low)).sum()), bounds=(1e-6, 5), method="bounded"
    ).x
    wanted = -rate * (k - low) - np.log(np.exp(-rate * (k - low)).sum())
    assert logs["exponential"] == pytest.approx(wanted, abs=1e-3 * (high - low))


def test_no_law_gives_more_or_less_than_everything(page):
    edges = np.geomspace(0.3, 80, 40)
    cells = bins(edges, np.ones(39)) | {"open": False}
    for law, parameters in {
        "power": [1.0],
        "exponential": [-2.0],
        "lognormal": [0.6, -2.0],
        "truncated": [0.4, -2.0],
    }.items():
        logs = page.evaluate("([law, p, cells]) => js.LAWS[law](p, cells)", [law, parameters, cells])
        assert np.exp(logs).sum() == pytest.approx(1, abs=1e-6), law


def test_the_laws_of_open_stretches_are_those_of_python(page):
    edges, k = np.geomspace(0.3, 80, 40), np.arange(3, 90)
    for cells, law in (
        (bins(edges, np.ones(39)), Bins(edges)),
        ({"low": k.tolist(), "high": (k + 1).tolist(), "counts": [1] * k.size, "whole": True}, Whole(k)),
    ):
        start = law.low[0]
        for name, parameters, wanted in (
            ("power", [2.2], law.power(2.2)),
            ("exponential", [-2.0], exponential(law, np.exp(-2.0))),
            ("lognormal", [0.7, -0.6], lognormal(law, 0.7 * np.exp(0.6) + np.log(start), np.exp(0.3))),
            ("truncated", [1.3, -3.0], law.truncated(1.3, np.exp(-3.0) / start)),
        ):
            logs = page.evaluate("([law, p, c]) => js.LAWS[law](p, c)", [name, parameters, cells | {"open": True}])
            assert logs == pytest.approx(wanted, abs=1e-6, rel=1e-6), name


def test_the_tail_that_a_law_leaves_is_that_of_its_values(page):
    sample = {"low": [1, 2, 3, 4], "high": [2, 3, 4, 5], "counts": [4, 3, 2, 1], "whole": True}
    survival = page.evaluate("s => [...js.survivalOf(s)]", sample["counts"])
    assert survival == pytest.approx([1, 0.6, 0.3, 0.1, 0])
    logs = np.log([3 / 5, 2 / 5]).tolist()
    by = page.evaluate(
        "([logs, sample, s]) => js.survivalBy(logs, js.stretchOf(sample, 2, 3), s)", [logs, sample, survival]
    )
    assert by == pytest.approx(survival[1:3])
