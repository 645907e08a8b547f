"""The ledger: each testable sentence of the paper with what was measured and a verdict that code has reached."""

import csv
import importlib
import io
from collections.abc import Callable
from html import escape
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from critnet import archive
from critnet.errors import UsageError

REPRODUCED, PARTLY, NOT, UNTESTABLE = "reproduced", "partly", "not reproduced", "not testable"
# Each has CLAIMS and DATA, the results that their functions take: one name, or several for a dict.
MODULES = (
    "fig1.claims", "fig1.transition_claims", "fig1.final_state_claims", "fig2.claims", "fig2.energy_claims",
    "fig2.phase_claims", "fig2.cooperation_claims",
)  # fmt: skip


class Measured(NamedTuple):
    """What a claim function returns, and the verdict its rule gives.

    `values` holds one number a run; the ledger states their median and range. Where the uncertainty is another one
    (a bootstrap), `interval` is (low, high) and `values` the number itself; `n_runs` then says how many runs went in.
    A claim that the data cannot decide has the verdict `UNTESTABLE` and may have no values at all.
    """

    values: ArrayLike
    verdict: str
    note: str = ""
    interval: tuple[float, float] | None = None
    n_runs: int | None = None


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


KINDS = (str, str, str, str, str, str, float, float, float, int, str, str, str)  # of the fields of a Row


def verdict(reproduced, partly):
    """The verdict of two conditions, the stronger first.

    >>> verdict(False, True)
    'partly'
    """
    return REPRODUCED if reproduced else PARTLY if partly else NOT


def _modules():
    return [importlib.import_module(f"critnet.paper.{name}") for name in MODULES]


def claims():
    """All claims of all figures, in the order of their numbers."""
    return sorted((c for m in _modules() for c in m.CLAIMS), key=lambda c: int(c.id[1:]))


def judge(claim, data):
    """Rows of one claim, one a definition."""
    rows = []
    for definition in claim.definitions:
        measured = claim.measure(data, definition)
        values = np.atleast_1d(np.asarray(measured.values, float))
        middle, low, high = (np.median(values), np.min(values), np.max(values)) if values.size else [np.nan] * 3
        if measured.interval is not None:
            low, high = measured.interval
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
                len(values) if measured.n_runs is None else measured.n_runs,
                measured.verdict,
                claim.rule,
                measured.note,
            )
        )
    return rows


def data_of(claim):
    """What the function of a claim takes as its first argument."""
    from critnet.paper import results

    (given,) = [m.DATA for m in _modules() if claim in m.CLAIMS]
    return results.load_all(given)


def judge_all():
    """The whole ledger, from the committed results."""
    return [row for claim in claims() for row in judge(claim, data_of(claim))]


def read():
    """The whole ledger as it was judged last, from data/claims.csv."""
    from critnet.paper import results

    lines = csv.DictReader(io.StringIO(results.read_text("claims.csv"), newline=""))
    return [
        Row._make(k(v or "nan") if k is float else k(v) for k, v in zip(KINDS, fields.values(), strict=True))
        for fields in lines
    ]


def as_csv(rows):
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(Row._fields)
    writer.writerows(["" if v != v else v for v in row] for row in rows)
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


def tally_sentence(rows):
    """The tally in words, as the README and the front page state it; a test holds them to it.

    >>> tally_sentence([])
    '0 claims are judged so far. As coded: none. Control: none.'
    """
    parts = [f"{len({row.id for row in rows})} claims are judged so far."]
    for definition, name in (("as-coded", "As coded"), ("control", "Control")):
        counts = ", ".join(f"{n} {v}" for v, n in tally(rows, definition).items() if n)
        parts.append(f"{name}: {counts or 'none'}.")
    return " ".join(parts)


def _plain(value):
    """A number as text, nothing where there is none."""
    return "" if value != value else f"{value:g}"


def as_text(rows):
    """The table for a terminal."""
    lines = [f"{'id':<5}{'definition':<11}{'value':>10}  {'low to high (runs)':<24}{'verdict':<16}claim"]
    for r in rows:
        span = f"{r.low:g} to {r.high:g} ({r.n_runs})" if r.low == r.low else f"({r.n_runs})"
        lines.append(f"{r.id:<5}{r.definition:<11}{_plain(r.value):>10}  {span:<24}{r.verdict:<16}{r.claim}")
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
            return self._region(self.frame.to_html(index=False, border=0, escape=True))

    def _region(self, table):
        return f'<div class="critnet-table" tabindex="0" role="region" aria-label="{escape(self.text)}">{table}</div>'

    def __repr__(self):
        return self.frame.to_string(index=False)


class ClaimTable(Table):
    """Rows of the ledger, the two definitions of a claim beneath each other, the note beneath its number."""

    def _repr_html_(self):
        head = "".join(f'<th scope="col">{name}</th>' for name in ("claim", "paper", "definition", "ours", "verdict"))
        lines = []
        for _, rows in self.frame.groupby("claim", sort=False):
            for i, row in enumerate(rows.itertuples()):
                span = f"<small>{escape(row.range)}</small>" if row.range else ""
                note = f'<small class="note">{escape(row.note)}</small>' if row.note else ""
                both = "".join(f'<td rowspan="{len(rows)}">{escape(text)}</td>' for text in (row.claim, row.paper))
                cells = (row.definition.replace("-", " "), None, row.verdict)
                mine = "".join(
                    f"<td>{escape(text)}</td>" if text else f"<td>{escape(row.ours)} {span}{note}</td>"
                    for text in cells
                )
                lines.append(f"<tr>{'' if i else both}{mine}</tr>")
        head, body = f"<thead><tr>{head}</tr></thead>", f"<tbody>{''.join(lines)}</tbody>"
        return self._region(f'<table class="claims">{head}{body}</table>')


def for_page(rows, panel):
    """The rows that one panel decides, as a table for its chapter.

    >>> for_page([], "1a").text
    'Claims that Fig. 1a decides'
    """
    return _as_table([r for r in rows if panel in r.panel.split(", ")], f"Claims that Fig. {panel} decides")


def for_section(rows, section):
    """The rows of one section of the paper, as a table that closes its chapter."""
    return _as_table([r for r in rows if r.section == section], f"Claims of section {section}")


def _as_table(chosen, text):
    import pandas as pd

    frame = pd.DataFrame(
        {
            "claim": [f"{r.id} {r.claim}" for r in chosen],
            "paper": [r.paper_value for r in chosen],
            "definition": [r.definition for r in chosen],
            "ours": [_plain(r.value) for r in chosen],
            "range": ["" if r.low != r.low else f"{r.low:g} to {r.high:g}" for r in chosen],
            "verdict": [r.verdict for r in chosen],
            "note": [r.note for r in chosen],
        }
    )
    return ClaimTable(frame, text)


def tally_table(rows):
    """Number of claims by verdict and definition, as a table for a chapter."""
    import pandas as pd

    counts = pd.DataFrame({d: tally(rows, d) for d in ("as-coded", "control")})
    counts = counts[counts.sum(axis=1) > 0].rename_axis("verdict").reset_index()
    return Table(counts, "Verdicts of this chapter")
