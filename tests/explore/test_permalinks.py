"""Permalinks in a real browser: a view can be named, sent and restored; a bad name is noted."""

import re

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


def test_permalink_round_trip(visit, book, shown):
    page = visit(book).page
    page.locator("#fig-1--t").press("End")
    page.locator("#fig-1--definition label").last.click()
    expected = "#fig-1?t=200000&seed=0&definition=control"
    page.wait_for_function("hash => location.hash === hash", arg=expected)
    expect(page.locator("#fig-1 .ce-link")).to_have_attribute("href", expected)
    there = visit(book, expected).page
    assert shown(there)[:2] == shown(page)[:2]
    expect(there.locator("#fig-1--t")).to_have_value("5")
    expect(there.locator("#fig-1--definition input").last).to_be_checked()
    expect(there.locator("#fig-1 .ce-note")).to_be_hidden()
    expect(there.locator("#fig-1 .ce-reset")).to_be_visible()


@pytest.mark.parametrize(
    ("query", "said", "alt"),
    [
        ("t=7", "iteration t = “7” is not available; showing 1.", "At t = 1, seed 0"),
        ("t=7&seed=2", "iteration t = “7” is not available; showing 1.", "At t = 1, seed 2"),
        ("t=", "iteration t = “” is not available", "At t = 1, seed 0"),
        ("t=%E0%A4%A", "is not available", "At t = 1, seed 0"),
        ("colour=red", "There is no control “colour” here.", "At t = 1, seed 0"),
        ("t=1e1", None, "At t = 10, seed 0"),
        ("", None, "At t = 1, seed 0"),
    ],
)
def test_a_permalink_is_restored_or_noted(visit, book, query, said, alt, shown):
    page = visit(book, f"#fig-1?{query}").page
    assert alt in shown(page)[1]
    note = page.locator("#fig-1 .ce-note")
    assert (said in note.inner_text()) if said else note.is_hidden()
    expect(page.locator("#fig-2 .ce-note")).to_be_hidden()


def test_a_permalink_typed_into_an_open_page(visit, book, shown):
    page = visit(book).page
    page.evaluate("location.hash = '#fig-1?t=5&seed=2'")
    page.wait_for_function("document.querySelector('#fig-1--t').value === '2'")
    assert "At t = 5, seed 2" in shown(page)[1]
    page.evaluate("location.hash = '#elsewhere'")
    assert "At t = 5, seed 2" in shown(page)[1]


def test_link_button_says_what_it_did(visit, book):
    page = visit(book).page
    page.locator("#fig-1 .ce-link").click()
    expect(page.locator("#fig-1 .ce-told")).to_have_text(re.compile("copied|names this view"))
    assert page.evaluate("location.hash") == "#fig-1?t=1&seed=0&definition=as-coded"


def test_reset(visit, book, shown):
    page = visit(book).page
    first = shown(page)[:2]
    expect(page.locator("#fig-1 .ce-reset")).to_be_hidden()
    page.locator("#fig-1--t").press("End")
    page.locator("#fig-1 .ce-reset").click()
    assert shown(page)[:2] == first
    expect(page.locator("#fig-1 .ce-reset")).to_be_hidden()
