"""How notebooks are executed: the static-page switch, and a cache keyed on everything their outputs come from."""

import hashlib
import os
import shutil
import sys
from pathlib import Path

# Outputs come from the package, the committed data and the installed versions. (The notebooks' own code is keyed by
# jupyter-cache.) Paths are relative to the project.
PACKAGE, DATA = ("critnet", "requirements/lock.txt"), ("data",)
LEFT_OUT = ("__pycache__", "MNIST", ".ipynb_checkpoints")


def cache_key(root, entries=PACKAGE + DATA):
    """Hash of all files that a notebook's outputs may depend on: any changed byte gives another key.

    Parameters
    ----------
    root : path of the project.
    entries : folders and files, relative to `root`.

    Returns
    -------
    str, 16 hexadecimal digits.
    """
    digest = hashlib.sha256()
    for entry in entries:
        path = Path(root) / entry
        files = sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]
        for file in files:
            relative = file.relative_to(root)
            if not any(part in LEFT_OUT for part in relative.parts) and file.is_file():
                digest.update(f"{relative.as_posix()}\0{file.stat().st_size}\0".encode())
                digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


def configure(app, config):
    """Point myst-nb at the cache of the present inputs, and drop the caches of former ones."""
    root = Path(app.srcdir)
    key = cache_key(root)
    caches = Path(os.environ.get("CRITNET_BOOK_CACHE", root / "_build" / "cache")).expanduser().resolve()
    notebooks, frames = caches / "notebooks" / key, caches / "frames"
    if notebooks.parent.is_dir():
        for former in notebooks.parent.iterdir():
            if former != notebooks or not frames.is_dir():  # the outputs refer to the frames
                shutil.rmtree(former)
    frames.mkdir(parents=True, exist_ok=True)
    notebooks.mkdir(parents=True, exist_ok=True)
    app.critnet_cache_key = key
    config.nb_execution_cache_path = str(notebooks)
    config.nb_mime_priority_overrides = [["html", "text/html", 5]]  # the static controls before the live widget
    os.environ["CRITNET_STATIC"] = "1"
    os.environ["CRITNET_FRAMES"] = str(frames)
    os.environ["CRITNET_DATA_DIGEST"] = cache_key(root, DATA)  # what the frames' own cache goes by


def announce(app, docname, source):
    """Say which chapter is at work: executing one takes minutes where it is not in the cache."""
    if Path(app.env.doc2path(docname)).suffix == ".ipynb":
        print(f"{docname}: executing, or taking from the cache", file=sys.stderr, flush=True)


def setup(app):
    app.connect("source-read", announce)
    app.connect("config-inited", configure, priority=100)
