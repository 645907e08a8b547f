"""What a page loads: no rule of a style sheet that no page can use, no script without a use, a light front page."""

from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from critnet_book import lighten
from playwright.sync_api import expect

FRONT = 500e3  # bytes of the front page before it is touched; its picture is loaded in both themes where a page is dark
DARK = 650e3
SHEET = """
/* a comment */ @charset "utf-8";
.used, .gone { color: red }
.used .gone { color: red }
#used:not(.gone) > h1::before { content: ".gone {" }
:is(.gone, .used) { margin: 0 }
.bs-tooltip-auto, .collapsing { height: 0 }
@media print { .gone { color: blue } @supports (top: 0) { .used { top: 0 } } }
@media screen { .gone { color: blue } }
@font-face { font-family: "Font Awesome 6 Free"; src: url(a.woff2) }
@font-face { font-family: Ours; src: url(b.woff2) }
@keyframes gone { to { opacity: 0 } }
"""


def test_a_rule_stays_if_a_page_can_use_it():
    kept = lighten.pruned(SHEET, {"used"})
    for part in (
        "#used:not(.gone) > h1::before",
        ":is(.gone, .used)",
        ".bs-tooltip-auto, .collapsing",
        "Ours",
        "@keyframes",
    ):
        assert part in kept
    assert ".used{ color: red }" in kept
    assert "@media print {@supports (top: 0) {.used{ top: 0 }}}" in kept
    for part in ("comment", ".used .gone", "blue", "screen", "Awesome"):
        assert part not in kept
    assert lighten.pruned(kept, {"used"}) == kept


def test_nothing_goes_that_is_known():
    everything = {"used", "gone"}
    assert lighten.pruned(SHEET, everything).count("{") == SHEET.count("{") - 1  # the icon font's
    assert lighten.pruned("", everything) == ""


def test_our_own_sheets_lose_nothing_but_comments():
    kept = lighten.pruned(SHEET, lighten.Every())
    assert kept.count("{") == SHEET.count("{") - 1  # the icon font's
    assert "comment" not in kept


def test_a_broken_sheet_stays_a_broken_sheet():
    assert "color" in lighten.pruned(".used { color: red } } h1 { color", {"used"})


@pytest.mark.parametrize("held", list(lighten.NEEDS))
def test_a_script_stays_where_its_page_needs_it(held):
    tags = {
        'class="math': '<script>window.MathJax = {"a": 1}</script><script defer src="../mathjax/tex.js"></script>',
        'class="highlight': '<script src="clipboard.min.js?v=1"></script><script src="_static/copybutton.js"></script>',
        'class="sd-tab': '<script data-x="1" src="_static/design-tabs.js?v=1"></script>',
    }
    examples = {
        'class="math': 'class="math"',
        'class="highlight': 'class="highlight"',
        'class="sd-tab': 'class="sd-tab-set"',
    }
    tag = tags.get(held, '<script src="_static/togglebutton.js?v=1"></script>')
    example = examples.get(held, 'class="note admonition dropdown"')
    others = '<p class="toctree-toggle dropdown">x</p>'
    assert lighten.without_scripts(tag + others, search=False) == others
    assert lighten.without_scripts(f"{tag}<p {example}>x</p>", search=False) == f"{tag}<p {example}>x</p>"


def test_the_index_of_the_search_is_for_the_search_page():
    tags = "".join(f'\n  <script src="../{name}.js?v=1"></script>' for name in ("_static/searchtools", "searchindex"))
    assert lighten.without_scripts(f"<head>{tags}</head>", search=False) == "<head></head>"
    assert lighten.without_scripts(f"<head>{tags}</head>", search=True) == f"<head>{tags}</head>"


def test_words_are_those_of_pages_and_scripts_but_for_bootstrap(tmp_path):
    for name, text in {
        "a.html": '<p class="one two-three">four</p>', "b.js": "x.classList.add('five')", "bootstrap.js": "carousel",
        "searchindex.js": "six", "_frames/c.js": "seven",
    }.items():  # fmt: skip
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    found = lighten.words(tmp_path)
    assert {"one", "two-three", "four", "five"} <= found
    assert not {"six", "seven", "carousel"} & found


@pytest.mark.browser
@pytest.mark.parametrize(("scheme", "limit"), [("light", FRONT), ("dark", DARK)])
def test_the_front_page_is_light(book, visit, scheme, limit):
    """All files that it loads from disk before it is touched, each counted once."""
    with visit(scheme=scheme) as v:
        loaded = set()
        v.page.on("request", lambda request: loaded.add(request.url))
        v.goto(book / "book" / "intro.html")
        v.page.wait_for_timeout(500)
        files = [Path(unquote(urlsplit(url).path)) for url in loaded if url.startswith("file:")]
        sizes = {file.name: file.stat().st_size for file in files}
        assert len(sizes) > 10
        assert sum(sizes.values()) < limit, sorted(sizes.items(), key=lambda item: -item[1])
        assert "searchindex.js" not in sizes
        assert v.errors == []


@pytest.mark.browser
def test_no_page_asks_for_a_file_that_is_not_there(book, visit):
    with visit() as v:
        for page in ("book/intro.html", "book/bibliography.html", "search.html"):
            failed = []
            v.page.on("requestfailed", lambda request, failed=failed: failed.append(request.url))
            v.goto(book / page)
            assert failed == []


@pytest.mark.browser
def test_menus_and_hints_of_the_theme_still_work(book, visit):
    """They are Bootstrap's, whose classes scripts put together."""
    with visit() as v:
        v.goto(book / "book" / "intro.html")
        menu = v.page.locator(".dropdown-download-buttons .dropdown-menu")
        expect(menu).to_be_hidden()
        v.page.locator(".dropdown-download-buttons button").first.click()
        expect(menu).to_be_visible()
        assert (
            v.page.locator(".dropdown-download-buttons .dropdown-menu").evaluate("e => getComputedStyle(e).position")
            == "absolute"
        )
        v.page.locator("button.theme-switch-button:visible").hover()
        expect(v.page.locator(".tooltip.show")).to_be_visible()
        assert v.errors == []
