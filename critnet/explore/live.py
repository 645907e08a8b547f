"""Explorables in a live kernel: ipywidgets that redraw the panel when a control moves."""

from html import escape

import ipywidgets as widgets
from ipywidgets import jslink

from critnet.explore import render
from critnet.explore.drawing import NoMatch

_STEPS = 100  # steps of a continuous slider
_PIXELS_PER_INCH = 150  # sharp enough, and drawn faster than the 200 of the static page


def in_kernel():
    """Whether this code runs in a Jupyter kernel that a front end can talk to."""
    try:
        from IPython import get_ipython
    except ImportError:
        return False
    return getattr(get_ipython(), "kernel", None) is not None


class Live:
    """The widgets of one explorable.

    Attributes
    ----------
    controls : dict
        Parameter to its widget; setting `.value` redraws.
    picture : ipywidgets.HTML
        The current frame with its text alternative.
    box : ipywidgets.VBox
        What is displayed.
    """

    def __init__(self, panel, controls, *, name, caption="", fixed=None, style=None, play=False):
        self._panel = panel
        self._options = {"name": name, "fixed": fixed, "style": style, "pixels_per_inch": _PIXELS_PER_INCH}
        self.controls = {control.name: _widget(control) for control in controls}
        self.picture = widgets.HTML()
        self._problems = widgets.Output()  # shows the traceback of a panel that fails after the first frame
        rows = list(self.controls.values())
        if play:
            rows += _play_button(controls, self.controls)
        row = widgets.HBox(rows, layout=widgets.Layout(flex_flow="row wrap", max_width="760px"))
        parts = [row, self.picture, self._problems]
        if caption:
            parts.append(widgets.HTML(f'<div style="max-width:760px">{escape(caption)}</div>'))
        self.box = widgets.VBox(parts)
        self._name, self._first = name, None
        self._empty = any(not control.values for control in controls)
        self._failed = False
        self._redraw()
        for widget in self.controls.values():
            widget.observe(self._changed, names="value")

    @property
    def params(self):
        """The chosen values."""
        return {name: widget.value for name, widget in self.controls.items()}

    def _changed(self, change):
        if self._failed:
            self._problems.clear_output()
        self._failed = True
        with self._problems:
            self._redraw()
            self._failed = False

    def _redraw(self):
        try:
            if self._empty:
                raise NoMatch
            pixels = render.draw(self._panel, self.params, **self._options)
        except NoMatch as reason:
            self.picture.value = f'<p style="padding:4em 1em;text-align:center">{escape(str(reason))}</p>'
            return
        content = render.png(pixels.image)
        if self._first is None:
            self._first = content
        alt = pixels.alt or f"Figure {self._name}: " + ", ".join(f"{k} {v}" for k, v in self.params.items())
        width = pixels.image.shape[1] * 100 // _PIXELS_PER_INCH
        self.picture.value = (
            f'<img src="{render.data_uri(content)}" alt="{escape(alt)}" width="{width}" '
            'style="max-width:100%;height:auto;background:#fff">'
        )

    def _repr_mimebundle_(self, include=None, exclude=None):
        bundle = dict(self.box._repr_mimebundle_())
        if self._first is not None:
            bundle["image/png"] = render.data_uri(self._first).split(",", 1)[1]
        return bundle


def _widget(control):
    common = {"description": control.label, "style": {"description_width": "initial"}}
    if control.span:
        low, high = control.span
        start = control.values[control.start]
        if isinstance(low, int) and isinstance(high, int) and isinstance(start, int):
            return widgets.IntSlider(value=start, min=low, max=high, **common)
        return widgets.FloatSlider(
            value=start, min=low, max=high, step=(high - low) / _STEPS, readout_format=".3g", **common
        )
    options = list(zip(control.texts, control.values, strict=True))
    if len(set(control.texts)) < len(options):  # equal texts would select the same value
        options = [(f"{text} ({key})", value) for (text, value), key in zip(options, control.keys, strict=True)]
    kind = {"slider": widgets.SelectionSlider, "radio": widgets.ToggleButtons, "select": widgets.Dropdown}[control.kind]
    if not options:
        return widgets.Dropdown(options=[], disabled=True, **common)
    value = control.values[control.start]
    extra = {"style": common["style"] | {"button_width": "auto"}} if control.kind == "radio" else {}
    return kind(options=options, value=value, **(common | extra))


def _play_button(controls, made):
    """A play button that moves the first slider, in the browser."""
    for control in controls:
        if control.kind == "slider" and not control.span:
            player = widgets.Play(min=0, max=len(control.values) - 1, value=control.start, interval=700)
            jslink((player, "value"), (made[control.name], "index"))
            return [player]
    return []
