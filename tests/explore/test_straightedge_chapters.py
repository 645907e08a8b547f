"""What the chapters say of their straightedges is so: the browser's fits of the samples that the pages carry."""

from pathlib import Path

import pytest

import critnet.explore.widgets.straightedge as widget
from critnet.paper import results
from critnet.paper.fig1 import straightedge as fig1

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
