"""The loss explorer: address, access, phone, paper, no scripts, losses without spread, bad input."""

import re

import numpy as np
import pytest
from playwright.sync_api import expect

from critnet.errors import UsageError

pytestmark = pytest.mark.browser

NAME = "loss-explorer"


def test_links_restore_a_view_and_name_what_they_cannot(loss_page):
    first = loss_page()
    first.choose(0.1, 100_000)
    first.press("scale-log", "ArrowLeft")
    first.settle()
    address = first.part("link").get_attribute("href")
    assert address == f"#{NAME}?b=0.1&t=100000&scale=linear"
    again = loss_page(address)
    assert (again.words(), again.pictures()) == (first.words(), first.pictures())
    wrong = loss_page(f"#{NAME}?b=7&t=3&colour=red&scale=log")
    note = wrong.part("note").inner_text()
    assert "iteration t = \u201c3\u201d is not available; showing 1000" in note
    assert "no control \u201ccolour\u201d" in note
    assert "b = 7 nats" in wrong.words()
    plain = loss_page("#elsewhere?b=1")
    expect(plain.part("note")).to_be_hidden()
    assert "b = 0.005 nats" in plain.words()


@pytest.mark.parametrize("width", [360, 320])
def test_a_phone_needs_no_horizontal_scroll(loss_page, width):
    seen = loss_page(viewport={"width": width, "height": 740})
    for b, step in ((0.005, 0), (10.0, 200_000)):
        seen.choose(b, step)
        seen.settle()
        assert seen.page.evaluate("document.documentElement.scrollWidth") == width
    tops = [seen.part(part).bounding_box()["y"] for part in ("spread", "thresholds", "mean", "entropy", "criterion")]
    assert tops == sorted(set(tops))  # one below the other


DEGENERATE = {
    "equal": ([[2.0, 0.0], [0.5, 1.0]], [[9, 0], [4, 5]]),
    "zero": ([[0.0, 1.0], [0.0, 0.0]], [[3, 1], [4, 0]]),
    "one sample": ([[2.0], [0.1]], [[1], [1]]),
}


@pytest.mark.parametrize("case", DEGENERATE)
def test_losses_that_are_equal_zero_or_alone(loss_samples, visit, static, page_of, tmp_path, case):
    values, counts = DEGENERATE[case]
    found = loss_samples.explorer(steps=[0, 7], values=values, counts=counts, step=0)
    (tmp_path / "few.html").write_text(page_of(found._repr_mimebundle_()["text/html"]), encoding="utf-8")
    seen = loss_samples.Seen(visit(tmp_path / "few.html").page)
    for keys in (("Home",), ("End",)):
        seen.press("t", *keys)
        expect(seen.part("words")).to_contain_text("\u0394S is ")
        assert not re.search(r"NaN|undefined|Infinity", seen.page.inner_text(f"#{NAME}"))
    seen.press("t", "Home")
    if case != "zero":
        assert seen.row("entropy")[1] == "no spline"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("values", (2, 3), np.nan), "values holds nan.*diverged"),
        (("values", (2, 3), -1.0), r"values holds -1\.0.*>= 0"),
        (("values", (2, 3), 1e3), r"values fall from 1000\.0"),
        (("counts", (0, 0), 0.5), r"counts holds 0\.5"),
        (("counts", (0, 0), -2), r"counts holds -2"),
        (("counts", (0, 0), 77), "same number of samples"),
        ({"values": np.zeros((9, 5))}, r"shape \(9, 5\) and counts"),
        ({"values": np.zeros((9, 0)), "counts": np.zeros((9, 0))}, "n_atoms >= 1"),
        ({"steps": range(8), "step": 0}, r"\(8, n_atoms\)"),
        ({"steps": [*range(8), 3]}, "steps hold 3.* at place 8; give two or more rising"),
        ({"steps": [0.5, *range(1, 9)]}, r"steps holds 0\.5"),
        ({"thresholds": [0.0, 0.005]}, r"thresholds hold 0\.0 at place 0.*> 0"),
        ({"thresholds": [0.005, np.inf]}, "thresholds hold inf"),
        ({"thresholds": [0.005]}, r"shape \(1,\)"),
        ({"threshold": 0.0051}, r"threshold is 0\.0051; choose one of the"),
        ({"step": 3}, "step is 3; choose one of the 9"),
        ({"batch_size": 0}, "batch_size is 0"),
        ({"name": "Losses"}, "lower-case"),
    ],
)
def test_what_cannot_be_explored_is_refused(loss_samples, change, words):
    if isinstance(change, tuple):
        name, place, value = change
        array = loss_samples.padded(name).astype(float)
        array[place] = value
        change = {name: array}
    with pytest.raises(UsageError, match=words):
        loss_samples.explorer(**change)
