"""Choices that another analyst could have made as well: results in, results as that analyst would have them out.

What a claim measures is not written a second time: its own function runs on the changed results, so the first option of
every choice, the ledger's own, gives the row of the ledger.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple

import numpy as np

from critnet.paper import published
from critnet.paper.sweeps import grid, select

Change = Callable[[dict], dict]


class Choice(NamedTuple):
    """A choice by its name: option to what changes the results, None for the first, which is the ledger's own.

    `definition`: the one it makes a difference in; in both where it is empty.
    """

    name: str
    options: Mapping[str, Change | None]
    definition: str = ""

    def of(self, definition):
        """The options that differ in a definition."""
        return list(self.options) if self.definition in ("", definition) else list(self.options)[:1]


def _of(own, **named):
    return MappingProxyType({own: None, **{name.replace("_", " "): change for name, change in named.items()}})


def on(change, *names):
    """A change of some files of the results, by their names; of all that a claim takes where none is named.

    >>> on(lambda x: x + 1, "a")({"a": 1, "b": 1})
    {'a': 2, 'b': 1}
    """
    return lambda data: {name: change(given) if not names or name in names else given for name, given in data.items()}


# --- runs and seeds


def with_runs(data, kept):
    """Some runs of sweeps.nc or anchors.nc, with the rows of their distributions.

    Parameters
    ----------
    data : Dataset with the dimensions run and row
    kept : bool array, shape (n_runs,)
    """
    place = np.cumsum(kept) - 1
    of = data["row_run"].values.astype(int)
    found = data.isel(run=np.flatnonzero(kept), row=np.flatnonzero(kept[of]))
    rows = data["row_run"].isel(row=np.flatnonzero(kept[of])).copy(data=place[of[kept[of]]].astype(of.dtype))
    return found.assign(row_run=rows)


def runs_where(condition):
    """A change of the sweeps: the runs for which `condition(sweeps)`, bool (n_runs,), holds."""
    return on(lambda data: with_runs(data, np.asarray(condition(data), bool)), "sweeps")


def without_seed(seed):
    """A change of all that is kept of the anchors: without one of their seeds."""

    def change(data):
        if "seed" not in data.dims:
            return with_runs(data, data["seed"].values != seed)
        found = data.isel(seed=np.flatnonzero(data["seed"].values != seed))
        for of, along in (("edge_seed", "edge"), ("network_seed", "network")):
            if of in found:
                found = found.isel({along: np.flatnonzero(found[of].values != seed)})
        return found

    return on(change, "fig1", "fig2", "anchors", "coupling", "fig4", "windows")


def learned(data):
    """Whether a run of the sweeps learns."""
    return select.learned(data, np.arange(data.sizes["run"]))


SEEDS = Choice("seeds", _of("all five", **{f"without seed {k}": without_seed(k) for k in range(5)}))
RUNS = Choice("runs", _of("all", that_learn=runs_where(learned)))
FIRST_SEED = Choice("seeds", _of("all", the_first_of_each_size=runs_where(lambda d: d["seed"].values == 0)))
SIZES = Choice(
    "sizes",
    _of(
        "all of the rule",
        from_h_of_10_on=runs_where(lambda d: d["hidden"].values >= 10),
        from_h_of_20_on=runs_where(lambda d: d["hidden"].values >= 20),
        to_h_of_200=runs_where(lambda d: d["hidden"].values <= 200),
        to_h_of_100=runs_where(lambda d: d["hidden"].values <= 100),
    ),
)


def _answers(data):
    return data["test_accuracy"].values[:, -1] >= grid.GUESSES


def _family(batch):
    def of(data):
        rate, size = data["learning_rate"].values, data["batch_size"].values
        return np.isclose(rate, grid.RATE) if batch else size == grid.BATCH

    return of


GUESSERS = Choice("networks that guess", _of("in", out=runs_where(_answers)))
FAMILY = Choice(
    "mobility by",
    _of("both", batch_size=runs_where(_family(True)), learning_rate=runs_where(_family(False))),
)


def _until(share):
    """The sweeps as if training had ended after this share of it."""

    def change(data):
        steps, coarse = data["step"].values, data["correlated_step"].values
        last = share * steps[-1]
        return data.isel(t=np.flatnonzero(steps <= last), c=np.flatnonzero(coarse <= last))

    return on(change, "sweeps")


END = Choice("end of training", _of("T", **{"T/2": _until(0.5), "T/4": _until(0.25)}))


# --- strength, graph, snapshots


def _true_norm(data):
    return data.assign(strength=np.sqrt(data["strength"]))


def _graph(own, other):
    """The graph `other` under the name of the ledger's own."""

    def change(data):
        if own not in data["graph"].values or other not in data["graph"].values:
            return data
        swap = {own: other, other: own}
        return data.assign_coords(graph=[swap.get(str(name), str(name)) for name in data["graph"].values])

    return on(change, "fig1", "sweeps", "anchors")


def _threshold(value):
    return on(lambda data: data.sel(threshold=[value], method="nearest"), "fig1", "sweeps", "anchors")


def _thinned(data):
    """Every third snapshot, and those that claims name."""
    t = data["t"].values
    named = np.isin(t, [0, 1, 10, published.TRANSITION, 1000, 10_000, published.LAST])
    return data.isel(t=np.flatnonzero(named | (np.arange(t.size) % 3 == 0)))


NORM = Choice("norm", _of("squared", true=on(_true_norm, "fig1", "sweeps", "anchors")))
THRESHOLD = Choice("threshold", _of("0.5", **{"0.61": _threshold(0.61), "0.72": _threshold(0.72)}))
SIGNED = Choice(
    "edges",
    _of(
        "C >= threshold",
        **{
            "|C| >= threshold": _graph("as-coded signed", "as-coded absolute"),
            "|artanh C| >= threshold": _graph("as-coded signed", "as-coded fisher"),
        },
    ),
    "as-coded",
)
FISHER = Choice(
    "edges",
    _of("|artanh C| >= threshold", **{"|C| >= threshold": _graph("as-coded fisher", "as-coded absolute")}),
    "as-coded",
)
SNAPSHOTS = Choice("snapshots", _of("all", every_third=on(_thinned, "fig1", "fig2")))


# --- losses


def _upper_tail(name):
    """The rate function of the upper tail alone under the name of both tails."""

    def change(data):
        swap = {"control": "upper-tail", "upper-tail": "control"}
        return data.assign_coords(estimate=[swap.get(str(e), str(e)) for e in data["estimate"].values])

    return on(change, name)


def _loss_of(b):
    return on(lambda data: data.sel(entropy_b=[b], method="nearest"), "fig2")


TAILS = Choice("tails of Delta S", _of("both", the_upper_one=_upper_tail("fig2")), "control")
TAILS_OF_GRID = Choice("tails of Delta S", _of("both", the_upper_one=_upper_tail("sweeps")), "control")
THRESHOLD_LOSS = Choice(
    "b", _of("0.005", **{f"{b:g}": _loss_of(b) for b in (0.0005, 0.001, 0.002, 0.01, 0.02, 0.05, 0.1)})
)


# --- the model, sets set back, circuits


def _part(along, chosen, *names):
    """Part of a dimension: chosen(values or places) says which."""

    def change(data):
        given = data[along].values if along in data.coords else np.arange(data.sizes[along])
        return data.isel({along: np.flatnonzero(chosen(given))})

    return on(change, *names)


REPEATS = Choice(
    "seeds of the model",
    _of("20", first_ten=_part("repeat", lambda k: k < 10, "fig4"), last_ten=_part("repeat", lambda k: k >= 10, "fig4")),
)
PROBABILITIES = Choice(
    "probabilities",
    _of(
        "all",
        **{
            "from 0.1 on": _part("probability", lambda p: p >= 0.1, "fig4"),
            "to 0.8": _part("probability", lambda p: p <= 0.8, "fig4"),
            "every second": _part("probability", lambda p: np.arange(p.size) % 2 == 0, "fig4"),
        },
    ),
)
DRAWS = Choice(
    "random sets",
    _of("40", first_20=_part("draw", lambda k: k < 20, "fig4"), last_20=_part("draw", lambda k: k >= 20, "fig4")),
)


OF_CIRCUIT = {"edge_circuit": "edge", "member_circuit": "member", "null_circuit": "null_of"}


def circuits_where(condition):
    """A change of the circuits: those for which `condition(circuits, network)`, bool (n_circuits,), holds."""

    def change(data):
        kept = np.asarray(condition(data, data["circuit_network"].values.astype(int)), bool)
        place, found = np.cumsum(kept) - 1, data.isel(circuit=np.flatnonzero(kept))
        for name, along in OF_CIRCUIT.items():
            of = data[name].values.astype(int)
            mine = np.flatnonzero(kept[of])
            found = found.isel({along: mine}).assign({name: (along, place[of[mine]].astype(data[name].dtype))})
        return found

    return on(change, "circuits")


def without_anchor(seed):
    """A change of the circuits: without those of the anchor of one seed."""

    def change(data):
        known = data["runs"].set_index("digest").loc[data["circuits"]["digest"].values, "seed"].to_numpy()
        mine = data["circuits"]["anchor"].values.astype(bool) & (known == seed)
        return circuits_where(lambda _, of: ~mine[of])(data)

    return change


def _not(name, *, of_network=False):
    def holds(data, network):
        marked = data[name].values.astype(bool)
        return ~(marked[network] if of_network else marked)

    return circuits_where(holds)


ANCHORS = Choice("seeds", _of("all five", **{f"without seed {k}": without_anchor(k) for k in range(5)}))
COLLAPSED = Choice("networks that guess", _of("in", out=_not("guessing", of_network=True)), "as-coded")
UNTOUCHED = Choice("circuits never pruned", _of("in", out=_not("untouched")), "as-coded")
CONSTANT = Choice("circuits of one answer", _of("in", out=_not("constant")), "as-coded")
SIZES_OF_CIRCUITS = Choice(
    "sizes",
    _of(
        "all",
        from_h_of_20_on=circuits_where(lambda d, of: d["hidden"].values[of] >= 20),
        to_h_of_100=circuits_where(lambda d, of: d["hidden"].values[of] <= 100),
    ),
)


def _every_second(t):
    """Every second of the stored iterations, and those that claims name."""
    return (np.arange(t.size) % 2 == 0) | np.isin(t, [1, published.TRANSITION, 10_000, published.LAST])


TIMES = Choice("iterations", _of("all", every_second=_part("t", _every_second, "coupling")))
