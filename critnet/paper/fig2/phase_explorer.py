"""The phase diagram explorer on the runs of the grid, and what a page without scripts shows instead (Fig. 2f)."""

import numpy as np
import pandas as pd
from matplotlib.colors import to_hex

from critnet.errors import DataError
from critnet.explore import Drawing, render
from critnet.explore.widgets.phase import PhaseExplorer, thin
from critnet.losses.deviations import DEFINITIONS
from critnet.paper import style
from critnet.paper.fig2 import phase

FAMILIES = {"batch": f"batch size, lr = {phase.RATE}", "rate": f"learning rate, B = {phase.BATCH}"}
PLANNED = ("grid", "sizes", "batches", "rates")  # the experiments whose runs lie on the diagram
COUNT = 44  # iterations of the curves


def _planned(runs):
    """The runs of the catalogue that lie on the diagram, made or not: as `phase.table`, and `grid`."""
    named = runs["experiments"].str.split()
    rows = runs[[bool(set(names) & set(PLANNED)) for names in named]]
    by_batch, by_rate = np.isclose(rows["learning_rate"], phase.RATE), rows["batch_size"] == phase.BATCH
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
    made = phase.table(sweeps)
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
                "families": list(phase.FAMILIES) if family == "both" else [family],
                "grid": bool(of_grid & set(rows["digest"])),
                "runs": [
                    {"row": run.row, "seed": run.seed, "diverged_at": run.diverged_at if run.diverged_at >= 0 else None}
                    for run in here.itertuples()
                ],
            }
        )
    return found, made["run"].values


def words(data, definition="as-coded"):
    """What the diagram shows at the end of training, in numbers.

    Parameters
    ----------
    data : dict, as for `cells`
    definition : "as-coded", "control" or "upper-tail", of Delta S
    """
    found, states = cells(data)[0], _at_end(data, definition)
    parts = []
    for family, label in FAMILIES.items():
        planned = [cell for cell in found if cell["grid"] and family in cell["families"]]
        ran = [cell for cell in planned if cell["runs"]]
        here = phase.of_family(states, family)
        here = here[here["grid"]]
        text = f"By {label}: {len(ran)} of {len(planned)} cells of the grid were run"
        if len(here):
            converged = here["criterion"] < phase.CONVERGED
            wrong = converged != (np.log(here["hidden"]) > phase.paper_boundary(here["ln_gamma"]))
            text += (
                f", {int(converged.sum())} of them have a criterion below {phase.CONVERGED:g} "
                f"({here['criterion'].min():.1f} to {here['criterion'].max():.1f}), and the paper's boundary has "
                f"{int(wrong.sum())} on its wrong side"
            )
        parts.append(text + ".")
    return (
        f"Phase diagram of the criterion ln(mean loss / Delta S), {definition}, over ln gamma and ln h after "
        f"{data['sweeps']['step'].values[-1]} iterations. {' '.join(parts)}"
    )


def _at_end(data, definition):
    """`phase.cells` at T, with `grid`."""
    of_grid = {
        (c["hidden"], c["ln_gamma"], family)
        for c in cells(data)[0]
        if c["grid"]
        for family in (*c["families"], *(["both"] if len(c["families"]) == 2 else []))
    }
    states = phase.cells(phase.states(data["sweeps"], phase.table(data["sweeps"]), time="T", definition=definition))
    keys = zip(states["hidden"], states["ln_gamma"], states["family"], strict=True)
    return states.assign(grid=[key in of_grid for key in keys])


def picture(data, definition="as-coded"):
    """The grid by the criterion at the end, a map a family: what paper and pages without scripts show."""
    states, found, c = _at_end(data, definition), cells(data)[0], style.colours()
    figure, axes = style.subplots(1, 2, figsize=(7.6, 3.5), sharey=True)
    figure.set_layout_engine("constrained")
    on_grid = [cell for cell in found if cell["grid"]]
    ln_gamma = sorted({cell["ln_gamma"] for cell in on_grid})
    sizes = sorted({cell["hidden"] for cell in on_grid})
    x, y = _borders(ln_gamma), _borders(np.log(sizes))
    values = np.full((2, len(sizes), len(ln_gamma)), np.nan)
    for k, family in enumerate(FAMILIES):
        for row in phase.of_family(states[states["grid"]], family).itertuples():
            values[k, sizes.index(row.hidden), ln_gamma.index(row.ln_gamma)] = row.criterion
    finite = values[np.isfinite(values)]
    for axis, map_, label in zip(axes, values, FAMILIES.values(), strict=True):
        axis.patch.set(hatch="////", edgecolor=c.faint, facecolor="none")
        mesh = axis.pcolormesh(x, y, map_, cmap=colour_map(), vmin=finite.min(), vmax=min(finite.max(), 12))
        at = np.linspace(x[0], x[-1], 200)
        axis.plot(at, phase.paper_boundary(at), color=c.page, lw=3)
        axis.plot(at, phase.paper_boundary(at), color=c.ink, lw=1, ls=(0, (5, 3)))
        axis.set(xlim=(x[0], x[-1]), ylim=(y[0], y[-1]), xlabel=r"$\ln\gamma$", title=f"by {label}")
        axis.set_yticks(np.log(sizes), [str(h) for h in sizes])
    axes[0].set_ylabel("hidden neurons a layer h")
    figure.colorbar(mesh, ax=axes, label=r"criterion $\ln(\bar L/\Delta S)$", extend="max")
    return Drawing(figure, words(data, definition), states)


def _borders(values):
    inner = (np.asarray(values[1:]) + values[:-1]) / 2
    return np.r_[2 * values[0] - inner[0], inner, 2 * values[-1] - inner[-1]]


def colour_map():
    """The colours of a criterion in the theme at hand."""
    import matplotlib as mpl

    return mpl.colormaps["magma"]


def _stops(theme):
    with style.theme(theme):
        return [to_hex(colour) for colour in colour_map()(np.linspace(0, 1, 17))]


def _start(found):
    """The cell of the anchor network where it is there, else the first that was run."""
    places = [(cell["hidden"], cell["ln_gamma"]) for cell in found if cell["runs"]]
    anchor = (50, round(float(np.log(phase.RATE / phase.BATCH)), 9))
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
    times = {key: int(every[np.abs(every - share * every[-1]).argmin()]) for key, share in phase.TIMES.items()}
    kept = thin(every, COUNT, keep=times.values())
    measured = ("mean_loss", "max_loss", "test_accuracy", "entropy_change")
    part = {key: sweeps[key].values[runs][:, kept] for key in measured}
    b = float(sweeps.attrs["loss_threshold"])
    estimates = list(sweeps["estimate"].values)
    return PhaseExplorer(
        found,
        every[kept],
        part["mean_loss"],
        part["test_accuracy"],
        {key: part["entropy_change"][..., estimates.index(key)] for key in DEFINITIONS},
        times=times,
        families=FAMILIES,
        parabola={"curvature": phase.CURVATURE, "vertex": phase.VERTEX, "minimum": phase.MINIMUM},
        threshold=phase.CONVERGED,
        start=_start(found),
        extrapolated={"as-coded": (b < part["mean_loss"]) | (b > part["max_loss"])},
        colours={theme: _stops(theme) for theme in ("light", "dark")},
        name=name,
        caption="Runs from the paper's start, 200 000 iterations each; a cell with several seeds shows their median. "
        "Hatched cells were not run. The criterion is the logarithm of mean loss over entropy change at b = 0.005.",
        words=words(data),
        picture=render.draw(picture, {"data": data}, name=name, style=style.theme).image,
    )
