"""How long an explorer takes from a moved slider to the frame that shows it, in a real browser, against 33 ms.

A screen at 60 Hz leaves 16.7 ms between frames: a move that is drawn in the next frame takes about that, whatever it
costs, and one that takes longer than 33 ms drops frames while the reader drags.
"""

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

TARGET = 1 / 30  # seconds; two frames
MOVES = 40
HELD = "graph=full&neuron=12&hold=value"  # of the circuit explorer: most to compute, a first neuron of the full network
PAGE = '<!doctype html><html data-theme="light"><meta charset="utf-8"><body>{}</body></html>'
# One move after the other, as a hand drags: a picture that is still being painted holds the next frame back.
MOVES_OF = """async ([id, shares]) => {
  const slider = document.getElementById(id);
  const [low, high] = [Number(slider.min), Number(slider.max)];
  const found = [];
  await new Promise(requestAnimationFrame);
  for (const share of shares) {
    const start = performance.now();
    slider.value = low + share * (high - low);
    slider.dispatchEvent(new Event("input", { bubbles: true }));
    await new Promise(requestAnimationFrame);
    found.push(performance.now() - start);
  }
  return found;
}"""


def cases():
    """Functions of the device name, one a case, each giving a list of results."""
    return [
        functools.partial(redraw, *case)
        for case in (
            ("graph explorer", "threshold", _graph),
            ("loss explorer", "b", _losses),
            ("phase explorer", "vertex", _phase),
            ("circuit explorer", "count", _circuit),
            ("circuit explorer", "level", _circuit),
            ("redistribution explorer", "p", _redistribution),
            ("restore explorer", "share", _restore),
            ("pool explorer", "least", _pool),
            ("freeze explorer", "at", _freeze),
            ("stroboscope", "interval", _stroboscope),
            ("Langevin explorer", "turn", _langevin),
            ("straightedge", "from", _straightedge),
            ("training explorer", "threshold", _training),
            ("manifold explorer", "turn", _manifold),
        )
    ] + [hundred_steps]


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


def _circuit():
    from critnet.paper import results
    from critnet.paper.fig5 import explorers

    return explorers.circuit_explorer(results.load_all(("fig5", "circuits", "runs")), name="bench")


def _redistribution():
    from critnet.paper import results
    from critnet.paper.fig4 import explorers

    return explorers.redistribution_explorer(results.load("fig1"), name="bench")


def _restore():
    from critnet.paper import results
    from critnet.paper.fig4 import restore_explorer

    return restore_explorer.restore_explorer(results.load_all(("fig1", "course", "fig5")), name="bench")


def _pool():
    from critnet.paper import results
    from critnet.paper.fig5 import pool_explorer

    return pool_explorer.pool_explorer(results.load_all(("circuits", "runs")), name="bench")


def _freeze():
    from critnet.paper import results
    from critnet.paper.fig5 import freeze_explorer

    return freeze_explorer.freeze_explorer(results.load("coupling"), name="bench")


def _stroboscope():
    from critnet.paper import results
    from critnet.paper.fig3 import explorers

    return explorers.stroboscope_explorer(results.load("windows"), results.load("anchors"), name="bench")


def _langevin():
    from critnet.paper.fig3 import explorers

    return explorers.langevin_explorer(name="bench")


def _straightedge():
    from critnet.paper import results
    from critnet.paper.fig1 import straightedge

    return straightedge.tails(results.load("sweeps"), name="bench")


def _training():
    from critnet.paper import results
    from critnet.paper.fig6 import training_explorer

    return training_explorer.training_explorer(results.load("digits"), results.load("fig1"), name="bench")


def _manifold():
    from critnet.paper import results
    from critnet.paper.fig6 import manifold_explorer, panels

    return manifold_explorer.manifold_explorer(results.load_all(panels.DATA), name="bench")


STEPS, STEPS_TARGET = 100, 1.5  # seconds
STEPS_OF = """given => {
  const train = js.digitsOf(...["mask", "ink", "label"].map(part => js.numbersOf(given[part], "u1")));
  return Array.from({ length: 5 }, (_, seed) => {
    const network = js.freshNetwork(50, seed), next = js.batches(train.count, 64, seed), start = performance.now();
    for (let k = 0; k < STEPS; k += 1) js.sgdStep(network, train, next(), 0.1);
    return (performance.now() - start) / 1000;
  });
}"""


def hundred_steps(device):
    """A hundred updates at h = 50 on batches of 64 in a browser, against 1.5 s; the first of five is cold."""
    from critnet.explore.widgets import training

    folder = Path(training.__file__).parent
    parts = (folder.parent / "base" / "page.js", folder.parent / "base" / "random.js", folder / "core.js")
    source = "\n".join(part.read_text(encoding="utf-8") for part in parts)
    names = "numbersOf, digitsOf, freshNetwork, batches, sgdStep"
    with sync_playwright() as playwright:
        chromium = browser.launch(playwright)
        page = chromium.new_page()
        page.add_script_tag(content=f"const js = (() => {{ {source}; return {{ {names} }}; }})();")
        seconds = np.array(page.evaluate(STEPS_OF.replace("STEPS", str(STEPS)), _training().given["train"]))
        chromium.close()
    ratio = STEPS_TARGET / seconds
    return [
        Result(
            f"training explorer, {STEPS} steps at h = 50",
            "1.5 s",
            float(np.median(seconds)),
            STEPS_TARGET,
            float(np.median(ratio)),
            float(ratio.min()),
            float(ratio.max()),
            len(seconds),
            device,
        )
    ]


def redraw(case, slider, make, device):
    """One control moved over its whole range."""
    os.environ["CRITNET_STATIC"] = "1"
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        path = Path(folder) / "page.html"
        path.write_text(PAGE.format(make()._repr_mimebundle_()["text/html"]), encoding="utf-8")
        chromium = browser.launch(playwright)
        page = chromium.new_page()
        page.goto(path.as_uri() + (f"#bench?{HELD}" if slider == "level" else ""))
        page.wait_for_selector(".critnet-explorer[data-ready='true']", timeout=60_000)
        if slider == "count":  # of the circuit explorer: the slider belongs to one choice
            page.select_option("#bench--graph", "strongest")
        if page.locator("#bench--fits").count():  # of the straightedge: what it costs once the fits are asked
            page.check("#bench--fits")
        shares = np.random.default_rng(0).random(MOVES + 5).tolist()
        seconds = np.array(page.evaluate(MOVES_OF, [f"bench--{slider}", shares]))[5:] / 1000
        chromium.close()
    ratio = TARGET / seconds
    return [
        Result(
            f"{case}, one move of {slider}",
            "33 ms",
            float(np.median(seconds)),
            TARGET,
            float(np.median(ratio)),
            float(ratio.min()),
            float(ratio.max()),
            MOVES,
            device,
        )
    ]
