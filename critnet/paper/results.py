"""The committed results, read once a process and only after their checksums hold."""

import functools
import io
import json
import os
from pathlib import Path

import critnet
from critnet import archive
from critnet.errors import DataError

TABLES = ("runs", "tails", "universes")  # .csv; all others are .nc


def folder() -> Path:
    """The folder of results: $CRITNET_RESULTS, else data/ of the checkout, else data/ here."""
    given = os.environ.get("CRITNET_RESULTS")
    if given:
        return archive.named(given)
    checkout = Path(critnet.__file__).parents[1] / "data"
    return checkout if checkout.is_dir() else Path("data")


def present() -> Path:
    """The folder of results, or a DataError that says how to get one: installed alone, the package has none."""
    if folder().is_dir():
        return folder()
    raise DataError(
        f"there are no results in {folder()}: they are not part of the installed package. Get a checkout of the "
        "project and name its data/ in CRITNET_RESULTS, or make them with `critnet reduce`"
    )


def schemas() -> dict[str, dict[str, str]]:
    """What this version of the code reads, by file name: each variable with its type, dimensions and unit."""
    here = Path(__file__).parent
    named = {p: f"{p.parent.name}.nc" for p in here.glob("*/schema.json")}
    named |= {p: f"{p.name.removesuffix('.schema.json')}.nc" for p in here.glob("*/*.schema.json")}
    return {name: json.loads(p.read_text(encoding="utf-8")) for p, name in sorted(named.items())}


@functools.lru_cache(maxsize=16)
def _load(path):
    return archive.read(path, schema=schemas().get(path.name))


@functools.lru_cache(maxsize=4)
def _table(path):
    import pandas as pd

    return pd.read_csv(io.StringIO(_text(path)), dtype={"digest": str})


def _text(path):
    return archive.verified_bytes(_there(path)).decode()


def _there(path):
    if not path.exists():
        present()
        raise DataError(f"{path} is missing. {archive.way_out(path)}")
    return path


def read_text(file):
    """A text file of the results, once its checksum holds; errors as for `load`."""
    return _text(folder() / file)


def load(name):
    """One results file as an xarray.Dataset, for example load("fig1"); those in TABLES are tables, each a DataFrame.

    Raises
    ------
    DataError
        If there is no such file; the message says how to make it.
    IntegrityError
        If it is not the file that data/SHA256SUMS describes, or has another layout than this version reads.
    """
    if name in TABLES:
        return _table(folder() / f"{name}.csv")
    return _load(_there(folder() / f"{name}.nc"))


def load_all(names):
    """One results file, or, for a tuple of names, a dict of name to results file."""
    return load(names) if isinstance(names, str) else {name: load(name) for name in names}
