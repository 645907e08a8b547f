"""What a page sets for all its figures: a time and a definition, which they follow, mark on their axes, and say."""

import math

import pytest
from playwright.sync_api import expect

from critnet.explore import explore
from critnet.explore.frames import read_indices

pytestmark = pytest.mark.browser

TIMES = [0, 1, 5, 10, 100, 1000]


@pytest.fixture(scope="module")
def page_of_courses(static_module, sketches, tmp_path_factory, write_page):
    both = ["as-coded", "control"]
    one = explore(sketches.course, name="fig-1", t=TIMES, definition=both)
    two = explore(sketches.course, name="fig-2", scale=["log", "linear"], fixed={"t": 5})
    three = explore(sketches.curve, name="fig-3", seed=[0, 1], fixed={"t": 5})
    return write_page(tmp_path_factory.mktemp("settings"), one, two, three)[0]


def tell(page, **settings):
    page.evaluate("detail => { document.dispatchEvent(new CustomEvent('critnet-settings', { detail })); }", settings)


def hairs(page, name):
    """Place of each hairline that is seen, in shares of the picture's box, and what it says."""
    return page.locator(f"#{name}").evaluate(
        """f => {
            const image = f.querySelector('.ce-frame img:not([hidden])').getBoundingClientRect();
            return [...f.querySelectorAll('.ce-hair:not([hidden])')].map(hair => {
                const box = hair.getBoundingClientRect();
                return [(box.left - image.left) / image.width, (box.top - image.top) / image.height,
                    (box.bottom - image.top) / image.height, hair.textContent];
            });
        }"""
    )


def test_a_figure_goes_to_the_nearest_time_and_says_so(visit, page_of_courses):
    page = visit(page_of_courses).page
    tell(page, t=40)
    figure = page.locator("#fig-1")
    expect(figure.locator("output")).to_have_text("100")
    expect(figure.locator(".ce-note")).to_have_text("Shows t = 100, the nearest to 40 that is stored.")
    expect(figure.locator("img:not([hidden])")).to_have_attribute("alt", "as-coded at t = 100.")
    tell(page, t=1000)
    expect(figure.locator("img:not([hidden])")).to_have_attribute("alt", "as-coded at t = 1000.")
    expect(figure.locator(".ce-note")).to_be_hidden()
    tell(page, definition="control")
    expect(figure.locator("img:not([hidden])")).to_have_attribute("alt", "control at t = 1000.")
    tell(page, definition="another")
    expect(figure.locator("img:not([hidden])")).to_have_attribute("alt", "control at t = 1000.")
    assert "#" not in page.url  # the page's settings are no view of one figure


@pytest.mark.parametrize("width", [900, 300])
def test_hairlines_stand_where_the_time_is_on_each_axis(visit, page_of_courses, width):
    page = visit(page_of_courses, viewport={"width": width, "height": 1200}).page
    tell(page, t=99)
    (index,) = [index for index in read_indices(page_of_courses.read_text()) if index["name"] == "fig-2"]
    axes = index["axes"][index["times"][0]]
    assert [axis[4:] for axis in axes] == [["log", 1, 10_000, 1]] * 2  # not the third one
    found = hairs(page, "fig-2")
    assert [text for *_, text in found] == ["99", "99"]
    for (x, top, bottom, _), (left, above, right, below, *_) in zip(found, axes, strict=True):
        share = math.log(100) / math.log(10_000)
        assert x == pytest.approx(left + share * (right - left), abs=0.005)
        assert (top, bottom) == pytest.approx((above, below), abs=0.01)
    page.locator("#fig-2--scale").select_option(index=1) if page.locator("select#fig-2--scale").count() else (
        page.locator("#fig-2--scale label").last.click()
    )
    linear = hairs(page, "fig-2")
    assert linear[0][0] < found[0][0]  # the same time on a linear axis
    tell(page, t=100_000)
    assert hairs(page, "fig-2") == []  # beyond the axis
    assert hairs(page, "fig-3") == []
    tell(page, t=99)
    tell(page, released=True)
    assert hairs(page, "fig-2") == []


def test_a_locked_figure_stays(visit, page_of_courses):
    page = visit(page_of_courses).page
    tell(page, t=100)
    lock = page.locator("#fig-1 .ce-lock")
    lock.click()
    expect(lock).to_have_attribute("aria-pressed", "true")
    tell(page, t=0, definition="control")
    expect(page.locator("#fig-1 img:not([hidden])")).to_have_attribute("alt", "as-coded at t = 100.")
    assert [text for *_, text in hairs(page, "fig-1")] == ["100", "100"]
    lock.click()
    tell(page, t=0)
    expect(page.locator("#fig-1 img:not([hidden])")).to_have_attribute("alt", "as-coded at t = 0.")


def test_a_figure_that_nothing_concerns_has_no_lock(visit, page_of_courses):
    page = visit(page_of_courses).page
    expect(page.locator("#fig-1 .ce-lock")).to_be_hidden()
    tell(page, t=100)
    expect(page.locator("#fig-1 .ce-lock")).to_be_visible()
    expect(page.locator("#fig-3 .ce-lock")).to_be_hidden()
