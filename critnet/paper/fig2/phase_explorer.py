"""The phase diagram explorer on the runs of the grid; a page without scripts shows Fig. 2f instead."""

import numpy as np
import pandas as pd
from matplotlib.colors import to_hex

from critnet.errors import DataError
from critnet.explore import render
from critnet.explore.widgets.phase import PhaseExplorer, thin
from critnet.losses.deviations import DEFINITIONS
from critnet.paper import published, style
from critnet.paper.fig2.phase_panels import fig2f
from critnet.paper.sweeps import grid

FAMILIES = {"batch": f"batch size, lr = {grid.RATE}", "rate": f"learning rate, B = {grid.BATCH}"}
PLANNED = ("grid", "sizes", "batches", "rates")  # the experiments whose runs lie on the diagram
COUNT = 44  # iterations of the curves


def _planned(runs):
    """The runs of the catalogue that lie on the diagram, made or not: as `grid.table`, and `grid`."""
    named = runs["experiments"].str.split()
    rows = runs[[bool(set(names) & set(PLANNED)) for names in named]]
    by_batch, by_rate = np.isclose(rows["learning_rate"], grid.RATE), rows["batch_size"] == grid.BATCH
    return rows.assign(
        M=2 * rows["hidden"] + 10,
        ln_gamma=np.log(rows["mobility"]).round(9),
        family=np.select([by_batch & by_rate, by_batch], ["both", "batch"], "rate"),
        grid=["grid" in names for names in named[rows.index]],
    )


def cells(data):
    """Every cell of the diagram, run or not, as `PhaseExplorer` takes them; `row` counts from 0 over all runs.

    Parameters
    ----------
    data : dict
        "sweeps", the Dataset of data/sweeps.nc, and "runs", the DataFrame of data/runs.csv.

    Returns
    -------
    cells : list of dict
    runs : int array
        Position in "sweeps" of each row of the curves.

    Raises
    ------
    DataError
        If no run of "sweeps" lies on the diagram.
    """
    sweeps, columns = data["sweeps"], ["digest", "hidden", "M", "learning_rate", "batch_size", "mobility", "ln_gamma"]
    made = grid.table(sweeps)
    if made.empty:
        raise DataError("sweeps.nc has no run of the phase diagram; make some with `critnet campaign grid`")
    made = made.assign(row=range(len(made)), diverged_at=sweeps["diverged_at"].values[made["run"]])
    planned = _planned(data["runs"])
    every = pd.concat([planned[[*columns, "family"]], made[[*columns, "family"]]]).drop_duplicates("digest")
    of_grid = set(planned.loc[planned["grid"], "digest"])
    ran = made.set_index("digest")
    found = []
    for (hidden, ln_gamma, family), rows in every.groupby(["hidden", "ln_gamma", "family"]):
        here = ran.loc[[digest for digest in rows["digest"] if digest in ran.index]].sort_values("seed")
        first = rows.iloc[0]
        found.append(
            {
                "hidden": hidden,
                "size": first["M"],
                "ln_gamma": ln_gamma,
                "learning_rate": first["learning_rate"],
                "batch_size": first["batch_size"],
                "mobility": first["mobility"],
                "families": list(grid.FAMILIES) if family == "both" else [family],
                "grid": bool(of_grid & set(rows["digest"])),
                "runs": [
                    {"row": run.row, "seed": run.seed, "diverged_at": run.diverged_at if run.diverged_at >= 0 else None}
                    for run in here.itertuples()
                ],
            }
        )
    return found, made["run"].values


def _stops(theme):
    """The colours of Fig. 2f on light or on dark pages."""
    with style.theme(theme):
        return [to_hex(colour) for colour in style.state_map()(np.linspace(0, 1, 17))]


def _start(found):
    """The cell of the anchor network where it is there, else the first that was run."""
    places = [(cell["hidden"], cell["ln_gamma"]) for cell in found if cell["runs"]]
    anchor = (50, round(float(np.log(grid.RATE / grid.BATCH)), 9))
    return anchor if anchor in places else places[0]


def phase_explorer(data, *, name="phase-explorer"):
    """Look up the runs of the grid and move the boundary between those that converged and the others.

    Parameters
    ----------
    data : dict
        "sweeps", the Dataset of data/sweeps.nc, and "runs", the DataFrame of data/runs.csv.
    name : str
        Id of the explorer in its page.

    Returns
    -------
    PhaseExplorer, displayed by the notebook where it is the last expression of a cell.

    Raises
    ------
    DataError
        If no run of "sweeps" lies on the diagram.
    """
    found, runs = cells(data)
    sweeps = data["sweeps"]
    every = sweeps["step"].values
    times = {key: int(every[np.abs(every - share * every[-1]).argmin()]) for key, share in grid.TIMES.items()}
    kept = thin(every, COUNT, keep=times.values())
    measured = ("mean_loss", "max_loss", "test_accuracy", "entropy_change")
    part = {key: sweeps[key].values[runs][:, kept] for key in measured}
    b = float(sweeps.attrs["loss_threshold"])
    estimates = list(sweeps["estimate"].values)
    still = render.draw(fig2f, {"data": sweeps}, name=name, style=style.theme)
    return PhaseExplorer(
        found,
        every[kept],
        part["mean_loss"],
        part["test_accuracy"],
        {key: part["entropy_change"][..., estimates.index(key)] for key in DEFINITIONS},
        times=times,
        families=FAMILIES,
        parabola={"curvature": published.CURVATURE, "vertex": published.VERTEX, "minimum": published.MINIMUM},
        threshold=grid.CONVERGED,
        guessing=grid.GUESSES,
        start=_start(found),
        extrapolated={"as-coded": (b < part["mean_loss"]) | (b > part["max_loss"])},
        colours={theme: _stops(theme) for theme in ("light", "dark")},
        name=name,
        caption=f"Runs from the paper's start, {every[-1]} iterations each; a cell with several seeds shows "
        f"their median. Hatched cells were not run. The criterion is ln(mean loss / entropy change), b = {b:g} nats.",
        words=still.alt,
        picture=still.image,
    )
