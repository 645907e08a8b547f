"""One writer a run: a lock that the operating system drops with the process, and a note that says who holds it."""

import json
import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import psutil
from filelock import FileLock, Timeout

try:
    import fcntl
except ImportError:  # Windows, where every file system has locks
    fcntl = None  # type: ignore[assignment]

from critnet.archive.files import atomic_write, cannot, temporary_name
from critnet.archive.jsontext import dumps_json
from critnet.errors import BusyError


@contextmanager
def lock(path: str | os.PathLike, *, stale_after: float = 120.0) -> Iterator[None]:
    """Hold a run for the time of a ``with`` block; only one process can.

    The lock file is `path` with ``.lock`` added; beside it ``.lock.owner`` notes process, machine and start
    time, and is touched every quarter of `stale_after`. On one machine the operating system decides: a
    process that is killed, even with kill -9, holds nothing. Between machines that share a disk, on which such
    locks may not reach across, a note of another machine touched within `stale_after` seconds also counts.

    Parameters
    ----------
    path : path of the run, a file or a folder
    stale_after : float
        Seconds after which the note of another machine is taken for dead.

    Raises
    ------
    BusyError
        At once, if another holds the run; the message says who.
    DataError
        If the lock cannot be written, or the file system has no locks; the message gives the cause.
    """
    file = Path(path).with_name(Path(path).name + ".lock")
    note = file.with_name(file.name + ".owner")
    held = FileLock(file, timeout=0)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        _try_locks(file)
        held.acquire()
    except Timeout as error:
        raise _busy(path, _owner(note)) from error
    except OSError as error:
        raise cannot("lock", path, error) from error
    try:
        owner = _owner(note)
        if owner.get("host") not in (None, socket.gethostname()) and _age(note, file) < stale_after:
            raise _busy(path, owner)
        mine = {"host": socket.gethostname(), "pid": os.getpid(), "since": datetime.now(UTC).isoformat("T", "seconds")}
        atomic_write(note, dumps_json(mine).encode())
        try:
            with _heartbeat(note, stale_after / 4):
                yield
        finally:
            note.unlink(missing_ok=True)
    finally:
        held.release()


def holder(path: str | os.PathLike, *, stale_after: float = 120.0) -> dict:
    """Who holds the lock of a run, {"host", "pid", "since"}, or {} if nobody does; asks without touching the lock."""
    note = Path(path).with_name(Path(path).name + ".lock.owner")
    owner = _owner(note)
    if owner.get("host") == socket.gethostname():
        return owner if _runs(owner.get("pid")) else {}
    try:
        return owner if owner and time.time() - note.stat().st_mtime < stale_after else {}
    except OSError:  # given back just now
        return {}


def _try_locks(file: Path) -> None:
    """Lock a file of our own beside `file`: nobody can hold that one, so a refusal is the file system's.

    Versions of filelock differ in what they make of it: an error, "held by another", or a lock that a killed process
    would leave behind.
    """
    if fcntl is None:
        return
    probe = file.with_name(temporary_name())
    with open(probe, "xb") as opened:
        try:
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            way_out = "its file system has no locks; choose a folder on another disk with --cache or CRITNET_CACHE"
            raise cannot("lock", file, error, way_out) from error
        finally:
            probe.unlink()


def _runs(pid) -> bool:
    try:
        return psutil.Process(int(pid)).status() != psutil.STATUS_ZOMBIE
    except (psutil.Error, TypeError, ValueError):
        return False


@contextmanager
def _heartbeat(note: Path, interval: float) -> Iterator[None]:
    done = threading.Event()

    def beat() -> None:
        while not done.wait(interval):
            with suppress(OSError):  # a disk that is away for a moment must not end the run
                os.utime(note)

    thread = threading.Thread(target=beat, name="critnet-lock", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def _owner(note: Path) -> dict:
    try:
        owner = json.loads(note.read_bytes())
    except (OSError, ValueError):  # no note yet, or one of a machine that died: then nobody is known
        return {}
    return owner if isinstance(owner, dict) else {}


def _age(note: Path, reference: Path) -> float:
    """Seconds since the note was touched, by the clock of the disk they are on."""
    os.utime(reference)
    return reference.stat().st_mtime - note.stat().st_mtime


def _busy(path: str | os.PathLike, owner: dict) -> BusyError:
    who = "process {pid} on {host} since {since}".format(**{"pid": "?", "host": "?", "since": "?", **owner})
    return BusyError(
        f"{os.fspath(path)} is being written by {who if owner else 'another process'}. "
        "Wait for it, or stop that process"
    )
