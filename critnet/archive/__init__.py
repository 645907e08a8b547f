"""The floor of everything: raw run files, checkpoints and committed results, whole, hashed and checked on reading."""

from critnet.archive.arrays import load_arrays, save_arrays
from critnet.archive.files import atomic_write, sweep
from critnet.archive.jsontext import dumps_json
from critnet.archive.manifest import read_manifest, verified_bytes, way_out, write_manifest
from critnet.archive.netcdf import describe, read, write
from critnet.archive.places import cache_folder, named
from critnet.archive.runlock import holder, lock
from critnet.archive.verify import verify

__all__ = [
    "atomic_write",
    "cache_folder",
    "describe",
    "dumps_json",
    "holder",
    "load_arrays",
    "lock",
    "named",
    "read",
    "read_manifest",
    "save_arrays",
    "sweep",
    "verified_bytes",
    "verify",
    "way_out",
    "write",
    "write_manifest",
]
