"""SHA256SUMS: what a folder of results should hold, in the format of ``sha256sum -c``."""

import hashlib
import os
import re
import time
from pathlib import Path, PurePosixPath

from critnet.archive.files import atomic_write, cannot, is_temporary, read_bytes
from critnet.errors import IntegrityError

MANIFEST = "SHA256SUMS"
_LINE = re.compile(rb"(\\?)([0-9a-f]{64}) [ *](.+)")
_ESCAPES = {"\\": "\\\\", "\n": "\\n", "\r": "\\r"}
_IGNORED = "MNIST"  # the images may lie beside the results; they have checksums of their own
_RECENT = 2_000_000_000  # ns; a file this young may change again within one tick of the file system's clock
_checked: dict[tuple, str] = {}  # files hashed by this process


def write_manifest(folder: str | os.PathLike) -> None:
    """Write SHA256SUMS over every file in a folder and below, but itself and MNIST.

    Raises
    ------
    DataError
        If a file cannot be read or the manifest cannot be written.
    """
    lines = [_line(name, _digest(read_bytes(Path(folder) / name))) for name in _files(Path(folder))]
    atomic_write(Path(folder) / MANIFEST, b"".join(lines))


def read_manifest(folder: str | os.PathLike) -> dict[str, str]:
    """File names, relative to the folder and with forward slashes, and their sha256.

    Raises
    ------
    IntegrityError
        If a line is not one that `write_manifest` writes, or a name comes twice or leads outside the folder.
    DataError
        If the manifest is missing or cannot be read.
    """
    path = Path(folder) / MANIFEST
    manifest: dict[str, str] = {}
    content = read_bytes(path)
    for number, line in enumerate(content.split(b"\n")[:-1], start=1):
        match = _LINE.fullmatch(line)
        name = os.fsdecode(_unescape(match[3]) if match[1] else match[3]) if match else ""
        if match is None or name in manifest or not _inside(name):
            raise IntegrityError(
                f"{path} is damaged: line {number} is not a checksum and a name of its own. {_restore(path)}"
            )
        manifest[name] = match[2].decode()
    if not content.endswith(b"\n") and content:
        raise IntegrityError(f"{path} is cut short. {_restore(path)}")
    return manifest


def verified_bytes(path: str | os.PathLike) -> bytes:
    """The content of a file that is what the manifest in its folder says.

    The bytes returned are the bytes that were hashed. A file that has not changed since it was hashed in this
    process (by its times, size and inode) is not hashed again.

    Raises
    ------
    DataError
        If the file is missing or cannot be read.
    IntegrityError
        If the file differs from its entry, or has none, or there is no manifest.
    """
    path = Path(path)
    try:
        with open(path, "rb") as file:
            status = os.fstat(file.fileno())
            content = file.read()
    except FileNotFoundError as error:
        raise cannot("read", path, error, way_out(path)) from error
    except OSError as error:
        raise cannot("read", path, error) from error
    if not _exists(path.parent / MANIFEST):
        raise IntegrityError(f"{path} cannot be checked: there is no {MANIFEST} beside it. {way_out(path)}")
    expected = read_manifest(path.parent).get(path.name)
    if expected is None:
        raise IntegrityError(f"{path} is not listed in {path.parent / MANIFEST}. {way_out(path)}")
    key = (path.resolve(), status.st_mtime_ns, status.st_ctime_ns, status.st_size, status.st_ino)
    digest = _checked.get(key) or _digest(content)
    if digest != expected:
        raise IntegrityError(f"{path} is damaged or altered: its sha256 is not the one in {MANIFEST}. {way_out(path)}")
    if time.time_ns() - max(status.st_mtime_ns, status.st_ctime_ns) > _RECENT:
        _checked[key] = digest
    return content


def way_out(path: Path) -> str:
    """What to do about a bad file of committed results, or a folder of them."""
    return f"{_restore(path)} - or make it again from the raw runs with: critnet reduce"


def _restore(path: Path) -> str:
    if any((folder / ".git").exists() for folder in path.absolute().parents):
        return f"Restore it with: git checkout -- {path}"
    return f"Copy {path} anew from data/ of a checkout of the project, or name that folder in CRITNET_RESULTS"


def check_files(folder: str | os.PathLike) -> list[tuple[str, str | None]]:
    """Each file of a folder with what is wrong with it, or None; checksums only, see `verify`."""
    folder = Path(folder)
    try:
        manifest = read_manifest(folder) if _exists(folder / MANIFEST) else None
        trouble = None if manifest is not None else f"missing. {way_out(folder / MANIFEST)}"
    except IntegrityError as error:
        manifest, trouble = None, str(error)
    if manifest is None:
        return [(MANIFEST, trouble)] + [(name, f"cannot be checked without {MANIFEST}") for name in _files(folder)]
    result: list[tuple[str, str | None]] = []
    present = _files(folder)
    for name in sorted({*manifest, *present}):
        path = folder / name
        if name not in present:
            result.append((name, f"missing. {way_out(path)}"))
        elif name not in manifest:
            result.append((name, f"extra: not in {MANIFEST}. Remove it, or make the folder again with: critnet reduce"))
        elif _digest(read_bytes(path)) != manifest[name]:
            result.append((name, f"damaged or altered. {way_out(path)}"))
        else:
            result.append((name, None))
    return result


def _files(folder: Path) -> list[str]:
    """Relative names of all files in a folder, sorted, without the manifest, MNIST and temporary files."""

    def refuse(error: OSError) -> None:
        raise cannot("list", folder, error) from error

    names = []
    for root, folders, files in os.walk(folder, onerror=refuse):
        if Path(root) == folder:
            folders[:] = [name for name in folders if name != _IGNORED]
            files = [name for name in files if name != MANIFEST]
        names += [(Path(root) / name).relative_to(folder).as_posix() for name in files if not is_temporary(name)]
    return sorted(names)


def _exists(path: Path) -> bool:
    try:
        path.stat()
    except FileNotFoundError:
        return False
    except OSError as error:
        raise cannot("read", path, error) from error
    return True


def _inside(name: str) -> bool:
    path = PurePosixPath(name)
    return not path.is_absolute() and ".." not in path.parts and path.as_posix() == name != "."


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _line(name: str, digest: str) -> bytes:
    escaped = "".join(_ESCAPES.get(letter, letter) for letter in name)
    return os.fsencode(("\\" if escaped != name else "") + f"{digest}  {escaped}\n")


def _unescape(name: bytes) -> bytes:
    letters = {b"\\\\": b"\\", b"\\n": b"\n", b"\\r": b"\r"}
    return re.sub(rb"\\[\\nr]", lambda match: letters[match[0]], name)
