"""The execution status page: every chapter that was executed, how long it took, and a hash of what it was made from."""

import hashlib
from datetime import UTC, datetime
from pathlib import Path

from docutils import nodes
from sphinx.util.docutils import SphinxDirective


class Status(nodes.General, nodes.Element):
    """Holds the table's place until every notebook has been read."""


class ExecutionStatus(SphinxDirective):
    def run(self):
        return [Status()]


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


def table(app, docname, found):
    head = ("Chapter", "Seconds", "Executed", "Source", "Package and data")
    group = nodes.tgroup(cols=len(head))
    group += [nodes.colspec(colwidth=1) for _ in head]
    group += nodes.thead("", nodes.row("", *(nodes.entry("", nodes.paragraph(text=text)) for text in head)))
    body = nodes.tbody()
    for name, title, seconds, day, source, key in found:
        link = nodes.reference("", title, refuri=app.builder.get_relative_uri(docname, name))
        cells = [nodes.paragraph("", "", link), nodes.paragraph(text=seconds), nodes.paragraph(text=day)]
        cells += [nodes.paragraph("", "", nodes.literal(text=text)) for text in (source, key)]
        body += nodes.row("", *(nodes.entry("", cell) for cell in cells))
    group += body
    return nodes.table("", group, classes=["execution-status"])


def fill(app, doctree, docname):
    for place in list(doctree.findall(Status)):
        found = rows(app.env, app.critnet_cache_key)
        filled = table(app, docname, found) if found else nodes.paragraph(text="No chapter was executed in this build.")
        place.replace_self(filled)


def setup(app):
    app.add_node(Status)
    app.add_directive("execution-status", ExecutionStatus)
    app.connect("doctree-resolved", fill)
