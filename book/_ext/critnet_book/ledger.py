"""The page of verdicts: the whole ledger as one table that filters and sorts in the page, each row tied to its panel.

Without JavaScript, and in print, the whole table is there.
"""

import csv
import json
import re
from html import escape
from pathlib import Path

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from critnet_book.verdicts import DEFINITIONS, VERDICTS, panels_of

PAGE = "book/verdicts"
COLUMNS = ("claim", "verdict", "definition", "ours", "range", "paper", "panel", "section", "runs")
SCRIPT = Path(__file__).with_name("ledger.js")


class Ledger(nodes.General, nodes.Element):
    """Holds the table's place until every chapter has been read."""


class LedgerTable(SphinxDirective):
    def run(self):
        return [Ledger()]


def rows(root):
    """The rows of data/claims.csv, as dicts."""
    with (Path(root) / "data" / "claims.csv").open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def select(name, label, values):
    options = "".join(f"<option>{escape(v)}</option>" for v in values)
    return f'<label>{label} <select name="{name}"><option value="">all</option>{options}</select></label>'


def line(row, addresses, first):
    """One row of the table; the first of a claim carries the anchor that chapters link to."""
    links = []
    for panel in row["panel"].split(", "):
        address = addresses.get(panel)
        links.append(f'<a href="{escape(address)}">{escape(panel)}</a>' if address else escape(panel))
    verdict = row["verdict"]
    note = f"<details><summary>rule</summary>{escape(row['rule'])}"
    beside = [f"{name}: {span(number)}" for name, number in json.loads(row["also"]).items()]
    beside += [f"where {name}: {span(number)}" for name, number in json.loads(row["null"]).items()]
    former = f"first edition: {row['first_edition']}" if row["first_edition"] not in ("", verdict) else ""
    words = (row["quantity"], *beside, row["note"], row["reason"], former)
    note += "".join(f"<br>{escape(text)}" for text in words if text) + "</details>"
    number = f'<span id="{row["id"].lower()}">{row["id"]}</span>' if first else row["id"]
    cells = {
        "claim": (row["id"], f"<strong>{number}</strong> {escape(row['claim'])} {note}"),
        "section": (row["section"], escape(row["section"])),
        "panel": (row["panel"], ", ".join(links)),
        "paper": (row["paper_value"], escape(row["paper_value"])),
        "definition": (row["definition"], DEFINITIONS.get(row["definition"], escape(row["definition"]))),
        "ours": (row["value"], number_text(row["value"])),
        "range": (row["low"], f"{number_text(row['low'])} to {number_text(row['high'])}" if row["low"] else ""),
        "runs": (row["n_runs"], escape(row["n_runs"])),
        "verdict": (str(list(VERDICTS).index(verdict)), f'<span class="verdict {VERDICTS[verdict]}">{verdict}</span>'),
    }
    attributes = " ".join(f'data-{k}="{escape(row[k])}"' for k in ("section", "definition", "verdict"))
    return (
        f"<tr {attributes}>"
        + "".join(f'<td data-key="{escape(cells[c][0])}">{cells[c][1]}</td>' for c in COLUMNS)
        + "</tr>"
    )


def span(numbers):
    """A number beside the value, and its interval if it has one.

    >>> span([2.0, 1.0, 3.0]), span([None])
    ('2 (1 to 3)', 'none')
    """
    value, *ends = ("none" if x is None else f"{x:g}" for x in numbers)
    return value + (f" ({ends[0]} to {ends[1]})" if ends else "")


def number_text(text):
    """A number of the ledger as the page writes it; nothing for a claim without one.

    >>> number_text("39.0"), number_text("")
    ('39', '')
    """
    return f"{float(text):g}" if text else ""


def html(ledger, addresses):
    """Filters, a line that says how many rows are shown, and the table."""
    seen = set()
    body = []
    for row in ledger:
        body.append(line(row, addresses, row["id"] not in seen))
        seen.add(row["id"])
    head = "".join(f'<th aria-sort="none"><button type="button">{c}</button></th>' for c in COLUMNS)
    filters = "".join(
        (
            select("section", "Section", sorted({r["section"] for r in ledger})),
            select("definition", "Definition", [d for d in DEFINITIONS if d in {r["definition"] for r in ledger}]),
            select("verdict", "Verdict", [v for v in VERDICTS if v in {r["verdict"] for r in ledger}]),
            '<label>Words <input type="search" name="words" autocomplete="off"></label>',
        )
    )
    return (
        f'<div class="ledger"><form class="filters" hidden>{filters}</form>'
        f'<p class="shown" role="status">{len(ledger)} rows, {len(seen)} claims</p>'
        f'<div class="critnet-table" tabindex="0" role="region" aria-label="Verdicts"><table>'
        f"<thead><tr>{head}</tr></thead><tbody>{''.join(body)}</tbody></table></div>"
        f"<script>{SCRIPT.read_text(encoding='utf-8')}</script></div>"
    )


def fill(app, doctree, docname):
    for place in list(doctree.findall(Ledger)):
        addresses = {}
        for other in sorted(app.env.found_docs):
            path = str(app.env.doc2path(other))
            if path.endswith(".ipynb"):
                for panel, identifier in panels_of(path).items():
                    addresses.setdefault(panel, f"{app.builder.get_relative_uri(docname, other)}#{identifier}")
        place.replace_self(nodes.raw("", html(rows(app.srcdir), addresses), format="html"))


def link_rows(app, doctree, docname):
    """In a chapter's tables, lead from the number of a claim to its row among the verdicts."""
    page = f"{app.builder.get_relative_uri(docname, PAGE)}"
    for raw in doctree.findall(nodes.raw):
        if 'class="critnet-table"' in raw.astext():
            raw.children = [nodes.Text(link_claims(raw.astext(), page))]


def link_claims(table, page):
    """The numbers of claims that open a cell, as links.

    >>> link_claims("<td>C07 the peak</td>", "v.html")
    '<td><a href="v.html#c07">C07</a> the peak</td>'
    """
    cell = r'(<td(?: rowspan="\d+")?>)(C\d+)(?= )'
    return re.sub(cell, lambda m: f'{m[1]}<a href="{page}#{m[2].lower()}">{m[2]}</a>', table)


def setup(app):
    app.add_node(Ledger)
    app.add_directive("ledger-table", LedgerTable)
    app.connect("doctree-resolved", fill)
    app.connect("doctree-resolved", link_rows)
