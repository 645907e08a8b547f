"""One palette: the style sheets of book and explorers have the colours of the figures, and text can be read."""

import itertools
import re
from pathlib import Path

import numpy as np
import pytest
from matplotlib.colors import to_rgb

from critnet.paper import style

ROOT = Path(__file__).resolve().parents[2]
BOOK = ROOT / "book" / "assets" / "static" / "critnet.css"
EXPLORE = ROOT / "critnet" / "explore"
WIDGETS = sorted((EXPLORE / "widgets").rglob("*.css"))
THEMES = ("light", "dark")
HEX = re.compile(r"#[0-9a-fA-F]{3,8}\b")
RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
# Nothing but a name of a role: its own roles that figures have not, and the black on white of a printer or of a menu.
FREE = {"#fff", "#ffffff", "#000", "#1a1a1a", "#f0f0f0", "#222"}


def roles(theme):
    """Names as the style sheets write them, to colours."""
    found = {}
    for name, colour in style.of_theme(theme)._asdict().items():
        if name == "quantities":
            found |= {f"q{k}": one.lower() for k, one in enumerate(colour, 1)}
        else:
            found[name.replace("_", "-")] = colour.lower()
    return found


def variables(sheet, selector, prefix="--"):
    """The colours that a style sheet gives names in the rule of a selector."""
    text = re.sub(r"(?s)/\*.*?\*/", "", sheet.read_text(encoding="utf-8"))
    (body,) = [body for head, body in RULE.findall(text) if head.strip() == selector]
    named = re.findall(rf"{prefix}([\w-]+):\s*([^;]+);", body)
    return {name: value.strip().lower() for name, value in named if HEX.fullmatch(value.strip())}


def contrast(one, other):
    """Contrast by WCAG 2: 1 for equal colours, 21 for black on white."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour):
    c = np.array(to_rgb(colour))
    return np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4) @ (0.2126, 0.7152, 0.0722)


def test_contrast_is_that_of_wcag():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("theme", THEMES)
def test_the_book_has_the_colours_of_the_figures(theme):
    found, expected = variables(BOOK, f'html[data-theme="{theme}"]'), roles(theme)
    shared = set(found) & set(expected)
    assert shared == {"ink", "as-coded", "control", "positive", "negative"}
    assert {name: found[name] for name in shared} == {name: expected[name] for name in shared}


def test_paper_prints_the_colours_of_a_light_page():
    text = BOOK.read_text(encoding="utf-8")
    printed = variables_of(text[text.index("@media print") :])
    light = variables(BOOK, 'html[data-theme="light"]')
    for name in ("as-coded", "control", "control-text"):
        assert printed[name] == light[name]


def variables_of(text):
    return dict(re.findall(r"--([\w-]+):\s*(#\w+);", text))


@pytest.mark.parametrize("theme", THEMES)
def test_explorers_have_the_colours_of_the_figures(theme):
    selector = ".critnet-explorer" + ('[data-theme="dark"]' if theme == "dark" else "")
    found = variables(EXPLORE / "widgets" / "base" / "base.css", selector, "--cx-")
    expected = roles(theme)
    assert set(expected) - set(found) == {"over-map"}
    assert set(found) - set(expected) == {"soft", "focus"}
    assert {name: found[name] for name in found if name in expected} == {n: expected[n] for n in found if n in expected}
    assert found["soft"] == variables(BOOK, f'html[data-theme="{theme}"]')["soft"]
    page = variables(EXPLORE / "page.css", selector.replace("explorer", "explore"), "--ce-")
    assert found["focus"] == page["focus"] == expected["as-coded"]


@pytest.mark.parametrize("sheet", WIDGETS, ids=lambda sheet: sheet.stem)
def test_an_explorer_names_colours_by_their_roles(sheet):
    text = re.sub(r"--c[xe]-[\w-]+:\s*#\w+;", "", sheet.read_text(encoding="utf-8"))
    assert {colour.lower() for colour in HEX.findall(text)} <= FREE


def test_the_style_of_figures_has_no_colours_of_its_own():
    text = (ROOT / "critnet" / "paper" / "critnet.mplstyle").read_text(encoding="utf-8")
    assert not re.search(r"color|prop_cycle|cmap", re.sub(r"#.*", "", text))


@pytest.mark.parametrize("theme", THEMES)
def test_text_in_a_colour_can_be_read(theme):
    book, figure = variables(BOOK, f'html[data-theme="{theme}"]'), roles(theme)
    for ground, name in itertools.product(("paper", "raised"), ("ink", "soft", "as-coded", "control-text")):
        assert contrast(book[name], book[ground]) >= 4.5, (name, ground)
    for name in ("ink", "as-coded", "positive", "negative", "critical", "q1", "q2", "q3", "q4"):
        assert contrast(figure[name], figure["page"]) >= 4.5, name
    for name in set(figure) - {"page", "faint"}:  # lines and marks
        assert contrast(figure[name], figure["page"]) >= 3, name


@pytest.mark.parametrize("theme", THEMES)
def test_quantities_have_colours_of_no_other_role(theme):
    every = roles(theme)
    for name, other in itertools.combinations(every, 2):
        apart = np.abs(np.subtract(to_rgb(every[name]), to_rgb(every[other]))).max()
        if name[0] == "q" or other[0] == "q":
            assert apart > 0.1, (name, other)


def test_a_light_colour_has_one_dark_counterpart():
    light, dark = roles("light"), roles("dark")
    pairs = {(light[name], dark[name]) for name in light}
    assert len({one for one, _ in pairs}) == len(pairs)
