"""A reader's own margins on the strips of a page, and the tally of verdicts if all margins were half or twice as wide.

The scripts go to every page that has a strip. Without JavaScript the strips stand as they are, and the tally is whole.
"""

from pathlib import Path

SCRIPTS = [Path(__file__).with_name(name) for name in ("rules.js", "tolerance.js")]


def script():
    """What serves the strips of one page."""
    return f"<script>{''.join(path.read_text(encoding='utf-8') for path in SCRIPTS)}</script>"


def add(app, pagename, templatename, context, doctree):
    """Append the scripts to a page that has a strip."""
    if '<div class="cs" data-axis' in context.get("body", ""):
        context["body"] += script()


def setup(app):
    app.connect("html-page-context", add)
