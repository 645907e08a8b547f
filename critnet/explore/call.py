"""`explore`: one call makes a panel explorable, in a live kernel and in the static page."""

import inspect
import os
import re

from critnet.errors import UsageError
from critnet.explore import frames, live, page, render
from critnet.explore.controls import make_control


class Page:
    """A static explorable: displayed as HTML with pre-rendered frames, as one PNG in a PDF.

    Attributes
    ----------
    html, text : str
    png : bytes or None
        The first frame on white; None where no run matches it.
    frames : Frames
        The files of all frames; how many were drawn and how many came from the cache.
    """

    def __init__(self, html, text, png, made):
        self.html, self.text, self.png, self.frames = html, text, png, made

    def _repr_mimebundle_(self, include=None, exclude=None):
        bundle = {"text/html": self.html, "text/plain": self.text}
        if self.png is not None:
            bundle["image/png"] = render.data_uri(self.png).split(",", 1)[1]
        return bundle


def explore(
    panel,
    *,
    name,
    caption="",
    labels=None,
    formats=None,
    initial=None,
    fixed=None,
    style=None,
    frames=6,
    limit=200,
    play=False,
    picture="auto",
    cache_key=None,
    jobs=2,
    **controls,
):
    """Make a panel explorable: every keyword that is not listed below is a control.

    In a live kernel the controls are ipywidgets and each change redraws the panel. In a static build (environment
    variable `CRITNET_STATIC=1`, or no kernel at all) every combination is rendered in a light and a dark theme, and the
    page shows the frame its native inputs name. Both start in the same state.

    Parameters
    ----------
    panel : callable
        `panel(**fixed, **params)` returns a matplotlib Figure or a `Drawing(figure, alt, table)`; it may raise
        `NoMatch`. All frames should have the same size; 7.6 inches are 760 CSS pixels.
    name : str
        The id of the figure in its page: lower-case letters, digits and hyphens.
    caption : str
        Plain text below the figure.
    labels : dict, optional
        Control to its label; or to a dict of value to text; or to a pair (label, dict).
    formats : dict, optional
        Control to `"{:.2f}"` or to a function of the value.
    initial : dict, optional
        Control to its first value; by default the first one listed.
    fixed : dict, optional
        Parameters passed to every call, such as the data.
    style : callable, optional
        Theme, "light" or "dark", to a context manager in which the panel is drawn.
    frames : int
        Steps of each continuous control in the static page.
    limit : int
        Most frames (combinations) the static page may need.
    play : bool
        Offer a play button for the first slider.
    picture : str
        Form of the pre-rendered frames: "svg" for drawings, "webp" for images, "auto" for what is smaller.
    cache_key : str, optional
        Names the data drawn; by default the environment variable `CRITNET_DATA_DIGEST`. Without either nothing is
        taken from the cache. Where all that is drawn is in `fixed`, whose content is part of the key, any constant
        will do, as "fixed": other data may then change without the frames being drawn again.
    jobs : int
        Processes that render frames.
    **controls
        A list of values (text, numbers, booleans); or a tuple (low, high), continuous in a live kernel.

    Returns
    -------
    Live or Page, displayed by the notebook where it is the last expression of a cell.

    Raises
    ------
    UsageError
        For a bad name, bad control values, labels of controls that do not exist, more frames than `limit`, or a panel
        that does not take these parameters.
    """
    controls = _read_controls(controls, name, labels or {}, formats or {}, initial or {}, frames)
    _check_call(panel, name, controls, fixed or {})
    if live.in_kernel() and os.environ.get("CRITNET_STATIC", "") in ("", "0"):
        return live.Live(panel, controls, name=name, caption=caption, fixed=fixed, style=style, play=play)
    return _static(panel, controls, name, caption, fixed, style, limit, play, picture, cache_key, jobs)


def _static(panel, controls, name, caption, fixed, style, limit, play, picture, cache_key, jobs):
    params = frames.combinations(controls, limit=limit, name=name)
    made = frames.make_frames(
        panel,
        params,
        name=name,
        start=page.start_of(controls) if params else 0,
        picture=picture,
        fixed=fixed,
        style=style,
        cache_key=cache_key,
        jobs=jobs,
    )
    packs = {"pack": made.pack, "tables": made.tables}
    html = page.html(name=name, controls=controls, frames=made.frames, **packs, caption=caption, play=play)
    png, text = None, "No run matches: there is nothing to choose from."
    if params:
        first = page.start_of(controls)
        text = made.frames[first].alt or f"Figure {name}"
        if made.frames[first].light:
            png = frames.as_png(name, made.frames[first])
    return Page(html, f"{caption} {text}".strip(), png, made)


def _read_controls(given, name, labels, formats, initial, steps):
    if not isinstance(name, str) or not re.fullmatch(r"[a-z][a-z0-9-]*", name):
        raise UsageError(f"name={name!r}; a name is lower-case letters, digits and hyphens, such as 'fig-1b'")
    for what, mapping in (("labels", labels), ("formats", formats), ("initial", initial)):
        unknown = sorted(set(mapping) - set(given))
        if unknown:
            raise UsageError(f"{what} of {name!r} names {unknown[0]!r}; its controls are {', '.join(given) or 'none'}")
    return [
        make_control(
            key, values, form=formats.get(key), initial=initial.get(key), steps=steps, **_label(labels.get(key))
        )
        for key, values in given.items()
    ]


def _label(given):
    """A label, a dict of value labels, or a pair of both."""
    if given is None or isinstance(given, str):
        return {"label": given}
    if isinstance(given, dict):
        return {"value_labels": given}
    if isinstance(given, tuple) and len(given) == 2 and isinstance(given[0], str) and isinstance(given[1], dict):
        return {"label": given[0], "value_labels": given[1]}
    raise UsageError(f"a label is {given!r}; give text, a dict of value to text, or the pair (text, dict)")


def _check_call(panel, name, controls, fixed):
    """Refuse what the panel could not be called with, before anything is drawn."""
    twice = sorted({control.name for control in controls} & set(fixed))
    if twice:
        raise UsageError(f"{twice[0]!r} of {name!r} is both a control and fixed; keep one")
    if not callable(panel):
        raise UsageError(f"the panel of {name!r} is {panel!r}; give a function that returns a Figure")
    try:
        inspect.signature(panel).bind(**fixed, **{control.name: None for control in controls})
    except TypeError as reason:
        raise UsageError(f"the panel of {name!r} cannot be called with its controls: {reason}") from reason
