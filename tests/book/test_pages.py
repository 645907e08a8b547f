"""Every page of the built book in a real browser: nothing from outside, no error, accessible, fit for a phone."""

import re
from html.parser import HTMLParser
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest
from accessibility import violations
from book_pages import pages
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("address", pages())
def test_page_stands_alone_without_error_and_is_accessible(book, visit, address, scheme):
    with visit(scheme=scheme) as v:
        v.goto(book / address)
        assert v.outside == []
        assert v.errors == []
        expect(v.page.locator("html")).to_have_attribute("data-theme", scheme)
        assert violations(v.page) == []


@pytest.mark.parametrize("address", pages())
def test_page_fits_a_phone(book, visit, address):
    with visit(width=360, height=740) as v:
        v.goto(book / address)
        wide = v.page.evaluate("document.documentElement.scrollWidth")
        assert wide <= 360, f"{address} is {wide} px wide"


def test_axe_finds_a_violation_where_there_is_one(visit, tmp_path):
    """Were axe not to run, the tests above could not fail."""
    bad = tmp_path / "bad.html"
    bad.write_text('<html><head><title>x</title></head><body><img src="data:,"></body></html>')
    with visit() as v:
        v.page.goto(bad.as_uri())
        assert any(found.startswith("image-alt") for found in violations(v.page))


def test_an_outside_request_is_counted(visit, tmp_path):
    bad = tmp_path / "bad.html"
    bad.write_text('<html><body><script src="http://example.invalid/x.js"></script></body></html>')
    with visit() as v:
        v.page.goto(bad.as_uri())
        assert v.outside == ["http://example.invalid/x.js"]
        assert v.errors


class Anchors(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.ids, self.links, self.options = set(), [], set()
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        self.ids |= {found[key] for key in ("id", "name") if found.get(key)}
        self.links += [found[key] for key in ("href", "src") if found.get(key)]
        self.options |= {found.get("value")} if tag == "option" else set()

    def holds(self, fragment):
        """Whether the page has the place, with or without a state of it; or, of a filter, all that it asks for."""
        place = fragment.split("?")[0]
        return place in self.ids or ("=" in place and {value for _, value in parse_qsl(place)} <= self.options)


def test_internal_links_and_anchors_resolve(book):
    parsed = {p: Anchors(p.read_text(encoding="utf-8")) for p in book.rglob("*.html")}
    broken, seen = [], 0
    for page, anchors in parsed.items():
        for link in anchors.links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = (page.parent / unquote(parts.path)).resolve() if parts.path else page
            target = target / "index.html" if target.is_dir() else target
            fragment = unquote(parts.fragment)
            seen += 1
            if not target.is_file() or (fragment and target in parsed and not parsed[target].holds(fragment)):
                broken.append(f"{page.relative_to(book)}: {link}")
    assert broken == []
    assert seen > 100


def test_front_door_leads_to_the_introduction(book, visit):
    with visit() as v:
        v.page.goto((book / "index.html").as_uri())
        v.page.wait_for_url("**/book/intro.html")
        expect(v.page.locator("article h1")).to_have_text(re.compile("^Critical neurons"))
        assert v.outside == []


def test_no_page_loads_from_elsewhere_even_later(book):
    """Neither in a tag nor in code that would run when something is clicked."""
    tag = re.compile(r"""<(?:script|link|img|iframe|source)\b[^>]*\b(?:src|href)=["'](?:https?:)?//[^>]*>""")
    body = re.compile(r"<script[^>]*>(.*?)</script>", re.DOTALL)
    network = re.compile(r"unpkg\.com|jsdelivr|cdnjs|googleapis|googletagmanager")
    for page in book.rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        assert tag.findall(text) == [], page
        assert [code for code in body.findall(text) if network.search(code)] == [], page


def test_search_works_from_disk(book, visit):
    with visit() as v:
        v.goto(book / "search.html")
        v.page.fill("main input[name=q], #search-input >> nth=0", "susceptibility")
        v.page.keyboard.press("Enter")
        expect(v.page.locator("#search-results li a").filter(has_text="Methods").first).to_be_visible()
        assert v.outside == []
        assert v.errors == []


def test_the_search_key_opens_the_search_on_any_page(book, visit):
    with visit() as v:
        v.goto(book / "book/methods.html")
        v.page.keyboard.press("Control+k")
        expect(v.page.locator("input[name=q]:focus")).to_have_count(1)
        v.page.keyboard.type("mobility")
        v.page.keyboard.press("Enter")
        v.page.wait_for_selector("#search-results li a")
        assert v.errors == []


def test_theme_switch_changes_the_page_and_keeps_the_choice(book, visit):
    with visit(scheme="light") as v:
        v.goto(book / "book/methods.html")
        background = "getComputedStyle(document.body).backgroundColor"
        before = v.page.evaluate(background)
        root = v.page.locator("html")
        for _ in range(3):
            mode = root.get_attribute("data-mode")
            v.page.locator("button.theme-switch-button:visible").click()
            expect(root).not_to_have_attribute("data-mode", mode)
            if root.get_attribute("data-theme") == "dark":
                break
        v.page.wait_for_function(f"{background} !== '{before}'")
        after = v.page.evaluate(background)
        v.goto(book / "book/symbols.html")
        v.page.wait_for_function(f"{background} === '{after}'")


def test_formulas_are_set(book, visit):
    with visit() as v:
        v.goto(book / "book/methods.html")
        v.page.wait_for_function("document.querySelectorAll('mjx-container').length > 50")
        v.page.wait_for_function("[...document.fonts].some(f => f.family.startsWith('MJX') && f.status === 'loaded')")
        assert v.page.locator("mjx-merror").count() == 0


def test_every_icon_a_page_names_is_drawn(book, root):
    named = {icon for page in book.rglob("*.html") for icon in re.findall(r"\bfa-([a-z-]+)", page.read_text())}
    drawn = set(re.findall(r"\.fa-([a-z-]+) \{", (root / "book/assets/static/icons.css").read_text()))
    assert named - {"solid", "brands", "lg"} <= drawn
