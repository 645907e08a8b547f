"""Pre-rendered frames: every combination of the controls as a drawing or an image, cached by content.

Folders. `CRITNET_FRAMES` (default `_build/frames` of the project) holds

    <name>/<hash>.lines, <name>/<hash>.webp    a frame as lines of SVG for both themes, or as an image of one theme
    <name>/<hash>.csv                          its data; every file is named by what is in it
    <name>/<hash>.js, <name>/<hash>.svg        all drawings of an explorable in one pack; its first one for each theme
    <name>/<hash>.js                           the data of all its frames in one pack, where that is smaller
    <name>/cost.json                           how many frames it has, and the CPU seconds that drawing them took
    cache/<key>.json                           key of the inputs -> the files of one frame

and `install(html)` copies what the built pages refer to into `<html>/_frames/`, where files of one content are one.
"""

import gc
import itertools
import json
import logging
import math
import os
import pickle
import time
from pathlib import Path
from typing import NamedTuple

import cloudpickle
import joblib
import numpy as np
from PIL import Image

from critnet.errors import UsageError
from critnet.explore import layout, render, sources, store, vector
from critnet.explore.drawing import NoMatch
from critnet.explore.install import install, read_indices

__all__ = ["Frame", "Frames", "as_png", "combinations", "install", "make_frames", "read_indices"]

log = logging.getLogger("critnet")

_FEW = 3  # so many frames are drawn here rather than in processes that must start first
COST = "cost.json"
PICTURES = ("auto", "svg", "webp")


class Frame(NamedTuple):
    """Files of one combination of values, each the hash of its content (the file's name without its ending).

    `light` and `dark` are images, `lines` a drawing; the first frame of drawings has a light image too, for a PDF; a
    frame that no run matches has none. `size` is (width, height) in CSS pixels, `alt` the text alternative
    or the reason why there is no picture; `axes` are those along which training time runs (`layout.time_axes`).
    """

    light: str | None
    dark: str | None
    lines: str | None
    size: tuple | None
    alt: str
    csv: str | None
    axes: tuple = ()


class Pack(NamedTuple):
    """All drawings of an explorable in one file: its name, the number of each frame's drawing in it (None where a frame
    has none), and the names of the first frame's drawing for each theme."""

    file: str
    numbers: list
    light: str
    dark: str


class Tables(NamedTuple):
    """The data of all frames in one file: its name, and the number of each frame's table in it (None where a frame has
    none)."""

    file: str
    numbers: list


class Frames(NamedTuple):
    """All frames of one explorable in row-major order of its controls, how many came from the cache, their pack (None
    where they are images), that of their data (None where files of their own are smaller), the boxes their axes stand
    in (None where each is laid out by itself; fractions of the figure), and the CPU seconds that drawing and storing
    all of them took, those of the cache when they were drawn."""

    frames: list
    n_drawn: int
    n_cached: int
    pack: Pack | None
    tables: Tables | None = None
    boxes: tuple | None = None
    seconds: float = 0.0


class Drawn(NamedTuple):
    """A frame that was drawn or found: its own boxes where it was laid out by itself, whether those it was given had
    room for it, and the CPU seconds it took."""

    frame: Frame
    boxes: tuple | None
    fits: bool
    seconds: float


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
    """Draw the frames that are not in the cache, and return all of them.

    The first frame is laid out, and its boxes serve all others, so that no axis moves when a control does. Where the
    words of a frame have no room in them, all are drawn anew in boxes that leave room for every one; a frame that does
    not fit into these either, or that has other axes, is laid out by itself.

    The key of a frame is a digest of the panel's and the style's program with all they import from their package, the
    versions of the plotting libraries, the parameters, `fixed`, the boxes, and the data: `cache_key`, or the
    environment variable `CRITNET_DATA_DIGEST`. Where neither says which data are drawn every frame is drawn anew.

    Parameters
    ----------
    panel : callable
        `panel(**fixed, **params)` returns a Figure or `Drawing`, or raises `NoMatch`.
    params : list of dict, one a frame
    name : str
        Folder of the files.
    start : int
        The frame shown first, which is laid out; it is always kept as an image too, for a PDF.
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
    work = Work(store.frames_folder(), name, params, _inputs(panel, name, fixed, style, cache_key), jobs, set())
    what = (panel, fixed, style)
    drawn, boxes, as_lines = _drawn_within(work, what, start, picture, None)
    tight = [one.boxes for one in drawn if not one.fits and one.boxes and len(one.boxes) == len(boxes)]
    if tight:
        log.info("%s: %d frames need more room than the first; all are drawn in common boxes", name, len(tight))
        drawn, boxes, as_lines = _drawn_within(work, what, start, picture, layout.common(boxes, *tight))
    frames, n_drawn = [one.frame for one in drawn], len(work.fresh)
    seconds = sum(one.seconds for one in drawn)
    log.info("%s: %d frames drawn, %d from the cache", name, n_drawn, len(frames) - n_drawn)
    store.keep(work.folder / name / COST, json.dumps({"frames": len(frames), "seconds": round(seconds, 3)}).encode())
    pack = _pack(work.folder / name, frames, start) if as_lines else None
    return Frames(
        frames, n_drawn, len(frames) - n_drawn, pack, _tables(work.folder / name, frames, start), boxes, seconds
    )


class Work(NamedTuple):
    """What does not change while the frames of an explorable are made, and the places of those that were drawn."""

    folder: Path
    name: str
    params: list
    inputs: dict | None
    jobs: int
    fresh: set


def _drawn_within(work, what, start, picture, boxes):
    """Every frame within the boxes, or within those of the first one; the boxes; and whether they are drawings."""
    kinds = ("image",) if picture == "webp" else ("lines", "light")
    (first,) = _made(work, what, [start], kinds, boxes)
    boxes = boxes or first.boxes
    stored = work.folder / work.name
    as_lines = first.frame.lines is not None and (picture == "svg" or _is_smaller_as_lines(stored, first.frame))
    if not as_lines and first.frame.dark is None:
        (first,) = _made(work, what, [start], ("image",), boxes)
    others = [i for i in range(len(work.params)) if i != start]
    drawn = _made(work, what, others, ("lines",) if as_lines else ("image",), boxes)
    return [*drawn[:start], first, *drawn[start:]], boxes, as_lines


def _made(work, what, places, kinds, boxes):
    """Frames from the cache, and those that are not there, drawn."""
    keys = [_key(work.inputs, params=work.params[i], kinds=kinds, boxes=boxes) for i in places]
    found = [_cached(work.folder, work.name, key) for key in keys]
    todo = [i for i, one in enumerate(found) if one is None]
    tasks = [(work.folder, work.name, keys[i], work.params[places[i]], kinds, boxes) for i in todo]
    for i, one in zip(todo, _draw_all(tasks, what, work.jobs), strict=True):
        found[i] = one
    work.fresh.update(places[i] for i in todo)
    return found


def _is_smaller_as_lines(folder, frame):
    """Whether the drawing, in base64, takes fewer bytes than the images of both themes, which are about alike."""
    return (folder / f"{frame.lines}.lines").stat().st_size * 4 / 3 < 2 * (
        folder / f"{frame.light}.webp"
    ).stat().st_size


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


def _tables(folder, frames, start):
    """Write the data of all frames as one pack, unless their files take fewer bytes; that of the first one stays a file
    in any case, for a reader without scripts."""
    stems = list(dict.fromkeys(frame.csv for frame in frames if frame.csv))
    contents = [(folder / f"{stem}.csv").read_bytes() for stem in stems]
    pack = vector.packed([content.decode().split("\n") for content in contents])
    if len(pack) > sum(
        len(content) for stem, content in zip(stems, contents, strict=True) if stem != frames[start].csv
    ):
        return None
    return Tables(store.put(folder, ".js", pack), [stems.index(frame.csv) if frame.csv else None for frame in frames])


def _inputs(panel, name, fixed, style, cache_key):
    """What the keys of all frames have in common, or None where nothing says which data are drawn."""
    data = cache_key if cache_key is not None else os.environ.get("CRITNET_DATA_DIGEST")
    if not data:
        return None
    return {
        "name": name,
        "data": str(data),
        "panel": sources.code_digest(panel),
        "style": sources.code_digest(style or render.plain_style),
        "renderer": sources.code_digest(_draw_one),
        "fixed": sources.content_digest(fixed or {}),
        "environment": sources.environment(),
    }


def _key(inputs, **more):
    return None if inputs is None else sources.key_digest(inputs | more)


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


def _draw_one(folder, name, key, params, kinds, boxes, panel, fixed, style):
    """Draw one frame, store its files, then its cache entry."""
    options = {"name": name, "fixed": fixed, "style": style}
    began = time.process_time()
    drawn, images = None, []
    collecting = gc.isenabled()
    gc.disable()  # a figure is many small objects that all live as long: looking through them takes a tenth of the time
    try:
        if "lines" in kinds:
            drawn = render.draw_lines(panel, params, **options, boxes=boxes, image="light" in kinds)
            images = [drawn] if drawn.image is not None else []
            boxes = drawn.boxes or boxes
        if drawn is None or drawn.lines is None:
            images = [render.draw(panel, params, **options, theme=theme, boxes=boxes) for theme in render.THEMES]
    except NoMatch as reason:
        frame, own, fits = Frame(None, None, None, None, str(reason), None), None, True
    except Exception as error:
        error.add_note(f"while drawing {name!r} with {params}")
        raise
    else:
        frame = _stored(folder / name, drawn, images)
        own, fits = (drawn or images[0]).boxes, (drawn or images[0]).fits
    finally:
        if collecting:
            gc.enable()
    made = Drawn(frame, own, fits, round(time.process_time() - began, 3))
    if key is not None:
        entry = made._asdict() | {"frame": frame._asdict()}
        store.write(folder / "cache" / f"{key}.json", json.dumps(entry).encode())
    return made


def _stored(folder, drawn, images):
    """The files of a drawing, or None, and of its images in light and dark, as many as there are."""
    light, dark = [*(store.put(folder, ".webp", render.webp(pixels.image)) for pixels in images), None, None][:2]
    lines = store.put(folder, ".lines", vector.stored(drawn.lines)) if drawn and drawn.lines else None
    first = drawn or images[0]
    csv = None if first.table is None else store.put(folder, ".csv", render.csv_of(first.table).encode())
    return Frame(light, dark, lines, first.size, first.alt, csv, first.axes)


def _cached(folder, name, key):
    """The frame stored under a key, if its entry and all its files are whole."""
    if key is None:
        return None
    try:
        entry = json.loads((folder / "cache" / f"{key}.json").read_bytes())
        frame = Frame(**entry.pop("frame"))
        frame = frame._replace(size=frame.size and tuple(frame.size), axes=tuple(map(tuple, frame.axes)))
        drawn = Drawn(frame=frame, **entry)
    except (FileNotFoundError, ValueError, TypeError, KeyError):
        return None
    if not all(store.is_whole(folder / name / file) for file in files_of(frame)):
        return None
    return drawn._replace(boxes=drawn.boxes and tuple(map(tuple, drawn.boxes)))


def as_png(name, frame):
    """The light picture of a frame on white, as PNG bytes."""
    with Image.open(store.frames_folder() / name / f"{frame.light}.webp") as picture:
        return render.png(np.asarray(picture.convert("RGBA")), ground="white")


def files_of(frame):
    """Names of the files of one frame."""
    stems = {".webp": (frame.light, frame.dark), ".lines": (frame.lines,), ".csv": (frame.csv,)}
    return [stem + ending for ending, found in stems.items() for stem in found if stem]
