"""A newcomer's path by keyboard alone, from the front page to the end of the tour: controls moved, answers read."""

import re

import pytest
from accessibility import violations
from playwright.sync_api import expect

from critnet.paper import tour

pytestmark = pytest.mark.browser

UNTOLD = "The answer comes with your first move."
CONTROLS = {
    "neuron": "digit", "pair": "t", "graph": "t", "sizes": "size", "clock": "t", "verdict": "guess",
}  # fmt: skip


def tab_to(page, wanted, most=120):
    """Press Tab until the focus is on what a selector names; the keyboard must come to it."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", wanted):
            return
    raise AssertionError(f"{most} times Tab did not lead to {wanted}")


def test_from_the_front_page_to_the_end_of_the_tour_by_keyboard(book, visit):
    with visit() as v:
        v.goto(book / "book" / "intro.html")
        tab_to(v.page, "article a[href='tour.html']")
        v.page.keyboard.press("Enter")
        v.page.wait_for_url("**/book/tour.html")
        v.page.wait_for_selector("#tour-verdict--view[data-ready=true]")
        for name, control in CONTROLS.items():
            view = v.page.locator(f"#tour-{name}--view")
            answer, facts = view.locator("[data-part=answer]"), view.locator("[data-part=facts]")
            expect(answer).to_have_text(UNTOLD)
            before = facts.text_content()
            radio = "" if name != "verdict" else " input:checked"
            tab_to(v.page, f"#tour-{name}--{control}{radio}")
            v.page.keyboard.press("ArrowRight")
            told = tour.step(name).given
            expect(answer).to_have_text(told["answers"][1])
            expect(facts).to_have_text(told["facts"][1])
            assert name == "verdict" or facts.text_content() != before
            v.page.keyboard.press("ArrowLeft")
            expect(answer).to_have_text(told["answers"][0])  # it stays once it was told
        tab_to(v.page, "article a[href='abstract.html']")
        v.page.keyboard.press("Enter")
        v.page.wait_for_url("**/book/abstract.html")
        tab_to(v.page, ".told-words a")
        assert v.errors == []
        assert v.outside == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_tour_is_accessible_after_all_answers(book, visit, scheme):
    with visit(scheme=scheme) as v:
        v.goto(book / "book" / "tour.html")
        for name, control in CONTROLS.items():
            field = v.page.locator(f"#tour-{name}--{control}")
            (field.locator("input:checked") if name == "verdict" else field).press("ArrowRight")
            expect(v.page.locator(f"#tour-{name}--view [data-part=answer]")).not_to_have_text(UNTOLD)
        assert violations(v.page) == []


def test_the_tour_on_a_phone_moves_nothing_when_the_answer_comes(book, visit):
    with visit(width=360, height=740) as v:
        v.goto(book / "book" / "tour.html")
        height = "document.documentElement.scrollHeight"
        before = v.page.evaluate(height)
        for name, control in CONTROLS.items():
            field = v.page.locator(f"#tour-{name}--{control}")
            (field.locator("input:checked") if name == "verdict" else field).press("ArrowRight")
            expect(v.page.locator(f"#tour-{name}--view [data-part=answer]")).not_to_have_text(UNTOLD)
        assert v.page.evaluate(height) == before
        assert v.page.evaluate("document.documentElement.scrollWidth") <= 360


def test_paper_has_the_answers_and_a_page_without_scripts_the_questions(book, visit):
    with visit() as v:
        v.goto(book / "book" / "tour.html")
        v.page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
        expect(v.page.locator("#tour-graph--view [data-part=answer]")).to_have_text(
            tour.step("graph").given["answers"][0]
        )
    with visit(java_script_enabled=False) as v:
        v.page.goto((book / "book" / "tour.html").as_uri())
        expect(v.page.locator("#tour-graph .cc-static p")).to_have_text(re.compile("When|when is the graph largest"))


def test_an_address_that_names_no_value_is_told(book, visit):
    with visit() as v:
        v.goto(book / "book" / "tour.html", "#tour-graph?t=3")
        expect(v.page.locator("#tour-graph--t")).to_have_value("3")
        v.goto(book / "book" / "abstract.html").goto(book / "book" / "tour.html", "#tour-graph?t=33")
        expect(v.page.locator("#tour-graph--view [data-part=note]")).to_contain_text("33")
