"""The reduction of the catalogue: a run against its snapshots, many in one file, absent and diverged ones."""

import dataclasses

import numpy as np
import pytest
import xarray as xr
from threadpoolctl import threadpool_limits

from critnet import archive
from critnet.dynamics.flux import bin_edges, flux
from critnet.errors import DataError
from critnet.losses.deviations import entropy_change
from critnet.neurons.activity import correlation, forward
from critnet.neurons.cliques import clique_size_counts, maximal_cliques
from critnet.neurons.graphs import adjacency, degrees, graph_metrics, total_correlation_strength
from critnet.paper import results
from critnet.paper.sweeps import assembly, layout, table, weights
from critnet.paper.sweeps.run import _entropy, final_weights, reduce_run
from critnet.training.config import RunConfig, snapshots
from critnet.training.datasets import Digits
from critnet.training.mlp import flatten
from critnet.training.runs import open_run
from critnet.training.train import train

STEPS = 130  # beyond the iteration 100 at which distributions are kept
CONFIGS = [
    RunConfig(hidden=6, batch_size=32, steps=STEPS, schedule="sweep", seed=0),
    RunConfig(hidden=9, batch_size=16, steps=STEPS, schedule="sweep", seed=1),
    RunConfig(hidden=6, batch_size=32, steps=STEPS, schedule="sweep", seed=0, learning_rate=1e6),
]
ATTRS = {"configuration": [], "command": "test", "device": "cpu", "threads": [1]}


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    """As in the reduction; more threads round otherwise."""
    with threadpool_limits(1):
        yield


@pytest.fixture(scope="module")
def digits():
    random = np.random.default_rng(0)
    labels = np.arange(200) % 10
    images = (random.standard_normal((10, 784))[labels] + random.standard_normal((200, 784))).astype(np.float32)
    return Digits(images, labels, images[:50], labels[:50], "synthetic")


@pytest.fixture(scope="module")
def folders(digits, tmp_path_factory):
    cache = tmp_path_factory.mktemp("cache")
    return [train([c], digits, cache=cache)[0] for c in CONFIGS]


@pytest.fixture(scope="module")
def reduced(folders, digits):
    return [reduce_run(open_run(f), digits.images, digits.labels) for f in folders]


@pytest.fixture(scope="module")
def together(folders, digits):
    return assembly.assemble(CONFIGS, folders, None, digits, order=CONFIGS)


def test_every_array_has_the_dimensions_of_the_layout(reduced):
    for config, arrays in zip(CONFIGS, reduced, strict=True):
        length = layout.sizes(config)
        assert arrays.keys() == layout.LAYOUT.keys()
        for name, field in layout.LAYOUT.items():
            rows = len(arrays["row_size"])
            assert arrays[name].shape == tuple(length.get(d, rows) for d in field.dims), name


def test_losses_and_correlations_are_those_of_the_snapshots(folders, reduced, digits):
    arrays = reduced[1]
    steps, chosen = arrays["step"].tolist(), arrays["correlated_step"].tolist()
    assert steps == list(snapshots("sweep", STEPS))
    assert chosen[-1] == STEPS
    seen = 0
    for snapshot in open_run(folders[1]).snapshots():
        if snapshot.step in steps:
            i, losses = steps.index(snapshot.step), snapshot.losses.astype(float)
            assert arrays["mean_loss"][i] == losses.mean()
            assert arrays["variance_loss"][i] == losses.var()
            assert arrays["entropy_change"][i, 1] == entropy_change(snapshot.losses, 5e-3, definition="control")
        if snapshot.step in chosen:
            c, seen = chosen.index(snapshot.step), seen + 1
            activity = forward(snapshot.weights, digits.images)
            assert arrays["train_accuracy"][c] == (activity[-10:].argmax(0) == digits.labels).mean()
            for g, (definition, convention) in enumerate(layout.GRAPHS):
                matrix = correlation(activity, definition=definition)
                d = layout.DEFINITIONS.index(definition)
                assert arrays["strength"][c, d] == total_correlation_strength(matrix)
                expected = graph_metrics(matrix, layout.THRESHOLDS, convention)
                assert arrays["n_edges"][c, g].tolist() == expected.n_edges.tolist()
                assert arrays["susceptibility"][c, g] == pytest.approx(expected.susceptibility, nan_ok=True)
    assert seen == len(chosen)
    assert arrays["final_loss_quantile"][[0, 16, -1]].tolist() == [losses.min(), np.median(losses), losses.max()]


def test_fluxes_are_those_between_the_snapshots_over_the_range_of_the_run(folders, reduced):
    arrays = reduced[0]
    kept = {s.step: s for s in open_run(folders[0]).snapshots()}
    steps = arrays["step"].tolist()
    for o, values in enumerate((lambda s: s.losses, lambda s: flatten(s.weights))):
        pooled = np.concatenate([values(kept[t]) for t in steps])
        assert arrays["range"][o].tolist() == [pooled.min(), pooled.max()]
        edges = bin_edges(float(pooled.min()), float(pooled.max()))
        for i in (0, 5, len(steps) - 2):
            found = flux(values(kept[steps[i]]), values(kept[steps[i + 1]]), steps[i + 1] - steps[i], edges)
            assert arrays["flux"][o, 0, i] == found.total
            assert arrays["flux_floor"][o, 0, i] == found.floor
            assert arrays["speed"][o, i] == found.speed >= arrays["drift"][o, i] == found.drift
            one = flux(values(kept[steps[i]]), values(kept[steps[i] + 1]), 1, edges)
            assert arrays["unit_flux"][o, 0, i] == one.total


def test_the_table_counts_degrees_and_cliques(folders, reduced, digits):
    arrays = reduced[0]
    assert layout.moments("sweep", STEPS) == [100, STEPS]
    for m, step in enumerate((100, STEPS)):
        (snapshot,) = open_run(folders[0]).snapshots([step])
        activity = forward(snapshot.weights, digits.images)
        for g, (definition, convention) in enumerate(layout.GRAPHS):
            graph = adjacency(correlation(activity, definition=definition), 0.5, convention)
            here = (arrays["row_kind"] == 0) & (arrays["row_moment"] == m) & (arrays["row_graph"] == g)
            here &= arrays["row_threshold"] == 0
            sizes, counts = np.unique(degrees(graph), return_counts=True)
            assert arrays["row_size"][here].tolist() == sizes.tolist()
            assert arrays["row_count"][here].tolist() == counts.tolist()
            if g == 0:
                here = (arrays["row_kind"] == 2) & (arrays["row_moment"] == m)
                sizes, counts = clique_size_counts(maximal_cliques(graph)[0])
                assert arrays["row_size"][here].tolist() == sizes.tolist()
                assert arrays["row_count"][here].tolist() == counts.tolist()


def test_distributions_hold_every_parameter_pair_and_loss(reduced):
    for config, arrays in zip(CONFIGS[:2], reduced, strict=False):
        neurons = 2 * config.hidden + 10
        assert np.nansum(arrays["final_losses"]) == 200
        assert arrays["pair_strengths"].sum(axis=-1).max() <= neurons * (neurons - 1) / 2
        assert arrays["largest_losses"][0] == arrays["max_loss"][-1]


def test_a_diverged_run_has_axes_and_nothing_after_it_diverged(folders, reduced):
    arrays = reduced[2]
    at = open_run(folders[2]).summary["diverged_at"]
    assert at is not None
    assert np.isfinite(arrays["mean_loss"][arrays["step"] < at]).any()
    assert np.isnan(arrays["mean_loss"][arrays["step"] >= at]).all()
    assert np.isnan(arrays["final_losses"]).all()
    assert final_weights(open_run(folders[2])) is None
    assert final_weights(open_run(folders[0])).shape == (784 * 6 + 6 + 36 + 6 + 60 + 10,)


def test_one_file_holds_what_each_run_gave(together, reduced):
    assert together["digest"].values.tolist() == [c.digest for c in CONFIGS]
    assert (together["diverged_at"].values >= 0).tolist() == [False, False, True]
    for i, arrays in enumerate(reduced):
        mine = together["row_run"].values == i
        for name, field in layout.LAYOUT.items():
            if field.dims == ("row",):
                assert together[name].values[mine].tolist() == arrays[name].tolist()
            elif name not in ("step", "correlated_step"):
                assert np.array_equal(together[name].values[i], arrays[name].astype(np.float32), equal_nan=True), name


def test_losses_about_to_explode_have_no_entropy_change_as_coded_and_a_finite_one_otherwise():
    losses = np.geomspace(1e-3, 3e38, 200).astype(np.float32)  # their sum is no number in single precision
    assert np.isnan(_entropy(losses, "as-coded"))
    assert _entropy(losses, "upper-tail") == 0  # b lies below the mean
    assert 0 < _entropy(losses, "control") <= np.log(200)


def test_a_run_that_cannot_be_reduced_is_named(folders, digits, monkeypatch):
    def refuse(*args):
        raise DataError("what is wrong with it")

    monkeypatch.setattr("critnet.paper.sweeps.run.reduce_run", refuse)
    with pytest.raises(DataError, match=rf"hidden 9.*{CONFIGS[1].digest}.*: what is wrong with it"):
        assembly.assemble(CONFIGS[1:2], folders[1:2], None, digits, order=CONFIGS)


def test_a_variance_beyond_single_precision_is_stored_as_infinite(folders, digits, reduced, monkeypatch):
    def exploding(folder, images, labels):
        arrays = reduced[folders.index(folder)]
        return arrays | {"variance_loss": arrays["variance_loss"] + 1e58}, -1

    monkeypatch.setattr(assembly, "_reduced", exploding)
    stored = assembly.assemble(CONFIGS[:1], folders[:1], None, digits, order=CONFIGS)
    assert np.isposinf(stored["variance_loss"]).all()
    assert np.isfinite(stored["mean_loss"]).all()


def written(dataset, folder):
    folder.mkdir(exist_ok=True)
    archive.write(folder / "sweeps.nc", dataset, attrs=ATTRS)
    archive.write_manifest(folder)
    return archive.read(folder / "sweeps.nc")


def test_two_processes_give_the_same_bytes_and_absent_runs_stay_as_they_were(folders, digits, together, tmp_path):
    stored = written(together, tmp_path / "one")
    again = assembly.assemble(CONFIGS, folders, None, digits, order=CONFIGS, jobs=2)
    written(again, tmp_path / "two")
    assert (tmp_path / "one/sweeps.nc").read_bytes() == (tmp_path / "two/sweeps.nc").read_bytes()
    # only the second run is here; the others come from the file, and the order is that of the catalogue
    part = assembly.assemble(CONFIGS[1:2], folders[1:2], stored, digits, order=CONFIGS, fresh=True)
    written(part, tmp_path / "three")
    assert (tmp_path / "one/sweeps.nc").read_bytes() == (tmp_path / "three/sweeps.nc").read_bytes()
    fewer = assembly.assemble(CONFIGS[:1], folders[:1], None, digits, order=CONFIGS)
    assert fewer["digest"].values.tolist() == [CONFIGS[0].digest]
    assert written(fewer, tmp_path / "four")["mean_loss"].dims == ("run", "t")


def test_a_run_reduced_by_the_same_program_is_taken_over_and_by_another_measured_again(folders, digits, together):
    altered = together.copy(deep=True)
    altered["mean_loss"][0] = 7.0
    same = assembly.assemble(CONFIGS, folders, altered, digits, order=CONFIGS)
    assert (same["mean_loss"][0] == 7.0).all()
    assert not (
        assembly.assemble(CONFIGS, folders, altered, digits, order=CONFIGS, fresh=True)["mean_loss"][0] == 7.0
    ).any()
    altered["code"] = altered["code"].copy(data=["0" * 16] * 3)
    xr.testing.assert_identical(assembly.assemble(CONFIGS, folders, altered, digits, order=CONFIGS), together)


def test_the_digest_of_the_program_covers_what_it_imports(monkeypatch, tmp_path):
    import shutil
    from pathlib import Path

    import critnet

    before = assembly.code_digest()
    copy = tmp_path / "critnet"
    shutil.copytree(Path(critnet.__file__).parent, copy, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(critnet, "__file__", str(copy / "__init__.py"))
    assert assembly.code_digest() == before
    for name in ("dynamics/flux.py", "neurons/edges.py", "paper/sweeps/correlated.py", "losses/tilting.py"):
        text = (copy / name).read_text()
        (copy / name).write_text(text + "\nCHANGED = 1\n")
        assert assembly.code_digest() != before, name
        (copy / name).write_text(text.replace('"""', '"""Said otherwise: ', 1) + "# the end\n")
        assert assembly.code_digest() == before, name
        (copy / name).write_text(text)
    (copy / "cli.py").write_text("")
    assert assembly.code_digest() == before


def test_weights_come_back_as_they_were_trained_and_absent_runs_stay(folders):
    stored = weights.weights(CONFIGS, folders, None, order=CONFIGS)
    assert stored["digest"].values.tolist() == [c.digest for c in CONFIGS[:2]]  # the third diverged
    for config, folder in zip(CONFIGS[:2], folders, strict=False):
        (last,) = open_run(folder).snapshots([STEPS])
        network = weights.network(stored, config.digest)
        assert all(np.array_equal(network[name], last.weights[name]) for name in last.weights)
    assert stored["start"].values.tolist() == [0, len(final_weights(open_run(folders[0])))]
    again = weights.weights(CONFIGS[1:2], folders[1:2], stored, order=CONFIGS)
    xr.testing.assert_identical(again, stored)
    with pytest.raises(DataError, match=f"no weights of run {CONFIGS[2].digest}"):
        weights.flat_of(stored, CONFIGS[2].digest)


def test_a_network_that_two_runs_end_with_is_stored_once(folders, digits, tmp_path):
    """An anchor and the same run with fewer snapshots: two runs of the catalogue, one network."""
    twin = dataclasses.replace(CONFIGS[0], schedule="anchor")
    (folder,) = train([twin], digits, cache=tmp_path)
    order = [*CONFIGS[:2], twin]
    stored = weights.weights(order, [*folders[:2], folder], None, order=order)
    assert stored["start"].values.tolist() == [0, len(weights.flat_of(stored, twin.digest)), 0]
    assert np.array_equal(weights.flat_of(stored, twin.digest), weights.flat_of(stored, CONFIGS[0].digest))
    assert stored.sizes["position"] == sum(len(final_weights(open_run(f))) for f in folders[:2])
    xr.testing.assert_identical(weights.weights([twin], [folder], stored, order=order), stored)


def test_a_run_on_shuffled_labels_is_judged_by_them_and_said_to_be_a_null(digits, tmp_path):
    """It learns its labels by heart: right about them, wrong about what the images show."""
    null = RunConfig(hidden=40, batch_size=16, steps=1500, schedule="sweep", label_seed=3)
    (folder,) = train([null], digits, cache=tmp_path)
    measured = table.measure(null, folder, digits.images, digits.labels)
    arrays, _ = assembly._reduced(folder, digits.images, digits.labels)
    assert measured["train_accuracy"] == arrays["train_accuracy"][-1] > 0.9
    assert measured["test_accuracy"] < 0.5
    rows = table.rows([], [], tmp_path / "none.csv", digits)
    assert {r.labels for r in rows if "shuffled" in r.experiments.split()} == {"shuffled"}
    assert {r.labels for r in rows if "shuffled" not in r.experiments.split()} == {"true"}


def test_a_row_says_how_a_run_ended(folders, digits):
    done, _, diverged = (
        table.measure(c, f, digits.images, digits.labels) for c, f in zip(CONFIGS, folders, strict=True)
    )
    (last,) = open_run(folders[0]).snapshots([STEPS])
    losses = last.losses.astype(float)
    assert done["state"] == "done"
    assert done["diverged_at"] is None
    assert done["mean_loss"] == losses.mean()
    assert done["max_loss"] == losses.max()
    change = entropy_change(losses, 5e-3, definition="control")
    assert done["criterion_control"] == pytest.approx(np.log(losses.mean() / change)) or change <= 0
    assert diverged["state"] == "diverged"
    assert diverged["diverged_at"] > 0
    assert "mean_loss" not in diverged


def test_the_table_lists_the_whole_catalogue_and_keeps_what_is_absent(tmp_path, digits):
    rows = table.rows([], [], tmp_path / "none.csv", digits)
    assert len({r.digest for r in rows}) == len(rows)
    assert {r.state for r in rows} == {"not run"}
    for name, least in {
        "anchor": 5,
        "inits": 3,
        "sizes": 60,
        "batches": 18,
        "rates": 24,
        "starts": 12,
        "grid": 153,
        "shuffled": 2,
    }.items():
        assert sum(name in r.experiments.split() for r in rows) == least
    measured = rows[3]._replace(state="done", mean_loss=0.25, diverged_at=None, seconds=12.5, threads=1)
    (tmp_path / "runs.csv").write_text(table.as_csv([*rows[:3], measured, *rows[4:]]))
    again = table.rows([], [], tmp_path / "runs.csv", digits)
    assert again[3] == measured
    assert again[4].state == "not run"
    assert table.as_csv(again) == (tmp_path / "runs.csv").read_text()


def test_the_committed_files_hold_the_same_runs():
    """Every run of runs.csv that has ended is in sweeps.nc (the anchors are in files of their own) with the same end,
    and no other; weights.nc has the networks of those that did not diverge, of wide ones the first seed."""
    rows = {row.digest: row for row in table.read(results.folder() / "runs.csv")}
    ended = {d: r for d, r in rows.items() if r.state != "not run"}
    sweeps, networks = results.load("sweeps"), results.load("weights")
    assert set(sweeps.digest.values) == {d for d, r in ended.items() if r.schedule == "sweep"}
    for name, labels in (("anchors", "true"), ("shuffled", "shuffled")):
        here = {d for d, r in ended.items() if r.schedule == "anchor" and r.labels == labels}
        assert set(results.load(name).digest.values) == here
    for digest, losses in zip(sweeps.digest.values, sweeps.mean_loss.values, strict=True):
        if ended[digest].state == "done":
            assert losses[-1] == pytest.approx(ended[digest].mean_loss, rel=1e-5)
        else:
            assert np.isnan(losses[-1])
    kept = {c.digest for c in weights.kept()}
    assert set(networks.digest.values) == {d for d, row in rows.items() if row.state == "done" and d in kept}
    left_out = [
        row for d, row in rows.items() if set(weights.EXPERIMENTS) & set(row.experiments.split()) and d not in kept
    ]
    assert {(row.seed > 0, row.hidden > weights.WIDEST) for row in left_out} == {(True, True)}
