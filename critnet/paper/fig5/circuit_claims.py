"""Claims of section 4.1 on what circuits are: their size, what they look for, blocks of correlation, shared edges.

The control is the same search on the correlations of raw activity.
"""

import functools

import numpy as np

from critnet.circuits.features import DEFINITIONS as FEATURES
from critnet.circuits.features import feature_image, feature_match
from critnet.circuits.scores import jaccard
from critnet.paper import ledger
from critnet.paper.fig5 import stored
from critnet.paper.fig5.circuit_panels import blocks_of, pairs_inside, permuted_ratios, unseen_correlation
from critnet.paper.fig5.coupling_claims import final_network
from critnet.paper.measured import SAMPLES, Measured, NotTestable, estimate
from critnet.paper.rules import above, all_of, at_least, at_most, below, for_reproduced, within
from critnet.statistics.shares import bootstrap_p

claim = functools.partial(ledger.claim, section="4.1", data=("circuits", "runs"))
INPUTS, DIGITS, HIDDEN = 784, 10, 50  # of the anchor networks
MIDDLE, LAST = HIDDEN**2, HIDDEN * DIGITS  # edges between the hidden layers, and to the outputs
WEIGHTS = INPUTS * HIDDEN + MIDDLE + LAST  # of the full network, biases not counted
DRAWS = 200
PERMUTATIONS = 2000


def by_seed(data, definition):
    """The ten circuits of each anchor in a definition of the correlation, a frame a seed."""
    rows = stored.frame(data["circuits"], data["runs"])
    rows = rows[rows.anchor & (rows.variant == definition)]
    if rows.empty:
        raise NotTestable("no circuit of an anchor is stored")
    return [part.sort_values("digit") for _, part in rows.groupby("seed")]


def quantiles(values):
    """The middle and the central 95 % of what chance does."""
    values = np.ravel(values)
    return estimate((np.median(values), *np.quantile(values, [0.025, 0.975])), SAMPLES, values.size)


# --- size


def _means(data, definition):
    """Mean over the ten circuits of each seed: edges between hidden layers, edges to the output, first layer, N_V."""
    found = by_seed(data, definition)
    middle = np.bincount(
        data["circuits"]["edge_circuit"].values,
        weights=data["circuits"]["edge"].values[:, 0] == 1,
        minlength=data["circuits"].sizes["circuit"],
    )
    edges = np.array([part.n_edges.mean() for part in found])
    between = np.array([middle[part.index].mean() for part in found])
    first = np.array([part.n_first.mean() for part in found])
    return edges, between, edges - between, first, np.array([part.n_neurons.mean() for part in found])


@claim(
    "C105",
    "5a",
    "a circuit has of the order of ten edges",
    "about 10",
    within((5, 40), (3, 100)),
    quantity="edges of a circuit, mean over digits",
)
def edges_of_order_ten(data, definition):
    """Mean N_E, a seed each; beside it the spread over the digits, and the saving with and without the inputs."""
    edges, _, _, first, neurons = _means(data, definition)
    found = by_seed(data, definition)
    also = {
        "median over digits": [part.n_edges.median() for part in found],
        "smallest": [part.n_edges.min() for part in found],
        "largest": [part.n_edges.max() for part in found],
        "neurons, the output among them": neurons,
        "first-layer neurons": first,
        "digits whose circuit has none": [part.constant.sum() for part in found],
        "digits whose circuit was never pruned": [part.untouched.sum() for part in found],
        "full network's weights over those kept, inputs counted": WEIGHTS / (INPUTS * first + edges),
        "full network's weights over the edges": WEIGHTS / edges,
    }
    return Measured(edges, also)


HONEST = "with the inputs of the kept neurons counted"


@claim(
    "C106",
    "5a",
    "a circuit has a thousandth of the full network's edges",
    "1000-fold",
    at_least(500, 100),
    quantity="weights of the full network over the mean number of a circuit's edges",
    follows_from="C105",
)
def thousandfold(data, definition):
    """42 200 over the mean N_E, as the paper counts; beside it the same where kept neurons keep their inputs."""
    edges, _, _, first, _ = _means(data, definition)
    also = {HONEST: WEIGHTS / (INPUTS * first + edges), "the whole network, by edges alone": WEIGHTS / (MIDDLE + LAST)}
    return Measured(WEIGHTS / edges, also)


TO_OUTPUTS = "that of the edges to outputs"


@claim(
    "C107",
    "5a",
    "between each pair of layers a hundredth of the edges is left",
    "100-fold",
    all_of(within((30, 300), (10, 1000)), within((30, 300), (10, 1000), of=TO_OUTPUTS)),
    quantity="edges between the hidden layers over those of a circuit, mean over digits",
    follows_from="C105",
)
def hundredfold_by_layer(data, definition):
    """2500 and 500 over the mean number of edges kept; the first pair of layers, inputs to neurons, beside them."""
    _, between, last, first, _ = _means(data, definition)
    also = {TO_OUTPUTS: LAST / last, "the same of the input weights": HIDDEN / first}
    return Measured(MIDDLE / between, also)


# --- what they look for

CHANCE = "probability of as many by chance, largest of the seeds"


@claim(
    "C112",
    "5a",
    "what a circuit looks for are the pixels of its digit",
    "digit-specific",
    all_of(at_least(8, 5), for_reproduced(below(0.01, of=CHANCE))),
    data=("circuits", "runs", "acting", "weights"),
    quantity="digits of ten whose feature image is most like the mean image of that digit",
    kind="existence",
)
def features_of_the_digit(data, definition):
    """Right arg-max of the correlation with class means, a seed each; a circuit without first layer counts as wrong."""
    found, random = by_seed(data, definition), np.random.default_rng(0)
    right: dict = {name: [] for name in FEATURES}
    chances, dealt = [], []
    for s, part in enumerate(found):
        network = final_network(data, int(part.seed.iloc[0]))
        activity = data["acting"]["mean_activity"].values[s, 0]
        for name in FEATURES:
            images = np.stack([
                feature_image(network, stored.edges_of(data["circuits"], row), activity[digit, :HIDDEN], digit,
                              definition=name)
                for row, digit in zip(part.index, part.digit, strict=True)
            ])  # fmt: skip
            answers = _best(feature_match(images, data["acting"]["class_mean"].values))
            right[name].append(int((answers == np.arange(DIGITS)).sum()))
            if name == FEATURES[0]:
                deals = np.array([random.permutation(DIGITS) for _ in range(PERMUTATIONS)])
                by_chance = (answers[None] == deals).sum(axis=1)
                dealt.append(by_chance)
                chances.append(bootstrap_p(right[name][-1], by_chance))
    value = right.pop(FEATURES[0])
    also = {CHANCE: max(chances), **{f"by {name} alone": given for name, given in right.items()}}
    return Measured(value, also, nulls={"the digits are dealt out anew": quantiles(dealt)})


def _best(match):
    """The most correlated class of each row, -1 where there is none."""
    return np.array([-1 if np.isnan(row).all() else int(np.nanargmax(row)) for row in match])


# --- blocks

OVER_CHANCE = "that less the 99th percentile of dealing the neurons out anew"


@claim(
    "C113",
    "5b, 5c",
    "in the order of the circuits correlations stand in blocks on the diagonal",
    "blocks",
    all_of(above(0, of=OVER_CHANCE), for_reproduced(at_least(2))),
    data=("circuits", "runs", "acting"),
    quantity="mean |C| of pairs that share a circuit over that of other pairs of circuit neurons, test images",
    kind="existence",
)
def blocks(data, definition):
    """Ratio on unseen images, a seed each; the circuits as coded, C in the definition's activity."""
    ratios, over, dealt, within_blocks, between = [], [], [], [], []
    for part in by_seed(data, stored.CODED):
        seed = int(part.seed.iloc[0])
        C = unseen_correlation(data["acting"], seed, definition)
        inside, members = pairs_inside(data["circuits"], part, (len(C) - DIGITS) // 2)
        one, two = blocks_of(C, inside, members)
        if not np.isfinite(one * two) or two == 0:
            raise NotTestable(f"the circuits of seed {seed} leave no pairs to compare")
        by_chance = permuted_ratios(C, inside, members)
        ratios.append(one / two)
        over.append(one / two - np.quantile(by_chance, 0.99))
        dealt.append(by_chance)
        within_blocks.append(one)
        between.append(two)
    also = {OVER_CHANCE: over, "mean |C| of pairs that share a circuit": within_blocks, "of other pairs": between}
    return Measured(ratios, also, nulls={"the neurons are dealt out anew": quantiles(dealt)})


# --- shared edges


@claim(
    "C114",
    "5c",
    "circuits of different digits rarely share edges",
    "rare",
    at_most(0.1, 0.25),
    quantity="shared edges over all edges of two circuits, between the hidden layers, mean over pairs of digits",
    kind="existence",
)
def shared_edges(data, definition):
    """Mean Jaccard index over pairs of digits with edges there, a seed each; and of random sets of the same sizes."""
    random, found = np.random.default_rng(0), []
    also: dict = {"largest of the pairs": [], "share of the pairs that share none": []}
    by_chance = []
    for part in by_seed(data, definition):
        sets = [_middle(data, row) for row in part.index]
        of_pairs = _pairs(sets)
        if not of_pairs.size:
            raise NotTestable(f"no two circuits of seed {part.seed.iloc[0]} have edges between the hidden layers")
        found.append(of_pairs.mean())
        also["largest of the pairs"].append(of_pairs.max())
        also["share of the pairs that share none"].append((of_pairs == 0).mean())
        by_chance.append([_pairs([_drawn(len(s), random) for s in sets]).mean() for _ in range(DRAWS)])
    return Measured(found, also, nulls={"as many edges are drawn at random": quantiles(by_chance)})


def _middle(data, row):
    edges = stored.edges_of(data["circuits"], row)
    return edges[edges[:, 0] == 1]


def _drawn(count, random):
    """As many edges between the hidden layers, drawn without repetition."""
    drawn = random.choice(MIDDLE, count, replace=False)
    return np.c_[np.ones(count, int), drawn // HIDDEN, drawn % HIDDEN]


def _pairs(sets):
    """Jaccard indices of all pairs of sets of which one is not empty."""
    found = [jaccard(one, two) for i, one in enumerate(sets) for two in sets[:i]]
    return np.array([x for x in found if np.isfinite(x)])
