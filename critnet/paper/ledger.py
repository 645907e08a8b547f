"""The ledger: each testable sentence of the paper with what was measured and a verdict that code has reached."""

import csv
import importlib
import io
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from critnet import archive
from critnet.errors import UsageError

REPRODUCED, PARTLY, NOT, UNTESTABLE = "reproduced", "partly", "not reproduced", "not testable"
FIGURES = ("fig1",)


class Measured(NamedTuple):
    """What a claim function returns: one value a run, and the verdict its rule gives."""

    values: ArrayLike
    verdict: str
    note: str = ""


class Claim(NamedTuple):
    """A sentence of the paper and the function that measures it: (Dataset, definition) -> Measured."""

    id: str
    section: str
    panel: str
    claim: str
    paper_value: str
    rule: str
    measure: Callable
    definitions: tuple = ("as-coded", "control")


class Row(NamedTuple):
    """One line of the ledger; low and high are the range over the runs."""

    id: str
    section: str
    panel: str
    claim: str
    paper_value: str
    definition: str
    value: float
    low: float
    high: float
    n_runs: int
    verdict: str
    rule: str
    note: str


def verdict(reproduced, partly):
    """The verdict of two conditions, the stronger first.

    >>> verdict(False, True)
    'partly'
    """
    return REPRODUCED if reproduced else PARTLY if partly else NOT


def claims():
    """All claims of all figures, in the order of their numbers."""
    found = [c for f in FIGURES for c in importlib.import_module(f"critnet.paper.{f}.claims").CLAIMS]
    return sorted(found, key=lambda c: c.id)


def judge(claim, data):
    """Rows of one claim, one a definition."""
    rows = []
    for definition in claim.definitions:
        measured = claim.measure(data, definition)
        values = np.atleast_1d(np.asarray(measured.values, float))
        low, middle, high = np.min(values), np.median(values), np.max(values)
        value, low, high = (float(f"{v:.4g}") for v in (middle, low, high))
        rows.append(
            Row(
                claim.id,
                claim.section,
                claim.panel,
                claim.claim,
                claim.paper_value,
                definition,
                value,
                low,
                high,
                len(values),
                measured.verdict,
                claim.rule,
                measured.note,
            )
        )
    return rows


def judge_all():
    """The whole ledger, from the committed results."""
    from critnet.paper import results

    data = {f: results.load(f) for f in FIGURES}
    return [row for claim in claims() for row in judge(claim, data[claim.measure.__module__.split(".")[-2]])]


def as_csv(rows):
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(Row._fields)
    writer.writerows(rows)
    return text.getvalue()


def write(folder, rows):
    """Write claims.csv into a results folder and list it in the manifest, if it is not what is there already."""
    path, content = Path(folder) / "claims.csv", as_csv(rows).encode()
    if not path.exists() or path.read_bytes() != content:
        archive.atomic_write(path, content)
        archive.write_manifest(folder)


def tally(rows, definition="as-coded"):
    """Number of claims by verdict.

    >>> tally([])
    {'reproduced': 0, 'partly': 0, 'not reproduced': 0, 'not testable': 0}
    """
    verdicts = [row.verdict for row in rows if row.definition == definition]
    return {v: verdicts.count(v) for v in (REPRODUCED, PARTLY, NOT, UNTESTABLE)}


def as_text(rows):
    """The table for a terminal."""
    lines = [f"{'id':<5}{'definition':<11}{'value':>10}  {'range over runs':<22}{'verdict':<16}claim"]
    for r in rows:
        span = f"{r.low:g} to {r.high:g} ({r.n_runs})"
        lines.append(f"{r.id:<5}{r.definition:<11}{r.value:>10g}  {span:<22}{r.verdict:<16}{r.claim}")
    for definition in ("as-coded", "control"):
        counts = tally(rows, definition)
        lines.append(f"{definition}: " + ", ".join(f"{n} {v}" for v, n in counts.items() if n))
    return "\n".join(lines)


def explain(rows, identity):
    """How the rows of one claim were made.

    Raises
    ------
    UsageError
        If no claim has this number.
    """
    chosen = [c for c in claims() if c.id == identity]
    if not chosen:
        raise UsageError(f"claim {identity!r} is not in the ledger; it has {', '.join(c.id for c in claims())}")
    claim = chosen[0]
    lines = [
        f"{claim.id}, section {claim.section}, panel {claim.panel}: {claim.claim}",
        f"paper    {claim.paper_value}",
        f"rule     {claim.rule}",
        f"measured by {claim.measure.__module__}.{claim.measure.__name__}: {(claim.measure.__doc__ or '').strip()}",
    ]
    lines += [
        f"{r.definition:<9}{r.value:g} ({r.low:g} to {r.high:g}, {r.n_runs} runs): {r.verdict}"
        + (f"; {r.note}" if r.note else "")
        for r in rows
        if r.id == identity
    ]
    return "\n".join(lines)


class Table:
    """Rows of the ledger as a table of the page, without an index and with nothing cut off."""

    def __init__(self, frame, text):
        self.frame, self.text = frame, text

    def _repr_html_(self):
        import pandas as pd

        with pd.option_context("display.max_colwidth", None):
            table = self.frame.to_html(index=False, border=0, escape=True)
        return f'<div class="critnet-table" tabindex="0" role="region" aria-label="{self.text}">{table}</div>'

    def __repr__(self):
        return self.frame.to_string(index=False)


def for_page(rows, panel):
    """The rows that one panel decides, as a table for its chapter.

    >>> for_page([], "1a").text
    'Claims that Fig. 1a decides'
    """
    import pandas as pd

    chosen = [r for r in rows if panel in r.panel.split(", ")]
    frame = pd.DataFrame(
        {
            "claim": [f"{r.id} {r.claim}" for r in chosen],
            "paper": [r.paper_value for r in chosen],
            "definition": [r.definition for r in chosen],
            "ours": [f"{r.value:g}" for r in chosen],
            "range": [f"{r.low:g} to {r.high:g}" for r in chosen],
            "verdict": [r.verdict for r in chosen],
            "note": [r.note for r in chosen],
        }
    )
    return Table(frame, f"Claims that Fig. {panel} decides")


def tally_table(rows):
    """Number of claims by verdict and definition, as a table for a chapter."""
    import pandas as pd

    counts = pd.DataFrame({d: tally(rows, d) for d in ("as-coded", "control")})
    counts = counts[counts.sum(axis=1) > 0].rename_axis("verdict").reset_index()
    return Table(counts, "Verdicts of this chapter")
