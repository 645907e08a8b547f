"""The front page: a card for each claim of the paper with how its sentences fared, and one dot a sentence.

    ```{claim-card} 1.1 1.2
    **It swells.** What the paper says, and what we found, in words.
    ```

counts the verdicts of those sections and leads to their chapters; `{claim-dots}` draws all claims in the paper's order.
"""

from collections import Counter
from html import escape

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from critnet.paper import strips
from critnet_book import ledger
from critnet_book.verdicts import DEFINITIONS, VERDICTS


class Score(nodes.General, nodes.Element):
    """Holds the place of a card's counts and links."""


class Dots(nodes.General, nodes.Element):
    """Holds the place of the dots."""


class ClaimCard(SphinxDirective):
    has_content = True
    required_arguments = 1
    final_argument_whitespace = True

    def run(self):
        card = nodes.container(classes=["claim-card"])
        self.state.nested_parse(self.content, self.content_offset, card)
        card += Score(sections=self.arguments[0].split())
        return [card]


class ClaimDots(SphinxDirective):
    def run(self):
        return [Dots()]


def score(rows, sections, addresses):
    """Verdicts of the sections, a line a definition, and links to their chapters.

    Parameters
    ----------
    rows : list of critnet.paper.ledger.Row
    sections : list of str, such as ["1.1", "1.2"]
    addresses : dict, section to the address of its chapter
    """
    lines = []
    for definition, label in DEFINITIONS.items():
        count = Counter(row.verdict for row in rows if row.section in sections and row.definition == definition)
        words = ", ".join(f'<span class="verdict {VERDICTS[v]}">{count[v]} {v}</span>' for v in VERDICTS if count[v])
        lines.append(f"<p><b>{label}:</b> {words or 'no claim'}</p>")
    links = [
        f'<a href="{escape(addresses[s])}">{s} {escape(ledger.SECTIONS[s])}</a>' for s in sections if s in addresses
    ]
    lead = f'<p class="cc-links">{" · ".join(links)}</p>' if links else ""
    return f'<div class="cc-score">{"".join(lines)}{lead}</div>'


def dots(rows, page):
    """One dot a claim in the order of the sections, by its verdict as coded (else as control), each a link to its row.

    Parameters
    ----------
    rows : list of critnet.paper.ledger.Row
    page : str, address of the page of verdicts
    """
    lines, shown = [], {}
    for claim in strips.by_claim(rows):
        row = next((one for one in claim if one.definition == "as-coded"), claim[0])
        text = f"{row.id}, {row.verdict}: {row.claim}"
        address = escape(f"{page}#{row.id.lower()}")
        shown.setdefault(row.section, []).append(
            f'<a class="verdict {VERDICTS[row.verdict]}" href="{address}" title="{escape(text)}"></a>'
        )
    for section in sorted(shown):
        name = f"{section} {ledger.SECTIONS.get(section, '')}".strip()
        lines.append(f"<dt>{escape(name)}</dt><dd>{''.join(shown[section])}</dd>")
    words = ", ".join(f'<span class="verdict {kind}">{verdict}</span>' for verdict, kind in _kinds().items())
    return (
        f'<div class="claim-dots"><p class="headline">One dot a claim, as coded</p><dl>{"".join(lines)}</dl>'
        f'<p class="note">{words}. A dot leads to its row.</p></div>'
    )


def _kinds():
    """What each look of a dot means: several verdicts that share one are named together.

    >>> list(_kinds())
    ['reproduced', 'partly', 'not reproduced', 'undecided, not testable or not judged']
    """
    named: dict[str, list] = {}
    for verdict, kind in VERDICTS.items():
        named.setdefault(kind, []).append(verdict)
    return {" or ".join(filter(None, (", ".join(v[:-1]), v[-1]))): kind for kind, v in named.items()}


def fill(app, doctree, docname):
    places = [*doctree.findall(Score), *doctree.findall(Dots)]
    if not places:
        return
    rows = ledger.rows(app.srcdir)
    chapters = sorted(name for name in app.env.found_docs if name.startswith("notebooks/"))
    addresses = {}
    for section in ledger.SECTIONS:
        stem = "notebooks/" + section.replace(".", "-")
        found = [name for name in chapters if name.startswith(f"{stem}-")]
        if found:
            addresses[section] = app.builder.get_relative_uri(docname, found[0])
    for place in places:
        if isinstance(place, Score):
            text = score(rows, place["sections"], addresses)
        else:
            text = dots(rows, app.builder.get_relative_uri(docname, ledger.PAGE))
        place.replace_self(nodes.raw("", text, format="html"))


def setup(app):
    for node in (Score, Dots):
        app.add_node(node)
    app.add_directive("claim-card", ClaimCard)
    app.add_directive("claim-dots", ClaimDots)
    app.connect("doctree-resolved", fill)
