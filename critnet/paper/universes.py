"""The multiverse of the ledger (LEDGER 4) as `critnet reduce universes` found it: data/universes.csv, and what it says.

A universe is a claim judged under one combination of the choices that it could be made by (`critnet.paper.multiverse`).
"""

import csv
import functools
import io
import math
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from critnet.errors import UsageError
from critnet.paper import results
from critnet.paper.rules import UNTESTABLE, VERDICTS
from critnet.statistics.explained import eta_squared

FILE = "universes.csv"


class Universe(NamedTuple):
    """A claim judged under one combination of choices; `why` says what cannot be tested in it."""

    id: str
    definition: str
    choices: Mapping[str, str]
    value: float
    low: float
    high: float
    n_runs: int
    verdict: str
    why: str = ""


def as_csv(rows):
    """The table as text."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(Universe._fields)
    for row in rows:
        numbers = ["" if x != x else f"{x:g}" for x in (row.value, row.low, row.high)]
        words = "; ".join(f"{name} = {option}" for name, option in row.choices.items())
        writer.writerow([row.id, row.definition, words, *numbers, row.n_runs, row.verdict, row.why])
    return text.getvalue()


def from_csv(text):
    """What `as_csv` wrote.

    >>> one = Universe("C07", "control", {"norm": "true"}, 31.0, 21.0, float("nan"), 5, "partly")
    >>> from_csv(as_csv([one]))[0].choices
    {'norm': 'true'}
    """
    return [from_line(line) for line in csv.DictReader(io.StringIO(text, newline=""))]


def from_line(line):
    """A universe from the fields of its line, texts or numbers; "" where there is none."""
    chosen = dict(part.split(" = ", 1) for part in line["choices"].split("; "))
    value, low, high = (math.nan if line[name] == "" else float(line[name]) for name in ("value", "low", "high"))
    key = line["id"], line["definition"], chosen
    return Universe(*key, value, low, high, int(line["n_runs"]), line["verdict"], line["why"])


def read():
    """The stored universes: dict of (claim, definition) to list; empty where the results have none."""
    path = results.folder() / FILE
    return _stored(path, path.stat().st_mtime_ns) if path.is_file() else {}


@functools.lru_cache(2)
def _stored(path, _changed):
    found: dict[tuple[str, str], list[Universe]] = {}
    for universe in from_csv(results.read_text(FILE)):
        found.setdefault((universe.id, universe.definition), []).append(universe)
    return found


class Shares(NamedTuple):
    """What became of a claim in its universes: their number, verdict to share, and the choice that explains most of the
    variance of the value with the share that it explains ("" and nan where the value never changes). `alone`: it is the
    only one made in more than one way, so that it explains all of any variance by construction."""

    n: int
    verdicts: dict
    decisive: str
    explained: float
    alone: bool = False

    def told(self):
        """The shares in words.

        >>> Shares(4, {"reproduced": 0.75, "partly": 0.25}, "norm", 0.9).told()
        '75 % reproduced, 25 % partly'
        """
        return ", ".join(f"{100 * share:.0f} % {verdict}" for verdict, share in self.verdicts.items())

    def words(self):
        """As a sentence.

        >>> Shares(4, {"reproduced": 0.75, "partly": 0.25}, "norm", 0.9).words()
        'of 4 universes 75 % reproduced, 25 % partly; the choice of norm explains 90 % of the variance of the value'
        >>> Shares(6, {"reproduced": 1.0}, "seeds", 1.0, alone=True).words()
        'of 6 universes 100 % reproduced; only the choice of seeds was made in more than one way'
        """
        if not self.decisive:
            rest = "the value is the same in all" + (" that can be tested" if UNTESTABLE in self.verdicts else "")
        elif self.alone:
            rest = f"only the choice of {self.decisive} was made in more than one way"
        else:
            rest = f"the choice of {self.decisive} explains {100 * self.explained:.0f} % of the variance of the value"
        return f"of {self.n} universes {self.told()}; {rest}"


def shares(universes):
    """Shares of the verdicts, and the decisive choice.

    Parameters
    ----------
    universes : list of Universe, of one claim in one definition, or in both

    Raises
    ------
    UsageError
        If there is none.

    >>> made = [Universe("C07", "control", {"norm": n, "seeds": s}, v, v, v, 5, "partly")
    ...         for n, v in (("true", 1.0), ("squared", 2.0)) for s in ("all", "some")]
    >>> shares(made)
    Shares(n=4, verdicts={'partly': 1.0}, decisive='norm', explained=1.0, alone=False)
    """
    if not universes:
        raise UsageError("there is no universe to take a share of; the claim has no choices in data/universes.csv")
    said = [u.verdict for u in universes]
    verdicts = {v: said.count(v) / len(said) for v in VERDICTS if v in said}
    known = [u for u in universes if math.isfinite(u.value)]
    explained = {}
    for name in universes[0].choices:
        options = [u.choices[name] for u in known]
        if len(set(options)) > 1:
            explained[name] = eta_squared(np.array([u.value for u in known]), options)
    explained = {name: share for name, share in explained.items() if share == share}  # nan: never changes
    decisive = max(explained, key=lambda name: explained[name], default="")
    made = [name for name in universes[0].choices if len({u.choices[name] for u in universes}) > 1]
    return Shares(len(said), verdicts, decisive, explained.get(decisive, math.nan), made == [decisive])


def of_row(identity, definition):
    """The stored universes of a claim in a definition.

    Raises
    ------
    UsageError
        If none are stored of it; the message names the claims that have some.
    """
    stored = read()
    if (identity, definition) not in stored:
        known = ", ".join(dict.fromkeys(name for name, _ in stored)) or "none"
        raise UsageError(f"no universes are stored of claim {identity!r} in {definition!r}; those with some: {known}")
    return stored[identity, definition]
