"""The phase diagram explorer: many runs over two hyper-parameters, with a boundary that the reader moves."""

import re

import numpy as np

from critnet.errors import UsageError
from critnet.explore.widgets.base import Explorer, text_of

PARABOLA = ("curvature", "vertex", "minimum")
_CELL = ("hidden", "size", "ln_gamma", "learning_rate", "batch_size", "mobility", "families", "grid", "runs")
_RUN = ("row", "seed", "diverged_at")


class PhaseExplorer(Explorer, scripts=("core", "page", "map", "curves", "phase")):
    """Look up runs over mobility and size, and lay a parabola between those that converged and the others.

    The reader sees the criterion ln(mean loss / entropy change), the mean loss, the entropy change or the test accuracy
    of every cell at an iteration (the median where it has runs of several seeds), the curves of its runs over the whole
    training, and how many cells a parabola ``ln size = curvature (ln mobility - vertex)^2 + minimum`` puts on the wrong
    side.

    Parameters
    ----------
    cells : list of dict
        `hidden`; `size`, the number of neurons; `ln_gamma`; `learning_rate`; `batch_size`; `mobility`; `families`, a
        list of keys of the argument of that name; `grid`, whether it belongs to the grid proper; and `runs`, a list of
        dicts, one a seed and none if nothing was run there: `row` in the curves, `seed`, and `diverged_at`, an
        iteration or None. A family has at most one cell at a size and mobility.
    steps : int array, shape (n_steps,)
        Iterations of the curves, rising.
    mean_loss, test_accuracy : array, shape (n_runs, n_steps)
        In nats and from 0 to 1; NaN once a run has diverged. Passed on in float32.
    entropy_change : dict of name to array, shape (n_runs, n_steps)
        In nats, one a definition.
    times : dict of label to int
        Evaluation times that carry a name, such as {"T": 200000}; each is one of the steps.
    families : dict of key to label
    parabola : dict
        The published boundary: `curvature`, `vertex`, `minimum`.
    threshold : float
        A cell has converged if its criterion is below.
    guessing : float
        A test accuracy below it is called guessing.
    start : pair
        `hidden` and `ln_gamma` of the cell shown first.
    colours : dict
        "light" and "dark": six-digit colours "#rrggbb" from the lowest to the highest value.
    extrapolated : dict of name to bool array, shape (n_runs, n_steps), optional
        Where an entropy change is an extrapolation; definitions left out are none anywhere.
    name : str
        Its id in the page.
    caption, words, picture
        As for `Explorer`.

    Attributes
    ----------
    given : dict
        What the browser gets.
    words : str

    Raises
    ------
    UsageError
        If shapes, steps, cells, colours or numbers do not fit together.
    """

    def __init__(
        self, cells, steps, mean_loss, test_accuracy, entropy_change, *, times, families, parabola, threshold, guessing,
        start, colours, extrapolated=None, name, caption="", words="", picture=None,
    ):  # fmt: skip
        steps = _steps(steps)
        curves = {"mean_loss": mean_loss, "test_accuracy": test_accuracy} | dict(entropy_change)
        if not entropy_change:
            raise UsageError("entropy_change is empty; give one array a definition, such as {'as-coded': ...}")
        curves = {key: np.asarray(values, np.float64) for key, values in curves.items()}
        shape = (len(curves["mean_loss"]), len(steps))
        for key, values in curves.items():
            if values.shape != shape:
                raise UsageError(f"{key} has shape {values.shape}; with these steps it must be {shape}, a row a run")
            if (values < 0).any():
                raise UsageError(f"{key} holds {np.nanmin(values)}; losses, entropies and accuracies are >= 0")
        for label, step in times.items():
            if step not in steps:
                raise UsageError(f"the time {label!r} is {step}; choose one of the steps, {steps[0]} to {steps[-1]}")
        if set(parabola) != set(PARABOLA) or not np.isfinite(list(parabola.values())).all():
            raise UsageError(f"parabola is {parabola}; give finite numbers for {', '.join(PARABOLA)}")
        if not 0 <= guessing <= 1:
            raise UsageError(f"guessing is {guessing}; an accuracy is from 0 to 1")
        if not np.isfinite(threshold):
            raise UsageError(f"threshold is {threshold}; give a finite number, such as -5")
        placed = _cells(cells, families, shape[0])
        if placed and tuple(start) not in {(cell["hidden"], cell["ln_gamma"]) for cell in placed}:
            raise UsageError(f"start is {tuple(start)}; give hidden and ln_gamma of one of the {len(placed)} cells")
        given = {
            "name": name,
            "cells": placed,
            "start": [int(start[0]), float(start[1])],
            "steps": steps.tolist(),
            "runs": shape[0],
            "curves": {key: text_of(curves[key], "<f4") for key in ("mean_loss", "test_accuracy")},
            "entropies": {key: text_of(curves[key], "<f4") for key in entropy_change},
            "extrapolated": _flags(extrapolated or {}, entropy_change, shape),
            "times": {str(label): int(step) for label, step in times.items()},
            "families": {str(key): str(label) for key, label in families.items()},
            "parabola": {key: float(parabola[key]) for key in PARABOLA},
            "threshold": float(threshold),
            "guessing": float(guessing),
            "colours": _colours(colours),
            "caption": caption,
        }
        super().__init__(given, words=words, picture=picture)


def thin(steps, count, keep=()):
    """Positions of about `count` steps, evenly spread over ln(1 + t), with the first, the last and those of `keep`.

    >>> thin([0, 1, 2, 3, 10, 11, 12, 100], 4).tolist()
    [0, 3, 6, 7]
    """
    steps = np.asarray(steps)
    wanted = np.expm1(np.linspace(0, np.log1p(steps[-1]), count))
    near = [int(np.abs(np.log1p(steps) - np.log1p(t)).argmin()) for t in (*wanted, *keep)]
    return np.array(sorted({0, len(steps) - 1, *near}))


def _steps(steps):
    steps = np.asarray(steps)
    if steps.ndim != 1 or len(steps) < 2 or not (np.diff(steps) > 0).all() or steps[0] < 0:
        raise UsageError(
            f"steps are {steps.tolist()}; give two or more iterations, from 0 up, each later than the last"
        )
    return steps.astype(int)


def _flags(flags, definitions, shape):
    for key, values in flags.items():
        if key not in definitions or np.shape(values) != shape:
            raise UsageError(
                f"extrapolated has {key!r} of shape {np.shape(values)}; give a definition of entropy_change, "
                f"{', '.join(definitions)}, and the shape {shape}"
            )
    return {key: text_of(values, "u1") for key, values in flags.items()}


def _cells(cells, families, n_runs):
    found = [_cell(cell, families, n_runs) for cell in cells]
    seen = set()
    for cell in found:
        for family in cell["families"]:
            place = (family, cell["hidden"], cell["ln_gamma"])
            if place in seen:
                raise UsageError(f"the family {family!r} has two cells at hidden {place[1]} and ln_gamma {place[2]}")
            seen.add(place)
    return found


def _cell(cell, families, n_runs):
    missing = [key for key in _CELL if key not in cell]
    if missing:
        raise UsageError(f"a cell lacks {missing[0]!r}; each has {', '.join(_CELL)}")
    unknown = [family for family in cell["families"] if family not in families]
    if unknown or not cell["families"]:
        raise UsageError(f"a cell has the families {list(cell['families'])}; choose from {', '.join(families)}")
    numbers = {key: float(cell[key]) for key in ("ln_gamma", "learning_rate", "mobility")}
    whole = {key: int(cell[key]) for key in ("hidden", "size", "batch_size")}
    for key, value in (numbers | whole).items():
        if not np.isfinite(value) or (key != "ln_gamma" and value <= 0):
            raise UsageError(f"a cell has {key} {value}; it is a finite number above 0")
    return {
        **numbers,
        **whole,
        "families": list(cell["families"]),
        "grid": bool(cell["grid"]),
        "runs": [_run(run, n_runs) for run in cell["runs"]],
    }


def _run(run, n_runs):
    if set(run) != set(_RUN):
        raise UsageError(f"a run has {', '.join(run) or 'no keys'}; it has {', '.join(_RUN)}")
    if not 0 <= run["row"] < n_runs:
        raise UsageError(f"a run has row {run['row']}; the curves have rows 0 to {n_runs - 1}")
    return {key: None if run[key] is None else int(run[key]) for key in _RUN}


def _colours(colours):
    for theme in ("light", "dark"):
        stops = colours.get(theme, ())
        bad = [stop for stop in stops if not re.fullmatch(r"#[0-9a-fA-F]{6}", stop)]
        if len(stops) < 2 or bad:
            raise UsageError(f"colours[{theme!r}] holds {bad or list(stops)}; give two or more of the form '#1f2328'")
    return {theme: list(colours[theme]) for theme in ("light", "dark")}
