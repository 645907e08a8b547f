"""The browser's turned cloud and its ratios against NumPy and Matplotlib; dragging, keys, and what the page says."""

import csv
from pathlib import Path

import numpy as np
import pytest
from mpl_toolkits.mplot3d import proj3d
from playwright.sync_api import expect

import critnet.explore.widgets.manifold as widget
from critnet.errors import DataError, UsageError
from critnet.paper import ledger, published, results
from critnet.paper.fig6 import manifold_explorer, panels

pytestmark = pytest.mark.browser

FOLDER = Path(widget.__file__).parent
EXPORTS = "viewOf, seenFrom, centresOf, traceRatio, dragged, phaseOf"


@pytest.fixture(scope="module")
def sample(sample_of):
    return sample_of("manifold")


def view_of(turn, tilt):
    """Rows to the right, up, and towards the reader."""
    a, e = np.radians([turn, tilt])
    near = np.array([np.cos(a) * np.cos(e), np.sin(a) * np.cos(e), np.sin(e)])
    right = np.array([-np.sin(a), np.cos(a), 0])
    return np.stack([right, np.cross(near, right), near])


@pytest.mark.parametrize(("turn", "tilt"), [(-60, 25), (0, 0), (180, -90), (37, 71)])
def test_a_place_is_seen_as_matplotlib_shows_it(page, turn, tilt):
    found = np.array(page.evaluate("([turn, tilt]) => js.viewOf(turn, tilt)", [turn, tilt]))
    assert found == pytest.approx(view_of(turn, tilt), abs=1e-12)
    assert found @ found.T == pytest.approx(np.eye(3), abs=1e-12)
    if abs(tilt) < 90:
        near = found[2]
        rows = np.array(proj3d._view_axes(near, np.zeros(3), np.array([0, 0, 1.0]), 0))
        assert rows == pytest.approx(found, abs=1e-12)
    place = [0.3, -1.2, 0.7]
    seen = page.evaluate("([view, place]) => js.seenFrom(view, place)", [found.tolist(), place])
    assert seen == pytest.approx(view_of(turn, tilt) @ place)


@pytest.mark.parametrize("axes", [2, 3])
def test_the_ratio_is_that_of_the_panel(page, sample, axes):
    for places in sample.PLACES:
        found = page.evaluate(
            "([places, labels]) => js.traceRatio(places, labels)", [places[:axes].T.tolist(), sample.LABELS.tolist()]
        )
        assert found == pytest.approx(panels._trace_ratio(places[:axes], sample.LABELS))


def test_images_of_one_place_a_digit_have_no_width(page):
    found = page.evaluate("() => js.traceRatio([[0, 1], [0, 1]], [3, 3])")
    assert np.isnan(found)


def test_what_is_in_front_follows_the_pointer(page):
    """After a drag by the radius, a radian: the front of the ball is where the pointer took it."""
    for turn, tilt, dx, dy in ((0, 0, 20, 0), (-60, 0, -20, 0), (10, 25, 0, 20), (10, 25, 0, -20)):
        after = page.evaluate(
            "([state, dx, dy]) => js.dragged(state, dx, dy, 100)", [{"turn": turn, "tilt": tilt}, dx, dy]
        )
        front = view_of(turn, tilt)[2]
        right, up, _ = view_of(after["turn"], after["tilt"]) @ front
        assert 100 * right == pytest.approx(dx * np.cos(np.radians(tilt)), abs=1.5)
        assert -100 * up == pytest.approx(dy, abs=1.5)


def test_it_turns_round_and_tilts_to_the_poles(page):
    for dx in (500, -500, 3000):
        after = page.evaluate("dx => js.dragged({ turn: 170, tilt: 0 }, dx, 9999, 100)", dx)
        assert -180 <= after["turn"] <= 180
        apart = np.radians(after["turn"] - 170) + dx / 100
        assert np.cos(apart) == pytest.approx(1, abs=1e-4)
        assert after["tilt"] == 90


def test_stages_by_the_boundary(page):
    stages = [page.evaluate("t => js.phaseOf(t, [20, 30])", t) for t in (0, 19, 20, 30, 31)]
    assert stages == ["P1", "P1", "the shift itself", "the shift itself", "P2"]


@pytest.fixture
def reader(sample, static, tmp_path, page_of, visit):
    path = tmp_path / "manifold.html"
    path.write_text(page_of(sample.explorer(name="sample")._repr_mimebundle_()["text/html"]), encoding="utf-8")

    def at(query=""):
        page = visit(path, f"#sample?{query}" if query else "").page
        page.wait_for_selector("#sample .critnet-manifold[data-ready='true']")
        return page

    return at


def state(page):
    return [int(page.locator(f"#sample--{name}").input_value()) for name in ("turn", "tilt")]


def test_the_page_shows_what_numpy_gives(sample, reader):
    page = reader("t=1000&turn=37&tilt=-12")
    with page.expect_download() as download:
        page.locator("#sample [data-part='csv']").click()
    with open(download.value.path(), encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    places = sample.PLACES[list(sample.T).index(1000)]
    assert [int(row["digit"]) for row in rows] == sample.LABELS.tolist()
    seen = np.array([[float(row[name]) for name in ("right", "up", "near")] for row in rows]).T
    assert seen == pytest.approx(view_of(37, -12) @ places, abs=1e-3)
    words = page.locator("#sample [data-part='words']").text_content()
    assert f"{panels._trace_ratio(seen[:2], sample.LABELS):.3g} as you see it" in words
    assert f"{panels._trace_ratio(places, sample.LABELS):.3g} on these three axes" in words
    assert "P1 by the paper's boundary, t = 40\u202f000, and P1 by that of Fig. 2d" in words
    centre = (view_of(37, -12) @ places)[:2, sample.LABELS == 7].mean(axis=1)
    assert f"7 at ({centre[0]:.2f}, {centre[1]:.2f})".replace("-", "\u2212") in words


def test_between_the_two_boundaries_the_stages_differ(reader):
    words = reader("t=30000").locator("#sample [data-part='words']").text_content()
    assert "P1 by the paper's boundary, t = 40\u202f000, and P2 by that" in words


def test_it_turns_by_hand_and_by_keys(reader):
    page = reader()
    cloud = page.locator("#sample [data-part='cloud']")
    cloud.scroll_into_view_if_needed()
    turn, tilt = state(page)
    box = cloud.bounding_box()
    x, y, radius = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, min(box["width"], box["height"]) / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + radius / 2, y + radius / 4, steps=4)
    page.mouse.up()
    half = np.degrees(0.5)
    assert state(page) == pytest.approx([turn - half, tilt + half / 2], abs=1)
    page.mouse.move(x, y)  # let go: it stays
    turn, tilt = state(page)
    assert turn == pytest.approx(-60 - half, abs=1)
    cloud.focus()
    for key in ("ArrowRight", "ArrowDown", "ArrowDown"):
        page.keyboard.press(key)
    assert state(page) == [turn - 5, tilt + 10]
    expect(page.locator("#sample [data-part='link']")).to_have_attribute(
        "href", f"#sample?t=100&turn={turn - 5}&tilt={tilt + 10}&digit=all"
    )


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"t": np.arange(7)}, "iteration 100 is not among t"),
        ({"t": np.array([100])}, "give two rising iterations"),
        ({"labels": np.full(60, 12)}, "give a digit from 0 to 9"),
        ({"places": np.zeros((7, 2, 60))}, r"places have shape \(7, 2, 60\)"),
        ({"places": np.full((7, 3, 60), np.nan)}, "between -8 and 8"),
        ({"circuits": np.zeros(7)}, "circuits are .* give a finite ratio above 0"),
        ({"hues": ["#000000"]}, "there are 1 hues"),
        ({"found": (3, 2)}, "found from 3 to 2"),
    ],
)
def test_bad_input_is_named(sample, change, said):
    with pytest.raises(UsageError, match=said):
        sample.explorer(**change)


def test_the_explorer_of_the_paper_carries_what_is_stored_and_little_of_it():
    data = results.load_all(panels.DATA)
    explorer = manifold_explorer.manifold_explorer(data)
    given = explorer.given
    low, high = next((r.low, r.high) for r in ledger.read() if (r.id, r.definition) == ("C60", "control"))
    assert (given["found"], given["paper"]) == ([low, high], published.SHIFT)
    assert given["t"] == data["fig6"]["kept"].values.tolist()
    assert given["circuits"] == pytest.approx(data["fig6"]["fisher"].sel(neurons="circuits").values[0])
    assert sum(len(str(value)) for value in given.values()) < 300_000
    with pytest.raises(DataError, match="no range for C60"):
        manifold_explorer.boundary([])
    with pytest.raises(DataError, match="no range for C60"):
        manifold_explorer.boundary([row._replace(low=float("nan"), high=float("nan")) for row in ledger.read()])
