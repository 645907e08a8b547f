"""The floor of everything: raw run files, checkpoints and committed results, whole, hashed and checked on reading."""

from critnet.archive.arrays import load_arrays, save_arrays
from critnet.archive.files import atomic_write, sweep
from critnet.archive.jsontext import dumps_json

__all__ = ["atomic_write", "dumps_json", "load_arrays", "save_arrays", "sweep"]
