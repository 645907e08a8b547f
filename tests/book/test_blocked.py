"""The theme where storage is blocked, and what backgrounds tell where colours are the reader's own."""

from pathlib import Path

import pydata_sphinx_theme
import pytest
from critnet_book import storage
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

THEME = Path(pydata_sphinx_theme.__file__).parent / "theme" / "pydata_sphinx_theme" / "static" / "scripts"
HEAD = """<script>
document.documentElement.dataset.mode = localStorage.getItem("mode") || "auto";
document.documentElement.dataset.theme = localStorage.getItem("theme") || "auto";
</script>"""  # as the theme's layout.html has it
BLOCK = """for (const name of ["localStorage", "sessionStorage"]) Object.defineProperty(window, name, {
    configurable: true, get() { throw new DOMException("denied", "SecurityError"); } });"""
PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8">{guard}{head}</head>
<body data-default-mode="auto"><button class="theme-switch-button">theme</button><script>{theme}</script>
</body></html>"""


@pytest.mark.parametrize("guarded", [True, False])
def test_the_theme_button_works_where_storage_is_blocked(chromium, tmp_path, guarded):
    theme = (THEME / "pydata-sphinx-theme.js").read_text(encoding="utf-8").replace("</script", r"<\/script")
    page_text = PAGE.format(guard=storage.SCRIPT if guarded else "", head=HEAD, theme=theme)
    (tmp_path / "page.html").write_text(page_text, encoding="utf-8")
    context = chromium.new_context(color_scheme="light")
    context.add_init_script(BLOCK)
    page, errors = context.new_page(), []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto((tmp_path / "page.html").as_uri())
    page.locator("button").click()
    denied = [error for error in errors if "denied" in error]
    if guarded:
        expect(page.locator("html")).to_have_attribute("data-theme", "dark")
        page.locator("button").click()
        expect(page.locator("html")).to_have_attribute("data-theme", "light")
        assert page.evaluate("localStorage.getItem('theme')") == "light"
        assert denied == []
    else:
        assert denied  # what the guard is for
    context.close()


def test_storage_that_works_is_left_alone(chromium, tmp_path):
    (tmp_path / "page.html").write_text(PAGE.format(guard=storage.SCRIPT, head=HEAD, theme=""), encoding="utf-8")
    page = chromium.new_page()
    page.goto((tmp_path / "page.html").as_uri())
    page.evaluate("localStorage.setItem('theme', 'dark')")
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.evaluate("localStorage.clear()")
    page.close()


SIGNS = {
    "swatch": '<span class="swatch-control">control</span>',
    "verdict": '<table class="ledger"><tr><td><span class="verdict good">yes</span></td></tr></table>',
}


@pytest.mark.parametrize("sign", SIGNS)
def test_signs_survive_forced_colours(chromium, root, tmp_path, sign):
    css = (root / "book" / "assets" / "static" / "critnet.css").read_text(encoding="utf-8")
    (tmp_path / "page.html").write_text(f'<!doctype html><html data-theme="light"><style>{css}</style>{SIGNS[sign]}')
    context = chromium.new_context(forced_colors="active")
    page = context.new_page()
    page.goto((tmp_path / "page.html").as_uri())
    item = page.locator("span")
    seen = item.screenshot()
    page.add_style_tag(content="span::before { visibility: hidden }")
    assert item.screenshot() != seen
    context.close()
