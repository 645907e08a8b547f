"""The page of verdicts: the whole ledger, filtered, sorted, and tied to the chapters both ways."""

import re

import pytest
from accessibility import violations
from critnet_book import ledger
from playwright.sync_api import expect


@pytest.fixture(scope="module")
def rows(root):
    return ledger.rows(root)


def of(rows, identity):
    return [row for row in rows if row.id == identity]


def test_a_claim_is_linked_and_escaped(rows):
    claim = [row._replace(claim="<i>peak</i>", panel="1b, 9z") for row in of(rows, "C07")]
    line = ledger.line(claim, {"1b": "x.html#fig-1b"})
    assert '<a href="x.html#fig-1b">1b</a>, 9z' in line
    assert "<strong>C07</strong> &lt;i&gt;peak&lt;/i&gt;" in line
    assert line.startswith('<tr id="c07" ')
    assert line.count('<svg class="cs-lane') == 2


def test_what_the_filter_asks_follows_from_the_rows(rows):
    one, other = of(rows, "C07")
    as_coded = one._replace(verdict="reproduced", meaning="no")
    control = other._replace(verdict="not reproduced", meaning="open")
    assert ledger.kinds([as_coded, control]) == ["reproduced", "not-reproduced", "differ", "number-only"]
    assert ledger.kinds([control, control]) == ["not-reproduced"]


def test_every_section_has_a_name(rows):
    assert {row.section for row in rows} <= set(ledger.SECTIONS)


def test_the_committed_ledger_is_shown_whole(rows, book):
    page = (book / "book" / "verdicts.html").read_text(encoding="utf-8")
    assert page.count('<svg class="cs-lane') == len(rows)
    for row in rows:
        assert f'id="{row.id.lower()}"' in page
        assert ledger.escape(row.claim) in page


@pytest.fixture
def page(book, visit):
    with visit() as v:
        v.goto(book / "book" / "verdicts.html")
        yield v.page


def visible(page):
    return page.locator(".ledger tr[data-kinds]:visible")


@pytest.mark.browser
def test_each_choice_keeps_exactly_its_claims_and_an_address_of_its_own(page, book):
    total = visible(page).count()
    for name, mark in (("section", "row.closest('tbody').dataset.section"), ("show", "row.dataset.kinds")):
        box = page.locator(f".ledger select[name={name}]")
        for value in box.locator("option").evaluate_all("all => all.map(one => one.value)")[1:]:
            box.select_option(value)
            kept = visible(page).evaluate_all(f"rows => rows.map(row => {mark}.split(' '))")
            assert kept
            assert all(value in marks for marks in kept)
            expect(page.locator(".ledger .shown")).to_have_text(re.compile(rf"^{len(kept)} claims?$"))
            assert page.url.endswith(f"#{name}={value}")
        address = page.url
        box.select_option("")
        expect(visible(page)).to_have_count(total)
        assert "#" not in page.url
        page.goto("about:blank")
        page.goto(address)
        expect(visible(page)).to_have_count(len(kept))  # the last choice of the menu
        box.select_option("")


@pytest.mark.browser
@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("#c999", "There is no claim C999 here."),
        ("#show=nothing", "is not available"),
        ("#colour=red", "is not available"),
    ],
)
def test_an_address_that_does_not_exist_says_so_and_shows_all(book, visit, asked, said):
    with visit() as v:
        v.page.goto((book / "book" / "verdicts.html").as_uri() + asked)
        expect(v.page.locator(".ledger .shown")).to_contain_text(said)
        assert visible(v.page).count() == v.page.locator(".ledger tr[data-kinds]").count()


@pytest.mark.browser
def test_words_filter_from_the_keyboard_and_say_when_nothing_is_left(page):
    page.locator(".ledger input[name=words]").focus()
    shown = page.locator(".ledger .shown")
    before = shown.inner_text()
    page.keyboard.type("c07")
    expect(shown).not_to_have_text(before)
    expect(visible(page).locator("td:first-child strong").filter(has_not_text="C07")).to_have_count(0)
    assert set(visible(page).locator("td:first-child strong").all_inner_texts()) == {"C07"}
    page.keyboard.type("zzz")
    expect(visible(page)).to_have_count(0)
    expect(shown).to_contain_text("no claim matches")
    assert violations(page) == []


@pytest.mark.browser
def test_a_link_from_a_chapter_leads_to_its_row(book, visit):
    with visit() as v:
        v.goto(book / "notebooks" / "1-1-correlation-structure.html")
        v.page.locator(".critnet-table a", has_text="C07").first.click()
        v.page.wait_for_url("**/verdicts.html#c07")
        v.page.wait_for_function("document.querySelector('#c07').getBoundingClientRect().top < innerHeight")
        expect(v.page.locator("#c07.asked details[open]")).to_have_count(1)


@pytest.mark.browser
def test_without_javascript_the_table_is_whole(book, visit):
    with visit(java_script_enabled=False) as v:
        v.page.goto((book / "book" / "verdicts.html").as_uri())
        assert visible(v.page).count() > 100
        assert not v.page.locator(".ledger .filters").is_visible()


@pytest.mark.browser
@pytest.mark.parametrize("width", [1300, 360])
def test_nothing_is_cut_and_on_a_phone_a_claim_is_a_card(book, visit, width):
    with visit(width=width) as v:
        page = v.goto(book / "book" / "verdicts.html").page
        page.evaluate("document.querySelectorAll('.ledger details').forEach(one => { one.open = true; })")
        cut = page.evaluate("""() => [...document.querySelectorAll('.critnet-table, .ledger td, .ledger .cs-row > *')]
            .filter(one => one.checkVisibility() && one.scrollWidth > one.clientWidth + 1 && one.clientWidth)
            .map(one => one.closest('tr')?.id ?? one.className)""")
        assert cut == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        sentence, strip = (cell.bounding_box() for cell in page.locator("#c07 > td").all())
        if width == 360:  # one below the other, both as wide as the page
            assert strip["y"] >= sentence["y"] + sentence["height"] - 1
            assert strip["width"] > 300
        else:
            assert strip["x"] >= sentence["x"] + sentence["width"] - 1


@pytest.mark.browser
@pytest.mark.parametrize("claim", ["c58", "C58"])
def test_the_number_of_a_claim_in_the_address_opens_and_marks_it_alone(book, visit, claim):
    with visit() as v:
        page = v.goto(book / "book" / "verdicts.html", f"#{claim}").page
        expect(page.locator("#c58.asked details[open]")).to_have_count(1)
        expect(page.locator(".asked")).to_have_count(1)
        box = page.locator("#c58").bounding_box()
        assert 0 <= box["y"] < 900
        page.evaluate("location.hash = '#c07'")  # and the next one takes the mark along
        expect(page.locator("#c07.asked details[open]")).to_have_count(1)
        expect(page.locator(".asked")).to_have_count(1)


@pytest.mark.browser
def test_in_print_every_claim_is_open_and_no_column_is_lost(page):
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    folded = page.locator(".ledger details")
    assert folded.evaluate_all("all => all.every(one => one.open)")
    assert not page.locator(".ledger .filters").is_visible()
    assert page.locator("#c07 .verdict:visible").count() == 2
    assert page.locator("#c07 svg:visible").count() >= 2
    page.emulate_media(media="screen")
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert not folded.evaluate_all("all => all.some(one => one.open)")


def test_rows_stand_in_the_order_of_the_paper_and_unlike_quantities_are_not_sorted(rows):
    """Each section has a body of its own, its claims by number; no column offers to rank one quantity among others."""
    text = ledger.html(rows, {})
    bodies = re.findall(r'<tbody data-section="([\d.]+)">(.*?)</tbody>', text, re.S)
    assert [section for section, _ in bodies] == sorted({row.section for row in rows})
    for _, body in bodies:
        numbers = [int(n) for n in re.findall(r'<tr id="c(\d+)"', body)]
        assert numbers == sorted(numbers)
    assert "aria-sort" not in text


@pytest.mark.browser
@pytest.mark.parametrize(
    "name", ["book/verdicts", "book/reproduce", "notebooks/1-3-scale-free-final-state", "notebooks/4-1-circuits"]
)
def test_on_paper_no_table_and_no_line_of_code_is_cut(book, visit, name):
    with visit(width=718) as v:  # A4 between its margins
        page = v.goto(book / f"{name}.html").page
        page.emulate_media(media="print")
        cut = page.evaluate("""() => [...document.querySelectorAll(
            '.bd-article :is(.critnet-table, .pst-scrollable-table-container, div.math, pre)')]
            .filter(one => one.checkVisibility() && one.scrollWidth > one.clientWidth + 2)
            .map(one => one.textContent.trim().slice(0, 60))""")
        assert cut == []
