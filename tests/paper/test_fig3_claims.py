"""Each rule of section 2.5 can be met, met in part, and missed: made-up fluxes over the real list of runs."""

import numpy as np
import pytest

from critnet.paper import ledger, published, results
from critnet.paper.fig3 import claims, fluxes
from critnet.paper.rules import NOT, PARTLY, REPRODUCED
from critnet.paper.sweeps import select

OBSERVABLES = tuple(fluxes.OBSERVABLES)


@pytest.fixture(scope="module")
def anchors():
    return results.load("anchors")


@pytest.fixture(scope="module")
def sweeps():
    return results.load("sweeps")


def with_flux(data, loss, weight, floor=1e-12):
    """The same runs with other fluxes: functions (run, 1) and (1, t) broadcast, over intervals and over unit steps."""
    made = data.copy()
    t = data["step"].values.astype(float)
    for name, length in (("flux", t.size - 1), ("unit_flux", t.size)):
        values = np.empty(data[name].shape)
        for i, law in enumerate((loss, weight)):
            values[:, i] = np.broadcast_to(law(t[:length]), (data.sizes["run"], length))[:, None]
        made[name] = (data[name].dims, values)
        floors = floor(t[:length]) if callable(floor) else floor
        made[f"{name}_floor"] = (data[name].dims, np.broadcast_to(floors, values.shape).copy())
    return made


def verdict(identity, data, definition="control"):
    claim = next(c for c in ledger.of_module(claims) if c.id == identity)
    return ledger.judge_in(claim, definition, data).verdict


def bent(at):
    """Straight in ln t but for a kink, with a little noise of its own at every snapshot."""
    noise = np.random.default_rng(0).normal(scale=0.02, size=600)
    return lambda t: np.exp(-0.3 * np.log1p(t) - 1.5 * np.log(np.maximum(t, at) / at) + noise[: t.size])


def plain(t):
    return bent(1e9)(t)


@pytest.mark.parametrize("definition", ["as-coded", "control"])
@pytest.mark.parametrize(("identity", "moment"), [("C76", 100), ("C77", 10_000)])
def test_a_shift_counts_where_it_is(identity, moment, definition, anchors):
    assert verdict(identity, with_flux(anchors, bent(moment), bent(moment)), definition) == REPRODUCED
    assert verdict(identity, with_flux(anchors, plain, bent(moment)), definition) == PARTLY
    assert verdict(identity, with_flux(anchors, plain, plain), definition) == NOT
    elsewhere = {"C76": 10_000, "C77": 100}[identity]
    assert verdict(identity, with_flux(anchors, bent(elsewhere), bent(elsewhere)), definition) == NOT


def of(data, exponent_m=0.0, rate=0.0, batch=0.0, scale=1.0):
    size = published.neurons(data["hidden"].values.astype(float))
    value = scale * size**exponent_m * data["learning_rate"].values ** rate * data["batch_size"].values ** -batch
    return lambda t: value[:, None] + 0 * t


@pytest.mark.parametrize("definition", ["as-coded", "control"])
@pytest.mark.parametrize(("identity", "sign"), [("C78", 1), ("C79", -1)])
def test_slopes_with_size_are_weighed_against_zero_and_random_signs(identity, sign, definition, sweeps):
    rising, falling = of(sweeps, 0.7 * sign), of(sweeps, -0.7 * sign)
    assert verdict(identity, with_flux(sweeps, rising, rising), definition) == REPRODUCED
    assert verdict(identity, with_flux(sweeps, falling, falling), definition) == NOT
    steeper = 1e-6 * published.neurons(sweeps["hidden"].values.astype(float)) ** (1.4 * sign)
    floor = with_flux(sweeps, rising, rising, floor=lambda t: steeper[:, None, None, None])
    assert verdict(identity, floor, definition) == PARTLY  # it grows, but by less than random signs do


@pytest.mark.parametrize("definition", ["as-coded", "control"])
def test_rate_and_batch_must_both_drive_both_fluxes(definition, sweeps):
    both, rate, none = of(sweeps, rate=0.8, batch=0.8), of(sweeps, rate=0.8), of(sweeps)
    assert verdict("C80", with_flux(sweeps, both, both), definition) == REPRODUCED
    assert verdict("C80", with_flux(sweeps, both, rate), definition) == PARTLY
    assert verdict("C80", with_flux(sweeps, none, none), definition) == NOT


@pytest.mark.parametrize(("power", "batches", "found"), [(-1, -1, REPRODUCED), (-1, 1, PARTLY), (1, 1, NOT)])
def test_peaks_that_move_with_the_mobility(power, batches, found, sweeps):
    made, x = sweeps.copy(), np.log1p(select.steps(sweeps))
    by_rate = np.isclose(sweeps["batch_size"].values, 64)
    mobility = np.log(sweeps["mobility"].values / sweeps["mobility"].values.max())
    centre = 5 + 0.25 * np.where(by_rate, power, batches) * (mobility + 5)
    f2 = 100 + 50 * np.exp(-((x[None] - centre[:, None]) ** 2))
    made["strength"] = (sweeps["strength"].dims, np.repeat(f2[:, :, None], 2, axis=2))
    assert verdict("C81", made) == found


def test_late_fluxes_fall_with_the_size_or_not(sweeps):
    falling, rising = of(sweeps, -1.0), of(sweeps, 1.0)
    assert verdict("C82", with_flux(sweeps, falling, falling)) == REPRODUCED
    assert verdict("C82", with_flux(sweeps, rising, falling)) == PARTLY
    assert verdict("C82", with_flux(sweeps, rising, rising)) == NOT


def test_branches_count_only_where_they_are_those_of_convergence(sweeps):
    rows, rng = fluxes.runs(sweeps), np.random.default_rng(1)
    scatter = np.exp(rng.normal(scale=0.5, size=sweeps.sizes["run"]))
    low = np.zeros(sweeps.sizes["run"], bool)
    low[rows["run"].values[rows["converged"].values]] = True
    shuffled = rng.permutation(low)
    for lower, found in ((low, REPRODUCED), (shuffled, PARTLY), (np.zeros_like(low), NOT)):
        value = scatter * np.where(lower, 1e-8, 1e-3)
        flux = lambda t, value=value: value[:, None] + 0 * t  # noqa: E731
        assert verdict("C83", with_flux(sweeps, flux, flux, floor=1e-30)) == found
