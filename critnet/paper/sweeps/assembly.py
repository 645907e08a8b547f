"""Many reduced runs -> one Dataset, and back; runs reduced before are taken over where their raw runs are absent."""

from pathlib import Path

import joblib
import numpy as np
import xarray as xr

import critnet
from critnet import archive, program
from critnet.errors import CritnetError
from critnet.losses.deviations import DEFINITIONS as ENTROPIES
from critnet.paper.sweeps import layout
from critnet.training import runs
from critnet.training.catalogue import in_words
from critnet.training.datasets import training_labels

ROW_TYPES = {"row_size": np.int16, "row_count": np.int32}  # the other columns of the table fit into int8
FACTS = {
    "digest": "digest of the configuration",
    "hidden": "neurons in each hidden layer, h",
    "learning_rate": "learning rate",
    "batch_size": "batch size",
    "mobility": "learning rate over batch size",
    "init": "initialisation",
    "init_scale": "factor on the initial weights",
    "seed": "seed",
    "diverged_at": "iteration at which the loss stopped being finite; -1 if it never did",
    "code": "digest of the program that reduced the run",
}


def code_digest():
    """A digest of the modules that `reduce_run` is made of: the imports of its own, and theirs, within critnet.

    Runs reduced by another program are reduced again where their raw runs are at hand. A changed docstring or comment
    makes no other program (`critnet.program`).
    """
    folder = Path(critnet.__file__).parent / "paper" / "sweeps"
    start = [folder / f"{name}.py" for name in ("run", "correlated", "layout")]
    return program.digest(program.reached(start))[:16]


def assemble(configs, folders, committed, digits, *, order, jobs=1, fresh=False):
    """The runs of one schedule and length, in one Dataset with the dimension `run`.

    Parameters
    ----------
    configs, folders : runs that are finished here, and their folders
    committed : Dataset made before, or None
        Its runs are taken over, unless they are finished here and were reduced by another program.
    digits : the images and labels of the runs
    order : list of RunConfig
        All runs that may be in it, in the order they shall have.
    jobs : processes
    fresh : bool
        Reduce every run that is finished here, whatever `committed` holds.

    Returns
    -------
    xarray.Dataset
        The arrays of `layout.LAYOUT` with the dimension `run` in front, float32; the rows of the table one run after
        the other, `row_run` the position of their run. `FACTS` describe the runs.
    """
    code = code_digest()
    kept = {} if committed is None else disassemble(committed)
    here = {c: f for c, f in zip(configs, folders, strict=True)
            if fresh or kept.get(c.digest, {}).get("code") != code}  # fmt: skip
    measure = joblib.delayed(_reduced)
    found = joblib.Parallel(n_jobs=jobs)(measure(f, digits.images, digits.labels) for f in here.values())
    for config, (arrays, diverged_at) in zip(here, found, strict=True):
        kept[config.digest] = {"arrays": arrays, "diverged_at": diverged_at, "code": code}
    return _dataset([c for c in order if c.digest in kept], kept)


def _reduced(folder, images, labels):
    from critnet.paper.sweeps.run import reduce_run

    run = runs.open_run(folder)
    at = run.summary["diverged_at"]
    try:
        return reduce_run(run, images, training_labels(run.config, labels)), -1 if at is None else at
    except CritnetError as error:
        raise type(error)(f"{in_words(run.config)}, in {folder}: {error}") from error


def disassemble(data):
    """Digest -> {"arrays", "diverged_at", "code"} of a Dataset that `assemble` made."""
    result = {}
    for i, digest in enumerate(data["digest"].values):
        arrays = {}
        mine = data["row_run"].values == i
        for name, field in layout.LAYOUT.items():
            if field.dims == ("row",):
                arrays[name] = data[name].values[mine]
            else:
                arrays[name] = data[name].values if "run" not in data[name].dims else data[name].values[i]
        result[str(digest)] = {
            "arrays": arrays, "diverged_at": int(data["diverged_at"].values[i]), "code": str(data["code"].values[i]),
        }  # fmt: skip
    return result


def _dataset(configs, kept):
    variables = {}
    for name, field in layout.LAYOUT.items():
        about = {"units": field.units, "long_name": field.meaning}
        parts = [kept[c.digest]["arrays"][name] for c in configs]
        if name in ("step", "correlated_step"):  # one for all
            variables[name] = (field.dims, np.asarray(parts[0], np.int32), about)
        elif field.dims == ("row",):
            variables[name] = (field.dims, np.concatenate(parts).astype(ROW_TYPES.get(name, np.int8)), about)
        else:
            with np.errstate(over="ignore"):  # the variance of losses that are about to explode: infinite in float32
                variables[name] = (("run", *field.dims), np.stack(parts).astype(np.float32), about)
    lengths = [len(kept[c.digest]["arrays"]["row_size"]) for c in configs]
    variables["row_run"] = (
        ("row",), np.repeat(np.arange(len(configs)), lengths).astype(np.int16),
        {"units": "1", "long_name": "position of the run of this row"},
    )  # fmt: skip
    for name, text in FACTS.items():
        values = [kept[c.digest][name] if name in ("diverged_at", "code") else getattr(c, name) for c in configs]
        variables[name] = (("run",), np.array(values), {"long_name": text})
    values_of = {
        "quantile": layout.QUANTILES, "threshold": layout.THRESHOLDS, "definition": list(layout.DEFINITIONS),
        "graph": [" ".join(g) for g in layout.GRAPHS], "estimate": list(ENTROPIES),
        "observable": list(layout.OBSERVABLES), "binning": list(layout.BINNINGS), "end": ["low", "high"],
    }  # fmt: skip
    return xr.Dataset(variables, values_of, {"loss_threshold": layout.LOSS_THRESHOLD})


def read(path):
    """A Dataset written before, or None if there is none."""
    return archive.read(path) if Path(path).exists() else None
