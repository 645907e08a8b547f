"""Explorables in a real browser, opened from disk: controls, words, themes, permalinks, faults."""

import io
import itertools
from urllib.parse import quote

import numpy as np
import pandas as pd
import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import expect

from critnet.explore import explore
from critnet.explore.install import read_indices

pytestmark = pytest.mark.browser


def assert_all_changed(before, after):
    assert before[0] != after[0]
    assert before[1] != after[1]
    assert before[2].shape == after[2].shape  # nothing jumps
    assert (before[2] != after[2]).any()


def axe(page):
    found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]})
    assert found.violations_count == 0, found.generate_report()


def test_slider_by_keyboard_and_pointer(visit, book, shown):
    page = visit(book).page
    slider, states = page.locator("#fig-1--t"), [shown(page)]
    slider.focus()
    page.keyboard.press("ArrowRight")
    states.append(shown(page))
    expect(slider).to_have_attribute("aria-valuetext", "5")
    expect(page.locator("#fig-1 output")).to_have_text("5")
    box = slider.bounding_box()
    page.mouse.click(box["x"] + box["width"] - 4, box["y"] + box["height"] / 2)
    states.append(shown(page))
    expect(page.locator("#fig-1 output")).to_have_text("200\u202f000")
    page.keyboard.press("Home")
    states.append(shown(page))
    for before, after in itertools.pairwise(states):
        assert_all_changed(before, after)
    assert "At t = 0," in states[-1][1]


@pytest.mark.parametrize(("control", "word"), [("seed", "seed 2"), ("definition", "control")])
def test_choices_by_keyboard_and_pointer(visit, book, control, word, shown):
    page = visit(book).page
    states = [shown(page)]
    page.locator(f"#fig-1--{control} input:checked").focus()
    page.keyboard.press("ArrowRight")
    states.append(shown(page))
    assert word in states[1][1]
    page.locator(f"#fig-1--{control} label").first.click()
    states.append(shown(page))
    assert_all_changed(*states[:2])
    assert_all_changed(*states[1:])
    assert states[2][:2] == states[0][:2]


def test_select_by_keyboard_and_by_choice(visit, book, shown, sketches):
    page = visit(book).page
    before = shown(page, "fig-2")[1]
    page.locator("#fig-2--word").focus()
    page.keyboard.press("ArrowDown")
    between = shown(page, "fig-2")[1]
    page.locator("#fig-2--word").select_option(index=2)
    after = shown(page, "fig-2")[1]
    assert [before, between, after] == [f"alt {name}" for name in sketches.NAMES]


def test_hostile_text_is_text(visit, book, sketches):
    page = visit(book, f"#fig-2?word={quote(sketches.EVIL)}").page
    expect(page.locator("#fig-2 img:not([hidden])")).to_have_attribute("alt", f"alt {sketches.EVIL}")
    page.goto(book.as_uri() + f"#fig-2?word={quote(sketches.EVIL + '!')}")
    expect(page.locator("#fig-2 .ce-note")).to_contain_text(f"= “{sketches.EVIL}!” is not available")
    assert page.evaluate("window.pwned") is None
    expect(page.locator("#fig-2 img")).to_have_count(2)


def test_controls_are_reached_with_tab_and_named(visit, book, sketches):
    page = visit(book).page
    seen = []
    for _ in range(8):
        page.keyboard.press("Tab")
        seen.append(page.evaluate("(({ id, name, className }) => id || name || className)(document.activeElement)"))
    assert seen[:4] == ["ce-play", "fig-1--t", "fig-1--seed", "fig-1--definition"]
    expect(page.get_by_role("slider", name="iteration t")).to_have_count(1)
    expect(page.get_by_role("group", name="definition").get_by_role("radio", name="as coded")).to_have_count(1)
    expect(page.get_by_role("combobox", name=sketches.EVIL)).to_have_count(1)


def test_keys_do_not_reach_the_notebook(visit, book):
    page = visit(book).page
    page.evaluate("window.heard = 0; document.addEventListener('keydown', () => { window.heard += 1 })")
    page.locator("#fig-1--t").focus()
    page.keyboard.press("ArrowRight")
    assert page.evaluate("window.heard") == 0


def test_words_follow_the_picture(visit, book, shown):
    page = visit(book).page
    page.locator("#fig-1 summary").click()
    page.locator("#fig-1--t").press("ArrowRight")
    alt = shown(page)[1]
    expect(page.locator("#fig-1 .ce-words p")).to_have_text(alt)
    page.wait_for_function("alt => document.querySelector('#fig-1 .ce-live').textContent === alt", arg=alt)


def test_theme_of_the_page_chooses_the_picture(visit, book, shown):
    opened = visit(book)
    page = opened.page
    light = shown(page)
    loaded = len(opened.loaded)
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    page.wait_for_selector("#fig-1[data-theme=dark] .ce-dark:not([hidden])")
    dark = shown(page)
    assert light[0] != dark[0]
    assert light[1] == dark[1]
    assert light[2].mean() > 200 > 60 > dark[2].mean()
    assert len(opened.loaded) == loaded + 2  # one dark frame for each of the two explorables, not before
    page.evaluate("document.documentElement.dataset.theme = 'light'")
    page.wait_for_selector("#fig-1 .ce-light:not([hidden])")
    assert shown(page)[0] == light[0]


def test_theme_of_the_system_where_the_page_has_none(visit, book):
    page = visit(book, color_scheme="dark").page
    assert page.locator("#fig-1 img:not([hidden])").get_attribute("class").startswith("ce-dark")
    page.emulate_media(color_scheme="light")
    page.wait_for_selector("#fig-1 .ce-light:not([hidden])")


def test_no_run_matches(visit, book, shown):
    page = visit(book, "#fig-1?t=10&seed=2").page
    expect(page.locator("#fig-1 .ce-empty")).to_have_text("No run matches seed 2 at t = 10.")
    expect(page.locator("#fig-1 img:not([hidden])")).to_have_count(0)
    expect(page.locator("#fig-1 .ce-csv")).to_be_hidden()
    page.locator("#fig-1--t").press("ArrowLeft")
    assert "At t = 5, seed 2" in shown(page)[1]
    expect(page.locator("#fig-1 .ce-empty")).to_be_hidden()


@pytest.mark.parametrize("moves", [0, 2])
def test_downloaded_data_are_those_of_the_frame(visit, book, sketches, moves, tmp_path):
    page = visit(book).page
    for _ in range(moves):
        page.locator("#fig-1--t").press("ArrowRight")
    with page.expect_download() as download:
        page.locator("#fig-1 .ce-csv").click()
    download.value.save_as(tmp_path / "frame.csv")
    assert download.value.suggested_filename.endswith(".csv")
    pd.testing.assert_frame_equal(pd.read_csv(tmp_path / "frame.csv"), sketches.power([1, 5, 10][moves] + 1))


@pytest.fixture(scope="module")
def tables(static_module, sketches, tmp_path_factory, write_page):
    """A page whose data are in a pack."""
    from critnet.explore import explore

    page = explore(sketches.long_table, name="fig-1", t=[0, 1, 2, 4, 5, 3], initial={"t": 1})
    return write_page(tmp_path_factory.mktemp("tables"), page)[0]


@pytest.mark.parametrize("key", ["Home", "ArrowRight"])
def test_data_in_a_pack_are_saved_as_those_of_the_frame(visit, tables, sketches, key, tmp_path):
    opened = visit(tables)
    page = opened.page
    page.locator("#fig-1--t").press(key)
    page.wait_for_selector("#fig-1[aria-busy=false]")
    for _ in range(2):  # the second one from the pack that is there
        with page.expect_download() as download:
            page.locator("#fig-1 .ce-csv").click()
    t = {"Home": 0, "ArrowRight": 2}[key]
    assert download.value.suggested_filename == f"fig-1_t_{t}.csv"
    download.value.save_as(tmp_path / "frame.csv")
    expected = sketches.long_table(t).table
    pd.testing.assert_frame_equal(pd.read_csv(tmp_path / "frame.csv"), expected, check_dtype=False)
    page.locator("#fig-1--t").press("End")
    expect(page.locator("#fig-1 .ce-csv")).to_be_hidden()
    assert page.url.startswith("file:")


@pytest.mark.parametrize("width", [360, 900])
def test_a_long_option_leaves_room_for_the_label(visit, static_module, sketches, tmp_path, write_page, width):
    from critnet.explore import explore

    words = {word: f"{word} {'long ' * 60}" for word in "abcdefg"}
    page = explore(sketches.hostile, name="fig-1", word=list(words), labels={"word": ("the claim", words)})
    page = visit(write_page(tmp_path, page)[0], viewport={"width": width, "height": 600}).page
    label, select = (page.locator(f"#fig-1 .ce-control {tag}") for tag in ("label", "select"))
    assert label.evaluate("e => e.scrollWidth <= e.clientWidth && e.clientWidth > 40")
    assert select.bounding_box()["width"] > 100
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_browser_that_cannot_unpack_data_says_so(visit, tables):
    page = visit(tables).page
    page.locator("#fig-1--t").press("ArrowRight")
    page.wait_for_selector("#fig-1[aria-busy=false]")
    page.evaluate("delete window.DecompressionStream")
    page.locator("#fig-1 .ce-csv").click()
    expect(page.locator("#fig-1 .ce-note")).to_have_text("This browser is too old to show more than the first table.")


def test_frames_load_on_demand_and_neighbours_when_reached_for(visit, book):
    opened = visit(book)

    def frames():
        return [address for address in opened.loaded if "_frames" in address]

    def loads(count):
        """As many frames as this, and after a while no more."""
        for _ in range(200):
            if len(frames()) >= count:
                break
            opened.page.wait_for_timeout(50)
        opened.page.wait_for_timeout(300)
        assert len(frames()) == count

    loads(2)  # the first one of each explorable
    opened.page.locator("#fig-1 .ce-frame").hover()
    # drawings: the pack; images: t one step down and up, the other seed, the other definition, but for what fig-2 shows
    first, second = read_indices(book.read_text())
    shared = set(first["light"]) & set(second["light"][:1]) - {None}
    loads(2 + (1 if frames()[0].endswith(".svg") else 4 - len(shared)))


def test_without_javascript_the_first_frame_shows(visit, book):
    page = visit(book, java_script_enabled=False).page
    image = page.locator("#fig-1 .ce-light")
    expect(image).to_be_visible()
    assert image.bounding_box()["width"] == 380
    expect(page.get_by_text("The first power law.")).to_be_visible()
    expect(page.locator("#fig-1 .ce-controls")).to_be_hidden()
    expect(page.locator("#fig-1 .ce-csv")).to_be_visible()
    pixels = np.asarray(Image.open(io.BytesIO(image.screenshot())).convert("RGB"))
    assert (pixels != 255).any()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_print_shows_the_light_picture_and_no_controls(visit, book, scheme):
    page = visit(book, color_scheme=scheme).page
    page.emulate_media(media="print")
    expect(page.locator("#fig-1 .ce-light")).to_be_visible()
    expect(page.locator("#fig-1 .ce-dark")).to_be_hidden()
    expect(page.locator("#fig-1 .ce-controls")).to_be_hidden()
    expect(page.get_by_text("The first power law.")).to_be_visible()


def test_print_shows_the_chosen_view_in_light(visit, book, shown):
    wanted = visit(book, "#fig-1?t=5").page
    wanted.wait_for_selector("#fig-1 .ce-light[alt^='At t = 5']")
    page = visit(book, "#fig-1?t=5", color_scheme="dark").page
    page.wait_for_selector("#fig-1 .ce-dark[alt^='At t = 5']")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    expect(page.locator("#fig-1 .ce-light")).to_have_attribute("src", shown(wanted)[0])
    expect(page.locator("#fig-1 .ce-light")).to_be_visible()


def test_a_browser_that_cannot_unpack_says_so_and_keeps_the_first_picture(
    chromium, static_module, sketches, tmp_path, write_page
):
    page, _ = write_page(tmp_path, explore(sketches.curve, name="fig", t=[0, 1], picture="svg"))
    context = chromium.new_context()
    context.add_init_script("delete window.DecompressionStream")
    tab = context.new_page()
    tab.goto(page.as_uri())
    tab.locator("#fig--t label").last.click()
    tab.wait_for_selector("text=This browser is too old to show more than the first picture.")
    assert "At t = 0" in tab.locator("#fig img:not([hidden])").get_attribute("alt")
    expect(tab.locator("#fig")).to_have_attribute("aria-busy", "false")
    context.close()


@pytest.mark.parametrize("width", [360, 320])
def test_phone_has_no_horizontal_scroll(visit, book, width):
    page = visit(book, viewport={"width": width, "height": 740}).page
    assert page.evaluate("document.documentElement.scrollWidth") == width
    for element in page.locator("#fig-1 :is(input[type=range], select, fieldset), #fig-2 select").all():
        box = element.bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
    for label in page.locator("#fig-1 :is(.ce-control > label, legend), #fig-2 .ce-control > label").all():
        widths = label.evaluate("l => [l.textContent, l.scrollWidth, l.clientWidth, getComputedStyle(l).display]")
        assert widths[1] <= widths[2], widths  # not cut


def test_play_moves_the_slider_until_it_is_paused(visit, book):
    page = visit(book).page
    page.locator("#fig-1 .ce-play").click()
    page.wait_for_function("document.querySelector('#fig-1--t').value === '3'")
    page.locator("#fig-1 .ce-play").click()
    value = page.locator("#fig-1--t").input_value()
    page.wait_for_timeout(1000)
    expect(page.locator("#fig-1--t")).to_have_value(value)
    expect(page.locator("#fig-1 .ce-play")).to_have_attribute("aria-pressed", "false")


def test_nothing_plays_by_itself_or_where_motion_is_unwelcome(visit, book):
    page = visit(book).page
    page.wait_for_timeout(1000)
    expect(page.locator("#fig-1--t")).to_have_value("1")
    assert visit(book, reduced_motion="reduce").page.locator("#fig-1 .ce-play").is_hidden()


def test_two_explorables_do_not_disturb_each_other(visit, book, shown):
    page = visit(book).page
    other = shown(page, "fig-2")[:2]
    page.locator("#fig-1--t").press("End")
    assert shown(page, "fig-2")[:2] == other
    assert page.evaluate("Object.keys(window).filter((key) => key.startsWith('ce') || key.includes('critnet'))") == []


@pytest.mark.parametrize("picture", ["svg", "webp"])
def test_a_missing_frame_is_reported_in_the_page(chromium, static_module, sketches, tmp_path, write_page, picture):
    page, _ = write_page(tmp_path, explore(sketches.curve, name="fig", t=[0, 1], picture=picture), name="index.html")
    for path in [*(tmp_path / "_frames").rglob("*.webp"), *(tmp_path / "_frames").rglob("*.js")]:
        path.unlink()
    context = chromium.new_context()
    tab = context.new_page()
    tab.goto(page.as_uri())
    tab.locator("#fig--t label").last.click()
    tab.wait_for_selector("text=This frame is missing")
    context.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_accessibility_before_and_after_a_change(visit, book, theme):
    page = visit(book).page
    page.evaluate("theme => { document.documentElement.dataset.theme = theme }", theme)
    axe(page)
    page.locator("#fig-1--t").press("End")
    page.locator("#fig-1 summary").click()
    page.locator("#fig-1 .ce-link").click()
    page.wait_for_selector("#fig-1 .ce-told:not(:empty)")
    axe(page)
