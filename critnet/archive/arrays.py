"""A self-verifying container for named arrays: raw runs and checkpoints.

One header line ``critnet-arrays <version> <sha256>``, then an uncompressed npz with one member an array and
``meta.json``. The hash covers the version and everything after the header line, and is checked before anything
is parsed. Behind the line lies a plain npz: ``file.readline(); np.load(file)`` opens it without this package.
"""

import hashlib
import io
import json
import math
import os
import re
import zipfile
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, unquote

import numpy as np

from critnet.archive.files import atomic_write, read_bytes
from critnet.archive.jsontext import dumps_json
from critnet.errors import DataError, IntegrityError, UsageError

CONTAINER_VERSION = 1
_HEADER = re.compile(rb"critnet-arrays (0|[1-9][0-9]{0,8}) ([0-9a-f]{64})\n")
_KINDS = "biufcSUmM"  # numpy kinds that are plain bytes: no objects, no structures
_NPY = re.compile(  # what numpy writes before the numbers of such an array, and nothing else
    rb"\x93NUMPY\x01\x00..\{'descr': '([<>|][biufcSUmM][0-9]{1,9}(?:\[[A-Za-z0-9]+\])?)', "
    rb"'fortran_order': False, 'shape': \(([0-9, ]*)\), \} *\n",
    re.DOTALL,
)
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest time a zip file can hold; the same in every file


def save_arrays(path: str | os.PathLike, arrays: Mapping[str, np.ndarray], meta: Mapping[str, Any]) -> None:
    """Save named arrays and what belongs to them in one file; equal input gives equal bytes.

    Parameters
    ----------
    path : path
    arrays : dict of str to array
        Any shape; numbers, booleans, fixed-width text or times. Names are any text.
    meta : dict of plain data
        Kept as canonical JSON (`dumps_json`): non-finite numbers come back as None, tuples as lists.

    Raises
    ------
    UsageError
        For an array of Python objects or structures, or meta that is not plain data.
    DataError
        If the file cannot be written. A file that was there before is untouched then.
    """
    stored = {name: _storable(name, array) for name, array in arrays.items()}
    payload = io.BytesIO()
    with zipfile.ZipFile(payload, "w", zipfile.ZIP_STORED) as archive:
        with archive.open(_member("meta.json"), "w") as file:
            file.write(dumps_json(dict(meta)).encode())
        for name in sorted(stored):
            with archive.open(_member(quote(name, safe="") + ".npy"), "w", force_zip64=True) as file:
                np.lib.format.write_array(file, stored[name], allow_pickle=False)
    content = payload.getbuffer()
    header = f"critnet-arrays {CONTAINER_VERSION} {_digest(CONTAINER_VERSION, content)}\n".encode()
    atomic_write(path, lambda file: (file.write(header), file.write(content)))


def load_arrays(path: str | os.PathLike) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Load what `save_arrays` saved.

    Returns
    -------
    arrays : dict of str to array
        In order of their names; each writable and in memory.
    meta : dict

    Raises
    ------
    DataError
        If the file is missing or unreadable, or of another format version; both versions are named.
    IntegrityError
        If the file is truncated, altered, or not such a container.
    """
    content = read_bytes(path)
    header = _HEADER.match(content)
    if header is None:
        raise IntegrityError(
            f"{os.fspath(path)} is damaged or not a critnet array file: its first line is wrong. "
            "Delete it; the run continues from its last good file or starts again"
        )
    version, payload = int(header[1]), memoryview(content)[header.end() :]
    if _digest(version, payload) != header[2].decode():
        raise IntegrityError(
            f"{os.fspath(path)} is truncated or altered: its content does not have the hash in its "
            "first line. Delete it; the run continues from its last good file or starts again"
        )
    if version != CONTAINER_VERSION:
        age = "older" if version < CONTAINER_VERSION else "newer"
        raise DataError(
            f"{os.fspath(path)} has array format {version}, {age} than the format {CONTAINER_VERSION} "
            "this version of critnet reads; use the critnet that wrote it, or delete it and run again"
        )
    try:
        return _unpack(payload)
    except (ValueError, TypeError, LookupError, EOFError, RuntimeError, zipfile.BadZipFile) as error:
        raise IntegrityError(f"{os.fspath(path)} was not written by critnet and is not opened: {error}") from error


def _storable(name: str, array: np.ndarray) -> np.ndarray:
    if not isinstance(name, str):
        raise UsageError(f"array name {name!r} is a {type(name).__name__}; names are text")
    array = np.asarray(array, order="C")  # one memory layout, so that equal arrays give equal bytes
    if array.dtype.kind not in _KINDS:
        raise UsageError(f"array {name!r} has dtype {array.dtype}; numbers, fixed-width text and times can be saved")
    return array


def _member(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, date_time=_EPOCH)
    info.create_system = 3  # Unix, whatever wrote it
    info.external_attr = 0o600 << 16
    return info


def _digest(version: int, payload: bytes | memoryview) -> str:
    digest = hashlib.sha256(f"critnet-arrays {version}\n".encode())
    digest.update(payload)
    return digest.hexdigest()


def _unpack(payload: memoryview) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Read the npz; a hash is no defence against a file made with intent, so nothing in it is believed."""
    with zipfile.ZipFile(io.BytesIO(payload)) as archive:
        members = archive.infolist()
        if any(member.compress_type != zipfile.ZIP_STORED for member in members):
            raise ValueError("it has compressed members")
        if sum(member.file_size for member in members) > len(payload):
            raise ValueError("its members claim more bytes than the file has")
        if len({member.filename for member in members}) != len(members):
            raise ValueError("two of its members have the same name")
        meta = json.loads(archive.read("meta.json"))
        if not isinstance(meta, dict):
            raise ValueError("its meta data is not a JSON object")
        arrays = {}
        for member in members:
            if member.filename != "meta.json":
                if not member.filename.endswith(".npy"):
                    raise ValueError(f"it has a member {member.filename!r} that is no array")
                arrays[unquote(member.filename[:-4])] = _array(archive.read(member))
    return arrays, meta


def _array(content: bytes) -> np.ndarray:
    """An npy file as an array, without unpickling, evaluating or allocating more than the file holds."""
    header = _NPY.match(content)
    if header is None:
        raise ValueError("an array has a header that is never written")
    dtype = np.dtype(header[1].decode())
    shape = tuple(int(length) for length in header[2].split(b",") if length.strip())
    if math.prod(shape) * dtype.itemsize != len(content) - header.end():
        raise ValueError(f"an array claims shape {shape}, which its bytes do not fill")
    return np.frombuffer(content, dtype, math.prod(shape), header.end()).reshape(shape).copy()
