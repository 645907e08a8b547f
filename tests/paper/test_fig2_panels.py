"""Fig. 2a-e: what the panels draw is what is stored, and they say where a number is extrapolated."""

import numpy as np
import pytest

from critnet.explore import NoMatch
from critnet.losses.landscapes import roughness
from critnet.paper import anchors, results, style
from critnet.paper.fig2 import energy, panels

DEFINITIONS = ("as-coded", "control")
LETTERS = sorted(panels.PANELS | energy.PANELS)


@pytest.fixture(scope="module")
def data():
    return results.load("fig2")


@pytest.fixture(autouse=True)
def light():
    with style.theme("light"):
        yield


@pytest.mark.parametrize("definition", DEFINITIONS)
@pytest.mark.parametrize("letter", LETTERS)
def test_each_panel_has_one_size_and_states_its_numbers(letter, definition, data):
    drawing = (panels.PANELS | energy.PANELS)[letter](data, definition=definition)
    again = (panels.PANELS | energy.PANELS)[letter](data, definition=definition)
    assert drawing.figure.get_size_inches()[0] == 7.6
    assert drawing.figure.get_size_inches().tolist() == again.figure.get_size_inches().tolist()
    assert definition in drawing.alt
    assert len(drawing.table) > 10
    assert np.isfinite(drawing.table.select_dtypes("number").drop(columns="criterion", errors="ignore").values).all()


@pytest.mark.parametrize("definition", DEFINITIONS)
def test_surfaces_show_the_stored_plane_and_say_how_rough_it_is(definition, data):
    name, sampling = ("single", "independent") if definition == "as-coded" else ("sets", "common")
    plane, t = "critical, non-critical", 100
    here = data.sel(cut_t=t, plane=plane)
    mean, batch = here[f"mean_{name}"].values, here[f"batch_{name}"].sel(sampling=sampling).values
    drawing = panels.fig2a(data, t=t, plane=plane, definition=definition)
    assert f"{roughness(batch, mean):.3g} nats (standard deviation" in drawing.alt
    stride = len(mean) // 25
    assert drawing.table["mean_loss"].tolist() == pytest.approx(mean[::stride, ::stride].ravel().tolist())
    left, right = (axis for axis in drawing.figure.axes if axis.name == "3d")
    assert left.get_zlim() == right.get_zlim()
    assert left.get_zlim()[1] ** 2 >= batch.max()


@pytest.mark.parametrize("definition", DEFINITIONS)
def test_heights_mean_the_same_loss_in_every_state(definition, data):
    seen = set()
    for t in data["cut_t"].values.tolist():
        for plane in data["plane"].values.tolist()[::2]:
            axis = next(a for a in panels.fig2a(data, t=t, plane=plane, definition=definition).figure.axes)
            labels = [float(text.get_text()) for text in axis.get_zticklabels()]
            assert np.square(axis.get_zticks()) == pytest.approx(labels)
            seen.add((axis.get_zlim(), *labels))
    assert len(seen) == 1


def test_the_exceedance_of_the_table_is_that_of_the_counts(data):
    drawing = panels.fig2b(data, t=10, seed=1)
    counts = data["above"].sel(seed=1, t=10).values
    assert drawing.table["probability"].tolist() == pytest.approx((counts / 60_000).tolist())
    median = panels.fig2b(data, t=10, definition="control").table
    assert ((median.lowest_seed <= median.probability) & (median.probability <= median.highest_seed)).all()


@pytest.mark.parametrize("definition", DEFINITIONS)
def test_the_density_of_losses_integrates_to_one(definition, data):
    here = data.sel(seed=0, definition=definition).isel(shown_t=-1)
    first, last = here["histogram_range"].values
    edges = (np.linspace if definition == "as-coded" else np.geomspace)(first, last, 101)
    drawing = panels.fig2c(data, t=int(data["shown_t"][-1]), definition=definition)
    kept = here["histogram"].values > 0
    assert drawing.table["density"].values @ np.diff(edges)[kept] == pytest.approx(1, rel=1e-9)


def test_the_best_form_named_is_the_one_with_the_largest_likelihood(data):
    for t in data["shown_t"].values.tolist():
        ratio = data["tail_ratio"].sel(seed=0, fit_t=t, definition="as-coded")
        lead = {"power law": 0.0} | {str(r.values): -float(ratio.sel(rival=r)) for r in data["rival"]}
        best = max(lead, key=lead.get).replace("_", " ").replace("lognormal", "log-normal")
        assert panels.fig2c(data, t=t).alt.endswith(f"best of four is the {best}.")


def hatched(axis):
    return [p for p in axis.patches if p.get_hatch()]


def test_extrapolation_is_hatched_and_said(data):
    below = energy.fig2d(data, b=5e-3)
    assert all(hatched(axis) for axis in below.figure.axes)
    assert "b lies below the mean loss at" in below.alt
    inside = data.copy(deep=True)
    inside["side"][:] = 0
    drawing = energy.fig2d(inside, b=5e-3)
    assert not any(hatched(axis) for axis in drawing.figure.axes)
    assert "at every snapshot" in drawing.alt
    beyond = data.copy(deep=True)
    beyond["side"][:] = 1
    assert "above the largest loss at 495, from t = 0" in energy.fig2d(beyond, b=5e-3).alt


def test_the_three_definitions_of_entropy_differ_where_b_is_below_the_mean(data):
    tables = {d: energy.fig2d(data, definition=d).table for d in ("as-coded", "control", "upper-tail")}
    below = tables["control"].side_of_b == -1
    assert (tables["upper-tail"].entropy_change[below] == 0).all()
    assert (tables["control"].entropy_change[below] > 0).all()
    assert not np.allclose(tables["as-coded"].entropy_change[below], tables["control"].entropy_change[below], rtol=0.1)
    assert np.allclose(tables["upper-tail"].entropy_change[~below], tables["control"].entropy_change[~below])
    assert (tables["control"].entropy_change <= np.log(60_000) + 1e-6).all()


def test_moments_are_points_at_their_values_not_bars_from_an_arbitrary_floor(data):
    drawing = panels.fig2e(data)
    (axis,) = drawing.figure.axes
    assert not axis.patches
    by_label = {line.get_label(): line for line in axis.lines}
    assert by_label["mean loss (nats)"].get_ydata() == pytest.approx(drawing.table["mean_loss"])
    assert by_label["Var(L) (nats²)"].get_ydata() == pytest.approx(drawing.table["variance"])
    assert {panels.LOSS_BEFORE, panels.LOSS_AT_100} <= {line.get_ydata()[0] for line in axis.lines}


def test_variances_are_divided_by_the_batch(data):
    one, many = (panels.fig2e(data, batch_size=n).table for n in (1, 64))
    assert np.allclose(one.variance, 64 * many.variance)
    assert one.t.tolist() == list(panels.BARS)


def test_driving_forces_add_up_to_the_change_of_each_term(data):
    table = energy.driving_forces(data, seed=2).table
    loss, t = data["mean_loss"].sel(seed=2).values, anchors.steps(data)
    first = loss[list(t).index(1)]
    assert table.step_of_loss.sum() >= first - loss[-1]  # every way there is at least as long as the direct one
    assert table.step_of_entropy.iloc[-1] > table.step_of_loss.iloc[-1]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda d: panels.fig2a(d, t=7), "t = 7; choose one of 1, 100"),
        (lambda d: panels.fig2a(d, plane="x"), "critical, non-critical"),
        (lambda d: panels.fig2b(d, t=51), "t = 51"),
        (lambda d: panels.fig2c(d, t=30), "t = 30; choose one of 0, 1, 5"),
        (lambda d: energy.fig2d(d, b=0.3), "b = 0.3; choose one of 0.0005"),
    ],
)
def test_what_is_not_stored_is_no_match(call, message, data):
    with pytest.raises(NoMatch, match=message):
        call(data)


def test_an_entropy_that_never_changes_has_no_forces(data):
    flat = data.copy(deep=True)
    flat["entropy_change"][:] = 1
    with pytest.raises(NoMatch, match="never changes in seed 0"):
        energy.driving_forces(flat)
