"""The networks at the end of their training: data/weights.nc."""

import joblib
import numpy as np
import xarray as xr

from critnet.errors import DataError
from critnet.training import runs
from critnet.training.mlp import parameter_count, unflatten

EXPERIMENTS = ("anchor", "inits", "sizes", "batches", "rates")


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
        `parameter`: the runs one after the other, each flat in the order of critnet.training.mlp; `digest` and `hidden`
        of each run.
    """
    found = {} if committed is None else {d: flat_of(committed, d) for d in committed["digest"].values.astype(str)}
    here = joblib.Parallel(n_jobs=jobs)(joblib.delayed(_final)(f) for f in folders)
    found |= {c.digest: vector for c, vector in zip(configs, here, strict=True)}
    chosen = [c for c in order if found.get(c.digest) is not None]
    return xr.Dataset(
        {
            "parameter": (
                ("position",), np.concatenate([found[c.digest] for c in chosen]),
                {"units": "1", "long_name": "weights and biases at the last iteration, run after run", "D": "D1"},
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
    counts = [parameter_count(int(h)) for h in data["hidden"].values]
    start = sum(counts[: digests.index(digest)])
    return data["parameter"].values[start : start + counts[digests.index(digest)]]


def network(data, digest):
    """The network of one run at its end, a dict W1, b1, W2, b2, W3, b3."""
    return unflatten(flat_of(data, digest), int(data["hidden"].values[list(data["digest"].values).index(digest)]))
