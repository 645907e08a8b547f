"""Each rule of C75, C89, C90, C92 to C95 can be met, met in part, and missed, on made-up elements and model weights."""

import numpy as np
import pytest
from made_fig4 import NETWORKS, NUMBER, counts, made, quantiles

from critnet.dynamics.lynn import lynn_law
from critnet.paper import ledger, results
from critnet.paper.fig4 import element_claims, elements, model, model_claims, reduce, spreads
from critnet.paper.published import LAST
from critnet.paper.rules import NOT, PARTLY, REPRODUCED, UNTESTABLE

BOTH = ("as-coded", "control")


def verdict(module, identity, data, definition="control"):
    claim = next(c for c in ledger.of_module(module) if c.id == identity)
    return ledger.judge_in(claim, definition, data).verdict


def with_noise(factor, power, layers_apart=1.0):
    base = made()
    curvature = base["curvature"].values
    first = base["kept_place"].values < 39_200
    noise = factor * curvature**power * np.where(first, layers_apart, 1.0)
    return made(noise=noise)


@pytest.mark.parametrize("definition", BOTH)
@pytest.mark.parametrize(
    ("factor", "power", "found"), [(1.0, 1.0, REPRODUCED), (1e-3, 1.0, PARTLY), (1.0, 1.6, NOT), (1.0, 0.5, NOT)]
)
def test_noise_is_curvature_in_slope_and_in_size(factor, power, found, definition):
    assert verdict(element_claims, "C75", with_noise(factor, power), definition) == found


def test_noise_without_curvature_is_not_testable():
    assert verdict(element_claims, "C75", made(curvature=-1.0)) == UNTESTABLE


def with_laws(*laws):
    """Elements of noise, squared gradient and Hessian of these laws, at all iterations."""
    data = made()
    for quantity, law in zip(spreads.QUANTITIES, laws, strict=True):
        at = list(elements.QUANTITIES).index(quantity)
        data["counts"][:, at] = law
        data["quantile"][:, at] = quantiles(law)
    return data


POWER, SHORT, EXPONENTIAL = counts(), counts(decades=1.0), counts("exponential")


@pytest.mark.parametrize("definition", BOTH)
@pytest.mark.parametrize(
    ("laws", "found"),
    [((POWER,) * 3, REPRODUCED), ((POWER, POWER, SHORT), PARTLY), ((POWER, SHORT, EXPONENTIAL), NOT)],
)
def test_a_law_is_straight_over_two_decades(laws, found, definition):
    assert verdict(element_claims, "C89", with_laws(*laws), definition) == found


def test_the_stretch_of_counts_is_that_of_the_values():
    law = spreads.law(spreads.spread(with_laws(POWER, SHORT, EXPONENTIAL), "noise"))
    assert law.decades == pytest.approx(3, abs=0.15)
    assert law.slope == pytest.approx(-2, abs=0.15)
    assert law.over_exponential > 100
    short = spreads.law(spreads.spread(with_laws(POWER, SHORT, EXPONENTIAL), "squared gradient"))
    assert short.decades < 1.2


def with_widths(at, there=0.2):
    """ln(q99.9 / q50) of the matrices grows from `there` of its last value to all of it at iteration `at`."""
    data = made()
    late = np.array([t >= at for _, t in NETWORKS])
    width = np.where(late, 4.0, 4.0 * there)
    shares = list(elements.SHARES)
    data["quantile"][..., shares.index(0.5)] = 1e-6
    data["quantile"][..., shares.index(0.999)] = 1e-6 * np.exp(width)[:, None, None]
    return data


@pytest.fixture(scope="module")
def table():
    return results.load("tails")


def with_weights(table, at):
    made = table.copy()
    of_weights = (made["quantity"] == "weight") & (made["seed"] == 0)
    made.loc[of_weights, "spread"] = np.where(made.loc[of_weights, "t"] >= at, 3.0, 1.0)
    return made


@pytest.mark.parametrize("definition", BOTH)
@pytest.mark.parametrize(
    ("matrices", "weights", "there", "found"),
    [
        (100, 30_000, 0.2, REPRODUCED),
        (1000, 30_000, 0.2, PARTLY),
        (100, 1000, 0.2, PARTLY),
        (10_000, 100, 0.2, NOT),
        (100, 30_000, 0.9, NOT),
    ],
)
def test_tails_early_and_late(matrices, weights, there, found, definition, table):
    data = {"fig4": with_widths(matrices, there), "tails": with_weights(table, weights)}
    assert verdict(element_claims, "C90", data, definition) == found


@pytest.mark.parametrize("definition", BOTH)
@pytest.mark.parametrize(("kurtosis", "found"), [(640.0, REPRODUCED), (128.0, PARTLY), (10.0, NOT)])
def test_a_batch_has_a_sixty_fourth_of_the_kurtosis(kurtosis, found, definition):
    assert verdict(element_claims, "C95", made(kurtosis=kurtosis), definition) == found


def test_the_median_parameter_is_of_the_layers_that_the_definition_names():
    first = made()["kept_place"].values < 39_200
    data = made(kurtosis=np.where(first, 640.0, 10.0))
    assert verdict(element_claims, "C95", data) == REPRODUCED
    assert verdict(element_claims, "C95", data, "as-coded") == NOT


# --- the redistribution model


def with_exponents(monkeypatch, alpha, seeds=20, scatter=0.02):
    """The model gives these exponents at each P_C, whatever its weights."""
    random = np.random.default_rng(0)
    drawn = alpha(reduce.PROBABILITIES) + scatter * random.normal(size=(seeds, reduce.PROBABILITIES.size))
    monkeypatch.setattr(model, "exponents", lambda data, preference, definition: drawn)
    return drawn


@pytest.mark.parametrize("definition", BOTH)
@pytest.mark.parametrize(("slope", "scatter", "found"), [(0.6, 0.02, REPRODUCED), (0.6, 2.0, PARTLY), (1.5, 0.02, NOT)])
def test_the_probability_is_where_the_exponents_meet(slope, scatter, found, definition, table, monkeypatch):
    with_exponents(monkeypatch, lambda p: 1 + slope / p, scatter=scatter)
    weights = table.copy()
    weights["line_slope"], weights["alpha"] = -(1 + 0.6 / 0.37), 1 + 0.6 / 0.37
    assert verdict(model_claims, "C92", {"fig4": made(), "tails": weights}, definition) == found


def test_the_probability_needs_twenty_seeds(table, monkeypatch):
    with_exponents(monkeypatch, lambda p: 1 + 0.6 / p, seeds=19)
    assert verdict(model_claims, "C92", {"fig4": made(), "tails": table}) == UNTESTABLE


@pytest.mark.parametrize(
    ("alpha", "found"),
    [(lambda p: 1 + 0.6 / p, REPRODUCED), (lambda p: 1 + 1 / p, PARTLY), (lambda p: 2 + np.sin(20 / p), NOT)],
)
def test_a_line_has_the_slope_and_the_constant_of_the_paper(alpha, found, monkeypatch):
    with_exponents(monkeypatch, alpha)
    assert verdict(model_claims, "C93", made()) == found


@pytest.mark.parametrize(
    ("at", "found"), [(0.2, REPRODUCED), (0.4, PARTLY), (None, NOT)]
)  # a line that bends there, or nowhere
def test_a_line_ends_where_it_bends(at, found, monkeypatch):
    line = (lambda p: 1 + 0.6 / p) if at is None else (lambda p: 1 + 0.6 * np.minimum(1 / p, 1 / at))
    with_exponents(monkeypatch, line)
    assert verdict(model_claims, "C94", made()) == found


def test_exponents_of_exact_samples():
    law = lynn_law(2000, 0.5, 0.1)
    drawn = np.random.default_rng(0).multinomial(599_500, law / law.sum())
    assert model.law_exponent(drawn) == pytest.approx(3, abs=0.1)
    assert model.line_exponent(drawn) < 2.6  # the authors' line is too flat


def test_the_histogram_is_that_of_the_whole_symmetric_matrix():
    rng = np.random.default_rng(1)
    units = rng.geometric(0.5, 5995) - 1
    matrix = np.zeros((110, 110))
    matrix[np.triu_indices(110, 1)] = units
    matrix += matrix.T
    height, edges = np.histogram(matrix.ravel() / 100, 100)
    bins = model.histogram(np.bincount(units))
    assert bins.centre == pytest.approx(((edges[1:] + edges[:-1]) / 2)[height > 0])
    assert bins.share == pytest.approx(height[height > 0] / 110**2)


def test_the_networks_of_the_layout_are_the_stored_ones():
    assert (0, LAST) in NETWORKS
    assert counts().sum() == pytest.approx(NUMBER, rel=1e-3)
