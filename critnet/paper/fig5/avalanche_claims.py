"""Claims of section 4.2: what the sizes of circuits depend on, and which digits are hard."""

import functools

import numpy as np

from critnet.paper import ledger, published
from critnet.paper.fig5 import avalanche_panels, size_laws, stored
from critnet.paper.measured import NETWORKS, SIZES, Measured, NotTestable, estimate, rank_over_sizes, share
from critnet.paper.rules import all_of, at_least, at_most, both, for_reproduced, within
from critnet.statistics.ranks import kendall_w, spearman
from critnet.statistics.resampling import networks_interval

claim = functools.partial(
    ledger.claim, section="4.2", data=("circuits", "runs"), population="89 networks of all experiments, each once"
)
REDRAWS = 500
OF_EDGES = "that of N_E"


def circuits_of(data, definition):
    """All circuits as coded; in the control those of networks that learned, not constant, and open to pruning."""
    rows = avalanche_panels.counted(data, definition)
    if rows.empty:
        raise NotTestable("no circuit is left")
    return rows


def _per_network(rows, *of):
    """Mean over digits of the sizes of each network, with columns that are the network's."""
    return rows.groupby("network").agg({**dict.fromkeys(size_laws.SIZES, "mean"), **dict.fromkeys(of, "first")})


# --- size and mobility


@claim(
    "C116",
    "5f",
    "the neurons and edges of a circuit grow with the size of the network",
    "grow",
    all_of(at_least(0.8, 0.5), at_least(0.8, 0.5, of=OF_EDGES)),
    quantity="rank correlation of N_V with M",
    kind="existence",
    population="runs of 20 sizes, learning rate 0.1, batches of 64",
)
def grow_with_size(data, definition):
    """Rank correlation over sizes of the median over seeds of the mean over digits; redrawn sizes and seeds."""
    table = _per_network(avalanche_panels.by_size(circuits_of(data, definition)), "hidden")
    if table.hidden.nunique() < 4:
        raise NotTestable(f"{table.hidden.nunique()} sizes are left")
    size, found = table.hidden.values, {}
    for name in size_laws.SIZES:
        found[name] = rank_over_sizes(size, table[name].values)
    random = np.random.default_rng(0)
    dealt = [spearman(random.permutation(size), table["n_neurons"].values).value for _ in range(REDRAWS)]
    growth = {f"elasticity of {text} to M": np.polyfit(np.log(published.neurons(size)), np.log(table[name]), 1)[0]
              for name, text in size_laws.SIZES.items()}  # fmt: skip
    null = estimate((np.median(dealt), *np.quantile(dealt, [0.025, 0.975])), SIZES, len(table))
    return Measured(
        found["n_neurons"], {OF_EDGES: found["n_edges"], **growth}, nulls={"sizes are dealt to other networks": null}
    )


@claim(
    "C117",
    "5g",
    "neurons and edges of a circuit do not depend on the mobility",
    "flat",
    both(within((-0.2, 0.2)), within((-0.2, 0.2), of=OF_EDGES)),
    quantity="change of N_V over the range of ln gamma, over its mean (limits of 90 %)",
    kind="existence",
    population="runs of h = 50 and seed 0, learning rates below 1.6",
)
def flat_in_mobility(data, definition):
    """Slope of the mean over digits on ln gamma times the range, over the mean; the interval is one of 90 %."""
    rows = avalanche_panels.by_mobility(circuits_of(data, definition))
    found = {name: _change(rows, name) for name in size_laws.SIZES}
    also = {OF_EDGES: found["n_edges"]}
    for family in avalanche_panels.FAMILIES[1:]:
        part = avalanche_panels.by_mobility(circuits_of(data, definition), family)
        also[f"of {family} alone"] = _change(part, "n_neurons")
    learned = stored.sizes(stored.frame(data["circuits"], data["runs"]), collapsed=False, constant=False)
    also["with circuits never pruned, others as in the control"] = _change(
        avalanche_panels.by_mobility(learned), "n_neurons"
    )
    return Measured(found["n_neurons"], also)


def _change(rows, name):
    table = _per_network(rows, "mobility")
    x, y = np.log(table.mobility.values), table[name].values
    if len(table) < 6 or np.ptp(x) == 0:
        raise NotTestable(f"{len(table)} runs of different mobility are left")
    reach = np.ptp(x)

    def relative(drawn):
        u, v = x[drawn], y[drawn]
        centred = u - u.mean(axis=1, keepdims=True)
        spread = (centred**2).sum(axis=1)
        slope = np.divide((centred * v).sum(axis=1), spread, out=np.full(len(u), np.nan), where=spread > 0)
        return slope * reach / v.mean(axis=1)

    interval = networks_interval(relative, len(table), n_bootstrap=REDRAWS, level=0.9, random=np.random.default_rng(0))
    return estimate(interval, NETWORKS, len(table))


# --- digits


def _table(rows, name, definition):
    """Sizes (n_networks, 10): as coded as they are, in the control over the mean of their network's circuits."""
    table = size_laws.by_network(rows, name)
    return table if definition == "as-coded" else size_laws.relative(table)


def _place(table, of):
    """A place among ten by the mean over networks, with redrawn networks; `of` takes places (n, 10) to one number."""
    if (np.isfinite(table).sum(axis=0) == 0).any():
        raise NotTestable("of a digit no circuit is left")

    def places(drawn):
        means = np.array([np.nanmean(table[d], axis=0) for d in drawn])
        return np.where(np.isfinite(means).all(axis=1), of(size_laws.places(means)), np.nan)

    interval = networks_interval(places, len(table), n_bootstrap=REDRAWS, random=np.random.default_rng(0))
    return estimate(interval, NETWORKS, len(table))


def _of_anchors(data):
    """N_V of the ten circuits of each anchor as coded, (n_seeds, 10)."""
    rows = stored.frame(data["circuits"], data["runs"])
    return size_laws.by_network(rows[rows.anchor & (rows.variant == stored.CODED)], "n_neurons")


def _agreement(data):
    anchors = _of_anchors(data)
    if len(anchors) < 2:
        raise NotTestable("fewer than two anchors agree with anything")
    found = kendall_w(anchors, random=np.random.default_rng(0))
    return {W: found.w, P: found.p_value if np.isfinite(found.p_value) else 1.0}


W, P = "Kendall's W of N_V over the anchors", "its p"
BETTER, WORSE_EDGES, BETTER_EDGES = "place of the other of the two", "the worse place by N_E", "the better one by N_E"
ANCHORS = "share of anchors that show it alone"


@claim(
    "C118",
    "5h",
    "digits 5 and 9 are the hardest: their circuits are the largest",
    "5 and 9",
    all_of(
        both(at_most(3), at_most(3, of=BETTER)),
        both(at_most(3, of=WORSE_EDGES), at_most(3, of=BETTER_EDGES)),
        for_reproduced(at_most(0.05, of=P)),
    ),
    quantity="the worse of the places of 5 and 9 by mean N_V, 1 the largest",
    kind="existence",
)
def hardest_digits(data, definition):
    """Places of digits 5 and 9 by mean size, and whether the rankings of the anchors agree beyond chance."""
    rows = circuits_of(data, definition)
    worse, better = (lambda p: p[:, [5, 9]].max(axis=1)), (lambda p: p[:, [5, 9]].min(axis=1))
    tables = {name: _table(rows, name, definition) for name in size_laws.SIZES}
    also = {
        BETTER: _place(tables["n_neurons"], better),
        WORSE_EDGES: _place(tables["n_edges"], worse), BETTER_EDGES: _place(tables["n_edges"], better),
        **_agreement(data), ANCHORS: _share_of_anchors(data, lambda p: worse(p) <= 3),
        "chance that two digits by lot are among the three largest": 1 / 15,
    }  # fmt: skip
    return Measured(_place(tables["n_neurons"], worse), also)


def _share_of_anchors(data, shows):
    found = shows(size_laws.places(_of_anchors(data)))
    return share(found.sum(), found.size)


AT_BIAS = "place at equal output bias"
SMALLEST_EDGES = "place by N_E"


@claim(
    "C119",
    "5h",
    "digit 8 is the easiest: its circuits are the smallest",
    "8",
    all_of(at_most(2, 4), at_most(2, 4, of=SMALLEST_EDGES), for_reproduced(at_most(2, of=AT_BIAS))),
    quantity="place of digit 8 by mean N_V, 1 the smallest",
    kind="existence",
)
def easiest_digit(data, definition):
    """Place of 8 from the smallest, and the same where the output bias of all digits is equal."""
    rows = circuits_of(data, definition)
    last = lambda p: 11 - p[:, 8]  # noqa: E731
    tables = {name: _table(rows, name, definition) for name in size_laws.SIZES}
    bias = data["circuits"]["output_bias"].values[np.unique(rows.network)].astype(float)
    equal = size_laws.at_equal_bias(size_laws.relative(size_laws.by_network(rows, "n_neurons")), bias)
    eight = rows[rows.digit == 8]
    also = {
        SMALLEST_EDGES: _place(tables["n_edges"], last),
        AT_BIAS: float(11 - size_laws.places(equal[None])[0, 8]),
        "place of its output bias from the largest": float(size_laws.places(bias.mean(axis=0)[None])[0, 8]),
        "share of its circuits that are constant": float(eight.constant.mean()),
        "share of others' circuits that are constant": float(rows[rows.digit != 8].constant.mean()),
        **_agreement(data), ANCHORS: _share_of_anchors(data, lambda p: 11 - p[:, 8] <= 2),
        "chance that a digit by lot is among the two smallest": 0.2,
    }  # fmt: skip
    return Measured(_place(tables["n_neurons"], last), also)
