"""Pre-rendered frames: every combination of the controls as a drawing or an image, cached by content.

Folders. `CRITNET_FRAMES` (default `_build/frames` of the project) holds

    <name>/<hash>.lines, <name>/<hash>.webp    a frame as lines of SVG for both themes, or as an image of one theme
    <name>/<hash>.csv                          its data; every file is named by what is in it
    <name>/<hash>.js, <name>/<hash>.svg        all drawings of an explorable in one pack; its first one for each theme
    cache/<key>.json                           key of the inputs -> the files of one frame

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
from critnet.explore import render, sources, store, vector
from critnet.explore.drawing import NoMatch
from critnet.explore.install import install, read_indices

__all__ = ["Frame", "Frames", "as_png", "combinations", "install", "make_frames", "read_indices"]

log = logging.getLogger("critnet")

_FEW = 3  # so many frames are drawn here rather than in processes that must start first
PICTURES = ("auto", "svg", "webp")


class Frame(NamedTuple):
    """Files of one combination of values, each the hash of its content (the file's name without its ending).

    `light` and `dark` are images, `lines` a drawing; the first frame of an explorable may have both, others have one
    kind, and a frame that no run matches has none. `size` is (width, height) in CSS pixels, `alt` the text alternative
    or the reason why there is no picture.
    """

    light: str | None
    dark: str | None
    lines: str | None
    size: tuple | None
    alt: str
    csv: str | None


class Pack(NamedTuple):
    """All drawings of an explorable in one file: its name, the number of each frame's drawing in it (None where a frame
    has none), and the names of the first frame's drawing for each theme."""

    file: str
    numbers: list
    light: str
    dark: str


class Frames(NamedTuple):
    """All frames of one explorable in row-major order of its controls, how many came from the cache, and their pack
    (None where they are images)."""

    frames: list
    n_drawn: int
    n_cached: int
    pack: Pack | None


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


def make_frames(panel, params, *, name, start=0, picture="auto", fixed=None, style=None, cache_key=None, jobs=2):
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
    start : int
        The frame shown first; it is always kept as an image too, for a PDF.
    picture : str
        "svg" for drawings, which the pages take from one pack; "webp" for images; "auto" for what is smaller for the
        first frame alone (frames that share much are smaller as drawings even where that one is not). A frame whose
        themes differ in more than values is an image in any case.
    jobs : int
        Processes. A panel that cannot be sent to another process is drawn in this one.

    Returns
    -------
    Frames
    """
    if picture not in PICTURES:
        raise UsageError(f"picture={picture!r} of {name!r}; choose one of {', '.join(PICTURES)}")
    if not params:
        return Frames([], 0, 0, None)
    folder = store.frames_folder()
    what = (panel, fixed, style)

    def made(places, kinds):
        keys = _keys(panel, [params[i] for i in places], name, kinds, fixed, style, cache_key)
        found = [_cached(folder, name, key) for key in keys]
        todo = [i for i, frame in enumerate(found) if frame is None]
        tasks = [(folder, name, keys[i], params[places[i]], kinds) for i in todo]
        for i, frame in zip(todo, _draw_all(tasks, what, jobs), strict=True):
            found[i] = frame
        return found, len(todo)

    (first,), n_first = made([start], ("image",) if picture == "webp" else ("lines", "image"))
    as_lines = first.lines is not None and (picture == "svg" or _is_smaller_as_lines(folder / name, first))
    others = [i for i in range(len(params)) if i != start]
    frames, n_others = made(others, ("lines",) if as_lines else ("image",))
    frames.insert(start, first)
    n_drawn = n_first + n_others
    log.info("%s: %d frames drawn, %d from the cache", name, n_drawn, len(frames) - n_drawn)
    return Frames(frames, n_drawn, len(frames) - n_drawn, _pack(folder / name, frames, start) if as_lines else None)


def _is_smaller_as_lines(folder, frame):
    """Whether the drawing, in base64, takes fewer bytes than the images of both themes."""
    images = sum((folder / f"{stem}.webp").stat().st_size for stem in (frame.light, frame.dark))
    return (folder / f"{frame.lines}.lines").stat().st_size * 4 / 3 < images


def _pack(folder, frames, start):
    """Write the pack and the first drawing of each theme."""
    stems = list(dict.fromkeys(frame.lines for frame in frames if frame.lines))
    drawings = [vector.read((folder / f"{stem}.lines").read_bytes()) for stem in stems]
    first = drawings[stems.index(frames[start].lines)]
    return Pack(
        store.put(folder, ".js", vector.packed(drawings)),
        [stems.index(frame.lines) if frame.lines else None for frame in frames],
        *(store.put(folder, ".svg", vector.for_theme(first, theme).encode()) for theme in render.THEMES),
    )


def _keys(panel, params, name, kinds, fixed, style, cache_key):
    data = cache_key if cache_key is not None else os.environ.get("CRITNET_DATA_DIGEST")
    if not data:
        return [None] * len(params)
    common = {
        "name": name,
        "kinds": kinds,
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


def _draw_one(folder, name, key, params, kinds, panel, fixed, style):
    """Draw one frame in both themes, store its files, then its cache entry."""
    options = {"name": name, "fixed": fixed, "style": style}
    try:
        drawn = render.draw_lines(panel, params, **options) if "lines" in kinds else None
        images = []
        if drawn is None or drawn.lines is None or "image" in kinds:
            images = [render.draw(panel, params, **options, theme=theme) for theme in render.THEMES]
    except NoMatch as reason:
        frame = Frame(None, None, None, None, str(reason), None)
    except Exception as error:
        error.add_note(f"while drawing {name!r} with {params}")
        raise
    else:
        frame = _stored(folder / name, drawn, images)
    if key is not None:
        store.write(folder / "cache" / f"{key}.json", json.dumps(frame._asdict()).encode())
    return frame


def _stored(folder, drawn, images):
    """The files of a drawing, or None, and of its images in both themes, or none."""
    light, dark = [store.put(folder, ".webp", render.webp(pixels.image)) for pixels in images] or (None, None)
    lines = store.put(folder, ".lines", vector.stored(drawn.lines)) if drawn and drawn.lines else None
    first = drawn or images[0]
    csv = None if first.table is None else store.put(folder, ".csv", render.csv_of(first.table).encode())
    return Frame(light, dark, lines, first.size, first.alt, csv)


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
    stems = {".webp": (frame.light, frame.dark), ".lines": (frame.lines,), ".csv": (frame.csv,)}
    return [stem + ending for ending, found in stems.items() for stem in found if stem]
