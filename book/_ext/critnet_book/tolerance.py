"""A reader's own margins on the strips of a page, and the tally of verdicts if all were wider or narrower.

The scripts go to every page that has a strip. Without JavaScript the strips stand as they are, and the table of the
tally is whole.
"""

import json
from html import escape
from pathlib import Path

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from critnet.paper import strips, tolerance
from critnet_book import ledger
from critnet_book.verdicts import DEFINITIONS, VERDICTS

HERE = Path(__file__).parent
WIDEST = 4  # times as wide, or as narrow, as the slider goes


class MarginsTally(SphinxDirective):
    """What the verdicts would be if all margins were half or twice as wide."""

    def run(self):
        return [nodes.raw("", html(ledger.rows(self.env.srcdir)), format="html")]


def rule_of(row):
    """The rule of a row."""
    return strips.declared()[row.id].rule_in(row.definition)


def html(rows):
    """A table of counts, a column a definition and factor, and a slider for other factors that tally.js serves.

    Parameters
    ----------
    rows : list of critnet.paper.ledger.Row
    """
    columns = [(d, f) for d in DEFINITIONS for f in tolerance.FACTORS]
    tallies = [tolerance.tally(rows, rule_of, *column) for column in columns]
    counts = {v: [found[v] for found, _ in tallies] for v in VERDICTS if any(found[v] for found, _ in tallies)}
    counts["changed"] = [changed for _, changed in tallies]
    names = "".join(f'<th scope="colgroup" colspan="{len(tolerance.FACTORS)}">{d}</th>' for d in DEFINITIONS.values())
    head = "".join(f'<th scope="col">{tolerance.FACTORS[f]}</th>' for _, f in columns)
    body = "".join(
        f'<tr data-verdict="{name}"><th scope="row">{name}</th>{"".join(f"<td>{n}</td>" for n in numbers)}</tr>'
        for name, numbers in counts.items()
    )
    unjudged = {d: sum(r.definition == d and r.verdict == "not judged" for r in rows) for d in DEFINITIONS}
    steps = len(bin(WIDEST)) - 3  # its power of two
    return (
        f"<div class=\"margins-tally panel-map\" data-unjudged='{json.dumps(unjudged)}' "
        f"data-glyphs='{escape(json.dumps(VERDICTS), quote=False)}'>"
        '<div class="critnet-table" tabindex="0" role="region" aria-label="Verdicts by other margins">'
        f'<table><thead><tr><td rowspan="2"></td>{names}</tr><tr>{head}</tr></thead><tbody>{body}</tbody></table>'
        '</div><form hidden autocomplete="off"><label>all margins <input type="range" name="factor" '
        f'min="{-steps}" max="{steps}" step="0.1"></label> <output></output></form>'
        '<p class="said" role="status"></p><dl class="tally live" hidden></dl></div>'
    )


def script(*names):
    """Scripts of this folder as one element."""
    return f"<script>{''.join((HERE / name).read_text(encoding='utf-8') for name in names)}</script>"


def add(app, pagename, templatename, context, doctree):
    """Append the scripts to a page that has a strip."""
    body = context.get("body", "")
    if '<div class="cs" data-axis' in body:
        more = ("tally.js",) if '<div class="margins-tally' in body else ()
        context["body"] += script("rules.js", "tolerance.js", *more)


def setup(app):
    app.add_directive("margins-tally", MarginsTally)
    app.connect("html-page-context", add)
