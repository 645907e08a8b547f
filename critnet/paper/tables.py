"""Rows of the ledger as tables: for a terminal and for the pages."""

from html import escape

from critnet.errors import UsageError
from critnet.paper import strips
from critnet.paper.ledger import tally


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
    """Claims of the ledger, each with its strip: where the number of each definition lies between the rule's bounds."""

    def __init__(self, rows, frame, text):
        super().__init__(frame, text)
        self.rows = rows

    def _repr_html_(self):
        head = '<thead><tr><th scope="col">claim</th><th scope="col">ours, and the verdict</th></tr></thead>'
        body = "".join(f"<tr>{strips.cells(rows)}</tr>" for rows in strips.by_claim(self.rows))
        return self._region(f'<table class="claims">{head}<tbody>{body}</tbody></table>')


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
            "note": ["; ".join(strips.beside(r)) for r in chosen],
        }
    )
    return ClaimTable(chosen, frame, text)


def for_claims(rows, identities, text):
    """The rows of claims that a passage names, in its order; `text` says what the table holds.

    Raises
    ------
    UsageError
        If the ledger has no claim of such a number.
    """
    by_claim: dict[str, list] = {row.id: [] for row in rows}
    for row in rows:
        by_claim[row.id].append(row)
    unknown = [name for name in identities if name not in by_claim]
    if unknown:
        raise UsageError(f"no claim is called {unknown[0]!r}; the ledger has {', '.join(by_claim)}")
    return _as_table([row for name in identities for row in by_claim[name]], text)


def tally_table(rows, text="Verdicts of this chapter"):
    """Number of claims by verdict and definition, as a table for a chapter."""
    import pandas as pd

    counts = pd.DataFrame({d: tally(rows, d) for d in ("as-coded", "control")})
    counts = counts[counts.sum(axis=1) > 0].rename_axis("verdict").reset_index()
    return Table(counts, text)
