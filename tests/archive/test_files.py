"""Faults 7, 10 and 11: refused, read while replaced, full disk."""

import os
import subprocess
import sys

import pytest

from critnet import archive
from critnet.archive import files
from critnet.errors import DataError


def test_writes_bytes_and_functions_and_makes_folders(tmp_path):
    path = tmp_path / "new" / "a.txt"
    archive.atomic_write(path, b"one")
    archive.atomic_write(path, lambda file: file.write(b"two"))
    assert path.read_bytes() == b"two"
    assert os.listdir(path.parent) == ["a.txt"]


@pytest.mark.parametrize("error", [OSError(28, "full"), ValueError("bug"), KeyboardInterrupt()])
def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path, error):
    path = tmp_path / "a.txt"
    archive.atomic_write(path, b"old")

    def fail(file):
        file.write(b"half")
        raise error

    with pytest.raises(DataError if isinstance(error, OSError) else type(error)):
        archive.atomic_write(path, fail)
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["a.txt"]


def test_errors_name_file_cause_and_way_out(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    (tmp_path / "folder").mkdir()
    for path, words in [
        (tmp_path / "file" / "a.nc", ["a folder"]),
        (tmp_path / "folder", ["folder", "choose"]),
        (tmp_path / ("long" * 100), ["too long", "shorter"]),
    ]:
        with pytest.raises(DataError) as caught:
            archive.atomic_write(path, b"x")
        assert all(word in str(caught.value) for word in [str(path), *words])
    assert sorted(os.listdir(tmp_path)) == ["file", "folder"]


FULL = """
    import os, resource, sys, numpy as np, xarray as xr
    from critnet import archive
    from critnet.errors import DataError
    folder, limit, attrs = sys.argv[1], int(sys.argv[2]), dict(configuration={}, command="", device="", threads=1)
    archive.save_arrays(folder + "/run", {"weights": np.arange(5)}, {})
    if limit:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    big = np.random.default_rng(0).random(200_000)
    for write in [lambda: archive.save_arrays(folder + "/run", {"weights": big}, {}),
                  lambda: archive.write(folder + "/run", xr.Dataset({"weights": ("x", big)}), attrs=attrs),
                  lambda: archive.atomic_write(folder + "/run", big.tobytes())]:
        try:
            write()
        except DataError as error:
            print(error)
        else:
            sys.exit("it fitted")
    assert archive.load_arrays(folder + "/run")[0]["weights"].tolist() == [0, 1, 2, 3, 4]
    assert os.listdir(folder) == ["run"], os.listdir(folder)
"""


def test_a_write_over_the_file_size_limit(tmp_path, run):
    lines = run(FULL, tmp_path, 500_000).splitlines()
    assert len(lines) == 3
    assert all(
        f"{tmp_path}/run" in line and "File too large" in line and "choose another folder" in line for line in lines
    )


def test_a_full_disk(tmp_path, run, namespace):
    """On a disk of 500 kB, where mounting one is allowed; elsewhere the size limit stands in for it."""
    if namespace:
        mount = ["sh", "-c", 'mount -t tmpfs -o size=500k tmpfs "$0" && exec "$@"', str(tmp_path)]
        lines = run(FULL, tmp_path, 0, prefix=[*namespace, *mount]).splitlines()
    else:
        lines = run(FULL, tmp_path, 500_000).splitlines()
    assert len(lines) == 3
    assert all(
        f"{tmp_path}/run" in line and ("the disk is full; free some space" in line or not namespace) for line in lines
    )


def test_a_file_is_whole_for_readers_while_it_is_replaced(tmp_path, start):
    path = tmp_path / "file"
    archive.atomic_write(path, b"0" * 1_000_000)
    writer = start(
        """
        import itertools, sys
        from critnet.archive.files import atomic_write
        for i in itertools.count():
            atomic_write(sys.argv[1], str(i % 10).encode() * 1_000_000)
    """,
        path,
    )
    seen = set()
    while len(seen) < 5:  # five different contents
        content = path.read_bytes()
        assert len(content) == 1_000_000
        assert len(set(content)) == 1
        seen.add(content[0])
        assert writer.poll() is None, writer.stderr.read()


def test_sweep_removes_what_the_dead_left_and_nothing_else(tmp_path):
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    here, elsewhere = files._host(), "0" * 8

    def stray(pid, host, letter, age=0):
        path = tmp_path / f".critnet-{pid}-{host}{letter * 8}.tmp"
        path.write_bytes(b"half")
        os.utime(path, (path.stat().st_mtime - age,) * 2)
        return path

    gone = [
        stray(dead.pid, here, "a"),
        stray(os.getpid(), here, "b"),
        stray(os.getppid(), here, "c", age=100_000),
        stray(dead.pid, elsewhere, "d", age=100_000),
        stray(10**30, here, "e"),
    ]
    stays = [stray(os.getppid(), here, "a"), stray(dead.pid, elsewhere, "b"), tmp_path / ".critnet-notes.tmp"]
    stays[-1].write_bytes(b"the user's own")

    def write_and_sweep(file):
        assert sorted(archive.sweep(tmp_path)) == sorted(gone)

    archive.atomic_write(tmp_path / "result", write_and_sweep)
    assert sorted(tmp_path.iterdir()) == sorted([*stays, tmp_path / "result"])
    assert archive.sweep(tmp_path / "missing") == []


def test_who_is_alive_is_asked_without_a_signal(monkeypatch):
    """On Windows, os.kill(pid, 0) is Ctrl-C for a group of processes."""

    def kill(*_):
        raise AssertionError("a signal was sent")

    assert files.alive(os.getppid())
    assert not files.alive(10**30)
    monkeypatch.setattr("psutil.pid_exists", lambda pid: pid == 7)
    monkeypatch.setattr(os, "kill", kill)
    assert files.alive(7)
    assert not files.alive(8)
