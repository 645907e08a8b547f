"""The static page of an explorable: one self-contained piece of HTML around pre-rendered frames."""

import json
import os
from html import escape
from pathlib import Path
from typing import Any

_HERE = Path(__file__).parent
_NO_FRAME = (760, 300)  # size of the place of a picture where there is none, CSS pixels


def page_root():
    """Relative address of the book's root from the page: `CRITNET_PAGE_ROOT`, by default `../` (notebooks/)."""
    root = os.environ.get("CRITNET_PAGE_ROOT", "../")
    return root if not root or root.endswith("/") else root + "/"


def html(*, name, controls, frames, pack=None, tables=None, caption="", play=False):
    """HTML of one explorable.

    Parameters
    ----------
    name : str
        Its id, and the folder of its frames.
    controls : list of Control
    frames : list of Frame, row-major over the controls
    pack : Pack, optional
        The drawings, where frames are no images.
    tables : Tables, optional
        The data of all frames, where they are in one file.
    caption : str
        Plain text.
    play : bool
        Offer a play button for the first slider.

    Returns
    -------
    str
    """
    root = f"{page_root()}_frames/"
    start = start_of(controls)
    first = frames[start] if frames else None
    index = {
        "name": name,
        "root": root,
        "controls": [
            {"name": c.name, "label": c.label, "keys": c.keys, "texts": c.texts, "start": c.start} for c in controls
        ],
        "size": next((frame.size for frame in frames if frame.size), _NO_FRAME),
        **_files(frames, start, pack, tables),
        "alt": [frame.alt or _default_alt(name, controls, i) for i, frame in enumerate(frames)],
        "sizes": [frame.size for frame in frames] if len({frame.size for frame in frames if frame.size}) > 1 else None,
        **_timed(frames),
        "play": next((i for i, c in enumerate(controls) if play and c.kind == "slider"), None),
    }
    alt = index["alt"][start] if first else "No run matches: there is nothing to choose from."
    parts = [
        f'<figure class="critnet-explore" id="{escape(name)}">',
        f"<style>{(_HERE / 'page.css').read_text()}</style>",
        _controls(name, controls, index["play"]),
        _picture(first, index["light"][start] if first else None, alt, root, index["size"]),
        '<p class="ce-note" role="status" hidden></p>',
        _caption(name, first, root, caption, alt),
        '<p class="ce-live" aria-live="polite"></p>',
    ]
    if frames:
        parts += [
            f'<script type="application/json" class="ce-index">{json_in_html(index)}</script>',
            f"<script>{(_HERE / 'page.js').read_text()}</script>",
        ]
    return "\n".join([*parts, "</figure>"])


def _files(frames, start, pack, tables):
    """Names of each frame's files, and the numbers of its drawing and its data in their packs; None for what it has
    not."""
    named: dict[str, Any] = {
        "light": [f"{frame.light}.webp" if frame.light else None for frame in frames],
        "dark": [f"{frame.dark}.webp" if frame.dark else None for frame in frames],
        "csv": [f"{frame.csv}.csv" if frame.csv else None for frame in frames],
        "pack": None,
        "drawings": [None] * len(frames),
        "tables": None,
    }
    if tables is not None:
        named |= {"tables": f"{tables.file}.js", "rows": tables.numbers}
        named["csv"] = [file if i == start else None for i, file in enumerate(named["csv"])]
    if pack is not None:
        named |= {"pack": f"{pack.file}.js", "drawings": pack.numbers}
        named["light"][start], named["dark"][start] = f"{pack.light}.svg", f"{pack.dark}.svg"
    return named


def _timed(frames):
    """Each set of axes along which training time runs, once, and the number of each frame's set; nothing without any.

    >>> from critnet.explore.frames import Frame
    >>> axis = (0.1, 0.1, 0.9, 0.8, "log", 1.0, 1000.0, 0)
    >>> frames = [Frame(None, None, None, None, "", None, axes) for axes in ((), (axis,), (axis,))]
    >>> _timed(frames)["times"], _timed(frames[:1])
    ([0, 1, 1], {})
    """
    kinds = list(dict.fromkeys(frame.axes for frame in frames))
    if not any(kinds):
        return {}
    return {"axes": kinds, "times": [kinds.index(frame.axes) for frame in frames]}


def start_of(controls):
    """Position of the first frame shown among all frames.

    >>> from critnet.explore.controls import make_control
    >>> start_of([make_control("t", [0, 1, 2], initial=1), make_control("seed", [4, 5], initial=5)])
    3
    """
    position = 0
    for control in controls:
        position = position * len(control.values) + control.start
    return position


def json_in_html(value):
    """JSON that cannot end the script element it stands in."""
    text = json.dumps(value, allow_nan=False, ensure_ascii=False, separators=(",", ":"))
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def state_text(controls, position):
    """The chosen values in words: `threshold 0.7, seed 2`.

    >>> from critnet.explore.controls import make_control
    >>> state_text([make_control("t", [0, 1, 2]), make_control("seed", [4, 5])], 3)
    't 1, seed 5'
    """
    words = []
    for control in reversed(controls):
        position, i = divmod(position, len(control.values))
        words.append(f"{control.label} {control.texts[i]}")
    return ", ".join(reversed(words))


def _default_alt(name, controls, position):
    return f"Figure {name}: {state_text(controls, position)}." if controls else f"Figure {name}."


def _controls(name, controls, play):
    """The row of controls; hidden until the script that serves them runs."""
    rows = [_CONTROL[control.kind](f"{name}--{control.name}", control, i == play) for i, control in enumerate(controls)]
    return f'<form class="ce-controls" autocomplete="off" hidden>{"".join(rows)}</form>'


def _slider(key, control, play):
    width = max((len(text) for text in control.texts), default=1)
    text = control.texts[control.start]
    button = f'<button type="button" class="ce-play" aria-pressed="false" aria-label="play {escape(control.label)}">'
    button = button + "</button>" if play else ""
    return (
        f'<div class="ce-control ce-slider"><label for="{escape(key)}">{escape(control.label)}</label>{button}'
        f'<input type="range" id="{escape(key)}" min="0" max="{len(control.values) - 1}" step="1" '
        f'value="{control.start}" aria-valuetext="{escape(text)}"{_disabled(control)}>'
        f'<output for="{escape(key)}" style="min-width:{width}ch">{escape(text)}</output></div>'
    )


def _select(key, control, play):
    options = "".join(
        f'<option value="{i}"{" selected" if i == control.start else ""}>{escape(text)}</option>'
        for i, text in enumerate(control.texts)
    )
    return (
        f'<div class="ce-control"><label for="{escape(key)}">{escape(control.label)}</label>'
        f'<select id="{escape(key)}"{_disabled(control)}>{options}</select></div>'
    )


def _radio(key, control, play):
    choices = "".join(
        f'<label><input type="radio" name="{escape(key)}" value="{i}"'
        f"{' checked' if i == control.start else ''}{_disabled(control)}><span>{escape(text)}</span></label>"
        for i, text in enumerate(control.texts)
    )
    return (
        f'<fieldset class="ce-control" id="{escape(key)}"><legend>{escape(control.label)}</legend>'
        f'<div class="ce-choices">{choices}</div></fieldset>'
    )


_CONTROL = {"slider": _slider, "select": _select, "radio": _radio}


def _disabled(control):
    return " disabled" if len(control.values) < 2 else ""


def _picture(first, file, alt, root, size):
    shown = file is not None
    width, height = (first.size if shown else None) or size
    source = f' src="{escape(root + file)}"' if shown else ""
    # The theme class dark-light says that the picture suits a dark page as it is: no filter, no light box.
    box = f'width="{width}" height="{height}" decoding="async"'
    return (
        f'<div class="ce-frame" style="--ce-ratio:{width}/{height}">'
        f'<img class="ce-light dark-light" {box} loading="eager" alt="{escape(alt)}"{source or " hidden"}>'
        f'<img class="ce-dark dark-light" {box} alt="{escape(alt)}" hidden>'
        f'<p class="ce-empty"{" hidden" if shown else ""}>{escape(alt)}</p></div>'
    )


def _caption(name, first, root, caption, alt):
    csv = first is not None and first.csv
    address = f'href="{escape(root + first.csv)}.csv" download="{escape(name)}.csv"' if csv else ""
    return (
        "<figcaption>"
        + (f'<p class="ce-caption">{escape(caption)}</p>' if caption else "")
        + f'<div class="ce-links"><details class="ce-words"><summary>in words</summary><p>{escape(alt)}</p></details>'
        f'<a class="ce-link" href="#{escape(name)}" hidden>link to this view</a>'
        f'<a class="ce-csv" {address}{"" if csv else " hidden"}>download data (CSV)</a>'
        '<button type="button" class="ce-reset" hidden>reset</button><span class="ce-told" role="status"></span></div>'
        "</figcaption>"
    )
