"""The map of the page *Reproduce*: which of the paper's 64 panels are in the book, and how its claims fared.

The panels are those that the chapters show (`show("1b", ...)`), found in the notebooks of this build; the
verdicts are those of `data/claims.csv`. Nothing here is typed in.
"""

import csv
import json
import re
from collections import Counter
from html import escape
from pathlib import Path

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

# Last panel of each figure of the paper.
LAST_PANEL = {1: "i", 2: "i", 3: "p", 4: "l", 5: "m", 6: "e"}
VERDICTS = {
    "reproduced": "good", "partly": "partly", "not reproduced": "bad",
    "undecided": "open", "not testable": "open", "not judged": "open",
}  # fmt: skip
DEFINITIONS = {"as-coded": "As coded", "control": "Control"}
SHOWN = re.compile(r"""\bshow\(\s*["']([1-6][a-p])((?:-[\w-]+)?)["']""")


class Map(nodes.General, nodes.Element):
    """Holds the map's place until every chapter has been read."""


class VerdictStrip(SphinxDirective):
    def run(self):
        return [Map()]


def panels():
    """Names of all panels, by figure.

    >>> [len(letters) for letters in panels().values()]
    [9, 9, 16, 12, 13, 5]
    """
    return {figure: [chr(c) for c in range(ord("a"), ord(last) + 1)] for figure, last in LAST_PANEL.items()}


def panels_of(notebook):
    """Panel to the id of its figure, for one notebook; the figure of the paper before variants of ours ("4g-start")."""
    cells = json.loads(Path(notebook).read_text(encoding="utf-8"))["cells"]
    code = "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
    found = {}
    for panel, more in sorted(SHOWN.findall(code), key=lambda one: bool(one[1])):
        found.setdefault(panel, f"fig-{panel}{more}")
    return found


def tally(root):
    """Definition to the number of claims by verdict; empty where no claim has been judged yet."""
    path = Path(root) / "data" / "claims.csv"
    if not path.is_file():
        return {}
    counts = {definition: Counter() for definition in DEFINITIONS}
    with path.open(newline="", encoding="utf-8") as stream:
        for row in csv.DictReader(stream):
            counts[row["definition"]][row["verdict"]] += 1
    return counts


def bars(counts):
    """One bar a definition, its parts as long as their counts; the words beside it say the same."""
    rows = []
    for definition, label in DEFINITIONS.items():
        count = {verdict: counts[definition][verdict] for verdict in VERDICTS if counts[definition][verdict]}
        parts = "".join(f'<span class="{VERDICTS[v]}" style="flex:{n}"></span>' for v, n in count.items())
        words = ", ".join(f"<span><strong>{n}</strong> {v}</span>" for v, n in count.items())
        rows.append(f'<dt>{label}</dt><dd><div class="bar" aria-hidden="true">{parts}</div><p>{words}</p></dd>')
    return f'<dl class="tally">{"".join(rows)}</dl>'


def html(addresses, counts):
    """The map as HTML: one row a figure, one tile a panel; a tile that is in the book leads there."""
    rows = []
    for figure, letters in panels().items():
        tiles = []
        for letter in letters:
            address = addresses.get(f"{figure}{letter}")
            if address:
                link = f'<a class="tile" href="{escape(address)}" aria-label="Figure {figure}{letter}">{letter}</a>'
                tiles.append(link)
            else:
                tiles.append(f'<span class="tile">{letter}</span>')
        rows.append(f"<dt>Figure {figure}</dt><dd>{''.join(tiles)}</dd>")
    total = sum(map(len, panels().values()))
    parts = [f'<p class="headline">{len(addresses)} of the paper’s {total} panels are in the book</p>']
    parts.append(f"<dl>{''.join(rows)}</dl>")
    if counts:
        judged = max(count.total() for count in counts.values())
        parts.append(f'<p class="headline">{judged} claims in the ledger</p>{bars(counts)}')
    parts.append('<p class="note">A filled tile leads to its panel. Computed when this page was built.</p>')
    return f'<div class="panel-map">{"".join(parts)}</div>'


def fill(app, doctree, docname):
    for place in list(doctree.findall(Map)):
        addresses = {}
        for other in sorted(app.env.found_docs):
            path = app.env.doc2path(other)
            if str(path).endswith(".ipynb"):
                for panel, identifier in panels_of(path).items():
                    address = f"{app.builder.get_relative_uri(docname, other)}#{identifier}"
                    addresses.setdefault(panel, address)
        place.replace_self(nodes.raw("", html(addresses, tally(app.srcdir)), format="html"))


def setup(app):
    app.add_node(Map)
    app.add_directive("verdict-strip", VerdictStrip)
    app.connect("doctree-resolved", fill)
