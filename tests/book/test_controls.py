"""Every control of every explorable, moved by keyboard and by pointer: the picture and its words must follow."""

import time

import numpy as np
import pytest
from accessibility import violations
from book_pages import documents
from playwright.sync_api import expect

from critnet.explore.frames import read_indices

pytestmark = pytest.mark.browser

FIGURE = "figure.critnet-explore"


def with_explorables(book):
    """Pages of the book that hold explorables of pre-rendered frames."""
    return [book / f"{name}.html" for name in documents() if "ce-index" in (book / f"{name}.html").read_text()]


def state(figure):
    """What a reader sees now: address of the picture, its text alternative; nothing while a frame is on its way."""
    return figure.evaluate(
        """f => {
            if (f.getAttribute('aria-busy') === 'true') return null;
            const image = f.querySelector('.ce-frame img:not([hidden])');
            const words = image ? image.getAttribute('alt') : f.querySelector('.ce-empty').textContent;
            return [image ? image.getAttribute('src') : null, words];
        }"""
    )


def becomes(figure, accept=lambda found: True, seconds=20):
    """The state, once it is one that `accept` takes; the last one seen if that does not come about."""
    end = time.monotonic() + seconds
    while True:
        found = state(figure)
        if (found is not None and accept(found)) or time.monotonic() > end:
            return found
        figure.page.wait_for_timeout(20)


def loaded(figure):
    """Whether the picture shown is really there."""
    return figure.evaluate(
        """async f => {
            const image = f.querySelector('.ce-frame img:not([hidden])');
            if (!image) return true;
            await image.decode();
            return image.naturalWidth > 0;
        }"""
    )


def picture(index, theme, k):
    """What the picture of a frame is known by: the number of its drawing, or the file of its image."""
    return index[theme][k] if index["drawings"][k] is None else index["drawings"][k]


def controls(figure):
    """Its controls that have a choice: (kind, locator), radio groups by their checked member."""
    found = [("range", c) for c in figure.locator("form input[type=range]:enabled").all()]
    found += [("select", c) for c in figure.locator("form select:enabled").all()]
    found += [("radio", c) for c in figure.locator("form fieldset:has(input:enabled)").all()]
    return found


def by_keyboard(kind, control):
    """One step with the arrow keys, backwards from the last value."""
    if kind == "radio":
        control.locator("input:checked").focus()
        control.page.keyboard.press("ArrowRight")
        return
    control.focus()
    last = "c => c.type === 'range' ? c.value === c.max : c.selectedIndex === c.options.length - 1"
    up, down = ("ArrowRight", "ArrowLeft") if kind == "range" else ("ArrowDown", "ArrowUp")
    control.page.keyboard.press(down if control.evaluate(last) else up)


def by_pointer(kind, control):
    """A click: on the far end of a slider, on another choice, on another entry of a menu."""
    if kind == "radio":
        control.locator("input:not(:checked)").first.click()
    elif kind == "range":
        box = control.bounding_box()
        high = control.evaluate("c => Number(c.value) > (Number(c.min) + Number(c.max)) / 2")
        control.click(position={"x": 2 if high else box["width"] - 2, "y": box["height"] / 2})
    else:
        entries = control.locator("option").count()
        control.select_option(index=(control.evaluate("c => c.selectedIndex") + 1) % entries)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_control_moves_its_picture_and_words(book, visit, scheme, capsys):
    moved = 0
    for file in with_explorables(book):
        with visit(scheme=scheme) as v:
            v.goto(file)
            for figure in v.page.locator(FIGURE).all():
                name = figure.get_attribute("id")
                assert loaded(figure), f"{name}: no picture to begin with"
                for kind, control in controls(figure):
                    for move in (by_keyboard, by_pointer):
                        before = becomes(figure)
                        move(kind, control)
                        after = becomes(figure, lambda found, old=before: found[0] != old[0] and found[1] != old[1])
                        what = f"{file.name}#{name}, {kind} {control.get_attribute('id')}, {move.__name__}"
                        assert after[0] != before[0], f"{what}: the picture stayed"
                        assert after[1] != before[1], f"{what}: the words stayed, {after[1]!r}"
                        assert any(c.isdigit() for c in after[1]), f"{what}: no number in {after[1]!r}"
                        assert loaded(figure), f"{what}: the picture is not there"
                    moved += 1
            assert v.outside == []
            assert v.errors == []
            assert violations(v.page) == []
    with capsys.disabled():
        print(f"\n{moved} controls moved by keyboard and by pointer ({scheme})")
    assert moved > 0, "the book has no control at all"


def test_no_control_is_dead_in_any_state(book):
    """One step of any control, from any state of the others, changes the picture and its words."""
    dead, steps = set(), 0
    for file in with_explorables(book):
        for index in read_indices(file.read_text(encoding="utf-8")):
            shape = [len(control["keys"]) for control in index["controls"]]
            places = np.arange(int(np.prod(shape))).reshape(shape)
            for axis, control in enumerate(index["controls"]):
                last = shape[axis]
                befores, afters = (places.take(range(*ends), axis).ravel() for ends in ((0, last - 1), (1, last)))
                for before, after in zip(befores, afters, strict=True):
                    steps += 1
                    for kind in ("light", "dark"):
                        if picture(index, kind, before) == picture(index, kind, after):
                            dead.add((index["root"], control["name"], kind))
                    if index["alt"][before] == index["alt"][after]:
                        dead.add((index["root"], control["name"], "alt"))
    assert dead == set()
    assert steps > 500


def test_the_address_restores_what_was_chosen(book, visit):
    for file in with_explorables(book):
        with visit() as v, visit() as again:
            v.goto(file)
            for figure in v.page.locator(FIGURE).all():
                for kind, control in controls(figure):
                    before = becomes(figure)
                    by_keyboard(kind, control)
                    becomes(figure, lambda found, old=before: found != old)
                name = figure.get_attribute("id")
                link = figure.locator(".ce-link").get_attribute("href")
                again.page.goto("about:blank")
                again.goto(file, link)
                chosen = becomes(figure)
                restored = becomes(again.page.locator(f"{FIGURE}#{name}"), lambda found, new=chosen: found == new)
                assert restored == chosen, link


def test_a_value_out_of_range_falls_back_and_says_so(book, visit):
    for file in with_explorables(book):
        with visit() as v:
            v.goto(file)
            figure = v.page.locator(FIGURE).first
            name, default = figure.get_attribute("id"), becomes(figure)
            control = controls(figure)[0][1].get_attribute("id").split("--")[1]
            v.page.goto("about:blank")
            v.goto(file, f"#{name}?{control}=-12345")
            figure = v.page.locator(f"{FIGURE}#{name}")
            expect(figure.locator(".ce-note")).to_contain_text("not available")
            assert becomes(figure, lambda found, old=default: found == old) == default


def test_without_javascript_and_on_paper_the_default_is_shown(book, visit):
    for file in with_explorables(book):
        with visit(java_script_enabled=False) as v:
            v.page.goto(file.as_uri())
            for figure in v.page.locator(FIGURE).all():
                expect(figure.locator("img.ce-light")).to_be_visible()
                expect(figure.locator("form")).not_to_be_visible()
        with visit(scheme="dark") as v:
            v.goto(file)
            v.page.emulate_media(media="print")
            for figure in v.page.locator(FIGURE).all():
                expect(figure.locator("img.ce-light")).to_be_visible()
                expect(figure.locator("img.ce-dark")).not_to_be_visible()
                expect(figure.locator("form")).not_to_be_visible()


def test_data_of_a_frame_can_be_downloaded(book, visit):
    for file in with_explorables(book):
        with visit() as v:
            v.goto(file)
            for figure in v.page.locator(FIGURE).all():
                address = figure.locator(".ce-csv").get_attribute("href")
                lines = (file.parent / address).read_text(encoding="utf-8").splitlines()
                assert len(lines) > 1
