"""Fault 9: two writers on one run."""

import errno
import fcntl
import os
import socket
import threading

import pytest

from critnet import archive
from critnet.errors import DataError

HOLD = """
    import sys, time
    from critnet import archive
    with archive.lock(sys.argv[1]):
        print("held", flush=True)
        time.sleep(60)
"""


def test_a_second_writer_is_told_who_holds_the_run(tmp_path, start):
    holder = start(HOLD, tmp_path / "run")
    assert holder.stdout.readline() == "held\n"
    message = f"run is being written by process {holder.pid} on {socket.gethostname()} since 20"
    with pytest.raises(DataError, match=message), archive.lock(tmp_path / "run"):
        pass
    holder.kill()  # kill -9: the system drops the lock, only the note stays
    holder.wait()
    assert (tmp_path / "run.lock.owner").exists()
    with archive.lock(tmp_path / "run"):
        assert str(os.getpid()) in (tmp_path / "run.lock.owner").read_text()
    assert not (tmp_path / "run.lock.owner").exists()


def test_of_many_threads_one_gets_the_run(tmp_path):
    barrier, won, told = threading.Barrier(8), [], []

    def contend():
        barrier.wait()
        try:
            with archive.lock(tmp_path / "run"):
                won.append(1)
                barrier.wait()
        except DataError as error:
            told.append(str(error))
            barrier.wait()

    threads = [threading.Thread(target=contend) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(won), len(told)) == (1, 7)


def test_the_same_process_cannot_take_it_twice_and_other_runs_are_free(tmp_path):
    with (
        archive.lock(tmp_path / "a"),
        archive.lock(tmp_path / "b"),
        pytest.raises(DataError, match=f"process {os.getpid()} "),
        archive.lock(tmp_path / "a"),
    ):
        pass
    with archive.lock(tmp_path / "a"):
        pass


def test_an_error_inside_frees_the_run(tmp_path):
    with pytest.raises(KeyError), archive.lock(tmp_path / "run"):
        raise KeyError
    with archive.lock(tmp_path / "run"):
        pass


def elsewhere(tmp_path, age):
    note = tmp_path / "run.lock.owner"
    note.write_text(archive.dumps_json({"host": "node17", "pid": 42, "since": "2026-01-01T00:00:00+00:00"}))
    os.utime(note, (note.stat().st_mtime - age,) * 2)


def test_another_machine_counts_while_its_heart_beats(tmp_path):
    elsewhere(tmp_path, age=10)
    with (
        pytest.raises(DataError, match="process 42 on node17 since 2026-01-01"),
        archive.lock(tmp_path / "run", stale_after=60),
    ):
        pass
    assert "node17" in (tmp_path / "run.lock.owner").read_text()
    elsewhere(tmp_path, age=100)
    with archive.lock(tmp_path / "run", stale_after=60):
        assert "node17" not in (tmp_path / "run.lock.owner").read_text()


def test_the_heart_beats(tmp_path):
    note = tmp_path / "run.lock.owner"
    with archive.lock(tmp_path / "run", stale_after=0.1):
        os.utime(note, (0, 0))
        stopped = threading.Event()
        for _ in range(200):
            if note.stat().st_mtime > 0:
                break
            stopped.wait(0.05)
        assert note.stat().st_mtime > 0


@pytest.mark.parametrize("note", [b"", b"{", b"[]", b"\xff", b'{"host": 3}', b'{"pid": "<script>"}'])
def test_a_damaged_note_is_no_obstacle(tmp_path, note):
    (tmp_path / "run.lock.owner").write_bytes(note)
    os.utime(tmp_path / "run.lock.owner", (0, 0))
    with archive.lock(tmp_path / "run"):
        pass


def test_a_place_that_cannot_be_locked_is_named(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(DataError, match=r"cannot lock .*file/run"), archive.lock(tmp_path / "file" / "run"):
        pass


@pytest.mark.parametrize("number", [errno.ENOSYS, errno.ENOTSUP, errno.ENOLCK])
def test_a_file_system_without_locks_is_named_as_such(tmp_path, monkeypatch, number):
    def flock(*_):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(fcntl, "flock", flock)
    with (
        pytest.raises(
            DataError, match=f"cannot lock .*run.lock: {os.strerror(number)} - .*--cache or CRITNET_CACHE"
        ) as e,
        archive.lock(tmp_path / "run"),
    ):
        pass
    assert type(e.value) is DataError  # nobody is said to write the run
    assert list(tmp_path.iterdir()) == []
