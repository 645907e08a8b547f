"""The execution status page: every chapter that was executed, how long it took, and a hash of what it was made from;
and of every explorable how many frames it has and what drawing them took."""

import hashlib
import os
from datetime import UTC, datetime
from pathlib import Path

from docutils import nodes
from sphinx.util.docutils import SphinxDirective


class Status(nodes.General, nodes.Element):
    """Holds the table's place until every notebook has been read."""


class Drawings(nodes.General, nodes.Element):
    """The same for the explorables."""


class ExecutionStatus(SphinxDirective):
    def run(self):
        return [Status()]


class DrawingStatus(SphinxDirective):
    def run(self):
        return [Drawings()]


def rows(env, key):
    """One row a notebook: title, seconds, date, hash of its source, hash of package and data."""
    found = []
    for docname, data in sorted(env.nb_metadata.items()):
        run = data.get("exec_data")
        if run:
            source = hashlib.sha256(Path(env.doc2path(docname)).read_bytes()).hexdigest()[:16]
            day = datetime.fromtimestamp(run["mtime"], UTC).date().isoformat()
            seconds = "" if run["runtime"] is None else f"{run['runtime']:.1f}"
            found.append((docname, env.titles[docname].astext(), seconds, day, source, key))
    return found


def costs(env, folder):
    """(document, Cost) of every explorable that the notebooks show, chapter by chapter."""
    found = []
    for docname in sorted(env.nb_metadata):
        shown = [raw.astext() for raw in env.get_doctree(docname).findall(nodes.raw) if "ce-index" in raw.astext()]
        if shown:
            from critnet.explore.install import cost_of, read_indices

            found += [(docname, cost_of(folder, index["name"])) for text in shown for index in read_indices(text)]
    return found


def table(head, body):
    """A table of one head and rows of cells, each a text or an inline node."""
    group = nodes.tgroup(cols=len(head))
    group += [nodes.colspec(colwidth=1) for _ in head]
    group += nodes.thead("", nodes.row("", *(nodes.entry("", nodes.paragraph(text=text)) for text in head)))
    rows = nodes.tbody()
    for row in body:
        cells = [nodes.paragraph(text=c) if isinstance(c, str) else nodes.paragraph("", "", c) for c in row]
        rows += nodes.row("", *(nodes.entry("", cell) for cell in cells))
    group += rows
    return nodes.table("", group, classes=["execution-status"])


def executions(app, docname):
    """The table of the chapters, or None."""
    head = ("Chapter", "Seconds", "Executed", "Source", "Package and data")
    body = []
    for name, title, seconds, day, source, key in rows(app.env, app.critnet_cache_key):
        link = nodes.reference("", title, internal=True, refuri=app.builder.get_relative_uri(docname, name))
        body.append((link, seconds, day, *(nodes.literal(text=text) for text in (source, key))))
    return table(head, body) if body else None


def drawings(app, docname):
    """The table of the explorables, or None."""
    found = costs(app.env, os.environ["CRITNET_FRAMES"])
    body = []
    for name, cost in found:
        address = f"{app.builder.get_relative_uri(docname, name)}#{cost.name}"
        link = nodes.reference("", cost.name, internal=True, refuri=address)
        known = cost.frames is not None
        body.append((link, f"{cost.frames:,}" if known else "?", f"{cost.seconds:.1f}" if known else "?"))
    if not body:
        return None
    frames, seconds = (sum(getattr(cost, name) or 0 for _, cost in found) for name in ("frames", "seconds"))
    body.append(("all of them", f"{frames:,}", f"{seconds:.1f}"))
    return table(("Explorable", "Frames", "CPU seconds"), body)


def fill(app, doctree, docname):
    for kind, made, none in (
        (Status, executions, "No chapter was executed in this build."),
        (Drawings, drawings, "No chapter of this build has an explorable."),
    ):
        for place in list(doctree.findall(kind)):
            place.replace_self(made(app, docname) or nodes.paragraph(text=none))


def setup(app):
    for node, name, directive in (
        (Status, "execution-status", ExecutionStatus),
        (Drawings, "drawing-status", DrawingStatus),
    ):
        app.add_node(node)
        app.add_directive(name, directive)
    app.connect("doctree-resolved", fill)
