"""The browser's redistribution model, its laws and its fits against Python: step by step, and as distributions."""

from pathlib import Path

import numpy as np
import pytest

import critnet.explore.widgets.redistribution as widget
from critnet.dynamics.lynn import fit_lynn, lynn_law
from critnet.dynamics.redistribution import redistribute
from critnet.errors import UsageError
from critnet.statistics.tails import linear_bin_slope

pytestmark = pytest.mark.browser

FOLDER = Path(widget.__file__).parent
SOURCE = (FOLDER.parent / "base" / "random.js").read_text() + (FOLDER / "core.js").read_text()
EXPORTS = "generator, ladderOf, redistributed, logLaw, mixedLaw, fitLynn, linearBins"
FULL = {"units": 599, "pruned": 59, "warm": 400, "samples": 100, "between": 100}


@pytest.fixture(scope="module")
def page(chromium):
    context = chromium.new_context()
    page = context.new_page()
    page.add_script_tag(content=f"const js = (() => {{ {SOURCE}; return {{ {EXPORTS} }}; }})();")
    yield page
    context.close()


def run(page, strength, **setting):
    return page.evaluate(
        "([strength, setting]) => js.redistributed({ ...setting, ladder: js.ladderOf(strength) })",
        [np.asarray(strength, float).tolist(), setting],
    )


def mulberry(seed):
    """The generator of the page, in whole numbers of Python."""
    state, mask = seed, 0xFFFFFFFF
    while True:
        state = (state + 0x6D2B79F5) & mask
        t = ((state ^ (state >> 15)) * (state | 1)) & mask
        t ^= (t + ((t ^ (t >> 7)) * (t | 61) & mask)) & mask
        yield (t ^ (t >> 14)) / 2**32


def slowly(strength, *, units, pruned, probability, preference, warm, samples, between, seed):
    """The model once more, pair by pair in sets and lists; draws in the order of the page."""
    random = mulberry(seed)
    n = len(strength)
    ladder = np.cumsum(strength) / np.sum(strength)

    def preferred():
        return int(np.searchsorted(ladder, next(random), side="right"))

    place = [preferred() for _ in range(units)]
    occurs = np.zeros(units + 1, int)
    for step in range(warm + samples * between):
        struck = set()
        while len(struck) < pruned:
            struck.add(int(next(random) * n))
        left = [p for p in place if p not in struck]
        rule = "correlation" if step < warm else preference
        new = list(place)
        for k, p in enumerate(place):
            if p not in struck:
                continue
            if next(random) >= probability or rule == "constant" or (rule == "weight" and not left):
                new[k] = int(next(random) * n)
            elif rule == "correlation":
                new[k] = preferred()
            else:
                while (leader := place[int(next(random) * units)]) in struck:
                    pass
                new[k] = leader
        place = new
        assert len(place) == units  # units are conserved
        if step >= warm and (step - warm + 1) % between == 0:
            occurs += np.bincount(np.bincount(place, minlength=n), minlength=units + 1)
    return np.trim_zeros(occurs, "b").tolist()


@pytest.mark.parametrize("preference", ["weight", "correlation", "constant"])
def test_step_by_step_it_is_the_model(page, preference):
    strength = np.abs(np.cos(np.arange(40)))
    setting = {"units": 9, "pruned": 6, "warm": 15, "samples": 12, "between": 5, "seed": 7}
    for probability in (0.1, 0.5, 0.9):
        wanted = slowly(strength, probability=probability, preference=preference, **setting)
        found = run(page, strength, probability=probability, preference=preference, **setting)
        assert found == wanted
        assert sum(found) == 40 * 12
        assert np.arange(len(found)) @ found == 9 * 12


def test_numbers_of_the_generator_are_even(page):
    found = np.array(page.evaluate("() => { const r = js.generator(3); return Array.from({ length: 20000 }, r); }"))
    assert ((found >= 0) & (found < 1)).all()
    counts = np.histogram(found, 20, (0, 1))[0]
    assert ((counts - 1000) ** 2 / 1000).sum() < 45.3  # chi squared with 19 degrees of freedom, 0.999 of it 43.8
    assert abs(np.corrcoef(found[1:], found[:-1])[0, 1]) < 0.03


def shares(occurs, last):
    """Shares of the pairs with 0 ... last - 1 units, and with more."""
    occurs = np.pad(np.asarray(occurs, float), (0, max(0, last + 1 - len(occurs))))
    return np.append(occurs[:last], occurs[last:].sum()) / occurs.sum()


@pytest.mark.parametrize("probability", [0.2, 0.6])
def test_preference_for_weight_is_distributed_as_the_model_of_critnet_and_as_the_law(page, probability):
    strength = np.ones(5995)
    setting = {"probability": probability, "preference": "weight", **FULL}
    browser = np.array([shares(run(page, strength, seed=seed, **setting), 6) for seed in range(1, 9)])
    random = np.random.default_rng(5)
    python = [  # a call each: runs of one call share the pruned pairs
        redistribute(np.ones((1, 110, 110)), [0], probability, random=random, preference="constant", steps=400)
        for _ in range(8)
    ]
    python = np.array([shares(np.bincount(run.ravel()), 6) for run in python])
    law = lynn_law(4000, probability, 599 / 5995)
    law = np.append(law[:6], 1 - law[:6].sum())
    error = np.hypot(browser.std(axis=0, ddof=1), python.std(axis=0, ddof=1)) / np.sqrt(8)
    assert (np.abs(browser.mean(axis=0) - python.mean(axis=0)) < 5 * error).all()
    assert browser.mean(axis=0)[:6] == pytest.approx(law[:6], rel=0.06)  # the law moves in continuous time


def test_laws_are_those_of_critnet(page):
    for p in (0.0, 0.1, 0.37, 0.9):
        found = np.exp(page.evaluate("p => js.logLaw(300, p, 0.1)", p))
        assert found == pytest.approx(lynn_law(300, p, 0.1), rel=1e-12)
    strength = np.abs(np.sin(np.arange(1, 200)))
    ask = "([p, strength]) => js.mixedLaw(40, p, 0.1, strength)"
    alike = np.array(page.evaluate(ask, [0.7, [2.0] * 200]))
    assert alike == pytest.approx(lynn_law(40, 0.0, 0.1), rel=1e-12)  # all alike: geometric, whatever P_C
    own = 0.1 * (0.3 + 0.7 * strength / strength.mean())
    wanted = ((own / (1 + own)) ** np.arange(41)[:, None] / (1 + own)).mean(axis=1)
    assert page.evaluate(ask, [0.7, strength.tolist()]) == pytest.approx(wanted, rel=1e-12)


def test_preference_for_measured_strengths_keeps_to_its_mixture(page):
    strength = np.abs(np.sin(np.arange(1, 5996))) ** 4
    found = np.mean([shares(run(page, strength, probability=0.8, preference="correlation", seed=s, **FULL), 4)
                     for s in range(1, 5)], axis=0)  # fmt: skip
    law = page.evaluate("strength => js.mixedLaw(30, 0.8, 599 / 5995, strength)", strength.tolist())
    assert found == pytest.approx(shares(law, 4), rel=0.1)


def test_fits_are_those_of_critnet(page):
    for p in (0.15, 0.37, 0.7):
        occurs = np.random.default_rng(int(100 * p)).multinomial(400_000, (law := lynn_law(3000, p, 0.1)) / law.sum())
        counts = np.repeat(np.arange(occurs.size), occurs)
        occurs = np.bincount(counts).tolist()
        assert page.evaluate("occurs => js.fitLynn(occurs)", occurs) == pytest.approx(
            fit_lynn(counts).probability, rel=2e-5
        )
        found = page.evaluate("occurs => js.linearBins(occurs)", occurs)
        wanted = linear_bin_slope(counts, first=1)
        assert [found["slope"], found["intercept"]] == pytest.approx([wanted.slope, wanted.intercept], rel=1e-10)
        assert len(found["centres"]) == wanted.n_points
    assert page.evaluate("() => js.fitLynn([900, 100])") == 0  # fewer pairs of two than any law has


def test_bad_strengths_are_named():
    for bad, said in (([1.0] * 50, "one number a pair"), ([-1.0] + [1.0] * 200, "give |C| >= 0"), ([0.0] * 200, "> 0")):
        with pytest.raises(UsageError, match=said.replace("|", r"\|")):
            widget.RedistributionExplorer(bad, name="a")
    with pytest.raises(UsageError, match=r"P_C is 0\.95"):
        widget.RedistributionExplorer([1.0] * 200, name="a", probability=0.95)
    with pytest.raises(UsageError, match="pruned is 0;"):
        widget.RedistributionExplorer([1.0] * 200, name="a", pruned=0)
