"""The reduction of raw anchor runs, on real but tiny runs and on the committed results."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from critnet import archive
from critnet.neurons.activity import correlation, forward
from critnet.neurons.graphs import graph_metrics, total_correlation_strength
from critnet.paper import anchors, results
from critnet.paper.fig1 import reduce, series
from critnet.training.config import RunConfig
from critnet.training.datasets import Digits
from critnet.training.runs import open_run
from critnet.training.train import train


@pytest.fixture(scope="module")
def small_runs(tmp_path_factory):
    random = np.random.default_rng(0)
    labels = np.arange(300) % 10
    images = (random.standard_normal((10, 784))[labels] + random.standard_normal((300, 784))).astype(np.float32)
    digits = Digits(images, labels, images[:50], labels[:50], "synthetic")
    configs = [RunConfig(hidden=8, batch_size=32, steps=60, seed=s) for s in (0, 1)]
    folders = [train([c], digits, cache=tmp_path_factory.mktemp("cache"))[0] for c in configs]
    return folders, digits


@pytest.fixture(scope="module")
def reduced(small_runs):
    folders, digits = small_runs
    return reduce.anchor(folders, digits)


def test_each_number_is_that_of_its_snapshot(small_runs, reduced):
    folders, digits = small_runs
    images = digits.images[np.argsort(digits.labels, kind="stable")]
    for s, folder in enumerate(folders):
        for snapshot in open_run(folder).snapshots([0, 7, 60]):
            activity = forward(snapshot.weights, images)
            here = reduced.isel(seed=s).sel(t=snapshot.step)
            for definition in ("as-coded", "control"):
                expected = total_correlation_strength(correlation(activity, definition=definition))
                assert here["strength"].sel(definition=definition).item() == pytest.approx(expected, rel=1e-12)
            graph = graph_metrics(correlation(activity, definition="as-coded"), reduce.THRESHOLDS, "signed")
            assert here["n_edges"].sel(graph="as-coded signed").values.tolist() == graph.n_edges.tolist()
            assert here["loss"].item() == snapshot.losses.mean(dtype=np.float64)


def test_two_processes_give_the_same_bytes_as_one(small_runs, reduced, tmp_path):
    folders, digits = small_runs
    attrs = {"configuration": [], "command": "test", "device": "cpu", "threads": 1}
    archive.write(tmp_path / "one.nc", reduced, attrs=attrs)
    archive.write(tmp_path / "two.nc", reduce.anchor(folders, digits, jobs=2), attrs=attrs)
    assert (tmp_path / "one.nc").read_bytes() == (tmp_path / "two.nc").read_bytes()


@given(st.lists(st.floats(-1, 1), min_size=1, max_size=20), st.lists(st.floats(0.01, 0.99), max_size=3))
def test_quantised_values_are_close_and_on_the_right_side(values, levels):
    values = np.array(values)
    # levels so close that one step cannot separate them are not used
    levels = [v for i, v in enumerate(sorted(levels)) if i == 0 or v - sorted(levels)[i - 1] > 3 * reduce.QUANTUM]
    stored = reduce.quantise(values, levels) * reduce.QUANTUM
    assert np.abs(stored - values).max() <= 1.5 * reduce.QUANTUM
    for level in levels:
        assert ((stored >= level) == (values >= level)).all()
        assert ((stored <= -level) == (values <= -level)).all()


def test_graphs_of_the_stored_matrices_are_those_that_were_measured():
    data = results.load("fig1")
    seed = data.attrs["displayed_seed"]
    for step in anchors.steps(data)[::9]:
        for definition, name, convention in (
            ("as-coded", "as-coded signed", "signed"),
            ("as-coded", "as-coded fisher", "fisher"),
            ("control", "control absolute", "absolute"),
        ):
            again = graph_metrics(series.matrix(data, step, definition), reduce.THRESHOLDS[:-1], convention)
            stored = data.sel(t=step, seed=seed, graph=name).isel(threshold=slice(0, -1))
            if convention == "fisher":  # only its own threshold tanh 0.5 is kept exact, the first of the list
                again, stored = (
                    x[:1] if isinstance(x, np.ndarray) else x for x in (again.n_edges, stored["n_edges"].values)
                )
                assert again.tolist() == stored.tolist()
                continue
            assert again.n_edges.tolist() == stored["n_edges"].values.tolist()
            assert again.largest.tolist() == stored["largest"].values.tolist()
            assert np.allclose(again.entropy, stored["entropy"].values, rtol=2e-4)


def test_the_committed_runs_are_the_anchor():
    data = results.load("fig1")
    assert data.sizes["t"] == 495
    assert data.sizes["seed"] == 5
    assert data["correlation"].shape == (495, 2, 5995)
    assert (data["strength"].values >= 110 - 1e-6).all()
    assert (data["strength"].values <= 110**2).all()
    assert np.isfinite(data["loss"].values).all()
