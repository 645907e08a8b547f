"""Recording windows: they disturb nothing, hold what a snapshot would, survive kills, and notice what is missing."""

import importlib
from pathlib import Path

import numpy as np
import pytest

from critnet import archive
from critnet.errors import DataError, IntegrityError, UsageError
from critnet.training import runs, train
from critnet.training.campaign import campaign
from critnet.training.mlp import flatten
from critnet.training.windows import Windows, recording_windows

SPANS = ((0, 40), (97, 131), (290, 900))  # the second begins and ends within an epoch, the last beyond the run


@pytest.fixture(scope="module")
def windows(digits):
    return recording_windows(digits.labels, SPANS, 7)


@pytest.fixture(scope="module")
def plain(tmp_path_factory, digits, config, series):
    (folder,) = train.train([config()], digits, cache=tmp_path_factory.mktemp("plain"))
    return series(folder)


@pytest.fixture(scope="module")
def recorded(tmp_path_factory, digits, config, windows):
    (folder,) = train.train([config()], digits, cache=tmp_path_factory.mktemp("recorded"), windows=windows)
    return folder


def late(snapshot):
    return flatten(snapshot.weights)[784 * 6 + 6 :]


def test_a_run_with_windows_is_the_run_without_to_the_last_bit(plain, recorded, series, same_bits):
    assert same_bits(series(recorded), plain) == "equal"
    assert runs.read_summary(recorded)["digest"] == recorded.name


def test_windows_hold_every_iteration_and_what_the_snapshots_hold(recorded, windows, digits):
    run = runs.open_run(recorded)
    found = list(run.windows())
    assert [(w.step[0], w.step[-1]) for w in found] == [(0, 40), (97, 131), (290, 300)]
    compared = 0
    for window in found:
        assert window.losses.shape == (len(window.step), len(windows.images)) == (len(window.step), 70)
        assert np.array_equal(np.bincount(digits.labels[window.images]), np.full(10, 7))
        for snapshot in run.snapshots(window.step.tolist()):
            i = int(np.flatnonzero(window.step == snapshot.step)[0])
            assert np.array_equal(window.weights[i], late(snapshot))
            np.testing.assert_allclose(window.losses[i], snapshot.losses[window.images], rtol=1e-4, atol=1e-6)
            compared += 1
        assert np.abs(np.diff(window.weights, axis=0)).max(axis=1).min() > 0  # it moves at every iteration
    assert compared > 20


def test_stopped_and_continued_windows_are_those_of_an_undisturbed_run(
    tmp_path, digits, config, windows, plain, recorded, series, same_bits
):
    calls = iter(range(10_000))
    sittings = 0
    while True:
        try:
            (folder,) = train.train(
                [config()], digits, cache=tmp_path, windows=windows, stop=lambda: next(calls) % 23 == 22,
                checkpoint_seconds=0 if sittings % 2 else 30,
            )  # fmt: skip
            break
        except train.Stopped:
            sittings += 1
            stray = runs.window_path(runs.run_folder(tmp_path, config()), 900, 901)
            stray.write_bytes(b"cut sh")  # left by a kill between a window and its part
    assert sittings >= 4
    assert same_bits(series(folder), plain) == "equal"
    assert len(runs.window_parts(folder)) > 3
    for one, other in zip(runs.open_run(folder).windows(), runs.open_run(recorded).windows(), strict=True):
        assert same_bits(one._asdict(), other._asdict()) == "equal"


def test_a_damaged_window_is_trained_again_before_the_end(tmp_path, digits, config, windows, recorded, same_bits):
    calls = iter(range(10_000))
    with pytest.raises(train.Stopped):
        train.train([config()], digits, cache=tmp_path, windows=windows, stop=lambda: next(calls) == 60)
    (first,) = runs.window_parts(runs.run_folder(tmp_path, config()))
    first[2].write_bytes(first[2].read_bytes()[:-1])
    (folder,) = train.train([config()], digits, cache=tmp_path, windows=windows)
    for one, other in zip(runs.open_run(folder).windows(), runs.open_run(recorded).windows(), strict=True):
        assert same_bits(one._asdict(), other._asdict()) == "equal"


def test_missing_windows_are_said(tmp_path, digits, config, windows, plain):
    (folder,) = train.train([config()], digits, cache=tmp_path)
    with pytest.raises(DataError, match="without recording windows"):
        list(runs.open_run(folder).windows())
    with pytest.raises(UsageError, match="delete this run"):
        train.train([config()], digits, cache=tmp_path, windows=windows)
    (folder,) = train.train([config(seed=1)], digits, cache=tmp_path, windows=windows)
    assert train.train([config(seed=1)], digits, cache=tmp_path) == [folder]  # more than asked for is no fault
    (_, _, path), *_ = runs.window_parts(folder)
    arrays, meta = archive.load_arrays(path)
    kept = np.delete(np.arange(len(arrays["step"])), 12)
    cut = {name: a if name == "images" else a[kept] for name, a in arrays.items()}
    archive.save_arrays(path, cut, meta)
    with pytest.raises(IntegrityError, match="lacks iterations of its window from 0 to 40"):
        list(runs.open_run(folder).windows())


def test_a_checkpoint_without_windows_is_not_continued_with_them(tmp_path, digits, config, windows):
    calls = iter(range(10_000))
    with pytest.raises(train.Stopped):
        train.train([config()], digits, cache=tmp_path, stop=lambda: next(calls) == 9)
    with pytest.raises(UsageError, match="recording windows none"):
        train.train([config()], digits, cache=tmp_path, windows=windows)


def test_windows_of_a_run_that_diverges_end_with_it(tmp_path, digits, config, windows):
    (folder,) = train.train([config(learning_rate=1e6)], digits, cache=tmp_path, windows=windows)
    at = runs.read_summary(folder)["diverged_at"]
    (window,) = runs.open_run(folder).windows()
    assert window.step.tolist() == list(range(at + 1))


def test_the_windows_of_the_anchors_are_6000_images_and_4003_iterations():
    labels = np.repeat(np.arange(10), 1000)
    found = recording_windows(labels)
    assert len(found.steps(200_000)) == 2001 + 1001 + 1001
    assert np.array_equal(np.bincount(labels[list(found.images)]), np.full(10, 600))
    assert found.as_dict()["images"] == 6000
    other = found._replace(images=(*found.images[:-1], 9999))
    assert other.as_dict()["digest"] != found.as_dict()["digest"]


@pytest.mark.parametrize("spans", [(), ((3, 2),), ((-1, 2),), ((0, 5), (5, 9)), ((6, 9), (0, 3))])
def test_spans_out_of_order_are_refused(spans):
    with pytest.raises(UsageError, match="spans"):
        recording_windows(np.arange(10), spans)


def test_no_images_are_refused():
    with pytest.raises(UsageError, match="images_a_digit is 0"):
        recording_windows(np.arange(10), images_a_digit=0)
    assert Windows(((0, 1),), (4,)).steps(0) == [0]


def test_a_campaign_keeps_the_windows_of_the_anchors_where_asked(tmp_path, monkeypatch, config):
    monkeypatch.syspath_prepend(str(Path(__file__).parent))
    load = importlib.import_module("children").made_up_digits
    configs = [config(), config(seed=1)]
    assert campaign(configs, load, cache=tmp_path, windows=True) == []
    for c in configs:
        (window,) = runs.open_run(runs.run_folder(tmp_path, c)).windows()
        assert window.step.tolist() == list(range(301))
        assert window.losses.shape == (301, len(load().labels))  # fewer than 600 of each digit: all
