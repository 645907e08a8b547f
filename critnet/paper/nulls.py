"""What the measure of a claim gives where its sentence is false, as `critnet reduce nulls` found it: data/nulls.csv."""

import csv
import functools
import io

from critnet.paper import results
from critnet.paper.measured import Number

FILE = "nulls.csv"


def from_csv(text):
    """Dict of (claim, definition) to {world: Number}.

    >>> one = "id,definition,world,value,low,high,interval_kind,n\\nC07,control,all is noise,3,,,none,2\\n"
    >>> from_csv(one)["C07", "control"]["all is noise"].value
    3.0
    """
    found: dict[tuple[str, str], dict[str, Number]] = {}
    for line in csv.DictReader(io.StringIO(text, newline="")):
        value = float(line["value"])
        low, high = (float(line[end]) if line[end] else value for end in ("low", "high"))
        number = Number(value, low, high, line["interval_kind"], int(line["n"]))
        found.setdefault((line["id"], line["definition"]), {})[line["world"]] = number
    return found


def read():
    """The stored nulls, as from `from_csv`; empty where results have none, as those that are being made."""
    path = results.folder() / FILE
    return _stored(path, path.stat().st_mtime_ns) if path.is_file() else {}


@functools.lru_cache(2)
def _stored(path, _changed):
    return from_csv(results.read_text(FILE))
