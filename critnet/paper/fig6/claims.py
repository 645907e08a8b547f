"""Claims of section 5: the manifold of circuits, the same circuits on unseen images, and how large models generalise.

Two sentences that no measurement could refute stand here, too, as *not judged*, so that the ledger lists all 135.
"""

import functools

import numpy as np
import pandas as pd

from critnet.paper import anchors, ledger, published
from critnet.paper.fig6 import unseen
from critnet.paper.measured import SAMPLES, SIZES, Measured, NotJudged, NotTestable, estimate, rank_over_sizes
from critnet.paper.rules import above, all_of, at_least, at_most, both
from critnet.statistics.ranks import spearman

claim = functools.partial(ledger.claim, section="5")
STAGES = (0, published.TRANSITION, published.LAST)
REDRAWS = 500
CHANCE = (0.5, 0.025, 0.975)

# --- the manifold

GROWTH = "least growth of the Fisher ratio, of 0 to 100 and of 100 to the end"


@claim(
    "C130",
    "6c",
    "activity of the circuits lies on a manifold of few dimensions, which parts the digits more and more",
    "low-dimensional",
    {
        "as-coded": both(at_most(5), above(1, of=GROWTH)),
        "control": both(at_most(0.8), above(1, of=GROWTH)),
    },
    data="fig6",
    quantity="principal components for 90 % of the variance at the end (control: over those of random neurons)",
    kind="existence",
)
def low_dimensional(data, definition):
    """Components of the circuits' hidden neurons, a seed each, and how the ratio of traces grows from stage to stage.

    Control: over the median of sets of as many random hidden neurons of the same network.
    """
    circuits = list(data["neurons"].values.astype(str)).index("circuits")
    number, ratio = data["components"].values, data["fisher"].values[..., circuits]
    last = anchors.at(data, number, STAGES[-1]).astype(float)
    drawn = anchors.at(data, data["random_components"].values, STAGES[-1]).astype(float)
    stages = np.stack([anchors.at(data, ratio, t) for t in STAGES]).astype(float)
    random = np.stack([np.median(anchors.at(data, data["random_fisher"].values, t), axis=1) for t in STAGES])
    value = last[:, circuits] if definition == "as-coded" else last[:, circuits] / np.median(drawn, axis=1)
    chance = drawn if definition == "as-coded" else drawn / np.median(drawn, axis=1, keepdims=True)
    also = {
        GROWTH: _least_growth(stages),
        "the same of random neurons": _least_growth(random),
        "neurons in the circuits": data["n_circuit"].values,
        "components over neurons": last[:, circuits] / data["n_circuit"].values,
        **{f"Fisher ratio at t = {t}": row for t, row in zip(STAGES, stages, strict=True)},
        "Fisher ratio of random neurons at the end": random[-1],
        "components of all hidden neurons": last[:, list(data["neurons"].values.astype(str)).index("hidden")],
        "components of the outputs": last[:, list(data["neurons"].values.astype(str)).index("outputs")],
    }
    null = estimate(np.quantile(chance, CHANCE), SAMPLES, chance.size)
    return Measured(value, also, nulls={"the neurons are drawn at random": null})


def _least_growth(stages):
    """Least of the ratios of one stage to the stage before, a seed each."""
    return np.divide(stages[1:], stages[:-1], out=np.full(stages[1:].shape, np.nan), where=stages[:-1] > 0).min(axis=0)


# --- large models

EQUAL = 2  # the factor around the median within which training losses count as equal


def _of_sizes(runs, definition):
    """Converged runs of the sweep of sizes; in the control those of equal training loss."""
    runs = runs[runs.experiments.str.split().map(lambda names: "sizes" in names)]
    runs = runs[runs.mean_loss <= published.LOSS_THRESHOLD]
    if definition == "control" and len(runs):
        away = np.abs(np.log(runs.mean_loss / runs.mean_loss.median()))
        runs = runs[away <= np.log(EQUAL)]
    return runs


@claim(
    "C132",
    "",
    "large models generalise worse",
    "falls with M",
    at_most(-0.5, below=0),
    data=("runs",),
    quantity="rank correlation of test accuracy with M among runs that converged (control: to equal training loss)",
    kind="existence",
    population="converged runs of 20 sizes, learning rate 0.1, batches of 64",
)
def large_generalise_worse(data, definition):
    """Rank correlation over sizes of the median over seeds of the test accuracy; redrawn sizes and seeds."""
    runs = _of_sizes(data["runs"], definition)
    if runs.hidden.nunique() < 4:
        raise NotTestable(f"{runs.hidden.nunique()} sizes converged")
    size, accuracy = runs.hidden.values, runs.test_accuracy.values
    random = np.random.default_rng(0)
    dealt = [spearman(random.permutation(size), accuracy).value for _ in range(REDRAWS)]
    middle = pd.Series(accuracy, size).groupby(level=0).median().sort_index()
    also = {
        "accuracy of the smallest size": middle.iloc[0],
        "accuracy of the largest size": middle.iloc[-1],
        "sizes h that converged": middle.size,
        "the same correlation of the training loss": rank_over_sizes(size, runs.mean_loss.values),
    }
    null = estimate(np.quantile(dealt, CHANCE), SIZES, len(size))
    return Measured(rank_over_sizes(size, accuracy), also, nulls={"sizes are dealt to other networks": null})


# --- unseen images

NEAREST = "digits whose own unseen images are nearest"


@claim(
    "C133",
    "6e",
    "training and test images of a digit excite the same circuits alike",
    "the same",
    all_of(at_least(0.98, 0.9), at_least(10, 8, of=NEAREST)),
    data=("acting", "coupling"),
    quantity="least cosine over digits of mean activity in the circuits, training against test images",
    kind="existence",
)
def same_on_unseen(data, definition):
    """Least of ten cosines, a seed each, over the hidden neurons of the circuits. Control: less the digits' mean."""
    acting = data["acting"]
    found: dict[str, list] = {}
    for seed in acting["seed"].values:
        neurons = unseen.in_circuits(data["coupling"], int(seed), unseen.hidden(acting))
        if len(neurons) < 2:
            raise NotTestable(f"the circuits of seed {seed} have {len(neurons)} hidden neurons")
        for name, value in _likeness(acting, int(seed), definition, neurons).items():
            found.setdefault(name, []).append(value)
    value, other = found.pop(""), found.pop("of other digits")
    null = estimate(np.quantile(np.concatenate(other), CHANCE), SAMPLES, np.size(other))
    return Measured(value, found, nulls={"the unseen images are of another digit": null})


def _likeness(acting, seed, definition, neurons):
    """Numbers of one seed by name; "" is the least cosine."""
    same = unseen.likeness(acting, seed, definition, neurons=neurons)
    own, apart = np.diag(same), ~np.eye(len(same), dtype=bool)
    noise = acting["corruption"].values
    by_noise = [np.diag(unseen.likeness(acting, seed, definition, k, neurons=neurons)).min() for k in range(len(noise))]
    return {
        "": own.min(),
        NEAREST: int((own > np.where(apart, same, -np.inf).max(axis=0)).sum()),
        "largest cosine of two digits": same[apart].max(),
        "least over all hidden neurons": np.diag(unseen.likeness(acting, seed, definition)).min(),
        **{f"least with noise of {level:g}": value for level, value in zip(noise[1:], by_noise[1:], strict=True)},
        "of other digits": same[apart],
    }


# --- not judged


@claim(
    "C84",
    "",
    "near the converged state the flux falls exponentially with the rise of the mean loss over the mobility",
    "exponential",
    at_least(0.9, 0.7),
    section="2.5",
    data=(),
    quantity="R2 of the logarithm of the flux on the rise of the mean loss over the mobility",
    kind="mechanism",
    population="none",
    definitions=("as-coded",),
)
def flux_near_convergence(data, definition):
    """A remark of the text that no panel shows."""
    raise NotJudged("the paper shows it in no panel and says neither over which path the loss rises nor for which runs")


@claim(
    "C135",
    "3a, 3b",
    "a thousand random trajectories are displayed",
    "1000",
    at_least(1000, 100),
    section="2.5",
    data=(),
    quantity="trajectories drawn",
    population="none",
    definitions=("as-coded",),
)
def trajectories_drawn(data, definition):
    """What a figure draws is no finding."""
    raise NotJudged("it describes a picture, and nothing that could be found would contradict it")
