"""Files that appear whole or not at all."""

import contextlib
import errno
import hashlib
import os
import re
import secrets
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import psutil

from critnet.errors import DataError

_TEMPORARY = re.compile(r"\.critnet-(\d+)-([0-9a-f]{8})[0-9a-f]{8}\.tmp")
_DAY = 86_400  # seconds; no single write takes this long
_in_progress: set[Path] = set()  # temporary files of this process

_WAY_OUT = {
    errno.ENOSPC: "the disk is full; free some space, or choose a folder on another disk, and run the command again",
    errno.EDQUOT: "the disk quota is used up; free some space, or choose another folder, and run the command again",
    errno.EFBIG: "it is larger than this process or file system allows (see `ulimit -f`); choose another folder",
    errno.EACCES: "no permission; choose a folder you may write to, or change its permissions with chmod",
    errno.EPERM: "the operation is not permitted; choose a folder you may write to",
    errno.EROFS: "the file system is read-only; choose a folder on a writable one",
    errno.EEXIST: "a part of its path is a file, not a folder; choose another path",
    errno.ENOTDIR: "a part of its path is a file, not a folder; choose another path",
    errno.EISDIR: "there is a folder of that name; choose another path or move the folder away",
    errno.ENAMETOOLONG: "the name is too long; choose a shorter one",
}


def atomic_write(path: str | os.PathLike, data: bytes | Callable[[BinaryIO], object]) -> None:
    """Write a file so that any reader, at any moment, sees the old content or the new one, whole.

    The bytes go to a temporary file in the same folder, are flushed to the disk, and replace `path` in one
    step; then the folder is flushed too. Missing folders are made. A process killed on the way leaves the old
    file and a temporary one, which `sweep` removes.

    Parameters
    ----------
    path : path
    data : bytes, or a function that writes to the open binary file it is given

    Raises
    ------
    DataError
        If the system refuses (full disk, no permission, ...); the message names the file, the cause and the
        way out. Nothing is left behind, and a file that was there before is untouched.
    """
    path = Path(path)
    temporary = path.parent / temporary_name()
    _in_progress.add(temporary)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(temporary, "xb") as file:
            if callable(data):
                data(file)
            else:
                file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
        _flush_folder(path.parent)
    except OSError as error:
        raise cannot("write", path, error) from error
    finally:
        with contextlib.suppress(OSError):  # it is gone when all went well
            temporary.unlink()
        _in_progress.discard(temporary)


def sweep(folder: str | os.PathLike) -> list[Path]:
    """Remove the temporary files that killed writers left in a folder.

    A file is removed when its writer ran on this machine and is dead, or when it is older than a day.
    Files of living writers stay.

    Returns
    -------
    list of Path
        What was removed. Empty for a folder that is missing.

    Raises
    ------
    DataError
        If a stray file cannot be removed.
    """
    removed = []
    for path in sorted(Path(folder).glob(".critnet-*.tmp")):
        match = _TEMPORARY.fullmatch(path.name)
        if match is None or path in _in_progress:
            continue
        try:
            old = time.time() - path.stat().st_mtime > _DAY
            if old or (match[2] == _host() and not alive(int(match[1]))):
                path.unlink()
                removed.append(path)
        except FileNotFoundError:  # its writer finished, or another sweep was faster
            continue
        except OSError as error:
            raise cannot("remove", path, error) from error
    return removed


def read_bytes(path: str | os.PathLike) -> bytes:
    """The content of a file, or a DataError that names it and says why it cannot be read."""
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise cannot("read", path, error) from error


def cannot(verb: str, path: str | os.PathLike, error: OSError, way_out: str | None = None) -> DataError:
    """A DataError for an operating-system error: the file, the cause, the way out."""
    cause = os.strerror(error.errno) if error.errno else str(error)
    way_out = way_out or _WAY_OUT.get(error.errno or 0)
    return DataError(f"cannot {verb} {os.fspath(path)}: {cause}" + (f" - {way_out}" if way_out else ""))


def temporary_name() -> str:
    """A new name for a file that `sweep` may remove once this process is gone."""
    return f".critnet-{os.getpid()}-{_host()}{secrets.token_hex(4)}.tmp"


def is_temporary(name: str) -> bool:
    """Whether a file name is one that `atomic_write` gives its temporary files.

    >>> is_temporary(".critnet-42-0123456789abcdef.tmp"), is_temporary("fig1.nc")
    (True, False)
    """
    return _TEMPORARY.fullmatch(name) is not None


def alive(pid: int) -> bool:
    """Whether another process of this number runs on this machine.

    Our own number counts as dead: a file that bears it but is not in our books was left by an earlier process.
    """
    try:
        return pid != os.getpid() and psutil.pid_exists(pid)
    except OverflowError:  # no process has such a number
        return False


def _host() -> str:
    """Eight hexadecimal digits that tell machines on a shared disk apart."""
    return hashlib.sha256(socket.gethostname().encode()).hexdigest()[:8]


def _flush_folder(folder: Path) -> None:
    if os.name == "nt":  # Windows opens no folders; the rename holds
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):  # some network file systems cannot; the rename holds
            raise
    finally:
        os.close(descriptor)
