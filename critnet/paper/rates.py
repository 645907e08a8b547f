"""How often the rule of each claim errs, as `critnet reduce errors` found it once: data/errors.csv."""

import csv
import functools
import io
from typing import NamedTuple

from critnet.paper import results
from critnet.statistics.error_rates import ALLOWED

FILE = "errors.csv"


class Rates(NamedTuple):
    """One line of the table: a claim in a definition, and how often its rule errs at that number of runs.

    `false_reproduce` is the share of barely false worlds of which the rule says *reproduced*, `false_refute` that of
    barely true ones of which it says *not reproduced*; both nan where no world can be simulated. `world` says what was
    simulated, or why nothing was.
    """

    id: str
    definition: str
    n_runs: int
    false_reproduce: float
    false_refute: float
    world: str

    @property
    def known(self):
        """Whether there is a number."""
        return self.false_reproduce == self.false_reproduce

    @property
    def marked(self):
        """Whether the rule says *reproduced* in more than 5 % of the false worlds; LEDGER 5."""
        return self.false_reproduce > ALLOWED

    def words(self):
        """The rates as a sentence.

        >>> Rates("C07", "control", 5, 0.03125, 0.0, "edges at 2").words()
        'the rule errs in 3.1 % of barely false worlds and in 0 % of barely true ones'
        >>> Rates("C07", "control", 0, float("nan"), float("nan"), "not judged").words()
        'how often the rule errs is not known: not judged'
        """
        if not self.known:
            return f"how often the rule errs is not known: {self.world}"
        mark = ", which is more than 5 % of the false" if self.marked else ""
        false, true = (f"{100 * rate:.2g} %" for rate in (self.false_reproduce, self.false_refute))
        return f"the rule errs in {false} of barely false worlds and in {true} of barely true ones{mark}"


def as_csv(rows):
    """The table as text; shares to four decimals, empty fields where no world was simulated."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(Rates._fields)
    writer.writerows([v if isinstance(v, str | int) else f"{v:.4f}" if v == v else "" for v in row] for row in rows)
    return text.getvalue()


def from_csv(text):
    """What `as_csv` wrote: dict of (claim, definition) to Rates.

    >>> row = Rates("C07", "control", 5, 0.03125, float("nan"), "a, b")
    >>> from_csv(as_csv([row]))["C07", "control"].false_reproduce
    0.0312
    """
    found = {}
    for line in csv.DictReader(io.StringIO(text, newline="")):
        false, true = (float(line[name] or "nan") for name in ("false_reproduce", "false_refute"))
        key = line["id"], line["definition"]
        found[key] = Rates(*key, int(line["n_runs"]), false, true, line["world"])
    return found


def read():
    """The stored table, as from `from_csv`; empty where results have none, as those that are being made."""
    path = results.folder() / FILE
    return _stored(path, path.stat().st_mtime_ns) if path.is_file() else {}


@functools.lru_cache(2)
def _stored(path, _changed):
    return from_csv(results.read_text(FILE))
