"""How long an explorer takes from a moved slider to the frame that shows it, in a real browser, against 50 ms."""

import functools
import os
import sys
import tempfile
from pathlib import Path

import numpy as np
from playwright.sync_api import sync_playwright

from benchmarks import Result

sys.path.append(str(Path(__file__).resolve().parents[1] / "tests"))
import browser

TARGET = 0.050  # seconds; what a hand on a slider takes for immediate
MOVES = 40
PAGE = '<!doctype html><html data-theme="light"><meta charset="utf-8"><body>{}</body></html>'
MOVE = """async ([id, share]) => {
  const slider = document.getElementById(id);
  const [low, high] = [Number(slider.min), Number(slider.max)];
  await new Promise(requestAnimationFrame);
  const start = performance.now();
  slider.value = low + share * (high - low);
  slider.dispatchEvent(new Event("input", { bubbles: true }));
  await new Promise(requestAnimationFrame);
  return performance.now() - start;
}"""


def cases():
    """Functions of the device name, one a case, each giving a list of results."""
    return [
        functools.partial(redraw, *case)
        for case in (
            ("graph explorer", "threshold", _graph),
            ("loss explorer", "b", _losses),
            ("phase explorer", "vertex", _phase),
        )
    ]


def _graph():
    from critnet.paper import results
    from critnet.paper.fig1 import explorers

    return explorers.graph_explorer(results.load("fig1"), name="bench")


def _losses():
    from critnet.paper import results
    from critnet.paper.fig2 import loss_explorer

    return loss_explorer.loss_explorer(results.load("fig2"), name="bench")


def _phase():
    from critnet.paper import results
    from critnet.paper.fig2 import phase_explorer

    return phase_explorer.phase_explorer(results.load_all(("sweeps", "runs")), name="bench")


def redraw(case, slider, make, device):
    """One control moved over its whole range."""
    os.environ["CRITNET_STATIC"] = "1"
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        path = Path(folder) / "page.html"
        path.write_text(PAGE.format(make()._repr_mimebundle_()["text/html"]), encoding="utf-8")
        chromium = browser.launch(playwright)
        page = chromium.new_page()
        page.goto(path.as_uri())
        page.wait_for_selector(f"#bench--{slider}")
        shares = np.random.default_rng(0).random(MOVES + 5)
        seconds = np.array([page.evaluate(MOVE, [f"bench--{slider}", share]) / 1000 for share in shares.tolist()])[5:]
        chromium.close()
    ratio = TARGET / seconds
    return [
        Result(
            f"{case}, one move of {slider}",
            "50 ms",
            float(np.median(seconds)),
            TARGET,
            float(np.median(ratio)),
            float(ratio.min()),
            float(ratio.max()),
            MOVES,
            device,
        )
    ]
