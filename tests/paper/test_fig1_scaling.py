"""Fig. 1e and 1i: exponents of laws made by hand come back; what is missing is said; panels follow their parameters."""

import numpy as np
import pytest
from fig1_sweeps import made

from critnet.explore import NoMatch
from critnet.paper import results, style
from critnet.paper.fig1 import peak_panels, scaling, scaling_panels

FIG_1E, FIG_1I = scaling_panels.PANELS["1e"], scaling_panels.PANELS["1i"]


@pytest.fixture(scope="module")
def data():
    return made(("sizes", "batches", "rates"))


@pytest.mark.parametrize(("definition", "degree"), [("as-coded", 0.0), ("as-coded absolute", 0.0), ("control", 0.5)])
def test_the_exponents_of_known_laws_come_back(definition, degree):
    plain = made(("sizes",))
    plain["strength"][:] = (2.0 * plain["hidden"].values + 10)[:, None, None] ** 1.5  # without the swell of a peak
    found = scaling.exponents(plain, 100, definition)
    assert found["strength"].value == pytest.approx(-0.5)
    assert found["largest"].value == pytest.approx(1)
    assert found["mean_degree"].value == pytest.approx(degree, abs=1e-9)
    assert found["strength"].n_sizes == 19  # h = 2 is below the first
    true = scaling.exponents(plain, 100, definition, norm="true")
    assert true["strength"].value == pytest.approx(-0.25)
    by_h = scaling.exponents(plain, 100, definition, axis="h", first=10)
    assert by_h["largest"].value == pytest.approx(0.924, abs=2e-3)  # d ln M / d ln h over the 18 sizes, METHODS D20


def test_a_measure_that_is_zero_somewhere_has_no_exponent():
    spoilt = made(("sizes",))
    spoilt["mean_degree"][5] = 0
    assert set(scaling.exponents(spoilt, 100)) == {"strength", "largest"}
    with style.theme("light"):
        assert "0 for some size" in FIG_1E(spoilt).alt


def test_runs_that_are_not_finite_are_left_out_of_a_picture():
    some = made(("sizes",))
    some["strength"][3] = np.nan
    runs, values = scaling.sizes_at(some, 100)
    assert 3 not in runs
    assert all(len(v) == 59 for v in values.values())


def test_an_iteration_that_was_not_measured_is_no_match(data):
    with pytest.raises(NoMatch, match="t = 37"):
        scaling.sizes_at(data, 37)


def test_missing_sizes_are_hatched_and_said():
    few = made(("sizes",), keep=lambda c: c.hidden != 450 and c.seed == 0)
    with style.theme("light"):
        drawing = FIG_1E(few)
    assert "h = 450" in drawing.alt
    assert "Not run yet: 41 runs" in drawing.alt
    assert any(patch.get_hatch() for axis in drawing.figure.axes for patch in axis.patches)
    with style.theme("light"):
        whole = FIG_1E(made(("sizes",)))
    assert "Not run" not in whole.alt
    assert not any(patch.get_hatch() for axis in whole.figure.axes for patch in axis.patches)


@pytest.mark.parametrize("panel", [FIG_1E, FIG_1I])
@pytest.mark.parametrize(
    "changed", [{"t": 5}, {"axis": "changed"}, {"norm": "true"}, {"threshold": 0.7}, {"definition": "control"}]
)
def test_each_control_changes_the_picture_in_words(panel, changed):
    real = results.load("sweeps")
    with style.theme("light"):
        before = panel(real)
        if changed == {"axis": "changed"}:
            changed = {"axis": "M" if panel is FIG_1I else "h"}
        after = panel(real, **changed)
    assert before.alt != after.alt
    limits = [[axis.get_ylim() for axis in drawing.figure.axes] for drawing in (before, after)]
    if set(changed) <= {"t", "definition"}:
        assert limits[0] == limits[1]


def test_the_paper_value_is_drawn_where_the_paper_gives_one(data):
    with style.theme("light"):
        at_100, between = FIG_1E(data, t=100), FIG_1E(data, t=10_200)
        true = FIG_1I(data, norm="true")
    assert at_100.alt.count("paper") == 3
    assert between.alt.count("paper") == 0
    assert "paper -0.12" in true.alt  # half of -0.25: the true norm


def test_the_peaks_are_drawn_with_the_spread_of_the_seeds(data):
    anchors = made(("anchor",))
    with style.theme("dark"):
        one = peak_panels.peaks({"sweeps": data, "anchors": anchors})
    assert len(one.table) == 18 + 24 + 60
    assert "18 batches" in one.alt
    with style.theme("light"), pytest.raises(NoMatch, match="campaign rates"):
        peak_panels.peaks(
            {
                "sweeps": made(("sizes", "batches"), keep=lambda c: c.hidden != 50 or c.batch_size != 64),
                "anchors": anchors,
            }
        )
