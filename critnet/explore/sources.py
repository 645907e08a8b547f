"""Which source code a picture depends on, as one digest: the key of the frame cache."""

import contextlib
import hashlib
import importlib.metadata
import json
import platform
import sys
from pathlib import Path

import cloudpickle
import joblib

from critnet import program

_DRAWS = ("matplotlib", "numpy", "pillow", "scipy", "networkx", "xarray", "pandas")  # what can change a picture


def code_digest(function):
    """Digest of the program a function depends on within its own package.

    The modules a function's module imports, directly or through others of the same top-level package, are found by
    reading their import statements (inside functions too), so that a change elsewhere leaves the digest alone, and so
    does one of comments, docstrings or layout (`critnet.program`). The style sheets of the package belong to it.
    A function without an importable name (a lambda, a closure, one defined in a notebook) is taken by value, with
    the critnet modules it refers to.

    Returns
    -------
    str, 64 hexadecimal digits.
    """
    found = hashlib.sha256(getattr(function, "__qualname__", "").encode())
    module = sys.modules.get(getattr(function, "__module__", None) or "")
    file = getattr(module, "__file__", None)
    start = [Path(file).resolve()] if file else []
    if module is None or _by_name(module, function) is not function or module.__name__ == "__main__":
        found.update(cloudpickle.dumps(function))
        start += Path(__file__).resolve().parents[1].rglob("*.py")
    files = program.reached(start)
    packages = {program.base_of(path) / path.relative_to(program.base_of(path)).parts[0] for path in files}
    sheets = (sheet for folder in packages if folder.is_dir() for sheet in folder.rglob("*.mplstyle"))
    found.update(program.digest(files.union(sheets)).encode())
    return found.hexdigest()


def environment():
    """Versions of what draws: Python and the plotting libraries installed."""
    versions = {"python": platform.python_version()}
    for name in _DRAWS:
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            versions[name] = importlib.metadata.version(name)
    return versions


def content_digest(value):
    """Digest of plain data: text, numbers, arrays, tables, labelled arrays (xarray), and containers of them.

    It depends on what is in the data alone, not on the process or on what has been done with them.

    >>> content_digest({"a": [1, 2]}) == content_digest({"a": [1, 2]}) != content_digest({"a": [1, 3]})
    True
    """
    return joblib.hash(_plain(value), hash_name="sha1")


def _plain(value):
    """Labelled arrays as their names, dimensions, values and attributes: their pickle also holds what they cached."""
    if isinstance(value, dict):
        return {key: _plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    if hasattr(value, "variables") and hasattr(value, "data_vars"):
        named = {str(name): (list(v.dims), v.values, dict(v.attrs)) for name, v in value.variables.items()}
        return ["Dataset", named, dict(value.attrs)]
    if hasattr(value, "dims") and hasattr(value, "coords"):
        return [
            "DataArray",
            str(value.name),
            list(value.dims),
            value.values,
            dict(value.attrs),
            {str(name): c.values for name, c in value.coords.items()},
        ]
    return value


def key_digest(parts):
    """One key from a JSON-able dict."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True, allow_nan=False).encode()).hexdigest()


def _by_name(module, function):
    thing = module
    for part in getattr(function, "__qualname__", "").split("."):
        thing = getattr(thing, part, None)
    return thing
