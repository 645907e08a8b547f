"""The one call: what it refuses, and what it gives where there is no kernel."""

import base64
import io

import pytest
from PIL import Image

from critnet.errors import UsageError
from critnet.explore import NoMatch, explore


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"name": "Fig 1"}, "lower-case"),
        ({"name": "a/b"}, "lower-case"),
        ({"name": '"><script>'}, "lower-case"),
        ({"name": 3}, "lower-case"),
        ({"t": [0, 0]}, "twice"),
        ({"labels": {"T": "time"}}, "labels of 'fig' names 'T'; its controls are t"),
        ({"labels": {"t": 3}}, "label"),
        ({"formats": {"x": "{}"}}, "formats"),
        ({"initial": {"x": 0}}, "initial"),
        ({"initial": {"t": 5}}, "cannot start at 5"),
        ({"unknown": [1, 2]}, "cannot be called.*unknown"),
        ({"fixed": {"t": 3}}, "both a control and fixed"),
        ({"fixed": {"other": 3}}, "cannot be called.*other"),
        ({"limit": 1}, "2 frames"),
    ],
)
def test_bad_arguments(static, sketches, options, message):
    with pytest.raises(UsageError, match=message):
        explore(sketches.curve, **({"name": "fig", "t": [0, 1]} | options))
    assert not static.exists()


def test_panel_must_be_a_function(static):
    with pytest.raises(UsageError, match="give a function"):
        explore(3, name="fig", t=[0])


def test_bundle_has_a_page_a_picture_and_words(static, sketches):
    bundle = explore(sketches.curve, name="fig", caption="A power law.", t=[0, 1])._repr_mimebundle_()
    assert set(bundle) == {"text/html", "text/plain", "image/png"}
    assert bundle["text/plain"] == "A power law. At t = 0, seed 0, as-coded, y(0.5) is 0.5."
    with Image.open(io.BytesIO(base64.b64decode(bundle["image/png"]))) as picture:
        assert picture.format == "PNG"
        assert picture.size == (760, 400)
        assert picture.getpixel((0, 0)) == (255, 255, 255)


def test_no_run_at_all_is_said_not_raised(static, sketches):
    page = explore(sketches.curve, name="fig", t=[])
    assert "No run matches" in page.html
    assert "<script" not in page.html
    assert set(page._repr_mimebundle_()) == {"text/html", "text/plain"}


def test_first_frame_without_a_run(static, sketches):
    page = explore(sketches.curve, name="fig", t=[10], seed=[2, 0])
    assert page.png is None
    assert '<p class="ce-empty">No run matches seed 2 at t = 10.</p>' in page.html


def test_no_controls_is_a_picture_for_both_themes(static, sketches):
    page = explore(sketches.curve, name="fig", fixed={"t": 1})
    assert len(page.frames.frames) == 1


def test_no_match_has_words_of_its_own():
    assert str(NoMatch()) == "No run matches this combination."
