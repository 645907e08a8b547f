"""Claims of section 4.1 on what circuits answer, and what the network answers without them.

All are judged on what both a yes and a no are worth. The control leaves out circuits without a neuron of the first
layer: they give one answer to every image.
"""

import functools

import numpy as np
from scipy.special import ndtri

from critnet.circuits.scores import balanced_accuracy
from critnet.paper import ledger
from critnet.paper.fig5 import answer_panels, stored
from critnet.paper.fig5.circuit_claims import by_seed, quantiles
from critnet.paper.measured import Measured, NotTestable, share
from critnet.paper.rules import above, all_of, at_least, at_most, below, for_reproduced
from critnet.statistics.ranks import kendall_w

claim = functools.partial(ledger.claim, section="4.1", data=("circuits", "runs", "acting"))
IMAGES = np.array([980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009])  # of each digit in the test set
TRAIN, TEST = 0, 1
RANDOM = "each circuit is a random sub-graph of its shape"


def circuits_of(data, definition):
    """The circuits of each anchor, a frame a seed; in the control only those that can say yes and no."""
    found = by_seed(data, stored.CODED)
    if definition == "control":
        found = [part[~part.constant] for part in found]
    if any(part.empty for part in found):
        raise NotTestable("of a seed no circuit has a neuron of the first layer")
    return found


def _acting(data, part):
    """What is stored of what the circuits of one anchor do, a row a circuit of `part`."""
    return data["acting"].sel(seed=part.seed.iloc[0]).isel(digit=part.digit.values)


def _null(data, part, name):
    """What random sub-graphs of the shape of each circuit do on the test images, shape (n_circuits, n_draws)."""
    of = list(data["circuits"]["null_circuit"].values)
    return data["circuits"][f"null_{name}"].values[[of.index(row) for row in part.index]].astype(float)


# --- losses

BELOW_RANDOM = "circuits less the 5th percentile of random sub-graphs of their shapes"


@claim(
    "C108",
    "5e",
    "a circuit alone costs little more loss than the full network",
    "minor increase",
    all_of(at_most(0.1, 0.5), for_reproduced(below(0, of=BELOW_RANDOM))),
    quantity="mean loss of a circuit less that of the full network on its digit, test images, mean over digits",
    unit="nats",
    kind="existence",
)
def loss_rises_little(data, definition):
    """Difference of the mean losses, a seed each; and against random sub-graphs of equal shape."""
    rise, over, null, train, circuits = [], [], [], [], []
    for part in circuits_of(data, definition):
        random = _null(data, part, "loss").mean(axis=0)
        rise.append((part.loss - part.full_loss).mean())
        over.append(part.loss.mean() - np.quantile(random, 0.05))
        null.append(random - part.full_loss.mean())
        full = data["circuits"]["full_loss"].values[part.network, part.digit, TRAIN]
        train.append((part.train_loss - full).mean())
        circuits.append(len(part))
    also = {BELOW_RANDOM: over, "on training images": train, "circuits": circuits}
    return Measured(rise, also, nulls={RANDOM: quantiles(np.concatenate(null))})


# --- answers

MEAN = "mean difference of balanced accuracy"
NINETY_FIVE = float(ndtri(0.975))


def difference(counts, digits):
    """Balanced accuracy of the circuits less the full network's on test images, with 95 % limits, shape (3, n).

    As in McNemar's test only images that the two answer differently count, those of the digit and all others apart:
    of n images b that the circuit alone answers rightly and c that only the full network does, the share of right
    answers differs by (b - c) / n, with variance (b + c - (b - c)^2 / n) / n^2.

    Parameters
    ----------
    counts : int array, shape (n, 2, 2)
        Of each circuit b and c, of images of the digit and of all others.
    digits : int array, shape (n,)

    Source: McNemar 1947, Psychometrika 12, 153; the rule of C109.

    >>> only_the_circuit_is_right = np.array([[[98, 0], [0, 0]]])
    >>> difference(only_the_circuit_is_right, [0]).round(4).ravel().tolist()
    [0.05, 0.0406, 0.0594]
    """
    counts = np.asarray(counts, float)
    n = np.stack([IMAGES[digits], IMAGES.sum() - IMAGES[digits]], axis=1)
    apart = counts[..., 0] - counts[..., 1]
    middle = (apart / n).mean(axis=1)
    reach = NINETY_FIVE * np.sqrt(((counts.sum(axis=2) - apart**2 / n) / n**2).sum(axis=1)) / 2
    return np.array([middle, middle - reach, middle + reach])


@claim(
    "C109",
    "5e",
    "a circuit answers unseen images of its digit better than the full network",
    "better",
    all_of(at_least(8, 5), for_reproduced(above(0, of=MEAN))),
    quantity="digits of ten whose circuit has the larger balanced accuracy on test images, beyond its 95 % limits",
    kind="existence",
)
def better_than_the_full_network(data, definition):
    """Digits with a difference whose limits lie above 0, a seed each; the same by recall, the paper's accuracy."""
    found = circuits_of(data, definition)
    counts = [_acting(data, part)["discordant"].values for part in found]
    by_digit = [difference(of, part.digit.values) for of, part in zip(counts, found, strict=True)]
    scores = [balanced_accuracy(part.recall, part.false) for part in found]
    null = []
    for part in found:
        full = np.asarray(balanced_accuracy(part.full_recall, part.full_false))
        random = balanced_accuracy(_null(data, part, "recall"), _null(data, part, "false_positive_rate"))
        null.append((random > full[:, None]).sum(axis=0))
    also = {
        MEAN: [middle.mean() for middle, _, _ in by_digit],
        "digits where it is smaller, beyond its limits": [(high < 0).sum() for _, _, high in by_digit],
        **{
            f"images {of} that only the {who} answers rightly, ten digits": [each[:, i, j].sum() for each in counts]
            for i, of in enumerate(("of the digit", "of others"))
            for j, who in enumerate(("circuit", "full network"))
        },
        "digits with the larger recall": [(part.recall > part.full_recall).sum() for part in found],
        "mean recall less that of the full network": [(part.recall - part.full_recall).mean() for part in found],
        "mean false positives": [part.false.mean() for part in found],
        "mean false positives of the full network": [part.full_false.mean() for part in found],
        "mean balanced accuracy": [s.mean() for s in scores],
        "circuits": [len(part) for part in found],
    }
    note = "the accuracy of the paper is recall, for which a circuit that always says yes is perfect"
    return Measured([(low > 0).sum() for _, low, _ in by_digit], also, note, nulls={RANDOM: quantiles(null)})


@claim(
    "C110",
    "5e",
    "a circuit keeps the full network's accuracy on training images of its digit",
    "kept",
    at_least(10, 7),
    quantity="digits of ten with a training recall of at least the full network's less 0.5 %",
    kind="theorem",
    definitions=("as-coded",),
)
def keeps_recall(data, definition):
    """Digits, a seed each. The search lets no edge go that would cost recall: what it finds has it by construction."""
    found = circuits_of(data, definition)
    full = [data["circuits"]["full_recall"].values[part.network, part.digit, TRAIN] for part in found]
    kept = [(part.train_recall.values >= f - 0.005).sum() for part, f in zip(found, full, strict=True)]
    also = {
        "digits at least as good": [(p.train_recall.values >= f).sum() for p, f in zip(found, full, strict=True)],
        "circuits never pruned": [part.untouched.sum() for part in found],
    }
    return Measured(kept, also)


@claim(
    "C111",
    "5e",
    "without its circuit the network answers a digit poorly",
    "poor",
    at_most(0.5, 0.8),
    quantity="balanced accuracy on test images of the network without the circuit, mean over digits",
    kind="existence",
)
def poor_without(data, definition):
    """Mean over digits, a seed each; recall and false positives beside it."""
    found: dict = {"value": [], "recall": [], "false positives": [], "largest of the digits": []}
    for part in circuits_of(data, definition):
        recall, false, _ = _acting(data, part)["rest"].values[:, TEST].T.astype(float)
        scores = balanced_accuracy(recall, false)
        for name, value in zip(found, (scores.mean(), recall.mean(), false.mean(), scores.max()), strict=True):
            found[name].append(value)
    return Measured(found.pop("value"), found)


# --- losses of single images

LOG_NORMAL, POWER_LAW = (9, 8, 1), (0, 2, 3, 4, 5, 6, 7)  # digits, by the paper
OTHERS = "digits among the other seven with a tail that no log-normal beats"


@claim(
    "C115",
    "5d",
    "losses of a circuit have a power-law tail for seven digits, and are log-normal for 9, 8 and 1",
    "9, 8, 1",
    all_of(at_least(2, 1), for_reproduced(at_least(5, of=OTHERS))),
    data="acting",
    quantity="digits with a log-normal tail (p < 0.1) among 9, 8 and 1",
    kind="existence",
)
def tails_by_digit(data, definition):
    """Digits of each kind, a seed each, by the likelihood of the tails: as coded in equal bins, control equal in ln L.

    A power law is a tail that no log-normal beats: a wide log-normal is all but a power law, so that it is never beaten
    by much itself. Beside it how many seeds show all of the sentence, and whether they agree on an order of the digits.
    """
    tails = np.stack([answer_panels.loss_tails(data, seed, definition) for seed in data["seed"].values])
    ratio, p = tails[..., 1], tails[..., 2]
    normal = (ratio < 0) & (p < 0.1)
    power = np.isfinite(ratio) & ~normal
    if not np.isfinite(ratio).any():
        raise NotTestable("no circuit leaves a tail of losses to fit")
    of_three, of_seven = normal[:, LOG_NORMAL].sum(axis=1), power[:, POWER_LAW].sum(axis=1)
    random, dealt = np.random.default_rng(0), []
    for _ in range(200):
        dealt.append(random.permuted(normal, axis=1)[:, LOG_NORMAL].sum(axis=1))
    also = {
        OTHERS: of_seven,
        "seeds that show both": share(((of_three >= 2) & (of_seven >= 5)).sum(), len(tails)),
        "digits with a log-normal tail": normal.sum(axis=1),
        "digits with a power law beyond the log-normal": ((ratio > 0) & (p < 0.1)).sum(axis=1),
        "digits without a tail to fit": (~np.isfinite(ratio)).sum(axis=1),
        **_agreement(ratio),
    }
    return Measured(of_three, also, nulls={"the tails are dealt to other digits": quantiles(dealt)})


def _agreement(ratio):
    """Kendall's W of the likelihood ratios over the seeds, of digits that have a tail in all; with its p."""
    usable = ratio[:, np.isfinite(ratio).all(axis=0)]
    if usable.shape[1] < 2:
        return {}
    found = kendall_w(usable, random=np.random.default_rng(0))
    return {"Kendall's W of the likelihood ratios over the seeds": found.w, "its p": found.p_value}
