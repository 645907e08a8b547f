"""What every explorer keeps, in a real browser; critnet/explore/widgets/README.md says what a new one brings."""

import csv
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

import critnet.explore.widgets as widgets

pytestmark = pytest.mark.browser

NAME = "sample"
KINDS = sorted(path.parent.name for path in Path(widgets.__file__).parent.glob("*/__init__.py"))
KINDS.remove("base")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
POSITIONS = """root => [root, ...root.querySelectorAll(
    "canvas, input, select, fieldset, table, dl, ul, ol, .cx-caption, .cx-links, [data-part=csv]")].map(e => {
        const box = e.getBoundingClientRect(), up = root.getBoundingClientRect();
        const what = e.dataset.part || e.id || e.className || e.tagName;
        return [what, ...[box.left - up.left, box.top - up.top, box.width, box.height].map(Math.round)];
    })"""


class Reader:
    """An explorer as a reader meets it."""

    def __init__(self, page, scripts=True):
        self.page, self.figure = page, page.locator(f"#{NAME}")
        self.root = self.figure.locator(".critnet-explorer")
        if scripts:
            expect(self.root).to_have_attribute("data-ready", "true")

    def part(self, name):
        return self.root.locator(f"[data-part='{name}']")

    def controls(self):
        """Names of the controls, in the order of the page."""
        found = self.root.locator(".cx-control").evaluate_all("rows => rows.map(r => r.dataset.part)")
        return [name.removesuffix("-row") for name in found]

    def press(self, name):
        """Move a control by keyboard: a slider to its end, a menu or a group to its next choice."""
        field = self.page.locator(f"#{NAME}--{name}")
        kind = field.evaluate("e => e.type || e.tagName")
        if kind == "range":
            field.focus()
            self.page.keyboard.press("Home" if field.evaluate("e => e.value === e.max") else "End")
        elif kind == "checkbox":
            field.press("Space")
        elif kind == "fieldset":
            field.locator("input:checked").press("ArrowRight")
        else:
            last = field.evaluate("e => e.selectedIndex === e.options.length - 1")
            field.press("ArrowUp" if last else "ArrowDown")

    def settle(self):
        self.page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")

    def words(self):
        self.settle()
        return self.part("words").text_content()

    def pictures(self):
        self.settle()
        return self.root.locator("canvas:visible").evaluate_all("all => all.map(c => c.toDataURL())")

    def shown(self):
        """Pictures and texts, without the words, the links and what is said about them."""
        texts = """root => [...root.querySelectorAll("*")].filter(e => !e.childElementCount
            && !e.closest(".cx-controls, .cx-control, .cx-links, .cx-hidden")).map(e => e.textContent)"""
        return self.pictures(), self.root.evaluate(texts)


@pytest.fixture(params=KINDS)
def kind(request):
    return request.param


@pytest.fixture
def sample(sample_of, kind):
    return sample_of(kind)


@pytest.fixture
def path(sample, kind, static, tmp_path, page_of):
    """A page with the sample of one explorer."""
    html = sample.explorer(name=NAME)._repr_mimebundle_()["text/html"]
    (tmp_path / f"{kind}.html").write_text(page_of(html), encoding="utf-8")
    return tmp_path / f"{kind}.html"


@pytest.fixture
def read(visit, path):
    return lambda fragment="", **options: Reader(
        visit(path, fragment, **options).page, options.get("java_script_enabled", True)
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_is_accessible_before_and_after_a_change(read, scheme):
    seen = read(color_scheme=scheme)
    seen.page.evaluate("theme => { document.documentElement.dataset.theme = theme }", scheme)
    for change in (lambda: None, lambda: [seen.press(name) for name in seen.controls() if seen.part(f"{name}-row")]):
        change()
        seen.settle()
        found = Axe().run(seen.page, options={"runOnly": RULES})
        assert found.violations_count == 0, found.generate_report()
        seen.root.locator("summary").click()
    expect(seen.root).to_have_attribute("data-theme", scheme)


@pytest.mark.parametrize("width", [360, 320])
def test_a_phone_needs_no_horizontal_scroll(read, width):
    seen = read(viewport={"width": width, "height": 740})
    seen.root.locator("summary").click()
    for name in [None, *seen.controls()]:
        if name and seen.page.locator(f"#{NAME}--{name}").is_visible():
            seen.press(name)
        seen.settle()
        assert seen.page.evaluate("document.documentElement.scrollWidth") == width, name


def test_paper_gets_light_colours_words_and_no_controls(read):
    seen = read(color_scheme="dark")
    dark = seen.pictures()
    seen.page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    seen.page.emulate_media(media="print")
    expect(seen.root).to_have_attribute("data-theme", "light")
    assert seen.pictures() != dark
    assert (
        seen.root.locator(".cx-controls, .cx-control, .cx-links a, .cx-links button").locator("visible=true").count()
        == 0
    )
    expect(seen.part("words")).to_be_visible()
    assert seen.root.locator("canvas:visible").count() > 0
    seen.page.emulate_media(media="screen")
    seen.page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    expect(seen.part("words")).to_be_hidden()
    assert seen.pictures() == dark


def test_without_scripts_picture_and_words_are_there(read, sample):
    words = sample.explorer(name=NAME).words
    figure = read(java_script_enabled=False).figure
    expect(figure.locator("img")).to_be_visible()
    expect(figure.locator("img")).to_have_attribute("alt", words)
    assert words
    assert words in figure.inner_text()
    assert figure.locator("button, input, select").count() == 0


def test_keys_do_not_reach_the_notebook_and_nothing_is_said_unasked(read):
    seen = read()
    seen.page.evaluate("window.heard = 0; document.addEventListener('keydown', () => { window.heard += 1 })")
    seen.page.wait_for_timeout(800)
    assert seen.part("live").text_content() == ""
    seen.press(seen.controls()[0])
    expect(seen.part("live")).to_have_text(seen.words())
    assert seen.page.evaluate("window.heard") == 0


def test_every_control_works_by_keyboard_and_its_link_leads_back(read, sample):
    needs, silent = getattr(sample, "NEEDS", {}), getattr(sample, "SILENT", set())
    names = read().controls()
    assert len(names) == len(set(names)) > 0
    assert set(needs) | silent <= set(names)
    for name in names:
        seen = read(f"#{NAME}?{needs[name]}" if name in needs else "")
        expect(seen.part("note")).to_be_hidden()
        words, before = seen.words(), seen.shown()
        link = seen.part("link").get_attribute("href")
        seen.press(name)
        expect(seen.part("link")).not_to_have_attribute("href", link)
        assert seen.shown() != before, f"{name}: nothing that is shown has changed"
        assert (seen.words() != words) == (name not in silent), f"{name}: {words!r}"
        again = read(seen.part("link").get_attribute("href"))
        assert (again.words(), again.shown()) == (seen.words(), seen.shown()), name
        seen.page.wait_for_function("href => location.hash === href", arg=seen.part("link").get_attribute("href"))
        seen.part("reset").click()
        expect(seen.part("reset")).to_be_hidden()
        start = read()
        assert (seen.words(), seen.pictures()) == (start.words(), start.pictures()), name
        for page in (seen.page, again.page, start.page):
            page.close()


def test_an_address_that_asks_for_what_is_not_there_is_named(read):
    seen = read()
    first, words = seen.controls()[0], seen.words()
    wrong = read(f"#{NAME}?colour=red&{first}=nonsense")
    expect(wrong.part("note")).to_contain_text("There is no control “colour” here.")
    expect(wrong.part("note")).to_contain_text("“nonsense” is not available; showing")
    assert wrong.words() == words
    wrong.press(first)
    expect(wrong.part("note")).to_be_hidden()
    assert read("#elsewhere?t=1").words() == words


def test_an_address_may_name_what_the_reader_sees(read):
    seen = read()
    for row in seen.root.locator(".cx-control:has(input[type=range])").all():
        name = row.get_attribute("data-part").removesuffix("-row")
        if not row.is_visible():
            continue
        seen.press(name)
        text = row.locator("output").text_content()
        asked = read(f"#{NAME}?{name}={text}")
        expect(asked.part("note")).to_be_hidden()
        expect(asked.part(f"{name}-row").locator("output")).to_have_text(text)


def test_the_download_is_a_table(read, tmp_path):
    seen = read()
    with seen.page.expect_download() as download:
        seen.part("csv").click()
    assert download.value.suggested_filename == f"{NAME}.csv"
    download.value.save_as(tmp_path / "sample.csv")
    head, *rows = list(csv.reader((tmp_path / "sample.csv").read_text(encoding="utf-8").splitlines()))
    assert len(head) == len(set(head)) > 1
    assert rows
    assert {len(row) for row in rows} == {len(head)}
    assert not {"undefined", "NaN", "[object Object]"} & {cell for row in rows for cell in row}


def test_two_views_in_one_document_do_not_meet(visit, path, page_of, sample, tmp_path):
    html = sample.explorer(name=NAME)._repr_mimebundle_()["text/html"]
    (tmp_path / "two.html").write_text(page_of(html + html), encoding="utf-8")
    page = visit(tmp_path / "two.html").page
    views = page.locator(".critnet-explorer")
    expect(views).to_have_count(2)
    for k in (0, 1):
        expect(views.nth(k)).to_have_attribute("data-ready", "true")
    ids = page.evaluate("[...document.querySelectorAll('[id]')].map(e => e.id)")
    assert len(ids) == len(set(ids)), [each for each in ids if ids.count(each) > 1]
    for attribute in ("for", "aria-describedby"):
        named = f"[...document.querySelectorAll('[{attribute}]')].map(e => e.getAttribute('{attribute}'))"
        assert set(page.evaluate(named)) <= set(ids)
    state = "root => [...root.querySelectorAll('input, select')].map(e => [e.value, e.checked])"
    start = [views.nth(k).evaluate(state) for k in (0, 1)]
    assert start[0] == start[1]
    for radio in views.nth(1).locator("input[type=radio]:not(:checked)").all():
        radio.check(force=True)
    field = views.nth(1).locator("input[type=range]:visible, select:visible").first
    field.press("ArrowRight")
    expect(views.nth(1).locator("[data-part='reset']")).to_be_visible()
    assert views.nth(0).evaluate(state) == start[0]
    expect(views.nth(0).locator("[data-part='reset']")).to_be_hidden()


def test_choices_are_told_apart_where_backgrounds_are_removed(read):
    seen = read(forced_colors="active")
    marks = seen.root.locator("fieldset.cx-control, .cx-control:has(input[type=checkbox])")
    for k in range(marks.count()):
        mark = marks.nth(k)
        seen.page.evaluate("document.activeElement.blur()")
        seen.page.mouse.move(1, 1)
        before = mark.screenshot()
        other = mark.locator("input:not(:checked)").first
        other.check(force=True)
        seen.page.evaluate("document.activeElement.blur()")
        seen.page.mouse.move(1, 1)
        seen.settle()
        assert mark.screenshot() != before, mark.get_attribute("data-part")


@pytest.mark.parametrize("width", [900, 360])
def test_targets_are_at_least_24_pixels_wide_and_high(read, width):
    seen = read(viewport={"width": width, "height": 900})
    sizes = """root => [...root.querySelectorAll("a, button, select, summary, input")].filter(e => e.checkVisibility({
        visibilityProperty: true })).map(e => {
            const target = e.type === "radio" ? e.closest("label") : e, box = target.getBoundingClientRect();
            return [e.dataset.part || e.id || e.className || e.tagName, box.width, box.height];
        })"""
    found = seen.root.evaluate(sizes)
    assert len(found) > 3
    assert [each for each in found if min(each[1:]) < 24] == []


@pytest.mark.parametrize("width", [900, 360])
def test_nothing_on_the_page_moves_while_a_control_does(read, width):
    seen = read(viewport={"width": width, "height": 900})
    seen.settle()
    before = seen.root.evaluate(POSITIONS)
    for name in seen.controls():
        field = seen.page.locator(f"#{NAME}--{name}")
        if not field.is_visible():
            continue
        ways = ["press"]
        if field.get_attribute("type") == "range":
            low, high = (float(field.get_attribute(end)) for end in ("min", "max"))
            ways = [low + share * (high - low) for share in (0, 0.1, 0.37, 0.63, 0.9, 1)]
        elif field.evaluate("e => e.tagName") == "SELECT":
            count = field.locator("option").count()
            ways = sorted({*range(min(count, 4)), count // 2, count - 1})
        for way in ways:
            if way == "press":
                seen.press(name)
            elif isinstance(way, float):
                field.evaluate("(e, v) => { e.value = v; e.dispatchEvent(new Event('input', { bubbles: true })) }", way)
            elif field.locator("option").nth(way).is_enabled():
                field.select_option(index=way)
            seen.settle()
            after = seen.root.evaluate(POSITIONS)
            moved = [(a, b) for a, b in zip(before, after, strict=True) if a != b]
            assert not moved, f"{name} {way}: {moved[:6]}"
    seen.part("link").click()
    expect(seen.part("told")).not_to_be_empty()
    assert seen.root.evaluate(POSITIONS) == before
