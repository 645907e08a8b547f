"""The reduction for Fig. 4f-h, j-l on tiny networks: against plain sums over matrices, forward passes and draws."""

import numpy as np
import pytest
import xarray as xr

from critnet.dynamics.redistribution import PREFERENCES
from critnet.errors import UsageError
from critnet.neurons.activity import correlation, forward
from critnet.paper.fig4 import elements, interventions, on_the_way, reduce
from critnet.training.config import RunConfig
from critnet.training.datasets import Digits
from critnet.training.mlp import flatten, init_weights, unflatten
from critnet.weights.connections import critical_connections, matched_complement
from critnet.weights.gradients import gradient_moments, mean_gradient, noise_covariance, squared_gradient
from critnet.weights.hessian import hessian, hessian_diagonal

H, N = 12, 300


def digits():
    random = np.random.default_rng(0)
    labels = random.integers(10, size=N)
    images = (random.normal(size=(10, 784))[labels] + random.normal(size=(N, 784))).astype(np.float32)
    return Digits(images, labels, images[:50], labels[:50], "synthetic")


def net(seed, scale=1.0):
    weights = init_weights(H, seed=seed, scale=scale)
    random = np.random.default_rng(seed)
    return {name: w + 0.05 * random.normal(size=w.shape).astype(np.float32) for name, w in weights.items()}


@pytest.fixture(scope="module")
def spread():
    d = digits()
    return elements.elements(net(1), d.images, d.labels)


def test_the_distributions_are_those_of_the_matrices(spread):
    d, weights = digits(), net(1)
    squared = squared_gradient(weights, d.images, d.labels)
    whole = [
        noise_covariance(squared, 64),
        squared.second,
        np.outer(squared.mean, squared.mean),
        hessian(weights, d.images, d.labels),
    ]
    layer = np.concatenate([np.full(H * H, 2), np.full(H, 0), np.full(10 * H, 3), np.full(10, 0)])
    row, column = np.triu_indices(layer.size)
    for q, matrix in enumerate(whole):
        values = matrix[row, column]
        masks = {
            "all": np.ones(values.size, bool),
            "W2, W2": (layer[row] == 2) & (layer[column] == 2),
            "W2, W3": (layer[row] == 2) & (layer[column] == 3),
            "W3, W3": (layer[row] == 3) & (layer[column] == 3),
            "diagonal": row == column,
        }
        for b, name in enumerate(elements.BLOCKS):
            mine = values[masks[name]]
            size = np.abs(mine)
            assert spread.number[q, b] == mine.size
            assert spread.zeros[q, b] == (mine == 0).sum()
            assert spread.negative[q, b] == (mine < 0).sum()
            assert spread.counts[q, b].sum() + spread.zeros[q, b] + spread.outside[q, b] == mine.size
            above = np.log10(size[size > 0])
            assert np.array_equal(spread.counts[q, b], np.histogram(above, elements.EDGES)[0])
            assert spread.quantile[q, b] == pytest.approx(np.quantile(size, elements.SHARES), rel=1e-9)


def test_parameters_one_by_one():
    d, weights = digits(), net(2)
    kept = elements.kept_places(weights, np.random.default_rng(0))
    above = np.arange(H * 785, flatten(weights).size)
    assert np.array_equal(kept[elements.OF_FIRST :], above)
    assert np.unique(kept).size == kept.size
    assert kept[elements.OF_FIRST - 1] < H * 784
    found = elements.pairs(weights, d.images, d.labels, kept)
    assert np.array_equal(found.noise, gradient_moments(weights, d.images, d.labels).variance[kept])
    assert np.array_equal(found.curvature, hessian_diagonal(weights, d.images, d.labels)[kept])
    assert (found.kurtosis[np.isfinite(found.kurtosis)] >= -2).all()


# --- set back


def losses(weights, d):
    logits = forward(weights, d.images)[-10:].astype(np.float64)
    logits -= logits.max(axis=0)
    return np.log(np.exp(logits).sum(axis=0)) - logits[d.labels, np.arange(N)]


def test_what_is_set_back_is_the_set():
    d, final, early = digits(), net(3), net(4)
    places = np.array([H * 785 + 3, H * 785 + 40, H * 785 + H * H + H + 7])
    found = interventions.restored(final, early, places, d.images, d.labels, np.random.default_rng(0), draws=4)
    vector = flatten(final)
    vector[places] = flatten(early)[places]
    after = losses(unflatten(vector, H), d)
    assert found.mean[0] == pytest.approx(after.mean(), rel=1e-5)
    assert found.above[0] == pytest.approx([(after >= b).mean() for b in interventions.LEVELS], abs=1.5 / N)
    assert found.before == pytest.approx(losses(final, d).mean(), rel=1e-5)
    assert found.above_before[0] == 1
    assert found.number == 3
    a, b = np.abs(flatten(final)[places]), np.abs(flatten(early)[places])
    assert found.smaller == pytest.approx((a < b).mean())
    assert np.isfinite(found.mean).all()
    assert np.ptp(found.mean[1]) == 0  # the most moved weights are one set
    assert np.ptp(found.mean[2]) > 0


def test_without_redundant_weights_nothing_is_set_back():
    d = digits()
    none = np.array([], int)
    found = interventions.restored(net(3), net(4), none, d.images, d.labels, np.random.default_rng(0), draws=2)
    assert found.number == 0
    assert np.isnan(found.mean).all()
    assert np.isnan(found.above).all()
    assert found.before > 0


# --- planes


def test_planes_go_equally_far_within_equal_sets(monkeypatch):
    d, weights = digits(), net(5)
    asked = []

    def surface(_weights, _images, _labels, first, second, steps):
        asked.append((first, second))
        return np.array([[steps[0], steps[-1]]])

    monkeypatch.setattr(interventions, "mean_surface", surface)
    critical = matched_complement([], H)[[5, 20, 70, 160, 200]]
    found = interventions.planes(weights, critical, d.images, d.labels, np.random.default_rng(0), count=3)
    assert found.range.tolist() == [[2.0] * 3] * 2
    for k, (first, second) in enumerate(asked):
        assert np.linalg.norm(first) == pytest.approx(found.length)
        assert np.linalg.norm(second) == pytest.approx(found.length)
        assert abs(first @ second) < 1e-9
        moved = np.flatnonzero(first)
        assert moved.size == critical.size
        assert (moved < H * 785 + H * H).sum() == 3
        assert np.isin(moved, critical).all() == (k % 2 == 0)
    with pytest.raises(UsageError, match="1 weights are critical; a plane needs two"):
        interventions.planes(weights, critical[:1], d.images, d.labels, np.random.default_rng(0))


def test_a_range_is_that_of_the_mean_loss():
    d, weights = digits(), net(6)
    critical = critical_connections(
        correlation(forward(weights, d.images), definition="as-coded"), definition="as-coded"
    )
    found = interventions.planes(weights, critical, d.images, d.labels, np.random.default_rng(1), count=2, grid=3)
    again = interventions.planes(weights, critical, d.images, d.labels, np.random.default_rng(1), count=2, grid=3)
    assert np.array_equal(found.range, again.range)
    assert (found.range > 0).all()


# --- on the way


def test_connections_that_one_half_of_the_images_has_and_the_other_not_are_lost_between_halves():
    d, early = digits(), net(7, 2.0)
    first, second, whole = (
        critical_connections(correlation(forward(early, part), definition="as-coded"), definition="as-coded")
        for part in (d.images[::2], d.images[1::2], d.images)
    )
    found = on_the_way.lost(early, whole[:3], d.images, definition="as-coded")
    assert found == pytest.approx([1 - 3 / whole.size, np.setdiff1d(first, second).size / first.size])


def test_where_the_loss_pushes_is_where_a_small_step_lowers_it():
    d, weights = digits(), net(8, 2.0)
    mine = np.array([H * 785 + 5, H * 785 + H * H + H + 4])
    share, number = on_the_way.pushed(weights, [mine, mine[:0]], d.images, d.labels)
    assert number.tolist() == [[1, 1], [0, 0]]
    assert np.isnan(share[1]).all()
    vector = flatten(weights).astype(float)
    for place, pushed in zip(mine, share[0], strict=True):
        smaller = vector.copy()
        smaller[place] *= 1 - 1e-3
        less = losses(unflatten(smaller, H), d).mean() < losses(unflatten(vector, H), d).mean()
        assert pushed == less


# --- the file


def test_networks_come_from_where_they_are_stored():
    configs = [RunConfig(hidden=H, steps=50_000, seed=s) for s in (0, 1)]
    size = flatten(net(0)).size
    random = np.random.default_rng(0)
    kept = [*reduce.SHOWN, 30_000]
    course = xr.Dataset(
        {
            "network": (("kept", "parameter"), random.normal(size=(len(kept), size)).astype(np.float32)),
            "other_networks": (("other_seed", "other_kept", "parameter"), random.normal(size=(1, 3, size))),
        },
        {"kept": kept, "other_seed": [1], "other_kept": [100, 1000, 10_000]},
        {"displayed_seed": 0},
    )
    ends = random.normal(size=(2, size))
    weights = xr.Dataset(
        {
            "parameter": (("position",), ends.ravel()),
            "digest": (("run",), [c.digest for c in configs]),
            "hidden": (("run",), [H, H]),
            "start": (("run",), [0, size]),
        }
    )
    found = reduce.networks(course, weights, configs)
    assert list(found) == [*((0, t) for t in (*reduce.SHOWN, 50_000)), (1, 0), (1, 100), (1, 50_000)]
    assert np.array_equal(flatten(found[0, 10]), course["network"].values[3])
    assert np.array_equal(flatten(found[1, 100]), course["other_networks"].values[0, 0])
    assert np.array_equal(flatten(found[1, 0]), flatten(init_weights(H, configs[1].init, 1)))
    assert np.array_equal(flatten(found[1, 50_000]), ends[1])
    between = reduce.between_networks(course, configs)
    assert list(between) == [(seed, t) for seed in (0, 1) for t in (100, 1000, 10_000)]
    assert np.array_equal(flatten(between[0, 1000]), course["network"].sel(kept=1000).values)
    assert np.array_equal(flatten(between[1, 10_000]), course["other_networks"].values[0, 2])


def test_the_file_holds_it_all(monkeypatch):
    monkeypatch.setattr(reduce, "PROBABILITIES", np.array([0.3, 0.6]))
    monkeypatch.setattr(reduce, "WALK", 200)
    monkeypatch.setattr(interventions, "DIRECTIONS", 2)
    nets = {(0, 0): net(1, 0.2), (0, 100): net(2, 2.0), (0, 500): net(2, 3.0)}
    nets |= {(1, 0): net(4, 0.2), (1, 100): net(3, 2.0), (1, 500): net(3, 3.0)}
    between = {(seed, t): net(seed + t, 2.0) for seed in (0, 1) for t in (100, 300)}
    half = np.random.default_rng(0).uniform(-1, 1, (2, 34, 34))
    stack = half + half.transpose(0, 2, 1)
    data = reduce.fig4(nets, stack, np.array([0, 500]), digits(), between=between, repeats=2, draws=3)
    assert data["network_seed"].values.tolist() == [0, 0, 0, 1, 1, 1]
    assert data["network_step"].values.tolist() == [0, 100, 500, 0, 100, 500]
    assert data["restored_loss"].shape == (2, 2, 5, 3)
    assert data["plane_range"].dims == ("seed", "definition", "moment", "within", "plane")
    assert data["plane_range"].shape == (2, 2, 3, 2, 2)
    assert data["moment"].values.tolist() == [0, 100, 500]
    assert (data["plane_range"] > 0).all()
    assert data["pushed_step"].values.tolist() == [100, 300]
    units = data["pairs_of_units"]
    assert units.shape[:3] == (len(PREFERENCES), 2, 2)
    assert (units.sum("units") == 100 * 561).all()
    assert ((units * np.arange(units.sizes["units"])).sum("units") == 100 * 56).all()
    assert not np.array_equal(units.values[0, 0], units.values[0, 1])
    d = digits()
    expected = elements.elements(nets[1, 100], d.images, d.labels)
    assert np.array_equal(data["counts"].values[4], expected.counts)
    late, start = (correlation(forward(nets[1, t], d.images), definition="as-coded") for t in (500, 100))
    before, after = (critical_connections(c, definition="control") for c in (start, late))
    lost = data["critical_lost"].sel(seed=1, definition="control", against="until the end")
    assert float(lost) == pytest.approx(1 - np.isin(before, after).mean())
    pushed = data["pushed_share"].sel(seed=1, definition="control", pushed_step=300, of="critical", layer="W2")
    w2 = after[after < H * 785 + H * H] - H * 785
    gradient = mean_gradient(between[1, 300], d.images, d.labels)[H * 785 :]
    weights = flatten(between[1, 300])[H * 785 :]
    assert float(pushed) == pytest.approx((weights[w2] * gradient[w2] > 0).mean())
    for name in data.variables:
        if name not in data.coords:
            assert {"units", "long_name", "D"} <= set(data[name].attrs), name
