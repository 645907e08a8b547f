"""Files named by what is in them, which appear whole or not at all."""

import hashlib
import os
import tempfile
from pathlib import Path


def frames_folder():
    """Where frames are kept: `CRITNET_FRAMES`, or `_build/frames` beside the project's `_config.yml`."""
    if "CRITNET_FRAMES" in os.environ:
        return Path(os.environ["CRITNET_FRAMES"]).expanduser().resolve()
    here = Path.cwd().resolve()
    project = next((folder for folder in (here, *here.parents) if (folder / "_config.yml").is_file()), here)
    return project / "_build" / "frames"


def name_of(content):
    """The first 16 hexadecimal digits of the content's SHA-256."""
    return hashlib.sha256(content).hexdigest()[:16]


def is_whole(path):
    """Whether a file is there and holds what its name says."""
    return path.is_file() and name_of(path.read_bytes()) == path.stem


def put(folder, ending, content):
    """Write content under its own hash; a file that is there already is left alone."""
    stem = name_of(content)
    path = folder / (stem + ending)
    if not is_whole(path):
        write(path, content)
    return stem


def keep(path, content):
    """Write content into a file, unless it holds it already."""
    if not path.is_file() or path.read_bytes() != content:
        write(path, content)


def write(path, content):
    """The file appears whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".tmp-")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
        Path(temporary).chmod(0o644)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
