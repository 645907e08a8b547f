"""A reader's own margins: the page judges as the rules do, ends move and stop where they may, the address has them."""

import json
import math
import re

import numpy as np
import pytest
from accessibility import violations
from critnet_book import ledger, tolerance
from playwright.sync_api import expect

from critnet.paper import ledger as judged
from critnet.paper import rules, strips
from critnet.paper import tolerance as margins

PAGE = """<!doctype html><html lang="en" data-theme="light"><head><title>Strips</title><meta charset="utf-8"><meta
name="viewport" content="width=device-width"><style>{css}</style></head><body><main class="bd-article"><div
class="ledger"><div class="critnet-table"><table class="claims"><thead><tr><th>claim</th><th>ours</th></tr></thead>
<tbody>{rows}</tbody></table></div></div>{tally}</main>{script}</body></html>"""


@pytest.fixture(scope="module")
def rows():
    return judged.read()


@pytest.fixture(scope="module")
def sheet(rows, root, tmp_path_factory):
    """A page of all strips, without a book around it."""
    path = tmp_path_factory.mktemp("strips") / "strips.html"
    css = (root / "book" / "assets" / "static" / "critnet.css").read_text(encoding="utf-8")
    lines = "".join(f'<tr id="{c[0].id.lower()}">{strips.cells(c)}</tr>' for c in strips.by_claim(rows))
    path.write_text(
        PAGE.format(
            css=css,
            rows=lines,
            tally=tolerance.html(rows),
            script=tolerance.script("rules.js", "tolerance.js", "tally.js"),
        ),
        encoding="utf-8",
    )
    return path


@pytest.fixture
def page(sheet, visit):
    with visit() as v:
        yield v.goto(sheet).page
        assert v.errors == []


def opened(page, claim="c07"):
    page.locator(f"#{claim} .cs-open").click()
    return page.locator(f"#{claim}")


def end(row, label):
    return row.get_by_role("slider", name=label)


def test_every_judged_row_carries_what_its_verdict_follows_from(rows):
    for row in rows:
        rule = strips.declared()[row.id].rule_in(row.definition)
        assert margins.verdict(row, rule) == row.verdict, row.id
        html = strips.judged_by(row, rule, strips.decisive(rule))
        assert bool(html) == (row.verdict != rules.UNJUDGED)


def moved(rule, random):
    """The rule with its first margin's ends elsewhere, now and then at the ends of an interval."""
    margin = strips.decisive(rule)

    def elsewhere(region, near):
        ends = [
            x if math.isinf(x) else x + random.choice([0, *near, random.normal()]) * (abs(x) or 1) for x in region[:2]
        ]
        return region._replace(low=min(ends), high=max(ends))

    def walk(one):
        if isinstance(one, rules.Margin):
            near = random.normal(size=2)
            return (
                one._replace(reproduced=elsewhere(one.reproduced, near), partly=elsewhere(one.partly, near))
                if one == margin
                else one
            )
        return type(one)(tuple(walk(part) for part in one.given))

    return walk(rule)


@pytest.mark.browser
def test_the_page_judges_as_the_rules_do(page, rows):
    random = np.random.default_rng(15)
    asked, expected = [], []
    for row in rows:
        rule = strips.declared()[row.id].rule_in(row.definition)
        tried = [rule, *(moved(rule, random) for _ in range(12)), *(margins.scaled(rule, f) for f in (0.5, 2))]
        asked += [[margins.encoded(one), margins.numbers(row)] for one in tried]
        expected += [rule_verdict(row, one) for one in tried]
    found = page.evaluate("asked => asked.map(([rule, numbers]) => critnetRules.judge(rule, numbers))", asked)
    assert found == expected
    assert {*rules.VERDICTS} - {*found} == {rules.UNJUDGED}
    own = [one for one in asked[::15]]
    for factor in (0.25, 0.5, 2, 4):
        theirs = page.evaluate("([asked, f]) => asked.map(([rule]) => critnetRules.scaled(rule, f))", [own, factor])
        ours = [margins.encoded(margins.scaled(strips.declared()[r.id].rule_in(r.definition), factor)) for r in rows]
        assert leaves(theirs) == pytest.approx(leaves(ours), rel=1e-12, abs=1e-12)


def rule_verdict(row, rule):
    return margins.verdict(row._replace(verdict=""), rule)


def leaves(nested):
    """All numbers of nested lists and dicts, in their order."""
    if isinstance(nested, dict):
        return leaves(list(nested.values()))
    if isinstance(nested, list):
        return [x for one in nested for x in leaves(one)]
    return [nested] if isinstance(nested, int | float) else []


@pytest.mark.browser
def test_a_strip_without_a_number_or_a_band_has_no_handle(page, rows):
    has = {c[0].id for c in strips.by_claim(rows) if page.locator(f"#{c[0].id.lower()} .cs-open").count()}
    for claim in strips.by_claim(rows):
        numbers = [strips.bounded(strips.decisive(strips.declared()[r.id].rule_in(r.definition)), r) for r in claim]
        movable = any(r.verdict != rules.UNJUDGED and np.isfinite(n).all() for r, n in zip(claim, numbers, strict=True))
        assert (claim[0].id in has) == movable, claim[0].id


@pytest.mark.browser
def test_a_margin_moved_by_keys_changes_bands_verdict_and_address_and_gives_the_rules_own_back(page):
    row = opened(page)
    before = row.locator(".verdict").all_inner_texts()
    assert before == ["partly", "undecided"] or before == ["partly", "partly"]
    box = row.locator("rect.cs-good").first
    left, width = box.get_attribute("x"), box.get_attribute("width")
    end(row, "reproduced from").press("Home")
    end(row, "reproduced from").press("ArrowLeft")
    assert end(row, "reproduced from").get_attribute("aria-valuetext").startswith("15: as coded partly")
    expect(row.locator(".cs-said")).to_have_text("It stops at 15, where the pale band begins.")
    end(row, "reproduced to").press("End")
    expect(row.locator(".verdict")).to_have_text(["reproduced", "reproduced"])  # 21 to 70 and 15 to 120 in 15 to 150
    expect(row.locator(".cs-moved .cs-open")).to_have_text("your margins")
    assert float(box.get_attribute("x")) < float(left)
    page.wait_for_function("location.search.includes('c07_reproduced-to_150')")
    own = row.get_by_role("button", name="the rule’s own margins")
    own.click()
    expect(row.locator(".verdict")).to_have_text(before)
    assert (box.get_attribute("x"), box.get_attribute("width")) == (left, width)
    expect(own).to_be_disabled()
    assert end(row, "reproduced from").evaluate("one => one === document.activeElement")
    page.wait_for_function("location.search === ''")
    assert violations(page) == []


@pytest.mark.browser
def test_an_end_is_dragged_on_the_strip_and_nothing_else_moves_while_it_is(page):
    row = page.locator("#c07")
    row.scroll_into_view_if_needed()
    lane = row.locator("svg.cs-lane").first.bounding_box()
    band = row.locator("rect.cs-good").first.bounding_box()
    x, y = band["x"] + band["width"], band["y"] + band["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    place = row.locator(".cs-end").last.bounding_box()
    height = page.evaluate("document.documentElement.scrollHeight")
    for to in (x + 3, x - 8, x + 20):
        page.mouse.move(to, y)
        assert row.locator(".cs-end").last.bounding_box() == place
        assert page.evaluate("document.documentElement.scrollHeight") == height
    page.mouse.up()
    grown = row.locator("rect.cs-good").first.bounding_box()
    assert grown["width"] == pytest.approx(band["width"] + 20, abs=2)
    thumb = float(end(row, "reproduced to").input_value())
    assert thumb * 220 / 230 * lane["width"] + 5 / 230 * lane["width"] + lane["x"] == pytest.approx(x + 20, abs=2)
    page.mouse.move(lane["x"] + lane["width"], y)  # the button is up: nothing follows
    assert row.locator("rect.cs-good").first.bounding_box() == grown


@pytest.mark.browser
def test_the_place_where_a_verdict_flips_is_marked_and_true(page, rows):
    """Just before and just after each mark the verdicts differ, by the rule of the ledger."""
    checked = 0
    for claim in strips.by_claim(rows):
        rule = strips.declared()[claim[0].id].rule_in(claim[0].definition)
        if not isinstance(rule, rules.Margin) or not page.locator(f"#{claim[0].id.lower()} .cs-open").count():
            continue
        row = opened(page, claim[0].id.lower())
        key = row.get_by_role("slider").first.evaluate(
            "one => one.parentElement.innerText.trim().split(/\\s+/).slice(0, 2).join(' ')"
        )
        for mark in row.locator(".cs-row:has(.as-coded) .cs-flip").all():
            at, step = float(mark.get_attribute("data-at")), 1e-6
            region, side = ("reproduced" if "reproduced" in key else "partly"), ("low" if "from" in key else "high")

            def judge(x, rule=rule, region=region, side=side, first=claim[0]):
                bounds = {region: getattr(rule, region)._replace(**{side: x})}
                if getattr(rule.reproduced, side) == getattr(rule.partly, side):
                    bounds["partly"] = rule.partly._replace(**{side: x})
                return rule_verdict(first, rule._replace(**bounds))

            scale = abs(at) or 1
            assert judge(at - step * scale) != judge(at + step * scale), claim[0].id
            checked += 1
        opened(page, claim[0].id.lower())
    assert checked > 20


@pytest.mark.browser
def test_only_the_drawn_condition_moves_and_the_page_says_so(page):
    row = opened(page, "c01")
    expect(row.locator(".cs-held")).to_contain_text("another condition, which holds as it is")
    expect(opened(page, "c07").locator(".cs-held")).not_to_contain_text("condition")


@pytest.mark.browser
def test_definitions_with_rules_of_their_own_move_alone(page):
    row = opened(page, "c46")
    before = row.locator(".cs-row:has(.as-coded) .verdict").inner_text()
    end(row, "control: reproduced from").press("Home")
    end(row, "control: reproduced from").press("PageDown")
    expect(row.locator(".cs-said")).to_have_text("It stops at 1.7, where the pale band begins.")
    expect(row.locator(".cs-row:has(.as-coded) .verdict")).to_have_text(before)
    page.wait_for_function("location.search.includes('c46_control_reproduced-from_1.7')")


@pytest.mark.browser
@pytest.mark.parametrize("asked", [("reproduced-from_15", "reproduced-to_150"), ("reproduced-to_180", "partly-to_155")])
def test_an_address_is_taken_in_any_order(sheet, visit, asked):
    text = "&".join(f"margin=c07_{one}" for one in asked)
    with visit() as v:
        v.goto(sheet, f"?x=1&{text}")
        row = v.page.locator("#c07")
        for one in asked:
            label, _, value = one.replace("-", " ").partition("_")
            shown = end(row, label).get_attribute("aria-valuetext").split(":")[0]
            assert float(shown) == min(float(value), 155)
        v.page.wait_for_function("location.search.includes('c07_')")
        assert "x=1" in v.page.url


@pytest.mark.browser
@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("c999_reproduced-from_2", "no strip of C999"),
        ("c07_sideways_2", "the ends of C07 are reproduced-from, reproduced-to, partly-from, partly-to"),
        ("c07_partly-to_wide", "“wide” is not a number"),
        ("c07_partly-to_", "“” is not a number"),
        ("", "no strip of such a claim"),
        ("c07_partly-to_1e9", "where the axis ends"),
        ("c07_reproduced-to_151", "It stops at 150, where the pale band ends"),
    ],
)
def test_an_address_that_cannot_be_says_why(sheet, visit, asked, said):
    with visit() as v:
        v.goto(sheet, f"?margin={asked}")
        expect(v.page.locator(".cs-problem")).to_contain_text(said)
        assert v.errors == []


@pytest.mark.browser
def test_on_a_phone_the_sliders_are_large_enough_and_nothing_is_cut(sheet, visit):
    with visit(width=360, scheme="dark") as v:
        row = opened(v.goto(sheet).page)
        for slider in row.get_by_role("slider").all():
            box = slider.bounding_box()
            assert box["height"] >= 24
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= 360
        assert v.page.evaluate("document.documentElement.scrollWidth") <= 360
        assert row.locator(".cs-open").bounding_box()["height"] >= 24
        assert violations(v.page) == []


@pytest.mark.browser
def test_without_javascript_and_in_print_there_are_no_handles(sheet, visit):
    with visit(java_script_enabled=False) as v:
        v.page.goto(sheet.as_uri())
        assert v.page.locator(".cs-open").count() == 0
    with visit() as v:
        opened(v.goto(sheet).page)
        v.page.emulate_media(media="print")
        assert v.page.locator(".cs-open:visible, .cs-margins:visible").count() == 0


def tally_shown(page):
    """Definition to verdict to count, as the bars' words have it."""
    found = page.locator(".margins-tally .live dd p").all_inner_texts()
    pairs = [[(v, int(n)) for n, v in re.findall(r"(\d+) ([a-z ]+)", text)] for text in found]
    return dict(zip(("as-coded", "control"), map(dict, pairs), strict=True))


@pytest.mark.browser
def test_the_tally_of_the_page_is_that_of_python_for_every_factor(page, rows):
    slider = page.get_by_role("slider", name="all margins")
    for factor in (1, 0.5, 2, 4, 0.25):
        slider.fill(str(math.log2(factor)))
        for definition, counts in tally_shown(page).items():
            expected, changed = margins.tally(rows, tolerance.rule_of, definition, factor)
            said = counts.pop("verdict changed" if changed == 1 else "verdicts changed")
            assert (counts, said) == ({v: n for v, n in expected.items() if n}, changed)
    page.wait_for_function("location.search === '?margins=0.25'")
    slider.fill("0")
    page.wait_for_function("location.search === ''")


def test_the_table_of_the_tally_needs_no_script(rows):
    text = tolerance.html(rows)
    for verdict in ("reproduced", "undecided"):
        cells = [
            int(n) for n in re.findall(r"<td>(\d+)</td>", text.split(f'data-verdict="{verdict}"')[1].split("</tr>")[0])
        ]
        assert cells == [
            margins.tally(rows, tolerance.rule_of, d, f)[0][verdict]
            for d in ("as-coded", "control")
            for f in (0.5, 1, 2)
        ]


@pytest.mark.browser
@pytest.mark.parametrize("asked", ["9", "wide", "", "0.1"])
def test_a_factor_that_is_not_there_says_so(sheet, visit, asked):
    with visit() as v:
        v.goto(sheet, f"?margins={asked}")
        expect(v.page.locator(".margins-tally .said")).to_contain_text("is not a number from 0.25 to 4")
        expect(v.page.locator(".margins-tally output")).to_have_text("as the rules have them")


@pytest.mark.browser
def test_on_the_page_of_verdicts_filter_and_margins_share_the_address(book, visit):
    with visit() as v:
        v.goto(book / "book" / "verdicts.html", "?margin=c07_reproduced-to_80")
        v.page.locator(".ledger select[name=section]").select_option("1.1")
        v.page.wait_for_function("location.hash === '#section=1.1' && location.search.includes('c07_reproduced-to_80')")
        v.page.locator(".ledger select[name=section]").select_option("")
        v.page.wait_for_function("location.hash === '' && location.search.includes('c07_reproduced-to_80')")


def test_only_pages_with_strips_get_the_scripts(rows):
    for body, gets in (("<p>none</p>", False), (strips.strip([r for r in rows if r.id == "C07"]), True)):
        context = {"body": body}
        tolerance.add(None, "x", "", context, object())
        assert ("critnetRules" in context["body"]) == gets
    assert json.loads(re.search(r"data-axis='([^']*)'", body)[1])[0] == "C07"
    assert ledger.html(rows, {}).count("data-judged='") == sum(r.verdict != rules.UNJUDGED for r in rows)
