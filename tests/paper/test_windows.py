"""The recording windows reduced: against what small runs recorded, and what the committed file promises."""

import numpy as np
import pytest

from critnet.dynamics.flux import bin_edges, flux, quantile_edges
from critnet.dynamics.stationary import detrended
from critnet.neurons.activity import correlation, forward
from critnet.paper import results
from critnet.paper.sweeps.weights import network
from critnet.paper.windows import reduce
from critnet.training.config import RunConfig, snapshots
from critnet.training.datasets import Digits
from critnet.training.mlp import flatten, init_weights
from critnet.training.runs import open_run
from critnet.training.train import train
from critnet.training.windows import recording_windows
from critnet.weights.connections import critical_connections

STEPS, HIDDEN = 120, 6
CONFIGS = [RunConfig(hidden=HIDDEN, batch_size=16, steps=STEPS, seed=s) for s in (0, 1)]
PLAN = reduce.Plan(flashes=(0, 5, 70), intervals=(1, 4, 35), stationary=(60,), components=8, lags=10)
LATE = 784 * HIDDEN + HIDDEN


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    random = np.random.default_rng(0)
    labels = np.arange(150) % 10
    images = (random.standard_normal((10, 784))[labels] + random.standard_normal((150, 784))).astype(np.float32)
    digits = Digits(images, labels, images[:40], labels[:40], "synthetic")
    kept = recording_windows(labels, ((0, 40), (60, 100)), 6)
    cache = tmp_path_factory.mktemp("cache")
    folders = [train([c], digits, cache=cache, windows=kept)[0] for c in CONFIGS]
    return folders, digits, reduce.windows(folders, digits, plan=PLAN)


def test_steps_and_flashes_are_fluxes_of_the_recorded_values(small):
    folders, _, data = small
    assert data["step"].values.tolist() == [*range(40), *range(60, 100)]
    for s, folder in enumerate(folders):
        kept = list(open_run(folder).windows())
        for o, name in enumerate(("losses", "weights")):
            at = {int(t): row for w in kept for t, row in zip(w.step, getattr(w, name), strict=True)}
            pooled = np.concatenate([v for v in at.values()])
            edges = bin_edges(pooled.min(), pooled.max())
            for i, t in ((0, 0), (39, 39), (40, 60), (79, 99)):
                found = flux(at[t], at[t + 1], 1, edges)
                here = data.isel(seed=s, observable=o, step=i)
                assert float(here["step_flux"][0]) == pytest.approx(found.total, rel=1e-6)
                assert float(here["step_drift"]) == pytest.approx(found.drift, rel=1e-6)
                assert float(here["step_speed"]) == pytest.approx(found.speed, rel=1e-6)
            found = flux(at[5], at[9], 4, quantile_edges(at[5]))
            here = data.isel(seed=s, observable=o).sel(flash=5, interval=4)
            assert float(here["flash_flux"][1]) == pytest.approx(found.total, rel=1e-6)
            assert float(here["flash_floor"][1]) == pytest.approx(found.floor, rel=1e-6)
    one = data["flash_flux"].sel(flash=5, interval=1).values
    assert np.array_equal(one, data["step_flux"].isel(step=5).values)
    missing = data["flash_flux"].sel(flash=[5, 70], interval=35)
    assert np.isfinite(missing.sel(flash=5)).all()
    assert np.isnan(missing.sel(flash=70)).all()  # 105 was not recorded


def test_components_carry_the_variance_and_flatness_is_a_rise_of_a_tenth(small):
    folders, digits, data = small
    for s, folder in enumerate(folders):
        run = open_run(folder)
        window = list(run.windows())[1]
        moving = detrended(window.weights)
        here = data.isel(seed=s, window=0)
        expected = np.sort(np.linalg.eigvalsh(moving @ moving.T / len(moving)))[::-1][:8]
        assert np.allclose(here["variance"], expected, rtol=1e-5)
        assert float(here["total_variance"]) == pytest.approx(np.square(moving).sum(axis=1).mean(), rel=1e-6)
        assert (here["reproduced"].values <= 1 + 1e-6).all()
        assert here["held_variance"].values[0] > here["random_variance"].values.mean()
        (middle,) = [x for x in run.snapshots([80]) if x.step == 80]
        _, _, right = np.linalg.svd(moving, full_matrices=False)
        start = flatten(middle.weights)

        def loss(vector, images=digits.images[window.images], labels=digits.labels[window.images]):
            W1, b1, rest = vector[: 784 * HIDDEN], vector[784 * HIDDEN : LATE], vector[LATE:]
            W2, b2, W3, b3 = np.split(rest, np.cumsum([HIDDEN**2, HIDDEN, 10 * HIDDEN]))
            first = np.maximum(images @ W1.reshape(HIDDEN, 784).T + b1, 0)
            logits = np.maximum(first @ W2.reshape(HIDDEN, HIDDEN).T + b2, 0) @ W3.reshape(10, HIDDEN).T + b3
            p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
            return -np.log(p[np.arange(len(labels)), labels]).mean()

        sign = np.sign(right[0][np.abs(right[0]).argmax()])
        for side, sense in ((0, 1), (1, -1)):
            away = start.astype(float)
            away[LATE:] += sense * sign * right[0] * float(here["flatness"][0, side])
            assert loss(away) - loss(start.astype(float)) == pytest.approx(0.1, abs=1e-4)


def test_critical_weights_and_their_matches_are_followed(small):
    folders, digits, data = small
    critical, matched = data["critical_place"].values
    steps = list(snapshots("anchor", STEPS))
    vectors = np.array([flatten(s.weights) for s in open_run(folders[0]).snapshots(steps)])
    assert np.array_equal(data["critical_path"].values, vectors[:, [critical, matched]])
    (last,) = open_run(folders[0]).snapshots([STEPS])
    assert np.array_equal(
        critical,
        critical_connections(
            correlation(forward(last.weights, digits.images), definition="as-coded"), definition="as-coded"
        ),
    )
    behind = LATE + HIDDEN * (HIDDEN + 1)
    assert (critical >= behind).sum() == (matched >= behind).sum()
    assert not set(critical) & set(matched)
    assert len(set(matched)) == len(critical) > 0
    marks, between = data["set"].isel(seed=0).values, data["between"].values
    assert set(between[marks == 1]) == set(critical)
    assert set(between[marks == 2]) == set(matched)
    window = list(open_run(folders[0]).windows())[1]
    paths = detrended(window.weights)[:, between - LATE]
    assert np.allclose(data["weight_variance"].isel(seed=0, window=0), paths.var(axis=0), rtol=1e-5)
    rows = paths[:, marks == 1]
    by_hand = (rows[:-3] * rows[3:]).sum(axis=0) / (rows**2).sum(axis=0)
    curve = data["autocorrelation"].isel(seed=0, window=0, group=0)
    assert float(curve[3]) == pytest.approx(np.nanmean(by_hand), rel=1e-5)
    assert np.allclose(data["autocorrelation"].isel(lag=0), 1)


def test_the_committed_windows_belong_to_the_committed_networks():
    data, final = results.load("windows"), results.load("weights")
    first = flatten(init_weights(50, seed=int(data.attrs["displayed_seed"])))
    places = data["critical_place"].values
    assert np.array_equal(data["critical_path"].values[0], first[places])
    last = flatten(network(final, RunConfig(seed=0).digest))
    assert np.array_equal(data["critical_path"].values[-1], last[places])
    course = results.load("course")
    vector = course["network"].sel(kept=1000).values
    assert np.array_equal(data["critical_path"].sel(t=1000).values, vector[places])
    assert data["step"].size == 4000
    assert (data["variance"].diff("component") <= 0).all()
