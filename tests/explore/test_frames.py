"""Frames: index, cache, determinism, faults, installation beside the pages."""

import io
import json

import numpy as np
import pandas as pd
import pytest
from matplotlib.artist import Artist
from matplotlib.figure import Figure
from PIL import Image

from critnet.errors import IntegrityError, UsageError
from critnet.explore import explore, layout, render
from critnet.explore.controls import make_control
from critnet.explore.frames import combinations, install, make_frames, read_indices
from critnet.explore.install import COST, cost_of, files_of_index

T = [{"t": t} for t in (0, 1, 2)]


def draw(sketches, params=T, **options):
    return make_frames(sketches.curve, params, name="fig", **({"picture": "webp"} | options))


def test_row_major_order_and_limit():
    controls = [make_control("t", [0, 1, 2]), make_control("seed", [4, 5])]
    params = combinations(controls, limit=6, name="fig")
    assert params[3] == {"t": 1, "seed": 5}
    with pytest.raises(UsageError, match=r"6 frames \(t 3 x seed 2\), more than the limit of 5.*limit=6"):
        combinations(controls, limit=5, name="fig")
    assert combinations([], limit=5, name="fig") == [{}]
    assert combinations([make_control("t", [])], limit=5, name="fig") == []


def test_frame_files_hold_the_picture_and_its_data(static, sketches):
    frame = draw(sketches).frames[1]
    with Image.open(static / "fig" / f"{frame.light}.webp") as picture:
        assert picture.size == (760, 400)  # twice the CSS pixels of a 3.8 x 2 inch figure
        assert picture.mode == "RGBA"
        assert picture.getpixel((0, 0))[3] == 0
    assert frame.size == (380, 200)
    assert frame.alt == "At t = 1, seed 0, as-coded, y(0.5) is 0.25."
    pd.testing.assert_frame_equal(pd.read_csv(static / "fig" / f"{frame.csv}.csv"), sketches.power(2))


def test_data_of_all_frames_are_packed_where_that_is_smaller(static, sketches, tmp_path, write_page):
    html = tmp_path / "html"
    page, _ = write_page(html, explore(sketches.long_table, name="fig", t=[0, 1, 2, 3], initial={"t": 1}))
    (index,) = read_indices(page.read_text())
    assert [bool(file) for file in index["csv"]] == [False, True, False, False]  # the first one shown stays a file
    assert index["rows"] == [0, 1, 2, None]
    assert (html / "_frames" / index["tables"]).is_file()
    assert len(list((html / "_frames").glob("*.csv"))) == 1
    small, _ = write_page(html, explore(sketches.curve, name="fig", t=[0, 1]))
    (index,) = read_indices(small.read_text())
    assert index["tables"] is None
    assert all(index["csv"])


def test_light_and_dark_differ_in_ink(static, sketches):
    images = [
        render.draw(sketches.curve, {"t": 0}, name="f", style=sketches.loud, theme=theme).image
        for theme in render.THEMES
    ]
    spine = images[0][..., 3].astype(bool) & (images[0][..., :3].max(axis=-1) == 0)
    assert spine.sum() > 500
    assert (images[1][spine][:, :3] == 255).all()


def test_flags_raised_while_drawing_are_no_warning_and_those_of_the_panel_are(sketches):
    class Overflowing(Artist):
        def draw(self, renderer):
            np.array([1e308]) * 10.0  # as a product of matrices may do with what lies beside its numbers

    def drawn(**params):
        drawing = sketches.curve(0)
        drawing.figure.add_artist(Overflowing())
        return drawing

    def wrong(**params):
        np.array([1e308]) * 10.0
        return sketches.curve(0)

    assert render.draw(drawn, {}, name="f").image.any()  # a warning would be an error here
    with pytest.warns(RuntimeWarning, match="overflow"):
        render.draw(wrong, {}, name="f")


def test_an_unchanged_panel_costs_nothing(static, sketches):
    first = draw(sketches)
    assert (first.n_drawn, first.n_cached) == (3, 0)
    times = {path: path.stat().st_mtime_ns for path in static.rglob("*")}
    again = draw(sketches)
    assert (again.n_drawn, again.n_cached) == (0, 3)
    assert again.frames == first.frames
    assert {path: path.stat().st_mtime_ns for path in static.rglob("*")} == times


def test_only_new_values_are_drawn(static, sketches):
    draw(sketches)
    made = draw(sketches, [*T, {"t": 7}])
    assert (made.n_drawn, made.n_cached) == (1, 3)


@pytest.mark.parametrize("change", [{"fixed": {"scale": 2.0}}, {"cache_key": "other data"}, {"style": "loud"}])
def test_a_changed_input_is_drawn_again(static, sketches, change):
    draw(sketches)
    change = {key: getattr(sketches, value) if key == "style" else value for key, value in change.items()}
    assert draw(sketches, **change).n_drawn == 3


def test_panels_of_one_module_are_told_apart(static, sketches):
    draw(sketches)
    assert make_frames(sketches.bare, T, name="fig", picture="webp").n_drawn == 3


def test_changed_data_are_drawn_again(static, sketches, monkeypatch):
    draw(sketches)
    monkeypatch.setenv("CRITNET_DATA_DIGEST", "new data")
    assert draw(sketches).n_drawn == 3


def test_without_a_word_on_the_data_nothing_comes_from_the_cache(static, sketches, monkeypatch):
    monkeypatch.delenv("CRITNET_DATA_DIGEST")
    assert [draw(sketches).n_drawn, draw(sketches).n_drawn] == [3, 3]


@pytest.mark.parametrize("damage", [lambda path: path.unlink(), lambda path: path.write_bytes(path.read_bytes()[:-1])])
@pytest.mark.parametrize("what", ["light", "csv", "cache"])
def test_damaged_cache_is_drawn_again(static, sketches, damage, what):
    frame = draw(sketches, T[:1]).frames[0]
    entries = {"light": f"fig/{frame.light}.webp", "csv": f"fig/{frame.csv}.csv"}
    path = static / entries[what] if what in entries else next((static / "cache").iterdir())
    damage(path)
    again = draw(sketches, T[:1])
    assert again.n_drawn == 1
    assert again.frames == [frame]
    assert draw(sketches, T[:1]).n_cached == 1


def test_frames_are_the_same_bytes_every_time(static, sketches, monkeypatch, tmp_path):
    params = [{"t": t} for t in range(6)]
    serial = draw(sketches, params, jobs=1)
    monkeypatch.setenv("CRITNET_FRAMES", str(tmp_path / "parallel"))
    parallel = draw(sketches, params, jobs=2)
    assert parallel.n_drawn == 6
    assert parallel.frames == serial.frames  # names are hashes of the content


def test_a_panel_that_cannot_travel_is_drawn_here(static, sketches):
    handle = open(__file__)  # noqa: SIM115 - an open file cannot be sent to another process

    def panel(t):
        assert not handle.closed
        return sketches.curve(t)

    with handle:
        made = make_frames(panel, [{"t": t} for t in range(5)], name="fig", cache_key=None)
    assert made.n_drawn == 5


def test_no_match_is_a_frame_without_a_picture(static, sketches):
    page = explore(sketches.curve, name="fig", t=[0, 10], seed=[0, 2])
    frame = page.frames.frames[3]
    assert (frame.light, frame.dark, frame.lines, frame.csv) == (None, None, None, None)
    assert frame.alt == "No run matches seed 2 at t = 10."
    assert explore(sketches.curve, name="fig", t=[0, 10], seed=[0, 2]).frames.n_cached == 4


def test_a_failing_panel_says_where(static):
    def broken(t):
        raise ZeroDivisionError("no such thing")

    with pytest.raises(ZeroDivisionError) as caught:
        make_frames(broken, [{"t": 3}], name="fig")
    assert caught.value.__notes__ == ["while drawing 'fig' with {'t': 3}"]


def test_panel_must_return_a_figure(static):
    with pytest.raises(UsageError, match="'fig' returned int"):
        make_frames(lambda t: 3, [{"t": 3}], name="fig")


@pytest.mark.parametrize(("picture", "files", "left"), [("webp", 6, 4), ("svg", 5, 5)])
def test_install_copies_what_pages_refer_to_and_sweeps_the_rest(
    static, sketches, tmp_path, write_page, picture, files, left
):
    html = tmp_path / "html"
    page, report = write_page(html, explore(sketches.curve, name="fig", t=[0, 1], picture=picture))
    (index,) = read_indices(page.read_text())
    expected = {*index["light"], *index["dark"], *index["csv"], index["pack"], index["tables"]} - {None}
    assert {path.name for path in (html / "_frames").rglob("*") if path.is_file()} == expected | {COST}
    size = sum((html / "_frames" / name).stat().st_size for name in expected)
    assert report == [("notebooks/chapter.html", 1, files, size)]
    write_page(html, explore(sketches.curve, name="fig", t=[1], picture=picture))
    assert len([path for path in (html / "_frames").rglob("*") if path.is_file()]) == left


def test_frames_that_two_explorables_share_are_in_the_book_once(static, sketches, tmp_path, write_page):
    html = tmp_path / "html"
    both = [explore(sketches.curve, name=name, t=t, picture="webp") for name, t in (("a", [0, 1]), ("b", [1, 2]))]
    page, (report,) = write_page(html, *both)
    files = [set(files_of_index(index)) for index in read_indices(page.read_text())]
    assert files[0] & files[1]
    assert {path.name for path in (html / "_frames").glob("*.*")} == files[0] | files[1]
    assert report.files == len(files[0] | files[1])


def test_what_the_frames_cost_stands_beside_them_in_the_book(static, sketches, tmp_path, write_page):
    html = tmp_path / "html"
    page = explore(sketches.curve, name="fig", t=[0, 1])
    write_page(html, page)
    cost = cost_of(html / "_frames", "fig")
    assert cost == ("fig", 2, pytest.approx(page.frames.seconds, abs=1e-3))
    assert cost.seconds > 0
    (static / "fig" / COST).unlink()
    write_page(html, page)  # of frames that an older build left behind nobody knows
    assert cost_of(html / "_frames", "fig") == ("fig", None, None)


@pytest.mark.parametrize("picture", ["webp", "svg"])
def test_install_names_missing_and_damaged_frames(static, sketches, tmp_path, write_page, picture):
    page = explore(sketches.curve, name="fig", t=[0], picture=picture)
    made = page.frames
    path = static / "fig" / (f"{made.pack.file}.js" if made.pack else f"{made.frames[0].light}.webp")
    content = path.read_bytes()
    path.unlink()
    with pytest.raises(IntegrityError, match=r"chapter.html.*missing"):
        write_page(tmp_path / "html", page)
    path.write_bytes(content[:-1])
    with pytest.raises(IntegrityError, match=r"chapter.html.*damaged"):
        write_page(tmp_path / "html", page)


def test_install_refuses_two_explorables_of_one_name(static, sketches, tmp_path, write_page):
    page = explore(sketches.curve, name="fig", t=[0])
    with pytest.raises(IntegrityError, match="two explorables are named 'fig'"):
        write_page(tmp_path / "html", page, page)


def test_a_book_without_explorables_installs_nothing(static, tmp_path):
    (tmp_path / "html").mkdir()
    (tmp_path / "html" / "index.html").write_text("<p>ce-index</p>")
    assert install(tmp_path / "html") == []


def test_tables_keep_a_named_index_and_lose_a_plain_one():
    assert render.csv_of(pd.DataFrame({"x": [1.5]})) == "x\n1.5\n"
    assert render.csv_of(pd.DataFrame({"x": [1]}, index=pd.Index([7], name="step"))) == "step,x\n7,1\n"


def test_webp_is_lossless_for_lines():
    image = np.zeros((40, 60, 4), np.uint8)
    image[20, :] = (36, 87, 166, 255)
    with Image.open(io.BytesIO(render.webp(image))) as picture:
        np.testing.assert_array_equal(np.asarray(picture), image)


def test_no_half_written_file_when_the_disk_is_full(static, sketches, monkeypatch):
    def full(*args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.replace", full)
    with pytest.raises(OSError, match="No space"):
        draw(sketches, T[:1], jobs=1)
    assert [path for path in static.rglob("*") if path.is_file()] == []


def test_cache_entries_are_plain_json(static, sketches):
    draw(sketches, T[:1])
    (path,) = (static / "cache").iterdir()
    entry = json.loads(path.read_text())
    assert set(entry) == {"frame", "boxes", "fits", "seconds"}
    assert set(entry["frame"]) == {"light", "dark", "lines", "size", "alt", "csv", "axes"}


@pytest.mark.parametrize("picture", ["svg", "webp"])
def test_what_drawing_costs_is_noted_and_stays_when_frames_come_from_the_cache(static, sketches, picture):
    made = draw(sketches, picture=picture)
    assert made.seconds > 0
    cost = {"frames": 3, "seconds": round(made.seconds, 3)}
    assert json.loads((static / "fig" / "cost.json").read_text()) == cost
    assert draw(sketches, picture=picture).seconds == made.seconds
    assert json.loads((static / "fig" / "cost.json").read_text()) == cost


# --- one layout for all frames ----------------------------------------------------------------------------------------


def pair(word, *, tall=False, panels=2):
    """Two panels whose room beside the left one and between them depends on a label."""
    figure = Figure(figsize=(4, 2), layout="constrained")
    for axes in figure.subplots(1, panels):
        axes.set_yticks([0, 1], ["0", word])
    if tall:
        axes.set_xlabel("a label\nof\nlines")
    return figure


def alone(**params):
    """The boxes of a frame that is laid out by itself, at the resolution of frames."""
    figure = pair(**params)
    figure.set_dpi(200)
    return np.array(layout.lay_out(figure))


def test_all_frames_stand_in_the_boxes_of_the_first(static, monkeypatch):
    placed = []
    own = layout.place
    monkeypatch.setattr(layout, "place", lambda figure, boxes: placed.append(boxes) or own(figure, boxes))
    made = make_frames(pair, [{"word": w} for w in ("1000", "1", "10")], name="fig", picture="svg", jobs=1)
    np.testing.assert_allclose(made.boxes, alone(word="1000"), atol=1e-12)
    assert [boxes for boxes in placed if boxes is not None] == [made.boxes] * 5  # all but the first theme of the first
    assert made.n_drawn == 3


def test_frames_that_need_more_room_than_the_first_get_it_and_no_axis_moves(static):
    params = [{"word": "1"}, {"word": "a long label"}, {"word": "1", "tall": True}]
    made = make_frames(pair, params, name="fig", picture="svg", jobs=1)
    own = [alone(**one) for one in params]
    boxes = np.array(made.boxes)
    for one in own:  # each axes lies within what it has where its frame is laid out by itself
        assert (boxes[:, :2] >= one[:, :2] - 1e-9).all()
        assert (boxes[:, 2:] <= one[:, 2:] + 1e-9).all()
    np.testing.assert_allclose(boxes[:, 0], own[1][:, 0], atol=1e-9)
    np.testing.assert_allclose(boxes[:, 1], own[2][:, 1], atol=1e-9)
    again = make_frames(pair, params, name="fig", picture="svg", jobs=1)
    assert (again.boxes, again.frames) == (made.boxes, made.frames)


def test_a_frame_with_other_axes_is_laid_out_by_itself(static):
    params = [{"word": "1"}, {"word": "a long label", "panels": 3}]
    made = make_frames(pair, params, name="fig", picture="svg", jobs=1)
    (other,) = make_frames(pair, params[1:], name="fig", picture="svg", jobs=1).frames
    assert made.frames[1].lines == other.lines
    np.testing.assert_allclose(made.boxes, alone(word="1"), atol=1e-12)


def test_words_that_the_edge_of_a_figure_cuts_are_an_error():
    def cut(t):
        figure = Figure(figsize=(3, 2), layout="constrained")
        figure.subplots().set_title("a title that is much longer than the figure it stands above is wide " * t)
        return figure

    assert render.draw_lines(cut, {"t": 0}, name="fig").fits
    for draw_one in (render.draw, render.draw_lines):
        with pytest.raises(
            UsageError, match=r"'fig' with \{'t': 2\}: the edge of the figure cuts 'a title.*make it larger"
        ):
            draw_one(cut, {"t": 2}, name="fig")


def test_words_that_are_cut_on_purpose_are_none():
    def panel():
        figure = Figure(figsize=(3, 2), layout="constrained")
        axes = figure.subplots()
        axes.set(xlim=(0, 1), ylim=(0, 1))
        axes.text(5, 0.5, "outside", clip_on=True)
        axes.text(0.9, 0.5, "in part outside", clip_on=True)
        return figure

    assert render.draw_lines(panel, {}, name="fig").fits


def test_clashes_are_seen_from_the_boxes_of_words():
    figure = Figure(figsize=(2, 1))
    figure.add_axes((0, 0, 0.5, 1))
    figure.add_axes((0.6, 0, 0.4, 1))
    inside, own, other = (0, "in", (10, 10, 30, 20)), (0, "own edge", (20, 10, 40, 20)), (0, "far", (60, 10, 90, 20))
    assert layout.clashes(figure, [inside, own, (1, "there", (100, 10, 120, 20))], 1.0) == ([], [])
    assert layout.clashes(figure, [inside, other], 1.0) == ([], ["far"])
    assert layout.clashes(figure, [own, (1, "close", (38, 10, 50, 20))], 1.0) == ([], ["own edge", "close"])
    assert layout.clashes(figure, [(0, "near", (60, 10, 87.3, 20))], 1.0) == ([], [])  # within the slack
    assert layout.clashes(figure, [(0, "low", (10, 60, 30, 74))], 1.0) == (["low"], [])
