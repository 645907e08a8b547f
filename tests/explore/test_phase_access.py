"""The phase diagram explorer: empty views, download, address, access, phone, paper, no scripts, bad input."""

import csv

import numpy as np
import pytest
from playwright.sync_api import expect

from critnet.errors import UsageError
from critnet.explore.widgets.phase import thin

pytestmark = pytest.mark.browser

NAME = "phase-1"


def test_an_empty_selection_says_that_no_run_matches(phase, diagrams, visit, tmp_path, page_of):
    seen = phase()
    seen.choose("family", "other")
    assert seen.words() == "No run matches: another way, cells of the grid."
    expect(seen.part("empty")).to_have_text(seen.words())
    seen.choose("family", "batch")
    expect(seen.part("empty")).to_be_hidden()
    (tmp_path / "none.html").write_text(page_of(diagrams.explorer(cells=[])._repr_mimebundle_()["text/html"]))
    page = visit(tmp_path / "none.html").page
    page.wait_for_selector(".critnet-phase[data-theme]")
    expect(page.locator(f"#{NAME}")).to_contain_text("No run matches")


def test_a_best_fit_beyond_the_sliders_is_named_and_stops_at_their_ends(diagrams, visit, static, tmp_path, page_of):
    narrow = [cell | {"ln_gamma": cell["ln_gamma"] / 5} for cell in diagrams.runs()[0]]  # 25 times the curvature
    shown = diagrams.explorer(cells=narrow, start=(50, -7 / 5))
    (tmp_path / "narrow.html").write_text(page_of(shown._repr_mimebundle_()["text/html"]))
    page = visit(tmp_path / "narrow.html").page
    page.wait_for_selector(".critnet-phase[data-theme]")
    seen = diagrams.Seen(page)
    seen.choose("scope", "all")
    curvature = float(seen.line("fit")[0].split(" ")[3])
    assert curvature > 2
    seen.part("fit").click()
    expect(seen.part("note")).to_contain_text(f"curvature {curvature:.2f}, beyond the slider; yours stops at its end")
    assert seen.line("yours")[0].startswith("ln h = 2.00 ")


def test_the_download_holds_the_cells_of_the_view(phase, diagrams, tmp_path):
    seen = phase()
    seen.choose("entropy", "control")
    with seen.page.expect_download() as download:
        seen.part("csv").click()
    assert download.value.suggested_filename == f"{NAME}.csv"
    download.value.save_as(tmp_path / "cells.csv")
    rows = list(csv.DictReader((tmp_path / "cells.csv").read_text(encoding="utf-8").splitlines()))
    ours = diagrams.expected(definition="control")
    assert len(rows) == 35
    assert {row["state"] for row in rows} == {"run", "not run", "diverged"}
    for row in rows:
        if row["state"] != "not run":
            value = ours.criterion[int(row["hidden"]), float(row["ln_gamma"])]
            assert float(row["criterion"]) == pytest.approx(value, rel=1e-6)
        above = np.log(float(row["hidden"])) - (0.5 * (float(row["ln_gamma"]) + 7.7) ** 2 + 2.5)
        assert float(row["above_your_parabola"]) == pytest.approx(above)


def test_the_address_names_the_view_and_what_is_not_available_is_said(phase):
    seen = phase(f"#{NAME}?observable=accuracy&family=rate&t=50000&hidden=10&curvature=0.3&ln-gamma=-9")
    words = seen.words()
    assert "The test accuracy goes from" in words
    assert "learning rate at iteration 50000" in words
    assert "Chosen: h = 10," in words
    assert seen.line("yours")[0] == "ln h = 0.30 (ln γ + 7.70)² + 2.50"
    address = seen.part("link").get_attribute("href")
    assert phase(address).words() == words
    wrong = phase(f"#{NAME}?observable=colour&curvature=99&t=7")
    note = wrong.part("note").inner_text()
    assert all(f"\u201c{value}\u201d is not available" in note for value in ("colour", "99", "7"))
    assert wrong.words() == phase().words()


def test_markup_in_labels_is_text(phase):
    seen = phase()
    expect(seen.page.locator(f"#{NAME}--family label").first).to_have_text("batch <b>size</b>")
    expect(seen.page.locator(f"#{NAME} .cx-caption")).to_have_text("<i>Caption</i>.")
    assert "batch <b>size</b>" in seen.words()


BAD = [
    (lambda d: {"steps": d.STEPS[::-1]}, "each later than the last"),
    (lambda d: {"mean_loss": np.ones((3, 2))}, r"mean_loss has shape \(3, 2\)"),
    (lambda d: {"entropy_change": {}}, "entropy_change is empty"),
    (lambda d: {"test_accuracy": -d.runs()[3]}, "test_accuracy holds -0.98"),
    (lambda d: {"times": {"T": 7}}, "the time 'T' is 7; choose one of the steps, 0 to 200000"),
    (lambda d: {"parabola": {"curvature": 1}}, "curvature, vertex, minimum"),
    (lambda d: {"threshold": np.nan}, "threshold is nan"),
    (lambda d: {"guessing": 20}, "guessing is 20; an accuracy is from 0 to 1"),
    (lambda d: {"start": (3, -7.0)}, r"start is \(3, -7.0\)"),
    (lambda d: {"colours": {"light": ["#fff", "#000000"]}}, "#fff"),
    (lambda d: {"extrapolated": {"as-coded": np.ones(3)}}, r"extrapolated has 'as-coded' of shape \(3,\)"),
    (lambda d: {"cells": [{"hidden": 2}]}, "a cell lacks 'size'"),
    (lambda d: one_cell(d, families=["x"]), r"the families \['x'\]; choose from batch"),
    (lambda d: one_cell(d, mobility=0), "mobility 0.0; it is a finite number above 0"),
    (lambda d: one_cell(d, runs=[{"row": 999, "seed": 0, "diverged_at": None}]), "row 999; the curves have"),
    (lambda d: one_cell(d, runs=[{"row": 0}]), "a run has row; it has row, seed, diverged_at"),
    (lambda d: {"cells": d.runs()[0][:1] * 2}, "'batch' has two cells at hidden 2 and ln_gamma -10.0"),
    (lambda d: {"name": "No Name"}, "lower-case"),
]


def one_cell(diagrams, **change):
    return {"cells": [diagrams.runs()[0][0] | change]}


@pytest.mark.parametrize(("change", "message"), BAD, ids=[message for _, message in BAD])
def test_what_cannot_be_explored_is_refused(diagrams, change, message):
    with pytest.raises(UsageError, match=message):
        diagrams.explorer(**change(diagrams))


def test_thinned_steps_hold_both_ends_and_those_to_keep(diagrams):
    steps = diagrams.STEPS
    kept = thin(steps, 3, keep=[100_000])
    assert {0, 200_000, 100_000} <= set(steps[kept].tolist())
    assert len(thin(np.arange(10_000), 40)) <= 40
