"""Drawings as lines of SVG: what a line keeps, both themes in one, packs, and the picture in a browser."""

import base64
import io
import json
import math
import re
import xml.etree.ElementTree as ET
import zlib
from contextlib import contextmanager

import matplotlib
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.figure import Figure
from matplotlib.mathtext import MathTextParser
from PIL import Image

from critnet.errors import UsageError
from critnet.explore import Drawing, explore, layout, render, vector
from critnet.explore.frames import make_frames

TAGS = st.lists(st.text('<>gpath ="#0123456789é\n', max_size=12).filter(lambda t: "\n" not in t), min_size=1)


def unpacked(content):
    """The drawings of a pack, read as the page's script reads them."""
    detail = re.fullmatch(rb'document\.currentScript\.dispatchEvent\(.*detail:"([^"]*)".*\)\n', content)[1]
    pack = json.loads(zlib.decompress(base64.b64decode(detail)))
    assert len(set(pack["lines"])) == len(pack["lines"])  # each line once
    return [
        [line for first, n in zip(runs[::2], runs[1::2], strict=True) for line in pack["lines"][first : first + n]]
        for runs in pack["drawings"]
    ]


def everything():
    """A figure with lines, markers, text, a hatch, an image, a mesh, a clip and three dimensions."""
    figure = Figure(figsize=(7.6, 3.6), layout="constrained")
    a, b = figure.add_subplot(131, xscale="log", xlabel=r"$\lambda_1^{-3/2}$"), figure.add_subplot(132)
    x = np.geomspace(1, 1e4, 40)
    a.plot(x, np.sin(x), "o-", color="#2457A6", label="-1.5")
    a.axvspan(10, 100, facecolor="none", edgecolor="#9AA1A9", hatch="////", lw=0)
    a.scatter(x, np.cos(x), c=x, s=9, alpha=0.6)
    a.legend()
    figure.colorbar(b.imshow(np.arange(12.0).reshape(3, 4)), ax=b)
    c = figure.add_subplot(133, projection="3d")
    c.plot_surface(*np.meshgrid(np.arange(6.0), np.arange(5.0)), np.arange(30.0).reshape(5, 6), cmap="viridis")
    return Drawing(figure, "Everything, 1.")


def written(figure):
    """What matplotlib itself writes of a figure, laid out by itself."""
    stream = io.StringIO()
    with matplotlib.rc_context({"svg.fonttype": "path", "svg.hashsalt": "critnet", "svg.image_inline": True}):
        figure.savefig(stream, format="svg", dpi=200)
    return stream.getvalue()


def drawn(figure):
    """The lines of a figure, laid out by itself."""
    figure.set_dpi(200)
    layout.lay_out(figure)
    return vector.draw(figure, pixels_per_inch=200)[0]


def test_nothing_but_what_draws_is_kept():
    text = written(everything().figure)
    lines = vector.lines_of(text)
    short = "".join(lines)
    before, after = ET.fromstring(text), ET.fromstring(short)
    shapes = "path", "use", "image", "rect", "polygon"
    svg = "{http://www.w3.org/2000/svg}"
    for shape in shapes:
        assert len(list(before.iter(svg + shape))) == len(list(after.iter(svg + shape)))
    ids = {element.get("id") for element in after.iter() if element.get("id")}
    targets = {e.get("href")[1:] for e in after.iter() if (e.get("href") or "").startswith("#")}
    targets |= set(re.findall(r"url\(#([^)]+)\)", short))
    assert ids == targets
    assert len(short) < 0.8 * len(text)
    assert not re.search(r"<!--|metadata|(?<![\d.])[1-9]\d*\.\d{3}", re.sub(r"data:[^\"]*", "", short))
    assert after.get("style") == "stroke-linejoin: round; stroke-linecap: butt"


@pytest.mark.parametrize(
    ("number", "short"),
    [("1.005", "1"), ("-12.3456", "-12.35"), ("0.095", "0.095"), ("1.5e-07", "0"), ("1.50", "1.5"), ("100.0", "100")],
)
def test_numbers(number, short):
    (line,) = vector.lines_of(f'<svg xmlns="http://www.w3.org/2000/svg" x="{number}"/>')
    assert f' x="{short}"' in line


def places(path):
    """The points of a path in steps, hundredths; a minimal reader of SVG's own grammar."""
    tokens = re.findall(r"[mlcqz]|-?(?:\d+\.?\d*|\.\d+)", path)
    here, begun, found, letter, group = (0, 0), (0, 0), [], "", []
    for token in tokens:
        if token in "mlcqz":
            letter = token
            here = begun if token == "z" else here
            continue
        group.append(round(100 * float(token)))
        if len(group) == 2 * {"m": 1, "l": 1, "q": 2, "c": 3}[letter]:
            points = [(here[0] + x, here[1] + y) for x, y in zip(group[::2], group[1::2], strict=True)]
            here, group = points[-1], []
            begun = here if letter == "m" else begun
            found += points
    return found


POINT = st.tuples(*[st.integers(-100_000, 100_000)] * 2)
LETTERS = [st.tuples(st.just(a), st.lists(POINT, min_size=n, max_size=n)) for a, n in (("L", 1), ("Q", 2), ("C", 3))]
SEGMENTS = st.lists(st.one_of(st.tuples(st.just("z"), st.just([])), *LETTERS))


@given(st.lists(st.tuples(POINT, SEGMENTS), min_size=1, max_size=3))
def test_a_path_in_steps_leads_to_the_same_places(subpaths):
    """Reading the steps back gives every point on its grid of 0.01, over any letters and several subpaths."""
    segments = [one for first, more in subpaths for one in [("M", [first]), *more]]
    text = " ".join(" ".join([letter, *(f"{x / 100!r} {y / 100!r}" for x, y in points)]) for letter, points in segments)
    (line,) = vector.lines_of(f'<svg xmlns="http://www.w3.org/2000/svg" d="M 9999 9999 {text}"/>')
    path = re.search(r' d="([^"]*)"', line)[1]
    assert places(path)[1:] == [point for _, points in segments for point in points]


def test_a_smooth_path_in_steps_is_a_third_shorter():
    text = "M " + " L ".join(f"{100 + k / 2!r} {200 + round(50 * math.sin(k / 9), 2)!r}" for k in range(400))
    (line,) = vector.lines_of(f'<svg xmlns="http://www.w3.org/2000/svg" d="{text}"/>')
    assert len(re.search(r' d="([^"]*)"', line)[1]) < 2 / 3 * len(text)


def test_the_same_drawing_gives_the_same_lines():
    assert drawn(everything().figure) == drawn(everything().figure)


def test_drawing_directly_gives_what_matplotlib_writes():
    assert drawn(everything().figure) == vector.lines_of(written(everything().figure))


def test_a_formula_is_parsed_once_for_all_figures(monkeypatch):
    parsed = []
    own = MathTextParser.parse
    monkeypatch.setattr(MathTextParser, "parse", lambda self, s, *a, **k: parsed.append(s) or own(self, s, *a, **k))

    def figure(size):
        made = Figure(figsize=(3, 2))
        made.text(0.5, 0.5, r"$\beta_{31}^{41}$", fontsize=size)
        return made

    first, again, larger = (vector.draw(figure(size), pixels_per_inch=200)[0] for size in (9, 9, 12))
    assert parsed == [r"$\beta_{31}^{41}$"]  # outlines are scaled to the size of the text
    assert first == again != larger


def test_the_dark_drawing_follows_from_the_light_one_by_its_colours():
    light = drawn(everything().figure)
    inverted = {}

    def in_dark(colour):
        inverted[colour] = "#" + bytes(255 - part for part in bytes.fromhex(colour[1:])).hex()
        return inverted[colour]

    both = vector.in_both(light, in_dark)
    assert vector.for_theme(both, "light") == "".join(light)
    dark = vector.for_theme(both, "dark")
    there, here = ET.fromstring(dark), ET.fromstring("".join(light))
    assert [e.tag for e in there.iter()] == [e.tag for e in here.iter()]
    assert [inverted[c] for c in re.findall(r"#[0-9a-f]{6}\b", "".join(light))] == re.findall(r"#[0-9a-f]{6}\b", dark)
    pictures = [
        [np.asarray(Image.open(io.BytesIO(base64.b64decode(e.get("href").partition(",")[2]))).convert("RGBA"), int)
         for e in tree.iter() if (e.get("href") or "").startswith("data:")]
        for tree in (here, there)
    ]  # fmt: skip
    assert len(pictures[0]) == len(pictures[1]) > 0
    for one, other in zip(*pictures, strict=True):
        np.testing.assert_array_equal(one[..., 3], other[..., 3])
        np.testing.assert_array_equal(255 - one[..., :3], other[..., :3])


def test_a_style_that_knows_its_dark_colours_is_drawn_once(static, sketches):
    calls = []

    def panel(t):
        calls.append(t)
        return sketches.curve(t)

    class Look:
        @staticmethod
        def in_dark(colour):
            return {"#000000": "#ffffff"}.get(colour, colour)

    @contextmanager
    def style(theme):
        with sketches.loud(theme):
            yield Look

    make_frames(panel, [{"t": 0}, {"t": 1}], name="once", style=style, picture="svg", jobs=1)
    assert calls == [0, 1]
    make_frames(panel, [{"t": 0}, {"t": 1}], name="twice", style=sketches.loud, picture="svg", jobs=1)
    assert calls == [0, 1, 0, 0, 1, 1]


@given(TAGS, st.randoms())
def test_both_themes_come_back(lines, random):
    colours = ["#000000", "#ffffff", "#2457a6"]
    light, dark = ([line.replace("#", random.choice(colours)) for line in lines] for _ in range(2))
    merged = vector.both(light, dark)
    assert vector.for_theme(merged, "light") == "".join(light)
    assert vector.for_theme(merged, "dark") == "".join(dark)
    assert vector.read(vector.stored(merged)) == merged


@given(st.lists(TAGS, min_size=1, max_size=4))
def test_a_pack_returns_its_drawings(drawings):
    assert unpacked(vector.packed(drawings)) == drawings


def test_drawings_that_differ_in_their_tags_have_no_common_lines():
    assert vector.both(["<g>"], ["<g>", "</g>"]) is None
    assert vector.both(["{"], ["{"]) is None


def test_a_frame_whose_themes_differ_is_an_image(static, sketches):
    def panel(t):
        drawing = sketches.curve(t)
        if t == 1 and matplotlib.rcParams["text.color"] == "#ffffff":  # on a dark page alone
            drawing.figure.add_subplot()
        return drawing

    params = [{"t": 0}, {"t": 1}, {"t": 2}]
    made = make_frames(panel, params, name="fig", style=sketches.loud, picture="svg", jobs=1)
    assert made.pack.numbers == [0, None, 1]
    assert made.frames[1].light
    assert made.frames[1].dark
    assert made.frames[1].lines is None


def noise(t):
    """An image that no drawing makes smaller."""
    figure = Figure(figsize=(3.8, 2))
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    axes.imshow(np.random.default_rng(t).random((200, 380)), interpolation="none")
    return Drawing(figure, f"Noise {t}.")


def test_the_smaller_form_is_taken(static, sketches):
    assert make_frames(sketches.curve, [{"t": 0}, {"t": 1}], name="curve").pack is not None
    assert make_frames(noise, [{"t": 0}, {"t": 1}], name="noise").pack is None


def test_a_pack_is_smaller_than_its_images(static, sketches):
    params = [{"t": t, "seed": seed} for t in range(6) for seed in (0, 1)]
    drawn = make_frames(sketches.curve, params, name="svg", picture="svg")
    images = make_frames(sketches.curve, params, name="webp", picture="webp")
    size = sum((static / "webp" / f"{stem}.webp").stat().st_size for f in images.frames for stem in (f.light, f.dark))
    assert (static / "svg" / f"{drawn.pack.file}.js").stat().st_size < size / 3


def test_equal_drawings_are_packed_once(static, sketches):
    made = make_frames(lambda t: sketches.curve(t // 2), [{"t": t} for t in range(4)], name="fig", picture="svg")
    assert made.pack.numbers == [0, 0, 1, 1]


def test_an_unknown_form_is_refused(static, sketches):
    with pytest.raises(UsageError, match=r"picture='gif' of 'fig'; choose one of auto, svg, webp"):
        explore(sketches.curve, name="fig", t=[0], picture="gif")


@pytest.mark.parametrize("damage", [lambda path: path.unlink(), lambda path: path.write_bytes(b"x")])
@pytest.mark.parametrize("ending", [".lines", ".js", ".svg"])
def test_damaged_files_are_made_again(static, sketches, damage, ending):
    params = [{"t": 0}, {"t": 1}]
    made = make_frames(sketches.curve, params, name="fig", picture="svg", jobs=1)
    damage(next((static / "fig").glob(f"*{ending}")))
    again = make_frames(sketches.curve, params, name="fig", picture="svg", jobs=1)
    assert again.frames == made.frames
    assert again.pack == made.pack
    assert again.n_drawn == (ending == ".lines")


@pytest.mark.browser
@pytest.mark.parametrize("theme", render.THEMES)
def test_the_page_shows_the_drawing_that_matplotlib_writes(static, visit, write_page, tmp_path, theme):
    """The picture put together from the pack is matplotlib's SVG, up to a few values of grey at edges."""
    page, _ = write_page(tmp_path, explore(lambda t: everything(), name="fig", t=[0, 1], picture="svg", jobs=1))
    opened = visit(page, "#fig?t=1", color_scheme=theme, device_scale_factor=2, viewport={"width": 900, "height": 900})
    image = opened.page.locator("#fig img:not([hidden])")
    image.and_(opened.page.locator("[src^='data:image/svg']")).wait_for()
    opened.page.evaluate("document.body.style.background = 'white'")
    image.evaluate("image => { image.style = 'position: fixed; top: 0; left: 0; max-width: none' }")

    def pixels():
        return np.asarray(Image.open(io.BytesIO(image.screenshot())).convert("RGB"), float)

    seen = pixels()
    with render.plain_style(theme):
        figure = everything().figure
        figure.patch.set_visible(False)
        source = written(figure).encode()
    image.evaluate(
        "(image, source) => { image.src = source; return image.decode() }",
        f"data:image/svg+xml;base64,{base64.b64encode(source).decode()}",
    )
    expected = pixels()
    assert seen.shape == expected.shape == (720, 1520, 3)
    assert (expected.min(axis=(0, 1)) < 100).all()  # there is something to see
    assert np.abs(seen - expected).mean() < 0.1
    assert (np.abs(seen - expected) > 32).mean() < 1e-4
