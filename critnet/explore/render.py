"""Draw one frame: call the panel in a theme, and turn its figure into an image."""

import base64
import contextlib
import io
import sys
from typing import NamedTuple

import matplotlib
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from PIL import Image

from critnet.explore import vector
from critnet.explore.drawing import as_drawing

PIXELS_PER_INCH = 200  # twice the 100 CSS pixels an inch takes in the page, so that a 7.6 inch figure is 760 px wide
THEMES = ("light", "dark")
_SMALL = 30_000  # bytes; a lossless frame below this is kept as it is
_DARK_INK = "#E6E6E6"


class Pixels(NamedTuple):
    """One rendered frame: `image` (height, width, 4) uint8 with alpha, its alt text, and its table or None."""

    image: np.ndarray
    alt: str
    table: object

    @property
    def size(self):
        """(width, height) in CSS pixels, each of which is two pixels wide at `PIXELS_PER_INCH`."""
        height, width = self.image.shape[:2]
        return width // 2, height // 2


class Lines(NamedTuple):
    """One frame as `lines` of SVG (None where the themes differ in more than values), with `size` in CSS pixels."""

    lines: list | None
    size: tuple
    alt: str
    table: object


def draw(panel, params, *, name, fixed=None, style=None, theme="light", pixels_per_inch=PIXELS_PER_INCH):
    """Call `panel(**fixed, **params)` in `style(theme)` and rasterise its figure on a transparent ground.

    Parameters
    ----------
    panel : callable
        Returns a Figure or a `Drawing`; may raise `NoMatch`.
    params, fixed : dict
    style : callable, optional
        Theme ("light" or "dark") to context manager.

    Returns
    -------
    Pixels
    """
    with _drawn(panel, params, name, fixed, style, theme, pixels_per_inch) as drawing:
        canvas = FigureCanvasAgg(drawing.figure)
        canvas.draw()
        image = np.array(canvas.buffer_rgba())
    return Pixels(image, drawing.alt, drawing.table)


def draw_lines(panel, params, *, name, fixed=None, style=None):
    """The same in both themes, as lines of SVG (`critnet.explore.vector`).

    Returns
    -------
    Lines
    """
    lines = {}
    for theme in THEMES:
        with _drawn(panel, params, name, fixed, style, theme, PIXELS_PER_INCH) as drawing:
            size = tuple(int(length) // 2 for length in drawing.figure.bbox.size)
            lines[theme] = vector.lines_of(vector.svg(drawing.figure, pixels_per_inch=PIXELS_PER_INCH))
        if theme == "light":
            light = drawing
    return Lines(vector.both(lines["light"], lines["dark"]), size, light.alt, light.table)


@contextlib.contextmanager
def _drawn(panel, params, name, fixed, style, theme, pixels_per_inch):
    """The panel's Drawing within its theme, where flags raised while matplotlib draws are no warnings."""
    with (style or plain_style)(theme):
        drawing = as_drawing(panel(**(fixed or {}), **params), name)
        drawing.figure.patch.set_visible(False)
        drawing.figure.set_dpi(pixels_per_inch)
        with np.errstate(all="ignore"):  # a product of matrices may raise these flags for what it reads beside them
            yield drawing
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close(drawing.figure)


@contextlib.contextmanager
def plain_style(theme):
    """Matplotlib's own look on a transparent ground, with light ink for a dark page."""
    settings: dict = {"axes.facecolor": "none", "figure.facecolor": "none", "legend.facecolor": "none"}
    if theme == "dark":
        inks = ("axes.edgecolor", "axes.labelcolor", "text.color", "xtick.color", "ytick.color", "grid.color")
        settings |= dict.fromkeys(inks, _DARK_INK)
    with matplotlib.rc_context(settings):
        yield


def webp(image):
    """The image as WebP bytes: exact where that is small, else in 256 colours (lines and text) or lossy (fields of
    colour), whichever is smaller."""
    picture = Image.fromarray(image)
    found = [_encoded(picture, lossless=True)]
    if len(found[0]) > _SMALL:
        few = picture.convert("RGBA").quantize(256, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
        found += [_encoded(few.convert(picture.mode), lossless=True), _encoded(picture, quality=70)]
    return min(found, key=len)


def _encoded(picture, **options):
    stream = io.BytesIO()
    picture.save(stream, format="webp", method=4, **options)
    return stream.getvalue()


def png(image, *, ground=None):
    """The image as PNG bytes, on `ground` (a colour) where one is given; fast rather than small."""
    picture = Image.fromarray(image)
    if ground is not None:
        picture = Image.alpha_composite(Image.new("RGBA", picture.size, ground), picture).convert("RGB")
    stream = io.BytesIO()
    picture.save(stream, format="png", compress_level=1)
    return stream.getvalue()


def data_uri(content, kind="image/png"):
    """Bytes as a `data:` address."""
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


def csv_of(table):
    """The table as CSV text, seven digits; a default 0, 1, 2, ... index is left out."""
    plain_index = table.index.name is None and list(table.index) == list(range(len(table)))
    return table.to_csv(index=not plain_index, lineterminator="\n", float_format="%.7g")
