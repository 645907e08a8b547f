"""The page of verdicts: the whole ledger, filtered, sorted, and tied to the chapters both ways."""

import csv
import re

import pytest
from accessibility import violations
from critnet_book import ledger
from playwright.sync_api import expect

ROW = {
    "id": "C07", "section": "1.1", "panel": "1b, 9z", "claim": "<i>peak</i>", "paper_value": "37",
    "definition": "control", "value": "39.0", "low": "21.0", "high": "70.0", "n_runs": "5", "verdict": "partly",
    "rule": "R: <50", "null": "{}", "also": "{}", "note": "",
    "quantity": "a", "first_edition": "reproduced", "reason": "",
}  # fmt: skip


def test_a_row_is_linked_and_escaped():
    line = ledger.line(ROW, {"1b": "x.html#fig-1b"}, first=True)
    assert '<a href="x.html#fig-1b">1b</a>, 9z' in line
    assert '<strong><span id="c07">C07</span></strong> &lt;i&gt;peak&lt;/i&gt;' in line
    assert '<td data-key="39.0">39</td>' in line
    assert "21 to 70" in line
    assert 'id="c07"' not in ledger.line(ROW, {}, first=False)


def test_the_committed_ledger_is_shown_whole(root, book):
    with (root / "data" / "claims.csv").open(newline="", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    page = (book / "book" / "verdicts.html").read_text(encoding="utf-8")
    assert len(re.findall(r'<tr data-section="', page)) == len(rows)
    for row in rows:
        assert f'id="{row["id"].lower()}"' in page
        assert ledger.escape(row["claim"]) in page


@pytest.fixture
def page(book, visit):
    with visit() as v:
        v.goto(book / "book" / "verdicts.html")
        yield v.page


def visible(page):
    return page.locator(".ledger tbody tr:visible")


@pytest.mark.browser
@pytest.mark.parametrize("name", ["section", "definition", "verdict"])
def test_each_filter_keeps_exactly_its_rows(page, name):
    box = page.locator(f".ledger select[name={name}]")
    total = page.locator(".ledger tbody tr").count()
    for value in box.locator("option").all_inner_texts()[1:]:
        box.select_option(label=value)
        expect(page.locator(f".ledger tbody tr:visible:not([data-{name}='{value}'])")).to_have_count(0)
        kept = visible(page).evaluate_all(f"rows => rows.map(r => r.dataset.{name})")
        assert kept
        assert set(kept) == {value}
        expect(page.locator(".ledger .shown")).to_have_text(re.compile(rf"^{len(kept)} rows"))
    box.select_option(label="all")
    expect(visible(page)).to_have_count(total)


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
    expect(shown).to_contain_text("no row matches")
    assert violations(page) == []


@pytest.mark.browser
def test_columns_sort_both_ways(page):
    column = page.locator(".ledger thead button", has_text="ours")
    index = page.locator(".ledger thead button").all_inner_texts().index("ours")
    for order, state in ((1, "ascending"), (-1, "descending")):
        column.press("Enter")
        expect(page.locator(f".ledger th[aria-sort={state}]")).to_have_text("ours")
        keys = visible(page).evaluate_all(f"rows => rows.map(r => r.cells[{index}].dataset.key)")
        numbers = [float(key) for key in keys if key]
        assert numbers == sorted(numbers, reverse=order < 0)
        assert keys[len(numbers) :] == [""] * (len(keys) - len(numbers))  # claims without a number come last


@pytest.mark.browser
def test_a_link_from_a_chapter_leads_to_its_row(book, visit):
    with visit() as v:
        v.goto(book / "notebooks" / "1-1-correlation-structure.html")
        v.page.locator(".critnet-table a", has_text="C07").first.click()
        v.page.wait_for_url("**/verdicts.html#c07")
        v.page.wait_for_function("document.querySelector('#c07').getBoundingClientRect().top < innerHeight")


@pytest.mark.browser
def test_without_javascript_the_table_is_whole(book, visit):
    with visit(java_script_enabled=False) as v:
        v.page.goto((book / "book" / "verdicts.html").as_uri())
        assert v.page.locator(".ledger tbody tr").count() > 10
        assert not v.page.locator(".ledger .filters").is_visible()
