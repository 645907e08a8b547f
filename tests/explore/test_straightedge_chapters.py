"""What the chapters say of their straightedges is so: the browser's fits of the samples that the pages carry."""

from pathlib import Path

import numpy as np
import pytest

import critnet.explore.widgets.straightedge as widget
from critnet.paper import results
from critnet.paper.fig1 import straightedge as fig1
from critnet.paper.fig2 import straightedges as fig2
from critnet.paper.fig4 import straightedge as fig4
from critnet.paper.fig5 import straightedge as fig5
from critnet.statistics.counted import fit_bins

pytestmark = pytest.mark.browser

FIT = """([sample, from, to]) => {
  if (!sample.survival) js.unpack(sample);
  const cells = js.stretchOf(sample, from, to), power = js.bestPower(cells), rivals = js.compareLaws(cells, power);
  const top = cells.high[cells.high.length - 1] - (cells.whole ? 1 : 0);
  return { alpha: power.alpha, total: cells.total, low: cells.low[0], top, open: cells.open, rivals,
           better: Object.keys(rivals).filter((name) => rivals[name].ratio < 0 && rivals[name].p < 0.1) };
}"""
HEAVIEST = 150_000  # bytes of an explorer with its data


@pytest.fixture(scope="module")
def fits(chromium):
    """A fit of a sample on a stretch, in the browser."""
    context = chromium.new_context()
    page = context.new_page()
    source = (Path(widget.__file__).parent / "core.js").read_text()
    exports = "unpack, stretchOf, bestPower, compareLaws"
    page.add_script_tag(content=f"const js = (() => {{ {source}; return {{ {exports} }}; }})();")
    yield lambda sample, low, high=1e300: page.evaluate(FIT, [sample, low, high])
    context.close()


def test_chapter_1_3(fits, static):
    explorer = fig1.tails(results.load("sweeps"))
    samples = explorer.given["samples"]
    assert len(explorer.html()) < HEAVIEST
    tail = fits(samples["degree-200000"], 2)
    assert round(tail["alpha"], 2) == 1.54
    assert all(rival["ratio"] < -1000 for rival in tail["rivals"].values())
    five = fits(samples["degree-200000"], 1, 5)
    assert five["better"] == []
    assert round(five["alpha"], 1) == 0.2
    assert fits(samples["one"], 1, 17)["better"] == []
    assert all(
        fits(samples["clique-200000"], low, high)["better"] for low in (4, 5, 6) for high in (9, 12, 16, 20, 1e300)
    )


def test_chapter_2_1(fits, static):
    explorer = fig2.losses(results.load("fig2"))
    samples = explorer.given["samples"]
    assert len(explorer.html()) < HEAVIEST
    wide = fits(samples["t-200000"], 1e-8, 1e-3)
    assert wide["better"] == []
    assert round(wide["alpha"], 2) == 1.04
    assert 4.8 < np.log10(wide["top"] / wide["low"]) < 5
    largest = fits(samples["t-200000"], 1e-3)
    assert "lognormal" in largest["better"]
    assert round(largest["alpha"], 1) == 3.4
    assert largest["top"] < 10 * largest["low"]
    assert set(fits(samples["t-100"], 1)["better"]) == {"lognormal", "exponential", "truncated"}


def test_the_bins_at_the_end_give_the_tail_of_the_histogram(fits):
    data = results.load("fig2")
    here = data.sel(seed=data.attrs["displayed_seed"], shown_t=200_000, definition="control")
    edges = np.geomspace(*here["histogram_range"].values, data.sizes["bin"] + 1)
    start = edges[int(np.searchsorted(edges, 1e-7))]
    wanted = fit_bins(edges, here["histogram"].values.astype(float), x_min=start)
    found = fits(fig2.losses(data).given["samples"]["t-200000"], start)
    assert found["total"] == pytest.approx(wanted.n_tail, rel=0.05)  # from the nearest edge on
    assert found["alpha"] == pytest.approx(wanted.alpha, abs=0.01)


def test_chapter_2_3(fits, static):
    explorer = fig2.final_losses(results.load("sweeps"))
    samples = explorer.given["samples"]
    assert len(explorer.html()) < HEAVIEST
    converged = [fits(sample, 1e-4) for key, sample in samples.items() if key.startswith("converged")]
    assert len(converged) == 3
    assert all(len(each["better"]) == 3 for each in converged)
    straight = fits(samples["far-65"], 2)
    assert "h = 50" in samples["far-65"]["label"]
    assert straight["better"] == []
    assert straight["open"]
    assert round(straight["alpha"], 1) == 2.7
    assert 1.85 < np.log10(straight["top"] / straight["low"]) < 2


def test_chapter_3_1(fits, static):
    explorer = fig4.tail_explorer(results.load_all((*fig4.samples.DATA, "fig4")))
    samples = explorer.given["samples"]
    assert len(samples) == 11
    assert len(explorer.html()) < HEAVIEST
    assert all("truncated" in fits(samples[key], 0.15)["better"] for key in ("weights", "weights-w2"))
    straight = fits(samples["irreversibility-as-coded"], 0.9, 300)
    assert straight["better"] == []
    assert round(straight["alpha"], 1) == 1.6
    assert round(np.log10(straight["top"] / straight["low"]), 1) == 2.5
    assert "truncated" in fits(samples["irreversibility-as-coded"], 0.9)["better"]
    assert len(fits(samples["irreversibility"], 0.1)["better"]) == 3
    for key, low, high in (("squared-gradient", 160, 1000), ("hessian", 100, 400)):
        end = fits(samples[key], low, high)
        assert end["better"] == []
        assert end["alpha"] > 4


def test_chapter_4_2(fits, static):
    explorer = fig5.sizes(results.load_all(("circuits", "runs")))
    samples = explorer.given["samples"]
    assert len(explorer.html()) < HEAVIEST
    neurons = fits(samples["neurons-all"], 1)
    assert round(neurons["alpha"], 2) == 1.44
    assert all(rival["ratio"] < -300 for rival in neurons["rivals"].values())
    edges = fits(samples["edges-all"], 5, 422)
    assert edges["better"] == []
    assert round(edges["alpha"], 2) == 1.73
    assert set(fits(samples["edges-all"], 5)["better"]) == {"lognormal", "truncated"}
    control = fits(samples["edges-control"], 14)
    assert control["better"] == []
    assert round(control["alpha"], 1) == 3.2
