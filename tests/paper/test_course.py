"""The course of the anchor: against the snapshots of small runs, and what the committed file promises."""

import numpy as np
import pytest

from critnet.dynamics.flux import bin_edges, flux
from critnet.dynamics.irreversibility import even_grid, irreversibility, resample
from critnet.paper import results
from critnet.paper.course import reduce
from critnet.training.config import RunConfig, snapshots
from critnet.training.datasets import Digits
from critnet.training.mlp import flatten, init_weights, parameter_count
from critnet.training.runs import open_run
from critnet.training.train import train

STEPS = 120
CONFIGS = [RunConfig(hidden=6, batch_size=16, steps=STEPS, seed=s) for s in (0, 1)]


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    random = np.random.default_rng(0)
    labels = np.arange(150) % 10
    images = (random.standard_normal((10, 784))[labels] + random.standard_normal((150, 784))).astype(np.float32)
    digits = Digits(images, labels, images[:40], labels[:40], "synthetic")
    cache = tmp_path_factory.mktemp("cache")
    folders = [train([c], digits, cache=cache)[0] for c in CONFIGS]
    return folders, digits, reduce.course(folders, digits)


def test_networks_and_paths_are_those_of_the_snapshots(small):
    folders, digits, data = small
    steps = list(snapshots("anchor", STEPS))
    assert data["t"].values.tolist() == steps
    assert data["kept"].values.tolist() == [t for t in reduce.KEPT if t < STEPS]
    for s in open_run(folders[0]).snapshots(steps):
        vector, i = flatten(s.weights), steps.index(s.step)
        if s.step in reduce.KEPT:
            assert np.array_equal(data["network"].sel(kept=s.step).values, vector)
        assert np.array_equal(data["weight_path"].values[i], vector[data["weight_place"].values])
        assert np.array_equal(data["loss_path"].values[i], s.losses[data["sample_place"].values])
    assert np.array_equal(data["sample_label"].values, digits.labels[data["sample_place"].values])
    (late,) = open_run(folders[1]).snapshots([100])
    assert np.array_equal(data["other_networks"].sel(other_seed=1, other_kept=100).values, flatten(late.weights))


def test_what_each_weight_did_is_what_its_path_says(small):
    folders, _, data = small
    steps = list(snapshots("anchor", STEPS))
    for s, folder in enumerate(folders):
        paths = np.stack([flatten(x.weights) for x in open_run(folder).snapshots(steps)]).T
        between = data["between"].values
        grid = even_grid(steps)
        expected = irreversibility(resample(steps, paths[between], grid), definition="as-coded")
        assert np.allclose(data["irreversibility_between"].values[s, 0], expected, rtol=1e-6)
        assert np.allclose(data["variance_between"].values[s, 0], paths[between].var(axis=1), rtol=1e-5, atol=1e-12)
        if s == 0:
            assert np.allclose(data["variance"].values[0], paths.var(axis=1), rtol=1e-5, atol=1e-12)
            assert np.array_equal(data["irreversibility"].values[:, between], data["irreversibility_between"].values[0])


def test_fluxes_are_those_of_the_library(small):
    folders, _, data = small
    kept = {s.step: s for s in open_run(folders[0]).snapshots(data["t"].values.tolist())}
    steps = data["t"].values.tolist()
    for name, values in (("loss", lambda s: s.losses), ("weight", lambda s: flatten(s.weights))):
        pooled = np.stack([values(kept[t]) for t in steps])
        edges = bin_edges(pooled.min(), pooled.max())
        assert np.allclose(data[f"{name}_edge"].values, edges)
        for i in (0, 30, len(steps) - 2):
            found = flux(pooled[i], pooled[i + 1], steps[i + 1] - steps[i], edges)
            assert np.abs(data[f"{name}_flux"].values[i]).sum() == pytest.approx(found.total, rel=1e-5)
    total = data["layer_flux"].sel(layer="all").values
    assert np.allclose(total, np.abs(data["weight_flux"].values).sum(axis=1), rtol=1e-5)


def test_layers_cover_every_parameter_once():
    parts = reduce.layer_slices(7)
    together = np.concatenate([parts[name] for name in ("W1", "W2", "W3", "biases")])
    assert sorted(together.tolist()) == list(range(parameter_count(7)))


def test_the_committed_course_starts_and_ends_where_the_runs_do():
    data, final = results.load("course"), results.load("weights")
    first = flatten(init_weights(50, seed=int(data.attrs["displayed_seed"])))
    assert np.array_equal(data["network"].sel(kept=0).values, first)
    places = data["weight_place"].values
    assert np.array_equal(data["weight_path"].values[0], first[places])
    assert np.array_equal(data["weight_path"].values[-1], final["parameter"].values[: len(first)][places])
    assert (data["irreversibility_between"].values >= 0).all()
