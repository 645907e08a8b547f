"""Reading circuits.nc: a row a circuit with the run it belongs to, its edges, and which circuits a count is of."""

import numpy as np
import pandas as pd

from critnet.explore import NoMatch

CODED = "as-coded"
STAGES = ("cluster", "grown", "pruned")  # of the search


def frame(circuits, runs):
    """A DataFrame with one row a circuit.

    Parameters
    ----------
    circuits : Dataset of data/circuits.nc
    runs : DataFrame of data/runs.csv

    Returns
    -------
    DataFrame
        Index: the row in circuits.nc. `hidden`, `learning_rate`, `batch_size`, `mobility`, `init`, `seed` of the run;
        `network`, `anchor`, `guessing`, `dead`, `variant`, `digit`, `n_neurons`, `n_edges`, `n_first`, `n_second`,
        `constant`, `untouched`, `output_bias`; `recall`, `false`, `auc`, `loss` on test images, with `train_` before
        them on training images, with `full_` before them of the full network on test images.
    """
    of = circuits["circuit_network"].values
    known = runs.set_index("digest").loc[circuits["digest"].values[of]].reset_index(drop=True)
    digit = circuits["digit"].values.astype(int)
    columns = {name: known[name].values for name in ("learning_rate", "batch_size", "mobility", "init", "seed")}
    columns |= {"network": of, "hidden": circuits["hidden"].values[of], "digit": digit}
    columns |= {name: circuits[name].values[of].astype(bool) for name in ("anchor", "guessing")}
    columns |= {"dead": circuits["n_dead"].values[of], "output_bias": circuits["output_bias"].values[of, digit]}
    columns["variant"] = circuits["variant_name"].values.astype(str)[circuits["variant"].values]
    columns |= {name: circuits[name].values for name in ("n_neurons", "n_edges", "n_first", "n_second")}
    columns |= {name: circuits[name].values.astype(bool) for name in ("constant", "untouched")}
    train, test = 0, 1
    for name, short in (("recall", "recall"), ("false_positive_rate", "false"), ("auc", "auc"), ("loss", "loss")):
        columns[short], columns[f"train_{short}"] = circuits[name].values[:, test], circuits[name].values[:, train]
        columns[f"full_{short}"] = circuits[f"full_{name}"].values[of, digit, test]
    return pd.DataFrame(columns)


def of_anchor(rows, seed, variant=CODED):
    """The ten circuits of one anchor, in the order of their digits."""
    return rows[rows.anchor & (rows.seed == seed) & (rows.variant == variant)].sort_values("digit")


def edges_of(circuits, row):
    """Edges of one circuit, shape (n_edges, 3)."""
    return circuits["edge"].values[circuits["edge_circuit"].values == row].astype(int)


def members_of(circuits, row):
    """Hidden neurons after clustering, and those that growing added."""
    mine = circuits["member_circuit"].values == row
    grown = circuits["member_grown"].values[mine].astype(bool)
    neurons = circuits["member"].values[mine].astype(int)
    return neurons[~grown], neurons[grown]


def edges_at(circuits, row, digit, stage, hidden):
    """Edges of a circuit after a stage of its search: all pairs of adjacent layers, but for the last stage."""
    if stage not in STAGES:
        raise NoMatch(f"No stage is called {stage!r}; choose one of {', '.join(STAGES)}.")
    if stage == "pruned":
        return edges_of(circuits, row)
    cluster, grown = members_of(circuits, row)
    inside = np.sort(np.r_[cluster, grown] if stage == "grown" else cluster)
    first, second = inside[inside < hidden], inside[inside >= hidden] - hidden
    pairs = np.array([(1, i, j) for i in first for j in second], int).reshape(-1, 3)
    return np.concatenate([pairs, np.array([(2, j, digit) for j in second], int).reshape(-1, 3)])


def sizes(rows, *, collapsed=True, untouched=True, constant=True):
    """Circuits as coded to take sizes of: some left out on demand (METHODS section 11, D44).

    Parameters
    ----------
    rows : DataFrame of `frame`
    collapsed : keep those of networks that guess
    untouched : keep those that the pruning rule could take nothing from
    constant : keep those without a neuron of the first layer
    """
    kept = rows.variant == CODED
    if not collapsed:
        kept &= ~rows.guessing
    if not untouched:
        kept &= ~rows.untouched
    if not constant:
        kept &= ~rows.constant
    return rows[kept]


def neurons_in_order(circuits, rows, hidden):
    """Hidden neurons in circuit order: those of digit 0 to 9, then those in none; a shared neuron repeats.

    Parameters
    ----------
    rows : DataFrame with the ten circuits of one network

    Returns
    -------
    neurons, blocks : int arrays
        Block: the digit, -1 for those in no circuit.
    """
    neurons, blocks = [], []
    for row, digit in zip(rows.index, rows.digit, strict=True):
        edges = edges_of(circuits, row)
        middle, last = edges[edges[:, 0] == 1], edges[edges[:, 0] == 2]
        own = np.unique(np.r_[middle[:, 1], hidden + middle[:, 2], hidden + last[:, 1]]).astype(int)
        neurons.extend([*own.tolist(), 2 * hidden + int(digit)])
        blocks.extend([int(digit)] * (len(own) + 1))
    rest = np.setdiff1d(np.arange(2 * hidden + 10), neurons)
    return np.array([*neurons, *rest.tolist()]), np.array([*blocks, *[-1] * len(rest)])
