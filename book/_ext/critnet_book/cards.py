"""What a link to a page shows elsewhere: title, description, picture (Open Graph)."""

from html import escape

from docutils import nodes

CARD = "_static/card.png"


def description(doctree, longest=200):
    """The first paragraph of a page, cut at a word."""
    for paragraph in doctree.findall(nodes.paragraph) if doctree else ():
        text = " ".join(paragraph.astext().split())
        if len(text) > 40:
            return text if len(text) <= longest else text[:longest].rsplit(" ", 1)[0] + " …"
    return ""


def add(app, pagename, templatename, context, doctree):
    """Write the tags. The picture's address is absolute where the book's own address (`html.baseurl`) is known."""
    base = app.config.html_baseurl
    picture = f"{base.rstrip('/')}/{CARD}" if base else context["pathto"](CARD, resource=True)
    told = description(doctree)
    tags = {
        "og:title": context.get("title") or app.config.project,
        "og:site_name": app.config.project,
        "og:type": "website",
        "og:image": picture,
        "og:image:alt": "Critical neurons, reproduced: an executable edition of arXiv:2509.00107",
        "og:description": told,
    }
    lines = [f'<meta property="{key}" content="{escape(value)}" />' for key, value in tags.items() if value]
    if told:
        lines.append(f'<meta name="description" content="{escape(told)}" />')
    context["metatags"] = context.get("metatags", "") + "\n" + "\n".join(lines)


def setup(app):
    app.connect("html-page-context", add)
