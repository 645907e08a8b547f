"""Worlds in which a sentence is false by construction, and what its own measure gives there: how `reduce` makes
nulls.csv (LEDGER 3).

A world changes the results, as a choice does (`critnet.paper.choices`); the claim's own function measures it there.
"""

import csv
import io
import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import xarray as xr

from critnet.errors import UsageError
from critnet.paper import ledger, published, results
from critnet.paper.fig1 import distributions
from critnet.paper.measured import NONE, SAMPLES, NotJudged, NotTestable, estimate
from critnet.paper.sweeps import grid, select
from critnet.statistics.nulls import geometric_numbers

DRAWS = 20


class World(NamedTuple):
    """A world by what is the case in it ("the labels are shuffled"): (dict of results, random) -> dict of results.

    With several `draws` the null is their middle and central 95 %; with one it is that of the measure itself.
    `definition`: the one it can be made for, both where it is empty.
    """

    name: str
    change: Callable
    draws: int = 1
    definition: str = ""


# --- networks that learnt shuffled labels, in the layout of fig1.nc and of fig2.nc


def _shuffled():
    return results.load("shuffled")


def as_fig1(runs):
    """What runs over training have of fig1.nc: seeds for runs, at the iterations where correlations were measured."""
    names = ("strength", "prediction_entropy", "persistence", "n_edges", "n_components", "largest", "mean_degree",
             "mean_finite", "susceptibility", "susceptibility_control", "survival", "survival_control", "entropy",
             "entropy_control")  # fmt: skip
    found = runs[list(names)].rename(run="seed", c="t")
    return found.assign_coords(t=runs["correlated_step"].values, seed=runs["seed"].values)


def as_fig2(runs):
    """What runs over training have of fig2.nc: mean, variance and largest loss, Delta S and the side of b at 0.005."""
    b = published.LOSS_THRESHOLD
    found = runs[["mean_loss", "variance_loss", "max_loss", "entropy_change"]].rename(run="seed")
    side = np.where(found["mean_loss"] > b, -1, np.where(found["max_loss"] < b, 1, 0))
    found = found.expand_dims(entropy_b=[b], axis=-1)
    for name in ("mean_loss", "variance_loss", "max_loss"):
        found[name] = found[name].isel(entropy_b=0)
    found["side"] = ("seed", "t", "entropy_b"), side[..., None]
    return found.assign_coords(t=runs["step"].values, seed=runs["seed"].values)


LABELS = "the labels are shuffled"
LABELS_FIG1 = World(LABELS, lambda data, random: data | {"fig1": as_fig1(_shuffled())})
LABELS_GRAPH = LABELS_FIG1._replace(definition="control")  # signed graphs are not kept of them
LABELS_FIG2 = World(LABELS, lambda data, random: data | {"fig2": as_fig2(_shuffled())})
LABELS_ANCHORS = World(LABELS, lambda data, random: data | {"anchors": _shuffled()})


# --- untrained networks


def _untrained(data, random):
    """Every iteration at which correlations were measured as t = 0."""
    sweeps = data["sweeps"]
    start = int(select.at(sweeps, 0))
    over = [name for name, v in sweeps.data_vars.items() if "c" in v.dims and name != "correlated_step"]
    held = {name: sweeps[name].isel(c=[start] * sweeps.sizes["c"]) for name in over}
    return data | {"sweeps": sweeps.assign(held)}


UNTRAINED = World("the networks are untrained", _untrained)


# --- runs dealt to other sizes or mobilities

CONFIGURATION = ("hidden", "learning_rate", "batch_size", "mobility", "init", "init_scale", "seed", "digest", "code")


def dealt(sweeps, groups, random):
    """What was measured dealt to other runs of the same group; the configurations stay where they are.

    Parameters
    ----------
    sweeps : Dataset with the dimensions run and row
    groups : array, shape (n_runs,), of labels
    random : numpy Generator
    """
    source = np.arange(sweeps.sizes["run"])
    for label in np.unique(groups):
        mine = np.flatnonzero(groups == label)
        source[mine] = random.permutation(mine)
    moved = [n for n, v in sweeps.data_vars.items() if "run" in v.dims and n not in CONFIGURATION]
    place = np.argsort(source)  # where a run's measurements went
    rows = sweeps["row_run"].copy(data=place[sweeps["row_run"].values.astype(int)].astype(sweeps["row_run"].dtype))
    return sweeps.assign({name: sweeps[name].isel(run=source) for name in moved} | {"row_run": rows})


def _dealt(of):
    def change(data, random):
        return data | {"sweeps": dealt(data["sweeps"], of(data["sweeps"]), random)}

    return change


def _same_but_size(sweeps):
    names = ("learning_rate", "batch_size", "init", "init_scale")
    return np.array([" ".join(map(str, row)) for row in zip(*(sweeps[n].values for n in names), strict=True)])


def _same_size(sweeps):
    return sweeps["hidden"].values.astype(str)


def _of_the_grid(sweeps):
    """All runs of the grid in one group, each other run alone."""
    inside = grid.table(sweeps)["run"].to_numpy()
    label = np.array([f"run {k}" for k in range(sweeps.sizes["run"])])
    label[inside] = "grid"
    return label


SIZES = World("the runs are dealt to other sizes", _dealt(_same_but_size), DRAWS)
MOBILITIES = World("the runs are dealt to other mobilities", _dealt(_same_size), DRAWS)
GRID = World("the runs are dealt to other places of the grid", _dealt(_of_the_grid), DRAWS)


# --- pairs and distributions


def _shuffled_pairs(data, random):
    """The pairs of every correlation matrix dealt anew, and with them how alike those of two times are."""
    fig1 = data["fig1"]
    shown = random.permuted(fig1["correlation_shown"].values, axis=-1)
    every = random.permuted(fig1["correlation"].values, axis=-1)
    alike = np.full(fig1["persistence"].shape, np.nan)
    last = shown[:, -1].astype(float)
    for k, step in enumerate(fig1["shown"].values):
        at = list(fig1["t"].values).index(step)
        for s, d in np.ndindex(shown.shape[0], shown.shape[2]):
            alike[s, at, d] = np.corrcoef(shown[s, k, d].astype(float), last[s, d])[0, 1]
    changed = {"correlation_shown": shown, "correlation": every, "persistence": alike}
    return data | {"fig1": fig1.assign({name: fig1[name].copy(data=v) for name, v in changed.items()})}


PAIRS = World("the pairs of neurons are shuffled", _shuffled_pairs, DRAWS)


def geometric(sweeps, kind, random):
    """Degrees or sizes of every run drawn from a geometric law of the mean they have, as many as there are."""
    names = ("kind", "moment", "graph", "threshold", "run")
    row = {n: sweeps[f"row_{n}"].values.astype(int) for n in (*names, "size", "count")}
    mine = (row["kind"] == distributions.KINDS[kind]) & (row["threshold"] == 0)
    least = int(row["size"][mine].min())
    columns = {name: [values[~mine]] for name, values in row.items()}
    cells, group = np.unique(np.stack([row[n][mine] for n in names], axis=1), axis=0, return_inverse=True)
    size, count = row["size"][mine], row["count"][mine]
    for g, cell in enumerate(cells):
        of = group.ravel() == g
        drawn = geometric_numbers(np.repeat(size[of], count[of]), random, least=least)
        sizes, counts = np.unique(drawn, return_counts=True)
        for n, v in zip(names, cell, strict=True):
            columns[n].append(np.full(sizes.size, v))
        columns["size"].append(sizes)
        columns["count"].append(counts)
    table = {f"row_{n}": np.concatenate(parts).astype(sweeps[f"row_{n}"].dtype) for n, parts in columns.items()}
    rest = sweeps.drop_vars(list(table))
    return rest.assign({n: xr.Variable("row", v, sweeps[n].attrs) for n, v in table.items()})


def _geometric(kind, name):
    return World(f"{name} are geometric numbers of the same mean",
                 lambda data, random: data | {"sweeps": geometric(data["sweeps"], kind, random)})  # fmt: skip


DEGREES, CLIQUES = _geometric("degree", "degrees"), _geometric("clique", "clique sizes")

WORLDS: dict[str, tuple[World, ...]] = {
    **dict.fromkeys(("C03", "C05", "C07", "C08", "C17"), (LABELS_FIG1,)),
    **dict.fromkeys(("C13", "C14", "C45"), (LABELS_GRAPH,)),
    **dict.fromkeys(("C01", "C06"), (PAIRS,)),
    **dict.fromkeys(("C24", "C25", "C26", "C42", "C43", "C44"), (UNTRAINED,)),
    **dict.fromkeys(("C30", "C32", "C33"), (SIZES,)),
    **dict.fromkeys(("C34", "C35", "C36"), (DEGREES,)),
    **dict.fromkeys(("C37", "C38", "C39"), (CLIQUES,)),
    **dict.fromkeys(("C52", "C53", "C58", "C59", "C60", "C61", "C62"), (LABELS_FIG2,)),
    **dict.fromkeys(("C28", "C63", "C67", "C80", "C81"), (MOBILITIES,)),
    **dict.fromkeys(("C64", "C65", "C66", "C70"), (GRID,)),
    **dict.fromkeys(("C76", "C77"), (LABELS_ANCHORS,)),
}


def of_claim(claim, data, worlds):
    """A claim's own measure in each world: dict of (definition, name) to Number; those that cannot be tested there are
    left out."""
    plain = not isinstance(claim.data, tuple)
    named = {claim.data: data} if plain else data
    found = {}
    for world in worlds:
        for definition in claim.definitions:
            if world.definition not in ("", definition):
                continue
            random = np.random.default_rng([int(claim.id[1:]), claim.definitions.index(definition)])
            numbers = [_measured(claim, definition, world.change(named, random), plain) for _ in range(world.draws)]
            if known := [number for number in numbers if number is not None and math.isfinite(number.value)]:
                found[definition, world.name] = known[0] if world.draws == 1 else _middle(known)
    return found


def _measured(claim, definition, data, plain):
    try:
        return claim.measure(data[claim.data] if plain else data, definition).numbers()[""]
    except (NotTestable, NotJudged):
        return None


def _middle(numbers):
    values = [number.value for number in numbers]
    return estimate((np.median(values), *np.quantile(values, (0.025, 0.975))), SAMPLES, len(values))


def table():
    """Every null of every claim that has worlds here: dict of (claim, definition, world) to Number.

    Raises
    ------
    UsageError
        If worlds are listed of a claim that is not declared.
    """
    declared = {claim.id: claim for claim in ledger.claims()}
    if odd := sorted(set(WORLDS) - set(declared)):
        raise UsageError(f"worlds are listed for {odd[0]!r}, which no module of claims declares")
    found = {}
    for identity in sorted(WORLDS, key=lambda name: int(name[1:])):
        claim = declared[identity]
        for key, number in of_claim(claim, results.load_all(claim.data), WORLDS[identity]).items():
            found[identity, *key] = number
    return found


def as_csv(nulls):
    """The table as text, as `critnet.paper.nulls` reads it."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("id", "definition", "world", "value", "low", "high", "interval_kind", "n"))
    for key, number in nulls.items():
        ends = ("", "") if number.kind == NONE else (f"{number.low:.6g}", f"{number.high:.6g}")
        writer.writerow([*key, f"{number.value:.6g}", *ends, number.kind, number.n])
    return text.getvalue()
