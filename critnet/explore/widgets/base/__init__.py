"""What the explorers share: a page in itself, a widget in a kernel, a picture with words where no script runs."""

import base64
import os
import re
import sys
from html import escape
from pathlib import Path
from typing import Any, ClassVar

import anywidget
import numpy as np
import traitlets

from critnet.errors import UsageError
from critnet.explore import live, render
from critnet.explore.page import json_in_html

_WIDGETS = Path(__file__).parents[1]
_BASE = ("base/page", "base/controls", "base/plot")  # in the order in which they build on each other


class Explorer:
    """An explorer that the reader's browser computes, from data it carries along.

    A subclass stands in the ``__init__.py`` of a folder of its own, whose name is its kind, and names its scripts there
    in the order in which they build on each other; those of `base` come first, and every style sheet of the folder is
    taken. The last script defines ``render({model, el})``, which reads ``model.get("given")``. A script of another
    folder is named with it, as in "circuit/net". README.md beside the folders tells the rest::

        class GraphExplorer(Explorer, scripts=("core", "draw", "graph")): ...

    Parameters
    ----------
    given : dict
        What the browser gets; JSON, with at least `name`, its id in the page, and `caption`.
    words : str
        What a page without scripts says instead: the text alternative of `picture`.
    picture : uint8 array (height, width, 4), optional
        What a page without scripts shows instead, at twice its size in the page.

    Attributes
    ----------
    given : dict
    words : str

    Raises
    ------
    UsageError
        If the name cannot be an id.
    """

    _kind: ClassVar[str]
    _esm: ClassVar[str]
    _css: ClassVar[str]
    _widget: ClassVar[Any]

    def __init_subclass__(cls, *, scripts):
        folder = Path(sys.modules[cls.__module__].__file__ or "").parent
        cls._kind = folder.name
        parts = [_WIDGETS / part if "/" in part else folder / part for part in (*_BASE, *scripts)]
        sheets = [_WIDGETS / "base" / "base.css", *sorted(folder.glob("*.css"))]
        cls._esm = "\n".join(part.with_suffix(".js").read_text(encoding="utf-8") for part in parts)
        cls._css = "\n".join(sheet.read_text(encoding="utf-8") for sheet in sheets)
        cls._widget = _widget(cls._esm, cls._css)

    def __init__(self, given, *, words="", picture=None):
        if not re.fullmatch(r"[a-z][a-z0-9-]*", given["name"]):
            raise UsageError(
                f"name={given['name']!r}; a name is lower-case letters, digits and hyphens, such as '{self._kind}-1'"
            )
        self.given, self.words, self._picture, self._live = given, words, picture, None

    def html(self):
        """The explorer for a page without a kernel; complete in itself."""
        name, caption, image = escape(self.given["name"]), escape(self.given["caption"]), ""
        shim = _SHIM.replace("NAME", name)
        if self._picture is not None:
            height, width = self._picture.shape[:2]
            image = (
                f'<img class="dark-light" alt="{escape(self.words)}" width="{width // 2}" height="{height // 2}" '
                f'src="{render.data_uri(render.webp(on_white(self._picture)), "image/webp")}">'
            )
        return (
            f'<figure class="critnet-widget-figure critnet-{self._kind}-figure" id="{name}"><style>{self._css}</style>'
            f'<div class="cc-static">{image}<p>{escape(self.words)}</p>'
            f"<figcaption>{caption}</figcaption></div>"
            f'<div class="cc-here"></div>'
            f'<script type="application/json" class="cc-data">{json_in_html(self.given)}</script>'
            f'<script type="module">{self._esm}\n{shim}</script></figure>'
        )

    def _repr_mimebundle_(self, include=None, exclude=None, **options):
        plain = {"text/plain": f"{self.given['caption']} {self.words}".strip()}
        if self._picture is not None:
            plain["image/png"] = base64.b64encode(render.png(self._picture, ground="white")).decode()
        if live.in_kernel() and os.environ.get("CRITNET_STATIC", "") in ("", "0"):
            self._live = self._live or self._widget(given=self.given)
            shown = self._live._repr_mimebundle_(include=include, exclude=exclude, **options)
            bundle, about = shown if isinstance(shown, tuple) else (shown, {})
            return {**(bundle or {}), **plain}, about
        return {"text/html": self.html(), **plain}


# A page has no kernel: the model is what was given. A page shown twice in one document has two figures of one id.
_SHIM = """for (const figure of document.querySelectorAll('figure[id="NAME"]')) {
  const el = figure.querySelector(".cc-here");
  if (el.childElementCount) continue;
  if (figure !== document.getElementById("NAME")) figure.removeAttribute("id");
  const given = JSON.parse(figure.querySelector(".cc-data").textContent);
  render({ model: { get: () => given }, el });
  figure.querySelector(".cc-static").hidden = true;
}"""


def _widget(esm, css):
    """The explorer in a kernel; made only there, since a page would store its state a second time."""

    class Live(anywidget.AnyWidget):
        _esm, _css = esm, css
        given = traitlets.Dict().tag(sync=True)

    return Live


def text_of(values, kind):
    """Numbers as base64 text, little-endian; `kind` is a NumPy type such as "<f4" or "<i2".

    >>> text_of([1, -2], "<i2")
    'AQD+/w=='
    """
    return base64.b64encode(np.ravel(values).astype(kind).tobytes()).decode()


def on_white(picture):
    """A picture (height, width, 4) on white paper, (height, width, 3)."""
    alpha = picture[..., 3:].astype(float) / 255
    return np.rint(picture[..., :3] * alpha + 255 * (1 - alpha)).astype(np.uint8)
