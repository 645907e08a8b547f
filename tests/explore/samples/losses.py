"""Losses made by hand, as the loss explorer takes them, and what a reader does with it."""

import csv

import numpy as np
from scipy.special import ndtri

from critnet.explore.widgets.losses import LossExplorer, thresholds_between
from critnet.losses.atoms import expand, loss_atoms

NAME = "loss-explorer"
SILENT = {"scale"}  # the axis of two pictures, no number
N = 4000
STEPS = [0, 1, 10, 100, 1000, 10_000, 50_000, 100_000, 200_000]
LOGS = ndtri((np.arange(N) + 0.5) / N)
# The mean loss falls from 3 nats to 2e-5; from t = 50 000 on it is below b = 0.005, at last all losses are.
ATOMS = [loss_atoms(np.exp(shift + 2 * LOGS), 50, 100) for shift in (-1, -1.5, -2, -3, -4, -6, -8, -10, -13)]
LOSSES = [expand((a.values.astype(np.float32).astype(np.float64), a.counts)) for a in ATOMS]  # as the page has them
GRID = thresholds_between(1e-6, 10)


def padded(name):
    length = max(a.values.size for a in ATOMS)
    return np.array([np.pad(getattr(a, name), (0, length - a.values.size)) for a in ATOMS])


def explorer(**change):
    arguments = {
        "steps": STEPS,
        "values": padded("values"),
        "counts": padded("counts"),
        "thresholds": GRID,
        "name": NAME,
        "step": 1000,
        "caption": "Made-up <i>losses</i>.",
        "words": "Words instead.",
        "picture": np.full((20, 40, 4), 255, np.uint8),
    }
    return LossExplorer(**(arguments | change))


class Seen:
    """The explorer as a reader meets it."""

    def __init__(self, page, scripts=True):
        self.page = page
        if scripts:
            page.wait_for_selector(f"#{NAME} .critnet-losses[data-ready='true']")

    def part(self, name):
        return self.page.locator(f"#{NAME} [data-part='{name}']")

    def control(self, name):
        return self.page.locator(f"#{NAME}--{name}")

    def press(self, name, *keys):
        self.control(name).focus()
        for key in keys:
            self.page.keyboard.press(key)

    def choose(self, b, step):
        self.control("b").fill(str(GRID.tolist().index(b)))
        self.control("t").fill(str(STEPS.index(step)))

    def settle(self):
        self.page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")

    def words(self):
        self.settle()
        return self.part("words").text_content()

    def pictures(self):
        self.settle()
        canvases = self.page.locator(f"#{NAME} canvas")
        return dict(canvases.evaluate_all("all => all.map(c => [c.dataset.part, c.toDataURL()])"))

    def row(self, key):
        self.settle()
        return self.page.locator(f"#{NAME} [data-row='{key}'] td").all_text_contents()

    def csv(self):
        self.settle()
        with self.page.expect_download() as download:
            self.part("csv").click()
        with open(download.value.path(), encoding="utf-8") as file:
            return list(csv.DictReader(file))
