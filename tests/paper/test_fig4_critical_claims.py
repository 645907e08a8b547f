"""Each rule of C96 to C104 can be met, met in part, and missed, on made-up planes, weights and losses."""

import numpy as np
import pytest
import xarray as xr
from made_fig4 import made

from critnet.paper import anchors, ledger, results
from critnet.paper.fig4 import critical_claims, samples
from critnet.paper.fig4.interventions import SETS
from critnet.paper.rules import NOT, PARTLY, REPRODUCED, UNTESTABLE

BOTH = ("as-coded", "control")


def verdict(identity, data, definition="control"):
    claim = next(c for c in ledger.of_module(critical_claims) if c.id == identity)
    return ledger.judge_in(claim, definition, data).verdict


# --- planes


@pytest.fixture(scope="module")
def fig2():
    return results.load("fig2")


def with_planes(fig2, critical, others):
    """Ranges of both sets at three moments, the same in every seed and for both definitions."""
    ranges = np.stack([critical, others], axis=-1)  # (moment, set)
    data = made(plane_range=lambda a: np.broadcast_to(ranges[None, None, :, :, None], a.shape).copy())
    drawn = fig2[["plane_mean"]].copy(deep=True)
    numbers = list(drawn["number"].values)
    drawn["plane_mean"][..., numbers.index("centre")] = 1.0
    for m, row in enumerate(ranges):
        for plane, value in ((0, row[0]), (2, row[1])):
            drawn["plane_mean"][:, m, :, plane, numbers.index("largest")] = 1.0 + value
    return {"fig4": data, "fig2": drawn}


@pytest.mark.parametrize("definition", BOTH)
@pytest.mark.parametrize(("critical", "others", "found"), [(0.9, 0.8, REPRODUCED), (0.9, 0.1, PARTLY), (0.2, 0.1, NOT)])
def test_planes_are_wide_at_first(critical, others, found, definition, fig2):
    assert verdict("C96", with_planes(fig2, [critical, 1.0, 0.5], [others, 1.0, 0.5]), definition) == found


@pytest.mark.parametrize("definition", BOTH)
@pytest.mark.parametrize(("identity", "moment"), [("C97", 1), ("C98", 2)])
@pytest.mark.parametrize(("ratio", "found"), [(0.5, REPRODUCED), (0.9, PARTLY), (1.5, NOT)])
def test_critical_planes_are_flatter_at_their_moment(identity, moment, ratio, found, definition, fig2):
    critical = np.full(3, 5.0)
    critical[moment] = ratio
    assert verdict(identity, with_planes(fig2, critical, np.ones(3)), definition) == found


def test_one_seed_of_five_is_enough_to_spoil_it(fig2):
    data = with_planes(fig2, np.full(3, 0.5), np.ones(3))
    data["fig4"]["plane_range"][3, :, :, 0] = 2.0
    assert verdict("C98", data) == NOT


# --- what critical weights did


@pytest.fixture(scope="module")
def stored():
    return results.load_all(samples.DATA)


def with_critical(stored, shift, definition="control", *, sized=False):
    """Critical weights do more by `shift` widths of the others, or are only larger and do as their size says."""
    random, course = np.random.default_rng(0), stored["course"].copy(deep=True)
    between, third = critical_claims.layer_slices(50)["between"], critical_claims.layer_slices(50)["W3"]
    for s, seed in enumerate(samples.SEEDS):
        matrix = anchors.matrix(stored["fig1"], 200_000, definition, seed)
        critical = np.isin(between, critical_claims.critical_connections(matrix, definition=definition))
        size = np.abs(samples.network(stored, 200_000, seed)[between])
        values = random.normal(size=between.size) + shift * critical
        if sized:
            values += 5 * size + np.isin(between, third)
        for name in ("irreversibility", "variance", "correlation_time"):
            course[f"{name}_between"][s] = values
    return {**stored, "course": course}


@pytest.mark.parametrize("definition", BOTH)
@pytest.mark.parametrize(("shift", "found"), [(0.8, REPRODUCED), (0.42, PARTLY), (0.0, NOT)])
def test_critical_weights_are_compared_at_equal_size(shift, found, definition, stored):
    assert verdict("C99", with_critical(stored, shift, definition), definition) == found


def test_what_size_explains_does_not_count(stored):
    sized = with_critical(stored, 0.0, sized=True)
    assert verdict("C99", sized) == NOT
    claim = next(c for c in ledger.of_module(critical_claims) if c.id == "C99")
    row = ledger.judge_in(claim, "control", sized)
    assert row.also["of R, matched in layer alone"][0] > row.value + 0.1


@pytest.mark.parametrize(("moved", "found"), [(0.8, REPRODUCED), (0.33, PARTLY), (0.0, NOT)])
def test_large_weights_that_move_far(moved, found, stored, monkeypatch):
    """Critical weights are larger by the shift too; displacements follow it at equal size."""
    data, size = with_critical(stored, moved), samples.network
    between = critical_claims.layer_slices(50)["between"]
    random = np.random.default_rng(1)
    noise = {seed: random.normal(size=between.size) for seed in samples.SEEDS}
    width = {seed: 1.0 + random.normal(size=between.size) ** 2 for seed in samples.SEEDS}

    def network(given, t, seed):
        vector = np.asarray(size(given, 200_000, seed), float).copy()
        matrix = anchors.matrix(stored["fig1"], 200_000, "control", seed)
        critical = np.isin(between, critical_claims.critical_connections(matrix, definition="control"))
        end = 10 * width[seed] * (1 + (1.0 if moved else 0.0) * critical)
        vector[between] = end if t else end - 10 - noise[seed] - moved * critical
        return vector

    monkeypatch.setattr(samples, "network", network)
    assert verdict("C100", data) == found


# --- variance and flatness


def with_psi(psi, spread, components=40, held=0.9):
    """Principal components whose variance goes as flatness^-psi with a spread in ln variance."""
    random = np.random.default_rng(0)
    flat = np.exp(random.normal(size=(5, 2, components)))
    variance = flat**-psi * np.exp(spread * random.normal(size=flat.shape))
    return xr.Dataset(
        {
            "flatness": (("seed", "window", "component", "side"), np.repeat(flat[..., None], 2, axis=-1)),
            "variance": (("seed", "window", "component"), variance),
            "reproduced": (("seed", "window", "component"), np.full(flat.shape, held)),
        },
        {"window": [50_000, 190_000], "seed": range(5)},
    )


@pytest.mark.parametrize(("psi", "spread", "found"), [(2.0, 0.3, REPRODUCED), (0.7, 1.2, PARTLY), (-1.0, 0.3, NOT)])
def test_steep_directions_vary_most(psi, spread, found):
    assert verdict("C101", with_psi(psi, spread)) == found


def test_components_that_the_other_half_does_not_hold_say_nothing():
    assert verdict("C101", with_psi(2.0, 0.3, held=0.2)) == UNTESTABLE


# --- lost, pushed, set back


@pytest.mark.parametrize("definition", BOTH)
@pytest.mark.parametrize(("until", "found"), [(0.6, REPRODUCED), (0.3, PARTLY), (0.2, NOT)])
def test_what_the_choice_of_images_loses_is_taken_off(until, found, definition):
    assert verdict("C102", made(critical_lost=[until, 0.2]), definition) == found


@pytest.mark.parametrize("definition", BOTH)
@pytest.mark.parametrize(
    ("redundant", "critical", "found"),
    [(0.8, 0.5, REPRODUCED), (0.6, 0.58, PARTLY), (0.4, 0.2, PARTLY), (0.4, 0.5, NOT)],
)
def test_redundant_weights_are_pushed_more_often(redundant, critical, found, definition):
    assert verdict("C103", made(pushed_share=np.array([[redundant], [critical]])), definition) == found


def test_layers_without_critical_weights_are_left_out():
    def share(values):
        values[..., 0, 0], values[..., 1, 0] = 0.9, 0.5
        values[..., 0, 1], values[..., 1, 1] = 0.0, np.nan
        return values

    assert verdict("C103", made(pushed_share=share)) == REPRODUCED


def with_losses(redundant, layers, moved):
    values = dict(zip(SETS, (redundant, 1e3, layers, 0.0, moved), strict=True))
    return made(restored_loss=np.array([values[name] for name in SETS])[:, None])


@pytest.mark.parametrize("definition", BOTH)
@pytest.mark.parametrize(
    ("losses", "found"),
    [((0.5, 0.3, 0.4), REPRODUCED), ((0.5, 0.3, 0.6), PARTLY), ((0.5, 0.6, 0.3), NOT), ((0.15, 0.1, 0.1), NOT)],
)
def test_redundant_weights_must_do_more_than_others_that_moved_as_far(losses, found, definition):
    assert verdict("C104", with_losses(*losses), definition) == found


def test_without_redundant_weights_there_is_nothing_to_judge():
    assert verdict("C104", made(restored_loss=np.nan)) == UNTESTABLE
