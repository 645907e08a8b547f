"""A small phase diagram made by hand, what NumPy says of it, and its explorer as a reader meets it in a page."""

from types import SimpleNamespace

import numpy as np

from critnet.explore.widgets.phase import PhaseExplorer
from critnet.losses.deviations import convergence_criterion
from critnet.losses.phases import fit_parabola, steepest

NAME = "phase-1"
NEEDS = {"strict": "scope=all"}
STEPS = np.array([0, 1, 10, 100, 1000, 50_000, 100_000, 200_000])
SIZES, LN_GAMMA = (2, 5, 10, 20, 50, 100, 200), np.arange(-10.0, -3)
PAPER = {"curvature": 0.5, "vertex": -7.7, "minimum": 2.5}
FAMILIES = {"batch": "batch <b>size</b>", "rate": "learning rate", "other": "another way"}
MINUS = str.maketrans({"\u2212": "-", "\u202f": ""})


def runs():
    """Loss, entropy change (two definitions) and accuracy of every cell and seed; the text of both families."""
    random = np.random.default_rng(0)
    cells, losses, entropies, accuracies = [], [], [], []
    for family, lift in (("batch", 0), ("rate", 1)):
        for x in LN_GAMMA:
            for hidden in SIZES:
                above = np.log(hidden) > 0.4 * (x + 7) ** 2 + 2 + lift / 2
                seeds = 0 if (x, hidden) in [(-10, 200), (-4, 2)] else 3 if (x, hidden) == (-7, 20) else 1
                made = []
                for seed in range(seeds):
                    end = 10 ** (random.uniform(-5, -4) if above else random.uniform(-1, 0))
                    loss = np.geomspace(2.3, end, len(STEPS))
                    entropy = np.geomspace(9, 6 if above else 0.02, len(STEPS)) * random.uniform(0.9, 1.1)
                    guesses = x == -9 and hidden in (5, 50)
                    accuracy = np.linspace(0.1, 0.15 if guesses else 0.98 if above else 0.4, len(STEPS))
                    diverged = x == -4 and hidden == 10
                    if diverged:
                        loss[5:], entropy[5:], accuracy[5:] = np.nan, np.nan, np.nan
                    made.append({"row": len(losses), "seed": seed, "diverged_at": 40_000 if diverged else None})
                    losses.append(loss)
                    entropies.append(entropy)
                    accuracies.append(accuracy)
                cells.append(
                    {"hidden": hidden, "size": 2 * hidden + 10, "ln_gamma": x, "mobility": np.exp(x), "runs": made,
                     "learning_rate": 0.1, "batch_size": 64, "families": [family], "grid": hidden not in (20, 200)}
                )  # fmt: skip
    cells.append(cells[0] | {"families": ["other"], "runs": []})
    return cells, np.float32(losses), np.float32(entropies), np.float32(accuracies)


def explorer(**change):
    cells, losses, entropies, accuracies = runs()
    upper = np.where(losses < 5e-3, entropies, 0.0)
    given = {
        "cells": cells, "steps": STEPS, "mean_loss": losses, "test_accuracy": accuracies,
        "entropy_change": {"as-coded": entropies, "control": np.minimum(entropies, 5), "upper-tail": upper},
        "times": {"T/4": 50_000, "T/2": 100_000, "T": 200_000}, "families": FAMILIES, "parabola": PAPER,
        "threshold": -5.0, "guessing": 0.2, "start": (50, -7.0),
        "colours": {"light": ["#000000", "#ffffff"], "dark": ["#000000", "#ffffff"]},
        "extrapolated": {"as-coded": losses > 5e-3}, "name": NAME, "caption": "<i>Caption</i>.", "words": "In words.",
        "picture": np.full((40, 60, 4), 99, np.uint8),
    }  # fmt: skip
    return PhaseExplorer(**(given | change))


def expected(
    family="batch", definition="as-coded", step=200_000, *, axis="hidden", grid=True, threshold=-5.0, strict=False
):
    """What NumPy says of a view: criterion (median over seeds) by place, wrong cells, distance to the paper's, fit."""
    cells, losses, entropies, accuracies = runs()
    entropy = {
        "as-coded": entropies, "control": np.minimum(entropies, 5), "upper-tail": np.where(losses < 5e-3, entropies, 0)
    }[definition]  # fmt: skip
    criterion = convergence_criterion(losses, entropy)[:, STEPS.tolist().index(step)]
    shown = [c for c in cells if family in c["families"] and c["runs"] and (c["grid"] or not grid)]
    x, y = np.array([(c["ln_gamma"], np.log(c[axis])) for c in shown]).T
    of = [[run["row"] for run in c["runs"]] for c in shown]
    told = np.array([np.median(criterion[rows]) for rows in of])
    accuracy = np.array([np.median(accuracies[rows, STEPS.tolist().index(step)]) for rows in of])
    value = np.where(strict & ~(accuracy >= 0.2), np.inf, told)
    wrong = (value < threshold) != (y > 0.5 * (x + 7.7) ** 2 + 2.5)
    points = []
    for at in np.unique(x):
        column = np.flatnonzero(x == at)
        if len(column) >= 5 and 0 < (value[column] < threshold).sum() < len(column):
            points.append((at, steepest(y[column], np.minimum(value[column], 27.631), falling=True).position))
    points = np.array(points)
    apart = np.sqrt(np.mean((points[:, 1] - 0.5 * (points[:, 0] + 7.7) ** 2 - 2.5) ** 2))
    fit = fit_parabola(*points.T, n_bootstrap=1, random=np.random.default_rng(0)).best if len(points) >= 4 else None
    places = {(c["hidden"], c["ln_gamma"]): v for c, v in zip(shown, told, strict=True)}
    return SimpleNamespace(criterion=places, wrong=int(wrong.sum()), n=len(shown), distance=apart, fit=fit)


class Seen:
    """The explorer of a page as a reader meets it."""

    def __init__(self, page):
        self.page = page

    def settle(self):
        self.page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")

    def part(self, name):
        return self.page.locator(f"#{NAME} [data-part='{name}']")

    def control(self, name):
        return self.page.locator(f"#{NAME}--{name}")

    def choose(self, name, value):
        self.page.locator(f"#{NAME}--{name}-{value}").check(force=True)

    def press(self, name, *keys):
        self.control(name).focus()
        for key in keys:
            self.page.keyboard.press(key)

    def words(self):
        self.settle()
        return self.part("words").text_content().translate(MINUS)

    def picture(self, part="map"):
        self.settle()
        return self.part(part).evaluate("canvas => canvas.toDataURL()")

    def shown(self):
        return self.words(), self.picture()

    def fact(self, key):
        self.settle()
        return self.page.locator(f"#{NAME} [data-row='{key}'] td").text_content().translate(MINUS)

    def line(self, key):
        self.settle()
        texts = self.page.locator(f"#{NAME} [data-line='{key}'] td").all_text_contents()
        return [text.translate(MINUS) for text in texts]

    def at(self, hidden, ln_gamma, sizes=tuple(h for h in SIZES if h not in (20, 200))):
        """The place of a cell of the grid on the screen: the axes are those of the picture, borders halfway."""
        box, y = self.part("map").bounding_box(), np.log(sizes)
        borders = np.r_[1.5 * y[0] - y[1] / 2, (y[1:] + y[:-1]) / 2, 1.5 * y[-1] - y[-2] / 2]
        share = (np.log(hidden) - borders[0]) / (borders[-1] - borders[0])
        left, right, top, bottom = 44, box["width"] - 6, 26, box["height"] - 88
        across = (ln_gamma - LN_GAMMA[0] + 0.5) / len(LN_GAMMA)
        return box["x"] + left + across * (right - left), box["y"] + bottom - share * (bottom - top)
