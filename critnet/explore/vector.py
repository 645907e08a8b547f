"""Drawings as lines of SVG that serve both themes, and the pack that holds all drawings of one explorable.

A line is one tag. Where the two themes differ it holds `{light|dark}`, mostly a pair of colours. Drawings of one
explorable share most of their lines (axes, ticks, glyphs), so a pack keeps each line once and a drawing as runs of
lines; on the figures of the book that is 3.6 to 36 times smaller than two images a state. `page.js` puts the drawings
together again.
"""

import base64
import functools
import io
import json
import re
import xml.etree.ElementTree as ET
import zlib
from typing import Any
from xml.sax.saxutils import quoteattr

import matplotlib
import numpy as np
from matplotlib.backends.backend_mixed import MixedModeRenderer
from matplotlib.backends.backend_svg import RendererSVG
from matplotlib.mathtext import MathTextParser
from matplotlib.textpath import TextToPath
from PIL import Image

from critnet.explore.layout import Written

_SETTINGS: Any = {"svg.fonttype": "path", "svg.hashsalt": "critnet", "svg.image_inline": True}
_NOTHING = {"Creator": None, "Date": None, "Format": None, "Type": None}
_SVG, _XLINK = "{http://www.w3.org/2000/svg}", "{http://www.w3.org/1999/xlink}"
_DECIMAL = re.compile(r"-?\d*\.\d+(?:e[-+]?\d+)?")
_SEGMENT = re.compile(r"([MLCQz]) ?([^MLCQz]*)")
_SMALL = 20  # a path that reaches no further, such as a marker's, keeps its places to four digits
# Spaces beside a letter, before a sign, and before the point of a number that follows another number's decimals.
_UNNEEDED = re.compile(r" (?=[-a-z])|(?<=[a-z]) |(?<=\.\d) (?=\.)|(?<=\.\d\d) (?=\.)")
_COLOUR = re.compile(r"#[0-9a-f]{6}\b")
_REFERENCE = re.compile(r"(?<=url\(#)[^)]+")
_GENERATED = re.compile(r"\w*[0-9a-f]{10}")  # matplotlib ends the names it makes with a hash of what they stand for
_PNG = re.compile(r'(.*href="data:image/png;base64,)([^"]*)(".*)', re.DOTALL)
_PAIR = re.compile(r"\{([^{|}]*)\|([^{|}]*)\}")


def draw(figure, *, pixels_per_inch):
    """Draw a figure as it is laid out with matplotlib's renderer of SVG, text as outlines.

    The renderer is used directly: `savefig` would draw the figure twice, the first time for its layout alone.

    Parameters
    ----------
    figure : matplotlib Figure
    pixels_per_inch : float
        The resolution of what is rasterised within it.

    Returns
    -------
    (lines, words) : list of str, and what `layout.Written` notes.
    """
    stream = io.StringIO()
    width, height = figure.get_size_inches().tolist()
    dots_per_inch = figure.get_dpi()
    with matplotlib.rc_context(_SETTINGS):
        figure.set_dpi(72)
        renderer = _Renderer(width * 72, height * 72, stream, image_dpi=pixels_per_inch, metadata=_NOTHING)
        figure.draw(MixedModeRenderer(figure, width, height, pixels_per_inch, renderer))
        renderer.finalize()
        figure.set_dpi(dots_per_inch)
    return lines_of(stream.getvalue()), renderer.words


class Formulas(MathTextParser):
    """A parser of formulas that remembers as many as a book has; matplotlib's own remembers fifty."""

    @functools.lru_cache(4096)  # noqa: B019 - one of each kind, for as long as the process runs
    def _remembered(self, s, dpi, prop, options):
        return super().parse(s, dpi, prop, **dict(options))

    def parse(self, s, dpi=72, prop=None, **options):
        return self._remembered(s, dpi, prop and prop.copy(), tuple(options.items()))


class _Outlines(TextToPath):
    """Matplotlib's text as outlines, which measures and parses each text once for all figures."""

    def __init__(self):
        super().__init__()
        self.mathtext_parser = Formulas("path")

    @functools.lru_cache(4096)  # noqa: B019 - there is one
    def _measured(self, s, prop, ismath):
        return super().get_text_width_height_descent(s, prop, ismath)

    def get_text_width_height_descent(self, s, prop, ismath):
        return self._measured(s, prop.copy(), ismath)


_OUTLINES = _Outlines()


class _Renderer(Written, RendererSVG):
    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self._text2path = _OUTLINES


def lines_of(text):
    """The tags of an SVG drawing, one a line: names and numbers shortened, nothing kept that does not draw.

    Lengths keep two decimals (0.01 pt is a seventieth of a CSS pixel), numbers below 1 and small paths four digits.

    >>> text = '<svg xmlns="http://www.w3.org/2000/svg"><g id="a"><path d="M 31.0049 2 \\n L 30.1 3"/></g></svg>'
    >>> lines_of(text)[1:]
    ['<g>', '<path d="m31 2l-.9 1"/>', '</g>', '</svg>']
    """
    root = ET.fromstring(text)
    used = {name for element in root.iter() for name in _references(element)}
    short: dict[str, str] = {}

    def name(given):
        return short.setdefault(given, f"i{len(short)}") if _GENERATED.fullmatch(given) else given

    lines: list[str] = []

    def write(element):
        tag = element.tag.removeprefix(_SVG)
        if tag in ("metadata", "style"):
            return
        attributes = {} if element is not root else {"xmlns": _SVG[1:-1], "style": _style_of_all(root)}
        for key, value in element.attrib.items():
            if key == "id":
                if value in used:
                    attributes["id"] = name(value)
            elif key == f"{_XLINK}href":
                attributes["href"] = "#" + name(value[1:]) if value.startswith("#") else re.sub(r"\s+", "", value)
            else:
                attributes[key] = _REFERENCE.sub(lambda found: name(found[0]), _shortened(value))
        opened = f"<{tag}" + "".join(f" {key}={quoteattr(value)}" for key, value in attributes.items())
        if len(element) == 0:
            lines.append(opened + "/>")
            return
        lines.append(opened + ">")
        for child in element:
            write(child)
        lines.append(f"</{tag}>")

    write(root)
    return lines


def _references(element):
    target = element.get(f"{_XLINK}href", "")
    found = [target[1:]] if target.startswith("#") else []
    return found + [name for value in element.attrib.values() for name in _REFERENCE.findall(value)]


def _style_of_all(root):
    """What matplotlib's style sheet sets on every element; on the root it reaches all that do not say otherwise."""
    sheet = root.find(f"{_SVG}defs/{_SVG}style")
    found = re.fullmatch(r"\s*\*\s*\{([^}]*)\}\s*", (sheet.text or "") if sheet is not None else "")
    return found[1].strip() if found else ""


def _shortened(value):
    value = " ".join(value.split())
    if value.startswith("M "):
        parts = _SEGMENT.findall(value)
        if max(abs(float(x)) for _, points in parts for x in points.split()) >= _SMALL:
            return _steps(parts)
        return re.sub(r" ?\b([MLCQz])\b ?", r"\1", _DECIMAL.sub(_number, value))
    return _DECIMAL.sub(_number, value)


def _steps(segments):
    """A path on a grid of 0.01 in steps from point to point, which are shorter to write than places.

    >>> _steps([("M", "20 30"), ("L", "21.256 29.5"), ("L", "22 29"), ("Q", "23 30 24 30"), ("z", ""), ("M", "1 1")])
    'm20 30l1.26-.5.74-.5q1 1 2 1zm-19-29'
    """
    words: list[str] = []
    here, begun, last = [0, 0], [0, 0], ""
    for letter, points in segments:
        if letter == "z":
            here = begun
            words.append(letter)
        else:
            places = [round(100 * float(x)) for x in points.split()]
            words += [] if letter == last != "M" else [letter.lower()]
            words += [_hundredths(place - here[k % 2]) for k, place in enumerate(places)]
            here = places[-2:]
            begun = here if letter == "M" else begun
        last = letter
    return _UNNEEDED.sub("", " ".join(words))


def _hundredths(n):
    whole, part = divmod(abs(n), 100)
    decimals = f".{part:02d}".rstrip("0") if part else ""
    return "-" * (n < 0) + (str(whole) if whole or not part else "") + decimals


def _number(found):
    number = float(found[0])
    text = f"{number:.2f}" if abs(number) >= 1 else f"{number:.4g}"
    if "e" in text:
        return "0"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text


def both(light, dark):
    """Lines that serve both themes, or None where the drawings do not have the same tags in the same order.

    >>> both(['<path style="fill: #000000"/>', '<g>'], ['<path style="fill: #ffffff"/>', '<g>'])
    ['<path style="fill: {#000000|#ffffff}"/>', '<g>']
    >>> both(['<g opacity="1">'], ['<g opacity="0.5">'])
    ['{<g opacity="1">|<g opacity="0.5">}']
    """
    if len(light) != len(dark) or any(set("{|}") & set(line) for line in light + dark):
        return None
    return [_pair(*lines) for lines in zip(light, dark, strict=True)]


def _pair(light, dark):
    if light == dark:
        return light
    if _COLOUR.split(light) != _COLOUR.split(dark):
        return f"{{{light}|{dark}}}"
    others = iter(_COLOUR.findall(dark))

    def colours(found):
        other = next(others)
        return other if other == found[0] else f"{{{found[0]}|{other}}}"

    return _COLOUR.sub(colours, light)


def in_both(light, in_dark):
    """The same from the drawing for a light page alone: each colour with the one it has on a dark page.

    Parameters
    ----------
    light : list of str
    in_dark : callable
        "#rrggbb" to "#rrggbb", the same for a colour that both themes have.

    >>> in_both(['<path style="fill: #000000; stroke: #aaaaaa"/>'], {"#000000": "#ffffff", "#aaaaaa": "#aaaaaa"}.get)
    ['<path style="fill: {#000000|#ffffff}; stroke: #aaaaaa"/>']
    """
    if any(set("{|}") & set(line) for line in light):
        return None

    def pair(found):
        other = in_dark(found[0])
        return found[0] if other == found[0] else f"{{{found[0]}|{other}}}"

    return [_image_in_both(line, in_dark) if line.startswith("<image") else _COLOUR.sub(pair, line) for line in light]


def _image_in_both(line, in_dark):
    """A rasterised part of a drawing, such as a colour bar, with its opaque colours as they are in the dark."""
    found = _PNG.fullmatch(line)
    if found is None:  # not written as a PNG
        return line
    before, content, after = found.groups()
    with Image.open(io.BytesIO(base64.b64decode(content))) as picture:
        pixels = np.asarray(picture.convert("RGBA")).copy()
    flat = pixels.reshape(-1, 4)
    colours, places = np.unique(flat[:, :3], axis=0, return_inverse=True)
    mapped = [bytes.fromhex(in_dark(f"#{bytes(colour).hex()}")[1:]) for colour in colours.astype(np.uint8)]
    flat[:, :3] = np.array([list(colour) for colour in mapped], np.uint8)[places.ravel()]
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, format="png")
    other = base64.b64encode(stream.getvalue()).decode()
    return line if other == content else f"{{{line}|{before}{other}{after}}}"


def for_theme(lines, theme):
    """SVG text of one theme, "light" or "dark".

    >>> for_theme(['<path style="fill: {#000000|#ffffff}"/>'], "dark")
    '<path style="fill: #ffffff"/>'
    """
    return _PAIR.sub(r"\2" if theme == "dark" else r"\1", "".join(lines))


def stored(lines):
    """Lines as compressed bytes."""
    return zlib.compress("\n".join(lines).encode(), 9)


def read(content):
    """The lines of `stored` bytes."""
    return zlib.decompress(content).decode().split("\n")


def packed(drawings):
    """A script that hands all drawings of an explorable to the script element that loads it.

    Parameters
    ----------
    drawings : list of list of str

    Returns
    -------
    bytes
        The event `critnet-pack` carries base64 of deflated JSON: `lines`, each once, and for each drawing in `drawings`
        the runs [first line, number of lines, ...].
    """
    places: dict[str, int] = {}
    for lines in drawings:
        for line in lines:
            places.setdefault(line, len(places))
    runs = [_runs([places[line] for line in lines]) for lines in drawings]
    text = json.dumps({"lines": list(places), "drawings": runs}, ensure_ascii=False, separators=(",", ":"))
    detail = base64.b64encode(zlib.compress(text.encode(), 9)).decode()
    return f'document.currentScript.dispatchEvent(new CustomEvent("critnet-pack",{{detail:"{detail}"}}))\n'.encode()


def _runs(places):
    """Places as runs of successive ones.

    >>> _runs([0, 1, 2, 1, 7])
    [0, 3, 1, 1, 7, 1]
    """
    runs: list[int] = []
    for place in places:
        if runs and runs[-2] + runs[-1] == place:
            runs[-1] += 1
        else:
            runs += [place, 1]
    return runs
