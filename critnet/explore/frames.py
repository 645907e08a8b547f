"""Pre-rendered frames: every combination of the controls as an image file, cached by content.

Folders. `CRITNET_FRAMES` (default `_build/frames` of the project) holds

    <name>/<hash>.webp, <name>/<hash>.csv    a frame and its data, named by what is in them
    cache/<key>.json                         key of the inputs -> the files of one frame

and `install(html)` copies what the built pages refer to into `<html>/_frames/`.
"""

import itertools
import json
import logging
import math
import os
import pickle
from typing import NamedTuple

import cloudpickle
import joblib
import numpy as np
from PIL import Image

from critnet.errors import UsageError
from critnet.explore import render, sources, store
from critnet.explore.drawing import NoMatch
from critnet.explore.install import install, read_indices

__all__ = ["Frame", "Frames", "as_png", "combinations", "install", "make_frames", "read_indices"]

log = logging.getLogger("critnet")

_FEW = 3  # so many frames are drawn here rather than in processes that must start first


class Frame(NamedTuple):
    """Files of one combination of values; `light` and `dark` are None where no run matches.

    `light`, `dark` and `csv` are hashes of the content (the file's name without its ending), `size` is
    (width, height) in CSS pixels, `alt` the text alternative or the reason why there is no picture.
    """

    light: str | None
    dark: str | None
    size: tuple | None
    alt: str
    csv: str | None


class Frames(NamedTuple):
    """All frames of one explorable in row-major order of its controls, and how many came from the cache."""

    frames: list
    n_drawn: int
    n_cached: int


def combinations(controls, *, limit, name):
    """The parameters of every frame, the last control varying fastest.

    >>> from critnet.explore.controls import make_control
    >>> combinations([make_control("t", [0, 1]), make_control("seed", [5])], limit=10, name="fig")
    [{'t': 0, 'seed': 5}, {'t': 1, 'seed': 5}]
    """
    count = math.prod(len(control.values) for control in controls)
    if count > limit:
        product = " x ".join(f"{control.name} {len(control.values)}" for control in controls)
        raise UsageError(
            f"{name!r} would need {count} frames ({product}), more than the limit of {limit}; "
            f"offer fewer values or pass limit={count}"
        )
    names = [control.name for control in controls]
    return [dict(zip(names, values, strict=True)) for values in itertools.product(*(c.values for c in controls))]


def make_frames(panel, params, *, name, fixed=None, style=None, cache_key=None, jobs=2):
    """Draw the frames that are not in the cache, in light and dark, and return all of them.

    The key of a frame is a digest of the panel's and the style's source code with all they import from their package,
    the versions of the plotting libraries, the parameters, `fixed`, and the data: `cache_key`, or the environment
    variable `CRITNET_DATA_DIGEST`. Where neither says which data are drawn every frame is drawn anew.

    Parameters
    ----------
    panel : callable
        `panel(**fixed, **params)` returns a Figure or `Drawing`, or raises `NoMatch`.
    params : list of dict, one a frame
    name : str
        Folder of the files.
    jobs : int
        Processes. A panel that cannot be sent to another process is drawn in this one.

    Returns
    -------
    Frames
    """
    folder = store.frames_folder()
    keys = _keys(panel, params, name, fixed, style, cache_key)
    found = [_cached(folder, name, key) for key in keys]
    todo = [i for i, frame in enumerate(found) if frame is None]
    tasks = [(folder, name, keys[i], params[i]) for i in todo]
    for i, frame in zip(todo, _draw_all(tasks, (panel, fixed, style), jobs), strict=True):
        found[i] = frame
    log.info("%s: %d frames drawn, %d from the cache", name, len(todo), len(found) - len(todo))
    return Frames(found, len(todo), len(found) - len(todo))


def _keys(panel, params, name, fixed, style, cache_key):
    data = cache_key if cache_key is not None else os.environ.get("CRITNET_DATA_DIGEST")
    if not data:
        return [None] * len(params)
    common = {
        "name": name,
        "data": str(data),
        "panel": sources.code_digest(panel),
        "style": sources.code_digest(style or render.plain_style),
        "renderer": sources.code_digest(_draw_one),
        "fixed": sources.content_digest(fixed or {}),
        "environment": sources.environment(),
    }
    return [sources.key_digest(common | {"params": one}) for one in params]


def _draw_all(tasks, what, jobs):
    """Frames of all tasks, in order; each is on disk as soon as it is drawn, so an interrupted build loses one."""
    if len(tasks) <= _FEW or jobs == 1:
        return [_draw_one(*task, *what) for task in tasks]
    try:
        payload = cloudpickle.dumps(what)
    except (TypeError, AttributeError, ValueError, pickle.PicklingError) as reason:
        log.info("%s: drawn in one process (%s)", tasks[0][1], reason)
        return [_draw_one(*task, *what) for task in tasks]
    shares = [tasks[i::jobs] for i in range(jobs)]
    drawn = joblib.Parallel(n_jobs=jobs, backend="loky")(joblib.delayed(_draw_share)(s, payload) for s in shares if s)
    return [drawn[i % jobs][i // jobs] for i in range(len(tasks))]


def _draw_share(tasks, payload):
    what = cloudpickle.loads(payload)
    return [_draw_one(*task, *what) for task in tasks]


def _draw_one(folder, name, key, params, panel, fixed, style):
    """Draw one frame in both themes, store its files, then its cache entry."""
    try:
        light, dark = (
            render.draw(panel, params, name=name, fixed=fixed, style=style, theme=theme) for theme in render.THEMES
        )
    except NoMatch as reason:
        frame = Frame(None, None, None, str(reason), None)
    except Exception as error:
        error.add_note(f"while drawing {name!r} with {params}")
        raise
    else:
        files = [store.put(folder / name, ".webp", render.webp(pixels.image)) for pixels in (light, dark)]
        csv = None if light.table is None else store.put(folder / name, ".csv", render.csv_of(light.table).encode())
        height, width = light.image.shape[:2]
        frame = Frame(files[0], files[1], (width // 2, height // 2), light.alt, csv)
    if key is not None:
        store.write(folder / "cache" / f"{key}.json", json.dumps(frame._asdict()).encode())
    return frame


def _cached(folder, name, key):
    """The frame stored under a key, if its entry and all its files are whole."""
    if key is None:
        return None
    try:
        frame = Frame(**json.loads((folder / "cache" / f"{key}.json").read_bytes()))
    except (FileNotFoundError, ValueError, TypeError):
        return None
    if not all(store.is_whole(folder / name / file) for file in files_of(frame)):
        return None
    return frame._replace(size=frame.size and tuple(frame.size))


def as_png(name, frame):
    """The light picture of a frame on white, as PNG bytes."""
    with Image.open(store.frames_folder() / name / f"{frame.light}.webp") as picture:
        return render.png(np.asarray(picture.convert("RGBA")), ground="white")


def files_of(frame):
    """Names of the files of one frame."""
    images = [f"{stem}.webp" for stem in (frame.light, frame.dark) if stem]
    return [*images, f"{frame.csv}.csv"] if frame.csv else images
