"""Fig. 4f-h, j-l: what is drawn is what is stored, and what is not stored is said."""

import numpy as np
import pytest
from made_fig4 import made

from critnet.explore import NoMatch
from critnet.paper import results, style
from critnet.paper.fig4 import element_panels, model, model_panels, restored_panels
from critnet.paper.fig4.interventions import SETS

PANELS = {**element_panels.PANELS, **model_panels.PANELS, **restored_panels.PANELS}


@pytest.fixture(autouse=True)
def light():
    with style.theme("light"):
        yield


@pytest.fixture(scope="module")
def data():
    return results.load("fig4")


@pytest.mark.parametrize("name", ["4f", "4g", "4h"])
@pytest.mark.parametrize("block", ["all", "W2, W3", "diagonal"])
def test_the_density_of_all_elements_has_the_mass_of_those_above_zero(name, block, data):
    table = PANELS[name](data, block=block, t=100).table
    edges = 10.0 ** data["element_edge"].values
    width = np.diff(edges)[np.abs(np.log10(edges[:-1])[:, None] + 0.05 - np.log10(table["modulus"].values)).argmin(0)]
    quantity = element_panels.PANELS[name].keywords["quantity"]
    at = (data["network_seed"].values == 0) & (data["network_step"].values == 100)
    cell = data.isel(network=int(np.flatnonzero(at)[0])).sel(quantity=quantity, block=block)
    above = 1 - (float(cell["zeros"]) + float(cell["outside"])) / float(cell["number"])
    assert (table["density"] * width).sum() == pytest.approx(above, rel=1e-6)


def test_the_noise_is_the_squared_gradient_less_the_mean_over_the_batch(data):
    at = int(np.flatnonzero((data["network_seed"].values == 0) & (data["network_step"].values == 200_000))[0])
    diagonal = data["quantile"].isel(network=at).sel(block="diagonal")
    s, g, c = (
        diagonal.sel(quantity=q, share=0.999).values for q in ("squared gradient", "mean gradient squared", "noise")
    )
    assert c * 64 == pytest.approx(s, rel=0.02)  # the mean is small beside it
    assert g < s


def test_an_iteration_that_is_not_kept_names_those_that_are(data):
    with pytest.raises(NoMatch, match="seed 3 is kept at t = 5; choose one of 0, 100, 200000"):
        PANELS["4f"](data, seed=3, t=5)


def test_noise_leaves_the_line_at_the_end_only(data):
    for seed in range(5):
        table = PANELS["4f-curvature"](data, seed=seed).table
        ratio = (table["noise"] / table["curvature"]).groupby(table["t"]).median()
        assert 0.3 < ratio[0] < 3
        assert 0.3 < ratio[100] < 3
        assert ratio[200_000] < 0.01


def test_the_model_draws_the_probability_that_is_nearest(data):
    drawing = PANELS["4j"](data, p_c=0.6, definition="control")
    units = (
        data["pairs_of_units"].sel(preference="correlation").sel(probability=0.6, method="nearest").sum("repeat").values
    )
    assert drawing.table["share"].values == pytest.approx(units[1:] / units.sum())
    assert "0.59" in drawing.alt or "0.60" in drawing.alt


def test_the_exact_law_gives_one_over_the_probability_and_no_first_stage_leaves_a_trace(data):
    probability = data["probability"].values
    for preference in ("correlation", "constant", "weight"):
        middle = np.median(model.exponents(data, preference, "control"), axis=0)
        assert middle == pytest.approx(1 + 1 / probability, rel=0.05)


def test_set_back_losses_are_the_stored_ones(data):
    table = PANELS["4l-sets"](data, definition="control").table
    stored = data.sel(seed=2, definition="control", set=SETS[3])
    row = table[(table["seed"] == 2) & (table["set"] == SETS[3])].iloc[0]
    ratio = stored["restored_loss"].values / float(stored["kept_loss"])
    assert row[["median", "low", "high"]].tolist() == pytest.approx([np.median(ratio), ratio.min(), ratio.max()])


def test_without_redundant_weights_there_is_nothing_to_set_back():
    with pytest.raises(NoMatch, match="No weight is redundant in seed 1"):
        PANELS["4l"](made(redundant=0), seed=1)
