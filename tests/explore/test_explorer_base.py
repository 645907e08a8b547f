"""What the explorers share: numbers, arrays, controls, addresses, scales, in a blank page."""

from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import expect

import critnet.explore.widgets.base as base

pytestmark = pytest.mark.browser

SOURCE = "\n".join((Path(base.__file__).parent / f"{part}.js").read_text() for part in ("page", "controls", "plot"))
EXPORTS = (
    "safe, whole, fixed, percent, short, numbersOf, csvOf, controlMarkup, readControl, writeControl, valueOf, hashOf"
)
CONTROLS = """[
    { type: "range", name: "c", label: "threshold", low: 0, high: 1, step: 0.01, start: 0.5,
      text: (c) => c.toFixed(2) },
    { type: "steps", name: "t", label: "iteration", values: [0, 5, 100], start: 5 },
    { type: "select", name: "s", label: "seed", options: [["a", "A"], ["b<", "B"]], start: "a" },
    { type: "radio", name: "r", label: "edges", options: [["x y", "X"], ["z", "Z"]], start: "z" },
    { type: "check", name: "k", label: "log", start: false },
]"""


@pytest.fixture(scope="module")
def page(chromium):
    context = chromium.new_context()
    page = context.new_page()
    page.add_script_tag(
        content=f"const js = (() => {{ {SOURCE}; return {{ {EXPORTS}, scaleOf, ticksOf }}; }})();"
        f"const controls = {CONTROLS};"
    )
    yield page
    context.close()


@pytest.mark.parametrize(
    ("call", "answer"),
    [
        ("short(0.0123456)", "0.0123"),
        ("short(451.2)", "451"),
        ("short(-2.5e-7)", "−2.50 × 10⁻⁷"),
        ("short(1.2e6, 2)", "1.2 × 10⁶"),
        ("short(0)", "0"),
        ("short(NaN)", "none"),
        ("whole(9999)", "9999"),
        ("whole(200000)", "200\u202f000"),
        ("fixed(-0.004, 2)", "0.00"),
        ("fixed(-1.5, 1)", "−1.5"),
        ("percent(0.123)", "12.3 %"),
        ("percent(0 / 0)", "none"),
        ("""safe('<b a="1">&')""", "&#60;b a=&#34;1&#34;&#62;&#38;"),
        ("""csvOf([{ a: 1, b: 'x,"y"' }])""", 'a,b\n1,"x,""y"""\n'),
        ("csvOf([], ['a', 'b'])", "a,b\n"),
        ("ticksOf(0, 1, 5)", [0, 0.2, 0.4, 0.6, 0.8, 1]),
        ("ticksOf(-3, 7, 5)", [-2, 0, 2, 4, 6]),
        ("ticksOf(1, 2e5, 6, true)", [1, 10, 100, 1000, 10000, 100000]),
        ("scaleOf({ low: 1, high: 100, from: 0, to: 10, log: true })(10)", 5),
        ("scaleOf({ low: 1, high: 100, from: 0, to: 10, log: true }).invert(5)", 10),
        ("scaleOf({ low: 0, high: 1, from: 0, to: 10, clamp: true })(2)", 10),
    ],
)
def test_known_answers(page, call, answer):
    found = page.evaluate(f"js.{call}")
    assert found == (pytest.approx(answer) if isinstance(answer, int | float) else answer)


@pytest.mark.parametrize(
    ("kind", "values"), [("<f4", [0.5, -0.25]), ("<i2", [-32768, 7]), ("u1", [0, 255]), ("<i4", [-1])]
)
def test_arrays_come_as_they_were_packed(page, kind, values):
    found = page.evaluate("([text, kind]) => [...js.numbersOf(text, kind)]", [base.text_of(values, kind), kind])
    assert found == np.array(values, kind).tolist()


def test_an_unknown_kind_of_array_is_named(page):
    with pytest.raises(Exception, match="numbers of the kind q9; known are f4"):
        page.evaluate("js.numbersOf('', 'q9')")


@pytest.mark.parametrize(
    ("control", "text", "value"),
    [
        (0, "0.7", 0.7),
        (0, "0.704", 0.7),
        (0, "1.01", None),
        (0, "", None),
        (0, "x", None),
        (1, "100", 100),
        (1, "1e2", 100),
        (1, "7", None),
        (2, "b<", "b<"),
        (2, "c", None),
        (3, "x y", "x y"),
        (4, "1", True),
        (4, "0", False),
        (4, "yes", None),
    ],
)
def test_what_an_address_may_ask_for(page, control, text, value):
    assert page.evaluate(f"(text) => js.valueOf(controls[{control}], text)", text) == value


def test_controls_are_written_and_read_back(page):
    values = [0.29, 100, "b<", "x y", True]
    found = page.evaluate(
        """(values) => {
            const rows = controls.map((control) => js.controlMarkup("n", control));
            document.body.innerHTML = `<form>${rows.join("")}</form>`;
            return controls.map((control, i) => {
                const element = document.getElementById(`n--${control.name}`);
                js.writeControl(element, control, values[i]);
                return js.readControl(element, control);
            });
        }""",
        values,
    )
    assert found == values
    expect(page.locator("#n--c + output")).to_have_text("0.29")
    expect(page.locator("#n--t")).to_have_attribute("aria-valuetext", "100")
    expect(page.get_by_label("X")).to_be_checked()
    for label in ("threshold", "iteration", "seed", "log"):
        expect(page.get_by_label(label)).to_have_count(1)
    state = dict(zip("ctsrk", values, strict=True))
    assert page.evaluate("(state) => js.hashOf('n', controls, state)", state) == "#n?c=0.29&t=100&s=b%3C&r=x%20y&k=1"
