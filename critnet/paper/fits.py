"""The power laws that panels and claims of Figs 1f-h and 2g ask for, each fitted once by `reduce`: data/fits.csv.

A fit is filed under a digest of all that decides it, the counts first of all, so that nothing is taken for a fit of
something else: what is not in the table, as made-up data or a control that no chapter offers, is fitted when asked for.
"""

import contextlib
import contextvars
import csv
import functools
import hashlib
import io
from typing import Any, NamedTuple

import numpy as np

from critnet.paper import results
from critnet.statistics.likelihoods import RIVALS
from critnet.statistics.tails import TailFit

FILE = "fits.csv"
NUMBERS = ("alpha", "error", "x_min", "x_max", "n_tail", "distance", "p_value", "decades")
COLUMNS = ("key", "about", *NUMBERS, *(f"{name}_{rival}" for rival in RIVALS for name in ("ratio", "ratio_p")))
_record: contextvars.ContextVar[dict | None] = contextvars.ContextVar("record", default=None)


class Asked(NamedTuple):
    """What was fitted, in words, and the fit; None where there is no such tail."""

    about: str
    fit: TailFit | None


def key_of(rule, where, number, **options):
    """Name of a fit: the first 16 hexadecimal digits of a digest of all that decides it.

    Parameters
    ----------
    rule : str, how it is fitted
    where, number : arrays, the cells and their counts; cells count in single precision, in which they are stored
    options : numbers and None

    >>> key_of("bins", [1, 2], [3.0]) == key_of("bins", [1, 2], [3]) != key_of("bins", [1, 2], [4])
    True
    """
    found = hashlib.sha256(f"{rule} {sorted(options.items())}".encode())
    for values, kind in ((where, "<f4"), (number, "<f8")):
        array = np.asarray(values).astype(kind)
        found.update(f"{array.shape}".encode() + array.tobytes())
    return found.hexdigest()[:16]


def once(key, about, fit):
    """The stored fit of a key, or what `fit` gives; while a record is kept always the latter, which is noted.

    Parameters
    ----------
    key : as from `key_of`
    about : str, what is fitted, in words
    fit : function without arguments to a TailFit or None
    """
    record = _record.get()
    if record is None:
        path = results.folder() / FILE
        stored = _stored(path, path.stat().st_mtime_ns) if path.is_file() else {}
        if key in stored:
            return stored[key].fit
    found = fit()
    if record is not None:
        record[key] = Asked(about, found)
    return found


@contextlib.contextmanager
def recording():
    """Fit all that is asked for within this context anew; gives a dict of key to `Asked` that fills as it is asked."""
    token = _record.set({})
    try:
        yield _record.get()
    finally:
        _record.reset(token)


def as_csv(record):
    """The table as text, in the order of the words; numbers to the last bit, empty fields where there is no tail."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for key, (about, fit) in sorted(record.items(), key=lambda item: (item[1].about, item[0])):
        writer.writerow([key, about, *([""] * (len(COLUMNS) - 2) if fit is None else _numbers(fit))])
    return text.getvalue()


def _numbers(fit):
    numbers = [getattr(fit, name) for name in NUMBERS]
    return [repr(float(v)) for v in numbers] + [
        repr(float(each[rival])) for rival in RIVALS for each in (fit.ratio, fit.ratio_p)
    ]


def from_csv(text):
    """What `as_csv` wrote."""
    rows = csv.DictReader(io.StringIO(text))
    return {row["key"]: Asked(row["about"], _fit(row)) for row in rows}


def _fit(row):
    if not row["alpha"]:
        return None
    numbers: dict[str, Any] = {name: float(row[name]) for name in NUMBERS}
    ratio, ratio_p = ({rival: float(row[f"{name}_{rival}"]) for rival in RIVALS} for name in ("ratio", "ratio_p"))
    return TailFit(**numbers | {"n_tail": int(numbers["n_tail"])}, ratio=ratio, ratio_p=ratio_p)


@functools.lru_cache(4)
def _stored(path, _changed):
    return from_csv(results.read_text(FILE))
