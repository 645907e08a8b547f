"""The networks at the end of their training: data/weights.nc."""

import joblib
import numpy as np
import xarray as xr

from critnet.errors import DataError
from critnet.paper.experiments import named
from critnet.training import runs
from critnet.training.mlp import parameter_count, unflatten

EXPERIMENTS = ("anchor", "inits", "sizes", "batches", "rates")
WIDEST = 100  # of the other seeds than 0: networks of h = 500 take 2.6 MB each


def kept():
    """The runs whose networks are in data/weights.nc, in order."""
    return [c for c in named(EXPERIMENTS) if c.seed == 0 or c.hidden <= WIDEST]


def weights(configs, folders, committed, *, order, jobs=1):
    """All parameters of the runs that did not diverge, at their last iteration, float32 as trained.

    Parameters
    ----------
    configs, folders : runs that are finished here, and their folders
    committed : Dataset made before, or None
        Its runs are taken over where they are not finished here.
    order : list of RunConfig
        All runs that may be in it, in the order they shall have.
    jobs : processes

    Returns
    -------
    xarray.Dataset
        `parameter`: the networks one after the other, each flat in the order of critnet.training.mlp; `digest`,
        `hidden` and `start`, the position of its first parameter, of each run. Runs that end with the same bits share
        them.
    """
    found = {} if committed is None else {d: flat_of(committed, d) for d in committed["digest"].values.astype(str)}
    here = joblib.Parallel(n_jobs=jobs)(joblib.delayed(_final)(f) for f in folders)
    found |= {c.digest: vector for c, vector in zip(configs, here, strict=True)}
    chosen = [c for c in order if found.get(c.digest) is not None]
    place: dict[bytes, int] = {}  # where each network starts; one that two runs end with is stored once
    vectors, end = [], 0
    for c in chosen:
        vector = found[c.digest]
        if vector.tobytes() not in place:
            place[vector.tobytes()] = end
            vectors.append(vector)
            end += vector.size
    return xr.Dataset(
        {
            "parameter": (
                ("position",), np.concatenate(vectors),
                {"units": "1", "long_name": "weights and biases at the last iteration, run after run", "D": "D1"},
            ),
            "start": (
                ("run",), np.array([place[found[c.digest].tobytes()] for c in chosen], np.int32),
                {"units": "1", "long_name": "position of the first parameter of the run"},
            ),
            "digest": (("run",), [c.digest for c in chosen], {"long_name": "digest of the configuration"}),
            "hidden": (("run",), np.array([c.hidden for c in chosen], np.int32), {"long_name": "neurons a layer, h"}),
        }
    )  # fmt: skip


def _final(folder):
    from critnet.paper.sweeps.run import final_weights

    return final_weights(runs.open_run(folder))


def flat_of(data, digest):
    """The parameters of one run, shape (n_parameters,), float32.

    Raises
    ------
    DataError
        If the run is not in the file: it diverged, or was not run.
    """
    digests = list(data["digest"].values.astype(str))
    if digest not in digests:
        raise DataError(f"no weights of run {digest} are stored: it diverged or was not run; see data/runs.csv")
    place = digests.index(digest)
    start = int(data["start"].values[place])
    return data["parameter"].values[start : start + parameter_count(int(data["hidden"].values[place]))]


def network(data, digest):
    """The network of one run at its end, a dict W1, b1, W2, b2, W3, b3."""
    return unflatten(flat_of(data, digest), int(data["hidden"].values[list(data["digest"].values).index(digest)]))
