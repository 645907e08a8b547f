"""Both themes of every panel: the dark drawing, which follows from the light one by its colours, is the true one."""

import base64
import io
import re

import matplotlib
import numpy as np
import pytest
from PIL import Image

from critnet.explore import layout, render, vector
from critnet.paper import panels, style

COLOUR = re.compile(r"#[0-9a-f]{6}\b")
PICTURE = re.compile(r"data:image/png;base64,([^\"]*)")
STEP = 2  # of 255: two neighbours in a map may have one colour on a light page and two on a dark one


def channels(colours):
    return np.array([list(bytes.fromhex(colour[1:])) for colour in colours], int).reshape(-1, 3)


def pixels(content):
    with Image.open(io.BytesIO(base64.b64decode(content))) as picture:
        return np.asarray(picture.convert("RGBA"), int)


def true_dark(panel, options):
    """The panel, drawn and laid out for a dark page."""
    with style.theme("dark"):
        figure = panel(**options).figure
        figure.patch.set_visible(False)
        figure.set_dpi(200)
        layout.lay_out(figure)
        with np.errstate(all="ignore"):
            return vector.draw(figure, pixels_per_inch=render.PIXELS_PER_INCH)[0]


@pytest.mark.parametrize("name", sorted(panels.PANELS))
def test_the_dark_drawing_of_a_panel_is_the_true_one(name):
    data = {"data": panels.data_of(name)}
    mapped = render.draw_lines(panels.PANELS[name], {}, name=name, fixed=data, style=style.theme).lines
    dark, true = vector.for_theme(mapped, "dark"), "".join(true_dark(panels.PANELS[name], data))
    assert vector.for_theme(mapped, "light") != dark
    assert COLOUR.split(PICTURE.sub("", dark)) == COLOUR.split(PICTURE.sub("", true))
    off = np.abs(channels(COLOUR.findall(dark)) - channels(COLOUR.findall(true)))
    assert off.max() <= STEP, sorted(
        {pair for pair in zip(COLOUR.findall(dark), COLOUR.findall(true), strict=True) if pair[0] != pair[1]}
    )
    for one, other in zip(PICTURE.findall(dark), PICTURE.findall(true), strict=True):
        one, other = pixels(one), pixels(other)
        np.testing.assert_array_equal(one[..., 3], other[..., 3])
        seen = one[..., 3:] / 255  # at the edge of a colour bar a pixel is hardly there
        assert (np.abs(one - other)[..., :3] * seen).max() <= STEP


@pytest.mark.parametrize("map_of", [style.time_map, style.size_map, style.mobility_map, style.correlation_map])
def test_each_colour_of_a_map_has_its_place_in_the_dark_one(map_of):
    steps = np.arange(256)
    with style.theme("dark"):
        dark = np.round(map_of()(steps)[:, :3] * 255)
    with style.theme("light") as look:
        mapped = [look.in_dark(matplotlib.colors.to_hex(colour)) for colour in map_of()(steps)]
        assert look.in_dark("#123456") == "#123456"
    assert np.abs(channels(mapped) - dark).max() <= STEP


def test_a_map_that_a_drawing_did_not_ask_for_has_no_part_in_it():
    with style.theme("light") as look:
        colour = matplotlib.colors.to_hex(style.time_map()(0.4))
        assert look.in_dark(colour) != colour
    with style.theme("light") as look:
        style.size_map()
        assert look.in_dark(colour) == colour


def test_roles_that_share_a_colour_on_a_light_page_share_one_on_a_dark_page():
    for role, other in [(r, o) for r in style.LIGHT._fields for o in style.LIGHT._fields]:
        light, dark = ([getattr(c, name) for name in (role, other)] for c in (style.LIGHT, style.DARK))
        assert (light[0] == light[1]) <= (dark[0] == dark[1]), (role, other)
    for one, other in zip(style.LIGHT.quantities, style.DARK.quantities, strict=True):
        assert style.LIGHT.in_dark(one.lower()) == other.lower()
    for role in set(style.LIGHT._fields) - {"quantities"}:
        assert style.LIGHT.in_dark(getattr(style.LIGHT, role).lower()) == getattr(style.DARK, role).lower()
