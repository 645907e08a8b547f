"""The paper's abstract retold: each clause underlined by how its claims fared.

    {told}`the graph of their correlations swells and shrinks <C05 C14>`

is underlined solid where all of its claims hold, struck through where all fail, and dashed in between; the words
behind it say the same and lead to the rows. `{told-legend}` explains the lines and counts the clauses of its page.
Nothing about how a clause fared is typed in: it is read from `data/claims.csv`.
"""

import re
from collections import Counter
from html import escape

from docutils import nodes
from sphinx.util.docutils import SphinxDirective, SphinxRole

from critnet.paper import strips
from critnet_book import ledger

CLAUSE = re.compile(r"(.+?)\s*<(C\d+(?: C\d+)*)>", re.DOTALL)
# How a claim stands, to the line under the clauses all of whose claims stand so, and to the look of its word.
STANDINGS = {
    "holds": ("solid", "good"), "as coded only": ("dashed", "partly"), "as control only": ("dashed", "partly"),
    "number yes, meaning no": ("dashed", "partly"), "partly": ("dashed", "partly"), "undecided": ("dashed", "open"),
    "no": ("struck", "bad"), "not judged": ("plain", "open"),
}  # fmt: skip
LINES = {
    "solid": "holds, under both definitions where there are two",
    "dashed": "partly, under one definition only, or undecided",
    "struck": "does not hold",
    "plain": "a clause of which nothing was judged",
}


class Told(nodes.General, nodes.Inline, nodes.TextElement):
    """Holds the place of a clause until the page is written."""


class Legend(nodes.General, nodes.Element):
    """Holds the place of the legend."""


class ToldRole(SphinxRole):
    def run(self):
        found = CLAUSE.fullmatch(self.text.strip())
        if not found:
            where = f"told: {self.text!r}; give a clause with its claims, as in 'the graph swells <C05 C14>'"
            message = self.inliner.reporter.error(where, line=self.lineno)
            return [self.inliner.problematic(self.rawtext, self.rawtext, message)], [message]
        return [Told("", nodes.Text(" ".join(found[1].split())), claims=found[2].split())], []


class ToldLegend(SphinxDirective):
    def run(self):
        return [Legend()]


def standing(claim):
    """How a claim stands over its definitions, one of STANDINGS.

    Parameters
    ----------
    claim : list of critnet.paper.ledger.Row, those of one claim
    """
    judged = {row.definition: row for row in claim if row.verdict != "not judged"}
    verdicts = {row.verdict for row in judged.values()}
    if not judged:
        return "not judged"
    if "reproduced" in verdicts and any(row.meaning == "no" for row in judged.values()):
        return "number yes, meaning no"
    for verdict, word in (("reproduced", "holds"), ("not reproduced", "no"), ("undecided", "undecided")):
        if verdicts == {verdict}:
            return word
    if verdicts == {"undecided", "not reproduced"}:
        return "undecided"
    held = [definition for definition, row in judged.items() if row.verdict == "reproduced"]
    return {"as-coded": "as coded only", "control": "as control only"}[held[0]] if held else "partly"


def line_of(standings):
    """The line under a clause whose claims stand so: what is not judged does not count.

    >>> line_of(["holds", "not judged"]), line_of(["no", "no"]), line_of(["no", "holds"]), line_of(["not judged"])
    ('solid', 'struck', 'dashed', 'plain')
    """
    lines = {STANDINGS[word][0] for word in standings} - {"plain"}
    return (lines.pop() if len(lines) == 1 else "dashed") if lines else "plain"


def clause(text, claims, by_id, page):
    """A clause as HTML, with the words that say how it fared.

    Parameters
    ----------
    text : str
    claims : list of str, such as ["C05", "C14"]
    by_id : dict, the number of a claim to its rows
    page : str, address of the page of verdicts

    Raises
    ------
    ValueError
        If there is no such claim.
    """
    unknown = [identity for identity in claims if identity not in by_id]
    if unknown:
        known = list(by_id)
        raise ValueError(f"there is no claim {', '.join(unknown)}; claims are {known[0]} to {known[-1]}")
    groups: dict[str, list] = {}
    for identity in claims:
        groups.setdefault(standing(by_id[identity]), []).append(identity)
    line = line_of(groups)
    words = []
    for word, members in groups.items():
        links = ", ".join(
            f'<a href="{escape(page)}#{identity.lower()}" title="{escape(by_id[identity][0].claim)}">{identity}</a>'
            for identity in members
        )
        opened = "" if words else "["
        words.append(
            f'<span class="told-word">{opened}<span class="verdict {STANDINGS[word][1]}">{word}</span></span> {links}'
        )
    return f'<span class="told told-{line}">{escape(text)}</span> <span class="told-words">{"; ".join(words)}]</span>'


def legend(lines):
    """What the lines mean, and how many clauses have which.

    Parameters
    ----------
    lines : list of str, the line of each clause of the page
    """
    counts = Counter(lines)
    items = "".join(
        f'<li><span class="told told-{line}">{line if line != "plain" else "no line"}</span>: {meaning} '
        f"<b>({counts[line]} of {len(lines)})</b></li>"
        for line, meaning in LINES.items()
    )
    return f'<ul class="told-legend" aria-label="What the lines mean">{items}</ul>'


def fill(app, doctree, docname):
    places, legends = list(doctree.findall(Told)), list(doctree.findall(Legend))
    if not places and not legends:
        return
    by_id = {claim[0].id: claim for claim in strips.by_claim(ledger.rows(app.srcdir))}
    page = app.builder.get_relative_uri(docname, ledger.PAGE)
    lines = []
    for place in places:
        text = clause(place.astext(), place["claims"], by_id, page)
        lines.append(line_of(standing(by_id[identity]) for identity in place["claims"]))
        place.replace_self(nodes.raw("", text, format="html"))
    for place in legends:
        place.replace_self(nodes.raw("", legend(lines), format="html"))


def setup(app):
    for node in (Told, Legend):
        app.add_node(node)
    app.add_role("told", ToldRole())
    app.add_directive("told-legend", ToldLegend)
    app.connect("doctree-resolved", fill)
