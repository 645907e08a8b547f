"""The phase diagram explorer on the committed runs: every cell of the grid, with the numbers of runs.csv."""

import base64

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from critnet.errors import DataError
from critnet.losses.deviations import convergence_criterion
from critnet.paper import experiments, results
from critnet.paper.fig2 import phase_explorer
from critnet.paper.sweeps import grid


@pytest.fixture(scope="module")
def data():
    return {name: results.load(name) for name in ("sweeps", "runs")}


@pytest.fixture(scope="module")
def explorer(data):
    return phase_explorer.phase_explorer(data, name="phase")


def curves(explorer, key, group="curves"):
    """(n_runs, n_steps) as the browser gets them."""
    text = explorer.given[group][key]
    return np.frombuffer(base64.b64decode(text), "<f4").reshape(explorer.given["runs"], -1)


def test_every_cell_of_the_grid_is_there_as_run_or_as_not_run(explorer, data):
    digests, found = set(data["sweeps"]["digest"].values.astype(str)), {}
    for cell in explorer.given["cells"]:
        for family in cell["families"]:
            found[cell["hidden"], cell["learning_rate"], cell["batch_size"], family] = cell
    for config in experiments.grid():
        families = [
            f for f, fixed in (("batch", config.learning_rate == 0.1), ("rate", config.batch_size == 64)) if fixed
        ]
        assert families
        for family in families:
            cell = found[config.hidden, config.learning_rate, config.batch_size, family]
            assert cell["grid"]
            assert cell["size"] == 2 * config.hidden + 10
            assert cell["ln_gamma"] == pytest.approx(np.log(config.mobility))
            assert (0 in [run["seed"] for run in cell["runs"]]) == (config.digest in digests)
    assert len([cell for cell in explorer.given["cells"] if cell["grid"]]) == len(experiments.grid())


def test_every_run_of_the_two_families_is_there_once(explorer, data):
    rows = sorted(run["row"] for cell in explorer.given["cells"] for run in cell["runs"])
    assert rows == list(range(len(grid.table(data["sweeps"]))))


def test_the_numbers_at_the_end_are_those_of_the_table_of_runs(explorer, data):
    runs, seen = data["runs"].set_index("digest"), 0
    table = grid.table(data["sweeps"])
    at = explorer.given["steps"].index(explorer.given["times"]["T"])
    for row, digest in enumerate(table["digest"]):
        if digest not in runs.index or runs.loc[digest, "state"] != "done":
            continue
        told, seen = runs.loc[digest], seen + 1
        assert curves(explorer, "mean_loss")[row, at] == pytest.approx(told["mean_loss"], rel=1e-5)
        assert curves(explorer, "test_accuracy")[row, at] == pytest.approx(told["test_accuracy"], abs=1e-6)
        for name in ("as-coded", "control", "upper-tail"):
            entropy = curves(explorer, name, "entropies")[row, at]
            assert entropy == pytest.approx(told[f"entropy_{name.replace('-', '_')}"], rel=5e-4, abs=1e-7)
            ours = convergence_criterion(curves(explorer, "mean_loss")[row, at], entropy)
            assert ours == pytest.approx(told[f"criterion_{name.replace('-', '_')}"], abs=5e-4)
    assert seen >= 3


def test_words_and_picture_without_scripts_are_those_of_the_panel(explorer, data):
    absent = grid.not_run(grid.table(data["sweeps"]))
    for family in grid.FAMILIES:
        rows = grid.of_family(grid.cells(grid.of(data["sweeps"], "as-coded")), family)
        told = f"{len(rows)} cells run and {len(grid.of_family(absent, family))} hatched ones of the grid not"
        assert told in explorer.words
    assert f'alt="{explorer.words[:40]}' in explorer.html()


def test_the_page_stays_light(explorer):
    assert len(explorer.html()) < 600_000


def small(diverged=-1):
    """Two runs at one mobility, one of which may have diverged; a third is in the catalogue alone."""
    configs = [c for c in experiments.grid() if c.batch_size == 64 and c.learning_rate == 0.1][:3]
    loss = np.array([[2.3, 1.0, 0.5, 1e-4], [2.3, 1.0, 0.5, 0.1]], np.float32)
    if diverged >= 0:
        loss[1, 2:] = np.nan
    made = configs[:2]
    identity = {
        key: ("run", [getattr(c, key) for c in made])
        for key in ("digest", "hidden", "learning_rate", "batch_size", "mobility", "init", "init_scale", "seed")
    }
    entropy = np.repeat(np.where(np.isnan(loss), np.nan, 0.5)[..., None], 3, axis=2)
    sweeps = xr.Dataset(
        {
            **identity,
            "mean_loss": (("run", "t"), loss),
            "max_loss": (("run", "t"), 2 * loss),
            "test_accuracy": (("run", "t"), np.full((2, 4), 0.9, np.float32)),
            "entropy_change": (("run", "t", "estimate"), entropy.astype(np.float32)),
            "diverged_at": ("run", [-1, diverged]),
            "step": ("t", [0, 50_000, 100_000, 200_000]),
        },
        coords={"estimate": ["as-coded", "control", "upper-tail"]},
        attrs={"loss_threshold": 5e-3},
    )
    runs = pd.DataFrame(
        [{**{k: getattr(c, k) for k in ("digest", "hidden", "learning_rate", "batch_size", "mobility", "seed")},
          "experiments": "sizes grid", "state": "done" if c in made else "not run"} for c in configs]
    )  # fmt: skip
    return {"sweeps": sweeps, "runs": runs}


def test_a_diverged_run_and_one_that_was_not_run_are_told_apart():
    given = phase_explorer.phase_explorer(small(diverged=70_000)).given
    assert [[run["diverged_at"] for run in cell["runs"]] for cell in given["cells"]] == [[None], [70_000], []]
    assert [cell["families"] for cell in given["cells"]] == [["batch", "rate"]] * 3
    assert given["times"] == {"T/4": 50_000, "T/2": 100_000, "T": 200_000}
    extrapolated = np.frombuffer(base64.b64decode(given["extrapolated"]["as-coded"]), "u1").reshape(2, -1)
    assert extrapolated[0].tolist() == [1, 1, 1, 1]  # the last: b is above the largest loss


def test_no_run_of_the_diagram_says_how_to_make_some():
    data = small()
    with pytest.raises(DataError, match="critnet campaign grid"):
        phase_explorer.phase_explorer({**data, "sweeps": data["sweeps"].isel(run=[])})
