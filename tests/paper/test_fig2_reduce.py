"""The reduction of raw anchor runs for Fig. 2a-e, on real but tiny runs and on the committed results."""

import numpy as np
import pytest
import xarray as xr

from critnet.errors import DataError, UsageError
from critnet.losses.atoms import expand
from critnet.losses.concentration import exceedance, loss_histogram, top_share
from critnet.losses.deviations import DEFINITIONS, entropy_change, extrapolated
from critnet.losses.landscapes import flat_fraction, mean_surface, roughness, single_weight
from critnet.neurons.activity import correlation, forward
from critnet.paper import results
from critnet.paper.fig2 import loss_measures, reduce, surfaces
from critnet.training.config import RunConfig
from critnet.training.datasets import Digits
from critnet.training.runs import open_run
from critnet.training.train import train
from critnet.weights.connections import critical_connections

STEPS = 60


@pytest.fixture(scope="module")
def small_runs(tmp_path_factory):
    random = np.random.default_rng(0)
    labels = np.arange(300) % 10
    images = (random.standard_normal((10, 784))[labels] + random.standard_normal((300, 784))).astype(np.float32)
    digits = Digits(images, labels, images[:50], labels[:50], "synthetic")
    configs = [RunConfig(hidden=8, batch_size=32, steps=STEPS, seed=s) for s in (0, 1)]
    folders = [train([c], digits, cache=tmp_path_factory.mktemp("cache"))[0] for c in configs]
    return folders, digits


SMALL = (
    (reduce, "GRIDS", {"single weights": 6, "sets": 5}),
    (reduce, "NUMBERS_GRID", 5),
    (loss_measures, "BOOTSTRAP", 1),
    (loss_measures, "SAMPLED", 100_000),
    (loss_measures, "DRAWS", 2000),
)


def concentration(folders, digits):
    with pytest.MonkeyPatch.context() as patch:
        for module, name, value in SMALL:
            patch.setattr(module, name, value)
        return reduce.concentration(folders, digits)


@pytest.fixture(scope="module")
def reduced(small_runs):
    return concentration(*small_runs)


def test_each_number_is_that_of_its_snapshot(small_runs, reduced):
    for s, folder in enumerate(small_runs[0]):
        for snapshot in open_run(folder).snapshots([0, 7, STEPS]):
            here, losses = reduced.isel(seed=s).sel(t=snapshot.step), snapshot.losses
            assert here["mean_loss"].item() == losses.mean(dtype=np.float64)
            assert here["max_loss"].item() == losses.max()
            assert here["variance_loss"].item() == pytest.approx(losses.var(dtype=np.float64), rel=1e-9)
            assert (here["above"].values / 300).tolist() == pytest.approx(exceedance(losses, reduced["b"].values))
            assert here["above_tenth"].item() == np.count_nonzero(losses >= 0.1)
            assert here["top_share"].item() == pytest.approx(top_share(losses), rel=1e-6)
            for b in (5e-3, 0.5):
                assert here["side"].sel(entropy_b=b).item() == extrapolated(losses, b)
                for definition in DEFINITIONS:
                    expected = entropy_change(losses, b, definition=definition)
                    stored = here["entropy_change"].sel(estimate=definition, entropy_b=b).item()
                    assert stored == pytest.approx(expected, rel=1e-6)


def test_histograms_and_atoms_hold_all_samples(small_runs, reduced):
    (snapshot,) = open_run(small_runs[0][0]).snapshots([STEPS])
    for definition in ("as-coded", "control"):
        here = reduced.isel(seed=0, shown_t=-1).sel(definition=definition)
        expected = loss_histogram(snapshot.losses, 100, definition=definition)
        assert (here["histogram"].values / 300).tolist() == pytest.approx(expected.share.tolist())
        assert here["histogram_range"].values.tolist() == expected.edges[[0, -1]].tolist()
    assert reduced["atom_step"].values[-1] == STEPS
    losses = expand((reduced["atom_loss"].values[-1], reduced["atom_count"].values[-1]))
    assert losses.size == 300
    assert losses.mean(dtype=np.float64) == pytest.approx(snapshot.losses.mean(dtype=np.float64), rel=1e-6)


def test_the_planes_as_coded_are_those_of_the_program(small_runs, reduced):
    folders, digits = small_runs
    *_, last = open_run(folders[0]).snapshots([1, STEPS])
    places = critical_connections(
        correlation(forward(last.weights, digits.images), definition="as-coded"), definition="as-coded"
    )
    first, sixth = (single_weight(places[i], last.weights) for i in (0, 5))
    expected = mean_surface(last.weights, digits.images, digits.labels, first, sixth, np.linspace(-1, 1, 6))
    stored = reduced["mean_single"].isel(cut_t=-1)
    assert stored.isel(plane=0).values == pytest.approx(expected, rel=1e-6)
    assert np.ptp(stored.isel(plane=2).values, axis=0).max() < 1e-7  # weight 200 moves twice, the second move wins
    assert np.ptp(stored.isel(plane=2).values, axis=1).max() > 0


def test_numbers_of_planes_are_those_of_their_surfaces():
    random = np.random.default_rng(1)
    mean, batches = random.random((5, 5)), random.random((2, 5, 5))
    of_mean, of_batches = surfaces.numbers(mean, batches)
    assert of_mean[:3] == [mean[2, 2], mean.max(), flat_fraction(mean)]
    assert of_batches[1][0] == roughness(batches[1], mean)


def test_the_bound_is_measured_against_the_rate_and_batches_without_replacement_vary_less(reduced):
    p = reduced["bound_reached"].values / loss_measures.DRAWS
    assert ((p >= 0) & (p <= 1)).all()
    assert (np.diff(reduced["bound_reached"].values[..., :4], axis=-1) <= 0).all()
    variance = reduced["batch_variance"].sel(batch_size=64).values
    assert (variance[..., 1] < variance[..., 0]).all()  # 300 samples, so (300 - 64) / 299 of it
    alone = reduced["batch_variance"].sel(batch_size=1, replacement="without").values
    at_drawn = reduced["variance_loss"].sel(t=reduced["draw_t"].values).values
    assert alone == pytest.approx(at_drawn, rel=1e-6)


def test_a_run_alone_gives_the_same_numbers_to_the_last_bit(small_runs, reduced):
    folders, digits = small_runs
    xr.testing.assert_identical(concentration(folders[:1], digits), reduced.isel(seed=[0]))


def test_what_cannot_be_reduced_is_refused(small_runs):
    folders, digits = small_runs
    many = digits._replace(labels=np.zeros(70_000, int))
    with pytest.raises(DataError, match="70000 training images"):
        reduce.concentration(folders, many)
    (last,) = open_run(folders[0]).snapshots([STEPS])
    with pytest.raises(DataError, match="0 connections are critical"):
        surfaces.directions(last.weights, np.eye(26), np.random.default_rng(0))
    with pytest.raises(UsageError, match="2 NaN or infinite values of 60"):
        loss_measures.of_all(np.r_[np.ones(58), np.nan, np.inf])
    with pytest.raises(UsageError, match="at least 50"):
        loss_measures.of_tail(np.linspace(1, 2, 40), np.random.default_rng(0))


def test_the_committed_runs_are_the_anchor_and_agree_with_the_other_reduction():
    data, other = results.load("fig2"), results.load("anchors")
    assert data.sizes["t"] == 495
    assert data.sizes["seed"] == 5
    assert data["t"].values.tolist() == other["step"].values.tolist()
    for name in ("mean_loss", "variance_loss", "max_loss"):
        assert data[name].values == pytest.approx(other[name].values, rel=2e-6)
    ours = data["entropy_change"].sel(entropy_b=5e-3).values
    assert ours == pytest.approx(other["entropy_change"].values, rel=1e-5)
    assert (data["above"].values[..., 0] == 60_000).all()
    assert (data["histogram"].sum("bin") == 60_000).all()
    assert (data["atom_count"].sum("atom") == 60_000).all()
    assert data["mean_single"].shape == (3, 3, 100, 100)
