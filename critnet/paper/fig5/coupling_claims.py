"""Claims of section 4.3: outputs that part, neurons that act against their circuit, and the ageing of the coupling."""

import functools

import numpy as np
from scipy.special import ndtr, ndtri

from critnet.paper import anchors, ledger, published
from critnet.paper.experiments import EXPERIMENTS
from critnet.paper.fig5 import ageing, stored
from critnet.paper.measured import SAMPLES, Measured, NotTestable, estimate
from critnet.paper.rules import above, all_of, at_least, at_most, both, for_reproduced
from critnet.paper.sweeps import weights
from critnet.statistics.ranks import kendall_w
from critnet.training.mlp import unflatten

claim = functools.partial(ledger.claim, section="4.3", data="coupling")
OUTPUT, INNER, ALL = 2, 1, 0  # of the AUCs
STARTED, EARLY, LATE = 0, published.TRANSITION, published.LAST
DRAWS = 200
UNTRAINED = "the network is untrained"

# --- outputs


def _overlap(data, step, definition):
    """Mean over digits of the overlap of an output on and off its digit, a seed each.

    Control: the overlap of two Gaussians that are told apart as well as the outputs are (equal AUC), without bins.
    """
    if definition == "as-coded":
        return anchors.at(data, data["overlap"].values, step).astype(float).mean(axis=1)
    auc = anchors.at(data, data["auc"].values[..., OUTPUT], step).astype(float)
    distance = np.sqrt(2) * ndtri(np.clip(auc, 0.5, 1 - 1e-9))
    return (2 * ndtr(-distance / 2)).mean(axis=1)


@claim(
    "C122",
    "5j, 5k",
    "the activity of an output is distinct on images of its digit",
    "distinct",
    at_most(0.02, 0.1),
    data=("coupling", "circuits", "runs"),
    quantity="overlap of an output's histograms on and off its digit at the end, mean over digits",
    kind="existence",
)
def outputs_distinct(data, definition):
    """Overlap of the full network's outputs; beside it how well the circuits alone tell their digits apart."""
    coupling = data["coupling"]
    rows = stored.frame(data["circuits"], data["runs"])
    rows = rows[rows.anchor & (rows.variant == stored.CODED)]
    train = data["circuits"]["full_auc"].values[rows.network, rows.digit, 0]
    alone, full = (1 - part.groupby(rows.seed).mean() for part in (rows.train_auc, rows.assign(f=train).f))
    also = {"1 - AUC of the circuit alone": alone.values, "1 - AUC of the full network": full.values}
    also["largest of the digits"] = anchors.at(coupling, coupling["overlap"].values, LATE).max(axis=1)
    return Measured(
        _overlap(coupling, LATE, definition), also, nulls={UNTRAINED: _overlap(coupling, STARTED, definition)}
    )


@claim(
    "C123",
    "5k",
    "training reduces this overlap",
    "minimal",
    at_least(10, 3),
    quantity="overlap at t = 1 over that at the end",
    kind="existence",
)
def overlap_reduced(data, definition):
    """Ratio of the means over digits, a seed each; and what had been gained by the transition."""
    first, early, late = (_overlap(data, t, definition) for t in (1, EARLY, LATE))
    return Measured(first / late, {"that at t = 1 over that at t = 100": first / early, "at the end": late})


# --- neurons that act against their circuit


def final_network(data, seed):
    """Weights and biases by name of an anchor run at its end."""
    config = EXPERIMENTS["anchor"]()[seed]
    return unflatten(weights.flat_of(data["weights"], config.digest), config.hidden)


def _negative(edges, weight, mean_z, definition):
    """Number of hidden neurons whose contribution is negative, and of all."""
    values = np.array(list(ageing.contributions(edges, weight, mean_z, definition).values()))
    return int((values < 0).sum()), values.size


@claim(
    "C124",
    "5j",
    "some neurons of a circuit contribute negatively to their digit",
    "exists",
    at_least(2, 1),
    data=("coupling", "weights"),
    quantity="digits of ten with a neuron whose mean signal w z on their images is negative",
    kind="existence",
)
def negative_neurons(data, definition):
    """Digits with such a neuron, a seed each; and in circuits of the same shape on neurons drawn at random."""
    coupling, random = data["coupling"], np.random.default_rng(0)
    digits, share, null, null_share = [], [], [], []
    for s, seed in enumerate(coupling["seed"].values):
        network = final_network(data, int(seed))
        own, drawn = [], []
        for digit in ageing.usable(coupling, seed):
            mine = (coupling["edge_seed"].values == seed) & (coupling["edge_digit"].values == digit)
            edges, mean_z = coupling["edge"].values[mine].astype(int), coupling["mean_z"].values[s, digit]
            own.append(_negative(edges, coupling["weight"].values[-1, mine], mean_z, definition))
            others = (ageing.relabelled(edges, random) for _ in range(DRAWS))
            drawn.append([_negative(e, ageing.edge_values(network, e), mean_z, definition) for e in others])
        if not own:
            raise NotTestable(f"no circuit of seed {seed} has two edges")
        number, of = np.array(own).T
        digits.append((number > 0).sum())
        share.append(number.sum() / of.sum())
        made = np.array(drawn)  # (circuit, draw, 2)
        null.append((made[..., 0] > 0).sum(axis=0))
        null_share.append(made[..., 0].sum() / made[..., 1].sum())
    chance = np.concatenate(null)
    interval = (np.median(chance), *np.quantile(chance, [0.025, 0.975]))
    return Measured(
        digits, {"share of the neurons": share, "the same of neurons drawn at random": null_share},
        nulls={"the neurons are drawn at random": estimate(interval, SAMPLES, chance.size)},
    )  # fmt: skip


# --- single images


@claim(
    "C125",
    "5l",
    "the coupling of single images is distinct on and off the digit",
    "distinct",
    at_least(0.95, 0.8),
    quantity="AUC of -E_G(x) on against off the digit at the end, mean over circuits",
    kind="existence",
    follows_from="C122",
)
def coupling_distinct(data, definition):
    """Mean over circuits of two edges or more, a seed each. Control: without the edges that lead to the output."""
    of = ALL if definition == "as-coded" else INNER
    found: dict = {
        name: [] for name in ("end", "start", "without output edges", "output alone", "least of the circuits")
    }
    for s, seed in enumerate(data["seed"].values):
        digits = [d for d in ageing.usable(data, seed) if of == ALL or _has_inner(data, seed, d)]
        if not digits:
            raise NotTestable(f"no circuit of seed {seed} has edges of that kind")
        aucs = data["auc"].values[s][:, digits].astype(float)
        found["end"].append(aucs[-1, :, of].mean())
        found["start"].append(aucs[0, :, of].mean())
        found["without output edges"].append(aucs[-1, :, INNER].mean())
        found["output alone"].append(aucs[-1, :, OUTPUT].mean())
        found["least of the circuits"].append(aucs[-1, :, of].min())
    value, start = found.pop("end"), found.pop("start")
    return Measured(value, found, nulls={UNTRAINED: start})


def _has_inner(data, seed, digit):
    mine = (data["edge_seed"].values == seed) & (data["edge_digit"].values == digit)
    return bool((data["edge"].values[mine, 0] == 1).any())


# --- the course

FROM_START = (0, 1, 2, 3, 5, 7)  # digits whose coupling exists in the initial state, by the paper
GAIN = "that less the share that calls every digit coherent from the start"
UNFROZEN = f"the coherence stays as at t = {EARLY} and only weights change"


@claim(
    "C126",
    "5m",
    "0, 1, 2, 3, 5, 7 are coherent from the start; in 4, 6, 8, 9 coherence emerges until t = 100",
    "six and four",
    all_of(at_least(0.8, 0.6), above(0, of=GAIN)),
    quantity="share of circuits on the side that the paper has them on",
    kind="existence",
)
def coherent_from_the_start(data, definition):
    """Sign of E_G at t = 0, and at t = 100 for those that start above 0; a seed each."""
    right, constant, starts = [], [], np.full((data.sizes["seed"], 10), np.nan)
    for s, (_, of_digit) in enumerate(ageing.courses(data, definition=definition, foretell=False).items()):
        if not of_digit:
            raise NotTestable("a seed has no circuit of two edges")
        expected = np.array([digit in FROM_START for digit in of_digit])
        begins = np.array([c.start < 0 for c in of_digit.values()])
        emerges = np.array([c.start >= 0 and c.early < 0 for c in of_digit.values()])
        right.append(np.where(expected, begins, emerges).mean())
        constant.append(expected.mean())
        starts[s, list(of_digit)] = [c.start for c in of_digit.values()]
    known = np.isfinite(starts).all(axis=0)
    also = {
        GAIN: np.subtract(right, constant),
        "share that starts below 0": [np.mean(row[np.isfinite(row)] < 0) for row in starts],
    }
    if known.sum() >= 2 and len(starts) >= 2:
        agreement = kendall_w(starts[:, known], random=np.random.default_rng(0))
        also |= {"Kendall's W of E_G at t = 0 over the seeds": agreement.w, "its p": agreement.p_value}
    return Measured(right, also, nulls={"every digit is called coherent from the start": constant})


def _by_seed(found, what, over=np.mean):
    """A number of each circuit, put together over the circuits of each seed."""
    if not all(found.values()):
        raise NotTestable("a seed has no circuit of two edges")
    return np.array([over([what(c) for c in of_digit.values()]) for of_digit in found.values()])


def _others(data, definition, what, over=np.mean, foretell=False):
    """The same with one side frozen at the transition, and per unit of weight; as coded only, whose terms are kept."""
    if definition != "as-coded":
        return {}, {}
    of = functools.partial(ageing.courses, data, foretell=foretell)
    frozen = {name: _by_seed(of(frozen=name, at=EARLY), what, over) for name in ("coherence", "weights")}
    unit = _by_seed(of(form="per unit of weight"), what, over)
    also = {f"with weights as at t = {EARLY}": frozen["weights"], "per unit of weight": unit}
    return also, {UNFROZEN: frozen["coherence"]}


WORST = "largest share of the circuits"


@claim(
    "C127",
    "5m",
    "the coupling cost falls monotonically",
    "monotonic",
    both(at_most(0.05), at_most(0.05, of=WORST)),
    quantity="upward share of the variation of E_G from t = 1 on, median over circuits",
    kind="existence",
)
def cost_falls(data, definition):
    """Upward variation over all variation, at iterations evenly spread in ln t; a seed each."""
    found = ageing.courses(data, definition=definition, foretell=False)
    also, nulls = _others(data, definition, lambda c: c.upward, np.median)
    also = {
        WORST: _by_seed(found, lambda c: c.upward, np.max),
        "median from t = 0 on": _by_seed(found, lambda c: c.upward_from_0, np.median), **also,
    }  # fmt: skip
    return Measured(_by_seed(found, lambda c: c.upward, np.median), also, nulls=nulls)


WITHIN = "share foretold within 10 %"


@claim(
    "C128",
    "5m",
    "the coupling cost falls as the logarithm of time",
    "-ln t",
    all_of(for_reproduced(at_least(0.8)), at_least(0.8, of=WITHIN)),
    quantity="share of circuits whose course after t = 10 000 the logarithm foretells within 10 %, best of three laws",
    kind="mechanism",
)
def logarithmic_ageing(data, definition):
    """Laws fitted to t of 1 to 10 000, judged by the rest: logarithm, power law, stretched exponential; a seed each."""
    found = ageing.courses(data, definition=definition)
    also, nulls = _others(data, definition, lambda c: c.logarithmic, foretell=True)
    also = {
        WITHIN: _by_seed(found, lambda c: c.foretold),
        "median error of the logarithm": _by_seed(found, lambda c: c.errors["log"], np.median),
        "median error of a power law": _by_seed(found, lambda c: c.errors["power"], np.median),
        "median error of a stretched exponential": _by_seed(found, lambda c: c.errors["stretched"], np.median),
        "share with R2 of 0.95 or more": _by_seed(found, lambda c: c.r_squared >= 0.95), **also,
    }  # fmt: skip
    return Measured(_by_seed(found, lambda c: c.logarithmic), also, nulls=nulls)


@claim(
    "C129",
    "5m",
    "the converged model has the least coupling cost",
    "minimum at the end",
    at_least(0.8, 0.5),
    quantity="share of circuits whose E_G is lowest at the last iteration",
    kind="existence",
    follows_from="C127",
)
def lowest_at_the_end(data, definition):
    """Whether the last of the stored iterations has the lowest cost; a seed each."""
    also, nulls = _others(data, definition, lambda c: c.lowest)
    found = ageing.courses(data, definition=definition, foretell=False)
    return Measured(_by_seed(found, lambda c: c.lowest), also, nulls=nulls)
