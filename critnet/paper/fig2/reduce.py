"""Raw anchor runs -> the arrays that Fig. 2a-e and the claims of sections 2.1 and 2.2 read."""

import joblib
import numpy as np
import xarray as xr

from critnet.errors import DataError
from critnet.losses.atoms import loss_atoms
from critnet.losses.deviations import DEFINITIONS
from critnet.neurons.activity import correlation, forward
from critnet.paper.fields import Field, variables
from critnet.paper.fig2 import loss_measures as measures
from critnet.paper.fig2 import surfaces
from critnet.statistics.likelihoods import RIVALS
from critnet.training import runs
from critnet.training.config import snapshots
from critnet.training.mlp import stream

CUT = (1, 100)  # and the last: iterations of Fig. 2a
SHOWN = (0, 1, 5, 10, 100)  # and the last: of Fig. 2c
FITTED = (0, 1, 3, 5, 10, 30, 100, 300, 1000, 3000, 10_000, 30_000, 100_000)  # and the last
DRAWN = (0, 10, 100, 1000, 10_000, 30_000)  # and the last
GRIDS = {"single weights": 100, "sets": 50}  # points along an axis of the planes that are shown
NUMBERS_GRID = 21  # of those that are put into numbers, odd so that one is the centre
SOME = 10_000  # images of the planes along sets of weights, which take longer, and of the numbers
N_ATOMS, N_EXACT, N_GROUPS = 48, 300, 500


def concentration(folders, digits, *, jobs=1, displayed=0):
    """Everything Fig. 2a-e needs, from the finished anchor runs.

    Parameters
    ----------
    folders : list of run folders, one a seed
    digits : the data set the runs were trained on
    jobs : processes, at most one a seed is used
    displayed : index of the run whose surfaces and loss atoms are kept

    Returns
    -------
    xarray.Dataset

    Raises
    ------
    DataError
        If there are more than 65535 training images, or fewer than six critical connections at the end of a run.
    UsageError
        If a run has diverged, or its losses leave fewer than 50 for a tail.
    """
    if len(digits.labels) > np.iinfo(np.uint16).max:
        raise DataError(f"{len(digits.labels)} training images; counts of samples are stored up to 65535")
    first = runs.open_run(folders[0]).config
    steps = snapshots(first.schedule, first.steps)
    measured = joblib.Parallel(n_jobs=jobs)(
        joblib.delayed(_of_run)(folder, digits, steps, i == displayed) for i, folder in enumerate(folders)
    )
    return _dataset([runs.open_run(f).config.seed for f in folders], steps, measured, displayed)


def chosen(wanted, steps):
    """Those of the wanted iterations that a run has before its last, and the last.

    >>> chosen((0, 10, 70), [0, 1, 10, 50])
    [0, 10, 50]
    """
    return [*(t for t in wanted if t in steps and t < steps[-1]), steps[-1]]


def atom_steps(steps):
    """Up to 48 of the iterations, evenly spaced in ln(1 + t), both ends among them.

    >>> atom_steps([0, 1, 2, 200_000])
    [0, 1, 2, 200000]
    """
    places = np.log1p(steps)
    wanted = np.linspace(0, places[-1], N_ATOMS)
    return [steps[i] for i in sorted({int(np.abs(places - w).argmin()) for w in wanted})]


def _of_run(folder, digits, steps, displayed):
    """All numbers of one run: field to a list over its iterations."""
    run = runs.open_run(folder)
    surface_random, batch_random, fit_random = stream(run.config.seed, "probe").spawn(3)
    shown, fitted, drawn = (chosen(wanted, steps) for wanted in (SHOWN, FITTED, DRAWN))
    atoms = atom_steps(steps) if displayed else ()
    found: dict[str, list] = {}
    for snapshot in run.snapshots(steps):
        t, losses = snapshot.step, snapshot.losses
        fields = measures.of_all(losses)
        if t in shown:
            fields |= measures.of_shape(losses)
        if t in fitted:
            fields |= measures.of_tail(losses, fit_random)
        if t in drawn:
            fields |= measures.of_batches(losses, batch_random)
        if t in atoms:
            fields["atoms"] = loss_atoms(losses, N_EXACT, N_GROUPS)
        _append(found, fields)
    cut = list(run.snapshots(chosen(CUT, steps)))
    matrix = correlation(forward(cut[-1].weights, digits.images), definition="as-coded")
    for snapshot in cut:
        _append(found, _planes(snapshot.weights, digits, matrix, surface_random, displayed))
    return found | (_padded(found.pop("atoms")) if displayed else {})


def _append(found, fields):
    for name, value in fields.items():
        found.setdefault(name, []).append(value)


def _planes(weights, digits, matrix, random, displayed):
    """Numbers of all planes around one network, and the surfaces themselves if displayed."""
    fields: dict[str, list] = {"plane_mean": [], "plane_batch": []}
    for kind, pairs in surfaces.directions(weights, matrix, random).items():

        def drawn(points, n, pairs=pairs):
            grid, images, labels = np.linspace(-1, 1, points), digits.images[:n], digits.labels[:n]
            return [surfaces.surfaces(weights, images, labels, pair, grid, random) for pair in pairs]

        mean, batch = zip(*(surfaces.numbers(*plane) for plane in drawn(NUMBERS_GRID, SOME)), strict=True)
        fields["plane_mean"].append(mean)
        fields["plane_batch"].append(batch)
        if displayed:
            name, n = kind.split()[0], SOME if kind == "sets" else None
            fields[f"mean_{name}"], fields[f"batch_{name}"] = map(list, zip(*drawn(GRIDS[kind], n), strict=True))
    return fields


def _dataset(seeds, steps, measured, displayed):
    values = {
        name: np.array(
            [m[name] for m in measured] if field.dims.startswith("seed") else measured[displayed][name], field.kind
        )
        for name, field in FIELDS.items()
    }
    coordinates = {
        "t": ("t", np.array(steps), {"long_name": "iteration", "units": "1"}),
        "seed": np.array(seeds),
        "b": measures.EXCEEDANCE,
        "estimate": list(DEFINITIONS),
        "entropy_b": measures.ENTROPY,
        "definition": list(measures.RANGES),
        "end": ["first", "last"],
        "log_moment": ["mean", "standard deviation", "skewness", "excess kurtosis"],
        "tail_number": ["alpha", "error", "x_min", "n_tail", "decades", "p_value"],
        "rival": list(RIVALS),
        "replacement": ["with", "without"],
        "batch_size": np.array(measures.BATCH_SIZES),
        "plane": list(surfaces.PLANES),
        "kind": list(surfaces.KINDS),
        "sampling": list(surfaces.SAMPLINGS),
        "number": list(surfaces.NUMBERS),
        "batch_number": ["roughness", "ruggedness"],
        "x": np.linspace(-1, 1, GRIDS["single weights"]),
        "u": np.linspace(-1, 1, GRIDS["sets"]),
        "cut_t": np.array(chosen(CUT, steps)),
        "shown_t": np.array(chosen(SHOWN, steps)),
        "fit_t": np.array(chosen(FITTED, steps)),
        "draw_t": np.array(chosen(DRAWN, steps)),
        "atom_step": ("atom_t", np.array(atom_steps(steps))),
    }
    return xr.Dataset(
        variables(FIELDS, values), coordinates, {"displayed_seed": seeds[displayed], "draws": measures.DRAWS}
    )


def _padded(atoms):
    """Lists of atoms as two arrays (iterations, atoms), padded with atoms of count 0."""
    length = max(a.values.size for a in atoms)
    pads = [length - a.values.size for a in atoms]
    return {
        "atom_loss": [np.pad(a.values, (0, n)) for a, n in zip(atoms, pads, strict=True)],
        "atom_count": [np.pad(a.counts, (0, n)) for a, n in zip(atoms, pads, strict=True)],
    }


SINGLE, SETS = "displayed seed, single weights", "displayed seed, sets of weights, 10000 images"
# Name to dimensions, type, units, meaning and definition; those without the dimension seed are of the displayed one.
FIELDS = {
    "mean_loss": Field("seed t", float, "nat", "mean loss over the training images", "D23"),
    "variance_loss": Field("seed t", float, "nat^2", "population variance of the losses", "D23"),
    "max_loss": Field("seed t", float, "nat", "largest loss", "D23"),
    "above": Field("seed t b", np.uint16, "1", "samples of 60000 with loss >= b", "D25"),
    "above_tenth": Field("seed t", np.uint16, "1", "samples of 60000 with loss >= 0.1", "D25"),
    "entropy_change": Field("seed t estimate entropy_b", np.float32, "nat", "Delta S(b), three estimates", "D27"),
    "side": Field("seed t entropy_b", np.int8, "1", "-1: b below the mean loss; 0: up to the largest; 1: above", "D27"),
    "top_share": Field("seed t", np.float32, "1", "share of the summed loss in the largest 1 % of the losses", "D26"),
    "largest_share": Field("seed t", np.float32, "1", "share of the largest loss in the sum", "D26"),
    "histogram": Field(
        "seed shown_t definition bin", np.int32, "1", "samples in 100 linear or logarithmic bins", "D26"
    ),
    "histogram_range": Field("seed shown_t definition end", float, "nat", "first and last edge of those bins", "D26"),
    "log_moments": Field("seed shown_t log_moment", np.float32, "1", "moments of ln L", "D26"),
    "log_distance": Field(
        "seed shown_t", np.float32, "1", "Kolmogorov-Smirnov distance of ln L from a normal law", "D26"
    ),
    "tail": Field("seed fit_t definition tail_number", np.float32, "1, nat", "power-law tail above x_min", "D26, D38"),
    "tail_ratio": Field(
        "seed fit_t definition rival", np.float32, "1", "log-likelihood of power law over rival", "D38"
    ),
    "tail_ratio_p": Field("seed fit_t definition rival", np.float32, "1", "probability of that ratio by chance", "D38"),
    "bound_b": Field("seed draw_t bound", float, "nat", "1.25, 1.5, 2 and 3 times the mean loss, and 0.005", "D27"),
    "bound_reached": Field(
        "seed draw_t bound", np.int32, "1", "batches of 64, of 100000, with a mean loss >= that", "D27"
    ),
    "bound_rate": Field(
        "seed draw_t estimate bound", float, "nat", "Delta S there; the bound is e^(-64 Delta S)", "D27"
    ),
    "batch_variance": Field(
        "seed draw_t replacement batch_size", float, "nat^2", "variance of a batch's mean loss", "D23"
    ),
    "plane_mean": Field(
        "seed cut_t kind plane number",
        np.float32,
        "nat, 1",
        "of the mean loss on 21 x 21 points, 10000 images",
        "D24",
    ),
    "plane_batch": Field(
        "seed cut_t kind plane sampling batch_number",
        np.float32,
        "nat",
        "of batches of 64 there",
        "D24",
    ),
    "mean_single": Field("cut_t plane x y", np.float32, "nat", f"mean loss, {SINGLE}", "D24"),
    "batch_single": Field("cut_t plane sampling x y", np.float32, "nat", f"loss of batches of 64, {SINGLE}", "D24"),
    "mean_sets": Field("cut_t plane u v", np.float32, "nat", f"mean loss, {SETS}", "D24"),
    "batch_sets": Field("cut_t plane sampling u v", np.float32, "nat", f"loss of batches of 64, {SETS}", "D24"),
    "atom_loss": Field("atom_t atom", np.float32, "nat", "losses as atoms, displayed seed", "D27"),
    "atom_count": Field("atom_t atom", np.int32, "1", "samples at each atom, displayed seed; 0 pads", "D27"),
}
