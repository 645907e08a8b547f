"""The bar of a page: one time and one definition for all its figures."""

import pytest
from accessibility import violations
from critnet_book import bar
from playwright.sync_api import expect

from critnet.explore.frames import read_indices

pytestmark = pytest.mark.browser

CHAPTER = "notebooks/1-1-correlation-structure.html"


@pytest.fixture
def chapter(book, visit):
    with visit() as opened:
        yield opened.goto(book / CHAPTER).page
        assert (opened.outside, opened.errors) == ([], [])


def times_shown(page):
    return page.locator("figure.critnet-explore [id$='--t']").evaluate_all(
        "inputs => inputs.map(input => input.getAttribute('aria-valuetext'))"
    )


def test_the_ruler_moves_every_figure_by_keyboard_and_pointer(chapter):
    slider = chapter.locator(".critnet-bar input[type=range]")
    expect(chapter.locator(".critnet-bar output")).to_have_text("each its own")
    before = times_shown(chapter)
    slider.focus()
    chapter.keyboard.press("End")
    expect(chapter.locator(".critnet-bar output")).to_have_text("t = 200\u202f000")
    assert len(before) > 0
    assert times_shown(chapter) == ["200\u202f000"] * len(before)
    box = slider.bounding_box()
    chapter.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(chapter.locator(".critnet-bar output")).not_to_have_text("t = 200\u202f000")
    assert times_shown(chapter) != ["200\u202f000"] * len(before)
    assert chapter.locator(".ce-hair:not([hidden])").count() > 0


def test_the_bar_is_seen_while_the_page_is_read(chapter):
    for share in (0.1, 0.5, 0.9):
        chapter.evaluate("share => window.scrollTo(0, share * document.body.scrollHeight)", share)
        assert chapter.locator(".critnet-bar").evaluate(
            "bar => { const box = bar.getBoundingClientRect(); return box.bottom <= innerHeight + 1 && box.top > 0; }"
        )


def test_the_definition_is_one_for_the_page_and_the_next(book, visit):
    with visit() as opened:
        page = opened.goto(book / CHAPTER).page
        names = [index["name"] for index in read_indices((book / CHAPTER).read_text()) for control in index["controls"]
                 if control["name"] == "definition"]  # fmt: skip
        assert names
        for value in ("as-coded", "control"):
            page.locator(f".critnet-bar input[value={value}]").focus()
            page.keyboard.press("Space")
            for name in names:
                chosen = page.locator(f"#{name}--definition").evaluate(
                    "item => item.tagName === 'FIELDSET' ? item.querySelector(':checked').parentElement.textContent"
                    " : item.selectedOptions[0].textContent"
                )
                assert chosen.strip() == value.replace("-", " "), name
        page.goto((book / "notebooks/1-3-scale-free-final-state.html").as_uri())
        expect(page.locator(".critnet-bar input[value=control]")).to_be_checked()
        page.locator(".cb-release").click()
        expect(page.locator(".critnet-bar input:checked")).to_have_count(0)
        page.reload()
        expect(page.locator(".critnet-bar input[type=radio]:checked")).to_have_count(0)


def test_the_address_names_both_and_bad_ones_are_said(book, visit):
    address = (book / CHAPTER).as_uri()
    with visit() as opened:
        page = opened.page
        page.goto(f"{address}?t=100&definition=control")
        expect(page.locator(".critnet-bar output")).to_have_text("t = 100")
        expect(page.locator(".critnet-bar input[value=control]")).to_be_checked()
        page.locator(".critnet-bar input[value=as-coded]").focus()
        page.keyboard.press("Space")
        page.wait_for_url("**?t=100&definition=as-coded*")
        for bad, word in (
            ("t=-3", "whole number from 0 to"),
            ("t=x", "whole number"),
            ("definition=mine", "not known"),
        ):
            page.goto(f"{address}?{bad}")
            expect(page.locator(".cb-said")).to_contain_text(word)
            expect(page.locator(".critnet-bar output")).to_have_text("each its own")


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 360)])
def test_the_bar_is_accessible_and_fits(book, visit, scheme, width):
    with visit(scheme=scheme, width=width) as opened:
        page = opened.goto(book / CHAPTER).page
        page.locator(".critnet-bar input[type=range]").focus()
        page.keyboard.press("ArrowRight")
        page.locator(".critnet-bar input[value=control]").focus()
        page.keyboard.press("Space")
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert page.locator(".critnet-bar").bounding_box()["height"] <= 110


def test_play_runs_through_the_training_and_stops(book, visit):
    with visit() as opened:
        opened.page.emulate_media(reduced_motion="no-preference")
        page = opened.goto(book / CHAPTER).page
        play = page.locator(".cb-play")
        play.click()
        expect(play).to_have_attribute("aria-pressed", "true")
        expect(page.locator(".critnet-bar output")).to_have_text("t = 200\u202f000")
        expect(play).to_have_attribute("aria-pressed", "false")


def test_a_page_without_figures_has_no_bar(book):
    assert "critnet-bar" not in (book / "book" / "methods.html").read_text().split("</head>")[1]


def test_marks_lie_on_the_ruler_in_order():
    known, line, marks = bar.ruler()
    assert known[0] == 0
    assert known == sorted(set(known))
    places = [place for place, _ in marks]
    assert places == sorted(places)
    assert 0 < places[0] < places[-1] < 1
    assert len(line.split()) > 30
