"""What axe-core, the accessibility rules, says about a page."""

from axe_playwright_python.sync_playwright import Axe

WCAG = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]},
    "preload": False,  # axe would fetch the style sheets once more, which a page on disk may not
}


def violations(page):
    """Findings against WCAG A and AA, one line each."""
    found = Axe().run(page, options=WCAG).response["violations"]
    return [f"{rule['id']}: {n['html'][:160]} ({n['failureSummary']})" for rule in found for n in rule["nodes"]]
