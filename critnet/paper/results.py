"""The committed results, read once a process and only after their checksums hold."""

import functools
import json
import os
from pathlib import Path

import critnet
from critnet import archive
from critnet.errors import DataError


def folder() -> Path:
    """The folder of results: $CRITNET_RESULTS, else data/ of the checkout, else data/ here."""
    given = os.environ.get("CRITNET_RESULTS")
    if given:
        return Path(given)
    checkout = Path(critnet.__file__).parents[1] / "data"
    return checkout if checkout.is_dir() else Path("data")


def schemas() -> dict[str, dict[str, str]]:
    """What this version of the code reads, by file name: each variable with its type, dimensions and unit."""
    here = Path(__file__).parent
    return {
        f"{p.parent.name}.nc": json.loads(p.read_text(encoding="utf-8")) for p in sorted(here.glob("*/schema.json"))
    }


@functools.lru_cache(maxsize=8)
def _load(path):
    return archive.read(path, schema=schemas().get(path.name))


def load(name):
    """One results file as an xarray.Dataset, for example load("fig1").

    Raises
    ------
    DataError
        If there is no such file; the message says how to make it.
    IntegrityError
        If it is not the file that data/SHA256SUMS describes, or has another layout than this version reads.
    """
    path = folder() / f"{name}.nc"
    if not path.exists():
        raise DataError(f"{path} is missing; restore it with `git checkout -- data`, or make it with `critnet reduce`")
    return _load(path)
