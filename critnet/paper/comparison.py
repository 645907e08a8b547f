"""Whether two files of results say the same: what was measured, apart from where and how long it was computed."""

import csv
from pathlib import Path
from typing import NamedTuple

import numpy as np

from critnet import archive

RELATIVE = 1e-4  # of a number, and at least the rounding of a 32-bit float of the largest number of its variable
SHARE_OF_COUNTS = 1e-3  # of the whole numbers of a variable that may be one off: a measured number lay on a threshold
# Columns, variables and attributes that say where, when and by what a result was computed.
PROVENANCE = (
    *("seconds", "device", "threads", "torch", "critnet", "code"),
    *("command", "configuration", "critnet_version", "libraries", "trained_with"),  # configuration_digest stays
)


class Comparison(NamedTuple):
    """`equal` to the last bit of every result; else the same `within` rounding or not; `words` say where they part."""

    equal: bool
    within: bool
    words: str = ""


def compare(one, other):
    """Compare two netCDF or CSV files of results; both folders need their manifests for netCDF.

    Whole numbers and text must be equal, but for SHARE_OF_COUNTS of the whole numbers of a variable; other numbers
    must agree to RELATIVE. Provenance (PROVENANCE, and what a file says of its making) does not count.
    """
    one, other = Path(one), Path(other)
    if one.read_bytes() == other.read_bytes():
        return Comparison(True, True)
    first, second = (_columns(p) if p.suffix == ".csv" else _variables(p) for p in (one, other))
    if first.keys() != second.keys():
        return Comparison(False, False, f"only one has {', '.join(sorted(first.keys() ^ second.keys()))}")
    parts = [(name, *_differ(first[name], second[name])) for name in first]
    bad = [f"{name} ({words})" for name, words, within in parts if words and not within]
    near = [f"{name} ({words})" for name, words, within in parts if words and within]
    return Comparison(not bad and not near, not bad, ", ".join(bad or near))


def _variables(path):
    data = archive.read(path)
    kept = {name: variable for name, variable in data.variables.items() if name not in PROVENANCE}
    about = {"attributes": {name: value for name, value in data.attrs.items() if name not in PROVENANCE}}
    about |= {f"attributes of {name}": variable.attrs for name, variable in kept.items()}
    arrays = {str(name): variable.values for name, variable in kept.items()}
    return arrays | {name: np.array([str(sorted(attrs.items()))]) for name, attrs in about.items()}


def _columns(path):
    """Columns of a table as numbers where every field is one, or empty, and as text otherwise."""
    with open(path, encoding="utf-8", newline="") as lines:
        head, *rows = csv.reader(lines)
    columns = {name: [row[i] if i < len(row) else "" for row in rows] for i, name in enumerate(head)}
    return {name: _numbers(fields) for name, fields in columns.items() if name not in PROVENANCE}


def _numbers(fields):
    try:
        values = np.array([float(text) if text else np.nan for text in fields])
    except ValueError:
        return np.array(fields, dtype=str)
    whole = all(text.lstrip("-").isdigit() for text in fields)
    return values.astype(np.int64) if whole and len(fields) else values


def _differ(one, other):
    """(where two arrays part, or nothing; whether that is rounding)."""
    if one.shape != other.shape or one.dtype.kind != other.dtype.kind:
        return f"shape {one.shape} and {other.shape}", False
    if one.dtype.kind not in "iuf":
        n = int((one != other).sum())
        return (f"{n} of {one.size}", False) if n else ("", True)
    a, b = one.astype(np.float64), other.astype(np.float64)
    same = (a == b) | (np.isnan(a) & np.isnan(b))
    if same.all():
        return "", True
    n = int((~same).sum())
    with np.errstate(invalid="ignore"):
        gap = np.where(same, 0.0, np.abs(a - b))
    gap[np.isnan(gap)] = np.inf  # a number where the other has none
    words = f"{n} of {one.size}, by up to {gap.max():.2g}"
    if one.dtype.kind != "f":
        return words, bool(gap.max() <= 1 and n <= SHARE_OF_COUNTS * one.size)
    largest = np.abs(b[np.isfinite(b)]).max(initial=0.0)
    return words, bool((gap <= RELATIVE * np.abs(b) + np.finfo(np.float32).eps * largest)[~same].all())
