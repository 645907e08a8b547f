"""The page of an explorable: escaping, index, first frame, addresses."""

import json
import re

import pytest

from critnet.explore import explore
from critnet.explore.frames import read_indices
from critnet.explore.page import json_in_html

EVIL = "</script><script>window.pwned = 1</script><img src=x onerror='window.pwned=1'>&amp;\"\u2028"


@pytest.fixture
def evil(static, sketches):
    return explore(
        sketches.hostile,
        name="evil",
        caption=EVIL,
        word=[EVIL, "b", "c", "d", "e", "f"],
        labels={"word": (EVIL, {"b": EVIL + "2"})},
    )


def test_hostile_text_adds_no_element(evil, static, sketches):
    tame = explore(sketches.hostile, name="evil", caption="x", word=["a", "b", "c", "d", "e", "f"])
    tags = [
        re.findall(r"<(/?\w+)", re.sub(r"<(style|script)>.*?</\1>", "", page.html, flags=re.S)) for page in (evil, tame)
    ]
    assert tags[0] == tags[1]


def test_hostile_text_survives_as_text(evil):
    (index,) = read_indices(evil.html)
    assert index["controls"][0]["keys"][0] == EVIL
    assert index["controls"][0]["label"] == EVIL
    assert index["alt"][0] == f"alt {EVIL}"


@pytest.mark.parametrize("text", ["</script>", "<!--", "&lt;", "\u2028\u2029", "ü π", '"\\'])
def test_json_in_a_script_element(text):
    written = json_in_html({"a": text})
    assert not set("<>&\u2028\u2029") & set(written)
    assert json.loads(written) == {"a": text}


def test_json_refuses_not_a_number():
    with pytest.raises(ValueError, match="JSON compliant"):
        json_in_html(float("nan"))


@pytest.mark.parametrize("picture", ["svg", "webp"])
def test_first_frame_is_in_the_markup(static, sketches, picture):
    start = {"t": 2, "seed": 1}
    page = explore(sketches.curve, name="fig", t=[0, 1, 2], seed=[0, 1], initial=start, picture=picture)
    first = page.frames.frames[5]
    light, dark = re.findall(r"<img[^>]*>", page.html)
    stem = page.frames.pack.light if picture == "svg" else first.light
    assert f'src="../_frames/{stem}.{picture}"' in light
    assert 'width="380" height="200"' in light
    assert 'loading="eager"' in light
    assert "y(0.5) is 0.125." in light
    assert "src=" not in dark
    assert f'href="../_frames/{first.csv}.csv"' in page.html


@pytest.mark.parametrize(("root", "prefix"), [("", "_frames/"), ("../../", "../../_frames/"), ("..", "../_frames/")])
def test_page_root(static, sketches, monkeypatch, root, prefix):
    monkeypatch.setenv("CRITNET_PAGE_ROOT", root)
    assert f'src="{prefix}' in explore(sketches.curve, name="fig", t=[0]).html


def test_nothing_comes_from_elsewhere(static, sketches):
    assert not re.search(r"https?:|//\w+\.|fetch\(|import\(", explore(sketches.curve, name="fig", t=[0, 1]).html)


def test_a_panel_without_words_gets_its_state(static, sketches):
    page = explore(sketches.bare, name="fig", t=[0, 1], labels={"t": "iteration t"})
    (index,) = read_indices(page.html)
    assert index["alt"] == ["Figure fig: iteration t 0.", "Figure fig: iteration t 1."]
    assert index["csv"] == [None, None]
