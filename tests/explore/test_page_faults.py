"""Figures in pages that are not as quiet as a book: two views, forced colours, security policies, blocked storage."""

import re

import pytest
from playwright.sync_api import expect

from critnet.explore import explore

pytestmark = pytest.mark.browser

IDS = "[...document.querySelectorAll('[id]')].map(e => e.id)"


@pytest.fixture(scope="module")
def figure(static_module, sketches):
    return explore(
        sketches.curve,
        name="fig",
        t=[0.6083, 0.7, 1.0, 2.0, 3.0, 20_000.0],
        definition=["as-coded", "control"],
        formats={"t": lambda t: f"{t:.2f}" if t < 100 else "20\u202f000"},
        style=sketches.loud,
        play=True,
        picture="svg",
    )


def test_two_views_of_a_figure_do_not_meet(visit, figure, tmp_path, write_page):
    path, _ = write_page(tmp_path, figure)
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("</body>", f"{figure.html}</body>"), encoding="utf-8")
    page = visit(path).page
    views = page.locator(".critnet-explore")
    expect(views).to_have_count(2)
    expect(views.nth(1)).to_have_attribute("data-theme", "light")
    ids = page.evaluate(IDS)
    assert len(ids) == len(set(ids)) > 4
    assert set(page.evaluate("[...document.querySelectorAll('[for]')].map(e => e.getAttribute('for'))")) <= set(ids)
    assert page.locator("input[type=radio]:checked").count() == 2
    views.nth(1).locator(".ce-choices label").last.click()
    expect(views.nth(1).locator("img:not([hidden])")).to_have_attribute("alt", re.compile("control"))
    expect(views.nth(0).locator("img:not([hidden])")).to_have_attribute("alt", re.compile("as-coded"))
    assert page.locator("input[type=radio]:checked").count() == 2
    views.nth(0).locator("input[type=range]").press("ArrowRight")
    expect(views.nth(0).locator("output")).to_have_text("0.70")
    expect(views.nth(1).locator("output")).to_have_text("0.61")


def test_what_is_chosen_shows_where_backgrounds_are_removed(visit, figure, tmp_path, write_page):
    path, _ = write_page(tmp_path, figure)
    page = visit(path, forced_colors="active").page
    expect(page.locator("#fig")).to_have_attribute("data-theme", re.compile("."))

    def seen(selector):
        page.evaluate("document.activeElement.blur()")
        page.mouse.move(1, 1)
        return page.locator(selector).screenshot()

    before = seen(".ce-choices")
    page.locator("#fig--definition label").last.click()
    assert seen(".ce-choices") != before
    slider = seen("#fig--t")
    page.locator("#fig--t").press("End")
    assert seen("#fig--t") != slider
    play = seen(".ce-play")
    page.add_style_tag(content=".critnet-explore .ce-play::before { visibility: hidden }")
    assert seen(".ce-play") != play


@pytest.mark.parametrize(
    ("policy", "words"),
    [
        ("img-src file:", "The security policy of this page (img-src) forbids drawings"),
        ("script-src 'unsafe-inline'", "The security policy of this page (script-src-elem) forbids the scripts"),
    ],
)
def test_a_security_policy_is_named_as_the_cause(chromium, figure, tmp_path, write_page, policy, words):
    path, _ = write_page(tmp_path, figure)
    text = path.read_text(encoding="utf-8")
    meta = f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
    path.write_text(text.replace("<meta charset", f"{meta}<meta charset"), encoding="utf-8")
    context = chromium.new_context()
    page = context.new_page()
    page.goto(path.as_uri())
    page.locator("#fig--definition label").last.click()
    expect(page.locator("#fig .ce-note")).to_contain_text(words)
    expect(page.locator("#fig")).to_have_attribute("aria-busy", "false")
    context.close()


@pytest.mark.parametrize(
    ("asked", "shown"), [("0.61", "0.61"), ("0.6083", "0.61"), ("20 000", "20\u202f000"), ("2e4", "20\u202f000")]
)
def test_an_address_may_name_what_the_reader_sees(visit, figure, tmp_path, write_page, asked, shown):
    path, _ = write_page(tmp_path, figure)
    page = visit(path, f"#fig?t={asked}&definition=control").page
    expect(page.locator("#fig output")).to_have_text(shown)
    expect(page.locator("#fig .ce-note")).to_be_hidden()
    named = shown if shown == "0.61" else "20000.0"
    expect(page.locator("#fig .ce-link")).to_have_attribute("href", f"#fig?t={named}&definition=control")


def test_what_is_said_about_a_link_moves_nothing(visit, figure, tmp_path, write_page):
    path, _ = write_page(tmp_path, figure)
    for width in (900, 360):
        page = visit(path, viewport={"width": width, "height": 900}).page
        expect(page.locator("#fig")).to_have_attribute("data-theme", "light")
        boxes = (
            "() => [...document.querySelectorAll('#fig, #fig *')].map(e => JSON.stringify(e.getBoundingClientRect()))"
        )
        page.locator("#fig--t").press("ArrowRight")  # the reset button has come
        expect(page.locator("#fig .ce-reset")).to_be_visible()
        height = page.locator("#fig").bounding_box()["height"]
        before = page.evaluate(boxes)
        page.locator("#fig .ce-link").click()
        expect(page.locator("#fig .ce-told")).to_have_text(re.compile("copied|names this view"))
        assert page.evaluate(boxes) == before
        page.locator("#fig .ce-reset").click()
        expect(page.locator("#fig .ce-reset")).to_be_hidden()
        assert page.locator("#fig").bounding_box()["height"] == height


def test_targets_of_a_figure_are_at_least_24_pixels(visit, figure, tmp_path, write_page):
    path, _ = write_page(tmp_path, figure)
    page = visit(path, viewport={"width": 360, "height": 900}).page
    page.locator("#fig--t").press("ArrowRight")
    expect(page.locator("#fig .ce-reset")).to_be_visible()
    sizes = """[...document.querySelectorAll("#fig :is(a, button, summary, select, input)")].filter(e =>
        e.checkVisibility({ visibilityProperty: true })).map(e => {
            const { width, height } = (e.type === "radio" ? e.closest("label") : e).getBoundingClientRect();
            return [e.className || e.id || e.tagName, width, height];
        })"""
    found = page.evaluate(sizes)
    assert len(found) >= 7
    assert [each for each in found if min(each[1:]) < 24] == []
