"""Faults 1, 2, 3, 4, 6, 7, 9 and 11: killed, interrupted, damaged, locked and out of disk."""

import json
import os
import signal
import socket
import tempfile
import time

import numpy as np
import pytest

from critnet import archive
from critnet.errors import DataError, IntegrityError
from critnet.training import runs, train
from critnet.training.config import RunConfig

STACK = [
    RunConfig(hidden=6, batch_size=32, steps=300, schedule="sweep", seed=s, learning_rate=0.05 * (s + 1))
    for s in range(3)
]  # as in children.py


def folders(cache, number):
    return [runs.run_folder(cache, c) for c in STACK[:number]]


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory, digits, series):
    """Series of an undisturbed stack of one and of three runs."""
    found = {}
    for number in (1, 3):
        cache = tmp_path_factory.mktemp("whole")
        found[number] = [series(f) for f in train.train(STACK[:number], digits, cache=cache)]
    return found


@pytest.mark.parametrize("number", [1, 3])
def test_killed_ten_times_a_run_ends_bit_identical(tmp_path, child, series, same_bits, uninterrupted, number):
    sittings = json.loads(child("killed", tmp_path, number, 20 + number))
    assert len(sittings) == 10
    for folder, expected in zip(folders(tmp_path, number), uninterrupted[number], strict=True):
        assert same_bits(series(folder), expected) == "equal"
        assert runs.read_summary(folder)["interrupted"] >= 3
        assert not runs.checkpoints(folder)
        assert not list(folder.glob(".critnet-*"))


def test_the_test_above_notices_an_order_that_is_not_restored(tmp_path, child, series, same_bits, uninterrupted):
    child("killed", tmp_path, 1, 21, "order is not restored")
    assert same_bits(series(folders(tmp_path, 1)[0]), uninterrupted[1][0]).endswith("differs")


def test_fifty_kills_during_writes_leave_no_unreadable_file(tmp_path, child):
    looked_at, strays = json.loads(child("torn", tmp_path, 50))
    assert strays >= 10  # so many kills did hit a write
    assert looked_at >= 50


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signals_end_training_with_a_checkpoint(tmp_path, start, digits, number):
    steps = 10_000_000
    process = start("command", tmp_path, "--steps", steps)
    folder = runs.run_folder(tmp_path, RunConfig(hidden=6, batch_size=32, steps=steps, schedule="sweep"))
    deadline = time.monotonic() + 60
    while not (folder / "lock.lock").exists():
        assert time.monotonic() < deadline, "it did not start"
        assert process.poll() is None, process.stderr.read()
        time.sleep(0.05)
    time.sleep(0.5)
    asked = time.monotonic()
    process.send_signal(number)
    _, err = process.communicate(timeout=30)
    assert time.monotonic() - asked < 10
    assert process.returncode == 130
    assert f"of {steps}; the same command continues from there" in err
    assert "Traceback" not in err
    ((step, path),) = runs.checkpoints(folder).items()
    assert f"stopped at iteration {step} of" in err
    _, meta = archive.load_arrays(path)
    assert meta["config"]["steps"] == steps
    assert not runs.is_done(folder)
    seen = []
    with pytest.raises(train.Stopped):  # and it continues from there
        train.train(
            [RunConfig(hidden=6, batch_size=32, steps=steps, schedule="sweep")],
            digits,
            cache=tmp_path,
            progress=lambda step, *_: seen.append(step),
            stop=lambda: bool(seen),
        )
    assert step < seen[0] <= step + 50


@pytest.fixture
def half_done(tmp_path, digits):
    """A run stopped in its middle: a folder with parts and a checkpoint."""
    calls = []
    with pytest.raises(train.Stopped):
        train.train(
            STACK[:1], digits, cache=tmp_path, checkpoint_seconds=0, stop=lambda: calls.append(0) or len(calls) > 30
        )
    folder = folders(tmp_path, 1)[0]
    assert len(runs.parts(folder)) > 10
    assert len(runs.checkpoints(folder)) == 1
    return folder


def go_on(folder, digits, stack=STACK[:1]):
    return train.train(stack, digits, cache=folder.parent)


def test_stopped_and_continued_is_bit_identical(half_done, digits, series, same_bits, uninterrupted):
    go_on(half_done, digits)
    assert same_bits(series(half_done), uninterrupted[1][0]) == "equal"
    before = {p.name: p.stat().st_mtime_ns for p in half_done.iterdir()}
    assert go_on(half_done, digits) == [half_done]  # done: left alone
    assert before == {p.name: p.stat().st_mtime_ns for p in half_done.iterdir()}


def test_runs_at_different_checkpoints_all_end(half_done, digits, series, uninterrupted):
    """One run has come further than the others: each continues from its own."""
    done = train.train(STACK, digits, cache=half_done.parent)
    for folder, expected in zip(done, uninterrupted[3], strict=True):
        found = series(folder)
        np.testing.assert_array_equal(found["step"], expected["step"])
        np.testing.assert_allclose(found["batch_losses"], expected["batch_losses"], atol=1e-3)


def flip(path, bit):
    content = bytearray(path.read_bytes())
    content[bit // 8] ^= 1 << bit % 8
    path.write_bytes(content)


def test_a_checkpoint_of_another_format_is_refused_with_both_versions(half_done, digits, monkeypatch):
    (path,) = runs.checkpoints(half_done).values()
    arrays, meta = archive.load_arrays(path)
    for version in (0, 2):
        monkeypatch.setattr(archive.arrays, "CONTAINER_VERSION", version)
        archive.save_arrays(path, arrays, meta)
        monkeypatch.undo()
        kept = path.read_bytes()
        with pytest.raises(DataError, match=rf"{path.name} has array format {version}, .* format 1 .*delete it"):
            go_on(half_done, digits)
        assert path.read_bytes() == kept  # it may be precious to the version that wrote it
    path.unlink()
    go_on(half_done, digits)


def test_bit_flips_in_checkpoints_and_parts_cost_time_and_never_truth(
    half_done, digits, series, same_bits, uninterrupted
):
    random = np.random.default_rng(0)
    (checkpoint,) = runs.checkpoints(half_done).values()
    part = runs.parts(half_done)[3][2]
    for path in (checkpoint, part):
        good = path.read_bytes()
        for bit in random.integers(0, 8 * len(good), 150):
            flip(path, bit)
            with pytest.raises(IntegrityError, match=path.name):
                archive.load_arrays(path)
            path.write_bytes(good)
    flip(part, 5000)
    flip(checkpoint, 5000)
    go_on(half_done, digits)
    assert same_bits(series(half_done), uninterrupted[1][0]) == "equal"


def test_a_damaged_part_alone_sends_the_run_back(half_done, digits, series, same_bits, uninterrupted):
    flip(runs.parts(half_done)[3][2], 4000)
    go_on(half_done, digits)
    assert same_bits(series(half_done), uninterrupted[1][0]) == "equal"


@pytest.mark.parametrize("cut", [-1, 0.5, 0])
def test_truncated_checkpoints_are_not_continued_from(half_done, digits, series, same_bits, uninterrupted, cut):
    (path,) = runs.checkpoints(half_done).values()
    content = path.read_bytes()
    path.write_bytes(content[: cut if cut in (-1, 0) else int(len(content) * cut)])
    go_on(half_done, digits)
    assert same_bits(series(half_done), uninterrupted[1][0]) == "equal"


def test_damage_to_a_finished_run_is_named(half_done, digits, series):
    go_on(half_done, digits)
    summary, (first, last, part) = half_done / "summary.json", runs.parts(half_done)[2]
    good = summary.read_bytes()
    random = np.random.default_rng(1)
    for bit in random.integers(0, 8 * len(good), 300):
        flip(summary, bit)
        with pytest.raises(IntegrityError, match=r"summary\.json.*elete the folder and train the run again"):
            runs.open_run(half_done)
        summary.write_bytes(good)
    flip(part, 3000)
    with pytest.raises(IntegrityError, match=part.name):
        series(half_done)
    part.unlink()
    with pytest.raises(IntegrityError, match=rf"starts at {last}, but the part before it ends at {first}"):
        runs.open_run(half_done)
    summary.unlink()
    with pytest.raises(DataError, match="Train the run first: critnet train"):
        runs.open_run(half_done)


def test_a_summary_of_another_format_is_refused(half_done, digits, monkeypatch):
    go_on(half_done, digits)
    body = runs.read_summary(half_done)
    runs.write_summary(half_done, {**body, "format": 0})
    with pytest.raises(DataError, match=r"has format 0; this version reads 1\. Delete .* and train the run again"):
        runs.open_run(half_done)


def test_a_checkpoint_of_another_run_is_refused(half_done, digits):
    (path,) = runs.checkpoints(half_done).values()
    arrays, meta = archive.load_arrays(path)
    archive.save_arrays(path, arrays, {**meta, "config": {**meta["config"], "seed": 5}})
    with pytest.raises(IntegrityError, match=r"belongs to another run: .*'seed': 5.*Delete"):
        go_on(half_done, digits)


def test_two_writers_the_second_is_sent_away(tmp_path, start, digits):
    steps = 10_000_000
    config = RunConfig(hidden=6, batch_size=32, steps=steps, schedule="sweep")
    folder = runs.run_folder(tmp_path, config)
    first = start("command", tmp_path, "--steps", steps)
    deadline = time.monotonic() + 60
    while not (folder / "lock.lock.owner").exists():
        assert time.monotonic() < deadline, "it did not start"
        assert first.poll() is None, first.stderr.read()
        time.sleep(0.05)
    with pytest.raises(DataError, match=rf"is being written by process {first.pid} on {socket.gethostname()}"):
        train.train([config], digits, cache=tmp_path)
    first.kill()  # its lock dies with it
    first.communicate()
    with pytest.raises(train.Stopped):
        train.train([config], digits, cache=tmp_path, stop=lambda: True)


def test_a_run_that_another_process_finished_meanwhile_is_left_alone(half_done, digits, monkeypatch):
    """Between our look at the folder and our lock on it."""
    asked = runs.is_done
    looks = []

    def late(folder):
        looks.append(folder)
        if len(looks) == 1:
            monkeypatch.setattr(runs, "is_done", asked)
            go_on(folder, digits)
            return False
        return asked(folder)

    monkeypatch.setattr(runs, "is_done", late)
    go_on(half_done, digits)
    runs.open_run(half_done)


@pytest.mark.parametrize("mode", [0o555, 0o000])
def test_a_cache_without_permission(child, mode):
    with tempfile.TemporaryDirectory() as cache:  # pytest's own folders are closed to other users anyway
        message = child("nobody", cache, mode, code=3)
        assert f"cannot lock {cache}/" in message
        assert "no permission; choose a folder you may write to" in message
        assert not os.listdir(cache)


def test_a_full_disk_is_named_and_training_goes_on_when_there_is_room(
    tmp_path, child, namespace, series, same_bits, uninterrupted
):
    disk, kept = tmp_path / "disk", tmp_path / "disk-kept"
    disk.mkdir()
    mount = ["sh", "-c", 'mount -t tmpfs -o size=120k tmpfs "$0" && exec "$@"', str(disk)] if namespace else []
    message, facts = child("full", disk, 120_000, "50m", prefix=[*namespace, *mount]).splitlines()
    assert json.loads(facts) == [3, [], False]  # exit code, stray files, done
    assert f"cannot write {disk}" in message
    assert "free some space" in message or not namespace
    folder = folders(kept if namespace else disk, 1)[0]
    assert same_bits(series(folder), uninterrupted[1][0]) == "equal"
