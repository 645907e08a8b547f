"""The page of verdicts: every claim with its strip, grouped by section, filtered in the page, each tied to its panel.

Without JavaScript, and in print, all of it is there.
"""

import csv
import io
import re
from collections import Counter
from html import escape
from pathlib import Path

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from critnet.paper import ledger, strips
from critnet_book.verdicts import VERDICTS, panels_of

PAGE = "book/verdicts"
SCRIPT = Path(__file__).with_name("ledger.js")
# What the filter offers beside the verdicts: which claims, by the attribute that their rows carry.
KINDS = {"differ": "definitions differ", "number-only": "number is not meaning"}
SECTIONS = {
    "1.1": "Correlation structure", "1.2": "Connectivity transition", "1.3": "Scale-free final state",
    "2.1": "Concentration of losses", "2.2": "Free energy", "2.3": "Convergence transition", "2.4": "Cooperation",
    "2.5": "Probability flux", "3.1": "Heavy tails", "3.2": "Critical directions", "4.1": "Critical circuits",
    "4.2": "Avalanches", "4.3": "Coherent coupling", "5": "Assembly", "6": "Discussion",
}  # fmt: skip


class Ledger(nodes.General, nodes.Element):
    """Holds the table's place until every chapter has been read."""


class LedgerTable(SphinxDirective):
    def run(self):
        return [Ledger()]


def rows(root):
    """The rows of data/claims.csv."""
    text = (Path(root) / "data" / "claims.csv").read_text(encoding="utf-8")
    return [ledger.from_text(line) for line in csv.DictReader(io.StringIO(text, newline=""))]


def kinds(claim):
    """What the filter asks of a claim: its verdicts, whether its definitions differ, whether a number is not meaning.

    Parameters
    ----------
    claim : list of critnet.paper.ledger.Row, those of one claim
    """
    verdicts = dict.fromkeys(row.verdict for row in claim)
    found = [v.replace(" ", "-") for v in verdicts]
    found += ["differ"] * (len(verdicts) > 1)
    green = [row for row in claim if row.verdict in ("reproduced", "partly")]
    return found + ["number-only"] * any(row.meaning == "no" for row in green)


def line(claim, addresses):
    """One claim as a row of the table, with the anchor that chapters link to."""
    identity = claim[0].id
    links = []
    for panel in filter(None, claim[0].panel.split(", ")):
        address = addresses.get(panel)
        links.append(f'<a href="{escape(address)}">{escape(panel)}</a>' if address else escape(panel))
    cells = strips.cells(claim).replace(f"<td>{identity} ", f"<td><strong>{identity}</strong> ", 1)
    figure = f'<small class="cs-panels">Fig. {", ".join(links)}</small>' if links else ""
    attributes = f'id="{identity.lower()}" data-kinds="{" ".join(kinds(claim))}"'
    return f"<tr {attributes}>{cells.replace('</td>', f' {figure}</td>', 1)}</tr>"


def select(name, label, values):
    """A menu over value to text."""
    options = "".join(f'<option value="{escape(v)}">{escape(text)}</option>' for v, text in values.items())
    return f'<label>{label} <select name="{name}"><option value="">all</option>{options}</select></label>'


def html(found, addresses):
    """Filters, a line that says how many claims are shown, and a table with a body a section."""
    claims = strips.by_claim(found)
    sections = {}
    for claim in claims:
        sections.setdefault(claim[0].section, []).append(claim)
    names = {s: f"{s} {SECTIONS.get(s, '')}".strip() for s in sorted(sections)}
    counts = Counter(kind for claim in claims for kind in kinds(claim))
    offered = {v.replace(" ", "-"): v for v in VERDICTS} | KINDS
    offered = {kind: f"{text} ({counts[kind]})" for kind, text in offered.items() if counts[kind]}
    body = "".join(
        f'<tbody data-section="{section}"><tr class="section"><th scope="rowgroup" colspan="2">{escape(name)}</th></tr>'
        + "".join(line(claim, addresses) for claim in sections[section])
        + "</tbody>"
        for section, name in names.items()
    )
    head = '<th scope="col">claim</th><th scope="col">ours, and the verdict</th>'
    filters = (
        select("section", "Section", names)
        + select("show", "Show", offered)
        + '<label>Words <input type="search" name="words" autocomplete="off"></label>'
    )
    return (
        f'<div class="ledger"><form class="filters" hidden>{filters}</form>'
        f'<p class="shown" role="status">{len(claims)} claims</p>'
        f'<div class="critnet-table" tabindex="0" role="region" aria-label="Verdicts"><table class="claims">'
        f"<thead><tr>{head}</tr></thead>{body}</table></div>"
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
    return re.sub(r"(<td>)(C\d+)(?= )", lambda m: f'{m[1]}<a href="{page}#{m[2].lower()}">{m[2]}</a>', table)


def setup(app):
    app.add_node(Ledger)
    app.add_directive("ledger-table", LedgerTable)
    app.connect("doctree-resolved", fill)
    app.connect("doctree-resolved", link_rows)
