"""Committed results: netCDF-4 files that are checked before they are opened, and equal when their data are."""

import hashlib
import io
import math
import os
import platform
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import h5netcdf
import h5py
import numpy as np
import xarray as xr

import critnet
from critnet.archive.files import atomic_write
from critnet.archive.jsontext import dumps_json
from critnet.archive.manifest import verified_bytes, way_out
from critnet.archive.selfcontained import refuse_foreign
from critnet.errors import IntegrityError, UsageError

FORMAT = 1  # raised when the meaning of a stored file changes
REQUIRED = ("command", "configuration", "device", "threads")
_CHUNK = 1 << 20  # bytes
_RESERVED = {
    "_FillValue",
    "missing_value",
    "scale_factor",
    "add_offset",
    "dtype",
    "coordinates",
    "CLASS",
    "NAME",
    "DIMENSION_LIST",
    "REFERENCE_LIST",
    "DIMENSION_LABELS",
    "_nc3_strict",
    "_NCProperties",
    "_Netcdf4Dimid",
    "_Netcdf4Coordinates",
}  # they steer how a netCDF file is read
_RESERVED_NAME = re.compile(r"_nc4_non_coord_.*|\.|\.\.|", re.DOTALL)


def write(path: str | os.PathLike, dataset: xr.Dataset, *, attrs: Mapping[str, Any]) -> None:
    """Write results to a compressed netCDF-4 file; equal data give equal bytes.

    Variables and attributes are stored in order of their names, with no time of writing. `write_manifest`
    must follow before `read` accepts the file.

    Parameters
    ----------
    path : path
    dataset : Dataset
        Numbers (stored in the precision they come in), booleans and text; no times, no complex numbers.
    attrs : dict
        What the file was made from: ``configuration`` (one or a list), ``command``, ``device`` and ``threads``
        must be there. Lists and dicts are stored as canonical JSON. The rest is added unless given:
        ``configuration_digest``, ``critnet_version``, ``libraries``, ``license``, ``source``.

    Raises
    ------
    UsageError
        If a required attribute is missing, or a name, type or text cannot be stored.
    DataError
        If the file cannot be written. A file that was there before is untouched then.
    """
    missing = [name for name in REQUIRED if name not in attrs]
    if missing:
        raise UsageError(f"attrs lack {', '.join(missing)}; a result file records {', '.join(REQUIRED)}")
    everything = {**dataset.attrs, **_provenance(attrs), **attrs, "critnet_format": FORMAT}
    variables = {name: _variable(name, dataset.variables[name]) for name in sorted(dataset.variables, key=str)}
    coords = {name: variable for name, variable in variables.items() if name in dataset.coords}
    data = {name: variable for name, variable in variables.items() if name not in coords}
    canonical = xr.Dataset(data, coords, _attributes("the file", everything))
    buffer = io.BytesIO()
    encoding = {name: _encoding(variable) for name, variable in variables.items()}
    canonical.to_netcdf(buffer, engine="h5netcdf", format="NETCDF4", encoding=encoding)
    atomic_write(path, buffer.getvalue())


def read(path: str | os.PathLike, *, schema: Mapping[str, str] | None = None) -> xr.Dataset:
    """Read results into memory, after checking that they are what SHA256SUMS in their folder says.

    Parameters
    ----------
    path : path
    schema : dict, optional
        What the caller expects, as `describe` gives it.

    Raises
    ------
    DataError
        If the file is missing or cannot be read.
    IntegrityError
        If the file is altered, not in the manifest, stale, or reaches for anything outside itself. The message
        names the file and the next command.
    """
    path = Path(path)
    content = verified_bytes(path)
    refuse_foreign(content, path)
    try:
        with _open(content) as stored:
            dataset = stored.load()
    except (OSError, ValueError, KeyError, TypeError, RuntimeError) as error:
        raise IntegrityError(f"{path} is not a netCDF file that critnet wrote: {error}. {way_out(path)}") from error
    for name, variable in dataset.variables.items():
        if variable.dtype.kind not in "biufU":  # older xarray gives text as objects
            dataset[name] = variable.copy(data=variable.values.astype(str))
    problem = stale(dataset, schema)
    if problem:
        raise IntegrityError(f"{path} is {problem}. {way_out(path)}")
    return dataset


def describe(dataset: xr.Dataset) -> dict[str, str]:
    """The schema of a dataset: its variables with dtype, dimensions and units, but no lengths.

    >>> describe(xr.Dataset({"loss": ("step", np.zeros(3, "f4"), {"units": "nats"})}))
    {'loss': 'float32 (step) in nats'}
    """
    result = {}
    for name, variable in sorted(dataset.variables.items(), key=lambda item: str(item[0])):
        dtype = str(variable.dtype) if variable.dtype.kind in "biuf" else "text"
        units = f" in {variable.attrs['units']}" if "units" in variable.attrs else ""
        result[str(name)] = f"{dtype} ({', '.join(map(str, variable.dims))}){units}"
    return result


def stale(dataset: xr.Dataset, schema: Mapping[str, str] | None = None) -> str | None:
    """How a stored dataset differs from what this code reads: the format version and the schema, or None."""
    differences = []
    recorded = dataset.attrs.get("critnet_format")
    if recorded != FORMAT:
        differences.append(f"format {'unknown' if recorded is None else recorded}, this critnet reads format {FORMAT}")
    if schema is not None:
        found = describe(dataset)
        for name in sorted({*found, *schema}):
            if found.get(name) != schema.get(name):
                differences.append(f"{name}: {found.get(name, 'missing')}, expected {schema.get(name, 'nothing')}")
    return "stale: " + "; ".join(differences) if differences else None


def load_schema(content: bytes) -> xr.Dataset:
    """Names, types and attributes of a netCDF file in memory, its data unread."""
    with _open(content) as stored:
        return stored.copy()


def _open(content: bytes) -> xr.Dataset:
    return xr.open_dataset(io.BytesIO(content), engine="h5netcdf", decode_times=False, mask_and_scale=False)


def _provenance(attrs: Mapping[str, Any]) -> dict[str, Any]:
    libraries = {
        "python": platform.python_version(),
        "numpy": np.__version__,
        "xarray": xr.__version__,
        "h5netcdf": h5netcdf.__version__,
        "h5py": h5py.__version__,
        "hdf5": h5py.version.hdf5_version,
    }
    return {
        "configuration_digest": hashlib.sha256(dumps_json(attrs["configuration"]).encode()).hexdigest(),
        "critnet_version": critnet.__version__,
        "libraries": libraries,
        "license": "CC BY 4.0",
        "source": "arXiv:2509.00107",
    }


def _variable(name: Any, variable: xr.Variable) -> xr.Variable:
    _check_text(name, "variable name", slash=False)
    for dimension in variable.dims:
        _check_text(dimension, "dimension name", slash=False)
    values = np.asarray(variable.values)
    if values.dtype.kind in "OT" and all(isinstance(item, str) for item in values.flat):
        values = values.astype(str)
    if values.dtype.kind not in "biufU" or (values.dtype.itemsize > 8 and values.dtype.kind != "U"):
        raise UsageError(
            f"variable {name!r} has dtype {values.dtype}; numbers up to 64 bits, booleans and text can be stored"
        )
    if values.dtype.kind == "U":
        for item in values.flat:
            _check_text(str(item), f"text in {name!r}", empty=True)
    return xr.Variable(variable.dims, values, _attributes(f"variable {name!r}", variable.attrs))


def _attributes(owner: str, attrs: Mapping[Any, Any]) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for name in sorted(attrs, key=str):
        _check_text(name, f"attribute name of {owner}")
        if name in _RESERVED:
            raise UsageError(f"{owner} has an attribute {name!r}, which netCDF keeps for itself; choose another name")
        value = attrs[name]
        numeric = isinstance(value, int | float | np.generic | np.ndarray) and np.asarray(value).dtype.kind in "iuf"
        if not numeric:
            value = value if isinstance(value, str) else dumps_json(value)
            _check_text(value, f"attribute {name!r} of {owner}", empty=True)
        result[name] = value
    return result


def _check_text(text: Any, what: str, *, slash: bool = True, empty: bool = False) -> None:
    if not isinstance(text, str):
        raise UsageError(f"{what} {text!r} is a {type(text).__name__}, not text")
    if "\0" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
        raise UsageError(f"{what} {text!r} holds a null character or half a character, which netCDF cannot store")
    if (not text and not empty) or (not slash and ("/" in text or _RESERVED_NAME.fullmatch(text))):
        raise UsageError(f"{what} {text!r} cannot be stored in netCDF; use a name without '/'")


def _encoding(variable: xr.Variable) -> dict[str, Any]:
    encoding: dict[str, Any] = {"_FillValue": None}
    if variable.dtype.kind in "biuf" and variable.ndim and variable.size:
        encoding.update(zlib=True, shuffle=True, complevel=4, chunksizes=_chunks(variable.shape, variable.dtype))
    return encoding


def _chunks(shape: tuple[int, ...], dtype: np.dtype) -> tuple[int, ...]:
    """Whole trailing axes, as many as fit into one chunk; fixed here, so that no library version decides.

    >>> _chunks((495, 110, 110), np.dtype("f4"))
    (21, 110, 110)
    """
    chunks = list(shape)
    for axis in range(len(shape)):
        rest = math.prod(chunks[axis + 1 :]) * dtype.itemsize
        chunks[axis] = max(1, min(shape[axis], _CHUNK // rest))
        if chunks[axis] > 1:
            break
    return tuple(chunks)
