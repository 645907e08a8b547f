"""Fig. 3: what is drawn is what is stored, the calendar's steps are where it changes, and laws are recovered."""

import numpy as np
import pytest

from critnet.explore import NoMatch
from critnet.paper import panels, results, style
from critnet.paper.fig3 import course_panels, flux_panels, fluxes

BOTH = ("as-coded", "control")


@pytest.fixture(autouse=True)
def light():
    with style.theme("light"):
        yield


@pytest.fixture(scope="module")
def anchors():
    return results.load("anchors")


@pytest.fixture(scope="module")
def sweeps():
    return results.load("sweeps")


@pytest.mark.parametrize("definition", BOTH)
@pytest.mark.parametrize("observable", fluxes.OBSERVABLES)
def test_a_flux_lies_within_its_exact_bounds(observable, definition, anchors):
    t, flux = fluxes.over_time(anchors, observable, definition)
    low, high = (b[:, : t.size] for b in fluxes.bounds(anchors, observable, definition))
    assert (flux <= high * (1 + 1e-5)).all()
    if definition == "as-coded":  # trajectories at the global minimum are dropped, which may lower the flux a little
        missing = anchors["dropped"].sel(observable=observable).values[:, : t.size]
        assert (flux[missing == 0] >= low[missing == 0] * (1 - 1e-5)).all()


def test_the_calendar_changes_where_the_schedule_does():
    steps = np.diff([0, 1, 2, 4, 6, 16])
    assert (np.flatnonzero(np.diff(steps)) + 1).tolist() == [2, 4]  # what spacing_changes reads off the real lists
    assert fluxes.spacing_changes("anchor") == [50, 500]
    assert fluxes.spacing_changes("sweep") == [20, 200]


@pytest.mark.parametrize("observable", fluxes.OBSERVABLES)
def test_the_coded_flux_falls_where_the_spacing_grows_and_the_unit_flux_does_not(observable, anchors):
    interval, coded = fluxes.over_time(anchors, observable, "as-coded")
    unit = anchors["unit_flux"].sel(observable=observable, binning="equal").values
    for change in fluxes.spacing_changes("anchor"):
        i = list(interval).index(change)
        window = slice(i, i + 5)
        before = slice(i - 5, i)
        fall = np.median(coded[:, before]) / np.median(coded[:, window])
        still = np.median(unit[:, before]) / np.median(unit[:, window])
        assert fall > 2 * still


def test_paths_are_the_stored_ones_and_their_quantiles():
    data = panels.data_of("3a")
    table = panels.PANELS["3a"](data, definition="control").table
    row = table[table["t"] == 100].iloc[0]
    stored = data["course"]["loss_path"].sel(t=100).values.astype(float)
    assert row["median"] == pytest.approx(np.median(stored), rel=1e-12)
    assert row["q95"] == pytest.approx(np.quantile(stored, 0.95), rel=1e-12)
    digit = panels.PANELS["3a"](data, part=3, definition="control")
    of_digit = stored[data["course"]["sample_label"].values == 3]
    assert digit.table.set_index("t").loc[100, "median"] == pytest.approx(np.median(of_digit))
    with pytest.raises(NoMatch, match="belongs to 11"):
        panels.PANELS["3a"](data, part=11)


def test_each_part_of_the_weights_is_drawn():
    data, total = panels.data_of("3b"), 0
    for layer in course_panels.LAYERS:
        alt = panels.PANELS["3b"](data, part=layer).alt
        total += int(alt.split(" weights")[0])
    assert total == 1000


@pytest.mark.parametrize("definition", BOTH)
@pytest.mark.parametrize("stage", ["early", "late"])
def test_a_planted_law_is_found_again(stage, definition, sweeps):
    made = sweeps.copy()
    factor = (2.0 * sweeps["hidden"] + 10) ** 0.7
    for name in ("flux", "unit_flux"):
        made[name] = factor * (1 + 0 * sweeps[name])
    made["unit_flux_floor"] = 0 * sweeps["unit_flux_floor"]
    drawn = flux_panels.law(made, letter="i", observable="loss", along="h", stage=stage, definition=definition)
    assert "slope 0.70 (0.70 to 0.70)" in drawn.alt


def test_early_is_the_interval_from_20_as_coded_and_the_mean_of_unit_steps_as_control(sweeps):
    t = sweeps["step"].values.tolist()
    coded = fluxes.at_stage(sweeps, "loss", "early", "as-coded")
    np.testing.assert_array_equal(coded, sweeps["flux"].sel(observable="loss", binning="equal").values[:, t.index(20)])
    control = fluxes.at_stage(sweeps, "loss", "early", "control")
    kept = [i for i, x in enumerate(t) if 10 <= x <= 30]
    _, unit = fluxes.over_time(sweeps, "loss")
    np.testing.assert_allclose(control, unit[:, kept].mean(axis=1))


@pytest.mark.parametrize("name", [n for n in panels.PANELS if n.startswith("3")])
def test_each_panel_has_one_size_in_both_definitions(name):
    data = panels.data_of(name)
    coded, control = (panels.PANELS[name](data, definition=d) for d in BOTH)
    assert coded.figure.get_size_inches().tolist() == control.figure.get_size_inches().tolist()
    assert "as-coded" in coded.alt
    assert "control" in control.alt
