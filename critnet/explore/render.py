"""Draw one frame: call the panel in a theme, and turn its figure into an image."""

import base64
import contextlib
import io
import sys
from typing import NamedTuple

import matplotlib
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg
from matplotlib.image import _ImageBase
from PIL import Image

from critnet.errors import UsageError
from critnet.explore import layout, vector
from critnet.explore.drawing import as_drawing

PIXELS_PER_INCH = 200  # twice the 100 CSS pixels an inch takes in the page, so that a 7.6 inch figure is 760 px wide
THEMES = ("light", "dark")
_SMALL = 30_000  # bytes; a lossless frame below this is kept as it is
_DARK_INK = "#E6E6E6"


class Pixels(NamedTuple):
    """One rendered frame: `image` (height, width, 4) uint8 with alpha, its alt text, its table or None, and how it was
    laid out (`Lines`)."""

    image: np.ndarray
    alt: str
    table: object
    boxes: tuple | None = None
    fits: bool = True
    axes: tuple = ()

    @property
    def size(self):
        """(width, height) in CSS pixels, each of which is two pixels wide at `PIXELS_PER_INCH`."""
        height, width = self.image.shape[:2]
        return width // 2, height // 2


class Lines(NamedTuple):
    """One frame as `lines` of SVG (None where the themes differ in more than values), with `size` in CSS pixels.

    `boxes` are those of its own layout, or None where it was drawn in the boxes it was given; `fits` says that these
    had room for its words, or that none were given. `image` is the same figure as an image, if it was asked for; `axes`
    are those along which training time runs (`layout.time_axes`).
    """

    lines: list | None
    size: tuple
    alt: str
    table: object
    boxes: tuple | None
    fits: bool
    image: np.ndarray | None = None
    axes: tuple = ()


def draw(panel, params, *, name, fixed=None, style=None, theme="light", pixels_per_inch=PIXELS_PER_INCH, boxes=None):
    """Call `panel(**fixed, **params)` in `style(theme)` and rasterise its figure on a transparent ground.

    Parameters
    ----------
    panel : callable
        Returns a Figure or a `Drawing`; may raise `NoMatch`.
    params, fixed : dict
    style : callable, optional
        Theme ("light" or "dark") to context manager.
    boxes : tuple, optional
        Where the axes shall stand (`critnet.explore.layout`), if there is room; without them the figure is laid out.

    Returns
    -------
    Pixels
    """
    with _drawn(panel, params, name, fixed, style, theme, pixels_per_inch) as (drawing, _):
        placed, own = layout.place(drawing.figure, boxes), None
        if not placed:
            own = layout.lay_out(drawing.figure, FigureCanvasAgg)
        image, words = _raster(drawing.figure)
        fits = _fits(drawing.figure, words, 72 / pixels_per_inch, name, params, placed)
        axes = layout.time_axes(drawing.figure)
    if not fits:
        options = {"name": name, "fixed": fixed, "style": style, "theme": theme, "pixels_per_inch": pixels_per_inch}
        return draw(panel, params, **options)._replace(fits=False)
    return Pixels(image, drawing.alt, drawing.table, own, True, axes)


def draw_lines(panel, params, *, name, fixed=None, style=None, boxes=None, image=False):
    """The same as lines of SVG that serve both themes (`critnet.explore.vector`).

    It is drawn once, for a light page, where the style says what each of its colours is on a dark page (what its
    context gives has a method `in_dark`: "#rrggbb" to "#rrggbb"); else, or where it holds images, for each theme.

    Returns
    -------
    Lines
    """
    with _drawn(panel, params, name, fixed, style, "light", PIXELS_PER_INCH) as (drawing, look):
        placed, own = layout.place(drawing.figure, boxes), None
        if not placed:
            own = layout.lay_out(drawing.figure)
        light, words = vector.draw(drawing.figure, pixels_per_inch=PIXELS_PER_INCH)
        fits = _fits(drawing.figure, words, 1.0, name, params, placed)
        axes = layout.time_axes(drawing.figure)
        size = tuple(int(length * PIXELS_PER_INCH) // 2 for length in drawing.figure.get_size_inches())
        lines = None
        if fits and hasattr(look, "in_dark") and not drawing.figure.findobj(_ImageBase):
            lines = vector.in_both(light, look.in_dark)
        pixels = None
        if fits and image:
            pixels = _raster(drawing.figure)[0]
    if not fits:
        return draw_lines(panel, params, name=name, fixed=fixed, style=style, image=image)._replace(fits=False)
    if lines is None:
        with _drawn(panel, params, name, fixed, style, "dark", PIXELS_PER_INCH) as (other, _):
            if not layout.place(other.figure, boxes if placed else own):
                layout.lay_out(other.figure)
            lines = vector.both(light, vector.draw(other.figure, pixels_per_inch=PIXELS_PER_INCH)[0])
    return Lines(lines, size, drawing.alt, drawing.table, own, True, pixels, axes)


def _fits(figure, words, points, name, params, placed):
    """Whether a drawn figure has room for its words; one that was laid out by itself must not cut any."""
    cut, crossing = layout.clashes(figure, words, points)
    if cut and not placed:
        raise UsageError(
            f"{name!r} with {params}: the edge of the figure cuts {cut[0]!r}; make it larger or the text shorter"
        )
    return not placed or not (cut or crossing)


def _raster(figure):
    """A figure as it is laid out, as an image, and its words."""
    renderer = _Raster(*figure.bbox.size, figure.dpi)
    figure.draw(renderer)
    return np.array(renderer.buffer_rgba()), renderer.words


class _Raster(layout.Written, RendererAgg):
    """Agg that notes where words stand."""


@contextlib.contextmanager
def _drawn(panel, params, name, fixed, style, theme, dots_per_inch):
    """The panel's Drawing within its theme, where flags raised while matplotlib draws are no warnings, and what the
    theme's context gives."""
    with (style or plain_style)(theme) as look:
        drawing = as_drawing(panel(**(fixed or {}), **params), name)
        drawing.figure.patch.set_visible(False)
        drawing.figure.set_dpi(dots_per_inch)
        with np.errstate(all="ignore"):  # a product of matrices may raise these flags for what it reads beside them
            yield drawing, look
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
    lossy = _encoded(picture, quality=70)
    if len(lossy) <= _SMALL:  # else an exact one is certainly not small, and takes longest to make
        exact = _encoded(picture, lossless=True)
        if len(exact) <= _SMALL:
            return exact
    few = picture.convert("RGBA").quantize(256, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    return min(lossy, _encoded(few.convert(picture.mode), lossless=True), key=len)


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
